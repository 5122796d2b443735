/* SPDX-License-Identifier: Apache-2.0 */
/* Who a WeMo device is: the UPnP device description setup.xml, and the answers of basicevent and
 * firmwareupdate (pywemo/pywemo ouimeaux_device/api/xsd/device.xsd; recorded descriptions of real devices)
 * [V].
 *
 * A description's binaryState is not read: a recorded one says 0 while the same device's InsightParams two
 * seconds later say 8, on since forty minutes before. Nor is hkSetupCode, which is a secret. */
#include "vendor/wemo/reading.h"

void wtr_wemo_begin(struct wtr_wemo_sentence *s)
{
    if (!s->begun)
        wtr_say_begin(s->reading->say, s->kind, s->reading->device);
    s->begun = true;
}

void wtr_wemo_end(struct wtr_wemo_sentence *s)
{
    if (s->begun)
        wtr_say_end(s->reading->say);
    s->begun = false;
}

void wtr_wemo_add_text(struct wtr_wemo_sentence *s, wtr_xml_ref at, enum wtr_field field)
{
    struct wtr_wemo_reading *r = s->reading;
    struct wtr_text text = wtr_xml_text(r->xml, at);
    if (text.length == 0)
        return;
    wtr_wemo_begin(s);
    wtr_say_text(r->say, field, text);
    wtr_say_raw(r->say, wtr_xml_name(r->xml, at), wtr_xml_raw(r->xml, at));
}

/* A link address that can be a device's own: not zero, not a group address. */
static bool is_own_mac(const uint8_t mac[6])
{
    static const uint8_t zero[6];
    return (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0;
}

void wtr_wemo_add_mac(struct wtr_wemo_sentence *s, wtr_xml_ref at)
{
    struct wtr_wemo_reading *r = s->reading;
    struct wtr_text raw = wtr_xml_raw(r->xml, at);
    uint8_t mac[6];
    if (raw.length == 0)
        return;
    if (!wtr_parse_mac(raw, mac) || !is_own_mac(mac)) {
        wtr_say_finding(r->say, raw, "the MAC address is none of a single device");
        return;
    }
    struct wtr_buffer text = {0};
    wtr_put_mac(&text, mac);
    wtr_say_tie_mac(r->say, r->device, mac);
    wtr_wemo_begin(s);
    wtr_say_text(r->say, WTR_FIELD_MAC, wtr_buffer_text(&text));
    wtr_say_raw(r->say, wtr_xml_name(r->xml, at), raw);
    wtr_buffer_free(&text);
}

void wtr_wemo_read_setup(struct wtr_wemo_reading *r)
{
    wtr_xml_ref device = wtr_xml_child(r->xml, 0, "device");
    struct wtr_wemo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    if (device < 0)
        return;
    static const struct {
        const char *name;
        enum wtr_field field;
    } members[] = {
        {"manufacturer", WTR_FIELD_VENDOR}, {"modelName", WTR_FIELD_MODEL},
        {"friendlyName", WTR_FIELD_NAME},   {"firmwareVersion", WTR_FIELD_FIRMWARE},
        {"serialNumber", WTR_FIELD_SERIAL}, {"UDN", WTR_FIELD_DEVICE_ID},
        {"deviceType", WTR_FIELD_PRODUCT},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        wtr_wemo_add_text(&s, wtr_xml_child(r->xml, device, members[i].name), members[i].field);
    wtr_wemo_add_mac(&s, wtr_xml_child(r->xml, device, "macAddress"));
    wtr_wemo_end(&s);
}

void wtr_wemo_read_identity(struct wtr_wemo_reading *r, wtr_xml_ref answer)
{
    struct wtr_wemo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_wemo_add_text(&s, wtr_xml_child(r->xml, answer, "FriendlyName"), WTR_FIELD_NAME);
    wtr_wemo_add_text(&s, wtr_xml_child(r->xml, answer, "SerialNo"), WTR_FIELD_SERIAL);
    wtr_wemo_add_text(&s, wtr_xml_child(r->xml, answer, "PluginUDN"), WTR_FIELD_DEVICE_ID);
    wtr_wemo_add_text(&s, wtr_xml_child(r->xml, answer, "FirmwareVersion"), WTR_FIELD_FIRMWARE);
    wtr_wemo_add_mac(&s, wtr_xml_child(r->xml, answer, "MacAddr"));
    wtr_wemo_end(&s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Who a Tuya device is by its own stores: gw_bi, what the factory gave it (uuid, keys); gw_di, what it became
 * at its activation (id, product key, software version); gw_ai, the activation's keys and servers. On ESP8266
 * the same stands in clear JSON of the factory and in the PSM store under other names. The MAC address is the
 * radio's; the build time that of the firmware's RBL header, before which the device can have written nothing
 * under that firmware. */
#include "flash/rbl.h"
#include "model/devices.h"
#include "vendor/tuya/flash_dump.h"

/* A member of the entry's object, and the field that it is. */
struct part {
    const char *member;
    enum wtr_field field;
};

static bool has_any(const struct wtr_tuya_entry *e, const struct part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wtr_tuya_member_text(e->json, parts[i].member).length > 0)
            return true;
    return false;
}

static void add_parts(struct wtr_tuya_entry *e, const struct part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wtr_text value = wtr_tuya_member_text(e->json, parts[i].member);
        if (value.length == 0)
            continue;
        wtr_say_text(e->say, parts[i].field, value);
        wtr_say_raw(e->say, wtr_text_z(parts[i].member), value);
    }
}

static void say_identity(struct wtr_tuya_entry *e, const struct part *parts, size_t count)
{
    if (!has_any(e, parts, count))
        return;
    wtr_say_begin(e->say, WTR_KIND_DEVICE_IDENTITY, e->device);
    wtr_say_text(e->say, WTR_FIELD_VENDOR, WTR_TEXT("tuya"));
    add_parts(e, parts, count);
    wtr_say_end(e->say);
}

static void say_mac(struct wtr_tuya_entry *e, const uint8_t mac[6])
{
    struct wtr_buffer *out = wtr_say_scratch(e->say);
    wtr_buffer_clear(out);
    wtr_put_mac(out, mac);
    wtr_say_text(e->say, WTR_FIELD_MAC, wtr_buffer_text(out));
}

static void say_own_mac(struct wtr_tuya_entry *e)
{
    uint8_t mac[6];
    struct wtr_text text = wtr_tuya_member_text(e->json, "mac_addr");
    if (!wtr_parse_mac(text, mac))
        return;
    wtr_say_tie_mac(e->say, e->device, mac);
    wtr_say_begin(e->say, WTR_KIND_DEVICE_IDENTITY, e->device);
    say_mac(e, mac);
    wtr_say_raw(e->say, WTR_TEXT("mac_addr"), text);
    wtr_say_end(e->say);
}

void wtr_tuya_read_factory(struct wtr_tuya_entry *e)
{
    static const struct part parts[] = {{"uuid", WTR_FIELD_SERIAL}, {"prod_idx", WTR_FIELD_SERIAL}};
    say_own_mac(e);
    say_identity(e, parts, wtr_tuya_member_text(e->json, "uuid").length > 0 ? 1 : 2);
    wtr_tuya_say_secret(e, "auth_key", "authentication key");
    wtr_tuya_say_secret(e, "psk_key", "pre-shared key");
    wtr_tuya_say_secret(e, "auz_key", "authentication key");
    wtr_tuya_say_secret(e, "pskKey", "pre-shared key");
}

void wtr_tuya_read_device(struct wtr_tuya_entry *e)
{
    static const struct part bk[] = {{"id", WTR_FIELD_DEVICE_ID},
                                     {"pk", WTR_FIELD_PRODUCT},
                                     {"swv", WTR_FIELD_FIRMWARE},
                                     {"lpv", WTR_FIELD_PROTOCOL}};
    static const struct part esp[] = {
        {"id", WTR_FIELD_DEVICE_ID}, {"product_key", WTR_FIELD_PRODUCT}, {"sw_ver", WTR_FIELD_FIRMWARE}};
    if (wtr_text_is(e->entry->path, "gw_di"))
        say_identity(e, bk, sizeof bk / sizeof *bk);
    else
        say_identity(e, esp, sizeof esp / sizeof *esp);
}

void wtr_tuya_read_firmware(struct wtr_tuya_entry *e)
{
    static const struct part parts[] = {{"sw_ver", WTR_FIELD_FIRMWARE}};
    say_identity(e, parts, 1);
}

/* The key by which the device speaks on the local network: 16 characters. */
static void read_local_key(struct wtr_tuya_entry *e, const char *member)
{
    struct wtr_text key = wtr_tuya_member_text(e->json, member);
    if (key.length != 16)
        return;
    wtr_tuya_say_secret(e, member, "local key");
    bool known = e->dump->id_length > 0 && !e->dump->ids_differ;
    wtr_say_key(e->say, WTR_KEY_TUYA, known ? wtr_text_of(e->dump->id, e->dump->id_length) : WTR_TEXT("*"),
                key);
}

void wtr_tuya_read_activation(struct wtr_tuya_entry *e)
{
    static const char *const servers[] = {"h_url",    "hs_psk",      "mq_url",  "mq_psk",
                                          "http_url", "httpsPSKUrl", "mqttsUrl"};
    static const char *const settings[] = {"time_z", "timeZone", "region"};
    read_local_key(e, "lckey");
    read_local_key(e, "local_key");
    wtr_tuya_say_secret(e, "key", "cloud key");
    wtr_tuya_say_secret(e, "psk21_key", "pre-shared key");
    wtr_tuya_say_secret(e, "token", "account token");
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
        wtr_tuya_say_member(e, servers[i]);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        wtr_tuya_say_member(e, settings[i]);
}

/* The radio's, of any firmware. */
void wtr_tuya_read_mac(struct wtr_tuya_entry *e)
{
    uint8_t mac[6];
    const struct wtr_span *span = &e->entry->span;
    wtr_device_ref device = wtr_say_dump_device(e->say, WTR_LAN_VENDOR);
    if (span->length != sizeof mac)
        return;
    memcpy(mac, span->bytes, sizeof mac);
    wtr_say_tie_mac(e->say, device, mac);
    wtr_say_begin(e->say, WTR_KIND_DEVICE_IDENTITY, device);
    say_mac(e, mac);
    wtr_say_raw_bytes(e->say, WTR_TEXT("0x11111102"), wtr_text_of(span->bytes, span->length));
    wtr_say_end(e->say);
}

/* "app 1.00, built 2021-09-28T03:50:07Z": the image's name and version, and its build time in UTC. */
void wtr_tuya_read_build(struct wtr_tuya_entry *e)
{
    const struct wtr_rbl *rbl = e->entry->body;
    if (!rbl || !wtr_tuya_is_time(rbl->built_s) || e->entry->path.length == 0)
        return;
    struct wtr_buffer *out = wtr_say_scratch(e->say);
    wtr_buffer_clear(out);
    wtr_put_text(out, e->entry->path);
    wtr_put_char(out, ' ');
    wtr_put_text(out, rbl->version);
    wtr_put_z(out, ", built ");
    wtr_put_time(out, (int64_t)rbl->built_s * 1000000000);
    wtr_say_begin(e->say, WTR_KIND_DEVICE_IDENTITY, wtr_say_dump_device(e->say, WTR_LAN_VENDOR));
    wtr_say_text(e->say, WTR_FIELD_FIRMWARE, wtr_buffer_text(out));
    wtr_say_bounds(e->say, true, (int64_t)rbl->built_s * 1000000000, false, 0);
    wtr_say_end(e->say);
}

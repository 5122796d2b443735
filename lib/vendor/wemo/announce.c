/* SPDX-License-Identifier: Apache-2.0 */
/* WeMo's announcements over SSDP: among a dozen alike, one names the device's type,
 * urn:Belkin:device:<kind>:1, as NT (or ST in an answer); its USN begins with the UDN,
 * uuid:<model>-1_0-<serial number> [V: captured set-ups of a Switch and an Insight; recorded descriptions, in
 * which the UDN's parts are modelName and serialNumber]. */
#include "vendor/wemo/reading.h"

static const char version_mark[] = "-1_0-";

struct wtr_text wtr_wemo_announced(const struct wtr_ssdp *ssdp)
{
    struct wtr_text type = wtr_ssdp_header(ssdp, wtr_text_is(ssdp->method, "NOTIFY") ? "NT" : "ST");
    bool says = wtr_text_is(ssdp->method, "NOTIFY") || wtr_text_is(ssdp->status, "200");
    bool own = says && type.data && wtr_text_starts(type, "urn:Belkin:device:");
    return own ? type : (struct wtr_text){NULL, 0};
}

static const char *find(struct wtr_text text, const char *words)
{
    size_t length = strlen(words);
    for (size_t at = 0; at + length <= text.length; at++)
        if (memcmp(text.data + at, words, length) == 0)
            return text.data + at;
    return NULL;
}

/* The parts of "uuid:Socket-1_0-221500K1100000". */
static void say_udn(struct wtr_say *say, struct wtr_text udn)
{
    const char *mark = find(udn, version_mark);
    if (!wtr_text_starts(udn, "uuid:"))
        return;
    wtr_say_text(say, WTR_FIELD_DEVICE_ID, udn);
    if (mark && mark > udn.data + 5) {
        const char *serial = mark + sizeof version_mark - 1;
        size_t length = udn.length - (size_t)(serial - udn.data);
        wtr_say_text(say, WTR_FIELD_MODEL, wtr_text_of(udn.data + 5, (size_t)(mark - udn.data) - 5));
        if (length > 0)
            wtr_say_text(say, WTR_FIELD_SERIAL, wtr_text_of(serial, length));
    }
    wtr_say_raw(say, WTR_TEXT("USN"), udn);
}

void wtr_wemo_read_announcement(struct wtr_say *say, const struct wtr_ssdp *ssdp)
{
    struct wtr_text type = wtr_wemo_announced(ssdp);
    struct wtr_text rest = wtr_ssdp_header(ssdp, "USN");
    const char *end = find(rest, "::");
    wtr_device_ref device = wtr_say_device_at(say, "wemo", &wtr_say_sender(say)->ip);
    wtr_say_begin(say, WTR_KIND_DEVICE_IDENTITY, device);
    wtr_say_text(say, WTR_FIELD_VENDOR, WTR_TEXT("Belkin"));
    wtr_say_text(say, WTR_FIELD_PRODUCT, type);
    wtr_say_raw(say, WTR_TEXT("NT"), type);
    say_udn(say, wtr_text_of(rest.data, end ? (size_t)(end - rest.data) : rest.length));
    wtr_say_end(say);
}

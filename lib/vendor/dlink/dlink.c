/* SPDX-License-Identifier: Apache-2.0 */
/* A D-Link plug's query for new firmware [V: the captured set-up of a DSP-W215]:
 *
 *     GET /router/firmware/query.aspx?model=DSP-W215_Bx_Default_FW_0222_908D78000001
 *     Host: wrpd.dlink.com
 *
 * model, hardware revision, region, FW, firmware, MAC. D-Link's routers and cameras ask alike: only the
 * plugs' models, DSP-…, are read. What a plug is told over HNAP is not: no source says what its answers mean
 * in full, and nothing of it was seen. */
#include "vendor/dlink/dlink.h"

#include "vendor/http_message.h"

/* The query's model if the message is such a query of a plug's; else data NULL. */
static struct wtr_text query_of(const struct wtr_message *message)
{
    const struct wtr_http *http = wtr_http_of(message);
    const struct wtr_text nothing = {NULL, 0};
    if (!http || http->is_response || !wtr_text_is(wtr_http_header(http, "Host"), "wrpd.dlink.com") ||
        !wtr_text_is(wtr_http_path(http), "/router/firmware/query.aspx"))
        return nothing;
    struct wtr_text model = wtr_http_parameter(http, "model");
    return model.data && wtr_text_starts(model, "DSP-") ? model : nothing;
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    (void)state;
    return query_of(message).data ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    enum { MODEL, REVISION, REGION, WORD, FIRMWARE, MAC, PARTS };
    static const uint8_t zero[6];
    struct wtr_text whole = query_of(message);
    struct wtr_text rest = whole;
    struct wtr_text part[PARTS] = {{NULL, 0}};
    uint8_t mac[6];
    (void)state;
    for (size_t i = 0; i < PARTS; i++)
        part[i] = wtr_text_cut(&rest, '_');
    if (rest.data || !wtr_text_is(part[WORD], "FW") || !part[MAC].data || !wtr_parse_mac(part[MAC], mac) ||
        (mac[0] & 1) || memcmp(mac, zero, sizeof zero) == 0) {
        wtr_say_finding(say, whole, "the model has not the six parts that are known");
        return;
    }
    struct wtr_buffer text = {0};
    wtr_device_ref device = wtr_say_device_at(say, "dlink", &wtr_say_sender(say)->ip);
    wtr_put_mac(&text, mac);
    wtr_say_tie_mac(say, device, mac);
    wtr_say_begin(say, WTR_KIND_DEVICE_IDENTITY, device);
    wtr_say_text(say, WTR_FIELD_VENDOR, WTR_TEXT("D-Link"));
    wtr_say_text(say, WTR_FIELD_MODEL, part[MODEL]);
    wtr_say_text(say, WTR_FIELD_FIRMWARE, part[FIRMWARE]);
    wtr_say_text(say, WTR_FIELD_MAC, wtr_buffer_text(&text));
    wtr_say_raw(say, WTR_TEXT("model"), whole);
    wtr_say_end(say);
    wtr_buffer_free(&text);
}

const struct wtr_vendor wtr_dlink = {
    .name = "dlink",
    .claim = claim,
    .read = read,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Edimax: which messages are its own, and whose they are. A plug serves POST /smartplug.cgi on port 10000
 * [V]; the XML stands in the body as it is, or as a file of a multipart form (wendlers/ediplug-py) [S]. The
 * password of its HTTP login is not said. */
#include "vendor/edimax/edimax.h"

#include "vendor/edimax/smartplug.h"

static const char mark[] = "<SMARTPLUG";
static const char mark_end[] = "</SMARTPLUG>";

struct edimax {
    struct wtr_xml xml;
};

static const char *find(struct wtr_text text, const char *words)
{
    size_t length = strlen(words);
    for (size_t at = 0; at + length <= text.length; at++)
        if (text.data[at] == words[0] && memcmp(text.data + at, words, length) == 0)
            return text.data + at;
    return NULL;
}

/* The document without what may stand before and behind it; data NULL if there is none. */
static struct wtr_text document(struct wtr_text body)
{
    const char *from = find(body, mark);
    if (!from)
        return (struct wtr_text){NULL, 0};
    struct wtr_text rest = wtr_text_of(from, body.length - (size_t)(from - body.data));
    const char *end = find(rest, mark_end);
    size_t length = end ? (size_t)(end - from) + sizeof mark_end - 1 : rest.length;
    return wtr_text_of(from, length);
}

static bool is_own(const struct wtr_http *http)
{
    const struct wtr_http *request = http->is_response ? http->request : http;
    bool target = !request || wtr_text_is(wtr_http_path(request), "/smartplug.cgi");
    bool fits = http->is_response ? wtr_http_is_success(http) : wtr_text_is(http->method, "POST");
    return target && fits && wtr_http_body_has(http, mark);
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    (void)state;
    if (message->protocol == &wtr_edimax_datagrams)
        return WTR_CLAIM_NAMED;
    const struct wtr_http *http = wtr_http_of(message);
    return http && is_own(http) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static void read_http(struct edimax *edimax, const struct wtr_http *http, struct wtr_say *say)
{
    const struct wtr_endpoint *plug = http->is_response ? wtr_say_sender(say) : wtr_say_receiver(say);
    struct wtr_text text = document(http->body);
    if (!wtr_xml_parse(&edimax->xml, text)) {
        wtr_say_finding(say, http->body, "the body is no whole XML document");
        return;
    }
    struct wtr_edimax_reading r = {
        .say = say, .xml = &edimax->xml, .device = wtr_say_device_at(say, "edimax", &plug->ip)};
    if (http->is_response)
        wtr_edimax_read_answer(&r);
    else
        wtr_edimax_read_request(&r);
}

static void add(struct wtr_say *say, enum wtr_field field, const char *name, struct wtr_text text)
{
    if (text.length == 0)
        return;
    wtr_say_text(say, field, text);
    wtr_say_raw(say, wtr_text_z(name), text);
}

static void read_hello(const struct wtr_edimax_hello *hello, struct wtr_say *say)
{
    static const uint8_t zero[6];
    uint8_t mac[6] = {0};
    if (hello->mac_bytes.length == 6)
        memcpy(mac, hello->mac_bytes.data, 6);
    bool known = hello->mac_bytes.length == 6 || wtr_parse_mac(hello->mac, mac);
    if (hello->model.length == 0)
        return;
    wtr_device_ref device = wtr_say_device_at(say, "edimax", &wtr_say_sender(say)->ip);
    wtr_say_begin(say, WTR_KIND_DEVICE_IDENTITY, device);
    wtr_say_text(say, WTR_FIELD_VENDOR, WTR_TEXT("Edimax"));
    if (known && (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0) {
        struct wtr_buffer text = {0};
        wtr_put_mac(&text, mac);
        wtr_say_tie_mac(say, device, mac);
        wtr_say_text(say, WTR_FIELD_MAC, wtr_buffer_text(&text));
        wtr_say_raw(say, WTR_TEXT("id"), hello->mac_bytes.length == 6 ? hello->mac_bytes : hello->mac);
        wtr_buffer_free(&text);
    }
    add(say, WTR_FIELD_MODEL, "model", hello->model);
    add(say, WTR_FIELD_FIRMWARE, "devfwver", hello->firmware);
    add(say, WTR_FIELD_NAME, "alias", hello->name);
    wtr_say_end(say);
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    const struct wtr_http *http = wtr_http_of(message);
    if (http)
        read_http(state, http, say);
    else
        read_hello(message->body, say);
}

static void close_state(void *state)
{
    struct edimax *edimax = state;
    wtr_xml_free(&edimax->xml);
}

static const struct wtr_protocol *const protocols[] = {&wtr_edimax_datagrams, NULL};

const struct wtr_vendor wtr_edimax = {
    .name = "edimax",
    .protocols = protocols,
    .state_size = sizeof(struct edimax),
    .close = close_state,
    .claim = claim,
    .read = read,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Edimax's datagrams, protocol "edimax-udp" [V: both plugs' captured set-ups; no description is public].
 *
 * "answer": from port 20560 to the app that looked for plugs, 186 bytes:
 *
 *     0 MAC  6 | maker 12 | 4 | model 14 | firmware 8 | name 128 | port 2 (LE) | address 4 | mask 4 | router
 * 4
 *
 * texts filled up with zeros.
 *
 * "registration": to port 8765 of Edimax's server, with <code value="1010" />; "notice": the same with
 * another code, of which nothing is read. Text of the form <param><model value="…" />…</param> with the bits
 * of every byte rotated by the same number; the first byte is something else. So each byte keeps its place.
 */
#include "vendor/edimax/edimax.h"

enum { ANSWER_PORT = 20560, SERVER_PORT = 8765, ANSWER_LENGTH = 186, MAX_REGISTRATION = 2048 };

static const char opening_words[] = "param>";

static uint8_t rotate(uint8_t byte, unsigned by)
{
    return (uint8_t)(byte >> by | byte << (8 - by));
}

/* By how many bits the text was rotated; 0: it is no such text. */
static unsigned rotation_of(const uint8_t *bytes, size_t length)
{
    size_t words = sizeof opening_words - 1;
    for (unsigned by = 1; by < 8 && length > words; by++) {
        size_t fits = 0;
        while (fits < words && rotate(bytes[1 + fits], by) == (uint8_t)opening_words[fits])
            fits++;
        if (fits == words)
            return by;
    }
    return 0;
}

static bool is_answer(const uint8_t *bytes, size_t length)
{
    return length == ANSWER_LENGTH && memcmp(bytes + 6, "EDIMAX", 6) == 0;
}

static enum wtr_bid probe(const struct wtr_probe *probe)
{
    if (probe->client_port == ANSWER_PORT && is_answer(probe->bytes, probe->length))
        return WTR_BID_CERTAIN;
    bool to_server = probe->server_port == SERVER_PORT;
    return to_server && rotation_of(probe->bytes, probe->length) ? WTR_BID_CERTAIN : WTR_BID_NONE;
}

/* A text in a field of fixed length. */
static struct wtr_text padded(const uint8_t *bytes, size_t length)
{
    const uint8_t *end = memchr(bytes, 0, length);
    return wtr_text_of(bytes, end ? (size_t)(end - bytes) : length);
}

static void hand_out(const struct wtr_span *span, const char *type, const struct wtr_edimax_hello *hello,
                     struct wtr_sink *sink)
{
    const struct wtr_message message = {.protocol = &wtr_edimax_datagrams,
                                        .type = type,
                                        .direction = WTR_FROM_CLIENT,
                                        .span = *span,
                                        .body = hello};
    sink->message(sink->payload, &message);
}

static void read_answer(const struct wtr_span *span, struct wtr_sink *sink)
{
    const uint8_t *b = span->bytes;
    const struct wtr_edimax_hello hello = {.vendor = padded(b + 6, 12),
                                           .model = padded(b + 22, 14),
                                           .firmware = padded(b + 36, 8),
                                           .name = padded(b + 44, 128),
                                           .mac_bytes = wtr_text_of(b, 6)};
    hand_out(span, "answer", &hello, sink);
}

/* The value of `<name value="…"`; data NULL if it is not there. */
static struct wtr_text value_of(struct wtr_text text, const char *name)
{
    static const char between[] = " value=\"";
    size_t length = strlen(name);
    for (const char *end = text.data + text.length; text.data < end;) {
        const char *at = memchr(text.data, '<', (size_t)(end - text.data));
        if (!at)
            break;
        text.data = at + 1;
        size_t left = (size_t)(end - text.data);
        if (left < length + sizeof between || memcmp(text.data, name, length) != 0 ||
            memcmp(text.data + length, between, sizeof between - 1) != 0)
            continue;
        const char *value = text.data + length + sizeof between - 1;
        const char *quote = memchr(value, '"', (size_t)(end - value));
        return quote ? wtr_text_of(value, (size_t)(quote - value)) : (struct wtr_text){NULL, 0};
    }
    return (struct wtr_text){NULL, 0};
}

static void read_registration(const struct wtr_span *span, unsigned by, struct wtr_sink *sink)
{
    uint8_t plain[MAX_REGISTRATION];
    if (span->length > sizeof plain) {
        sink->finding(sink->payload, span, 0, span->length, "the registration is longer than any known");
        return;
    }
    plain[0] = span->bytes[0];
    for (size_t i = 1; i < span->length; i++)
        plain[i] = rotate(span->bytes[i], by);
    const struct wtr_opening opening = {.steps = "rotate-bits", .keeps_places = true};
    const struct wtr_span opened = {plain, span->length, span->pieces, span->piece_count, &opening};
    struct wtr_text text = wtr_text_of(plain, span->length);
    bool registers = wtr_text_is(value_of(text, "code"), "1010");
    struct wtr_edimax_hello hello = {.mac = value_of(text, "id")};
    if (registers) {
        hello.model = value_of(text, "model");
        hello.firmware = value_of(text, "devfwver");
        hello.name = value_of(text, "alias");
    }
    hand_out(&opened, registers ? "registration" : "notice", &hello, sink);
}

static void datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    (void)state;
    const struct wtr_span *span = &datagram->span;
    unsigned by = rotation_of(span->bytes, span->length);
    if (is_answer(span->bytes, span->length))
        read_answer(span, sink);
    else if (by > 0)
        read_registration(span, by, sink);
}

static void put(struct wtr_json_writer *out, const char *name, struct wtr_text text)
{
    if (text.length == 0)
        return;
    wtr_json_key(out, name);
    wtr_json_put_bytes(out, text);
}

static void fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_edimax_hello *hello = message->body;
    put(out, "vendor", hello->vendor);
    put(out, "model", hello->model);
    put(out, "firmware", hello->firmware);
    put(out, "name", hello->name);
    put(out, "mac", hello->mac);
    if (hello->mac_bytes.length == 6) {
        struct wtr_buffer mac = {0};
        wtr_put_mac(&mac, (const uint8_t *)hello->mac_bytes.data);
        put(out, "mac", wtr_buffer_text(&mac));
        wtr_buffer_free(&mac);
    }
}

static const uint16_t ports[] = {SERVER_PORT, 0};

const struct wtr_protocol wtr_edimax_datagrams = {
    .name = "edimax-udp",
    .probe_datagram = probe,
    .datagram = datagram,
    .exchanges = true,
    .fields = fields,
    .ports = ports,
};

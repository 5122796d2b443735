/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly's CoIoT. The input is lines of text, each a message of a device, so that a corpus can be read and
 * written by hand: a letter (p: a report 0.30, a: an answer 2.05, u: a 2.05 with the path), option 3332, the
 * serial (a number;
 * - for none) and the payload, with blanks between them.
 *
 * What the family says is recorded (say_record.c), which marks whatever breaks the contract of say.h; the
 * whole is run twice and must say the same. */
#include "base/map.h"
#include "coap_feed.h"
#include "say_record.h"
#include "vendor/shelly/shelly.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_LINES = 200, MAX_PAYLOAD = 4000, MAX_ID = 60 };

struct listener {
    struct wtr_say *say;
    void *state;
    uint64_t heard;
};

static void hear_message(void *payload, const struct wtr_message *message)
{
    struct listener *l = payload;
    enum wtr_claim claim = wtr_shelly.claim(l->state, message);
    say_record_ends(l->say, "10.0.0.9", 5683, "224.0.1.187", 5683);
    const char *lines = say_record(l->say, &wtr_shelly, l->state, message);
    if (say_record_claim(l->say) != claim || strncmp(lines, "!!", 2) == 0 || strstr(lines, "\n!!"))
        __builtin_trap();
    l->heard = wtr_hash64(lines, strlen(lines), l->heard);
}

/* An option's header behind a delta of two extended bytes, and its value. */
static void put_option(struct wtr_buffer *out, uint32_t delta, struct wtr_text value)
{
    bool is_long = value.length >= 13;
    wtr_put_char(out, (char)(0xe0 | (is_long ? 13 : value.length)));
    wtr_put_char(out, (char)((delta - 269) >> 8));
    wtr_put_char(out, (char)(delta - 269));
    if (is_long)
        wtr_put_char(out, (char)(value.length - 13));
    wtr_put_text(out, value);
}

static void make(struct wtr_buffer *out, struct wtr_text line, unsigned n)
{
    char kind = line.length > 0 ? line.data[0] : 'p';
    struct wtr_text rest =
        line.length > 2 ? wtr_text_of(line.data + 2, line.length - 2) : (struct wtr_text){"", 0};
    struct wtr_text id = wtr_text_cut(&rest, ' ');
    struct wtr_text serial = rest.data ? wtr_text_cut(&rest, ' ') : (struct wtr_text){"", 0};
    int64_t number = 0;
    bool path = kind != 'a';
    const char head[4] = {0x50, kind == 'p' ? 0x1e : 0x45, (char)(n >> 8), (char)n};
    wtr_buffer_clear(out);
    wtr_put(out, head, sizeof head);
    if (path)
        wtr_put(out,
                "\xb3"
                "cit\x01s",
                6);
    id.length = id.length < MAX_ID ? id.length : MAX_ID;
    put_option(out, path ? 3332 - 11 : 3332, id);
    if (wtr_decimal_int(serial, &number)) {
        const char marks[7] = {(char)0xd2, 67, 1, 0x7c, (char)0x82, (char)(number >> 8), (char)number};
        wtr_put(out, marks, sizeof marks);
    }
    if (rest.length > 0) {
        wtr_put_char(out, (char)0xff);
        wtr_put(out, rest.data, rest.length < MAX_PAYLOAD ? rest.length : MAX_PAYLOAD);
    }
}

static uint64_t run(struct wtr_text text)
{
    struct listener l = {.say = say_record_new(), .state = calloc(1, wtr_shelly.state_size)};
    struct coap_feed feed = coap_feed_new();
    struct wtr_sink sink = {.payload = &feed, .message = coap_on_message, .finding = coap_on_finding};
    struct wtr_buffer made = {0};
    feed.listener = hear_message;
    feed.payload = &l;
    if (!l.state)
        abort();
    for (unsigned n = 0; n < MAX_LINES && text.data; n++) {
        make(&made, wtr_text_cut(&text, '\n'), n);
        uint8_t *bytes = malloc(made.length);
        if (!bytes)
            abort();
        memcpy(bytes, made.data, made.length);
        const struct wtr_piece piece = {
            .length = made.length, .offset = 10000 * n, .frame = n + 1, .time_ns = n * INT64_C(1000000000)};
        const struct wtr_datagram datagram = {
            .from = coap_end(9, 5683), .to = coap_group(), .span = {bytes, made.length, &piece, 1, NULL}};
        wtr_buffer_clear(&feed.log);
        wtr_coap.datagram(feed.state, &datagram, &sink);
        free(bytes);
    }
    wtr_shelly.close(l.state);
    free(l.state);
    wtr_buffer_free(&made);
    coap_feed_free(&feed);
    say_record_free(l.say);
    return l.heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wtr_text text = wtr_text_of(data, size);
    if (run(text) != run(text))
        __builtin_trap();
    return 0;
}

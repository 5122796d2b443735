/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's local protocol and what its messages state: the input is segments, gaps and datagrams of one plug.
 *
 * First byte: bit 0, the beginning was not seen; bit 1, the keyring is empty. Then steps: bits 0 and 1 of a
 * step's byte are 0, bytes from the client; 1, from the device; 2, a gap (bit 2: the direction); 3, a
 * datagram. Bytes and datagrams have their length in the two bytes that follow. So that changed bytes get
 * past the frame's check, bit 3 makes the CRC-32 of the first frame in them right. */
#include "base/bytes.h"
#include "base/map.h"
#include "say_record.h"
#include "tuya_feed.h"
#include "vendor/tuya/tuya.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

#include <stdint.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_STEPS = 64, MAX_UNREAD = 1 << 18 };

struct ear {
    struct wtr_say *say;
    void *state;
    uint64_t heard;
};

static void hold(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void hear_message(struct ear *ear, const struct wtr_message *m)
{
    const struct wtr_tuya_packet *p = m->body;
    struct wtr_buffer fields = {0};
    struct wtr_json_writer w = {.out = &fields, .reveal_secrets = m->span.length % 2};
    struct wtr_json json = {0};
    size_t at;
    hold(p->payload.length == 0 || wtr_span_holds(&m->span, p->payload.data, p->payload.length, &at));
    hold(!p->encrypted || (p->payload.length == 0 && !m->span.opening));
    hold(!m->span.opening || p->integrity);
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
    hold(wtr_json_parse(&json, wtr_buffer_text(&fields)));
    wtr_json_free(&json);
    wtr_buffer_free(&fields);
    const char *lines = say_record(ear->say, &wtr_tuya, ear->state, m);
    hold(strncmp(lines, "!!", 2) != 0 && !strstr(lines, "\n!!"));
    ear->heard = wtr_hash64(lines, strlen(lines), ear->heard);
}

static void hear(struct tuya_feed *feed, const struct wtr_message *m)
{
    struct ear *ear = feed->listener;
    if (m->direction == WTR_FROM_SERVER)
        say_record_ends(ear->say, "192.168.7.40", 6668, "192.168.7.11", 50001);
    else
        say_record_ends(ear->say, "192.168.7.11", 50001, "192.168.7.40", 6668);
    hear_message(ear, m);
}

static void on_datagram(void *payload, const struct wtr_message *m)
{
    struct ear *ear = payload;
    say_record_ends(ear->say, "192.168.7.40", 50000, "255.255.255.255", 6667);
    hear_message(ear, m);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    (void)payload;
    hold(at <= span->length && length <= span->length - at && *reason);
}

static void mend_crc(uint8_t *bytes, size_t length)
{
    size_t body = length >= 24 ? wtr_be32(bytes + 12) : 0;
    if (body < 8 || body > length - 16)
        return;
    uint32_t crc = (uint32_t)crc32(0, bytes, (uInt)(16 + body - 8));
    for (size_t i = 0; i < 4; i++)
        bytes[16 + body - 8 + i] = (uint8_t)(crc >> (24 - 8 * i));
}

static void read_datagram(void *state, struct ear *ear, const uint8_t *bytes, size_t length)
{
    const struct wtr_piece piece = {.length = length, .offset = 100, .frame = 1};
    const struct wtr_datagram d = {.span = {bytes, length, &piece, 1, NULL}};
    const struct wtr_probe probe = {.bytes = bytes, .length = length};
    struct wtr_sink sink = {.payload = ear, .message = on_datagram, .finding = on_finding};
    if (wtr_tuya_local.probe_datagram(&probe) >= WTR_BID_LIKELY)
        wtr_tuya_local.datagram(state, &d, &sink);
}

/* One step of the input; false: no more. */
static bool step(struct tuya_feed *feed, void *datagrams, struct wtr_cursor *c)
{
    uint8_t what = wtr_take_u8(c);
    size_t length = (what & 3) == 2 ? 0 : wtr_take_be16(c);
    if (length > wtr_left(c))
        length = wtr_left(c);
    const uint8_t *given = wtr_take(c, length);
    uint8_t *bytes = malloc(length + 1);
    hold(bytes != NULL);
    if (c->bad || feed->side[what & 1].unread.length > MAX_UNREAD || feed->side[what & 1].piece_count > 250) {
        free(bytes);
        return false;
    }
    memcpy(bytes, given, length);
    if (what & 8)
        mend_crc(bytes, length);
    if ((what & 3) < 2)
        (void)tuya_bytes(feed, (enum wtr_direction)(what & 1), bytes, length);
    else if ((what & 3) == 2)
        tuya_lose(feed, (enum wtr_direction)(what >> 2 & 1));
    else
        read_datagram(datagrams, feed->listener, bytes, length);
    free(bytes);
    return true;
}

static uint64_t run(const uint8_t *data, size_t size)
{
    struct wtr_cursor c = wtr_cursor_over(data, size);
    struct ear ear = {.say = say_record_new(), .state = calloc(1, wtr_tuya.state_size)};
    struct tuya_feed feed = {.hear = hear, .listener = &ear};
    const struct wtr_session_setup setup = {0};
    void *datagrams = calloc(1, wtr_tuya_local.datagram_state_size);
    uint8_t first = wtr_take_u8(&c);
    hold(ear.state && datagrams);
    if (!(first & 2)) {
        tuya_add_key(&feed, "bf99", "fedcba9876543210");
        tuya_add_key(&feed, "*", "0123456789abcdef");
    }
    tuya_open(&feed, first & 1);
    wtr_tuya_local.open_datagrams(datagrams, &setup);
    for (int i = 0; i < MAX_STEPS && step(&feed, datagrams, &c); i++)
        ;
    wtr_tuya_local.close_datagrams(datagrams);
    free(datagrams);
    tuya_close(&feed);
    wtr_tuya.close(ear.state);
    free(ear.state);
    say_record_free(ear.say);
    return ear.heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hold(run(data, size) == run(data, size));
    return 0;
}

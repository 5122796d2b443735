/* SPDX-License-Identifier: Apache-2.0 */
/* A stream whose reader passes over bytes that it has not seen: those come to nobody, in whatever segments
 * and order, a loss within them is told and known to lie there, and what follows is read from its first byte.
 */
#include "packet/stream.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t first_seq = 0xfffffff0U; /* the sequence number wraps on the way */

/* The reader takes units of a length in two bytes, of which it reads the first two bytes behind that alone.
 */
static struct {
    struct wtr_stream stream;
    struct wtr_stream_pool pool;
    char log[512];
    bool within;
} t;

static size_t on_read(void *owner, struct wtr_stream *stream, const struct wtr_span *unread, size_t *need)
{
    size_t at = 0;
    (void)owner, (void)stream;
    while (at < unread->length && unread->length - at >= 4) {
        const uint8_t *b = unread->bytes + at;
        char entry[16];
        snprintf(entry, sizeof entry, "%c%c%u ", b[2], b[3], (unsigned)unread->pieces[0].frame);
        strcat(t.log, entry);
        at += 2 + ((size_t)b[0] << 8 | b[1]);
    }
    *need = 4;
    return at;
}

static void on_lost(void *owner, struct wtr_stream *stream, int64_t place, uint64_t missing,
                    const struct wtr_origin *after)
{
    char entry[48];
    (void)owner, (void)after;
    snprintf(entry, sizeof entry, "%s%u@%d ", stream->lost_within ? "within" : "lost", (unsigned)missing,
             (int)place);
    strcat(t.log, entry);
}

static void on_unreadable(void *owner, struct wtr_stream *stream, int64_t place, const struct wtr_span *span,
                          size_t at, const char *reason)
{
    (void)owner, (void)stream, (void)place, (void)span, (void)at, (void)reason;
    strcat(t.log, "unreadable ");
}

static void on_again(void *owner, struct wtr_stream *stream, int64_t place, const struct wtr_origin *again)
{
    (void)owner, (void)stream, (void)place, (void)again;
    strcat(t.log, "again ");
}

static size_t on_ended(void *owner, struct wtr_stream *stream, const struct wtr_span *unread)
{
    (void)owner, (void)stream, (void)unread;
    return 0;
}

static const struct wtr_stream_reader reader = {.read = on_read,
                                                .lost = on_lost,
                                                .unreadable = on_unreadable,
                                                .repeated = on_again,
                                                .altered = on_again,
                                                .ended = on_ended};

static uint8_t bytes[4096];

/* Three units: 300, 1000 and 4 bytes. */
static void set_up(void)
{
    memset(&t, 0, sizeof t);
    wtr_stream_init(&t.stream, &reader, NULL, &t.pool, 1 << 20);
    wtr_stream_start(&t.stream, first_seq, true);
    const struct wtr_span nothing = {0};
    wtr_stream_follow(&t.stream, &nothing, 1 << 20);
    memset(bytes, '.', sizeof bytes);
    memcpy(bytes,
           "\x01\x2a"
           "aa",
           4);
    memcpy(bytes + 300,
           "\x03\xe6"
           "bb",
           4);
    memcpy(bytes + 1300,
           "\x00\x02"
           "cc",
           4);
}

static void tear_down(void)
{
    wtr_stream_clear(&t.stream);
    free(t.pool.slice);
}

TestSuite(stream_pass, .init = set_up, .fini = tear_down);

static void add(size_t from, size_t to, uint64_t frame)
{
    struct wtr_piece piece = {.length = to - from, .offset = from, .frame = frame};
    const struct wtr_span payload = {bytes + from, to - from, &piece, 1, NULL};
    const struct wtr_segment segment = {
        .seq = first_seq + (uint32_t)from, .length = (uint32_t)(to - from), .payload = &payload};
    wtr_stream_add(&t.stream, &segment);
}

Test(stream_pass, segments_of_any_size)
{
    for (size_t step = 1; step < 1400; step += step < 8 ? 1 : 97) {
        tear_down();
        set_up();
        for (size_t at = 0; at < 1304; at += step)
            add(at, at + step < 1304 ? at + step : 1304, 0);
        cr_expect_str_eq(t.log, "aa0 bb0 cc0 ", "%zu", step);
        cr_expect_eq(t.stream.place, 1304);
        cr_expect_eq(t.stream.held, 0);
    }
}

Test(stream_pass, what_is_passed_over_is_not_kept)
{
    add(0, 4, 1);
    cr_expect_eq(t.stream.pass, 296);
    cr_expect(wtr_stream_pass(&t.stream, first_seq + 4, 100));
    cr_expect_not(wtr_stream_pass(&t.stream, first_seq + 4, 100));   /* again */
    cr_expect_not(wtr_stream_pass(&t.stream, first_seq + 104, 197)); /* beyond */
    cr_expect(wtr_stream_pass(&t.stream, first_seq + 104, 196));
    cr_expect_eq(t.stream.held, 0);
    add(300, 1304, 2);
    cr_expect_str_eq(t.log, "aa1 bb2 cc2 ");
}

Test(stream_pass, out_of_order)
{
    add(0, 50, 1);
    add(200, 400, 3);
    cr_expect_not(wtr_stream_pass(&t.stream, first_seq + 50, 10)); /* bytes wait */
    add(50, 200, 2);
    add(400, 1304, 4);
    cr_expect_str_eq(t.log, "aa1 bb3 cc4 ");
}

Test(stream_pass, a_loss_within)
{
    add(0, 50, 1);
    add(250, 310, 2);
    wtr_stream_skip_holes(&t.stream);
    add(310, 1304, 3);
    cr_expect_str_eq(t.log, "aa1 within200@50 bb2 cc3 ");
}

Test(stream_pass, a_loss_beyond)
{
    add(0, 50, 1);
    add(1300, 1304, 2);
    wtr_stream_skip_holes(&t.stream);
    cr_expect_str_eq(t.log, "aa1 lost1250@50 cc2 ");
    cr_expect_eq(t.stream.pass, 0);
}

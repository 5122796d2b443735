/* SPDX-License-Identifier: Apache-2.0 */
/* TLS: the input is a list of segments and gaps for both directions of one connection.
 *
 * First byte: bit 0, the beginning was not seen. Then steps: bit 0 of a step's byte is the direction, bit 1
 * says that it is a gap; two bytes of length (of a gap 0: not known), and a segment's bytes. The unread bytes
 * are kept in a block of exactly their length, and what is passed over is dealt with as the streams do it. */
#include "protocol/tls.h"

#include "tls_heard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_UNREAD = 1 << 20, MAX_PIECES = 4096 };

struct side {
    uint8_t *bytes;
    size_t length;
    struct wtr_piece pieces[MAX_PIECES];
    size_t piece_count;
    size_t need;
    uint64_t pass;
};

struct run {
    void *session;
    struct tls_heard heard;
    struct side side[2];
    uint64_t offset;
};

static void lose(struct run *run, enum wtr_direction direction, uint64_t missing)
{
    struct side *s = &run->side[direction];
    s->length = s->piece_count = s->need = 0;
    if (missing > 0 && missing <= s->pass) {
        s->pass -= missing;
        return;
    }
    s->pass = 0;
    wtr_tls.gap(run->session, direction, missing);
}

static void discard(struct side *s, size_t used)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->piece_count; i++) {
        struct wtr_piece p = s->pieces[i];
        if (p.at + p.length <= used)
            continue;
        size_t cut = p.at < used ? used - p.at : 0;
        p.at = p.at + cut - used;
        p.length -= cut;
        p.offset += cut;
        s->pieces[kept++] = p;
    }
    s->piece_count = kept;
    s->length -= used;
    memmove(s->bytes, s->bytes + used, s->length);
}

static void read_unread(struct run *run, enum wtr_direction direction)
{
    struct side *s = &run->side[direction];
    uint8_t *exact = malloc(s->length);
    must(exact != NULL);
    memcpy(exact, s->bytes, s->length);
    const struct wtr_span span = {exact, s->length, s->pieces, s->piece_count, NULL};
    struct wtr_sink sink = {.payload = &run->heard, .message = heard_message, .finding = heard_finding};
    s->need = 0;
    size_t used = wtr_tls.stream(run->session, direction, &span, &s->need, &sink);
    free(exact);
    if (used >= s->length) {
        s->pass = used - s->length;
        s->length = s->piece_count = 0;
        return;
    }
    must(s->need > s->length - used); /* or it would be asked for ever */
    discard(s, used);
}

static void send_segment(struct run *run, enum wtr_direction direction, const uint8_t *data, size_t size)
{
    struct side *s = &run->side[direction];
    size_t passed = s->pass < size ? (size_t)s->pass : size;
    s->pass -= passed;
    data += passed;
    size -= passed;
    run->offset += passed;
    if (size == 0)
        return;
    if (s->length + size > MAX_UNREAD || s->piece_count == MAX_PIECES)
        lose(run, direction, 0);
    s->bytes = realloc(s->bytes, s->length + size);
    must(s->bytes != NULL);
    memcpy(s->bytes + s->length, data, size);
    s->pieces[s->piece_count++] =
        (struct wtr_piece){.at = s->length, .length = size, .offset = run->offset, .frame = 1, .time_ns = 1};
    s->length += size;
    run->offset += size + 16;
    if (s->length >= s->need)
        read_unread(run, direction);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    if (size == 0)
        return 0;
    memset(&run, 0, sizeof run);
    run.session = calloc(1, wtr_tls.session_size);
    must(run.session != NULL);
    heard_begin(&run.heard);
    wtr_tls.open(run.session, &(struct wtr_session_setup){.mid_stream = data[0] & 1});
    for (size_t at = 1; size - at >= 3;) {
        enum wtr_direction direction = data[at] & 1 ? WTR_FROM_SERVER : WTR_FROM_CLIENT;
        bool gap = data[at] & 2;
        size_t length = (size_t)data[at + 1] << 8 | data[at + 2];
        at += 3;
        if (gap) {
            lose(&run, direction, length);
            continue;
        }
        length = length < size - at ? length : size - at;
        const struct wtr_probe probe = {.bytes = data + at, .length = length, .at_start = at == 4};
        wtr_tls.probe_stream(&probe);
        send_segment(&run, direction, data + at, length);
        at += length;
    }
    struct wtr_sink sink = {.payload = &run.heard, .message = heard_message, .finding = heard_finding};
    wtr_tls.finish(run.session, &sink);
    must(run.heard.sessions <= 1);
    wtr_tls.close(run.session);
    free(run.session);
    free(run.side[0].bytes);
    free(run.side[1].bytes);
    heard_end(&run.heard);
    return 0;
}

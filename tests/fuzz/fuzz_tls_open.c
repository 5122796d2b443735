/* SPDX-License-Identifier: Apache-2.0 */
/* TLS and DTLS connections with keys at hand, from lines of text, so that a corpus can be read and written by
 * hand:
 *
 *     k text   a line of a keyring, or of a key log
 *     >hex     the client sends these bytes, as a segment or (DTLS) a datagram
 *     <hex     the server does
 *     -n       n bytes of the client are lost (0: not known how many); +n of the server
 *     d        from here on, datagrams of DTLS
 *
 * Every message must have its JSON and its pieces, and what is opened stands within what was sent. The whole
 * is run twice and must say the same. */
#include "base/json.h"
#include "base/map.h"
#include "evidence/keyring.h"
#include "protocol/tls.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_LINES = 200, MAX_SENT = 1 << 18 };

struct side {
    struct wtr_buffer unread;
    struct wtr_piece pieces[MAX_LINES];
    size_t piece_count;
    size_t pass;
};

struct run {
    struct wtr_keyring keys;
    void *session, *datagrams;
    struct side side[2];
    uint64_t sent; /* places in what stands for the file */
    uint64_t frame;
    uint64_t heard;
    bool dtls;
    struct wtr_buffer fields, why;
    struct wtr_json json;
};

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* ---- what is heard */

static void check_pieces(const struct run *run, const struct wtr_span *span)
{
    size_t at = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        must(span->pieces[i].at == at && span->pieces[i].length > 0);
        must(span->pieces[i].offset + span->pieces[i].length <= run->sent);
        at += span->pieces[i].length;
    }
    must(wtr_span_is_opaque(span) || at == span->length);
}

static void on_message(void *payload, const struct wtr_message *m)
{
    struct run *run = payload;
    check_pieces(run, &m->span);
    wtr_buffer_clear(&run->fields);
    struct wtr_json_writer w = {.out = &run->fields};
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
    must(run->fields.failed || wtr_json_parse(&run->json, wtr_buffer_text(&run->fields)));
    run->heard = wtr_hash64(run->fields.data, run->fields.length, run->heard);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    struct run *run = payload;
    must(at <= span->length && length <= span->length - at && reason && *reason);
    run->heard = wtr_hash64(reason, strlen(reason), run->heard);
}

/* ---- what is sent */

static size_t from_hex(struct wtr_text text, uint8_t *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;
    for (; 2 * n + 1 < text.length; n++) {
        const char *high = memchr(digits, text.data[2 * n], 16),
                   *low = memchr(digits, text.data[2 * n + 1], 16);
        if (!high || !low)
            break;
        out[n] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return n;
}

static void read_stream(struct run *run, enum wtr_direction direction, struct wtr_sink *sink)
{
    struct side *side = &run->side[direction];
    size_t need = 0, kept = 0;
    const struct wtr_span unread = {(const uint8_t *)side->unread.data, side->unread.length, side->pieces,
                                    side->piece_count, NULL};
    size_t used = wtr_tls.stream(run->session, direction, &unread, &need, sink);
    side->pass = used > unread.length ? used - unread.length : 0; /* bytes to come that nobody wants */
    used -= side->pass;
    for (size_t i = 0; i < side->piece_count; i++) {
        struct wtr_piece piece = side->pieces[i];
        size_t cut = piece.at < used ? used - piece.at : 0;
        if (cut >= piece.length)
            continue;
        piece.at = piece.at + cut - used;
        piece.offset += cut;
        piece.length -= cut;
        side->pieces[kept++] = piece;
    }
    side->piece_count = kept;
    side->unread.length -= used;
    if (used)
        memmove(side->unread.data, side->unread.data + used, side->unread.length);
}

static struct wtr_piece next_piece(struct run *run, size_t at, size_t length)
{
    struct wtr_piece piece = {at, length, run->sent, run->sent, ++run->frame, (int64_t)run->frame * 1000, 0};
    run->sent += length;
    return piece;
}

static void send_datagram(struct run *run, enum wtr_direction direction, const uint8_t *bytes, size_t length,
                          struct wtr_sink *sink)
{
    struct wtr_piece piece = next_piece(run, 0, length);
    struct wtr_datagram d = {.direction = direction, .span = {bytes, length, &piece, 1, NULL}};
    d.from.port = direction == WTR_FROM_CLIENT ? 40000 : 5684;
    d.to.port = direction == WTR_FROM_CLIENT ? 5684 : 40000;
    wtr_dtls.datagram(run->datagrams, &d, sink);
}

static void send_bytes(struct run *run, enum wtr_direction direction, struct wtr_text hex,
                       struct wtr_sink *sink)
{
    struct side *side = &run->side[direction];
    uint8_t *bytes = malloc(hex.length / 2 + 1);
    size_t length = bytes ? from_hex(hex, bytes) : 0;
    if (length > 0 && run->dtls) {
        uint8_t *exact = malloc(length); /* a read past its end is seen */
        if (exact) {
            memcpy(exact, bytes, length);
            send_datagram(run, direction, exact, length, sink);
        }
        free(exact);
    } else if (length > 0) {
        size_t passed = side->pass < length ? side->pass : length;
        side->pass -= passed;
        run->sent += passed;
        if (passed < length) {
            side->pieces[side->piece_count++] = next_piece(run, side->unread.length, length - passed);
            wtr_put(&side->unread, bytes + passed, length - passed);
            read_stream(run, direction, sink);
        }
    }
    free(bytes);
}

static void lose(struct run *run, enum wtr_direction direction, struct wtr_text number)
{
    int64_t missing = 0;
    if (run->dtls || !wtr_decimal_int(number, &missing) || missing < 0)
        return;
    run->side[direction].unread.length = 0;
    run->side[direction].piece_count = 0;
    run->side[direction].pass = 0;
    wtr_tls.gap(run->session, direction, (uint64_t)missing);
}

static void take(struct run *run, struct wtr_text line, struct wtr_sink *sink)
{
    struct wtr_text rest = line.length ? wtr_text_of(line.data + 1, line.length - 1) : line;
    switch (line.length ? line.data[0] : '\0') {
    case 'k':
        (void)wtr_keyring_read(&run->keys, "keys", rest, &run->why);
        break;
    case 'd':
        run->dtls = true;
        break;
    case '>':
    case '<':
        send_bytes(run, line.data[0] == '<' ? WTR_FROM_SERVER : WTR_FROM_CLIENT, rest, sink);
        break;
    case '-':
    case '+':
        lose(run, line.data[0] == '+' ? WTR_FROM_SERVER : WTR_FROM_CLIENT, rest);
        break;
    default:
        break;
    }
}

/* ---- */

static uint64_t run_once(struct wtr_text text)
{
    struct run *run = calloc(1, sizeof *run);
    if (!run || !wtr_keyring_tls(&run->keys))
        abort();
    const struct wtr_session_setup setup = {.keys = &run->keys};
    struct wtr_sink sink = {.payload = run, .message = on_message, .finding = on_finding};
    run->session = calloc(1, wtr_tls.session_size);
    run->datagrams = calloc(1, wtr_dtls.datagram_state_size);
    if (!run->session || !run->datagrams)
        abort();
    wtr_tls.open(run->session, &setup);
    wtr_dtls.open_datagrams(run->datagrams, &setup);
    for (size_t i = 0; i < MAX_LINES && text.length > 0 && run->sent < MAX_SENT; i++)
        take(run, wtr_text_cut(&text, '\n'), &sink);
    wtr_tls.finish(run->session, &sink);
    wtr_dtls.finish_datagrams(run->datagrams, &sink);
    wtr_tls.close(run->session);
    wtr_dtls.close_datagrams(run->datagrams);
    uint64_t heard = run->heard;
    free(run->session);
    free(run->datagrams);
    for (size_t d = 0; d < 2; d++)
        wtr_buffer_free(&run->side[d].unread);
    wtr_buffer_free(&run->fields);
    wtr_buffer_free(&run->why);
    wtr_json_free(&run->json);
    wtr_keyring_free(&run->keys);
    free(run);
    return heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wtr_text text = wtr_text_of(data, size);
    must(run_once(text) == run_once(text));
    return 0;
}

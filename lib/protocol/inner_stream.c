/* SPDX-License-Identifier: Apache-2.0 */
/* Opened bytes in a row: offers, the claim, and reading. The rules of bids are those of connections
 * (packet/flow_claim.c), but a protocol's ports say nothing here. */
#include "protocol/inner_shown.h"

#include <stdlib.h>

enum {
    MOST_UNREAD = 8 << 20,
    MOST_JUDGED = 16, /* offers without interest, both directions together, before none is made any more */
    MOST_KEPT = 64 << 10, /* bytes kept for a protocol that wants to see more before it bids */
    ALWAYS_ASKED = 256,   /* up to here with every byte; beyond, when a sixteenth was added */
};

/* ---- bytes and their pieces */

static bool room_for_pieces(struct wtr_inner_side *side, size_t more)
{
    size_t count = side->piece_count + more;
    if (count <= side->piece_capacity)
        return true;
    struct wtr_piece *pieces = realloc(side->pieces, (count + count / 2) * sizeof *pieces);
    if (!pieces)
        return false;
    side->pieces = pieces;
    side->piece_capacity = count + count / 2;
    return true;
}

/* Puts the bytes behind the others; each stands for the unit's byte as far behind `at`. */
static bool append(struct wtr_inner_side *side, struct wtr_text plain, const struct wtr_span *unit, size_t at)
{
    size_t place = side->bytes.length;
    size_t end = at + plain.length;
    if (plain.length > MOST_UNREAD - place || !room_for_pieces(side, unit->piece_count))
        return false;
    wtr_put(&side->bytes, plain.data, plain.length);
    if (side->bytes.failed)
        return false;
    for (size_t i = 0; i < unit->piece_count; i++) {
        struct wtr_piece piece = unit->pieces[i];
        size_t from = piece.at > at ? piece.at : at;
        size_t to = piece.at + piece.length < end ? piece.at + piece.length : end;
        if (from >= to)
            continue;
        piece.offset += from - piece.at;
        piece.at = place;
        piece.length = to - from;
        place += piece.length;
        side->pieces[side->piece_count++] = piece;
    }
    return true;
}

static void discard(struct wtr_inner_side *side, size_t used)
{
    size_t kept = 0;
    if (used == 0)
        return;
    for (size_t i = 0; i < side->piece_count; i++) {
        struct wtr_piece piece = side->pieces[i];
        if (piece.at + piece.length <= used)
            continue;
        size_t cut = piece.at < used ? used - piece.at : 0;
        piece.at = piece.at + cut - used;
        piece.offset += cut;
        piece.length -= cut;
        side->pieces[kept++] = piece;
    }
    side->piece_count = kept;
    side->begun = true;
    side->offered = 0;
    side->need = 0;
    side->bytes.length -= used;
    memmove(side->bytes.data, side->bytes.data + used, side->bytes.length);
}

static struct wtr_span unread_of(const struct wtr_inner_side *side)
{
    return (struct wtr_span){(const uint8_t *)side->bytes.data, side->bytes.length, side->pieces,
                             side->piece_count, NULL};
}

/* ---- reading */

static void read_side(struct wtr_inner_stream *inner, enum wtr_direction direction, bool last)
{
    struct wtr_inner_side *side = &inner->side[direction];
    struct wtr_span unread = unread_of(side);
    struct wtr_sink sink = wtr_inner_sink(inner, direction);
    size_t used = 0;
    if (unread.length == 0 || (!last && unread.length < side->need))
        return;
    used = inner->protocol->stream(inner->session, direction, &unread, &side->need, &sink);
    size_t need = side->need;
    discard(side, used);
    side->need = need;
    unread = unread_of(side);
    if (last && unread.length && inner->protocol->end)
        discard(side, inner->protocol->end(inner->session, direction, &unread, &sink));
}

static void claim(struct wtr_inner_stream *inner, const struct wtr_protocol *protocol)
{
    const struct wtr_session_setup setup = {
        .mid_stream = inner->mid_stream || inner->side[0].begun || inner->side[1].begun, .keys = inner->keys};
    inner->session = calloc(1, protocol->session_size ? protocol->session_size : 1);
    if (!inner->session) {
        inner->judged = MOST_JUDGED;
        return;
    }
    inner->protocol = protocol;
    protocol->open(inner->session, &setup);
}

/* ---- bids */

static enum wtr_bid highest_bid(const struct wtr_inner_stream *inner, enum wtr_direction direction,
                                const struct wtr_protocol **winner)
{
    const struct wtr_inner_side *side = &inner->side[direction];
    const struct wtr_probe probe = {.bytes = (const uint8_t *)side->bytes.data,
                                    .length = side->bytes.length,
                                    .at_start = !side->begun && !inner->mid_stream};
    enum wtr_bid best = WTR_BID_NONE;
    *winner = NULL;
    for (const struct wtr_protocol *const *p = wtr_protocols; *p; p++) {
        bool carrier = strcmp((*p)->name, inner->inside) == 0;
        enum wtr_bid bid = (*p)->probe_stream && !carrier ? (*p)->probe_stream(&probe) : WTR_BID_NONE;
        if (bid > best) {
            best = bid;
            *winner = *p;
        } else if (bid == best) {
            *winner = NULL;
        }
    }
    return best >= WTR_BID_LIKELY && !*winner ? WTR_BID_MORE : best;
}

static void show_unclaimed(struct wtr_inner_stream *inner, enum wtr_direction direction)
{
    struct wtr_inner_side *side = &inner->side[direction];
    struct wtr_span unread = unread_of(side);
    if (unread.length)
        wtr_inner_show_data(inner, direction, &unread);
    discard(side, unread.length);
}

static void offer(struct wtr_inner_stream *inner, enum wtr_direction direction)
{
    struct wtr_inner_side *side = &inner->side[direction];
    size_t length = side->bytes.length;
    const struct wtr_protocol *winner = NULL;
    enum wtr_bid bid = WTR_BID_NONE;
    if (length > ALWAYS_ASKED && length - side->offered <= side->offered / 16)
        return;
    if (inner->judged < MOST_JUDGED)
        bid = highest_bid(inner, direction, &winner);
    if (bid >= WTR_BID_LIKELY)
        claim(inner, winner);
    side->offered = length;
    if (inner->protocol) {
        read_side(inner, direction, false);
        read_side(inner, !direction, false);
    } else if (bid == WTR_BID_NONE || length >= MOST_KEPT) {
        inner->judged++;
        show_unclaimed(inner, direction);
    }
}

/* ---- what the carrier tells */

void wtr_inner_feed(struct wtr_inner_stream *inner, enum wtr_direction direction, struct wtr_text plain,
                    const struct wtr_span *unit, size_t at, const struct wtr_opening *opening,
                    struct wtr_sink *sink)
{
    struct wtr_inner_side *side = &inner->side[direction];
    if (plain.length == 0)
        return;
    inner->sink = sink;
    side->opening = *opening;
    if (!append(side, plain, unit, at) || !wtr_inner_remember(side, unit)) {
        sink->finding(sink->payload, unit, 0, unit->length, "no room for what was opened");
        wtr_inner_gap(inner, direction);
        return;
    }
    if (inner->protocol)
        read_side(inner, direction, false);
    else
        offer(inner, direction);
}

void wtr_inner_gap(struct wtr_inner_stream *inner, enum wtr_direction direction)
{
    struct wtr_inner_side *side = &inner->side[direction];
    if (!inner->protocol && side->bytes.length && inner->sink)
        show_unclaimed(inner, direction);
    discard(side, side->bytes.length);
    wtr_buffer_clear(&side->bytes);
    side->begun = true;
    side->need = 0;
    if (inner->protocol)
        inner->protocol->gap(inner->session, direction, 0);
}

void wtr_inner_end(struct wtr_inner_stream *inner, enum wtr_direction direction)
{
    inner->side[direction].ended = true;
}

void wtr_inner_finish(struct wtr_inner_stream *inner, struct wtr_sink *sink)
{
    inner->sink = sink;
    for (unsigned d = 0; d < 2; d++) {
        if (!inner->protocol)
            show_unclaimed(inner, (enum wtr_direction)d);
        else if (inner->side[d].ended)
            read_side(inner, (enum wtr_direction)d, true);
    }
}

void wtr_inner_free(struct wtr_inner_stream *inner)
{
    if (inner->protocol && inner->protocol->close)
        inner->protocol->close(inner->session);
    free(inner->session);
    for (unsigned d = 0; d < 2; d++) {
        for (size_t i = 0; i < WTR_INNER_UNITS; i++)
            free(inner->side[d].units[i].pieces);
        wtr_buffer_wipe(&inner->side[d].bytes);
        free(inner->side[d].pieces);
    }
    free(inner->shown);
    inner->session = NULL;
    inner->protocol = NULL;
}

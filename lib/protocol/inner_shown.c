/* SPDX-License-Identifier: Apache-2.0 */
/* Messages from inside, put back to their places. */
#include "protocol/inner_shown.h"

#include "protocol/data.h"

#include <stdlib.h>

/* ---- units without places */

bool wtr_inner_remember(struct wtr_inner_side *side, const struct wtr_span *unit)
{
    struct wtr_inner_unit *kept = &side->units[side->unit_count % WTR_INNER_UNITS];
    if (side->opening.keeps_places)
        return true;
    struct wtr_piece *pieces = realloc(kept->pieces, (unit->piece_count + 1) * sizeof *pieces);
    if (!pieces)
        return false;
    memcpy(pieces, unit->pieces, unit->piece_count * sizeof *pieces);
    *kept = (struct wtr_inner_unit){pieces, unit->piece_count};
    side->unit_count++;
    return true;
}

static bool holds(const struct wtr_inner_unit *unit, const struct wtr_piece *piece)
{
    for (size_t i = 0; i < unit->count; i++) {
        const struct wtr_piece *p = &unit->pieces[i];
        if (p->record_offset == piece->record_offset && piece->offset >= p->offset &&
            piece->offset - p->offset < p->length)
            return true;
    }
    return false;
}

/* The unit that the piece stands for a part of; NULL: it is long past. */
static const struct wtr_inner_unit *unit_of(const struct wtr_inner_side *side, const struct wtr_piece *piece)
{
    for (size_t i = 0; i < WTR_INNER_UNITS; i++)
        if (holds(&side->units[i], piece))
            return &side->units[i];
    return NULL;
}

/* ---- a message's span */

static bool show_piece(struct wtr_inner_stream *inner, struct wtr_piece piece)
{
    if (inner->shown_count == inner->shown_capacity) {
        size_t capacity = inner->shown_capacity ? inner->shown_capacity * 2 : 8;
        struct wtr_piece *pieces = realloc(inner->shown, capacity * sizeof *pieces);
        if (!pieces)
            return false;
        inner->shown = pieces;
        inner->shown_capacity = capacity;
    }
    const struct wtr_piece *last = inner->shown_count ? &inner->shown[inner->shown_count - 1] : NULL;
    piece.at = last ? last->at + last->length : 0;
    inner->shown[inner->shown_count++] = piece;
    return true;
}

/* All pieces of the units that the span's pieces stand for, each unit once. */
static bool show_units(struct wtr_inner_stream *inner, const struct wtr_span *span)
{
    const struct wtr_inner_side *side = &inner->side[inner->reading];
    const struct wtr_inner_unit *last = NULL;
    inner->shown_count = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_inner_unit *unit = unit_of(side, &span->pieces[i]);
        if (!unit && !show_piece(inner, span->pieces[i]))
            return false;
        for (size_t k = 0; unit && unit != last && k < unit->count; k++)
            if (!show_piece(inner, unit->pieces[k]))
                return false;
        last = unit;
    }
    return true;
}

/* What opened the span: the carrier's steps, and then those that the protocol inside took. */
static void show_opening(struct wtr_inner_stream *inner, const struct wtr_opening *within)
{
    const struct wtr_opening *outer = &inner->side[inner->reading].opening;
    inner->opening = *outer;
    if (!within)
        return;
    size_t first = strlen(outer->steps), second = strlen(within->steps);
    inner->opening.keeps_places = outer->keeps_places && within->keeps_places;
    if (first + 1 + second < sizeof inner->steps) {
        memcpy(inner->steps, outer->steps, first);
        inner->steps[first] = '+';
        memcpy(inner->steps + first + 1, within->steps, second + 1);
        inner->opening.steps = inner->steps;
    }
    if (within->key) {
        inner->opening.key = within->key;
        inner->opening.key_origin = within->key_origin;
    }
}

/* The span as the evidence has it; false if there is no memory. */
static bool show(struct wtr_inner_stream *inner, const struct wtr_span *span, struct wtr_span *shown)
{
    *shown = *span;
    show_opening(inner, span->opening);
    shown->opening = &inner->opening;
    if (inner->side[inner->reading].opening.keeps_places)
        return true;
    bool made = show_units(inner, span);
    shown->pieces = inner->shown;
    shown->piece_count = inner->shown_count;
    return made;
}

/* ---- the sink */

const char *wtr_inner_over(const char *outer, const char *inner)
{
    static const char *const known[][3] = {
        {"tls", "http", "tls/http"},
        {"tls", "http/websocket", "tls/http/websocket"},
        {"tls/http", "http", "tls/http"},
        {"dtls", "http", "dtls/http"},
        {"dtls", "http/websocket", "dtls/http/websocket"},
    };
    for (size_t i = 0; inner && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i][0], outer) == 0 && strcmp(known[i][1], inner) == 0)
            return known[i][2];
    return outer;
}

static void on_message(void *payload, const struct wtr_message *message)
{
    struct wtr_inner_stream *inner = payload;
    struct wtr_message shown = *message;
    shown.over = wtr_inner_over(inner->inside, message->over);
    if (show(inner, &message->span, &shown.span))
        inner->sink->message(inner->sink->payload, &shown);
    else
        inner->sink->finding(inner->sink->payload, &message->span, 0, message->span.length,
                             "no memory for a message");
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    struct wtr_inner_stream *inner = payload;
    struct wtr_span shown;
    if (show(inner, span, &shown))
        inner->sink->finding(inner->sink->payload, &shown, at, length, reason);
}

struct wtr_sink wtr_inner_sink(struct wtr_inner_stream *inner, enum wtr_direction direction)
{
    inner->reading = direction;
    return (struct wtr_sink){.payload = inner, .message = on_message, .finding = on_finding};
}

void wtr_inner_show_data(struct wtr_inner_stream *inner, enum wtr_direction direction,
                         const struct wtr_span *span)
{
    struct wtr_sink sink = wtr_inner_sink(inner, direction);
    const struct wtr_data data = {wtr_text_of(span->bytes, span->length), inner->inside};
    const struct wtr_message message = {
        .protocol = &wtr_data, .type = "data", .direction = direction, .span = *span, .body = &data};
    sink.message(sink.payload, &message);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT over WebSocket (MQTT 3.1.1 and 5.0, section 6): the payloads of binary messages, one behind the other,
 * are the stream; a packet may begin and end anywhere in them. */
#include "protocol/websocket_wire.h"

enum { LONGEST_UNREAD = 2 * WTR_MQTT_MAX_PACKET };

/* Hands on what MQTT finds, as carried by WebSocket. */
static void on_message(void *payload, const struct wtr_message *message)
{
    struct wtr_sink *outer = payload;
    struct wtr_message carried = *message;
    carried.over = "http/websocket";
    outer->message(outer->payload, &carried);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    struct wtr_sink *outer = payload;
    outer->finding(outer->payload, span, at, length, reason);
}

static struct wtr_span unread_of(const struct wtr_websocket_side *side, const struct wtr_opening *opening)
{
    return (struct wtr_span){(const uint8_t *)side->unread.data, side->unread.length,
                             side->unread_pieces.pieces, side->unread_pieces.count, opening};
}

/* Takes `used` bytes from the front; the pieces of the rest are written over the list that they are in. */
static void discard(struct wtr_websocket_side *side, size_t used)
{
    struct wtr_piece_list *list = &side->unread_pieces;
    size_t kept = 0;
    if (used == 0)
        return;
    for (size_t i = 0; i < list->count; i++) {
        struct wtr_piece piece = list->pieces[i];
        if (piece.at + piece.length <= used)
            continue;
        size_t cut = piece.at < used ? used - piece.at : 0;
        piece.at = piece.at + cut - used;
        piece.offset += cut;
        piece.length -= cut;
        list->pieces[kept++] = piece;
    }
    list->count = kept;
    list->length -= used;
    list->hint = 0;
    side->unread.length -= used;
    memmove(side->unread.data, side->unread.data + used, side->unread.length);
}

void wtr_websocket_mqtt_gap(struct wtr_websocket_state *state, enum wtr_direction direction)
{
    struct wtr_websocket_side *side = &state->side[direction];
    wtr_buffer_clear(&side->unread);
    wtr_piece_list_clear(&side->unread_pieces);
    wtr_mqtt.gap(&state->inner, direction, 0);
}

void wtr_websocket_feed_mqtt(struct wtr_websocket_state *state, enum wtr_direction direction,
                             const struct wtr_span *span, size_t from, struct wtr_sink *sink)
{
    struct wtr_websocket_side *side = &state->side[direction];
    size_t length = span->length - from;
    if (length == 0)
        return;
    side->unread_pieces.hint = 0;
    wtr_put(&side->unread, span->bytes + from, length);
    if (!wtr_piece_list_add(&side->unread_pieces, span, from, length) || side->unread.failed ||
        side->unread.length > LONGEST_UNREAD) {
        sink->finding(sink->payload, span, from, length, "no room for MQTT's bytes");
        wtr_websocket_mqtt_gap(state, direction);
        return;
    }
    struct wtr_sink inner = {.payload = sink, .message = on_message, .finding = on_finding};
    struct wtr_opening opening = {.steps = span->opening ? span->opening->steps : "websocket",
                                  .keeps_places = true};
    struct wtr_span unread = unread_of(side, &opening);
    size_t need;
    discard(side, wtr_mqtt.stream(&state->inner, direction, &unread, &need, &inner));
}

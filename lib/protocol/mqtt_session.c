/* SPDX-License-Identifier: Apache-2.0 */
/* An MQTT connection: the bytes of each direction to packets, across segments, losses and damage.
 *
 * As long as a direction was followed without a loss, packets begin where the last one ended, and a malformed
 * one whose length can be read is passed over exactly. A loss of known length inside a packet of known length
 * leaves its end known as well; any other loss, and a length that can't be read, calls for a search
 * (mqtt_search.c). Once the place rests on a search or a loss's length, a malformed packet counts as a sign
 * that it was wrong. */
#include "protocol/mqtt_state.h"

#include <stdlib.h>

/* One call of stream(). */
struct walk {
    struct wtr_mqtt_session *session;
    enum wtr_direction direction;
    struct wtr_mqtt_finder *finder;
    const struct wtr_span *span;
    struct wtr_sink *sink;
    size_t at;    /* the first byte that is not done with */
    size_t piece; /* holds it */
    size_t need;
};

static void open_session(void *session, const struct wtr_session_setup *setup)
{
    struct wtr_mqtt_session *s = session;
    s->mid_stream = setup->mid_stream;
    s->lost[WTR_FROM_CLIENT] = s->lost[WTR_FROM_SERVER] = setup->mid_stream;
}

static void close_session(void *session)
{
    struct wtr_mqtt_session *s = session;
    wtr_mqtt_forget_aliases(s, WTR_FROM_CLIENT);
    wtr_mqtt_forget_aliases(s, WTR_FROM_SERVER);
    free(s->client_id);
    free(s->username);
    free(s->pieces);
    s->client_id = s->username = NULL;
    s->pieces = NULL;
    s->piece_capacity = 0;
}

static void find(const struct walk *w, size_t at, size_t length, const char *reason)
{
    w->sink->finding(w->sink->payload, w->span, at, length, reason);
}

/* ---- a message's bytes with their pieces */

/* Moves on to the piece that holds w->at. */
static void follow_piece(struct walk *w)
{
    const struct wtr_piece *pieces = w->span->pieces;
    while (w->piece < w->span->piece_count && pieces[w->piece].at + pieces[w->piece].length <= w->at)
        w->piece++;
}

static size_t count_pieces(const struct walk *w, size_t length)
{
    size_t count = 1;
    for (size_t i = w->piece + 1; i < w->span->piece_count && w->span->pieces[i].at < w->at + length; i++)
        count++;
    return count;
}

static bool room_for_pieces(struct wtr_mqtt_session *session, size_t count)
{
    if (count <= session->piece_capacity)
        return true;
    struct wtr_piece *pieces = realloc(session->pieces, count * sizeof *pieces);
    if (!pieces)
        return false;
    session->pieces = pieces;
    session->piece_capacity = count;
    return true;
}

/* The packet at w->at as a span of its own. False if there is no memory for its pieces. */
static bool cut_span(struct walk *w, size_t length, struct wtr_span *span)
{
    follow_piece(w);
    size_t count = w->span->piece_count ? count_pieces(w, length) : 0;
    if (!room_for_pieces(w->session, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct wtr_piece piece = w->span->pieces[w->piece + i];
        size_t from = piece.at > w->at ? piece.at : w->at;
        size_t end = piece.at + piece.length;
        if (end > w->at + length)
            end = w->at + length;
        piece.offset += from - piece.at;
        piece.at = from - w->at;
        piece.length = end - from;
        w->session->pieces[i] = piece;
    }
    *span = (struct wtr_span){w->span->bytes + w->at, length, w->session->pieces, count, w->span->opening};
    return true;
}

/* ---- one packet */

static const char *const type_names[] = {
    [WTR_MQTT_CONNECT] = "connect",   [WTR_MQTT_CONNACK] = "connack",
    [WTR_MQTT_PUBLISH] = "publish",   [WTR_MQTT_PUBACK] = "puback",
    [WTR_MQTT_PUBREC] = "pubrec",     [WTR_MQTT_PUBREL] = "pubrel",
    [WTR_MQTT_PUBCOMP] = "pubcomp",   [WTR_MQTT_SUBSCRIBE] = "subscribe",
    [WTR_MQTT_SUBACK] = "suback",     [WTR_MQTT_UNSUBSCRIBE] = "unsubscribe",
    [WTR_MQTT_UNSUBACK] = "unsuback", [WTR_MQTT_PINGREQ] = "pingreq",
    [WTR_MQTT_PINGRESP] = "pingresp", [WTR_MQTT_DISCONNECT] = "disconnect",
    [WTR_MQTT_AUTH] = "auth",
};

/* Before it gets a CONNECT a broker sends nothing: its first byte that is seen begins a packet. */
static void begin_broker(struct wtr_mqtt_session *session, enum wtr_direction client)
{
    enum wtr_direction broker = client == WTR_FROM_CLIENT ? WTR_FROM_SERVER : WTR_FROM_CLIENT;
    struct wtr_mqtt_finder *finder = &session->finder[broker];
    bool nothing_seen = finder->front == WTR_MQTT_FRONT_START && finder->last_segment == 0;
    if (!session->lost[broker] || !nothing_seen)
        return;
    session->lost[broker] = false;
    finder->doubtful = true;
}

static void deliver(struct walk *w, struct wtr_mqtt_packet *packet, size_t length)
{
    struct wtr_message message = {
        .protocol = &wtr_mqtt,
        .type = type_names[packet->type],
        .direction = w->direction,
        .body = packet,
        .session = w->session,
    };
    const char *contradiction = wtr_mqtt_take_role(w->session, w->direction, packet->type);
    if (contradiction)
        find(w, w->at, length, contradiction);
    contradiction = wtr_mqtt_take_packet(w->session, w->direction, packet);
    if (contradiction)
        find(w, w->at, length, contradiction);
    if (packet->type == WTR_MQTT_CONNECT)
        begin_broker(w->session, w->direction);
    if (cut_span(w, length, &message.span))
        w->sink->message(w->sink->payload, &message);
    else
        find(w, w->at, length, "no memory for a message");
}

/* What is passed over may have set a topic alias. */
static void forget(struct walk *w)
{
    wtr_mqtt_forget_aliases(w->session, w->direction);
}

/* From w->at on nothing is known of where packets begin: the rest of the segment is passed over. */
static void lose_step(struct walk *w, const char *reason)
{
    follow_piece(w);
    const struct wtr_piece *piece = &w->span->pieces[w->piece];
    bool whole = !(w->piece == 0 && w->finder->cut);
    size_t end = piece->at + piece->length;
    find(w, w->at, end - w->at, reason);
    w->at = end;
    w->finder->front = whole ? WTR_MQTT_FRONT_SEGMENT : WTR_MQTT_FRONT_UNKNOWN;
    w->finder->front_segment = piece->length;
    w->finder->front_ns = piece->time_ns;
    w->session->lost[w->direction] = true;
    w->session->gap_seen = true;
    forget(w);
}

/* The version whose rules hold; 0: none is known. */
static uint8_t rules(const struct wtr_mqtt_session *session)
{
    return session->version ? session->version : session->before_5 ? WTR_MQTT_BEFORE_5 : 0;
}

static void read_packet(struct walk *w, size_t length)
{
    struct wtr_mqtt_session *session = w->session;
    const uint8_t *bytes = w->span->bytes + w->at;
    struct wtr_mqtt_packet packet;
    size_t total, place;
    const char *reason;
    if (wtr_mqtt_refute_presumption(session, bytes, length))
        find(w, w->at, length, "not version 5, which packets before this one were taken to be");
    enum wtr_mqtt_verdict verdict =
        wtr_mqtt_decode(bytes, length, rules(session), &packet, &total, &place, &reason);
    if (verdict == WTR_MQTT_MALFORMED && packet.version >= 3 && packet.type == WTR_MQTT_CONNECT) {
        wtr_mqtt_take_role(session, w->direction, packet.type);
        wtr_mqtt_adopt_version(session, &packet);
    }
    if (verdict == WTR_MQTT_MALFORMED && w->finder->doubtful) {
        lose_step(w, reason);
        return;
    }
    if (reason)
        find(w, w->at + place, length - place, reason);
    if (verdict == WTR_MQTT_WHOLE)
        deliver(w, &packet, length);
    else
        forget(w);
    w->at += length;
}

/* A packet of a version that nothing will tell. */
static void pass_unsettled(struct walk *w, size_t length)
{
    struct wtr_mqtt_packet packet;
    size_t total, place;
    const char *reason;
    wtr_mqtt_decode(w->span->bytes + w->at, length, 0, &packet, &total, &place, &reason);
    if (reason && w->finder->doubtful) {
        lose_step(w, reason);
        return;
    }
    find(w, w->at, length, reason ? reason : "whether it is version 5 can't be told");
    forget(w);
    w->at += length;
}

static void pass_oversized(struct walk *w, size_t length)
{
    find(w, w->at, w->span->length - w->at, "a packet of more than 1 MiB is passed over");
    w->session->skip[w->direction] = length;
    w->finder->skip_reason = NULL;
    forget(w);
}

/* Waits for more bytes. Every segment is asked for, so that at a gap it is known how many bytes were there.
 */
static bool wait_for_rest(struct walk *w, size_t total)
{
    w->finder->unfinished = total;
    w->finder->unfinished_have = w->span->length - w->at;
    w->need = 0;
    return false;
}

/* Reads the packet at w->at; false if more bytes are needed. */
static bool step(struct walk *w)
{
    size_t available = w->span->length - w->at;
    const uint8_t *bytes = w->span->bytes + w->at;
    struct wtr_mqtt_header header;
    enum wtr_mqtt_varint verdict = wtr_mqtt_read_header(bytes, available, &header);
    if (verdict == WTR_MQTT_VARINT_CUT)
        return wait_for_rest(w, 0);
    if (verdict == WTR_MQTT_VARINT_LONG) {
        lose_step(w, "remaining length runs past four bytes");
        return true;
    }
    const char *fault = wtr_mqtt_header_fault(&header, rules(w->session));
    bool huge = header.total > WTR_MQTT_MAX_PACKET;
    if (huge && w->finder->doubtful && !fault)
        fault = "a length of more than 1 MiB where packets were searched for";
    if (fault && (huge || w->finder->doubtful)) {
        lose_step(w, fault);
        return true;
    }
    if (huge) {
        pass_oversized(w, header.total);
        return true;
    }
    if (header.total > available)
        return wait_for_rest(w, header.total);
    if (rules(w->session) != 0) {
        read_packet(w, header.total);
        return true;
    }
    enum wtr_mqtt_settling settling = wtr_mqtt_settle_version(w->session, bytes, available);
    if (settling == WTR_MQTT_SETTLED)
        read_packet(w, header.total);
    else if (settling == WTR_MQTT_UNSETTLED)
        pass_unsettled(w, header.total);
    return settling != WTR_MQTT_HOLD;
}

/* ---- a direction */

static void pass_over(struct walk *w)
{
    uint64_t *skip = &w->session->skip[w->direction];
    size_t left = w->span->length - w->at;
    size_t length = *skip < left ? (size_t)*skip : left;
    if (w->finder->skip_reason)
        find(w, w->at, length, w->finder->skip_reason);
    *skip -= length;
    w->at += length;
}

static bool search(struct walk *w)
{
    size_t from = w->at;
    bool found = wtr_mqtt_search(w->session, w->direction, w->span, &w->at, &w->need);
    if (w->at > from)
        find(w, from, w->at - from, "bytes before a packet boundary was found again");
    if (!found)
        return false;
    w->session->lost[w->direction] = false;
    w->session->resynchronised[w->direction] = true;
    w->finder->doubtful = true;
    return true;
}

static void note_last_segment(struct wtr_mqtt_finder *finder, const struct wtr_span *unread)
{
    if (unread->piece_count == 0 || (unread->piece_count == 1 && finder->cut))
        return;
    finder->last_segment = unread->pieces[unread->piece_count - 1].length;
    if (finder->last_segment > finder->longest_segment)
        finder->longest_segment = finder->last_segment;
}

/* Whether the bytes from w->at on begin inside a segment. */
static bool ends_inside(struct walk *w)
{
    if (w->at == w->span->length)
        return false;
    follow_piece(w);
    return w->span->pieces[w->piece].at < w->at || (w->at == 0 && w->finder->cut);
}

static size_t stream(void *session, enum wtr_direction direction, const struct wtr_span *unread, size_t *need,
                     struct wtr_sink *sink)
{
    struct wtr_mqtt_session *s = session;
    struct walk w = {
        .session = s, .direction = direction, .finder = &s->finder[direction], .span = unread, .sink = sink};
    note_last_segment(w.finder, unread);
    w.finder->unfinished = 0;
    bool goes_on = true;
    while (goes_on && w.at < unread->length) {
        if (s->skip[direction] > 0)
            pass_over(&w);
        else
            goes_on = s->lost[direction] ? search(&w) : step(&w);
    }
    w.finder->cut = ends_inside(&w);
    *need = w.need;
    return w.at;
}

/* How many bytes of the packet that was being read are still to come behind `missing` lost ones; false if it
 * may have ended among them. */
static bool end_is_known(const struct wtr_mqtt_session *session, enum wtr_direction direction,
                         uint64_t missing, uint64_t *left)
{
    const struct wtr_mqtt_finder *finder = &session->finder[direction];
    uint64_t expected = session->skip[direction];
    if (expected == 0 && finder->unfinished > 0)
        expected = finder->unfinished - finder->unfinished_have;
    if (missing == 0 || missing > expected)
        return false;
    *left = expected - missing;
    return true;
}

static void gap(void *session, enum wtr_direction direction, uint64_t missing)
{
    struct wtr_mqtt_session *s = session;
    struct wtr_mqtt_finder *finder = &s->finder[direction];
    s->gap_seen = true;
    wtr_mqtt_forget_aliases(s, direction);
    uint64_t left = 0;
    s->lost[direction] = !end_is_known(s, direction, missing, &left);
    s->skip[direction] = left;
    finder->skip_reason = "the rest of a packet of which bytes were lost";
    finder->doubtful = true;
    /* The segments that were lost were not full ones if all of them together, with the last one before them
     * (which a capture may have cut), are not. */
    finder->front = missing > 0 ? WTR_MQTT_FRONT_SEGMENT : WTR_MQTT_FRONT_UNKNOWN;
    finder->front_segment = missing < UINT32_MAX ? finder->last_segment + missing : UINT32_MAX;
    finder->front_ns = INT64_MAX;
    finder->unfinished = 0;
    finder->cut = false;
}

static enum wtr_bid probe_stream(const struct wtr_probe *probe)
{
    return wtr_mqtt_probe(probe);
}

static void fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    wtr_mqtt_fields(message, out);
}

/* MQTT's own port (IANA). */
static const uint16_t ports[] = {1883, 0};

const struct wtr_protocol wtr_mqtt = {
    .name = "mqtt",
    .session_size = sizeof(struct wtr_mqtt_session),
    .probe_stream = probe_stream,
    .open = open_session,
    .close = close_session,
    .stream = stream,
    .gap = gap,
    .fields = fields,
    .ports = ports,
};

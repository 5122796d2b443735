/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a packet boundary again, where a capture begins inside a connection, behind lost bytes and behind
 * bytes that are not MQTT.
 *
 * MQTT marks no boundary, and a payload may hold whole packets, so nothing in the bytes alone proves one. The
 * search believes a place only if
 *  - it is the first byte of a TCP segment; and
 *  - what stands directly before it is known not to run over it: a segment with which a write ended; or
 * nothing was seen before it at all, and the segment itself is shorter than 536 bytes and ends with a packet;
 * and
 *  - from there on come sound packets one behind the other (mqtt_run.c), of a version and of a role that
 *    fit what the connection has shown, until one of them ends exactly with a segment; and
 *  - they are evidence enough: a PUBLISH, a SUBSCRIBE or another telling packet, or two of the small ones.
 * What is not whole yet is waited for, up to 16 KiB. Until a place is believed, nothing is read.
 *
 * A write ended with a segment that was not a full one: it is shorter than 64 bytes; or than 1220 bytes and
 * another segment of this direction; or than 536 bytes, and the next one came a second later or more. 536 and
 * 1220 are TCP's defaults for IPv4 and IPv6 (RFC 9293 3.7.1). Longer segments are not compared, because a
 * capture may show several that were sent as one, and of lost ones only their length together is known.
 *
 * So a long packet whose beginning was lost is not read from within: the segments of its payload are full
 * ones, and only what follows another is looked at. The search is fooled if all of these come together: a
 * payload made to hold packets; a loss that took its header (with the header, mqtt_session.c knows the end);
 * and either a capture that begins with that payload's last segment, with a packet at its first byte and
 * another's end at its last, or a sender that cuts one packet into segments so short or so slow as above. */
#include "protocol/mqtt_wire.h"

enum {
    ALWAYS_SHORT = 64,
    DEFAULT_SEGMENT_IPV4 = 536,
    DEFAULT_SEGMENT_IPV6 = 1220,
    SEARCH_LIMIT = 16 * 1024,
};

#define PAUSE_NS UINT64_C(1000000000)

enum verdict { FOUND, WAIT, REFUSED };

/* One place that may be a boundary. */
struct candidate {
    const struct wtr_span *span;
    size_t piece; /* begins there */
    enum wtr_mqtt_front front;
    struct wtr_mqtt_run run;
};

/* Whether a segment of this length was not a full one. */
static bool is_short(const struct wtr_mqtt_finder *finder, uint64_t length)
{
    return length < ALWAYS_SHORT || (length < DEFAULT_SEGMENT_IPV6 && length < finder->longest_segment);
}

/* What the connection has shown already, as the beginning of a run. */
static struct wtr_mqtt_run run_of(const struct wtr_mqtt_session *session, enum wtr_direction direction)
{
    bool proved_5 = session->version == 5 && !session->version_presumed;
    bool proved_before = session->version == 3 || session->version == 4 || session->before_5;
    struct wtr_mqtt_run run = {.before_5 = !proved_5, .in_5 = !proved_before};
    if (session->roles_known)
        run.roles = session->broker == direction ? WTR_MQTT_BROKER_SENDS : WTR_MQTT_CLIENT_SENDS;
    return run;
}

static size_t end_of(const struct wtr_piece *piece)
{
    return piece->at + piece->length;
}

/* Judges packet after packet from the candidate on. */
static enum verdict judge(struct candidate *c, size_t *need)
{
    const struct wtr_piece *pieces = c->span->pieces;
    size_t start = pieces[c->piece].at;
    size_t segment = c->piece;
    for (;;) {
        size_t total = 0;
        enum wtr_mqtt_step step =
            wtr_mqtt_run_step(&c->run, c->span->bytes + start, c->span->length - start, &total);
        size_t at = start + c->run.length;
        bool first_must_end = c->front == WTR_MQTT_FRONT_START && segment == c->piece;
        if (step == WTR_MQTT_STEP_BROKEN)
            return REFUSED;
        if (step == WTR_MQTT_STEP_END) {
            *need = c->run.length + 1;
            return WAIT;
        }
        if (step == WTR_MQTT_STEP_UNFINISHED) {
            *need = c->run.length + total;
            return first_must_end || *need > SEARCH_LIMIT ? REFUSED : WAIT;
        }
        if (first_must_end && at > end_of(&pieces[segment]))
            return REFUSED;
        while (end_of(&pieces[segment]) < at)
            segment++;
        if (end_of(&pieces[segment]) > at)
            continue;
        if (c->run.weight >= WTR_MQTT_ENOUGH_WEIGHT)
            return FOUND;
        segment++;
    }
}

static void note_segments(struct wtr_mqtt_finder *finder, const struct wtr_span *span)
{
    for (size_t i = 0; i < span->piece_count; i++)
        if (span->pieces[i].length > finder->longest_segment)
            finder->longest_segment = span->pieces[i].length;
}

/* Whether the segment came a second or more after the one before it. */
static bool came_later(const struct wtr_mqtt_finder *finder, const struct wtr_piece *piece)
{
    return piece->time_ns > finder->front_ns &&
           (uint64_t)piece->time_ns - (uint64_t)finder->front_ns >= PAUSE_NS;
}

static bool worth_judging(const struct wtr_mqtt_finder *finder, const struct wtr_piece *piece)
{
    if (finder->front == WTR_MQTT_FRONT_START)
        return piece->length < DEFAULT_SEGMENT_IPV4;
    if (finder->front == WTR_MQTT_FRONT_UNKNOWN)
        return false;
    return is_short(finder, finder->front_segment) ||
           (finder->front_segment < DEFAULT_SEGMENT_IPV4 && came_later(finder, piece));
}

bool wtr_mqtt_search(struct wtr_mqtt_session *session, enum wtr_direction direction,
                     const struct wtr_span *span, size_t *at, size_t *need)
{
    struct wtr_mqtt_finder *finder = &session->finder[direction];
    note_segments(finder, span);
    *need = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_piece *piece = &span->pieces[i];
        if (end_of(piece) <= *at)
            continue;
        if (worth_judging(finder, piece)) {
            struct candidate candidate = {span, i, finder->front, run_of(session, direction)};
            enum verdict verdict = judge(&candidate, need);
            if (verdict != REFUSED)
                return verdict == FOUND;
        }
        *need = 0;
        *at = end_of(piece);
        finder->front = WTR_MQTT_FRONT_SEGMENT;
        finder->front_segment = piece->length;
        finder->front_ns = piece->time_ns;
    }
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a packet boundary again, where a capture begins inside a connection, behind lost bytes and behind
 * bytes that are not MQTT.
 *
 * MQTT marks no boundary, and a payload may hold whole packets, so nothing in the bytes alone proves one. The
 * search believes a place only if
 *  - it is the first byte of a TCP segment; and
 *  - what stands directly before it is known not to run over it: a segment that was not a full one, so that
 *    a write ended there; or nothing was seen before it at all, and the segment itself is not a full one and
 *    ends with a packet; and
 *  - from there on come sound packets one behind the other (mqtt_run.c), of a version and of a role that
 *    fit what the connection has shown, until one of them ends exactly with a segment; and
 *  - they are evidence enough: a PUBLISH, a SUBSCRIBE or another telling packet, or two of the small ones.
 * What is not whole yet is waited for, up to 16 KiB. Until a place is believed, nothing is read.
 *
 * A segment is not a full one if it is shorter than TCP's default for IPv4, 536 bytes, or than that for IPv6,
 * 1220, and another one of this direction was longer (RFC 9293 3.7.1). Longer segments are not compared: a
 * capture may show several that were sent as one.
 *
 * So a long packet whose beginning was lost is not read from within: the segments of its payload are full
 * ones, and only what follows a short one is looked at. The search is fooled if all of these come together: a
 * payload made to hold packets; a loss that took its header (with the header, mqtt_session.c knows the end);
 * and either a capture that begins with that payload's last segment, with a packet at its first byte and
 * another's end at its last, or a sender that cuts one packet into segments shorter than the defaults. */
#include "protocol/mqtt_wire.h"

enum { DEFAULT_SEGMENT_IPV4 = 536, DEFAULT_SEGMENT_IPV6 = 1220, SEARCH_LIMIT = 16 * 1024 };

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
    return length < DEFAULT_SEGMENT_IPV4 ||
           (length < DEFAULT_SEGMENT_IPV6 && length < finder->longest_segment);
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

static bool worth_judging(const struct wtr_mqtt_finder *finder, const struct wtr_piece *piece)
{
    if (finder->front == WTR_MQTT_FRONT_START)
        return is_short(finder, piece->length);
    return finder->front == WTR_MQTT_FRONT_SEGMENT && is_short(finder, finder->front_segment);
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
    }
    return false;
}

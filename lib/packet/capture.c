/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files in general: which formats there are, findings, counts, and the way back into step. */
#include "packet/capture_internal.h"

#include <stdlib.h>

static const struct wtr_capture_format *const formats[] = {&wtr_capture_pcap, &wtr_capture_pcapng};

enum { MAGIC_SIZE = 4 };

static const struct wtr_capture_format *format_of(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; length >= MAGIC_SIZE && i < sizeof formats / sizeof formats[0]; i++) {
        if (formats[i]->recognise(bytes, length)) {
            return formats[i];
        }
    }
    return NULL;
}

bool wtr_capture_recognise(const uint8_t *bytes, size_t length)
{
    return format_of(bytes, length) != NULL;
}

static enum wtr_status begin(struct wtr_capture *capture)
{
    size_t have = 0;
    const uint8_t *bytes = wtr_input_peek(capture->input, MAGIC_SIZE, &have);
    capture->format = format_of(bytes, have);
    if (!capture->format) {
        capture->why =
            have == 0 ? "it is empty" : "its first bytes are not those of a pcap or pcapng capture";
        if (have == 0 && wtr_input_trouble(capture->input)) {
            capture->why = wtr_input_trouble(capture->input);
        }
        return WTR_E_UNRECOGNISED;
    }
    capture->facts.type = capture->format->type;
    capture->facts.complete = true;
    return capture->format->open(capture);
}

enum wtr_status wtr_capture_open(struct wtr_capture **capture, struct wtr_input *input,
                                 const struct wtr_packet_findings *findings,
                                 const struct wtr_capture_watch *watch)
{
    *capture = NULL;
    struct wtr_capture *made = calloc(1, sizeof *made);
    if (!made) {
        return WTR_E_MEMORY;
    }
    made->input = input;
    if (findings) {
        made->findings = *findings;
    }
    if (watch) {
        made->watch = *watch;
    }
    enum wtr_status status = begin(made);
    if (status != WTR_OK && status != WTR_E_UNRECOGNISED) {
        wtr_capture_close(made);
        return status;
    }
    *capture = made;
    return status;
}

void wtr_capture_close(struct wtr_capture *capture)
{
    if (capture) {
        if (capture->format) {
            capture->format->close(capture);
        }
        wtr_resync_free(capture->resync);
        free(capture);
    }
}

const char *wtr_capture_why(const struct wtr_capture *capture)
{
    return capture->why;
}

const struct wtr_capture_facts *wtr_capture_facts(const struct wtr_capture *capture)
{
    return &capture->facts;
}

/* What is wrong with the input itself stands where its bytes end. */
static void end_capture(struct wtr_capture *capture)
{
    const char *trouble = wtr_input_trouble(capture->input);
    capture->ended = true;
    if (trouble) {
        uint64_t at = wtr_input_offset(capture->input);
        struct wtr_capture_place place = {.record = at, .offset = at};
        wtr_capture_damage(capture, place, trouble);
    }
}

enum wtr_status wtr_capture_next(struct wtr_capture *capture, struct wtr_packet *packet)
{
    if (!capture->format || capture->why) {
        return WTR_E_ARGUMENT;
    }
    if (capture->ended) {
        return WTR_END;
    }
    wtr_input_skip(capture->input, capture->pending);
    capture->pending = 0;
    packet->via = 0;
    enum wtr_status status = capture->format->next(capture, packet);
    if (status == WTR_END) {
        end_capture(capture);
    }
    return status;
}

void wtr_capture_note(struct wtr_capture *capture, struct wtr_capture_place place, const char *reason)
{
    if (capture->findings.finding) {
        capture->findings.finding(capture->findings.payload, place.frame, place.record, place.offset,
                                  place.length, capture->format->type, reason);
    }
}

void wtr_capture_note_short_original(struct wtr_capture *capture, struct wtr_capture_place place)
{
    if (!capture->short_original_noted) {
        capture->short_original_noted = true;
        wtr_capture_note(capture, place,
                         "more was captured of this and maybe other packets than their original length");
    }
}

void wtr_capture_damage(struct wtr_capture *capture, struct wtr_capture_place place, const char *reason)
{
    capture->facts.complete = false;
    wtr_capture_note(capture, place, reason);
}

struct wtr_resync *wtr_capture_searcher(struct wtr_capture *capture)
{
    if (!capture->resync) {
        capture->resync = wtr_resync_new();
    }
    return capture->resync;
}

enum wtr_status wtr_capture_resync(struct wtr_capture *capture, const struct wtr_resync_rule *rule,
                                   size_t from, bool *found, uint64_t *passed)
{
    *found = false;
    *passed = 0;
    struct wtr_resync *searcher = wtr_capture_searcher(capture);
    if (!searcher) {
        return WTR_E_MEMORY;
    }
    for (;;) {
        size_t have = 0;
        const uint8_t *bytes = wtr_input_peek(capture->input, WTR_INPUT_WINDOW, &have);
        size_t window = have < WTR_INPUT_WINDOW ? have : WTR_INPUT_WINDOW;
        bool last = have < WTR_INPUT_WINDOW;
        size_t until = last ? window : window - 2 * rule->longest;
        size_t at = wtr_resync_find(searcher, rule, bytes, window, last, from, until);
        *found = at < until;
        *passed += at;
        wtr_input_skip(capture->input, at);
        if (*found || last) {
            return WTR_OK;
        }
        from = 0;
    }
}

void wtr_capture_deliver(struct wtr_capture *capture, struct wtr_packet *packet, uint64_t record_length)
{
    struct wtr_capture_facts *facts = &capture->facts;
    packet->frame = ++capture->frame;
    facts->frames++;
    facts->bytes += packet->captured;
    facts->snapped += packet->captured < packet->original;
    facts->without_time += !packet->has_time;
    capture->pending = record_length;
}

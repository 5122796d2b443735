/* SPDX-License-Identifier: Apache-2.0 */
/* Classic pcap files, read record by record (what is one: packet/pcap_record.h).
 *
 * Where a record does not lead on, the other lengths that its header gives are tried. If one of them leads
 * on, this record alone is lost, and the frames behind it keep their numbers. Else records are looked for
 * (packet/resync.h). A chain of records inside a packet could end just where that packet does, and go on
 * there with the file's own, so what is found counts only behind the length of a full Ethernet frame, or of
 * the longest record that is known if that is more. */
#include "packet/capture_internal.h"
#include "packet/pcap_record.h"

#include <stdlib.h>

enum { NANOSECONDS = 1000000000 };
/* A full Ethernet frame and its record header. */
enum { USUAL_LONGEST = 16 + 1514 };

struct pcap {
    struct wtr_pcap_form form;
    uint32_t files; /* file headers read: one, unless files were joined */
    size_t longest; /* record so far */
    bool over_snap_noted;
};

static bool pcap_recognise(const uint8_t *bytes, size_t length)
{
    return length >= 4 && wtr_pcap_magic(bytes);
}

/* Bits 16 to 27 of the last field but P (bit 26) say nothing that is defined (draft-ietf-opsawg-pcap 4). */
static void check_reserved(struct wtr_capture *capture, const uint8_t *bytes, uint64_t at)
{
    const struct pcap *pcap = capture->state;
    if ((wtr_order32(pcap->form.big, bytes + 20) & 0x0bff0000) != 0) {
        struct wtr_capture_place place = {.record = at, .offset = at + 20, .length = 4};
        wtr_capture_damage(capture, place, "reserved bits of the link type field are set");
    }
}

static void pcap_close(struct wtr_capture *capture)
{
    free(capture->state);
}

/* From a place where records follow one another, goes on along them so far that none is left that a damaged
 * packet could have held. Returns how far it went. */
static uint64_t pass_doubtful(struct wtr_capture *capture, const struct wtr_resync_rule *rule)
{
    const struct pcap *pcap = capture->state;
    struct wtr_pcap_window window = {0};
    window.bytes = wtr_input_peek(capture->input, WTR_INPUT_WINDOW, &window.length);
    size_t doubtful = pcap->longest > USUAL_LONGEST ? pcap->longest : USUAL_LONGEST;
    size_t at = 0;
    while (at < doubtful && window.length - at >= rule->header && !wtr_pcap_file_at(&window, at)) {
        size_t length = rule->measure(rule->state, window.bytes + at, window.length - at);
        if (length == 0 || length > window.length - at) {
            break;
        }
        doubtful = length > doubtful ? length : doubtful;
        at += length;
    }
    wtr_input_skip(capture->input, at);
    return at;
}

/* Leaves a stretch that can't be read. It counts as one frame: how many it held can't be told. */
static enum wtr_status pass_damage(struct wtr_capture *capture)
{
    const struct pcap *pcap = capture->state;
    const struct wtr_resync_rule rule = wtr_pcap_rule(&pcap->form);
    uint64_t at = wtr_input_offset(capture->input);
    bool found = false;
    uint64_t passed = 0;
    enum wtr_status status = wtr_capture_resync(capture, &rule, 1, &found, &passed);
    if (status != WTR_OK) {
        return status;
    }
    if (found) {
        passed += pass_doubtful(capture, &rule);
    }
    struct wtr_capture_place place = {
        .frame = ++capture->frame, .record = at, .offset = at, .length = passed};
    wtr_capture_damage(capture, place,
                       found ? "no packet record can be read here, and those that follow may be "
                               "numbered too low"
                             : "no packet record can be read from here on");
    return WTR_OK;
}

static enum wtr_status end_cut(struct wtr_capture *capture, size_t length)
{
    uint64_t at = wtr_input_offset(capture->input);
    struct wtr_capture_place place = {
        .frame = ++capture->frame, .record = at, .offset = at, .length = length};
    wtr_capture_damage(capture, place, "the bytes end inside a packet record");
    return WTR_END;
}

/* Another file's header where a record should be: files were joined. Its records follow. */
static void join_file(struct wtr_capture *capture, const uint8_t *bytes)
{
    struct pcap *pcap = capture->state;
    uint64_t at = wtr_input_offset(capture->input);
    wtr_pcap_read_form(&pcap->form, bytes);
    pcap->files++;
    capture->facts.sections++;
    capture->facts.interfaces++;
    struct wtr_capture_place place = {.record = at, .offset = at, .length = WTR_PCAP_FILE_HEADER};
    wtr_capture_damage(capture, place, "another pcap file begins inside this one");
    check_reserved(capture, bytes, at);
    wtr_input_skip(capture->input, WTR_PCAP_FILE_HEADER);
}

/* A file of an unknown version, whose records may still be in a row as those of the current one. */
static bool reads_as_current(struct wtr_capture *capture)
{
    const struct pcap *pcap = capture->state;
    struct wtr_pcap_window window = {0};
    window.bytes = wtr_input_peek(capture->input, WTR_INPUT_WINDOW, &window.length);
    window.last = window.length < WTR_INPUT_WINDOW;
    if (window.length == WTR_PCAP_FILE_HEADER ||
        !wtr_pcap_leads_on(&pcap->form, &window, WTR_PCAP_FILE_HEADER)) {
        return false;
    }
    struct wtr_capture_place place = {.offset = 4, .length = 4};
    wtr_capture_damage(capture, place,
                       "the file is of an unknown version, but its records read as those of 2.4");
    return true;
}

static enum wtr_status pcap_open(struct wtr_capture *capture)
{
    size_t have = 0;
    const uint8_t *bytes = wtr_input_peek(capture->input, WTR_PCAP_FILE_HEADER, &have);
    if (have < WTR_PCAP_FILE_HEADER) {
        capture->why = "it ends inside the pcap file header";
        return WTR_E_UNRECOGNISED;
    }
    struct pcap *pcap = calloc(1, sizeof *pcap);
    capture->state = pcap;
    if (!pcap) {
        return WTR_E_MEMORY;
    }
    if (!wtr_pcap_read_form(&pcap->form, bytes) && !reads_as_current(capture)) {
        capture->why = "it is a pcap capture of a version that is not known";
        return WTR_E_UNRECOGNISED;
    }
    bytes = wtr_input_peek(capture->input, WTR_PCAP_FILE_HEADER, &have);
    check_reserved(capture, bytes, 0);
    pcap->files = 1;
    capture->facts.sections = capture->facts.interfaces = 1;
    capture->pending = WTR_PCAP_FILE_HEADER;
    return WTR_OK;
}

static void set_time(struct wtr_capture *capture, struct wtr_packet *packet,
                     const struct wtr_pcap_record *record)
{
    const struct pcap *pcap = capture->state;
    uint32_t unit = NANOSECONDS / pcap->form.fraction;
    packet->resolution_ns = unit;
    packet->has_time = record->fraction < pcap->form.fraction;
    packet->time_ns = 0;
    if (packet->has_time) {
        packet->time_ns = (int64_t)record->seconds * NANOSECONDS + (int64_t)record->fraction * unit;
        return;
    }
    struct wtr_capture_place place = {.frame = capture->frame + 1,
                                      .record = packet->record_offset,
                                      .offset = packet->record_offset + 4,
                                      .length = 4};
    wtr_capture_damage(capture, place, "the fraction of the time stamp is a second or more");
}

static void check_lengths(struct wtr_capture *capture, struct wtr_packet *packet,
                          const struct wtr_pcap_record *record)
{
    struct pcap *pcap = capture->state;
    struct wtr_capture_place place = {.frame = capture->frame + 1,
                                      .record = packet->record_offset,
                                      .offset = packet->record_offset + 8,
                                      .length = 8};
    if (record->original < record->captured) {
        packet->original = record->captured;
        wtr_capture_note_short_original(capture, place);
    }
    if (record->captured > pcap->form.snap && !pcap->over_snap_noted) {
        pcap->over_snap_noted = true;
        wtr_capture_note(capture, place, "this and maybe other packets are longer than the snapshot length");
    }
}

static void deliver(struct wtr_capture *capture, const uint8_t *bytes, const struct wtr_pcap_record *record,
                    struct wtr_packet *packet)
{
    struct pcap *pcap = capture->state;
    size_t length = pcap->form.header + record->captured;
    packet->bytes = bytes + pcap->form.header;
    packet->captured = record->captured;
    packet->original = record->original;
    packet->link_type = pcap->form.link_type;
    packet->interface = pcap->files - 1;
    packet->record_offset = wtr_input_offset(capture->input);
    packet->data_offset = packet->record_offset + pcap->form.header;
    set_time(capture, packet, record);
    check_lengths(capture, packet, record);
    pcap->form.seconds[1] = pcap->form.times_known ? pcap->form.seconds[0] : record->seconds;
    pcap->form.seconds[0] = record->seconds;
    pcap->form.times_known = true;
    pcap->longest = length > pcap->longest ? length : pcap->longest;
    wtr_capture_deliver(capture, packet, length);
}

/* A record that leads nowhere is good all the same if it gives its length twice, so that it must be what
 * follows that is damaged, and no chain of records begins inside it. */
static bool good_by_itself(struct wtr_capture *capture, const struct wtr_pcap_window *window)
{
    const struct pcap *pcap = capture->state;
    struct wtr_pcap_record record = wtr_pcap_read_record(&pcap->form, window->bytes);
    size_t end = pcap->form.header + record.captured;
    if (!wtr_pcap_fits(&pcap->form, &record) || !wtr_pcap_length_is_sure(&pcap->form, &record) ||
        end > window->length) {
        return false;
    }
    const struct wtr_resync_rule rule = wtr_pcap_rule(&pcap->form);
    struct wtr_resync *searcher = wtr_capture_searcher(capture);
    return searcher &&
           wtr_resync_find(searcher, &rule, window->bytes, window->length, window->last, 1, end) == end;
}

/* Passes a record whose captured length is wrong. */
static void pass_record(struct wtr_capture *capture, size_t length)
{
    uint64_t at = wtr_input_offset(capture->input);
    struct wtr_capture_place place = {
        .frame = ++capture->frame, .record = at, .offset = at, .length = length};
    wtr_capture_damage(capture, place, "the captured length of this record does not lead to the next");
    wtr_input_skip(capture->input, length);
}

/* Deals with a record that is not plain. Sets *good if it is to be handed out; else it has been passed. */
static enum wtr_status mend(struct wtr_capture *capture, struct wtr_pcap_window *window, bool *good)
{
    struct pcap *pcap = capture->state;
    window->bytes = wtr_input_peek(capture->input, WTR_INPUT_WINDOW, &window->length);
    window->last = window->length < WTR_INPUT_WINDOW;
    window->length = window->last ? window->length : WTR_INPUT_WINDOW;
    if (wtr_pcap_file_at(window, 0)) {
        join_file(capture, window->bytes);
        return WTR_OK;
    }
    size_t other = 0;
    switch (wtr_pcap_judge(&pcap->form, window, &other)) {
    case WTR_PCAP_GOOD:
        *good = true;
        return WTR_OK;
    case WTR_PCAP_OTHER_LENGTH:
        pass_record(capture, other);
        return WTR_OK;
    case WTR_PCAP_CUT:
        return end_cut(capture, window->length);
    default:
        *good = good_by_itself(capture, window);
        return *good ? WTR_OK : pass_damage(capture);
    }
}

static enum wtr_status pcap_next(struct wtr_capture *capture, struct wtr_packet *packet)
{
    const struct pcap *pcap = capture->state;
    bool good = false;
    while (!good) {
        struct wtr_pcap_window window = {0};
        window.bytes = wtr_input_peek(capture->input, pcap->form.header, &window.length);
        if (window.length < pcap->form.header) {
            return window.length == 0 ? WTR_END : end_cut(capture, window.length);
        }
        struct wtr_pcap_record record = wtr_pcap_read_record(&pcap->form, window.bytes);
        if (record.captured <= WTR_CAPTURE_LONGEST) {
            size_t want = pcap->form.header + record.captured + pcap->form.header;
            window.bytes = wtr_input_peek(capture->input, want, &window.length);
            window.last = window.length < want;
            good = wtr_pcap_is_plain(&pcap->form, &window, &record);
        }
        enum wtr_status status = good ? WTR_OK : mend(capture, &window, &good);
        if (status != WTR_OK) {
            return status;
        }
        if (good) {
            record = wtr_pcap_read_record(&pcap->form, window.bytes);
            deliver(capture, window.bytes, &record, packet);
        }
    }
    return WTR_OK;
}

const struct wtr_capture_format wtr_capture_pcap = {
    .type = "pcap",
    .recognise = pcap_recognise,
    .open = pcap_open,
    .next = pcap_next,
    .close = pcap_close,
};

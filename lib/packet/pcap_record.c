/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as a record of a classic pcap file (draft-ietf-opsawg-pcap 4, 5). The older order of the two
 * lengths, and the longer record header of the modified format, which AVM's routers write, are as libpcap
 * reads them (its sf-pcap.c).
 *
 * Records carry no check, so damage shows only in that one record does not lead to another. A record is
 * therefore believed if it gives its length twice and a header without anything odd stands where it ends;
 * else if it leads to several headers in a row, or to the end of the file. So an undamaged file is read
 * whole, however odd its times and lengths are. */
#include "packet/pcap_record.h"

#include "base/bytes.h"
#include "packet/capture_internal.h"

enum { RECORD_HEADER = 16, MODIFIED_RECORD_HEADER = 24 };
enum { MICROSECONDS = 1000000, NANOSECONDS = 1000000000 };
/* Headers in a row that show that a record leads on. */
enum { HEADERS_IN_A_ROW = 4 };
/* Packets that are further apart, and longer ones, are possible but not taken for granted. */
enum { NEAR_SECONDS = 366 * 86400, USUAL_ORIGINAL = 1 << 20 };
/* The modified format may put an Ethernet header in front of a packet after it was cut. */
enum { LINKTYPE_ETHERNET = 1, COOKED = 14 };

static const uint32_t magic_micro = 0xa1b2c3d4;
static const uint32_t magic_nano = 0xa1b23c4d;
static const uint32_t magic_modified = 0xa1b2cd34;

static bool known_magic(uint32_t magic)
{
    return magic == magic_micro || magic == magic_nano || magic == magic_modified;
}

bool wtr_pcap_magic(const uint8_t *bytes)
{
    return known_magic(wtr_le32(bytes)) || known_magic(wtr_be32(bytes));
}

/* Whether the version is one that libpcap reads: 2.0 to 2.4, and DG/UX's 543.0. */
static bool known_version(uint16_t major, uint16_t minor)
{
    return (major == 2 && minor <= 4) || (major == 543 && minor == 0);
}

static enum wtr_pcap_lengths order_of(uint16_t major, uint16_t minor)
{
    if (major == 543 || minor < 3) {
        return WTR_PCAP_ORIGINAL_FIRST;
    }
    return minor == 3 ? WTR_PCAP_SMALLER_FIRST : WTR_PCAP_CAPTURED_FIRST;
}

bool wtr_pcap_read_form(struct wtr_pcap_form *form, const uint8_t bytes[WTR_PCAP_FILE_HEADER])
{
    bool big = known_magic(wtr_be32(bytes));
    uint32_t magic = wtr_order32(big, bytes);
    uint16_t major = wtr_order16(big, bytes + 4);
    uint16_t minor = wtr_order16(big, bytes + 6);
    uint32_t snap = wtr_order32(big, bytes + 16);
    bool known = known_version(major, minor);
    form->big = big;
    form->header = magic == magic_modified ? MODIFIED_RECORD_HEADER : RECORD_HEADER;
    form->fraction = magic == magic_nano ? NANOSECONDS : MICROSECONDS;
    form->lengths = known ? order_of(major, minor) : WTR_PCAP_CAPTURED_FIRST;
    form->snap = snap == 0 ? UINT32_MAX : snap;
    form->link_type = (uint16_t)wtr_order32(big, bytes + 20);
    if (magic == magic_modified && form->link_type == LINKTYPE_ETHERNET && form->snap < UINT32_MAX - COOKED) {
        form->snap += COOKED;
    }
    form->times_known = false;
    return known;
}

struct wtr_pcap_record wtr_pcap_read_record(const struct wtr_pcap_form *form, const uint8_t *p)
{
    struct wtr_pcap_record record = {
        .seconds = wtr_order32(form->big, p),
        .fraction = wtr_order32(form->big, p + 4),
        .captured = wtr_order32(form->big, p + 8),
        .original = wtr_order32(form->big, p + 12),
    };
    bool swapped = form->lengths == WTR_PCAP_ORIGINAL_FIRST ||
                   (form->lengths == WTR_PCAP_SMALLER_FIRST && record.captured > record.original);
    if (swapped) {
        uint32_t captured = record.original;
        record.original = record.captured;
        record.captured = captured;
    }
    return record;
}

static bool is_near(const struct wtr_pcap_form *form, uint32_t seconds)
{
    for (int i = 0; form->times_known && i < 2; i++) {
        uint32_t apart = seconds > form->seconds[i] ? seconds - form->seconds[i] : form->seconds[i] - seconds;
        if (apart <= NEAR_SECONDS) {
            return true;
        }
    }
    return !form->times_known;
}

/* The bound on the original length matters: read 4 bytes too late, a header gives its second length for its
 * first, and with it a chain of such misreadings. */
bool wtr_pcap_fits(const struct wtr_pcap_form *form, const struct wtr_pcap_record *record)
{
    return record->captured > 0 && record->captured <= WTR_CAPTURE_LONGEST &&
           record->captured <= record->original && record->original <= USUAL_ORIGINAL &&
           record->fraction < form->fraction && is_near(form, record->seconds);
}

/* A header that may be one: not odd in every respect. */
static bool may_be(const struct wtr_pcap_form *form, const struct wtr_pcap_record *record)
{
    bool empty = record->seconds == 0 && record->fraction == 0 && record->captured == 0;
    if (empty || record->captured > WTR_CAPTURE_LONGEST || record->original > USUAL_ORIGINAL) {
        return false;
    }
    int oddities = (record->captured == 0 || record->captured > record->original) +
                   (record->fraction >= form->fraction) + !is_near(form, record->seconds);
    return oddities <= 2;
}

bool wtr_pcap_length_is_sure(const struct wtr_pcap_form *form, const struct wtr_pcap_record *record)
{
    return record->captured == record->original ||
           (record->captured == form->snap && record->captured < record->original);
}

bool wtr_pcap_file_at(const struct wtr_pcap_window *window, size_t at)
{
    struct wtr_pcap_form unused;
    return window->length - at >= WTR_PCAP_FILE_HEADER && wtr_pcap_magic(window->bytes + at) &&
           wtr_pcap_read_form(&unused, window->bytes + at);
}

/* What a place leads to, from worst to best. */
enum lead {
    LEADS_NOWHERE,
    LEADS_TO_CUT, /* a single record, which the end of the file cuts */
    LEADS_ODDLY,  /* records in a row, some with something odd about them */
    LEADS_ON,     /* records in a row, or the end of the file */
};

static enum lead lead_of(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window, size_t at)
{
    enum lead best = LEADS_ON;
    for (int i = 0; i < HEADERS_IN_A_ROW; i++) {
        bool some = i > 1;
        if (at >= window->length) {
            bool at_end = window->last && at == window->length;
            return at_end || (some && !window->last) ? best : LEADS_NOWHERE;
        }
        if (wtr_pcap_file_at(window, at)) {
            return best;
        }
        if (window->length - at < form->header) {
            return some ? best : LEADS_NOWHERE;
        }
        struct wtr_pcap_record record = wtr_pcap_read_record(form, window->bytes + at);
        if (!may_be(form, &record)) {
            return LEADS_NOWHERE;
        }
        bool plain = wtr_pcap_fits(form, &record);
        at += form->header + record.captured;
        if (at > window->length && window->last) {
            enum lead cut = some ? best : LEADS_TO_CUT;
            return plain ? cut : LEADS_NOWHERE;
        }
        best = plain ? best : LEADS_ODDLY;
    }
    return best;
}

/* The record's length by another of the fields that should tell it, and what it leads to. */
static size_t other_length(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window, size_t at,
                           enum lead *lead)
{
    struct wtr_pcap_record record = wtr_pcap_read_record(form, window->bytes + at);
    uint32_t cut = record.original < form->snap ? record.original : form->snap;
    const uint32_t others[2] = {record.original, cut};
    size_t length = 0;
    *lead = LEADS_NOWHERE;
    for (int i = 0; i < 2; i++) {
        size_t end = at + form->header + others[i];
        if (others[i] == 0 || others[i] == record.captured || others[i] > WTR_CAPTURE_LONGEST ||
            end > window->length) {
            continue;
        }
        enum lead here = lead_of(form, window, end);
        if (here > *lead) {
            *lead = here;
            length = form->header + others[i];
        }
    }
    return length;
}

bool wtr_pcap_is_plain(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window,
                       const struct wtr_pcap_record *record)
{
    size_t end = form->header + record->captured;
    if (end > window->length || !wtr_pcap_length_is_sure(form, record)) {
        return false;
    }
    if (window->length - end < form->header) {
        return window->last && (end == window->length || wtr_pcap_fits(form, record));
    }
    struct wtr_pcap_record next = wtr_pcap_read_record(form, window->bytes + end);
    return wtr_pcap_fits(form, &next);
}

/* Whether close to `at`, but not there, begins a row of records without anything odd: then what seems to
 * stand at `at` is that row read at the wrong place. */
static bool misread(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window, size_t at)
{
    size_t first = at < form->header ? 0 : at - form->header;
    for (size_t near = first; near <= at + form->header && near < window->length; near++) {
        if (near != at && lead_of(form, window, near) == LEADS_ON) {
            return true;
        }
    }
    return false;
}

/* Whether the header where the record ends is damaged, but leads on by its other length. */
static bool next_is_damaged(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window,
                            size_t end)
{
    enum lead lead = LEADS_NOWHERE;
    if (end < window->length && window->length - end >= form->header) {
        other_length(form, window, end, &lead);
    }
    return lead == LEADS_ON;
}

/* Of two lengths that lead equally far the captured one counts, unless it can't be right by the other. */
enum wtr_pcap_verdict wtr_pcap_judge(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window,
                                     size_t *other)
{
    struct wtr_pcap_record record = wtr_pcap_read_record(form, window->bytes);
    size_t end = form->header + record.captured;
    bool believable = record.captured <= WTR_CAPTURE_LONGEST && end <= window->length;
    enum lead lead = believable ? lead_of(form, window, end) : LEADS_NOWHERE;
    if (lead == LEADS_ODDLY && misread(form, window, end)) {
        lead = LEADS_NOWHERE;
    }
    enum lead other_lead = LEADS_NOWHERE;
    *other = other_length(form, window, 0, &other_lead);
    if (other_lead > lead || (other_lead == lead && record.captured > record.original && *other > 0)) {
        return WTR_PCAP_OTHER_LENGTH;
    }
    if (lead > LEADS_NOWHERE || (believable && next_is_damaged(form, window, end))) {
        return WTR_PCAP_GOOD;
    }
    return wtr_pcap_fits(form, &record) && window->last && end > window->length ? WTR_PCAP_CUT
                                                                                : WTR_PCAP_UNREADABLE;
}

static size_t measure(const void *state, const uint8_t *bytes, size_t left)
{
    const struct wtr_pcap_form *form = state;
    struct wtr_pcap_record record = wtr_pcap_read_record(form, bytes);
    if (wtr_pcap_fits(form, &record)) {
        return form->header + record.captured;
    }
    const struct wtr_pcap_window window = {.bytes = bytes, .length = left};
    return wtr_pcap_file_at(&window, 0) ? WTR_PCAP_FILE_HEADER : 0;
}

struct wtr_resync_rule wtr_pcap_rule(const struct wtr_pcap_form *form)
{
    return (struct wtr_resync_rule){.state = form,
                                    .measure = measure,
                                    .header = form->header,
                                    .longest = form->header + WTR_CAPTURE_LONGEST,
                                    .cut_counts = true};
}

bool wtr_pcap_leads_on(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window, size_t at)
{
    return lead_of(form, window, at) == LEADS_ON;
}

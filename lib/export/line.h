/* SPDX-License-Identifier: Apache-2.0 */
/* JSON for the records that come by the million. Their members are known beforehand, so their names stand in
 * the code as text with quotes and commas in place, and what is appended is one copy of known size. Values
 * that need escapes go to the ordinary JSON writer. */
#ifndef WTR_EXPORT_LINE_H
#define WTR_EXPORT_LINE_H

#include "base/json.h"
#include "wattrail/event.h"

static inline void wtr_line_put(struct wtr_buffer *out, const char *data, size_t length)
{
    if (length > out->capacity - out->length || out->failed) {
        wtr_put(out, data, length);
        return;
    }
    memcpy(out->data + out->length, data, length);
    out->length += length;
}

/* Text that is JSON already. */
static inline void wtr_line(struct wtr_buffer *out, const char *json)
{
    wtr_line_put(out, json, strlen(json));
}

void wtr_line_uint(struct wtr_buffer *out, uint64_t value);
void wtr_line_int(struct wtr_buffer *out, int64_t value);

/* A text of the evidence as a string, or {"hex":…} if it is not UTF-8. */
void wtr_line_text(struct wtr_buffer *out, struct wtr_text text);
/* A text of this program's own words, which need no escapes, as a string. */
void wtr_line_word(struct wtr_buffer *out, const char *word);
/* A sentence that holds texts of the evidence: always a string; what is not UTF-8 in it is shown as \x{hh}.
 */
void wtr_line_sentence(struct wtr_buffer *out, struct wtr_text sentence);
/* A name of the evidence as the name of a member, with its colon. One that is not UTF-8 is written as "hex:"
 * and its bytes. */
void wtr_line_name(struct wtr_buffer *out, struct wtr_text name);

/* The second that was written last, as text: lines come in order of time. Zero-initialise. */
struct wtr_line_clock {
    bool set;
    int64_t second;
    char text[64];
    size_t length; /* up to the decimal point and with it */
};

/* RFC 3339; the same in quotes. */
void wtr_line_bare_time(struct wtr_buffer *out, struct wtr_line_clock *clock, int64_t time_ns);
void wtr_line_time(struct wtr_buffer *out, struct wtr_line_clock *clock, int64_t time_ns);
/* In quotes, null where the bound is open. */
void wtr_line_bound(struct wtr_buffer *out, struct wtr_line_clock *clock, const struct wtr_bound *bound);

#endif

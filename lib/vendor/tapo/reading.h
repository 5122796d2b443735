/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON text of a Tapo device while it is read, and what its readers share. What a method means is kept
 * apart from how it came: the readers take JSON, whichever cipher it was under. */
#ifndef WTR_VENDOR_TAPO_READING_H
#define WTR_VENDOR_TAPO_READING_H

#include "vendor/say.h"

struct wtr_tapo;

struct wtr_tapo_reading {
    struct wtr_say *say;
    struct wtr_tapo *state;
    const struct wtr_json *json;
    wtr_device_ref device;
    struct wtr_text channel; /* a strip's outlet, by its id; length 0: the whole device */
    unsigned outlet;         /* its position, from 1; 0: not known */
    struct wtr_text app;     /* of a request: the asking app's own id */
    bool polled;             /* the text answers a question */
};

/* A statement that begins with its first value, so that none without a value is said. */
struct wtr_tapo_sentence {
    struct wtr_tapo_reading *reading;
    enum wtr_kind kind;
    bool begun;
};

void wtr_tapo_begin(struct wtr_tapo_sentence *s);
void wtr_tapo_end(struct wtr_tapo_sentence *s);
void wtr_tapo_finding(struct wtr_tapo_reading *r, wtr_json_ref value, const char *reason);

/* Each adds the member `name` of `object` as `field` and as raw value, if it is there and neither null nor
 * empty. A member of another type or out of range is left out and a finding. */
void wtr_tapo_add_text(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                       enum wtr_field field);
/* A text in Base64 (nicknames, network names). */
void wtr_tapo_add_base64(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field);
void wtr_tapo_add_int(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                      enum wtr_field field, int64_t least, int64_t most);
/* A number times ten to the shift, in the field's unit; `most` in millionths of it, either way. */
void wtr_tapo_add_number(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field, int shift, int64_t most);
void wtr_tapo_add_bool(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                       enum wtr_field field);
/* true as "on", false as "off". */
void wtr_tapo_add_state(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                        enum wtr_field field);
/* The member as a MAC address: tied to the device, and said as its own. */
void wtr_tapo_add_own_mac(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name);

/* Whether the member is there and not null. */
bool wtr_tapo_has(const struct wtr_tapo_reading *r, wtr_json_ref object, const char *name);

/* Whole units as millionths, and what no plug reaches. */
#define WTR_TAPO_UNITS(n) ((int64_t)(n)*1000000)
#define WTR_TAPO_MOST_WATTS WTR_TAPO_UNITS(100000)
#define WTR_TAPO_MOST_WATT_HOURS WTR_TAPO_UNITS(1000000000000)

#endif

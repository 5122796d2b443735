/* SPDX-License-Identifier: Apache-2.0 */
/* One message of a Meross device while it is read, and what its readers share. */
#ifndef WTR_VENDOR_MEROSS_READING_H
#define WTR_VENDOR_MEROSS_READING_H

#include "vendor/http_message.h"

/* What a message's method makes of its payload. */
enum wtr_meross_method {
    WTR_MEROSS_OTHER,  /* GET, ERROR and what is not known */
    WTR_MEROSS_SET,    /* somebody asks the device to change */
    WTR_MEROSS_SETACK, /* the device acknowledges that: no state */
    WTR_MEROSS_GETACK, /* the device answers a question */
    WTR_MEROSS_PUSH    /* the device tells of itself */
};

struct wtr_meross_reading {
    struct wtr_say *say;
    const struct wtr_json *json;
    wtr_device_ref device;
    bool over_http;
    bool from_device;
};

/* The parts of one message; a message of Appliance.Control.Multiple holds others. */
struct wtr_meross_part {
    enum wtr_meross_method method;
    struct wtr_text name; /* the namespace */
    wtr_json_ref header;
    wtr_json_ref payload;
};

/* message.c: false if the JSON value at `at` is no message */
bool wtr_meross_part_of(const struct wtr_json *json, wtr_json_ref at, struct wtr_meross_part *part);
void wtr_meross_read_message(struct wtr_meross_reading *r, const struct wtr_meross_part *part);
/* The statement rests on an answer. */
void wtr_meross_mark_polled(struct wtr_meross_reading *r, const struct wtr_meross_part *part);
void wtr_meross_finding(struct wtr_meross_reading *r, wtr_json_ref value, const char *reason);

/* Calls `take` for the object at `at`, or for each of a list's, up to a bound. */
typedef void wtr_meross_take(struct wtr_meross_reading *r, const struct wtr_meross_part *part,
                             wtr_json_ref object);
void wtr_meross_each(struct wtr_meross_reading *r, const struct wtr_meross_part *part, wtr_json_ref at,
                     wtr_meross_take *take);

/* The channel that the object names, as text; "0" where it names none. */
struct wtr_meross_channel {
    char text[12];
    size_t length;
    unsigned outlet;
};
bool wtr_meross_channel(struct wtr_meross_reading *r, wtr_json_ref object,
                        struct wtr_meross_channel *channel);
void wtr_meross_say_channel(struct wtr_meross_reading *r, const struct wtr_meross_channel *channel);

/* toggle.c */
void wtr_meross_read_toggle(struct wtr_meross_reading *r, const struct wtr_meross_part *part,
                            wtr_json_ref object);
/* meter.c */
void wtr_meross_read_electricity(struct wtr_meross_reading *r, const struct wtr_meross_part *part,
                                 wtr_json_ref object);
void wtr_meross_read_day(struct wtr_meross_reading *r, const struct wtr_meross_part *part,
                         wtr_json_ref object);
/* system.c */
void wtr_meross_read_clock(struct wtr_meross_reading *r, wtr_json_ref holder);
void wtr_meross_read_all(struct wtr_meross_reading *r, const struct wtr_meross_part *part);
void wtr_meross_read_position(struct wtr_meross_reading *r, wtr_json_ref position);
void wtr_meross_read_debug(struct wtr_meross_reading *r, wtr_json_ref debug);
void wtr_meross_tie_mac(struct wtr_meross_reading *r, struct wtr_text text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One message of a Shelly device while it is read, and what its readers share. What a status means is kept
 * apart from how it came: the readers of statuses take a JSON object, whatever protocol brought it. */
#ifndef WTR_VENDOR_SHELLY_READING_H
#define WTR_VENDOR_SHELLY_READING_H

#include "vendor/say.h"

struct wtr_shelly_reading {
    struct wtr_say *say;
    const struct wtr_json *json;
    wtr_device_ref device;
    bool polled;              /* the message answers a query, or reports everything at no change */
    enum wtr_trigger trigger; /* what a command came by, if not by a broker */
    bool direct;              /* it came from the device itself, without a broker that may have kept it */
};

/* A statement that begins with its first value, so that none without a value is said. */
struct wtr_shelly_sentence {
    struct wtr_shelly_reading *reading;
    enum wtr_kind kind;
    struct wtr_text channel; /* length 0: the whole device */
    unsigned outlet;
    bool begun;
};

void wtr_shelly_begin(struct wtr_shelly_sentence *s);
void wtr_shelly_end(struct wtr_shelly_sentence *s);

/* A channel's designation: "relay:0" (Gen1), "switch:0" (Gen2 and later). */
struct wtr_shelly_channel {
    char text[32];
    size_t length;
};

struct wtr_shelly_channel wtr_shelly_channel(const char *kind, unsigned number);
struct wtr_text wtr_shelly_channel_text(const struct wtr_shelly_channel *channel);

/* Each adds the member `name` of `object` as `field` and as raw value, if it is there and not null. A member
 * of another type or out of range is left out and a finding. */
void wtr_shelly_add_text(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field);
void wtr_shelly_add_int(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name,
                        enum wtr_field field, int64_t least, int64_t most);
void wtr_shelly_add_number(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name,
                           enum wtr_field field, int64_t least, int64_t most);
/* The member as a MAC address: tied to the device, and said as its own. */
void wtr_shelly_add_own_mac(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name);

/* A value as a number in millionths times ten to the shift, or as true or false. False if it is absent or
 * null; also, with a finding, if it is of another type or out of range. */
bool wtr_shelly_number(struct wtr_shelly_reading *r, wtr_json_ref value, int shift, int64_t least,
                       int64_t most, int64_t *micro);
bool wtr_shelly_truth(struct wtr_shelly_reading *r, wtr_json_ref value, bool *truth);
void wtr_shelly_finding(struct wtr_shelly_reading *r, wtr_json_ref value, const char *reason);
/* Whether the object has few enough members to be gone through by name; a finding if not. */
bool wtr_shelly_is_small(struct wtr_shelly_reading *r, wtr_json_ref object);

/* Whole units as millionths. */
#define WTR_SHELLY_UNITS(n) ((int64_t)(n)*1000000)
/* Beyond these no plug measures. */
#define WTR_SHELLY_MOST_WATTS WTR_SHELLY_UNITS(100000)
#define WTR_SHELLY_MOST_WATT_HOURS WTR_SHELLY_UNITS(1000000000000)

/* source.c: what the device's word for a change's cause stands for; WTR_TRIGGER_NONE if that is not known. */
enum wtr_trigger wtr_shelly_trigger(struct wtr_text word);

/* system.c: who the device is, its clock and its network; members that all generations have, or their own */
/* A number of seconds since 1970, as the device's clock; before 2018: not set. */
void wtr_shelly_add_clock(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name);
/* unixtime, uptime and reset_reason, as far as they are there. */
void wtr_shelly_read_clock(struct wtr_shelly_reading *r, wtr_json_ref object);
void wtr_shelly_read_announce(struct wtr_shelly_reading *r, wtr_json_ref object);
void wtr_shelly_read_wifi(struct wtr_shelly_reading *r, wtr_json_ref object);
void wtr_shelly_read_sys(struct wtr_shelly_reading *r, wtr_json_ref object);

/* gen1_status.c: the object of Gen1's /status, and what its parts share with single topics */
void wtr_shelly_read_gen1_status(struct wtr_shelly_reading *r, wtr_json_ref status);
/* One relay, or one meter that is of that relay. */
void wtr_shelly_read_gen1_relay(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref relay);
void wtr_shelly_read_gen1_meter(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref meter);
/* An energy in millionths of a watt-minute, as Gen1 counts it. */
void wtr_shelly_add_watt_minutes(struct wtr_shelly_sentence *s, const char *scope, int64_t micro);
/* The members event and event_cnt of `object`. */
void wtr_shelly_add_push(struct wtr_shelly_sentence *s, wtr_json_ref object);
/* The scope of Gen1's counters, which begin anew at each start. */
#define WTR_SHELLY_GEN1_SCOPE "total"

/* gen2_status.c: the status of a component of Gen2 and later, and an object of such, each under its
 * component's name */
enum wtr_shelly_extent {
    WTR_SHELLY_WHOLE, /* all that there is to say of the component */
    WTR_SHELLY_DELTA, /* what changed */
};

/* Whether anything is said of such a component. */
bool wtr_shelly_is_read(struct wtr_text component);
void wtr_shelly_read_component(struct wtr_shelly_reading *r, struct wtr_text component, wtr_json_ref status,
                               enum wtr_shelly_extent extent);
void wtr_shelly_read_components(struct wtr_shelly_reading *r, wtr_json_ref object,
                                enum wtr_shelly_extent extent);
/* gen2_meter.c: what a component measures and counts */
void wtr_shelly_read_meter(struct wtr_shelly_reading *r, struct wtr_text channel, unsigned outlet,
                           wtr_json_ref status);

/* gen2_em.c: the status of em:<n> or emdata:<n> */
void wtr_shelly_read_three_phases(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref status);

/* gen2_event.c: the params of NotifyEvent */
void wtr_shelly_read_events(struct wtr_shelly_reading *r, wtr_json_ref params);

/* gen2_config.c: what the device says of its settings, and the list of its schedules */
void wtr_shelly_read_config(struct wtr_shelly_reading *r, wtr_json_ref config);
void wtr_shelly_read_jobs(struct wtr_shelly_reading *r, wtr_json_ref jobs);

/* gen2_request.c: what somebody asked of the device */
struct wtr_shelly_asking {
    wtr_json_ref method; /* a string */
    wtr_json_ref src;    /* the asking party's own name; -1: none */
    wtr_json_ref params; /* -1: none */
    bool quiet;          /* it was said before */
    /* Where the document was made of a target: its parts as they stand in the evidence; else data NULL. */
    struct wtr_text sent_method, sent_params;
};

enum wtr_shelly_asked {
    WTR_SHELLY_ASKED_OTHER,
    WTR_SHELLY_ASKED_SWITCH, /* Switch.Set, Switch.Toggle: answered with what the output was before */
    WTR_SHELLY_ASKED_STATUS, /* <component>.GetStatus: answered with the component's status */
};

/* What the answer will be about, which does not say so itself. */
struct wtr_shelly_question {
    enum wtr_shelly_asked asked;
    struct wtr_shelly_channel component;
};

/* Says what the request asks for. */
struct wtr_shelly_question wtr_shelly_read_request(struct wtr_shelly_reading *r,
                                                   const struct wtr_shelly_asking *asking);
/* A countdown that a command sets: `value` is its length in seconds, `raw` the same as it stands in the
 * evidence. False, with a finding, if it is none. */
bool wtr_shelly_say_timer(struct wtr_shelly_reading *r, const struct wtr_shelly_channel *channel,
                          unsigned number, struct wtr_text name, struct wtr_text value, struct wtr_text raw);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One message of a Kasa device while it is read, and what its readers share. */
#ifndef WTR_VENDOR_KASA_READING_H
#define WTR_VENDOR_KASA_READING_H

#include "vendor/kasa/kasa.h"
#include "vendor/kasa/learnt.h"

/* What an answer is about that does not say so itself. */
enum wtr_kasa_about {
    WTR_KASA_ABOUT_UNKNOWN, /* one of several outlets, or all: not to be told */
    WTR_KASA_ABOUT_DEVICE,  /* no outlet was named */
    WTR_KASA_ABOUT_OUTLET,
};

struct wtr_kasa_reading {
    struct wtr_say *say;
    const struct wtr_json *json;
    struct wtr_kasa_learnt *learnt;
    const struct wtr_endpoint *plug; /* the device's end */
    bool answer;
    bool everybody; /* a request to all devices of the network */
    /* Of an answer. */
    enum wtr_kasa_about about;
    struct wtr_kasa_channel outlet;
    unsigned position;
    /* Of a request. */
    bool unclear;           /* the outlets that it names can't be told */
    wtr_json_ref child_ids; /* an array; -1: none */
    wtr_json_ref source;    /* the app's id; -1: none */
};

/* A statement that begins with its first value, so that none without a value is said. */
struct wtr_kasa_sentence {
    struct wtr_kasa_reading *reading;
    enum wtr_kind kind;
    const struct wtr_kasa_channel *channel; /* NULL: the whole device */
    unsigned position;
    bool begun;
};

void wtr_kasa_begin(struct wtr_kasa_sentence *s);
void wtr_kasa_end(struct wtr_kasa_sentence *s);
/* A sentence about what the answer is about. */
struct wtr_kasa_sentence wtr_kasa_about(struct wtr_kasa_reading *r, enum wtr_kind kind);

void wtr_kasa_finding(struct wtr_kasa_reading *r, wtr_json_ref value, const char *reason);
wtr_json_ref wtr_kasa_member(const struct wtr_kasa_reading *r, wtr_json_ref object, const char *name);

/* Each adds the member `name` of `object` as `field` and as raw value, if it is there and not null. A member
 * of another type or out of range is left out and a finding. True if it was added. */
bool wtr_kasa_add_text(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name,
                       enum wtr_field field);
bool wtr_kasa_add_int(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name,
                      enum wtr_field field, int64_t least, int64_t most);
/* A number, or the text of one, in the field's unit after multiplication with 10 to the shift. */
bool wtr_kasa_add_number(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name, int shift,
                         enum wtr_field field, int64_t least, int64_t most);
/* 0, 1, true or false. */
bool wtr_kasa_add_flag(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name,
                       enum wtr_field field);
/* The same as "on" and "off"; -1 and other numbers are left out. */
bool wtr_kasa_add_on_off(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field);
/* The member as raw value alone, if the statement has begun and it is there. */
void wtr_kasa_add_raw(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name);
/* A whole number within a range; nothing is said where it is not. */
bool wtr_kasa_int(const struct wtr_kasa_reading *r, wtr_json_ref object, const char *name, int64_t least,
                  int64_t most, int64_t *value);
/* 0, 1, true or false; false is returned for anything else. */
bool wtr_kasa_truth(const struct wtr_kasa_reading *r, wtr_json_ref value, bool *truth);
/* A setting of the device, in the device's own word: its name, and its value as it stands. */
void wtr_kasa_say_setting(struct wtr_kasa_reading *r, const char *setting, wtr_json_ref object,
                          const char *name);

/* Whole units as millionths. */
#define WTR_KASA_UNITS(n) ((int64_t)(n)*1000000)

/* What a module of the protocol is for, whichever of its names it bears. */
enum wtr_kasa_module {
    WTR_KASA_OTHER,
    WTR_KASA_SYSTEM,
    WTR_KASA_EMETER,
    WTR_KASA_SCHEDULE,
    WTR_KASA_COUNT_DOWN,
    WTR_KASA_ANTI_THEFT,
    WTR_KASA_TIME,
    WTR_KASA_CLOUD,
    WTR_KASA_NETIF,
    WTR_KASA_LIGHT,
    WTR_KASA_DIMMER,
};

/* A method of a message: what was asked, or the result. */
struct wtr_kasa_method {
    enum wtr_kasa_module module;
    wtr_json_ref module_name;
    wtr_json_ref name;
    wtr_json_ref value;
};

/* sysinfo.c: get_sysinfo's result, which comes before all others of its message */
void wtr_kasa_read_sysinfo(struct wtr_kasa_reading *r, wtr_json_ref info);
/* Whether the light is on, as a bulb gives it. */
void wtr_kasa_read_light(struct wtr_kasa_reading *r, wtr_json_ref state);
/* What is to happen next, with the name of its time. */
void wtr_kasa_read_next_action(const struct wtr_kasa_sentence *of, wtr_json_ref action, const char *time);
/* emeter.c: results of the meter and of the time that the relay was on */
void wtr_kasa_read_emeter(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method);
void wtr_kasa_read_runtime(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method);
/* rules.c: results of schedule, count_down and anti_theft; a countdown that is asked for or held */
void wtr_kasa_read_rules(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method);
void wtr_kasa_add_countdown(struct wtr_kasa_sentence *s, wtr_json_ref rule);
/* settings.c: results of time, cloud and network */
void wtr_kasa_read_time(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method);
void wtr_kasa_read_cloud(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method);
void wtr_kasa_read_network(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method);
/* command.c: what a request asks for */
void wtr_kasa_read_asked(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method);

#endif

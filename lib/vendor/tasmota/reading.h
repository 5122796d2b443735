/* SPDX-License-Identifier: Apache-2.0 */
/* One message of a Tasmota device while it is read, and what its readers share. Each reader takes an object
 * of the message's payload and says what it finds there; what is not there is not said. */
#ifndef WTR_VENDOR_TASMOTA_READING_H
#define WTR_VENDOR_TASMOTA_READING_H

#include "protocol/http.h"
#include "vendor/tasmota/learnt.h"
#include "vendor/tasmota/tasmota.h"
#include "vendor/vendor.h"

struct wtr_tasmota_reading {
    struct wtr_tasmota_learnt *learnt;
    struct wtr_say *say;
    const struct wtr_json *json; /* the payload, where it is JSON */
    wtr_device_ref device;
    struct wtr_tasmota_device *known; /* NULL: there was no room to learn about it */
    bool polled;                      /* the message answers a query for it */
};

/* A member of the payload whose name ends with a number: POWER2, Timer1 … */
struct wtr_tasmota_member {
    struct wtr_text name; /* whole */
    struct wtr_text word; /* without the number */
    unsigned number;      /* 1 where there is none */
    bool numbered;
    wtr_json_ref value;
};

/* A statement that begins with its first value, so that none without a value is said. */
struct wtr_tasmota_sentence {
    struct wtr_tasmota_reading *reading;
    enum wtr_kind kind;
    unsigned channel; /* 0: the whole device */
    unsigned phase;   /* 0: not told apart */
    bool begun;
};

void wtr_tasmota_begin(struct wtr_tasmota_sentence *s);
void wtr_tasmota_end(struct wtr_tasmota_sentence *s);

/* Each adds the member `name` of `object` as `field` and as raw value, if it is there. A member of another
 * type, or out of range, is left out and a finding. */
void wtr_tasmota_add_text(struct wtr_tasmota_sentence *s, wtr_json_ref object, const char *name,
                          enum wtr_field field);
void wtr_tasmota_add_int(struct wtr_tasmota_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field, int64_t least, int64_t most);

/* The member as a number in millionths * 10^shift. True if it is one within least .. most; else a finding,
 * unless it is absent or null. */
bool wtr_tasmota_number(struct wtr_tasmota_reading *r, wtr_json_ref value, int shift, int64_t least,
                        int64_t most, int64_t *micro);
/* The member's text; data NULL if it is absent or no text. Valid until the next such call. */
struct wtr_text wtr_tasmota_member_text(struct wtr_tasmota_reading *r, wtr_json_ref object, const char *name);
void wtr_tasmota_finding_at(struct wtr_tasmota_reading *r, wtr_json_ref value, const char *reason);
/* The member that is an object of a reasonable size; -1 if there is none (too large: a finding). */
wtr_json_ref wtr_tasmota_object(struct wtr_tasmota_reading *r, wtr_json_ref object, const char *name);
/* Whether the object has few enough members to be gone through by name. */
bool wtr_tasmota_is_small(struct wtr_tasmota_reading *r, wtr_json_ref object);
/* The channel's designation on every path: its number. */
void wtr_tasmota_channel(struct wtr_say *say, unsigned channel);
/* A name with a number behind it, as in POWER2, into `out` (at least 24 bytes). */
const char *wtr_tasmota_numbered(char *out, const char *name, unsigned number);

/* state.c: relays and the network that the device is in */
void wtr_tasmota_say_power(struct wtr_tasmota_reading *r, unsigned channel, struct wtr_text name,
                           struct wtr_text word, struct wtr_text raw);
void wtr_tasmota_read_power(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member);
void wtr_tasmota_read_power_bits(struct wtr_tasmota_reading *r, wtr_json_ref status);
void wtr_tasmota_read_wifi(struct wtr_tasmota_reading *r, wtr_json_ref object);

/* energy.c: what the meter says */
void wtr_tasmota_read_energy(struct wtr_tasmota_reading *r, wtr_json_ref object);
void wtr_tasmota_read_limits(struct wtr_tasmota_reading *r, wtr_json_ref object);

/* clock.c: what the device thinks the time is, and how long it has run */
void wtr_tasmota_read_clock(struct wtr_tasmota_reading *r, wtr_json_ref object);
void wtr_tasmota_read_status_time(struct wtr_tasmota_reading *r, wtr_json_ref object);
void wtr_tasmota_read_parameters(struct wtr_tasmota_reading *r, wtr_json_ref object);

/* identity.c: who the device is, and that it started */
void wtr_tasmota_read_info(struct wtr_tasmota_reading *r, unsigned number, wtr_json_ref object);
void wtr_tasmota_read_status(struct wtr_tasmota_reading *r, wtr_json_ref root);
void wtr_tasmota_say_mac(struct wtr_tasmota_sentence *s, wtr_json_ref object, const char *name);

/* rules.c: timers and pulses that the device holds */
void wtr_tasmota_read_timer(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member);
void wtr_tasmota_read_timers(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member);
void wtr_tasmota_read_pulse_time(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member);

/* input.c: buttons and switches */
void wtr_tasmota_read_input(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member);
void wtr_tasmota_read_input_topic(struct wtr_tasmota_reading *r, struct wtr_text name);
void wtr_tasmota_read_log_line(struct wtr_tasmota_reading *r, struct wtr_text line);

/* settings.c: settings and the commands that change them */
bool wtr_tasmota_is_setting(struct wtr_text name);
void wtr_tasmota_read_setting(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member);
/* A command with a value, and that as it stands in the evidence (data NULL: it has no place of its own);
 * false if it is none that is known. */
bool wtr_tasmota_say_setting(struct wtr_tasmota_reading *r, struct wtr_text name, struct wtr_text value,
                             struct wtr_text raw);

/* discovery.c: tasmota/discovery/<MAC>/… */
bool wtr_tasmota_discovery_topic(struct wtr_text topic, struct wtr_text *mac, struct wtr_text *what);
void wtr_tasmota_read_discovery(struct wtr_tasmota_reading *r, struct wtr_text mac, struct wtr_text what,
                                struct wtr_text payload);

/* homeassistant.c: homeassistant/<component>/<id>/config */
bool wtr_tasmota_is_config(struct wtr_text topic, struct wtr_text payload);
void wtr_tasmota_read_config(struct wtr_tasmota_reading *r, struct wtr_text payload);

/* command.c: what somebody asked of the device */
bool wtr_tasmota_is_command(struct wtr_text name);
struct wtr_tasmota_order {
    bool group; /* to all that listen to the topic */
    bool local; /* published by a plug over its own connection */
    /* The command was escaped on its way: `sent` is its argument as it stands in the evidence; data NULL
     * where that has no place of its own. */
    bool escaped;
    struct wtr_text sent;
    enum wtr_trigger trigger; /* what brought it, if not a broker */
};
void wtr_tasmota_read_command(struct wtr_tasmota_reading *r, const struct wtr_tasmota_order *order,
                              struct wtr_text name, struct wtr_text payload);

/* http.c: web commands and their answers */
enum wtr_claim wtr_tasmota_claim_http(const struct wtr_http *http);
void wtr_tasmota_read_http(struct wtr_tasmota_reading *r, const struct wtr_http *http);

/* report.c: what the device publishes under stat and tele */
bool wtr_tasmota_is_report(struct wtr_text name, struct wtr_text payload);
void wtr_tasmota_read_report(struct wtr_tasmota_reading *r, struct wtr_text name, struct wtr_text payload);

#endif

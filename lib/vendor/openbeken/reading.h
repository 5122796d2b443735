/* SPDX-License-Identifier: Apache-2.0 */
/* One message of an OpenBeken device while it is read. */
#ifndef WTR_VENDOR_OPENBEKEN_READING_H
#define WTR_VENDOR_OPENBEKEN_READING_H

#include "vendor/openbeken/names.h"
#include "vendor/openbeken/openbeken.h"

struct wtr_openbeken_reading {
    struct wtr_say *say;
    wtr_device_ref device;
    struct wtr_openbeken_device *known;
};

/* A quantity that the meter measures. */
struct wtr_openbeken_quantity {
    const char *topic;  /* NAME/<topic>/get */
    const char *member; /* in ENERGY of the Tasmota style */
    enum wtr_field field;
    int64_t least; /* millionths */
    int64_t most;
};

enum { WTR_OPENBEKEN_QUANTITIES = 7 };
extern const struct wtr_openbeken_quantity wtr_openbeken_quantities[WTR_OPENBEKEN_QUANTITIES];

/* native.c: NAME/<what>, NAME/<what>/get, NAME/<what>/set */
void wtr_openbeken_read_value(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload);
void wtr_openbeken_read_info(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload);
void wtr_openbeken_read_set(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload);
/* Somebody asks for a channel's value. */
void wtr_openbeken_say_set(struct wtr_openbeken_reading *r, struct wtr_text channel, struct wtr_text raw_name,
                           struct wtr_text value);

void wtr_openbeken_say_toggle(struct wtr_openbeken_reading *r, struct wtr_text raw_name,
                              struct wtr_text channel);

/* The number of a channel; false if the text is none. */
bool wtr_openbeken_channel_of(struct wtr_text what, unsigned *channel);

/* discovery.c: homeassistant/<component>/…/config */
bool wtr_openbeken_contains(struct wtr_text text, const char *z);
bool wtr_openbeken_is_config(struct wtr_text topic, struct wtr_text payload);
void wtr_openbeken_read_config(struct wtr_openbeken_names *names, struct wtr_say *say, struct wtr_text topic,
                               struct wtr_text payload);

/* style.c: stat|tele/NAME/<report>, written as Tasmota writes it */
bool wtr_openbeken_signs(struct wtr_text report, struct wtr_text payload);
void wtr_openbeken_read_report(struct wtr_openbeken_reading *r, struct wtr_text report,
                               struct wtr_text payload);

/* command.c: cmnd/NAME/<command> */
void wtr_openbeken_read_command(struct wtr_openbeken_reading *r, struct wtr_text name,
                                struct wtr_text payload);

#endif

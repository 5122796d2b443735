/* SPDX-License-Identifier: Apache-2.0 */
/* One message while it is read, and what its readers share. */
#ifndef WTR_VENDOR_HOMEASSISTANT_READING_H
#define WTR_VENDOR_HOMEASSISTANT_READING_H

#include "vendor/homeassistant/learnt.h"

struct wtr_ha_reading {
    struct wtr_ha_learnt *learnt;
    struct wtr_say *say;
    wtr_device_ref broker; /* what was learnt at one broker holds there */
};

/* discovery.c: a configuration, or its being taken back */
void wtr_ha_read_config(struct wtr_ha_reading *r, struct wtr_text topic, struct wtr_text payload);

/* value.c: a message of a topic that was learnt */
void wtr_ha_read_value(struct wtr_ha_reading *r, struct wtr_text topic, struct wtr_text payload);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One message of an ESPHome node while it is read. */
#ifndef WTR_VENDOR_ESPHOME_READING_H
#define WTR_VENDOR_ESPHOME_READING_H

#include "vendor/esphome/learnt.h"
#include "vendor/esphome/topic.h"

struct wtr_esphome_reading {
    struct wtr_esphome_learnt *learnt;
    struct wtr_say *say;
    wtr_device_ref device;
    struct wtr_esphome_node *node; /* NULL: not introduced, or there was no room */
};

/* discovery.c: who the node is, and what its entities are */
bool wtr_esphome_is_config(struct wtr_text topic, struct wtr_text payload);
void wtr_esphome_read_config(struct wtr_esphome_reading *r, struct wtr_text topic, struct wtr_text payload);
void wtr_esphome_read_description(struct wtr_esphome_reading *r, struct wtr_text payload);
void wtr_esphome_read_log(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                          struct wtr_text payload);

/* state.c: what entities state, and what is asked of them */
bool wtr_esphome_has_shape(const struct wtr_esphome_topic *topic, struct wtr_text payload);
void wtr_esphome_read_state(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                            struct wtr_text payload);
void wtr_esphome_read_command(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                              struct wtr_text payload);

/* Introduces the node of the prefix and turns to it. */
void wtr_esphome_turn_to(struct wtr_esphome_reading *r, struct wtr_text prefix);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a source has taught about its ESPHome nodes: their topic prefixes, and what their entities are.
 * Bounded; what no longer fits is not learnt. */
#ifndef WTR_VENDOR_ESPHOME_LEARNT_H
#define WTR_VENDOR_ESPHOME_LEARNT_H

#include "vendor/homeassistant/config.h"
#include "vendor/homeassistant/measure.h"
#include "vendor/homeassistant/topic_index.h"

struct wtr_esphome_node {
    bool seen; /* its own connection was in view */
    bool
        left; /* "offline" was last published by a client, so that what the broker delivers is no last will */
};

enum wtr_esphome_sort {
    WTR_ESPHOME_OTHER,
    WTR_ESPHOME_SETTING, /* a switch that is a setting, or for diagnosis: no relay */
    WTR_ESPHOME_SENSOR,
    WTR_ESPHOME_BUTTON,
};

struct wtr_esphome_entity {
    enum wtr_esphome_sort sort;
    struct wtr_measure measure; /* of a sensor */
    const char *scope;          /* of an energy counter; NULL: not known */
};

/* Zero-initialise. */
struct wtr_esphome_learnt {
    struct wtr_topic_index prefixes; /* to the place in `nodes` */
    struct wtr_topic_index topics;   /* of entities, without the last level, to the place in `entities` */
    struct wtr_esphome_node *nodes;
    struct wtr_esphome_entity *entities;
    size_t node_count, node_capacity;
    size_t entity_count, entity_capacity;
    struct wtr_ha_introduced introduced;
};

void wtr_esphome_forget(struct wtr_esphome_learnt *learnt);

/* The node with the prefix, if an earlier message introduced it; NULL if none did. `device` is what the
 * prefix stands for at its broker. Good until the next is introduced. */
struct wtr_esphome_node *wtr_esphome_node(const struct wtr_esphome_learnt *learnt, wtr_device_ref device,
                                          struct wtr_text prefix);
/* Introduces it; NULL: no room. */
struct wtr_esphome_node *wtr_esphome_introduce(struct wtr_esphome_learnt *learnt, wtr_device_ref device,
                                               struct wtr_text prefix);

/* What is known of the entity with this topic; NULL: nothing. */
const struct wtr_esphome_entity *wtr_esphome_entity(const struct wtr_esphome_learnt *learnt,
                                                    wtr_device_ref device, struct wtr_text topic);
void wtr_esphome_learn(struct wtr_esphome_learnt *learnt, wtr_device_ref device, struct wtr_text topic,
                       const struct wtr_esphome_entity *entity);

#endif

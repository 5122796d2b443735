/* SPDX-License-Identifier: Apache-2.0 */
/* What discovery has taught: which topics state or ask for something, of which device, in which words and
 * units. Bounded; what no longer fits is not learnt, and then not claimed. */
#ifndef WTR_VENDOR_HOMEASSISTANT_LEARNT_H
#define WTR_VENDOR_HOMEASSISTANT_LEARNT_H

#include "vendor/homeassistant/config.h"
#include "vendor/homeassistant/measure.h"
#include "vendor/homeassistant/topic_index.h"

enum wtr_ha_role {
    WTR_HA_RELAY,   /* the topic states a relay */
    WTR_HA_COMMAND, /* the topic takes commands for one */
    WTR_HA_SENSOR,  /* the topic gives a reading or counter */
    WTR_HA_PRESS,   /* the topic tells of a button, in words of its own */
    WTR_HA_BUTTON,  /* the topic states a button, pressed or not */
};

/* What a topic means, for one entity. */
struct wtr_ha_meaning {
    enum wtr_ha_role role;
    wtr_device_ref device;
    enum wtr_ha_place place; /* where the value stands; never elsewhere */
    struct wtr_text member;
    struct wtr_text channel; /* the entity's designation */
    struct wtr_text on, off; /* its words */
    struct wtr_measure measure;
    const char *scope; /* of an energy counter; NULL: not known */
};

struct wtr_ha_record;

/* Zero-initialise. */
struct wtr_ha_learnt {
    struct wtr_topic_index topics; /* to the first record */
    struct wtr_ha_record *records;
    size_t count;
    size_t capacity;
    struct wtr_map live;     /* topic to the number of its records that are not forgotten, at any broker */
    struct wtr_map contents; /* a configuration to a hash of what it said last */
    struct wtr_map taught;   /* a configuration to the last record that was learnt from it */
    struct wtr_ha_introduced introduced;
};

void wtr_ha_forget(struct wtr_ha_learnt *learnt);

/* A configuration's topic at its broker, for keeping what it said apart from what others said. */
uint64_t wtr_ha_source(wtr_device_ref broker, struct wtr_text config_topic);
/* Whether the configuration says something else than before. If so, what was learnt from it is forgotten. */
bool wtr_ha_is_news(struct wtr_ha_learnt *learnt, uint64_t source, struct wtr_text payload);
/* Keeps a copy of the meaning. */
void wtr_ha_learn(struct wtr_ha_learnt *learnt, uint64_t source, wtr_device_ref broker, struct wtr_text topic,
                  const struct wtr_ha_meaning *meaning);

/* Whether the topic means something at any broker: for claims, which do not know the broker. */
bool wtr_ha_knows(const struct wtr_ha_learnt *learnt, struct wtr_text topic);
/* What the topic means: call with *at WTR_NO_TOPIC first. NULL at the end. Good until the next is learnt. */
const struct wtr_ha_meaning *wtr_ha_next_meaning(const struct wtr_ha_learnt *learnt, wtr_device_ref broker,
                                                 struct wtr_text topic, uint32_t *at);

#endif

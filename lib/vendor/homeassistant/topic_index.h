/* SPDX-License-Identifier: Apache-2.0 */
/* What topics stand for, broker by broker: the same topic at two brokers of one capture may be two things.
 * The broker is told apart by a device of it, whatever the user takes for that. Bounded; what no longer
 * fits is not learnt. */
#ifndef WTR_VENDOR_HOMEASSISTANT_TOPIC_INDEX_H
#define WTR_VENDOR_HOMEASSISTANT_TOPIC_INDEX_H

#include "base/map.h"
#include "vendor/say.h"

enum { WTR_TOPIC_INDEX_MAX_TEXT = 511, WTR_TOPIC_INDEX_MAX_ENTRIES = 1 << 14 };

/* Stands for nothing. */
#define WTR_NO_TOPIC UINT32_MAX

struct wtr_topic_entry;

/* Zero-initialise. */
struct wtr_topic_index {
    struct wtr_map at_broker; /* topic and broker to the entry */
    struct wtr_map anywhere;  /* topic to the number of brokers at which it stands for something */
    struct wtr_topic_entry *entries;
    size_t count;
    size_t capacity;
};

void wtr_topic_index_free(struct wtr_topic_index *index);
/* Sets what the topic stands for; WTR_NO_TOPIC takes it back. False if there is no room. */
bool wtr_topic_index_set(struct wtr_topic_index *index, wtr_device_ref broker, struct wtr_text topic,
                         uint32_t value);
/* What the topic stands for; WTR_NO_TOPIC: nothing. */
uint32_t wtr_topic_index_find(const struct wtr_topic_index *index, wtr_device_ref broker,
                              struct wtr_text topic);
/* Whether the topic stands for something at any broker: for claims, which do not know the broker. */
bool wtr_topic_index_knows(const struct wtr_topic_index *index, struct wtr_text topic);

#endif

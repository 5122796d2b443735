/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly's MQTT messages by generation. */
#ifndef WTR_VENDOR_SHELLY_MESSAGES_H
#define WTR_VENDOR_SHELLY_MESSAGES_H

#include "vendor/shelly/learnt.h"
#include "vendor/shelly/reading.h"
#include "vendor/shelly/topic.h"

/* A PUBLISH under a topic that is Shelly's. The reading's device is that of the topic's base, but for frames
 * under <name>/rpc, where the name may be a controller's. */
struct wtr_shelly_publish {
    struct wtr_shelly_learnt *learnt;
    const struct wtr_shelly_topic *topic;
    struct wtr_text payload;
};

/* The device of a topic's base. */
wtr_device_ref wtr_shelly_device_of(struct wtr_say *say, struct wtr_text base);
/* The payload as a JSON object; false, with a finding, if it is none. */
bool wtr_shelly_object(struct wtr_shelly_reading *r, struct wtr_text payload);

/* gen1.c */
void wtr_shelly_read_gen1(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish);
/* shellies/announce: the device that it names becomes the reading's. */
void wtr_shelly_read_group_announce(struct wtr_shelly_reading *r, struct wtr_text payload);
/* A command to the whole device, or under shellies/ itself to all: what both generations take. */
void wtr_shelly_read_device_command(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish);

/* gen2.c */
void wtr_shelly_read_gen2(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish);
/* Whether the payload under a topic of Gen2 bears the family's own marks, though the prefix says nothing. */
bool wtr_shelly_has_marks(const struct wtr_shelly_topic *topic, struct wtr_text payload);
/* Whether the payload has the form of what is published under this topic, without a mark of the family. */
bool wtr_shelly_has_shape(const struct wtr_shelly_topic *topic, struct wtr_text payload);

#endif

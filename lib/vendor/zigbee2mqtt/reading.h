/* SPDX-License-Identifier: Apache-2.0 */
/* One message of a bridge, or to it, while it is read. */
#ifndef WTR_VENDOR_ZIGBEE2MQTT_READING_H
#define WTR_VENDOR_ZIGBEE2MQTT_READING_H

#include "protocol/protocol.h"
#include "vendor/zigbee2mqtt/learnt.h"

struct wtr_z2m_reading {
    struct wtr_z2m_learnt *learnt;
    struct wtr_say *say;
    const struct wtr_message *message;
    wtr_device_ref bridge;        /* what stands for the bridge at its broker */
    struct wtr_z2m_bridge *known; /* NULL: not introduced, or there was no room */
    struct wtr_text base;
};

/* zigbee2mqtt.c */

/* Turns to the bridge with this base topic; introduces it if an earlier message did not. */
void wtr_z2m_turn_to(struct wtr_z2m_reading *r, struct wtr_text base, bool introduce);
/* The device known by its friendly name alone, or by its address if that is its name. */
wtr_device_ref wtr_z2m_device_named(struct wtr_z2m_reading *r, struct wtr_text name);
/* What stands at <base>/<name>, made if new. With an address it is known by that from now on; without one
 * (empty), by its name until then. NULL: no room, or no such name. */
struct wtr_z2m_device *wtr_z2m_entry(struct wtr_z2m_reading *r, struct wtr_text name,
                                     struct wtr_text address);

/* exposes.c: bridge/devices and bridge/groups */
void wtr_z2m_read_devices(struct wtr_z2m_reading *r, struct wtr_text payload);
void wtr_z2m_read_groups(struct wtr_z2m_reading *r, struct wtr_text payload);

/* bridge.c: the bridge itself, and what it says of its devices' comings and goings */
bool wtr_z2m_is_state_word(struct wtr_text payload, bool *online);
void wtr_z2m_read_bridge(struct wtr_z2m_reading *r, struct wtr_text what, struct wtr_text payload);
void wtr_z2m_read_availability(struct wtr_z2m_reading *r, struct wtr_text name, struct wtr_text payload);

/* announce.c: Home Assistant's discovery, as the bridge publishes it */
bool wtr_z2m_is_config(struct wtr_text topic, struct wtr_text payload);
void wtr_z2m_read_config(struct wtr_z2m_reading *r, struct wtr_text topic, struct wtr_text payload);

/* state.c: what a device's messages state */
void wtr_z2m_read_state(struct wtr_z2m_reading *r, struct wtr_text name, struct wtr_text payload);
void wtr_z2m_read_attribute(struct wtr_z2m_reading *r, struct wtr_z2m_device *device, struct wtr_text name,
                            struct wtr_text payload);

/* command.c: what somebody asked of a device */
void wtr_z2m_read_set(struct wtr_z2m_reading *r, struct wtr_text name, struct wtr_text attribute,
                      struct wtr_text payload);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a source has taught about its bridges: their base topics, the devices behind them, and what the
 * properties of each are. Bounded; what no longer fits is not learnt, which costs certainty and units. */
#ifndef WTR_VENDOR_ZIGBEE2MQTT_LEARNT_H
#define WTR_VENDOR_ZIGBEE2MQTT_LEARNT_H

#include "vendor/homeassistant/config.h"
#include "vendor/homeassistant/measure.h"
#include "vendor/homeassistant/topic_index.h"

/* Property names are short (the longest in use have about forty letters). */
enum { WTR_Z2M_MAX_NAME = 63, WTR_Z2M_MAX_PROPERTIES = 48, WTR_Z2M_MAX_DEVICES = 1 << 12 };

enum wtr_z2m_role {
    WTR_Z2M_OTHER,
    WTR_Z2M_RELAY,
    WTR_Z2M_MEASURE,
    WTR_Z2M_ACTION,
};

/* What a property of a device's messages is. */
struct wtr_z2m_property {
    enum wtr_z2m_role role;
    uint8_t name_length;
    uint8_t endpoint_at; /* of an endpoint's property: where in the name the endpoint's stands, else 0 */
    uint8_t phase;       /* 2 or 3 where the name says so, else 0 */
    bool exported;       /* an energy that was fed in */
    struct wtr_measure measure;
    char name[WTR_Z2M_MAX_NAME];
};

static inline struct wtr_text wtr_z2m_name(const struct wtr_z2m_property *property)
{
    return (struct wtr_text){property->name, property->name_length};
}

/* Data NULL: the property is the whole device's. */
static inline struct wtr_text wtr_z2m_endpoint(const struct wtr_z2m_property *property)
{
    const struct wtr_text none = {NULL, 0};
    return property->endpoint_at == 0
               ? none
               : (struct wtr_text){property->name + property->endpoint_at,
                                   (size_t)(property->name_length - property->endpoint_at)};
}

struct wtr_z2m_device {
    wtr_device_ref device; /* by its IEEE address where that is known, else by its friendly name */
    bool has_address;
    bool group;
    bool light;                          /* announced as one: its state is no relay's */
    bool defined;                        /* the properties are all there are */
    bool judged;                         /* the bridge said whether it can be reached */
    bool offline;                        /* what it said last */
    uint64_t definition;                 /* a hash of what defined it */
    struct wtr_z2m_property *properties; /* owned */
    size_t property_count;
};

struct wtr_z2m_bridge {
    wtr_device_ref device;
    struct wtr_text base; /* owned */
    bool seen;            /* its own connection was in view */
    bool
        left; /* "offline" was last published by a client, so that what the broker delivers is no last will */
};

/* Zero-initialise. */
struct wtr_z2m_learnt {
    struct wtr_topic_index bases;  /* to the place in `bridges` */
    struct wtr_topic_index topics; /* <base>/<friendly name> to the place in `devices` */
    struct wtr_z2m_bridge *bridges;
    struct wtr_z2m_device *devices;
    size_t bridge_count, bridge_capacity;
    size_t device_count, device_capacity;
    struct wtr_ha_introduced introduced;
};

void wtr_z2m_forget(struct wtr_z2m_learnt *learnt);

/* The bridge with this base topic, made if new; NULL: no room. `device` is what stands for it at its
 * broker. Good until the next is made. */
struct wtr_z2m_bridge *wtr_z2m_bridge(struct wtr_z2m_learnt *learnt, wtr_device_ref device,
                                      struct wtr_text base);

/* What stands at the topic <base>/<friendly name> of the bridge; NULL if it is not known. Good until the
 * next is made. */
struct wtr_z2m_device *wtr_z2m_find(const struct wtr_z2m_learnt *learnt, wtr_device_ref bridge,
                                    struct wtr_text topic);
/* The same, made if new, to be known as `device`; NULL: no room. */
struct wtr_z2m_device *wtr_z2m_make(struct wtr_z2m_learnt *learnt, wtr_device_ref bridge,
                                    struct wtr_text topic, wtr_device_ref device);

/* The property with this name; NULL if it is not known. */
const struct wtr_z2m_property *wtr_z2m_property(const struct wtr_z2m_device *device, struct wtr_text name);
/* Adds a property, or replaces the one with its name. */
void wtr_z2m_add_property(struct wtr_z2m_device *device, const struct wtr_z2m_property *property);
void wtr_z2m_clear_properties(struct wtr_z2m_device *device);

/* What a property with this name is by itself; OTHER if nothing that is read. Its measure is set to what
 * the name says and its unit to the usual one. `endpoint` is empty if it is the whole device's. False if
 * the name does not fit. */
bool wtr_z2m_property_named(struct wtr_text name, struct wtr_text endpoint, struct wtr_z2m_property *out);

/* "0x" and sixteen hexadecimal digits. */
bool wtr_z2m_is_address(struct wtr_text text);

#endif

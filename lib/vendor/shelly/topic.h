/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly's topics, taken apart from their ends: what stands before the known ending is whose they are. */
#ifndef WTR_VENDOR_SHELLY_TOPIC_H
#define WTR_VENDOR_SHELLY_TOPIC_H

#include "base/text.h"

enum wtr_shelly_place {
    WTR_SHELLY_OTHER,          /* under shellies/, but none that is read */
    WTR_SHELLY_GROUP_ANNOUNCE, /* shellies/announce */
    WTR_SHELLY_GROUP_COMMAND,  /* shellies/command */
    /* both generations */
    WTR_SHELLY_ONLINE,
    WTR_SHELLY_ANNOUNCE,
    WTR_SHELLY_COMMAND,
    /* Gen1 */
    WTR_SHELLY_INFO,
    WTR_SHELLY_RELAY,
    WTR_SHELLY_RELAY_COMMAND,
    WTR_SHELLY_POWER,
    WTR_SHELLY_ENERGY,
    WTR_SHELLY_OVERPOWER_VALUE,
    WTR_SHELLY_VOLTAGE,
    WTR_SHELLY_INPUT,
    WTR_SHELLY_INPUT_EVENT,
    WTR_SHELLY_LONGPUSH,
    /* Gen2 and later */
    WTR_SHELLY_EVENTS,
    WTR_SHELLY_RPC,
    WTR_SHELLY_STATUS,
    WTR_SHELLY_STATUS_OF,
    WTR_SHELLY_COMMAND_TO,
};

struct wtr_shelly_topic {
    enum wtr_shelly_place place;
    bool shellies;             /* it begins with "shellies/" */
    struct wtr_text base;      /* the topic without its ending: "shellies/<id>", or the topic prefix */
    struct wtr_text ending;    /* the rest: "relay/0/power" */
    struct wtr_text component; /* STATUS_OF, COMMAND_TO: "switch:0" */
    bool numbered;             /* Gen1: the relay or input has a number */
    unsigned number;
};

/* False if the topic has none of Shelly's endings and is not under shellies/. */
bool wtr_shelly_topic_split(struct wtr_text topic, struct wtr_shelly_topic *out);

/* Whether the text has the form of a device's own id: "shelly<model>-" and six or twelve hexadecimal digits.
 */
bool wtr_shelly_is_id(struct wtr_text text);
/* The same with twelve digits, which in Gen2 and later are the device's MAC. */
bool wtr_shelly_id_mac(struct wtr_text text, uint8_t mac[6]);

/* By what id the device of a base goes: its own, where the base is that or "shellies/" and that; else the
 * base as it is, so that a custom id under shellies/ and an equal custom prefix stay apart. */
struct wtr_text wtr_shelly_id_of_base(struct wtr_text base);
/* Whether the last level of the base has the form of a device's own id. */
bool wtr_shelly_base_has_id(struct wtr_text base);

/* "switch:0" cut into "switch" and 0. False if the text is no component with a number. */
bool wtr_shelly_component(struct wtr_text component, struct wtr_text *kind, unsigned *number);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* ESPHome's topics. */
#ifndef WTR_VENDOR_ESPHOME_TOPIC_H
#define WTR_VENDOR_ESPHOME_TOPIC_H

#include "base/text.h"

enum wtr_esphome_place {
    WTR_ESPHOME_STATE,    /* <prefix>/<component>/<object>/state */
    WTR_ESPHOME_COMMAND,  /* <prefix>/<component>/<object>/command */
    WTR_ESPHOME_STATUS,   /* <prefix>/status */
    WTR_ESPHOME_LOG,      /* <prefix>/debug */
    WTR_ESPHOME_DISCOVER, /* esphome/discover/<name> */
};

struct wtr_esphome_topic {
    enum wtr_esphome_place place;
    struct wtr_text prefix; /* whose it is: the node's topic prefix, of DISCOVER its name */
    struct wtr_text component;
    struct wtr_text object;
    struct wtr_text entity; /* the topic without its last level */
};

/* False if the topic has none of these shapes, or its component is none that is read. */
bool wtr_esphome_topic_split(struct wtr_text topic, struct wtr_esphome_topic *out);

/* Whether the client id has its default form, <name>-<MAC>, where the name is the prefix's last level. */
bool wtr_esphome_is_client_id(struct wtr_text client_id, struct wtr_text prefix);

/* A line of ESPHome's log: what it is tagged with and what it says. */
struct wtr_esphome_line {
    struct wtr_text tag; /* sensor */
    struct wtr_text text;
};
bool wtr_esphome_line_cut(struct wtr_text payload, struct wtr_esphome_line *line);

#endif

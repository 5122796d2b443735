/* SPDX-License-Identifier: Apache-2.0 */
/* Home Assistant's discovery messages, taken apart. Other families announce themselves in this form, too;
 * they read it with what stands here. */
#ifndef WTR_VENDOR_HOMEASSISTANT_CONFIG_H
#define WTR_VENDOR_HOMEASSISTANT_CONFIG_H

#include "base/json.h"
#include "base/map.h"
#include "vendor/say.h"

/* homeassistant/<component>/[<node>/]<object>/config */
struct wtr_ha_topic {
    struct wtr_text component;
    struct wtr_text node; /* data NULL: none */
    struct wtr_text object;
};

bool wtr_ha_topic_cut(struct wtr_text topic, struct wtr_ha_topic *out);

/* Where an entity's value stands in the messages of its state topic. */
enum wtr_ha_place {
    WTR_HA_WHOLE,     /* the payload is the value */
    WTR_HA_MEMBER,    /* a member of the payload, which is a JSON object */
    WTR_HA_ELSEWHERE, /* a template says where, and is not evaluated */
};

enum { WTR_HA_MAX_TEXT = 255 };

/* A text with room of its own, so that it outlasts the reading of the next one. */
struct wtr_ha_text {
    char data[WTR_HA_MAX_TEXT];
    size_t length;
};

static inline struct wtr_text wtr_ha_text(const struct wtr_ha_text *text)
{
    return (struct wtr_text){text->data, text->length};
}

/* What a message says of one entity. A text that is absent, no text or too long is empty. */
struct wtr_ha_entity {
    struct wtr_ha_text state_topic;
    struct wtr_ha_text command_topic; /* empty, too, if commands go through a template */
    enum wtr_ha_place place;
    struct wtr_ha_text member; /* the member's name, if the value is one */
    struct wtr_ha_text unit;
    struct wtr_ha_text device_class;
    struct wtr_ha_text state_class;
    struct wtr_ha_text category; /* config, diagnostic */
    struct wtr_ha_text name;
    struct wtr_ha_text command_on, command_off; /* as the command topic takes them */
    struct wtr_ha_text state_on, state_off;     /* as the state topic states them */
};

/* The member under its abbreviated or its full name; -1 if there is none. */
wtr_json_ref wtr_ha_member(const struct wtr_json *json, wtr_json_ref object, const char *abbreviated,
                           const char *full);

/* Reads an entity from the object `at`; what it lacks may stand in the object `shared` (-1: there is none).
 */
void wtr_ha_entity_read(const struct wtr_json *json, wtr_json_ref at, wtr_json_ref shared,
                        struct wtr_buffer *scratch, struct wtr_ha_entity *entity);

/* The device that the message is about; -1 if it names none. */
wtr_json_ref wtr_ha_device(const struct wtr_json *json);
/* The device's first identifier; -1 if it has none. */
wtr_json_ref wtr_ha_identifier(const struct wtr_json *json, wtr_json_ref device);
/* The device's link address, by its own account. False if there is none that can be one. */
bool wtr_ha_mac(const struct wtr_json *json, wtr_json_ref device, uint8_t mac[6], wtr_json_ref *at);

/* Who the device is, as the message says: one device.identity, and its tie to its MAC. */
void wtr_ha_say_identity(struct wtr_say *say, wtr_device_ref device, const struct wtr_json *json,
                         wtr_json_ref at);

/* All entities of a device bring the same description; it is said with the first of them alone, each time
 * that one comes. Zero-initialise. */
struct wtr_ha_introduced {
    struct wtr_map by; /* device and description to the topic that says it */
};
bool wtr_ha_introduces(struct wtr_ha_introduced *introduced, wtr_device_ref device, struct wtr_text topic,
                       struct wtr_text description);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the MQTT families share: is this message a PUBLISH, who sent it, and its topic's levels. */
#ifndef WTR_VENDOR_MQTT_PUBLISH_H
#define WTR_VENDOR_MQTT_PUBLISH_H

#include "protocol/mqtt.h"
#include "vendor/say.h"

/* The message's packet if it is an MQTT packet of the type, else NULL. */
static inline const struct wtr_mqtt_packet *wtr_mqtt_packet_of(const struct wtr_message *message,
                                                               enum wtr_mqtt_type type)
{
    if (message->protocol != &wtr_mqtt)
        return NULL;
    const struct wtr_mqtt_packet *packet = message->body;
    return packet && packet->type == type ? packet : NULL;
}

/* The message's connection; NULL if the message is not MQTT. */
const struct wtr_mqtt_session *wtr_mqtt_session_of(const struct wtr_message *message);

/* A topic cut at its slashes. Levels beyond the last counted one are not stored: count says how many there
 * are in all. */
enum { WTR_TOPIC_LEVELS = 8 };

struct wtr_topic {
    struct wtr_text whole;
    struct wtr_text level[WTR_TOPIC_LEVELS];
    size_t count;
};

struct wtr_topic wtr_topic_cut(struct wtr_text topic);

/* Whether level `i` exists and is `z` (exact). */
bool wtr_topic_level_is(const struct wtr_topic *topic, size_t i, const char *z);

/* ON/OFF, on/off, true/false, 1/0 … : true and *on if the text is `on` or `off`, compared without case. */
bool wtr_text_on_off(struct wtr_text text, const char *on_word, const char *off_word, bool *on);

#endif

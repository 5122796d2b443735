/* SPDX-License-Identifier: Apache-2.0 */
/* Reading MQTT messages as the families do: packets by type, topics by level, words for on and off. */
#include "vendor/mqtt_publish.h"

const struct wtr_mqtt_session *wtr_mqtt_session_of(const struct wtr_message *message)
{
    return message->protocol == &wtr_mqtt ? message->session : NULL;
}

struct wtr_topic wtr_topic_cut(struct wtr_text topic)
{
    struct wtr_topic cut = {.whole = topic, .count = 0};
    struct wtr_text rest = topic;
    while (topic.length > 0 && rest.data) {
        struct wtr_text level = wtr_text_cut(&rest, '/');
        if (cut.count < WTR_TOPIC_LEVELS)
            cut.level[cut.count] = level;
        cut.count++;
    }
    return cut;
}

bool wtr_topic_level_is(const struct wtr_topic *topic, size_t i, const char *z)
{
    return i < topic->count && i < WTR_TOPIC_LEVELS && wtr_text_is(topic->level[i], z);
}

bool wtr_text_on_off(struct wtr_text text, const char *on_word, const char *off_word, bool *on)
{
    bool is_on = wtr_text_is_nocase(text, on_word);
    if (!is_on && !wtr_text_is_nocase(text, off_word))
        return false;
    *on = is_on;
    return true;
}

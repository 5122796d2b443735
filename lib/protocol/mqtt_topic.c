/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT's strings, topic names and topic filters: what they may hold and which name a filter matches (3.1.1
 * and 5.0 sections 1.5 and 4.7; shared subscriptions, 5.0 section 4.8.2). */
#include "protocol/mqtt_wire.h"

static bool holds(struct wtr_text text, char c)
{
    return text.length > 0 && memchr(text.data, c, text.length) != NULL;
}

const char *wtr_mqtt_string_fault(struct wtr_text text)
{
    if (!wtr_utf8_valid(text.data, text.length))
        return "a string is not UTF-8";
    return holds(text, '\0') ? "a string holds U+0000" : NULL;
}

const char *wtr_mqtt_topic_fault(struct wtr_text topic)
{
    if (topic.length == 0)
        return "a topic name is empty";
    if (holds(topic, '#') || holds(topic, '+'))
        return "a topic name holds a wildcard";
    return wtr_mqtt_string_fault(topic);
}

/* Wildcards stand alone in their level, and '#' in the last one. */
static bool wildcards_placed(struct wtr_text filter)
{
    struct wtr_text rest = filter;
    while (rest.data) {
        struct wtr_text level = wtr_text_cut(&rest, '/');
        if (level.length > 1 && (holds(level, '#') || holds(level, '+')))
            return false;
        if (wtr_text_is(level, "#") && rest.data)
            return false;
    }
    return true;
}

const char *wtr_mqtt_filter_fault(struct wtr_text filter, bool *readable)
{
    *readable = false;
    if (filter.length == 0)
        return "a topic filter is empty";
    const char *fault = wtr_mqtt_string_fault(filter);
    if (fault)
        return fault;
    *readable = true;
    return wildcards_placed(filter) ? NULL : "a topic filter has a misplaced wildcard";
}

/* The filter that a shared subscription names: $share/{ShareName}/{filter}. */
static struct wtr_text unshared(struct wtr_text filter)
{
    if (!wtr_text_starts(filter, "$share/"))
        return filter;
    struct wtr_text rest = {filter.data + 7, filter.length - 7};
    wtr_text_cut(&rest, '/');
    return rest;
}

bool wtr_mqtt_filter_matches(struct wtr_text filter, struct wtr_text topic)
{
    struct wtr_text wanted = unshared(filter);
    struct wtr_text there = topic;
    if (wanted.length == 0 || topic.length == 0)
        return false;
    /* A filter that begins with a wildcard leaves out the topics that begin with '$' (4.7.2). */
    if (topic.data[0] == '$' && (wanted.data[0] == '#' || wanted.data[0] == '+'))
        return false;
    while (wanted.data && there.data) {
        struct wtr_text level = wtr_text_cut(&wanted, '/');
        if (wtr_text_is(level, "#"))
            return wanted.data == NULL;
        struct wtr_text name = wtr_text_cut(&there, '/');
        if (!wtr_text_is(level, "+") && !wtr_text_equal(level, name))
            return false;
    }
    /* "sport/#" also matches "sport" (4.7.1.2). */
    return !there.data && (!wanted.data || wtr_text_is(wanted, "#"));
}

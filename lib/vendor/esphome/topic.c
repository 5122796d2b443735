/* SPDX-License-Identifier: Apache-2.0 */
/* ESPHome's topics and log lines (esphome/esphome@33fdbbe3 components/mqtt/__init__.py, mqtt_component.cpp,
 * mqtt_client.cpp, components/logger/logger.cpp, core/log.h) [S], [V] on a broker with payloads of our own:
 *
 *   - Everything stands under a topic prefix, by default the node's name: status (birth message, last will
 *     and shutdown message), debug (the log), and for each entity <component>/<object id>/state and
 *     /command.
 *   - The client id is by default the node's name, '-' and the MAC's twelve digits.
 *   - esphome/discover/<name> answers a call to everybody with a description of the node.
 *   - A log line is "[D][sensor:093]: text", often between the terminal's colour codes. */
#include "vendor/esphome/topic.h"

/* Cuts the last level off. False if there is no other. */
static bool cut_last(struct wtr_text *topic, struct wtr_text *last)
{
    size_t at = topic->length;
    while (at > 0 && topic->data[at - 1] != '/')
        at--;
    if (at < 2 || at == topic->length)
        return false;
    *last = (struct wtr_text){topic->data + at, topic->length - at};
    topic->length = at - 1;
    return true;
}

static bool is_read(struct wtr_text component)
{
    static const char *const components[] = {"switch", "sensor", "binary_sensor", "event"};
    for (size_t i = 0; i < sizeof components / sizeof *components; i++)
        if (wtr_text_is(component, components[i]))
            return true;
    return false;
}

bool wtr_esphome_topic_split(struct wtr_text topic, struct wtr_esphome_topic *out)
{
    static const char discover[] = "esphome/discover/";
    struct wtr_text rest = topic;
    struct wtr_text last;
    if (!cut_last(&rest, &last))
        return false;
    *out = (struct wtr_esphome_topic){.prefix = rest, .entity = rest};
    if (wtr_text_is(last, "status") || wtr_text_is(last, "debug")) {
        out->place = wtr_text_is(last, "status") ? WTR_ESPHOME_STATUS : WTR_ESPHOME_LOG;
        return true;
    }
    if (wtr_text_starts(topic, discover) && rest.length == sizeof discover - 2) {
        out->place = WTR_ESPHOME_DISCOVER;
        out->prefix = last;
        return true;
    }
    out->place = wtr_text_is(last, "state") ? WTR_ESPHOME_STATE : WTR_ESPHOME_COMMAND;
    return (wtr_text_is(last, "state") || wtr_text_is(last, "command")) &&
           cut_last(&out->prefix, &out->object) && cut_last(&out->prefix, &out->component) &&
           is_read(out->component);
}

bool wtr_esphome_is_client_id(struct wtr_text client_id, struct wtr_text prefix)
{
    static const uint8_t zero[6];
    uint8_t mac[6];
    struct wtr_text name = prefix;
    struct wtr_text rest = prefix;
    (void)cut_last(&rest, &name);
    if (client_id.length != name.length + 13 || client_id.data[name.length] != '-' ||
        memcmp(client_id.data, name.data, name.length) != 0)
        return false;
    struct wtr_text digits = {client_id.data + name.length + 1, 12};
    return wtr_parse_mac(digits, mac) && (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0;
}

static struct wtr_text from(struct wtr_text text, size_t at)
{
    return (struct wtr_text){text.data + at, text.length - at};
}

/* Without the colour codes at its ends, as in "\033[0;36m…\033[0m". */
static struct wtr_text plain(struct wtr_text line)
{
    enum { LONGEST_CODE = 12 };
    if (wtr_text_starts(line, "\033[")) {
        size_t end = 2;
        while (end < line.length && end < LONGEST_CODE && line.data[end] != 'm')
            end++;
        if (end < line.length && line.data[end] == 'm')
            line = from(line, end + 1);
    }
    if (wtr_text_ends(line, "\033[0m"))
        line.length -= 4;
    return line;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool wtr_esphome_line_cut(struct wtr_text payload, struct wtr_esphome_line *line)
{
    struct wtr_text rest = plain(payload);
    struct wtr_text level = wtr_text_cut(&rest, ']');
    if (level.length < 2 || level.length > 3 || level.data[0] != '[' || level.data[1] == '\0' ||
        !strchr("EWICDV", level.data[1]) || !rest.data || rest.length == 0 || rest.data[0] != '[')
        return false;
    struct wtr_text place = wtr_text_cut(&rest, ']');
    size_t digits = 0;
    while (digits < place.length && is_digit(place.data[place.length - digits - 1]))
        digits++;
    size_t colon = place.length - digits;
    if (digits == 0 || colon < 3 || place.data[colon - 1] != ':' || !wtr_text_starts(rest, ": "))
        return false;
    line->tag = (struct wtr_text){place.data + 1, colon - 2};
    line->text = from(rest, 2);
    return true;
}

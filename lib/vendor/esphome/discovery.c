/* SPDX-License-Identifier: Apache-2.0 */
/* Who an ESPHome node is and what its entities are (esphome/esphome@33fdbbe3
 * components/mqtt/mqtt_component.cpp send_discovery_, mqtt_client.cpp send_device_info_,
 * components/sensor/sensor.cpp, core/helpers.cpp) [S], the discovery [V] on a broker with payloads of our
 * own:
 *
 *   - The discovery message is Home Assistant's. It is ESPHome's own if the device's identifier is a text
 *     (not a list) of the MAC's twelve digits, and a topic ends as ESPHome's do. Units stand nowhere else,
 *     except:
 *   - The log says, with each value, "'Heater power': Sending state 1500.00000 W with 1 decimals of
 *     accuracy". The object id is the name in lower case, with '_' for all but letters, digits, '-' and
 *     '_'. Of an energy counter the log does not say what it covers.
 *   - A description: name, friendly_name, version, mac, board, ip.
 *   - An entity keeps its meaning when its discovery message is taken back. */
#include "vendor/esphome/reading.h"

static struct wtr_text part(struct wtr_text text, size_t from, size_t to)
{
    return (struct wtr_text){text.data + from, to - from};
}

/* The first place at which the text stands, from `from` on; the text's length if there is none. */
static size_t place_of(struct wtr_text text, size_t from, const char *z)
{
    size_t n = strlen(z);
    while (from + n <= text.length && memcmp(text.data + from, z, n) != 0)
        from++;
    return from + n <= text.length ? from : text.length;
}

static bool is_id_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

/* Whether what follows is one level and then "/state" or "/command", and the text's end. */
static bool ends_as_topic(struct wtr_text text)
{
    size_t at = 0;
    while (at < text.length && is_id_character(text.data[at]))
        at++;
    struct wtr_text rest = part(text, at, text.length);
    return at > 0 && (wtr_text_starts(rest, "/state\"") || wtr_text_starts(rest, "/command\""));
}

static bool names_topic(struct wtr_text payload, struct wtr_text component)
{
    char level[34];
    if (component.length > sizeof level - 3)
        return false;
    level[0] = '/';
    memcpy(level + 1, component.data, component.length);
    memcpy(level + 1 + component.length, "/", 2);
    size_t n = component.length + 2;
    for (size_t at = place_of(payload, 0, level); at < payload.length; at = place_of(payload, at + 1, level))
        if (ends_as_topic(part(payload, at + n, payload.length)))
            return true;
    return false;
}

static bool names_mac(struct wtr_text payload, const char *key)
{
    uint8_t mac[6];
    size_t at = place_of(payload, 0, key) + strlen(key);
    return at + 13 <= payload.length && payload.data[at + 12] == '"' &&
           wtr_parse_mac(part(payload, at, at + 12), mac);
}

bool wtr_esphome_is_config(struct wtr_text topic, struct wtr_text payload)
{
    struct wtr_ha_topic cut;
    return wtr_ha_topic_cut(topic, &cut) &&
           (names_mac(payload, "\"ids\":\"") || names_mac(payload, "\"identifiers\":\"")) &&
           names_topic(payload, cut.component);
}

static void learn_sensor(const struct wtr_ha_entity *config, struct wtr_text object,
                         struct wtr_esphome_entity *entity)
{
    if (!wtr_measure_of(wtr_ha_text(&config->unit), wtr_ha_text(&config->device_class), &entity->measure))
        return;
    entity->sort = WTR_ESPHOME_SENSOR;
    entity->scope = wtr_measure_scope(wtr_ha_text(&config->state_class), object);
}

static void learn_entity(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                         const struct wtr_ha_entity *config)
{
    struct wtr_esphome_entity entity = {.sort = WTR_ESPHOME_OTHER};
    if (wtr_text_is(topic->component, "sensor"))
        learn_sensor(config, topic->object, &entity);
    else if (wtr_text_is(topic->component, "switch") && config->category.length > 0)
        entity.sort = WTR_ESPHOME_SETTING;
    else if (wtr_text_is(topic->component, "event") &&
             wtr_text_is(wtr_ha_text(&config->device_class), "button"))
        entity.sort = WTR_ESPHOME_BUTTON;
    wtr_esphome_learn(r->learnt, r->device, topic->entity, &entity);
}

/* The name that the owner gave to a relay. */
static void say_channel_name(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                             const struct wtr_ha_entity *config)
{
    const struct wtr_json *json = wtr_say_json(r->say);
    wtr_json_ref name = wtr_json_get(json, 0, "name");
    if (!wtr_text_is(topic->component, "switch") || config->category.length > 0 || config->name.length == 0)
        return;
    wtr_say_begin(r->say, WTR_KIND_DEVICE_IDENTITY, r->device);
    wtr_say_channel(r->say, topic->object, 0);
    wtr_say_text(r->say, WTR_FIELD_CHANNEL_NAME, wtr_ha_text(&config->name));
    wtr_say_raw_json(r->say, "name", json, name);
    wtr_say_end(r->say);
}

void wtr_esphome_read_config(struct wtr_esphome_reading *r, struct wtr_text topic, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    struct wtr_ha_entity config;
    struct wtr_esphome_topic entity;
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(r->say, payload, "the discovery message is no JSON object");
        return;
    }
    wtr_ha_entity_read(json, 0, -1, wtr_say_scratch(r->say), &config);
    bool split = wtr_esphome_topic_split(wtr_ha_text(&config.state_topic), &entity) ||
                 wtr_esphome_topic_split(wtr_ha_text(&config.command_topic), &entity);
    if (!split || entity.place > WTR_ESPHOME_COMMAND)
        return;
    wtr_esphome_turn_to(r, entity.prefix);
    wtr_json_ref device = wtr_ha_device(json);
    if (wtr_ha_introduces(&r->learnt->introduced, r->device, topic, wtr_json_raw(json, device)))
        wtr_ha_say_identity(r->say, r->device, json, device);
    say_channel_name(r, &entity, &config);
    learn_entity(r, &entity, &config);
}

static void add_text(struct wtr_say *say, const struct wtr_json *json, const char *name, enum wtr_field field)
{
    wtr_json_ref at = wtr_json_get(json, 0, name);
    struct wtr_text text = wtr_json_string(json, at, wtr_say_scratch(say));
    if (text.length == 0)
        return;
    wtr_say_text(say, field, text);
    wtr_say_raw_json(say, name, json, at);
}

void wtr_esphome_read_description(struct wtr_esphome_reading *r, struct wtr_text payload)
{
    static const struct {
        const char *name;
        enum wtr_field field;
    } members[] = {
        {"version", WTR_FIELD_FIRMWARE}, {"board", WTR_FIELD_MODEL}, {"friendly_name", WTR_FIELD_NAME},
        {"name", WTR_FIELD_HOSTNAME},    {"ip", WTR_FIELD_IP},
    };
    struct wtr_json *json = wtr_say_json(r->say);
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    uint8_t mac[6];
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT))
        return;
    wtr_json_ref at = wtr_json_get(json, 0, "mac");
    if (!wtr_json_is(json, at, WTR_JSON_STRING) || !wtr_parse_mac(wtr_json_raw(json, at), mac) || mac[0] & 1)
        return;
    wtr_say_tie_mac(r->say, r->device, mac);
    wtr_say_begin(r->say, WTR_KIND_DEVICE_IDENTITY, r->device);
    wtr_buffer_clear(scratch);
    wtr_put_mac(scratch, mac);
    wtr_say_text(r->say, WTR_FIELD_MAC, wtr_buffer_text(scratch));
    wtr_say_raw_json(r->say, "mac", json, at);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        add_text(r->say, json, members[i].name, members[i].field);
    wtr_say_end(r->say);
}

/* The object id that the name makes, behind "<prefix>/sensor/". */
static bool put_entity_topic(struct wtr_buffer *out, struct wtr_text prefix, struct wtr_text name)
{
    wtr_buffer_clear(out);
    wtr_put_text(out, prefix);
    wtr_put_z(out, "/sensor/");
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        wtr_put_char(out, is_id_character(c) ? c : '_');
    }
    return !out->failed;
}

void wtr_esphome_read_log(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                          struct wtr_text payload)
{
    static const char sending[] = "': Sending state ";
    struct wtr_esphome_line line;
    struct wtr_esphome_entity entity = {.sort = WTR_ESPHOME_SENSOR};
    const struct wtr_text no_class = {NULL, 0};
    if (!wtr_esphome_line_cut(payload, &line) || !wtr_text_is(line.tag, "sensor") ||
        !wtr_text_starts(line.text, "'"))
        return;
    size_t end = place_of(line.text, 1, sending);
    size_t value = end + sizeof sending - 1;
    size_t with = place_of(line.text, 1, " with ");
    if (end == line.text.length || value >= with || with == line.text.length)
        return;
    struct wtr_text unit = part(line.text, value, with);
    (void)wtr_text_cut(&unit, ' ');
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    if (!unit.data || !wtr_measure_of(unit, no_class, &entity.measure) ||
        !put_entity_topic(scratch, topic->prefix, part(line.text, 1, end)))
        return;
    if (!wtr_esphome_entity(r->learnt, r->device, wtr_buffer_text(scratch)))
        wtr_esphome_learn(r->learnt, r->device, wtr_buffer_text(scratch), &entity);
}

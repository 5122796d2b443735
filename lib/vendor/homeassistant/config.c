/* SPDX-License-Identifier: Apache-2.0 */
/* Home Assistant's MQTT discovery (home-assistant.io source/_integrations/mqtt.markdown,
 * switch.mqtt.markdown, sensor.mqtt.markdown; home-assistant/core components/mqtt/abbreviations.py,
 * discovery.py) [S]:
 *
 *   - <prefix>/<component>/[<node_id>/]<object_id>/config, the prefix "homeassistant" unless set otherwise;
 *     another prefix can't be told from other topics and is not read. Retained; an empty payload takes it
 *     back.
 *   - Keys in full or abbreviated. "~" is a base topic: a topic that begins or ends with '~' has it in its
 *     place.
 *   - payload_on and payload_off are "ON" and "OFF" unless given; state_on and state_off default to them.
 *   - A value_template is in Jinja2. Only {{ value }}, {{ value_json.key }} and {{ value_json['key'] }} are
 *     taken for what they are; anything else may compute whatever it likes.
 *   - device: identifiers (a text or a list), connections (pairs such as ["mac", "02:5b:…"]), manufacturer,
 *     model, sw_version, name. */
#include "vendor/homeassistant/config.h"

#include "vendor/homeassistant/measure.h"

bool wtr_ha_topic_cut(struct wtr_text topic, struct wtr_ha_topic *out)
{
    struct wtr_text level[4] = {{NULL, 0}};
    struct wtr_text rest = topic;
    size_t levels = 0;
    if (!wtr_text_starts(topic, "homeassistant/") || !wtr_text_ends(topic, "/config"))
        return false;
    (void)wtr_text_cut(&rest, '/');
    while (rest.data && levels < 4) {
        level[levels] = wtr_text_cut(&rest, '/');
        if (level[levels++].length == 0)
            return false;
    }
    if (rest.data || levels < 3)
        return false;
    const struct wtr_text none = {NULL, 0};
    *out = (struct wtr_ha_topic){level[0], levels == 4 ? level[1] : none, level[levels - 2]};
    return true;
}

wtr_json_ref wtr_ha_member(const struct wtr_json *json, wtr_json_ref object, const char *abbreviated,
                           const char *full)
{
    wtr_json_ref found = wtr_json_get(json, object, abbreviated);
    return found >= 0 ? found : wtr_json_get(json, object, full);
}

/* What an entity is read from. */
struct reader {
    const struct wtr_json *json;
    wtr_json_ref at;
    wtr_json_ref shared;
    struct wtr_buffer *scratch;
};

static wtr_json_ref member_of(const struct reader *r, const char *abbreviated, const char *full)
{
    wtr_json_ref found = wtr_ha_member(r->json, r->at, abbreviated, full);
    return found >= 0 ? found : wtr_ha_member(r->json, r->shared, abbreviated, full);
}

static void keep(struct wtr_ha_text *out, struct wtr_text text)
{
    out->length = text.length <= sizeof out->data ? text.length : 0;
    if (out->length > 0)
        memcpy(out->data, text.data, out->length);
}

static void keep_z(struct wtr_ha_text *out, const char *z)
{
    keep(out, wtr_text_z(z));
}

static void keep_member(const struct reader *r, const char *abbreviated, const char *full,
                        struct wtr_ha_text *out)
{
    wtr_json_ref found = member_of(r, abbreviated, full);
    keep(out, wtr_json_string(r->json, found, r->scratch));
}

/* A word that states or asks for something: a text, or a number, true or false as it stands. */
static void keep_word(const struct reader *r, const char *abbreviated, const char *full,
                      struct wtr_ha_text *out)
{
    wtr_json_ref found = member_of(r, abbreviated, full);
    bool literal = wtr_json_is(r->json, found, WTR_JSON_NUMBER) ||
                   wtr_json_is(r->json, found, WTR_JSON_TRUE) || wtr_json_is(r->json, found, WTR_JSON_FALSE);
    if (found >= 0)
        keep(out, literal ? wtr_json_raw(r->json, found) : wtr_json_string(r->json, found, r->scratch));
}

/* A topic with its '~' replaced. */
static void keep_topic(const struct reader *r, const char *abbreviated, const char *full,
                       struct wtr_ha_text *out)
{
    struct wtr_ha_text given;
    struct wtr_ha_text base;
    keep_member(r, abbreviated, full, &given);
    keep_member(r, "~", "~", &base);
    bool before = given.length > 0 && given.data[0] == '~';
    bool behind = !before && given.length > 0 && given.data[given.length - 1] == '~';
    *out = given;
    if (!before && !behind)
        return;
    size_t own = given.length - 1;
    out->length = 0;
    if (base.length == 0 || own + base.length > sizeof out->data)
        return;
    memcpy(out->data + (behind ? 0 : base.length), given.data + (before ? 1 : 0), own);
    memcpy(out->data + (behind ? own : 0), base.data, base.length);
    out->length = own + base.length;
}

static struct wtr_text trimmed(struct wtr_text text)
{
    while (text.length > 0 && text.data[0] == ' ')
        text = (struct wtr_text){text.data + 1, text.length - 1};
    while (text.length > 0 && text.data[text.length - 1] == ' ')
        text.length--;
    return text;
}

static struct wtr_text without(struct wtr_text text, size_t front, size_t back)
{
    return (struct wtr_text){text.data + front, text.length - front - back};
}

/* The key in value_json.key, value_json['key'] or value_json["key"]; data NULL if it is none of these. */
static struct wtr_text key_of(struct wtr_text expression)
{
    const struct wtr_text none = {NULL, 0};
    const size_t n = sizeof "value_json" - 1;
    if (!wtr_text_starts(expression, "value_json") || expression.length < n + 2)
        return none;
    struct wtr_text rest = without(expression, n, 0);
    bool quoted = (wtr_text_starts(rest, "['") && wtr_text_ends(rest, "']")) ||
                  (wtr_text_starts(rest, "[\"") && wtr_text_ends(rest, "\"]"));
    if (!quoted && rest.data[0] != '.')
        return none;
    struct wtr_text key = {NULL, 0};
    if (!quoted)
        key = without(rest, 1, 0);
    else if (rest.length > 4)
        key = without(rest, 2, 2);
    for (size_t i = 0; i < key.length; i++) {
        char c = key.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!letter && !(quoted && (c == '-' || c == ' ')))
            return none;
    }
    return key.length > 0 ? key : none;
}

static void read_template(const struct reader *r, struct wtr_ha_entity *entity)
{
    wtr_json_ref found = member_of(r, "val_tpl", "value_template");
    struct wtr_text text = wtr_json_string(r->json, found, r->scratch);
    entity->place = found < 0 ? WTR_HA_WHOLE : WTR_HA_ELSEWHERE;
    entity->member.length = 0;
    text = trimmed(text);
    if (text.length < 5 || !wtr_text_starts(text, "{{") || !wtr_text_ends(text, "}}"))
        return;
    struct wtr_text expression = trimmed(without(text, 2, 2));
    struct wtr_text key = key_of(expression);
    if (wtr_text_is(expression, "value"))
        entity->place = WTR_HA_WHOLE;
    if (!key.data || key.length > sizeof entity->member.data)
        return;
    keep(&entity->member, key);
    entity->place = WTR_HA_MEMBER;
}

static void read_words(const struct reader *r, struct wtr_ha_entity *entity)
{
    keep_z(&entity->command_on, "ON");
    keep_z(&entity->command_off, "OFF");
    keep_word(r, "pl_on", "payload_on", &entity->command_on);
    keep_word(r, "pl_off", "payload_off", &entity->command_off);
    entity->state_on = entity->command_on;
    entity->state_off = entity->command_off;
    keep_word(r, "stat_on", "state_on", &entity->state_on);
    keep_word(r, "stat_off", "state_off", &entity->state_off);
}

void wtr_ha_entity_read(const struct wtr_json *json, wtr_json_ref at, wtr_json_ref shared,
                        struct wtr_buffer *scratch, struct wtr_ha_entity *entity)
{
    const struct reader r = {json, at, shared, scratch};
    keep_topic(&r, "stat_t", "state_topic", &entity->state_topic);
    keep_topic(&r, "cmd_t", "command_topic", &entity->command_topic);
    if (member_of(&r, "cmd_tpl", "command_template") >= 0)
        entity->command_topic.length = 0;
    read_template(&r, entity);
    read_words(&r, entity);
    keep_member(&r, "unit_of_meas", "unit_of_measurement", &entity->unit);
    keep_member(&r, "dev_cla", "device_class", &entity->device_class);
    keep_member(&r, "stat_cla", "state_class", &entity->state_class);
    keep_member(&r, "ent_cat", "entity_category", &entity->category);
    keep_member(&r, "name", "name", &entity->name);
}

wtr_json_ref wtr_ha_device(const struct wtr_json *json)
{
    wtr_json_ref device = wtr_ha_member(json, 0, "dev", "device");
    return wtr_json_is(json, device, WTR_JSON_OBJECT) ? device : -1;
}

wtr_json_ref wtr_ha_identifier(const struct wtr_json *json, wtr_json_ref device)
{
    wtr_json_ref ids = wtr_ha_member(json, device, "ids", "identifiers");
    if (wtr_json_is(json, ids, WTR_JSON_ARRAY))
        ids = wtr_json_first(json, ids);
    return wtr_json_is(json, ids, WTR_JSON_STRING) ? ids : -1;
}

/* A link address that can be a device's own: not zero, not a group address. */
static bool is_own_mac(const uint8_t mac[6])
{
    static const uint8_t zero[6];
    return (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0;
}

bool wtr_ha_mac(const struct wtr_json *json, wtr_json_ref device, uint8_t mac[6], wtr_json_ref *at)
{
    enum { MAX_CONNECTIONS = 16 };
    wtr_json_ref pairs = wtr_ha_member(json, device, "cns", "connections");
    wtr_json_ref pair = wtr_json_is(json, pairs, WTR_JSON_ARRAY) ? wtr_json_first(json, pairs) : -1;
    for (int n = 0; n < MAX_CONNECTIONS && pair >= 0; n++) {
        wtr_json_ref kind = wtr_json_is(json, pair, WTR_JSON_ARRAY) ? wtr_json_first(json, pair) : -1;
        wtr_json_ref value = kind >= 0 ? wtr_json_next(json, pair, kind) : -1;
        if (wtr_json_is(json, kind, WTR_JSON_STRING) && wtr_text_is(wtr_json_raw(json, kind), "mac") &&
            wtr_json_is(json, value, WTR_JSON_STRING) && wtr_parse_mac(wtr_json_raw(json, value), mac)) {
            *at = value;
            return is_own_mac(mac);
        }
        pair = wtr_json_next(json, pairs, pair);
    }
    return false;
}

/* The identity while it is said: it begins with its first value, so that none is said without any. */
struct identity {
    struct wtr_say *say;
    wtr_device_ref device;
    const struct wtr_json *json;
    bool begun;
};

/* Adds a value under the name that its member has in the message. */
static void add(struct identity *i, enum wtr_field field, struct wtr_text text, wtr_json_ref member,
                wtr_json_ref value)
{
    if (!i->begun)
        wtr_say_begin(i->say, WTR_KIND_DEVICE_IDENTITY, i->device);
    i->begun = true;
    const struct wtr_standing standing = {i->json, value, wtr_json_raw(i->json, value)};
    wtr_say_text(i->say, field, text);
    wtr_say_standing(i->say, wtr_json_raw(i->json, member - 1), &standing);
}

static void add_mac(struct identity *i, wtr_json_ref device)
{
    struct wtr_buffer *scratch = wtr_say_scratch(i->say);
    uint8_t mac[6];
    wtr_json_ref at = -1;
    if (!wtr_ha_mac(i->json, device, mac, &at))
        return;
    wtr_say_tie_mac(i->say, i->device, mac);
    wtr_buffer_clear(scratch);
    wtr_put_mac(scratch, mac);
    add(i, WTR_FIELD_MAC, wtr_buffer_text(scratch), wtr_ha_member(i->json, device, "cns", "connections"), at);
}

void wtr_ha_say_identity(struct wtr_say *say, wtr_device_ref device, const struct wtr_json *json,
                         wtr_json_ref at)
{
    static const struct {
        const char *abbreviated;
        const char *full;
        enum wtr_field field;
    } members[] = {
        {"mf", "manufacturer", WTR_FIELD_VENDOR},    {"mdl", "model", WTR_FIELD_MODEL},
        {"sw", "sw_version", WTR_FIELD_FIRMWARE},    {"name", "name", WTR_FIELD_NAME},
        {"ids", "identifiers", WTR_FIELD_DEVICE_ID},
    };
    struct identity i = {.say = say, .device = device, .json = json};
    add_mac(&i, at);
    for (size_t m = 0; m < sizeof members / sizeof *members; m++) {
        wtr_json_ref member = wtr_ha_member(json, at, members[m].abbreviated, members[m].full);
        wtr_json_ref value = members[m].field == WTR_FIELD_DEVICE_ID ? wtr_ha_identifier(json, at) : member;
        struct wtr_text text = wtr_json_string(json, value, wtr_say_scratch(say));
        if (text.length > 0)
            add(&i, members[m].field, text, member, value);
    }
    if (i.begun)
        wtr_say_end(say);
}

bool wtr_ha_introduces(struct wtr_ha_introduced *introduced, wtr_device_ref device, struct wtr_text topic,
                       struct wtr_text description)
{
    enum { MAX_DESCRIPTIONS = 1 << 15 };
    uint64_t key = wtr_hash64(description.data, description.length, (uint64_t)device + 1);
    uint64_t by = wtr_hash64(topic.data, topic.length, 0);
    const uint64_t *known = wtr_map_find(&introduced->by, key);
    if (known)
        return *known == by;
    introduced->by.limit = MAX_DESCRIPTIONS;
    (void)wtr_map_put(&introduced->by, key, by);
    return true;
}

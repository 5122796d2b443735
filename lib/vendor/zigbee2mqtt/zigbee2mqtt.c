/* SPDX-License-Identifier: Apache-2.0 */
/* Zigbee2MQTT: which messages are its own, and whose they are (Koenkk/zigbee2mqtt@6835cbf5 lib/mqtt.ts,
 * lib/zigbee.ts, lib/util/utils.ts validateFriendlyName) [S], [V] on a broker with payloads of our own:
 *
 *   - Everything stands under a base topic, "zigbee2mqtt" unless set otherwise. CONNECT has the will
 *     "offline" for <base>/bridge/state; bridge/info, bridge/devices and discovery name the base, too.
 *   - Under bridge/ the bridge talks of itself, else of a device or group by its friendly name, which may
 *     have slashes and spaces and is the device's address until it is given one.
 *   - The bridge subscribes to its whole base, so the broker sends it its own messages back.
 *
 * A device is known by its IEEE address as soon as a message names both, before that by its friendly name.
 * A topic under another base than the usual one is claimed by its shape alone until its device was
 * introduced.
 *
 * The connection is the bridge's, not that of any plug behind it: taken for it if its CONNECT says so, or
 * where that was not seen, if it publishes what only the bridge does. */
#include "vendor/zigbee2mqtt/zigbee2mqtt.h"

#include "vendor/mqtt_publish.h"
#include "vendor/zigbee2mqtt/reading.h"

static const char usual_base[] = "zigbee2mqtt";

static struct wtr_text part(struct wtr_text text, size_t from, size_t to)
{
    return (struct wtr_text){text.data + from, to - from};
}

/* Cuts the ending off, which begins with a slash. */
static bool cut_end(struct wtr_text *topic, const char *end)
{
    size_t n = strlen(end);
    if (topic->length <= n || !wtr_text_ends(*topic, end))
        return false;
    topic->length -= n;
    return true;
}

/* The longest base under which the topic stands: one that was introduced at some broker, else the usual
 * one. */
static bool find_base(const struct wtr_z2m_learnt *learnt, struct wtr_text topic, struct wtr_text *base,
                      bool *introduced)
{
    const size_t n = sizeof usual_base - 1;
    size_t found = 0;
    *introduced = false;
    if (wtr_text_starts(topic, usual_base) && topic.length > n + 1 && topic.data[n] == '/')
        found = n;
    for (size_t at = 1; at + 1 < topic.length && learnt->bridge_count > 0; at++) {
        if (topic.data[at] != '/' || !wtr_topic_index_knows(&learnt->bases, part(topic, 0, at)))
            continue;
        found = at;
        *introduced = true;
    }
    *base = part(topic, 0, found);
    return found > 0;
}

static bool contains(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    for (size_t at = 0; at + n <= text.length; at++)
        if (memcmp(text.data + at, z, n) == 0)
            return true;
    return false;
}

/* A message that tells of a base not known before: the list of devices, or the bridge's description. */
static bool introduces_base(struct wtr_text topic, struct wtr_text payload, struct wtr_text *base)
{
    *base = topic;
    if (cut_end(base, "/bridge/devices"))
        return wtr_text_starts(payload, "[{") && contains(payload, "\"ieee_address\"") &&
               contains(payload, "\"friendly_name\"");
    return cut_end(base, "/bridge/info") && wtr_text_starts(payload, "{") &&
           contains(payload, "\"base_topic\"") && contains(payload, "\"coordinator\"");
}

static bool is_will(const struct wtr_mqtt_packet *packet, struct wtr_text *base)
{
    bool online = false;
    *base = packet->will_topic;
    return packet->has_will && cut_end(base, "/bridge/state") &&
           wtr_z2m_is_state_word(packet->will_payload, &online) && !online;
}

/* Where the first level `level` stands in the name, with a slash before it; the name's length if it does
 * not. */
static size_t place_of_level(struct wtr_text name, const char *level)
{
    size_t n = strlen(level);
    for (size_t at = 1; at + n < name.length; at++) {
        bool ends = at + 1 + n == name.length || name.data[at + 1 + n] == '/';
        if (name.data[at] == '/' && ends && memcmp(name.data + at + 1, level, n) == 0)
            return at;
    }
    return name.length;
}

/* Whether the topic, or one that it goes on from, is a device's. */
static bool is_of_device(const struct wtr_z2m_learnt *learnt, struct wtr_text topic, size_t base)
{
    for (size_t at = topic.length; at > base + 1; at--)
        if ((at == topic.length || topic.data[at] == '/') &&
            wtr_topic_index_knows(&learnt->topics, part(topic, 0, at)))
            return true;
    return false;
}

static enum wtr_claim claim_publish(const struct wtr_z2m_learnt *learnt, const struct wtr_mqtt_packet *packet)
{
    struct wtr_text base;
    bool introduced = false;
    if (!find_base(learnt, packet->topic, &base, &introduced)) {
        bool own = introduces_base(packet->topic, packet->payload, &base) ||
                   wtr_z2m_is_config(packet->topic, packet->payload);
        return own ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
    }
    struct wtr_text rest = part(packet->topic, base.length + 1, packet->topic.length);
    if (introduced && (wtr_text_starts(rest, "bridge/") || is_of_device(learnt, packet->topic, base.length)))
        return WTR_CLAIM_LEARNT;
    return wtr_text_is(base, usual_base) ? WTR_CLAIM_NAMED : WTR_CLAIM_SHAPE;
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    const struct wtr_z2m_learnt *learnt = state;
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    struct wtr_text base;
    if (packet && is_will(packet, &base))
        return wtr_topic_index_knows(&learnt->bases, base) ? WTR_CLAIM_LEARNT : WTR_CLAIM_NAMED;
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    return packet && packet->topic.data ? claim_publish(learnt, packet) : WTR_CLAIM_NONE;
}

void wtr_z2m_turn_to(struct wtr_z2m_reading *r, struct wtr_text base, bool introduce)
{
    char id[WTR_TOPIC_INDEX_MAX_TEXT];
    static const char end[] = "/bridge";
    const size_t n = sizeof end - 1;
    r->base = base;
    r->bridge = WTR_NO_DEVICE;
    r->known = NULL;
    if (base.length + n > sizeof id)
        return;
    memcpy(id, base.data, base.length);
    memcpy(id + base.length, end, n);
    r->bridge = wtr_say_device(r->say, usual_base, (struct wtr_text){id, base.length + n});
    uint32_t at = wtr_topic_index_find(&r->learnt->bases, r->bridge, base);
    if (introduce || at != WTR_NO_TOPIC)
        r->known = wtr_z2m_bridge(r->learnt, r->bridge, base);
}

/* Friendly names are unique within a base: one of another base than the usual has it before it. */
wtr_device_ref wtr_z2m_device_named(struct wtr_z2m_reading *r, struct wtr_text name)
{
    char id[WTR_TOPIC_INDEX_MAX_TEXT];
    if (wtr_z2m_is_address(name))
        return wtr_say_device(r->say, "zigbee", name);
    if (wtr_text_is(r->base, usual_base))
        return wtr_say_device(r->say, usual_base, name);
    size_t length = r->base.length + 1 + name.length;
    if (length > sizeof id)
        return WTR_NO_DEVICE;
    memcpy(id, r->base.data, r->base.length);
    id[r->base.length] = '/';
    memcpy(id + r->base.length + 1, name.data, name.length);
    return wtr_say_device(r->say, usual_base, (struct wtr_text){id, length});
}

static void set_address(struct wtr_z2m_reading *r, struct wtr_z2m_device *device, struct wtr_text address)
{
    wtr_device_ref ref = wtr_say_device(r->say, "zigbee", address);
    if (ref == WTR_NO_DEVICE)
        return;
    device->device = ref;
    device->has_address = true;
}

struct wtr_z2m_device *wtr_z2m_entry(struct wtr_z2m_reading *r, struct wtr_text name, struct wtr_text address)
{
    char topic[WTR_TOPIC_INDEX_MAX_TEXT];
    size_t length = r->base.length + 1 + name.length;
    if (name.length == 0 || length > sizeof topic || r->bridge == WTR_NO_DEVICE)
        return NULL;
    memcpy(topic, r->base.data, r->base.length);
    topic[r->base.length] = '/';
    memcpy(topic + r->base.length + 1, name.data, name.length);
    const struct wtr_text whole = {topic, length};
    struct wtr_z2m_device *device = wtr_z2m_find(r->learnt, r->bridge, whole);
    if (address.length == 0 && wtr_z2m_is_address(name))
        address = name;
    if (!device) {
        wtr_device_ref ref = address.length > 0 ? WTR_NO_DEVICE : wtr_z2m_device_named(r, name);
        device = wtr_z2m_make(r->learnt, r->bridge, whole, ref);
    }
    if (device && address.length > 0)
        set_address(r, device, address);
    return device;
}

/* A connection belongs to the first bridge that it is found to belong to. */
static void own(struct wtr_z2m_reading *r)
{
    if (r->bridge == WTR_NO_DEVICE || wtr_say_connection_device(r->say) != WTR_NO_DEVICE)
        return;
    wtr_say_own_connection(r->say, r->bridge);
    r->known = wtr_z2m_bridge(r->learnt, r->bridge, r->base);
    if (r->known)
        r->known->seen = true;
}

static void note_own(struct wtr_z2m_reading *r)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(r->message);
    if (session && !session->connect_seen && wtr_mqtt_from_client(session, r->message->direction))
        own(r);
}

static void read_connect(struct wtr_z2m_reading *r, const struct wtr_mqtt_packet *packet)
{
    struct wtr_text base;
    if (!is_will(packet, &base))
        return;
    wtr_z2m_turn_to(r, base, true);
    own(r);
}

/* The device whose topic this one goes on from by one level; NULL if none was introduced. */
static struct wtr_z2m_device *parent_of(struct wtr_z2m_reading *r, struct wtr_text topic,
                                        struct wtr_text *last)
{
    size_t at = topic.length;
    while (at > r->base.length + 1 && topic.data[at - 1] != '/')
        at--;
    *last = part(topic, at, topic.length);
    return at > r->base.length + 2 ? wtr_z2m_find(r->learnt, r->bridge, part(topic, 0, at - 1)) : NULL;
}

/* A device's own message, or one of its values by itself. A copy of a part of it, which Home Assistant's
 * lights and covers are given, repeats what the device's own message says. */
static void read_device(struct wtr_z2m_reading *r, struct wtr_text topic, struct wtr_text name,
                        struct wtr_text payload)
{
    struct wtr_z2m_device *device = wtr_z2m_find(r->learnt, r->bridge, topic);
    struct wtr_text last;
    struct wtr_z2m_device *parent = device ? NULL : parent_of(r, topic, &last);
    bool object = wtr_text_starts(payload, "{");
    if (parent) {
        if (!object)
            wtr_z2m_read_attribute(r, parent, last, payload);
        return;
    }
    if (!device && !object)
        return;
    note_own(r);
    wtr_z2m_read_state(r, name, payload);
}

static void read_of_base(struct wtr_z2m_reading *r, struct wtr_text topic, struct wtr_text payload)
{
    static const char bridge[] = "bridge/";
    struct wtr_text name = part(topic, r->base.length + 1, topic.length);
    if (wtr_text_starts(name, bridge)) {
        struct wtr_text what = part(name, sizeof bridge - 1, name.length);
        wtr_z2m_read_bridge(r, what, payload);
        if (!wtr_text_starts(what, "request/"))
            note_own(r);
        return;
    }
    size_t set = place_of_level(name, "set");
    size_t get = place_of_level(name, "get");
    if (set < name.length && set < get) {
        size_t behind = set + 4 < name.length ? set + 5 : name.length;
        wtr_z2m_read_set(r, part(name, 0, set), part(name, behind, name.length), payload);
    } else if (get == name.length && cut_end(&name, "/availability")) {
        note_own(r);
        wtr_z2m_read_availability(r, name, payload);
    } else if (get == name.length) {
        read_device(r, topic, name, payload);
    }
}

static void read_publish(struct wtr_z2m_reading *r, const struct wtr_mqtt_packet *packet)
{
    struct wtr_text base;
    bool introduced = false;
    if (find_base(r->learnt, packet->topic, &base, &introduced)) {
        wtr_z2m_turn_to(r, base, false);
        bool fresh = !r->known && introduces_base(packet->topic, packet->payload, &base);
        if (fresh)
            wtr_z2m_turn_to(r, base, true);
        read_of_base(r, packet->topic, packet->payload);
    } else if (introduces_base(packet->topic, packet->payload, &base)) {
        wtr_z2m_turn_to(r, base, true);
        read_of_base(r, packet->topic, packet->payload);
    } else if (wtr_z2m_is_config(packet->topic, packet->payload)) {
        wtr_z2m_read_config(r, packet->topic, packet->payload);
        note_own(r);
    }
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    struct wtr_z2m_reading r = {.learnt = state, .say = say, .message = message, .bridge = WTR_NO_DEVICE};
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    if (packet) {
        read_connect(&r, packet);
        return;
    }
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (packet && packet->topic.data)
        read_publish(&r, packet);
}

static void close(void *state)
{
    wtr_z2m_forget(state);
}

const struct wtr_vendor wtr_zigbee2mqtt = {
    .name = "zigbee2mqtt",
    .state_size = sizeof(struct wtr_z2m_learnt),
    .close = close,
    .claim = claim,
    .read = read,
};

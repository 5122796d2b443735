/* SPDX-License-Identifier: Apache-2.0 */
/* OpenBeken over MQTT: which messages are its own, and whose they are (openshwprojects/OpenBK7231T_App
 * src/mqtt/new_mqtt.c, docs/mqttTopics.md, docs/flags.md; commit e1a80975) [S]:
 *
 *   - NAME is the client id. CONNECT has the will "offline" for NAME/connected, QoS 1, retained; after it
 * comes NAME/connected "online", QoS 2, retained. The device never publishes "offline" itself.
 *   - NAME/build begins with "Open" and the chip's name, as in OpenBK7231T; NAME/sockets is a count.
 *   - With flag 30, and in answer to commands, reports go to tele/NAME/… and stat/NAME/… as Tasmota's do.
 *
 * A topic like NAME/1/get says nothing of whose it is, so a name is claimed only after a message that
 * OpenBeken alone sends: that CONNECT, that build, a report with the firmware's constants, its Home Assistant
 * discovery, or connected and sockets both. What came before is not claimed. */
#include "vendor/openbeken/openbeken.h"

#include "vendor/mqtt_publish.h"
#include "vendor/openbeken/flash_store.h"
#include "vendor/openbeken/reading.h"

enum place {
    ELSEWHERE,
    INFO,    /* NAME/<what> */
    GET,     /* NAME/<what>/get */
    SET,     /* NAME/<what>/set */
    COMMAND, /* cmnd/NAME/<what> */
    REPORT,  /* stat|tele/NAME/<what> */
};

struct where {
    enum place place;
    struct wtr_text name;
    struct wtr_text what;
};

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

static bool is_sure(const struct wtr_openbeken_names *names, struct wtr_text name)
{
    const struct wtr_openbeken_device *device = wtr_openbeken_find(names, name);
    return device && device->sure;
}

static struct where where_tasmota(struct wtr_text topic)
{
    bool command = wtr_text_starts(topic, "cmnd/");
    struct where where = {.place = ELSEWHERE};
    if (!command && !wtr_text_starts(topic, "stat/") && !wtr_text_starts(topic, "tele/"))
        return where;
    struct wtr_text rest = {topic.data + 5, topic.length - 5};
    if (cut_last(&rest, &where.what)) {
        where.place = command ? COMMAND : REPORT;
        where.name = rest;
    }
    return where;
}

static struct where where_native(const struct wtr_openbeken_names *names, struct wtr_text topic)
{
    struct where where = {.place = ELSEWHERE};
    struct wtr_text rest = topic;
    if (!cut_last(&rest, &where.what))
        return where;
    struct wtr_text name = rest;
    struct wtr_text what;
    bool get = wtr_text_is(where.what, "get");
    if ((get || wtr_text_is(where.what, "set")) && cut_last(&name, &what) && is_sure(names, name))
        return (struct where){.place = get ? GET : SET, .name = name, .what = what};
    where.place = INFO;
    where.name = rest;
    return where;
}

static struct where where_is(const struct wtr_openbeken_names *names, struct wtr_text topic)
{
    struct where where = where_tasmota(topic);
    return where.place == ELSEWHERE ? where_native(names, topic) : where;
}

static bool names_openbeken(struct wtr_text build)
{
    return build.length > 6 && wtr_text_starts(build, "Open") && build.data[4] >= 'A' &&
           build.data[4] <= 'Z' && memchr(build.data, ' ', build.length) != NULL;
}

/* What a topic hints at by itself; 0: nothing. */
static uint8_t hint_of(const struct where *where, struct wtr_text payload)
{
    int64_t sockets = 0;
    if (where->place != INFO)
        return 0;
    if (wtr_text_is(where->what, "connected"))
        return wtr_text_is(payload, "online") || wtr_text_is(payload, "offline") ? WTR_OPENBEKEN_CONNECTED
                                                                                 : 0;
    bool count = wtr_text_is(where->what, "sockets") && wtr_decimal_int(payload, &sockets) && sockets >= 0;
    return count ? WTR_OPENBEKEN_SOCKETS : 0;
}

static bool is_own_will(const struct wtr_mqtt_packet *connect)
{
    struct wtr_text name = connect->will_topic;
    struct wtr_text last;
    return connect->has_will && cut_last(&name, &last) && wtr_text_is(last, "connected") &&
           wtr_text_equal(name, connect->client_id) && wtr_text_is(connect->will_payload, "offline");
}

static bool is_introduction(const struct where *where, struct wtr_text payload)
{
    return (where->place == INFO && wtr_text_is(where->what, "build") && names_openbeken(payload)) ||
           (where->place == REPORT && wtr_openbeken_signs(where->what, payload));
}

static enum wtr_claim claim_message(const void *state, const struct wtr_message *message)
{
    const struct wtr_openbeken_names *names = state;
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    if (packet)
        return is_own_will(packet) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (!packet || !packet->topic.data)
        return WTR_CLAIM_NONE;
    if (wtr_openbeken_is_config(packet->topic, packet->payload))
        return WTR_CLAIM_NAMED;
    struct where where = where_is(names, packet->topic);
    if (where.place == ELSEWHERE || where.name.length == 0 || where.name.length > WTR_OPENBEKEN_MAX_NAME)
        return WTR_CLAIM_NONE;
    if (is_sure(names, where.name))
        return WTR_CLAIM_LEARNT;
    /* A report with the firmware's own constants looks like Tasmota's, which claims it by name. */
    if (is_introduction(&where, packet->payload))
        return where.place == REPORT ? WTR_CLAIM_LEARNT : WTR_CLAIM_NAMED;
    return hint_of(&where, packet->payload) ? WTR_CLAIM_SHAPE : WTR_CLAIM_NONE;
}

static void read_connect(struct wtr_openbeken_names *names, struct wtr_say *say,
                         const struct wtr_mqtt_packet *packet)
{
    struct wtr_openbeken_device *known =
        is_own_will(packet) ? wtr_openbeken_device(names, packet->client_id) : NULL;
    if (!known)
        return;
    known->sure = true;
    if (wtr_say_connection_device(say) == WTR_NO_DEVICE)
        wtr_say_own_connection(say, wtr_say_device(say, "openbeken", packet->client_id));
}

/* What the device says itself: delivered by the broker, or published over no other device's connection. */
static bool is_device_word(struct wtr_openbeken_reading *r, const struct wtr_message *message)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    wtr_device_ref owner = wtr_say_connection_device(r->say);
    return !session || !wtr_mqtt_from_client(session, message->direction) || owner == WTR_NO_DEVICE ||
           owner == r->device;
}

static void read_connected(struct wtr_openbeken_reading *r, const struct wtr_message *message,
                           struct wtr_text payload)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    if (!wtr_text_is(payload, "offline") || !session || !wtr_mqtt_from_broker(session, message->direction))
        return;
    wtr_say_begin(r->say, WTR_KIND_SESSION_CLOSE, r->device);
    wtr_say_text(r->say, WTR_FIELD_BY, WTR_TEXT("broker"));
    wtr_say_raw(r->say, WTR_TEXT("connected"), payload);
    wtr_say_last_will(r->say);
    wtr_say_end(r->say);
}

static void read_known(struct wtr_openbeken_reading *r, const struct wtr_message *message,
                       const struct where *where, struct wtr_text payload)
{
    if (where->place == SET) {
        wtr_openbeken_read_set(r, where->what, payload);
        return;
    }
    if (where->place == COMMAND) {
        wtr_openbeken_read_command(r, where->what, payload);
        return;
    }
    if (!is_device_word(r, message))
        return;
    if (where->place == REPORT)
        wtr_openbeken_read_report(r, where->what, payload);
    else if (where->place == GET)
        wtr_openbeken_read_value(r, where->what, payload);
    else if (wtr_text_is(where->what, "connected"))
        read_connected(r, message, payload);
    else
        wtr_openbeken_read_info(r, where->what, payload);
}

static void read_message(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    struct wtr_openbeken_names *names = state;
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    if (packet) {
        read_connect(names, say, packet);
        return;
    }
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (!packet || !packet->topic.data)
        return;
    if (wtr_openbeken_is_config(packet->topic, packet->payload)) {
        wtr_openbeken_read_config(names, say, packet->topic, packet->payload);
        return;
    }
    struct where where = where_is(names, packet->topic);
    struct wtr_openbeken_reading r = {.say = say, .known = wtr_openbeken_device(names, where.name)};
    if (where.place == ELSEWHERE || !r.known)
        return;
    r.known->hints |= hint_of(&where, packet->payload);
    r.known->sure |= is_introduction(&where, packet->payload) ||
                     r.known->hints == (WTR_OPENBEKEN_CONNECTED | WTR_OPENBEKEN_SOCKETS);
    if (!r.known->sure)
        return;
    r.device = wtr_say_device(say, "openbeken", where.name);
    read_known(&r, message, &where, packet->payload);
}

static void close_state(void *state)
{
    wtr_openbeken_forget(state);
}

static const struct wtr_flash_format *const formats[] = {&wtr_openbeken_config_format, NULL};

const struct wtr_vendor wtr_openbeken = {
    .name = "openbeken",
    .state_size = sizeof(struct wtr_openbeken_names),
    .close = close_state,
    .claim = claim_message,
    .read = read_message,
    .formats = formats,
    .learn_entry = wtr_openbeken_learn_entry,
    .claim_entry = wtr_openbeken_claim_entry,
    .read_entry = wtr_openbeken_read_entry,
};

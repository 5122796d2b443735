/* SPDX-License-Identifier: Apache-2.0 */
/* What packets show of their connection: its version, which end is the broker, who the client is, and what
 * topic aliases stand for (5.0 section 3.3.2.3.4). */
#include "protocol/mqtt_state.h"

#include <stdlib.h>

/* ---- topic aliases */

void wtr_mqtt_forget_aliases(struct wtr_mqtt_session *session, enum wtr_direction direction)
{
    struct wtr_mqtt_alias *aliases = session->aliases[direction];
    for (size_t i = 0; aliases && i < WTR_MQTT_MAX_ALIASES; i++)
        free(aliases[i].topic);
    free(aliases);
    session->aliases[direction] = NULL;
}

static void set_alias(struct wtr_mqtt_session *session, enum wtr_direction direction, uint16_t number,
                      struct wtr_text topic)
{
    if (!session->aliases[direction])
        session->aliases[direction] = calloc(WTR_MQTT_MAX_ALIASES, sizeof(struct wtr_mqtt_alias));
    if (!session->aliases[direction])
        return;
    struct wtr_mqtt_alias *alias = &session->aliases[direction][number - 1];
    if (alias->topic && wtr_text_equal((struct wtr_text){alias->topic, alias->length}, topic))
        return;
    free(alias->topic);
    alias->topic = malloc(topic.length);
    alias->length = alias->topic ? (uint16_t)topic.length : 0;
    if (alias->topic)
        memcpy(alias->topic, topic.data, topic.length);
}

/* Resolves the packet's alias, or remembers it. Returns what is wrong with it. */
static const char *resolve_alias(struct wtr_mqtt_session *session, enum wtr_direction direction,
                                 struct wtr_mqtt_packet *packet)
{
    bool sets = packet->topic.length > 0;
    if (packet->topic_alias > WTR_MQTT_MAX_ALIASES)
        return sets ? "a topic alias above 256 is not remembered"
                    : "a topic alias above 256 was not remembered";
    if (sets) {
        set_alias(session, direction, packet->topic_alias, packet->topic);
        return NULL;
    }
    const struct wtr_mqtt_alias *aliases = session->aliases[direction];
    if (!aliases || !aliases[packet->topic_alias - 1].topic)
        return "what the topic alias stands for was not seen";
    const struct wtr_mqtt_alias *alias = &aliases[packet->topic_alias - 1];
    packet->topic = (struct wtr_text){alias->topic, alias->length};
    packet->topic_from_alias = true;
    return NULL;
}

/* ---- who is who */

static char *copy_of(struct wtr_text text, size_t *length)
{
    *length = 0;
    if (!text.data)
        return NULL;
    char *copy = malloc(text.length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    *length = text.length;
    return copy;
}

void wtr_mqtt_adopt_version(struct wtr_mqtt_session *session, const struct wtr_mqtt_packet *connect)
{
    session->version = connect->version >= 3 && connect->version <= 5 ? connect->version : 0;
    session->before_5 = false;
    session->version_presumed = false;
}

/* What belongs to a connection's beginning; another CONNECT begins another connection. */
static const char *take_connect(struct wtr_mqtt_session *session, const struct wtr_mqtt_packet *packet)
{
    bool again = session->connect_seen;
    wtr_mqtt_forget_aliases(session, WTR_FROM_CLIENT);
    wtr_mqtt_forget_aliases(session, WTR_FROM_SERVER);
    free(session->client_id);
    free(session->username);
    session->client_id = copy_of(packet->client_id, &session->client_id_length);
    session->username = copy_of(packet->username, &session->username_length);
    session->connect_seen = true;
    session->connack_seen = false;
    session->session_present = false;
    session->retain_as_published = false;
    session->bridge = packet->bridge;
    wtr_mqtt_adopt_version(session, packet);
    return again ? "a second CONNECT on one connection" : NULL;
}

static enum wtr_direction other_end(enum wtr_direction direction)
{
    return direction == WTR_FROM_CLIENT ? WTR_FROM_SERVER : WTR_FROM_CLIENT;
}

const char *wtr_mqtt_take_role(struct wtr_mqtt_session *session, enum wtr_direction direction,
                               enum wtr_mqtt_type type)
{
    unsigned role = wtr_mqtt_role_of(type);
    if (role == 0)
        return NULL;
    enum wtr_direction broker = role == WTR_MQTT_BROKER_SENDS ? direction : other_end(direction);
    bool fits = !session->roles_contradict && (!session->roles_known || session->broker == broker);
    if (fits || type == WTR_MQTT_CONNECT) {
        session->roles_known = true;
        session->roles_contradict = false;
        session->broker = broker;
    } else if (!session->connect_seen) { /* neither end can be said to be the broker */
        session->roles_known = false;
        session->roles_contradict = true;
    }
    if (fits)
        return NULL;
    return role == WTR_MQTT_BROKER_SENDS ? "a packet that only a broker sends comes from the client's end"
                                         : "a packet that only a client sends comes from the broker's end";
}

bool wtr_mqtt_from_broker(const struct wtr_mqtt_session *session, enum wtr_direction direction)
{
    return session->roles_known && session->broker == direction;
}

bool wtr_mqtt_from_client(const struct wtr_mqtt_session *session, enum wtr_direction direction)
{
    return session->roles_known && session->broker != direction;
}

static void note_options(struct wtr_mqtt_session *session, const struct wtr_mqtt_packet *subscribe)
{
    struct wtr_text filter;
    uint8_t options;
    for (size_t at = 0; wtr_mqtt_next_filter(subscribe, &at, &filter, &options);)
        if (options & 8)
            session->retain_as_published = true;
}

const char *wtr_mqtt_take_packet(struct wtr_mqtt_session *session, enum wtr_direction direction,
                                 struct wtr_mqtt_packet *packet)
{
    switch (packet->type) {
    case WTR_MQTT_CONNECT:
        return take_connect(session, packet);
    case WTR_MQTT_CONNACK:
        session->connack_seen = true;
        session->session_present = packet->session_present;
        return NULL;
    case WTR_MQTT_PUBLISH:
        return packet->has_topic_alias ? resolve_alias(session, direction, packet) : NULL;
    case WTR_MQTT_SUBSCRIBE:
        if (session->version == 5)
            note_options(session, packet);
        return NULL;
    default:
        return NULL;
    }
}

enum wtr_mqtt_retention wtr_mqtt_retention(const struct wtr_mqtt_session *session,
                                           enum wtr_direction direction,
                                           const struct wtr_mqtt_packet *publish)
{
    if (!publish->retain || wtr_mqtt_from_client(session, direction))
        return WTR_MQTT_LIVE;
    /* Only a 3.1 or 3.1.1 broker is sure to clear RETAIN on what it forwards (3.1.1 section 3.3.1.3);
     * mosquitto's bridges and, in 5 (section 3.8.3.1), subscriptions may have asked it not to. */
    bool asked = session->bridge || session->retain_as_published;
    bool may_have_asked =
        !session->connect_seen || (session->version == 5 && (session->session_present || session->gap_seen));
    if (!wtr_mqtt_from_broker(session, direction) || asked || may_have_asked)
        return WTR_MQTT_STORED_OR_LIVE;
    return WTR_MQTT_STORED;
}

/* ---- which version */

enum { ENOUGH_TEXTS = 3, HOLD_LIMIT = 16 * 1024 };

static enum wtr_mqtt_settling settled_as(struct wtr_mqtt_session *session, bool in_5, bool presumed)
{
    session->version = in_5 ? 5 : 0;
    session->before_5 = !in_5;
    session->version_presumed = presumed;
    return WTR_MQTT_SETTLED;
}

enum wtr_mqtt_settling wtr_mqtt_settle_version(struct wtr_mqtt_session *session, const uint8_t *bytes,
                                               size_t available)
{
    unsigned texts = 0;
    struct wtr_mqtt_header header;
    for (size_t at = 0; at < available; at += header.total) {
        if (wtr_mqtt_read_header(bytes + at, available - at, &header) != WTR_MQTT_VARINT_READ ||
            header.total > available - at)
            break;
        struct wtr_mqtt_shape shape;
        wtr_mqtt_shape_of(bytes + at, header.total, &shape);
        if (at == 0 && (shape.alike || header.type == WTR_MQTT_CONNECT))
            return WTR_MQTT_SETTLED; /* it says the same in any, or says which */
        if (shape.before_5 != shape.in_5)
            return settled_as(session, shape.in_5, false);
        if (!shape.before_5 && at == 0)
            return WTR_MQTT_UNSETTLED; /* it breaks the rules of all */
        if (!shape.before_5)
            break;
        texts += shape.text_in_5 ? 1 : 0;
        if (texts == ENOUGH_TEXTS)
            return settled_as(session, true, true);
    }
    return available > HOLD_LIMIT ? WTR_MQTT_UNSETTLED : WTR_MQTT_HOLD;
}

bool wtr_mqtt_refute_presumption(struct wtr_mqtt_session *session, const uint8_t *packet, size_t length)
{
    if (!session->version_presumed)
        return false;
    struct wtr_mqtt_shape shape;
    wtr_mqtt_shape_of(packet, length, &shape);
    if (shape.in_5 && !shape.before_5)
        session->version_presumed = false; /* now it is proved */
    if (!shape.before_5 || shape.in_5)
        return false;
    settled_as(session, false, false);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Meross: which messages are its own, and whose they are (krahabb/meross_lan merossclient, meross_lan's own
 * broker agent) [S]:
 *
 *   - HTTP: POST /config to the device, the message as the body; the answer is the response. Refoss devices
 *     take the same messages, also at /public (ashionky/refoss_ha).
 *   - MQTT: what is sent to the device goes to /appliance/<uuid>/subscribe; what it says, to
 *     /appliance/<uuid>/publish or to the asker's /app/<user>-<installation>/subscribe.
 *   - The device's CONNECT has the client id fmware:<uuid>_<random> and its MAC as the user name.
 *
 * Over HTTP a device is known by its address, over MQTT by its uuid; Appliance.System.All ties both to its
 * MAC. */
#include "vendor/meross/meross.h"

#include "vendor/meross/reading.h"
#include "vendor/meross/sealed.h"
#include "vendor/mqtt_publish.h"

static const char device_topic[] = "/appliance/";
static const char client_mark[] = "fmware:";

static bool has_marks(struct wtr_text text)
{
    struct wtr_http as_body = {.body = text};
    return text.length > 0 && text.data[0] == '{' && wtr_http_body_has(&as_body, "\"namespace\"") &&
           wtr_http_body_has(&as_body, "\"Appliance.");
}

/* The uuid in "/appliance/<uuid>/publish"; data NULL if the text is none of that form. */
static struct wtr_text uuid_of(struct wtr_text path)
{
    if (!wtr_text_starts(path, device_topic))
        return (struct wtr_text){NULL, 0};
    struct wtr_text rest =
        wtr_text_of(path.data + sizeof device_topic - 1, path.length - sizeof device_topic + 1);
    struct wtr_text uuid = wtr_text_cut(&rest, '/');
    bool whole = wtr_text_is(rest, "publish") || wtr_text_is(rest, "subscribe");
    return whole && uuid.length > 0 ? uuid : (struct wtr_text){NULL, 0};
}

static bool is_own_topic(struct wtr_text topic)
{
    return uuid_of(topic).data || (wtr_text_starts(topic, "/app/") && wtr_text_ends(topic, "/subscribe"));
}

static bool is_own_client(const struct wtr_mqtt_packet *connect)
{
    return wtr_text_starts(connect->client_id, client_mark) && connect->client_id.length > 7;
}

static bool is_own_http(const struct wtr_http *http)
{
    bool fits = http->is_response ? wtr_http_is_success(http) : wtr_text_is(http->method, "POST");
    return fits && has_marks(http->body);
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    (void)state;
    if (message->protocol == &wtr_meross_sealed)
        return WTR_CLAIM_NAMED;
    const struct wtr_http *http = wtr_http_of(message);
    const struct wtr_mqtt_packet *connect = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    const struct wtr_mqtt_packet *publish = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    bool own =
        (http && is_own_http(http)) || (connect && is_own_client(connect)) ||
        (publish && publish->topic.data && is_own_topic(publish->topic) && has_marks(publish->payload));
    return own ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static bool parse(struct wtr_say *say, struct wtr_text text, struct wtr_meross_part *part)
{
    struct wtr_json *json = wtr_say_json(say);
    if (wtr_json_parse(json, text) && wtr_meross_part_of(json, 0, part))
        return true;
    wtr_say_finding(say, text, "the message is no JSON object with a header");
    return false;
}

static void read_http(struct wtr_text body, bool is_response, struct wtr_say *say)
{
    const struct wtr_endpoint *plug = is_response ? wtr_say_sender(say) : wtr_say_receiver(say);
    struct wtr_meross_part part;
    if (!parse(say, body, &part))
        return;
    struct wtr_meross_reading r = {.say = say,
                                   .json = wtr_say_json(say),
                                   .device = wtr_say_device_at(say, "meross", &plug->ip),
                                   .over_http = true,
                                   .from_device = is_response};
    wtr_meross_read_message(&r, &part);
}

static void read_publish(const struct wtr_message *message, const struct wtr_mqtt_packet *packet,
                         struct wtr_say *say)
{
    struct wtr_meross_part part;
    if (!parse(say, packet->payload, &part))
        return;
    struct wtr_json *json = wtr_say_json(say);
    struct wtr_text sender = uuid_of(wtr_json_raw(json, wtr_json_get(json, part.header, "from")));
    struct wtr_text uuid = sender.data ? sender : uuid_of(packet->topic);
    if (!uuid.data)
        return;
    struct wtr_meross_reading r = {.say = say,
                                   .json = json,
                                   .device = wtr_say_device(say, "meross", uuid),
                                   .from_device = sender.data != NULL};
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    if (r.from_device && session && !session->connect_seen &&
        wtr_mqtt_from_client(session, message->direction) && wtr_say_connection_device(say) == WTR_NO_DEVICE)
        wtr_say_own_connection(say, r.device);
    wtr_meross_read_message(&r, &part);
}

static void read_connect(const struct wtr_mqtt_packet *connect, struct wtr_say *say)
{
    size_t mark = sizeof client_mark - 1;
    struct wtr_text rest = wtr_text_of(connect->client_id.data + mark, connect->client_id.length - mark);
    struct wtr_text uuid = wtr_text_cut(&rest, '_');
    uint8_t mac[6];
    if (uuid.length == 0)
        return;
    struct wtr_meross_reading r = {.say = say, .device = wtr_say_device(say, "meross", uuid)};
    if (wtr_say_connection_device(say) == WTR_NO_DEVICE)
        wtr_say_own_connection(say, r.device);
    if (connect->username.data && wtr_parse_mac(connect->username, mac))
        wtr_meross_tie_mac(&r, connect->username);
}

static void read_sealed(const struct wtr_meross_sealed *sealed, struct wtr_say *say)
{
    if (sealed->opened)
        read_http(sealed->text, sealed->is_response, say);
    else if (!sealed->is_response)
        wtr_say_unread(say, wtr_say_bystander_at(say, "meross", &wtr_say_receiver(say)->ip));
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    (void)state;
    const struct wtr_http *http = wtr_http_of(message);
    const struct wtr_mqtt_packet *connect = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    const struct wtr_mqtt_packet *publish = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (message->protocol == &wtr_meross_sealed)
        read_sealed(message->body, say);
    else if (http)
        read_http(http->body, http->is_response, say);
    else if (connect)
        read_connect(connect, say);
    else if (publish)
        read_publish(message, publish, say);
}

static const struct wtr_protocol *const protocols[] = {&wtr_meross_sealed, NULL};

const struct wtr_vendor wtr_meross = {
    .name = "meross",
    .protocols = protocols,
    .claim = claim,
    .read = read,
};

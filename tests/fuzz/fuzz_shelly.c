/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly's messages. The input is a run of messages that one source brings in order, each a byte of flags,
 * the topic's length (one byte), the payload's (two bytes, the lower first), the topic and the payload. A
 * CONNECT's topic is its will's, its payload its client id.
 *
 * What is held: a message that is not claimed is not read; statements are of known kinds and devices, have
 * their values, and rest on bytes of their message; a state is on or off of a channel; a finding has its
 * place; and what is read twice from the same state is claimed alike. */
#include "protocol/mqtt.h"
#include "vendor/say_context.h"
#include "vendor/shelly/shelly.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum flags {
    FROM_BROKER = 1 << 0,
    CONNECT = 1 << 1,
    RETAIN = 1 << 2,
    CONNECT_SEEN = 1 << 3,
    ROLES_UNKNOWN = 1 << 4,
};

enum { MAX_MESSAGES = 64 };

static void hold(bool invariant)
{
    if (!invariant)
        __builtin_trap();
}

struct listener {
    struct wtr_devices devices;
    const struct wtr_span *span;
};

static bool is_word(const struct wtr_value *value, const char *one, const char *other)
{
    return value && value->type == WTR_VALUE_TEXT &&
           (wtr_text_is(value->text, one) || wtr_text_is(value->text, other));
}

static void hold_meaning(const struct wtr_item *item)
{
    const struct wtr_value *state = wtr_item_value(item, WTR_FIELD_STATE);
    switch ((enum wtr_kind)item->fixed.kind) {
    case WTR_KIND_POWER_STATE:
        hold(is_word(state, "on", "off") && item->channel.length > 0);
        break;
    case WTR_KIND_POWER_COMMAND:
        hold((is_word(state, "on", "off") || is_word(state, "toggle", "toggle")) && item->channel.length > 0);
        hold(item->fixed.trigger == WTR_TRIGGER_NONE);
        break;
    case WTR_KIND_ENERGY_COUNTER:
        hold(wtr_item_value(item, WTR_FIELD_ENERGY_WH) && wtr_item_value(item, WTR_FIELD_SCOPE));
        break;
    case WTR_KIND_SESSION_CLOSE:
        hold(item->fixed.flags & WTR_FLAG_LAST_WILL);
        break;
    default:
        break;
    }
}

static void take_statement(void *payload, struct wtr_item *item)
{
    const struct listener *listener = payload;
    hold(wtr_kind_name((enum wtr_kind)item->fixed.kind) != NULL);
    hold(item->fixed.device < listener->devices.count);
    hold(item->value_count > 0 && item->raw_count > 0);
    for (size_t i = 0; i < item->value_count; i++)
        hold(wtr_field_name(item->values[i].field) != NULL);
    for (size_t i = 0; i < item->raw_count; i++) {
        size_t at;
        hold(wtr_span_holds(listener->span, item->raws[i].value.data, item->raws[i].value.length, &at));
    }
    hold(item->fixed.origin.offset + item->fixed.origin.length <= listener->span->length);
    hold(item->fixed.basis == WTR_BASIS_NONE || item->fixed.basis == WTR_BASIS_DEVICE_WORD);
    hold_meaning(item);
}

static void take_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                         const char *reason)
{
    const struct listener *listener = payload;
    hold(span->bytes == listener->span->bytes && at <= span->length && length <= span->length - at);
    hold(reason && *reason);
}

static void take_connection(void *payload, wtr_device_ref device)
{
    const struct listener *listener = payload;
    hold(device < listener->devices.count);
}

/* One message of the input, with bytes of its own. */
struct made {
    uint8_t *bytes;
    struct wtr_piece piece;
    struct wtr_mqtt_packet packet;
    struct wtr_mqtt_session session;
    struct wtr_message message;
};

static bool make(struct made *made, const uint8_t **data, size_t *size)
{
    if (*size < 4)
        return false;
    uint8_t flags = (*data)[0];
    size_t topic = (*data)[1];
    size_t payload = wtr_le16(*data + 2);
    *data += 4;
    *size -= 4;
    topic = topic < *size ? topic : *size;
    payload = payload < *size - topic ? payload : *size - topic;
    size_t length = topic + payload;
    made->bytes = malloc(length ? length : 1);
    if (!made->bytes)
        return false;
    if (length > 0)
        memcpy(made->bytes, *data, length);
    *data += length;
    *size -= length;
    struct wtr_text first = wtr_text_of(made->bytes, topic);
    struct wtr_text second = wtr_text_of(made->bytes + topic, payload);
    bool connect = flags & CONNECT;
    made->packet = (struct wtr_mqtt_packet){.type = connect ? WTR_MQTT_CONNECT : WTR_MQTT_PUBLISH,
                                            .version = 4,
                                            .retain = flags & RETAIN,
                                            .has_will = connect,
                                            .will_topic = first,
                                            .will_payload = WTR_TEXT("false"),
                                            .client_id = second,
                                            .topic = first,
                                            .payload = second};
    made->session = (struct wtr_mqtt_session){.connect_seen = flags & CONNECT_SEEN,
                                              .roles_known = !(flags & ROLES_UNKNOWN),
                                              .broker = WTR_FROM_SERVER};
    made->piece = (struct wtr_piece){.length = length};
    made->message = (struct wtr_message){
        .protocol = &wtr_mqtt,
        .type = connect ? "connect" : "publish",
        .direction = flags & FROM_BROKER ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
        .span = {.bytes = made->bytes, .length = length, .pieces = &made->piece, .piece_count = 1},
        .body = &made->packet,
        .session = &made->session,
    };
    return true;
}

static void read_one(void *state, struct wtr_say *say, struct listener *listener,
                     const struct wtr_message *message)
{
    enum wtr_claim claim = wtr_shelly.claim(state, message);
    hold(claim <= WTR_CLAIM_LEARNT && wtr_shelly.claim(state, message) == claim);
    if (claim == WTR_CLAIM_NONE)
        return;
    listener->span = &message->span;
    wtr_say_message(say, message);
    say->connection_device = WTR_NO_DEVICE;
    wtr_shelly.read(state, message, say);
    hold(!say->open);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct listener listener = {.span = NULL};
    struct wtr_say say = {
        .devices = &listener.devices,
        .payload = &listener,
        .emit = take_statement,
        .finding = take_finding,
        .own_connection = take_connection,
    };
    void *state = calloc(1, wtr_shelly.state_size);
    struct made made;
    for (int i = 0; state && i < MAX_MESSAGES && make(&made, &data, &size); i++) {
        read_one(state, &say, &listener, &made.message);
        free(made.bytes);
    }
    if (state)
        wtr_shelly.close(state);
    free(state);
    wtr_say_free(&say);
    wtr_devices_free(&listener.devices);
    return 0;
}

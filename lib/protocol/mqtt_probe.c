/* SPDX-License-Identifier: Apache-2.0 */
/* Recognising MQTT in a TCP segment, on any port.
 *
 * Certain: a CONNECT's fixed header and protocol name (3.1: "MQIsdp", 3.1.1 and 5.0: "MQTT"). Likely: a
 * segment that is nothing but whole sound packets, one of them telling (mqtt_run.c). On MQTT's own port 1883
 * (IANA) a PINGREQ or an acknowledgement alone is enough. Everything else is not MQTT, or can't be told yet.
 */
#include "protocol/mqtt_wire.h"

enum { MQTT_PORT = 1883 };

static bool begins_with(const uint8_t *bytes, size_t available, const char *pattern, size_t length)
{
    return memcmp(bytes, pattern, available < length ? available : length) == 0;
}

/* CERTAIN for a CONNECT's signature, MORE for what may be the beginning of one. */
static enum wtr_bid probe_connect(const uint8_t *bytes, size_t available)
{
    if (bytes[0] != WTR_MQTT_CONNECT << 4)
        return WTR_BID_NONE;
    uint32_t remaining;
    size_t size;
    switch (wtr_mqtt_read_varint(bytes + 1, available - 1, &remaining, &size)) {
    case WTR_MQTT_VARINT_CUT:
        return WTR_BID_MORE;
    case WTR_MQTT_VARINT_LONG:
        return WTR_BID_NONE;
    default:
        break;
    }
    static const char current[] = "\0\4MQTT", old[] = "\0\6MQIsdp";
    const uint8_t *name = bytes + 1 + size;
    size_t left = available - 1 - size;
    bool is_current = begins_with(name, left, current, sizeof current - 1);
    if (!is_current && !begins_with(name, left, old, sizeof old - 1))
        return WTR_BID_NONE;
    return left >= (is_current ? sizeof current : sizeof old) - 1 ? WTR_BID_CERTAIN : WTR_BID_MORE;
}

enum wtr_bid wtr_mqtt_probe(const struct wtr_probe *probe)
{
    if (probe->length == 0)
        return WTR_BID_MORE;
    enum wtr_bid bid = probe_connect(probe->bytes, probe->length);
    if (bid != WTR_BID_NONE)
        return bid;
    bool own_port = probe->client_port == MQTT_PORT || probe->server_port == MQTT_PORT;
    struct wtr_mqtt_run run = {.before_5 = true, .in_5 = true};
    enum wtr_mqtt_step step;
    size_t total;
    do
        step = wtr_mqtt_run_step(&run, probe->bytes, probe->length, &total);
    while (step == WTR_MQTT_STEP_PACKET);
    if (step == WTR_MQTT_STEP_BROKEN)
        return WTR_BID_NONE;
    bool enough = run.weight >= WTR_MQTT_ENOUGH_WEIGHT;
    if (step == WTR_MQTT_STEP_END)
        return enough || own_port ? WTR_BID_LIKELY : WTR_BID_MORE;
    bool hopeful = wtr_mqtt_begins_publish(probe->bytes + run.length, probe->length - run.length);
    return enough || own_port || hopeful ? WTR_BID_MORE : WTR_BID_NONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The ground truth as JSON. MQTT packet types as in MQTT 5.0, section 2.1.2. */
#include "truth.h"

#include <inttypes.h>

static const char *const traffic_names[TRAFFIC_KINDS] = {"mqtt", "coap", "kasa", "tls",
                                                         "quic", "http", "dns",  "arp"};

static const char *const mqtt_names[16] = {
    "reserved",  "connect", "connack",     "publish",  "puback",  "pubrec",   "pubrel",     "pubcomp",
    "subscribe", "suback",  "unsubscribe", "unsuback", "pingreq", "pingresp", "disconnect", "auth"};

void statements_add(struct statements *sum, const struct statements *more)
{
    sum->state += more->state;
    sum->command += more->command;
    sum->reading += more->reading;
    sum->total += more->total;
}

static uint64_t sum_of(const uint64_t *counts, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += counts[i];
    return sum;
}

/* Only what occurred is named. */
static void write_counts(FILE *out, const char *name, const char *const *names, const uint64_t *counts,
                         size_t count)
{
    fprintf(out, "  \"%s\": {", name);
    const char *separator = "";
    for (size_t i = 0; i < count; i++) {
        if (!counts[i])
            continue;
        fprintf(out, "%s\"%s\": %" PRIu64, separator, names[i], counts[i]);
        separator = ", ";
    }
    fprintf(out, "},\n");
}

static void write_statements(FILE *out, const char *name, const struct statements *statements,
                             const char *end)
{
    fprintf(out,
            "    \"%s\": {\"power.state\": %" PRIu64 ", \"power.command\": %" PRIu64
            ", \"power.reading\": %" PRIu64 ", \"energy.counter total\": %" PRIu64 "}%s\n",
            name, statements->state, statements->command, statements->reading, statements->total, end);
}

void truth_write(const struct truth *truth, const struct truth_frame *frame, FILE *out)
{
    fprintf(out, "{\n  \"mode\": \"%s\", \"seed\": %" PRIu64 ", \"size_wanted\": %" PRIu64 ",\n", frame->mode,
            frame->seed, frame->size_wanted);
    fprintf(out, "  \"bytes\": %" PRIu64 ", \"packets\": %" PRIu64 ",\n", frame->bytes,
            sum_of(truth->frames, TRAFFIC_KINDS));
    fprintf(out, "  \"first_us\": %" PRId64 ", \"last_us\": %" PRId64 ",\n", frame->first_us, frame->last_us);
    write_counts(out, "packets_of", traffic_names, truth->frames, TRAFFIC_KINDS);
    write_counts(out, "bytes_of", traffic_names, truth->bytes, TRAFFIC_KINDS);
    write_counts(out, "flows_of", traffic_names, truth->flows, TRAFFIC_KINDS);
    fprintf(out, "  \"mqtt_packets\": %" PRIu64 ",\n", sum_of(truth->mqtt, 16));
    write_counts(out, "mqtt_packets_of", mqtt_names, truth->mqtt, 16);
    fprintf(out, "  \"coap_messages\": %" PRIu64 ", \"kasa_messages\": %" PRIu64 ",\n", truth->coap_messages,
            truth->kasa_messages);
    fprintf(out, "  \"tcp_retransmissions\": %" PRIu64 ", \"boots\": %" PRIu64 ",\n", truth->retransmissions,
            truth->boots);
    fprintf(out, "  \"switched_by_command\": %" PRIu64 ", \"switched_by_hand\": %" PRIu64 ",\n",
            truth->switched_by_command, truth->switched_by_hand);
    fprintf(out, "  \"statements\": {\n");
    write_statements(out, "mqtt", &truth->by_mqtt, ",");
    write_statements(out, "coap", &truth->by_coap, ",");
    write_statements(out, "kasa", &truth->by_kasa, "");
    fprintf(out, "  }\n}\n");
}

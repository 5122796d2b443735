/* SPDX-License-Identifier: Apache-2.0 */
/* The ground truth as JSON. MQTT packet types as in MQTT 5.0, section 2.1.2. */
#include "truth.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

static const char *const traffic_names[TRAFFIC_KINDS] = {"mqtt", "coap", "kasa", "tuya", "tls",
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
    sum->since += more->since;
    sum->caused += more->caused;
    sum->value += more->value;
    sum->clock += more->clock;
}

struct teller *truth_teller(struct truth *truth, enum traffic traffic, const char *name)
{
    if (truth->teller_count == TELLERS_MOST || strlen(name) >= sizeof truth->tellers->name)
        die("too many devices, or too long a name");
    struct teller *teller = &truth->tellers[truth->teller_count++];
    teller->traffic = traffic;
    memcpy(teller->name, name, strlen(name));
    return teller;
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

/* What is said of power is always named, and the rest where it occurred. */
static void write_statements(FILE *out, const char *name, const struct statements *says)
{
    fprintf(out,
            "\"%s\": {\"power.state\": %" PRIu64 ", \"power.command\": %" PRIu64
            ", \"power.reading\": %" PRIu64 ", \"energy.counter total\": %" PRIu64
            ", \"power.state derived\": %" PRIu64,
            name, says->state, says->command, says->reading, says->total, says->since);
    if (says->caused)
        fprintf(out, ", \"power.state by command\": %" PRIu64, says->caused);
    if (says->value)
        fprintf(out, ", \"device.value\": %" PRIu64, says->value);
    if (says->clock)
        fprintf(out, ", \"clock.reading\": %" PRIu64, says->clock);
    fprintf(out, "}");
}

static void write_sums(const struct truth *truth, FILE *out)
{
    fprintf(out, "  \"statements\": {\n    ");
    write_statements(out, traffic_names[TRAFFIC_MQTT], &truth->by_mqtt);
    for (enum traffic traffic = TRAFFIC_COAP; traffic <= TRAFFIC_TUYA; traffic++) {
        struct statements sum = {0};
        for (size_t i = 0; i < truth->teller_count; i++)
            if (truth->tellers[i].traffic == traffic)
                statements_add(&sum, &truth->tellers[i].says);
        fprintf(out, ",\n    ");
        write_statements(out, traffic_names[traffic], &sum);
    }
    fprintf(out, "\n  },\n");
}

static void write_devices(const struct truth *truth, FILE *out)
{
    const char *separator = "\n";
    fprintf(out, "  \"devices\": {");
    for (size_t i = 0; i < truth->teller_count; i++) {
        fprintf(out, "%s    ", separator);
        write_statements(out, truth->tellers[i].name, &truth->tellers[i].says);
        separator = ",\n";
    }
    fprintf(out, "\n  }\n");
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
    fprintf(out,
            "  \"coap_messages\": %" PRIu64 ", \"kasa_messages\": %" PRIu64 ", \"tuya_messages\": %" PRIu64
            ",\n",
            truth->coap_messages, truth->kasa_messages, truth->tuya_messages);
    fprintf(out, "  \"tcp_retransmissions\": %" PRIu64 ", \"boots\": %" PRIu64 ",\n", truth->retransmissions,
            truth->boots);
    fprintf(out, "  \"switched_by_command\": %" PRIu64 ", \"switched_by_hand\": %" PRIu64 ",\n",
            truth->switched_by_command, truth->switched_by_hand);
    write_sums(truth, out);
    write_devices(truth, out);
    fprintf(out, "}\n");
}

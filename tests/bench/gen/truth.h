/* SPDX-License-Identifier: Apache-2.0 */
/* The ground truth: what was written, counted as it was written. */
#ifndef BENCH_TRUTH_H
#define BENCH_TRUTH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum traffic {
    TRAFFIC_MQTT,
    TRAFFIC_COAP,
    TRAFFIC_KASA,
    TRAFFIC_TUYA,
    TRAFFIC_TLS,
    TRAFFIC_QUIC,
    TRAFFIC_HTTP,
    TRAFFIC_DNS,
    TRAFFIC_ARP,
    TRAFFIC_KINDS,
};

/* Statements that a reader of the capture should find, each counted once however often the wire shows it: a
 * broker's relay and a retransmission add none. */
struct statements {
    uint64_t state;   /* power.state */
    uint64_t command; /* power.command */
    uint64_t reading; /* power.reading */
    uint64_t total;   /* energy.counter of the device's running total */
    uint64_t since;   /* power.state derived from how long the device says that it has been on */
    uint64_t
        caused;     /* power.state that differs from the last one and follows a command for it; not of MQTT */
    uint64_t value; /* device.value: a numbered value */
    uint64_t clock; /* clock.reading */
};

/* A device that speaks for itself, and what it is told of and by it. */
struct teller {
    enum traffic traffic;
    char name[40];
    struct statements says;
};

#define TELLERS_MOST 256

struct truth {
    uint64_t frames[TRAFFIC_KINDS];
    uint64_t bytes[TRAFFIC_KINDS]; /* of the file, record headers included */
    uint64_t flows[TRAFFIC_KINDS];
    uint64_t mqtt[16]; /* packets by type, each leg of a relay by itself */
    uint64_t coap_messages;
    uint64_t kasa_messages;
    uint64_t tuya_messages;
    uint64_t retransmissions;
    uint64_t switched_by_command;
    uint64_t switched_by_hand;
    uint64_t boots;
    struct statements by_mqtt;
    struct teller tellers[TELLERS_MOST]; /* all devices but those on MQTT */
    size_t teller_count;
};

void statements_add(struct statements *sum, const struct statements *more);

/* A new device, whose statements are counted where the result points. */
struct teller *truth_teller(struct truth *truth, enum traffic traffic, const char *name);

/* How the capture was made and what it spans. */
struct truth_frame {
    const char *mode;
    uint64_t seed;
    uint64_t size_wanted;
    uint64_t bytes;
    int64_t first_us;
    int64_t last_us;
};

/* Writes everything as one JSON object. */
void truth_write(const struct truth *truth, const struct truth_frame *frame, FILE *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT between a client and its broker: packets (3.1.1 and 5.0), and a session from ARP and SYN to DISCONNECT
 * and FIN in which each end answers as the protocol says. */
#ifndef BENCH_MQTT_H
#define BENCH_MQTT_H

#include "text.h"
#include "wire.h"

#define MQTT_PORT 1883

enum { MQTT_CLIENT, MQTT_BROKER }; /* the ends of a link */

struct publication {
    const struct text *topic;
    const struct text *payload;
    uint8_t qos; /* 0 or 1 */
    bool retain;
};

struct mqtt_login {
    const char *client_id;
    const char *username; /* with a password, or NULL */
    const char *password;
    const struct publication *will; /* or NULL */
};

struct mqtt_link;

/* What one kind of client says. */
struct mqtt_role {
    void (*login)(struct sim *sim, struct mqtt_link *link, struct text *out);
    void (*greet)(struct sim *sim, struct mqtt_link *link); /* once the broker has accepted it */
    int64_t session_us; /* how long sessions last on average; 0 = for ever */
};

struct mqtt_link {
    struct tcp tcp;
    const struct mqtt_role *role;
    void *owner;
    bool up;
    uint8_t version; /* 4 or 5 */
    uint16_t keep_alive_s;
    uint16_t packet_id[2];
    uint32_t session; /* counts; what was meant for an earlier session is dropped */
};

void mqtt_put_connect(struct text *out, const struct mqtt_link *link, const struct mqtt_login *login);
void mqtt_put_subscribe(struct text *out, struct mqtt_link *link, const char *filter, unsigned qos);

/* QoS and RETAIN as they are on this leg. */
void mqtt_put_publish(struct text *out, struct mqtt_link *link, unsigned from,
                      const struct publication *publication);

/* Opens the connection after a delay; once the session ends it is opened again, and so for ever. */
void mqtt_open(struct sim *sim, struct mqtt_link *link, int64_t delay_us);

/* Ends the session now, and opens the next one after a delay. */
void mqtt_close(struct sim *sim, struct mqtt_link *link, int64_t delay_us);

/* Sends whole packets now, or after a delay if that session still stands then. */
void mqtt_send(struct sim *sim, struct mqtt_link *link, unsigned from, const struct text *packets);
void mqtt_send_later(struct sim *sim, struct mqtt_link *link, unsigned from, const struct text *packets,
                     int64_t delay_us);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Plugs on MQTT: sites with a broker, a controller, a phone, and plugs of three families that report, are
 * commanded and are switched by hand. At every other site the controller runs on the broker's own machine, so
 * that only the broker's deliveries are on the wire. */
#ifndef BENCH_FLEET_H
#define BENCH_FLEET_H

#include "load.h"
#include "mqtt.h"

#define BATCH_MOST 8
#define TOPIC_MOST 64

struct site;
struct plug;

/* What one family of plugs says. */
struct family {
    void (*start)(struct sim *sim, struct plug *plug);
    void (*report)(struct sim *sim, struct plug *plug);
    void (*answer)(struct sim *sim, struct plug *plug); /* after a switching or a command */
    void (*command)(const struct plug *plug, bool on, struct text *topic, struct text *payload);
};

struct plug {
    const struct family *family;
    struct site *site;
    struct mqtt_link own;   /* used by plugs that speak MQTT themselves */
    struct mqtt_link *link; /* that, or the bridge's */
    struct load load;
    int64_t commanded_us; /* when the last command to it was sent */
    char name[TOPIC_MOST];
    uint32_t id; /* the last three bytes of its MAC */
    bool booted;
    int64_t booted_us;
    uint64_t booted_mw_ms;
    uint32_t connections;
};

struct site {
    unsigned number;
    struct host broker;
    struct mqtt_link controller;
    struct mqtt_link phone;
    struct mqtt_link bridge;
    bool controller_apart;
    uint8_t relay_qos;
    struct plug *plugs;
    uint32_t plug_count;
    uint32_t report_ms;  /* how often each plug reports */
    uint32_t command_ms; /* how often each plug is commanded */
};

struct fleet_plan {
    unsigned sites;
    unsigned tasmota; /* of each, per site */
    unsigned shelly;
    unsigned zigbee;
    uint32_t report_ms;
    uint32_t command_ms;
};

/* Publications that leave in one go. */
struct batch {
    struct publication publication[BATCH_MOST];
    struct text topic[BATCH_MOST];
    struct text payload[BATCH_MOST];
    size_t count;
    struct statements says;
};

/* Adds a publication and returns its payload, to be written. */
struct text *batch_add(struct batch *batch, unsigned qos, bool retain, const char *topic, ...)
    __attribute__((format(printf, 4, 5)));

/* Sends the batch from a client to its broker, which relays it to the controller; empties the batch. */
void site_publish(struct sim *sim, struct site *site, struct mqtt_link *link, struct batch *batch);

/* "ON" or "OFF". */
const char *plug_state(const struct plug *plug);

/* Counts a connection; after a broken session three plugs of ten turn out to have booted. */
bool plug_connects_after_boot(struct sim *sim, struct plug *plug);

/* The MAC address as twelve digits and a NUL. */
const char *plug_mac_digits(const struct plug *plug, char out[13]);

/* Lets a fleet begin, which lasts as long as the program. */
void fleet_start(struct sim *sim, const struct fleet_plan *plan);

extern const struct family family_tasmota;
extern const struct family family_shelly;
extern const struct family family_zigbee;
extern const struct mqtt_role role_bridge;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* CoIoT: how devices of Gen1 report over CoAP. What a source has taught about each device, and the readers of
 * its messages. */
#ifndef WTR_VENDOR_SHELLY_COIOT_H
#define WTR_VENDOR_SHELLY_COIOT_H

#include "base/map.h"
#include "protocol/coap.h"
#include "vendor/shelly/reading.h"

/* What a number of a report stands for. */
enum wtr_coiot_meaning {
    WTR_COIOT_UNKNOWN, /* neither described by the device nor known */
    WTR_COIOT_UNSAID,  /* known, and nothing is said of it */
    WTR_COIOT_OUTPUT,
    WTR_COIOT_POWER,
    WTR_COIOT_VOLTAGE,
    WTR_COIOT_CURRENT,
    WTR_COIOT_POWER_FACTOR,
    WTR_COIOT_ENERGY,
    WTR_COIOT_ENERGY_RETURNED,
    WTR_COIOT_OVERPOWER,
    WTR_COIOT_OVERPOWER_VALUE,
    WTR_COIOT_TEMPERATURE,
    WTR_COIOT_OVERTEMPERATURE,
    WTR_COIOT_INPUT, /* 0, 1; in version 1 also 2: a long push */
    WTR_COIOT_INPUT_EVENT,
    WTR_COIOT_INPUT_COUNT,
    WTR_COIOT_CONFIG_COUNT,
};

enum wtr_coiot_place {
    WTR_COIOT_DEVICE, /* the whole of it */
    WTR_COIOT_RELAY,
    WTR_COIOT_EMETER,
    WTR_COIOT_INPUT_PLACE,
};

struct wtr_coiot_sense {
    uint32_t id;
    uint8_t meaning, place, number;
    bool watt_minutes; /* an energy's unit; else watt-hours */
    uint8_t invalid_length;
    char invalid[6]; /* the value that stands where none could be had: "-1", "999" */
};

enum {
    WTR_COIOT_MAX_SENSES = 96,
    WTR_COIOT_MAX_DEVICES = 1 << 12,
    WTR_COIOT_INPUTS = 4,
    WTR_COIOT_SEEN = 8,
};

/* The parts of option 3332: "SHPLG-S#7AB1C2#2". */
struct wtr_coiot_id {
    struct wtr_text whole, type, id, version;
};

struct wtr_coiot_device {
    uint64_t key;
    wtr_device_ref device;
    uint64_t identity;              /* a hash of option 3332 as last said; 0: not yet */
    struct wtr_coiot_sense *senses; /* as the device described them; NULL: it did not */
    size_t sense_count;
    /* The last report. */
    bool heard;
    bool said; /* it was no repeat */
    bool has_serial;
    uint16_t serial;
    uint64_t report; /* a hash of its payload */
    uint32_t missed;
    uint16_t seen[WTR_COIOT_SEEN]; /* the last serials */
    uint8_t seen_count;
    /* Counters of events, to tell new ones; -1: not yet seen. */
    int64_t inputs[WTR_COIOT_INPUTS];
    int64_t config;
};

/* Zero-initialise; free with wtr_coiot_forget. */
struct wtr_coiot {
    struct wtr_map index; /* a device's hash to its place in the list */
    struct wtr_coiot_device *devices;
    size_t count, capacity;
};

/* One report while it is read. */
struct wtr_coiot_report {
    struct wtr_shelly_reading *reading;
    struct wtr_coiot_device *device;
    const struct wtr_coap *coap;
    struct wtr_coiot_id id;
    bool has_serial;
    uint32_t serial, validity_ms; /* validity 0: not said */
    uint32_t missed;
};

/* coiot.c */
bool wtr_coiot_claims(const struct wtr_coap *coap);
void wtr_coiot_read(struct wtr_coiot *coiot, const struct wtr_message *message, struct wtr_say *say);
void wtr_coiot_forget(struct wtr_coiot *coiot);

/* coiot_sense.c: what numbers stand for */
/* Learns the description that the reading's object is (/cit/d). */
void wtr_coiot_learn(struct wtr_shelly_reading *r, struct wtr_coiot_device *device);
/* What the number stands for: as the device described it, else as it is known for its type and version. */
struct wtr_coiot_sense wtr_coiot_sense_of(const struct wtr_coiot_device *device,
                                          const struct wtr_coiot_id *id, uint32_t number);

/* coiot_known.c: numbers and names that are known without the device's description */
struct wtr_coiot_sense wtr_coiot_known(const struct wtr_coiot_id *id, uint32_t number);
/* How the type stands in the device's name ("SHPLG-S": "shellyplug-s"); NULL if that is not known. */
const char *wtr_coiot_prefix(struct wtr_text type);

/* coiot_status.c: the values of a report (/cit/s) */
void wtr_coiot_read_values(struct wtr_coiot_report *report);

#endif

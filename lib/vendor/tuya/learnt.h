/* SPDX-License-Identifier: Apache-2.0 */
/* What the messages of a source have shown of Tuya devices: whose an address is, and what a device's data
 * points are. */
#ifndef WTR_VENDOR_TUYA_LEARNT_H
#define WTR_VENDOR_TUYA_LEARNT_H

#include "base/json.h"
#include "base/map.h"
#include "vendor/say.h"

/* Data points that are switches in the products known: 1 to 8. Their countdowns are eight further on. */
enum { WTR_TUYA_SWITCHES = 8 };

/* The three data points of a meter. */
struct wtr_tuya_meter {
    int64_t current_dp, power_dp, voltage_dp;
};

struct wtr_tuya_device {
    uint16_t switches;                  /* bit n: data point n is shown to be a switch */
    const struct wtr_tuya_meter *meter; /* NULL: not shown to have one */
};

struct wtr_tuya_learnt {
    struct wtr_map by_ip;     /* address to device, as the device itself says */
    struct wtr_map said_of;   /* address to device, as those who ask it say */
    struct wtr_map by_device; /* device to its place in the list, + 1 */
    struct wtr_map pushes;    /* device and source to the last push's running number */
    struct wtr_tuya_device *list;
    size_t count, capacity;
    struct wtr_tuya_dump *dump; /* of a dump (flash_dump.h); NULL: no entry was shown */
};

/* flash_learn.c: made when it is first asked for; NULL: no memory. */
struct wtr_tuya_dump *wtr_tuya_learnt_dump(struct wtr_tuya_learnt *learnt);
void wtr_tuya_dump_free(struct wtr_tuya_dump *dump);

void wtr_tuya_learnt_free(struct wtr_tuya_learnt *learnt);

/* The device behind the address; WTR_NO_DEVICE: not said. */
wtr_device_ref wtr_tuya_device_at(const struct wtr_tuya_learnt *learnt, const struct wtr_ip *ip);
void wtr_tuya_learn_ip(struct wtr_tuya_learnt *learnt, const struct wtr_ip *ip, wtr_device_ref device,
                       bool own_word);

/* NULL: no memory. Valid until the next call. */
struct wtr_tuya_device *wtr_tuya_learnt_device(struct wtr_tuya_learnt *learnt, wtr_device_ref device);

/* What the data points of a message show. `whole`: the answer to a query for all of them. */
void wtr_tuya_learn_points(struct wtr_tuya_device *device, const struct wtr_json *json, wtr_json_ref dps,
                           bool whole);
/* A command sets these data points: those that are switches are remembered as such. */
void wtr_tuya_learn_command(struct wtr_tuya_device *device, const struct wtr_json *json, wtr_json_ref dps);

/* How many pushes are missing before this one; -1: the number does not follow the last, or too far. */
int64_t wtr_tuya_missed(struct wtr_tuya_learnt *learnt, wtr_device_ref device, uint32_t source_id,
                        uint32_t sequence);

/* The number of the data point whose name is at `at`; -1: it is none. */
int64_t wtr_tuya_point(const struct wtr_json *json, wtr_json_ref at);

#endif

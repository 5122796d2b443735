/* SPDX-License-Identifier: Apache-2.0 */
/* One Tuya message on its way to be statements. */
#ifndef WTR_VENDOR_TUYA_READING_H
#define WTR_VENDOR_TUYA_READING_H

#include "vendor/tuya/learnt.h"
#include "vendor/tuya/packet.h"

enum wtr_tuya_manner {
    WTR_TUYA_ASKED,  /* a command to the device */
    WTR_TUYA_POLLED, /* the device's answer to a query */
    WTR_TUYA_PUSHED,
};

struct wtr_tuya_reading_of {
    struct wtr_tuya_learnt *learnt;
    struct wtr_say *say;
    const struct wtr_json *json;
    const struct wtr_tuya_packet *packet;
    wtr_device_ref device;
    enum wtr_tuya_manner manner;
    int64_t missed; /* pushes missing before this one, until it was said */
};

/* identity.c: a broadcast's payload. */
void wtr_tuya_read_broadcast(struct wtr_tuya_learnt *learnt, const struct wtr_json *json,
                             struct wtr_say *say);
/* identity.c: whose message it is. */
wtr_device_ref wtr_tuya_whose(struct wtr_tuya_learnt *learnt, const struct wtr_message *message,
                              const struct wtr_json *json, struct wtr_say *say);

/* points.c: the data points, and the clock that comes with them. */
void wtr_tuya_read_points(struct wtr_tuya_reading_of *r, wtr_json_ref dps);
void wtr_tuya_read_clock(struct wtr_tuya_reading_of *r, wtr_json_ref t);

#endif

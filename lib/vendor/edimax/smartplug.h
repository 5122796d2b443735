/* SPDX-License-Identifier: Apache-2.0 */
/* The XML of smartplug.cgi, and what it states. */
#ifndef WTR_VENDOR_EDIMAX_SMARTPLUG_H
#define WTR_VENDOR_EDIMAX_SMARTPLUG_H

#include "base/xml.h"
#include "vendor/http_message.h"

struct wtr_edimax_reading {
    struct wtr_say *say;
    const struct wtr_xml *xml;
    wtr_device_ref device;
};

/* What somebody asks of the plug, and what the plug answers. */
void wtr_edimax_read_request(struct wtr_edimax_reading *r);
void wtr_edimax_read_answer(struct wtr_edimax_reading *r);

/* schedule.c: the schedules of the week's days, stated by the plug or sent to it */
void wtr_edimax_read_schedules(struct wtr_edimax_reading *r);

/* clock.c: the plug's local time, with the zone's number where it stands beside it */
void wtr_edimax_read_clock(struct wtr_edimax_reading *r);

#endif

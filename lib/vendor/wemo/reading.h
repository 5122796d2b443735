/* SPDX-License-Identifier: Apache-2.0 */
/* One message of a WeMo device while it is read, and what its readers share. */
#ifndef WTR_VENDOR_WEMO_READING_H
#define WTR_VENDOR_WEMO_READING_H

#include "base/xml.h"
#include "protocol/ssdp.h"
#include "vendor/http_message.h"

struct wtr_wemo_reading {
    struct wtr_say *say;
    const struct wtr_http *http;
    const struct wtr_xml *xml;
    wtr_device_ref device;
    bool polled; /* the message answers a query, or is the first event of a subscription */
};

/* A statement that begins with its first value, so that none without a value is said. */
struct wtr_wemo_sentence {
    struct wtr_wemo_reading *reading;
    enum wtr_kind kind;
    bool begun;
};

void wtr_wemo_begin(struct wtr_wemo_sentence *s);
void wtr_wemo_end(struct wtr_wemo_sentence *s);
/* Adds the element's text as `field`, if it has one. */
void wtr_wemo_add_text(struct wtr_wemo_sentence *s, wtr_xml_ref at, enum wtr_field field);
/* Adds the element's text as the device's own MAC, if it is one. */
void wtr_wemo_add_mac(struct wtr_wemo_sentence *s, wtr_xml_ref at);

/* state.c: BinaryState and InsightParams */
/* What the element may be taken for. */
enum wtr_wemo_claim {
    WTR_WEMO_STATED, /* the device states it */
    WTR_WEMO_ECHOED /* it comes with the answer to a command: the state in it acknowledges, and is not said */
};
void wtr_wemo_read_state(struct wtr_wemo_reading *r, wtr_xml_ref at, enum wtr_wemo_claim claim);
/* The element's text as the device's clock, in seconds since 1970. */
void wtr_wemo_read_clock(struct wtr_wemo_reading *r, wtr_xml_ref at);

/* identity.c: setup.xml, and the answers that name the device */
void wtr_wemo_read_setup(struct wtr_wemo_reading *r);
void wtr_wemo_read_identity(struct wtr_wemo_reading *r, wtr_xml_ref answer);

/* announce.c: the type of device that the message announces; data NULL if it announces none of Belkin's */
struct wtr_text wtr_wemo_announced(const struct wtr_ssdp *ssdp);
void wtr_wemo_read_announcement(struct wtr_say *say, const struct wtr_ssdp *ssdp);

/* soap.c: requests and answers */
/* The action that the request's SOAPACTION names; data NULL if it names none of Belkin's. */
struct wtr_text wtr_wemo_action(const struct wtr_http *request);
void wtr_wemo_read_request(struct wtr_wemo_reading *r, struct wtr_text action);
void wtr_wemo_read_answer(struct wtr_wemo_reading *r);

#endif

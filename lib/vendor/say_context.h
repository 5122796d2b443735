/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind say.h: the context that the case sets up for each message, and where finished statements
 * go. Vendors see say.h alone. */
#ifndef WTR_VENDOR_SAY_CONTEXT_H
#define WTR_VENDOR_SAY_CONTEXT_H

#include "base/arena.h"
#include "model/devices.h"
#include "vendor/say.h"
#include "vendor/vendor.h"

/* Statements of one message that are remembered to number equal ones. */
enum { WTR_SAY_REMEMBERED = 512 };

struct wtr_say {
    /* Set once. */
    struct wtr_devices *devices;
    void *payload;
    /* A finished statement, with all but key.sequence, relay and segment set. */
    void (*emit)(void *payload, struct wtr_item *item);
    void (*finding)(void *payload, const struct wtr_span *span, size_t at, size_t length, const char *reason);
    /* The vendor recognised whose connection the message came over. */
    void (*own_connection)(void *payload, wtr_device_ref device);
    /* A key was found. Its name and origin are the receiver's to give. */
    void (*key)(void *payload, enum wtr_key_type type, struct wtr_text id, struct wtr_text secret);

    /* Set for each message: what all its statements share. */
    const struct wtr_message *message;
    struct wtr_statement common;
    uint32_t source; /* number of the source */
    uint64_t report; /* of a numbered message: what its repeats have in common; 0: none */
    struct wtr_endpoint sender, receiver;
    struct wtr_text scope;
    wtr_device_ref connection_device;
    struct wtr_text endpoint;
    struct wtr_text client_id;
    struct wtr_text user;

    /* Set for each image of a dump, and for each of its entries. */
    const struct wtr_entry *entry; /* NULL: a message of a capture is read */
    wtr_device_ref dump_device;    /* WTR_NO_DEVICE: nothing was said of it yet */
    struct wtr_text dump_id;       /* by which it goes until its own id is known */

    /* The say's own. */
    struct wtr_item item;
    bool open;
    bool has_span;
    size_t span_from, span_to;
    uint16_t said;
    uint64_t said_hash[WTR_SAY_REMEMBERED];
    struct wtr_arena texts;
    struct wtr_json json;
    struct wtr_buffer scratch;
};

/* Begins a new message: forgets what was said of the last one. */
void wtr_say_message(struct wtr_say *say, const struct wtr_message *message);
/* The same for an entry of a dump, whose bytes `message` spans. */
void wtr_say_entry(struct wtr_say *say, const struct wtr_message *message, const struct wtr_entry *entry);
void wtr_say_free(struct wtr_say *say);

#endif

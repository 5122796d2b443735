/* SPDX-License-Identifier: Apache-2.0 */
/* What a family of plugs is to the rest of the house: something that turns protocol messages into
 * statements. A vendor never sees a capture file, a packet or another source; it sees messages in the order
 * in which they were sent, keeps what it has learnt in a state of its own (one a source), and says what
 * each message states through say.h.
 *
 * A new family is one folder and one line in registry.c; vendor/example shows the whole of it. */
#ifndef WTR_VENDOR_VENDOR_H
#define WTR_VENDOR_VENDOR_H

#include "flash/flash.h"
#include "protocol/protocol.h"
#include "vendor/say.h"

/* How sure a vendor is that a message is its own. The highest bid gets the message; two equal highest bids
 * are reported and nobody gets it. A topic that one vendor alone had learnt stays with it for as long as it
 * claims LEARNT: the others are not asked again. */
enum wtr_claim {
    WTR_CLAIM_NONE = 0,
    WTR_CLAIM_SHAPE = 1,  /* the shape alone fits (a topic's last level and the payload's form) */
    WTR_CLAIM_NAMED = 2,  /* the family's own fixed names are there */
    WTR_CLAIM_LEARNT = 3, /* the device was introduced by an earlier message of this source */
};

struct wtr_vendor {
    const char *name; /* as in `path` and device names: tasmota, shelly … */
    /* The protocols that this family alone speaks, ended by NULL; NULL: none. */
    const struct wtr_protocol *const *protocols;
    size_t state_size;          /* zeroed bytes of state for each source */
    void (*close)(void *state); /* frees what the state holds; may be NULL */

    /* Whether the message is one of this family's. Reads only. NULL, as `read`: a family of which storage
     * alone is read. */
    enum wtr_claim (*claim)(const void *state, const struct wtr_message *message);
    /* Says what the message states. Called for the vendor with the highest claim. */
    void (*read)(void *state, const struct wtr_message *message, struct wtr_say *say);

    /* The storage formats that this family alone uses, ended by NULL; NULL: none. */
    const struct wtr_flash_format *const *formats;
    /* A dump is read twice, with a state of its own: first every entry is shown to every family, which keeps
     * what it needs to understand the others (the device's id, a schema, a MAC); then each entry is offered
     * as messages are, and the vendor with the highest claim says what it states. All three may be NULL. */
    void (*learn_entry)(void *state, const struct wtr_entry *entry);
    enum wtr_claim (*claim_entry)(const void *state, const struct wtr_entry *entry);
    void (*read_entry)(void *state, const struct wtr_entry *entry, struct wtr_say *say);
};

/* All families, ended by NULL. */
extern const struct wtr_vendor *const wtr_vendors[];

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a source has taught about its Tasmota devices: the topics under which they talk, the words that they
 * use, which channels are relays, and by which other names they are called. Bounded; what no longer fits is
 * not learnt, which only costs certainty. */
#ifndef WTR_VENDOR_TASMOTA_LEARNT_H
#define WTR_VENDOR_TASMOTA_LEARNT_H

#include "base/map.h"
#include "base/text.h"
#include "vendor/tasmota/flash_slots.h"

/* Tasmota's own limit for a whole topic is lower (TOPSZ, 151 in its settings). */
enum { WTR_TASMOTA_MAX_TEXT = 255, WTR_TASMOTA_MAX_ENTRIES = 1 << 14, WTR_TASMOTA_MAX_DEVICES = 1 << 12 };

enum wtr_tasmota_word {
    WTR_TASMOTA_OFF,
    WTR_TASMOTA_ON,
    WTR_TASMOTA_OFFLINE,
    WTR_TASMOTA_WORDS,
};

struct wtr_tasmota_device {
    struct wtr_tasmota_device *next;
    struct wtr_text id;                       /* the FullTopic without its prefix */
    uint64_t relays;                          /* bit n - 1: channel n was seen as a relay */
    struct wtr_text words[WTR_TASMOTA_WORDS]; /* its own; data NULL: the default */
    bool
        left; /* "Offline" was last published by a client, so that what the broker delivers is no last will */
};

struct wtr_tasmota_entry;

/* Zero-initialise. */
struct wtr_tasmota_learnt {
    struct wtr_map index;
    struct wtr_tasmota_entry *entries;
    size_t entry_count;
    size_t entry_capacity;
    struct wtr_tasmota_device *devices; /* the latest first */
    size_t device_count;
    struct wtr_map own;             /* devices (as the case numbers them) whose own connection was seen */
    struct wtr_tasmota_slots slots; /* of a dump: the copies of the settings */
};

void wtr_tasmota_forget(struct wtr_tasmota_learnt *learnt);

/* The device with this id; made if new. NULL: no room. */
struct wtr_tasmota_device *wtr_tasmota_device(struct wtr_tasmota_learnt *learnt, struct wtr_text id);
/* Keeps a copy of the word; the device goes on with its old one if there is no memory. */
void wtr_tasmota_learn_word(struct wtr_tasmota_device *device, enum wtr_tasmota_word which,
                            struct wtr_text word);

/* A topic without its last level belongs to the device; commands are sent to it, or reports are published. */
void wtr_tasmota_learn_base(struct wtr_tasmota_learnt *learnt, struct wtr_text base,
                            struct wtr_tasmota_device *device, bool is_command);
struct wtr_tasmota_device *wtr_tasmota_find_base(const struct wtr_tasmota_learnt *learnt,
                                                 struct wtr_text base, bool *is_command);

/* Another name of the device: its fallback topic, its MAC in the discovery topic. */
void wtr_tasmota_learn_alias(struct wtr_tasmota_learnt *learnt, struct wtr_text alias,
                             struct wtr_tasmota_device *device);
struct wtr_tasmota_device *wtr_tasmota_find_alias(const struct wtr_tasmota_learnt *learnt,
                                                  struct wtr_text alias);

/* A topic that several devices listen to. */
void wtr_tasmota_learn_group(struct wtr_tasmota_learnt *learnt, struct wtr_text name);
bool wtr_tasmota_is_group(const struct wtr_tasmota_learnt *learnt, struct wtr_text name);

#endif

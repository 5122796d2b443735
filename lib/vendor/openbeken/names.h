/* SPDX-License-Identifier: Apache-2.0 */
/* The names under which OpenBeken devices talk in a source, and what was seen of each. Bounded; what no
 * longer fits is not learnt, and then not claimed. */
#ifndef WTR_VENDOR_OPENBEKEN_NAMES_H
#define WTR_VENDOR_OPENBEKEN_NAMES_H

#include "base/map.h"
#include "base/text.h"
#include "vendor/homeassistant/config.h"
#include "vendor/openbeken/flash_store.h"

/* A name is the MQTT client id, at most 63 bytes (CGF_MQTT_CLIENT_ID_SIZE); its channels are 0 … 63. */
enum { WTR_OPENBEKEN_MAX_NAME = 63, WTR_OPENBEKEN_MAX_NAMES = 1 << 12, WTR_OPENBEKEN_CHANNELS = 64 };

/* Topics that are OpenBeken's own words, though not each of them nobody else's. */
enum {
    WTR_OPENBEKEN_CONNECTED = 1 << 0,
    WTR_OPENBEKEN_SOCKETS = 1 << 1,
};

/* The unit of energycounter and its kin. */
enum wtr_openbeken_unit {
    WTR_OPENBEKEN_UNIT_UNKNOWN,
    WTR_OPENBEKEN_WH,
    WTR_OPENBEKEN_KWH,
};

struct wtr_openbeken_device {
    char name[WTR_OPENBEKEN_MAX_NAME];
    uint8_t length;
    bool sure; /* it is an OpenBeken device */
    uint8_t hints;
    bool switched_off; /* a bare POWER was OFF: there is something to switch */
    enum wtr_openbeken_unit energy_unit;
    uint64_t switches; /* bit n: channel n is announced as a switch, or was set to 0, 1 or toggle */
    uint64_t others;   /* bit n: channel n had another value, so it is no relay */
};

/* Zero-initialise. */
struct wtr_openbeken_names {
    struct wtr_map index;
    struct wtr_ha_introduced introduced;
    struct wtr_openbeken_device *list;
    size_t count;
    size_t capacity;
    struct wtr_openbeken_stored stored; /* of a dump */
};

void wtr_openbeken_forget(struct wtr_openbeken_names *names);
/* NULL if the name is not known. */
const struct wtr_openbeken_device *wtr_openbeken_find(const struct wtr_openbeken_names *names,
                                                      struct wtr_text name);
/* Made if new; NULL: no room. Good until the next call. */
struct wtr_openbeken_device *wtr_openbeken_device(struct wtr_openbeken_names *names, struct wtr_text name);

#endif

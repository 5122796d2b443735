/* SPDX-License-Identifier: Apache-2.0 */
/* What a source has taught of the Kasa devices at its addresses: whether there are several outlets, and their
 * ids, which other messages give in part or not at all. */
#ifndef WTR_VENDOR_KASA_LEARNT_H
#define WTR_VENDOR_KASA_LEARNT_H

#include "base/map.h"
#include "base/text.h"
#include "model/endpoint.h"

enum { WTR_KASA_MAX_ID = 63, WTR_KASA_MAX_OUTLETS = 16 };

/* An outlet's designation: its full id. */
struct wtr_kasa_channel {
    char text[WTR_KASA_MAX_ID];
    size_t length; /* 0: the whole device */
};

enum wtr_kasa_sort {
    WTR_KASA_NOT_KNOWN,
    WTR_KASA_SINGLE, /* it described itself, and named no outlets */
    WTR_KASA_STRIP,
};

struct wtr_kasa_known {
    struct wtr_ip ip;
    enum wtr_kasa_sort sort;
    struct wtr_kasa_channel id; /* the device's own */
    struct wtr_kasa_channel outlets[WTR_KASA_MAX_OUTLETS];
    unsigned outlet_count;
};

/* Zero-initialise. */
struct wtr_kasa_learnt {
    struct wtr_map by_ip;
    struct wtr_kasa_known *list;
    size_t count, capacity;
};

void wtr_kasa_forget(struct wtr_kasa_learnt *learnt);
/* NULL: nothing is known of the address. Good until the next learn. */
const struct wtr_kasa_known *wtr_kasa_find(const struct wtr_kasa_learnt *learnt, const struct wtr_ip *ip);
/* What is known of the address, to be changed; NULL: no memory, or too many addresses. */
struct wtr_kasa_known *wtr_kasa_learn(struct wtr_kasa_learnt *learnt, const struct wtr_ip *ip);

/* The full id of an outlet whose id may be given by its last digits alone; false if the device's own id,
 * which would complete it, is not known. */
bool wtr_kasa_full_id(const struct wtr_kasa_channel *device, struct wtr_text given,
                      struct wtr_kasa_channel *full);
/* The outlet's position from 1; 0: not known. */
unsigned wtr_kasa_position(const struct wtr_kasa_known *known, const struct wtr_kasa_channel *channel);

static inline struct wtr_text wtr_kasa_channel_text(const struct wtr_kasa_channel *channel)
{
    return (struct wtr_text){channel->text, channel->length};
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Outlets' ids: the device's own id and two digits ("00" is the first). Over UDP a strip gives the digits
 * alone, over TCP the whole; clients put the digits behind the id (tplink-smarthome-api, normalizeChildId;
 * tplink-smarthome-simulator) [S]. */
#include "vendor/kasa/learnt.h"

#include <stdlib.h>

enum { MAX_ADDRESSES = 4096, SHORT_ID = 2 };

void wtr_kasa_forget(struct wtr_kasa_learnt *learnt)
{
    wtr_map_free(&learnt->by_ip);
    free(learnt->list);
    *learnt = (struct wtr_kasa_learnt){0};
}

static uint64_t key_of(const struct wtr_ip *ip)
{
    return wtr_hash64(ip->bytes, sizeof ip->bytes, 0);
}

static struct wtr_kasa_known *known_at(const struct wtr_kasa_learnt *learnt, const struct wtr_ip *ip)
{
    const uint64_t *index = wtr_map_find(&learnt->by_ip, key_of(ip));
    if (!index || memcmp(learnt->list[*index].ip.bytes, ip->bytes, sizeof ip->bytes) != 0)
        return NULL;
    return &learnt->list[*index];
}

const struct wtr_kasa_known *wtr_kasa_find(const struct wtr_kasa_learnt *learnt, const struct wtr_ip *ip)
{
    return known_at(learnt, ip);
}

struct wtr_kasa_known *wtr_kasa_learn(struct wtr_kasa_learnt *learnt, const struct wtr_ip *ip)
{
    struct wtr_kasa_known *known = known_at(learnt, ip);
    if (known || learnt->count == MAX_ADDRESSES || wtr_map_find(&learnt->by_ip, key_of(ip)))
        return known;
    if (learnt->count == learnt->capacity) {
        size_t capacity = learnt->capacity ? learnt->capacity * 2 : 8;
        struct wtr_kasa_known *list = realloc(learnt->list, capacity * sizeof *list);
        if (!list)
            return NULL;
        learnt->list = list;
        learnt->capacity = capacity;
    }
    if (!wtr_map_put(&learnt->by_ip, key_of(ip), learnt->count))
        return NULL;
    learnt->list[learnt->count] = (struct wtr_kasa_known){.ip = *ip};
    return &learnt->list[learnt->count++];
}

bool wtr_kasa_full_id(const struct wtr_kasa_channel *device, struct wtr_text given,
                      struct wtr_kasa_channel *full)
{
    bool is_short = given.length <= SHORT_ID;
    size_t before = is_short && device ? device->length : 0;
    if (given.length == 0 || (is_short && before == 0) || before + SHORT_ID > sizeof full->text ||
        given.length > sizeof full->text)
        return false;
    if (before > 0)
        memcpy(full->text, device->text, before);
    if (given.length < SHORT_ID)
        full->text[before++] = '0';
    memcpy(full->text + before, given.data, given.length);
    full->length = before + given.length;
    return true;
}

unsigned wtr_kasa_position(const struct wtr_kasa_known *known, const struct wtr_kasa_channel *channel)
{
    for (unsigned i = 0; known && i < known->outlet_count; i++)
        if (wtr_text_equal(wtr_kasa_channel_text(&known->outlets[i]), wtr_kasa_channel_text(channel)))
            return i + 1;
    return 0;
}

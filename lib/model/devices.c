/* SPDX-License-Identifier: Apache-2.0 */
/* The table of devices, and the rules that name them. */
#include "model/devices.h"

#include "model/places.h"

#include <stdlib.h>

static const uint32_t none = UINT32_MAX;

void wtr_devices_free(struct wtr_devices *devices)
{
    for (uint32_t i = 0; i < devices->count; i++) {
        free((void *)devices->list[i].id.data);
        free((void *)devices->list[i].name.data);
    }
    free(devices->list);
    wtr_map_free(&devices->by_hash);
    free(devices->hosts);
    wtr_map_free(&devices->host_by_ip);
    wtr_map_free(&devices->networks);
    *devices = (struct wtr_devices){0};
}

static bool grow(struct wtr_devices *devices)
{
    if (devices->count < devices->capacity)
        return true;
    uint32_t capacity = devices->capacity ? devices->capacity * 2 : 64;
    struct wtr_device *list = realloc(devices->list, capacity * sizeof *list);
    if (!list)
        return false;
    devices->list = list;
    devices->capacity = capacity;
    return true;
}

/* Id and scope in one allocation; `id.data` owns it. */
static bool copy_texts(struct wtr_device *device, struct wtr_text id, struct wtr_text scope)
{
    char *both = malloc(id.length + scope.length + 1);
    if (!both)
        return false;
    if (id.length)
        memcpy(both, id.data, id.length);
    if (scope.length)
        memcpy(both + id.length, scope.data, scope.length);
    device->id = (struct wtr_text){both, id.length};
    device->scope = (struct wtr_text){both + id.length, scope.length};
    return true;
}

uint32_t wtr_devices_find(struct wtr_devices *devices, const char *vendor, struct wtr_text id,
                          struct wtr_text scope)
{
    uint64_t hash = wtr_hash64(scope.data, scope.length,
                               wtr_hash64(id.data, id.length, wtr_hash64(vendor, strlen(vendor), 0)));
    const uint64_t *known = wtr_map_find(&devices->by_hash, hash);
    uint32_t first = known ? (uint32_t)*known : none;
    for (uint32_t i = first; i != none; i = devices->list[i].next_same_hash) {
        const struct wtr_device *d = &devices->list[i];
        if (strcmp(d->vendor, vendor) == 0 && wtr_text_equal(d->id, id) && wtr_text_equal(d->scope, scope))
            return i;
    }
    if (devices->count == WTR_MAX_DEVICES) {
        devices->full = true;
        return none;
    }
    struct wtr_device device = {.vendor = vendor, .next_same_hash = first};
    if (!grow(devices) || !copy_texts(&device, id, scope)) {
        devices->failed = true;
        return none;
    }
    uint32_t index = devices->count++;
    devices->list[index] = device;
    if (!wtr_map_put(&devices->by_hash, hash, index))
        devices->failed = true;
    return index;
}

void wtr_devices_tie_mac(struct wtr_devices *devices, uint32_t device, const uint8_t mac[6])
{
    if (device >= devices->count || !wtr_mac_is_unicast(mac))
        return;
    struct wtr_device *d = &devices->list[device];
    for (uint8_t i = 0; i < d->mac_count; i++)
        if (memcmp(d->mac[i], mac, 6) == 0)
            return;
    if (d->mac_count < 2)
        memcpy(d->mac[d->mac_count++], mac, 6);
}

void wtr_devices_alias(struct wtr_devices *devices, uint32_t device, uint32_t own)
{
    if (device >= devices->count || own >= devices->count || device == own)
        return;
    struct wtr_device *d = &devices->list[device];
    if (d->has_alias || devices->list[own].has_alias)
        return;
    d->has_alias = true;
    d->alias = own;
}

bool wtr_devices_rename(struct wtr_devices *devices, uint32_t device, struct wtr_text id)
{
    const struct wtr_text no_scope = {NULL, 0};
    if (device >= devices->count)
        return true;
    struct wtr_device *d = &devices->list[device];
    char *before = (char *)d->id.data;
    if (!copy_texts(d, id, no_scope))
        return false;
    free(before);
    return true;
}

/* ---- names */

/* A device and its alias have each other's MACs. */
static void share_macs(struct wtr_devices *devices)
{
    for (uint32_t i = 0; i < devices->count; i++) {
        struct wtr_device *d = &devices->list[i];
        for (uint8_t m = 0; d->has_alias && m < d->mac_count; m++)
            wtr_devices_tie_mac(devices, d->alias, d->mac[m]);
    }
}

/* One that is another under a second id bears its name. */
static bool name_aliases(struct wtr_devices *devices)
{
    for (uint32_t i = 0; i < devices->count; i++) {
        struct wtr_device *d = &devices->list[i];
        if (!d->has_alias)
            continue;
        struct wtr_buffer name = {0};
        wtr_put_text(&name, devices->list[d->alias].name);
        free((void *)d->name.data);
        d->name = wtr_buffer_text(&name);
        if (name.failed)
            return false;
    }
    return true;
}

static uint64_t vendor_and_id(const struct wtr_device *d)
{
    return wtr_hash64(d->id.data, d->id.length, wtr_hash64(d->vendor, strlen(d->vendor), 0));
}

/* Counts, by vendor and id, the devices that go by these alone: an id that several share needs its scope.
 * (Ids whose hashes collide get their scopes, too, which is true all the same.) */
static bool count_ids(const struct wtr_devices *devices, struct wtr_map *uses)
{
    for (uint32_t i = 0; i < devices->count; i++) {
        if (devices->list[i].mac_count == 1)
            continue;
        uint64_t key = vendor_and_id(&devices->list[i]);
        const uint64_t *known = wtr_map_find(uses, key);
        if (!wtr_map_put(uses, key, known ? *known + 1 : 1))
            return false;
    }
    return true;
}

static bool name_one(struct wtr_device *d, const struct wtr_map *uses)
{
    struct wtr_buffer name = {0};
    if (d->mac_count == 1) {
        wtr_put_z(&name, "mac:");
        wtr_put_mac(&name, d->mac[0]);
    } else {
        wtr_put_z(&name, d->vendor);
        wtr_put_char(&name, ':');
        wtr_put_text(&name, d->id);
        const uint64_t *users = wtr_map_find(uses, vendor_and_id(d));
        if (d->scope.length && users && *users > 1) {
            wtr_put_char(&name, '@');
            wtr_put_text(&name, d->scope);
        }
    }
    d->name = wtr_buffer_text(&name);
    return !name.failed;
}

bool wtr_devices_name(struct wtr_devices *devices)
{
    struct wtr_map by_name = {0};
    struct wtr_map uses = {0};
    share_macs(devices);
    bool whole = wtr_devices_tie_places(devices) && count_ids(devices, &uses);
    for (uint32_t i = 0; i < devices->count && whole; i++)
        whole = name_one(&devices->list[i], &uses);
    whole = whole && name_aliases(devices);
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        struct wtr_device *d = &devices->list[i];
        uint64_t hash = wtr_hash64(d->name.data, d->name.length, 0);
        const uint64_t *first = wtr_map_find(&by_name, hash);
        bool same = first && wtr_text_equal(devices->list[*first].name, d->name);
        d->same_as = same ? (uint32_t)*first : i;
        whole = whole && (first || wtr_map_put(&by_name, hash, i));
    }
    wtr_map_free(&by_name);
    wtr_map_free(&uses);
    return whole;
}

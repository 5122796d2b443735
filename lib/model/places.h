/* SPDX-License-Identifier: Apache-2.0 */
/* What the naming of devices by their addresses has in common: maps in which one value holds and any other
 * one contradicts it. */
#ifndef WTR_MODEL_PLACES_H
#define WTR_MODEL_PLACES_H

#include "model/devices.h"

/* Values under a key that differ. */
static const uint64_t wtr_contradicts = UINT64_MAX;
/* Nothing under a key. */
static const uint64_t wtr_unknown = UINT64_MAX - 1;

static inline bool wtr_mac_is_unicast(const uint8_t mac[6])
{
    static const uint8_t zero[6];
    return (mac[0] & 1) == 0 && memcmp(mac, zero, 6) != 0;
}

static inline uint64_t wtr_mac_number(const uint8_t mac[6])
{
    uint64_t number = 0;
    for (size_t i = 0; i < 6; i++)
        number = number << 8 | mac[i];
    return number;
}

/* Names the device by the MAC. */
static inline void wtr_set_mac(struct wtr_device *device, uint64_t mac)
{
    for (size_t i = 0; i < 6; i++)
        device->mac[0][i] = (uint8_t)(mac >> (40 - 8 * i));
    device->mac_count = 1;
}

/* Remembers the value under the key, or that it contradicts what is there. False: no memory. */
static inline bool wtr_put_only(struct wtr_map *map, uint64_t key, uint64_t value)
{
    const uint64_t *known = wtr_map_find(map, key);
    return wtr_map_put(map, key, known && *known != value ? wtr_contradicts : value);
}

static inline uint64_t wtr_only(const struct wtr_map *map, uint64_t key)
{
    const uint64_t *known = wtr_map_find(map, key);
    return known ? *known : wtr_unknown;
}

/* Key of an address in the network that the source saw. `salt` tells maps of several kinds apart. */
uint64_t wtr_place_key(const struct wtr_devices *devices, const struct wtr_place *place, uint64_t salt);
/* The one value that the map holds for the device's places; unknown, or contradicts. Of two addresses in one
 * network both must have it; what another network does not show contradicts nothing. */
uint64_t wtr_only_of_places(const struct wtr_devices *devices, const struct wtr_device *device,
                            const struct wtr_map *map, uint64_t salt);
/* Puts the value under all the device's places. */
bool wtr_put_places(const struct wtr_devices *devices, const struct wtr_device *device, struct wtr_map *map,
                    uint64_t salt, uint64_t value);

/* Gives devices without a MAC the one that their addresses are confirmed for. False: no memory. */
bool wtr_devices_tie_places(struct wtr_devices *devices);

#endif

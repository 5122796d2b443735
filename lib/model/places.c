/* SPDX-License-Identifier: Apache-2.0 */
/* Devices and the addresses from which they speak: what ARP and DHCP confirm, and what follows for their
 * names. An address means a host only within a network; sources that saw one network are joined. */
#include "model/places.h"

#include <stdlib.h>

static bool is_same(const struct wtr_place *a, const struct wtr_place *b)
{
    return a->source == b->source && memcmp(&a->ip, &b->ip, sizeof a->ip) == 0;
}

void wtr_devices_tie_ip(struct wtr_devices *devices, uint32_t device, uint32_t source,
                        const struct wtr_ip *ip)
{
    const struct wtr_place place = {source, *ip};
    if (device >= devices->count)
        return;
    struct wtr_device *d = &devices->list[device];
    for (uint8_t i = 0; i < d->place_count && i < WTR_DEVICE_PLACES; i++)
        if (is_same(&d->places[i], &place))
            return;
    if (d->place_count < WTR_DEVICE_PLACES)
        d->places[d->place_count] = place;
    if (d->place_count <= WTR_DEVICE_PLACES)
        d->place_count++;
}

/* ---- hosts */

static uint64_t hash_of(const struct wtr_place *place)
{
    return wtr_hash64(place->ip.bytes, sizeof place->ip.bytes, place->source);
}

static struct wtr_host *new_host(struct wtr_devices *devices)
{
    if (devices->host_count == devices->host_capacity) {
        size_t capacity = devices->host_capacity ? devices->host_capacity * 2 : 64;
        struct wtr_host *hosts = realloc(devices->hosts, capacity * sizeof *hosts);
        if (!hosts)
            return NULL;
        devices->hosts = hosts;
        devices->host_capacity = capacity;
    }
    return &devices->hosts[devices->host_count++];
}

void wtr_devices_host(struct wtr_devices *devices, uint32_t source, const struct wtr_ip *ip,
                      const uint8_t mac[6])
{
    static const struct wtr_ip nowhere = {{[10] = 0xff, [11] = 0xff}};
    const struct wtr_place place = {source, *ip};
    if (!wtr_mac_is_unicast(mac) || memcmp(ip, &nowhere, sizeof *ip) == 0)
        return;
    const uint64_t *known = wtr_map_find(&devices->host_by_ip, hash_of(&place));
    if (known) {
        struct wtr_host *host = &devices->hosts[*known];
        host->several_macs |= !is_same(&host->place, &place) || memcmp(host->mac, mac, sizeof host->mac) != 0;
        return;
    }
    if (devices->host_count == WTR_MAX_HOSTS) {
        devices->full = true;
        return;
    }
    struct wtr_host *host = new_host(devices);
    if (!host || !wtr_map_put(&devices->host_by_ip, hash_of(&place), devices->host_count - 1)) {
        devices->failed = true;
        return;
    }
    *host = (struct wtr_host){.place = place};
    memcpy(host->mac, mac, sizeof host->mac);
}

bool wtr_devices_join_sources(struct wtr_devices *devices, uint32_t source, uint32_t lowest)
{
    return wtr_map_put(&devices->networks, source, lowest);
}

static uint64_t network_of(const struct wtr_devices *devices, uint32_t source)
{
    const uint64_t *joined = wtr_map_find(&devices->networks, source);
    return joined ? *joined : source;
}

/* ---- ties, when all evidence is read */

uint64_t wtr_place_key(const struct wtr_devices *devices, const struct wtr_place *place, uint64_t salt)
{
    return wtr_hash64(place->ip.bytes, sizeof place->ip.bytes,
                      wtr_mix64(salt) ^ network_of(devices, place->source));
}

uint64_t wtr_only_of_places(const struct wtr_devices *devices, const struct wtr_device *device,
                            const struct wtr_map *map, uint64_t salt)
{
    uint64_t only = wtr_unknown;
    uint64_t unknown_in[WTR_DEVICE_PLACES], known_in[WTR_DEVICE_PLACES];
    size_t unknown = 0, known = 0;
    if (device->place_count > WTR_DEVICE_PLACES)
        return wtr_contradicts;
    for (uint8_t i = 0; i < device->place_count; i++) {
        uint64_t here = wtr_only(map, wtr_place_key(devices, &device->places[i], salt));
        uint64_t network = network_of(devices, device->places[i].source);
        if (here == wtr_unknown) {
            unknown_in[unknown++] = network;
            continue;
        }
        if (only != wtr_unknown && here != only)
            return wtr_contradicts;
        only = here;
        known_in[known++] = network;
    }
    for (size_t u = 0; u < unknown; u++)
        for (size_t k = 0; k < known; k++)
            if (unknown_in[u] == known_in[k])
                return wtr_contradicts;
    return only;
}

bool wtr_put_places(const struct wtr_devices *devices, const struct wtr_device *device, struct wtr_map *map,
                    uint64_t salt, uint64_t value)
{
    bool whole = true;
    for (uint8_t i = 0; i < device->place_count && i < WTR_DEVICE_PLACES && whole; i++)
        whole = wtr_put_only(map, wtr_place_key(devices, &device->places[i], salt), value);
    return whole;
}

static uint64_t mac_key(const struct wtr_devices *devices, const struct wtr_host *host)
{
    uint64_t mac = wtr_mac_number(host->mac);
    return wtr_hash64(&mac, sizeof mac, network_of(devices, host->place.source));
}

/* Behind a router the link address is the router's: then it has many addresses, and confirms none. */
static bool index_hosts(const struct wtr_devices *devices, struct wtr_map *mac_at)
{
    struct wtr_map ip_of_mac = {0};
    bool whole = true;
    for (size_t i = 0; i < devices->host_count && whole; i++) {
        const struct wtr_host *host = &devices->hosts[i];
        whole = wtr_put_only(&ip_of_mac, mac_key(devices, host), wtr_place_key(devices, &host->place, 0));
    }
    for (size_t i = 0; i < devices->host_count && whole; i++) {
        const struct wtr_host *host = &devices->hosts[i];
        uint64_t place = wtr_place_key(devices, &host->place, 0);
        bool alone = !host->several_macs && wtr_only(&ip_of_mac, mac_key(devices, host)) == place;
        whole = wtr_put_only(mac_at, place, alone ? wtr_mac_number(host->mac) : wtr_contradicts);
    }
    wtr_map_free(&ip_of_mac);
    return whole;
}

static uint64_t family_salt(const struct wtr_device *d)
{
    return wtr_hash64(d->vendor, strlen(d->vendor), 1);
}

static bool index_families(const struct wtr_devices *devices, struct wtr_map *mac_at)
{
    bool whole = true;
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        const struct wtr_device *d = &devices->list[i];
        if (d->mac_count > 0)
            whole = wtr_put_places(devices, d, mac_at, family_salt(d),
                                   d->mac_count == 1 ? wtr_mac_number(d->mac[0]) : wtr_contradicts);
    }
    return whole;
}

/* A device whose MAC is not known is the host that is confirmed at its address; else the one of its family
 * that speaks from there and whose MAC is known, as another source of the same network may show. */
bool wtr_devices_tie_places(struct wtr_devices *devices)
{
    struct wtr_map hosts = {0}, families = {0};
    bool whole = index_hosts(devices, &hosts) && index_families(devices, &families);
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        struct wtr_device *d = &devices->list[i];
        if (d->mac_count > 0)
            continue;
        uint64_t mac = wtr_only_of_places(devices, d, &hosts, 0);
        if (mac == wtr_unknown)
            mac = wtr_only_of_places(devices, d, &families, family_salt(d));
        if (mac != wtr_unknown && mac != wtr_contradicts)
            wtr_set_mac(d, mac);
    }
    wtr_map_free(&hosts);
    wtr_map_free(&families);
    return whole;
}

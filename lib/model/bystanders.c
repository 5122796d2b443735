/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that are known by their address alone, and whether they are plugs.
 *
 * A look-up of a name or a question for the time says which address it came from, and not that a plug lives
 * there. What is said of such a bystander is shown only if it turns out to be a plug: if it bears the name of
 * a device that a family, or its own words, showed to be one. So it does not matter which was seen first. */
#include "model/devices.h"

static const uint64_t contradicts = UINT64_MAX;

static uint64_t mac_number(const uint8_t mac[6])
{
    uint64_t number = 0;
    for (size_t i = 0; i < 6; i++)
        number = number << 8 | mac[i];
    return number;
}

static uint64_t address_key(uint32_t source, const struct wtr_ip *ip)
{
    return wtr_hash64(ip->bytes, sizeof ip->bytes, source);
}

/* Remembers the value under the key; another one there contradicts it. */
static bool put_only(struct wtr_map *map, uint64_t key, uint64_t value)
{
    const uint64_t *known = wtr_map_find(map, key);
    return wtr_map_put(map, key, known && *known != value ? contradicts : value);
}

/* MACs that plugs have by their own words, and the addresses that they speak from. */
static bool index_plugs(const struct wtr_devices *devices, struct wtr_map *plugs, struct wtr_map *mac_at)
{
    bool whole = true;
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        const struct wtr_device *d = &devices->list[i];
        if (d->bystander || d->mac_count == 0)
            continue;
        uint64_t mac = d->mac_count == 1 ? mac_number(d->mac[0]) : contradicts;
        if (mac != contradicts)
            whole = wtr_map_put(plugs, mac, 1);
        if (whole && d->ip_count == 1)
            whole = put_only(mac_at, address_key(d->ip_source, &d->ip), mac);
    }
    return whole;
}

/* Addresses that ARP or DHCP confirms for a plug's MAC. That it is a plug's shows that it is not a router's,
 * so it may have several. */
static bool index_hosts(const struct wtr_devices *devices, const struct wtr_map *plugs,
                        struct wtr_map *mac_at)
{
    bool whole = true;
    for (size_t i = 0; i < devices->host_count && whole; i++) {
        const struct wtr_host *host = &devices->hosts[i];
        uint64_t mac = host->several_macs ? contradicts : mac_number(host->mac);
        if (mac == contradicts || wtr_map_find(plugs, mac))
            whole = put_only(mac_at, address_key(host->source, &host->ip), mac);
    }
    return whole;
}

bool wtr_devices_adopt(struct wtr_devices *devices)
{
    struct wtr_map plugs = {0}, mac_at = {0};
    bool whole = index_plugs(devices, &plugs, &mac_at) && index_hosts(devices, &plugs, &mac_at);
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        struct wtr_device *d = &devices->list[i];
        if (!d->bystander || d->mac_count > 0 || d->ip_count != 1)
            continue;
        const uint64_t *mac = wtr_map_find(&mac_at, address_key(d->ip_source, &d->ip));
        if (!mac || *mac == contradicts)
            continue;
        for (size_t k = 0; k < sizeof d->mac[0]; k++)
            d->mac[0][k] = (uint8_t)(*mac >> (40 - 8 * k));
        d->mac_count = 1;
    }
    wtr_map_free(&plugs);
    wtr_map_free(&mac_at);
    return whole;
}

void wtr_devices_settle(struct wtr_devices *devices)
{
    for (uint32_t i = 0; i < devices->count; i++)
        if (!devices->list[i].bystander)
            devices->list[devices->list[i].same_as].shown = true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that are known by their address alone, and whether they are plugs.
 *
 * A look-up of a name or a question for the time says which address it came from, and not that a plug lives
 * there. What is said of such a bystander is shown only if it turns out to be a plug: if it bears the name of
 * a device that a family, or its own words, showed to be one. So it does not matter which was seen first. */
#include "model/places.h"

/* MACs that plugs have by their own words, and the addresses that they speak from. */
static bool index_plugs(const struct wtr_devices *devices, struct wtr_map *plugs, struct wtr_map *mac_at)
{
    bool whole = true;
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        const struct wtr_device *d = &devices->list[i];
        if (d->bystander || d->mac_count == 0)
            continue;
        uint64_t mac = d->mac_count == 1 ? wtr_mac_number(d->mac[0]) : wtr_contradicts;
        if (mac != wtr_contradicts)
            whole = wtr_map_put(plugs, mac, 1);
        whole = whole && wtr_put_places(devices, d, mac_at, 0, mac);
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
        uint64_t mac = host->several_macs ? wtr_contradicts : wtr_mac_number(host->mac);
        if (mac == wtr_contradicts || wtr_map_find(plugs, mac))
            whole = wtr_put_only(mac_at, wtr_place_key(devices, &host->place, 0), mac);
    }
    return whole;
}

bool wtr_devices_adopt(struct wtr_devices *devices)
{
    struct wtr_map plugs = {0}, mac_at = {0};
    bool whole = index_plugs(devices, &plugs, &mac_at) && index_hosts(devices, &plugs, &mac_at);
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        struct wtr_device *d = &devices->list[i];
        uint64_t mac =
            d->bystander && d->mac_count == 0 ? wtr_only_of_places(devices, d, &mac_at, 0) : wtr_unknown;
        if (mac != wtr_unknown && mac != wtr_contradicts)
            wtr_set_mac(d, mac);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* The table of devices, and the rules that name them. */
#include "model/devices.h"

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

static bool is_unicast(const uint8_t mac[6])
{
    static const uint8_t zero[6];
    return (mac[0] & 1) == 0 && memcmp(mac, zero, 6) != 0;
}

void wtr_devices_tie_mac(struct wtr_devices *devices, uint32_t device, const uint8_t mac[6])
{
    if (device >= devices->count || !is_unicast(mac))
        return;
    struct wtr_device *d = &devices->list[device];
    for (uint8_t i = 0; i < d->mac_count; i++)
        if (memcmp(d->mac[i], mac, 6) == 0)
            return;
    if (d->mac_count < 2)
        memcpy(d->mac[d->mac_count++], mac, 6);
}

void wtr_devices_tie_ip(struct wtr_devices *devices, uint32_t device, uint32_t source,
                        const struct wtr_ip *ip)
{
    if (device >= devices->count)
        return;
    struct wtr_device *d = &devices->list[device];
    if (d->ip_count == 0) {
        d->ip_count = 1;
        d->ip_source = source;
        d->ip = *ip;
    } else if (d->ip_source != source || memcmp(&d->ip, ip, sizeof *ip) != 0) {
        d->ip_count = 2;
    }
}

/* ---- hosts */

static uint64_t address_key(uint64_t network, const struct wtr_ip *ip)
{
    return wtr_hash64(ip->bytes, sizeof ip->bytes, network);
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
    if (!is_unicast(mac) || memcmp(ip, &nowhere, sizeof *ip) == 0)
        return;
    uint64_t key = address_key(source, ip);
    const uint64_t *known = wtr_map_find(&devices->host_by_ip, key);
    if (known) {
        struct wtr_host *host = &devices->hosts[*known];
        bool same = host->source == source && memcmp(&host->ip, ip, sizeof *ip) == 0 &&
                    memcmp(host->mac, mac, sizeof host->mac) == 0;
        host->several_macs |= !same;
        return;
    }
    if (devices->host_count == WTR_MAX_HOSTS) {
        devices->full = true;
        return;
    }
    struct wtr_host *host = new_host(devices);
    if (!host || !wtr_map_put(&devices->host_by_ip, key, devices->host_count - 1)) {
        devices->failed = true;
        return;
    }
    *host = (struct wtr_host){.source = source, .ip = *ip};
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

/* ---- ties by address, when all evidence is read */

static const uint64_t contradicts = UINT64_MAX;

static uint64_t mac_number(const uint8_t mac[6])
{
    uint64_t number = 0;
    for (size_t i = 0; i < 6; i++)
        number = number << 8 | mac[i];
    return number;
}

/* Remembers the value under the key; another one there contradicts it. */
static bool put_only(struct wtr_map *map, uint64_t key, uint64_t value)
{
    const uint64_t *known = wtr_map_find(map, key);
    return wtr_map_put(map, key, known && *known != value ? contradicts : value);
}

static uint64_t only(const struct wtr_map *map, uint64_t key)
{
    const uint64_t *known = wtr_map_find(map, key);
    return known ? *known : contradicts;
}

/* Behind a router the link address is the router's: then it has many addresses. */
static bool index_hosts(const struct wtr_devices *devices, struct wtr_map *mac_of_ip,
                        struct wtr_map *ip_of_mac)
{
    bool whole = true;
    for (size_t i = 0; i < devices->host_count && whole; i++) {
        const struct wtr_host *host = &devices->hosts[i];
        uint64_t network = network_of(devices, host->source);
        uint64_t ip = address_key(network, &host->ip);
        uint64_t mac = mac_number(host->mac);
        whole = put_only(mac_of_ip, ip, host->several_macs ? contradicts : mac) &&
                put_only(ip_of_mac, wtr_hash64(&mac, sizeof mac, network), ip);
    }
    return whole;
}

static void set_mac(struct wtr_device *d, uint64_t mac)
{
    for (size_t i = 0; i < 6; i++)
        d->mac[0][i] = (uint8_t)(mac >> (40 - 8 * i));
    d->mac_count = 1;
}

static void tie_to_host(const struct wtr_devices *devices, struct wtr_device *d,
                        const struct wtr_map *mac_of_ip, const struct wtr_map *ip_of_mac)
{
    uint64_t network = network_of(devices, d->ip_source);
    uint64_t ip = address_key(network, &d->ip);
    uint64_t mac = only(mac_of_ip, ip);
    if (mac != contradicts && only(ip_of_mac, wtr_hash64(&mac, sizeof mac, network)) == ip)
        set_mac(d, mac);
}

static uint64_t vendor_at(const struct wtr_devices *devices, const struct wtr_device *d)
{
    return address_key(wtr_hash64(d->vendor, strlen(d->vendor), network_of(devices, d->ip_source)), &d->ip);
}

/* A device whose MAC is not known is the one of its family that has its address in another source of the same
 * network, and whose MAC is known. */
static bool tie_to_likes(struct wtr_devices *devices, struct wtr_map *mac_of_vendor_at)
{
    bool whole = true;
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        const struct wtr_device *d = &devices->list[i];
        if (d->ip_count == 1 && d->mac_count > 0)
            whole = put_only(mac_of_vendor_at, vendor_at(devices, d),
                             d->mac_count == 1 ? mac_number(d->mac[0]) : contradicts);
    }
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        struct wtr_device *d = &devices->list[i];
        uint64_t mac = d->ip_count == 1 && d->mac_count == 0 ? only(mac_of_vendor_at, vendor_at(devices, d))
                                                             : contradicts;
        if (mac != contradicts)
            set_mac(d, mac);
    }
    return whole;
}

static bool tie_by_address(struct wtr_devices *devices)
{
    struct wtr_map mac_of_ip = {0}, ip_of_mac = {0}, mac_of_vendor_at = {0};
    bool whole = index_hosts(devices, &mac_of_ip, &ip_of_mac);
    for (uint32_t i = 0; i < devices->count && whole; i++)
        if (devices->list[i].ip_count == 1 && devices->list[i].mac_count == 0)
            tie_to_host(devices, &devices->list[i], &mac_of_ip, &ip_of_mac);
    whole = whole && tie_to_likes(devices, &mac_of_vendor_at);
    wtr_map_free(&mac_of_ip);
    wtr_map_free(&ip_of_mac);
    wtr_map_free(&mac_of_vendor_at);
    return whole;
}

/* ---- names */

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
    bool whole = tie_by_address(devices) && count_ids(devices, &uses);
    for (uint32_t i = 0; i < devices->count && whole; i++) {
        struct wtr_device *d = &devices->list[i];
        whole = name_one(d, &uses);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of a case, and what they are called. While evidence is read, a device is known by its vendor's
 * id for it, within the scope (the broker) in which that id was used. Ties to MAC addresses are collected on
 * the way; when all evidence is read, each device gets its name: "mac:…" where its own words give one MAC,
 * else "<vendor>:<id>", with "@<scope>" where that id stands for different devices. */
#ifndef WTR_MODEL_DEVICES_H
#define WTR_MODEL_DEVICES_H

#include "base/map.h"
#include "base/text.h"
#include "model/endpoint.h"

enum { WTR_MAX_DEVICES = 1 << 16 };

/* An address in a source. */
struct wtr_place {
    uint32_t source;
    struct wtr_ip ip;
};

enum { WTR_DEVICE_PLACES = 4 }; /* from which a device is known to speak */

struct wtr_device {
    const char *vendor; /* a constant */
    struct wtr_text id;
    struct wtr_text scope;
    uint32_t next_same_hash;
    uint8_t mac_count; /* 2: contradicting MACs were tied to it */
    uint8_t mac[2][6];
    uint8_t place_count; /* beyond WTR_DEVICE_PLACES: more than are kept */
    struct wtr_place places[WTR_DEVICE_PLACES];
    uint32_t same_as;     /* after naming: the first device with the same name */
    struct wtr_text name; /* after naming */
    bool bystander;       /* nothing said of it shows that it is a plug */
    bool shown;           /* after settling, of the first with its name: one of that name is no bystander */
    bool has_alias;       /* `alias` is the same device under another id, and gives it its name */
    uint32_t alias;
};

/* The vendor under which hosts are known by what all hosts say (ARP, DHCP, names). It is no family: a device
 * that a family knows as well is that family's. */
#define WTR_LAN_VENDOR "lan"

/* That ARP or DHCP confirmed an address in a source to be a link address's. */
struct wtr_host {
    struct wtr_place place;
    uint8_t mac[6];
    bool several_macs; /* the address has had several link addresses */
};

enum { WTR_MAX_HOSTS = 1 << 16 };

/* Zero-initialise. */
struct wtr_devices {
    struct wtr_device *list;
    uint32_t count;
    uint32_t capacity;
    struct wtr_map by_hash;
    struct wtr_host *hosts;
    size_t host_count, host_capacity;
    struct wtr_map host_by_ip; /* source and address to index + 1 */
    struct wtr_map networks;   /* source to the one that stands for its network; itself if absent */
    bool failed;               /* memory ran out */
    bool full;                 /* WTR_MAX_DEVICES was reached */
};

void wtr_devices_free(struct wtr_devices *devices);
/* Index of the device, made if new; UINT32_MAX if there is no more room. The texts are copied. */
uint32_t wtr_devices_find(struct wtr_devices *devices, const char *vendor, struct wtr_text id,
                          struct wtr_text scope);
void wtr_devices_tie_mac(struct wtr_devices *devices, uint32_t device, const uint8_t mac[6]);
/* The two are one device: it goes by the name of `own`. One that is another's name already stays that one's.
 */
void wtr_devices_alias(struct wtr_devices *devices, uint32_t device, uint32_t own);
/* Gives the device another id, which it then bears when it gets its name; false: no memory. */
bool wtr_devices_rename(struct wtr_devices *devices, uint32_t device, struct wtr_text id);
/* The device speaks from the address in the source. */
void wtr_devices_tie_ip(struct wtr_devices *devices, uint32_t device, uint32_t source,
                        const struct wtr_ip *ip);
/* ARP or DHCP confirmed in the source that the address is the link address's. */
void wtr_devices_host(struct wtr_devices *devices, uint32_t source, const struct wtr_ip *ip,
                      const uint8_t mac[6]);
/* The two sources saw the same network: an address stands for the same host in both. The lower-numbered one
 * of those that are joined stands for all of them. */
bool wtr_devices_join_sources(struct wtr_devices *devices, uint32_t source, uint32_t lowest);
/* Gives every device its name. False: no memory. */
bool wtr_devices_name(struct wtr_devices *devices);

/* bystanders.c: before naming, gives bystanders the MAC of the plug that has their address in their source.
 * False: no memory. */
bool wtr_devices_adopt(struct wtr_devices *devices);
/* After naming, works out which devices are shown. */
void wtr_devices_settle(struct wtr_devices *devices);
/* Whether what is said of the device belongs into the timeline. */
static inline bool wtr_devices_shown(const struct wtr_devices *devices, uint32_t device)
{
    return devices->list[devices->list[device].same_as].shown;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: the state, and how an identity is said. */
#ifndef WTR_VENDOR_LAN_READING_H
#define WTR_VENDOR_LAN_READING_H

#include "protocol/dns.h"
#include "vendor/vendor.h"

enum { WTR_LAN_SAID = 1 << 11, WTR_LAN_PLUGS = 1 << 8, WTR_LAN_CLOCKS = 1 << 8, WTR_LAN_RAWS = 4 };

/* A plug that DHCP showed. */
struct wtr_lan_plug {
    uint8_t mac[6];
    const char *vendor; /* NULL: the place is free */
};

/* The last request for the time from an address. */
struct wtr_lan_clock {
    uint64_t key;        /* of the address; 0: none */
    int64_t transmit_ns; /* the requester's clock */
    int64_t at_ns;       /* the capture's */
};

/* Of a source. These are tables in which a key has one place: what falls on the same place takes it over,
 * which costs an identity that is said again, or an address or a clock that is not. */
struct wtr_lan_state {
    uint64_t said[WTR_LAN_SAID]; /* identities that were stated */
    struct wtr_lan_plug plugs[WTR_LAN_PLUGS];
    struct wtr_lan_clock clocks[WTR_LAN_CLOCKS];
};

/* A message being read. */
struct wtr_lan_reading {
    struct wtr_lan_state *state;
    const struct wtr_message *message;
    struct wtr_say *say;
};

/* What shows who a plug is. Texts that are not there are empty. */
struct wtr_lan_identity {
    const char *vendor;   /* the family's or maker's name */
    const char *shown_by; /* "DHCP host name" … */
    bool has_mac;
    uint8_t mac[6];
    const struct wtr_ip *ip; /* NULL: none */
    struct wtr_text model, serial, hostname, vendor_class, service, device_id;
    /* The values as they stand in the message, under its own names for them. */
    struct wtr_text raw_name[WTR_LAN_RAWS], raw[WTR_LAN_RAWS];
    size_t raw_count;
};

/* Says who the device is, unless the same was said of it before. */
void wtr_lan_say_identity(const struct wtr_lan_reading *r, wtr_device_ref device,
                          const struct wtr_lan_identity *identity);
void wtr_lan_add_raw(struct wtr_lan_identity *identity, struct wtr_text name, struct wtr_text value);
/* The device that has this MAC by its own words. */
wtr_device_ref wtr_lan_device(struct wtr_say *say, const uint8_t mac[6]);

/* ---- families.c: what shows a plug of a family. Each fills in vendor, shown_by and what the words give, and
 * returns whether they show one. */

bool wtr_lan_by_host_name(struct wtr_text host_name, const uint8_t mac[6], struct wtr_lan_identity *identity);
bool wtr_lan_by_usn(struct wtr_text usn, struct wtr_lan_identity *identity);

/* An instance of a service (RFC 6763 4.1) and the data of its TXT record. */
struct wtr_lan_service {
    struct wtr_text instance;
    struct wtr_text type; /* "_http._tcp" */
    struct wtr_text data;
};

bool wtr_lan_by_service(const struct wtr_lan_service *service, struct wtr_lan_identity *identity);
/* Whether plugs are known to look up names of the domain that the message first asks for. */
bool wtr_lan_is_cloud(const struct wtr_dns *dns);

/* ---- readers: whether there is something for them, and what they say of it */

bool wtr_lan_wants_arp(const struct wtr_message *message);
bool wtr_lan_wants_dhcp(const struct wtr_message *message);
bool wtr_lan_wants_mdns(const struct wtr_message *message);
bool wtr_lan_wants_ssdp(const struct wtr_message *message);
bool wtr_lan_wants_dns(const struct wtr_message *message);
bool wtr_lan_wants_ntp(const struct wtr_message *message);
bool wtr_lan_wants_tls(const struct wtr_message *message);
void wtr_lan_read_arp(const struct wtr_lan_reading *r);
void wtr_lan_read_dhcp(const struct wtr_lan_reading *r);
void wtr_lan_read_mdns(const struct wtr_lan_reading *r);
void wtr_lan_read_ssdp(const struct wtr_lan_reading *r);
void wtr_lan_read_dns(const struct wtr_lan_reading *r);
void wtr_lan_read_ntp(const struct wtr_lan_reading *r);
void wtr_lan_read_tls(const struct wtr_lan_reading *r);

#endif

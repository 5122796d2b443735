/* SPDX-License-Identifier: Apache-2.0 */
/* mDNS and SSDP: what plugs announce. Routers repeat announcements of others in their own name, so that the
 * sender is taken for the plug only where the announcement itself gives the sender's address. */
#include "model/devices.h"
#include "protocol/fields.h"
#include "protocol/ssdp.h"
#include "vendor/lan/reading.h"

/* ---- mDNS */

/* Cuts "<instance>.<_service>.<_tcp or _udp>.local". */
static bool cut_service(struct wtr_text name, struct wtr_lan_service *service)
{
    static const char local[] = ".local";
    size_t end = name.length;
    if (end < sizeof local || !wtr_text_is_nocase(wtr_text_of(name.data + end - 6, 6), local))
        return false;
    end -= sizeof local - 1;
    size_t at = end;
    for (unsigned dots = 0; at > 0; at--)
        if (name.data[at - 1] == '.' && ++dots == 2)
            break;
    if (at < 2)
        return false;
    service->type = wtr_text_of(name.data + at, end - at);
    service->instance = wtr_text_of(name.data, at - 1);
    return service->type.data[0] == '_';
}

/* The service that the record describes, if it shows a plug. `name` holds the texts. */
static bool read_record(const struct wtr_dns *dns, const struct wtr_dns_record *record,
                        struct wtr_dns_name *name, struct wtr_lan_identity *identity)
{
    struct wtr_lan_service service = {.data = record->data};
    bool stands = record->type == WTR_DNS_TXT && record->ttl > 0 &&
                  (record->section == WTR_DNS_ANSWER || record->section == WTR_DNS_ADDITIONAL);
    return stands && wtr_dns_read_name(dns->bytes, dns->length, record->name_at, name, NULL) &&
           cut_service(wtr_dns_name_text(name), &service) && wtr_lan_by_service(&service, identity);
}

static bool holds_address(const struct wtr_dns *dns, const struct wtr_ip *ip)
{
    struct wtr_dns_walk walk = {.dns = dns};
    struct wtr_dns_record record;
    while (wtr_dns_next(&walk, &record)) {
        struct wtr_ip v4;
        bool is_v4 = record.type == WTR_DNS_A && record.data.length == 4;
        bool is_v6 = record.type == WTR_DNS_AAAA && record.data.length == sizeof ip->bytes;
        if (is_v4)
            v4 = wtr_ip_from_v4(record.data.data);
        if ((is_v4 && memcmp(&v4, ip, sizeof v4) == 0) ||
            (is_v6 && memcmp(record.data.data, ip->bytes, sizeof ip->bytes) == 0))
            return true;
    }
    return false;
}

bool wtr_lan_wants_mdns(const struct wtr_message *message)
{
    const struct wtr_dns *dns = message->body;
    struct wtr_dns_walk walk = {.dns = dns};
    struct wtr_dns_record record;
    struct wtr_dns_name name;
    struct wtr_lan_identity identity;
    if (!(dns->flags & WTR_DNS_RESPONSE))
        return false;
    while (wtr_dns_next(&walk, &record))
        if (read_record(dns, &record, &name, &identity))
            return true;
    return false;
}

static void say_service(const struct wtr_lan_reading *r, const struct wtr_dns *dns,
                        struct wtr_lan_identity *identity)
{
    const struct wtr_ip *sender = &wtr_say_sender(r->say)->ip;
    bool own = holds_address(dns, sender);
    wtr_device_ref device = WTR_NO_DEVICE;
    if (identity->has_mac)
        device = wtr_lan_device(r->say, identity->mac);
    else if (own)
        device = wtr_say_device_at(r->say, WTR_LAN_VENDOR, sender);
    if (device == WTR_NO_DEVICE)
        return;
    if (own)
        identity->ip = sender;
    if (own && identity->has_mac)
        wtr_say_host(r->say, sender, identity->mac);
    wtr_lan_say_identity(r, device, identity);
}

void wtr_lan_read_mdns(const struct wtr_lan_reading *r)
{
    const struct wtr_dns *dns = r->message->body;
    struct wtr_dns_walk walk = {.dns = dns};
    struct wtr_dns_record record;
    struct wtr_dns_name name;
    while (wtr_dns_next(&walk, &record)) {
        struct wtr_lan_identity identity;
        if (!read_record(dns, &record, &name, &identity))
            continue;
        if (identity.raw_count == 0)
            wtr_lan_add_raw(&identity, WTR_TEXT("name"),
                            wtr_text_of(dns->bytes + record.name_at, record.name_length));
        say_service(r, dns, &identity);
    }
}

/* ---- SSDP */

bool wtr_lan_wants_ssdp(const struct wtr_message *message)
{
    struct wtr_lan_identity identity;
    return wtr_lan_by_usn(wtr_ssdp_header(message->body, "USN"), &identity);
}

/* Whether the location's host is the address: "http://192.168.1.7:49153/setup.xml". */
static bool is_at(struct wtr_text location, const struct wtr_ip *ip)
{
    static const char scheme[] = "http://";
    char address[WTR_ADDRESS_TEXT];
    size_t length = wtr_ip_text(ip, address);
    size_t skip = sizeof scheme - 1;
    if (!wtr_text_starts(location, scheme) || location.length < skip + length ||
        memcmp(location.data + skip, address, length) != 0)
        return false;
    size_t end = skip + length;
    return end == location.length || location.data[end] == ':' || location.data[end] == '/';
}

void wtr_lan_read_ssdp(const struct wtr_lan_reading *r)
{
    const struct wtr_ssdp *ssdp = r->message->body;
    const struct wtr_ip *sender = &wtr_say_sender(r->say)->ip;
    struct wtr_text location = wtr_ssdp_header(ssdp, "LOCATION");
    struct wtr_text usn = wtr_ssdp_header(ssdp, "USN");
    struct wtr_lan_identity identity;
    if (!wtr_lan_by_usn(usn, &identity) || !location.data || !is_at(location, sender))
        return;
    identity.ip = sender;
    wtr_lan_add_raw(&identity, WTR_TEXT("USN"), usn);
    wtr_lan_add_raw(&identity, WTR_TEXT("LOCATION"), location);
    wtr_lan_say_identity(r, wtr_say_device_at(r->say, WTR_LAN_VENDOR, sender), &identity);
}

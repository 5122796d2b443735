/* SPDX-License-Identifier: Apache-2.0 */
/* ARP and DHCP: which link address has which IP address, and the plugs that DHCP shows. */
#include "base/map.h"
#include "protocol/arp.h"
#include "protocol/dhcp.h"
#include "vendor/lan/reading.h"

/* The receiver of a question learns its sender's address from it as from an answer (RFC 826, "Packet
 * reception"); a probe has none (RFC 5227 1.1). */
bool wtr_lan_wants_arp(const struct wtr_message *message)
{
    const struct wtr_arp *arp = message->body;
    bool known = arp->operation == WTR_ARP_REQUEST || arp->operation == WTR_ARP_REPLY;
    return known && arp->ethernet_ipv4 && !wtr_arp_is_probe(arp);
}

void wtr_lan_read_arp(const struct wtr_lan_reading *r)
{
    const struct wtr_arp *arp = r->message->body;
    wtr_say_host(r->say, &arp->sender_ip, (const uint8_t *)arp->sender_hardware.data);
}

static bool is_ack(const struct wtr_dhcp *dhcp)
{
    return dhcp->op == WTR_DHCP_BOOTREPLY && dhcp->message_type == WTR_DHCP_ACK;
}

bool wtr_lan_wants_dhcp(const struct wtr_message *message)
{
    const struct wtr_dhcp *dhcp = message->body;
    return wtr_dhcp_mac(dhcp) && (is_ack(dhcp) || dhcp->op == WTR_DHCP_BOOTREQUEST);
}

static struct wtr_lan_plug *plug_of(struct wtr_lan_state *state, const uint8_t mac[6])
{
    return &state->plugs[wtr_hash64(mac, 6, 0) % WTR_LAN_PLUGS];
}

/* A client's own words. */
static void read_client(const struct wtr_lan_reading *r, const struct wtr_dhcp *dhcp)
{
    const uint8_t *mac = wtr_dhcp_mac(dhcp);
    struct wtr_lan_identity identity = {.has_mac = true};
    struct wtr_text host_name = wtr_dhcp_option(dhcp, WTR_DHCP_HOST_NAME);
    if (!host_name.data || !wtr_lan_by_host_name(host_name, mac, &identity))
        return;
    memcpy(identity.mac, mac, sizeof identity.mac);
    identity.vendor_class = wtr_dhcp_option(dhcp, WTR_DHCP_VENDOR_CLASS);
    wtr_lan_add_raw(&identity, WTR_TEXT("host_name"), host_name);
    wtr_lan_add_raw(&identity, WTR_TEXT("vendor_class_identifier"), identity.vendor_class);
    wtr_lan_add_raw(&identity, WTR_TEXT("chaddr"), dhcp->chaddr);
    struct wtr_lan_plug *plug = plug_of(r->state, mac);
    memcpy(plug->mac, mac, sizeof plug->mac);
    plug->vendor = identity.vendor;
    wtr_lan_say_identity(r, wtr_lan_device(r->say, mac), &identity);
}

/* The server commits the address to the client (RFC 2131 3.1, step 4). */
static void read_ack(const struct wtr_lan_reading *r, const struct wtr_dhcp *dhcp)
{
    const uint8_t *mac = wtr_dhcp_mac(dhcp);
    const struct wtr_lan_plug *plug = plug_of(r->state, mac);
    const struct wtr_ip nowhere = {{[10] = 0xff, [11] = 0xff}};
    if (memcmp(&dhcp->yiaddr, &nowhere, sizeof nowhere) == 0) /* the answer to an inform */
        return;
    wtr_say_host(r->say, &dhcp->yiaddr, mac);
    if (!plug->vendor || memcmp(plug->mac, mac, sizeof plug->mac) != 0)
        return;
    struct wtr_lan_identity identity = {
        .vendor = plug->vendor, .shown_by = "DHCP acknowledgement", .has_mac = true, .ip = &dhcp->yiaddr};
    memcpy(identity.mac, mac, sizeof identity.mac);
    wtr_lan_add_raw(&identity, WTR_TEXT("yiaddr"), wtr_text_of(r->message->span.bytes + 16, 4));
    wtr_lan_add_raw(&identity, WTR_TEXT("chaddr"), dhcp->chaddr);
    wtr_lan_say_identity(r, wtr_lan_device(r->say, mac), &identity);
}

void wtr_lan_read_dhcp(const struct wtr_lan_reading *r)
{
    const struct wtr_dhcp *dhcp = r->message->body;
    if (is_ack(dhcp))
        read_ack(r, dhcp);
    else
        read_client(r, dhcp);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What hosts say of themselves to their network. ARP and DHCP confirm addresses, of any host. A host becomes
 * a device only where its own words show it to be a plug of a known family (families.c); what else is said of
 * a host counts only if it turns out to be one. No event of power comes from here.
 *
 * The claims are the lowest, so that a family that reads its own service or announcement goes before. */
#include "vendor/lan/lan.h"

#include "base/map.h"
#include "model/devices.h"
#include "protocol/arp.h"
#include "protocol/dhcp.h"
#include "protocol/ntp.h"
#include "protocol/quic.h"
#include "protocol/ssdp.h"
#include "protocol/tls.h"
#include "vendor/lan/reading.h"

static const struct reader {
    const struct wtr_protocol *protocol;
    bool (*wants)(const struct wtr_message *message);
    void (*read)(const struct wtr_lan_reading *r);
} readers[] = {
    {&wtr_dns, wtr_lan_wants_dns, wtr_lan_read_dns},    {&wtr_arp, wtr_lan_wants_arp, wtr_lan_read_arp},
    {&wtr_dhcp, wtr_lan_wants_dhcp, wtr_lan_read_dhcp}, {&wtr_mdns, wtr_lan_wants_mdns, wtr_lan_read_mdns},
    {&wtr_ssdp, wtr_lan_wants_ssdp, wtr_lan_read_ssdp}, {&wtr_ntp, wtr_lan_wants_ntp, wtr_lan_read_ntp},
    {&wtr_tls, wtr_lan_wants_tls, wtr_lan_read_tls},    {&wtr_dtls, wtr_lan_wants_tls, wtr_lan_read_tls},
    {&wtr_quic, wtr_lan_wants_tls, wtr_lan_read_tls},
};

static const struct reader *reader_of(const struct wtr_message *message)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (readers[i].protocol == message->protocol)
            return &readers[i];
    return NULL;
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    (void)state;
    const struct reader *reader = reader_of(message);
    return reader && reader->wants(message) ? WTR_CLAIM_SHAPE : WTR_CLAIM_NONE;
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    const struct reader *reader = reader_of(message);
    const struct wtr_lan_reading reading = {.state = state, .message = message, .say = say};
    if (reader)
        reader->read(&reading);
}

const struct wtr_vendor wtr_lan = {
    .name = WTR_LAN_VENDOR,
    .state_size = sizeof(struct wtr_lan_state),
    .claim = claim,
    .read = read,
};

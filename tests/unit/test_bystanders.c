/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts of which nothing shows by itself that they are plugs: whose name they get, and whether they are
 * shown. */
#include "model/devices.h"

#include <criterion/criterion.h>

static struct wtr_devices devices;

static const uint8_t plug_mac[6] = {0x50, 0xc7, 0xbf, 0, 0xfc, 0xa3};
static const uint8_t other_mac[6] = {0x50, 0xc7, 0xbf, 0, 0xfc, 0xa4};

static struct wtr_ip ip(uint8_t last)
{
    return (struct wtr_ip){{[10] = 0xff, [11] = 0xff, [12] = 10, [15] = last}};
}

static uint32_t device_at(const char *vendor, uint32_t source, uint8_t last, bool bystander)
{
    char id[16] = {(char)('a' + last), (char)('0' + source)};
    struct wtr_ip at = ip(last);
    uint32_t device = wtr_devices_find(&devices, vendor, wtr_text_z(id), WTR_TEXT("capture"));
    wtr_devices_tie_ip(&devices, device, source, &at);
    devices.list[device].bystander = bystander;
    return device;
}

static void confirm(uint32_t source, uint8_t last, const uint8_t mac[6])
{
    struct wtr_ip at = ip(last);
    wtr_devices_host(&devices, source, &at, mac);
}

static void settle(void)
{
    cr_assert(wtr_devices_adopt(&devices));
    cr_assert(wtr_devices_name(&devices));
    wtr_devices_settle(&devices);
}

static void tear_down(void)
{
    wtr_devices_free(&devices);
}

TestSuite(bystanders, .fini = tear_down);

Test(bystanders, alone)
{
    uint32_t host = device_at(WTR_LAN_VENDOR, 0, 7, true);
    uint32_t known = device_at(WTR_LAN_VENDOR, 0, 8, false);
    settle();
    cr_expect_not(wtr_devices_shown(&devices, host));
    cr_expect(wtr_devices_shown(&devices, known));
}

Test(bystanders, confirmed_by_arp_and_no_plug)
{
    uint32_t host = device_at(WTR_LAN_VENDOR, 0, 7, true);
    confirm(0, 7, other_mac);
    settle();
    cr_expect(wtr_text_is(devices.list[host].name, "mac:50:c7:bf:00:fc:a4"));
    cr_expect_not(wtr_devices_shown(&devices, host));
}

/* The plug's MAC by its own words, its address by ARP: also where it had several addresses. */
Test(bystanders, the_plug_that_arp_confirms)
{
    uint32_t plug = wtr_devices_find(&devices, WTR_LAN_VENDOR, WTR_TEXT("p"), WTR_TEXT(""));
    wtr_devices_tie_mac(&devices, plug, plug_mac);
    uint32_t host = device_at(WTR_LAN_VENDOR, 0, 7, true);
    uint32_t again = device_at(WTR_LAN_VENDOR, 0, 8, true);
    uint32_t elsewhere = device_at(WTR_LAN_VENDOR, 1, 7, true);
    confirm(0, 7, plug_mac);
    confirm(0, 8, plug_mac);
    settle();
    cr_expect(wtr_devices_shown(&devices, host) && wtr_devices_shown(&devices, again));
    cr_expect_eq(devices.list[host].same_as, plug);
    cr_expect_eq(devices.list[again].same_as, plug);
    cr_expect_not(wtr_devices_shown(&devices, elsewhere), "another source's network");
}

/* The family's device at the same address, which told its MAC. */
Test(bystanders, the_plug_at_the_same_address)
{
    uint32_t host = device_at(WTR_LAN_VENDOR, 0, 7, true);
    uint32_t plug = device_at("kasa", 0, 7, false);
    wtr_devices_tie_mac(&devices, plug, plug_mac);
    settle();
    cr_expect_eq(devices.list[plug].same_as, host);
    cr_expect(wtr_devices_shown(&devices, host));
    cr_expect(wtr_devices_shown(&devices, plug));
}

Test(bystanders, contradictions)
{
    uint32_t host = device_at(WTR_LAN_VENDOR, 0, 7, true);
    uint32_t plug = device_at("kasa", 0, 7, false);
    uint32_t second = device_at("tapo", 0, 7, false);
    wtr_devices_tie_mac(&devices, plug, plug_mac);
    wtr_devices_tie_mac(&devices, second, other_mac);
    uint32_t moved = device_at(WTR_LAN_VENDOR, 0, 8, true);
    confirm(0, 8, plug_mac);
    confirm(0, 8, other_mac);
    settle();
    cr_expect_not(wtr_devices_shown(&devices, host), "two plugs at one address");
    cr_expect_not(wtr_devices_shown(&devices, moved), "two link addresses at one address");
}

/* A family's device without a MAC has another name: nothing ties the two. */
Test(bystanders, without_a_mac)
{
    uint32_t host = device_at(WTR_LAN_VENDOR, 0, 7, true);
    device_at("kasa", 0, 7, false);
    settle();
    cr_expect_not(wtr_devices_shown(&devices, host));
}

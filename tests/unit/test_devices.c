/* SPDX-License-Identifier: Apache-2.0 */
/* What devices are called, rule by rule. */
#include "model/devices.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wtr_devices devices;

static void close_all(void)
{
    wtr_devices_free(&devices);
}

TestSuite(devices, .fini = close_all);

static const uint8_t plug_mac[6] = {0xb0, 0x95, 0x75, 0x01, 0x02, 0x03};
static const uint8_t other_mac[6] = {0xb0, 0x95, 0x75, 0x01, 0x02, 0x04};

static struct wtr_ip ip(uint8_t last)
{
    return (struct wtr_ip){{[10] = 0xff, [11] = 0xff, 192, 168, 0, last}};
}

static uint32_t at(uint32_t source, uint8_t last)
{
    char id[16], scope[16];
    struct wtr_ip address = ip(last);
    snprintf(id, sizeof id, "192.168.0.%u", last);
    snprintf(scope, sizeof scope, "capture:%u", source);
    uint32_t device = wtr_devices_find(&devices, "kasa", wtr_text_z(id), wtr_text_z(scope));
    wtr_devices_tie_ip(&devices, device, source, &address);
    return device;
}

static void host(uint32_t source, uint8_t last, const uint8_t mac[6])
{
    struct wtr_ip address = ip(last);
    wtr_devices_host(&devices, source, &address, mac);
}

static void expect_name(uint32_t device, const char *name)
{
    struct wtr_text got = devices.list[device].name;
    cr_assert(wtr_text_is(got, name), "%.*s instead of %s", (int)got.length, got.data, name);
}

Test(devices, its_own_words)
{
    uint32_t d = at(0, 5);
    wtr_devices_tie_mac(&devices, d, plug_mac);
    host(0, 5, other_mac);
    cr_assert(wtr_devices_name(&devices));
    expect_name(d, "mac:b0:95:75:01:02:03");
}

Test(devices, confirmed_by_arp)
{
    uint32_t d = at(0, 5);
    host(0, 5, plug_mac);
    host(0, 5, plug_mac);
    cr_assert(wtr_devices_name(&devices));
    expect_name(d, "mac:b0:95:75:01:02:03");
}

Test(devices, no_confirmation)
{
    uint32_t d = at(0, 5);
    host(0, 6, plug_mac);
    cr_assert(wtr_devices_name(&devices));
    expect_name(d, "kasa:192.168.0.5");
}

Test(devices, behind_a_router)
{
    uint32_t d = at(0, 5);
    host(0, 5, plug_mac);
    host(0, 6, plug_mac);
    cr_assert(wtr_devices_name(&devices));
    expect_name(d, "kasa:192.168.0.5");
}

Test(devices, an_address_that_changed_hands)
{
    uint32_t d = at(0, 5);
    host(0, 5, plug_mac);
    host(0, 5, other_mac);
    cr_assert(wtr_devices_name(&devices));
    expect_name(d, "kasa:192.168.0.5");
}

Test(devices, group_and_zero_addresses_confirm_nothing)
{
    static const uint8_t group[6] = {0x01, 0, 0x5e, 0, 0, 1}, zero[6];
    uint32_t d = at(0, 5);
    host(0, 5, group);
    host(0, 5, zero);
    cr_assert(wtr_devices_name(&devices));
    expect_name(d, "kasa:192.168.0.5");
}

/* Two captures of two networks: the same address is no sameness. */
Test(devices, another_network)
{
    uint32_t known = at(0, 5), unknown = at(1, 5);
    wtr_devices_tie_mac(&devices, known, plug_mac);
    host(0, 5, plug_mac);
    cr_assert(wtr_devices_name(&devices));
    expect_name(known, "mac:b0:95:75:01:02:03");
    expect_name(unknown, "kasa:192.168.0.5");
    cr_assert_neq(devices.list[known].same_as, devices.list[unknown].same_as);
}

Test(devices, two_unknown_ones_in_two_networks)
{
    uint32_t a = at(0, 5), b = at(1, 5);
    cr_assert(wtr_devices_name(&devices));
    expect_name(a, "kasa:192.168.0.5@capture:0");
    expect_name(b, "kasa:192.168.0.5@capture:1");
}

Test(devices, one_network_in_two_captures)
{
    uint32_t known = at(0, 5), unknown = at(3, 5);
    wtr_devices_tie_mac(&devices, known, plug_mac);
    cr_assert(wtr_devices_join_sources(&devices, 3, 0));
    cr_assert(wtr_devices_name(&devices));
    expect_name(unknown, "mac:b0:95:75:01:02:03");
    cr_assert_eq(devices.list[unknown].same_as, known);
}

Test(devices, one_network_where_the_address_changed_hands)
{
    uint32_t a = at(0, 5), b = at(1, 5), unknown = at(2, 5);
    wtr_devices_tie_mac(&devices, a, plug_mac);
    wtr_devices_tie_mac(&devices, b, other_mac);
    for (uint32_t source = 1; source < 3; source++)
        cr_assert(wtr_devices_join_sources(&devices, source, 0));
    cr_assert(wtr_devices_name(&devices));
    expect_name(unknown, "kasa:192.168.0.5");
}

Test(devices, contradicting_words)
{
    uint32_t d = at(0, 5);
    wtr_devices_tie_mac(&devices, d, plug_mac);
    wtr_devices_tie_mac(&devices, d, other_mac);
    cr_assert(wtr_devices_name(&devices));
    expect_name(d, "kasa:192.168.0.5");
}

Test(devices, several_addresses)
{
    struct wtr_ip second = ip(6);
    uint32_t d = at(0, 5);
    wtr_devices_tie_ip(&devices, d, 0, &second);
    host(0, 5, plug_mac);
    cr_assert(wtr_devices_name(&devices));
    expect_name(d, "kasa:192.168.0.5");
}

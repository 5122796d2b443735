/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that ARP and DHCP confirm, and plugs that DHCP shows. */
#include "protocol/arp.h"
#include "protocol/dhcp.h"

#include "lan_hear.h"
#include "say_record.h"

TestSuite(lan_address, .init = set_up, .fini = tear_down);

static void expect_arp(const char *digits, const char *expected)
{
    expect(&wtr_arp, from_hex(digits), expected);
}

Test(lan_address, arp)
{
    expect_arp("0001 0800 06 04 0002 50c7bf00fca3 0a0a0ae4 00b56d0608ba 0a0a0a01",
               "host 10.10.10.228 mac=50:c7:bf:00:fc:a3\n");
    expect_arp("0001 0800 06 04 0001 50c7bf00fca3 0a0a0ae4 000000000000 0a0a0a01",
               "host 10.10.10.228 mac=50:c7:bf:00:fc:a3\n");
    expect_arp("0001 0800 06 04 0001 50c7bf00fca3 0a0a0ae4 000000000000 0a0a0ae4",
               "host 10.10.10.228 mac=50:c7:bf:00:fc:a3\n");
}

Test(lan_address, arp_that_confirms_nothing)
{
    expect_arp("0001 0800 06 04 0001 50c7bf00fca3 00000000 000000000000 0a0a0ae4", ""); /* a probe */
    expect_arp("0001 0800 06 04 0008 50c7bf00fca3 0a0a0ae4 000000000000 0a0a0ae4", ""); /* inverse ARP */
    expect_arp("0001 86dd 06 04 0002 50c7bf00fca3 0a0a0ae4 000000000000 0a0a0ae4", "");
    expect_arp("0001 0800 06 04 0002 50c7bf00fca3 0a0a0ae4 00b56d0608ba 0a0a0a",
               "the packet ends before its addresses do\n");
}

/* ---- DHCP */

static struct bytes dhcp(const char *op, const char *yiaddr, const char *mac, const char *options)
{
    struct wtr_buffer digits = {0};
    wtr_put_z(&digits, op);
    wtr_put_z(&digits, " 01 06 00 00000001 0000 0000 00000000 ");
    wtr_put_z(&digits, yiaddr);
    wtr_put_z(&digits, " 00000000 00000000 ");
    wtr_put_z(&digits, mac);
    for (int i = 0; i < 10 + 64 + 128; i++)
        wtr_put_z(&digits, "00");
    wtr_put_z(&digits, " 63825363 ");
    wtr_put_z(&digits, options);
    wtr_put(&digits, " ff", 4);
    struct bytes b = from_hex(digits.data);
    wtr_buffer_free(&digits);
    return b;
}

#define KASA "50c7bf00fca3"
#define NOWHERE "00000000"
#define DISCOVER "35 01 01 "
#define REQUEST "35 01 03 "
#define ACK "35 01 05 "
#define UDHCP "3c 05 7564686370 "

static void expect_client(const char *mac, const char *options, const char *expected)
{
    expect(&wtr_dhcp, dhcp("01", NOWHERE, mac, options), expected);
}

Test(lan_address, host_names_of_plugs)
{
    expect_client(KASA, DISCOVER "0c 05 4853313130 " UDHCP,
                  "tie lan:50:c7:bf:00:fc:a3 mac=50:c7:bf:00:fc:a3\n"
                  "device.identity lan:50:c7:bf:00:fc:a3 vendor=kasa mac=50:c7:bf:00:fc:a3 model=HS110 "
                  "hostname=HS110 vendor_class=udhcp shown_by=DHCP host name\n");
    expect_client(KASA, REQUEST "0c 09 485331303028455529",
                  "tie lan:50:c7:bf:00:fc:a3 mac=50:c7:bf:00:fc:a3\n"
                  "device.identity lan:50:c7:bf:00:fc:a3 vendor=kasa mac=50:c7:bf:00:fc:a3 model=HS100(EU) "
                  "hostname=HS100(EU) shown_by=DHCP host name\n");
    expect_client("908d78a93d6f", DISCOVER "0c 08 4453502d57323135",
                  "tie lan:90:8d:78:a9:3d:6f mac=90:8d:78:a9:3d:6f\n"
                  "device.identity lan:90:8d:78:a9:3d:6f vendor=dlink mac=90:8d:78:a9:3d:6f model=DSP-W215 "
                  "hostname=DSP-W215 shown_by=DHCP host name\n");
}

/* Names that are near to a plug's, and a plug's name with another maker's address. */
Test(lan_address, host_names_of_others)
{
    static const char *const names[] = {
        "0c 04 4b4c3530",         /* KL50: a bulb */
        "0c 03 485331",           /* HS1 */
        "0c 06 485331313030",     /* HS1100 */
        "0c 08 4853313130284555", /* HS110(EU */
        "0c 06 485331313078",     /* HS110x */
        "0c 05 6873313130",       /* hs110 */
        "0c 07 616e64726f6964",   /* android */
        "0c 02 4853",             /* HS */
        "0c 00",
        "0c 02 4853 0c 03 313130",  /* in two pieces */
        "0c 09 4453502d5732313558", /* DSP-W215X */
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        expect_client(KASA, names[i], "");
    expect_client("00b56d0608ba", DISCOVER "0c 05 4853313130", "");
    expect_client(KASA, DISCOVER UDHCP, "");
}

Test(lan_address, said_once)
{
    expect_client(KASA, DISCOVER "0c 05 4853313130",
                  "tie lan:50:c7:bf:00:fc:a3 mac=50:c7:bf:00:fc:a3\n"
                  "device.identity lan:50:c7:bf:00:fc:a3 vendor=kasa mac=50:c7:bf:00:fc:a3 model=HS110 "
                  "hostname=HS110 shown_by=DHCP host name\n");
    expect_client(KASA, REQUEST "0c 05 4853313130", "tie lan:50:c7:bf:00:fc:a3 mac=50:c7:bf:00:fc:a3\n");
    expect_client(KASA, REQUEST "0c 05 4853313030",
                  "tie lan:50:c7:bf:00:fc:a3 mac=50:c7:bf:00:fc:a3\n"
                  "device.identity lan:50:c7:bf:00:fc:a3 vendor=kasa mac=50:c7:bf:00:fc:a3 model=HS100 "
                  "hostname=HS100 shown_by=DHCP host name\n");
}

Test(lan_address, acknowledgement)
{
    expect(&wtr_dhcp, dhcp("02", "0a0a0ae4", KASA, ACK), "host 10.10.10.228 mac=50:c7:bf:00:fc:a3\n");
    hear(&wtr_dhcp, dhcp("01", NOWHERE, KASA, DISCOVER "0c 05 4853313130"));
    expect(&wtr_dhcp, dhcp("02", "0a0a0ae4", KASA, ACK),
           "host 10.10.10.228 mac=50:c7:bf:00:fc:a3\n"
           "tie lan:50:c7:bf:00:fc:a3 mac=50:c7:bf:00:fc:a3\n"
           "device.identity lan:50:c7:bf:00:fc:a3 vendor=kasa mac=50:c7:bf:00:fc:a3 ip=10.10.10.228 "
           "shown_by=DHCP acknowledgement\n");
}

Test(lan_address, what_commits_no_address)
{
    expect(&wtr_dhcp, dhcp("02", "0a0a0ae4", KASA, "35 01 02"), ""); /* an offer */
    expect(&wtr_dhcp, dhcp("02", NOWHERE, KASA, "35 01 06"), "");    /* a refusal */
    expect(&wtr_dhcp, dhcp("02", NOWHERE, KASA, ACK), "");           /* the answer to an inform */
    expect(&wtr_dhcp, dhcp("02", "0a0a0ae4", KASA, "0c 05 4853313130"), "");
    /* an "acknowledgement" by a client */
    expect(&wtr_dhcp, dhcp("01", "0a0a0ae4", KASA, ACK), "");
}

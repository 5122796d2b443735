/* SPDX-License-Identifier: Apache-2.0 */
/* ARP packets, laid out by hand from RFC 826. */
#include "protocol/arp.h"

#include "datagram_feed.h"

#include <criterion/criterion.h>

static void expect(const char *digits, const char *expected)
{
    struct bytes b = from_hex(digits);
    const char *said = feed_datagram(&wtr_arp, b);
    cr_expect(strcmp(said, expected) == 0, "%s\nsaid:\n%sexpected:\n%s", digits, said, expected);
    free(b.data);
    wtr_buffer_free(&feed_log);
}

#define HEAD "{\"hardware_type\":1,\"protocol_type\":2048,\"hardware_length\":6,\"protocol_length\":4,"

Test(arp, request_and_reply)
{
    expect("0001 0800 06 04 0001 50c7bf00fca3 0a0a0ae4 000000000000 0a0a0a01",
           "request " HEAD "\"operation\":1,\"sender_hardware_address\":\"50:c7:bf:00:fc:a3\","
           "\"sender_protocol_address\":\"10.10.10.228\",\"target_hardware_address\":\"00:00:00:00:00:00\","
           "\"target_protocol_address\":\"10.10.10.1\"}\n");
    expect("0001 0800 06 04 0002 00b56d0608ba 0a0a0a01 50c7bf00fca3 0a0a0ae4",
           "reply " HEAD "\"operation\":2,\"sender_hardware_address\":\"00:b5:6d:06:08:ba\","
           "\"sender_protocol_address\":\"10.10.10.1\",\"target_hardware_address\":\"50:c7:bf:00:fc:a3\","
           "\"target_protocol_address\":\"10.10.10.228\"}\n");
}

/* RFC 5227 1.1: a probe asks with the sender address 0.0.0.0; an announcement asks for the sender's own. */
Test(arp, probe_and_announcement)
{
    expect("0001 0800 06 04 0001 50c7bf00fca3 00000000 000000000000 0a0a0ae4",
           "request " HEAD "\"operation\":1,\"sender_hardware_address\":\"50:c7:bf:00:fc:a3\","
           "\"sender_protocol_address\":\"0.0.0.0\",\"target_hardware_address\":\"00:00:00:00:00:00\","
           "\"target_protocol_address\":\"10.10.10.228\",\"probe\":true}\n");
    expect("0001 0800 06 04 0001 50c7bf00fca3 0a0a0ae4 000000000000 0a0a0ae4",
           "request " HEAD "\"operation\":1,\"sender_hardware_address\":\"50:c7:bf:00:fc:a3\","
           "\"sender_protocol_address\":\"10.10.10.228\",\"target_hardware_address\":\"00:00:00:00:00:00\","
           "\"target_protocol_address\":\"10.10.10.228\",\"gratuitous\":true}\n");
}

Test(arp, other_operations_and_address_kinds)
{
    expect("0001 0800 06 04 0008 000000000000 00000000 000000000000 00000000",
           "other " HEAD "\"operation\":8,\"sender_hardware_address\":\"00:00:00:00:00:00\","
           "\"sender_protocol_address\":\"0.0.0.0\",\"target_hardware_address\":\"00:00:00:00:00:00\","
           "\"target_protocol_address\":\"0.0.0.0\",\"gratuitous\":true}\n");
    expect("0018 86dd 02 01 0002 abcd 01 0102 02",
           "reply {\"hardware_type\":24,\"protocol_type\":34525,\"hardware_length\":2,\"protocol_length\":1,"
           "\"operation\":2,\"sender_hardware_address\":{\"hex\":\"abcd\"},"
           "\"sender_protocol_address\":{\"hex\":\"01\"},\"target_hardware_address\":{\"hex\":\"0102\"},"
           "\"target_protocol_address\":{\"hex\":\"02\"}}\n");
}

Test(arp, cut_short)
{
    static const char reason[] = "the packet ends before its addresses do";
    char expected[80];
    static const char whole[] = "00010800060400010000000000000000000000000000000000000000";
    for (size_t length = 0; length < 28; length++) {
        char digits[60];
        memcpy(digits, whole, 2 * length);
        digits[2 * length] = '\0';
        snprintf(expected, sizeof expected, "! 0+%zu %s\n", length, reason);
        expect(digits, expected);
    }
}

/* The largest lengths that the two length bytes can name. */
Test(arp, longest_addresses)
{
    struct bytes b = {calloc(1, 8 + 4 * 255), 8 + 4 * 255};
    b.data[4] = b.data[5] = 255;
    struct wtr_arp arp;
    cr_expect(wtr_arp_read(b.data, b.length, &arp));
    cr_expect_eq(arp.target_protocol.length, 255);
    cr_expect_eq((const uint8_t *)arp.target_protocol.data + 255, b.data + b.length);
    cr_expect_not(arp.ethernet_ipv4);
    cr_expect_not(wtr_arp_read(b.data, b.length - 1, &arp));
    free(b.data);
}

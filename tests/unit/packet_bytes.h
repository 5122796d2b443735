/* SPDX-License-Identifier: Apache-2.0 */
/* Packets written as hexadecimal text, so that a test reads like the RFC's diagram, and read from a block of
 * memory that ends where the packet does, so that a sanitizer sees every byte that is read behind it. */
#ifndef TEST_PACKET_BYTES_H
#define TEST_PACKET_BYTES_H

#include "packet/link.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* 02:00:00:00:00:0a sends to 02:00:00:00:00:0b. */
#define MAC_A "02 00 00 00 00 0a "
#define MAC_B "02 00 00 00 00 0b "
#define ETHERNET MAC_B MAC_A

/* Port 49153 to 1883, sequence number 0x11223344, acknowledging 0x55667788, PSH and ACK, "abc": 23 bytes. */
#define TCP_ABC "c0 01 07 5b 11 22 33 44 55 66 77 88 50 18 20 00 00 00 00 00 61 62 63 "
/* Port 49154 to 5683, "xyz": 11 bytes. */
#define UDP_XYZ "c0 02 16 33 00 0b 00 00 78 79 7a "

#define ADDRESSES_V4 "c0 00 02 01 c6 33 64 02 " /* 192.0.2.1 to 198.51.100.2 */
#define ADDRESSES_V6                                                                                         \
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 "

/* 20 + 23 = 0x2b, 20 + 11 = 0x1f; 0x17 = 23, 0x0b = 11. */
#define IPV4_TCP "45 00 00 2b 12 34 40 00 40 06 00 00 " ADDRESSES_V4 TCP_ABC
#define IPV4_UDP "45 00 00 1f 12 34 40 00 40 11 00 00 " ADDRESSES_V4 UDP_XYZ
#define IPV6_TCP "60 00 00 00 00 17 06 40 " ADDRESSES_V6 TCP_ABC
#define IPV6_UDP "60 00 00 00 00 0b 11 40 " ADDRESSES_V6 UDP_XYZ

enum { TEST_PACKET_SIZE = 4096 };

static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes that pairs of hexadecimal digits name; blanks may stand between them. */
static inline uint32_t bytes_of(const char *hex, uint8_t out[TEST_PACKET_SIZE])
{
    uint32_t length = 0;
    while (*hex != '\0') {
        if (*hex == ' ') {
            hex++;
            continue;
        }
        int high = hex_digit(hex[0]);
        int low = hex_digit(hex[1]);
        cr_assert(high >= 0 && low >= 0 && length < TEST_PACKET_SIZE, "bad test data at: %s", hex);
        out[length++] = (uint8_t)(high << 4 | low);
        hex += 2;
    }
    return length;
}

static inline enum wtr_header_verdict read_bytes(uint16_t link_type, const uint8_t *bytes, uint32_t captured,
                                                 uint32_t original, struct wtr_headers *headers)
{
    uint8_t *copy = malloc(captured > 0 ? captured : 1);
    cr_assert_not_null(copy);
    memcpy(copy, bytes, captured);
    struct wtr_packet packet = {
        .bytes = captured > 0 ? copy : NULL,
        .captured = captured,
        .original = original,
        .link_type = link_type,
        .frame = 1,
    };
    memset(headers, 0xa5, sizeof *headers);
    enum wtr_header_verdict verdict = wtr_headers_read(&packet, headers);
    free(copy);
    return verdict;
}

/* A packet that was captured whole. */
static inline enum wtr_header_verdict read_hex(uint16_t link_type, const char *hex,
                                               struct wtr_headers *headers)
{
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t length = bytes_of(hex, bytes);
    return read_bytes(link_type, bytes, length, length, headers);
}

static inline void expect_bad(uint16_t link_type, const char *hex, uint32_t at, const char *reason)
{
    struct wtr_headers headers;
    enum wtr_header_verdict verdict = read_hex(link_type, hex, &headers);
    cr_assert_eq(verdict, WTR_HEADERS_BAD, "%d instead of BAD for %s", (int)verdict, hex);
    cr_assert_str_eq(headers.reason, reason);
    cr_assert_eq(headers.reason_at, at, "at %u instead of %u: %s", headers.reason_at, at, reason);
}

/* Something readable that is not followed; `reason` NULL: nothing that might hold traffic. */
static inline void expect_other(uint16_t link_type, const char *hex, const char *reason)
{
    struct wtr_headers headers;
    enum wtr_header_verdict verdict = read_hex(link_type, hex, &headers);
    cr_assert_eq(verdict, WTR_HEADERS_OTHER, "%d instead of OTHER for %s", (int)verdict, hex);
    if (reason == NULL) {
        cr_assert_null(headers.reason);
    } else {
        cr_assert_not_null(headers.reason);
        cr_assert_str_eq(headers.reason, reason);
    }
}

/* One good packet, and what is known of it by hand. */
struct good_packet {
    const char *name;
    uint16_t link_type;
    const char *hex;
    enum wtr_header_verdict verdict;
    uint32_t headers_end; /* the verdict stands once so many bytes are there */
    uint32_t packet_end;  /* the packet is whole once so many bytes were sent */
    uint32_t length;      /* of the payload, which starts at headers_end; 0 for verdicts without one */
};

/* Cuts the packet at every length: first as a capture does, which knows how long it was, then as if it had
 * been sent so short. */
static inline void cut_everywhere(const struct good_packet *good)
{
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t whole = bytes_of(good->hex, bytes);
    struct wtr_headers headers;
    for (uint32_t n = 0; n <= whole; n++) {
        enum wtr_header_verdict verdict = read_bytes(good->link_type, bytes, n, whole, &headers);
        if (n < good->headers_end) {
            cr_assert_eq(verdict, WTR_HEADERS_CUT, "%s captured to %u: %d", good->name, n, (int)verdict);
        } else {
            uint32_t there = n - good->headers_end;
            cr_assert_eq(verdict, good->verdict, "%s captured to %u: %d", good->name, n, (int)verdict);
            cr_assert_eq(headers.length, good->length, "%s: length %u", good->name, headers.length);
            cr_assert_eq(headers.captured, there < good->length ? there : good->length, "%s captured to %u",
                         good->name, n);
            cr_assert(good->length == 0 || headers.payload_at == good->headers_end, "%s: payload at %u",
                      good->name, headers.payload_at);
        }
        verdict = read_bytes(good->link_type, bytes, n, n, &headers);
        cr_assert_eq(verdict, n < good->packet_end ? WTR_HEADERS_BAD : good->verdict, "%s sent to %u: %d",
                     good->name, n, (int)verdict);
        cr_assert(verdict != WTR_HEADERS_BAD || (headers.reason != NULL && headers.reason_at <= n),
                  "%s sent to %u: place of the reason", good->name, n);
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Packets from hexadecimal digits, and what the decoder makes of them. */
#ifndef TEST_MQTT_BYTES_H
#define TEST_MQTT_BYTES_H

#include "protocol/mqtt.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* A packet from hexadecimal digits (blanks between them), on the heap, so that a read past its end is
 * noticed. */
struct bytes {
    uint8_t *data;
    size_t length;
};

static inline struct bytes hex(const char *digits)
{
    struct bytes b = {malloc(strlen(digits) / 2 + 1), 0};
    for (const char *p = digits; *p; p++) {
        if (*p == ' ')
            continue;
        const char pair[3] = {p[0], p[1], 0};
        b.data[b.length++] = (uint8_t)strtoul(pair, NULL, 16);
        p++;
    }
    b.data = realloc(b.data, b.length ? b.length : 1);
    return b;
}

struct decoded {
    enum wtr_mqtt_verdict verdict;
    struct wtr_mqtt_packet packet;
    size_t length, at;
    const char *reason;
    struct bytes bytes;
};

static inline struct decoded decode_bytes(struct bytes bytes, uint8_t version)
{
    struct decoded d = {.bytes = bytes};
    d.verdict = wtr_mqtt_decode(bytes.data, bytes.length, version, &d.packet, &d.length, &d.at, &d.reason);
    return d;
}

static inline struct decoded decode(const char *digits, uint8_t version)
{
    return decode_bytes(hex(digits), version);
}

/* A packet that must be whole and without remark. */
static inline struct decoded sound(const char *digits, uint8_t version)
{
    struct decoded d = decode(digits, version);
    cr_assert_eq(d.verdict, WTR_MQTT_WHOLE, "%s: %s", digits, d.reason ? d.reason : "-");
    cr_assert_null(d.reason, "%s: %s", digits, d.reason);
    cr_assert_eq(d.length, d.bytes.length);
    return d;
}

static inline void done(struct decoded *d)
{
    free(d->bytes.data);
}

#endif

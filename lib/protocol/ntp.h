/* SPDX-License-Identifier: Apache-2.0 */
/* NTP and SNTP packets (RFC 5905 7.3), versions 1 to 4, modes 1 to 5. Control and private messages (modes 6
 * and 7) carry no clock and are not read. */
#ifndef WTR_PROTOCOL_NTP_H
#define WTR_PROTOCOL_NTP_H

#include "protocol/protocol.h"

enum wtr_ntp_mode {
    WTR_NTP_ACTIVE = 1,
    WTR_NTP_PASSIVE = 2,
    WTR_NTP_CLIENT = 3,
    WTR_NTP_SERVER = 4,
    WTR_NTP_BROADCAST = 5,
};

/* A timestamp (RFC 5905 6): seconds of an era that it does not name, and a fraction in units of 2^-32 s. */
struct wtr_ntp_time {
    uint32_t seconds, fraction;
};

struct wtr_ntp {
    uint8_t leap, version, mode, stratum;
    int8_t poll, precision;               /* log2 seconds */
    uint32_t root_delay, root_dispersion; /* seconds in units of 2^-16 */
    struct wtr_text reference_id;         /* four bytes */
    struct wtr_ntp_time reference, origin, receive, transmit;
    struct wtr_text transmit_bytes; /* the eight as they stand */
    struct wtr_text rest;           /* extension fields, key id and digest */
};

static inline bool wtr_ntp_is_zero(struct wtr_ntp_time time)
{
    return time.seconds == 0 && time.fraction == 0;
}

/* The era by the rule of RFC 4330 3: the top bit set is 1968 to 2036, else 2036 to 2104. */
unsigned wtr_ntp_era(struct wtr_ntp_time time);
/* Nanoseconds since 1970-01-01T00:00:00Z in that era, cut to whole ones. */
int64_t wtr_ntp_time_ns(struct wtr_ntp_time time);

/* Messages of the type that the mode's name is; body struct wtr_ntp. */
extern const struct wtr_protocol wtr_ntp;

#endif

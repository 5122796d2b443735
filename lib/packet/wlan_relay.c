/* SPDX-License-Identifier: Apache-2.0 */
/* The MSDU and its source are not changed on the way (IEEE Std 802.11-2020, 4.5.2.1); each that was sent is
 * handed on once. */
#include "packet/wlan_relay.h"

#include "base/map.h"

/* How long an access point keeps an MSDU for a station that sleeps: some listen intervals (11.2.3.8). */
#define LONGEST_NS UINT64_C(2000000000)

static uint64_t hash_of(const uint8_t source[6], const uint8_t *msdu, size_t length)
{
    return wtr_mix64(wtr_hash64(msdu, length, wtr_hash64(source, 6, length))) | 1;
}

void wtr_relay_sent(struct wtr_relay *relay, const uint8_t source[6], const uint8_t *msdu, size_t length,
                    int64_t time_ns)
{
    relay->sent[relay->next++ % WTR_RELAY_REMEMBERED] =
        (struct wtr_relay_msdu){hash_of(source, msdu, length), time_ns};
}

bool wtr_relay_handed_on(struct wtr_relay *relay, const uint8_t source[6], const uint8_t *msdu, size_t length,
                         int64_t time_ns)
{
    uint64_t hash = hash_of(source, msdu, length);
    for (size_t i = 0; i < WTR_RELAY_REMEMBERED; i++) {
        struct wtr_relay_msdu *sent = &relay->sent[i];
        uint64_t age = (uint64_t)time_ns - (uint64_t)sent->time_ns;
        if (sent->hash != hash || time_ns < sent->time_ns || age > LONGEST_NS)
            continue;
        sent->hash = 0;
        return true;
    }
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The pairwise master key of WPA and WPA2 (IEEE 802.11, "passphrase to PSK mapping"): what a device computes
 * from its network's passphrase and name, and often stores beside them. */
#ifndef WTR_BASE_PMK_H
#define WTR_BASE_PMK_H

#include "base/text.h"

enum { WTR_PMK_SIZE = 32 };

/* The key of this passphrase and name: PBKDF2 with HMAC-SHA1, the name as salt, 4096 rounds. False where the
 * passphrase has not 8 to 63 bytes or the name not 1 to 32. It costs about a millisecond. */
bool wtr_pmk(struct wtr_text passphrase, struct wtr_text ssid, uint8_t pmk[WTR_PMK_SIZE]);
/* Whether the key is that of this passphrase and name. */
bool wtr_pmk_fits(struct wtr_text passphrase, struct wtr_text ssid, const uint8_t pmk[WTR_PMK_SIZE]);

#endif

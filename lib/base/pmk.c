/* SPDX-License-Identifier: Apache-2.0 */
/* A passphrase and a network's name against a stored key. */
#include "base/pmk.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

bool wtr_pmk(struct wtr_text passphrase, struct wtr_text ssid, uint8_t pmk[WTR_PMK_SIZE])
{
    enum { ROUNDS = 4096 };
    if (passphrase.length < 8 || passphrase.length > 63 || ssid.length < 1 || ssid.length > 32)
        return false;
    return PKCS5_PBKDF2_HMAC_SHA1(passphrase.data, (int)passphrase.length, (const unsigned char *)ssid.data,
                                  (int)ssid.length, ROUNDS, WTR_PMK_SIZE, pmk) == 1;
}

bool wtr_pmk_fits(struct wtr_text passphrase, struct wtr_text ssid, const uint8_t pmk[WTR_PMK_SIZE])
{
    uint8_t made[WTR_PMK_SIZE];
    bool fits = wtr_pmk(passphrase, ssid, made) && memcmp(made, pmk, sizeof made) == 0;
    OPENSSL_cleanse(made, sizeof made);
    return fits;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The cryptography of an 802.11 key hierarchy (IEEE Std 802.11-2020, 12.7). False: no memory. */
#ifndef WTR_PACKET_WLAN_CRYPTO_H
#define WTR_PACKET_WLAN_CRYPTO_H

#include "base/text.h"

enum { WTR_WLAN_PMK = 32, WTR_WLAN_MIC = 16, WTR_WLAN_LONGEST_KDF = 64 };

/* The key that a passphrase and a network's name stand for (J.4.1: PBKDF2 with 4096 rounds of HMAC-SHA-1). */
bool wtr_wlan_pmk(struct wtr_text passphrase, struct wtr_text ssid, uint8_t pmk[WTR_WLAN_PMK]);

/* PRF-n of 12.7.1.2 (HMAC-SHA-1), and KDF-SHA-256-n of 12.7.1.6.2, for n of at most 512 bits. */
bool wtr_wlan_prf(const uint8_t *key, size_t key_length, const char *label, const uint8_t *data,
                  size_t data_length, uint8_t *out, size_t length);
bool wtr_wlan_kdf(const uint8_t *key, size_t key_length, const char *label, const uint8_t *data,
                  size_t data_length, uint8_t *out, size_t length);

/* The check of an EAPOL-Key frame by its key descriptor version (12.7.2): 1 HMAC-MD5, 2 HMAC-SHA-1 of which
 * the first 128 bits count, 3 AES-128-CMAC. False also for other versions. */
bool wtr_wlan_mic(unsigned version, const uint8_t kck[16], const uint8_t *frame, size_t length,
                  uint8_t mic[WTR_WLAN_MIC]);
/* RFC 4493. */
bool wtr_wlan_cmac(const uint8_t key[16], const uint8_t *data, size_t length, uint8_t mac[16]);

/* RFC 3394 2.2.2 with a key of 128 bits: `length` bytes, a multiple of 8 and 24 at least, to length - 8.
 * False also where the check value does not fit. */
bool wtr_wlan_unwrap(const uint8_t kek[16], const uint8_t *wrapped, size_t length, uint8_t *out);

/* RC4 with its first `skip` bytes left out. */
void wtr_wlan_rc4(const uint8_t *key, size_t key_length, size_t skip, const uint8_t *in, size_t length,
                  uint8_t *out);

/* Compares in a time that does not depend on the bytes. */
bool wtr_wlan_equal(const void *a, const void *b, size_t length);
/* Overwrites a secret. */
void wtr_wlan_wipe(void *data, size_t length);

#endif

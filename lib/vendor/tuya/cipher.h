/* SPDX-License-Identifier: Apache-2.0 */
/* The ciphers that Tuya's local protocol is made of, over libcrypto. All keys have 16 bytes. */
#ifndef WTR_VENDOR_TUYA_CIPHER_H
#define WTR_VENDOR_TUYA_CIPHER_H

#include "base/text.h"

enum { WTR_TUYA_BLOCK = 16, WTR_TUYA_IV = 12, WTR_TUYA_MAC = 32 };

/* AES-128-ECB without padding; `length` is a multiple of a block. False: libcrypto failed. */
bool wtr_tuya_ecb_decrypt(const uint8_t *key, const uint8_t *in, size_t length, uint8_t *out);
bool wtr_tuya_ecb_encrypt(const uint8_t *key, const uint8_t *in, size_t length, uint8_t *out);

/* What stands before a whole PKCS7 padding (RFC 5652 6.3); false if there is none. */
bool wtr_tuya_unpad(const uint8_t *plain, size_t length, size_t *unpadded);

/* AES-128-GCM over what begins with 12 bytes of IV and ends with 16 bytes of tag. True only if the tag fits;
 * `out` has the room of what stands between. */
bool wtr_tuya_gcm_open(const uint8_t *key, struct wtr_text associated, const uint8_t *sealed, size_t length,
                       uint8_t *out);
/* The ciphertext of one block under AES-128-GCM. */
bool wtr_tuya_gcm_block(const uint8_t *key, const uint8_t *iv, const uint8_t *in, uint8_t *out);

bool wtr_tuya_hmac(const uint8_t *key, const void *data, size_t length, uint8_t mac[WTR_TUYA_MAC]);
/* Whether the HMAC-SHA256 of the data is `mac`. */
bool wtr_tuya_hmac_fits(const uint8_t *key, const void *data, size_t length, const uint8_t *mac);

/* MD5 over the texts one behind the other. */
bool wtr_tuya_md5(const struct wtr_text *texts, size_t count, uint8_t digest[16]);

/* The pairwise master key of a Wi-Fi network: PBKDF2-HMAC-SHA1 of the passphrase, salted with the SSID, 4096
 * times (IEEE 802.11-2020 J.4). */
bool wtr_tuya_pmk(struct wtr_text passphrase, struct wtr_text ssid, uint8_t pmk[32]);

/* Base64 with padding (RFC 4648 4), nothing else in it; `out` has the room of three bytes for every four
 * characters. False: it is none. */
bool wtr_tuya_base64(struct wtr_text text, uint8_t *out, size_t *length);

#endif

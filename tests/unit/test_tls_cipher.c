/* SPDX-License-Identifier: Apache-2.0 */
/* Protected records that tls_vectors.py made, one suite and version a case: what they hold, and that nothing
 * of them opens once a bit, a byte or a number is wrong. */
#include "protocol/tls_cipher.h"

#include <criterion/criterion.h>

#include <mbedtls/gcm.h>
#include <stdlib.h>

#include "tls_vectors.h"

enum { ROOM = 256 };

static const char *const texts[3] = {"finished", "", "stat/plug/POWER ON"};
static const uint8_t types[3] = {22, 23, 23};

/* The server's protection, from the master secret of the vectors. */
static struct wtr_tls_protection server_end(const struct vector *v)
{
    struct wtr_tls_session session = {.version = v->version,
                                      .suite = v->suite,
                                      .datagram = v->version >= 0xfe00,
                                      .encrypt_then_mac = v->encrypt_then_mac,
                                      .truncated_hmac = v->truncated_hmac};
    struct wtr_tls_protection ends[2];
    uint8_t master[WTR_TLS_MASTER];
    for (size_t i = 0; i < sizeof master; i++)
        master[i] = (uint8_t)(7 * i + 3);
    for (uint8_t i = 0; i < WTR_TLS_RANDOM; i++) {
        session.client_random[i] = i;
        session.server_random[i] = (uint8_t)(100 + i);
    }
    struct wtr_tls_prf prf = wtr_tls_prf_of(v->version, wtr_tls_suite_of(v->suite));
    cr_assert(wtr_tls_protect_by_master(prf, master, &session, ends));
    return ends[1];
}

static struct wtr_tls_sealed sealed_of(const struct vector *v, size_t i, const uint8_t *bytes, size_t length)
{
    bool datagram = v->version >= 0xfe00;
    size_t header = datagram ? 13 : 5;
    return (struct wtr_tls_sealed){bytes, bytes + header, length - header,
                                   datagram ? UINT64_C(1) << 48 | i : i};
}

static const uint8_t *bytes_of(const struct vector *v, size_t i)
{
    return (const uint8_t *)v->records[i].bytes;
}

static void open_all(const struct vector *v)
{
    struct wtr_tls_protection end = server_end(v);
    for (size_t i = 0; i < 3; i++) {
        uint8_t plain[ROOM];
        struct wtr_tls_unsealed unsealed;
        struct wtr_tls_sealed sealed = sealed_of(v, i, bytes_of(v, i), v->records[i].length);
        const char *why = wtr_tls_unseal(&end, &sealed, plain, &unsealed);
        cr_assert_null(why, "%s, record %zu: %s", v->name, i, why);
        cr_expect_eq(unsealed.content_type, types[i]);
        cr_assert_eq(unsealed.length, strlen(texts[i]), "%s, record %zu", v->name, i);
        cr_expect_arr_eq(plain, texts[i], unsealed.length);
        bool cbc = end.suite->bulk == WTR_TLS_AES_CBC || end.suite->bulk == WTR_TLS_3DES_CBC;
        cr_expect_eq(unsealed.keeps_places, !cbc);
    }
}

Test(tls_cipher, opens_every_suite)
{
    for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++)
        open_all(&vectors[k]);
}

/* Whether the bytes, taken for the first record, open. */
static bool opens(const struct vector *v, const uint8_t *bytes, size_t length, size_t number)
{
    struct wtr_tls_protection end = server_end(v);
    uint8_t plain[ROOM];
    struct wtr_tls_unsealed unsealed;
    struct wtr_tls_sealed sealed = sealed_of(v, number, bytes, length);
    return wtr_tls_unseal(&end, &sealed, plain, &unsealed) == NULL;
}

Test(tls_cipher, nothing_altered_opens)
{
    for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++) {
        const struct vector *v = &vectors[k];
        uint8_t bytes[ROOM];
        size_t length = v->records[0].length;
        memcpy(bytes, v->records[0].bytes, length);
        size_t header = v->version >= 0xfe00 ? 13 : 5;
        for (size_t at = header; at < length; at++) {
            /* SSL 3.0 does not say what padding holds; its length is the last byte. */
            bool padding = v->version == WTR_SSL_3 && wtr_tls_suite_of(v->suite)->bulk == WTR_TLS_3DES_CBC;
            bytes[at] ^= 0x10;
            cr_expect(padding || !opens(v, bytes, length, 0), "%s, byte %zu", v->name, at);
            bytes[at] ^= 0x10;
        }
        cr_assert(opens(v, bytes, length, 0));
        cr_expect_not(opens(v, bytes, length, 1), "%s: another number", v->name);
        bytes[0] ^= 1;
        cr_expect_not(opens(v, bytes, length, 0), "%s: another type", v->name);
    }
}

Test(tls_cipher, nothing_cut_opens)
{
    for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++) {
        const struct vector *v = &vectors[k];
        size_t header = v->version >= 0xfe00 ? 13 : 5;
        for (size_t length = header; length < v->records[0].length; length++) {
            uint8_t *exact = malloc(length); /* reading past its end would be seen */
            memcpy(exact, v->records[0].bytes, length);
            cr_expect_not(opens(v, exact, length, 0), "%s, %zu bytes", v->name, length);
            free(exact);
        }
    }
}

/* Before TLS 1.1 a record's IV is the end of the one before, whether that could be opened or not. */
Test(tls_cipher, implicit_iv_is_taken_from_a_record_that_was_passed)
{
    for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++) {
        const struct vector *v = &vectors[k];
        struct wtr_tls_protection end = server_end(v);
        uint8_t plain[ROOM];
        struct wtr_tls_unsealed unsealed;
        if (end.suite->bulk == WTR_TLS_RC4)
            continue;
        for (size_t i = 0; i < 2; i++) {
            struct wtr_tls_sealed passed = sealed_of(v, i, bytes_of(v, i), v->records[i].length);
            wtr_tls_pass(&end, &passed);
        }
        struct wtr_tls_sealed last = sealed_of(v, 2, bytes_of(v, 2), v->records[2].length);
        cr_assert_null(wtr_tls_unseal(&end, &last, plain, &unsealed), "%s", v->name);
        cr_expect_arr_eq(plain, texts[2], strlen(texts[2]));
    }
}

/* A record of TLS 1.3 as long as any may be, all of it padding but one byte; and one that is padding alone.
 */
static void modern(size_t inner, uint8_t type)
{
    static uint8_t body[(1 << 14) + 1 + 16], plain[sizeof body], text[(1 << 14) + 1];
    const uint8_t secret[32] = {9};
    struct wtr_tls_protection end;
    struct wtr_tls_unsealed unsealed;
    size_t length = sizeof text + 16;
    const uint8_t header[5] = {23, 3, 3, (uint8_t)(length >> 8), (uint8_t)length};
    memset(text, 0, sizeof text);
    memset(text, 'x', inner);
    text[inner] = type;
    cr_assert(wtr_tls_protect_by_secret(wtr_tls_suite_of(0x1302), (const uint8_t[48]){1}, &end));
    cr_assert(wtr_tls_protect_by_secret(wtr_tls_suite_of(0x1301), secret, &end));
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    cr_assert_eq(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, end.key, 128), 0);
    cr_assert_eq(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, sizeof text, end.iv, 12, header, 5,
                                           text, body, 16, body + sizeof text),
                 0);
    mbedtls_gcm_free(&gcm);
    const struct wtr_tls_sealed sealed = {header, body, length, 0};
    const char *why = wtr_tls_unseal(&end, &sealed, plain, &unsealed);
    if (type == 0) {
        cr_expect_str_eq(why, "a record without an inner type");
        return;
    }
    cr_assert_null(why);
    cr_expect_eq(unsealed.content_type, type);
    cr_expect_eq(unsealed.length, inner);
}

Test(tls_cipher, padding_of_tls13)
{
    modern(1, 23);
    modern(1 << 14, 21);
    modern(0, 22);
    modern(0, 0);
}

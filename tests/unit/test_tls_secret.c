/* SPDX-License-Identifier: Apache-2.0 */
/* Key schedules of TLS against published traces and an implementation of its own (tls_vectors.py). */
#include "protocol/tls_cipher.h"

#include <criterion/criterion.h>

#include "tls_vectors.h"

enum { MANY = 100 };

static struct wtr_tls_randoms randoms(void)
{
    struct wtr_tls_randoms r;
    for (uint8_t i = 0; i < WTR_TLS_RANDOM; i++) {
        r.client[i] = i;
        r.server[i] = (uint8_t)(100 + i);
    }
    return r;
}

static void expect_prf(struct wtr_tls_prf prf, const char *expected)
{
    uint8_t secret[WTR_TLS_MASTER], seed[64], out[MANY];
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)(7 * i + 3);
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    cr_assert(wtr_tls_derive(prf, wtr_text_of(secret, 47), "test label", wtr_text_of(seed, 64), out, MANY));
    cr_expect_arr_eq(out, expected, MANY);
}

Test(tls_secret, prf_of_each_version)
{
    expect_prf((struct wtr_tls_prf){WTR_TLS_1_0, WTR_TLS_HASH_NONE}, prf_tls10);
    expect_prf((struct wtr_tls_prf){WTR_TLS_1_2, WTR_TLS_SHA256}, prf_sha256);
    expect_prf((struct wtr_tls_prf){WTR_TLS_1_2, WTR_TLS_SHA384}, prf_sha384);
}

/* The vector for TLS 1.2's PRF with SHA-256 that circulated on the working group's list. */
Test(tls_secret, prf_known_answer)
{
    static const char secret[] = "\x9b\xbe\x43\x6b\xa9\x40\xf0\x17\xb1\x76\x52\x84\x9a\x71\xdb\x35";
    static const char seed[] = "\xa0\xba\x9f\x93\x6c\xda\x31\x18\x27\xa6\xf7\x96\xff\xd5\x19\x8c";
    static const char expected[] = "\xe3\xf2\x29\xba\x72\x7b\xe1\x7b\x8d\x12\x26\x20\x55\x7c\xd4\x53"
                                   "\xc2\xaa\xb2\x1d\x07\xc3\xd4\x95\x32\x9b\x52\xd4\xe6\x1e\xdb\x5a";
    uint8_t out[32];
    cr_assert(wtr_tls_derive((struct wtr_tls_prf){WTR_TLS_1_2, WTR_TLS_SHA256}, wtr_text_of(secret, 16),
                             "test label", wtr_text_of(seed, 16), out, sizeof out));
    cr_expect_arr_eq(out, expected, sizeof out);
}

Test(tls_secret, master_secrets)
{
    const struct wtr_tls_randoms r = randoms();
    const struct wtr_tls_prf ssl3 = {WTR_SSL_3, WTR_TLS_HASH_NONE}, tls12 = {WTR_TLS_1_2, WTR_TLS_SHA256};
    const struct wtr_text nothing = {NULL, 0};
    static const char hash[] = /* SHA-256 of "hash" */
        "\xd0\x4b\x98\xf4\x8e\x8f\x8b\xcc\x15\xc6\xae\x5a\xc0\x50\x80\x1c\xd6\xdc\xfd\x42\x8f\xb5\xf9\xe6"
        "\x5c\x4e\x16\xe7\x80\x73\x40\xfa";
    uint8_t premaster[WTR_TLS_MASTER] = {3, 3}, master[WTR_TLS_MASTER];
    struct wtr_text text = wtr_text_of(premaster, sizeof premaster);
    for (uint8_t i = 0; i < 46; i++)
        premaster[2 + i] = i;
    cr_assert(wtr_tls_master_of(ssl3, text, &r, nothing, master));
    cr_expect_arr_eq(master, master_ssl3, sizeof master);
    cr_assert(wtr_tls_master_of(tls12, text, &r, nothing, master));
    cr_expect_arr_eq(master, master_plain, sizeof master);
    cr_assert(wtr_tls_master_of(tls12, text, &r, wtr_text_of(hash, 32), master));
    cr_expect_arr_eq(master, master_extended, sizeof master);
}

Test(tls_secret, psk_premaster_is_zeros_and_the_key)
{
    uint8_t premaster[WTR_TLS_MAX_PREMASTER];
    cr_assert_eq(wtr_tls_psk_premaster(WTR_TEXT("\x11\x22\x33"), premaster), 10);
    cr_expect_arr_eq(premaster, "\0\3\0\0\0\0\3\x11\x22\x33", 10);
    cr_assert_eq(wtr_tls_psk_premaster(WTR_TEXT(""), premaster), 4);
    char longest[513] = "";
    cr_expect_eq(wtr_tls_psk_premaster(wtr_text_of(longest, 512), premaster), 2 * 512 + 4);
    cr_expect_eq(wtr_tls_psk_premaster(wtr_text_of(longest, 513), premaster), 0);
}

/* RFC 8448 3, "derive read traffic keys" of the server's handshake and the client's application data. */
Test(tls_secret, traffic_keys_of_rfc_8448)
{
    static const uint8_t handshake[] = "\xb6\x7b\x7d\x69\x0c\xc1\x6c\x4e\x75\xe5\x42\x13\xcb\x2d\x37\xb4"
                                       "\xe9\xc9\x12\xbc\xde\xd9\x10\x5d\x42\xbe\xfd\x59\xd3\x91\xad\x38";
    struct wtr_tls_protection end;
    cr_assert(wtr_tls_protect_by_secret(wtr_tls_suite_of(0x1301), handshake, &end));
    cr_expect_arr_eq(end.key, "\x3f\xce\x51\x60\x09\xc2\x17\x27\xd0\xf2\xe4\xe8\x6e\xe4\x03\xbc", 16);
    cr_expect_arr_eq(end.iv, "\x5d\x31\x3e\xb2\x67\x12\x76\xee\x13\x00\x0b\x30", 12);
    cr_expect_not(wtr_tls_protect_by_secret(wtr_tls_suite_of(0xc02f), handshake, &end));
}

static const uint8_t client_traffic[] = "\x9e\x40\x64\x6c\xe7\x9a\x7f\x9d\xc0\x5a\xf8\x88\x9b\xce\x65\x52"
                                        "\x87\x5a\xfa\x0b\x06\xdf\x00\x87\xf7\x92\xeb\xb7\xc1\x75\x04\xa5";

/* RFC 8448 3, "{client} send application_data record". */
Test(tls_secret, record_of_rfc_8448)
{
    static const uint8_t record[] =
        "\x17\x03\x03\x00\x43\xa2\x3f\x70\x54\xb6\x2c\x94\xd0\xaf\xfa\xfe\x82\x28\xba\x55\xcb\xef\xac\xea\x42"
        "\xf9\x14\xaa\x66\xbc\xab\x3f\x2b\x98\x19\xa8\xa5\xb4\x6b\x39\x5b\xd5\x4a\x9a\x20\x44\x1e\x2b\x62\x97"
        "\x4e\x1f\x5a\x62\x92\xa2\x97\x70\x14\xbd\x1e\x3d\xea\xe6\x3a\xee\xbb\x21\x69\x49\x15\xe4";
    struct wtr_tls_protection end;
    const struct wtr_tls_sealed sealed = {record, record + 5, 0x43, 0};
    struct wtr_tls_unsealed unsealed;
    uint8_t plain[0x43];
    cr_assert(wtr_tls_protect_by_secret(wtr_tls_suite_of(0x1301), client_traffic, &end));
    cr_assert_null(wtr_tls_unseal(&end, &sealed, plain, &unsealed));
    cr_expect_eq(unsealed.content_type, WTR_TLS_APPLICATION_DATA);
    cr_expect(unsealed.keeps_places && unsealed.at == 0);
    cr_assert_eq(unsealed.length, 50);
    for (uint8_t i = 0; i < 50; i++)
        cr_expect_eq(plain[i], i);
    const struct wtr_tls_sealed later = {record, record + 5, 0x43, 1};
    cr_expect_not_null(wtr_tls_unseal(&end, &later, plain, &unsealed));
}

/* HMAC-SHA-256 of the label's structure under the secret, worked out with Python's hmac. */
Test(tls_secret, key_update)
{
    uint8_t next[32];
    cr_assert(wtr_tls_next_secret(WTR_TLS_SHA256, client_traffic, next));
    cr_expect_arr_eq(next,
                     "\xfc\xdf\xcc\x72\x72\x5a\xae\xe4\x8b\xf6\x4e\x4f\xd8\xb7\x49\xcd"
                     "\xbd\xba\xb3\x9d\x90\xda\x0b\x26\xe2\x24\x5c\xa6\xea\x16\x72\x07",
                     32);
}

Test(tls_secret, suites)
{
    cr_expect_null(wtr_tls_suite_of(0));
    cr_expect_null(wtr_tls_suite_of(0xffff));
    cr_expect_null(wtr_tls_suite_of(0x0041)); /* Camellia */
    const struct wtr_tls_suite *suite = wtr_tls_suite_of(0xccac);
    cr_assert_not_null(suite);
    cr_expect_eq(suite->exchange, WTR_TLS_KX_ECDHE_PSK);
    cr_expect_str_eq(wtr_tls_suite_cipher(suite), "chacha20-poly1305");
    for (uint32_t n = 0, last = 0; n <= 0xffff; n++) {
        suite = wtr_tls_suite_of((uint16_t)n);
        if (!suite)
            continue;
        cr_expect(suite->number == n && (n > last || n == 1));
        cr_expect_eq(suite->mac == WTR_TLS_HASH_NONE, wtr_tls_suite_is_aead(suite), "%04x", n);
        last = n;
    }
}

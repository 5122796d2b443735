/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: one made with the program openssl, which also gave the expected values (x509 -noout -dates
 * -serial -subject, and sha256sum of the DER forms of certificate and public key). */
#include "protocol/tls_wire.h"

#include "tls_bytes.h"

#include <criterion/criterion.h>

static const char der[] =
    "308201c130820167a003020102020a0102030405060708090a300a06082a8648ce3d040302303b310b30090603550406"
    "1302444531153013060355040a0c0c4578616d706c652c204c74643115301306035504030c0c706c75672e6578616d70"
    "6c65301e170d3236313132333035343430355a170d3237303330333035343430355a303b310b30090603550406130244"
    "4531153013060355040a0c0c4578616d706c652c204c74643115301306035504030c0c706c75672e6578616d706c6530"
    "59301306072a8648ce3d020106082a8648ce3d03010703420004aa1ab04a14e481c24ac36ddde2e59649b19e09eed09e"
    "79f99974e5231a1464ec618d2738ab6d58e2a8c006c30b9c986e51407c7aeeba12960765ba7303fc26a5a3533051301d"
    "0603551d0e04160414996de8d3108d9f99adac80edbd8970fc394e474d301f0603551d23041830168014996de8d3108d"
    "9f99adac80edbd8970fc394e474d300f0603551d130101ff040530030101ff300a06082a8648ce3d0403020348003045"
    "02206740529bd2176400d58a1abca5731e3b9084928e60f737849cdc91f17cb625e8022100ee5ba6eea8b57692ff1442"
    "cc29fb8e8500c78cd6376c33fcc13feb3fb8c0fb6f";

static void expect_digest(const uint8_t digest[32], const char *digits)
{
    struct bytes expected = from_hex(digits);
    cr_expect_arr_eq(digest, expected.data, 32);
    free(expected.data);
}

Test(tls_certificate, what_openssl_reads)
{
    struct bytes b = from_hex(der);
    struct wtr_tls_certificate c;
    cr_assert(wtr_tls_read_certificate(wtr_text_of(b.data, b.length), &c));
    cr_assert(c.read && c.has_spki);
    cr_expect_str_eq(c.subject, "C=DE, O=Example\\, Ltd, CN=plug.example");
    cr_expect_str_eq(c.issuer, c.subject);
    cr_expect_str_eq(c.serial, "0102030405060708090a");
    cr_expect_str_eq(c.not_before, "2026-11-23T05:44:05Z");
    cr_expect_str_eq(c.not_after, "2027-03-03T05:44:05Z");
    cr_expect_eq(c.not_before_ns, 1795412645 * INT64_C(1000000000)); /* date -u -d … +%s */
    cr_expect_eq(c.not_after_ns, 1804052645 * INT64_C(1000000000));
    expect_digest(c.sha256, "81b89853e9f5ffa5b978a7dd83cf71234441bb8d3cb91f1f4d35bdfa3900bbfe");
    expect_digest(c.spki_sha256, "e07a36673f696b463e2a5cfb5b4cb5c457e4b7c5dd48a888ee5e4606d7171c71");
    wtr_tls_forget_certificate(&c);
    free(b.data);
}

/* Cut anywhere it is hashed, and not read. */
Test(tls_certificate, every_cut)
{
    struct bytes b = from_hex(der);
    for (size_t length = 0; length < b.length; length++) {
        struct wtr_tls_certificate c;
        uint8_t *exact = malloc(length ? length : 1);
        memcpy(exact, b.data, length);
        cr_assert(wtr_tls_read_certificate(wtr_text_of(exact, length), &c));
        cr_expect_not(c.read, "%zu", length);
        wtr_tls_forget_certificate(&c);
        free(exact);
    }
    free(b.data);
}

static void count(void *payload, struct wtr_text one)
{
    size_t *lengths = payload;
    lengths[0]++;
    lengths[1] += one.length;
}

static bool each(const char *digits, bool v13, size_t lengths[2])
{
    struct bytes b = from_hex(digits);
    lengths[0] = lengths[1] = 0;
    bool sound = wtr_tls_each_certificate(wtr_text_of(b.data, b.length), v13, count, lengths);
    free(b.data);
    return sound;
}

Test(tls_certificate, lists)
{
    size_t n[2];
    cr_expect(each("000000", false, n) && n[0] == 0);
    cr_expect(each("000009 000002aabb 000001cc", false, n) && n[0] == 2 && n[1] == 3);
    cr_expect(each("01ff 00000b 000002aabb 0004 00010000", true, n) && n[0] == 1 && n[1] == 2);
    cr_expect_not(each("00000a 000002aabb 000001cc", false, n));
    cr_expect_not(each("000008 000002aabb 000001cc", false, n));
    cr_expect_not(each("000005 000003aabb", false, n));
    cr_expect_not(each("0000", false, n));
    cr_expect_not(each("", true, n));
}

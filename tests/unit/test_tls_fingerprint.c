/* SPDX-License-Identifier: Apache-2.0 */
/* JA3, JA3S and JA4: the examples of their authors (salesforce/ja3's README, FoxIO's JA4.md), and the edges
 * that the text of JA4 names. Hashes were worked out with sha256sum and md5sum over the lists. */
#include "protocol/tls_wire.h"

#include "tls_bytes.h"

#include <criterion/criterion.h>

struct parts {
    const char *version, *suites, *extensions;
};

static struct bytes client_hello(const struct parts *p)
{
    struct bytes suites = from_hex(p->suites), extensions = from_hex(p->extensions);
    const uint8_t suites_length[] = {(uint8_t)(suites.length >> 8), (uint8_t)suites.length};
    const uint8_t extensions_length[] = {(uint8_t)(extensions.length >> 8), (uint8_t)extensions.length};
    struct bytes body = joined(from_hex(p->version), filled(32));
    body = joined(body, from_hex("00"));
    struct bytes length = {memcpy(malloc(2), suites_length, 2), 2};
    body = joined(joined(joined(body, length), suites), from_hex("0100"));
    if (extensions.length == 0) {
        free(extensions.data);
        return body;
    }
    struct bytes more = {memcpy(malloc(2), extensions_length, 2), 2};
    return joined(joined(body, more), extensions);
}

static void expect_ja4(const struct parts *p, char transport, const char *expected)
{
    struct bytes body = client_hello(p);
    struct wtr_tls_hello hello;
    char ja4[WTR_JA4_TEXT];
    cr_assert(wtr_tls_read_client_hello(wtr_text_of(body.data, body.length), false, &hello));
    cr_assert(wtr_tls_ja4(&hello, transport, ja4));
    cr_expect_str_eq(ja4, expected);
    free(body.data);
}

static void expect_ja3(const struct parts *p, const char *expected)
{
    struct bytes body = client_hello(p);
    struct wtr_tls_hello hello;
    char ja3[WTR_JA3_TEXT];
    cr_assert(wtr_tls_read_client_hello(wtr_text_of(body.data, body.length), false, &hello));
    cr_assert(wtr_tls_ja3(&hello, ja3));
    cr_expect_str_eq(ja3, expected);
    free(body.data);
}

#define EXAMPLE_SUITES "130113021303c02bc02fc02cc030cca9cca8c013c014009c009d002f0035"
#define EXAMPLE_EXTENSIONS                                                                                   \
    "001b0000 0000000e000c000009 6c6f63616c686f7374 00330000 0010000e000c 02 6832 08 687474702f312e31"       \
    "44690000 00170000 002d0000 000d00120010 0403080404010503080505010806 0601 00050000 00230000 00120000"   \
    "002b0003020304 ff010000 000b0000 000a0000 00150000"

Test(tls_fingerprint, ja4_example)
{
    const struct parts p = {"0303", EXAMPLE_SUITES, EXAMPLE_EXTENSIONS};
    expect_ja4(&p, 't', "t13d1516h2_8daaf6152771_e5627efa2ab1");
    expect_ja4(&p, 'q', "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

Test(tls_fingerprint, ja4_leaves_grease_out)
{
    const struct parts p = {
        "0303", "0a0a" EXAMPLE_SUITES "fafa",
        "3a3a0000" /* and first in the versions below */
        "001b0000 0000000e000c000009 6c6f63616c686f7374 00330000"
        "00100011000f 02 0a0a 02 6832 08 687474702f312e31"
        "44690000 00170000 002d0000 000d00140012 1a1a 0403080404010503080505010806 0601"
        "00050000 00230000 00120000 002b0005044a4a0304 ff010000 000b0000 000a0000 00150000"
        "baba0000"};
    expect_ja4(&p, 't', "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

Test(tls_fingerprint, ja4_of_nothing)
{
    const struct parts none = {"0301", "", ""};
    expect_ja4(&none, 't', "t10i000000_000000000000_000000000000");
    const struct parts name_alone = {"0302", "", "0000000e000c000009 6c6f63616c686f7374 00100000"};
    expect_ja4(&name_alone, 't', "t11d000200_000000000000_000000000000");
    const struct parts no_signatures = {
        "0300", EXAMPLE_SUITES,
        "00050000 000a0000 000b0000 000d0000 00120000 00150000 00170000 001b0000 00230000 002b0000 002d0000"
        "00330000 44690000 ff010000"};
    expect_ja4(&no_signatures, 't', "t00i151400_8daaf6152771_6d807ffa2a79");
}

Test(tls_fingerprint, ja4_versions)
{
    static const char *const versions[][2] = {
        {"0304", "13"}, {"0303", "12"}, {"0302", "11"}, {"0301", "10"}, {"0300", "s3"},
        {"0002", "s2"}, {"feff", "d1"}, {"fefd", "d2"}, {"fefc", "d3"}, {"7f1c", "00"},
    };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        char expected[] = "t..i000000_000000000000_000000000000";
        memcpy(expected + 1, versions[i][1], 2);
        const struct parts p = {versions[i][0], "", ""};
        expect_ja4(&p, 't', expected);
    }
    /* Of the versions in the extension the highest; of DTLS's that is the lowest number. */
    const struct parts tls = {"0301", "", "002b00050403030302"}, dtls = {"fefd", "", "002b000504fefdfefc"};
    expect_ja4(&tls, 't', "t12i000100_000000000000_b9a491fefe05");
    expect_ja4(&dtls, 'd', "dd3i000100_000000000000_b9a491fefe05");
}

/* JA4.md, "ALPN Extension Value". */
Test(tls_fingerprint, ja4_alpn)
{
    static const char *const names[][2] = {
        {"01ab", "ab"},   {"0120", "20"},   {"02abcd", "ad"},     {"022061", "21"},
        {"0230ab", "3b"}, {"026120", "60"}, {"043031abcd", "3d"}, {"0430abcd31", "01"},
        {"0161", "aa"},   {"00", "00"},     {"026832", "h2"},     {"08687474702f312e31", "h1"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char expected[] = "t12i0001.._000000000000_000000000000", extension[64];
        unsigned n = (unsigned)strlen(names[i][0]) / 2;
        memcpy(expected + 8, names[i][1], 2);
        snprintf(extension, sizeof extension, "0010%04x%04x%s", n + 2, n, names[i][0]);
        const struct parts p = {"0303", "", extension};
        expect_ja4(&p, 't', expected);
    }
}

Test(tls_fingerprint, ja4_counts_to_99)
{
    struct wtr_buffer suites = {0}, extensions = {0};
    char number[16];
    for (unsigned i = 0; i < 120; i++) {
        snprintf(number, sizeof number, "%04x", 0xc000 + i);
        wtr_put_z(&suites, number);
        snprintf(number, sizeof number, "%04x0000", 0x5000 + i);
        wtr_put_z(&extensions, number);
    }
    wtr_put_char(&suites, '\0');
    wtr_put_char(&extensions, '\0');
    const struct parts p = {"0303", suites.data, extensions.data};
    struct bytes body = client_hello(&p);
    struct wtr_tls_hello hello;
    char ja4[WTR_JA4_TEXT];
    cr_assert(wtr_tls_read_client_hello(wtr_text_of(body.data, body.length), false, &hello));
    cr_assert(wtr_tls_ja4(&hello, 't', ja4));
    cr_expect(strncmp(ja4, "t12i999900_", 11) == 0, "%s", ja4);
    free(body.data);
    wtr_buffer_free(&suites);
    wtr_buffer_free(&extensions);
}

/* The README's two examples. */
Test(tls_fingerprint, ja3_examples)
{
    const struct parts first = {"0301", "002f0035 0005000a c009c00a c013c014 00320038 00130004",
                                "0000000b0009000006736572766572 000a00080006001700180019 000b00020100"};
    expect_ja3(&first, "ada70206e40642a3e4461f35503241d5");
    const struct parts second = {"0301", "00040005000a00090064006200030006001300120063", ""};
    expect_ja3(&second, "de350869b8c85de67a350c8d186f11e6");
}

Test(tls_fingerprint, ja3_leaves_grease_out)
{
    const struct parts p = {
        "0301", "0a0a 002f0035 0005000a c009c00a c013c014 00320038 00130004",
        "1a1a0000 0000000b0009000006736572766572 000a000a0008 2a2a 001700180019 000b00020100"};
    expect_ja3(&p, "ada70206e40642a3e4461f35503241d5");
}

Test(tls_fingerprint, hellos_of_rfc_8448)
{
    struct bytes client = from_hex(CLIENT_HELLO), server = from_hex(SERVER_HELLO);
    struct wtr_tls_hello hello;
    char text[WTR_JA4_TEXT];
    cr_assert(wtr_tls_read_client_hello(wtr_text_of(client.data + 4, client.length - 4), false, &hello));
    cr_expect(wtr_text_is(wtr_tls_host_name(&hello), "server"));
    cr_expect_eq(wtr_tls_offered_version(&hello), WTR_TLS_1_3);
    cr_expect(wtr_tls_ja3(&hello, text) && strcmp(text, CLIENT_JA3) == 0, "%s", text);
    cr_expect(wtr_tls_ja4(&hello, 't', text) && strcmp(text, CLIENT_JA4) == 0, "%s", text);
    cr_assert(wtr_tls_read_server_hello(wtr_text_of(server.data + 4, server.length - 4), &hello));
    cr_expect_eq(wtr_tls_chosen_version(&hello), WTR_TLS_1_3);
    cr_expect_eq(hello.suite, 0x1301);
    cr_expect(wtr_tls_ja3s(&hello, text) && strcmp(text, SERVER_JA3S) == 0, "%s", text);
    free(client.data);
    free(server.data);
}

/* A hello that ends anywhere before its end is read only where a field ends, before the extensions. */
Test(tls_fingerprint, every_cut)
{
    struct bytes client = from_hex(CLIENT_HELLO);
    size_t before_extensions = 2 + 32 + 1 + 2 + 6 + 2;
    for (size_t length = 0; length < client.length - 4; length++) {
        struct wtr_tls_hello hello;
        uint8_t *exact = malloc(length ? length : 1);
        memcpy(exact, client.data + 4, length);
        bool read = wtr_tls_read_client_hello(wtr_text_of(exact, length), false, &hello);
        bool front = length == before_extensions || length == before_extensions + 1;
        cr_expect_eq(read, front, "%zu", length);
        cr_expect(!read || hello.loose == (length > before_extensions));
        free(exact);
    }
    free(client.data);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Key logs and servers' keys: what lines give, what is passed over, and what is refused. */
#include "evidence/keylog.h"
#include "evidence/keyring.h"
#include "evidence/server_key.h"

#include "wattrail/case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define RANDOM "52362c1012cf23628256e745e903cea696e9f62a60ba0ae8311d70dea5e41949"
#define MASTER                                                                                               \
    "9f9a0f19a02bdd10e3cb4ae1eebe8b4bd8b7b7c0b8a2c1b7a6e2b0a55f8f02ed6c0a0e0e1d2b2c9d3f4f5f6a7a8a9aab"

static struct wtr_tls_keys keys;
static struct wtr_keylog_facts facts;

static void clean(void)
{
    wtr_tls_keys_free(&keys);
}

TestSuite(keylog, .fini = clean);

static enum wtr_status read_z(const char *text)
{
    return wtr_keylog_read(&keys, "key log k", wtr_text_z(text), &facts);
}

static const struct wtr_tls_secret *find(enum wtr_tls_label label)
{
    static const uint8_t id[32] = "\x52\x36\x2c\x10\x12\xcf\x23\x62\x82\x56\xe7\x45\xe9\x03\xce\xa6"
                                  "\x96\xe9\xf6\x2a\x60\xba\x0a\xe8\x31\x1d\x70\xde\xa5\xe4\x19\x49";
    return wtr_tls_keys_find(&keys, label, id, label == WTR_TLS_LABEL_RSA ? 8 : sizeof id, NULL);
}

Test(keylog, lines)
{
    cr_assert_eq(read_z("# a comment\n"
                        "CLIENT_RANDOM " RANDOM " " MASTER "\r\n"
                        "\n"
                        "RSA 52362c1012cf2362 " MASTER "\n"
                        "EXPORTER_SECRET " RANDOM " " RANDOM "\n"
                        "CLIENT_TRAFFIC_SECRET_1 " RANDOM " " RANDOM "\n"
                        "SERVER_TRAFFIC_SECRET_0 " RANDOM " " RANDOM "\n"
                        "SOMETHING_NEW of another form\n"),
                 WTR_OK);
    cr_expect_eq(facts.secrets, 3);
    cr_expect_eq(keys.count, 3);
    const struct wtr_tls_secret *s = find(WTR_TLS_LABEL_CLIENT_RANDOM);
    cr_assert_not_null(s);
    cr_expect(s->length == 48 && s->bytes[0] == 0x9f && s->bytes[47] == 0xab && s->line == 2);
    cr_expect_null(wtr_tls_keys_find(&keys, WTR_TLS_LABEL_CLIENT_RANDOM, s->id, 32, s));
    cr_expect_not_null(find(WTR_TLS_LABEL_RSA));
    cr_expect_eq(find(WTR_TLS_LABEL_SERVER_TRAFFIC)->length, 32);
    cr_expect_null(find(WTR_TLS_LABEL_CLIENT_TRAFFIC));
    const char *name, *origin;
    cr_assert(wtr_tls_keys_name(&keys, s, &name, &origin));
    cr_expect_str_eq(name, "CLIENT_RANDOM 52362c1012cf2362");
    cr_expect_str_eq(origin, "key log k, line 2");
}

Test(keylog, broken_lines_do_not_hide_others)
{
    cr_expect_eq(read_z("CLIENT_RANDOM " RANDOM " 0g\n"
                        "CLIENT_RANDOM " RANDOM "\n"
                        "CLIENT_RANDOM " RANDOM " " MASTER "00\n"
                        "CLIENT_RANDOM 52 " MASTER "\n"
                        "CLIENT_RANDOM " RANDOM " " MASTER "\n"),
                 WTR_PARTIAL);
    cr_expect_eq(facts.broken, 1);
    cr_expect_eq(keys.count, 1);
}

Test(keylog, a_last_line_that_is_still_written)
{
    cr_expect_eq(read_z("CLIENT_RANDOM " RANDOM " " MASTER "\nCLIENT_RANDOM 5236"), WTR_OK);
    cr_expect_eq(keys.count, 1);
    cr_expect_eq(read_z("CLIENT_RANDOM 5236\n"), WTR_PARTIAL);
}

Test(keylog, other_text)
{
    cr_expect_eq(read_z(""), WTR_OK);
    cr_expect_eq(read_z("\n"), WTR_OK);
    cr_expect_eq(read_z("# nothing yet\n"), WTR_OK);
    cr_expect_eq(read_z("\xd4\xc3\xb2\xa1 a capture"), WTR_E_UNRECOGNISED);
}

Test(keylog, the_same_and_many_alike)
{
    char line[256];
    cr_expect_eq(read_z("CLIENT_RANDOM " RANDOM " " MASTER "\nCLIENT_RANDOM " RANDOM " " MASTER "\n"),
                 WTR_OK);
    cr_expect_eq(keys.count, 1);
    for (unsigned i = 0; i < 40; i++) {
        snprintf(line, sizeof line, "SERVER_TRAFFIC_SECRET_0 " RANDOM " %02x%s\n", i, &RANDOM[2]);
        (void)read_z(line);
    }
    cr_expect_eq(keys.count, 1 + WTR_TLS_MAX_ALIKE);
}

Test(keylog, what_was_wanted_comes)
{
    uint8_t id[32] = {0x52, 0x36};
    wtr_tls_keys_want(&keys, WTR_TLS_LABEL_CLIENT_RANDOM, id, sizeof id);
    read_z("CLIENT_RANDOM " RANDOM " " MASTER "\n");
    cr_expect_not(keys.again);
    wtr_tls_keys_want(&keys, WTR_TLS_LABEL_SERVER_TRAFFIC, find(WTR_TLS_LABEL_CLIENT_RANDOM)->id, 32);
    read_z("SERVER_TRAFFIC_SECRET_0 " RANDOM " " RANDOM "\n");
    cr_expect(keys.again);
}

Test(keylog, in_a_keyring)
{
    struct wtr_keyring ring = {0};
    struct wtr_buffer why = {0};
    const char *text = "psk plug 00ff\nCLIENT_RANDOM " RANDOM " " MASTER "\nEARLY_EXPORTER_SECRET x y\n";
    cr_assert_eq(wtr_keyring_read(&ring, "k", wtr_text_z(text), &why), WTR_OK);
    cr_expect_eq(wtr_keyring_size(&ring), 2);
    text = "psk plug 00ff\nCLIENT_RANDOM " RANDOM " 00\n";
    cr_expect_eq(wtr_keyring_read(&ring, "k", wtr_text_z(text), &why), WTR_E_UNRECOGNISED);
    wtr_put(&why, "", 1);
    cr_expect_str_eq(why.data, "line 2: expected a key log's label, a random and a secret in hexadecimal");
    wtr_keyring_free(&ring);
    wtr_buffer_free(&why);
}

/* ---- servers' keys */

static const char *refused(const char *text)
{
    const char *why = NULL;
    cr_expect_eq(wtr_server_key_read(&keys, "server.pem", wtr_text_z(text), &why), WTR_E_UNRECOGNISED);
    return why;
}

Test(keylog, what_is_no_server_key)
{
    cr_expect_str_eq(refused(""), "is no private key in PEM or DER");
    cr_expect_str_eq(refused("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
                     "is no private key in PEM or DER");
    static char *longest;
    longest = calloc(1, WTR_MAX_SERVER_KEY + 2);
    memset(longest, 'x', WTR_MAX_SERVER_KEY + 1);
    cr_expect_str_eq(refused(longest), "is too long for a private key");
    free(longest);
    cr_expect_eq(keys.server_key_count, 0);
}

/* ---- the public interface */

Test(keylog, of_a_case)
{
    wtr_case *c = NULL;
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    const char *log = "CLIENT_RANDOM " RANDOM " " MASTER "\n";
    cr_expect_eq(wtr_case_add_keylog_memory(c, "k", log, strlen(log)), WTR_OK);
    cr_expect_eq(wtr_case_add_keylog_memory(c, "k", "nothing of that", 15), WTR_E_UNRECOGNISED);
    cr_expect_str_eq(wtr_case_error(c), "k: is no TLS key log");
    cr_expect_eq(wtr_case_add_keylog_memory(c, "k", "RSA 00\n", 7), WTR_E_UNRECOGNISED);
    cr_expect(strstr(wtr_case_error(c), "line 1: expected a label"));
    cr_expect_eq(wtr_case_add_rsa_key_memory(c, "s", "none", 4), WTR_E_UNRECOGNISED);
    cr_expect_str_eq(wtr_case_error(c), "s: is no private key in PEM or DER");
    cr_expect_eq(wtr_case_add_keylog(c, "/nonexistent/keys"), WTR_E_NOT_FOUND);
    cr_expect_eq(wtr_case_add_rsa_key(NULL, "x"), WTR_E_ARGUMENT);
    wtr_case_free(c);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* vendor/meross/sealed: keys, and bodies that open or do not. The vectors were made with Python's hashlib and
 * the program openssl: enc -aes-256-cbc -nopad, the key's ASCII as -K, sixteen ASCII zeros as -iv. */
#include "vendor/meross/sealed.h"

#include "http_parts.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define UUID "2009113111806125100048e1e9000001"
#define KEY "0123456789abcdef0123456789abcdef"
#define TEXT                                                                                                 \
    "{\"header\":{\"messageId\":\"5312\",\"namespace\":\"Appliance.Control.ToggleX\",\"method\":\"SET\","    \
    "\"timestamp\":1611532932,\"sign\":"
/* Both begin alike; the second has a sign of zeros. */
#define BEGINNING                                                                                            \
    "LfLuWhPFkUqct23XRCQ9wfcALFPTBTjA/SYj9RQHVcYP29WB6voXT2nA66aHm1hpO0hDdrmDlovP1Avmf6OaXE/"                \
    "JKWj53c9fPZlOEZRZ"                                                                                      \
    "t9/9G7sA9PLa4+tlNPnDPmlfJIAfyI0APEbrDOcpMBZO"
#define SEALED                                                                                               \
    BEGINNING                                                                                                \
    "PNytpc/s5Llf/SxIilQ4JAwXzJ0M1I9ZJ2rePcL3lYZzCYc12PqXuXLAHM5jhTBtzoJoMllN+5E42/"                         \
    "rJJuhrAdEciaIZ61Ld+bMhZdhC"                                                                             \
    "vKLxx7F45ja22275y304oSoOaA=="
#define UNSIGNED                                                                                             \
    BEGINNING                                                                                                \
    "PDxGPl6OUGww0onKrl4t6gC5OpGkBl/"                                                                        \
    "SX73O11IKlSPNtMhKsDWH0eg2UZ0dQf1nLbjz6hqL9FqBKhpfWyLISyxn9lozsTRh6NSVPQn0"                              \
    "fhL/OuzBFk4ZanB3di8c9Td1Pw=="

static bool handed, opened;
static size_t text_length;

static void take_message(void *payload, const struct wtr_message *message)
{
    const struct wtr_meross_sealed *body = message->body;
    (void)payload;
    handed = true;
    opened = body->opened;
    text_length = body->text.length;
    cr_expect_eq(message->exchange, 7);
    if (!opened)
        return;
    cr_expect_eq(strncmp(body->text.data, TEXT, sizeof TEXT - 1), 0);
    cr_assert(message->span.opening);
    cr_expect_str_eq(message->span.opening->steps, "base64+aes-256-cbc");
    cr_expect_str_eq(message->span.opening->key, "meross 2009…");
    cr_expect_not(message->span.opening->keeps_places);
}

/* Hands the protocol a request with that body, and a keyring with one key. */
static void hand(const char *head, struct wtr_text body, struct wtr_text uuid, struct wtr_text key)
{
    const struct wtr_protocol *p = &wtr_meross_sealed;
    struct wtr_keyring keys = {0};
    struct wtr_key_entry entry = {
        .type = WTR_KEY_MEROSS, .id = uuid, .secret = key, .name = "meross 2009…", .origin = "here"};
    struct wtr_buffer text = {0};
    wtr_put_z(&text, head);
    wtr_put_text(&text, body);
    struct wtr_http http = {.is_response = false};
    cr_assert(wtr_keyring_add(&keys, &entry) && http_parts(wtr_buffer_text(&text), &http));
    struct wtr_piece piece = {.length = text.length, .frame = 1};
    struct wtr_message message = {.protocol = &wtr_http,
                                  .span = {(const uint8_t *)text.data, text.length, &piece, 1, NULL},
                                  .body = &http,
                                  .exchange = 7};
    struct wtr_carrier carrier = {.message = &message};
    struct wtr_session_setup setup = {.keys = &keys};
    struct wtr_sink sink = {.message = take_message};
    void *state = calloc(1, p->carried_state_size);
    cr_assert(state);
    handed = opened = false;
    p->open_carried(state, &setup);
    p->carried(state, &carrier, &sink);
    p->close_carried(state);
    free(state);
    wtr_keyring_free(&keys);
    wtr_buffer_free(&text);
}

#define POST "POST /config HTTP/1.1\n\n"

Test(meross_sealed, key)
{
    uint8_t key[32];
    cr_assert(wtr_meross_body_key(WTR_TEXT(UUID), WTR_TEXT(KEY), key));
    cr_expect_eq(memcmp(key, "162c9e4a415d32345da617922a7b02de", 32), 0);
    cr_assert(wtr_meross_body_key(WTR_TEXT(UUID), WTR_TEXT("short"), key));
    cr_expect_eq(memcmp(key, "3ad1c57426cebb88685ee325676133ea", 32), 0);
    cr_expect_not(wtr_meross_body_key(WTR_TEXT("*"), WTR_TEXT(KEY), key));
    cr_expect_not(wtr_meross_body_key(WTR_TEXT("2009113111806125100048e1e900000x"), WTR_TEXT(KEY), key));
}

Test(meross_sealed, opens)
{
    hand(POST, WTR_TEXT(SEALED), WTR_TEXT(UUID), WTR_TEXT(KEY));
    cr_expect(handed && opened);
    cr_expect_eq(text_length, 197);
}

Test(meross_sealed, does_not_open)
{
    hand(POST, WTR_TEXT(SEALED), WTR_TEXT(UUID), WTR_TEXT("fedcba9876543210fedcba9876543210"));
    cr_expect(handed && !opened, "another key");
    hand(POST, WTR_TEXT(SEALED), WTR_TEXT("*"), WTR_TEXT(KEY));
    cr_expect(handed && !opened, "a key without its device");
    hand(POST, WTR_TEXT(UNSIGNED), WTR_TEXT(UUID), WTR_TEXT(KEY));
    cr_expect(handed && !opened, "a sign that does not fit");
}

Test(meross_sealed, is_none)
{
    hand("POST /other HTTP/1.1\n\n", WTR_TEXT(SEALED), WTR_TEXT(UUID), WTR_TEXT(KEY));
    cr_expect_not(handed, "another target");
    hand("PUT /config HTTP/1.1\n\n", WTR_TEXT(SEALED), WTR_TEXT(UUID), WTR_TEXT(KEY));
    cr_expect_not(handed, "another method");
    hand(POST, WTR_TEXT("{\"header\":{}}"), WTR_TEXT(UUID), WTR_TEXT(KEY));
    cr_expect_not(handed, "clear text");
    for (size_t n = 0; n < sizeof SEALED - 1; n++) {
        hand(POST, wtr_text_of(SEALED, n), WTR_TEXT(UUID), WTR_TEXT(KEY));
        cr_expect_not(opened, "cut to %zu bytes", n);
        cr_expect(!handed || n % 64 == 0, "cut to %zu bytes: no whole blocks", n);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* KLAP: its formulas and its sessions. The vectors were made by python-kasa 0.10.2 (KlapTransport,
 * KlapTransportV2, KlapEncryptionSession) with the seeds 00 … 0f and 80 … 8f and the account
 * examiner@example.com, Correct-Horse. */
#include "klap_feed.h"
#include "vendor/tapo/klap_cipher.h"

#include <stdio.h>

#define ACCOUNT "examiner@example.com"
#define PASSWORD "Correct-Horse"
#define QUESTION "{\"method\":\"get_device_info\"}"

static const struct vector {
    const char *auth, *server, *client, *key, *iv, *signing;
    int32_t seq;
    const char *body; /* QUESTION under seq */
    const char *last; /* {} under -1 */
} vectors[] = {
    {"ec562987baa6304fcca284a539ad44a7", "887595b21a43e05124d7d1b74902dc652cb3ff9b72fa4b0702bdcb6b59a1ad80",
     "0ebb7e023c6a58205c39a59d6fb1aa8a6719963801b6665727ee8258b66d944a", "2babddcbee2f72e5ddd2f7fae4dc0ae6",
     "92591813fc159a8667195416", "06ff23c4ad886c6d38aa7b431d23b80bcc8be879d3a480842dbfce8b", 428755759,
     "dc49ffeb5a0099dfb85c2d7a4c311ec1a7ac31f50f31206b2e7d3c111117992a32ea25da40fb84ffacba82d40c71a5eca4d7f05"
     "46c"
     "0b6bc5f861939dac5e118c",
     "0bae633a12821475d90c5a54d17822e0f3c93129a690667abefc6d3d31d323411c30935487ee0509cda1d5f65473b7e1"},
    {"7efbed87b6bb99cc1942f06dcb9b918a3c23d49812f85190978eda5030c620d4",
     "49ddefb557f37760bbdc5927f8c2d9e82166f8f82a944d931f21444897369c03",
     "776478fcc6474d09c43340eff7a47eaeef58ca5ab1b35a6aeefdaf3b10157ef7", "e822452b1fd2bf51d1c0610bcffd3f28",
     "92adaf7666d54830f312cdc0", "f0c7675ccd0859fb5a1a924b69ce337b72868ab78af641d1b2347bd2", 380517073,
     "9f452c1554d2733cf7da3bbc902dcab98d3bd89db6a7e78989ff007db3924f0fb3e270ae80922c5a885c3b356eaf70f4875ebb4"
     "ac4"
     "4e055de403315ccb252fff",
     "9bb02e194374a829083cf27db5f9f6d2eabece43f1b62bdc275424d70cb655001ff4f7dd998529cdaefc51afed8b0124"},
};

static struct wtr_klap_seeds seeds(void)
{
    struct wtr_klap_seeds s;
    for (uint8_t i = 0; i < WTR_KLAP_SEED; i++) {
        s.local[i] = i;
        s.remote[i] = (uint8_t)(0x80 + i);
    }
    return s;
}

static void expect_bytes(const uint8_t *bytes, size_t length, const char *hex)
{
    uint8_t right[256];
    cr_assert_eq(feed_hex(hex, right), length);
    cr_expect_arr_eq(bytes, right, length);
}

Test(klap, formulas)
{
    const struct wtr_klap_seeds s = seeds();
    for (unsigned v = 1; v <= 2; v++) {
        const struct vector *right = &vectors[v - 1];
        struct wtr_klap_auth auth;
        struct wtr_klap_keys keys;
        uint8_t hash[WTR_KLAP_HASH];
        cr_assert(wtr_klap_auth_of(v, WTR_TEXT(ACCOUNT), WTR_TEXT(PASSWORD), &auth));
        expect_bytes(auth.bytes, auth.length, right->auth);
        cr_assert(wtr_klap_server_hash(&auth, &s, hash));
        expect_bytes(hash, sizeof hash, right->server);
        cr_assert(wtr_klap_client_hash(&auth, &s, hash));
        expect_bytes(hash, sizeof hash, right->client);
        cr_assert(wtr_klap_derive(&auth, &s, &keys));
        expect_bytes(keys.key, sizeof keys.key, right->key);
        expect_bytes(keys.iv, sizeof keys.iv, right->iv);
        expect_bytes(keys.signing, sizeof keys.signing, right->signing);
    }
}

Test(klap, signatures_and_padding)
{
    const struct wtr_klap_seeds s = seeds();
    struct wtr_klap_auth auth;
    struct wtr_klap_keys keys;
    uint8_t body[128], plain[128];
    size_t length = 0;
    wtr_klap_auth_of(2, WTR_TEXT(ACCOUNT), WTR_TEXT(PASSWORD), &auth);
    wtr_klap_derive(&auth, &s, &keys);
    struct wtr_text text = wtr_text_of(body, feed_hex(vectors[1].body, body));
    cr_expect(wtr_klap_is_signed(&keys, vectors[1].seq, text));
    cr_assert(wtr_klap_open(&keys, vectors[1].seq, text, plain, &length));
    cr_expect(wtr_text_is(wtr_text_of(plain, length), QUESTION));
    cr_expect_not(wtr_klap_is_signed(&keys, vectors[1].seq + 1, text));
    cr_expect_not(
        wtr_klap_open(&keys, vectors[1].seq, (struct wtr_text){text.data, text.length - 1}, plain, &length));
    cr_expect_not(wtr_klap_open(&keys, vectors[1].seq, (struct wtr_text){text.data, 32}, plain, &length));
    cr_expect_not(wtr_klap_is_signed(&keys, vectors[1].seq, (struct wtr_text){text.data, 31}));
    cr_expect_not(wtr_klap_open(&keys, vectors[1].seq, (struct wtr_text){text.data, 48}, plain, &length),
                  "without the last block there is no padding");
    body[63] ^= 1;
    cr_expect_not(wtr_klap_is_signed(&keys, vectors[1].seq, text));
}

/* ---- sessions */

static void set_up(void)
{
    feed_account("someone@example.com", "else");
    feed_account(ACCOUNT, PASSWORD);
    feed_open();
}

TestSuite(klap_session, .init = set_up, .fini = feed_close);

/* Both messages of handshake1, with the server hash given. */
static void shake(const char *server_hash, const char *cookie)
{
    const struct wtr_klap_seeds s = seeds();
    uint8_t answer[WTR_KLAP_SEED + WTR_KLAP_HASH];
    memcpy(answer, s.remote, sizeof s.remote);
    feed_hex(server_hash, answer + WTR_KLAP_SEED);
    feed_request("/app/handshake1", NULL, s.local, sizeof s.local);
    feed_response(200, cookie, answer, sizeof answer);
}

static void ask(const char *target, const char *cookie, const char *hex)
{
    uint8_t body[256];
    size_t n = feed_hex(hex, body);
    feed_request(target, cookie, body, n);
}

static void answer(const char *hex)
{
    uint8_t body[256];
    size_t n = feed_hex(hex, body);
    feed_response(200, NULL, body, n);
}

#define SET_COOKIE "TP_SESSIONID=AAFF;TIMEOUT=86400"
#define COOKIE "x=1; TP_SESSIONID=AAFF"
#define V2_REQUEST "/app/request?seq=380517073"
#define V2_OPENED " account=" ACCOUNT " v2 seq=380517073 text=" QUESTION " @1020+64 klap-aes-128-cbc"

Test(klap_session, version_2)
{
    shake(vectors[1].server, SET_COOKIE);
    ask("/app/handshake2", COOKIE, vectors[1].client);
    feed_response(200, NULL, NULL, 0);
    ask(V2_REQUEST, COOKIE, vectors[1].body);
    answer(vectors[1].body);
    answer(vectors[1].body); /* again: its question waits no longer */
    ask("/app/request?a=b&seq=-1", COOKIE, vectors[1].last);
    feed_expect("handshake1\nhandshake1_response account=" ACCOUNT " v2\n"
                "handshake2 account=" ACCOUNT " v2 fits\nhandshake2_response\n"
                "request" V2_OPENED "\nresponse" V2_OPENED " question=" QUESTION "\nresponse" V2_OPENED "\n"
                "request account=" ACCOUNT " v2 seq=-1 text={} @1020+48 klap-aes-128-cbc\n");
}

Test(klap_session, version_1_without_cookie)
{
    shake(vectors[0].server, NULL);
    ask("/app/request?seq=428755759", NULL, vectors[0].body);
    feed_expect("handshake1\nhandshake1_response account=" ACCOUNT " v1\n"
                "request account=" ACCOUNT " v1 seq=428755759 text=" QUESTION " @1020+64 klap-aes-128-cbc\n");
    feed.client = 21; /* another client, whose handshake was not seen */
    ask("/app/request?seq=428755759", NULL, vectors[0].body);
    ask("/app/request?seq=428755759", NULL, vectors[0].body);
    feed_expect("request seq=428755759\n"
                "finding @1020+64 the handshake of this session was not seen, so nothing of it is read\n"
                "request seq=428755759\n");
}

Test(klap_session, fallback_accounts)
{
    shake("bd9f781fb84119515ac87fba11ba91f614301e90c3eca3c95a2de6cd2990b864", SET_COOKIE);
    shake("a783f17b783d31c8c0137add31f64e40989c26b76a7c0c87da04f3afb7ae7bf6", SET_COOKIE);
    shake("281399020a72bf744fd1f5de3989f1abbbf88ab2feb348f80f242048e578d0d8", SET_COOKIE);
    feed_expect("handshake1\nhandshake1_response account=blank account v2\n"
                "handshake1\nhandshake1_response account=fallback account of Kasa v2\n"
                "handshake1\nhandshake1_response account=fallback account of Tapo v2\n");
}

Test(klap_session, wrong_account)
{
    shake("49ddefb557f37760bbdc5927f8c2d9e82166f8f82a944d931f21444897369c04", SET_COOKIE);
    ask(V2_REQUEST, COOKIE, vectors[1].body);
    feed_expect(
        "handshake1\nhandshake1_response\nfinding @1020+48 no account of the keyring is this device's, "
        "nor is a blank or built-in one, so nothing of this session is read\n"
        "request seq=380517073\n");
}

TestSuite(klap_bare, .init = feed_open, .fini = feed_close);

Test(klap_bare, no_account)
{
    shake(vectors[1].server, SET_COOKIE);
    ask(V2_REQUEST, COOKIE, vectors[1].body);
    feed_expect("handshake1\nhandshake1_response\nfinding @1020+48 the keyring holds no account for this "
                "session, and no blank or built-in one fits, so nothing of it is read\n"
                "request seq=380517073\n");
}

Test(klap_session, another_session_of_the_device)
{
    shake(vectors[1].server, SET_COOKIE);
    feed_expect("handshake1\nhandshake1_response account=" ACCOUNT " v2\n");
    ask(V2_REQUEST, "TP_SESSIONID=BB00", vectors[1].body);
    feed_expect("request seq=380517073\n"
                "finding @1020+64 the handshake of this session was not seen, so nothing of it is read\n");
    ask(V2_REQUEST, COOKIE, vectors[1].body);
    feed_expect("request" V2_OPENED "\n");
}

Test(klap_session, what_does_not_fit)
{
    uint8_t body[256];
    shake(vectors[1].server, SET_COOKIE);
    feed_expect("handshake1\nhandshake1_response account=" ACCOUNT " v2\n");
    size_t n = feed_hex(vectors[1].body, body);
    body[40] ^= 0x10;
    feed_request(V2_REQUEST, COOKIE, body, n);
    feed_expect("request account=" ACCOUNT
                " v2 seq=380517073\nfinding @1020+64 the signature does not fit the "
                "session and its number, so nothing is read\n");
    ask("/app/request?seq=380517074", COOKIE, vectors[1].body);
    feed_expect("request account=" ACCOUNT
                " v2 seq=380517074\nfinding @1020+64 the signature does not fit the "
                "session and its number, so nothing is read\n");
    ask("/app/handshake2", COOKIE, vectors[0].client);
    feed_expect("handshake2 account=" ACCOUNT " v2\n"
                "finding @1020+32 the client's proof is not of the account that the device has\n");
}

/* What has not KLAP's form is none of its. */
Test(klap_session, other_messages)
{
    const uint8_t seed[WTR_KLAP_SEED + 1] = {0};
    shake(vectors[1].server, SET_COOKIE);
    feed_expect("handshake1\nhandshake1_response account=" ACCOUNT " v2\n");
    feed_request("/app/handshake1", NULL, seed, sizeof seed);
    feed_request("/app/handshake1", NULL, seed, sizeof seed - 2);
    feed_request("/app/handshake1", NULL, NULL, 0);
    feed_request("/app/handshake", NULL, seed, WTR_KLAP_SEED);
    feed_request("/", NULL, seed, WTR_KLAP_SEED);
    ask("/app/request", COOKIE, vectors[1].body);
    ask("/app/request?seq=", COOKIE, vectors[1].body);
    ask("/app/request?seq=2147483648", COOKIE, vectors[1].body);
    ask("/app/request?sequence=380517073", COOKIE, vectors[1].body);
    feed_request(V2_REQUEST, COOKIE, seed, WTR_KLAP_SEED);
    feed_expect("");
    ask(V2_REQUEST, COOKIE, vectors[1].body);
    feed_response(403, NULL, NULL, 0);
    feed_expect("request" V2_OPENED "\n");
    feed.request.method = WTR_TEXT("GET");
    answer(vectors[1].body);
    feed.request.method = WTR_TEXT("POST");
    feed_expect("");
}

Test(klap_session, what_is_not_whole)
{
    uint8_t body[256];
    shake(vectors[1].server, SET_COOKIE);
    ask(V2_REQUEST, COOKIE, vectors[1].body);
    wtr_buffer_clear(&feed.lines);
    struct wtr_http http = {.is_response = true, .status = 200, .request = &feed.request, .body_cut = true};
    feed_http(&http, body, "0123456789abcdef0123456789abcdef0123456789abcdef", 48);
    feed_expect("finding @1020+48 the message is not whole, so nothing of it is read\n");
}

/* A response that HTTP can't tell the request of has no number. */
Test(klap_session, unpaired)
{
    uint8_t bytes[256], body[256];
    size_t n = feed_hex(vectors[1].body, body);
    shake(vectors[1].server, SET_COOKIE);
    wtr_buffer_clear(&feed.lines);
    struct wtr_http http = {.is_response = true, .status = 200};
    feed_http(&http, bytes, body, n);
    feed_expect(
        "response\nfinding @1020+64 which request this answers is not certain, so nothing of it is read\n");
    feed_http(&http, bytes, body, n - 1);
    feed.client = 21;
    feed_http(&http, bytes, body, n);
    feed_expect("");
}

/* The oldest of too many sessions makes room; the latest stay. */
Test(klap_session, bounded)
{
    char cookie[32];
    for (int i = 0; i < 200; i++) {
        snprintf(cookie, sizeof cookie, "TP_SESSIONID=%03d", i);
        shake(vectors[1].server, cookie);
    }
    wtr_buffer_clear(&feed.lines);
    ask(V2_REQUEST, "TP_SESSIONID=199", vectors[1].body);
    ask(V2_REQUEST, "TP_SESSIONID=072", vectors[1].body);
    feed_expect("request" V2_OPENED "\nrequest" V2_OPENED "\n");
    ask(V2_REQUEST, "TP_SESSIONID=071", vectors[1].body);
    feed_expect("request seq=380517073\n"
                "finding @1020+64 the handshake of this session was not seen, so nothing of it is read\n");
}

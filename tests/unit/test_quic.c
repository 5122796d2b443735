/* SPDX-License-Identifier: Apache-2.0 */
/* QUIC: the keys and packets of RFC 9001 appendix A and RFC 9369 appendix A, and packets that were made with
 * Python's cryptography (fuzz/corpus/quic holds them and the RFC's, as lists of datagrams). */
#include "protocol/quic_wire.h"

#include "datagram_feed.h"

#include <criterion/criterion.h>

static void *state;
static struct wtr_buffer seen;
static char ja4[WTR_JA4_TEXT], sni[64];

static void set_up(void)
{
    state = calloc(1, wtr_quic.datagram_state_size);
}

static void tear_down(void)
{
    wtr_quic.close_datagrams(state);
    free(state);
    wtr_buffer_free(&seen);
    wtr_buffer_free(&feed_log);
}

TestSuite(quic, .init = set_up, .fini = tear_down);

static void on_message(void *payload, const struct wtr_message *m)
{
    const struct wtr_tls_session *s = m->session;
    (void)payload;
    wtr_put_z(&seen, m->direction == WTR_FROM_CLIENT ? "C " : "S ");
    wtr_put_z(&seen, m->type);
    wtr_put_char(&seen, '\n');
    memcpy(ja4, s->ja4, sizeof ja4);
    snprintf(sni, sizeof sni, "%.*s", (int)s->sni.length, s->sni.data ? s->sni.data : "");
    cr_assert(m->span.piece_count > 0);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    (void)payload;
    cr_assert(at <= span->length && length <= span->length - at);
    wtr_put_z(&seen, "! ");
    wtr_put_z(&seen, reason);
    wtr_put_char(&seen, '\n');
}

static struct wtr_sink sink = {.message = on_message, .finding = on_finding};

static void send_from(bool server, const uint8_t *data, size_t length)
{
    const struct wtr_endpoint near = {{{1}}, 50000}, far = {{{2}}, 443};
    uint8_t *exact = malloc(length ? length : 1);
    memcpy(exact, data, length);
    struct wtr_piece piece = {.length = length, .offset = 1000, .frame = 7, .time_ns = 5};
    const struct wtr_datagram d = {
        .from = server ? far : near, .to = server ? near : far, .span = {exact, length, &piece, 1, NULL}};
    wtr_quic.datagram(state, &d, &sink);
    free(exact);
}

/* Sends the datagrams of the list. */
static struct bytes load(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/quic/%s", WTR_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s", path);
    struct bytes b = {malloc(4096), 0};
    b.length = fread(b.data, 1, 4096, file);
    fclose(file);
    return b;
}

static void play(const char *name)
{
    struct bytes b = load(name);
    for (size_t at = 0; at < b.length;) {
        size_t length = (size_t)b.data[at + 1] << 8 | b.data[at + 2];
        send_from(b.data[at] & 1, b.data + at + 3, length);
        at += 3 + length;
    }
    free(b.data);
}

static const char *types(void)
{
    wtr_put_char(&seen, '\0');
    seen.length = 0;
    return seen.data;
}

static void expect_bytes(const uint8_t *bytes, const char *digits)
{
    struct bytes expected = from_hex(digits);
    cr_expect_arr_eq(bytes, expected.data, expected.length, "%s", digits);
    free(expected.data);
}

static void derive(uint32_t version, struct wtr_quic_secrets *secrets)
{
    static const uint8_t cid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
    cr_assert(wtr_quic_derive(version, wtr_text_of(cid, sizeof cid), secrets));
    for (int i = 0; i < 2; i++)
        cr_assert(wtr_quic_make_hp(&secrets->keys[i]) && wtr_quic_make_key(&secrets->keys[i]));
}

/* RFC 9001 A.1. */
Test(quic, keys_of_version_1)
{
    struct wtr_quic_secrets s;
    derive(1, &s);
    expect_bytes(s.keys[WTR_FROM_CLIENT].key, "1f369613dd76d5467730efcbe3b1a22d");
    expect_bytes(s.keys[WTR_FROM_CLIENT].iv, "fa044b2f42a3fd3b46fb255c");
    expect_bytes(s.keys[WTR_FROM_CLIENT].hp, "9f50449e04a0e810283a1e9933adedd2");
    expect_bytes(s.keys[WTR_FROM_SERVER].key, "cf3a5331653c364c88f0f379b6067e37");
    expect_bytes(s.keys[WTR_FROM_SERVER].iv, "0ac1493ca1905853b0bba03e");
    expect_bytes(s.keys[WTR_FROM_SERVER].hp, "c206b8d9b9f0f37644430b490eeaa314");
}

/* RFC 9369 A.1. */
Test(quic, keys_of_version_2)
{
    struct wtr_quic_secrets s;
    derive(0x6b3343cf, &s);
    expect_bytes(s.keys[WTR_FROM_CLIENT].key, "8b1a0bc121284290a29e0971b5cd045d");
    expect_bytes(s.keys[WTR_FROM_CLIENT].iv, "91f73e2351d8fa91660e909f");
    expect_bytes(s.keys[WTR_FROM_CLIENT].hp, "45b95e15235d6f45a6b19cbcb0294ba9");
    expect_bytes(s.keys[WTR_FROM_SERVER].key, "82db637861d55e1d011f19ea71d5d2a7");
    expect_bytes(s.keys[WTR_FROM_SERVER].iv, "dd13c276499c0249d3310652");
    expect_bytes(s.keys[WTR_FROM_SERVER].hp, "edf6d05c83121201b436e16877593c3a");
}

/* The packets of RFC 9001 A.2 and A.3. */
Test(quic, packets_of_rfc_9001)
{
    play("rfc9001");
    cr_expect_str_eq(types(), "C initial\nC client_hello\nS initial\nS server_hello\n");
    cr_expect_str_eq(sni, "example.com");
    cr_expect(strncmp(ja4, "q13d02", 6) == 0, "%s", ja4);
    wtr_quic.finish_datagrams(state, &sink);
    cr_expect_str_eq(types(), "C session\n");
}

/* The hello's second part comes first. */
Test(quic, a_hello_over_two_packets_of_version_2)
{
    play("split_v2");
    cr_expect_str_eq(types(), "C initial\nC initial\nC client_hello\n");
    cr_expect_str_eq(sni, "example.com");
}

Test(quic, a_retry_changes_the_keys)
{
    play("retry");
    cr_expect_str_eq(types(), "C initial\nS retry\nC initial\nC client_hello\n");
}

Test(quic, versions_are_negotiated)
{
    play("versions");
    cr_expect_str_eq(types(), "C initial\nS version_negotiation\n");
}

/* Any bit that is wrong, and nothing is said: it is not shown to be QUIC. */
Test(quic, a_changed_packet_says_nothing)
{
    struct bytes b = load("split_v2");
    size_t length = (size_t)b.data[1] << 8 | b.data[2];
    for (size_t at = 0; at < length; at += 5) {
        tear_down();
        seen = feed_log = (struct wtr_buffer){0};
        set_up();
        b.data[3 + at] ^= 4;
        send_from(false, b.data + 3, length);
        b.data[3 + at] ^= 4;
        cr_expect_str_eq(types(), "", "%zu", at);
    }
    send_from(false, b.data + 3, length);
    cr_expect_str_eq(types(), ""); /* these ends were refused */
    free(b.data);
}

Test(quic, every_cut)
{
    struct bytes b = load("rfc9001");
    size_t length = (size_t)b.data[1] << 8 | b.data[2];
    for (size_t cut = 0; cut < length; cut++) {
        struct bytes part = {b.data + 3, cut};
        cr_expect_eq(feed_bid(&wtr_quic, part, 50000, 443), WTR_BID_NONE, "%zu", cut);
        send_from(false, b.data + 3, cut);
    }
    struct bytes whole = {b.data + 3, length};
    cr_expect_eq(feed_bid(&wtr_quic, whole, 50000, 443), WTR_BID_LIKELY);
    cr_expect_str_eq(types(), "");
    free(b.data);
}

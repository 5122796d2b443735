/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames are opened: handshakes in any order, with messages missing, again, or of another passphrase;
 * rekeying; several stations; frames that are cut, changed, or come again. */
#include "wlan_scene.h"

#include "packet_bytes.h"

static const char passphrase[] = "correct horse";
static const char ssid[] = "test net";

/* A frame with a UDP datagram ("xyz", 8 + 28 + 3 bytes). */
static void udp_frame(const struct scene *s, struct frame_bytes *f, bool to_ap, const uint8_t *to,
                      uint64_t number)
{
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t length = bytes_of("aa aa 03 00 00 00 08 00 " IPV4_UDP, bytes);
    begin_data(f, to, to_ap ? s->sta : scene_other, to_ap, (uint16_t)number, 0, false);
    put_frame(f, bytes, length);
    encipher(s, f, 24, number);
}

static void expect_open(struct listener *l, const struct scene *s, bool to_ap, uint64_t number, bool open)
{
    struct frame_bytes f;
    udp_frame(s, &f, to_ap, to_ap ? scene_other : s->sta, number);
    enum wtr_wlan_verdict verdict = hear(l, &f);
    cr_assert_eq(verdict, open ? WTR_WLAN_OPENED : WTR_WLAN_CLOSED, "number %ju: %d", (uintmax_t)number,
                 (int)verdict);
    if (!open)
        return;
    cr_assert_eq(l->headers.src_port, 49154);
    cr_assert_eq(l->headers.payload_at, 24 + 8 + 8 + 28);
    cr_assert_eq(l->headers.captured, 3);
    cr_assert_arr_eq(l->opened.bytes + l->headers.payload_at, "xyz", 3);
    const struct wtr_opening *opening = wtr_wlan_opening(l->wlan, l->opened.via);
    cr_assert_str_eq(opening->steps, "ccmp");
    cr_assert_str_eq(opening->key, "wifi test");
    cr_assert(opening->keeps_places);
}

/* Hears the messages in the order that their digits have. */
static void hear_messages(struct listener *l, struct scene *s, const char *order)
{
    struct frame_bytes f;
    for (; *order; order++) {
        message(s, *order - '0', &f);
        hear(l, &f);
    }
}

static void expect_after(const char *order, bool sha256, bool pairwise, bool group)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    listen_with(&l, ssid, passphrase);
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    s.sha256 = sha256;
    scene_derive(&s);
    hear_messages(&l, &s, order);
    expect_open(&l, &s, true, 1, pairwise);
    expect_open(&l, &s, false, 1, pairwise);
    udp_frame(&s, &f, false, scene_all, 1);
    cr_assert_eq(hear(&l, &f), group ? WTR_WLAN_OPENED : WTR_WLAN_CLOSED, "group after %s", order);
    stop_listening(&l);
}

Test(wlan_open, messages_in_any_order_and_number)
{
    for (int sha256 = 0; sha256 < 2; sha256++) {
        expect_after("1234", sha256, true, true);
        expect_after("4321", sha256, true, true);
        expect_after("2143", sha256, true, true);
        expect_after("3412", sha256, true, true);
        expect_after("11222334", sha256, true, true);
        expect_after("123", sha256, true, true);
        expect_after("23", sha256, true, true);
        expect_after("32", sha256, true, true);
        expect_after("12", sha256, true, false);
        expect_after("124", sha256, true, false);
        expect_after("125", sha256, true, true);
        expect_after("52", sha256, false, false);
        expect_after("134", sha256, false, false);
        expect_after("24", sha256, false, false);
        expect_after("", sha256, false, false);
    }
}

static enum wtr_wlan_why why_closed(struct listener *l)
{
    const struct wtr_wlan_counts *counts = wtr_wlan_counts(l->wlan);
    for (enum wtr_wlan_why why = 0; why < WTR_WLAN_WHYS; why++)
        if (counts->closed[why].count > 0)
            return why;
    return WTR_WLAN_WHYS;
}

static void beacon(struct frame_bytes *f, const char *name)
{
    static const uint8_t header[36] = {0x80, 0, 0, 0, 255,  255, 255, 255, 255, 255, 2,
                                       0,    0, 0, 0, 0xa0, 2,   0,   0,   0,   0,   0xa0};
    const uint8_t element[2] = {0, (uint8_t)strlen(name)};
    f->length = 0;
    put_frame(f, header, sizeof header);
    put_frame(f, element, 2);
    put_frame(f, name, strlen(name));
}

Test(wlan_open, why_frames_stay_closed)
{
    static const struct {
        const char *name, *secret, *messages;
        enum wtr_wlan_why why;
    } cases[] = {
        {NULL, "wrong horse", "1234", WTR_WLAN_NO_KEY_FITS},
        {"test net", "wrong horse", "1234", WTR_WLAN_NO_KEY_FITS},
        {"other net", "correct horse", "1234", WTR_WLAN_NO_KEY_TO_NETWORK},
        {"", "correct horse", "", WTR_WLAN_NO_HANDSHAKE},
        {"test net", "correct horse", "134", WTR_WLAN_HANDSHAKE_INCOMPLETE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct listener l;
        struct scene s;
        struct frame_bytes f;
        listen_with(&l, ssid, cases[i].secret);
        scene_open(&s, passphrase, ssid, scene_sta, 0x11);
        if (cases[i].name) {
            beacon(&f, cases[i].name);
            hear(&l, &f);
        }
        hear_messages(&l, &s, cases[i].messages);
        expect_open(&l, &s, true, 1, false);
        cr_assert_eq(why_closed(&l), cases[i].why, "case %zu: %d", i, (int)why_closed(&l));
        cr_assert_not_null(wtr_wlan_reason(why_closed(&l)));
        stop_listening(&l);
    }
}

/* A hidden network's beacon tells nothing; a name that came once does not hide another that came, too. */
Test(wlan_open, names_of_networks)
{
    static const char *const names[] = {"", "test net", "other net"};
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    listen_with(&l, ssid, passphrase);
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    for (size_t i = 0; i < 3; i++) {
        beacon(&f, names[i]);
        hear(&l, &f);
    }
    hear_messages(&l, &s, "12");
    expect_open(&l, &s, true, 1, true);
    stop_listening(&l);
}

/* A join is said when messages 2, 3 and 4 fit, of a handshake in clear, once. */
Test(wlan_open, a_station_joins)
{
    static const struct {
        const char *messages;
        unsigned joins;
    } cases[] = {{"1234", 1}, {"12344", 1}, {"234", 1}, {"3241", 1},
                 {"4321", 0}, {"124", 0},   {"123", 0}, {"134", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct listener l;
        struct scene s;
        struct frame_bytes f;
        listen_with(&l, ssid, passphrase);
        scene_open(&s, passphrase, ssid, scene_sta, 0x11);
        hear_messages(&l, &s, cases[i].messages);
        cr_assert_eq(l.joins, cases[i].joins, "after %s", cases[i].messages);
        if (l.joins) {
            cr_assert_arr_eq(l.join.bssid, scene_ap, 6);
            cr_assert_arr_eq(l.join.station, scene_sta, 6);
            cr_assert(wtr_text_is(l.join.entry->id, ssid));
        }
        struct scene again;
        scene_open(&again, passphrase, ssid, scene_sta, 0x22);
        for (int number = 1; number <= 4; number++) {
            message(&again, number, &f);
            encipher(&s, &f, 24, (uint64_t)number);
            hear(&l, &f);
        }
        cr_assert_eq(l.joins, cases[i].joins, "keys renewed after %s", cases[i].messages);
        stop_listening(&l);
    }
}

Test(wlan_open, a_key_in_place_of_a_passphrase)
{
    struct listener l;
    struct scene s;
    char hex[65];
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    for (size_t i = 0; i < 32; i++)
        (void)snprintf(hex + 2 * i, 3, i % 2 ? "%02x" : "%02X", s.pmk[i]);
    listen_with(&l, ssid, hex);
    hear_messages(&l, &s, "12");
    expect_open(&l, &s, true, 1, true);
    stop_listening(&l);
}

/* A byte of any message's check, nonce or keys changed: the message proves nothing. */
Test(wlan_open, tampered_messages)
{
    static const uint32_t places[] = {24 + 8 + 6, 24 + 8 + 17, 24 + 8 + 81, 24 + 8 + 99};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct listener l;
        struct scene s;
        struct frame_bytes f;
        listen_with(&l, ssid, passphrase);
        scene_open(&s, passphrase, ssid, scene_sta, 0x11);
        hear_messages(&l, &s, "1");
        message(&s, 2, &f);
        f.bytes[places[i]] ^= 0x10;
        hear(&l, &f);
        expect_open(&l, &s, true, 1, false);
        hear_messages(&l, &s, "2");
        message(&s, 3, &f);
        f.bytes[places[i]] ^= 0x10;
        hear(&l, &f);
        expect_open(&l, &s, true, 1, true);
        udp_frame(&s, &f, false, scene_all, 1);
        cr_assert_eq(hear(&l, &f), WTR_WLAN_CLOSED, "message 3 with byte %u changed", places[i]);
        stop_listening(&l);
    }
}

Test(wlan_open, messages_cut_at_every_length)
{
    struct scene s;
    for (uint32_t cut = 1; cut < 24 + 8 + 99 + 22; cut++) {
        struct listener l;
        struct frame_bytes f;
        listen_with(&l, ssid, passphrase);
        scene_open(&s, passphrase, ssid, scene_sta, 0x11);
        hear_messages(&l, &s, "1");
        message(&s, 2, &f);
        f.length = cut;
        hear(&l, &f);
        expect_open(&l, &s, true, 1, false);
        stop_listening(&l);
    }
}

/* A new handshake between the same two, partly under the keys of the old one; then frames that were sent
 * before it. */
Test(wlan_open, rekeying)
{
    struct listener l;
    struct scene s, again;
    struct frame_bytes f;
    listen_with(&l, ssid, passphrase);
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    scene_open(&again, passphrase, ssid, scene_sta, 0x22);
    memset(again.gtk, 0x33, 16);
    again.gtk_id = 2;
    hear_messages(&l, &s, "1234");
    expect_open(&l, &s, true, 7, true);
    for (int number = 1; number <= 4; number++) {
        message(&again, number, &f);
        encipher(&s, &f, 24, (uint64_t)number + 20);
        cr_assert_eq(hear(&l, &f), WTR_WLAN_OPENED, "message %d", number);
    }
    expect_open(&l, &again, true, 1, true);
    expect_open(&l, &s, true, 8, true);
    udp_frame(&again, &f, false, scene_all, 1);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_OPENED);
    udp_frame(&s, &f, false, scene_all, 2);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_OPENED, "the old group key");
    stop_listening(&l);
}

/* The group key handshake, under the pairwise key. */
Test(wlan_open, a_new_group_key)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    listen_with(&l, ssid, passphrase);
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    hear_messages(&l, &s, "1234");
    memset(s.gtk, 0x33, 16);
    s.gtk_id = 2;
    udp_frame(&s, &f, false, scene_all, 1);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_CLOSED);
    message(&s, 5, &f);
    encipher(&s, &f, 24, 3);
    hear(&l, &f);
    udp_frame(&s, &f, false, scene_all, 1);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_OPENED);
    stop_listening(&l);
}

Test(wlan_open, stations_have_keys_of_their_own)
{
    struct listener l;
    struct scene one, two;
    listen_with(&l, ssid, passphrase);
    scene_open(&one, passphrase, ssid, scene_sta, 0x11);
    scene_open(&two, passphrase, ssid, scene_other, 0x22);
    struct frame_bytes f[4];
    message(&one, 1, &f[0]);
    message(&two, 1, &f[1]);
    message(&one, 2, &f[2]);
    message(&two, 2, &f[3]);
    for (size_t i = 0; i < 4; i++)
        hear(&l, &f[i]);
    expect_open(&l, &one, true, 1, true);
    expect_open(&l, &two, true, 1, true);
    two.sta = scene_sta; /* its key under the other one's address */
    expect_open(&l, &two, true, 2, false);
    cr_assert_eq(why_closed(&l), WTR_WLAN_CHECK_FAILS);
    stop_listening(&l);
}

/* As many pairs as are kept, and more, without a key: the one with a key stays. */
Test(wlan_open, a_flood_of_handshakes)
{
    struct listener l;
    struct scene s, forged;
    struct frame_bytes f;
    uint8_t address[6] = {2, 9, 9};
    listen_with(&l, ssid, passphrase);
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    scene_open(&forged, passphrase, ssid, address, 0x44);
    memset(forged.ptk, 0, sizeof forged.ptk);
    hear_messages(&l, &s, "1234");
    for (unsigned i = 0; i < 3000; i++) {
        address[4] = (uint8_t)(i >> 8);
        address[5] = (uint8_t)i;
        message(&forged, (int)(i % 3) + 1, &f);
        hear(&l, &f);
    }
    expect_open(&l, &s, true, 1, true);
    stop_listening(&l);
}

Test(wlan_open, tampered_and_cut_frames)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f, bad;
    listen_with(&l, ssid, passphrase);
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    hear_messages(&l, &s, "1234");
    udp_frame(&s, &f, true, scene_other, 9);
    for (uint32_t n = 24; n < f.length; n++) {
        bad = f;
        bad.length = n;
        cr_assert_neq(hear(&l, &bad), WTR_WLAN_OPENED, "cut to %u", n);
    }
    for (uint32_t i = 32; i < f.length; i++) {
        bad = f;
        bad.bytes[i] ^= 0x80;
        cr_assert_neq(hear(&l, &bad), WTR_WLAN_OPENED, "byte %u", i);
    }
    cr_assert_eq(hear(&l, &f), WTR_WLAN_OPENED);
    stop_listening(&l);
}

/* The same frame again, with and without the retry bit; numbers in disorder; a number long past. */
Test(wlan_open, frames_that_come_again)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    listen_with(&l, ssid, passphrase);
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    hear_messages(&l, &s, "1234");
    udp_frame(&s, &f, true, scene_other, 5);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_OPENED);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_DROPPED);
    f.bytes[1] |= 0x08;
    cr_assert_eq(hear(&l, &f), WTR_WLAN_DROPPED);
    expect_open(&l, &s, true, 4, true);
    expect_open(&l, &s, true, 3000, true);
    udp_frame(&s, &f, true, scene_other, 6);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_DROPPED);
    expect_open(&l, &s, true, 2000, true);
    expect_open(&l, &s, false, 5, true); /* the other direction counts by itself */
    const struct wtr_wlan_counts *counts = wtr_wlan_counts(l.wlan);
    cr_assert_eq(counts->opened, 8);
    cr_assert_eq(counts->repeated, 2);
    cr_assert_eq(counts->outdated.count, 1);
    /* A message 3 that comes again may make the station count anew, with the same key. */
    hear_messages(&l, &s, "3");
    expect_open(&l, &s, true, 1, true);
    stop_listening(&l);
}

/* A check sequence at the end that no header tells of. */
Test(wlan_open, an_undeclared_check_sequence)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    listen_with(&l, ssid, passphrase);
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    hear_messages(&l, &s, "12");
    udp_frame(&s, &f, true, scene_other, 1);
    uint32_t crc = UINT32_MAX;
    for (uint32_t i = 0; i < f.length; i++) {
        crc ^= f.bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    }
    crc = ~crc;
    put_frame(
        &f, &(uint8_t[4]){(uint8_t)crc, (uint8_t)(crc >> 8), (uint8_t)(crc >> 16), (uint8_t)(crc >> 24)}, 4);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_OPENED);
    cr_assert_eq(l.headers.captured, 3);
    stop_listening(&l);
}

Test(wlan_open, another_cipher)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    listen_with(&l, ssid, passphrase);
    scene_open(&s, passphrase, ssid, scene_sta, 0x11);
    hear_messages(&l, &s, "12");
    udp_frame(&s, &f, true, scene_other, 1);
    f.bytes[27] = 0; /* no extended IV: WEP */
    cr_assert_eq(hear(&l, &f), WTR_WLAN_CLOSED);
    cr_assert_eq(why_closed(&l), WTR_WLAN_OTHER_CIPHER);
    stop_listening(&l);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What an opened frame holds beside one MSDU: fragments of one, several of them, a management frame. */
#include "wlan_scene.h"

#include "packet_bytes.h"

static const char passphrase[] = "correct horse";
static const char ssid[] = "test net";

static void begin(struct listener *l, struct scene *s)
{
    struct frame_bytes f;
    listen_with(l, ssid, passphrase);
    scene_open(s, passphrase, ssid, scene_sta, 0x11);
    for (int number = 1; number <= 4; number++) {
        message(s, number, &f);
        hear(l, &f);
    }
}

static uint8_t msdu[8 + 28 + 3 + 5];
enum { MSDU = 8 + 28 + 3 };

/* Bytes from..to of an MSDU that holds a UDP datagram, as one fragment. */
static void fragment(const struct scene *s, struct frame_bytes *f, uint16_t sequence, uint8_t number,
                     uint32_t from, uint32_t to, uint64_t packet_number)
{
    uint8_t bytes[TEST_PACKET_SIZE];
    cr_assert_eq(bytes_of("aa aa 03 00 00 00 08 00 " IPV4_UDP, bytes), MSDU);
    memcpy(msdu, bytes, MSDU);
    begin_data(f, scene_other, s->sta, true, sequence, number, to < MSDU);
    put_frame(f, bytes + from, to - from);
    encipher(s, f, 24, packet_number);
}

Test(wlan_parts, fragments_are_joined)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    enum wtr_header_verdict verdict;
    begin(&l, &s);
    uint64_t first = l.frames + 1;
    fragment(&s, &f, 7, 0, 0, 36, 10);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_KEPT);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_DROPPED, "the same again");
    fragment(&s, &f, 7, 1, 36, 38, 11);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_KEPT);
    fragment(&s, &f, 7, 2, 38, MSDU, 12);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_JOINED);
    cr_assert_eq(l.joined.length, MSDU);
    cr_assert_arr_eq(l.joined.bytes, msdu, MSDU);
    cr_assert_eq(l.joined.piece_count, 3);
    static const size_t at[] = {0, 36, 38};
    for (size_t i = 0; i < 3; i++) {
        uint64_t frame = first + i + (i > 0);
        cr_assert_eq(l.joined.pieces[i].at, at[i]);
        cr_assert_eq(l.joined.pieces[i].frame, frame);
        cr_assert_eq(l.joined.pieces[i].offset, 1000 * frame + 16 + 24 + 8);
        cr_assert_eq(l.joined.pieces[i].via, l.opened.via);
    }
    cr_assert_eq(l.opened.frame, first);
    cr_assert(wtr_headers_msdu(&l.opened, &l.headers, &verdict));
    cr_assert_eq(verdict, WTR_HEADERS_UDP);
    cr_assert_eq(l.headers.payload_at, 36);
    stop_listening(&l);
}

/* The last of three fragments is offered after another one than the second. */
Test(wlan_parts, fragments_that_do_not_belong_together)
{
    static const struct {
        uint16_t sequence;
        uint8_t number;
        uint64_t packet_number;
    } seconds[] = {{8, 1, 11}, {7, 2, 11}, {7, 1, 12}, {7, 1, 9}};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        struct listener l;
        struct scene s;
        struct frame_bytes f;
        begin(&l, &s);
        fragment(&s, &f, 7, 0, 0, 16, 10);
        hear(&l, &f);
        fragment(&s, &f, seconds[i].sequence, seconds[i].number, 16, 32, seconds[i].packet_number);
        cr_assert_eq(hear(&l, &f), WTR_WLAN_KEPT);
        fragment(&s, &f, 7, 2, 32, MSDU, 13);
        cr_assert_eq(hear(&l, &f), WTR_WLAN_KEPT, "case %zu", i);
        wtr_wlan_finish(l.wlan);
        const struct wtr_wlan_tally *lost = &wtr_wlan_counts(l.wlan)->lost;
        cr_assert_eq(lost->count, 3, "case %zu: %ju", i, (uintmax_t)lost->count);
        cr_assert(lost->timed && lost->first.frame > 4);
        stop_listening(&l);
    }
}

/* The second half is under the keys of a later handshake. */
Test(wlan_parts, fragments_under_two_keys_of_one_network)
{
    struct listener l;
    struct scene s, group;
    struct frame_bytes f;
    begin(&l, &s);
    group = s;
    fragment(&s, &f, 7, 0, 0, 16, 10);
    hear(&l, &f);
    scene_open(&group, passphrase, ssid, scene_sta, 0x22);
    for (int number = 1; number <= 4; number++) {
        message(&group, number, &f);
        hear(&l, &f);
    }
    fragment(&group, &f, 7, 1, 16, MSDU, 1);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_KEPT);
    stop_listening(&l);
}

Test(wlan_parts, more_fragmented_msdus_than_are_kept)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    begin(&l, &s);
    for (uint16_t i = 0; i < 40; i++) {
        fragment(&s, &f, i, 0, 0, 36, 10U + 2U * i);
        cr_assert_eq(hear(&l, &f), WTR_WLAN_KEPT);
    }
    fragment(&s, &f, 39, 1, 36, MSDU, 10 + 2 * 39 + 1);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_JOINED);
    fragment(&s, &f, 0, 1, 36, MSDU, 11);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_KEPT);
    wtr_wlan_finish(l.wlan);
    cr_assert_eq(wtr_wlan_counts(l.wlan)->lost.count, 40);
    stop_listening(&l);
}

/* An A-MSDU: 14 + 8 + 43 bytes and three to fill up, then 14 + 8 + 31. */
Test(wlan_parts, an_aggregate)
{
    static const uint8_t qos[2] = {0x85, 0};
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    uint8_t bytes[TEST_PACKET_SIZE];
    enum wtr_header_verdict verdict;
    begin(&l, &s);
    uint32_t length = bytes_of(MAC_B MAC_A "00 33 aa aa 03 00 00 00 08 00 " IPV4_TCP "00 00 00 " MAC_B MAC_A
                                           "00 27 aa aa 03 00 00 00 08 00 " IPV4_UDP,
                               bytes);
    begin_data(&f, scene_other, scene_sta, true, 9, 0, false);
    f.bytes[0] = 0x88;
    put_frame(&f, qos, 2);
    put_frame(&f, bytes, length);
    encipher(&s, &f, 26, 10);
    cr_assert_eq(hear(&l, &f), WTR_WLAN_OPENED);
    cr_assert(wtr_headers_msdu(&l.opened, &l.headers, &verdict));
    cr_assert_eq(verdict, WTR_HEADERS_TCP);
    cr_assert_eq(l.headers.payload_at, 34 + 14 + 8 + 40);
    cr_assert(wtr_headers_msdu(&l.opened, &l.headers, &verdict));
    cr_assert_eq(verdict, WTR_HEADERS_UDP);
    cr_assert_eq(l.headers.payload_at, 34 + 68 + 14 + 8 + 28);
    cr_assert_arr_eq(l.opened.bytes + l.headers.payload_at, "xyz", 3);
    cr_assert_not(wtr_headers_msdu(&l.opened, &l.headers, &verdict));
    stop_listening(&l);
}

/* A deauthentication to all, with its check (12.5.4). */
static void leave_all(const struct scene *s, struct frame_bytes *f, uint8_t key_id)
{
    const uint8_t header[4] = {0xc0, 0, 0, 0};
    const uint8_t body[20] = {2, 0, 76, 16, key_id, 0, 1};
    uint8_t checked[40] = {0xc0}, mac[16];
    f->length = 0;
    put_frame(f, header, 4);
    put_frame(f, scene_all, 6);
    put_frame(f, scene_ap, 6);
    put_frame(f, scene_ap, 6);
    put_frame(f, &(uint8_t[2]){0x10, 0}, 2);
    put_frame(f, body, sizeof body);
    memcpy(checked + 2, f->bytes + 4, 18);
    memcpy(checked + 20, body, 20);
    scene_cmac(s->igtk, checked, 40, mac);
    memcpy(f->bytes + f->length - 8, mac, 8);
}

Test(wlan_parts, management_frames_to_all)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    begin(&l, &s);
    const struct wtr_wlan_counts *counts = wtr_wlan_counts(l.wlan);
    leave_all(&s, &f, 4);
    hear(&l, &f);
    cr_assert(counts->checked == 1 && counts->forged.count == 0);
    f.bytes[24] = 3;
    hear(&l, &f);
    cr_assert(counts->checked == 1 && counts->forged.count == 1);
    leave_all(&s, &f, 5); /* a key that is not known */
    hear(&l, &f);
    f.length = 26; /* without a check */
    hear(&l, &f);
    cr_assert(counts->checked == 1 && counts->forged.count == 1);
    stop_listening(&l);
}

/* J.9's frame between the two of the scene, enciphered with the flag of a management frame in its nonce. */
Test(wlan_parts, a_protected_management_frame)
{
    struct listener l;
    struct scene s;
    struct frame_bytes f;
    begin(&l, &s);
    const struct wtr_wlan_counts *counts = wtr_wlan_counts(l.wlan);
    begin_data(&f, scene_ap, scene_sta, true, 3, 0, false);
    f.bytes[0] = 0xc0;
    f.bytes[1] = 0;
    put_frame(&f, &(uint8_t[2]){3, 0}, 2);
    encipher(&s, &f, 24, 4);
    hear(&l, &f); /* the nonce is that of a data frame */
    cr_assert(counts->checked == 0 && counts->forged.count == 1);
    f.length = 26;
    memcpy(f.bytes + 24, (uint8_t[2]){3, 0}, 2);
    f.bytes[1] = 0;
    encipher_management(&s, &f, 24, 4);
    hear(&l, &f);
    cr_assert(counts->checked == 1 && counts->forged.count == 1);
    hear(&l, &f);
    cr_assert_eq(counts->checked, 1, "the same again");
    stop_listening(&l);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* 802.11 with a key to one network. The input is a row of frames: two bytes (the length, little-endian, in
 * the low twelve bits; flags), then the frame.
 *
 * What is held: each encrypted frame is opened or counted by why it is not; what is opened names its opening
 * and lies inside its packet; a joined MSDU's pieces cover it in order; and MSDUs are gone through to an end.
 */
#include "base/bytes.h"
#include "packet/wlan_eapol.h"
#include "packet/wlan_open.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RADIOTAP = 0x1000, CUT = 0x2000, UNTIMED = 0x4000, MAX_FRAMES = 512, MOST_MSDUS = 4096 };

static void hold(bool invariant)
{
    if (!invariant)
        __builtin_trap();
}

static void hold_msdus(const struct wtr_packet *packet, struct wtr_headers *headers)
{
    enum wtr_header_verdict verdict;
    unsigned count = 0;
    while (wtr_headers_msdu(packet, headers, &verdict)) {
        hold(++count < MOST_MSDUS);
        if (verdict == WTR_HEADERS_TCP || verdict == WTR_HEADERS_UDP || verdict == WTR_HEADERS_EAPOL)
            hold((uint64_t)headers->payload_at + headers->captured <= packet->captured);
        if (verdict != WTR_HEADERS_BAD && verdict != WTR_HEADERS_CUT)
            hold(headers->llc_at <= headers->llc_end && headers->llc_end <= headers->msdu_end);
    }
}

static void hold_joined(const struct wtr_span *joined)
{
    size_t at = 0;
    hold(joined->piece_count >= 2 && joined->piece_count <= 16);
    for (size_t i = 0; i < joined->piece_count; i++) {
        hold(joined->pieces[i].at == at);
        at += joined->pieces[i].length;
    }
    hold(at >= joined->length && at <= joined->length + 8); /* TKIP's check stood at the end */
}

static void read_group_keys(const uint8_t *bytes, size_t length)
{
    static const uint8_t kek[16] = "key encrypts key";
    struct wtr_group_key keys[WTR_EAPOL_GROUP_KEYS];
    struct wtr_eapol_key message;
    if (wtr_eapol_read(&message, bytes, length))
        hold(wtr_eapol_group_keys(&message, kek, keys) <= WTR_EAPOL_GROUP_KEYS);
}

static bool open_frame(struct wtr_wlan *wlan, const struct wtr_packet *packet, struct wtr_headers *headers)
{
    struct wtr_packet opened;
    struct wtr_span joined;
    enum wtr_wlan_verdict verdict = wtr_wlan_open(wlan, packet, headers, &opened, &joined);
    if (verdict == WTR_WLAN_JOINED)
        hold_joined(&joined);
    if (verdict == WTR_WLAN_OPENED || verdict == WTR_WLAN_JOINED) {
        hold(wtr_wlan_opening(wlan, opened.via) != NULL);
        hold_msdus(&opened, headers);
    }
    return verdict != WTR_WLAN_CLOSED;
}

static bool take_frame(struct wtr_wlan *wlan, const struct wtr_packet *packet, uint64_t *encrypted)
{
    struct wtr_headers headers;
    struct wtr_wlan_join join;
    switch (wtr_headers_read(packet, &headers)) {
    case WTR_HEADERS_WLAN_OTHER:
        wtr_wlan_management(wlan, packet, &headers);
        return false;
    case WTR_HEADERS_EAPOL:
        if (wtr_wlan_eapol(wlan, packet, &headers, &join))
            hold(join.entry != NULL);
        read_group_keys(packet->bytes + headers.payload_at, headers.captured);
        return false;
    case WTR_HEADERS_AGGREGATE:
        hold_msdus(packet, &headers);
        return false;
    case WTR_HEADERS_ENCRYPTED:
        ++*encrypted;
        return open_frame(wlan, packet, &headers);
    default:
        return false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct wtr_key_entry key = {
        WTR_KEY_WIFI, WTR_TEXT("seed"),
        WTR_TEXT("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"), "wifi seed", "here"};
    struct wtr_keyring ring = {0};
    uint64_t encrypted = 0, opened = 0, closed = 0, frame = 0;
    struct wtr_wlan *wlan = wtr_keyring_add(&ring, &key) ? wtr_wlan_new(&ring) : NULL;
    for (size_t at = 0; wlan && size - at >= 2 && frame < MAX_FRAMES;) {
        uint16_t head = wtr_le16(data + at);
        uint32_t length = head & 0x0fff;
        at += 2;
        if (length > size - at)
            length = (uint32_t)(size - at);
        struct wtr_packet packet = {.bytes = data + at,
                                    .captured = length,
                                    .original = length + ((head & CUT) != 0),
                                    .has_time = (head & UNTIMED) == 0,
                                    .time_ns = (int64_t)frame * 1000000,
                                    .link_type = (head & RADIOTAP) != 0 ? 127 : 105,
                                    .frame = frame + 1,
                                    .data_offset = at};
        opened += take_frame(wlan, &packet, &encrypted);
        frame++;
        at += length;
    }
    if (wlan) {
        wtr_wlan_finish(wlan);
        const struct wtr_wlan_counts *counts = wtr_wlan_counts(wlan);
        for (size_t i = 0; i < WTR_WLAN_WHYS; i++)
            closed += counts->closed[i].count;
        hold(opened + closed == encrypted && counts->opened >= opened);
    }
    wtr_wlan_free(wlan);
    wtr_keyring_free(&ring);
    return 0;
}

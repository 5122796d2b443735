/* SPDX-License-Identifier: Apache-2.0 */
/* Which key opens a frame, and what becomes of it (IEEE Std 802.11-2020, 12.5.2, 12.5.3, 12.6.21). */
#include "packet/wlan_open.h"

#include "base/bytes.h"
#include "packet/wlan_ccmp.h"
#include "packet/wlan_join.h"
#include "packet/wlan_keys.h"
#include "packet/wlan_relay.h"
#include "packet/wlan_tkip.h"

#include <stdlib.h>

enum {
    LONGEST = 1 << 17, /* the longest A-MSDU has 11454 bytes (9.4.2.157.2), and a radiotap header 65535 */
    SECURITY_HEADER = 8,
    EXTENDED_IV = 0x20,
    CHECK_SEQUENCE = 4,
    MANAGEMENT_COUNTER = 16,
    TO_STATION = 16, /* places of Michael's keys in TKIP's */
    FROM_STATION = 24,
};

struct wtr_wlan {
    struct wtr_wlan_keys *keys;
    struct wtr_tkip_table table;
    struct wtr_wlan_counts counts;
    struct wtr_join join;
    struct wtr_relay relay;
    uint8_t plain[LONGEST];
};

/* A frame being opened. */
struct opening {
    struct wtr_wlan *wlan;
    const struct wtr_packet *packet;
    struct wtr_wlan_frame frame;
    struct wtr_wlan_key *key;
    uint64_t number;
    uint8_t *plain; /* of the body */
    uint32_t length;
};

struct wtr_wlan *wtr_wlan_new(const struct wtr_keyring *keys)
{
    struct wtr_wlan *wlan = calloc(1, sizeof *wlan);
    if (!wlan)
        return NULL;
    wtr_tkip_make_table(&wlan->table);
    wlan->keys = wtr_wlan_keys_new(keys);
    if (wlan->keys)
        return wlan;
    free(wlan);
    return NULL;
}

void wtr_wlan_free(struct wtr_wlan *wlan)
{
    if (!wlan)
        return;
    wtr_wlan_keys_free(wlan->keys);
    free(wlan);
}

const struct wtr_wlan_counts *wtr_wlan_counts(const struct wtr_wlan *wlan)
{
    return &wlan->counts;
}

const struct wtr_opening *wtr_wlan_opening(const struct wtr_wlan *wlan, uint32_t via)
{
    return wlan ? wtr_wlan_keys_opening(wlan->keys, via) : NULL;
}

const char *wtr_wlan_reason(enum wtr_wlan_why why)
{
    static const char *const reasons[WTR_WLAN_WHYS] = {
        [WTR_WLAN_NO_KEY_TO_NETWORK] = "frames stay encrypted: the keyring has no key to their network",
        [WTR_WLAN_NO_HANDSHAKE] = "frames stay encrypted: no handshake of their stations came before them",
        [WTR_WLAN_HANDSHAKE_INCOMPLETE] =
            "frames stay encrypted: of their stations' handshake too little came before them",
        [WTR_WLAN_NO_KEY_FITS] =
            "frames stay encrypted: no key of the keyring fits what there is of their stations' handshake",
        [WTR_WLAN_NO_GROUP_KEY] =
            "group frames stay encrypted: no handshake that can be read gave their key before them",
        [WTR_WLAN_TOO_MANY_HANDSHAKES] = "frames stay encrypted: there are more handshakes than are tried",
        [WTR_WLAN_CHECK_FAILS] =
            "frames stay encrypted: they are damaged, or under another key than those that are known",
        [WTR_WLAN_OTHER_CIPHER] = "frames stay encrypted: their cipher is neither CCMP nor TKIP",
        [WTR_WLAN_CUT] = "frames stay encrypted: the capture cut them, so that their check can't be made",
    };
    return reasons[why];
}

/* ---- the frame's key */

static void find_network(const struct wtr_wlan_frame *frame, const uint8_t **bssid, const uint8_t **station)
{
    *bssid = frame->bssid ? frame->bssid : frame->receiver;
    *station = *bssid == frame->receiver || memcmp(*bssid, frame->receiver, 6) == 0 ? frame->transmitter
                                                                                    : frame->receiver;
}

/* The newest key that may have made the frame; NULL: none. Between access points either may be the one that
 * plays the station. */
static struct wtr_wlan_key *first_key(const struct wtr_wlan *wlan, const struct wtr_wlan_frame *frame)
{
    const uint8_t *bssid, *station;
    if (wtr_wlan_is_group(frame->receiver))
        return wtr_wlan_keys_group(wlan->keys, frame->transmitter);
    find_network(frame, &bssid, &station);
    struct wtr_wlan_key *key = wtr_wlan_keys_pairwise(wlan->keys, bssid, station);
    if (!key && !frame->bssid)
        key = wtr_wlan_keys_pairwise(wlan->keys, station, bssid);
    return key;
}

static bool michael_fits(const struct opening *o, const uint8_t *msdu, uint32_t length)
{
    bool from_station = (o->frame.flags & WTR_WLAN_TO_DS) != 0 && (o->frame.flags & WTR_WLAN_FROM_DS) == 0;
    const uint8_t *key = o->key->bytes + (from_station ? FROM_STATION : TO_STATION);
    return wtr_tkip_michael_fits(key, &o->frame, msdu, length);
}

static bool is_fragment(const struct wtr_wlan_frame *frame)
{
    return frame->fragment != 0 || (frame->flags & WTR_WLAN_MORE_FRAGMENTS) != 0;
}

/* Tries one key. What TKIP left of an MSDU that is whole is without its Michael check. */
static bool open_with(struct opening *o)
{
    const uint8_t *header = o->frame.bytes + o->frame.body_at;
    bool group = wtr_wlan_is_group(o->frame.receiver);
    if (group && o->key->id != header[3] >> 6)
        return false;
    if (o->key->cipher == WTR_CIPHER_CCMP) {
        o->number = wtr_ccmp_number(header);
        return wtr_ccmp_open(&o->key->ccm, &o->frame, o->plain, &o->length);
    }
    if (o->key->cipher != WTR_CIPHER_TKIP ||
        !wtr_tkip_open(&o->wlan->table, o->key->bytes, &o->frame, o->plain, &o->length))
        return false;
    o->number = wtr_tkip_number(header);
    if (is_fragment(&o->frame))
        return true;
    if (!michael_fits(o, o->plain, o->length))
        return false;
    o->length -= WTR_TKIP_MICHAEL;
    return true;
}

static bool open_with_any(struct opening *o)
{
    struct wtr_wlan_key *first = first_key(o->wlan, &o->frame);
    for (int twice = 0; first && twice < 2; twice++) {
        for (o->key = first; o->key; o->key = o->key->older)
            if (open_with(o))
                return true;
        if (!wtr_wlan_ends_in_check(o->frame.bytes, o->frame.length))
            break;
        o->frame.length -= CHECK_SEQUENCE; /* the capture has it and did not say so */
    }
    return false;
}

/* ---- frames that stay closed */

static enum wtr_wlan_why why_closed(const struct opening *o)
{
    static const enum wtr_wlan_why lacks[] = {
        [WTR_WLAN_LACK_NETWORK] = WTR_WLAN_NO_KEY_TO_NETWORK,
        [WTR_WLAN_LACK_HANDSHAKE] = WTR_WLAN_NO_HANDSHAKE,
        [WTR_WLAN_LACK_MESSAGE] = WTR_WLAN_HANDSHAKE_INCOMPLETE,
        [WTR_WLAN_LACK_FIT] = WTR_WLAN_NO_KEY_FITS,
        [WTR_WLAN_LACK_GROUP] = WTR_WLAN_NO_GROUP_KEY,
        [WTR_WLAN_LACK_PATIENCE] = WTR_WLAN_TOO_MANY_HANDSHAKES,
    };
    const uint8_t *bssid, *station;
    bool group = wtr_wlan_is_group(o->frame.receiver);
    find_network(&o->frame, &bssid, &station);
    if (first_key(o->wlan, &o->frame))
        return WTR_WLAN_CHECK_FAILS;
    return lacks[wtr_wlan_keys_lack(o->wlan->keys, group ? o->frame.transmitter : bssid, station, group)];
}

static void tally(struct wtr_wlan_tally *to, const struct wtr_packet *packet)
{
    if (to->count++ > 0)
        return;
    to->timed = packet->has_time;
    to->first = (struct wtr_origin){.time_ns = packet->time_ns,
                                    .frame = packet->frame,
                                    .record_offset = packet->record_offset,
                                    .offset = packet->data_offset,
                                    .length = packet->captured};
}

static enum wtr_wlan_verdict stay_closed(struct wtr_wlan *wlan, const struct wtr_packet *packet,
                                         enum wtr_wlan_why why)
{
    tally(&wlan->counts.closed[why], packet);
    return WTR_WLAN_CLOSED;
}

void wtr_wlan_finish(struct wtr_wlan *wlan)
{
    wtr_join_finish(&wlan->join);
    if (wlan->join.lost > 0)
        tally(&wlan->counts.lost, &wlan->join.first_lost);
    wlan->counts.lost.count = wlan->join.lost;
}

/* ---- frames that are open */

/* The frame's check stands for its content. */
static enum wtr_wlan_again came_before(const struct opening *o, unsigned counter)
{
    const uint8_t *bssid = o->frame.bssid ? o->frame.bssid : o->frame.receiver;
    bool from_access_point = memcmp(o->frame.transmitter, bssid, 6) == 0;
    uint64_t tag = wtr_le64(o->frame.bytes + o->frame.length - 8);
    return wtr_wlan_key_used(o->key, from_access_point, counter, o->number, tag);
}

/* An MSDU on its way over an access point. */
struct msdu {
    uint8_t way;
    const uint8_t *receiver, *destination, *source;
    const uint8_t *bytes;
    size_t length;
    int64_t time_ns;
};

static bool is_relayed(struct wtr_wlan *wlan, const struct msdu *m)
{
    if (m->way == WTR_WLAN_TO_DS && memcmp(m->destination, m->receiver, 6) != 0)
        wtr_relay_sent(&wlan->relay, m->source, m->bytes, m->length, m->time_ns);
    if (m->way != WTR_WLAN_FROM_DS ||
        !wtr_relay_handed_on(&wlan->relay, m->source, m->bytes, m->length, m->time_ns))
        return false;
    wlan->counts.relayed++;
    return true;
}

static enum wtr_wlan_verdict join_fragment(struct opening *o, struct wtr_headers *headers,
                                           struct wtr_packet *opened, struct wtr_span *joined)
{
    struct wtr_packet packet = *o->packet;
    packet.via = o->key->via;
    uint32_t at = headers->wlan_at + o->frame.body_at + SECURITY_HEADER;
    const struct wtr_join_msdu *msdu =
        wtr_join_add(&o->wlan->join, &packet, &o->frame, o->number, at, o->plain, o->length);
    if (!msdu)
        return WTR_WLAN_KEPT;
    *opened = msdu->first;
    opened->bytes = msdu->bytes;
    opened->captured = opened->original = (uint32_t)msdu->length;
    if (o->key->cipher == WTR_CIPHER_TKIP) {
        if (!michael_fits(o, msdu->bytes, opened->captured))
            return stay_closed(o->wlan, o->packet, WTR_WLAN_CHECK_FAILS);
        opened->captured = opened->original -= WTR_TKIP_MICHAEL;
    }
    *joined = (struct wtr_span){msdu->bytes, opened->captured, msdu->parts, msdu->part_count, NULL};
    headers->msdu_at = 0;
    headers->msdu_end = opened->captured;
    headers->aggregate = false;
    const struct msdu whole = {.way = o->frame.flags & (WTR_WLAN_TO_DS | WTR_WLAN_FROM_DS),
                               .receiver = o->frame.receiver,
                               .destination = o->frame.destination,
                               .source = o->frame.source,
                               .bytes = msdu->bytes,
                               .length = opened->captured,
                               .time_ns = opened->time_ns};
    return is_relayed(o->wlan, &whole) ? WTR_WLAN_DROPPED : WTR_WLAN_JOINED;
}

static enum wtr_wlan_verdict give_out(struct opening *o, struct wtr_headers *headers,
                                      struct wtr_packet *opened, struct wtr_span *joined)
{
    struct wtr_wlan_counts *counts = &o->wlan->counts;
    counts->opened++;
    enum wtr_wlan_again again = came_before(o, o->frame.tid);
    if (again != WTR_WLAN_FRESH) {
        counts->repeated += again == WTR_WLAN_REPEATED;
        if (again == WTR_WLAN_OUTDATED)
            tally(&counts->outdated, o->packet);
        return WTR_WLAN_DROPPED;
    }
    if (is_fragment(&o->frame))
        return join_fragment(o, headers, opened, joined);
    uint32_t at = headers->wlan_at + o->frame.body_at + SECURITY_HEADER;
    memcpy(o->wlan->plain, o->packet->bytes, at);
    *opened = *o->packet;
    opened->bytes = o->wlan->plain;
    opened->captured = opened->original = at + o->length;
    opened->via = o->key->via;
    headers->msdu_at = at;
    headers->msdu_end = opened->captured;
    headers->aggregate = o->frame.aggregate;
    return WTR_WLAN_OPENED;
}

/* Reads the frame's header; false if it can't be opened by any key, and why. */
static bool begin(struct opening *o, const struct wtr_headers *headers, enum wtr_wlan_why *why)
{
    const struct wtr_packet *packet = o->packet;
    *why = WTR_WLAN_CUT;
    if (headers->wlan_end > packet->captured)
        return false;
    *why = WTR_WLAN_CHECK_FAILS;
    if (headers->wlan_end > LONGEST ||
        !wtr_wlan_frame_read(&o->frame, packet->bytes + headers->wlan_at,
                             headers->wlan_end - headers->wlan_at, headers->wlan_padded))
        return false;
    if (o->frame.length - o->frame.body_at < SECURITY_HEADER + 8)
        return false;
    *why = WTR_WLAN_OTHER_CIPHER;
    o->plain = o->wlan->plain + headers->wlan_at + o->frame.body_at + SECURITY_HEADER;
    return (o->frame.bytes[o->frame.body_at + 3] & EXTENDED_IV) != 0;
}

enum wtr_wlan_verdict wtr_wlan_open(struct wtr_wlan *wlan, const struct wtr_packet *packet,
                                    struct wtr_headers *headers, struct wtr_packet *opened,
                                    struct wtr_span *joined)
{
    struct opening o = {.wlan = wlan, .packet = packet};
    enum wtr_wlan_why why;
    if (!begin(&o, headers, &why))
        return stay_closed(wlan, packet, why);
    if (!open_with_any(&o))
        return stay_closed(wlan, packet, why_closed(&o));
    return give_out(&o, headers, opened, joined);
}

bool wtr_wlan_relayed(struct wtr_wlan *wlan, const struct wtr_packet *opened,
                      const struct wtr_headers *headers)
{
    struct msdu msdu = {.way = opened->bytes[headers->wlan_at + 1] & (WTR_WLAN_TO_DS | WTR_WLAN_FROM_DS),
                        .receiver = opened->bytes + headers->wlan_at + 4,
                        .destination = headers->dst_mac,
                        .source = headers->src_mac,
                        .bytes = opened->bytes + headers->llc_at,
                        .length = headers->llc_end - headers->llc_at,
                        .time_ns = opened->time_ns};
    return is_relayed(wlan, &msdu);
}

/* ---- handshakes and management */

bool wtr_wlan_eapol(struct wtr_wlan *wlan, const struct wtr_packet *packet, const struct wtr_headers *headers,
                    struct wtr_wlan_join *join)
{
    struct wtr_wlan_frame frame;
    struct wtr_eapol_key message;
    const uint8_t *bytes = packet->bytes;
    return headers->wlan_at < packet->captured &&
           wtr_wlan_frame_read(&frame, bytes + headers->wlan_at, packet->captured - headers->wlan_at,
                               false) &&
           wtr_eapol_read(&message, bytes + headers->payload_at, headers->captured) &&
           wtr_wlan_keys_message(wlan->keys, frame.transmitter, frame.receiver, &message, join) &&
           packet->via == 0;
}

/* The name in the elements of a frame that tells one; `fixed`: what stands before them. */
static void note_name(struct wtr_wlan *wlan, const struct wtr_wlan_frame *frame, uint32_t fixed)
{
    struct wtr_cursor c = wtr_cursor_over(frame->bytes + frame->body_at, frame->length - frame->body_at);
    wtr_take(&c, fixed);
    while (wtr_left(&c) >= 2) {
        uint8_t id = wtr_take_u8(&c), length = wtr_take_u8(&c);
        const uint8_t *value = wtr_take(&c, length);
        if (!value || id != 0)
            continue;
        wtr_wlan_keys_network(wlan->keys, frame->third, wtr_text_of(value, length));
        return;
    }
}

/* 12.5.4: the check of a group addressed frame stands in its last element. */
static void check_group(struct wtr_wlan *wlan, const struct wtr_packet *packet, struct wtr_wlan_frame *frame)
{
    uint16_t id;
    uint64_t number;
    bool tried = false;
    if (!wtr_bip_element(frame, &id, &number) && wtr_wlan_ends_in_check(frame->bytes, frame->length))
        frame->length -= CHECK_SEQUENCE;
    if (!wtr_bip_element(frame, &id, &number))
        return;
    for (struct wtr_wlan_key *k = wtr_wlan_keys_group(wlan->keys, frame->transmitter); k; k = k->older) {
        if (k->cipher != WTR_CIPHER_BIP || k->id != id)
            continue;
        tried = true;
        if (wtr_bip_fits(k->bytes, frame)) {
            wlan->counts.checked++;
            return;
        }
    }
    if (tried)
        tally(&wlan->counts.forged, packet);
}

static void check_pairwise(struct wtr_wlan *wlan, const struct wtr_packet *packet,
                           const struct wtr_headers *headers)
{
    struct opening o = {.wlan = wlan, .packet = packet};
    enum wtr_wlan_why why;
    if (!begin(&o, headers, &why) || !first_key(wlan, &o.frame))
        return;
    if (!open_with_any(&o))
        tally(&wlan->counts.forged, packet);
    else if (came_before(&o, MANAGEMENT_COUNTER) == WTR_WLAN_FRESH)
        wlan->counts.checked++;
}

void wtr_wlan_management(struct wtr_wlan *wlan, const struct wtr_packet *packet,
                         const struct wtr_headers *headers)
{
    struct wtr_wlan_frame frame;
    uint32_t end = headers->wlan_end < packet->captured ? headers->wlan_end : packet->captured;
    if (end <= headers->wlan_at ||
        !wtr_wlan_frame_read(&frame, packet->bytes + headers->wlan_at, end - headers->wlan_at,
                             headers->wlan_padded) ||
        frame.type != WTR_WLAN_MANAGEMENT)
        return;
    bool leaving = frame.subtype == WTR_WLAN_DISASSOCIATION || frame.subtype == WTR_WLAN_DEAUTHENTICATION ||
                   frame.subtype == WTR_WLAN_ACTION;
    if ((frame.flags & WTR_WLAN_PROTECTED) != 0)
        check_pairwise(wlan, packet, headers);
    else if (frame.subtype == WTR_WLAN_BEACON || frame.subtype == WTR_WLAN_PROBE_RESPONSE)
        note_name(wlan, &frame, 12);
    else if (frame.subtype == WTR_WLAN_ASSOCIATION_REQUEST)
        note_name(wlan, &frame, 4);
    else if (frame.subtype == WTR_WLAN_REASSOCIATION_REQUEST)
        note_name(wlan, &frame, 10);
    else if (leaving && wtr_wlan_is_group(frame.receiver) && headers->wlan_end <= packet->captured)
        check_group(wlan, packet, &frame);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* 802.11 data frames in clear (IEEE Std 802.11-2020, 9.2 and 9.3.2), the MSDUs in them, and the headers that
 * capture drivers put before a frame: radiotap (radiotap.org), Prism, and AVS (both as described with
 * LINKTYPE_IEEE802_11_PRISM and _AVS at tcpdump.org). */
#include "base/bytes.h"
#include "packet/link_internal.h"
#include "packet/wlan_frame.h"

#include <string.h>

/* radiotap's Flags field, which is the second, behind a time stamp of eight bytes. */
enum {
    RADIOTAP_HAS_TSFT = 1 << 0,
    RADIOTAP_HAS_FLAGS = 1 << 1,
    RADIOTAP_FCS = 0x10,
    RADIOTAP_PADDED = 0x20,
    RADIOTAP_BAD_FCS = 0x40,
};

enum { FCS_LENGTH = 4 };

/* 9.3.2.1, table 9-30: which address is whose depends on the way through the distribution system. */
static void note_addresses(struct wtr_headers *headers, const uint8_t *frame, uint8_t flags)
{
    const uint8_t *first = frame + 4;
    const uint8_t *second = frame + 10;
    const uint8_t *third = frame + 16;
    const uint8_t *fourth = frame + 24;
    const uint8_t *dst = (flags & WTR_WLAN_TO_DS) != 0 ? third : first;
    const uint8_t *src = second;
    if ((flags & WTR_WLAN_FROM_DS) != 0)
        src = (flags & WTR_WLAN_TO_DS) != 0 ? fourth : third;
    headers->has_mac = true;
    memcpy(headers->dst_mac, dst, 6);
    memcpy(headers->src_mac, src, 6);
}

/* A frame that holds data. `padded`: its header is padded to a multiple of four bytes. */
static enum wtr_header_verdict data_frame(struct wtr_walk *walk, bool qos, bool padded)
{
    const uint8_t *frame = walk->bytes + walk->at;
    uint8_t flags = frame[1];
    uint32_t qos_at = (flags & WTR_WLAN_TO_DS) != 0 && (flags & WTR_WLAN_FROM_DS) != 0 ? 30 : 24;
    uint32_t length = qos_at;
    if (qos)
        length += (flags & WTR_WLAN_ORDER) != 0 ? 6 : 2;
    if (!wtr_walk_has(walk, length))
        return wtr_walk_short(walk, length, "the packet ends inside its 802.11 header");
    note_addresses(walk->headers, frame, flags);
    if ((flags & WTR_WLAN_PROTECTED) != 0)
        return WTR_HEADERS_ENCRYPTED;
    if ((flags & WTR_WLAN_MORE_FRAGMENTS) != 0 || (frame[22] & 0x0f) != 0)
        return wtr_walk_leave(walk, "802.11 fragments are not put together");
    if (padded) {
        length = (length + 3) & ~3U;
        if (!wtr_walk_has(walk, length))
            return wtr_walk_short(walk, length, "the packet ends inside its 802.11 padding");
    }
    walk->at += length;
    walk->headers->msdu_at = walk->at;
    walk->headers->msdu_end = walk->end;
    if (qos && (frame[qos_at] & WTR_WLAN_QOS_AGGREGATE) != 0) {
        walk->headers->aggregate = true;
        return WTR_HEADERS_AGGREGATE;
    }
    return wtr_walk_llc(walk);
}

/* 9.3.2.2.2: addresses and length of an MSDU in an aggregate; the next one starts at a multiple of four bytes
 * from this one. */
static enum wtr_header_verdict aggregated(struct wtr_walk *walk)
{
    static const uint8_t llc[6] = {0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00};
    struct wtr_headers *headers = walk->headers;
    headers->msdu_at = walk->end;
    if (!wtr_walk_has(walk, 14))
        return wtr_walk_short(walk, 14, "the packet ends inside its A-MSDU header");
    const uint8_t *p = walk->bytes + walk->at;
    uint32_t length = wtr_be16(p + 12);
    /* As receivers do: it is a plain MSDU that somebody marked as an aggregate. */
    if (memcmp(p, llc, sizeof llc) == 0)
        return wtr_walk_bad(walk, walk->at, "an address in the A-MSDU is an LLC header");
    memcpy(headers->dst_mac, p, 6);
    memcpy(headers->src_mac, p + 6, 6);
    uint32_t end = walk->end;
    walk->at += 14;
    if (!wtr_walk_limit(walk, length))
        return wtr_walk_bad(walk, walk->at - 2, "the A-MSDU's length runs past the frame");
    uint32_t padded = (14 + length + 3) & ~3U;
    headers->msdu_at = padded < end - (walk->at - 14) ? walk->at - 14 + padded : end;
    headers->llc_at = walk->at;
    headers->llc_end = walk->end;
    return wtr_walk_llc(walk);
}

bool wtr_headers_msdu(const struct wtr_packet *packet, struct wtr_headers *headers,
                      enum wtr_header_verdict *verdict)
{
    uint32_t at = headers->msdu_at, end = headers->msdu_end;
    if (at >= end || at > packet->captured)
        return false;
    struct wtr_headers next = {.layer = headers->layer,
                               .has_mac = headers->has_mac,
                               .wlan_at = headers->wlan_at,
                               .wlan_end = headers->wlan_end,
                               .wlan_padded = headers->wlan_padded,
                               .msdu_at = end,
                               .msdu_end = end,
                               .aggregate = headers->aggregate,
                               .llc_at = at,
                               .llc_end = headers->aggregate ? at : end};
    memcpy(next.src_mac, headers->src_mac, sizeof next.src_mac);
    memcpy(next.dst_mac, headers->dst_mac, sizeof next.dst_mac);
    *headers = next;
    struct wtr_walk walk = {.bytes = packet->bytes,
                            .at = at,
                            .captured = packet->captured < end ? packet->captured : end,
                            .end = end,
                            .headers = headers};
    *verdict = headers->aggregate ? aggregated(&walk) : wtr_walk_llc(&walk);
    return true;
}

static enum wtr_header_verdict any_frame(struct wtr_walk *walk, bool padded)
{
    walk->headers->wlan_at = walk->at;
    walk->headers->wlan_end = walk->end;
    walk->headers->wlan_padded = padded;
    if (!wtr_walk_has(walk, 2))
        return wtr_walk_short(walk, 2, "the packet ends inside its 802.11 header");
    uint8_t control = walk->bytes[walk->at];
    uint8_t type = (control >> 2) & 3;
    uint8_t subtype = control >> 4;
    if ((control & 3) != 0)
        return wtr_walk_leave(walk, "802.11 of another version than 0 is not read");
    if (type != WTR_WLAN_DATA || (subtype & WTR_WLAN_NO_BODY) != 0)
        return WTR_HEADERS_WLAN_OTHER;
    return data_frame(walk, (subtype & WTR_WLAN_QOS) != 0, padded);
}

enum wtr_header_verdict wtr_walk_wlan(struct wtr_walk *walk)
{
    walk->headers->layer = WTR_LAYER_WLAN;
    return any_frame(walk, false);
}

/* Passes over a header of `length` bytes before the frame, of which at least `least` must be. */
static enum wtr_header_verdict frame_behind(struct wtr_walk *walk, uint32_t length, uint32_t least,
                                            const char *reason)
{
    if (length < least)
        return wtr_walk_bad(walk, walk->at + 4, reason);
    if (!wtr_walk_has(walk, length))
        return wtr_walk_short(walk, length, reason);
    walk->at += length;
    return any_frame(walk, false);
}

/* The Flags field of a radiotap header that is there as a whole; 0 if it has none. */
static uint8_t radiotap_flags(const uint8_t *header, uint32_t length)
{
    uint32_t present = wtr_le32(header + 4);
    if ((present & RADIOTAP_HAS_FLAGS) == 0)
        return 0;
    uint32_t at = 8;
    for (uint32_t word = present; (word & 0x80000000U) != 0 && at + 4 <= length; at += 4)
        word = wtr_le32(header + at);
    if ((present & RADIOTAP_HAS_TSFT) != 0)
        at = ((at + 7) & ~7U) + 8;
    return at < length ? header[at] : 0;
}

enum wtr_header_verdict wtr_walk_radiotap(struct wtr_walk *walk)
{
    static const char bad_length[] = "the radiotap length does not fit";
    walk->headers->layer = WTR_LAYER_WLAN;
    if (!wtr_walk_has(walk, 8))
        return wtr_walk_short(walk, 8, "the packet ends inside its radiotap header");
    const uint8_t *header = walk->bytes + walk->at;
    uint32_t length = wtr_le16(header + 2);
    if (header[0] != 0)
        return wtr_walk_bad(walk, walk->at, "the radiotap version is not 0");
    if (length < 8)
        return wtr_walk_bad(walk, walk->at + 2, bad_length);
    if (!wtr_walk_has(walk, length))
        return wtr_walk_short(walk, length, bad_length);
    uint8_t flags = radiotap_flags(header, length);
    walk->at += length;
    if (walk->at == walk->end)
        return WTR_HEADERS_WLAN_OTHER;
    if ((flags & RADIOTAP_BAD_FCS) != 0)
        return wtr_walk_bad(walk, walk->at, "the receiver found the frame check sequence wrong");
    if ((flags & RADIOTAP_FCS) != 0) {
        uint32_t sent = walk->end - walk->at;
        if (sent < FCS_LENGTH)
            return wtr_walk_bad(walk, walk->at, "the packet ends inside its frame check sequence");
        wtr_walk_limit(walk, sent - FCS_LENGTH);
    }
    return any_frame(walk, (flags & RADIOTAP_PADDED) != 0);
}

enum wtr_header_verdict wtr_walk_avs(struct wtr_walk *walk)
{
    walk->headers->layer = WTR_LAYER_WLAN;
    if (!wtr_walk_has(walk, 8))
        return wtr_walk_short(walk, 8, "the packet ends inside its AVS header");
    return frame_behind(walk, wtr_be32(walk->bytes + walk->at + 4), 64, "the AVS length does not fit");
}

/* The byte order of a Prism header is that of the machine that captured; its message code, 0x44 or 0x41,
 * tells which. Drivers also wrote AVS headers under this link type; their version field tells them apart. */
enum wtr_header_verdict wtr_walk_prism(struct wtr_walk *walk)
{
    walk->headers->layer = WTR_LAYER_WLAN;
    if (!wtr_walk_has(walk, 8))
        return wtr_walk_short(walk, 8, "the packet ends inside its Prism header");
    const uint8_t *p = walk->bytes + walk->at;
    uint32_t code = wtr_be32(p);
    if ((code & 0xfffff000U) == 0x80211000U)
        return wtr_walk_avs(walk);
    uint32_t length = code == 0x44 || code == 0x41 ? wtr_be32(p + 4) : wtr_le32(p + 4);
    return frame_behind(walk, length, 24, "the Prism length does not fit");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* 802.11 frames on their way to what reads packets: opened where the keyring has a key to their network,
 * taken apart where several MSDUs or fragments of one stand in them. */
#include "case/extract.h"

enum wtr_status wtr_extract_wlan_begin(struct wtr_extract *x)
{
    size_t place = 0;
    if (!wtr_keyring_next(&x->c->keys, WTR_KEY_WIFI, &place))
        return WTR_OK;
    x->wlan = wtr_wlan_new(&x->c->keys);
    return x->wlan ? WTR_OK : WTR_E_MEMORY;
}

/* Reads every MSDU. The frame counts as unread, or as bad, once at most. */
static void read_msdus(struct wtr_extract *x, const struct wtr_packet *packet, struct wtr_headers *h)
{
    struct wtr_source_summary *s = &x->source->summary;
    uint64_t unread = s->unread_frames, bad = s->bad_frames, msdus = 0;
    enum wtr_header_verdict verdict;
    for (; wtr_headers_msdu(packet, h, &verdict); msdus++) {
        struct wtr_headers one = *h;
        one.aggregate = false;
        if (!packet->via || !wtr_wlan_relayed(x->wlan, packet, h))
            wtr_extract_read(x, packet, verdict, &one);
    }
    bool none_read = s->unread_frames - unread == msdus;
    s->unread_frames = unread + none_read;
    s->bad_frames = bad + (s->bad_frames > bad);
}

enum { MAX_PIECES = 16 };

/* An MSDU from several frames: TCP and UDP are read, if their headers stand in the first one. */
static void read_joined(struct wtr_extract *x, const struct wtr_packet *packet, struct wtr_headers *h,
                        const struct wtr_span *msdu)
{
    enum wtr_header_verdict verdict = WTR_HEADERS_OTHER;
    struct wtr_piece pieces[MAX_PIECES];
    bool read = wtr_headers_msdu(packet, h, &verdict) &&
                (verdict == WTR_HEADERS_TCP || verdict == WTR_HEADERS_UDP) &&
                h->payload_at <= msdu->pieces[0].length;
    if (!read) {
        x->source->summary.unread_frames++;
        return;
    }
    struct wtr_span payload = {msdu->bytes + h->payload_at, h->captured, pieces, 0, NULL};
    payload.piece_count = wtr_span_cut(msdu, h->payload_at, h->captured, pieces, MAX_PIECES);
    wtr_extract_transport(x, packet, h, &payload, verdict == WTR_HEADERS_UDP);
}

static void read_encrypted(struct wtr_extract *x, const struct wtr_packet *packet, struct wtr_headers *h)
{
    struct wtr_packet opened;
    struct wtr_span joined;
    enum wtr_wlan_verdict verdict =
        x->wlan ? wtr_wlan_open(x->wlan, packet, h, &opened, &joined) : WTR_WLAN_CLOSED;
    if (verdict == WTR_WLAN_CLOSED)
        x->source->summary.encrypted_frames++;
    else if (verdict == WTR_WLAN_OPENED)
        read_msdus(x, &opened, h);
    else if (verdict == WTR_WLAN_JOINED)
        read_joined(x, &opened, h, &joined);
}

void wtr_extract_wlan(struct wtr_extract *x, const struct wtr_packet *packet, enum wtr_header_verdict verdict,
                      struct wtr_headers *h)
{
    struct wtr_source_summary *s = &x->source->summary;
    if (verdict == WTR_HEADERS_ENCRYPTED) {
        read_encrypted(x, packet, h);
    } else if (verdict == WTR_HEADERS_AGGREGATE) {
        read_msdus(x, packet, h);
    } else {
        s->unread_frames++;
        struct wtr_wlan_join join;
        if (x->wlan && verdict == WTR_HEADERS_WLAN_OTHER)
            wtr_wlan_management(x->wlan, packet, h);
        else if (x->wlan && h->layer == WTR_LAYER_WLAN && wtr_wlan_eapol(x->wlan, packet, h, &join))
            wtr_joined_say(x, packet, h, &join);
    }
}

/* Frames that were not taken, by the first of them. */
static void tell(struct wtr_extract *x, const struct wtr_wlan_tally *tally, const char *reason)
{
    struct wtr_item item = {
        .fixed = {.origin = tally->first, .type = WTR_ITEM_FINDING, .device = WTR_NO_DEVICE},
        .where = WTR_TEXT("wlan"),
        .reason = wtr_text_z(reason),
        .values = {{.field = WTR_FIELD_COUNT_N, .type = WTR_VALUE_INTEGER, .number = (int64_t)tally->count},
                   {.field = WTR_FIELD_COUNT_N,
                    .type = WTR_VALUE_TEXT,
                    .text = tally->count == 1 ? WTR_TEXT("frame") : WTR_TEXT("frames")}},
        .value_count = 2,
    };
    if (tally->count > 0)
        wtr_extract_item(x, &item, tally->timed ? tally->first.time_ns : INT64_MAX);
}

void wtr_extract_wlan_end(struct wtr_extract *x)
{
    if (!x->wlan)
        return;
    wtr_wlan_finish(x->wlan);
    const struct wtr_wlan_counts *counts = wtr_wlan_counts(x->wlan);
    x->source->summary.opened_frames = counts->opened;
    for (enum wtr_wlan_why why = 0; why < WTR_WLAN_WHYS; why++)
        tell(x, &counts->closed[why], wtr_wlan_reason(why));
    tell(x, &counts->forged, "protected management frames do not fit any key that is known");
    tell(x, &counts->outdated, "frames are not believed: their packet numbers were long past");
    tell(x, &counts->lost, "802.11 fragments lack their rest");
}

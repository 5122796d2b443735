/* SPDX-License-Identifier: Apache-2.0 */
/* IP reassembly. The input is a row of fragments: six bytes each (identification; offset in units of eight,
 * two bytes; length; flags; seconds passed, with a sign), then the fragment's bytes.
 *
 * What is held: a whole datagram's pieces cover it in order and without holes; every byte of it is that of
 * the frame that its piece names, at the place that its piece names; and the counts add up. */
#include "base/bytes.h"
#include "packet/fragments.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD = 6, MORE = 1, V6 = 2, LONG = 4, UNTIMED = 8, MAX_FRAMES = 2048 };

static void hold(bool invariant)
{
    if (!invariant)
        __builtin_trap();
}

/* The input is the file that the fragments come from: a piece's offset is a place in it. */
static void hold_span(const struct wtr_span *span, const uint8_t *data, size_t size, uint64_t frames)
{
    size_t at = 0;
    hold(span->length > 0 && span->length <= 65535 && span->piece_count <= 64);
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_piece *piece = &span->pieces[i];
        hold(piece->at == at && piece->length > 0);
        hold(piece->frame >= 1 && piece->frame <= frames);
        hold(piece->offset <= size && piece->length <= size - piece->offset);
        hold(piece->record_offset + RECORD == piece->offset);
        hold(memcmp(span->bytes + at, data + piece->offset, piece->length) == 0);
        at += piece->length;
    }
    hold(at == span->length);
}

static struct wtr_headers headers_of(const uint8_t *record, size_t left)
{
    uint32_t length = (record[4] & LONG) != 0 ? record[3] * 256U : record[3];
    struct wtr_headers headers = {
        .ip_protocol = 17,
        .v6 = (record[4] & V6) != 0,
        .fragment_id = record[0],
        .fragment_at = (wtr_be16(record + 1) & 0x1fffU) * 8,
        .fragment_more = (record[4] & MORE) != 0,
        .length = length,
        .captured = length < left ? length : (uint32_t)left,
    };
    return headers;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wtr_fragments *fragments = wtr_fragments_new();
    if (fragments == NULL)
        return 0;
    uint64_t frames = 0;
    uint64_t seen[WTR_FRAGMENT_DROPPED + 1] = {0};
    int64_t time_ns = 0;
    for (size_t at = 0; size - at >= RECORD && frames < MAX_FRAMES; frames++) {
        const uint8_t *record = data + at;
        struct wtr_headers headers = headers_of(record, size - at - RECORD);
        time_ns += (int64_t)(int8_t)record[5] * 1000000000;
        struct wtr_packet packet = {
            .bytes = record + RECORD,
            .captured = headers.captured,
            .original = headers.length,
            .has_time = (record[4] & UNTIMED) == 0,
            .time_ns = time_ns,
            .frame = frames + 1,
            .record_offset = at,
            .data_offset = at + RECORD,
        };
        struct wtr_span span;
        const char *reason = NULL;
        enum wtr_fragment_verdict verdict = wtr_fragments_add(fragments, &packet, &headers, &span, &reason);
        hold((reason != NULL) == (verdict == WTR_FRAGMENT_DROPPED));
        seen[verdict]++;
        if (verdict == WTR_FRAGMENT_WHOLE)
            hold_span(&span, data, size, frames + 1);
        at += RECORD + headers.captured;
    }
    wtr_fragments_finish(fragments);
    struct wtr_fragment_counts counts = wtr_fragments_counts(fragments);
    hold(counts.fragments == frames && counts.whole == seen[WTR_FRAGMENT_WHOLE]);
    hold(counts.dropped >= seen[WTR_FRAGMENT_DROPPED] && counts.dropped <= frames);
    hold(counts.expired <= seen[WTR_FRAGMENT_KEPT]);
    wtr_fragments_free(fragments);
    return 0;
}

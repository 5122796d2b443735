/* SPDX-License-Identifier: Apache-2.0 */
/* A fragment joins those before it only as its receiver would let it: of the same MSDU, the next by its
 * number, opened by the same key, and with the next packet number (12.5.2.6, 12.5.3.4.4). So fragments of
 * different frames or keys are never mixed. */
#include "packet/wlan_join.h"

#include <string.h>

static void lose(struct wtr_join *join, const struct wtr_packet *packet, size_t count)
{
    if (join->lost == 0)
        join->first_lost = *packet;
    join->lost += count;
}

static void give_up(struct wtr_join *join, struct wtr_join_msdu *msdu)
{
    if (msdu->used)
        lose(join, &msdu->first, msdu->part_count);
    msdu->used = false;
}

static bool is_of(const struct wtr_join_msdu *msdu, const struct wtr_wlan_frame *frame)
{
    return msdu->used && msdu->sequence == frame->sequence && msdu->tid == frame->tid &&
           memcmp(msdu->transmitter, frame->transmitter, 6) == 0 &&
           memcmp(msdu->receiver, frame->receiver, 6) == 0;
}

static struct wtr_join_msdu *find(struct wtr_join *join, const struct wtr_wlan_frame *frame)
{
    for (size_t i = 0; i < WTR_JOIN_PLACES; i++)
        if (is_of(&join->msdus[i], frame))
            return &join->msdus[i];
    return NULL;
}

static struct wtr_join_msdu *oldest(struct wtr_join *join)
{
    struct wtr_join_msdu *best = &join->msdus[0];
    for (size_t i = 0; i < WTR_JOIN_PLACES && best->used; i++)
        if (!join->msdus[i].used || join->msdus[i].arrival < best->arrival)
            best = &join->msdus[i];
    return best;
}

static struct wtr_join_msdu *begin(struct wtr_join *join, struct wtr_join_msdu *msdu,
                                   const struct wtr_packet *packet, const struct wtr_wlan_frame *frame)
{
    give_up(join, msdu);
    msdu->used = true;
    msdu->arrival = join->arrivals++;
    memcpy(msdu->receiver, frame->receiver, 6);
    memcpy(msdu->transmitter, frame->transmitter, 6);
    msdu->sequence = frame->sequence;
    msdu->tid = frame->tid;
    msdu->via = packet->via;
    msdu->first = *packet;
    msdu->length = msdu->part_count = 0;
    return msdu;
}

static bool follows(const struct wtr_join_msdu *msdu, const struct wtr_packet *packet,
                    const struct wtr_wlan_frame *frame, uint64_t number, uint32_t length)
{
    return msdu->via == packet->via && msdu->part_count == frame->fragment && msdu->number + 1 == number &&
           msdu->part_count < WTR_JOIN_PARTS && length <= WTR_JOIN_LONGEST - msdu->length;
}

static void keep(struct wtr_join_msdu *msdu, const struct wtr_packet *packet, uint64_t number, uint32_t at,
                 const uint8_t *plain, uint32_t length)
{
    msdu->parts[msdu->part_count++] = (struct wtr_piece){
        .at = msdu->length,
        .length = length,
        .offset = packet->data_offset + at,
        .record_offset = packet->record_offset,
        .frame = packet->frame,
        .time_ns = packet->has_time ? packet->time_ns : msdu->first.time_ns,
        .via = packet->via,
    };
    memcpy(msdu->bytes + msdu->length, plain, length);
    msdu->length += length;
    msdu->number = number;
}

const struct wtr_join_msdu *wtr_join_add(struct wtr_join *join, const struct wtr_packet *packet,
                                         const struct wtr_wlan_frame *frame, uint64_t number, uint32_t at,
                                         const uint8_t *plain, uint32_t length)
{
    struct wtr_join_msdu *msdu = find(join, frame);
    bool last = (frame->flags & WTR_WLAN_MORE_FRAGMENTS) == 0;
    if (frame->fragment == 0) {
        msdu = begin(join, msdu ? msdu : oldest(join), packet, frame);
        if (length > WTR_JOIN_LONGEST) {
            lose(join, packet, 1);
            msdu->used = false;
            return NULL;
        }
    } else if (!msdu || !follows(msdu, packet, frame, number, length)) {
        lose(join, packet, 1);
        if (msdu)
            give_up(join, msdu);
        return NULL;
    }
    keep(msdu, packet, number, at, plain, length);
    msdu->used = !last;
    return last ? msdu : NULL;
}

void wtr_join_finish(struct wtr_join *join)
{
    for (size_t i = 0; i < WTR_JOIN_PLACES; i++)
        give_up(join, &join->msdus[i]);
}

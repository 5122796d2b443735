/* SPDX-License-Identifier: Apache-2.0 */
/* Which address is whose depends on the way through the distribution system (9.3.2.1, table 9-30). */
#include "packet/wlan_frame.h"

#include "base/bytes.h"

#include <zlib.h>

enum { SHORT_HEADER = 24, LONG_HEADER = 30, QOS_FIELD = 2, HT_FIELD = 4, CHECK = 4 };

static void set_ends(struct wtr_wlan_frame *frame)
{
    bool to = frame->type == WTR_WLAN_DATA && (frame->flags & WTR_WLAN_TO_DS) != 0;
    bool from = frame->type == WTR_WLAN_DATA && (frame->flags & WTR_WLAN_FROM_DS) != 0;
    frame->destination = to ? frame->third : frame->receiver;
    frame->source = from ? to ? frame->fourth : frame->third : frame->transmitter;
    frame->bssid = to && from ? NULL : to ? frame->receiver : from ? frame->transmitter : frame->third;
}

bool wtr_wlan_frame_read(struct wtr_wlan_frame *frame, const uint8_t *bytes, uint32_t length, bool padded)
{
    if (length < SHORT_HEADER || (bytes[0] & 3) != 0)
        return false;
    *frame = (struct wtr_wlan_frame){.bytes = bytes,
                                     .length = length,
                                     .type = (bytes[0] >> 2) & 3,
                                     .subtype = bytes[0] >> 4,
                                     .flags = bytes[1],
                                     .receiver = bytes + 4,
                                     .transmitter = bytes + 10,
                                     .third = bytes + 16,
                                     .sequence = (uint16_t)(wtr_le16(bytes + 22) >> 4),
                                     .fragment = bytes[22] & 0x0f};
    bool data = frame->type == WTR_WLAN_DATA;
    bool both = data && (frame->flags & WTR_WLAN_TO_DS) != 0 && (frame->flags & WTR_WLAN_FROM_DS) != 0;
    frame->qos = data && (frame->subtype & WTR_WLAN_QOS) != 0;
    frame->qos_at = both ? LONG_HEADER : SHORT_HEADER;
    uint32_t end = frame->qos_at + (frame->qos ? QOS_FIELD : 0);
    if ((frame->qos || !data) && (frame->flags & WTR_WLAN_ORDER) != 0)
        end += HT_FIELD;
    frame->body_at = padded ? (end + 3) & ~3U : end;
    if (frame->type == WTR_WLAN_CONTROL || frame->body_at > length)
        return false;
    if (both)
        frame->fourth = bytes + SHORT_HEADER;
    if (frame->qos) {
        frame->tid = bytes[frame->qos_at] & WTR_WLAN_QOS_TID;
        frame->aggregate = (bytes[frame->qos_at] & WTR_WLAN_QOS_AGGREGATE) != 0;
    }
    set_ends(frame);
    return true;
}

bool wtr_wlan_ends_in_check(const uint8_t *bytes, uint32_t length)
{
    if (length < CHECK)
        return false;
    uLong check = crc32(crc32(0, NULL, 0), bytes, length - CHECK);
    return wtr_le32(bytes + length - CHECK) == (uint32_t)check;
}

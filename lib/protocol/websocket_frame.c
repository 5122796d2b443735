/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of WebSocket (RFC 6455 5.2, 5.3, 5.5). */
#include "base/bytes.h"
#include "protocol/websocket_wire.h"

enum {
    FIN = 0x80,
    RSV1 = 0x40,
    OTHER_RSV = 0x30,
    OPCODE = 0x0f,
    MASK = 0x80,
    LENGTH_16 = 126,
    LENGTH_64 = 127,
    LONGEST_CONTROL = 125,
};

static const char *fault_of(const struct wtr_websocket_frame *frame, uint8_t first)
{
    bool control = wtr_websocket_is_control(frame->opcode);
    if (first & OTHER_RSV)
        return "a frame uses reserved bits";
    if (frame->opcode > WTR_WEBSOCKET_PONG || (frame->opcode > WTR_WEBSOCKET_BINARY && !control))
        return "a frame has a reserved opcode";
    if (control && (!frame->fin || frame->rsv1 || frame->length > LONGEST_CONTROL))
        return "a control frame is fragmented, compressed or too long";
    if (frame->opcode == WTR_WEBSOCKET_CONTINUATION && frame->rsv1)
        return "a frame uses reserved bits";
    return NULL;
}

enum wtr_http_verdict wtr_websocket_read_frame(const uint8_t *bytes, size_t available,
                                               struct wtr_websocket_frame *frame, const char **reason)
{
    struct wtr_cursor c = wtr_cursor_over(bytes, available);
    uint8_t first = wtr_take_u8(&c), second = wtr_take_u8(&c);
    if (c.bad)
        return WTR_HTTP_MORE;
    uint8_t code = second & ~MASK & 0xff;
    bool padded = false;
    *frame = (struct wtr_websocket_frame){.fin = first & FIN,
                                          .rsv1 = first & RSV1,
                                          .opcode = first & OPCODE,
                                          .masked = second & MASK,
                                          .length = code};
    if (code == LENGTH_16) {
        frame->length = wtr_take_be16(&c);
        padded = frame->length < LENGTH_16;
    } else if (code == LENGTH_64) {
        const uint8_t *length = wtr_take(&c, 8);
        frame->length = length ? wtr_be64(length) : UINT64_MAX / 2;
        padded = frame->length <= UINT16_MAX || frame->length > INT64_MAX;
    }
    const uint8_t *mask = frame->masked ? wtr_take(&c, sizeof frame->mask) : NULL;
    if (mask)
        memcpy(frame->mask, mask, sizeof frame->mask);
    frame->header = c.at;
    *reason = fault_of(frame, first);
    if (!*reason && padded && !c.bad)
        *reason = "a frame's length is not in its shortest form";
    return *reason ? WTR_HTTP_BROKEN : c.bad ? WTR_HTTP_MORE : WTR_HTTP_WHOLE;
}

void wtr_websocket_unmask(struct wtr_buffer *out, const struct wtr_websocket_frame *frame,
                          const uint8_t *payload, size_t length)
{
    char *to = wtr_buffer_room(out, length);
    if (!to)
        return;
    for (size_t i = 0; i < length; i++)
        to[i] = (char)(payload[i] ^ (frame->masked ? frame->mask[i % sizeof frame->mask] : 0));
    out->length += length;
}

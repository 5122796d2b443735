/* SPDX-License-Identifier: Apache-2.0 */
/* Both forms of frames (tinytuya PROTOCOL.md and core/message_helper.py, at 95bfbd88), all numbers
 * big-endian:
 *
 *   000055AA, sequence, command, length (four bytes each), then `length` bytes: return code (devices only,
 * not always), payload, CRC-32 (3.1 to 3.3) or HMAC-SHA256 (3.4), 0000AA55
 *
 *   00006699, two bytes of 0, sequence, command, length (four bytes each), then `length` bytes: IV (12),
 *   ciphertext, tag (16); behind them 00009966 (3.5)
 *
 * Seen on real devices' bytes: the first form with CRC-32, over TCP and UDP. */
#include "vendor/tuya/frame.h"

#include "base/bytes.h"

enum {
    PREFIX = 0x000055aa,
    SUFFIX = 0x0000aa55,
    SEALED_PREFIX = 0x00006699,
    SEALED_SUFFIX = 0x00009966,
    HEADER = 16,
    SEALED_HEADER = 18,
    SUFFIX_LENGTH = 4,
    LEAST_BODY = 8,         /* CRC-32 and suffix */
    LEAST_SEALED_BODY = 28, /* IV and tag */
    MOST_BODY = 64 << 10,
    MOST_COMMAND = 0xff,
};

static const char *const names[] = {
    [0x01] = "ap_config",
    [0x02] = "active",
    [0x03] = "sess_key_neg_start",
    [0x04] = "sess_key_neg_resp",
    [0x05] = "sess_key_neg_finish",
    [0x06] = "unbind",
    [0x07] = "control",
    [0x08] = "status",
    [0x09] = "heart_beat",
    [0x0a] = "dp_query",
    [0x0b] = "query_wifi",
    [0x0c] = "token_bind",
    [0x0d] = "control_new",
    [0x0e] = "enable_wifi",
    [0x0f] = "wifi_info",
    [0x10] = "dp_query_new",
    [0x11] = "scene_execute",
    [0x12] = "updatedps",
    [0x13] = "udp_new",
    [0x14] = "ap_config_new",
    [0x23] = "boardcast_lpv34",
    [0x25] = "req_devinfo",
    [0x40] = "lan_ext_stream",
};

const char *wtr_tuya_command_name(uint32_t command)
{
    const char *name = command < sizeof names / sizeof *names ? names[command] : NULL;
    return name ? name : "unknown";
}

static enum wtr_tuya_verdict open_form(const uint8_t *bytes, size_t length, struct wtr_tuya_frame *frame,
                                       size_t *need)
{
    *need = HEADER;
    if (length < HEADER)
        return WTR_TUYA_PART;
    size_t body = wtr_be32(bytes + 12);
    *frame = (struct wtr_tuya_frame){
        bytes, HEADER + body, false, wtr_be32(bytes + 4), wtr_be32(bytes + 8), HEADER, body - SUFFIX_LENGTH};
    if (body < LEAST_BODY || body > MOST_BODY || frame->command > MOST_COMMAND)
        return WTR_TUYA_NONE;
    *need = frame->length;
    if (length < frame->length)
        return WTR_TUYA_PART;
    return wtr_be32(bytes + frame->length - SUFFIX_LENGTH) == SUFFIX ? WTR_TUYA_FRAME : WTR_TUYA_UNENDED;
}

static enum wtr_tuya_verdict sealed_form(const uint8_t *bytes, size_t length, struct wtr_tuya_frame *frame,
                                         size_t *need)
{
    *need = SEALED_HEADER;
    if (length < SEALED_HEADER)
        return WTR_TUYA_PART;
    size_t body = wtr_be32(bytes + 14);
    *frame = (struct wtr_tuya_frame){bytes,
                                     SEALED_HEADER + body + SUFFIX_LENGTH,
                                     true,
                                     wtr_be32(bytes + 6),
                                     wtr_be32(bytes + 10),
                                     SEALED_HEADER,
                                     body};
    if (body < LEAST_SEALED_BODY || body > MOST_BODY || frame->command > MOST_COMMAND)
        return WTR_TUYA_NONE;
    *need = frame->length;
    if (length < frame->length)
        return WTR_TUYA_PART;
    return wtr_be32(bytes + frame->length - SUFFIX_LENGTH) == SEALED_SUFFIX ? WTR_TUYA_FRAME
                                                                            : WTR_TUYA_UNENDED;
}

/* Whether the bytes, as far as they go, are the form's prefix. */
static bool begins(const uint8_t *bytes, size_t length, uint32_t prefix)
{
    for (size_t i = 0; i < 4 && i < length; i++)
        if (bytes[i] != (uint8_t)(prefix >> (24 - 8 * i)))
            return false;
    return true;
}

enum wtr_tuya_verdict wtr_tuya_frame_at(const uint8_t *bytes, size_t length, struct wtr_tuya_frame *frame,
                                        size_t *need)
{
    bool open = begins(bytes, length, PREFIX);
    bool sealed = begins(bytes, length, SEALED_PREFIX);
    if (open && sealed) { /* too short to tell */
        *need = 4;
        return WTR_TUYA_PART;
    }
    if (open)
        return open_form(bytes, length, frame, need);
    return sealed ? sealed_form(bytes, length, frame, need) : WTR_TUYA_NONE;
}

size_t wtr_tuya_frame_search(const uint8_t *bytes, size_t length, size_t from)
{
    for (; from < length; from++)
        if (begins(bytes + from, length - from, PREFIX) || begins(bytes + from, length - from, SEALED_PREFIX))
            break;
    return from;
}

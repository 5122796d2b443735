/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of Tuya's local protocol, in clear as far as they are: where one begins and ends. */
#ifndef WTR_VENDOR_TUYA_FRAME_H
#define WTR_VENDOR_TUYA_FRAME_H

#include "base/text.h"

/* The commands that are told apart (lan_protocol.h of Tuya's own kit, as tinytuya's command_types.py names
 * them). */
enum wtr_tuya_command {
    WTR_TUYA_AP_CONFIG = 0x01,
    WTR_TUYA_KEY_START = 0x03,
    WTR_TUYA_KEY_RESPONSE = 0x04,
    WTR_TUYA_KEY_FINISH = 0x05,
    WTR_TUYA_CONTROL = 0x07,
    WTR_TUYA_STATUS = 0x08,
    WTR_TUYA_HEART_BEAT = 0x09,
    WTR_TUYA_DP_QUERY = 0x0a,
    WTR_TUYA_TOKEN_BIND = 0x0c,
    WTR_TUYA_CONTROL_NEW = 0x0d,
    WTR_TUYA_DP_QUERY_NEW = 0x10,
    WTR_TUYA_UPDATE_DPS = 0x12,
    WTR_TUYA_UDP_NEW = 0x13,
    WTR_TUYA_AP_CONFIG_NEW = 0x14,
    WTR_TUYA_BROADCAST_LPV34 = 0x23,
    WTR_TUYA_REQ_DEVINFO = 0x25,
};

/* The command's name in lower case; "unknown" for one that has none here. */
const char *wtr_tuya_command_name(uint32_t command);

struct wtr_tuya_frame {
    const uint8_t *bytes; /* the whole frame */
    size_t length;
    bool sealed; /* 6699: IV, ciphertext and tag; else 55AA */
    uint32_t sequence;
    uint32_t command;
    size_t body_at;     /* behind the header */
    size_t body_length; /* up to the frame's suffix: with CRC, HMAC or tag */
};

enum wtr_tuya_verdict {
    WTR_TUYA_FRAME,   /* a whole frame */
    WTR_TUYA_PART,    /* the beginning of one; *need says how long it will be, or how much its header needs */
    WTR_TUYA_NONE,    /* no frame begins here */
    WTR_TUYA_UNENDED, /* a header that fits, and no suffix where the frame should end */
};

/* Judges what stands at `bytes`. */
enum wtr_tuya_verdict wtr_tuya_frame_at(const uint8_t *bytes, size_t length, struct wtr_tuya_frame *frame,
                                        size_t *need);

/* The first place at or behind `from` where the bytes, as far as they go, may begin a frame; `length`:
 * nowhere. */
size_t wtr_tuya_frame_search(const uint8_t *bytes, size_t length, size_t from);

#endif

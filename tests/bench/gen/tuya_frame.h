/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of Tuya's local protocol, versions 3.1 and 3.3. */
#ifndef BENCH_TUYA_FRAME_H
#define BENCH_TUYA_FRAME_H

#include "text.h"

#include <stdbool.h>

enum tuya_command {
    TUYA_CONTROL = 0x07,
    TUYA_STATUS = 0x08,
    TUYA_HEART_BEAT = 0x09,
    TUYA_DP_QUERY = 0x0a,
    TUYA_UDP_NEW = 0x13,
};

#define TUYA_KEY 16

struct tuya_frame {
    uint32_t sequence;
    enum tuya_command command;
    bool from_device; /* a return code stands before the payload */
};

/* Adds the payload (NULL: none) in a frame of its own. */
void tuya_put_frame(struct text *out, const struct tuya_frame *frame, const struct text *payload);

/* Adds the plain text enciphered, padded to whole blocks. */
void tuya_put_ecb(struct text *out, const uint8_t key[TUYA_KEY], const struct text *plain);

/* Adds a command of version 3.1: the version, a digest, and the enciphered text in base64. */
void tuya_put_signed(struct text *out, const uint8_t key[TUYA_KEY], const struct text *plain);

/* The key of broadcasts, the same for all devices. */
void tuya_broadcast_key(uint8_t key[TUYA_KEY]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's local protocol as the vendor reads it: one packet out of a frame, opened as far as keys allow. */
#ifndef WTR_VENDOR_TUYA_PACKET_H
#define WTR_VENDOR_TUYA_PACKET_H

#include "protocol/protocol.h"
#include "vendor/tuya/frame.h"

/* A message's body. The texts point into the message's span. */
struct wtr_tuya_packet {
    uint32_t sequence;
    uint32_t command;        /* enum wtr_tuya_command, or another number */
    struct wtr_text version; /* "3.3" where the message says so */
    bool broadcast;          /* a datagram */
    bool has_return_code;    /* devices' answers and pushes alone */
    uint32_t return_code;
    const char *integrity;    /* what was verified: crc32, hmac-sha256, aes-128-gcm; NULL: it could not be */
    bool encrypted;           /* the payload could not be opened, and is empty here */
    bool has_source;          /* the header of a push: */
    uint32_t source_crc;      /*   0 for what came over the LAN, as documented */
    uint32_t source_sequence; /*   rises with each push of the source */
    uint32_t source_id;       /*   1: the device */
    struct wtr_text payload;  /* in clear */
    struct wtr_text key_id; /* the device that the keyring gives with the key that opened the session; empty:
                               none, or several */
    const char *proof;      /* by what the local key was shown to be the right one */
    struct wtr_text nonce;  /* of a negotiation's message */
    struct wtr_text session_key; /* of the message that made it known */
};

extern const struct wtr_protocol wtr_tuya_local;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* TDP, TP-Link's discovery protocol on UDP 20002 and 20004: a header of 16 bytes and a JSON text in clear. */
#ifndef WTR_VENDOR_TAPO_TDP_H
#define WTR_VENDOR_TAPO_TDP_H

#include "protocol/protocol.h"

enum { WTR_TDP_HEADER = 16 };

struct wtr_tdp {
    uint8_t version;
    uint8_t message_type;
    uint16_t op_code;
    uint8_t flags;
    uint32_t serial; /* chosen by the one that asks */
    uint32_t crc;
    struct wtr_text body; /* JSON; empty in the shortest query */
};

/* Protocol "tdp": messages of type "query" (to the port) and "answer" (from it), body struct wtr_tdp. */
extern const struct wtr_protocol wtr_tdp;

#endif

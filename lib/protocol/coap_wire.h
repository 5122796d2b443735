/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP's parts: reading a message, judging it, and writing its fields. */
#ifndef WTR_PROTOCOL_COAP_WIRE_H
#define WTR_PROTOCOL_COAP_WIRE_H

#include "protocol/coap.h"

/* ---- coap_wire.c */

/* Reads a whole message. NULL if it is sound, else why it is none. */
const char *wtr_coap_read_datagram(const uint8_t *bytes, size_t length, struct wtr_coap *coap);
const char *wtr_coap_read_frame(const uint8_t *bytes, size_t length, struct wtr_coap *coap);

/* The length of the frame of RFC 8323 that begins here; 0 if that can't be told yet. *least is how many bytes
 * tell it. */
uint64_t wtr_coap_frame_length(const uint8_t *bytes, size_t available, size_t *least);

void wtr_coap_note(struct wtr_coap *coap, const char *anomaly);

struct wtr_coap_block {
    uint32_t number;
    bool more;
    uint8_t szx;
};

/* A Block1 or Block2 option (RFC 7959 2.2). False if there is none or it is malformed. */
bool wtr_coap_block(const struct wtr_coap *coap, uint32_t option, struct wtr_coap_block *block);
/* Bytes a full block holds. Over TCP szx 7 means blocks of 1024 in numbers (RFC 8323 6). */
static inline size_t wtr_coap_block_size(const struct wtr_coap_block *block)
{
    return (size_t)16 << (block->szx < 7 ? block->szx : 6);
}

/* ---- coap_names.c */

enum wtr_coap_format {
    WTR_COAP_FORMAT_EMPTY,
    WTR_COAP_FORMAT_OPAQUE,
    WTR_COAP_FORMAT_UINT,
    WTR_COAP_FORMAT_STRING,
    WTR_COAP_FORMAT_BLOCK, /* a uint of three parts */
};

struct wtr_coap_option_rule {
    const char *name;
    uint32_t number;
    enum wtr_coap_format format;
    uint16_t least, most; /* of its length in bytes */
    bool repeatable;
};

/* The rule of an option, which in signals (7.xx) depends on the code; NULL if it is not known. */
const struct wtr_coap_option_rule *wtr_coap_option_rule(uint8_t code, uint32_t number);
/* "Content", "GET"; NULL if the code is not known. */
const char *wtr_coap_code_name(uint8_t code);
/* The media type that a Content-Format or Accept stands for; NULL if it is not known. */
const char *wtr_coap_media_type(uint32_t format);

/* ---- coap_check.c */

/* Notes what a message by itself has that the standards do not allow. */
void wtr_coap_check(struct wtr_coap *coap);
/* Whether an answer's code is one that the request's method may get. */
bool wtr_coap_answers(uint8_t method, uint8_t code);

/* ---- coap_probe.c */

enum wtr_bid wtr_coap_probe_datagram(const struct wtr_probe *probe);
enum wtr_bid wtr_coap_probe_stream(const struct wtr_probe *probe);

/* ---- coap_fields.c */

void wtr_coap_fields(const struct wtr_message *message, struct wtr_json_writer *out);

#endif

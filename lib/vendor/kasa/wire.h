/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the Kasa protocol's decoder. */
#ifndef WTR_VENDOR_KASA_WIRE_H
#define WTR_VENDOR_KASA_WIRE_H

#include "vendor/kasa/kasa.h"

enum { WTR_KASA_PORT = 9999, WTR_KASA_HEADER = 4 };

/* wire.c: frames and the cipher */

enum wtr_kasa_header {
    WTR_KASA_HEADER_BAD,   /* no message begins here */
    WTR_KASA_HEADER_SHORT, /* one may begin here; more bytes will tell */
    WTR_KASA_HEADER_GOOD,
};

/* What `available` bytes at a place where a message in a TCP stream may begin are; the body's length. */
enum wtr_kasa_header wtr_kasa_read_header(const uint8_t *bytes, size_t available, uint32_t *length);
/* Deciphers a whole body. */
void wtr_kasa_decipher(const uint8_t *bytes, size_t length, char *plain);
enum wtr_bid wtr_kasa_probe_stream(const struct wtr_probe *probe);
enum wtr_bid wtr_kasa_probe_datagram(const struct wtr_probe *probe);

/* body.c: what a message is by its JSON alone */

struct wtr_kasa_shape {
    bool answer; /* it has results: objects with an err_code */
    struct wtr_kasa_question question;
};

/* `json` is a parsed object. */
void wtr_kasa_read_shape(const struct wtr_json *json, struct wtr_kasa_shape *shape);
/* Whether a member of this name holds a secret. */
bool wtr_kasa_is_secret(struct wtr_text name);
/* "module.method" of each method, and the text with its secrets hidden. */
void wtr_kasa_fields(const struct wtr_message *message, struct wtr_json_writer *out);

#endif

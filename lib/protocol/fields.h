/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a message's fields in the forms that network protocols share. */
#ifndef WTR_PROTOCOL_FIELDS_H
#define WTR_PROTOCOL_FIELDS_H

#include "base/json.h"
#include "model/endpoint.h"

void wtr_field_uint(struct wtr_json_writer *out, const char *name, uint64_t value);
void wtr_field_int(struct wtr_json_writer *out, const char *name, int64_t value);
void wtr_field_bool(struct wtr_json_writer *out, const char *name, bool value);
/* Text, or {"hex":…} where the bytes are not UTF-8. */
void wtr_field_bytes(struct wtr_json_writer *out, const char *name, struct wtr_text bytes);

/* Values alone: always {"hex":…}; a link address with colons; an IPv4 or IPv6 address. */
void wtr_json_put_hex(struct wtr_json_writer *out, struct wtr_text bytes);
void wtr_json_put_mac(struct wtr_json_writer *out, const uint8_t mac[6]);
void wtr_json_put_ip(struct wtr_json_writer *out, const struct wtr_ip *ip);

/* Four bytes of the network as an address. */
struct wtr_ip wtr_ip_from_v4(const void *address);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that fields of network protocols have. */
#include "protocol/fields.h"

void wtr_field_uint(struct wtr_json_writer *out, const char *name, uint64_t value)
{
    wtr_json_key(out, name);
    wtr_json_put_uint(out, value);
}

void wtr_field_int(struct wtr_json_writer *out, const char *name, int64_t value)
{
    wtr_json_key(out, name);
    wtr_json_put_int(out, value);
}

void wtr_field_bool(struct wtr_json_writer *out, const char *name, bool value)
{
    wtr_json_key(out, name);
    wtr_json_put_bool(out, value);
}

void wtr_field_bytes(struct wtr_json_writer *out, const char *name, struct wtr_text bytes)
{
    wtr_json_key(out, name);
    wtr_json_put_bytes(out, bytes);
}

void wtr_json_put_hex(struct wtr_json_writer *out, struct wtr_text bytes)
{
    wtr_json_begin_object(out);
    wtr_json_key(out, "hex");
    wtr_put_char(out->out, '"');
    wtr_put_hex(out->out, bytes.data, bytes.length);
    wtr_put_char(out->out, '"');
    wtr_json_end_object(out);
}

void wtr_json_put_mac(struct wtr_json_writer *out, const uint8_t mac[6])
{
    static const char digits[] = "0123456789abcdef";
    char text[17];
    for (size_t i = 0; i < 6; i++) {
        text[3 * i] = digits[mac[i] >> 4];
        text[3 * i + 1] = digits[mac[i] & 15];
        if (i < 5)
            text[3 * i + 2] = ':';
    }
    wtr_json_put_text(out, wtr_text_of(text, sizeof text));
}

void wtr_json_put_ip(struct wtr_json_writer *out, const struct wtr_ip *ip)
{
    char text[WTR_ADDRESS_TEXT];
    size_t length = wtr_ip_text(ip, text);
    wtr_json_put_text(out, wtr_text_of(text, length));
}

struct wtr_ip wtr_ip_from_v4(const void *address)
{
    struct wtr_ip ip = {{[10] = 0xff, [11] = 0xff}};
    memcpy(ip.bytes + 12, address, 4);
    return ip;
}

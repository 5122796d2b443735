/* SPDX-License-Identifier: Apache-2.0 */
/* Domain names in a message: RFC 1035 3.1 (labels), 4.1.4 (compression). A pointer must lead to a place
 * before the labels that it continues, so that no chain of pointers can go round; a whole name is at most 255
 * bytes (2.3.4). */
#include "protocol/dns.h"

enum { MAX_NAME = 255, KIND = 0xc0, POINTER = 0xc0 };

static void put_char(struct wtr_dns_name *name, char c)
{
    if (name->length < sizeof name->text)
        name->text[name->length++] = c;
}

static void put_number(struct wtr_dns_name *name, unsigned byte)
{
    put_char(name, '\\');
    put_char(name, (char)('0' + byte / 100));
    put_char(name, (char)('0' + byte / 10 % 10));
    put_char(name, (char)('0' + byte % 10));
}

static void put_label(struct wtr_dns_name *name, const uint8_t *label, size_t length)
{
    bool text = true;
    if (name->length)
        put_char(name, '.');
    for (size_t i = 0; i < length; i++)
        text = text && label[i] < 0x80;
    text = text || wtr_utf8_valid(label, length);
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = label[i];
        if (byte < ' ' || byte == 0x7f || (byte >= 0x80 && !text)) {
            put_number(name, byte);
            continue;
        }
        if (byte == '.' || byte == '\\')
            put_char(name, '\\');
        put_char(name, (char)byte);
    }
}

bool wtr_dns_read_name(const uint8_t *bytes, size_t length, size_t at, struct wtr_dns_name *name,
                       size_t *behind)
{
    size_t start = at; /* of the labels that stand together here */
    size_t whole = 0;
    bool jumped = false;
    name->length = 0;
    while (at < length) {
        uint8_t label = bytes[at];
        if ((label & KIND) == POINTER) {
            if (at + 1 >= length)
                return false;
            size_t to = (size_t)(label & ~KIND) << 8 | bytes[at + 1];
            if (behind && !jumped)
                *behind = at + 2;
            if (to >= start)
                return false;
            jumped = true;
            start = at = to;
            continue;
        }
        whole += (size_t)label + 1;
        if (label & KIND || label >= length - at || whole > MAX_NAME)
            return false;
        if (label == 0) {
            if (behind && !jumped)
                *behind = at + 1;
            if (name->length == 0)
                put_char(name, '.');
            return true;
        }
        put_label(name, bytes + at + 1, label);
        at += (size_t)label + 1;
    }
    return false;
}

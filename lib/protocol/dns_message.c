/* SPDX-License-Identifier: Apache-2.0 */
/* The form of a DNS message: RFC 1035 4.1. */
#include "base/bytes.h"
#include "protocol/dns_wire.h"

enum { KIND = 0xc0, POINTER = 0xc0 };

/* Passes over the name at the cursor without following its pointer. */
static void skip_name(struct wtr_cursor *c)
{
    for (;;) {
        uint8_t label = wtr_take_u8(c);
        if (label == 0)
            return;
        if ((label & KIND) == POINTER) {
            wtr_take(c, 1);
            return;
        }
        if (label & KIND)
            c->bad = true;
        wtr_take(c, label);
        if (c->bad)
            return;
    }
}

static enum wtr_dns_section section_of(const struct wtr_dns *dns, uint32_t index)
{
    unsigned section = 0;
    while (section < WTR_DNS_ADDITIONAL && index >= dns->count[section])
        index -= dns->count[section++];
    return (enum wtr_dns_section)section;
}

static void take_record(struct wtr_cursor *c, struct wtr_dns_record *record)
{
    record->name_at = c->at;
    skip_name(c);
    record->name_length = c->at - record->name_at;
    record->type = wtr_take_be16(c);
    record->class = wtr_take_be16(c);
    record->ttl = 0;
    record->data = (struct wtr_text){NULL, 0};
    if (record->section == WTR_DNS_QUESTION)
        return;
    record->ttl = wtr_take_be32(c);
    size_t length = wtr_take_be16(c);
    record->data = wtr_text_of(wtr_take(c, length), length);
}

bool wtr_dns_next(struct wtr_dns_walk *walk, struct wtr_dns_record *record)
{
    const struct wtr_dns *dns = walk->dns;
    if (walk->done == dns->sound)
        return false;
    struct wtr_cursor c = wtr_cursor_over(dns->bytes, dns->length);
    c.at = walk->done ? walk->at : WTR_DNS_HEADER;
    record->section = section_of(dns, walk->done);
    take_record(&c, record);
    walk->at = c.at;
    walk->done++;
    return !c.bad;
}

bool wtr_dns_next_string(struct wtr_text data, size_t *at, struct wtr_text *string)
{
    struct wtr_cursor c = wtr_cursor_over(data.data, data.length);
    c.at = *at;
    size_t length = wtr_take_u8(&c);
    *string = wtr_text_of(wtr_take(&c, length), length);
    *at = c.at;
    return !c.bad;
}

const char *wtr_dns_read(const uint8_t *bytes, size_t length, struct wtr_dns *dns, size_t *at)
{
    *dns = (struct wtr_dns){.bytes = bytes};
    *at = 0;
    if (length < WTR_DNS_HEADER)
        return "the message ends in its header";
    dns->id = wtr_be16(bytes);
    dns->flags = wtr_be16(bytes + 2);
    uint32_t total = 0;
    for (size_t i = 0; i < WTR_DNS_SECTIONS; i++)
        total += dns->count[i] = wtr_be16(bytes + 4 + 2 * i);
    struct wtr_cursor c = wtr_cursor_over(bytes, length);
    c.at = WTR_DNS_HEADER;
    for (; dns->sound < total; dns->sound++) {
        struct wtr_dns_record record = {.section =
                                            dns->sound < dns->count[0] ? WTR_DNS_QUESTION : WTR_DNS_ANSWER};
        *at = c.at;
        take_record(&c, &record);
        if (c.bad)
            break;
    }
    bool questions = dns->sound >= dns->count[WTR_DNS_QUESTION];
    dns->length = questions ? length : 0;
    if (dns->sound == total)
        return NULL;
    return questions ? "the message ends before its records do" : "the message ends before its questions do";
}

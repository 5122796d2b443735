/* SPDX-License-Identifier: Apache-2.0 */
/* A DNS message as the members of a JSON object. Names of the header's bits and of records' parts: RFC 1035
 * 3.2, 3.3, 4.1, RFC 3596 (AAAA), 2782 (SRV), 4035 (AD, CD), 6762 18.12 and 10.2 (the top bit of a class).
 * The data of other records are shown as bytes; a type or class without a name as RFC 3597 5 writes it. */
#include "base/bytes.h"
#include "protocol/dns_wire.h"
#include "protocol/fields.h"

#include <stdio.h>

const char *wtr_dns_type_name(uint16_t type)
{
    static const struct {
        uint16_t type;
        const char *name;
    } names[] = {
        {WTR_DNS_A, "A"},     {WTR_DNS_NS, "NS"},   {WTR_DNS_CNAME, "CNAME"},
        {WTR_DNS_SOA, "SOA"}, {WTR_DNS_PTR, "PTR"}, {13, "HINFO"},
        {WTR_DNS_MX, "MX"},   {WTR_DNS_TXT, "TXT"}, {WTR_DNS_AAAA, "AAAA"},
        {WTR_DNS_SRV, "SRV"}, {35, "NAPTR"},        {WTR_DNS_DNAME, "DNAME"},
        {WTR_DNS_OPT, "OPT"}, {43, "DS"},           {46, "RRSIG"},
        {47, "NSEC"},         {48, "DNSKEY"},       {64, "SVCB"},
        {65, "HTTPS"},        {251, "IXFR"},        {252, "AXFR"},
        {255, "ANY"},         {257, "CAA"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].type == type)
            return names[i].name;
    return NULL;
}

/* "TYPE65280": for what has no name. */
static void put_code(struct wtr_json_writer *out, const char *name, const char *word, const char *prefix,
                     uint16_t code)
{
    char text[16];
    int n = snprintf(text, sizeof text, "%s%u", prefix, (unsigned)code);
    wtr_json_key(out, name);
    if (word)
        wtr_json_put_z(out, word);
    else
        wtr_json_put_text(out, wtr_text_of(text, (size_t)n));
}

static const char *class_name(uint16_t class)
{
    return class == 1 ? "IN" : class == 3 ? "CH" : class == 254 ? "NONE" : class == 255 ? "ANY" : NULL;
}

static void put_name_at(struct wtr_json_writer *out, const struct wtr_dns *dns, const char *name, size_t at,
                        size_t *behind)
{
    struct wtr_dns_name text;
    wtr_json_key(out, name);
    if (wtr_dns_read_name(dns->bytes, dns->length, at, &text, behind))
        wtr_json_put_text(out, wtr_dns_name_text(&text));
    else
        wtr_json_put_null(out);
}

/* ---- the data of a record: each true if it has the form of its type */

static size_t place_of(const struct wtr_dns *dns, struct wtr_text data)
{
    return (size_t)(data.data - (const char *)dns->bytes);
}

/* Whether a name that begins at the data's byte `from` ends where the data do. */
static bool name_fills(const struct wtr_dns *dns, struct wtr_text data, size_t from)
{
    struct wtr_dns_name name;
    size_t behind = 0;
    size_t at = place_of(dns, data);
    return data.length > from && wtr_dns_read_name(dns->bytes, dns->length, at + from, &name, &behind) &&
           behind == at + data.length;
}

static bool put_address(struct wtr_json_writer *out, const struct wtr_dns_record *record)
{
    struct wtr_ip ip;
    bool v4 = record->type == WTR_DNS_A;
    if (record->data.length != (v4 ? 4 : sizeof ip.bytes))
        return false;
    if (v4)
        ip = wtr_ip_from_v4(record->data.data);
    else
        memcpy(ip.bytes, record->data.data, sizeof ip.bytes);
    wtr_json_put_ip(out, &ip);
    return true;
}

static bool put_domain(struct wtr_json_writer *out, const struct wtr_dns *dns,
                       const struct wtr_dns_record *record)
{
    struct wtr_dns_name name;
    if (!name_fills(dns, record->data, 0))
        return false;
    wtr_dns_read_name(dns->bytes, dns->length, place_of(dns, record->data), &name, NULL);
    wtr_json_put_text(out, wtr_dns_name_text(&name));
    return true;
}

static bool put_mail(struct wtr_json_writer *out, const struct wtr_dns *dns,
                     const struct wtr_dns_record *record)
{
    if (!name_fills(dns, record->data, 2))
        return false;
    wtr_json_begin_object(out);
    wtr_field_uint(out, "preference", wtr_be16((const uint8_t *)record->data.data));
    put_name_at(out, dns, "exchange", place_of(dns, record->data) + 2, NULL);
    wtr_json_end_object(out);
    return true;
}

static bool put_service(struct wtr_json_writer *out, const struct wtr_dns *dns,
                        const struct wtr_dns_record *record)
{
    const uint8_t *data = (const uint8_t *)record->data.data;
    if (!name_fills(dns, record->data, 6))
        return false;
    wtr_json_begin_object(out);
    wtr_field_uint(out, "priority", wtr_be16(data));
    wtr_field_uint(out, "weight", wtr_be16(data + 2));
    wtr_field_uint(out, "port", wtr_be16(data + 4));
    put_name_at(out, dns, "target", place_of(dns, record->data) + 6, NULL);
    wtr_json_end_object(out);
    return true;
}

static bool put_authority(struct wtr_json_writer *out, const struct wtr_dns *dns,
                          const struct wtr_dns_record *record)
{
    static const char *const names[] = {"serial", "refresh", "retry", "expire", "minimum"};
    struct wtr_dns_name name;
    size_t at = place_of(dns, record->data), rname = 0, numbers = 0;
    bool sound = wtr_dns_read_name(dns->bytes, dns->length, at, &name, &rname) &&
                 wtr_dns_read_name(dns->bytes, dns->length, rname, &name, &numbers);
    if (!sound || numbers + 4 * sizeof names / sizeof *names != at + record->data.length)
        return false;
    wtr_json_begin_object(out);
    put_name_at(out, dns, "mname", at, NULL);
    put_name_at(out, dns, "rname", rname, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        wtr_field_uint(out, names[i], wtr_be32(dns->bytes + numbers + 4 * i));
    wtr_json_end_object(out);
    return true;
}

static bool put_strings(struct wtr_json_writer *out, const struct wtr_dns_record *record)
{
    struct wtr_text string;
    size_t at = 0;
    while (at < record->data.length)
        if (!wtr_dns_next_string(record->data, &at, &string))
            return false;
    wtr_json_begin_array(out);
    for (at = 0; at < record->data.length && wtr_dns_next_string(record->data, &at, &string);)
        wtr_json_put_bytes(out, string);
    wtr_json_end_array(out);
    return true;
}

static bool put_known(struct wtr_json_writer *out, const struct wtr_dns *dns,
                      const struct wtr_dns_record *record)
{
    switch (record->type) {
    case WTR_DNS_A:
    case WTR_DNS_AAAA:
        return put_address(out, record);
    case WTR_DNS_NS:
    case WTR_DNS_CNAME:
    case WTR_DNS_PTR:
    case WTR_DNS_DNAME:
        return put_domain(out, dns, record);
    case WTR_DNS_MX:
        return put_mail(out, dns, record);
    case WTR_DNS_SRV:
        return put_service(out, dns, record);
    case WTR_DNS_SOA:
        return put_authority(out, dns, record);
    case WTR_DNS_TXT:
        return put_strings(out, record);
    default:
        return false;
    }
}

/* ---- questions and records */

enum { TOP_BIT = 0x8000 };

static void put_class(struct wtr_json_writer *out, bool multicast, const struct wtr_dns_record *record)
{
    bool question = record->section == WTR_DNS_QUESTION;
    uint16_t class = multicast ? record->class & (uint16_t)~TOP_BIT : record->class;
    put_code(out, question ? "qclass" : "class", class_name(class), "CLASS", class);
    if (multicast)
        wtr_field_bool(out, question ? "unicast_response" : "cache_flush", record->class & TOP_BIT);
}

static void put_record(struct wtr_json_writer *out, const struct wtr_dns *dns, bool multicast,
                       const struct wtr_dns_record *record)
{
    bool question = record->section == WTR_DNS_QUESTION;
    wtr_json_begin_object(out);
    put_name_at(out, dns, question ? "qname" : "name", record->name_at, NULL);
    put_code(out, question ? "qtype" : "type", wtr_dns_type_name(record->type), "TYPE", record->type);
    put_class(out, multicast && record->type != WTR_DNS_OPT, record);
    if (!question) {
        wtr_field_uint(out, "ttl", record->ttl);
        wtr_json_key(out, "rdata");
        if (!put_known(out, dns, record))
            wtr_json_put_hex(out, record->data);
    }
    wtr_json_end_object(out);
}

static void put_section(struct wtr_json_writer *out, const struct wtr_dns *dns, bool multicast,
                        enum wtr_dns_section section)
{
    static const char *const names[] = {"questions", "answers", "authority", "additional"};
    struct wtr_dns_walk walk = {.dns = dns};
    struct wtr_dns_record record;
    if (dns->count[section] == 0)
        return;
    wtr_json_key(out, names[section]);
    wtr_json_begin_array(out);
    while (wtr_dns_next(&walk, &record))
        if (record.section == section)
            put_record(out, dns, multicast, &record);
    wtr_json_end_array(out);
}

static void put_bits(struct wtr_json_writer *out, uint16_t flags, bool llmnr)
{
    wtr_field_bool(out, "qr", flags & WTR_DNS_RESPONSE);
    wtr_field_uint(out, "opcode", wtr_dns_opcode(flags));
    wtr_field_bool(out, llmnr ? "c" : "aa", flags & WTR_DNS_AA);
    wtr_field_bool(out, "tc", flags & WTR_DNS_TC);
    wtr_field_bool(out, llmnr ? "t" : "rd", flags & WTR_DNS_RD);
    if (!llmnr) {
        wtr_field_bool(out, "ra", flags & WTR_DNS_RA);
        wtr_field_bool(out, "z", flags & WTR_DNS_Z);
        wtr_field_bool(out, "ad", flags & WTR_DNS_AD);
        wtr_field_bool(out, "cd", flags & WTR_DNS_CD);
    }
    wtr_field_uint(out, "rcode", flags & 15);
}

void wtr_dns_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_dns *dns = message->body;
    wtr_field_uint(out, "id", dns->id);
    put_bits(out, dns->flags, message->protocol == &wtr_llmnr);
    for (unsigned section = 0; section < WTR_DNS_SECTIONS; section++)
        put_section(out, dns, message->protocol == &wtr_mdns, (enum wtr_dns_section)section);
}

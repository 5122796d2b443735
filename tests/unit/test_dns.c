/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages, laid out by hand from RFC 1035 4.1 and the RFCs of the record types. */
#include "protocol/dns.h"

#include "datagram_feed.h"

#include <criterion/criterion.h>

/* id 0x0102, the flags, and one to four counts */
#define QUERY "0102 0100 0001 0000 0000 0000 "
#define ANSWER(n) "0102 8180 0001 " n " 0000 0000 "
#define PLUG "04706c7567 026c6e 00 " /* plug.ln */
#define ASKED PLUG "0001 0001 "
#define BITS(qr, ra)                                                                                         \
    "{\"id\":258,\"qr\":" qr ",\"opcode\":0,\"aa\":false,\"tc\":false,\"rd\":true,\"ra\":" ra                \
    ",\"z\":false,\"ad\":false,\"cd\":false,\"rcode\":0,"
#define QUESTION "\"questions\":[{\"qname\":\"plug.ln\",\"qtype\":\"A\",\"qclass\":\"IN\"}]"

static void expect_of(const struct wtr_protocol *protocol, const char *digits, const char *expected)
{
    struct bytes b = from_hex(digits);
    const char *said = feed_datagram(protocol, b);
    cr_expect(strcmp(said, expected) == 0, "%s\nsaid:\n%sexpected:\n%s", digits, said, expected);
    free(b.data);
    wtr_buffer_free(&feed_log);
}

static void expect(const char *digits, const char *expected)
{
    expect_of(&wtr_dns, digits, expected);
}

/* One answer to the question, whose data stand behind its name, type, class and time to live. */
static void expect_data(const char *type_and_data, const char *type, const char *rdata)
{
    struct wtr_buffer digits = {0}, expected = {0};
    wtr_put_z(&digits, ANSWER("0001") ASKED "c00c ");
    wtr_put(&digits, type_and_data, 4);
    wtr_put_z(&digits, " 0001 0000012c ");
    wtr_put_z(&digits, type_and_data + 4);
    wtr_put(&digits, "", 1);
    wtr_put_z(&expected,
              "response " BITS("true", "true") QUESTION ",\"answers\":[{\"name\":\"plug.ln\",\"type\":\"");
    wtr_put_z(&expected, type);
    wtr_put_z(&expected, "\",\"class\":\"IN\",\"ttl\":300,\"rdata\":");
    wtr_put_z(&expected, rdata);
    wtr_put(&expected, "}]}\n", 5);
    expect(digits.data, expected.data);
    wtr_buffer_free(&digits);
    wtr_buffer_free(&expected);
}

Test(dns, query)
{
    expect(QUERY ASKED, "query " BITS("false", "false") QUESTION "}\n");
    expect("0102 0100 0001 0000 0000 0000 00 00ff 00ff",
           "query " BITS(
               "false", "false") "\"questions\":[{\"qname\":\".\",\"qtype\":\"ANY\",\"qclass\":\"ANY\"}]}\n");
    expect("0102 0100 0001 0000 0000 0000 00 ff00 0007",
           "query " BITS(
               "false",
               "false") "\"questions\":[{\"qname\":\".\",\"qtype\":\"TYPE65280\",\"qclass\":\"CLASS7\"}]}\n");
}

Test(dns, header_bits)
{
    expect("ffff ffff 0001 0000 0000 0000 " ASKED,
           "response {\"id\":65535,\"qr\":true,\"opcode\":15,\"aa\":true,\"tc\":true,\"rd\":true,\"ra\":true,"
           "\"z\":true,\"ad\":true,\"cd\":true,\"rcode\":15," QUESTION "}\n");
    expect("0000 2c10 0001 0000 0000 0000 " ASKED,
           "query {\"id\":0,\"qr\":false,\"opcode\":5,\"aa\":true,\"tc\":false,\"rd\":false,\"ra\":false,"
           "\"z\":false,\"ad\":false,\"cd\":true,\"rcode\":0," QUESTION "}\n");
}

Test(dns, record_types)
{
    expect_data("0001 0004 0a000007", "A", "\"10.0.0.7\"");
    expect_data("001c 0010 fe80000000000000928d78fffea93d6f", "AAAA", "\"fe80::928d:78ff:fea9:3d6f\"");
    expect_data("0005 0003 0161 00", "CNAME", "\"a\"");
    expect_data("0002 0004 0161 c00c", "NS", "\"a.plug.ln\"");
    expect_data("000c 0002 c011", "PTR", "\"ln\"");
    expect_data("000f 0005 000a 0161 00", "MX", "{\"preference\":10,\"exchange\":\"a\"}");
    expect_data("0021 0008 0001 0002 0050 c00c", "SRV",
                "{\"priority\":1,\"weight\":2,\"port\":80,\"target\":\"plug.ln\"}");
    expect_data("0010 0008 03613d62 00 02 c3bc", "TXT", "[\"a=b\",\"\",\"\xc3\xbc\"]");
    expect_data("0010 0002 01 ff", "TXT", "[{\"hex\":\"ff\"}]");
    expect_data("0010 0000", "TXT", "[]");
    expect_data("0006 0018 c00c c011 00000001 00000002 00000003 00000004 00000005", "SOA",
                "{\"mname\":\"plug.ln\",\"rname\":\"ln\",\"serial\":1,\"refresh\":2,\"retry\":3,\"expire\":4,"
                "\"minimum\":5}");
    expect_data("0041 0003 000100", "HTTPS", "{\"hex\":\"000100\"}");
    expect_data("00ff 0000", "ANY", "{\"hex\":\"\"}");
}

/* Data that lack the form of their type are bytes. */
Test(dns, data_of_another_form)
{
    expect_data("0001 0003 0a0000", "A", "{\"hex\":\"0a0000\"}");
    expect_data("001c 0004 0a000007", "AAAA", "{\"hex\":\"0a000007\"}");
    expect_data("0005 0000", "CNAME", "{\"hex\":\"\"}");
    expect_data("0005 0004 0161 00 00", "CNAME", "{\"hex\":\"01610000\"}");
    expect_data("0005 0002 0161", "CNAME", "{\"hex\":\"0161\"}");
    expect_data("000f 0002 000a", "MX", "{\"hex\":\"000a\"}");
    expect_data("0021 0006 0001 0002 0050", "SRV", "{\"hex\":\"000100020050\"}");
    expect_data("0010 0002 0261", "TXT", "{\"hex\":\"0261\"}");
    expect_data("0006 0007 c00c c011 000001", "SOA", "{\"hex\":\"c00cc011000001\"}");
}

Test(dns, names)
{
    static const struct {
        const char *digits;
        size_t at;
        const char *text; /* NULL: not sound */
        size_t behind;
    } cases[] = {
        {"00", 0, ".", 1},
        {"0161 00", 0, "a", 3},
        {"0161 00 0162 c000", 3, "b.a", 7},
        {"0161 00 c000", 3, "a", 5},
        {"0161 00 c000 0162 c003", 5, "b.a", 9}, /* a pointer to a pointer */
        {"03612e62 00", 0, "a\\.b", 5},
        {"03615c62 00", 0, "a\\\\b", 5},
        {"0301200a 00", 0, "\\001 \\010", 5},
        {"02c3bc 00", 0, "\xc3\xbc", 4},
        {"02c33f 00", 0, "\\195?", 4},
        {"017f 00", 0, "\\127", 3},
        {"", 0, NULL, 0},
        {"0161", 0, NULL, 0},
        {"0261", 0, NULL, 0},
        {"02616200", 1, NULL, 0}, /* the label runs past the end */
        {"c0", 0, NULL, 0},
        {"c000", 0, NULL, 0},         /* to itself */
        {"c002 0161 00", 0, NULL, 0}, /* forwards */
        {"0161 c000", 0, NULL, 0},    /* into its own labels */
        {"0161 c001", 2, NULL, 0},    /* to labels that run past the end */
        {"4161 00", 0, NULL, 0},
        {"8161 00", 0, NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = from_hex(cases[i].digits);
        struct wtr_dns_name name;
        size_t behind = 0;
        bool sound = wtr_dns_read_name(b.data, b.length, cases[i].at, &name, &behind);
        cr_expect_eq(sound, cases[i].text != NULL, "%s", cases[i].digits);
        if (sound && cases[i].text) {
            cr_expect(wtr_text_is(wtr_dns_name_text(&name), cases[i].text), "%s: %.*s", cases[i].digits,
                      (int)name.length, name.text);
            cr_expect_eq(behind, cases[i].behind, "%s", cases[i].digits);
        }
        free(b.data);
    }
}

/* 255 bytes are a name's most (RFC 1035 2.3.4); pointers do not make it longer. */
Test(dns, longest_names)
{
    uint8_t bytes[300] = {0};
    struct wtr_dns_name name;
    for (int i = 0; i < 3; i++)
        bytes[64 * i] = 63;
    bytes[192] = 61; /* 3 * 64 + 62 + 1 = 255 */
    cr_expect(wtr_dns_read_name(bytes, sizeof bytes, 0, &name, NULL));
    cr_expect_eq(name.length, 4 * 250 + 3); /* every byte a zero: \000 */
    bytes[192] = 62;
    cr_expect_not(wtr_dns_read_name(bytes, sizeof bytes, 0, &name, NULL));
    /* a label, and a pointer to 192 bytes of labels and the root */
    bytes[192] = 0;
    bytes[193] = 61;
    memset(bytes + 194, 'a', 63);
    bytes[255] = 0xc0;
    cr_expect(wtr_dns_read_name(bytes, sizeof bytes, 193, &name, NULL), "62 + 192 + 1");
    bytes[193] = 62;
    bytes[255] = 'a';
    bytes[256] = 0xc0;
    cr_expect_not(wtr_dns_read_name(bytes, sizeof bytes, 193, &name, NULL), "63 + 192 + 1");
}

/* Pointers one behind the other, as many as fit: each leads further to the front, so that they end. */
Test(dns, chain_of_pointers)
{
    enum { POINTERS = 8000 };
    uint8_t *bytes = calloc(1, 3 + 2 * POINTERS);
    struct wtr_dns_name name;
    memcpy(bytes, "\1a", 3);
    for (size_t i = 0; i < POINTERS; i++) {
        size_t to = i ? 1 + 2 * i : 0;
        bytes[3 + 2 * i] = (uint8_t)(0xc0 | to >> 8);
        bytes[4 + 2 * i] = (uint8_t)to;
    }
    cr_expect(wtr_dns_read_name(bytes, 3 + 2 * POINTERS, 1 + 2 * POINTERS, &name, NULL));
    cr_expect(wtr_text_is(wtr_dns_name_text(&name), "a"));
    free(bytes);
}

Test(dns, cut_messages)
{
    expect("0102 0100 0001 0000 0000 00", "! 0+11 the message ends in its header\n");
    expect(QUERY "04706c", "! 12+3 the message ends before its questions do\n");
    expect(QUERY PLUG "0001 00", "! 12+12 the message ends before its questions do\n");
    expect(ANSWER("0002") ASKED "c00c 0001 0001 0000012c 0004 0a000007 c00c 0001 0001 0000012c 0004 0a0000",
           "! 41+15 the message ends before its records do\n"
           "response " BITS("true", "true") QUESTION
           ",\"answers\":[{\"name\":\"plug.ln\",\"type\":\"A\","
           "\"class\":\"IN\",\"ttl\":300,\"rdata\":\"10.0.0.7\"}]}\n");
    expect(ANSWER("0001") ASKED, "! 25+0 the message ends before its records do\n"
                                 "response " BITS("true", "true") QUESTION ",\"answers\":[]}\n");
    expect(ANSWER("0001") ASKED "4000 0001 0001 0000012c 0000",
           "! 25+12 the message ends before its records do\n"
           "response " BITS("true", "true") QUESTION ",\"answers\":[]}\n");
}

/* A pointer that leads nowhere spoils the name, not the message. */
Test(dns, unsound_name_in_a_sound_message)
{
    expect(ANSWER("0001") ASKED "c0ff 0001 0001 0000012c 0004 0a000007",
           "response " BITS("true", "true") QUESTION
           ",\"answers\":[{\"name\":null,\"type\":\"A\","
           "\"class\":\"IN\",\"ttl\":300,\"rdata\":\"10.0.0.7\"}]}\n");
}

/* RFC 6762 18.12 and 10.2: the top bit of a class is not part of it. An OPT record's class is a size. */
Test(dns, multicast)
{
    expect_of(&wtr_mdns, "0000 0000 0001 0000 0000 0001 " PLUG "00ff 8001 00 0029 ffff 00000000 0000",
              "query {\"id\":0,\"qr\":false,\"opcode\":0,\"aa\":false,\"tc\":false,\"rd\":false,\"ra\":false,"
              "\"z\":false,\"ad\":false,\"cd\":false,\"rcode\":0,"
              "\"questions\":[{\"qname\":\"plug.ln\",\"qtype\":\"ANY\",\"qclass\":\"IN\","
              "\"unicast_response\":true}],"
              "\"additional\":[{\"name\":\".\",\"type\":\"OPT\",\"class\":\"CLASS65535\",\"ttl\":0,"
              "\"rdata\":{\"hex\":\"\"}}]}\n");
    expect_of(
        &wtr_mdns, "0000 8400 0000 0001 0000 0000 " PLUG "0001 8001 00000078 0004 0a000007",
        "response {\"id\":0,\"qr\":true,\"opcode\":0,\"aa\":true,\"tc\":false,\"rd\":false,\"ra\":false,"
        "\"z\":false,\"ad\":false,\"cd\":false,\"rcode\":0,"
        "\"answers\":[{\"name\":\"plug.ln\",\"type\":\"A\",\"class\":\"IN\",\"cache_flush\":true,"
        "\"ttl\":120,\"rdata\":\"10.0.0.7\"}]}\n");
}

/* RFC 4795 2.1.1: C, TC and T stand where DNS has AA, TC and RD. */
Test(dns, link_local)
{
    expect_of(
        &wtr_llmnr, "0102 0500 0001 0000 0000 0000 " ASKED,
        "query {\"id\":258,\"qr\":false,\"opcode\":0,\"c\":true,\"tc\":false,\"t\":true,\"rcode\":0," QUESTION
        "}\n");
}

Test(dns, bids)
{
    struct bytes b = from_hex(QUERY ASKED);
    cr_expect_eq(feed_bid(&wtr_dns, b, 50000, 53), WTR_BID_LIKELY);
    cr_expect_eq(feed_bid(&wtr_dns, b, 53, 50000), WTR_BID_LIKELY);
    cr_expect_eq(feed_bid(&wtr_dns, b, 50000, 5353), WTR_BID_NONE);
    cr_expect_eq(feed_bid(&wtr_mdns, b, 5353, 5353), WTR_BID_LIKELY);
    cr_expect_eq(feed_bid(&wtr_mdns, b, 50000, 53), WTR_BID_NONE);
    cr_expect_eq(feed_bid(&wtr_llmnr, b, 50000, 5355), WTR_BID_LIKELY);
    struct bytes least = {b.data, 17};
    cr_expect_eq(feed_bid(&wtr_dns, least, 50000, 53), WTR_BID_LIKELY, "room for the root");
    least.length = 16;
    cr_expect_eq(feed_bid(&wtr_dns, least, 50000, 53), WTR_BID_NONE);
    b.data[5] = 0;
    cr_expect_eq(feed_bid(&wtr_dns, b, 50000, 53), WTR_BID_NONE, "nothing counted");
    b.data[5] = 1;
    b.data[2] = 0x18;
    cr_expect_eq(feed_bid(&wtr_dns, b, 50000, 53), WTR_BID_NONE, "opcode 3");
    b.data[2] = 0x38;
    cr_expect_eq(feed_bid(&wtr_dns, b, 50000, 53), WTR_BID_NONE, "opcode 7");
    b.data[2] = 0x28;
    b.data[3] = 0x0b;
    cr_expect_eq(feed_bid(&wtr_dns, b, 50000, 53), WTR_BID_LIKELY, "an update, rcode 11");
    b.data[3] = 0x0c;
    cr_expect_eq(feed_bid(&wtr_dns, b, 50000, 53), WTR_BID_NONE, "rcode 12");
    free(b.data);
}

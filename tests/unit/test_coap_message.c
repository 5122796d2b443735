/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP messages by themselves: header, token, options, payload, and what is wrong with them. The bytes are
 * worked out by hand after RFC 7252 3, RFC 7959 2.2 and the API reference of Shelly's Gen1. */
#include "coap_feed.h"

#include <criterion/criterion.h>

static struct coap_feed feed;

static void set_up(void)
{
    feed = coap_feed_new();
}

static void tear_down(void)
{
    coap_feed_free(&feed);
}

TestSuite(coap_message, .init = set_up, .fini = tear_down);

/* Every datagram of these tests is another one's business: a new port each time. */
static void expect(const char *bytes, const char *lines)
{
    feed.client_port++;
    const char *heard = coap_ask(&feed, bytes);
    cr_expect(strcmp(heard, lines) == 0, "%s\nheard:    %sexpected: %s", bytes, heard, lines);
}

Test(coap_message, empty_ones)
{
    /* Ver 1, CON, no token; 0.00; id 0x1234: a ping. */
    expect("40 00 12 34",
           "empty "
           "{\"type\":\"CON\",\"code\":\"0.00\",\"code_name\":\"Empty\",\"message_id\":4660,\"token\":\"\","
           "\"options\":[]}\n");
    expect("70 00 ff ff",
           "empty "
           "{\"type\":\"RST\",\"code\":\"0.00\",\"code_name\":\"Empty\",\"message_id\":65535,\"token\":\"\","
           "\"options\":[]}\n");
    /* RFC 7252 4.1: nothing may follow. It is read all the same. */
    expect(
        "61 00 00 01 aa",
        "empty {\"type\":\"ACK\",\"code\":\"0.00\",\"code_name\":\"Empty\",\"message_id\":1,\"token\":\"aa\","
        "\"options\":[],\"anomalies\":[\"an empty message has more than a header\"]}\n");
    expect(
        "50 00 00 01",
        "empty {\"type\":\"NON\",\"code\":\"0.00\",\"code_name\":\"Empty\",\"message_id\":1,\"token\":\"\","
        "\"options\":[],\"anomalies\":[\"a non-confirmable message is empty\"]}\n");
}

Test(coap_message, cut_short)
{
    expect("", "! the message is shorter than its header\n");
    expect("40 01 00", "! the message is shorter than its header\n");
    expect("41 01 00 01", "! the message ends within its token\n");
    expect("48 01 00 01 01 02 03 04 05 06 07", "! the message ends within its token\n");
    expect("49 01 00 01 01 02 03 04 05 06 07 08 09", "! the token's length is a reserved one\n");
    expect("80 01 00 01", "! the version is not 1\n");
    expect("00 01 00 01", "! the version is not 1\n");
    /* An option that is announced and absent; extensions that are. */
    expect("40 01 00 01 b3 'ci'", "! an option is malformed or runs past the message's end\n");
    expect("40 01 00 01 d0", "! an option is malformed or runs past the message's end\n");
    expect("40 01 00 01 e0 00", "! an option is malformed or runs past the message's end\n");
    expect("40 01 00 01 0d", "! an option is malformed or runs past the message's end\n");
    expect("40 01 00 01 0e 00", "! an option is malformed or runs past the message's end\n");
    /* 15 is the payload marker's, and reserved elsewhere. */
    expect("40 01 00 01 f0", "! an option is malformed or runs past the message's end\n");
    expect("40 01 00 01 0f", "! an option is malformed or runs past the message's end\n");
    /* 269 + 65267 is one more than 16 bits hold. */
    expect("40 01 00 01 e0 fe f3", "! an option's number is beyond 65535\n");
    expect("40 01 00 01 ff", "! a payload marker is followed by no payload\n");
}

#define REQUEST(options, rest)                                                                               \
    "request {\"type\":\"CON\",\"code\":\"0.01\",\"code_name\":\"GET\",\"message_id\":1,\"token\":\"\","     \
    "\"options\":[" options "]" rest "}\n"

/* A feed counts its requests: the exchange's number is that of the request. */
Test(coap_message, extended_deltas_and_lengths)
{
    /* Delta 11, length 3: Uri-Path. */
    expect("40 01 00 01 b3 'cit'",
           REQUEST("{\"number\":11,\"name\":\"Uri-Path\",\"value\":\"cit\"}", ",\"exchange\":1"));
    /* 13 + 2 = 15, length 13 + 0 = 13: Uri-Query. */
    expect("40 01 00 01 dd 02 00 '0123456789abc'",
           REQUEST("{\"number\":15,\"name\":\"Uri-Query\",\"value\":\"0123456789abc\"}", ",\"exchange\":2"));
    /* 13 + 255 = 268 and 269 + 0: the two sides of the border, both without a name. */
    expect("40 01 00 01 d1 ff 07", REQUEST("{\"number\":268,\"value\":{\"hex\":\"07\"}}", ",\"exchange\":3"));
    expect("40 01 00 01 e1 00 00 07",
           REQUEST("{\"number\":269,\"value\":{\"hex\":\"07\"}}",
                   ",\"exchange\":4,\"anomalies\":[\"a critical option is not known\"]"));
    /* 269 + 65266 = 65535, the last one. */
    expect("40 01 00 01 e0 fe f2",
           REQUEST("{\"number\":65535,\"value\":{\"hex\":\"\"}}",
                   ",\"exchange\":5,\"anomalies\":[\"a critical option is not known\"]"));
    /* Length 269 + 0. */
    char long_path[2000] = "40 01 00 01 be 00 00 '";
    char text[270] = {0};
    memset(text, 'x', 269);
    strcat(strcat(long_path, text), "'");
    const char *heard = (feed.client_port++, coap_ask(&feed, long_path));
    cr_expect(strstr(heard, text));
    cr_expect(strstr(heard, "an option's length is outside its bounds"));
}

Test(coap_message, value_formats)
{
    /* uint of 0, 1, 2, 3, 4 bytes: Observe "", Content-Format 50, Max-Age 0x010203. */
    expect("62 45 00 01 aa bb 60 61 32 23 01 02 03 ff '{}'",
           "response {\"type\":\"ACK\",\"code\":\"2.05\",\"code_name\":\"Content\",\"message_id\":1,"
           "\"token\":\"aabb\",\"options\":["
           "{\"number\":6,\"name\":\"Observe\",\"value\":0},"
           "{\"number\":12,\"name\":\"Content-Format\",\"value\":50,\"media_type\":\"application/json\"},"
           "{\"number\":14,\"name\":\"Max-Age\",\"value\":66051}],\"payload\":\"{}\"}\n");
    /* ETag is opaque even where it looks like text; If-None-Match is empty. */
    expect("40 01 00 01 42 'ab' 10", REQUEST("{\"number\":4,\"name\":\"ETag\",\"value\":{\"hex\":\"6162\"}},"
                                             "{\"number\":5,\"name\":\"If-None-Match\"}",
                                             ",\"exchange\":1"));
    /* A uint of five bytes is none: shown as it stands, and noted. */
    expect("40 01 00 01 d5 01 01 02 03 04 05",
           REQUEST("{\"number\":14,\"name\":\"Max-Age\",\"value\":{\"hex\":\"0102030405\"}}",
                   ",\"exchange\":2,\"anomalies\":[\"an option's length is outside its bounds\"]"));
    /* Block2 0x2b = 2 << 4 | 8 | 3: the third block of 128, more to come. */
    expect(
        "40 01 00 01 d1 0a 2b",
        REQUEST("{\"number\":23,\"name\":\"Block2\",\"value\":{\"num\":2,\"m\":true,\"szx\":3,\"size\":128}}",
                ",\"exchange\":3"));
    /* The largest number, 2^20 - 1, of 1024 each. */
    expect("40 01 00 01 d3 0a ff ff f6",
           REQUEST("{\"number\":23,\"name\":\"Block2\",\"value\":{\"num\":1048575,\"m\":false,\"szx\":6,"
                   "\"size\":1024}}",
                   ",\"exchange\":4"));
    /* A path that is no UTF-8. */
    expect("40 01 00 01 b1 ff", REQUEST("{\"number\":11,\"name\":\"Uri-Path\",\"value\":{\"hex\":\"ff\"}}",
                                        ",\"exchange\":5,\"anomalies\":[\"an option's text is not UTF-8\"]"));
}

/* Option 3332: delta 3332 - 11 = 3321 = 269 + 3052 (0x0bec); 3412: 80 = 13 + 67 (0x43); 3420: 8. Its lengths:
 * 16 = 13 + 3; 2; 2. */
Test(coap_message, coiot)
{
    expect("50 1e 00 01 b3 'cit' 01 's' ed 0b ec 03 'SHPLG-S#7AB1C2#2' d2 43 01 7c 82 00 65 ff '{}'",
           "request {\"type\":\"NON\",\"code\":\"0.30\",\"message_id\":1,\"token\":\"\",\"options\":["
           "{\"number\":11,\"name\":\"Uri-Path\",\"value\":\"cit\"},"
           "{\"number\":11,\"name\":\"Uri-Path\",\"value\":\"s\"},"
           "{\"number\":3332,\"name\":\"COIOT_OPTION_GLOBAL_DEVID\",\"value\":\"SHPLG-S#7AB1C2#2\"},"
           "{\"number\":3412,\"name\":\"COIOT_OPTION_STATUS_VALIDITY\",\"value\":380},"
           "{\"number\":3420,\"name\":\"COIOT_OPTION_STATUS_SERIAL\",\"value\":101}],"
           "\"payload\":\"{}\",\"exchange\":1}\n");
}

Test(coap_message, what_is_wrong)
{
    /* Max-Age twice; Uri-Path may stand twice. */
    expect("40 01 00 01 b1 'a' 01 'b' 31 01 01 02",
           REQUEST("{\"number\":11,\"name\":\"Uri-Path\",\"value\":\"a\"},"
                   "{\"number\":11,\"name\":\"Uri-Path\",\"value\":\"b\"},"
                   "{\"number\":14,\"name\":\"Max-Age\",\"value\":1},"
                   "{\"number\":14,\"name\":\"Max-Age\",\"value\":2}",
                   ",\"exchange\":1,\"anomalies\":[\"an option stands twice that may not be repeated\"]"));
    expect(
        "60 03 00 01 b1 'a' 10 ff 'x'",
        "request {\"type\":\"ACK\",\"code\":\"0.03\",\"code_name\":\"PUT\",\"message_id\":1,\"token\":\"\","
        "\"options\":[{\"number\":11,\"name\":\"Uri-Path\",\"value\":\"a\"},"
        "{\"number\":12,\"name\":\"Content-Format\",\"value\":0,\"media_type\":\"text/"
        "plain;charset=utf-8\"}],"
        "\"payload\":\"x\",\"exchange\":2,\"anomalies\":[\"an acknowledgement carries a request\"]}\n");
    expect(
        "50 02 00 01 b1 'a' ff 'x'",
        "request {\"type\":\"NON\",\"code\":\"0.02\",\"code_name\":\"POST\",\"message_id\":1,\"token\":\"\","
        "\"options\":[{\"number\":11,\"name\":\"Uri-Path\",\"value\":\"a\"}],\"payload\":\"x\","
        "\"exchange\":3,\"anomalies\":[\"the payload has no Content-Format\"]}\n");
    /* A code that nobody defined, 3.07, is shown. */
    expect("40 67 00 01", "reserved {\"type\":\"CON\",\"code\":\"3.07\",\"message_id\":1,\"token\":\"\","
                          "\"options\":[]}\n");
    /* SZX 7 over UDP; 17 bytes in a block of 16. */
    expect(
        "40 01 00 01 d1 0a 07",
        REQUEST(
            "{\"number\":23,\"name\":\"Block2\",\"value\":{\"num\":0,\"m\":false,\"szx\":7,\"size\":1024}}",
            ",\"exchange\":4,\"anomalies\":[\"the block size (SZX) is the reserved one\"]"));
    expect("60 45 00 01 c0 b1 00 ff '0123456789abcdefg'",
           "response "
           "{\"type\":\"ACK\",\"code\":\"2.05\",\"code_name\":\"Content\",\"message_id\":1,\"token\":\"\","
           "\"options\":[{\"number\":12,\"name\":\"Content-Format\",\"value\":0,"
           "\"media_type\":\"text/plain;charset=utf-8\"},"
           "{\"number\":23,\"name\":\"Block2\",\"value\":{\"num\":0,\"m\":false,\"szx\":0,\"size\":16}}],"
           "\"payload\":\"0123456789abcdefg\",\"anomalies\":[\"the payload is longer than its block\"]}\n");
    expect("60 45 00 01 c0 b1 08 ff '0123456789abcde'",
           "response "
           "{\"type\":\"ACK\",\"code\":\"2.05\",\"code_name\":\"Content\",\"message_id\":1,\"token\":\"\","
           "\"options\":[{\"number\":12,\"name\":\"Content-Format\",\"value\":0,"
           "\"media_type\":\"text/plain;charset=utf-8\"},"
           "{\"number\":23,\"name\":\"Block2\",\"value\":{\"num\":0,\"m\":true,\"szx\":0,\"size\":16}}],"
           "\"payload\":\"0123456789abcde\","
           "\"anomalies\":[\"a block that is not the last one is not full\"]}\n");
}

/* ---- whether bytes are CoAP ---- */

static enum wtr_bid bid(const char *written, uint16_t port)
{
    size_t length;
    uint8_t *bytes = coap_bytes(written, &length);
    const struct wtr_probe probe = {
        .bytes = bytes, .length = length, .client_port = 40000, .server_port = port};
    enum wtr_bid result = wtr_coap.probe_datagram(&probe);
    free(bytes);
    return result;
}

Test(coap_message, probe)
{
    cr_expect_eq(bid("40 00 12 34", 5683), WTR_BID_CERTAIN);
    cr_expect_eq(bid("40 01 00 01 b3 'ci'", 5683), WTR_BID_LIKELY);
    cr_expect_eq(bid("80 01 00 01", 5683), WTR_BID_NONE);
    cr_expect_eq(bid("40 61 00 01", 5683), WTR_BID_NONE); /* 3.01 */
    cr_expect_eq(bid("40 00 12", 5683), WTR_BID_NONE);
    cr_expect_eq(bid("", 5683), WTR_BID_NONE);
    /* Elsewhere: a request for a resource, an answer that describes what it carries. */
    cr_expect_eq(bid("40 01 00 01 b3 'cit' 01 'd'", 7000), WTR_BID_LIKELY);
    cr_expect_eq(bid("60 45 00 01 c0 ff 'x'", 7000), WTR_BID_LIKELY);
    cr_expect_eq(bid("40 01 00 01", 7000), WTR_BID_NONE);
    cr_expect_eq(bid("60 44 00 01", 7000), WTR_BID_NONE);
    cr_expect_eq(bid("40 00 12 34", 7000), WTR_BID_NONE);
    cr_expect_eq(bid("40 01 00 01 b3 'ci'", 7000), WTR_BID_NONE);
    cr_expect_eq(bid("40 01 00 01 b3 'cit' 91 'd'", 7000), WTR_BID_LIKELY); /* 20, Location-Query */
    cr_expect_eq(bid("40 01 00 01 b3 'cit' a1 'd'", 7000), WTR_BID_NONE);   /* 21 is EDHOC, and empty */
    cr_expect_eq(bid("70 01 00 01 b3 'cit'", 7000), WTR_BID_NONE);          /* a reset with a request */
    cr_expect_eq(bid("40 09 00 01 b3 'cit'", 7000), WTR_BID_NONE);          /* 0.09 */
    /* DNS's port, whatever it looks like. */
    cr_expect_eq(bid("40 01 00 01 b3 'cit' 01 'd'", 53), WTR_BID_NONE);
}

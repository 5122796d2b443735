/* SPDX-License-Identifier: Apache-2.0 */
/* SSDP messages, written by hand from the UPnP Device Architecture 2.0, 1.2.2, 1.3.2 and 1.3.3. */
#include "protocol/ssdp.h"

#include "datagram_feed.h"

#include <criterion/criterion.h>

static void expect(const char *text, const char *expected)
{
    struct bytes b = from_text(text);
    const char *said = feed_datagram(&wtr_ssdp, b);
    cr_expect(strcmp(said, expected) == 0, "%s\nsaid:\n%sexpected:\n%s", text, said, expected);
    free(b.data);
    wtr_buffer_free(&feed_log);
}

#define NOTIFY "notify {\"method\":\"NOTIFY\",\"target\":\"*\",\"version\":\"HTTP/1.1\",\"headers\":["

Test(ssdp, the_three_messages)
{
    expect("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS:ssdp:alive\r\nEXT:\r\n\r\n",
           NOTIFY "{\"name\":\"HOST\",\"value\":\"239.255.255.250:1900\"},"
                  "{\"name\":\"NTS\",\"value\":\"ssdp:alive\"},{\"name\":\"EXT\",\"value\":\"\"}]}\n");
    expect("M-SEARCH * HTTP/1.1\r\nMX: \t 3 \t\r\n\r\n",
           "m-search {\"method\":\"M-SEARCH\",\"target\":\"*\",\"version\":\"HTTP/1.1\","
           "\"headers\":[{\"name\":\"MX\",\"value\":\"3\"}]}\n");
    expect("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n",
           "response {\"version\":\"HTTP/1.1\",\"status\":\"200\",\"reason\":\"OK\","
           "\"headers\":[{\"name\":\"ST\",\"value\":\"upnp:rootdevice\"}]}\n");
}

Test(ssdp, an_end_without_an_empty_line)
{
    expect("NOTIFY * HTTP/1.1", NOTIFY "]}\n");
    expect("NOTIFY * HTTP/1.1\r\nNT: x", NOTIFY "{\"name\":\"NT\",\"value\":\"x\"}]}\n");
    expect("NOTIFY * HTTP/1.1\r\nNT: x\r", NOTIFY "{\"name\":\"NT\",\"value\":\"x\\r\"}]}\n");
    expect("NOTIFY * HTTP/1.1\r\nNT: x\r\n", NOTIFY "{\"name\":\"NT\",\"value\":\"x\"}]}\n");
    expect("NOTIFY * HTTP/1.1\r\n\r\nNT: body", NOTIFY "]}\n");
}

Test(ssdp, start_lines_with_parts_missing)
{
    expect("NOTIFY ", "notify {\"method\":\"NOTIFY\",\"target\":\"\",\"version\":\"\",\"headers\":[]}\n");
    expect("HTTP/1.1 ",
           "response {\"version\":\"HTTP/1.1\",\"status\":\"\",\"reason\":\"\",\"headers\":[]}\n");
}

Test(ssdp, lines_that_are_no_headers)
{
    expect("NOTIFY * HTTP/1.1\r\nNT: x\r\nnonsense\r\nUSN: y\r\n\r\n",
           "! 26+8 a line is no header\n" NOTIFY "{\"name\":\"NT\",\"value\":\"x\"}]}\n");
    expect("NOTIFY * HTTP/1.1\r\n : x\r\n\r\n", "! 19+4 a line is no header\n" NOTIFY "]}\n");
}

/* One more header than there is room for. */
Test(ssdp, many_headers)
{
    struct wtr_buffer text = {0};
    wtr_put_z(&text, "NOTIFY * HTTP/1.1\r\n");
    for (int i = 0; i < WTR_SSDP_MAX_HEADERS; i++)
        wtr_put_z(&text, "A: b\r\n");
    struct bytes whole = {(uint8_t *)text.data, text.length};
    cr_expect_null(strchr(feed_datagram(&wtr_ssdp, whole), '!'));
    wtr_put_z(&text, "A: b\r\n");
    whole = (struct bytes){(uint8_t *)text.data, text.length};
    cr_expect_eq(strncmp(feed_datagram(&wtr_ssdp, whole), "! 307+4 more headers than are read\n", 35), 0);
    wtr_buffer_free(&text);
    wtr_buffer_free(&feed_log);
}

Test(ssdp, bids)
{
    static const struct {
        const char *text;
        enum wtr_bid bid;
    } cases[] = {
        {"NOTIFY * HTTP/1.1\r\n", WTR_BID_CERTAIN}, {"M-SEARCH ", WTR_BID_CERTAIN},
        {"HTTP/1.1 200 OK\r\n", WTR_BID_CERTAIN},   {"NOTIFY", WTR_BID_NONE},
        {"GET / HTTP/1.1\r\n", WTR_BID_NONE},       {"", WTR_BID_NONE},
        {"notify * HTTP/1.1\r\n", WTR_BID_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = from_text(cases[i].text);
        cr_expect_eq(feed_bid(&wtr_ssdp, b, 50000, 1900), cases[i].bid, "%s", cases[i].text);
        cr_expect_eq(feed_bid(&wtr_ssdp, b, 1900, 50000), cases[i].bid, "%s", cases[i].text);
        cr_expect_eq(feed_bid(&wtr_ssdp, b, 50000, 1901), WTR_BID_NONE);
        free(b.data);
    }
}

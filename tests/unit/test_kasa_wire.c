/* SPDX-License-Identifier: Apache-2.0 */
/* The Kasa protocol: its cipher, frames across segments and losses, and which answer is laid to which
 * request. The ciphertexts written out were worked out by another program. */
#include "kasa_feed.h"

#include <criterion/criterion.h>

#define ASK "{\"system\":{\"get_sysinfo\":{}}}"
#define INFO "{\"system\":{\"get_sysinfo\":{\"relay_state\":1,\"err_code\":0}}}"
#define METER "{\"emeter\":{\"get_realtime\":{}}}"
#define METERED "{\"emeter\":{\"get_realtime\":{\"power\":1,\"err_code\":0}}}"

static const uint8_t ask_cipher[] = {0xd0, 0xf2, 0x81, 0xf8, 0x8b, 0xff, 0x9a, 0xf7, 0xd5, 0xef,
                                     0x94, 0xb6, 0xd1, 0xb4, 0xc0, 0x9f, 0xec, 0x95, 0xe6, 0x8f,
                                     0xe1, 0x87, 0xe8, 0xca, 0xf0, 0x8b, 0xf6, 0x8b, 0xf6};

static struct kasa_feed feed;

static void set_up(void)
{
    kasa_open(&feed, false);
}

static void tear_down(void)
{
    kasa_close(&feed);
}

TestSuite(kasa_wire, .init = set_up, .fini = tear_down);

static void expect_log(const char *expected)
{
    const char *heard = kasa_log(&feed);
    cr_expect(strcmp(heard, expected) == 0, "heard:\n%sexpected:\n%s", heard, expected);
}

/* ---- recognising it */

static enum wtr_bid probe(const uint8_t *bytes, size_t length, uint16_t port)
{
    uint8_t *block = malloc(length ? length : 1); /* nothing behind the bytes may be read */
    cr_assert(block);
    memcpy(block, bytes, length);
    struct wtr_probe p = {.bytes = block, .length = length, .client_port = 40000, .server_port = port};
    enum wtr_bid bid = wtr_kasa_protocol.probe_stream(&p);
    free(block);
    return bid;
}

Test(kasa_wire, a_stream_is_recognised_by_its_first_bytes)
{
    uint8_t frame[64] = {0, 0, 0, sizeof ask_cipher};
    memcpy(frame + 4, ask_cipher, sizeof ask_cipher);
    size_t whole = 4 + sizeof ask_cipher;
    cr_expect_eq(probe(frame, whole, 9999), WTR_BID_CERTAIN);
    cr_expect_eq(probe(frame, whole, 8080), WTR_BID_LIKELY);
    for (size_t n = 0; n < 4 + 24; n++)
        cr_expect_eq(probe(frame, n, 9999), WTR_BID_MORE, "%zu bytes", n);
    cr_expect_eq(probe(frame, 4 + 24, 9999), WTR_BID_CERTAIN);
    const uint8_t empty[] = {0, 0, 0, 2, 0xd0, 0xad};
    cr_expect_eq(probe(empty, sizeof empty, 9999), WTR_BID_CERTAIN);
}

Test(kasa_wire, other_streams_are_left_alone)
{
    uint8_t frame[64] = {0, 0, 0, sizeof ask_cipher};
    memcpy(frame + 4, ask_cipher, sizeof ask_cipher);
    size_t whole = 4 + sizeof ask_cipher;
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {{0, 1}, {1, 2}, {4, 0xd1}, {5, 0xf3}, {10, 0xfe}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        uint8_t other[sizeof frame];
        memcpy(other, frame, sizeof frame);
        other[changes[i].at] = changes[i].value;
        cr_expect_eq(probe(other, whole, 9999), WTR_BID_NONE, "byte %zu", changes[i].at);
    }
    const uint8_t no_body[] = {0, 0, 0, 1, 0xd0, 0xf2};
    cr_expect_eq(probe(no_body, sizeof no_body, 9999), WTR_BID_NONE);
    cr_expect_eq(probe((const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18, 9999), WTR_BID_NONE);
    const uint8_t too_long[] = {0, 1, 0, 1, 0xd0, 0xf2};
    cr_expect_eq(probe(too_long, sizeof too_long, 9999), WTR_BID_NONE);
}

Test(kasa_wire, datagrams)
{
    struct wtr_probe p = {.bytes = ask_cipher, .length = sizeof ask_cipher, .server_port = 9999};
    cr_expect_eq(wtr_kasa_protocol.probe_datagram(&p), WTR_BID_CERTAIN);
    p.server_port = 5000;
    cr_expect_eq(wtr_kasa_protocol.probe_datagram(&p), WTR_BID_LIKELY);
    p.length = 1;
    cr_expect_eq(wtr_kasa_protocol.probe_datagram(&p), WTR_BID_NONE);
    p.bytes = (const uint8_t *)"{\"system\":{}}";
    p.length = 13;
    cr_expect_eq(wtr_kasa_protocol.probe_datagram(&p), WTR_BID_NONE);
}

static void hand_datagram(uint16_t from, uint16_t to, const uint8_t *body, size_t length)
{
    struct wtr_piece piece = {.length = length, .offset = KASA_FRAME + 42, .frame = 1};
    const struct wtr_datagram d = {
        .from = {.port = from}, .to = {.port = to}, .span = {body, length, &piece, 1, NULL}};
    void *state = calloc(1, wtr_kasa_protocol.datagram_state_size);
    cr_assert(state);
    struct wtr_sink sink = {.payload = &feed, .message = kasa_on_message, .finding = kasa_on_finding};
    wtr_kasa_protocol.datagram(state, &d, &sink);
    wtr_kasa_protocol.close_datagrams(state);
    free(state);
}

Test(kasa_wire, who_sent_a_datagram)
{
    uint8_t info[256];
    size_t length = kasa_encipher(INFO, info);
    hand_datagram(40000, 9999, ask_cipher, sizeof ask_cipher);
    hand_datagram(9999, 40000, info, length);
    hand_datagram(9999, 9999, info, length);
    hand_datagram(9999, 9999, ask_cipher, sizeof ask_cipher);
    hand_datagram(40000, 9999, info, length);
    hand_datagram(9999, 40000, info, length - 1);
    expect_log("C 1+42:29 #0 request " ASK "\n"
               "S 1+42:57 #0 response " INFO "\n"
               "S 1+42:57 #0 response " INFO "\n"
               "C 1+42:29 #0 request " ASK "\n"
               "C 1+42:57 #0 request " INFO "\n"
               "! 1+42:56 the body is no JSON object\n");
}

/* ---- frames */

Test(kasa_wire, the_cipher)
{
    uint8_t made[64];
    cr_assert_eq(kasa_encipher(ASK, made), sizeof ask_cipher);
    cr_expect_eq(memcmp(made, ask_cipher, sizeof ask_cipher), 0, "the tests' own cipher");
    uint8_t frame[64] = {0, 0, 0, sizeof ask_cipher};
    memcpy(frame + 4, ask_cipher, sizeof ask_cipher);
    kasa_segment(&feed, WTR_FROM_CLIENT, frame, 4 + sizeof ask_cipher);
    expect_log("C 1+4:29 #1 request " ASK "\n");
}

Test(kasa_wire, a_message_in_any_segments)
{
    uint8_t frame[64];
    size_t length = kasa_frame(ASK, frame);
    for (size_t cut = 1; cut < length; cut++) {
        char expected[160];
        kasa_segment(&feed, WTR_FROM_CLIENT, frame, cut);
        expect_log("");
        kasa_segment(&feed, WTR_FROM_CLIENT, frame + cut, length - cut);
        bool split = cut > 4;
        const char *heard = kasa_log(&feed);
        /* The numbers of exchanges go on though none is answered. */
        snprintf(expected, sizeof expected, "C %u+%zu:%zu #%zu request " ASK "\n", feed.frame - split,
                 split ? (size_t)4 : 4 - cut, split ? cut - 4 : (size_t)29, cut);
        cr_expect(strcmp(heard, expected) == 0, "heard:\n%sexpected:\n%s", heard, expected);
    }
}

Test(kasa_wire, several_messages_in_a_segment)
{
    uint8_t segment[256];
    size_t length = kasa_frame(ASK, segment);
    length += kasa_frame("{}", segment + length);
    length += kasa_frame(METER, segment + length);
    kasa_segment(&feed, WTR_FROM_CLIENT, segment, length - 1);
    kasa_segment(&feed, WTR_FROM_CLIENT, segment + length - 1, 1);
    expect_log("C 1+4:29 #1 request " ASK "\n"
               "C 1+37:2 #2 request {}\n"
               "C 1+43:29 #3 request " METER "\n");
}

Test(kasa_wire, a_body_that_is_no_object_is_passed_over)
{
    kasa_send(&feed, WTR_FROM_CLIENT, "{\"system\":");
    kasa_send(&feed, WTR_FROM_CLIENT, "{\"a\":1}x");
    kasa_send(&feed, WTR_FROM_CLIENT, ASK);
    expect_log("! 1+4:10 the body is no JSON object\n"
               "! 2+4:8 the body is no JSON object\n"
               "C 3+4:29 #1 request " ASK "\n");
}

Test(kasa_wire, the_longest_body)
{
    static char plain[WTR_KASA_MAX_BODY + 2];
    static uint8_t frame[WTR_KASA_MAX_BODY + 8];
    memset(plain, 'x', sizeof plain);
    memcpy(plain, "{\"a\":\"", 6);
    memcpy(plain + WTR_KASA_MAX_BODY - 2, "\"}", 3);
    kasa_encipher(plain, frame + 4);
    memcpy(frame, (uint8_t[]){0, 1, 0, 0}, 4);
    kasa_segment(&feed, WTR_FROM_CLIENT, frame, 4 + WTR_KASA_MAX_BODY);
    const char *heard = kasa_log(&feed);
    cr_expect(strncmp(heard, "C 1+4:65536 #1 request {\"a\":\"xxx", 31) == 0, "%.60s", heard);
    frame[3] = 1;
    kasa_segment(&feed, WTR_FROM_CLIENT, frame, 4 + WTR_KASA_MAX_BODY);
    expect_log("! 2+0:65540 no message begins here\n");
}

/* ---- losses */

Test(kasa_wire, a_loss_inside_a_message_leaves_its_end_known)
{
    uint8_t frame[64];
    size_t length = kasa_frame(ASK, frame);
    kasa_segment(&feed, WTR_FROM_CLIENT, frame, 10);
    kasa_lose(&feed, WTR_FROM_CLIENT, 13);
    uint8_t rest[128];
    memcpy(rest, frame + 23, length - 23);
    size_t more = kasa_frame(METER, rest + length - 23);
    kasa_segment(&feed, WTR_FROM_CLIENT, rest, length - 23 + more);
    expect_log("! 2+0:10 the rest of a message of which bytes were lost\n"
               "C 2+14:30 #1 request " METER "\n");
    kasa_segment(&feed, WTR_FROM_CLIENT, frame, 10);
    kasa_lose(&feed, WTR_FROM_CLIENT, length - 10);
    kasa_send(&feed, WTR_FROM_CLIENT, METER);
    expect_log("C 4+4:30 #2 request " METER "\n");
}

Test(kasa_wire, after_another_loss_a_message_is_looked_for)
{
    uint8_t frame[64];
    size_t length = kasa_frame(ASK, frame);
    kasa_segment(&feed, WTR_FROM_CLIENT, frame, 10);
    kasa_lose(&feed, WTR_FROM_CLIENT, length); /* the next one's beginning is gone too */
    kasa_segment(&feed, WTR_FROM_CLIENT, frame + 10, length - 10);
    kasa_segment(&feed, WTR_FROM_CLIENT, frame, 20);
    kasa_segment(&feed, WTR_FROM_CLIENT, frame + 20, length - 20);
    expect_log("! 2+0:23 bytes before the next message that could be found\n"
               "C 3+4:16 #1 request " ASK "\n");
}

Test(kasa_wire, what_only_looks_like_a_beginning_is_not_believed)
{
    uint8_t frame[64];
    kasa_lose(&feed, WTR_FROM_SERVER, 0);
    size_t length = kasa_frame("{\"no json", frame);
    kasa_segment(&feed, WTR_FROM_SERVER, frame, length);
    kasa_send(&feed, WTR_FROM_SERVER, INFO);
    expect_log("! 1+0:13 bytes before the next message that could be found\n"
               "S 2+4:57 #0 response " INFO "\n");
}

Test(kasa_wire, bytes_that_are_no_message)
{
    kasa_segment(&feed, WTR_FROM_CLIENT, (const uint8_t *)"GET / HTTP/1.1", 14);
    kasa_send(&feed, WTR_FROM_CLIENT, ASK);
    expect_log("! 1+0:14 no message begins here\n"
               "C 2+4:29 #1 request " ASK "\n");
}

/* ---- answers and their requests */

Test(kasa_wire, answers_come_in_the_order_of_the_requests)
{
    kasa_send(&feed, WTR_FROM_CLIENT, ASK);
    kasa_send(&feed, WTR_FROM_SERVER, INFO);
    kasa_send(&feed, WTR_FROM_CLIENT, METER);
    kasa_send(&feed, WTR_FROM_CLIENT, ASK);
    kasa_send(&feed, WTR_FROM_SERVER, METERED);
    kasa_send(&feed, WTR_FROM_SERVER, INFO);
    expect_log("C 1+4:29 #1 request " ASK "\n"
               "S 2+4:57 #1 response " INFO "\n"
               "C 3+4:30 #2 request " METER "\n"
               "C 4+4:29 #3 request " ASK "\n"
               "S 5+4:52 #2 response " METERED "\n"
               "S 6+4:57 #3 response " INFO "\n");
}

Test(kasa_wire, after_a_doubt_no_answer_is_laid_to_a_request)
{
    kasa_send(&feed, WTR_FROM_CLIENT, ASK);
    kasa_send(&feed, WTR_FROM_SERVER, METERED); /* asked otherwise */
    kasa_send(&feed, WTR_FROM_CLIENT, ASK);
    kasa_send(&feed, WTR_FROM_SERVER, INFO);
    expect_log("C 1+4:29 #1 request " ASK "\n"
               "S 2+4:52 #0 response " METERED "\n"
               "C 3+4:29 #2 request " ASK "\n"
               "S 4+4:57 #0 response " INFO "\n");
}

Test(kasa_wire, an_answer_before_its_request)
{
    kasa_send(&feed, WTR_FROM_SERVER, INFO);
    kasa_send(&feed, WTR_FROM_CLIENT, ASK);
    kasa_send(&feed, WTR_FROM_SERVER, INFO);
    expect_log("S 1+4:57 #0 response " INFO "\n"
               "C 2+4:29 #1 request " ASK "\n"
               "S 3+4:57 #0 response " INFO "\n");
}

Test(kasa_wire, a_loss_in_either_direction)
{
    for (int lost = 0; lost < 2; lost++) {
        kasa_close(&feed);
        kasa_open(&feed, false);
        kasa_send(&feed, WTR_FROM_CLIENT, ASK);
        kasa_lose(&feed, lost ? WTR_FROM_SERVER : WTR_FROM_CLIENT, 61);
        kasa_send(&feed, WTR_FROM_CLIENT, ASK);
        kasa_send(&feed, WTR_FROM_SERVER, INFO);
        expect_log("C 1+4:29 #1 request " ASK "\n"
                   "C 2+4:29 #2 request " ASK "\n"
                   "S 3+4:57 #0 response " INFO "\n");
    }
}

Test(kasa_wire, from_the_middle_who_is_who_is_told_by_what_they_say)
{
    kasa_close(&feed);
    kasa_open(&feed, true);
    kasa_send(&feed, WTR_FROM_SERVER, ASK);
    kasa_send(&feed, WTR_FROM_CLIENT, INFO);
    kasa_send(&feed, WTR_FROM_CLIENT, "{\"cnCloud\":{\"err_code\":-1,\"err_msg\":\"module not support\"}}");
    expect_log("S 1+4:29 #1 request " ASK "\n"
               "C 2+4:57 #0 response " INFO "\n"
               "C 3+4:58 #0 response {\"cnCloud\":{\"err_code\":-1,\"err_msg\":\"module not support\"}}\n");
}

/* ---- fields */

static const char *fields_of(const char *plain, bool reveal)
{
    static char text[2048];
    struct wtr_json json = {0};
    struct wtr_buffer out = {0};
    cr_assert(wtr_json_parse(&json, wtr_text_z(plain)), "%s", plain);
    struct wtr_kasa_body body = {.json = &json};
    struct wtr_message message = {.protocol = &wtr_kasa_protocol, .body = &body};
    message.span = (struct wtr_span){(const uint8_t *)plain, strlen(plain), NULL, 0, NULL};
    struct wtr_json_writer w = {.out = &out, .reveal_secrets = reveal};
    wtr_json_begin_object(&w);
    wtr_kasa_protocol.fields(&message, &w);
    wtr_json_end_object(&w);
    snprintf(text, sizeof text, "%.*s", (int)out.length, out.data);
    wtr_buffer_free(&out);
    wtr_json_free(&json);
    return text;
}

Test(kasa_wire, fields)
{
    cr_expect_str_eq(
        fields_of("{\"context\":{\"source\":\"x\"},\"a\":{\"b\":{},\"c\":null},\"d\":{\"err_code\":-1}}",
                  false),
        "{\"methods\":[\"a.b\",\"a.c\",\"d\"],\"body\":\"{\\\"context\\\":{\\\"source\\\":\\\"x\\\"},"
        "\\\"a\\\":{\\\"b\\\":{},\\\"c\\\":null},\\\"d\\\":{\\\"err_code\\\":-1}}\"}");
    cr_expect_str_eq(fields_of("{}", false), "{\"methods\":[],\"body\":\"{}\"}");
}

Test(kasa_wire, secrets_in_fields)
{
    const char *bind =
        "{\"cnCloud\":{\"bind\":{\"username\":\"password\",\"password\" : \"hunter2\",\"x\":1}}}";
    cr_expect_str_eq(fields_of(bind, false),
                     "{\"methods\":[\"cnCloud.bind\"],\"body\":\"{\\\"cnCloud\\\":{\\\"bind\\\":"
                     "{\\\"username\\\":\\\"password\\\",\\\"password\\\" : "
                     "\\\"sha256:f52fbd32b2b3b86f, 7 bytes\\\",\\\"x\\\":1}}}\"}");
    cr_expect(strstr(fields_of(bind, true), "hunter2"));
    const char *odd = "{\"a\":{\"password\":{\"password\":\"hunter2\"},\"Password\":\"hunter2\"}}";
    cr_expect(!strstr(fields_of(odd, false), "hunter2"), "%s", fields_of(odd, false));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's local protocol on frames of an independent maker (tuya_frames.h), which tinytuya 1.17 reads to the
 * same texts. */
#include "tuya_feed.h"
#include "tuya_frames.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define KEY "0123456789abcdef"
#define ASK                                                                                                  \
    "\"payload\":\"{\\\"gwId\\\":\\\"bf0123456789abcdefgh\\\",\\\"devId\\\":\\\"bf0123456789abcdefgh\\\","   \
    "\\\"uid\\\":\\\"bf0123456789abcdefgh\\\",\\\"t\\\":\\\"1700000000\\\"}\"}"
#define SET                                                                                                  \
    "\"payload\":\"{\\\"devId\\\":\\\"bf0123456789abcdefgh\\\",\\\"uid\\\":\\\"bf0123456789abcdefgh\\\","    \
    "\\\"t\\\":\\\"1700000001\\\",\\\"dps\\\":{\\\"1\\\":true}}\"}"
#define ANSWER                                                                                               \
    "\"payload\":\"{\\\"dps\\\":{\\\"1\\\":false,\\\"9\\\":0,\\\"18\\\":0,\\\"19\\\":0,\\\"20\\\":2301}}\"}"
#define PUSH "\"payload\":\"{\\\"dps\\\":{\\\"1\\\":true},\\\"t\\\":1700000004}\"}"
#define PUSH_NEW                                                                                             \
    "\"payload\":\"{\\\"protocol\\\":4,\\\"t\\\":1700000004,\\\"data\\\":{\\\"dps\\\":{\\\"1\\\":true}}}\"}"
#define SET_NEW                                                                                              \
    "\"payload\":\"{\\\"protocol\\\":5,\\\"t\\\":1700000001,\\\"data\\\":{\\\"dps\\\":{\\\"1\\\":true}}}\"}"
#define OPENED " aes-128-ecb key=tuya * from=keyring k, line 1"
#define SESSION_ECB " session-key+aes-128-ecb key=tuya * from=keyring k, line 1"
#define SESSION_GCM " session-key+aes-128-gcm key=tuya * from=keyring k, line 1"
#define WRONG "no key of the keyring opens this session: none of them is its local key\n"

static struct tuya_feed feed;

static void clean(void)
{
    tuya_close(&feed);
}

TestSuite(tuya_wire, .fini = clean);

static void begin(const char *key)
{
    if (key)
        tuya_add_key(&feed, "*", key);
    tuya_open(&feed, false);
}

static void to_device(const char *hex, const char *lines)
{
    cr_expect_str_eq(tuya_hex(&feed, WTR_FROM_CLIENT, hex), lines);
}

static void to_client(const char *hex, const char *lines)
{
    cr_expect_str_eq(tuya_hex(&feed, WTR_FROM_SERVER, hex), lines);
}

/* ---- 3.3 */

Test(tuya_wire, version_33)
{
    begin(KEY);
    to_device(TUYA_33_QUERY,
              "dp_query > {\"command\":10,\"sequence\":1,\"integrity\":\"crc32\",\"key_proof\":"
              "\"json\"," ASK OPENED " @1016+112 of 1 exchange 1\n");
    to_client(TUYA_33_ANSWER,
              "dp_query < {\"command\":10,\"sequence\":1,\"return_code\":0,\"integrity\":\"crc32\","
              "\"key_proof\":\"json\"," ANSWER OPENED " @2020+64 of 1 exchange 1\n");
    to_device(TUYA_33_CONTROL,
              "control > {\"command\":7,\"sequence\":2,\"version\":\"3.3\",\"integrity\":\"crc32\","
              "\"key_proof\":\"json\"," SET OPENED " @3031+96 of 1 exchange 2\n");
    to_client(TUYA_33_ACK,
              "control < {\"command\":7,\"sequence\":2,\"return_code\":0,\"integrity\":\"crc32\"} "
              "@4000+28 of 1 exchange 2\n");
    to_client(
        TUYA_33_PUSH,
        "status < {\"command\":8,\"sequence\":0,\"version\":\"3.3\",\"return_code\":0,\"source_crc\":0,"
        "\"source_sequence\":121,\"source_id\":1,\"integrity\":\"crc32\",\"key_proof\":\"json\"," PUSH OPENED
        " @5035+48 of 1\n");
    to_client(TUYA_33_REFUSAL,
              "dp_query_new < {\"command\":16,\"sequence\":3,\"return_code\":1,\"integrity\":"
              "\"crc32\",\"key_proof\":\"json\",\"payload\":\"json obj data unvalid\"}" OPENED
              " @6020+32 of 1\n");
    to_device(TUYA_33_BEAT,
              "heart_beat > {\"command\":9,\"sequence\":4,\"integrity\":\"crc32\"} @7000+24 of 1\n");
    to_client(TUYA_33_BEAT_ANSWER,
              "heart_beat < {\"command\":9,\"sequence\":4,\"return_code\":0,\"integrity\":"
              "\"crc32\"} @8000+28 of 1\n");
}

Test(tuya_wire, several_frames_in_a_segment_and_a_frame_in_several)
{
    begin(KEY);
    to_client(
        TUYA_33_PUSH TUYA_33_ACK,
        "status < {\"command\":8,\"sequence\":0,\"version\":\"3.3\",\"return_code\":0,\"source_crc\":0,"
        "\"source_sequence\":121,\"source_id\":1,\"integrity\":\"crc32\",\"key_proof\":\"json\"," PUSH OPENED
        " @1035+48 of 1\n"
        "control < {\"command\":7,\"sequence\":2,\"return_code\":0,\"integrity\":\"crc32\"} @1091+28 of 1\n");
    struct wtr_buffer frame = {0};
    tuya_unhex(TUYA_33_ANSWER, &frame);
    for (size_t i = 0; i + 1 < frame.length; i++)
        cr_expect_str_eq(tuya_bytes(&feed, WTR_FROM_SERVER, frame.data + i, 1), "", "byte %zu", i);
    /* The first byte was segment 2; that of the ciphertext is the 21st. */
    cr_expect_str_eq(tuya_bytes(&feed, WTR_FROM_SERVER, frame.data + frame.length - 1, 1),
                     "dp_query < {\"command\":10,\"sequence\":1,\"return_code\":0,\"integrity\":\"crc32\","
                     "\"key_proof\":\"json\"," ANSWER OPENED " @22000+1 of 64\n");
    wtr_buffer_free(&frame);
}

Test(tuya_wire, without_a_key)
{
    begin(NULL);
    to_device(TUYA_33_CONTROL,
              "control > {\"command\":7,\"sequence\":2,\"version\":\"3.3\",\"integrity\":\"crc32\","
              "\"encrypted\":true} @1000+135 of 1 exchange 1\n");
    to_client(TUYA_33_PUSH,
              "status < {\"command\":8,\"sequence\":0,\"version\":\"3.3\",\"return_code\":0,\"source_crc\":0,"
              "\"source_sequence\":121,\"source_id\":1,\"integrity\":\"crc32\",\"encrypted\":true} @2000+91 "
              "of 1\n");
}

Test(tuya_wire, a_wrong_key)
{
    begin("fedcba9876543210");
    to_device(TUYA_33_CONTROL,
              "finding @1031+96 " WRONG
              "control > {\"command\":7,\"sequence\":2,\"version\":\"3.3\",\"integrity\":\"crc32\","
              "\"encrypted\":true} @1000+135 of 1 exchange 1\n");
    to_client(TUYA_33_ANSWER,
              "dp_query < {\"command\":10,\"sequence\":1,\"return_code\":0,\"integrity\":\"crc32\","
              "\"encrypted\":true} @2000+92 of 1\n");
}

/* An answer that refuses is no JSON under the right key either. */
Test(tuya_wire, a_refusal_says_nothing_against_a_key)
{
    begin("fedcba9876543210");
    to_client(TUYA_33_REFUSAL,
              "dp_query_new < {\"command\":16,\"sequence\":3,\"return_code\":1,\"integrity\":"
              "\"crc32\",\"encrypted\":true} @1000+60 of 1\n");
    clean();
    begin(KEY);
    to_client(TUYA_33_REFUSAL,
              "dp_query_new < {\"command\":16,\"sequence\":3,\"return_code\":1,\"integrity\":"
              "\"crc32\",\"key_proof\":\"known text\",\"payload\":\"json obj data unvalid\"}" OPENED
              " @1020+32 of 1\n");
}

Test(tuya_wire, the_right_key_among_many)
{
    for (unsigned i = 0; i < 200; i++) {
        char other[17];
        (void)snprintf(other, sizeof other, "another key %04u", i);
        tuya_add_key(&feed, "*", other);
    }
    tuya_add_key(&feed, "bf0123456789abcdefgh", KEY);
    tuya_open(&feed, false);
    to_device(
        TUYA_33_QUERY,
        "dp_query > {\"command\":10,\"sequence\":1,\"integrity\":\"crc32\",\"key_proof\":\"json\"," ASK
        " aes-128-ecb key=tuya bf0123456789abcdefgh from=keyring k, line 201 @1016+112 of 1 exchange 1\n");
}

Test(tuya_wire, another_message_that_the_key_does_not_open)
{
    begin(KEY);
    (void)tuya_hex(&feed, WTR_FROM_CLIENT, TUYA_33_QUERY);
    to_client(TUYA_33_OTHER_PADDING,
              "finding @2016+32 the key that opened other messages of this session does not "
              "open this one\n");
    to_client(TUYA_33_OTHER_KEY,
              "finding @3016+112 the key that opened other messages of this session does not "
              "open this one\n");
}

/* ---- damage */

static void flip(struct wtr_buffer *frame, size_t at)
{
    frame->data[at] = (char)(frame->data[at] ^ 0x10);
}

/* A byte changed anywhere: nothing of the frame is believed, in any version. */
static void expect_no_message(const char *before, enum wtr_direction direction, const char *hex,
                              const char *type)
{
    struct wtr_buffer frame = {0};
    tuya_unhex(hex, &frame);
    for (size_t at = 0; at < frame.length; at++) {
        begin(KEY);
        for (const char *p = before; *p; p += strlen(p) + 1)
            (void)tuya_hex(&feed, *p == '>' ? WTR_FROM_CLIENT : WTR_FROM_SERVER, p + 1);
        flip(&frame, at);
        const char *lines = tuya_bytes(&feed, direction, frame.data, frame.length);
        flip(&frame, at);
        cr_expect_null(strstr(lines, "payload"), "byte %zu: %s", at, lines);
        cr_expect_null(strstr(lines, type), "byte %zu: %s", at, lines);
        clean();
    }
    wtr_buffer_free(&frame);
}

Test(tuya_wire, a_changed_byte)
{
    expect_no_message(">" TUYA_33_QUERY "\0", WTR_FROM_SERVER, TUYA_33_PUSH, "status");
    expect_no_message(">" TUYA_31_QUERY "\0", WTR_FROM_SERVER, TUYA_31_PUSH, "status");
    expect_no_message(">" TUYA_34_START "\0<" TUYA_34_RESPONSE "\0>" TUYA_34_FINISH "\0", WTR_FROM_SERVER,
                      TUYA_34_PUSH, "status");
    expect_no_message(">" TUYA_35_START "\0<" TUYA_35_RESPONSE "\0>" TUYA_35_FINISH "\0", WTR_FROM_SERVER,
                      TUYA_35_PUSH, "status");
}

static const char *with_flip(enum wtr_direction direction, const char *hex, size_t at)
{
    struct wtr_buffer frame = {0};
    tuya_unhex(hex, &frame);
    flip(&frame, at);
    const char *lines = tuya_bytes(&feed, direction, frame.data, frame.length);
    wtr_buffer_free(&frame);
    return lines;
}

Test(tuya_wire, what_is_said_of_a_changed_byte)
{
    begin(KEY);
    (void)tuya_hex(&feed, WTR_FROM_CLIENT, TUYA_33_QUERY);
    cr_expect_str_eq(with_flip(WTR_FROM_SERVER, TUYA_33_PUSH, 40),
                     "finding @2016+71 the frame's CRC-32 does not fit its bytes\n");
    cr_expect_str_eq(with_flip(WTR_FROM_SERVER, TUYA_33_PUSH, 90),
                     "finding @3000+91 the frame does not end with its suffix\n");
    clean();
    begin(KEY);
    (void)tuya_hex(&feed, WTR_FROM_CLIENT, TUYA_34_START);
    (void)tuya_hex(&feed, WTR_FROM_SERVER, TUYA_34_RESPONSE);
    cr_expect_str_eq(with_flip(WTR_FROM_SERVER, TUYA_34_PUSH, 40),
                     "finding @3016+116 the frame's HMAC-SHA256 does not fit its bytes\n");
    clean();
    begin(KEY);
    (void)tuya_hex(&feed, WTR_FROM_CLIENT, TUYA_35_START);
    (void)tuya_hex(&feed, WTR_FROM_SERVER, TUYA_35_RESPONSE);
    cr_expect_str_eq(with_flip(WTR_FROM_SERVER, TUYA_35_PUSH, 40),
                     "finding @3018+102 the frame's AES-GCM tag does not fit its bytes\n");
}

Test(tuya_wire, bytes_that_begin_no_frame)
{
    begin(KEY);
    to_client("ffffff" TUYA_33_ACK, "finding @1000+3 the bytes begin no frame\n"
                                    "control < {\"command\":7,\"sequence\":2,\"return_code\":0,\"integrity\":"
                                    "\"crc32\"} @1003+28 of 1\n");
    /* A length of 7 can't hold a CRC and a suffix; a length of 65537 is no frame's. */
    to_client("000055aa0000000100000008000000070000000000aa55",
              "finding @2000+23 the bytes begin no frame\n");
    to_client("000055aa000000010000000800010001", "");
    to_client(TUYA_33_ACK,
              "control < {\"command\":7,\"sequence\":2,\"return_code\":0,\"integrity\":\"crc32\"} "
              "@4000+28 of 1\n");
}

Test(tuya_wire, a_lost_segment)
{
    begin(KEY);
    (void)tuya_hex(&feed, WTR_FROM_CLIENT, TUYA_33_QUERY);
    tuya_lose(&feed, WTR_FROM_SERVER);
    /* The end of a lost frame, then a whole one. */
    to_client(
        "00010203040506070000aa55" TUYA_33_ACK,
        "control < {\"command\":7,\"sequence\":2,\"return_code\":0,\"integrity\":\"crc32\"} @2012+28 of 1\n");
}

/* ---- 3.1 */

Test(tuya_wire, version_31)
{
    begin(KEY);
    to_device(TUYA_31_QUERY, "dp_query > {\"command\":10,\"sequence\":1,\"integrity\":\"crc32\"," ASK
                             " @1000+132 of 1 exchange 1\n");
    to_client(TUYA_31_ANSWER,
              "dp_query < {\"command\":10,\"sequence\":1,\"return_code\":0,\"integrity\":\"crc32\"," ANSWER
              " @2000+77 of 1 exchange 1\n");
    to_client(TUYA_31_ANSWER_WITHOUT_CODE,
              "dp_query < {\"command\":10,\"sequence\":1,\"integrity\":\"crc32\"," ANSWER " @3000+73 of 1\n");
    to_device(
        TUYA_31_CONTROL,
        "control > {\"command\":7,\"sequence\":2,\"version\":\"3.1\",\"integrity\":\"crc32\",\"key_proof\":"
        "\"md5\"," SET " base64+aes-128-ecb key=tuya * from=keyring k, line 1 @4035+128 of 1 exchange 2\n");
    to_client(TUYA_31_PUSH,
              "status < "
              "{\"command\":8,\"sequence\":0,\"version\":\"3.1\",\"return_code\":0,\"integrity\":\"crc32\","
              "\"key_proof\":\"md5\"," PUSH
              " base64+aes-128-ecb key=tuya * from=keyring k, line 1 @5039+64 of 1\n");
    to_client(TUYA_31_PUSH_CLEAR,
              "status < {\"command\":8,\"sequence\":0,\"return_code\":0,\"integrity\":\"crc32\"," PUSH
              " @6000+61 of 1\n");
    clean();
    begin("fedcba9876543210");
    to_device(TUYA_31_CONTROL,
              "finding @1019+144 " WRONG
              "control > {\"command\":7,\"sequence\":2,\"version\":\"3.1\",\"integrity\":\"crc32\","
              "\"encrypted\":true} @1000+171 of 1 exchange 1\n");
}

Test(tuya_wire, version_31_that_is_not_whole)
{
    begin(KEY);
    to_client(TUYA_31_NO_BASE64, "finding @1023+80 the message is no base64 of whole blocks\n");
    to_client(TUYA_31_NO_BLOCKS, "finding @2023+80 the message is no base64 of whole blocks\n");
    to_client(TUYA_31_OTHER_DIGEST,
              "finding @3023+80 " WRONG
              "status < {\"command\":8,\"sequence\":0,\"version\":\"3.1\",\"return_code\":0,"
              "\"integrity\":\"crc32\",\"encrypted\":true} @3000+111 of 1\n");
    (void)tuya_hex(&feed, WTR_FROM_SERVER, TUYA_31_PUSH);
    to_client(TUYA_31_OTHER_DIGEST,
              "finding @5023+80 the message's MD5 digest does not fit the session's key\n");
}

/* ---- 3.4 and 3.5 */

static void expect_negotiation(const char *start, const char *response, const char *finish, const char *proof)
{
    const char *lines = tuya_hex(&feed, WTR_FROM_CLIENT, start);
    cr_expect_not_null(strstr(lines, "\"nonce\":\"202122232425262728292a2b2c2d2e2f\"}"), "%s", lines);
    cr_expect_not_null(strstr(lines, proof), "%s", lines);
    lines = tuya_hex(&feed, WTR_FROM_SERVER, response);
    cr_expect_not_null(
        strstr(lines, "\"nonce\":\"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf\",\"session_key\":\"sha256:"), "%s",
        lines);
    lines = tuya_hex(&feed, WTR_FROM_CLIENT, finish);
    cr_expect_not_null(strstr(lines, "sess_key_neg_finish > "), "%s", lines);
    cr_expect_null(strstr(lines, "finding"), "%s", lines);
}

Test(tuya_wire, version_34)
{
    begin(KEY);
    expect_negotiation(TUYA_34_START, TUYA_34_RESPONSE, TUYA_34_FINISH, "\"key_proof\":\"hmac-sha256\"");
#define HEAD "\"integrity\":\"hmac-sha256\",\"key_proof\":\"hmac-sha256\""
    to_device(TUYA_34_QUERY, "dp_query_new > {\"command\":16,\"sequence\":3," HEAD
                             ",\"payload\":\"{}\"}" SESSION_ECB " @4016+16 of 1 exchange 3\n");
    to_client(TUYA_34_ANSWER, "dp_query_new < {\"command\":16,\"sequence\":3,\"return_code\":0," HEAD
                              "," ANSWER SESSION_ECB " @5020+64 of 1 exchange 3\n");
    to_device(TUYA_34_CONTROL, "control_new > {\"command\":13,\"sequence\":4,\"version\":\"3.4\"," HEAD
                               "," SET_NEW SESSION_ECB " @6016+80 of 1 exchange 4\n");
    to_client(TUYA_34_ACK, "control_new < {\"command\":13,\"sequence\":4,\"return_code\":0," HEAD
                           "}" SESSION_ECB " @7020+16 of 1 exchange 4\n");
    to_client(TUYA_34_PUSH,
              "status < {\"command\":8,\"sequence\":9,\"version\":\"3.4\",\"return_code\":0,\"source_crc\":0,"
              "\"source_sequence\":121,\"source_id\":1," HEAD "," PUSH_NEW SESSION_ECB " @8020+80 of 1\n");
#undef HEAD
}

Test(tuya_wire, version_35)
{
    begin(KEY);
    expect_negotiation(TUYA_35_START, TUYA_35_RESPONSE, TUYA_35_FINISH, "\"key_proof\":\"aes-128-gcm\"");
#define HEAD "\"integrity\":\"aes-128-gcm\",\"key_proof\":\"aes-128-gcm\""
    to_device(TUYA_35_QUERY, "dp_query_new > {\"command\":16,\"sequence\":3," HEAD
                             ",\"payload\":\"{}\"}" SESSION_GCM " @4018+30 of 1 exchange 3\n");
    to_client(TUYA_35_ANSWER, "dp_query_new < {\"command\":16,\"sequence\":3,\"return_code\":0," HEAD
                              "," ANSWER SESSION_GCM " @5018+81 of 1 exchange 3\n");
    to_device(TUYA_35_CONTROL, "control_new > {\"command\":13,\"sequence\":4,\"version\":\"3.5\"," HEAD
                               "," SET_NEW SESSION_GCM " @6018+98 of 1 exchange 4\n");
    to_client(TUYA_35_ACK, "control_new < {\"command\":13,\"sequence\":4,\"return_code\":0," HEAD
                           "}" SESSION_GCM " @7018+32 of 1 exchange 4\n");
    to_client(TUYA_35_PUSH,
              "status < {\"command\":8,\"sequence\":9,\"version\":\"3.5\",\"return_code\":0,\"source_crc\":0,"
              "\"source_sequence\":121,\"source_id\":1," HEAD "," PUSH_NEW SESSION_GCM " @8018+102 of 1\n");
#undef HEAD
}

Test(tuya_wire, a_wrong_key_in_a_negotiation)
{
    begin("fedcba9876543210");
    to_device(TUYA_34_START,
              "finding @1016+64 " WRONG
              "sess_key_neg_start > {\"command\":3,\"sequence\":1,\"encrypted\":true} @1000+84 of 1 "
              "exchange 1\n");
    to_client(TUYA_34_PUSH, "status < {\"command\":8,\"sequence\":9,\"return_code\":0,\"encrypted\":true} "
                            "@2000+136 of 1\n");
    clean();
    begin("fedcba9876543210");
    to_device(TUYA_35_START,
              "finding @1018+44 " WRONG
              "sess_key_neg_start > {\"command\":3,\"sequence\":1,\"encrypted\":true} @1000+66 of 1 "
              "exchange 1\n");
    to_client(TUYA_35_PUSH, "status < {\"command\":8,\"sequence\":9,\"encrypted\":true} @2000+124 of 1\n");
}

#define MISSING "the session key was negotiated in messages that were not seen whole\n"

Test(tuya_wire, a_negotiation_that_was_not_seen)
{
    begin(KEY);
    to_client(TUYA_34_PUSH, "finding @1016+116 " MISSING
                            "status < {\"command\":8,\"sequence\":9,\"return_code\":0,\"encrypted\":true} "
                            "@1000+136 of 1\n");
    to_client(TUYA_34_ANSWER,
              "dp_query_new < {\"command\":16,\"sequence\":3,\"return_code\":0,\"encrypted\":true} "
              "@2000+120 of 1\n");
    clean();
    begin(NULL);
    to_client(TUYA_35_PUSH, "status < {\"command\":8,\"sequence\":9,\"encrypted\":true} @1000+124 of 1\n");
}

/* The nonces may come in either order; without the client's there is no session key. */
Test(tuya_wire, parts_of_a_negotiation)
{
    begin(KEY);
    (void)tuya_hex(&feed, WTR_FROM_SERVER, TUYA_34_RESPONSE);
    (void)tuya_hex(&feed, WTR_FROM_CLIENT, TUYA_34_START);
    cr_expect_not_null(strstr(tuya_hex(&feed, WTR_FROM_SERVER, TUYA_34_PUSH), "\"payload\""));
    clean();
    begin(KEY);
    (void)tuya_hex(&feed, WTR_FROM_CLIENT, TUYA_34_START);
    (void)tuya_hex(&feed, WTR_FROM_CLIENT, TUYA_34_FINISH);
    cr_expect_not_null(strstr(tuya_hex(&feed, WTR_FROM_SERVER, TUYA_34_PUSH), MISSING));
    clean();
    begin(KEY);
    (void)tuya_hex(&feed, WTR_FROM_SERVER, TUYA_35_RESPONSE);
    (void)tuya_hex(&feed, WTR_FROM_CLIENT, TUYA_35_FINISH);
    cr_expect_not_null(strstr(tuya_hex(&feed, WTR_FROM_SERVER, TUYA_35_PUSH), MISSING));
}

/* ---- whose bytes these are */

static enum wtr_bid bid(const char *hex, size_t length)
{
    struct wtr_buffer bytes = {0};
    tuya_unhex(hex, &bytes);
    const struct wtr_probe probe = {(const uint8_t *)bytes.data,
                                    length < bytes.length ? length : bytes.length, true, 50000, 6668};
    enum wtr_bid found = wtr_tuya_local.probe_stream(&probe);
    wtr_buffer_free(&bytes);
    return found;
}

Test(tuya_wire, bids)
{
    cr_expect_eq(bid(TUYA_33_QUERY, SIZE_MAX), WTR_BID_CERTAIN);
    cr_expect_eq(bid(TUYA_35_START, SIZE_MAX), WTR_BID_CERTAIN);
    cr_expect_eq(bid(TUYA_33_QUERY, 40), WTR_BID_LIKELY);
    cr_expect_eq(bid(TUYA_33_QUERY, 15), WTR_BID_MORE);
    cr_expect_eq(bid(TUYA_33_QUERY, 1), WTR_BID_MORE);
    cr_expect_eq(bid(TUYA_35_START, 17), WTR_BID_MORE);
    cr_expect_eq(bid("000055ab", SIZE_MAX), WTR_BID_NONE);
    cr_expect_eq(bid("000055aa00000000000001000000000c", SIZE_MAX), WTR_BID_NONE);
    cr_expect_eq(bid("101000044d515454", SIZE_MAX), WTR_BID_NONE);
}

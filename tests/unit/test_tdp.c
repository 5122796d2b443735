/* SPDX-License-Identifier: Apache-2.0 */
/* TDP: which datagrams are its own, the checksum, and what a discovery's answer says. The shortest query is
 * the one that python-kasa and many other clients send, bytes and checksum as they send them. */
#include "say_record.h"
#include "vendor/tapo/tapo.h"
#include "vendor/tapo/tdp.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <zlib.h>

static const uint8_t shortest[] = {2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x46, 0x3c, 0xb5, 0xd3};

static struct {
    unsigned messages, findings;
    const char *type;
    struct wtr_say *say;
    void *state;
    const char *said;
} got;

static void on_message(void *payload, const struct wtr_message *m)
{
    (void)payload;
    got.messages++;
    got.type = m->type;
    if (got.say)
        got.said = say_record(got.say, &wtr_tapo, got.state, m);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    (void)payload;
    cr_expect_eq(at, 12);
    cr_expect_eq(length, 4);
    cr_expect(span->length >= 16 && reason);
    got.findings++;
}

static void hand(const uint8_t *bytes, size_t length, enum wtr_direction direction)
{
    const struct wtr_piece piece = {.length = length, .offset = 1000};
    const struct wtr_datagram datagram = {.direction = direction, .span = {bytes, length, &piece, 1, NULL}};
    struct wtr_sink sink = {.payload = NULL, .message = on_message, .finding = on_finding};
    wtr_tdp.datagram(NULL, &datagram, &sink);
}

static enum wtr_bid bid(const uint8_t *bytes, size_t length, uint16_t from, uint16_t to)
{
    const struct wtr_probe probe = {.bytes = bytes, .length = length, .client_port = from, .server_port = to};
    return wtr_tdp.probe_datagram(&probe);
}

Test(tdp, whose_datagram)
{
    uint8_t other[17] = {2};
    cr_expect_eq(bid(shortest, sizeof shortest, 50000, 20002), WTR_BID_LIKELY);
    cr_expect_eq(bid(shortest, sizeof shortest, 50000, 20004), WTR_BID_LIKELY);
    cr_expect_eq(bid(shortest, sizeof shortest, 20002, 50000), WTR_BID_LIKELY);
    cr_expect_eq(bid(shortest, sizeof shortest, 50000, 20003), WTR_BID_NONE);
    cr_expect_eq(bid(shortest, sizeof shortest - 1, 50000, 20002), WTR_BID_NONE);
    cr_expect_eq(bid(other, sizeof other, 50000, 20002), WTR_BID_NONE, "the length says no body");
    other[5] = 1;
    cr_expect_eq(bid(other, sizeof other, 50000, 20002), WTR_BID_LIKELY);
    other[0] = 1;
    cr_expect_eq(bid(other, sizeof other, 50000, 20002), WTR_BID_NONE);
}

Test(tdp, checksum)
{
    uint8_t damaged[sizeof shortest];
    hand(shortest, sizeof shortest, WTR_FROM_CLIENT);
    cr_expect(got.messages == 1 && got.findings == 0);
    cr_expect_str_eq(got.type, "query");
    for (size_t i = 0; i < sizeof damaged; i++) {
        memcpy(damaged, shortest, sizeof damaged);
        damaged[i] ^= 0x40;
        hand(damaged, sizeof damaged, WTR_FROM_CLIENT);
        cr_expect(got.messages == 1 && got.findings == i + 1, "byte %zu", i);
    }
}

/* A datagram around the text, its checksum worked out over one run of bytes. */
static size_t wrap(const char *text, uint8_t *out)
{
    static const uint8_t head[16] = {2, 0, 0, 1, 0, 0, 17, 0, 1, 2, 3, 4, 0x5a, 0x6b, 0x7c, 0x8d};
    size_t n = strlen(text);
    memcpy(out, head, sizeof head);
    memcpy(out + 16, text, n);
    out[4] = (uint8_t)(n >> 8);
    out[5] = (uint8_t)n;
    uLong crc = crc32(0, out, (uInt)(16 + n));
    for (unsigned i = 0; i < 4; i++)
        out[12 + i] = (uint8_t)(crc >> (24 - 8 * i));
    return 16 + n;
}

static void expect_answer(const char *text, enum wtr_direction direction, const char *lines)
{
    uint8_t bytes[1024];
    got.say = say_record_new();
    got.state = calloc(1, wtr_tapo.state_size);
    say_record_ends(got.say, "192.168.7.31", 20002, "192.168.7.20", 50000);
    hand(bytes, wrap(text, bytes), direction);
    cr_expect_str_eq(got.said, lines);
    wtr_tapo.close(got.state);
    free(got.state);
    say_record_free(got.say);
}

Test(tdp, answers)
{
    expect_answer(
        "{\"result\":{\"device_type\":\"SMART.TAPOPLUG\",\"mac\":\"9C-53-22-10-20-30\",\"device_model\":"
        "\"P110(EU)\",\"owner\":\"AB12\",\"mgt_encrypt_schm\":{\"encrypt_type\":\"TPAP\"}}}",
        WTR_FROM_SERVER,
        "tie tapo:192.168.7.31 mac=9c:53:22:10:20:30\n"
        "device.identity tapo:192.168.7.31 mac=9c:53:22:10:20:30 model=P110(EU) account=AB12 "
        "protocol=TPAP raw{mac=9C-53-22-10-20-30@65+17 device_model=P110(EU)@100+8 owner=AB12@119+4 "
        "encrypt_type=TPAP@161+4 device_type=SMART.TAPOPLUG@42+14}\n");
    expect_answer("{\"error_code\":-1}", WTR_FROM_SERVER, "");
    expect_answer("not JSON", WTR_FROM_SERVER, "finding @16+8 the discovery's answer is no JSON\n");
    /* A question alone is no device. */
    expect_answer("{\"params\":{\"rsa_key\":\"x\"}}", WTR_FROM_CLIENT, "");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tapo: discovery, KLAP and the texts inside. The input is a run of messages, each a byte that says what it
 * is, a byte for the length of the first text, two for that of the second (the lower first), and both:
 *
 *     0 a discovery's datagram (second)      1 the same with its length and checksum put right
 *     2 an HTTP request: target, body        3 the answer to it: Set-Cookie, body
 *     4 a handshake of an account that is known, under the cookie
 *     5 a request under that session that is signed and enciphered as it must be: cookie, text
 *     6 a question and the answer to it, as if they had been deciphered
 *
 * What is held: statements are of known kinds and devices, rest on bytes of their message and have values; a
 * state is on or off; findings have their place; what is deciphered is what was enciphered. */
#include "protocol/http.h"
#include "vendor/say_context.h"
#include "vendor/tapo/klap.h"
#include "vendor/tapo/klap_cipher.h"
#include "vendor/tapo/passthrough.h"
#include "vendor/tapo/tapo.h"
#include "vendor/tapo/tdp.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_MESSAGES = 64, MAX_BODY = 4096, SEQ = 77 };

static struct {
    struct wtr_devices devices;
    struct wtr_say say;
    void *tapo, *klap, *passthrough;
    struct wtr_keyring keys;
    struct wtr_buffer fields;
    struct wtr_json json;
    const struct wtr_message *message;
    struct wtr_http request;
    uint8_t request_bytes[MAX_BODY];
    struct wtr_text sealed; /* what the body at hand must be deciphered to; data NULL: anything */
} fuzz;

static void hold(bool invariant)
{
    if (!invariant)
        __builtin_trap();
}

static void take_statement(void *payload, struct wtr_item *item)
{
    const struct wtr_span *span = &fuzz.message->span;
    const struct wtr_value *state = wtr_item_value(item, WTR_FIELD_STATE);
    (void)payload;
    hold(wtr_kind_name((enum wtr_kind)item->fixed.kind) && item->fixed.device < fuzz.devices.count);
    if (item->fixed.type == WTR_ITEM_UNREAD)
        return;
    hold(item->value_count > 0);
    for (size_t i = 0; i < item->raw_count; i++) {
        size_t at;
        hold(wtr_span_holds(span, item->raws[i].value.data, item->raws[i].value.length, &at));
    }
    if (item->fixed.kind == WTR_KIND_POWER_STATE || item->fixed.kind == WTR_KIND_POWER_COMMAND)
        hold(state && (wtr_text_is(state->text, "on") || wtr_text_is(state->text, "off")));
}

static void take_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                         const char *reason)
{
    (void)payload;
    hold(at <= span->length && length <= span->length - at && reason && *reason);
}

static void take_connection(void *payload, wtr_device_ref device)
{
    (void)payload;
    hold(device < fuzz.devices.count);
}

static void vendor_reads(const struct wtr_message *message)
{
    fuzz.message = message;
    wtr_say_message(&fuzz.say, message);
    if (wtr_tapo.claim(fuzz.tapo, message) != WTR_CLAIM_NONE)
        wtr_tapo.read(fuzz.tapo, message, &fuzz.say);
}

static void on_message(void *payload, const struct wtr_message *message)
{
    (void)payload;
    if (message->protocol == &wtr_klap && fuzz.sealed.data) {
        const struct wtr_klap *klap = message->body;
        hold(klap->opened && wtr_text_equal(klap->text, fuzz.sealed));
    }
    struct wtr_json_writer w = {.out = &fuzz.fields};
    wtr_buffer_clear(&fuzz.fields);
    wtr_json_begin_object(&w);
    message->protocol->fields(message, &w);
    wtr_json_end_object(&w);
    hold(fuzz.fields.failed || wtr_json_parse(&fuzz.json, wtr_buffer_text(&fuzz.fields)));
    vendor_reads(message);
}

static void feed_datagram(const uint8_t *bytes, size_t length, bool from_server)
{
    const struct wtr_piece piece = {.length = length, .offset = 100};
    const struct wtr_probe probe = {.bytes = bytes, .length = length, .server_port = 20002};
    const struct wtr_datagram datagram = {.direction = from_server ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
                                          .span = {bytes, length, &piece, 1, NULL}};
    struct wtr_sink sink = {.payload = NULL, .message = on_message, .finding = take_finding};
    if (wtr_tdp.probe_datagram(&probe) != WTR_BID_NONE)
        wtr_tdp.datagram(NULL, &datagram, &sink);
}

/* A datagram with a head of its own around the text. */
static void feed_wrapped(struct wtr_text text)
{
    uint8_t bytes[16 + MAX_BODY] = {2, 0, 0, 1};
    memcpy(bytes + 12, "\x5a\x6b\x7c\x8d", 4);
    if (text.length > 0)
        memcpy(bytes + 16, text.data, text.length);
    bytes[4] = (uint8_t)(text.length >> 8);
    bytes[5] = (uint8_t)text.length;
    uint32_t crc = (uint32_t)crc32_z(0, bytes, 16 + text.length);
    for (unsigned i = 0; i < 4; i++)
        bytes[12 + i] = (uint8_t)(crc >> (24 - 8 * i));
    feed_datagram(bytes, 16 + text.length, true);
}

/* Hands an HTTP message to both protocols that stand in it. */
static void feed_http(struct wtr_http *http, uint8_t *bytes, struct wtr_text body)
{
    const struct wtr_piece piece = {.length = body.length + 1, .offset = 100};
    bytes[0] = 'h';
    if (body.length > 0)
        memcpy(bytes + 1, body.data, body.length);
    http->body = wtr_text_of(body.length ? bytes + 1 : NULL, body.length);
    const struct wtr_message message = {.protocol = &wtr_http,
                                        .direction = http->is_response ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
                                        .span = {bytes, body.length + 1, &piece, 1, NULL},
                                        .body = http};
    const struct wtr_carrier carrier = {.message = &message};
    struct wtr_sink sink = {.payload = NULL, .message = on_message, .finding = take_finding};
    wtr_klap.carried(fuzz.klap, &carrier, &sink);
    wtr_passthrough.carried(fuzz.passthrough, &carrier, &sink);
}

static void feed_request(struct wtr_text target, struct wtr_text cookie, struct wtr_text body)
{
    fuzz.request = (struct wtr_http){.method = WTR_TEXT("POST"), .target = target, .header_count = 1};
    fuzz.request.headers[0] = (struct wtr_http_header){WTR_TEXT("Cookie"), cookie};
    feed_http(&fuzz.request, fuzz.request_bytes, body);
}

static void feed_response(struct wtr_text cookie, struct wtr_text body)
{
    uint8_t bytes[MAX_BODY];
    struct wtr_http http = {.is_response = true,
                            .status = 200,
                            .request = fuzz.request.method.data ? &fuzz.request : NULL,
                            .header_count = 1};
    http.headers[0] = (struct wtr_http_header){WTR_TEXT("Set-Cookie"), cookie};
    feed_http(&http, bytes, body);
}

static struct wtr_klap_auth auth;
static const struct wtr_klap_seeds seeds = {.local = {1, 2, 3}, .remote = {9, 8, 7}};

static void feed_handshake(struct wtr_text cookie)
{
    uint8_t answer[WTR_KLAP_SEED + WTR_KLAP_HASH];
    memcpy(answer, seeds.remote, WTR_KLAP_SEED);
    hold(wtr_klap_server_hash(&auth, &seeds, answer + WTR_KLAP_SEED));
    feed_request(WTR_TEXT("/app/handshake1"), WTR_TEXT(""), wtr_text_of(seeds.local, WTR_KLAP_SEED));
    feed_response(cookie, wtr_text_of(answer, sizeof answer));
}

/* Enciphers and signs the text as the protocol has it; returns the body's length. */
static size_t seal(struct wtr_text text, uint8_t *body)
{
    static const uint8_t number[4] = {0, 0, 0, SEQ};
    struct wtr_klap_keys keys;
    uint8_t iv[16], signed_bytes[28 + 4 + MAX_BODY];
    int first = 0, last = 0;
    hold(wtr_klap_derive(&auth, &seeds, &keys));
    memcpy(iv, keys.iv, 12);
    memcpy(iv + 12, number, 4);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    hold(c && EVP_EncryptInit_ex(c, EVP_aes_128_cbc(), NULL, keys.key, iv) &&
         EVP_EncryptUpdate(c, body + 32, &first, (const uint8_t *)text.data, (int)text.length) &&
         EVP_EncryptFinal_ex(c, body + 32 + first, &last));
    EVP_CIPHER_CTX_free(c);
    size_t n = (size_t)(first + last);
    memcpy(signed_bytes, keys.signing, 28);
    memcpy(signed_bytes + 28, number, 4);
    memcpy(signed_bytes + 32, body + 32, n);
    hold(EVP_Digest(signed_bytes, 32 + n, body, NULL, EVP_sha256(), NULL));
    return 32 + n;
}

static void feed_sealed(struct wtr_text text)
{
    uint8_t body[MAX_BODY];
    feed_handshake(WTR_TEXT("TP_SESSIONID=fuzz"));
    size_t n = seal(text, body);
    fuzz.sealed = text.data ? text : WTR_TEXT("");
    feed_request(WTR_TEXT("/app/request?seq=77"), WTR_TEXT("TP_SESSIONID=fuzz"), wtr_text_of(body, n));
    feed_response(WTR_TEXT("x"), wtr_text_of(body, n));
    fuzz.sealed.data = NULL;
}

static void feed_pair(struct wtr_text question, struct wtr_text answer)
{
    struct wtr_klap klap = {.step = WTR_KLAP_REQUEST, .opened = true, .text = question};
    const struct wtr_piece piece = {.length = 64, .offset = 100};
    struct wtr_message message = {.protocol = &wtr_klap,
                                  .span = {(const uint8_t *)question.data, question.length, &piece, 1, NULL},
                                  .body = &klap};
    vendor_reads(&message);
    klap = (struct wtr_klap){.step = WTR_KLAP_RESPONSE, .opened = true, .text = answer, .question = question};
    message.span.bytes = (const uint8_t *)answer.data;
    message.span.length = answer.length;
    vendor_reads(&message);
}

static void feed_message(unsigned kind, struct wtr_text first, struct wtr_text second)
{
    switch (kind % 7) {
    case 0:
        feed_datagram((const uint8_t *)second.data, second.length, first.length > 0);
        break;
    case 1:
        feed_wrapped(second);
        break;
    case 2:
        feed_request(first, WTR_TEXT("TP_SESSIONID=fuzz"), second);
        break;
    case 3:
        feed_response(first, second);
        break;
    case 4:
        feed_handshake(first);
        break;
    case 5:
        feed_sealed(second);
        break;
    default:
        feed_pair(first, second);
    }
}

static struct wtr_text cut(const uint8_t **data, size_t *size, size_t length)
{
    length = length < *size ? length : *size;
    length = length < MAX_BODY / 2 ? length : MAX_BODY / 2;
    struct wtr_text text = wtr_text_of(*data, length);
    *data += length;
    *size -= length;
    return text;
}

static void begin(void)
{
    const struct wtr_key_entry entry = {
        .type = WTR_KEY_KASA, .id = WTR_TEXT("me"), .secret = WTR_TEXT("pw"), .name = "k", .origin = "o"};
    memset(&fuzz, 0, sizeof fuzz);
    fuzz.say = (struct wtr_say){.devices = &fuzz.devices,
                                .emit = take_statement,
                                .finding = take_finding,
                                .own_connection = take_connection};
    hold(wtr_keyring_add(&fuzz.keys, &entry) && wtr_klap_auth_of(2, entry.id, entry.secret, &auth));
    fuzz.tapo = calloc(1, wtr_tapo.state_size);
    fuzz.klap = calloc(1, wtr_klap.carried_state_size);
    fuzz.passthrough = calloc(1, wtr_passthrough.carried_state_size);
    hold(fuzz.tapo && fuzz.klap && fuzz.passthrough);
    wtr_klap.open_carried(fuzz.klap, &(struct wtr_session_setup){.keys = &fuzz.keys});
}

static void end(void)
{
    wtr_tapo.close(fuzz.tapo);
    wtr_klap.close_carried(fuzz.klap);
    wtr_passthrough.close_carried(fuzz.passthrough);
    free(fuzz.tapo);
    free(fuzz.klap);
    free(fuzz.passthrough);
    wtr_keyring_free(&fuzz.keys);
    wtr_say_free(&fuzz.say);
    wtr_devices_free(&fuzz.devices);
    wtr_buffer_free(&fuzz.fields);
    wtr_json_free(&fuzz.json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    for (unsigned n = 0; n < MAX_MESSAGES && size >= 4; n++) {
        unsigned kind = data[0];
        size_t lengths[2] = {data[1], (size_t)(data[2] | data[3] << 8)};
        data += 4;
        size -= 4;
        struct wtr_text first = cut(&data, &size, lengths[0]);
        struct wtr_text second = cut(&data, &size, lengths[1]);
        feed_message(kind, first, second);
    }
    end();
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Enciphered Meross bodies inside HTTP messages, which are written as http_lines.h describes them. Where the
 * line before a message has a third byte '*', its body is what is enciphered, with a device's key that is in
 * the keyring; a "sign" of 32 bytes in its header is put right before.
 *
 * What is held besides the contract of say.h: what is opened is what was enciphered, under the key that was
 * used, and a signed body is opened; nothing else is; and the whole, run twice, says the same. */
#include "http_lines.h"
#include "vendor/meross/meross.h"
#include "vendor/meross/reading.h"
#include "vendor/meross/sealed.h"

#include <openssl/evp.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = 16, MD5 = 16, SIGN = 2 * MD5, SHORTEST = 4 * BLOCK };

static const struct wtr_text uuid = {"2009113111806125100048e1e9000001", 32};
static const struct wtr_text device_key = {"0123456789abcdef0123456789abcdef", 32};

static struct {
    struct fuzz_run run;
    struct wtr_keyring keys;
    void *state;
    const struct wtr_message *carrier;
    struct wtr_buffer bytes; /* the message */
    struct wtr_buffer plain; /* what its body was made of; empty: it is as it stands in the input */
    bool is_signed;          /* plain is */
    struct wtr_buffer fields;
    struct wtr_json json;
} fuzz;

static void hold(bool invariant)
{
    if (!invariant)
        __builtin_trap();
}

static void take_message(void *payload, const struct wtr_message *message)
{
    const struct wtr_meross_sealed *sealed = message->body;
    struct wtr_json_writer w = {.out = &fuzz.fields};
    (void)payload;
    hold(message->exchange == fuzz.carrier->exchange && message->direction == fuzz.carrier->direction);
    hold(sealed->opened == fuzz.is_signed);
    if (sealed->opened) {
        const struct wtr_opening *opening = message->span.opening;
        hold(wtr_text_equal(sealed->text, wtr_buffer_text(&fuzz.plain)));
        hold(opening && strcmp(opening->key, "right") == 0 && !opening->keeps_places);
    }
    wtr_buffer_clear(&fuzz.fields);
    wtr_json_begin_object(&w);
    message->protocol->fields(message, &w);
    wtr_json_end_object(&w);
    hold(wtr_json_parse(&fuzz.json, wtr_buffer_text(&fuzz.fields)));
    fuzz_hand(&fuzz.run, message);
}

static void take_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                         const char *reason)
{
    (void)payload;
    hold(at <= span->length && length <= span->length - at && reason && *reason);
}

/* Signs the plain text where it is a message with room for that. */
static bool put_sign(void)
{
    struct wtr_meross_part part;
    struct wtr_buffer text = {0};
    uint8_t sum[MD5];
    const struct wtr_json *json = &fuzz.json;
    if (!wtr_json_parse(&fuzz.json, wtr_buffer_text(&fuzz.plain)) || !wtr_meross_part_of(json, 0, &part))
        return false;
    struct wtr_text sign = wtr_json_raw(json, wtr_json_get(json, part.header, "sign"));
    if (sign.length != SIGN)
        return false;
    wtr_put_text(&text, wtr_json_raw(json, wtr_json_get(json, part.header, "messageId")));
    wtr_put_text(&text, device_key);
    wtr_put_text(&text, wtr_json_raw(json, wtr_json_get(json, part.header, "timestamp")));
    hold(EVP_Digest(text.data, text.length, sum, NULL, EVP_md5(), NULL) == 1);
    wtr_buffer_clear(&text);
    wtr_put_hex(&text, sum, sizeof sum);
    hold(!text.failed && text.length == SIGN);
    memcpy(fuzz.plain.data + (sign.data - fuzz.plain.data), text.data, SIGN);
    wtr_buffer_free(&text);
    return fuzz.plain.data[0] == '{';
}

/* Puts the text behind the message's head, enciphered. */
static void put_sealed(struct wtr_text text)
{
    static const uint8_t iv[BLOCK] = "0000000000000000";
    uint8_t key[32];
    int length = 0;
    while (text.length > 0 && text.data[text.length - 1] == '\0')
        text.length--;
    wtr_put_text(&fuzz.plain, text);
    fuzz.is_signed = text.length > 0 && put_sign();
    size_t whole = (fuzz.plain.length + BLOCK - 1) / BLOCK * BLOCK;
    whole = whole < SHORTEST ? SHORTEST : whole;
    uint8_t *padded = calloc(2, whole);
    hold(padded && wtr_meross_body_key(uuid, device_key, key));
    if (text.length > 0)
        memcpy(padded, fuzz.plain.data, fuzz.plain.length);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    hold(c && EVP_EncryptInit_ex(c, EVP_aes_256_cbc(), NULL, key, iv) == 1 &&
         EVP_CIPHER_CTX_set_padding(c, 0) == 1 &&
         EVP_EncryptUpdate(c, padded + whole, &length, padded, (int)whole) == 1 && (size_t)length == whole);
    EVP_CIPHER_CTX_free(c);
    char *room = wtr_buffer_room(&fuzz.bytes, (whole + 2) / 3 * 4 + 1);
    hold(room);
    fuzz.bytes.length += (size_t)EVP_EncodeBlock((uint8_t *)room, padded + whole, (int)whole);
    free(padded);
}

static void make(struct wtr_text text, bool sealed)
{
    struct wtr_http http = {.is_response = false};
    wtr_buffer_clear(&fuzz.bytes);
    wtr_buffer_clear(&fuzz.plain);
    fuzz.is_signed = false;
    (void)http_parts(text, &http);
    wtr_put(&fuzz.bytes, text.data, sealed ? text.length - http.body.length : text.length);
    if (sealed && http.body.length > 0)
        put_sealed(http.body);
}

/* The message stands in memory of its own size, so that a read past its end is seen. */
static void feed(struct wtr_text mark, struct wtr_text text, uint64_t number)
{
    struct fuzz_run *run = &fuzz.run;
    bool response = mark.data[1] == '<' || mark.data[1] == '?';
    make(text, mark.length > 2 && mark.data[2] == '*');
    size_t length = fuzz.bytes.length;
    uint8_t *bytes = malloc(length);
    struct wtr_http http = {.is_response = response};
    http.request = mark.data[1] == '<' && run->has_asked ? &run->asked : NULL;
    hold(bytes && !fuzz.bytes.failed);
    memcpy(bytes, fuzz.bytes.data, length);
    if (http_parts(wtr_text_of(bytes, length), &http)) {
        const struct wtr_piece piece = {.length = length, .offset = 100, .frame = 1};
        const struct wtr_message message = {.protocol = &wtr_http,
                                            .type = response ? "response" : "request",
                                            .direction = response ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
                                            .span = {bytes, length, &piece, 1, NULL},
                                            .body = &http,
                                            .exchange = number};
        const struct wtr_carrier carrier = {.message = &message};
        struct wtr_sink sink = {.payload = NULL, .message = take_message, .finding = take_finding};
        say_record_ends(run->say, response ? "10.0.0.2" : "10.0.0.3", 80, response ? "10.0.0.3" : "10.0.0.2",
                        80);
        fuzz.carrier = &message;
        fuzz_hand(run, &message);
        wtr_meross_sealed.carried(fuzz.state, &carrier, &sink);
    }
    free(bytes);
    if (response)
        return;
    run->asked = (struct wtr_http){.is_response = false};
    run->has_asked = http_parts(text, &run->asked);
}

static void add_key(struct wtr_text id, struct wtr_text secret, const char *name)
{
    const struct wtr_key_entry entry = {
        .type = WTR_KEY_MEROSS, .id = id, .secret = secret, .name = name, .origin = "here"};
    hold(wtr_keyring_add(&fuzz.keys, &entry));
}

static void begin(void)
{
    memset(&fuzz, 0, sizeof fuzz);
    add_key(WTR_TEXT("*"), device_key, "of no device");
    add_key(uuid, WTR_TEXT("short"), "wrong");
    add_key(uuid, device_key, "right");
    const struct wtr_session_setup setup = {.keys = &fuzz.keys};
    fuzz.run = (struct fuzz_run){.vendor = &wtr_meross,
                                 .state = calloc(1, wtr_meross.state_size ? wtr_meross.state_size : 1),
                                 .say = say_record_new()};
    fuzz.state = calloc(1, wtr_meross_sealed.carried_state_size);
    hold(fuzz.state && fuzz.run.state);
    wtr_meross_sealed.open_carried(fuzz.state, &setup);
}

static uint64_t end(void)
{
    if (wtr_meross.close)
        wtr_meross.close(fuzz.run.state);
    wtr_meross_sealed.close_carried(fuzz.state);
    free(fuzz.run.state);
    free(fuzz.state);
    say_record_free(fuzz.run.say);
    wtr_keyring_free(&fuzz.keys);
    wtr_buffer_free(&fuzz.bytes);
    wtr_buffer_free(&fuzz.plain);
    wtr_buffer_free(&fuzz.fields);
    wtr_json_free(&fuzz.json);
    return fuzz.run.heard;
}

static uint64_t once(struct wtr_text text)
{
    struct wtr_text mark, message;
    begin();
    for (unsigned n = 1; n <= FUZZ_MAX_MESSAGES && fuzz_next(&text, &mark, &message); n++)
        if (message.length > 0)
            feed(mark, message, n);
    return end();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wtr_text text = wtr_text_of(data, size);
    hold(once(text) == once(text));
    return 0;
}

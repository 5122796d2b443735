/* SPDX-License-Identifier: Apache-2.0 */
/* Enciphered Meross bodies (krahabb/meross_lan merossclient/protocol/message.py and httpclient.py) [S]:
 * devices that list Appliance.Encrypt.ECDHE take and give the same JSON as base64 of AES-256-CBC, the IV
 * sixteen ASCII zeros, filled up with zero bytes. The key is the ASCII of
 *
 *     md5(uuid[3:22] + key[1:9] + MAC + key[10:28])
 *
 * with Python's slices; the MAC is in the uuid's last twelve digits, and written with colons. Every message
 * bears sign = md5(messageId + key + timestamp): one is taken for opened only where that fits. */
#include "vendor/meross/sealed.h"

#include "protocol/http.h"
#include "vendor/meross/reading.h"

#include <openssl/evp.h>

enum { UUID = 32, LONGEST = 64 << 10, BLOCK = 16, MAX_PIECES = 64, SHORTEST = 4 * BLOCK };

struct sealed {
    const struct wtr_keyring *keys;
    struct wtr_buffer cipher, plain;
    struct wtr_json json;
    struct wtr_piece pieces[MAX_PIECES];
};

static bool md5_hex(struct wtr_text text, char hex[33])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(text.data, text.length, sum, &length, EVP_md5(), NULL) != 1 || length != 16)
        return false;
    for (size_t i = 0; i < 16; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[32] = '\0';
    return true;
}

/* text[from:to], as far as the text reaches. */
static struct wtr_text slice(struct wtr_text text, size_t from, size_t to)
{
    from = from < text.length ? from : text.length;
    to = to < text.length ? to : text.length;
    return wtr_text_of(text.data + from, to - from);
}

bool wtr_meross_body_key(struct wtr_text uuid, struct wtr_text device_key, uint8_t key[32])
{
    struct wtr_buffer text = {0};
    uint8_t mac[6];
    char hex[33];
    if (uuid.length != UUID || !wtr_parse_mac(slice(uuid, UUID - 12, UUID), mac))
        return false;
    wtr_put_text(&text, slice(uuid, 3, 22));
    wtr_put_text(&text, slice(device_key, 1, 9));
    wtr_put_mac(&text, mac);
    wtr_put_text(&text, slice(device_key, 10, 28));
    bool made = !text.failed && md5_hex(wtr_buffer_text(&text), hex);
    wtr_buffer_free(&text);
    if (made)
        memcpy(key, hex, 32);
    return made;
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Base64 (RFC 4648 4) into `out`; false if it is none, or not of whole blocks. */
static bool decode(struct wtr_text text, struct wtr_buffer *out)
{
    uint32_t bits = 0;
    size_t fill = 0;
    wtr_buffer_clear(out);
    while (text.length > 0 && fill < 2 && text.data[text.length - 1] == '=') {
        text.length--;
        fill++;
    }
    if ((text.length + fill) % 4 != 0)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        int value = value_of(text.data[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0)
            wtr_put_char(out, (char)(uint8_t)(bits >> (6 - 2 * (i % 4))));
    }
    return !out->failed && out->length >= SHORTEST && out->length % BLOCK == 0;
}

static bool decipher(struct sealed *state, const uint8_t key[32])
{
    static const uint8_t iv[BLOCK] = "0000000000000000";
    const struct wtr_buffer *in = &state->cipher;
    wtr_buffer_clear(&state->plain);
    uint8_t *room = (uint8_t *)wtr_buffer_room(&state->plain, in->length + BLOCK);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length = 0;
    bool done = room && context && EVP_DecryptInit_ex(context, EVP_aes_256_cbc(), NULL, key, iv) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_DecryptUpdate(context, room, &length, (const uint8_t *)in->data, (int)in->length) == 1;
    EVP_CIPHER_CTX_free(context);
    while (done && length > 0 && room[length - 1] == 0)
        length--;
    state->plain.length = done ? (size_t)length : 0;
    return done && length > 0 && room[0] == '{';
}

/* Whether the plain text is a message that was signed with the key. */
static bool is_signed(struct sealed *state, struct wtr_text key)
{
    struct wtr_meross_part part;
    struct wtr_buffer text = {0};
    char hex[33];
    if (!wtr_json_parse(&state->json, wtr_buffer_text(&state->plain)) ||
        !wtr_meross_part_of(&state->json, 0, &part))
        return false;
    const struct wtr_json *json = &state->json;
    wtr_put_text(&text, wtr_json_raw(json, wtr_json_get(json, part.header, "messageId")));
    wtr_put_text(&text, key);
    wtr_put_text(&text, wtr_json_raw(json, wtr_json_get(json, part.header, "timestamp")));
    bool fits = !text.failed && md5_hex(wtr_buffer_text(&text), hex) &&
                wtr_text_is(wtr_json_raw(json, wtr_json_get(json, part.header, "sign")), hex);
    wtr_buffer_free(&text);
    return fits;
}

/* The key that opens what was decoded; NULL: none. */
static const struct wtr_key_entry *find_key(struct sealed *state)
{
    const struct wtr_key_entry *entry;
    uint8_t key[32];
    for (size_t place = 0; (entry = wtr_keyring_next(state->keys, WTR_KEY_MEROSS, &place)) != NULL;)
        if (wtr_meross_body_key(entry->id, entry->secret, key) && decipher(state, key) &&
            is_signed(state, entry->secret))
            return entry;
    return NULL;
}

static void carried(void *of, const struct wtr_carrier *carrier, struct wtr_sink *sink)
{
    struct sealed *state = of;
    const struct wtr_http *http = wtr_http_of(carrier->message);
    const struct wtr_http *request = http && http->is_response ? http->request : http;
    bool asked =
        request && wtr_text_is(request->method, "POST") && wtr_text_is(wtr_http_path(request), "/config");
    if (!asked || http->body_cut || http->body.length > LONGEST || !decode(http->body, &state->cipher))
        return;
    const struct wtr_span *whole = &carrier->message->span;
    size_t at = 0;
    if (!wtr_span_holds(whole, http->body.data, http->body.length, &at))
        return;
    size_t n = wtr_span_cut(whole, at, http->body.length, state->pieces, MAX_PIECES);
    const struct wtr_key_entry *key = find_key(state);
    const struct wtr_opening opening = {
        .steps = "base64+aes-256-cbc", .key = key ? key->name : NULL, .key_origin = key ? key->origin : NULL};
    struct wtr_meross_sealed body = {.is_response = http->is_response, .opened = key != NULL};
    struct wtr_span span = {(const uint8_t *)http->body.data, http->body.length, state->pieces, n,
                            whole->opening};
    if (key) {
        body.text = wtr_buffer_text(&state->plain);
        span =
            (struct wtr_span){(const uint8_t *)body.text.data, body.text.length, state->pieces, n, &opening};
    }
    const struct wtr_message message = {.protocol = &wtr_meross_sealed,
                                        .type = http->is_response ? "response" : "request",
                                        .direction = carrier->message->direction,
                                        .span = span,
                                        .body = &body,
                                        .session = carrier->message->session,
                                        .exchange = carrier->message->exchange,
                                        .over = "http"};
    sink->message(sink->payload, &message);
}

static void open_carried(void *of, const struct wtr_session_setup *setup)
{
    struct sealed *state = of;
    state->keys = setup->keys;
}

static void close_carried(void *of)
{
    struct sealed *state = of;
    wtr_buffer_free(&state->cipher);
    wtr_buffer_free(&state->plain);
    wtr_json_free(&state->json);
}

static void fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_meross_sealed *sealed = message->body;
    wtr_json_key(out, "opened");
    wtr_json_put_bool(out, sealed->opened);
    if (!sealed->opened)
        return;
    wtr_json_key(out, "payload");
    wtr_json_put_bytes(out, sealed->text);
}

const struct wtr_protocol wtr_meross_sealed = {
    .name = "meross-aes",
    .exchanges = true,
    .fields = fields,
    .carried_state_size = sizeof(struct sealed),
    .open_carried = open_carried,
    .close_carried = close_carried,
    .carried = carried,
};

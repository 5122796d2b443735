/* SPDX-License-Identifier: Apache-2.0 */
/* Reading keyring files (keyring.h has their form). The form of tinytuya's files is that of its wizard and
 * scanner (github.com/jasonacox/tinytuya, README.md, "devices.json" and "snapshot.json"). The bounds on a
 * Wi-Fi network's name and passphrase are those of IEEE 802.11 (9.4.2.2, J.4). */
#include "evidence/keyring.h"

#include "base/json.h"

#include <stdlib.h>

enum { MAX_FIELDS = 3, MAX_PSK = 512, TUYA_KEY = 16, NVS_KEYS = 64, MAX_SSID = 32 };

struct reader {
    struct wtr_keyring *keys; /* those of this file */
    const char *name;
    uint64_t line;
    struct wtr_buffer *why;
    struct wtr_buffer fields[MAX_FIELDS]; /* unquoted */
    size_t field_count;
    struct wtr_buffer bytes;  /* what a field's hexadecimal digits stand for */
    struct wtr_buffer label;  /* the key's name */
    struct wtr_buffer origin; /* and where it is from */
};

static enum wtr_status refuse(struct reader *r, const char *expected)
{
    wtr_buffer_clear(r->why);
    wtr_put_z(r->why, "line ");
    wtr_put_uint(r->why, r->line);
    wtr_put_z(r->why, ": expected ");
    wtr_put_z(r->why, expected);
    return WTR_E_UNRECOGNISED;
}

static struct wtr_text field(const struct reader *r, size_t i)
{
    return wtr_buffer_text(&r->fields[i]);
}

static enum wtr_status add_key(struct reader *r, enum wtr_key_type type, const char *word, struct wtr_text id,
                               struct wtr_text secret)
{
    wtr_buffer_clear(&r->label);
    wtr_put_z(&r->label, word);
    wtr_put_z(&r->label, id.length ? " " : "");
    wtr_put_text(&r->label, id);
    wtr_put(&r->label, "", 1);
    wtr_buffer_clear(&r->origin);
    wtr_put_z(&r->origin, "keyring ");
    wtr_put_z(&r->origin, r->name);
    wtr_put_z(&r->origin, ", line ");
    wtr_put_uint(&r->origin, r->line);
    wtr_put(&r->origin, "", 1);
    if (r->label.failed || r->origin.failed)
        return WTR_E_MEMORY;
    const struct wtr_key_entry entry = {type, id, secret, r->label.data, r->origin.data};
    if (r->keys->count >= WTR_KEYRING_MAX_KEYS)
        return refuse(r, "no more than 8192 keys");
    return wtr_keyring_add(r->keys, &entry) ? WTR_OK : WTR_E_MEMORY;
}

/* ---- the types of keys */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_hex(struct wtr_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (hex_digit(text.data[i]) < 0)
            return false;
    return text.length > 0 && text.length % 2 == 0;
}

static struct wtr_text from_hex(struct reader *r, struct wtr_text text)
{
    wtr_buffer_clear(&r->bytes);
    for (size_t i = 0; i + 1 < text.length; i += 2) {
        unsigned high = (unsigned)hex_digit(text.data[i]), low = (unsigned)hex_digit(text.data[i + 1]);
        wtr_put_char(&r->bytes, (char)(high << 4 | low));
    }
    return wtr_buffer_text(&r->bytes);
}

static bool tuya_fits(struct wtr_text id, struct wtr_text secret)
{
    return id.length > 0 && secret.length == TUYA_KEY;
}

static bool psk_fits(struct wtr_text id, struct wtr_text secret)
{
    return id.length > 0 && is_hex(secret) && secret.length / 2 <= MAX_PSK;
}

static bool kasa_fits(struct wtr_text id, struct wtr_text secret)
{
    (void)id, (void)secret; /* blank accounts exist */
    return true;
}

static bool wifi_fits(struct wtr_text id, struct wtr_text secret)
{
    bool passphrase = secret.length >= 8 && secret.length <= 63;
    return id.length > 0 && id.length <= MAX_SSID && (passphrase || (secret.length == 64 && is_hex(secret)));
}

static bool nvs_fits(struct wtr_text id, struct wtr_text secret)
{
    (void)id;
    return secret.length == (size_t)2 * NVS_KEYS && is_hex(secret);
}

static bool meross_fits(struct wtr_text id, struct wtr_text secret)
{
    (void)secret; /* an unpaired plug's key is empty */
    return id.length > 0;
}

static const struct kind {
    const char *word;
    size_t fields; /* behind the word; the last is the secret */
    bool (*fits)(struct wtr_text id, struct wtr_text secret);
    const char *expected;
    enum wtr_key_type type;
    bool hex;
} kinds[] = {
    {"tuya", 2, tuya_fits, "'tuya', a device id or *, and a key of 16 characters", WTR_KEY_TUYA, false},
    {"psk", 2, psk_fits, "'psk', an identity or *, and a key in hexadecimal", WTR_KEY_PSK, true},
    {"kasa", 2, kasa_fits, "'kasa', an account, and its password", WTR_KEY_KASA, false},
    {"wifi", 2, wifi_fits,
     "'wifi', a network's name of at most 32 bytes, and its passphrase of 8 to 63 characters or key of 64 "
     "hexadecimal digits",
     WTR_KEY_WIFI, false},
    {"nvs", 1, nvs_fits, "'nvs' and 128 hexadecimal digits", WTR_KEY_NVS, true},
    {"meross", 2, meross_fits, "'meross', a uuid or *, and the device key", WTR_KEY_MEROSS, false},
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool has_control(struct wtr_text line)
{
    for (size_t i = 0; i < line.length; i++)
        if ((unsigned char)line.data[i] < 0x20 && !is_blank(line.data[i]))
            return true;
    return false;
}

/* Secrets do not stay in freed memory. */
static void wipe(struct wtr_buffer *buffer)
{
    volatile char *data = buffer->data;
    for (size_t i = 0; i < buffer->capacity; i++)
        data[i] = 0;
    wtr_buffer_free(buffer);
}

static const struct kind *kind_of(enum wtr_key_type type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

const char *wtr_keyring_word(enum wtr_key_type type)
{
    const struct kind *kind = kind_of(type);
    return kind ? kind->word : NULL;
}

bool wtr_keyring_takes(const struct wtr_key_entry *key)
{
    const struct kind *kind = kind_of(key->type);
    struct wtr_buffer hex = {0};
    struct wtr_text secret = key->secret;
    if (!kind || has_control(key->id) || (!kind->hex && has_control(secret)))
        return false;
    if (kind->hex) {
        wtr_put_hex(&hex, secret.data, secret.length);
        secret = wtr_buffer_text(&hex);
    }
    bool fits = !hex.failed && kind->fits(key->id, secret);
    wipe(&hex);
    return fits;
}

/* ---- lines */

static void put_field(struct wtr_buffer *out, struct wtr_text text)
{
    bool plain = text.length > 0 && text.data[0] != '"';
    for (size_t i = 0; i < text.length; i++)
        plain = plain && !is_blank(text.data[i]);
    wtr_put_char(out, ' ');
    if (plain) {
        wtr_put_text(out, text);
        return;
    }
    wtr_put_char(out, '"');
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            wtr_put_char(out, '\\');
        wtr_put_char(out, text.data[i]);
    }
    wtr_put_char(out, '"');
}

void wtr_keyring_put_line(const struct wtr_key_entry *key, struct wtr_buffer *out)
{
    const struct kind *kind = kind_of(key->type);
    if (!kind)
        return;
    wtr_put_z(out, kind->word);
    if (kind->fields == 2)
        put_field(out, key->id);
    if (!kind->hex) {
        put_field(out, key->secret);
        return;
    }
    wtr_put_char(out, ' ');
    wtr_put_hex(out, key->secret.data, key->secret.length);
}

/* The quoted field that begins behind its quote; moves *at behind the closing one. */
static bool take_quoted(struct wtr_text line, size_t *at, struct wtr_buffer *out)
{
    for (; *at < line.length && line.data[*at] != '"'; ++*at) {
        if (line.data[*at] == '\\') {
            ++*at;
            if (*at == line.length || (line.data[*at] != '"' && line.data[*at] != '\\'))
                return false;
        }
        wtr_put_char(out, line.data[*at]);
    }
    if (*at == line.length)
        return false;
    ++*at;
    return *at == line.length || is_blank(line.data[*at]);
}

/* Splits what stands behind the type's word. */
static enum wtr_status take_fields(struct reader *r, struct wtr_text line, size_t at)
{
    for (r->field_count = 0;; r->field_count++) {
        while (at < line.length && is_blank(line.data[at]))
            at++;
        if (at == line.length)
            return WTR_OK;
        if (r->field_count == MAX_FIELDS)
            return refuse(r, "fewer fields; one that holds blanks stands in double quotes");
        struct wtr_buffer *out = &r->fields[r->field_count];
        wtr_buffer_clear(out);
        if (line.data[at] == '"') {
            at++;
            if (!take_quoted(line, &at, out))
                return refuse(r, "a closing double quote, and only \\\" and \\\\ before it");
            continue;
        }
        size_t from = at;
        while (at < line.length && !is_blank(line.data[at]))
            at++;
        wtr_put(out, line.data + from, at - from);
    }
}

static enum wtr_status take_key(struct reader *r, const struct kind *kind, struct wtr_text line, size_t at)
{
    const struct wtr_text nothing = {NULL, 0};
    enum wtr_status status = take_fields(r, line, at);
    if (status != WTR_OK)
        return status;
    if (r->field_count != kind->fields)
        return refuse(r, kind->expected);
    struct wtr_text id = kind->fields == 2 ? field(r, 0) : nothing;
    struct wtr_text secret = field(r, kind->fields - 1);
    if (!kind->fits(id, secret))
        return refuse(r, kind->expected);
    return add_key(r, kind->type, kind->word, id, kind->hex ? from_hex(r, secret) : secret);
}

static enum wtr_status take_line(struct reader *r, struct wtr_text line)
{
    size_t from = 0;
    while (from < line.length && is_blank(line.data[from]))
        from++;
    if (from == line.length || line.data[from] == '#')
        return WTR_OK;
    size_t to = from;
    while (to < line.length && !is_blank(line.data[to]))
        to++;
    struct wtr_text word = {line.data + from, to - from};
    if (has_control(line))
        return refuse(r, "text without control characters");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (wtr_text_is(word, kinds[i].word))
            return take_key(r, &kinds[i], line, to);
    return refuse(r, "a type of key (tuya, psk, kasa, wifi, nvs, meross) or a comment");
}

static enum wtr_status take_lines(struct reader *r, struct wtr_text text)
{
    enum wtr_status status = WTR_OK;
    for (r->line = 1; status == WTR_OK && text.length > 0; r->line++) {
        struct wtr_text line = wtr_text_cut(&text, '\n');
        status = take_line(r, line);
    }
    return status;
}

/* ---- JSON */

/* The line of the value. Values are asked for in the order in which they stand. */
static void go_to(struct reader *r, const struct wtr_json *json, wtr_json_ref at, size_t *place)
{
    for (; *place < json->tokens[at].start; ++*place)
        r->line += json->text[*place] == '\n';
}

static enum wtr_status take_device(struct reader *r, const struct wtr_json *json, wtr_json_ref device)
{
    wtr_json_ref id_at = wtr_json_get(json, device, "id");
    wtr_json_ref key_at = wtr_json_get(json, device, "key");
    struct wtr_text key = wtr_json_string(json, key_at, &r->fields[1]);
    if (key_at < 0 || wtr_json_is(json, key_at, WTR_JSON_NULL) || (key.data && key.length == 0))
        return WTR_OK;
    struct wtr_text id = wtr_json_string(json, id_at, &r->fields[0]);
    if (id.length == 0 || key.length != TUYA_KEY || has_control(id))
        return refuse(r, "a device with \"id\" and a \"key\" of 16 characters");
    return add_key(r, WTR_KEY_TUYA, "tuya", id, key);
}

static enum wtr_status take_devices(struct reader *r, const struct wtr_json *json)
{
    wtr_json_ref list = wtr_json_is(json, 0, WTR_JSON_OBJECT) ? wtr_json_get(json, 0, "devices") : 0;
    enum wtr_status status = WTR_OK;
    size_t place = 0;
    if (list < 0 || !wtr_json_is(json, list, WTR_JSON_ARRAY))
        return refuse(r, "a list of devices");
    for (wtr_json_ref at = wtr_json_first(json, list); status == WTR_OK && at >= 0;
         at = wtr_json_next(json, list, at)) {
        go_to(r, json, at, &place);
        status = wtr_json_is(json, at, WTR_JSON_OBJECT) ? take_device(r, json, at)
                                                        : refuse(r, "a device with \"id\" and \"key\"");
    }
    return status;
}

static enum wtr_status take_json(struct reader *r, struct wtr_text text)
{
    struct wtr_json json = {0};
    r->line = 1;
    enum wtr_status status =
        wtr_json_parse(&json, text)
            ? take_devices(r, &json)
            : refuse(r, "JSON to the end of the file: a list of devices with \"id\" and \"key\"");
    wtr_json_free(&json);
    return status;
}

/* ---- both */

static struct wtr_text without_mark(struct wtr_text text)
{
    bool marked = wtr_text_starts(text, "\xef\xbb\xbf"); /* UTF-8's byte order mark, which editors leave */
    return marked ? wtr_text_of(text.data + 3, text.length - 3) : text;
}

static bool is_json(struct wtr_text text)
{
    size_t at = 0;
    while (at < text.length && (is_blank(text.data[at]) || text.data[at] == '\n'))
        at++;
    return at < text.length && (text.data[at] == '[' || text.data[at] == '{');
}

static bool failed(const struct reader *r)
{
    bool any = r->bytes.failed;
    for (size_t i = 0; i < MAX_FIELDS; i++)
        any = any || r->fields[i].failed;
    return any;
}

static void close_reader(struct reader *r)
{
    for (size_t i = 0; i < MAX_FIELDS; i++)
        wipe(&r->fields[i]);
    wipe(&r->bytes);
    wtr_buffer_free(&r->label);
    wtr_buffer_free(&r->origin);
}

enum wtr_status wtr_keyring_read(struct wtr_keyring *keys, const char *name, struct wtr_text text,
                                 struct wtr_buffer *why)
{
    struct wtr_keyring found = {0};
    struct reader r = {.keys = &found, .name = name, .why = why};
    wtr_buffer_clear(why);
    text = without_mark(text);
    enum wtr_status status = is_json(text) ? take_json(&r, text) : take_lines(&r, text);
    if (status == WTR_OK && failed(&r))
        status = WTR_E_MEMORY;
    for (size_t i = 0; status == WTR_OK && i < found.count; i++)
        status = wtr_keyring_add(keys, &found.list[i]) ? WTR_OK : WTR_E_MEMORY;
    wtr_keyring_free(&found);
    close_reader(&r);
    return status;
}

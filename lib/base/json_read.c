/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON tokeniser (RFC 8259): one pass, no recursion, an explicit stack of open containers. */
#include "base/json.h"

#include <stdlib.h>

enum expect {
    EXPECT_VALUE,
    EXPECT_VALUE_OR_END, /* right after '[' */
    EXPECT_NAME,
    EXPECT_NAME_OR_END, /* right after '{' */
    EXPECT_COMMA_OR_END,
};

struct reader {
    struct wtr_json *json;
    const char *text;
    size_t length;
    size_t at;
    uint32_t open[WTR_JSON_MAX_DEPTH];
    int depth;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct reader *r)
{
    while (r->at < r->length && is_space(r->text[r->at]))
        r->at++;
}

static struct wtr_json_token *add_token(struct reader *r, enum wtr_json_type type, size_t start)
{
    struct wtr_json *json = r->json;
    if (json->count == json->capacity) {
        if (json->capacity >= WTR_JSON_MAX_TOKENS)
            return NULL;
        uint32_t capacity = json->capacity ? json->capacity * 2 : 64;
        struct wtr_json_token *tokens = realloc(json->tokens, capacity * sizeof *tokens);
        if (!tokens)
            return NULL;
        json->tokens = tokens;
        json->capacity = capacity;
    }
    struct wtr_json_token *token = &json->tokens[json->count++];
    *token = (struct wtr_json_token){.type = type, .start = (uint32_t)start, .next = json->count};
    return token;
}

static bool valid_escape(const struct reader *r, size_t at)
{
    if (at >= r->length)
        return false;
    char c = r->text[at];
    if (c != 'u')
        return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
    if (r->length - at < 5)
        return false;
    for (size_t i = 1; i <= 4; i++) {
        char h = r->text[at + i];
        bool hex = (h >= '0' && h <= '9') || (h >= 'a' && h <= 'f') || (h >= 'A' && h <= 'F');
        if (!hex)
            return false;
    }
    return true;
}

/* A string whose opening quote is at r->at. */
static bool read_string(struct reader *r)
{
    struct wtr_json_token *token = add_token(r, WTR_JSON_STRING, r->at + 1);
    if (!token)
        return false;
    size_t at = r->at + 1;
    bool ascii = true;
    while (r->length - at >= 8 && wtr_is_plain_word(r->text + at))
        at += 8;
    for (; at < r->length && r->text[at] != '"'; at++) {
        unsigned char c = (unsigned char)r->text[at];
        if (c < 0x20)
            return false;
        ascii &= c < 0x80;
        if (c != '\\')
            continue;
        if (!valid_escape(r, ++at))
            return false;
        token->escaped = true;
    }
    if (at >= r->length || (!ascii && !wtr_utf8_valid(r->text + token->start, at - token->start)))
        return false;
    token->end = (uint32_t)at;
    r->at = at + 1;
    return true;
}

static bool is_digit(const struct reader *r, size_t at)
{
    return at < r->length && r->text[at] >= '0' && r->text[at] <= '9';
}

static bool read_digits(struct reader *r)
{
    if (!is_digit(r, r->at))
        return false;
    while (is_digit(r, r->at))
        r->at++;
    return true;
}

static bool read_number(struct reader *r)
{
    struct wtr_json_token *token = add_token(r, WTR_JSON_NUMBER, r->at);
    if (!token)
        return false;
    if (r->text[r->at] == '-')
        r->at++;
    bool zero = r->at < r->length && r->text[r->at] == '0';
    size_t first = r->at;
    if (!read_digits(r) || (zero && r->at - first > 1))
        return false;
    if (r->at < r->length && r->text[r->at] == '.') {
        r->at++;
        if (!read_digits(r))
            return false;
    }
    if (r->at < r->length && (r->text[r->at] == 'e' || r->text[r->at] == 'E')) {
        r->at++;
        if (r->at < r->length && (r->text[r->at] == '+' || r->text[r->at] == '-'))
            r->at++;
        if (!read_digits(r))
            return false;
    }
    token->end = (uint32_t)r->at;
    return true;
}

static bool read_word(struct reader *r, const char *word, enum wtr_json_type type)
{
    size_t n = strlen(word);
    if (r->length - r->at < n || memcmp(r->text + r->at, word, n) != 0)
        return false;
    struct wtr_json_token *token = add_token(r, type, r->at);
    if (!token)
        return false;
    r->at += n;
    token->end = (uint32_t)r->at;
    return true;
}

static bool open_container(struct reader *r, enum wtr_json_type type)
{
    if (r->depth == WTR_JSON_MAX_DEPTH || !add_token(r, type, r->at))
        return false;
    r->open[r->depth++] = r->json->count - 1;
    r->at++;
    return true;
}

static bool close_container(struct reader *r)
{
    char c = r->text[r->at];
    struct wtr_json_token *token = &r->json->tokens[r->open[r->depth - 1]];
    if (c != (token->type == WTR_JSON_OBJECT ? '}' : ']'))
        return false;
    token->end = (uint32_t)++r->at;
    token->next = r->json->count;
    r->depth--;
    return true;
}

/* Reads a value's beginning (of a container: its bracket), and says what may follow. */
static bool read_value(struct reader *r, enum expect *next)
{
    *next = EXPECT_COMMA_OR_END;
    switch (r->text[r->at]) {
    case '{':
        *next = EXPECT_NAME_OR_END;
        return open_container(r, WTR_JSON_OBJECT);
    case '[':
        *next = EXPECT_VALUE_OR_END;
        return open_container(r, WTR_JSON_ARRAY);
    case '"':
        return read_string(r);
    case 't':
        return read_word(r, "true", WTR_JSON_TRUE);
    case 'f':
        return read_word(r, "false", WTR_JSON_FALSE);
    case 'n':
        return read_word(r, "null", WTR_JSON_NULL);
    default:
        return read_number(r);
    }
}

static bool read_name(struct reader *r, enum expect *next)
{
    if (r->text[r->at] != '"' || !read_string(r))
        return false;
    skip_space(r);
    if (r->at >= r->length || r->text[r->at] != ':')
        return false;
    r->at++;
    *next = EXPECT_VALUE;
    return true;
}

static bool step(struct reader *r, enum expect *expect)
{
    char c = r->text[r->at];
    bool closes = c == '}' || c == ']';
    switch (*expect) {
    case EXPECT_VALUE_OR_END:
    case EXPECT_NAME_OR_END:
        if (closes) {
            *expect = EXPECT_COMMA_OR_END;
            return close_container(r);
        }
        return *expect == EXPECT_NAME_OR_END ? read_name(r, expect) : read_value(r, expect);
    case EXPECT_VALUE:
        return read_value(r, expect);
    case EXPECT_NAME:
        return read_name(r, expect);
    case EXPECT_COMMA_OR_END:
        break;
    }
    if (r->depth == 0)
        return false;
    if (closes)
        return close_container(r);
    if (c != ',')
        return false;
    r->at++;
    bool in_object = r->json->tokens[r->open[r->depth - 1]].type == WTR_JSON_OBJECT;
    *expect = in_object ? EXPECT_NAME : EXPECT_VALUE;
    return true;
}

bool wtr_json_parse(struct wtr_json *json, struct wtr_text text)
{
    struct reader r = {.json = json, .text = text.data, .length = text.length};
    enum expect expect = EXPECT_VALUE;
    json->text = text.data;
    json->count = 0;
    if (text.length == 0 || text.length > INT32_MAX)
        return false;
    for (skip_space(&r); r.at < r.length; skip_space(&r)) {
        if (!step(&r, &expect)) {
            json->count = 0;
            return false;
        }
    }
    bool whole = r.depth == 0 && expect == EXPECT_COMMA_OR_END;
    if (!whole)
        json->count = 0;
    return whole;
}

void wtr_json_free(struct wtr_json *json)
{
    free(json->tokens);
    *json = (struct wtr_json){0};
}

static bool name_is(const struct wtr_json *json, const struct wtr_json_token *name, struct wtr_text wanted)
{
    if (name->escaped) {
        struct wtr_buffer scratch = {0};
        wtr_json_ref at = (wtr_json_ref)(name - json->tokens);
        bool equal = wtr_text_equal(wtr_json_string(json, at, &scratch), wanted);
        wtr_buffer_free(&scratch);
        return equal;
    }
    return name->end - name->start == wanted.length &&
           memcmp(json->text + name->start, wanted.data, wanted.length) == 0;
}

wtr_json_ref wtr_json_get(const struct wtr_json *json, wtr_json_ref at, const char *name)
{
    struct wtr_text wanted = wtr_text_z(name);
    wtr_json_ref found = -1;
    if (!wtr_json_is(json, at, WTR_JSON_OBJECT))
        return -1;
    const struct wtr_json_token *tokens = json->tokens;
    for (uint32_t i = (uint32_t)at + 1; i < tokens[at].next; i = tokens[i + 1].next) {
        if (!name_is(json, &tokens[i], wanted))
            continue;
        if (found >= 0)
            return -1;
        found = (wtr_json_ref)i + 1;
    }
    return found;
}

static uint32_t hex4(const char *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

static void put_utf8(struct wtr_buffer *out, uint32_t code)
{
    if (code < 0x80) {
        wtr_put_char(out, (char)code);
    } else if (code < 0x800) {
        wtr_put_char(out, (char)(0xc0 | code >> 6));
        wtr_put_char(out, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        wtr_put_char(out, (char)(0xe0 | code >> 12));
        wtr_put_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        wtr_put_char(out, (char)(0x80 | (code & 0x3f)));
    } else {
        wtr_put_char(out, (char)(0xf0 | code >> 18));
        wtr_put_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
        wtr_put_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        wtr_put_char(out, (char)(0x80 | (code & 0x3f)));
    }
}

/* Resolves the escape behind the backslash at p (the tokeniser has checked its form). Returns its length
 * without the backslash, 0 for a lone surrogate. */
static size_t resolve_escape(const char *p, size_t left, struct wtr_buffer *out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    if (p[0] != 'u') {
        wtr_put_char(out, to[strchr(from, p[0]) - from]);
        return 1;
    }
    uint32_t code = hex4(p + 1);
    if (code < 0xd800 || code > 0xdfff) {
        put_utf8(out, code);
        return 5;
    }
    bool pair = code < 0xdc00 && left >= 11 && p[5] == '\\' && p[6] == 'u';
    uint32_t low = pair ? hex4(p + 7) : 0;
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    put_utf8(out, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
    return 11;
}

struct wtr_text wtr_json_string(const struct wtr_json *json, wtr_json_ref at, struct wtr_buffer *scratch)
{
    const struct wtr_text nothing = {NULL, 0};
    if (!wtr_json_is(json, at, WTR_JSON_STRING))
        return nothing;
    struct wtr_text raw = wtr_json_raw(json, at);
    if (!json->tokens[at].escaped)
        return raw;
    wtr_buffer_clear(scratch);
    for (size_t i = 0; i < raw.length;) {
        if (raw.data[i] != '\\') {
            wtr_put_char(scratch, raw.data[i++]);
            continue;
        }
        size_t n = resolve_escape(raw.data + i + 1, raw.length - i - 1, scratch);
        if (n == 0)
            return nothing;
        i += n + 1;
    }
    return scratch->failed ? nothing : wtr_buffer_text(scratch);
}

bool wtr_json_micro(const struct wtr_json *json, wtr_json_ref at, int shift, int64_t *micro)
{
    return wtr_json_is(json, at, WTR_JSON_NUMBER) && wtr_decimal_micro(wtr_json_raw(json, at), shift, micro);
}

bool wtr_json_int(const struct wtr_json *json, wtr_json_ref at, int64_t *value)
{
    return wtr_json_is(json, at, WTR_JSON_NUMBER) && wtr_decimal_int(wtr_json_raw(json, at), value);
}

bool wtr_json_bool(const struct wtr_json *json, wtr_json_ref at, bool *value)
{
    if (!wtr_json_is(json, at, WTR_JSON_TRUE) && !wtr_json_is(json, at, WTR_JSON_FALSE))
        return false;
    *value = json->tokens[at].type == WTR_JSON_TRUE;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* JSON (RFC 8259), read in place and written.
 *
 * Reading: a strict tokeniser that leaves every value where it stands, because the place of a value in the
 * evidence is what the project is about. Nothing is copied; nesting and the number of tokens are limited.
 * A member that occurs twice in its object is ambiguous, and looking it up finds nothing.
 *
 * Writing: straight into a buffer, with commas placed by the writer. */
#ifndef WTR_BASE_JSON_H
#define WTR_BASE_JSON_H

#include "base/text.h"

enum wtr_json_type {
    WTR_JSON_OBJECT,
    WTR_JSON_ARRAY,
    WTR_JSON_STRING,
    WTR_JSON_NUMBER,
    WTR_JSON_TRUE,
    WTR_JSON_FALSE,
    WTR_JSON_NULL,
};

/* One value. Members of an object stand as pairs of tokens: the name (a string), then the value. */
struct wtr_json_token {
    enum wtr_json_type type;
    uint32_t start; /* offset of the first byte; of a string: after its quote */
    uint32_t end;   /* offset after the last byte; of a string: of its closing quote */
    uint32_t next;  /* index of the token after this value and all that it holds */
    bool escaped;   /* a string that holds a backslash */
};

enum { WTR_JSON_MAX_DEPTH = 32, WTR_JSON_MAX_TOKENS = 1 << 18 };

/* A document. Zero-initialise; may be used again for the next text; free with wtr_json_free. */
struct wtr_json {
    const char *text;
    struct wtr_json_token *tokens;
    uint32_t count;
    uint32_t capacity;
};

/* Index of a token; negative: there is none. The root is 0. */
typedef int32_t wtr_json_ref;

/* Tokenises the text, which must outlive the document's use. True if it is one whole JSON value with
 * nothing but white space around it. */
bool wtr_json_parse(struct wtr_json *json, struct wtr_text text);
void wtr_json_free(struct wtr_json *json);

/* The member `name` of the object `at`; -1 if `at` is no object, or has no such member, or has it twice. */
wtr_json_ref wtr_json_get(const struct wtr_json *json, wtr_json_ref at, const char *name);
static inline bool wtr_json_is(const struct wtr_json *json, wtr_json_ref at, enum wtr_json_type type)
{
    return at >= 0 && (uint32_t)at < json->count && json->tokens[at].type == type;
}

/* First member name or element inside `at`, and the one that follows; -1 at the end. In an object the value
 * of the name `i` is `i + 1`, and the next name is wtr_json_next of that value. */
static inline wtr_json_ref wtr_json_first(const struct wtr_json *json, wtr_json_ref at)
{
    bool container = wtr_json_is(json, at, WTR_JSON_OBJECT) || wtr_json_is(json, at, WTR_JSON_ARRAY);
    if (!container || json->tokens[at].next == (uint32_t)at + 1)
        return -1;
    return at + 1;
}

static inline wtr_json_ref wtr_json_next(const struct wtr_json *json, wtr_json_ref container, wtr_json_ref at)
{
    uint32_t next = json->tokens[at].next;
    return next < json->tokens[container].next ? (wtr_json_ref)next : -1;
}

/* The value as it stands in the text (a string without its quotes, escapes as written). Empty for -1. */
static inline struct wtr_text wtr_json_raw(const struct wtr_json *json, wtr_json_ref at)
{
    if (at < 0 || (uint32_t)at >= json->count)
        return (struct wtr_text){NULL, 0};
    const struct wtr_json_token *token = &json->tokens[at];
    return (struct wtr_text){json->text + token->start, token->end - token->start};
}

/* A string's text, its escapes resolved into `scratch` where it has any. Empty with data NULL if it is none
 * or holds an invalid escape. `scratch` is cleared first. */
struct wtr_text wtr_json_string(const struct wtr_json *json, wtr_json_ref at, struct wtr_buffer *scratch);
bool wtr_json_micro(const struct wtr_json *json, wtr_json_ref at, int shift, int64_t *micro);
bool wtr_json_int(const struct wtr_json *json, wtr_json_ref at, int64_t *value);
/* True or false; anything else returns false without touching *value. */
bool wtr_json_bool(const struct wtr_json *json, wtr_json_ref at, bool *value);

/* Writes JSON into `out`. Zero-initialise with `out` set. */
struct wtr_json_writer {
    struct wtr_buffer *out;
    bool need_comma;
    bool reveal_secrets; /* see base/secret.h */
};

void wtr_json_begin_object(struct wtr_json_writer *w);
void wtr_json_end_object(struct wtr_json_writer *w);
void wtr_json_begin_array(struct wtr_json_writer *w);
void wtr_json_end_array(struct wtr_json_writer *w);
void wtr_json_key(struct wtr_json_writer *w, const char *name);
void wtr_json_key_text(struct wtr_json_writer *w, struct wtr_text name);
void wtr_json_put_text(struct wtr_json_writer *w, struct wtr_text text);
/* Bytes that may not be UTF-8: a string where they are, else {"hex":"…"}. */
void wtr_json_put_bytes(struct wtr_json_writer *w, struct wtr_text bytes);
void wtr_json_put_z(struct wtr_json_writer *w, const char *z);
void wtr_json_put_int(struct wtr_json_writer *w, int64_t value);
void wtr_json_put_uint(struct wtr_json_writer *w, uint64_t value);
void wtr_json_put_micro(struct wtr_json_writer *w, int64_t micro);
void wtr_json_put_bool(struct wtr_json_writer *w, bool value);
void wtr_json_put_null(struct wtr_json_writer *w);
void wtr_json_put_time(struct wtr_json_writer *w, int64_t time_ns);
/* A token of a number, true, false or null, as it stands. The caller knows that it is one. */
void wtr_json_put_literal(struct wtr_json_writer *w, struct wtr_text literal);

#endif

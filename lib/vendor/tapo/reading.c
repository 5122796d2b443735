/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of Tapo's JSON share: statements that begin with their first value, and values that are
 * checked before they are believed. */
#include "vendor/tapo/reading.h"

#include <openssl/evp.h>

enum { MAX_BASE64 = 1024 };

void wtr_tapo_begin(struct wtr_tapo_sentence *s)
{
    const struct wtr_tapo_reading *r = s->reading;
    if (s->begun)
        return;
    s->begun = true;
    wtr_say_begin(r->say, s->kind, r->device);
    if (r->channel.length > 0)
        wtr_say_channel(r->say, r->channel, r->outlet);
    if (r->polled)
        wtr_say_polled(r->say);
    if (r->app.length > 0)
        wtr_say_app(r->say, r->app);
}

void wtr_tapo_end(struct wtr_tapo_sentence *s)
{
    if (s->begun)
        wtr_say_end(s->reading->say);
    s->begun = false;
}

void wtr_tapo_finding(struct wtr_tapo_reading *r, wtr_json_ref value, const char *reason)
{
    wtr_say_finding(r->say, wtr_json_raw(r->json, value), reason);
}

bool wtr_tapo_has(const struct wtr_tapo_reading *r, wtr_json_ref object, const char *name)
{
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    return value >= 0 && !wtr_json_is(r->json, value, WTR_JSON_NULL);
}

/* The member; -1 if it is absent or null. */
static wtr_json_ref member_of(const struct wtr_tapo_reading *r, wtr_json_ref object, const char *name)
{
    return wtr_tapo_has(r, object, name) ? wtr_json_get(r->json, object, name) : -1;
}

static void say_value(struct wtr_tapo_sentence *s, const char *name, wtr_json_ref value, enum wtr_field field,
                      struct wtr_text text)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_tapo_begin(s);
    wtr_say_text(r->say, field, text);
    wtr_say_raw_json(r->say, name, r->json, value);
}

/* The member's text; data NULL if there is none, with a finding if it is of another type. */
static struct wtr_text text_of(struct wtr_tapo_reading *r, wtr_json_ref value)
{
    const struct wtr_text nothing = {NULL, 0};
    if (value < 0)
        return nothing;
    struct wtr_text text = wtr_json_string(r->json, value, wtr_say_scratch(r->say));
    if (!text.data)
        wtr_tapo_finding(r, value, "the value is no text");
    return text.length > 0 ? text : nothing;
}

void wtr_tapo_add_text(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                       enum wtr_field field)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref value = member_of(r, object, name);
    struct wtr_text text = text_of(r, value);
    if (text.data)
        say_value(s, name, value, field, text);
}

/* How many bytes the Base64 text (RFC 4648, padded) stands for, written to `plain`; -1 if it is none. */
static int base64_plain(struct wtr_text text, unsigned char plain[MAX_BASE64])
{
    if (text.length == 0 || text.length % 4 || text.length > MAX_BASE64)
        return -1;
    int n = EVP_DecodeBlock(plain, (const unsigned char *)text.data, (int)text.length);
    int padding = text.data[text.length - 1] != '=' ? 0 : text.data[text.length - 2] != '=' ? 1 : 2;
    return n < padding ? -1 : n - padding;
}

void wtr_tapo_add_base64(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref value = member_of(r, object, name);
    struct wtr_text text = text_of(r, value);
    unsigned char plain[MAX_BASE64];
    if (!text.data)
        return;
    int length = base64_plain(text, plain);
    if (length < 0)
        wtr_tapo_finding(r, value, "the value is no Base64");
    else if (length > 0 && wtr_utf8_valid(plain, (size_t)length))
        say_value(s, name, value, field, wtr_text_of(plain, (size_t)length));
}

void wtr_tapo_add_int(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                      enum wtr_field field, int64_t least, int64_t most)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref value = member_of(r, object, name);
    int64_t number = 0;
    if (value < 0)
        return;
    if (!wtr_json_int(r->json, value, &number) || number < least || number > most) {
        wtr_tapo_finding(r, value, "the value is no whole number within its range");
        return;
    }
    wtr_tapo_begin(s);
    wtr_say_int(r->say, field, number);
    wtr_say_raw_json(r->say, name, r->json, value);
}

void wtr_tapo_add_number(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field, int shift, int64_t most)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref value = member_of(r, object, name);
    int64_t micro = 0;
    if (value < 0)
        return;
    bool number = wtr_json_is(r->json, value, WTR_JSON_NUMBER);
    if (!number || !wtr_json_micro(r->json, value, shift, &micro) || micro < -most || micro > most) {
        wtr_tapo_finding(r, value, "the value is no number within its range");
        return;
    }
    wtr_tapo_begin(s);
    wtr_say_micro(r->say, field, micro);
    wtr_say_raw_json(r->say, name, r->json, value);
}

/* Whether the member is true or false; a finding if it is something else. */
static bool truth_of(struct wtr_tapo_reading *r, wtr_json_ref value, bool *truth)
{
    if (value >= 0 && wtr_json_bool(r->json, value, truth))
        return true;
    if (value >= 0)
        wtr_tapo_finding(r, value, "the value is neither true nor false");
    return false;
}

void wtr_tapo_add_bool(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                       enum wtr_field field)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref value = member_of(r, object, name);
    bool truth = false;
    if (!truth_of(r, value, &truth))
        return;
    wtr_tapo_begin(s);
    wtr_say_bool(r->say, field, truth);
    wtr_say_raw_json(r->say, name, r->json, value);
}

void wtr_tapo_add_state(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name,
                        enum wtr_field field)
{
    wtr_json_ref value = member_of(s->reading, object, name);
    bool on = false;
    if (truth_of(s->reading, value, &on))
        say_value(s, name, value, field, on ? WTR_TEXT("on") : WTR_TEXT("off"));
}

void wtr_tapo_add_own_mac(struct wtr_tapo_sentence *s, wtr_json_ref object, const char *name)
{
    static const uint8_t zero[6];
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref value = member_of(r, object, name);
    uint8_t mac[6];
    if (value < 0)
        return;
    bool text = wtr_json_is(r->json, value, WTR_JSON_STRING);
    bool own = text && wtr_parse_mac(wtr_json_raw(r->json, value), mac) && !(mac[0] & 1) &&
               memcmp(mac, zero, sizeof zero) != 0;
    if (!own) {
        wtr_tapo_finding(r, value, "the value is no MAC address of a device");
        return;
    }
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    wtr_buffer_clear(scratch);
    wtr_put_mac(scratch, mac);
    wtr_say_tie_mac(r->say, r->device, mac);
    say_value(s, name, value, WTR_FIELD_MAC, wtr_buffer_text(scratch));
}

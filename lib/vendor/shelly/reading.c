/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of Shelly's messages share: statements that begin with their first value, and values that
 * are checked before they are believed. */
#include "vendor/shelly/reading.h"

void wtr_shelly_begin(struct wtr_shelly_sentence *s)
{
    struct wtr_say *say = s->reading->say;
    if (s->begun)
        return;
    s->begun = true;
    wtr_say_begin(say, s->kind, s->reading->device);
    if (s->channel.length > 0)
        wtr_say_channel(say, s->channel, s->outlet);
    if (s->reading->polled)
        wtr_say_polled(say);
    if (s->kind == WTR_KIND_POWER_COMMAND && s->reading->trigger != WTR_TRIGGER_NONE)
        wtr_say_trigger(say, s->reading->trigger, WTR_BASIS_NONE);
}

void wtr_shelly_end(struct wtr_shelly_sentence *s)
{
    if (s->begun)
        wtr_say_end(s->reading->say);
    s->begun = false;
}

struct wtr_shelly_channel wtr_shelly_channel(const char *kind, unsigned number)
{
    struct wtr_shelly_channel channel = {.length = 0};
    char digits[12];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (; *kind && channel.length < sizeof channel.text - sizeof digits - 1; kind++)
        channel.text[channel.length++] = *kind;
    channel.text[channel.length++] = ':';
    while (n > 0)
        channel.text[channel.length++] = digits[--n];
    return channel;
}

struct wtr_text wtr_shelly_channel_text(const struct wtr_shelly_channel *channel)
{
    return (struct wtr_text){channel->text, channel->length};
}

void wtr_shelly_finding(struct wtr_shelly_reading *r, wtr_json_ref value, const char *reason)
{
    wtr_say_finding(r->say, wtr_json_raw(r->json, value), reason);
}

static bool is_absent(const struct wtr_json *json, wtr_json_ref value)
{
    return value < 0 || wtr_json_is(json, value, WTR_JSON_NULL);
}

bool wtr_shelly_is_small(struct wtr_shelly_reading *r, wtr_json_ref object)
{
    enum { MAX_MEMBERS = 256 };
    size_t members = 0;
    wtr_json_ref i = wtr_json_first(r->json, object);
    for (; i >= 0 && members < MAX_MEMBERS; i = wtr_json_next(r->json, object, i + 1))
        members++;
    if (i >= 0)
        wtr_shelly_finding(r, object, "the object has too many members");
    return i < 0;
}

void wtr_shelly_add_text(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field)
{
    struct wtr_shelly_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    if (is_absent(r->json, value))
        return;
    struct wtr_text text = wtr_json_string(r->json, value, wtr_say_scratch(r->say));
    if (!text.data) {
        wtr_shelly_finding(r, value, "the value is no text");
        return;
    }
    if (text.length == 0)
        return;
    wtr_shelly_begin(s);
    wtr_say_text(r->say, field, text);
    wtr_say_raw_json(r->say, name, r->json, value);
}

void wtr_shelly_add_int(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name,
                        enum wtr_field field, int64_t least, int64_t most)
{
    struct wtr_shelly_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    int64_t number = 0;
    if (is_absent(r->json, value))
        return;
    if (!wtr_json_int(r->json, value, &number) || number < least || number > most) {
        wtr_shelly_finding(r, value, "the value is no whole number within its range");
        return;
    }
    wtr_shelly_begin(s);
    wtr_say_int(r->say, field, number);
    wtr_say_raw_json(r->say, name, r->json, value);
}

bool wtr_shelly_number(struct wtr_shelly_reading *r, wtr_json_ref value, int shift, int64_t least,
                       int64_t most, int64_t *micro)
{
    if (is_absent(r->json, value))
        return false;
    if (!wtr_json_is(r->json, value, WTR_JSON_NUMBER)) {
        wtr_shelly_finding(r, value, "the value is no number");
        return false;
    }
    if (!wtr_json_micro(r->json, value, shift, micro) || *micro < least || *micro > most) {
        wtr_shelly_finding(r, value, "the number is beyond what is plausible");
        return false;
    }
    return true;
}

bool wtr_shelly_truth(struct wtr_shelly_reading *r, wtr_json_ref value, bool *truth)
{
    if (is_absent(r->json, value))
        return false;
    if (wtr_json_bool(r->json, value, truth))
        return true;
    wtr_shelly_finding(r, value, "the value is neither true nor false");
    return false;
}

void wtr_shelly_add_number(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name,
                           enum wtr_field field, int64_t least, int64_t most)
{
    struct wtr_shelly_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    int64_t micro = 0;
    if (!wtr_shelly_number(r, value, 0, least, most, &micro))
        return;
    wtr_shelly_begin(s);
    wtr_say_micro(r->say, field, micro);
    wtr_say_raw_json(r->say, name, r->json, value);
}

/* A link address that can be a device's own: not zero, not a group address. */
static bool is_own_mac(const uint8_t mac[6])
{
    static const uint8_t zero[6];
    return (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0;
}

void wtr_shelly_add_own_mac(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name)
{
    struct wtr_shelly_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    uint8_t mac[6];
    if (is_absent(r->json, value))
        return;
    bool text = wtr_json_is(r->json, value, WTR_JSON_STRING);
    if (!text || !wtr_parse_mac(wtr_json_raw(r->json, value), mac) || !is_own_mac(mac)) {
        wtr_shelly_finding(r, value, "the value is no MAC address of a device");
        return;
    }
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    wtr_buffer_clear(scratch);
    wtr_put_mac(scratch, mac);
    wtr_say_tie_mac(r->say, r->device, mac);
    wtr_shelly_begin(s);
    wtr_say_text(r->say, WTR_FIELD_MAC, wtr_buffer_text(scratch));
    wtr_say_raw_json(r->say, name, r->json, value);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a payload as values of statements. An absent member, and null, is not zero and not said; a member
 * of the wrong type or beyond what is plausible is left out, and a finding. */
#include "vendor/tasmota/reading.h"

void wtr_tasmota_channel(struct wtr_say *say, unsigned channel)
{
    char digits[12];
    size_t at = sizeof digits;
    for (unsigned rest = channel; at == sizeof digits || rest > 0; rest /= 10)
        digits[--at] = (char)('0' + rest % 10);
    wtr_say_channel(say, (struct wtr_text){digits + at, sizeof digits - at}, channel);
}

const char *wtr_tasmota_numbered(char *out, const char *name, unsigned number)
{
    size_t at = strlen(name);
    memcpy(out, name, at);
    if (number >= 10)
        out[at++] = (char)('0' + number / 10 % 10);
    out[at++] = (char)('0' + number % 10);
    out[at] = '\0';
    return out;
}

void wtr_tasmota_begin(struct wtr_tasmota_sentence *s)
{
    if (s->begun)
        return;
    struct wtr_say *say = s->reading->say;
    wtr_say_begin(say, s->kind, s->reading->device);
    if (s->reading->polled)
        wtr_say_polled(say);
    if (s->channel)
        wtr_tasmota_channel(say, s->channel);
    if (s->phase)
        wtr_say_int(say, WTR_FIELD_PHASE, (int64_t)s->phase);
    s->begun = true;
}

void wtr_tasmota_end(struct wtr_tasmota_sentence *s)
{
    if (s->begun)
        wtr_say_end(s->reading->say);
    s->begun = false;
}

void wtr_tasmota_finding_at(struct wtr_tasmota_reading *r, wtr_json_ref value, const char *reason)
{
    wtr_say_finding(r->say, wtr_json_raw(r->json, value), reason);
}

static bool is_absent(const struct wtr_json *json, wtr_json_ref value)
{
    return value < 0 || wtr_json_is(json, value, WTR_JSON_NULL);
}

bool wtr_tasmota_is_small(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    enum { MAX_MEMBERS = 256 };
    size_t members = 0;
    wtr_json_ref i = wtr_json_first(r->json, object);
    for (; i >= 0 && members < MAX_MEMBERS; i = wtr_json_next(r->json, object, i + 1))
        members++;
    if (i >= 0)
        wtr_tasmota_finding_at(r, object, "the object has too many members");
    return i < 0;
}

wtr_json_ref wtr_tasmota_object(struct wtr_tasmota_reading *r, wtr_json_ref object, const char *name)
{
    wtr_json_ref found = wtr_json_get(r->json, object, name);
    bool is_object = wtr_json_is(r->json, found, WTR_JSON_OBJECT);
    return is_object && wtr_tasmota_is_small(r, found) ? found : -1;
}

struct wtr_text wtr_tasmota_member_text(struct wtr_tasmota_reading *r, wtr_json_ref object, const char *name)
{
    return wtr_json_string(r->json, wtr_json_get(r->json, object, name), wtr_say_scratch(r->say));
}

void wtr_tasmota_add_text(struct wtr_tasmota_sentence *s, wtr_json_ref object, const char *name,
                          enum wtr_field field)
{
    struct wtr_tasmota_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    if (is_absent(r->json, value))
        return;
    struct wtr_text text = wtr_json_string(r->json, value, wtr_say_scratch(r->say));
    if (!text.data) {
        wtr_tasmota_finding_at(r, value, "the value is no text");
        return;
    }
    if (text.length == 0)
        return;
    wtr_tasmota_begin(s);
    wtr_say_text(r->say, field, text);
    wtr_say_raw_json(r->say, name, r->json, value);
}

void wtr_tasmota_add_int(struct wtr_tasmota_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field, int64_t least, int64_t most)
{
    struct wtr_tasmota_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    int64_t number = 0;
    if (is_absent(r->json, value))
        return;
    if (!wtr_json_int(r->json, value, &number) || number < least || number > most) {
        wtr_tasmota_finding_at(r, value, "the value is no whole number within its range");
        return;
    }
    wtr_tasmota_begin(s);
    wtr_say_int(r->say, field, number);
    wtr_say_raw_json(r->say, name, r->json, value);
}

bool wtr_tasmota_number(struct wtr_tasmota_reading *r, wtr_json_ref value, int shift, int64_t least,
                        int64_t most, int64_t *micro)
{
    if (is_absent(r->json, value))
        return false;
    if (!wtr_json_is(r->json, value, WTR_JSON_NUMBER)) {
        wtr_tasmota_finding_at(r, value, "the value is no number");
        return false;
    }
    if (!wtr_json_micro(r->json, value, shift, micro) || *micro < least || *micro > most) {
        wtr_tasmota_finding_at(r, value, "the number is beyond what is plausible");
        return false;
    }
    return true;
}

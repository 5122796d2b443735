/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of Kasa's messages share: statements that begin with their first value, and values that
 * are checked before they are believed. */
#include "vendor/kasa/reading.h"

void wtr_kasa_begin(struct wtr_kasa_sentence *s)
{
    struct wtr_kasa_reading *r = s->reading;
    if (s->begun)
        return;
    s->begun = true;
    wtr_say_begin(r->say, s->kind, wtr_say_device_at(r->say, "kasa", &r->plug->ip));
    if (s->channel)
        wtr_say_channel(r->say, wtr_kasa_channel_text(s->channel), s->position);
    if (r->answer) {
        wtr_say_polled(r->say);
        return;
    }
    wtr_say_asked(r->say);
    struct wtr_text app = wtr_json_string(r->json, r->source, wtr_say_scratch(r->say));
    if (app.length > 0)
        wtr_say_app(r->say, app);
}

void wtr_kasa_end(struct wtr_kasa_sentence *s)
{
    if (s->begun)
        wtr_say_end(s->reading->say);
    s->begun = false;
}

struct wtr_kasa_sentence wtr_kasa_about(struct wtr_kasa_reading *r, enum wtr_kind kind)
{
    bool outlet = r->about == WTR_KASA_ABOUT_OUTLET;
    return (struct wtr_kasa_sentence){
        .reading = r, .kind = kind, .channel = outlet ? &r->outlet : NULL, .position = r->position};
}

void wtr_kasa_finding(struct wtr_kasa_reading *r, wtr_json_ref value, const char *reason)
{
    wtr_say_finding(r->say, wtr_json_raw(r->json, value), reason);
}

wtr_json_ref wtr_kasa_member(const struct wtr_kasa_reading *r, wtr_json_ref object, const char *name)
{
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    return wtr_json_is(r->json, value, WTR_JSON_NULL) ? -1 : value;
}

bool wtr_kasa_add_text(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name,
                       enum wtr_field field)
{
    struct wtr_kasa_reading *r = s->reading;
    wtr_json_ref value = wtr_kasa_member(r, object, name);
    if (value < 0)
        return false;
    if (!wtr_json_string(r->json, value, wtr_say_scratch(r->say)).data) {
        wtr_kasa_finding(r, value, "the value is no text");
        return false;
    }
    if (wtr_json_raw(r->json, value).length == 0)
        return false;
    wtr_kasa_begin(s); /* which may need the scratch for the sender's name */
    wtr_say_text(r->say, field, wtr_json_string(r->json, value, wtr_say_scratch(r->say)));
    wtr_say_raw_json(r->say, name, r->json, value);
    return true;
}

bool wtr_kasa_int(const struct wtr_kasa_reading *r, wtr_json_ref object, const char *name, int64_t least,
                  int64_t most, int64_t *value)
{
    wtr_json_ref at = wtr_kasa_member(r, object, name);
    return wtr_json_int(r->json, at, value) && *value >= least && *value <= most;
}

bool wtr_kasa_add_int(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name,
                      enum wtr_field field, int64_t least, int64_t most)
{
    struct wtr_kasa_reading *r = s->reading;
    wtr_json_ref value = wtr_kasa_member(r, object, name);
    int64_t number = 0;
    if (value < 0)
        return false;
    if (!wtr_json_int(r->json, value, &number) || number < least || number > most) {
        wtr_kasa_finding(r, value, "the value is no whole number within its range");
        return false;
    }
    wtr_kasa_begin(s);
    wtr_say_int(r->say, field, number);
    wtr_say_raw_json(r->say, name, r->json, value);
    return true;
}

bool wtr_kasa_add_number(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name, int shift,
                         enum wtr_field field, int64_t least, int64_t most)
{
    struct wtr_kasa_reading *r = s->reading;
    wtr_json_ref value = wtr_kasa_member(r, object, name);
    int64_t micro = 0;
    if (value < 0)
        return false;
    if (!wtr_decimal_micro(wtr_json_raw(r->json, value), shift, &micro) || micro < least || micro > most) {
        wtr_kasa_finding(r, value, "the value is no number within its range");
        return false;
    }
    wtr_kasa_begin(s);
    wtr_say_micro(r->say, field, micro);
    wtr_say_raw_json(r->say, name, r->json, value);
    return true;
}

bool wtr_kasa_truth(const struct wtr_kasa_reading *r, wtr_json_ref value, bool *truth)
{
    int64_t number = 0;
    if (wtr_json_bool(r->json, value, truth))
        return true;
    if (!wtr_json_int(r->json, value, &number) || (number != 0 && number != 1))
        return false;
    *truth = number == 1;
    return true;
}

bool wtr_kasa_add_flag(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name,
                       enum wtr_field field)
{
    struct wtr_kasa_reading *r = s->reading;
    wtr_json_ref value = wtr_kasa_member(r, object, name);
    bool truth = false;
    if (!wtr_kasa_truth(r, value, &truth))
        return false;
    wtr_kasa_begin(s);
    wtr_say_bool(r->say, field, truth);
    wtr_say_raw_json(r->say, name, r->json, value);
    return true;
}

bool wtr_kasa_add_on_off(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name,
                         enum wtr_field field)
{
    struct wtr_kasa_reading *r = s->reading;
    wtr_json_ref value = wtr_kasa_member(r, object, name);
    bool on = false;
    if (!wtr_kasa_truth(r, value, &on))
        return false;
    wtr_kasa_begin(s);
    wtr_say_text(r->say, field, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw_json(r->say, name, r->json, value);
    return true;
}

void wtr_kasa_add_raw(struct wtr_kasa_sentence *s, wtr_json_ref object, const char *name)
{
    wtr_json_ref value = wtr_kasa_member(s->reading, object, name);
    if (s->begun && value >= 0)
        wtr_say_raw_json(s->reading->say, name, s->reading->json, value);
}

void wtr_kasa_say_setting(struct wtr_kasa_reading *r, const char *setting, wtr_json_ref object,
                          const char *name)
{
    struct wtr_kasa_sentence s = wtr_kasa_about(r, WTR_KIND_DEVICE_CONFIG);
    wtr_json_ref value = wtr_kasa_member(r, object, name);
    if (value < 0)
        return;
    wtr_kasa_begin(&s);
    struct wtr_text text = wtr_json_string(r->json, value, wtr_say_scratch(r->say));
    wtr_say_text(r->say, WTR_FIELD_SETTING, wtr_text_z(setting));
    wtr_say_text(r->say, WTR_FIELD_VALUE, text.data ? text : wtr_json_raw(r->json, value));
    wtr_say_raw_json(r->say, name, r->json, value);
    wtr_kasa_end(&s);
}

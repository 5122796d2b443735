/* SPDX-License-Identifier: Apache-2.0 */
/* The relay states that a Tuya device remembers, its policy for when power returns, and energy that it has
 * not yet reported.
 *
 * RLY_STAT has one byte a relay and more bytes than there are relays (seven on an outlet with four, eight on
 * a plug with one): a byte counts only where the settings name a pin for that relay, or the schema a switch.
 * save_off_stat is {"power":[true]}, the relays in order; of one that is put together from parts that need
 * not belong together, a list of several says nothing, as the sum does not depend on their order. That relay
 * n is data point n unless the settings say otherwise (ch_dpidN) held on all devices seen. An all-zero
 * content without a name says nothing. */
#include "base/bytes.h"
#include "vendor/tuya/flash_dump.h"

static bool is_relay(const struct wtr_tuya_dump *dump, unsigned relay)
{
    if (dump->relays)
        return dump->relays >> relay & 1;
    return dump->has_schema && dump->switches >> relay & 1;
}

static unsigned point_of(const struct wtr_tuya_dump *dump, unsigned relay)
{
    return dump->points[relay] ? dump->points[relay] : relay;
}

static void begin_state(struct wtr_tuya_entry *e, unsigned relay, bool on)
{
    struct wtr_buffer *out = wtr_say_scratch(e->say);
    wtr_buffer_clear(out);
    wtr_put_uint(out, point_of(e->dump, relay));
    wtr_say_begin(e->say, WTR_KIND_POWER_STATE, e->device);
    wtr_say_channel(e->say, wtr_buffer_text(out), relay);
    wtr_say_text(e->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
}

void wtr_tuya_read_relay_file(struct wtr_tuya_entry *e)
{
    const struct wtr_span *span = &e->entry->span;
    for (unsigned relay = 1; relay <= WTR_TUYA_RELAYS && relay <= span->length; relay++) {
        const uint8_t *byte = span->bytes + relay - 1;
        if (!is_relay(e->dump, relay) || *byte > 1)
            continue;
        begin_state(e, relay, *byte == 1);
        wtr_say_raw_bytes(e->say, WTR_TEXT("RLY_STAT"), wtr_text_of(byte, 1));
        wtr_say_end(e->say);
    }
}

void wtr_tuya_read_save_off(struct wtr_tuya_entry *e)
{
    wtr_json_ref list = wtr_json_get(e->json, 0, "power");
    unsigned relay = 1;
    wtr_json_ref first = wtr_json_first(e->json, list);
    if (!wtr_json_is(e->json, list, WTR_JSON_ARRAY) || first < 0 ||
        (e->entry->mixed && wtr_json_next(e->json, list, first) >= 0))
        return;
    for (wtr_json_ref at = first; at >= 0 && relay <= WTR_TUYA_RELAYS;
         at = wtr_json_next(e->json, list, at), relay++) {
        bool on;
        if (!is_relay(e->dump, relay) || !wtr_json_bool(e->json, at, &on))
            continue;
        begin_state(e, relay, on);
        wtr_say_raw_json(e->say, "power", e->json, at);
        wtr_say_end(e->say);
    }
}

/* The settings that bear on power: what happens when it returns (the numbers as they stand; which means
 * what, no source says), and how much is too much. */
static void say_power_setting(void *payload, struct wtr_text name, struct wtr_text value)
{
    static const char *const names[] = {"total_stat", "over_cur", "lose_vol", "over_vol", "module"};
    struct wtr_tuya_entry *e = payload;
    bool wanted = wtr_text_starts(name, "ch") && wtr_text_ends(name, "_stat");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        wanted |= wtr_text_is(name, names[i]);
    if (wanted)
        wtr_tuya_say_setting(e, name, value);
}

void wtr_tuya_read_settings(struct wtr_tuya_entry *e)
{
    wtr_tuya_each_setting(e->text, e, say_power_setting);
}

/* A counter in a unit that is the product's, so it stands as a value. */
void wtr_tuya_read_energy(struct wtr_tuya_entry *e)
{
    const struct wtr_span *span = &e->entry->span;
    struct wtr_buffer *out = wtr_say_scratch(e->say);
    if (span->length != 4)
        return;
    wtr_buffer_clear(out);
    wtr_put_uint(out, wtr_le32(span->bytes));
    wtr_say_begin(e->say, WTR_KIND_DEVICE_VALUE, e->device);
    wtr_say_text(e->say, WTR_FIELD_PROPERTY, WTR_TEXT("temp_energy"));
    wtr_say_text(e->say, WTR_FIELD_PROPERTY_USE, WTR_TEXT("energy not yet reported"));
    wtr_say_text(e->say, WTR_FIELD_VALUE, wtr_buffer_text(out));
    wtr_say_raw_bytes(e->say, WTR_TEXT("temp_energy"), wtr_text_of(span->bytes, 4));
    wtr_say_end(e->say);
}

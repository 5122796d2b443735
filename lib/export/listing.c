/* SPDX-License-Identifier: Apache-2.0 */
/* Events as general timeline tools list them. */
#include "export/listing.h"

#include "export/visible.h"

bool wtr_listing_time(const struct wtr_event *e, int64_t *time_ns)
{
    if (e->has_time)
        *time_ns = e->time_ns;
    else if (e->earliest.known)
        *time_ns = e->earliest.time_ns;
    else if (e->latest.known)
        *time_ns = e->latest.time_ns;
    else
        return false;
    return true;
}

static const char *meaning_of(const struct wtr_event *e)
{
    static const char *const meanings[] = {
        [WTR_KIND_POWER_STATE] = "Power state reported",
        [WTR_KIND_POWER_COMMAND] = "Command sent",
        [WTR_KIND_POWER_READING] = "Power measured",
        [WTR_KIND_LOAD_CHANGE] = "Load changed",
        [WTR_KIND_ENERGY_COUNTER] = "Energy counter sampled",
        [WTR_KIND_SWITCH_INPUT] = "Button or input used",
        [WTR_KIND_SCHEDULE_RULE] = "Schedule stated",
        [WTR_KIND_SCHEDULE_RUN] = "Schedule ran",
        [WTR_KIND_TIMER_SET] = "Timer set",
        [WTR_KIND_DEVICE_BOOT] = "Boot",
        [WTR_KIND_DEVICE_IDENTITY] = "Device identity stated",
        [WTR_KIND_DEVICE_CONFIG] = "Setting stated",
        [WTR_KIND_DEVICE_LOCATION] = "Stored location stated",
        [WTR_KIND_NETWORK_JOIN] = "Network stated",
        [WTR_KIND_NETWORK_CONTACT] = "Network contact",
        [WTR_KIND_SESSION_OPEN] = "Session opened",
        [WTR_KIND_SESSION_CLOSE] = "Session closed",
        [WTR_KIND_CLOCK_READING] = "Device clock read",
        [WTR_KIND_FIRMWARE_UPDATE] = "Firmware update",
        [WTR_KIND_CREDENTIAL] = "Credential seen",
        [WTR_KIND_TLS_SESSION] = "TLS session",
        [WTR_KIND_DEVICE_VALUE] = "Device value stated",
    };
    size_t kind = (size_t)e->kind;
    if (e->certainty == WTR_INFERRED)
        return "Inferred activity";
    return kind < sizeof meanings / sizeof *meanings && meanings[kind] ? meanings[kind] : "Other event";
}

void wtr_listing_meaning(struct wtr_buffer *out, const struct wtr_event *e)
{
    wtr_put_z(out, meaning_of(e));
    if (!e->has_time && (e->earliest.known || e->latest.known))
        wtr_put_z(out, e->earliest.known ? " (not before)" : " (not after)");
}

static int64_t floor_divide(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0 ? 1 : 0);
}

int64_t wtr_listing_seconds(int64_t time_ns)
{
    return floor_divide(time_ns, 1000000000);
}

int64_t wtr_listing_micros(int64_t time_ns)
{
    return floor_divide(time_ns, 1000);
}

void wtr_listing_datetime(struct wtr_buffer *out, int64_t time_ns)
{
    size_t start = out->length;
    wtr_put_time(out, time_ns);
    if (!out->failed)
        out->length = start + sizeof "1970-01-01T00:00:00.000000" - 1;
    wtr_put_z(out, "+00:00");
}

void wtr_listing_text(struct wtr_buffer *out, struct wtr_text text, char separator)
{
    struct wtr_text rest = text;
    while (rest.data) {
        struct wtr_text before = wtr_text_cut(&rest, separator);
        wtr_put_visible(out, before);
        if (rest.data) {
            wtr_put_z(out, "\\u{");
            wtr_put_hex(out, &separator, 1);
            wtr_put_char(out, '}');
        }
    }
}

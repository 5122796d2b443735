/* SPDX-License-Identifier: Apache-2.0 */
/* The order and the times of the copies (arendst/Tasmota, settings.ino SettingsSave) [S]: each save counts
 * save_flag up by one; cfg_timestamp is the time in UTC where the clock was set since the start, and else one
 * more than in the save before. So a value below 2016 is a count, and so may be one that lies exactly as many
 * seconds after an earlier copy's as there were saves between them: it is only known that the save came after
 * that copy and before the next one that has a time. */
#include "vendor/tasmota/flash_slots.h"

#include <stdlib.h>
#include <zlib.h>

/* START_VALID_TIME: 2015-12-31T23:00:00Z with an hour's margin, as the firmware has it. */
static const uint32_t first_valid = 1451602800;

void wtr_tasmota_slots_free(struct wtr_tasmota_slots *slots)
{
    free(slots->list);
    *slots = (struct wtr_tasmota_slots){0};
}

static uint32_t number_of(const struct wtr_tasmota_settings *settings, enum wtr_tasmota_field field)
{
    int64_t value = 0;
    struct wtr_text raw;
    return wtr_tasmota_settings_number(settings, field, 0, &value, &raw) ? (uint32_t)value : 0;
}

static uint32_t energy_of(const struct wtr_tasmota_settings *settings)
{
    static const enum wtr_tasmota_field counters[] = {WTR_TASMOTA_TODAY, WTR_TASMOTA_YESTERDAY,
                                                      WTR_TASMOTA_TOTAL, WTR_TASMOTA_EXPORT,
                                                      WTR_TASMOTA_ENERGY_DAY};
    uLong hash = crc32(0, NULL, 0);
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        int64_t value = 0;
        struct wtr_text raw;
        for (unsigned k = 0; wtr_tasmota_settings_number(settings, counters[i], k, &value, &raw); k++)
            hash = crc32(hash, (const Bytef *)raw.data, (uInt)raw.length);
    }
    return (uint32_t)hash;
}

static uint32_t content_of(const struct wtr_tasmota_settings *settings)
{
    return (uint32_t)crc32(0, settings->bytes, (uInt)settings->length);
}

/* Where a slot of this number and content stands, or would stand. */
static size_t place_of(const struct wtr_tasmota_slots *slots, uint32_t save_flag, uint32_t content)
{
    size_t at = slots->count;
    while (at > 0 && (slots->list[at - 1].save_flag > save_flag ||
                      (slots->list[at - 1].save_flag == save_flag && slots->list[at - 1].content >= content)))
        at--;
    return at;
}

static bool is_at(const struct wtr_tasmota_slots *slots, size_t at, uint32_t save_flag, uint32_t content)
{
    return at < slots->count && slots->list[at].save_flag == save_flag && slots->list[at].content == content;
}

static bool grow(struct wtr_tasmota_slots *slots)
{
    if (slots->count < slots->capacity)
        return true;
    size_t capacity = slots->capacity ? slots->capacity * 2 : 16;
    struct wtr_tasmota_slot *list =
        capacity <= WTR_TASMOTA_MAX_SLOTS ? realloc(slots->list, capacity * sizeof *list) : NULL;
    if (!list)
        return false;
    slots->list = list;
    slots->capacity = capacity;
    return true;
}

void wtr_tasmota_slots_learn(struct wtr_tasmota_slots *slots, const struct wtr_tasmota_settings *settings,
                             bool live)
{
    if (settings->integrity == WTR_INTEGRITY_FAILED)
        return;
    struct wtr_tasmota_slot slot = {.save_flag = settings->save_flag,
                                    .content = content_of(settings),
                                    .power = number_of(settings, WTR_TASMOTA_POWER),
                                    .energy = energy_of(settings),
                                    .boots = number_of(settings, WTR_TASMOTA_BOOTCOUNT),
                                    .relays = wtr_tasmota_settings_relays(settings),
                                    .live = live};
    uint32_t timestamp = number_of(settings, WTR_TASMOTA_TIMESTAMP);
    slot.timestamp = timestamp >= first_valid ? timestamp : 0;
    size_t at = place_of(slots, slot.save_flag, slot.content);
    if (is_at(slots, at, slot.save_flag, slot.content)) {
        slots->list[at].live |= live;
        return;
    }
    if (!grow(slots))
        return;
    memmove(slots->list + at + 1, slots->list + at, (slots->count - at) * sizeof slot);
    slots->list[at] = slot;
    slots->count++;
}

struct wtr_tasmota_slot *wtr_tasmota_slots_find(const struct wtr_tasmota_slots *slots,
                                                const struct wtr_tasmota_settings *settings)
{
    uint32_t content = content_of(settings);
    size_t at = place_of(slots, settings->save_flag, content);
    return is_at(slots, at, settings->save_flag, content) ? &slots->list[at] : NULL;
}

/* Whether the slot's time may have been counted on from an earlier one's. */
static bool may_be_counted(const struct wtr_tasmota_slots *slots, const struct wtr_tasmota_slot *slot)
{
    for (const struct wtr_tasmota_slot *s = slots->list; s < slot; s++)
        if (s->timestamp != 0 && s->save_flag < slot->save_flag &&
            (int64_t)slot->timestamp - s->timestamp == (int64_t)slot->save_flag - s->save_flag)
            return true;
    return false;
}

static bool is_dated(const struct wtr_tasmota_slots *slots, const struct wtr_tasmota_slot *slot)
{
    return slot->timestamp != 0 && !may_be_counted(slots, slot);
}

struct wtr_tasmota_when wtr_tasmota_slots_when(const struct wtr_tasmota_slots *slots,
                                               const struct wtr_tasmota_slot *slot)
{
    struct wtr_tasmota_when when = {.dated = is_dated(slots, slot), .at = slot->timestamp};
    if (when.dated)
        return when;
    for (const struct wtr_tasmota_slot *s = slot; s-- > slots->list && !when.has_earliest;) {
        when.has_earliest = s->save_flag < slot->save_flag && is_dated(slots, s);
        when.earliest = s->timestamp;
    }
    for (const struct wtr_tasmota_slot *s = slot + 1; s < slots->list + slots->count && !when.has_latest;
         s++) {
        when.has_latest = s->save_flag > slot->save_flag && is_dated(slots, s);
        when.latest = s->timestamp;
    }
    if (when.has_earliest && when.has_latest && when.earliest > when.latest) /* the clock was set back */
        when.has_earliest = when.has_latest = false;
    return when;
}

const struct wtr_tasmota_slot *wtr_tasmota_slots_before(const struct wtr_tasmota_slots *slots,
                                                        const struct wtr_tasmota_slot *slot)
{
    for (const struct wtr_tasmota_slot *s = slot; s-- > slots->list;)
        if (s->save_flag < slot->save_flag)
            return s;
    return NULL;
}

uint32_t wtr_tasmota_slots_relays(const struct wtr_tasmota_slots *slots)
{
    uint32_t relays = 0;
    for (size_t i = 0; i < slots->count; i++)
        relays |= slots->list[i].relays | slots->list[i].power;
    return relays;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The sectors in which Tasmota keeps its settings on an ESP8266 (arendst/Tasmota, settings.ino: the map of
 * the flash, SettingsSave, SettingsLoad, UpdateQuickPowerCycle) [S]:
 *
 *   - Each save takes the next of eight sectors (in 5.x and 6.x of up to eight others) and counts save_flag
 * up; the newest copy whose check holds is the live one, so up to seven earlier ones remain. On chips of 2
 * and 4 MiB the eighth is far from the others. Where they lie changed more than once, so each sector is
 * looked at.
 *   - The sector before the rotating ones begins with FF5AA5FF and one zero word for each of the last starts
 * that ended within eight seconds or less; after a longer run it is erased. A count of seven resets the plug.
 * On the ESP32 the same structure is a file, or a value in NVS: other formats read those. */
#include "vendor/tasmota/flash_store.h"
#include "base/bytes.h"
#include "flash/gather.h"
#include "vendor/tasmota/flash_settings.h"

enum { WINDOW = 16 * WTR_FLASH_SECTOR, MAX_CYCLES = 7 };

static const uint32_t cycle_mark = 0xFFA55AFF;

/* Nothing but zero words behind the mark, and then erased flash. */
static bool cycles_in(const uint8_t *sector, size_t length, unsigned *cycles)
{
    size_t at = 4;
    if (length < WTR_FLASH_SECTOR || wtr_le32(sector) != cycle_mark)
        return false;
    while (at < 4 + 4 * MAX_CYCLES && wtr_le32(sector + at) == 0)
        at += 4;
    *cycles = (unsigned)(at / 4 - 1);
    for (; at < WTR_FLASH_SECTOR; at++)
        if (sector[at] != 0xFF)
            return false;
    return true;
}

/* A copy that may be believed, or one that once was: of a release without a check the mark alone has to do.
 */
static bool is_copy(const uint8_t *sector, size_t length, struct wtr_tasmota_settings *settings)
{
    return wtr_tasmota_settings_open(settings, sector, length);
}

static struct wtr_flash_find probe_sectors(const uint8_t *image, size_t length, size_t at,
                                           const struct wtr_keyring *keys)
{
    (void)keys;
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    struct wtr_tasmota_settings settings;
    unsigned cycles = 0;
    if (at >= length || !is_copy(image + at, length - at, &settings))
        return find;
    find.bid = settings.integrity == WTR_INTEGRITY_OK ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE;
    for (size_t back = WTR_FLASH_SECTOR; back <= at && back <= WINDOW / 2; back += WTR_FLASH_SECTOR)
        if (cycles_in(image + at - back, length - at + back, &cycles))
            find.before = back;
    size_t end = at + WTR_FLASH_SECTOR;
    for (size_t next = end; next < length && next - at < WINDOW; next += WTR_FLASH_SECTOR) {
        if (!is_copy(image + next, length - next, &settings))
            continue;
        end = next + WTR_FLASH_SECTOR;
        if (settings.integrity == WTR_INTEGRITY_OK)
            find.bid = WTR_FLASH_CERTAIN;
    }
    find.length = (end < length ? end : length) - (at - find.before);
    return find;
}

/* The copy that Tasmota itself would load: the highest save_flag of those whose check holds. On larger chips
 * they lie far from each other, so all of the image is looked at. NULL: none. */
static const uint8_t *live_copy(const struct wtr_volume *volume)
{
    const struct wtr_span *all = volume->image ? volume->image : &volume->span;
    struct wtr_tasmota_settings settings;
    const uint8_t *live = NULL;
    uint32_t highest = 0;
    for (size_t at = 0; at < all->length; at += WTR_FLASH_SECTOR) {
        if (!is_copy(all->bytes + at, all->length - at, &settings) ||
            settings.integrity == WTR_INTEGRITY_FAILED || (live && settings.save_flag <= highest))
            continue;
        live = all->bytes + at;
        highest = settings.save_flag;
    }
    return live;
}

struct reading {
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    struct wtr_gather gather;
    const uint8_t *live; /* NULL: none */
};

static void hand_on(struct reading *r, struct wtr_entry *entry, size_t at, size_t length)
{
    wtr_gather_clear(&r->gather);
    if (!wtr_gather_add(&r->gather, &r->volume->span, at, length))
        return;
    entry->format = wtr_tasmota_sectors.name;
    entry->volume = r->volume->name;
    entry->span = wtr_gather_span(&r->gather, r->volume->span.opening);
    r->sink->entry(r->sink->payload, entry);
}

static void read_copy(struct reading *r, size_t at, const struct wtr_tasmota_settings *settings)
{
    bool failed = settings->integrity == WTR_INTEGRITY_FAILED;
    struct wtr_entry entry = {
        .path = WTR_TEXT("settings"),
        .state = settings->bytes == r->live ? WTR_ENTRY_LIVE : WTR_ENTRY_SUPERSEDED,
        .integrity = settings->integrity,
        .check = settings->check,
        .order = {.scope = WTR_TEXT("save_flag"),
                  .sequence = settings->save_flag,
                  .has_sequence = !failed,
                  .basis = failed ? WTR_ORDER_NONE : WTR_ORDER_EXACT},
        .secret = true,
    };
    if (failed) {
        entry.state = WTR_ENTRY_STALE;
        r->sink->finding(r->sink->payload, r->volume, at, settings->length,
                         "the check of these settings does not hold");
    }
    hand_on(r, &entry, at, settings->length);
}

static void read_sectors(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    const struct wtr_span *span = &volume->span;
    struct reading r = {.volume = volume, .sink = sink, .live = live_copy(volume)};
    for (size_t at = 0; at < span->length; at += WTR_FLASH_SECTOR) {
        struct wtr_tasmota_settings settings;
        unsigned cycles = 0;
        if (is_copy(span->bytes + at, span->length - at, &settings)) {
            read_copy(&r, at, &settings);
        } else if (cycles_in(span->bytes + at, span->length - at, &cycles)) {
            struct wtr_entry entry = {.path = WTR_TEXT("quick-power-cycles"), .state = WTR_ENTRY_LIVE};
            hand_on(&r, &entry, at, 4 + (size_t)4 * MAX_CYCLES);
        }
    }
    wtr_gather_free(&r.gather);
}

static const char *kind_of_sectors(const struct wtr_volume *volume)
{
    (void)volume;
    return "ESP8266";
}

const struct wtr_flash_format wtr_tasmota_sectors = {
    .name = "tasmota-settings",
    .probe = probe_sectors,
    .read = read_sectors,
    .kind = kind_of_sectors,
};

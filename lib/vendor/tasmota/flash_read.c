/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of Tasmota's settings, wherever they were stored: sectors and backups (flash_store.c,
 * flash_backup.c), the files /.settings and /.settings.lkg, and the value main/Settings of NVS on the ESP32;
 * erased values of NVS are earlier saves (arendst/Tasmota, settings.ino, support_esp32.ino NvsLoad,
 * TfsSaveFile) [S]. One save that is stored more than once is said once.
 *
 * qpc/pcreg of NVS, and the sector of quick power cycles on the ESP8266, count the last starts in a row that
 * ended within eight seconds (POWER_CYCLE_TIME, UpdateQuickPowerCycle) [S]. */
#include "vendor/tasmota/flash_read.h"

#include "base/bytes.h"
#include "vendor/tasmota/flash_store.h"
#include "vendor/tasmota/learnt.h"

static bool is_quick_cycles(const struct wtr_entry *entry)
{
    return entry->format == wtr_tasmota_sectors.name && wtr_text_is(entry->path, "quick-power-cycles");
}

static bool is_quick_cycles_32(const struct wtr_entry *entry)
{
    return wtr_text_is(entry->path, "qpc/pcreg") && entry->span.length == 4 &&
           entry->integrity == WTR_INTEGRITY_OK && (wtr_le32(entry->span.bytes) & 0xFFFFFFF0) == 0xFFA55AF0;
}

/* The settings in an entry, if they may be believed. */
static bool settings_of(const struct wtr_entry *entry, struct wtr_tasmota_settings *settings)
{
    bool own = entry->format == wtr_tasmota_sectors.name || entry->format == wtr_tasmota_backup.name;
    bool named = wtr_text_ends(entry->path, ".settings") || wtr_text_ends(entry->path, ".settings.lkg") ||
                 wtr_text_is(entry->path, "main/Settings");
    if ((!own && (!named || entry->span.length != WTR_TASMOTA_SETTINGS_MAX)) ||
        entry->integrity == WTR_INTEGRITY_FAILED ||
        !wtr_tasmota_settings_open(settings, entry->span.bytes, entry->span.length))
        return false;
    return settings->integrity == WTR_INTEGRITY_OK || (own && settings->integrity != WTR_INTEGRITY_FAILED);
}

void wtr_tasmota_learn_entry(void *state, const struct wtr_entry *entry)
{
    struct wtr_tasmota_learnt *learnt = state;
    struct wtr_tasmota_settings settings;
    if (settings_of(entry, &settings))
        wtr_tasmota_slots_learn(&learnt->slots, &settings, entry->state == WTR_ENTRY_LIVE);
}

enum wtr_claim wtr_tasmota_claim_entry(const void *state, const struct wtr_entry *entry)
{
    (void)state;
    struct wtr_tasmota_settings settings;
    bool claimed = is_quick_cycles(entry) || is_quick_cycles_32(entry) || settings_of(entry, &settings);
    return claimed ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static const int64_t second_ns = 1000000000;

static void say_when(struct wtr_say *say, const struct wtr_tasmota_when *when)
{
    if (when->dated)
        wtr_say_written(say, when->at);
    else if (when->has_earliest || when->has_latest)
        wtr_say_bounds(say, when->has_earliest, when->earliest * second_ns, when->has_latest,
                       when->latest * second_ns);
}

void wtr_tasmota_stored_begin_at(const struct wtr_tasmota_stored *r, enum wtr_kind kind, unsigned channel,
                                 const struct wtr_tasmota_when *when)
{
    wtr_say_begin(r->say, kind, r->device);
    say_when(r->say, when);
    if (channel) {
        struct wtr_buffer digits = {0};
        wtr_put_uint(&digits, channel);
        wtr_say_channel(r->say, wtr_buffer_text(&digits), channel);
        wtr_buffer_free(&digits);
    }
}

void wtr_tasmota_stored_begin(const struct wtr_tasmota_stored *r, enum wtr_kind kind, unsigned channel)
{
    struct wtr_tasmota_when when = wtr_tasmota_slots_when(r->slots, r->slot);
    wtr_tasmota_stored_begin_at(r, kind, channel, &when);
}

void wtr_tasmota_stored_begin_since(const struct wtr_tasmota_stored *r, enum wtr_kind kind,
                                    const struct wtr_tasmota_slot *since)
{
    struct wtr_tasmota_when saved = wtr_tasmota_slots_when(r->slots, r->slot);
    struct wtr_tasmota_when from = {0};
    if (since)
        from = wtr_tasmota_slots_when(r->slots, since);
    struct wtr_tasmota_when between = {
        .has_earliest = from.dated || from.has_earliest,
        .earliest = from.dated ? from.at : from.earliest,
        .has_latest = saved.dated || saved.has_latest,
        .latest = saved.dated ? saved.at : saved.latest,
    };
    if (between.has_earliest && between.has_latest && between.earliest > between.latest)
        between = (struct wtr_tasmota_when){0}; /* the clock was set back */
    wtr_tasmota_stored_begin_at(r, kind, 0, &between);
}

static void say_cycles(struct wtr_say *say, unsigned cycles, struct wtr_text raw)
{
    if (cycles == 0)
        return;
    wtr_say_begin(say, WTR_KIND_DEVICE_BOOT, wtr_say_dump_device(say, "tasmota"));
    wtr_say_text(say, WTR_FIELD_REASON, WTR_TEXT("starts in a row that each ended within eight seconds"));
    wtr_say_int(say, WTR_FIELD_COUNT_N, cycles);
    wtr_say_raw_bytes(say, WTR_TEXT("quick power cycles"), raw);
    wtr_say_end(say);
}

static void read_cycles(const struct wtr_entry *entry, struct wtr_say *say)
{
    const struct wtr_span *span = &entry->span;
    unsigned cycles = 0;
    if (is_quick_cycles_32(entry)) {
        cycles = wtr_le32(span->bytes) & 15;
        say_cycles(say, cycles == 15 ? 0 : cycles, wtr_text_of(span->bytes, 4));
        return;
    }
    while (4 * ((size_t)cycles + 2) <= span->length && wtr_le32(span->bytes + 4 * ((size_t)cycles + 1)) == 0)
        cycles++;
    say_cycles(say, cycles, wtr_text_of(span->bytes, 4 * ((size_t)cycles + 1)));
}

/* What the plug thought the time was. A time that may have been counted on from an earlier save says nothing.
 */
static void say_clock(const struct wtr_tasmota_stored *r)
{
    struct wtr_text stamp, count;
    int64_t timestamp = 0;
    int64_t boots = 0;
    struct wtr_tasmota_when when = wtr_tasmota_slots_when(r->slots, r->slot);
    if (!wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_TIMESTAMP, 0, &timestamp, &stamp) ||
        (!when.dated && r->slot->timestamp != 0))
        return;
    struct wtr_buffer text = {0};
    wtr_put_int(&text, timestamp);
    wtr_tasmota_stored_begin(r, WTR_KIND_CLOCK_READING, 0);
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, wtr_buffer_text(&text));
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, when.dated ? WTR_TEXT("utc") : WTR_TEXT("unset"));
    wtr_say_raw_bytes(r->say, WTR_TEXT("cfg_timestamp"), stamp);
    if (wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_BOOTCOUNT, 0, &boots, &count))
        wtr_say_int(r->say, WTR_FIELD_BOOT_COUNT, boots);
    wtr_say_end(r->say);
    wtr_buffer_free(&text);
}

/* It started since the slot before: the count is kept in memory and goes out with every save. */
static void say_boot(const struct wtr_tasmota_stored *r)
{
    const struct wtr_tasmota_slot *before = wtr_tasmota_slots_before(r->slots, r->slot);
    int64_t boots = 0;
    struct wtr_text raw;
    if (!before || before->boots >= r->slot->boots ||
        !wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_BOOTCOUNT, 0, &boots, &raw))
        return;
    wtr_tasmota_stored_begin_since(r, WTR_KIND_DEVICE_BOOT, before);
    wtr_say_int(r->say, WTR_FIELD_BOOT_COUNT, boots);
    wtr_say_raw_bytes(r->say, WTR_TEXT("bootcount"), raw);
    wtr_say_end(r->say);
}

void wtr_tasmota_read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say)
{
    struct wtr_tasmota_learnt *learnt = state;
    struct wtr_tasmota_settings settings;
    if (is_quick_cycles(entry) || is_quick_cycles_32(entry)) {
        if (entry->state == WTR_ENTRY_LIVE)
            read_cycles(entry, say);
        return;
    }
    struct wtr_tasmota_slot *slot =
        settings_of(entry, &settings) ? wtr_tasmota_slots_find(&learnt->slots, &settings) : NULL;
    bool live = entry->state == WTR_ENTRY_LIVE;
    if (!slot || slot->said || slot->live != live)
        return;
    slot->said = true;
    struct wtr_tasmota_stored r = {.settings = &settings,
                                   .slots = &learnt->slots,
                                   .slot = slot,
                                   .say = say,
                                   .device = wtr_tasmota_stored_device(&settings, live, say)};
    say_clock(&r);
    say_boot(&r);
    wtr_tasmota_stored_relays(&r);
    wtr_tasmota_stored_energy(&r);
    wtr_tasmota_stored_timers(&r);
    wtr_tasmota_stored_config(&r);
}

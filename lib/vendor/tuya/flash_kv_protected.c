/* SPDX-License-Identifier: Apache-2.0 */
/* The protected sector of Tuya's key/value store: what the factory wrote, kept apart (sf_protected_s of
 * bk7231tools 2.1.2 analysis/kvstorage.py; on two devices). Under the master key: magic, the sum of all that
 * follows, a key, the length of the records; behind 32 bytes the records, enciphered once more under the data
 * key that this key makes: {u32 length, char name[32], value}. What stands behind them was there before. */
#include "vendor/tuya/flash_kv.h"

#include "base/bytes.h"
#include "vendor/tuya/cipher.h"

enum { SECTOR = WTR_FLASH_SECTOR, HEAD = 32, NAME = 32, RECORD = 4 + NAME, UNIT = 16, LEAST_RESIDUE = 8 };

static const uint8_t master[] = "qwertyuiopasdfgh";
static const struct wtr_opening opening = {"aes-128-ecb+aes-128-ecb", false,
                                           "key of the Tuya protected sector", "the sector itself"};

/* The data key under which the records read as records. */
static bool open_records(const uint8_t *plain, uint8_t *records)
{
    uint8_t key[16];
    for (unsigned k = 0; wtr_tuya_kv_data_key(plain + 8, k, key); k++) {
        if (!wtr_tuya_ecb_decrypt(key, plain + HEAD, SECTOR - HEAD, records))
            return false;
        uint32_t length = wtr_le32(records);
        if (length <= SECTOR - HEAD - RECORD && records[4] > ' ' && records[4] <= '~')
            return true;
    }
    return false;
}

static void say(struct wtr_tuya_kv *kv, size_t at, const uint8_t *bytes, size_t length,
                struct wtr_entry *entry)
{
    size_t before = at % UNIT; /* a record begins anywhere in a unit of the cipher */
    size_t whole = (before + length + UNIT - 1) / UNIT * UNIT;
    wtr_gather_clear(&kv->gather);
    if (length == 0 ||
        !wtr_gather_add_opened(&kv->gather, &kv->volume->span, at - before, whole, bytes, length))
        return;
    entry->format = wtr_tuya_kv.name;
    entry->volume = kv->volume->name;
    entry->type = "protected";
    entry->encryption = wtr_tuya_kv.name;
    entry->span = wtr_gather_span(&kv->gather, &opening);
    kv->sink->entry(kv->sink->payload, entry);
}

/* Text that was there before, behind the records. */
static void say_residue(struct wtr_tuya_kv *kv, size_t at, const uint8_t *records, size_t from)
{
    size_t end = from;
    while (end < SECTOR - HEAD && records[end] >= ' ' && records[end] <= '~')
        end++;
    struct wtr_entry entry = {.state = WTR_ENTRY_STALE, .integrity = WTR_INTEGRITY_NONE};
    if (end - from >= LEAST_RESIDUE)
        say(kv, at + HEAD + from, records + from, end - from, &entry);
}

static void say_record(struct wtr_tuya_kv *kv, size_t at, const uint8_t *record, size_t size, bool sound)
{
    const char *name = (const char *)record + 4;
    bool text = wtr_tuya_is_stored_text(wtr_text_of(record + RECORD, size));
    struct wtr_entry entry = {
        .path = {name, strnlen(name, NAME)},
        .state = WTR_ENTRY_LIVE,
        .integrity = !sound ? WTR_INTEGRITY_FAILED
                     : text ? WTR_INTEGRITY_OK
                            : WTR_INTEGRITY_WEAK,
        .check = "sum32",
    };
    say(kv, at + RECORD, record + RECORD, size, &entry);
}

bool wtr_tuya_kv_protected(struct wtr_tuya_kv *kv, size_t at, bool sound)
{
    uint8_t plain[SECTOR], records[SECTOR - HEAD];
    if (!wtr_tuya_ecb_decrypt(master, kv->volume->span.bytes + at, SECTOR, plain))
        return false;
    size_t length = wtr_le32(plain + 24), place = 0;
    if (length > sizeof records || !open_records(plain, records))
        return false;
    if (!sound)
        kv->sink->finding(kv->sink->payload, kv->volume, at, SECTOR,
                          "the sum of the protected sector does not hold");
    while (place + RECORD <= length) {
        size_t size = wtr_le32(records + place);
        if (size > length - place - RECORD)
            break;
        say_record(kv, at + HEAD + place, records + place, size, sound);
        place += RECORD + size;
    }
    say_residue(kv, at, records, length);
    return true;
}

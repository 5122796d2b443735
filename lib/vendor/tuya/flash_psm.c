/* SPDX-License-Identifier: Apache-2.0 */
/* The parameter store ("PSM") of Tuya's firmware for ESP8266. Sectors of 4096 bytes under AES-128-ECB with
 * the key "Qby6", the fifth byte of the MAC address, "TH9bj8GiexU"; as one byte alone is not known, the key
 * is found by trying 256. From dumps of two devices:
 *
 *   - sector 0: "PSM1", 0A 7E 56 01 01 00 00 00, then texts "<name>=<value>", each ended by NUL: which
 *     sectors there are (`<x>_part`) and what they are called. It has no sum;
 *   - the sectors behind it: u32 CRC-32 (zlib's) of bytes 4 to 4095, then texts "ESP.<module>.<key>=<JSON>".
 *
 * An empty text ends the list. A list is written over what was there without clearing it, so that behind its
 * end stand the remains of longer ones: whole texts, which may hold former values, and the ends of cut ones.
 */
#include "vendor/tuya/flash_psm.h"

#include "base/bytes.h"
#include "flash/gather.h"
#include "vendor/tuya/cipher.h"

#include <zlib.h>

enum { SECTOR = WTR_FLASH_SECTOR, UNIT = 16, HEAD = 12, SUM = 4, MOST_SECTORS = 16, LEAST_RESIDUE = 6 };

static const uint8_t mark[HEAD] = {'P', 'S', 'M', '1', '\n', '~', 'V', 1, 1, 0, 0, 0};

static const struct wtr_opening opening = {"aes-128-ecb", false, "key of the Tuya PSM store",
                                           "trial of its one unknown byte"};

struct store {
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    struct wtr_gather gather;
};

/* ---- finding it */

static void make_key(unsigned byte, uint8_t key[UNIT])
{
    static const char form[] = "Qby6?TH9bj8GiexU";
    memcpy(key, form, UNIT);
    key[4] = (uint8_t)byte;
}

/* The last bytes of the first sector are erased, which enciphers to two equal units that are not erased. */
static bool may_be_first(const uint8_t *sector)
{
    const uint8_t *last = sector + SECTOR - UNIT;
    bool blank = true;
    for (size_t i = 1; i < UNIT && blank; i++)
        blank = last[i] == last[0];
    return !blank && memcmp(last, last - UNIT, UNIT) == 0 && memcmp(last, sector, UNIT) != 0;
}

static bool find_key(const uint8_t *sector, uint8_t key[UNIT])
{
    uint8_t head[UNIT];
    for (unsigned byte = 0; byte < 256; byte++) {
        make_key(byte, key);
        if (!wtr_tuya_ecb_decrypt(key, sector, UNIT, head))
            return false;
        if (memcmp(head, mark, 4) == 0)
            return true;
    }
    return false;
}

static bool open_sector(const uint8_t *sector, const uint8_t *key, uint8_t *plain, bool *sound)
{
    if (!wtr_tuya_ecb_decrypt(key, sector, SECTOR, plain))
        return false;
    *sound = wtr_le32(plain) == crc32(0, plain + SUM, SECTOR - SUM);
    return *sound || memcmp(plain + SUM, "ESP.", 4) == 0;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    uint8_t key[UNIT], plain[SECTOR];
    bool sound = false;
    (void)keys;
    if (at > length || length - at < SECTOR || !may_be_first(image + at) || !find_key(image + at, key))
        return find;
    find.bid = WTR_FLASH_CERTAIN;
    find.length = SECTOR;
    for (size_t n = 1, gap = 0; n < MOST_SECTORS && gap < 2 && length - at >= (n + 1) * SECTOR; n++) {
        bool own = open_sector(image + at + n * SECTOR, key, plain, &sound);
        gap = own ? 0 : gap + 1;
        if (own)
            find.length = (n + 1) * SECTOR;
    }
    return find;
}

/* ---- reading it */

static void say(struct store *s, size_t at, const uint8_t *bytes, size_t length, struct wtr_entry *entry)
{
    size_t before = at % UNIT;
    wtr_gather_clear(&s->gather);
    if (length > 0 && !wtr_gather_add_opened(&s->gather, &s->volume->span, at - before,
                                             (before + length + UNIT - 1) / UNIT * UNIT, bytes, length))
        return;
    entry->format = wtr_tuya_psm.name;
    entry->volume = s->volume->name;
    entry->encryption = wtr_tuya_psm.name;
    entry->span = wtr_gather_span(&s->gather, &opening);
    s->sink->entry(s->sink->payload, entry);
}

static bool is_printable(const uint8_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] == 0x7f)
            return false;
    return length > 0 && wtr_utf8_valid(text, length);
}

/* "<name>=<value>" at `at` of the volume; what has no name is given whole. */
static void say_text(struct store *s, size_t at, const uint8_t *text, size_t length, struct wtr_entry *entry)
{
    const uint8_t *equals = memchr(text, '=', length);
    bool torn = entry->state == WTR_ENTRY_STALE && (length < 4 || memcmp(text, "ESP.", 4) != 0);
    size_t name = equals && !torn ? (size_t)(equals - text) : 0;
    size_t skip = name > 0 ? name + 1 : 0;
    entry->path = wtr_text_of(text, name);
    say(s, at + skip, text + skip, length - skip, entry);
}

/* The texts from `from` of a deciphered sector on; returns where the list ends. */
static size_t read_list(struct store *s, size_t sector, const uint8_t *plain, size_t from,
                        const struct wtr_entry *as)
{
    while (from < SECTOR) {
        size_t length = strnlen((const char *)plain + from, SECTOR - from);
        if (length == 0 || from + length == SECTOR || !is_printable(plain + from, length))
            break;
        struct wtr_entry entry = *as;
        say_text(s, sector + from, plain + from, length, &entry);
        from += length + 1;
    }
    return from;
}

/* What stands behind the list's end. */
static void read_residue(struct store *s, size_t sector, const uint8_t *plain, size_t from, bool sound)
{
    while (from < SECTOR) {
        size_t length = 0;
        while (from + length < SECTOR && plain[from + length] >= ' ' && plain[from + length] < 0x7f)
            length++;
        struct wtr_entry entry = {.state = WTR_ENTRY_STALE,
                                  .integrity = sound ? WTR_INTEGRITY_WEAK : WTR_INTEGRITY_FAILED,
                                  .check = "crc32"};
        if (length >= LEAST_RESIDUE)
            say_text(s, sector + from, plain + from, length, &entry);
        from += length + 1;
    }
}

static void read_sector(struct store *s, size_t at, const uint8_t *key)
{
    uint8_t plain[SECTOR] = {0};
    bool sound = false;
    struct wtr_entry as = {.state = WTR_ENTRY_LIVE, .check = "crc32"};
    if (!open_sector(s->volume->span.bytes + at, key, plain, &sound) || !sound)
        s->sink->finding(s->sink->payload, s->volume, at, SECTOR, "the sum of the sector does not hold");
    as.integrity = sound ? WTR_INTEGRITY_OK : WTR_INTEGRITY_FAILED;
    read_residue(s, at, plain, read_list(s, at, plain, SUM, &as), sound);
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct store s = {.volume = volume, .sink = sink};
    uint8_t key[UNIT], plain[SECTOR];
    const struct wtr_entry as = {.state = WTR_ENTRY_LIVE};
    if (volume->span.length < SECTOR || !find_key(volume->span.bytes, key)) {
        sink->finding(sink->payload, volume, 0, volume->span.length, "no key opens the store's first sector");
        return;
    }
    if (wtr_tuya_ecb_decrypt(key, volume->span.bytes, SECTOR, plain))
        read_list(&s, 0, plain, HEAD, &as);
    for (size_t at = SECTOR; at + SECTOR <= volume->span.length; at += SECTOR)
        read_sector(&s, at, key);
    wtr_gather_free(&s.gather);
}

const struct wtr_flash_format wtr_tuya_psm = {
    .name = "tuya-psm",
    .probe = probe,
    .read = read_volume,
};

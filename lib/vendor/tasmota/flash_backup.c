/* SPDX-License-Identifier: Apache-2.0 */
/* The file that Tasmota's web page writes as a backup, "Config_….dmp" (arendst/Tasmota, settings.ino
 * SettingsConfigBackup, SettingsBufferXor, and 5.x, 6.x HandleBackupConfiguration) [S], [V] on one of 13.3.0:
 *
 *   - the settings, each byte from the third on XOR 0x5A plus its place; in 5.x and some 6.x the first two
 * bytes are A5 and whether it was enciphered;
 *   - where drivers have files of their own: a list of files, each behind 16 bytes (name[14], length u16) and
 *     filled up to 16 bytes, at least one; the first head's length is that of the whole. XOR from the 19th
 * byte on. The first file is "/.settings". A driver's file begins with its own CRC-32, of what follows it. */
#include "base/bytes.h"
#include "flash/gather.h"
#include "vendor/tasmota/flash_settings.h"
#include "vendor/tasmota/flash_store.h"

#include <stdlib.h>
#include <zlib.h>

enum {
    PAD = 0x5A,
    HEAD = 16,
    NAME = 14,
    SIGN = 0xA5,
    MAX_BACKUP = 0x10000,
};

static bool is_list(const uint8_t *file, size_t length)
{
    static const char name[NAME] = "/.settings";
    return length > WTR_TASMOTA_SETTINGS_MAX + HEAD && length < MAX_BACKUP && memcmp(file, name, NAME) == 0;
}

/* What `length` bytes at `at` of the file were before. */
static void open_bytes(const uint8_t *file, size_t at, size_t length, bool list, uint8_t *plain)
{
    const size_t first = list ? HEAD + 2 : 2;
    bool clear = !list && length > 1 && file[0] == SIGN && file[1] == 0;
    for (size_t i = 0; i < length; i++) {
        uint8_t pad = at + i < first || clear ? 0 : (uint8_t)(PAD + at + i);
        plain[i] = file[at + i] ^ pad;
    }
}

/* The copy in a backup. `plain` has room for the largest. */
static bool settings_in(const uint8_t *file, size_t length, uint8_t *plain,
                        struct wtr_tasmota_settings *settings)
{
    bool list = is_list(file, length);
    size_t room = length - (list ? HEAD : 0);
    if (length < WTR_TASMOTA_SETTINGS_MIN || (!list && length > WTR_TASMOTA_SETTINGS_MAX))
        return false;
    if (room > WTR_TASMOTA_SETTINGS_MAX)
        room = WTR_TASMOTA_SETTINGS_MAX;
    open_bytes(file, list ? HEAD : 0, room, list, plain);
    if (!list && file[0] == SIGN && file[1] <= 1 && wtr_le16(plain + 2) == 0x2016)
        return wtr_tasmota_settings_open(settings, plain, room) && settings->length == room;
    return wtr_tasmota_settings_open(settings, plain, room) && (list || settings->length == length);
}

static struct wtr_flash_find probe_backup(const uint8_t *image, size_t length, size_t at,
                                          const struct wtr_keyring *keys)
{
    (void)keys;
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    struct wtr_tasmota_settings settings;
    uint8_t plain[WTR_TASMOTA_SETTINGS_MAX];
    if (at != 0 || length >= MAX_BACKUP || !settings_in(image, length, plain, &settings))
        return find;
    find.bid = settings.integrity == WTR_INTEGRITY_OK ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE;
    find.length = length;
    return find;
}

static const struct wtr_opening opening = {"tasmota-xor", true, NULL, NULL};

static void hand_on(const struct wtr_volume *volume, const struct wtr_flash_sink *sink,
                    struct wtr_entry *entry, size_t at, const uint8_t *plain, size_t length)
{
    struct wtr_gather gather = {0};
    if (wtr_gather_add_opened(&gather, &volume->span, at, length, plain, length)) {
        entry->format = wtr_tasmota_backup.name;
        entry->volume = volume->name;
        entry->span = wtr_gather_span(&gather, &opening);
        entry->secret = true;
        sink->entry(sink->payload, entry);
    }
    wtr_gather_free(&gather);
}

static void read_settings(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    uint8_t plain[WTR_TASMOTA_SETTINGS_MAX];
    struct wtr_tasmota_settings settings;
    const uint8_t *file = volume->span.bytes;
    if (!settings_in(file, volume->span.length, plain, &settings)) {
        sink->finding(sink->payload, volume, 0, volume->span.length, "the backup holds no settings");
        return;
    }
    size_t at = is_list(file, volume->span.length) ? HEAD : 0;
    bool failed = settings.integrity == WTR_INTEGRITY_FAILED;
    if (failed)
        sink->finding(sink->payload, volume, at, settings.length,
                      "the check of these settings does not hold");
    struct wtr_entry entry = {
        .path = WTR_TEXT("settings"),
        .state = WTR_ENTRY_LIVE,
        .integrity = settings.integrity,
        .check = settings.check,
        .order = {.scope = WTR_TEXT("save_flag"),
                  .sequence = settings.save_flag,
                  .has_sequence = !failed,
                  .basis = failed ? WTR_ORDER_NONE : WTR_ORDER_EXACT},
    };
    hand_on(volume, sink, &entry, at, plain, settings.length);
}

/* A driver's file: name, bytes, and its check. */
static void read_file(const struct wtr_volume *volume, const struct wtr_flash_sink *sink, size_t at,
                      size_t length, const uint8_t *head)
{
    const char *end = memchr(head, 0, NAME);
    struct wtr_text path = wtr_text_of(head, end ? (size_t)(end - (const char *)head) : NAME);
    uint8_t *plain = malloc(length ? length : 1);
    if (!plain)
        return;
    open_bytes(volume->span.bytes, at, length, true, plain);
    bool checked = length > 4 && wtr_text_starts(path, "/.drvset") && !wtr_text_is(path, "/.drvset000");
    bool holds = checked && wtr_le32(plain) == (uint32_t)crc32(UINT32_MAX, plain + 4, (uInt)(length - 4));
    struct wtr_entry entry = {
        .path = path,
        .type = "file",
        .state = WTR_ENTRY_LIVE,
        .integrity = !checked ? WTR_INTEGRITY_NONE
                     : holds  ? WTR_INTEGRITY_OK
                              : WTR_INTEGRITY_FAILED,
        .check = checked ? "crc32" : NULL,
    };
    hand_on(volume, sink, &entry, at, plain, length);
    free(plain);
}

static void read_files(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    size_t at = HEAD + WTR_TASMOTA_SETTINGS_MAX;
    while (at + HEAD < volume->span.length) {
        uint8_t head[HEAD];
        open_bytes(volume->span.bytes, at, HEAD, true, head);
        size_t length = wtr_le16(head + NAME);
        at += HEAD;
        if (head[0] != '/' || length == 0 || length > volume->span.length - at) {
            sink->finding(sink->payload, volume, at - HEAD, volume->span.length - at + HEAD,
                          "the list of files is damaged from here on");
            return;
        }
        read_file(volume, sink, at, length, head);
        at += length / 16 * 16 + 16;
    }
}

static void read_backup(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    if (volume->span.length < WTR_TASMOTA_SETTINGS_MIN)
        return;
    read_settings(volume, sink);
    if (is_list(volume->span.bytes, volume->span.length))
        read_files(volume, sink);
}

static const char *kind_of_backup(const struct wtr_volume *volume)
{
    (void)volume;
    return WTR_FLASH_BACKUP;
}

const struct wtr_flash_format wtr_tasmota_backup = {
    .name = "tasmota-backup",
    .probe = probe_backup,
    .read = read_backup,
    .kind = kind_of_backup,
};

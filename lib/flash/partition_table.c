/* SPDX-License-Identifier: Apache-2.0 */
/* Partition tables of the ESP32 family (and of the ESP8266's RTOS SDK): rows of 32 bytes, ended by a row that
 * holds the MD5 of those before it (ESP-IDF, gen_esp32part.py and esp_flash_partitions.h), or by blank ones.
 * Mongoose OS repeats the table at every 0x400 bytes of its sector; seen on real devices, too.
 *
 * A table whose MD5 does not hold sends nobody looking anywhere: which row is wrong can't be told. Another
 * copy of it may hold. */
#include "flash/esp.h"
#include "flash/formats.h"

#include "base/bytes.h"

#include <openssl/evp.h>
#include <string.h>

enum { COPY = 0x400, MOST_ROWS = WTR_ESP_TABLE_MOST / WTR_ESP_ROW };

enum row_kind { ROW_PARTITION, ROW_MD5, ROW_BLANK, ROW_DAMAGED };

/* One table, or one copy of it. */
struct table {
    size_t at;   /* within the volume */
    size_t rows; /* before its end */
    bool has_md5;
    enum wtr_integrity integrity;
};

static enum row_kind kind_of(const uint8_t *row)
{
    static const uint8_t md5_row[16] = {0xeb, 0xeb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint8_t blank[WTR_ESP_ROW];
    memset(blank, 0xff, sizeof blank);
    if (memcmp(row, blank, sizeof blank) == 0)
        return ROW_BLANK;
    if (memcmp(row, md5_row, sizeof md5_row) == 0)
        return ROW_MD5;
    return wtr_esp_is_row(row) ? ROW_PARTITION : ROW_DAMAGED;
}

static bool md5_holds(const uint8_t *rows, size_t length, const uint8_t *md5)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    return EVP_Digest(rows, length, digest, &size, EVP_md5(), NULL) == 1 && size == 16 &&
           memcmp(digest, md5, 16) == 0;
}

/* The table at `at`, up to its end or `room` bytes. Damaged rows in it are counted as rows as long as a sound
 * one follows. */
static struct table measure(const uint8_t *bytes, size_t at, size_t room)
{
    struct table t = {.at = at};
    for (size_t i = 0; (i + 1) * WTR_ESP_ROW <= room && i < MOST_ROWS; i++) {
        const uint8_t *row = bytes + at + i * WTR_ESP_ROW;
        enum row_kind kind = kind_of(row);
        if (kind == ROW_BLANK)
            break;
        if (kind == ROW_MD5) {
            t.has_md5 = true;
            t.rows = i;
            t.integrity =
                md5_holds(bytes + at, i * WTR_ESP_ROW, row + 16) ? WTR_INTEGRITY_OK : WTR_INTEGRITY_FAILED;
            return t;
        }
        t.rows = kind == ROW_PARTITION ? i + 1 : t.rows;
    }
    return t;
}

/* ---- recognising */

static size_t count_sound(const uint8_t *bytes, const struct table *t)
{
    size_t sound = 0;
    for (size_t i = 0; i < t->rows; i++)
        sound += kind_of(bytes + t->at + i * WTR_ESP_ROW) == ROW_PARTITION;
    return sound;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    (void)keys;
    enum { LEAST = 2 * WTR_ESP_ROW };
    const uint8_t *bytes = image + at;
    size_t room = length - at < WTR_FLASH_SECTOR ? length - at : WTR_FLASH_SECTOR;
    bool marked =
        room >= LEAST && ((bytes[0] == 0xaa && bytes[1] == 0x50) || (bytes[32] == 0xaa && bytes[33] == 0x50));
    if (!marked)
        return (struct wtr_flash_find){0};
    struct table t = measure(bytes, 0, room);
    size_t sound = count_sound(bytes, &t);
    enum wtr_flash_bid bid = sound >= 2 || (sound && t.integrity == WTR_INTEGRITY_OK) ? WTR_FLASH_CERTAIN
                             : sound                                                  ? WTR_FLASH_MAYBE
                                                                                      : WTR_FLASH_NO;
    return (struct wtr_flash_find){.bid = bid, .length = room};
}

/* ---- reading */

/* What data partitions are for, by subtype (ESP-IDF, gen_esp32part.py; 0x83 is LittleFS there since 5.2). */
static const char *data_type(uint8_t subtype)
{
    static const struct {
        uint8_t subtype;
        const char *type;
    } types[] = {{0x00, "otadata"}, {0x01, "phy"}, {0x02, "nvs"},    {0x03, "coredump"}, {0x04, "nvs_keys"},
                 {0x05, "efuse"},   {0x81, "fat"}, {0x82, "spiffs"}, {0x83, "littlefs"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].subtype == subtype)
            return types[i].type;
    return "data";
}

static const char *type_of(const uint8_t *row)
{
    return row[2] == 0 ? "app" : row[2] == 1 ? data_type(row[3]) : "custom";
}

static struct wtr_text label_of(const uint8_t *row)
{
    return wtr_text_of(row + 12, strnlen((const char *)row + 12, 16));
}

static void read_row(const struct wtr_volume *volume, const struct wtr_flash_sink *sink,
                     const struct table *t, size_t at, bool live)
{
    const uint8_t *row = volume->span.bytes + at;
    struct wtr_piece piece;
    size_t pieces = wtr_span_cut(&volume->span, at, WTR_ESP_ROW, &piece, 1);
    struct wtr_entry entry = {
        .format = "partition-table",
        .volume = volume->name,
        .path = label_of(row),
        .type = type_of(row),
        .state = live ? WTR_ENTRY_LIVE : WTR_ENTRY_STALE,
        .integrity = t->integrity,
        .check = t->has_md5 ? "md5" : NULL,
        .span = {row, WTR_ESP_ROW, &piece, pieces, volume->span.opening},
    };
    sink->entry(sink->payload, &entry);
    const struct wtr_part part = {.label = label_of(row),
                                  .type = type_of(row),
                                  .at = wtr_le32(row + 4),
                                  .length = wtr_le32(row + 8),
                                  .encrypted = wtr_le32(row + 28) & 1};
    if (live && t->integrity != WTR_INTEGRITY_FAILED)
        sink->part(sink->payload, volume, &part);
}

static void read_table(const struct wtr_volume *volume, const struct wtr_flash_sink *sink,
                       const struct table *t, bool live)
{
    for (size_t i = 0; i < t->rows; i++) {
        size_t at = t->at + i * WTR_ESP_ROW;
        if (kind_of(volume->span.bytes + at) == ROW_PARTITION)
            read_row(volume, sink, t, at, live);
        else
            sink->finding(sink->payload, volume, at, WTR_ESP_ROW, "the row is damaged");
    }
    if (t->integrity == WTR_INTEGRITY_FAILED)
        sink->finding(sink->payload, volume, t->at, t->rows * WTR_ESP_ROW,
                      "the table's MD5 does not hold: partitions are looked for by their own marks");
}

static bool is_same(const uint8_t *bytes, const struct table *a, const struct table *b)
{
    return a->rows == b->rows && memcmp(bytes + a->at, bytes + b->at, a->rows * WTR_ESP_ROW) == 0;
}

/* The first table is the one that counts, unless its MD5 fails and a copy's holds. What a copy says other
 * than that one is left over. */
static void read(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    const uint8_t *bytes = volume->span.bytes;
    size_t length = volume->span.length < WTR_FLASH_SECTOR ? volume->span.length : WTR_FLASH_SECTOR;
    struct table tables[WTR_FLASH_SECTOR / COPY];
    size_t count = 0, live = 0;
    for (size_t at = 0; at < length; at += COPY) {
        bool inside = count && at < tables[0].at + tables[0].rows * WTR_ESP_ROW; /* of a longer first one */
        struct table t = measure(bytes, at, length - at);
        if (t.rows && !inside)
            tables[count++] = t;
    }
    for (size_t i = 1; i < count; i++)
        if (tables[live].integrity == WTR_INTEGRITY_FAILED && tables[i].integrity == WTR_INTEGRITY_OK)
            live = i;
    for (size_t i = 0; i < count; i++) {
        if (i == live)
            read_table(volume, sink, &tables[i], true);
        else if (!is_same(bytes, &tables[i], &tables[live]))
            read_table(volume, sink, &tables[i], false);
    }
}

const struct wtr_flash_format wtr_flash_partition_table = {
    .name = "partition-table",
    .probe = probe,
    .read = read,
};

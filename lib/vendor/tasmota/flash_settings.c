/* SPDX-License-Identifier: Apache-2.0 */
/* Recognising a copy of Tasmota's settings and checking it (arendst/Tasmota, settings.ino GetCfgCrc16,
 * GetSettingsCrc, GetCfgCrc32, SettingsConfigRestore of 5.x, 6.x and 15.x) [S], [V] on a backup of 13.3.0:
 *
 *   - 0 cfg_holder u16 (4617, or what the builder put there), 2 cfg_size u16, 4 save_flag u32, 8 version u32.
 * Until 5.14 cfg_holder is a u32 (a date, 0x2016….), and there is no check at all.
 *   - 0xE cfg_crc u16: the sum of each byte times its place from 1, without these two, over 3584 bytes; from
 *     6.6.0.7 to 6.6.0.10 over 4096. It is kept in later versions and no longer believed by them.
 *   - from 6.6.0.11 on: 0xFFC CRC-32 of what stands before, its register begun at 0; never 0 or 0xFFFFFFFF.
 *   - 2022.1.1 … (0x1416….) are development versions that were renamed to 10.1.0.4 …
 *   - 0xF36 config_version u8, from 8.2.0.4 on: the chip. */
#include "vendor/tasmota/flash_settings.h"
#include "base/bytes.h"

#include <zlib.h>

enum {
    AT_SIZE = 2,
    AT_SAVE_FLAG = 4,
    AT_VERSION = 8,
    AT_SUM = 14,
    AT_CHIP = 0xF36,
    AT_CRC = 0xFFC,
    SUMMED = 3584,
    USUAL_HOLDER = 4617,
    OLD_HOLDER = 0x2016, /* upper half */
};

/* How long the structure is in this version; 0: none that is known. */
static size_t size_in(uint32_t version)
{
    if (version < 0x050A0000 || (version >= 0x050F0000 && version < 0x06000000) || version >= 0x20000000)
        return 0;
    return version < 0x050D0100   ? 0x670
           : version < 0x06000000 ? 0xA00
           : version < 0x06060007 ? 0xE00
                                  : 0x1000;
}

static uint32_t version_of(const uint8_t *bytes)
{
    uint32_t version = wtr_le32(bytes + AT_VERSION);
    bool calendar = version >> 24 == 0x14 && (version >> 16 & 0xFF) == 0x16;
    return calendar ? 0x0A010005 : version;
}

static uint16_t sum16(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++)
        if (i < AT_SUM || i > AT_SUM + 1)
            sum += bytes[i] * (uint32_t)(i + 1);
    return (uint16_t)sum;
}

static void check(struct wtr_tasmota_settings *s)
{
    if (s->version < 0x06000000) {
        s->integrity = WTR_INTEGRITY_NONE;
        s->check = NULL;
        return;
    }
    if (s->version < 0x0606000B) {
        size_t summed = s->version < 0x06060007 ? SUMMED : WTR_TASMOTA_SETTINGS_MAX;
        bool holds = wtr_le16(s->bytes + AT_SUM) == sum16(s->bytes, summed);
        s->integrity = holds ? WTR_INTEGRITY_WEAK : WTR_INTEGRITY_FAILED;
        s->check = "sum16";
        return;
    }
    uint32_t stored = wtr_le32(s->bytes + AT_CRC);
    bool holds =
        stored != 0 && stored != UINT32_MAX && stored == (uint32_t)crc32(UINT32_MAX, s->bytes, AT_CRC);
    s->integrity = holds ? WTR_INTEGRITY_OK : WTR_INTEGRITY_FAILED;
    s->check = "crc32";
}

/* The first bytes alone, so that a sector of something else is left at once. *sure: they are those of a copy
 * even where its check fails. */
static bool has_head(const uint8_t *bytes, uint32_t version, size_t size, bool *sure)
{
    bool usual = wtr_le16(bytes) == USUAL_HOLDER;
    *sure = true;
    if (version < 0x06000000)
        return wtr_le16(bytes + 2) == OLD_HOLDER;
    bool sized = wtr_le16(bytes + AT_SIZE) == size;
    *sure = usual && sized;
    return usual || sized;
}

bool wtr_tasmota_settings_open(struct wtr_tasmota_settings *settings, const uint8_t *bytes, size_t length)
{
    if (length < WTR_TASMOTA_SETTINGS_MIN)
        return false;
    uint32_t version = version_of(bytes);
    size_t size = size_in(version);
    bool sure = false;
    if (size == 0 || size > length || !has_head(bytes, version, size, &sure))
        return false;
    *settings = (struct wtr_tasmota_settings){.bytes = bytes, .length = size, .version = version};
    settings->save_flag = wtr_le32(bytes + AT_SAVE_FLAG);
    settings->chip = version < 0x08020004                 ? WTR_TASMOTA_ESP8266
                     : bytes[AT_CHIP] < WTR_TASMOTA_CHIPS ? bytes[AT_CHIP]
                                                          : (unsigned)WTR_TASMOTA_CHIPS;
    check(settings);
    return sure || settings->integrity != WTR_INTEGRITY_FAILED;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* ESP-IDF's wear levelling (components/wear_levelling/WL_Flash.cpp, WL_State.h): one sector of the partition
 * is a dummy, which moves up by one whenever its turn comes: what stood there moves down. After a whole round
 * all sectors are shifted by one. The state stands twice behind the data, and behind each copy a record for
 * each move since the round began. */
#include "flash/wear.h"

#include "base/bytes.h"

#include <zlib.h>

enum {
    SECTOR = WTR_FLASH_SECTOR,
    STATE = 64,
    RECORD = 16,
    AT_MAX = 4,
    AT_TURN = 8,
    AT_BLOCK = 20,
    AT_VERSION = 24,
    AT_DEVICE = 28,
    AT_CRC = 60,
    VERSION = 2,
    MAX_SECTORS = 1 << 16,
};

/* esp_rom_crc32_le with its register at all ones: zlib's, continued from there. */
static uint32_t crc_of(const uint8_t *bytes, size_t length)
{
    return (uint32_t)crc32_z(0xffffffff, bytes, length);
}

static bool is_state(const uint8_t *state)
{
    return wtr_le32(state + AT_BLOCK) == SECTOR && wtr_le32(state + AT_VERSION) == VERSION &&
           wtr_le32(state + AT_CRC) == crc_of(state, AT_CRC);
}

static bool is_record(const uint8_t *record, uint32_t device, uint32_t n)
{
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t word = device + n * 4 + i;
        uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                            (uint8_t)(word >> 24)};
        if (wtr_le32(record + (size_t)4 * i) != crc_of(bytes, sizeof bytes))
            return false;
    }
    return true;
}

/* The dummy's place: as many moves as there are records. False: the records go on beyond what is there. */
static bool find_dummy(const uint8_t *bytes, size_t length, size_t state, size_t max, size_t *dummy)
{
    uint32_t device = wtr_le32(bytes + state + AT_DEVICE);
    size_t n = 0;
    for (; n < max; n++) {
        size_t record = state + STATE + n * RECORD;
        if (record + RECORD > length)
            return false;
        if (!is_record(bytes + record, device, (uint32_t)n))
            break;
    }
    *dummy = n == max && n > 0 ? n - 1 : n;
    return true;
}

/* Sectors of one copy of the state in a partition with room for `max` sectors of data. */
static size_t state_sectors(size_t max)
{
    size_t sectors = 1;
    while (sectors * SECTOR < STATE + (max + 2 * sectors + 1) * RECORD)
        sectors++;
    return sectors;
}

bool wtr_wear_find(struct wtr_wear *wear, const uint8_t *bytes, size_t length, size_t from, size_t to)
{
    for (size_t at = from; at < to && at < length && length - at >= STATE; at += SECTOR) {
        if (!is_state(bytes + at))
            continue;
        size_t max = wtr_le32(bytes + at + AT_MAX), size = state_sectors(max) * SECTOR, dummy, twin;
        if (max < 2 || max > MAX_SECTORS || at < max * SECTOR || !find_dummy(bytes, length, at, max, &dummy))
            continue;
        /* Of two copies the first one counts; a copy without its twin behind it is the second. */
        bool first = length - at > size && length - at - size >= STATE && is_state(bytes + at + size);
        bool other = at >= max * SECTOR + size && !first;
        size_t data = at - (other ? size : 0);
        *wear = (struct wtr_wear){.start = data - max * SECTOR,
                                  .end = data + 2 * size + SECTOR,
                                  .sectors = max - 1,
                                  .dummy = dummy,
                                  .turn = wtr_le32(bytes + at + AT_TURN) % (max - 1)};
        wear->torn = first && find_dummy(bytes, length, at + size, max, &twin) && twin != dummy;
        return true;
    }
    return false;
}

size_t wtr_wear_place(const struct wtr_wear *wear, size_t at)
{
    size_t sector = at / SECTOR;
    if (sector >= wear->sectors)
        return SIZE_MAX;
    sector = (wear->sectors - wear->turn + sector) % wear->sectors;
    if (sector >= wear->dummy)
        sector++;
    return wear->start + sector * SECTOR + at % SECTOR;
}

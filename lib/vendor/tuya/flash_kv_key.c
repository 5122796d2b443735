/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of Tuya's key/value store. The master key and the two strings from which a data key is made are
 * constants of the maker's software, the same in all devices: bk7231tools 2.1.2 analysis/kvstorage.py for
 * BK7231 (holds on five devices); the other chips' strings and the stores without a key sector from their
 * development kits, not seen on a dump. That a key is right shows in the magic and the sum of the data sector
 * that it opens. */
#include "vendor/tuya/flash_kv.h"

#include "base/bytes.h"
#include "vendor/tuya/cipher.h"

enum { KEY_MAGIC = 0x13579753, DATA_MAGIC_OS3 = 0x135726AB };
static const uint32_t data_magic = 0x98761234;
static const uint8_t master[] = "qwertyuiopasdfgh";
static const uint8_t second[] = "HHRRQbyemofrtytf";

/* Only four characters of the first string count: "8710_2M", "8721D", "8711AM_4M", "RDA5981_2M". */
static const char first[][5] = {"8710", "8721", "8711", "RDA5"};

enum { FIRSTS = sizeof first / sizeof *first };

uint32_t wtr_tuya_sum(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += bytes[i];
    return sum;
}

enum wtr_tuya_kv_sector wtr_tuya_kv_sector(const uint8_t *sector, uint8_t key[16])
{
    uint8_t plain[WTR_FLASH_SECTOR];
    if (!wtr_tuya_ecb_decrypt(master, sector, 16, plain) || wtr_le32(plain) != KEY_MAGIC ||
        !wtr_tuya_ecb_decrypt(master, sector, sizeof plain, plain))
        return WTR_TUYA_KV_OTHER;
    uint32_t sum = wtr_le32(plain + 4);
    memcpy(key, plain + 8, 16);
    if (sum == wtr_tuya_sum(plain + 8, 16))
        return WTR_TUYA_KV_KEY;
    return sum == wtr_tuya_sum(plain + 8, sizeof plain - 8) ? WTR_TUYA_KV_PROTECTED : WTR_TUYA_KV_UNSOUND;
}

bool wtr_tuya_kv_data_key(const uint8_t *inner, unsigned k, uint8_t key[16])
{
    if (k > FIRSTS || (k == FIRSTS && inner))
        return false;
    for (size_t i = 0; i < 16; i++) {
        uint8_t one = k < FIRSTS ? (uint8_t)first[k][i % 4] : second[i];
        key[i] = (uint8_t)(one + second[i] + (inner ? inner[i] : 0));
    }
    return true;
}

bool wtr_tuya_kv_is_data(const uint8_t *sector, const uint8_t key[16])
{
    uint8_t head[16];
    if (!wtr_tuya_ecb_decrypt(key, sector, sizeof head, head))
        return false;
    uint32_t magic = wtr_le32(head);
    return magic == data_magic || magic == DATA_MAGIC_OS3;
}

struct wtr_text wtr_tuya_without_nul(struct wtr_text value)
{
    while (value.length > 0 && value.data[value.length - 1] == '\0')
        value.length--;
    return value;
}

bool wtr_tuya_is_stored_text(struct wtr_text value)
{
    struct wtr_text text = wtr_tuya_without_nul(value);
    for (size_t i = 0; i < text.length; i++)
        if ((uint8_t)text.data[i] < ' ' || text.data[i] == 0x7f)
            return false;
    return text.length > 0 && wtr_utf8_valid(text.data, text.length);
}

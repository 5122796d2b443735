/* SPDX-License-Identifier: Apache-2.0 */
/* NVS, its keys and otadata: the input is a volume. So that changed bytes get past the checks, the first byte
 * says which sums are made right: bit 0, of page headers; bit 1, of items; bit 2, of what stands behind
 * items. Bit 3: the volume is what a keyring opens. */
#include "flash/formats.h"
#include "nvs_image.h"
#include "store_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend_item(uint8_t *item, size_t left, unsigned what)
{
    uint8_t summed[28];
    size_t length = (size_t)(item[24] | item[25] << 8);
    if (what & 4 && length <= left)
        nvs_put32(item + 28, nvs_sum(item + 32, length));
    memcpy(summed, item, 4);
    memcpy(summed + 4, item + 8, 24);
    if (what & 2)
        nvs_put32(item + 4, nvs_sum(summed, sizeof summed));
}

static void mend(uint8_t *bytes, size_t length, unsigned what)
{
    for (size_t page = 0; length >= 4096 && page <= length - 4096; page += 4096) {
        if (what & 1)
            nvs_put32(bytes + page + 28, nvs_sum(bytes + page + 4, 24));
        for (size_t i = 64; i < 4096 && bytes[page + i] != 0xff; i += 32)
            mend_item(bytes + page + i, 4096 - i - 32, what);
    }
}

static void on_key(void *payload, const struct wtr_key_entry *key)
{
    (void)payload;
    store_must(key->type == WTR_KEY_NVS && key->secret.length == 64, "a key that is none");
}

static void read_volume(const struct wtr_flash_format *format, const uint8_t *bytes, size_t length,
                        const struct wtr_keyring *keys)
{
    static struct store_lines lines;
    const struct wtr_piece piece = {.length = length, .offset = 0x9000, .record_offset = 0x9000};
    const struct wtr_volume volume = {
        .name = WTR_TEXT("volume"), .span = {bytes, length, &piece, length > 0 ? 1 : 0, NULL}, .keys = keys};
    const struct wtr_flash_sink sink = {
        .payload = &lines, .entry = store_entry, .finding = store_finding, .key = on_key};
    wtr_buffer_clear(&lines.text);
    lines.base = 0x9000;
    lines.size = length;
    format->read(&volume, &sink);
    for (size_t at = 0; at < length; at += WTR_FLASH_SECTOR) {
        struct wtr_flash_find find = format->probe(bytes, length, at, keys);
        store_must(find.bid == WTR_FLASH_NO || (find.before <= at && find.length > 0),
                   "a find without a place");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t secret[64] = {1, 2, 3};
    struct wtr_keyring keys = {0};
    const struct wtr_key_entry key = {
        .type = WTR_KEY_NVS, .secret = wtr_text_of(secret, sizeof secret), .name = "nvs", .origin = "fuzz"};
    if (size < 1 || size > (1 << 16))
        return 0;
    uint8_t *bytes = malloc(size);
    store_must(bytes != NULL && wtr_keyring_add(&keys, &key), "memory");
    memcpy(bytes, data + 1, size - 1);
    mend(bytes, size - 1, data[0]);
    read_volume(&wtr_flash_nvs, bytes, size - 1, data[0] & 8 ? &keys : NULL);
    read_volume(&wtr_flash_nvs_keys, bytes, size - 1, NULL);
    read_volume(&wtr_flash_otadata, bytes, size - 1, NULL);
    wtr_keyring_free(&keys);
    free(bytes);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of Tuya's file area that no file has: they hold what files held before. A block has no name. It is
 * given that of a live file whose size and form it has, which makes it probable and no more; what is all
 * zeros is given none.
 *
 * The order is probable, too: files take the next free block, so that the blocks behind a file's present one
 * are the oldest, and the one before it the latest. Where files carry a counter of their own this held in
 * three dumps and failed in one. */
#include "vendor/tuya/flash_uf.h"

#include "vendor/tuya/flash_kv.h"

enum { BLOCK = WTR_TUYA_UF_BLOCK };

uint64_t wtr_tuya_uf_turn(const struct wtr_tuya_uf *uf, size_t live, size_t block)
{
    size_t ring = uf->blocks - WTR_TUYA_UF_INDEXES;
    return (block + ring - live - 1) % ring;
}

static bool contains(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    for (size_t i = 0; n <= text.length && i <= text.length - n; i++)
        if (memcmp(text.data + i, z, n) == 0)
            return true;
    return false;
}

static bool all_below_two(struct wtr_text bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        if ((uint8_t)bytes.data[i] > 1)
            return false;
    return true;
}

/* Whether the bytes have the form of what the file of that name holds (as seen on the live ones). */
static bool has_form(const struct wtr_tuya_uf_file *file, struct wtr_text bytes)
{
    bool text = wtr_tuya_is_stored_text(bytes);
    if (wtr_text_starts(file->name, "logseq"))
        return text && contains(bytes, " | ") && !wtr_text_starts(bytes, "netcfg |");
    if (wtr_text_is(file->name, "netcfg_log"))
        return text && wtr_text_starts(bytes, "netcfg |");
    if (wtr_text_is(file->name, "log_seq_stat"))
        return text && wtr_text_starts(bytes, "{\"max\":");
    if (wtr_text_is(file->name, "oem_cfg"))
        return text && *bytes.data == '{' && contains(bytes, ",crc:");
    if (wtr_text_is(file->name, "RLY_STAT"))
        return file->size == bytes.length && all_below_two(bytes);
    return file->size == bytes.length && !text;
}

/* The one live file that the bytes could be an earlier content of. */
static const struct wtr_tuya_uf_file *owner_of(const struct wtr_tuya_uf *uf, struct wtr_text bytes)
{
    const struct wtr_tuya_uf_file *owner = NULL;
    bool zeros = true;
    for (size_t i = 0; i < bytes.length && zeros; i++)
        zeros = bytes.data[i] == 0;
    for (size_t i = 0; i < uf->live_count && !zeros; i++) {
        const struct wtr_tuya_uf_file *file = &uf->live[i];
        if (file->count > 1 || !has_form(file, bytes))
            continue;
        if (owner)
            return NULL;
        owner = file;
    }
    return owner;
}

static void say(struct wtr_tuya_uf *uf, size_t block, size_t at, size_t length)
{
    wtr_gather_clear(&uf->gather);
    if (!wtr_gather_add(&uf->gather, &uf->volume->span, at, length))
        return;
    struct wtr_entry entry = {.format = wtr_tuya_uf.name,
                              .volume = uf->volume->name,
                              .state = WTR_ENTRY_STALE,
                              .integrity = WTR_INTEGRITY_NONE,
                              .span = wtr_gather_span(&uf->gather, NULL)};
    const struct wtr_tuya_uf_file *owner = owner_of(uf, wtr_text_of(entry.span.bytes, length));
    if (owner) {
        entry.path = owner->name;
        entry.attributed = true;
    }
    if (owner && owner->count == 1)
        entry.order = (struct wtr_entry_order){.scope = owner->name,
                                               .sequence = wtr_tuya_uf_turn(uf, owner->blocks[0], block),
                                               .has_sequence = true,
                                               .basis = WTR_ORDER_PROBABLE};
    uf->sink->entry(uf->sink->payload, &entry);
}

void wtr_tuya_uf_stale(struct wtr_tuya_uf *uf)
{
    size_t at;
    for (size_t n = WTR_TUYA_UF_INDEXES; n < uf->blocks; n++) {
        if (uf->taken & UINT32_C(1) << n || !wtr_tuya_uf_block(uf, n, &at))
            continue;
        size_t length = BLOCK;
        while (length > 0 && uf->volume->span.bytes[at + length - 1] == 0xff)
            length--;
        if (length > 0)
            say(uf, n, at, length);
    }
}

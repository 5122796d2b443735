/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of packed items and of the bytes to be hashed for them go round between extraction, which fills
 * them, and the thread. An empty block is the last. */
#include "case/packer.h"

#include "base/ring.h"
#include "base/thread.h"

#include <stdlib.h>

enum {
    BLOCK = 256 * 1024, /* so much makes a block full */
    BLOCKS = 4,
    LONGEST_COPIED = 16 * 1024, /* what is to be hashed of a longer message is hashed on the spot */
};

enum stage { STAGE_FILL, STAGE_GIVE, STAGES };

struct block {
    struct wtr_buffer bytes;
    enum wtr_status status; /* what became of all blocks so far */
};

enum entry_type {
    ENTRY_WORK,    /* bytes to be hashed: the digests of the statements that follow */
    ENTRY_DIGESTS, /* these digests */
    ENTRY_ITEM,    /* a packed item */
};

/* What stands before the bytes of an entry. */
struct entry {
    enum entry_type type;
    size_t length; /* of its bytes */
    bool relayed;
    uint64_t rest;
    struct wtr_key key;
    bool gets_relay, gets_segment;
};

struct wtr_packer {
    struct wtr_sorter *items;
    struct wtr_ring ring;
    pthread_t thread;
    bool running, alone; /* `alone`: no thread could be started */
    bool relayed;        /* of the last message */
    struct block *filling;
    struct wtr_sha256 *own_sha256; /* of the filling side */
    /* The giving side's. */
    struct wtr_sha256 *sha256;
    struct wtr_digests digests;
    enum wtr_status status;
    struct block blocks[BLOCKS];
};

static void split_digest(const uint8_t digest[WTR_SHA256_SIZE], bool relayed, uint64_t rest,
                         struct wtr_digests *out)
{
    const size_t half = sizeof out->relay;
    memset(out->relay, 0, half);
    memcpy(out->segment, digest, half);
    if (!relayed)
        return;
    memcpy(out->relay, digest, half);
    memcpy(out->segment, digest + half, half);
    for (size_t i = 0; i < sizeof rest; i++)
        out->segment[i] ^= (uint8_t)(rest >> 8 * i);
}

void wtr_digests_of(struct wtr_sha256 *sha256, const struct wtr_digest_work *work,
                    struct wtr_digests *digests)
{
    uint8_t digest[WTR_SHA256_SIZE];
    for (size_t i = 0; i < WTR_DIGEST_PARTS; i++)
        wtr_sha256_add(sha256, work->parts[i].data, work->parts[i].length);
    wtr_sha256_finish(sha256, digest);
    split_digest(digest, work->relayed, work->rest, digests);
}

/* ---- the giving side */

static enum wtr_status give(struct wtr_packer *g, const struct entry *entry, uint8_t *bytes)
{
    uint8_t digest[WTR_SHA256_SIZE];
    switch (entry->type) {
    case ENTRY_WORK:
        wtr_sha256_of(g->sha256, bytes, entry->length, digest);
        split_digest(digest, entry->relayed, entry->rest, &g->digests);
        break;
    case ENTRY_DIGESTS:
        memcpy(&g->digests, bytes, sizeof g->digests);
        break;
    case ENTRY_ITEM:
        wtr_item_set_digests(bytes, entry->gets_relay ? g->digests.relay : NULL,
                             entry->gets_segment ? g->digests.segment : NULL);
        return wtr_sorter_add(g->items, &entry->key, wtr_text_of(bytes, entry->length));
    }
    return WTR_OK;
}

static void give_block(struct wtr_packer *g, struct block *block)
{
    uint8_t *bytes = (uint8_t *)block->bytes.data;
    for (size_t at = 0; g->status == WTR_OK && at < block->bytes.length;) {
        struct entry entry;
        memcpy(&entry, bytes + at, sizeof entry);
        at += sizeof entry;
        g->status = give(g, &entry, bytes + at);
        at += entry.length;
    }
    block->status = g->status;
    wtr_buffer_clear(&block->bytes);
}

static void *give_all(void *packer)
{
    struct wtr_packer *g = packer;
    bool last = false;
    size_t slot;
    while (!last && wtr_ring_take(&g->ring, STAGE_GIVE, &slot)) {
        last = g->blocks[slot].bytes.length == 0;
        if (!last)
            give_block(g, &g->blocks[slot]);
        wtr_ring_pass(&g->ring, STAGE_GIVE);
    }
    return NULL;
}

/* ---- the filling side */

static enum wtr_status next_block(struct wtr_packer *g)
{
    size_t slot;
    if (!g->running && !g->alone) {
        g->running = wtr_thread_start(&g->thread, give_all, g);
        g->alone = !g->running;
    }
    if (g->alone) {
        give_block(g, g->filling);
        return g->status;
    }
    wtr_ring_pass(&g->ring, STAGE_FILL);
    wtr_ring_take(&g->ring, STAGE_FILL, &slot);
    g->filling = &g->blocks[slot];
    return g->filling->status;
}

/* Puts the entry before its bytes, which stand at the end of the block behind the room that was left for it.
 */
static enum wtr_status end_entry(struct wtr_packer *g, size_t start, struct entry *entry)
{
    struct wtr_buffer *bytes = &g->filling->bytes;
    if (bytes->failed)
        return WTR_E_MEMORY;
    entry->length = bytes->length - start - sizeof *entry;
    memcpy(bytes->data + start, entry, sizeof *entry);
    return bytes->length >= BLOCK ? next_block(g) : WTR_OK;
}

enum wtr_status wtr_packer_message(struct wtr_packer *g, const struct wtr_digest_work *work)
{
    struct wtr_buffer *bytes = &g->filling->bytes;
    struct entry entry = {.type = ENTRY_WORK, .relayed = work->relayed, .rest = work->rest};
    size_t start = bytes->length, length = 0;
    g->relayed = work->relayed;
    wtr_put(bytes, &entry, sizeof entry);
    for (size_t i = 0; i < WTR_DIGEST_PARTS; i++)
        length += work->parts[i].length;
    if (length > LONGEST_COPIED) {
        struct wtr_digests digests;
        entry.type = ENTRY_DIGESTS;
        wtr_digests_of(g->own_sha256, work, &digests);
        wtr_put(bytes, &digests, sizeof digests);
        return end_entry(g, start, &entry);
    }
    for (size_t i = 0; i < WTR_DIGEST_PARTS; i++)
        wtr_put_text(bytes, work->parts[i]);
    return end_entry(g, start, &entry);
}

static enum wtr_status add_item(struct wtr_packer *g, const struct wtr_item *item, bool gets_relay,
                                bool gets_segment)
{
    struct wtr_buffer *bytes = &g->filling->bytes;
    struct entry entry = {
        .type = ENTRY_ITEM, .key = item->fixed.key, .gets_relay = gets_relay, .gets_segment = gets_segment};
    size_t start = bytes->length;
    wtr_put(bytes, &entry, sizeof entry);
    wtr_item_pack(item, bytes);
    return end_entry(g, start, &entry);
}

enum wtr_status wtr_packer_item(struct wtr_packer *g, const struct wtr_item *item)
{
    return add_item(g, item, false, false);
}

enum wtr_status wtr_packer_statement(struct wtr_packer *g, struct wtr_item *item, bool numbered)
{
    struct wtr_statement *fixed = &item->fixed;
    memset(fixed->relay, g->relayed ? UINT8_MAX : 0, sizeof fixed->relay);
    if (!numbered)
        memset(fixed->segment, UINT8_MAX, sizeof fixed->segment);
    return add_item(g, item, g->relayed, !numbered);
}

enum wtr_status wtr_packer_finish(struct wtr_packer *g)
{
    if (!g->running) {
        give_block(g, g->filling);
        return g->status;
    }
    if (g->filling->bytes.length > 0)
        next_block(g);
    wtr_ring_pass(&g->ring, STAGE_FILL);
    wtr_ring_end(&g->ring);
    pthread_join(g->thread, NULL);
    g->running = false;
    return g->status;
}

enum wtr_status wtr_packer_new(struct wtr_packer **packer, struct wtr_sorter *items)
{
    struct wtr_packer *g = calloc(1, sizeof *g);
    if (!g)
        return WTR_E_MEMORY;
    if (!wtr_ring_open(&g->ring, STAGES, BLOCKS)) {
        free(g);
        return WTR_E_MEMORY;
    }
    g->items = items;
    g->filling = &g->blocks[0];
    g->own_sha256 = wtr_sha256_new();
    g->sha256 = wtr_sha256_new();
    if (!g->own_sha256 || !g->sha256) {
        wtr_packer_free(g);
        return WTR_E_MEMORY;
    }
    *packer = g;
    return WTR_OK;
}

void wtr_packer_free(struct wtr_packer *g)
{
    if (!g)
        return;
    if (g->running) {
        wtr_ring_stop(&g->ring);
        pthread_join(g->thread, NULL);
    }
    wtr_ring_close(&g->ring);
    for (size_t i = 0; i < BLOCKS; i++)
        wtr_buffer_free(&g->blocks[i].bytes);
    wtr_sha256_free(g->own_sha256);
    wtr_sha256_free(g->sha256);
    free(g);
}

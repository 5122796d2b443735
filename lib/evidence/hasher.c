/* SPDX-License-Identifier: Apache-2.0 */
/* Two positions in the run, behind one lock, are all that the two threads share: how far it is there, and how
 * far it is hashed. Bytes between the two belong to both, for reading only. */
#include "evidence/hasher.h"

#include "base/sha256.h"
#include "base/thread.h"

#include <stdlib.h>

/* A run shorter than this is hashed when it is waited for. */
enum { WORTH_A_THREAD = 1 << 19 };

struct wtr_hasher {
    const struct wtr_blocks *blocks;
    struct wtr_sha256 *sha256;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* either position, or `stop` */
    pthread_t thread;
    bool running; /* only the owner's thread looks at these two */
    bool alone;   /* no thread could be started */
    bool stop;    /* under the lock, like the positions */
    uint64_t there;
    uint64_t hashed;
};

struct wtr_hasher *wtr_hasher_new(const struct wtr_blocks *blocks)
{
    struct wtr_hasher *hasher = calloc(1, sizeof *hasher);
    if (!hasher) {
        return NULL;
    }
    hasher->blocks = blocks;
    hasher->sha256 = wtr_sha256_new();
    if (!hasher->sha256) {
        free(hasher);
        return NULL;
    }
    if (pthread_mutex_init(&hasher->lock, NULL) != 0) {
        wtr_sha256_free(hasher->sha256);
        free(hasher);
        return NULL;
    }
    if (pthread_cond_init(&hasher->moved, NULL) != 0) {
        pthread_mutex_destroy(&hasher->lock);
        wtr_sha256_free(hasher->sha256);
        free(hasher);
        return NULL;
    }
    return hasher;
}

/* Hashes from `at` on, at most to `end` and to the end of the block. Returns how far it came. */
static uint64_t hash_piece(struct wtr_hasher *hasher, uint64_t at, uint64_t end)
{
    size_t length = wtr_blocks_room(at);
    if (length > end - at) {
        length = (size_t)(end - at);
    }
    wtr_sha256_add(hasher->sha256, wtr_blocks_at(hasher->blocks, at), length);
    return at + length;
}

static void *hash_all(void *payload)
{
    struct wtr_hasher *hasher = payload;
    pthread_mutex_lock(&hasher->lock);
    while (!hasher->stop) {
        uint64_t at = hasher->hashed;
        uint64_t end = hasher->there;
        if (at == end) {
            pthread_cond_wait(&hasher->moved, &hasher->lock);
            continue;
        }
        pthread_mutex_unlock(&hasher->lock);
        at = hash_piece(hasher, at, end);
        pthread_mutex_lock(&hasher->lock);
        hasher->hashed = at;
        pthread_cond_broadcast(&hasher->moved);
    }
    pthread_mutex_unlock(&hasher->lock);
    return NULL;
}

static void stop_thread(struct wtr_hasher *hasher)
{
    if (!hasher->running) {
        return;
    }
    pthread_mutex_lock(&hasher->lock);
    hasher->stop = true;
    pthread_cond_broadcast(&hasher->moved);
    pthread_mutex_unlock(&hasher->lock);
    pthread_join(hasher->thread, NULL);
    hasher->running = false;
}

void wtr_hasher_free(struct wtr_hasher *hasher)
{
    if (!hasher) {
        return;
    }
    stop_thread(hasher);
    pthread_cond_destroy(&hasher->moved);
    pthread_mutex_destroy(&hasher->lock);
    wtr_sha256_free(hasher->sha256);
    free(hasher);
}

void wtr_hasher_add(struct wtr_hasher *hasher, uint64_t end)
{
    pthread_mutex_lock(&hasher->lock);
    hasher->there = end;
    bool due = end - hasher->hashed >= WORTH_A_THREAD;
    pthread_cond_broadcast(&hasher->moved);
    pthread_mutex_unlock(&hasher->lock);
    if (due && !hasher->running && !hasher->alone) {
        hasher->running = wtr_thread_start(&hasher->thread, hash_all, hasher);
        hasher->alone = !hasher->running;
    }
}

void wtr_hasher_wait(struct wtr_hasher *hasher, uint64_t end)
{
    pthread_mutex_lock(&hasher->lock);
    while (hasher->hashed < end) {
        if (hasher->running) {
            pthread_cond_wait(&hasher->moved, &hasher->lock);
        } else {
            hasher->hashed = hash_piece(hasher, hasher->hashed, end);
        }
    }
    pthread_mutex_unlock(&hasher->lock);
}

enum wtr_status wtr_hasher_finish(struct wtr_hasher *hasher, uint8_t digest[32])
{
    wtr_hasher_wait(hasher, hasher->there);
    stop_thread(hasher);
    return wtr_sha256_finish(hasher->sha256, digest) ? WTR_OK : WTR_E_INTERNAL;
}

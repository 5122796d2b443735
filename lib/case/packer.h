/* SPDX-License-Identifier: Apache-2.0 */
/* The way from extraction to the sorter: items are packed one behind the other, and a thread, where there are
 * many, works out the digests by which copies are known and gives the items to the sorter. */
#ifndef WTR_CASE_PACKER_H
#define WTR_CASE_PACKER_H

#include "base/sha256.h"
#include "base/sorter.h"
#include "model/statement.h"

struct wtr_packer;

enum { WTR_DIGEST_PARTS = 3 };

/* What the digests of a message are made of: the SHA-256 over all parts, one behind the other. */
struct wtr_digest_work {
    struct wtr_text parts[WTR_DIGEST_PARTS];
    /* Its first half is the relay digest, its second half with `rest` mixed in the segment's. Else its first
     * half is the segment's, and there is no relay digest. */
    bool relayed;
    uint64_t rest;
};

struct wtr_digests {
    uint8_t relay[16], segment[16];
};

void wtr_digests_of(struct wtr_sha256 *sha256, const struct wtr_digest_work *work,
                    struct wtr_digests *digests);

/* `items` is the thread's until the end. */
enum wtr_status wtr_packer_new(struct wtr_packer **packer, struct wtr_sorter *items);
/* Ends the thread, whether all was given to the sorter or not. */
void wtr_packer_free(struct wtr_packer *packer);

/* The next message with statements. An error may be that of an earlier call. */
enum wtr_status wtr_packer_message(struct wtr_packer *packer, const struct wtr_digest_work *work);
/* An item as it is. */
enum wtr_status wtr_packer_item(struct wtr_packer *packer, const struct wtr_item *item);
/* A statement of the last message, whose digests it gets: the relay digest, if there is one, and the
 * segment's unless it is `numbered` and brings its own. */
enum wtr_status wtr_packer_statement(struct wtr_packer *packer, struct wtr_item *item, bool numbered);
/* All was handed in: returns when the sorter has it, and the thread has ended. */
enum wtr_status wtr_packer_finish(struct wtr_packer *packer);

#endif

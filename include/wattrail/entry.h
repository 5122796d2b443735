/* SPDX-License-Identifier: Apache-2.0 */
/** @file entry.h What a flash dump is made of: images, volumes, and the entries that their stores hold, or
 * held.
 */
#ifndef WATTRAIL_ENTRY_H
#define WATTRAIL_ENTRY_H

#include "wattrail/text.h"

#include <stdbool.h>
#include <stdint.h>

/** Whether an entry is the store's present word. */
enum wtr_entry_state {
    WTR_ENTRY_LIVE,       /**< what the store itself would give */
    WTR_ENTRY_SUPERSEDED, /**< an earlier value of a name that has a later one */
    WTR_ENTRY_DELETED,    /**< the store marked it as gone */
    WTR_ENTRY_STALE,      /**< left over in space that nothing refers to */
};

/** Whether an entry's own check holds. */
enum wtr_integrity {
    WTR_INTEGRITY_NONE,   /**< the format has no check for it */
    WTR_INTEGRITY_OK,     /**< its check holds */
    WTR_INTEGRITY_WEAK,   /**< its check holds, and proves little */
    WTR_INTEGRITY_FAILED, /**< its check does not hold: the bytes are shown and nothing is built on them */
};

/** What a place in the order of writing is known from. */
enum wtr_order_basis {
    WTR_ORDER_NONE,
    WTR_ORDER_EXACT,    /**< a counter or a log's own order */
    WTR_ORDER_PROBABLE, /**< a habit of the store, such as taking the next free block */
};

/** A place in the order of writing: entries of one scope are ordered by sequence, those of different scopes
 * not at all. */
struct wtr_entry_order {
    struct wtr_text scope; /**< "pages", "block 3"; empty: none */
    uint64_t sequence;     /**< ascending with the time of writing */
    bool has_sequence;
    enum wtr_order_basis basis;
    /** Where a store goes from one scope to the next by habit alone: the scopes of one volume in ascending
     * rank were probably written one after the other. Scopes of one rank have no order. */
    bool has_rank;
    uint64_t rank;
};

#endif

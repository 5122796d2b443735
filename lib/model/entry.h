/* SPDX-License-Identifier: Apache-2.0 */
/* An entry: one thing that storage holds, or held. What it is called there, its bytes with their places in
 * the dump, whether it is the store's present word, and what its order is known from. */
#ifndef WTR_MODEL_ENTRY_H
#define WTR_MODEL_ENTRY_H

#include "base/text.h"
#include "model/span.h"

enum wtr_entry_state {
    WTR_ENTRY_LIVE,       /* what the store itself would give */
    WTR_ENTRY_SUPERSEDED, /* an earlier value of a name that has a later one */
    WTR_ENTRY_DELETED,    /* the store marked it as gone */
    WTR_ENTRY_STALE,      /* left over in space that nothing refers to */
};

enum wtr_integrity {
    WTR_INTEGRITY_NONE,   /* the format has no check for it */
    WTR_INTEGRITY_OK,     /* its check holds */
    WTR_INTEGRITY_WEAK,   /* its check holds, and proves little */
    WTR_INTEGRITY_FAILED, /* its check does not hold: the bytes are shown and nothing is built on them */
};

/* What a place in the order of writing is known from. */
enum wtr_order_basis {
    WTR_ORDER_NONE,
    WTR_ORDER_EXACT,    /* a counter or a log's own order */
    WTR_ORDER_PROBABLE, /* a habit of the store, such as taking the next free block */
};

/* Entries of one scope are ordered by sequence, those of different scopes not at all. */
struct wtr_entry_order {
    struct wtr_text scope; /* "pages", "block 3"; empty: none */
    uint64_t sequence;     /* ascending with the time of writing */
    bool has_sequence;
    enum wtr_order_basis basis;
    /* Where a store goes from one scope to the next by habit alone: the scopes of one volume in ascending
     * rank were probably written one after the other. Scopes of one rank have no order. */
    bool has_rank;
    uint64_t rank;
};

/* Borrowed for the call that hands it out. */
struct wtr_entry {
    const char *format;     /* the storage format's name: "nvs" */
    struct wtr_text volume; /* where it is: "nvs@0x9000" */
    struct wtr_text path;   /* the store's own name for it: "nvs.net80211/sta.ssid"; empty: nameless */
    const char *type;       /* the store's own word for its type: "str", "blob", "file"; NULL: none */
    enum wtr_entry_state state;
    enum wtr_integrity integrity;
    const char *check; /* what `integrity` rests on: "crc32", "sum32"; NULL: nothing */
    struct wtr_entry_order order;
    bool mixed;        /* its parts come from different generations */
    bool attributed;   /* nameless in the store: `path` was given by size and shape, and is probable only */
    bool has_written;  /* the store dates it */
    int64_t written_s; /* by the device's clock: seconds since 1970 */
    const char *encryption; /* how the store had enciphered it: "nvs", "tuya-kv"; NULL: not */
    /* The value, opened and put together, cut to its length. Its pieces have no frames. */
    struct wtr_span span;
    const void *body; /* what else the format knows of it, for the family that owns the format; may be NULL */
};

#endif

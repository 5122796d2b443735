/* SPDX-License-Identifier: Apache-2.0 */
/* An entry: one thing that storage holds, or held. What it is called there, its bytes with their places in
 * the dump, whether it is the store's present word, and what its order is known from. */
#ifndef WTR_MODEL_ENTRY_H
#define WTR_MODEL_ENTRY_H

#include "base/text.h"
#include "model/span.h"
#include "wattrail/entry.h"

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
    /* Its bytes are secret by the format's own word. (What a family says a credential or a key of is secret
     * without this.) */
    bool secret;
};

#endif

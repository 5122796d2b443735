/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes and sector headers of EasyFlash 4 and FlashDB, as they lie in the bytes. */
#ifndef WTR_FLASH_ENV_NODE_H
#define WTR_FLASH_ENV_NODE_H

#include "flash/env_store.h"

enum {
    WTR_ENV_SECTOR_EMPTY = 1,
    WTR_ENV_SECTOR_USING = 2,
    WTR_ENV_SECTOR_FULL = 3,
    WTR_ENV_SECTOR_STATES = 4,

    WTR_ENV_PRE_WRITE = 1,
    WTR_ENV_WRITE = 2,
    WTR_ENV_PRE_DELETE = 3,
    WTR_ENV_DELETED = 4,
    WTR_ENV_ERR_HDR = 5,
    WTR_ENV_NODE_STATES = 6,

    WTR_ENV_NAME_MAX = 64,
};

/* Where the fields stand, which follows from the number of bits that the flash writes at once (WRITE_GRAN).
 */
struct wtr_env_layout {
    uint8_t unit;  /* bytes to a state of a status table; 0: one bit */
    uint8_t store; /* bytes of the sector's two tables */
    uint8_t dirty;
    uint8_t sector_magic;
    uint8_t sector_header;
    uint8_t status; /* bytes of a node's table */
    uint8_t node_magic;
    uint8_t node_header;
};

/* One node. */
struct wtr_env_node {
    size_t at;
    size_t length;
    unsigned status;
    bool status_odd;       /* a status that the store never writes */
    bool deleted_outright; /* deleted without being replaced */
    bool sound;            /* its CRC-32 holds */
    bool repaired;         /* it holds although mark or length are damaged */
    struct wtr_text name;
    size_t value_at;
    size_t value_length;
};

/* The layout whose sector header stands at `at`, and its store status. NULL: none. */
const struct wtr_env_layout *wtr_env_sector(const struct wtr_env_kind *kind, const uint8_t *bytes,
                                            size_t length, size_t at, unsigned *store);

/* The next node from `from` on, before `end`: first where it must stand, then by its mark. False: none. */
bool wtr_env_next(const struct wtr_env_kind *kind, const struct wtr_env_layout *layout, const uint8_t *bytes,
                  size_t from, size_t end, struct wtr_env_node *node);

/* Whether the bytes are as erasing left them. */
bool wtr_env_erased(const uint8_t *bytes, size_t length);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* ESP-IDF's wear levelling: where a sector that a file system asks for lies in the partition. */
#ifndef WTR_FLASH_WEAR_H
#define WTR_FLASH_WEAR_H

#include "flash/flash.h"

struct wtr_wear {
    size_t start;   /* of the partition, in the bytes that were searched */
    size_t end;     /* behind its last sector */
    size_t sectors; /* that a file system sees */
    size_t dummy;   /* place of the sector that holds nothing */
    size_t turn;    /* by how many sectors everything is shifted */
    bool torn;      /* the two copies of the state differ */
};

/* Looks for a valid copy of the state in the sectors from `from` to `to`. False: there is none. */
bool wtr_wear_find(struct wtr_wear *wear, const uint8_t *bytes, size_t length, size_t from, size_t to);
/* Where the file system's byte `at` lies; SIZE_MAX: nowhere. */
size_t wtr_wear_place(const struct wtr_wear *wear, size_t at);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The code layer of Beken's BK72xx chips: units of 34 bytes, of which 32 are code and two a sum of them. */
#ifndef WTR_FLASH_BK_CRC_H
#define WTR_FLASH_BK_CRC_H

#include "flash/flash.h"
#include "flash/gather.h"

enum { WTR_BK_UNIT = 34, WTR_BK_UNIT_DATA = 32 };

/* The code that stands in `count` units at `at` of the span, put into the gather behind what is there; each
 * byte keeps its place. False: the span has fewer, or memory ran out. */
bool wtr_bk_undo(struct wtr_gather *gather, const struct wtr_span *from, size_t at, size_t count);

extern const struct wtr_opening wtr_bk_undone; /* of a span that was put together so */
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* An event's id: the start of the SHA-256 over where it stands and what it says, in every run the same. What
 * it is made of is part of the contract with those who read the output. */
#ifndef WTR_TIMELINE_ID_H
#define WTR_TIMELINE_ID_H

#include "base/sha256.h"
#include "model/statement.h"

void wtr_event_id(struct wtr_sha256 *sha256, const uint8_t (*source_sha256)[32], const struct wtr_item *item,
                  struct wtr_id *id);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Written names of what an event holds, where no public function gives them. Never NULL: what this version
 * does not know is "unknown". */
#ifndef WTR_EXPORT_WORDS_H
#define WTR_EXPORT_WORDS_H

#include "wattrail/event.h"

const char *wtr_word_kind(enum wtr_kind kind);
const char *wtr_word_field(enum wtr_field field);
const char *wtr_word_time_basis(enum wtr_time_basis basis);
const char *wtr_word_certainty(enum wtr_certainty certainty);
const char *wtr_word_change(enum wtr_change change);
const char *wtr_word_trigger(enum wtr_trigger trigger);
const char *wtr_word_cause_basis(enum wtr_cause_basis basis);
const char *wtr_word_entry_state(enum wtr_entry_state state);
const char *wtr_word_integrity(enum wtr_integrity integrity);
const char *wtr_word_order_basis(enum wtr_order_basis basis);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Text of the evidence, made safe to show: a terminal or a spreadsheet must not be steered by it, and a
 * reader must see all of it. */
#ifndef WTR_EXPORT_VISIBLE_H
#define WTR_EXPORT_VISIBLE_H

#include "base/text.h"

/* Appends the text with every character that is not seen, or that changes how others are seen, as \u{hex},
 * and every byte that is not UTF-8 as \x{hh}. A backslash before "u{" or "x{" is shown as \u{5c}, so that
 * what is shown can be told from what was there. */
void wtr_put_visible(struct wtr_buffer *out, struct wtr_text text);

/* How many columns of a terminal the text fills, which is well-formed UTF-8 without control characters. */
size_t wtr_visible_width(struct wtr_text text);

#endif

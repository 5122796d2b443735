/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an event that stand as JSON in more than one format. */
#ifndef WTR_EXPORT_PARTS_H
#define WTR_EXPORT_PARTS_H

#include "base/text.h"
#include "wattrail/event.h"

/* One value as JSON; as plain text (visible characters only). */
void wtr_part_value(struct wtr_buffer *out, const struct wtr_value *value);
void wtr_part_value_text(struct wtr_buffer *out, const struct wtr_value *value);

/* The members of `data`, with commas between them and without braces; those that `leave_out` (may be NULL)
 * names are left out. A field that stands more than once becomes an array of its values. Returns whether
 * there was any. */
bool wtr_part_values(struct wtr_buffer *out, const struct wtr_event *event,
                     bool (*leave_out)(const struct wtr_event *event, size_t index));

/* The object `raw`; a name that stands more than once has an array of its values. */
void wtr_part_raw(struct wtr_buffer *out, const struct wtr_event *event);

/* Whether the text is a JSON number, true, false or null. */
bool wtr_part_is_literal(struct wtr_text text);

#endif

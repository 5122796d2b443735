/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON lines of single records. */
#ifndef WTR_EXPORT_JSONL_H
#define WTR_EXPORT_JSONL_H

#include "export/line.h"
#include "wattrail/record.h"

void wtr_jsonl_event(struct wtr_buffer *out, struct wtr_line_clock *clock, const struct wtr_event *event);
void wtr_jsonl_message(struct wtr_buffer *out, struct wtr_line_clock *clock,
                       const struct wtr_message_record *message);

void wtr_jsonl_image(struct wtr_buffer *out, const struct wtr_image_record *image);
void wtr_jsonl_volume(struct wtr_buffer *out, const struct wtr_volume_record *volume);
void wtr_jsonl_entry(struct wtr_buffer *out, struct wtr_line_clock *clock,
                     const struct wtr_entry_record *entry);

/* The member `order` behind a comma; nothing where nothing is known of it. */
void wtr_jsonl_order(struct wtr_buffer *out, const struct wtr_entry_order *order);

/* The object `evidence`: where the value stands, the frame's time unless it is the record's own (`time_ns`,
 * NULL if the record has none), the parts of a scattered value, and how the bytes were read (NULL: as they
 * stand). */
void wtr_jsonl_evidence(struct wtr_buffer *out, const struct wtr_evidence *evidence, const int64_t *time_ns,
                        const struct wtr_evidence *parts, size_t part_count,
                        const struct wtr_transform *transform);

#endif

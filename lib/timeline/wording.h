/* SPDX-License-Identifier: Apache-2.0 */
/* One sentence for each event, in the words that an examiner may repeat: what was reported, asked for or
 * measured, never more. */
#ifndef WTR_TIMELINE_WORDING_H
#define WTR_TIMELINE_WORDING_H

#include "base/text.h"
#include "wattrail/event.h"

/* Appends the sentence for the event, of which all but `message` is set. */
void wtr_word_event(const struct wtr_event *event, struct wtr_buffer *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* How the messages of a protocol inside another are shown: with the places, the opening and the carriers that
 * they have in the evidence. */
#ifndef WTR_PROTOCOL_INNER_SHOWN_H
#define WTR_PROTOCOL_INNER_SHOWN_H

#include "base/secret.h"
#include "protocol/inner_stream.h"

/* Keeps the pieces of a unit without places. False: no memory. */
bool wtr_inner_remember(struct wtr_inner_side *side, const struct wtr_span *unit);
/* A sink for what is inside; what it takes goes to inner->sink. */
struct wtr_sink wtr_inner_sink(struct wtr_inner_stream *inner, enum wtr_direction direction);
/* Hands out bytes that no protocol claimed. */
void wtr_inner_show_data(struct wtr_inner_stream *inner, enum wtr_direction direction,
                         const struct wtr_span *span);

#endif

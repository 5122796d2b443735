/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of Gen2 and later. The reading's document is the frame, unless said otherwise. */
#ifndef WTR_VENDOR_SHELLY_RPC_H
#define WTR_VENDOR_SHELLY_RPC_H

#include "vendor/shelly/learnt.h"
#include "vendor/shelly/reading.h"

/* As a glance tells, without parsing: */
bool wtr_shelly_mentions(struct wtr_text text, const char *name);
/* the frame's src is a device's id; */
bool wtr_shelly_is_from_device(struct wtr_text text);
/* it is a request for a method of Switch or Shelly, or a device's answer; */
bool wtr_shelly_is_call_or_answer(struct wtr_text text);
/* one of these, a device's notification, or a request for any method of the family. */
bool wtr_shelly_is_frame(struct wtr_text text);
/* Whether the method is one of the family's components. */
bool wtr_shelly_is_method(struct wtr_text method);

/* The text as the reading's document, without a finding if it is no object. */
bool wtr_shelly_glance_object(struct wtr_shelly_reading *r, struct wtr_text text);

/* The frame's src, if it is a device's id; else data NULL. */
struct wtr_text wtr_shelly_src(const struct wtr_shelly_reading *r);
void wtr_shelly_say_notification(struct wtr_shelly_reading *r);
/* What the request asks of the reading's device. `say`: it is said, too. `learnt`, if not NULL, keeps it for
 * its answer. */
struct wtr_shelly_question wtr_shelly_ask(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt,
                                          bool say);
/* The answer of the reading's device, `text`, to a request that was kept. */
void wtr_shelly_answer(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt, struct wtr_text text);
/* The result of what the question asked. */
void wtr_shelly_read_answered(struct wtr_shelly_reading *r, const struct wtr_shelly_question *question,
                              wtr_json_ref result);

#endif

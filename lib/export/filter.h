/* SPDX-License-Identifier: Apache-2.0 */
/* Which events a writer shows: by kind, by device, by time. */
#ifndef WTR_EXPORT_FILTER_H
#define WTR_EXPORT_FILTER_H

#include "wattrail/writer.h"

/* Whether the text matches the glob: '*' is any run of characters, '?' any one, everything else itself. */
bool wtr_glob_match(const char *glob, const char *text);

/* Whether the glob matches any kind that this version knows. */
bool wtr_filter_kind_known(const char *glob);

/* Whether any filter is on. */
bool wtr_filter_is_on(const struct wtr_writer_options *options);

/* Whether the event passes all filters. By time, it passes unless its bounds exclude that it lies within: an
 * open bound excludes nothing, and an event without any time always passes. */
bool wtr_filter_passes(const struct wtr_writer_options *options, const struct wtr_event *event);

#endif

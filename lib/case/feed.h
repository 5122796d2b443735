/* SPDX-License-Identifier: Apache-2.0 */
/* A source that is given packet by packet. */
#ifndef WTR_CASE_FEED_H
#define WTR_CASE_FEED_H

#include "case/extract.h"

struct wtr_feed {
    struct wtr_extract extract;
    struct wtr_sha256 *sha256; /* of what was fed, where the caller gave no hash */
    bool has_identity;
    uint64_t frame;
};

/* Ends the feed's source, before the case is reconciled. */
enum wtr_status wtr_feed_finish(struct wtr_feed *feed);
void wtr_feed_free(struct wtr_feed *feed);

#endif

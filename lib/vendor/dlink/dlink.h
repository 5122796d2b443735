/* SPDX-License-Identifier: Apache-2.0 */
/* D-Link smart plugs: who they are, in what they ask of their maker's servers. */
#ifndef WTR_VENDOR_DLINK_DLINK_H
#define WTR_VENDOR_DLINK_DLINK_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_dlink;

#endif

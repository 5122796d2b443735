/* SPDX-License-Identifier: Apache-2.0 */
/* An invented family of plugs, to show the whole of what a family is. It is compiled and tested, and no part
 * of the library: no such plug exists. docs/adding-a-vendor.md walks through it. */
#ifndef WTR_VENDOR_EXAMPLE_H
#define WTR_VENDOR_EXAMPLE_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_example;

#endif

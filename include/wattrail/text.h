/* SPDX-License-Identifier: Apache-2.0 */
/** @file text.h Length-counted text. */
#ifndef WATTRAIL_TEXT_H
#define WATTRAIL_TEXT_H

#include <stddef.h>

/** A borrowed run of bytes, usually UTF-8; it is not NUL-terminated and may hold NUL bytes. */
struct wtr_text {
    const char *data; /**< first byte; NULL where the text is absent */
    size_t length;    /**< number of bytes */
};

#endif

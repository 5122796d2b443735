/* SPDX-License-Identifier: Apache-2.0 */
/** @file version.h Which version this is. */
#ifndef WATTRAIL_VERSION_H
#define WATTRAIL_VERSION_H

#include "wattrail/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The version of the library that runs, for instance "0.1.0". */
WTR_API const char *wtr_version(void);

/** One sentence for a status; a constant. The words for a particular failure are kept by its object. */
WTR_API const char *wtr_status_text(int status);

#ifdef __cplusplus
}
#endif

#endif

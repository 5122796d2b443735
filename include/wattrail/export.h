/* SPDX-License-Identifier: Apache-2.0 */
/** @file export.h Marks what is public. */
#ifndef WATTRAIL_EXPORT_H
#define WATTRAIL_EXPORT_H

#if defined(__GNUC__) && defined(WTR_BUILDING_SHARED)
#define WTR_API __attribute__((visibility("default")))
#else
#define WTR_API /**< part of the public interface */
#endif

#endif

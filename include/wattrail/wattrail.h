/* SPDX-License-Identifier: Apache-2.0 */
/** @file wattrail.h Everything public. */
#ifndef WATTRAIL_WATTRAIL_H
#define WATTRAIL_WATTRAIL_H

#include "wattrail/case.h"
#include "wattrail/entry.h"
#include "wattrail/event.h"
#include "wattrail/field.h"
#include "wattrail/learn.h"
#include "wattrail/record.h"
#include "wattrail/status.h"
#include "wattrail/text.h"
#include "wattrail/version.h"
#include "wattrail/writer.h"

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Which version this is, and one sentence for each status. */
#include "wattrail/status.h"

#include "wattrail/version.h"

#include <stddef.h>

const char *wtr_version(void)
{
    return WTR_VERSION;
}

const char *wtr_status_text(int status)
{
    static const char *const texts[] = {
        [WTR_OK] = "done",
        [WTR_END] = "the input is at its end",
        [WTR_PARTIAL] = "done, but part of the input could not be read",
        [WTR_NEED_INPUT] = "more input is needed first",
        [WTR_E_ARGUMENT] = "an argument makes no sense, or the call came at the wrong time",
        [WTR_E_MEMORY] = "memory is used up",
        [WTR_E_NOT_FOUND] = "there is no such file",
        [WTR_E_READ] = "the input can't be read",
        [WTR_E_WRITE] = "the output can't be written",
        [WTR_E_EXISTS] = "the output exists already",
        [WTR_E_UNRECOGNISED] = "the input is of no kind that is known",
        [WTR_E_AMBIGUOUS] = "the input fits several readings",
        [WTR_E_CANCELLED] = "stopped on request",
        [WTR_E_INTERNAL] = "a defect in the library",
    };
    size_t index = (size_t)status;
    return status >= 0 && index < sizeof texts / sizeof *texts ? texts[index] : "an unknown status";
}

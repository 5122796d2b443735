/* SPDX-License-Identifier: Apache-2.0 */
/** @file status.h What a call returns. */
#ifndef WATTRAIL_STATUS_H
#define WATTRAIL_STATUS_H

/** The outcome of a call. Open: later versions add values at the end. The words for an error are kept by the
 * object on which the call was made. */
enum wtr_status {
    WTR_OK,             /**< done */
    WTR_END,            /**< nothing more: the input is at its end */
    WTR_PARTIAL,        /**< done, with usable results, but part of the input could not be read */
    WTR_NEED_INPUT,     /**< more input is needed first */
    WTR_E_ARGUMENT,     /**< an argument makes no sense, or the call came at the wrong time */
    WTR_E_MEMORY,       /**< memory or the stated budget is used up */
    WTR_E_NOT_FOUND,    /**< there is no such file */
    WTR_E_READ,         /**< the input can't be read */
    WTR_E_WRITE,        /**< the output can't be written */
    WTR_E_EXISTS,       /**< the output exists already */
    WTR_E_UNRECOGNISED, /**< the input is of no kind that is known */
    WTR_E_AMBIGUOUS,    /**< the input fits several readings */
    WTR_E_CANCELLED,    /**< the caller's progress function asked to stop */
    WTR_E_INTERNAL,     /**< a defect in the library */
};

#endif

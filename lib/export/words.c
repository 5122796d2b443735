/* SPDX-License-Identifier: Apache-2.0 */
/* The written names, total over all values: the enumerations are open, and a reader must get something. */
#include "export/words.h"

#include <stddef.h>

static const char unknown[] = "unknown";

static const char *or_unknown(const char *name)
{
    return name ? name : unknown;
}

static const char *name_in(const char *const *names, size_t count, size_t index)
{
    return index < count ? or_unknown(names[index]) : unknown;
}

const char *wtr_word_kind(enum wtr_kind kind)
{
    return or_unknown(wtr_kind_name(kind));
}

const char *wtr_word_field(enum wtr_field field)
{
    return or_unknown(wtr_field_name(field));
}

const char *wtr_word_time_basis(enum wtr_time_basis basis)
{
    static const char *const names[] = {
        [WTR_TIME_CAPTURE] = "capture",
        [WTR_TIME_DEVICE] = "device",
        [WTR_TIME_ORDER] = "order",
        [WTR_TIME_BOUNDED] = "bounded",
    };
    return name_in(names, sizeof names / sizeof *names, (size_t)basis);
}

const char *wtr_word_certainty(enum wtr_certainty certainty)
{
    static const char *const names[] = {
        [WTR_OBSERVED] = "observed",   [WTR_DECRYPTED] = "decrypted", [WTR_DERIVED] = "derived",
        [WTR_RECOVERED] = "recovered", [WTR_INFERRED] = "inferred",
    };
    return name_in(names, sizeof names / sizeof *names, (size_t)certainty);
}

const char *wtr_word_change(enum wtr_change change)
{
    static const char *const names[] = {
        [WTR_CHANGE_NONE] = "none",
        [WTR_CHANGE_FIRST] = "first",
        [WTR_CHANGE_SAME] = "same",
        [WTR_CHANGE_CHANGED] = "changed",
    };
    return name_in(names, sizeof names / sizeof *names, (size_t)change);
}

const char *wtr_word_trigger(enum wtr_trigger trigger)
{
    return or_unknown(wtr_trigger_name(trigger));
}

const char *wtr_word_cause_basis(enum wtr_cause_basis basis)
{
    return or_unknown(wtr_cause_basis_name(basis));
}

const char *wtr_word_entry_state(enum wtr_entry_state state)
{
    static const char *const names[] = {
        [WTR_ENTRY_LIVE] = "live",
        [WTR_ENTRY_SUPERSEDED] = "superseded",
        [WTR_ENTRY_DELETED] = "deleted",
        [WTR_ENTRY_STALE] = "stale",
    };
    return name_in(names, sizeof names / sizeof *names, (size_t)state);
}

const char *wtr_word_integrity(enum wtr_integrity integrity)
{
    static const char *const names[] = {
        [WTR_INTEGRITY_NONE] = "none",
        [WTR_INTEGRITY_OK] = "ok",
        [WTR_INTEGRITY_WEAK] = "weak",
        [WTR_INTEGRITY_FAILED] = "failed",
    };
    return name_in(names, sizeof names / sizeof *names, (size_t)integrity);
}

const char *wtr_word_order_basis(enum wtr_order_basis basis)
{
    static const char *const names[] = {
        [WTR_ORDER_NONE] = "none",
        [WTR_ORDER_EXACT] = "exact",
        [WTR_ORDER_PROBABLE] = "probable",
    };
    return name_in(names, sizeof names / sizeof *names, (size_t)basis);
}

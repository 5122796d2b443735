/* SPDX-License-Identifier: Apache-2.0 */
/* The log that Tuya's BK7231 firmware keeps in its file area: records "module | version | MM-DD hh:mm:ss |
 * erc:N | [code:value | …]", each ended by '/', some without time and code (seen on two devices). What the
 * codes mean is not known, so a record stands as it is. Its time has neither year nor zone, and 01-01 is a
 * clock that was not set: it is said in the device's words, and nothing but the firmware's build time bounds
 * it. An earlier content of a log file begins with the same records: each is said once. */
#include "base/map.h"
#include "vendor/tuya/flash_dump.h"

enum { MOST_RECORDS = 128, FIELDS = 4 };

static struct wtr_text trim(struct wtr_text text)
{
    while (text.length > 0 && text.data[0] == ' ')
        text = (struct wtr_text){text.data + 1, text.length - 1};
    while (text.length > 0 && text.data[text.length - 1] == ' ')
        text.length--;
    return text;
}

/* MM-DD hh:mm:ss */
static bool is_stamp(struct wtr_text text)
{
    static const char form[] = "00-00 00:00:00";
    if (text.length != sizeof form - 1)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (form[i] == '0' ? !digit : text.data[i] != form[i])
            return false;
    }
    return true;
}

static void say_record(struct wtr_tuya_entry *e, struct wtr_text record)
{
    struct wtr_text rest = record;
    struct wtr_text module = trim(wtr_text_cut(&rest, '|')), version = trim(wtr_text_cut(&rest, '|'));
    struct wtr_text after = rest;
    struct wtr_text stamp = trim(wtr_text_cut(&after, '|'));
    if (module.length == 0 || version.length == 0 || rest.length == 0)
        return;
    wtr_say_begin(e->say, WTR_KIND_DEVICE_VALUE, e->device);
    wtr_say_text(e->say, WTR_FIELD_PROPERTY, module);
    wtr_say_text(e->say, WTR_FIELD_PROPERTY_USE, WTR_TEXT("log record"));
    if (is_stamp(stamp)) {
        wtr_say_text(e->say, WTR_FIELD_DEVICE_TIME, stamp);
        wtr_say_text(e->say, WTR_FIELD_CLOCK_KIND,
                     wtr_text_starts(stamp, "01-01") ? WTR_TEXT("unset") : WTR_TEXT("local_no_zone"));
        rest = after;
    }
    wtr_say_text(e->say, WTR_FIELD_VALUE, trim(rest));
    wtr_say_raw(e->say, e->entry->path, record);
    if (e->dump->built_s > 0)
        wtr_say_bounds(e->say, true, e->dump->built_s * 1000000000, false, 0);
    wtr_say_end(e->say);
}

/* Whether the record begins as one does: a '/' may also stand within a value. */
static bool begins_record(struct wtr_text text)
{
    struct wtr_text rest = text;
    struct wtr_text module = wtr_text_cut(&rest, '|');
    if (module.length < 2 || rest.length == 0 || module.data[module.length - 1] != ' ')
        return false;
    for (size_t i = 0; i + 1 < module.length; i++)
        if (module.data[i] <= ' ' || module.data[i] == '/')
            return false;
    return true;
}

/* The length of the first record, without the '/' that ends it. */
static size_t record_length(struct wtr_text text)
{
    for (size_t i = 0; i < text.length; i++) {
        struct wtr_text rest = {text.data + i + 1, text.length - i - 1};
        if (text.data[i] == '/' && (rest.length == 0 || begins_record(rest)))
            return i;
    }
    return text.length;
}

/* Records of an entry are compared with those of the entries before, not with each other. */
void wtr_tuya_read_log(struct wtr_tuya_entry *e)
{
    struct wtr_text rest = e->text;
    uint64_t hashes[MOST_RECORDS];
    size_t count = 0, before = e->dump->said_count;
    while (rest.length > 0 && count < MOST_RECORDS && begins_record(rest)) {
        struct wtr_text record = {rest.data, record_length(rest)};
        size_t skip = record.length < rest.length ? record.length + 1 : record.length;
        bool said = false;
        hashes[count] = wtr_hash64(record.data, record.length, 1);
        for (size_t i = 0; i < before && !said; i++)
            said = e->dump->said[i] == hashes[count];
        if (!said)
            say_record(e, record);
        count++;
        rest = (struct wtr_text){rest.data + skip, rest.length - skip};
    }
    for (size_t i = 0; i < count; i++)
        wtr_tuya_said_before(e->dump, hashes[i]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a family says of a volume: it is read twice, first to learn and then to be read, as the case does it.
 * Linked with say_record.c. */
#ifndef TEST_FLASH_SAY_H
#define TEST_FLASH_SAY_H

#include "flash_lines.h"
#include "say_record.h"

struct flash_say {
    const struct wtr_vendor *vendor;
    void *state;
    struct wtr_say *say;
    struct wtr_buffer said;
    bool reading;
};

static inline void flash_say_entry(void *payload, const struct wtr_entry *entry)
{
    struct flash_say *run = payload;
    if (entry->integrity == WTR_INTEGRITY_FAILED)
        return;
    if (!run->reading && run->vendor->learn_entry)
        run->vendor->learn_entry(run->state, entry);
    else if (run->reading)
        wtr_put_z(&run->said, say_record_entry(run->say, run->vendor, run->state, entry));
}

static inline void flash_say_begin(struct flash_say *run, const struct wtr_vendor *vendor)
{
    wtr_buffer_clear(&run->said);
    run->vendor = vendor;
    run->state = calloc(1, vendor->state_size ? vendor->state_size : 1);
    run->say = say_record_new();
    if (!run->state)
        abort();
}

/* All that was said; good until the next begin with the same run. */
static inline const char *flash_say_end(struct flash_say *run)
{
    wtr_put_char(&run->said, '\0');
    if (run->vendor->close)
        run->vendor->close(run->state);
    free(run->state);
    say_record_free(run->say);
    return run->said.data;
}

/* All that the family says of `length` bytes of the format. */
static inline const char *flash_said(const struct wtr_vendor *vendor, const struct wtr_flash_format *format,
                                     const void *bytes, size_t length)
{
    static struct flash_say run;
    static struct flash_lines lines;
    flash_say_begin(&run, vendor);
    lines.entry = flash_say_entry;
    lines.payload = &run;
    for (int pass = 0; pass < 2; pass++) {
        run.reading = pass == 1;
        (void)flash_read_lines(&lines, format, bytes, length, 0);
    }
    return flash_say_end(&run);
}

/* All that the family says of these entries, one behind the other. */
static inline const char *flash_said_of(const struct wtr_vendor *vendor, const struct wtr_entry *entries,
                                        size_t count)
{
    static struct flash_say run;
    flash_say_begin(&run, vendor);
    for (int pass = 0; pass < 2; pass++) {
        run.reading = pass == 1;
        for (size_t i = 0; i < count; i++)
            flash_say_entry(&run, &entries[i]);
    }
    return flash_say_end(&run);
}

/* The lines that begin with `word`, without their raw values; good until the next call. */
static inline const char *flash_only(const char *said, const char *word)
{
    static struct wtr_buffer out;
    struct wtr_text rest = wtr_text_z(said);
    wtr_buffer_clear(&out);
    while (rest.length > 0) {
        struct wtr_text line = wtr_text_cut(&rest, '\n');
        size_t end = 0;
        while (end < line.length &&
               !wtr_text_starts(wtr_text_of(line.data + end, line.length - end), " raw{"))
            end++;
        if (!wtr_text_starts(line, word))
            continue;
        wtr_put(&out, line.data, end);
        wtr_put_char(&out, '\n');
    }
    wtr_put_char(&out, '\0');
    return out.data;
}

#endif

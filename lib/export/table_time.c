/* SPDX-License-Identifier: Apache-2.0 */
/* Times and places as the table shows them. */
#include "export/table.h"

static void put_two(struct wtr_buffer *out, unsigned value)
{
    wtr_put_char(out, (char)('0' + value / 10 % 10));
    wtr_put_char(out, (char)('0' + value % 10));
}

/* The offset from UTC as RFC 3339 has it; the seconds of a historic zone's local mean time behind it. */
static void put_offset(struct wtr_buffer *out, int offset_s)
{
    unsigned size = offset_s < 0 ? 0U - (unsigned)offset_s : (unsigned)offset_s;
    wtr_put_char(out, offset_s < 0 ? '-' : '+');
    put_two(out, size / 3600);
    wtr_put_char(out, ':');
    put_two(out, size / 60 % 60);
    if (size % 60) {
        wtr_put_char(out, ':');
        put_two(out, size % 60);
    }
}

static int64_t shifted(int64_t time_ns, int offset_s)
{
    int64_t by = (int64_t)offset_s * 1000000000;
    if (by > 0 && time_ns > INT64_MAX - by)
        return INT64_MAX;
    return by < 0 && time_ns < INT64_MIN - by ? INT64_MIN : time_ns + by;
}

void wtr_table_time(struct wtr_buffer *out, const struct wtr_writer_options *options, int64_t time_ns)
{
    int offset_s = options->zone_offset_s;
    if (options->zone_offset)
        offset_s = options->zone_offset(options->zone_payload, time_ns);
    const size_t date = sizeof "yyyy-mm-dd" - 1;
    const size_t time_of_day = sizeof "hh:mm:ss.uuuuuu" - 1;
    char room[64];
    struct wtr_buffer whole = {.data = room, .capacity = sizeof room};
    wtr_put_time(&whole, shifted(time_ns, offset_s));
    wtr_put(out, room, date);
    wtr_put_char(out, ' ');
    wtr_put(out, room + date + 1, time_of_day);
    if (options->zone_name || options->zone_offset || offset_s)
        put_offset(out, offset_s);
    else
        wtr_put_char(out, 'Z');
}

void wtr_table_place(struct wtr_buffer *out, const struct wtr_table *table, const struct wtr_evidence *at)
{
    if (table->source_count > 1) {
        wtr_put_uint(out, at->source);
        wtr_put_char(out, ':');
    }
    if (at->frame) {
        wtr_put_uint(out, at->frame);
        wtr_put_char(out, ' ');
    }
    wtr_put_char(out, '@');
    wtr_put_uint(out, at->offset);
    wtr_put_char(out, '+');
    wtr_put_uint(out, at->length);
}

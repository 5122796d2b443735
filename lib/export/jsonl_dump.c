/* SPDX-License-Identifier: Apache-2.0 */
/* What a dump is made of, as JSON lines. A value is never written: its SHA-256 is, and whoever wants its
 * bytes asks for them. */
#include "export/jsonl.h"

#include "export/words.h"

static void put_text(struct wtr_buffer *out, const char *name, struct wtr_text text)
{
    if (text.length == 0)
        return;
    wtr_line(out, name);
    wtr_line_text(out, text);
}

static void put_word(struct wtr_buffer *out, const char *name, const char *word)
{
    if (!word)
        return;
    wtr_line(out, name);
    wtr_line_word(out, word);
}

static void put_uint(struct wtr_buffer *out, const char *name, uint64_t value)
{
    wtr_line(out, name);
    wtr_line_uint(out, value);
}

static void put_flag(struct wtr_buffer *out, const char *member, bool set)
{
    if (set)
        wtr_line(out, member);
}

void wtr_jsonl_image(struct wtr_buffer *out, const struct wtr_image_record *image)
{
    wtr_line(out, "{\"record\":\"image\"");
    put_uint(out, ",\"source\":", image->source);
    put_uint(out, ",\"image\":", image->image);
    put_text(out, ",\"kind\":", image->kind);
    put_uint(out, ",\"offset\":", image->offset);
    put_uint(out, ",\"length\":", image->length);
    put_flag(out, ",\"encryption\":\"esp32-flash\"", image->encrypted);
    wtr_line(out, "}\n");
}

void wtr_jsonl_volume(struct wtr_buffer *out, const struct wtr_volume_record *volume)
{
    wtr_line(out, "{\"record\":\"volume\"");
    put_uint(out, ",\"source\":", volume->source);
    put_uint(out, ",\"image\":", volume->image);
    put_text(out, ",\"volume\":", volume->name);
    put_text(out, ",\"format\":", volume->format);
    put_text(out, ",\"label\":", volume->label);
    put_text(out, ",\"type\":", volume->type);
    put_uint(out, ",\"offset\":", volume->offset);
    put_uint(out, ",\"length\":", volume->length);
    if (volume->whole != volume->length)
        put_uint(out, ",\"whole\":", volume->whole);
    put_word(out, ",\"recognised\":", volume->certain ? "certain" : "fits");
    put_flag(out, ",\"contested\":true", volume->contested);
    put_flag(out, ",\"encryption\":\"esp32-flash\"", volume->encrypted);
    if (volume->depth)
        put_uint(out, ",\"depth\":", volume->depth);
    put_uint(out, ",\"entries\":", volume->entries);
    put_uint(out, ",\"live\":", volume->live);
    put_uint(out, ",\"failed\":", volume->failed);
    put_uint(out, ",\"findings\":", volume->findings);
    wtr_line(out, "}\n");
}

static void put_parts(struct wtr_buffer *out, const struct wtr_entry_record *entry)
{
    for (size_t i = 0; i < entry->part_count; i++) {
        wtr_line(out, i ? ",{" : ",\"parts\":[{");
        put_uint(out, "\"offset\":", entry->parts[i].offset);
        put_uint(out, ",\"length\":", entry->parts[i].length);
        wtr_line(out, "}");
    }
    wtr_line(out, entry->part_count ? "]" : "");
}

static void put_opening(struct wtr_buffer *out, const struct wtr_entry_record *entry)
{
    const struct wtr_transform *transform = &entry->transform;
    put_word(out, ",\"encryption\":", entry->encryption);
    if (transform->steps.length == 0)
        return;
    put_text(out, ",\"transform\":{\"steps\":", transform->steps);
    wtr_line(out, "}");
    if (transform->key.length == 0)
        return;
    put_text(out, ",\"key\":{\"name\":", transform->key);
    put_text(out, ",\"from\":", transform->key_origin);
    wtr_line(out, "}");
}

void wtr_jsonl_entry(struct wtr_buffer *out, struct wtr_line_clock *clock,
                     const struct wtr_entry_record *entry)
{
    const int64_t second_ns = 1000000000;
    bool dated = entry->has_written && entry->written_s < INT64_MAX / second_ns &&
                 entry->written_s > INT64_MIN / second_ns;
    wtr_line(out, "{\"record\":\"entry\"");
    put_word(out, ",\"format\":", entry->format);
    put_text(out, ",\"volume\":", entry->volume);
    put_text(out, ",\"path\":", entry->path);
    put_word(out, ",\"type\":", entry->type);
    put_word(out, ",\"state\":", wtr_word_entry_state(entry->state));
    wtr_jsonl_order(out, &entry->order);
    put_uint(out, ",\"source\":", entry->evidence.source);
    put_uint(out, ",\"image\":", entry->image);
    put_uint(out, ",\"offset\":", entry->evidence.offset);
    put_uint(out, ",\"length\":", entry->value.length);
    put_parts(out, entry);
    put_flag(out, ",\"mixed\":true", entry->mixed);
    put_word(out, ",\"integrity\":", wtr_word_integrity(entry->integrity));
    put_word(out, ",\"check\":", entry->check);
    if (entry->path.length)
        put_word(out, ",\"attribution\":", entry->attributed ? "probable" : "named");
    if (dated) {
        wtr_line(out, ",\"written\":");
        wtr_line_time(out, clock, entry->written_s * second_ns);
    }
    put_opening(out, entry);
    put_flag(out, ",\"secret\":true", entry->secret);
    put_text(out, ",\"sha256\":", wtr_text_of(entry->sha256, strnlen(entry->sha256, sizeof entry->sha256)));
    wtr_line(out, "}\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of events. */
#include "timeline/id.h"

#include "base/bytes.h"

#include <string.h>

enum { LONGEST_KIND = 64 };

/* What an id is made of, gathered to be hashed at once. A channel has its length in a byte. */
struct id_bytes {
    uint8_t data[32 + 6 * sizeof(uint64_t) + LONGEST_KIND + UINT8_MAX];
    size_t length;
};

static void add_u64(struct id_bytes *bytes, uint64_t value)
{
    wtr_put_be64(bytes->data + bytes->length, value);
    bytes->length += sizeof value;
}

static void add_text(struct id_bytes *bytes, struct wtr_text text)
{
    add_u64(bytes, text.length);
    if (text.length)
        memcpy(bytes->data + bytes->length, text.data, text.length);
    bytes->length += text.length;
}

void wtr_event_id(struct wtr_sha256 *sha256, const uint8_t (*source_sha256)[32], const struct wtr_item *item,
                  struct wtr_id *id)
{
    static const char digits[] = "0123456789abcdef";
    const struct wtr_statement *fixed = &item->fixed;
    struct id_bytes bytes;
    uint8_t digest[32];
    bytes.length = 32;
    memcpy(bytes.data, source_sha256[fixed->key.source], 32);
    add_u64(&bytes, fixed->origin.record_offset);
    add_u64(&bytes, fixed->origin.offset);
    add_u64(&bytes, fixed->origin.length);
    add_text(&bytes, wtr_text_z(wtr_kind_name((enum wtr_kind)fixed->kind)));
    add_text(&bytes, item->channel);
    add_u64(&bytes, fixed->ordinal);
    wtr_sha256_of(sha256, bytes.data, bytes.length, digest);
    for (size_t i = 0; i < 8; i++) {
        id->text[2 * i] = digits[digest[i] >> 4];
        id->text[2 * i + 1] = digits[digest[i] & 15];
    }
    id->text[16] = '\0';
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the link layer enciphered goes through the house as if it were not; here it is said, of what was made
 * of it, how it was opened. What a protocol opened in turn stands behind: "ccmp+kasa-xor". */
#include "case/extract.h"

static void put_first(struct wtr_buffer *room, const char *first, const char *between, struct wtr_text *text)
{
    if (!first || wtr_text_is(*text, first))
        return;
    wtr_buffer_clear(room);
    wtr_put_z(room, first);
    if (text->length > 0) {
        wtr_put_z(room, between);
        wtr_put_text(room, *text);
    }
    *text = wtr_buffer_text(room);
}

void wtr_opened_texts(struct wtr_extract *x, uint32_t via, struct wtr_text *steps, struct wtr_text *key,
                      struct wtr_text *key_origin)
{
    const struct wtr_opening *opening = via ? wtr_wlan_opening(x->wlan, via) : NULL;
    if (!opening)
        return;
    put_first(&x->opened[0], opening->steps, "+", steps);
    put_first(&x->opened[1], opening->key, ", ", key);
    put_first(&x->opened[2], opening->key_origin, "; ", key_origin);
    for (size_t i = 0; i < sizeof x->opened / sizeof *x->opened; i++)
        if (x->opened[i].failed)
            x->status = WTR_E_MEMORY;
}

void wtr_opened_item(struct wtr_extract *x, struct wtr_item *item)
{
    uint32_t via = item->fixed.origin.via;
    for (size_t i = 0; i < item->part_count && !via; i++)
        via = item->parts[i].via;
    if (via == 0 || item->fixed.type != WTR_ITEM_STATEMENT)
        return;
    if (item->fixed.plain_length == 0)
        item->fixed.plain_length = item->fixed.origin.length;
    wtr_opened_texts(x, via, &item->transform, &item->key, &item->key_origin);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* permessage-deflate (RFC 7692 7.2.2): each message ends where an empty block would, which is put back; the
 * window goes on from message to message unless its end agreed to begin anew. */
#include "protocol/websocket_wire.h"

#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

/* inflateInit2's windowBits for data without a header. */
enum { RAW_BITS = -15, STEP = 16 << 10 };

struct wtr_websocket_inflater {
    z_stream z;
};

static struct wtr_websocket_inflater *new_inflater(void)
{
    struct wtr_websocket_inflater *inflater = calloc(1, sizeof *inflater);
    if (inflater && inflateInit2(&inflater->z, RAW_BITS) != Z_OK) {
        free(inflater);
        return NULL;
    }
    return inflater;
}

void wtr_websocket_free_inflater(struct wtr_websocket_inflater *inflater)
{
    if (inflater)
        inflateEnd(&inflater->z);
    free(inflater);
}

static bool run(z_stream *z, struct wtr_text data, struct wtr_buffer *out, size_t limit)
{
    int result = Z_OK;
    z->next_in = (const Bytef *)data.data;
    z->avail_in = (uInt)data.length;
    do {
        char *to = wtr_buffer_room(out, STEP);
        if (!to || out->length > limit)
            return false;
        z->next_out = (Bytef *)to;
        z->avail_out = STEP;
        result = inflate(z, Z_SYNC_FLUSH);
        out->length += STEP - z->avail_out;
    } while (result == Z_OK && (z->avail_in > 0 || z->avail_out == 0));
    return result == Z_OK || result == Z_BUF_ERROR || (result == Z_STREAM_END && z->avail_in == 0);
}

bool wtr_websocket_inflate(struct wtr_websocket_side *side, bool anew, struct wtr_text payload,
                           struct wtr_buffer *out)
{
    static const char empty_block[] = "\0\0\xff\xff";
    size_t limit = out->length + WTR_WEBSOCKET_MAX_MESSAGE;
    if (!side->inflater)
        side->inflater = new_inflater();
    if (!side->inflater)
        return false;
    z_stream *z = &side->inflater->z;
    if (anew)
        inflateReset(z);
    bool whole =
        run(z, payload, out, limit) && run(z, wtr_text_of(empty_block, sizeof empty_block - 1), out, limit);
    return whole && out->length <= limit;
}

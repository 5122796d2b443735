/* SPDX-License-Identifier: Apache-2.0 */
/* gzip and deflate (RFC 1950 to 1952) over zlib. What senders call deflate is sometimes without the header
 * that RFC 9110 8.4.1.2 asks for. */
#include "protocol/http_wire.h"

#define ZLIB_CONST
#include <zlib.h>

/* inflateInit2's windowBits: gzip, zlib, neither. */
enum { GZIP_BITS = 15 + 16, ZLIB_BITS = 15, RAW_BITS = -15, STEP = 16 << 10 };

static bool inflate_with(struct wtr_text data, int bits, size_t limit, struct wtr_buffer *out, bool *cut)
{
    z_stream z = {.next_in = (const Bytef *)data.data, .avail_in = (uInt)data.length};
    size_t start = out->length;
    int result = Z_OK;
    if (inflateInit2(&z, bits) != Z_OK)
        return false;
    while (result == Z_OK && out->length - start <= limit) {
        size_t left = limit + 1 - (out->length - start); /* one more tells whether there is more */
        uInt step = left < STEP ? (uInt)left : STEP;
        char *to = wtr_buffer_room(out, step);
        if (!to)
            break;
        z.next_out = (Bytef *)to;
        z.avail_out = step;
        result = inflate(&z, Z_NO_FLUSH);
        out->length += step - z.avail_out;
    }
    *cut = out->length - start > limit;
    if (*cut)
        out->length = start + limit;
    inflateEnd(&z);
    return (result == Z_STREAM_END && z.avail_in == 0) || *cut;
}

bool wtr_http_inflate(struct wtr_text data, enum wtr_http_coding coding, size_t limit, struct wtr_buffer *out,
                      bool *cut)
{
    size_t start = out->length;
    if (data.length == 0)
        return true;
    if (inflate_with(data, coding == WTR_HTTP_GZIP ? GZIP_BITS : ZLIB_BITS, limit, out, cut))
        return true;
    out->length = start;
    return coding == WTR_HTTP_DEFLATE && inflate_with(data, RAW_BITS, limit, out, cut);
}

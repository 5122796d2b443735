/* SPDX-License-Identifier: Apache-2.0 */
/* gzip members over zlib's inflate, which reads the member's header (RFC 1952 2.3) and checks its CRC-32 and
 * length. What stands between and behind members is judged here, as gzip(1) does: another member goes on,
 * zero bytes are padding, anything else is foreign. */
#include "evidence/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

enum place {
    IN_MEMBER,
    BETWEEN,    /* a member ended, and nothing has followed yet */
    IN_PADDING, /* zero bytes have followed */
    OVER,
};

struct wtr_gzip {
    z_stream stream;
    enum place place;
    bool first; /* the member at hand is the first */
    const char *trouble;
};

/* inflateInit2's windowBits: the largest window, and 16 for gzip alone. */
enum { WINDOW_BITS = 15 + 16 };

bool wtr_gzip_recognise(const uint8_t *bytes, size_t length)
{
    static const uint8_t magic[WTR_GZIP_MAGIC_SIZE] = {0x1f, 0x8b, 8};
    return length >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

struct wtr_gzip *wtr_gzip_new(void)
{
    struct wtr_gzip *gzip = calloc(1, sizeof *gzip);
    if (!gzip) {
        return NULL;
    }
    if (inflateInit2(&gzip->stream, WINDOW_BITS) != Z_OK) {
        free(gzip);
        return NULL;
    }
    gzip->first = true;
    return gzip;
}

void wtr_gzip_free(struct wtr_gzip *gzip)
{
    if (gzip) {
        inflateEnd(&gzip->stream);
        free(gzip);
    }
}

bool wtr_gzip_over(const struct wtr_gzip *gzip)
{
    return gzip->place == OVER;
}

const char *wtr_gzip_trouble(const struct wtr_gzip *gzip)
{
    return gzip->trouble;
}

static const char FOREIGN[] = "bytes that are not gzip follow the compressed data";

static void end_with(struct wtr_gzip *gzip, const char *trouble)
{
    gzip->place = OVER;
    gzip->trouble = trouble;
}

void wtr_gzip_end(struct wtr_gzip *gzip)
{
    if (gzip->place == IN_MEMBER) {
        end_with(gzip, "the gzip stream is cut short");
    }
    gzip->place = OVER;
}

static void judge(struct wtr_gzip *gzip, int result)
{
    const z_stream *stream = &gzip->stream;
    if (result == Z_STREAM_END) {
        gzip->place = BETWEEN;
        gzip->first = false;
    } else if (result == Z_MEM_ERROR) {
        end_with(gzip, "no memory to unpack the gzip stream");
    } else if (result == Z_OK || result == Z_BUF_ERROR) {
        return;
    } else if (!gzip->first && stream->total_out == 0) {
        end_with(gzip, FOREIGN);
    } else if (stream->msg && strstr(stream->msg, "data check")) {
        end_with(gzip, "the gzip data does not match its checksum");
    } else if (stream->msg && strstr(stream->msg, "length check")) {
        end_with(gzip, "the gzip data does not match its length");
    } else {
        end_with(gzip, "the gzip stream is damaged");
    }
}

/* Between members: passes padding and decides what the next byte begins. */
static void look_behind(struct wtr_gzip *gzip, const uint8_t **packed, size_t *length)
{
    while (*length > 0 && **packed == 0) {
        gzip->place = IN_PADDING;
        (*packed)++;
        (*length)--;
    }
    if (*length == 0) {
        return;
    }
    if (gzip->place == BETWEEN && **packed == 0x1f) {
        gzip->place = IN_MEMBER;
        inflateReset(&gzip->stream);
    } else {
        end_with(gzip, FOREIGN);
    }
}

/* One step of inflate within a member: what it took comes off *packed and *length, what it made is returned.
 */
static size_t inflate_some(struct wtr_gzip *gzip, const uint8_t **packed, size_t *length, uint8_t *out,
                           size_t room)
{
    z_stream *stream = &gzip->stream;
    uInt given = *length > UINT_MAX ? UINT_MAX : (uInt)*length;
    uInt space = room > UINT_MAX ? UINT_MAX : (uInt)room;
    stream->next_in = *packed;
    stream->avail_in = given;
    stream->next_out = out;
    stream->avail_out = space;
    judge(gzip, inflate(stream, Z_NO_FLUSH));
    *packed += given - stream->avail_in;
    *length -= given - stream->avail_in;
    return space - stream->avail_out;
}

size_t wtr_gzip_unpack(struct wtr_gzip *gzip, const uint8_t **packed, size_t *length, uint8_t *out,
                       size_t room)
{
    size_t made = 0;
    size_t before = 0;
    do {
        before = *length;
        if (gzip->place == IN_MEMBER) {
            /* Also without input: inflate may still hold what had no room before. */
            made = inflate_some(gzip, packed, length, out, room);
        } else if (gzip->place != OVER) {
            look_behind(gzip, packed, length);
        }
    } while (made == 0 && gzip->place != OVER && *length > 0 &&
             (*length < before || gzip->place == IN_MEMBER));
    return made;
}

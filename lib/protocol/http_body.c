/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies: how long they are (RFC 9112 6.3), whether they are worth reading, chunks (7.1) and content codings
 * (RFC 9110 8.4). Extensions of chunks and trailer fields are passed over. */
#include "protocol/http_wire.h"

/* ---- length and worth */

enum wtr_http_extent wtr_http_extent_of(const struct wtr_http_head *head, struct wtr_text request_method)
{
    const struct wtr_http *http = &head->http;
    bool without = http->is_response && (http->status < 200 || http->status == 204 || http->status == 304 ||
                                         wtr_text_is(request_method, "HEAD") ||
                                         (wtr_text_is(request_method, "CONNECT") && http->status < 300));
    if (without)
        return WTR_HTTP_NO_BODY;
    if (head->chunked)
        return WTR_HTTP_BY_CHUNKS;
    if (head->has_length && !head->other_transfer)
        return head->content_length > 0 ? WTR_HTTP_BY_LENGTH : WTR_HTTP_NO_BODY;
    return http->is_response ? WTR_HTTP_UNTIL_CLOSE : WTR_HTTP_NO_BODY;
}

static bool has_type(struct wtr_text type, const char *beginning)
{
    size_t length = strlen(beginning);
    return type.length >= length && wtr_text_is_nocase(wtr_text_of(type.data, length), beginning);
}

size_t wtr_http_body_limit(const struct wtr_http_head *head)
{
    static const char *const endless[] = {"text/event-stream", "multipart/x-mixed-replace"};
    static const char *const dull[] = {"image/",
                                       "video/",
                                       "audio/",
                                       "font/",
                                       "application/octet-stream",
                                       "text/html",
                                       "text/css",
                                       "text/javascript",
                                       "application/javascript",
                                       "application/x-javascript",
                                       "application/zip",
                                       "application/gzip",
                                       "application/pdf",
                                       "application/x-"};
    struct wtr_text type = head->content_type;
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++)
        if (has_type(type, endless[i]))
            return 0;
    if (has_type(type, "application/x-www-form-urlencoded"))
        return WTR_HTTP_MAX_BODY;
    for (size_t i = 0; i < sizeof dull / sizeof *dull; i++)
        if (has_type(type, dull[i]))
            return WTR_HTTP_MAX_DULL_BODY;
    return WTR_HTTP_MAX_BODY;
}

/* ---- chunks */

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The size at the front of a line: hexadecimal digits, then its end, white space or an extension. */
static bool read_size(const uint8_t *line, size_t length, uint64_t *size)
{
    enum { MAX_DIGITS = 15 };
    size_t n = 0;
    *size = 0;
    while (n < length && n <= MAX_DIGITS && hex_digit(line[n]) >= 0)
        *size = *size * 16 + (uint64_t)hex_digit(line[n++]);
    if (n == 0 || n > MAX_DIGITS)
        return false;
    return n == length || line[n] == ';' || line[n] == ' ' || line[n] == '\t';
}

/* Finds the line at the front: its length without its end, and where the next one begins. */
static enum wtr_http_verdict find_line(struct wtr_http_chunks *c, const uint8_t *bytes, size_t available,
                                       size_t *length, size_t *next)
{
    size_t from = c->line < available ? c->line : available;
    const uint8_t *lf = from < available ? memchr(bytes + from, '\n', available - from) : NULL;
    size_t end = lf ? (size_t)(lf - bytes) : available;
    if (end > WTR_HTTP_MAX_LINE)
        return WTR_HTTP_BROKEN;
    c->line = lf ? 0 : available;
    *length = lf && end > 0 && bytes[end - 1] == '\r' ? end - 1 : end;
    *next = end + 1;
    return lf ? WTR_HTTP_WHOLE : WTR_HTTP_MORE;
}

static void take_data(struct wtr_http_chunks *c, size_t available)
{
    size_t taken = c->left < available ? (size_t)c->left : available;
    c->at += taken;
    c->data += taken;
    c->left -= taken;
    if (c->left == 0)
        c->state = WTR_HTTP_CHUNK_END;
}

/* The line is whole: a size, the empty end of a chunk, or a trailer field. */
static const char *take_line(struct wtr_http_chunks *c, const uint8_t *line, size_t length, bool *whole)
{
    if (c->state == WTR_HTTP_CHUNK_END) {
        c->state = WTR_HTTP_CHUNK_SIZE;
        return length > 0 ? "a chunk's data does not end where its size says" : NULL;
    }
    if (c->state == WTR_HTTP_CHUNK_SIZE) {
        if (!read_size(line, length, &c->left))
            return "a chunk's size is no number";
        c->state = c->left > 0 ? WTR_HTTP_CHUNK_DATA : WTR_HTTP_CHUNK_TRAILER;
        return NULL;
    }
    c->trailer += length;
    *whole = length == 0;
    return c->trailer > WTR_HTTP_MAX_HEAD ? "trailer fields without end" : NULL;
}

enum wtr_http_verdict wtr_http_walk_chunks(struct wtr_http_chunks *c, const uint8_t *body, size_t available,
                                           const char **reason)
{
    while (c->at < available) {
        if (c->state == WTR_HTTP_CHUNK_DATA) {
            take_data(c, available - c->at);
            continue;
        }
        size_t length, next;
        bool whole = false;
        enum wtr_http_verdict verdict = find_line(c, body + c->at, available - c->at, &length, &next);
        *reason = verdict == WTR_HTTP_BROKEN ? "a line of a chunked body without end" : NULL;
        if (verdict == WTR_HTTP_WHOLE)
            *reason = take_line(c, body + c->at, length, &whole);
        if (*reason)
            return WTR_HTTP_BROKEN;
        if (verdict == WTR_HTTP_MORE)
            return WTR_HTTP_MORE;
        c->at += next;
        if (whole)
            return WTR_HTTP_WHOLE;
    }
    return WTR_HTTP_MORE;
}

/* ---- without codings */

/* Appends the chunks' data, and its pieces where they are wanted. What the walk has passed is sound. */
static bool join_chunks(const struct wtr_http_encoded *encoded, struct wtr_buffer *out,
                        struct wtr_piece_list *pieces)
{
    struct wtr_http_chunks c = {.at = 0};
    const struct wtr_span *span = &encoded->span;
    const uint8_t *body = span->bytes + encoded->head_length;
    size_t length = span->length - encoded->head_length;
    const char *reason;
    for (;;) {
        size_t stop = c.at;
        if (c.state == WTR_HTTP_CHUNK_DATA) {
            size_t taken = c.left < length - c.at ? (size_t)c.left : length - c.at;
            wtr_put(out, body + c.at, taken);
            if (pieces && !wtr_piece_list_add(pieces, span, encoded->head_length + c.at, taken))
                return false;
            stop += taken;
        } else {
            const uint8_t *lf = c.at < length ? memchr(body + c.at, '\n', length - c.at) : NULL;
            stop = lf ? (size_t)(lf - body) + 1 : length;
        }
        if (stop == c.at || wtr_http_walk_chunks(&c, body, stop, &reason) != WTR_HTTP_MORE)
            return !out->failed;
    }
}

static const char *steps_of(const struct wtr_http_encoded *encoded)
{
    if (encoded->coding == WTR_HTTP_GZIP)
        return encoded->chunked ? "chunked+gzip" : "gzip";
    if (encoded->coding == WTR_HTTP_DEFLATE)
        return encoded->chunked ? "chunked+deflate" : "deflate";
    return "chunked";
}

static const char *unpack(struct wtr_http_room *room, const struct wtr_http_encoded *encoded, bool *cut)
{
    struct wtr_text data =
        wtr_text_of(encoded->span.bytes + encoded->head_length, encoded->span.length - encoded->head_length);
    if (encoded->chunked) {
        if (!join_chunks(encoded, &room->joined, NULL))
            return "no memory for a body";
        data = wtr_buffer_text(&room->joined);
    }
    if (!wtr_http_inflate(data, encoded->coding, WTR_HTTP_MAX_BODY, &room->plain, cut))
        return "the compressed body is damaged";
    return *cut ? "a body of more than 512 KiB is cut there" : NULL;
}

bool wtr_http_decode_body(struct wtr_http_room *room, const struct wtr_http_encoded *encoded,
                          struct wtr_span *span, bool *cut, const char **reason)
{
    const struct wtr_span *whole = &encoded->span;
    bool packed = encoded->coding != WTR_HTTP_IDENTITY;
    wtr_buffer_clear(&room->plain);
    wtr_buffer_clear(&room->joined);
    wtr_piece_list_clear(&room->pieces);
    wtr_put(&room->plain, whole->bytes, encoded->head_length);
    *reason = NULL;
    *cut = false;
    bool added = wtr_piece_list_add(&room->pieces, whole, 0, packed ? whole->length : encoded->head_length);
    if (packed)
        *reason = unpack(room, encoded, cut);
    else if (!added || !join_chunks(encoded, &room->plain, &room->pieces))
        *reason = "no memory for a body";
    if (!added || room->plain.failed)
        *reason = "no memory for a body";
    room->opening = (struct wtr_opening){.steps = steps_of(encoded), .keeps_places = !packed};
    *span = (struct wtr_span){(const uint8_t *)room->plain.data, room->plain.length, room->pieces.pieces,
                              room->pieces.count, &room->opening};
    return !*reason || *cut;
}

void wtr_http_free_room(struct wtr_http_room *room)
{
    wtr_buffer_free(&room->plain);
    wtr_buffer_free(&room->joined);
    wtr_piece_list_free(&room->pieces);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A request or response written as text, taken apart as the decoder would hand it out. Lines end with LF
 * alone, an empty one ends the head, all that follows is the body. */
#ifndef TEST_HTTP_PARTS_H
#define TEST_HTTP_PARTS_H

#include "protocol/http.h"

/* `http` is zeroed but for is_response. False if the first line of a response has no status. */
static inline bool http_parts(struct wtr_text bytes, struct wtr_http *http)
{
    struct wtr_text rest = bytes;
    struct wtr_text first = wtr_text_cut(&rest, '\n');
    struct wtr_text word = wtr_text_cut(&first, ' ');
    int64_t status = 0;
    if (http->is_response && !wtr_decimal_int(wtr_text_cut(&first, ' '), &status))
        return false;
    http->status = status >= 0 && status <= 999 ? (unsigned)status : 0;
    if (!http->is_response) {
        http->method = word;
        http->target = wtr_text_cut(&first, ' ');
    }
    while (rest.data) {
        struct wtr_text value = wtr_text_cut(&rest, '\n');
        if (value.length == 0)
            break;
        struct wtr_text name = wtr_text_cut(&value, ':');
        value = value.length ? wtr_text_of(value.data + 1, value.length - 1) : value;
        if (http->header_count < WTR_HTTP_MAX_HEADERS)
            http->headers[http->header_count++] = (struct wtr_http_header){name, value};
    }
    http->body = rest.data ? rest : wtr_text_of(bytes.data + bytes.length, 0);
    return true;
}

#endif

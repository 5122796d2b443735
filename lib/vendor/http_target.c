/* SPDX-License-Identifier: Apache-2.0 */
/* Targets of requests, taken apart. */
#include "vendor/http_target.h"

struct wtr_http_target wtr_http_target_cut(struct wtr_text target)
{
    struct wtr_text path = target;
    if (wtr_text_starts(path, "http://")) {
        path = wtr_text_of(path.data + 7, path.length - 7);
        while (path.length > 0 && *path.data != '/')
            path = wtr_text_of(path.data + 1, path.length - 1);
    }
    struct wtr_text query = path;
    path = wtr_text_cut(&query, '?');
    return (struct wtr_http_target){path, query};
}

bool wtr_http_next_parameter(struct wtr_text *query, struct wtr_text *name, struct wtr_text *value)
{
    if (!query->data)
        return false;
    *value = wtr_text_cut(query, '&');
    *name = wtr_text_cut(value, '=');
    if (!value->data)
        *value = wtr_text_of(name->data + name->length, 0);
    return true;
}

struct wtr_text wtr_http_query_value(struct wtr_text query, const char *wanted)
{
    struct wtr_text name, value;
    while (wtr_http_next_parameter(&query, &name, &value))
        if (wtr_text_is_nocase(name, wanted))
            return value;
    return (struct wtr_text){NULL, 0};
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void wtr_http_decode(struct wtr_text text, struct wtr_buffer *out)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        int high = i + 2 < text.length ? hex_digit(text.data[i + 1]) : -1;
        int low = i + 2 < text.length ? hex_digit(text.data[i + 2]) : -1;
        if (c == '%' && high >= 0 && low >= 0) {
            wtr_put_char(out, (char)(high << 4 | low));
            i += 2;
        } else {
            wtr_put_char(out, c == '+' ? ' ' : c);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a message: request line or status line and header fields (RFC 9112 2 to 5), read strictly: a
 * line that fits no rule makes the message malformed. Lines may end with LF alone (2.2). */
#include "protocol/http_wire.h"

enum { MAX_METHOD = 24, VERSION_LENGTH = 8 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The characters of methods in use (IANA's registry has letters and '-' alone). */
static bool is_method_char(char c)
{
    return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/* RFC 9110 5.6.2 */
static bool is_token_char(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static struct wtr_text trimmed(struct wtr_text text)
{
    while (text.length > 0 && is_space(text.data[0])) {
        text.data++;
        text.length--;
    }
    while (text.length > 0 && is_space(text.data[text.length - 1]))
        text.length--;
    return text;
}

/* ---- start lines */

static bool is_version(struct wtr_text text)
{
    return text.length == VERSION_LENGTH && memcmp(text.data, "HTTP/1.", 7) == 0 && is_digit(text.data[7]);
}

/* "HTTP/1.1 200 OK"; some leave the reason and its space out. */
static bool read_status_line(struct wtr_text line, struct wtr_http *http)
{
    enum { CODE_AT = VERSION_LENGTH + 1, CODE_END = CODE_AT + 3 };
    if (line.length < CODE_END || !is_version(wtr_text_of(line.data, VERSION_LENGTH)) ||
        line.data[VERSION_LENGTH] != ' ' || (line.length > CODE_END && line.data[CODE_END] != ' '))
        return false;
    unsigned status = 0;
    for (size_t i = CODE_AT; i < CODE_END; i++) {
        if (!is_digit(line.data[i]))
            return false;
        status = status * 10 + (unsigned)(line.data[i] - '0');
    }
    http->is_response = true;
    http->version = wtr_text_of(line.data, VERSION_LENGTH);
    http->status = status;
    return status >= 100 && status <= 599;
}

/* Whether a target may begin with the character: a path, a URI, "*", or a host (CONNECT). */
static bool may_begin_target(char c)
{
    return c == '/' || c == '*' || c == '[' || is_digit(c) || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

static size_t method_length(struct wtr_text line)
{
    size_t n = 0;
    while (n < line.length && n <= MAX_METHOD && is_method_char(line.data[n]))
        n++;
    return n;
}

static bool is_visible(struct wtr_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 0x7f)
            return false;
    return true;
}

static bool read_request_line(struct wtr_text line, struct wtr_http *http)
{
    size_t method = method_length(line);
    if (method < 3 || method > MAX_METHOD || line.length < method + 3 + VERSION_LENGTH ||
        line.data[method] != ' ')
        return false;
    size_t target_end = line.length - VERSION_LENGTH - 1;
    http->is_response = false;
    http->method = wtr_text_of(line.data, method);
    http->target = wtr_text_of(line.data + method + 1, target_end - method - 1);
    http->version = wtr_text_of(line.data + target_end + 1, VERSION_LENGTH);
    return line.data[target_end] == ' ' && is_version(http->version) && http->target.length > 0 &&
           may_begin_target(http->target.data[0]) && is_visible(http->target);
}

static bool read_start_line(struct wtr_text line, struct wtr_http *http)
{
    return read_status_line(line, http) || read_request_line(line, http);
}

/* Whether a start line may begin so. */
static bool may_begin_line(struct wtr_text part)
{
    static const char version[] = "HTTP/1.";
    size_t compared = part.length < sizeof version - 1 ? part.length : sizeof version - 1;
    if (memcmp(part.data, version, compared) == 0)
        return part.length < 64 || is_visible(wtr_text_of(part.data, VERSION_LENGTH));
    size_t method = method_length(part);
    if (method == part.length)
        return method <= MAX_METHOD;
    if (method < 3 || method > MAX_METHOD || part.data[method] != ' ')
        return false;
    struct wtr_text rest = wtr_text_of(part.data + method + 1, part.length - method - 1);
    return rest.length == 0 || may_begin_target(rest.data[0]);
}

/* The line at the front without its end; false if that is not there. */
static bool cut_line(struct wtr_text *rest, struct wtr_text *line)
{
    const char *end = rest->length ? memchr(rest->data, '\n', rest->length) : NULL;
    if (!end)
        return false;
    size_t length = (size_t)(end - rest->data);
    *line = wtr_text_of(rest->data, length > 0 && end[-1] == '\r' ? length - 1 : length);
    *rest = wtr_text_of(end + 1, rest->length - length - 1);
    return true;
}

enum wtr_http_verdict wtr_http_judge_start(const uint8_t *bytes, size_t available)
{
    struct wtr_text rest = wtr_text_of(bytes, available), line;
    struct wtr_http http;
    if (available == 0)
        return WTR_HTTP_MORE;
    if (!may_begin_line(wtr_text_of(bytes, available < 64 ? available : 64)))
        return WTR_HTTP_BROKEN;
    if (rest.length > WTR_HTTP_MAX_START_LINE)
        rest.length = WTR_HTTP_MAX_START_LINE;
    if (cut_line(&rest, &line))
        return read_start_line(line, &http) ? WTR_HTTP_WHOLE : WTR_HTTP_BROKEN;
    return available < WTR_HTTP_MAX_START_LINE ? WTR_HTTP_MORE : WTR_HTTP_BROKEN;
}

bool wtr_http_find_end(const uint8_t *bytes, size_t available, size_t *scanned, size_t *length)
{
    for (size_t i = *scanned; i < available; i++) {
        const uint8_t *lf = memchr(bytes + i, '\n', available - i);
        if (!lf)
            break;
        i = (size_t)(lf - bytes);
        bool empty =
            (i >= 1 && bytes[i - 1] == '\n') || (i >= 2 && bytes[i - 1] == '\r' && bytes[i - 2] == '\n');
        if (empty) {
            *length = i + 1;
            return true;
        }
    }
    *scanned = available;
    return false;
}

/* ---- header fields */

static bool read_number(struct wtr_text text, uint64_t *value)
{
    enum { MAX_DIGITS = 18 };
    if (text.length == 0 || text.length > MAX_DIGITS)
        return false;
    *value = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (!is_digit(text.data[i]))
            return false;
        *value = *value * 10 + (uint64_t)(text.data[i] - '0');
    }
    return true;
}

/* A list of equal numbers counts as one (RFC 9110 8.6). */
static const char *take_length(struct wtr_http_head *head, struct wtr_text value)
{
    while (value.data) {
        uint64_t number;
        if (!read_number(trimmed(wtr_text_cut(&value, ',')), &number))
            return "Content-Length is no number";
        if (head->has_length && head->content_length != number)
            return "two Content-Lengths differ";
        head->has_length = true;
        head->content_length = number;
    }
    return NULL;
}

static const char *take_transfer(struct wtr_http_head *head, struct wtr_text value)
{
    while (value.data) {
        struct wtr_text coding = trimmed(wtr_text_cut(&value, ','));
        if (head->chunked)
            return "a transfer coding follows chunked";
        if (wtr_text_is_nocase(coding, "chunked"))
            head->chunked = true;
        else if (coding.length > 0 && !wtr_text_is_nocase(coding, "identity"))
            head->other_transfer = true;
    }
    return NULL;
}

static void take_coding(struct wtr_http_head *head, struct wtr_text value)
{
    while (value.data) {
        struct wtr_text coding = trimmed(wtr_text_cut(&value, ','));
        if (coding.length == 0 || wtr_text_is_nocase(coding, "identity"))
            continue;
        bool gzip = wtr_text_is_nocase(coding, "gzip") || wtr_text_is_nocase(coding, "x-gzip");
        bool first = head->coding == WTR_HTTP_IDENTITY;
        head->coding = !first                                  ? WTR_HTTP_OTHER_CODING
                       : gzip                                  ? WTR_HTTP_GZIP
                       : wtr_text_is_nocase(coding, "deflate") ? WTR_HTTP_DEFLATE
                                                               : WTR_HTTP_OTHER_CODING;
    }
}

static bool lists(struct wtr_text value, const char *word)
{
    while (value.data)
        if (wtr_text_is_nocase(trimmed(wtr_text_cut(&value, ',')), word))
            return true;
    return false;
}

/* What the field says of how the message is to be read; returns a fault or NULL. */
static const char *take_field(struct wtr_http_head *head, struct wtr_text name, struct wtr_text value)
{
    if (wtr_text_is_nocase(name, "content-length"))
        return take_length(head, value);
    if (wtr_text_is_nocase(name, "transfer-encoding"))
        return take_transfer(head, value);
    if (wtr_text_is_nocase(name, "content-encoding"))
        take_coding(head, value);
    else if (wtr_text_is_nocase(name, "content-type"))
        head->content_type = value;
    else if (wtr_text_is_nocase(name, "host"))
        head->has_host = true;
    else if (wtr_text_is_nocase(name, "upgrade") && lists(value, "websocket"))
        head->upgrade_websocket = true;
    return NULL;
}

static bool is_token(struct wtr_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_token_char(text.data[i]))
            return false;
    return text.length > 0;
}

/* A line that begins with white space goes on with the field before it (RFC 9112 5.2). */
static bool extend_field(struct wtr_text *last, struct wtr_text line)
{
    if (!last)
        return false;
    last->length = (size_t)(line.data + line.length - last->data);
    *last = trimmed(*last);
    return true;
}

static const char *read_fields(struct wtr_text rest, struct wtr_http_head *head)
{
    struct wtr_http *http = &head->http;
    struct wtr_text line;
    while (cut_line(&rest, &line) && line.length > 0) {
        if (memchr(line.data, '\0', line.length))
            return "a header field holds a zero byte";
        if (is_space(line.data[0])) {
            if (!extend_field(http->header_count ? &http->headers[http->header_count - 1].value : NULL, line))
                return "the first header field begins with white space";
            head->remark = "a header field is folded";
            continue;
        }
        const char *colon = memchr(line.data, ':', line.length);
        struct wtr_text name = wtr_text_of(line.data, colon ? (size_t)(colon - line.data) : 0);
        if (!is_token(name))
            return "a line of the head is no header field";
        struct wtr_text value = trimmed(wtr_text_of(colon + 1, line.length - name.length - 1));
        const char *fault = take_field(head, name, value);
        if (fault)
            return fault;
        if (http->header_count < WTR_HTTP_MAX_HEADERS)
            http->headers[http->header_count++] = (struct wtr_http_header){name, value};
        else
            head->remark = "only the first 64 header fields are kept";
    }
    return NULL;
}

bool wtr_http_read_head(const uint8_t *bytes, size_t length, struct wtr_http_head *head, const char **reason)
{
    struct wtr_text rest = wtr_text_of(bytes, length), line;
    memset(head, 0, sizeof *head);
    head->length = length;
    if (!cut_line(&rest, &line) || !read_start_line(line, &head->http)) {
        *reason = "neither a request line nor a status line";
        return false;
    }
    *reason = read_fields(rest, head);
    if (!*reason && head->chunked && head->has_length)
        head->remark = "Content-Length beside Transfer-Encoding, which holds";
    if (!*reason && !head->http.is_response && head->other_transfer && !head->chunked)
        *reason = "a request whose length no one can tell";
    return *reason == NULL;
}

struct wtr_text wtr_http_header(const struct wtr_http *http, const char *name)
{
    for (size_t i = 0; i < http->header_count; i++)
        if (wtr_text_is_nocase(http->headers[i].name, name))
            return http->headers[i].value;
    return (struct wtr_text){NULL, 0};
}

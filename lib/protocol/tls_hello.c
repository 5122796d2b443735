/* SPDX-License-Identifier: Apache-2.0 */
/* ClientHello and ServerHello taken apart (RFC 5246 7.4.1, RFC 8446 4.1; with DTLS's cookie RFC 6347 4.3.2)
 * and those extensions that say who talks to whom (RFC 6066 3, RFC 7301 3.1, RFC 8446 4.2.1). */
#include "protocol/tls_wire.h"

/* Drafts of TLS 1.3 before the 22nd have a ServerHello without session id and compression
 * (draft-ietf-tls-tls13-21 4.1.3). */
enum { TLS_1_3_DRAFTS = 0x7f00, TLS_1_3_DRAFT_22 = 0x7f16 };

static struct wtr_text take_text(struct wtr_cursor *c, size_t length)
{
    const uint8_t *p = wtr_take(c, length);
    return wtr_text_of(p, p ? length : 0);
}

static bool take_extensions(struct wtr_cursor *c, struct wtr_tls_hello *hello)
{
    if (wtr_left(c) == 0)
        return !c->bad;
    if (wtr_left(c) < 2) {
        hello->loose = true;
        return true;
    }
    hello->has_extensions = true;
    hello->extensions = take_text(c, wtr_take_be16(c));
    hello->loose = wtr_left(c) > 0;
    return !c->bad;
}

bool wtr_tls_read_client_hello(struct wtr_text body, bool datagram, struct wtr_tls_hello *hello)
{
    struct wtr_cursor c = wtr_cursor_over(body.data, body.length);
    *hello = (struct wtr_tls_hello){.version = wtr_take_be16(&c)};
    hello->random = take_text(&c, WTR_TLS_RANDOM);
    hello->session_id = take_text(&c, wtr_take_u8(&c));
    if (datagram)
        hello->cookie = take_text(&c, wtr_take_u8(&c));
    hello->suites = take_text(&c, wtr_take_be16(&c));
    hello->suites.length &= ~(size_t)1;
    hello->compressions = take_text(&c, wtr_take_u8(&c));
    return take_extensions(&c, hello);
}

bool wtr_tls_read_server_hello(struct wtr_text body, struct wtr_tls_hello *hello)
{
    struct wtr_cursor c = wtr_cursor_over(body.data, body.length);
    *hello = (struct wtr_tls_hello){.version = wtr_take_be16(&c)};
    hello->random = take_text(&c, WTR_TLS_RANDOM);
    bool short_form = hello->version >= TLS_1_3_DRAFTS && hello->version < TLS_1_3_DRAFT_22;
    if (!short_form)
        hello->session_id = take_text(&c, wtr_take_u8(&c));
    hello->suite = wtr_take_be16(&c);
    if (!short_form)
        hello->compression = wtr_take_u8(&c);
    return take_extensions(&c, hello);
}

bool wtr_tls_next_extension(const struct wtr_tls_hello *hello, size_t *at, struct wtr_tls_extension *out)
{
    struct wtr_cursor c = wtr_cursor_over(hello->extensions.data, hello->extensions.length);
    c.at = *at;
    out->type = wtr_take_be16(&c);
    out->data = take_text(&c, wtr_take_be16(&c));
    *at = c.at;
    return !c.bad;
}

bool wtr_tls_find_extension(const struct wtr_tls_hello *hello, uint16_t type, struct wtr_text *data)
{
    struct wtr_tls_extension extension;
    for (size_t at = 0; wtr_tls_next_extension(hello, &at, &extension);) {
        if (extension.type != type)
            continue;
        *data = extension.data;
        return true;
    }
    return false;
}

struct wtr_text wtr_tls_list16(struct wtr_text data)
{
    struct wtr_cursor c = wtr_cursor_over(data.data, data.length);
    size_t length = wtr_take_be16(&c);
    if (length > wtr_left(&c))
        length = wtr_left(&c);
    return take_text(&c, length & ~(size_t)1);
}

struct wtr_text wtr_tls_list8(struct wtr_text data)
{
    struct wtr_cursor c = wtr_cursor_over(data.data, data.length);
    size_t length = wtr_take_u8(&c);
    return take_text(&c, length > wtr_left(&c) ? wtr_left(&c) : length);
}

struct wtr_text wtr_tls_host_name(const struct wtr_tls_hello *hello)
{
    struct wtr_text data;
    const struct wtr_text none = {NULL, 0};
    if (!wtr_tls_find_extension(hello, WTR_TLS_SERVER_NAME, &data))
        return none;
    struct wtr_cursor c = wtr_cursor_over(data.data, data.length);
    wtr_take_be16(&c);
    while (wtr_left(&c) > 0) {
        uint8_t type = wtr_take_u8(&c);
        struct wtr_text name = take_text(&c, wtr_take_be16(&c));
        if (!c.bad && type == 0 && name.length > 0)
            return name;
    }
    return none;
}

bool wtr_tls_next_protocol(struct wtr_text data, size_t *at, struct wtr_text *name)
{
    struct wtr_cursor c = wtr_cursor_over(data.data, data.length);
    c.at = *at > 0 ? *at : 2;
    if (c.at >= c.length)
        return false;
    *name = take_text(&c, wtr_take_u8(&c));
    *at = c.at;
    return !c.bad;
}

/* Whether version `a` is newer than `b`: those of DTLS count down (RFC 6347 4.1). */
static bool is_newer(uint16_t a, uint16_t b)
{
    bool datagram = a >> 8 == 0xfe && b >> 8 == 0xfe;
    return datagram ? a < b : a > b;
}

uint16_t wtr_tls_offered_version(const struct wtr_tls_hello *hello)
{
    struct wtr_text data;
    uint16_t highest = 0;
    if (!wtr_tls_find_extension(hello, WTR_TLS_SUPPORTED_VERSIONS, &data))
        return hello->version;
    struct wtr_text list = wtr_tls_list8(data);
    for (size_t i = 0; i < list.length / 2; i++) {
        uint16_t version = wtr_tls_number(list, i);
        if (!wtr_tls_is_grease(version) && is_newer(version, highest))
            highest = version;
    }
    return highest;
}

uint16_t wtr_tls_chosen_version(const struct wtr_tls_hello *hello)
{
    struct wtr_text data;
    if (wtr_tls_find_extension(hello, WTR_TLS_SUPPORTED_VERSIONS, &data) && data.length == 2)
        return wtr_tls_number(data, 0);
    return hello->version;
}

bool wtr_tls_is_retry(const struct wtr_tls_hello *hello)
{
    static const uint8_t random[WTR_TLS_RANDOM] = {
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
    return hello->random.length == sizeof random && memcmp(hello->random.data, random, sizeof random) == 0;
}

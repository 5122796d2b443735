/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints of hellos. JA3 and JA3S: salesforce/ja3 (BSD-3-Clause), with GREASE left out as its authors
 * and tshark do; both take the version that stands in the hello. JA4: FoxIO, technical_details/JA4.md
 * (BSD-3-Clause). The other methods of the JA4+ family are not free, and not here. */
#include "protocol/tls_wire.h"

#include <mbedtls/md.h>

#include <stdlib.h>

static bool digest_of(mbedtls_md_type_t type, const struct wtr_buffer *text, uint8_t *digest)
{
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(type);
    return !text->failed && info && mbedtls_md(info, (const uint8_t *)text->data, text->length, digest) == 0;
}

static void put_hex(char *out, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

/* ---- JA3 */

/* "-" between numbers. */
static void put_number(struct wtr_buffer *out, uint16_t number, bool *first)
{
    if (!*first)
        wtr_put_char(out, '-');
    *first = false;
    wtr_put_uint(out, number);
}

static void put_list16(struct wtr_buffer *out, struct wtr_text list)
{
    bool first = true;
    for (size_t i = 0; i < list.length / 2; i++)
        if (!wtr_tls_is_grease(wtr_tls_number(list, i)))
            put_number(out, wtr_tls_number(list, i), &first);
}

static void put_extensions(struct wtr_buffer *out, const struct wtr_tls_hello *hello)
{
    struct wtr_tls_extension extension;
    bool first = true;
    for (size_t at = 0; wtr_tls_next_extension(hello, &at, &extension);)
        if (!wtr_tls_is_grease(extension.type))
            put_number(out, extension.type, &first);
}

static bool finish_ja3(struct wtr_buffer *text, char out[WTR_JA3_TEXT])
{
    uint8_t digest[16];
    bool made = digest_of(MBEDTLS_MD_MD5, text, digest);
    out[0] = '\0';
    if (made)
        put_hex(out, digest, sizeof digest);
    wtr_buffer_free(text);
    return made;
}

bool wtr_tls_ja3(const struct wtr_tls_hello *client, char out[WTR_JA3_TEXT])
{
    struct wtr_buffer text = {0};
    struct wtr_text data;
    wtr_put_uint(&text, client->version);
    wtr_put_char(&text, ',');
    put_list16(&text, client->suites);
    wtr_put_char(&text, ',');
    put_extensions(&text, client);
    wtr_put_char(&text, ',');
    if (wtr_tls_find_extension(client, WTR_TLS_SUPPORTED_GROUPS, &data))
        put_list16(&text, wtr_tls_list16(data));
    wtr_put_char(&text, ',');
    if (wtr_tls_find_extension(client, WTR_TLS_EC_POINT_FORMATS, &data)) {
        struct wtr_text formats = wtr_tls_list8(data);
        bool first = true;
        for (size_t i = 0; i < formats.length; i++)
            put_number(&text, (uint8_t)formats.data[i], &first);
    }
    return finish_ja3(&text, out);
}

bool wtr_tls_ja3s(const struct wtr_tls_hello *server, char out[WTR_JA3_TEXT])
{
    struct wtr_buffer text = {0};
    wtr_put_uint(&text, server->version);
    wtr_put_char(&text, ',');
    wtr_put_uint(&text, server->suite);
    wtr_put_char(&text, ',');
    put_extensions(&text, server);
    return finish_ja3(&text, out);
}

/* ---- JA4 */

static int by_number(const void *a, const void *b)
{
    const uint16_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void put_hex16(struct wtr_buffer *out, uint16_t number, bool first)
{
    const uint8_t bytes[] = {(uint8_t)(number >> 8), (uint8_t)number};
    if (!first)
        wtr_put_char(out, ',');
    wtr_put_hex(out, bytes, sizeof bytes);
}

static void put_sorted(struct wtr_buffer *out, uint16_t *numbers, size_t count)
{
    if (count > 0)
        qsort(numbers, count, sizeof *numbers, by_number);
    for (size_t i = 0; i < count; i++)
        put_hex16(out, numbers[i], i == 0);
}

/* The first 12 digits of the text's SHA-256; zeros where there is nothing to hash. */
static bool put_hash(char *out, const struct wtr_buffer *text, bool nothing)
{
    uint8_t digest[32];
    if (nothing) {
        memcpy(out, "000000000000", 13);
        return true;
    }
    bool made = digest_of(MBEDTLS_MD_SHA256, text, digest);
    if (made)
        put_hex(out, digest, 6);
    return made;
}

static const char *version_digits(uint16_t version)
{
    static const struct {
        uint16_t version;
        char digits[3];
    } known[] = {{WTR_TLS_1_3, "13"},  {WTR_TLS_1_2, "12"},  {WTR_TLS_1_1, "11"},
                 {WTR_TLS_1_0, "10"},  {WTR_SSL_3, "s3"},    {0x0002, "s2"},
                 {WTR_DTLS_1_0, "d1"}, {WTR_DTLS_1_2, "d2"}, {WTR_DTLS_1_3, "d3"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].version == version)
            return known[i].digits;
    return "00";
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The first protocol's name, GREASE aside. */
static struct wtr_text first_protocol(const struct wtr_tls_hello *hello)
{
    struct wtr_text data, name;
    if (wtr_tls_find_extension(hello, WTR_TLS_ALPN, &data))
        for (size_t at = 0; wtr_tls_next_protocol(data, &at, &name);)
            if (name.length != 2 || !wtr_tls_is_grease(wtr_tls_number(name, 0)))
                return name;
    return (struct wtr_text){NULL, 0};
}

/* The first and last character of its name. */
static void put_alpn(char out[2], const struct wtr_tls_hello *hello)
{
    static const char digits[] = "0123456789abcdef";
    struct wtr_text name = first_protocol(hello);
    out[0] = out[1] = '0';
    if (name.length == 0)
        return;
    char first = name.data[0], last = name.data[name.length - 1];
    bool plain = is_alphanumeric(first) && is_alphanumeric(last);
    out[0] = plain ? first : digits[(uint8_t)first >> 4];
    out[1] = plain ? last : digits[(uint8_t)last & 15];
}

/* The numbers of `list` without GREASE. */
static size_t gather(uint16_t *numbers, struct wtr_text list)
{
    size_t count = 0;
    for (size_t i = 0; i < list.length / 2; i++)
        if (!wtr_tls_is_grease(wtr_tls_number(list, i)))
            numbers[count++] = wtr_tls_number(list, i);
    return count;
}

/* The types of the extensions without GREASE, server_name and ALPN, which are counted all the same. */
static size_t gather_extensions(uint16_t *numbers, const struct wtr_tls_hello *hello, size_t *all)
{
    struct wtr_tls_extension extension;
    size_t count = 0;
    *all = 0;
    for (size_t at = 0; wtr_tls_next_extension(hello, &at, &extension);) {
        if (wtr_tls_is_grease(extension.type))
            continue;
        ++*all;
        if (extension.type != WTR_TLS_SERVER_NAME && extension.type != WTR_TLS_ALPN)
            numbers[count++] = extension.type;
    }
    return count;
}

static void put_count(char out[2], size_t count)
{
    unsigned shown = count > 99 ? 99 : (unsigned)count;
    out[0] = (char)('0' + shown / 10);
    out[1] = (char)('0' + shown % 10);
}

static void put_signature_algorithms(struct wtr_buffer *out, const struct wtr_tls_hello *hello)
{
    struct wtr_text data;
    bool first = true;
    if (!wtr_tls_find_extension(hello, WTR_TLS_SIGNATURE_ALGORITHMS, &data))
        return;
    struct wtr_text list = wtr_tls_list16(data);
    for (size_t i = 0; i < list.length / 2; i++) {
        uint16_t number = wtr_tls_number(list, i);
        if (wtr_tls_is_grease(number))
            continue;
        if (first)
            wtr_put_char(out, '_');
        put_hex16(out, number, first);
        first = false;
    }
}

static bool put_ja4(const struct wtr_tls_hello *hello, char transport, uint16_t *numbers, char *out)
{
    struct wtr_buffer text = {0};
    struct wtr_text name;
    size_t all;
    out[0] = transport;
    memcpy(out + 1, version_digits(wtr_tls_offered_version(hello)), 2);
    out[3] = wtr_tls_find_extension(hello, WTR_TLS_SERVER_NAME, &name) ? 'd' : 'i';
    size_t suites = gather(numbers, hello->suites);
    put_count(out + 4, suites);
    put_sorted(&text, numbers, suites);
    bool made = put_hash(out + 11, &text, suites == 0);
    wtr_buffer_clear(&text);
    size_t extensions = gather_extensions(numbers, hello, &all);
    put_count(out + 6, all);
    put_alpn(out + 8, hello);
    out[10] = '_';
    out[23] = '_';
    put_sorted(&text, numbers, extensions);
    put_signature_algorithms(&text, hello);
    made = put_hash(out + 24, &text, extensions == 0) && made;
    wtr_buffer_free(&text);
    return made;
}

bool wtr_tls_ja4(const struct wtr_tls_hello *client, char transport, char out[WTR_JA4_TEXT])
{
    size_t room = client->suites.length / 2 + client->extensions.length / 4 + 1;
    uint16_t *numbers = malloc(room * sizeof *numbers);
    bool made = numbers && put_ja4(client, transport, numbers, out);
    if (!made)
        out[0] = '\0';
    free(numbers);
    return made;
}

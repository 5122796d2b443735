/* SPDX-License-Identifier: Apache-2.0 */
/* Hellos as members of a JSON object, under the names of RFC 8446 (those of earlier versions under RFC
 * 5246's). A number whose name IANA gives stands as that name, any other as the number; of extensions that
 * are not taken apart the bytes stand. */
#include "protocol/fields.h"
#include "protocol/tls_wire.h"

static void put_hex(struct wtr_json_writer *out, const char *name, struct wtr_text bytes)
{
    wtr_json_key(out, name);
    wtr_json_put_hex(out, bytes);
}

static void put_name(struct wtr_json_writer *out, const char *name, uint64_t number)
{
    if (name)
        wtr_json_put_z(out, name);
    else
        wtr_json_put_uint(out, number);
}

void wtr_tls_put_suite(struct wtr_json_writer *out, uint16_t suite)
{
    put_name(out, wtr_tls_suite_name(suite), suite);
}

void wtr_tls_put_version(struct wtr_json_writer *out, const char *name, uint16_t version)
{
    wtr_json_key(out, name);
    put_name(out, wtr_tls_version_name(version), version);
}

/* ---- extensions: each true if the data have the form of their type */

static bool put_numbers(struct wtr_json_writer *out, struct wtr_text list, size_t expected)
{
    if (list.length != expected)
        return false;
    wtr_json_begin_array(out);
    for (size_t i = 0; i < list.length / 2; i++)
        wtr_json_put_uint(out, wtr_tls_number(list, i));
    wtr_json_end_array(out);
    return true;
}

static bool put_versions(struct wtr_json_writer *out, struct wtr_text data, bool client)
{
    struct wtr_text list = client ? wtr_tls_list8(data) : data;
    if (list.length != data.length - client || list.length % 2 != 0 || list.length == 0)
        return false;
    wtr_json_begin_array(out);
    for (size_t i = 0; i < list.length / 2; i++)
        put_name(out, wtr_tls_version_name(wtr_tls_number(list, i)), wtr_tls_number(list, i));
    wtr_json_end_array(out);
    return true;
}

static bool put_protocols(struct wtr_json_writer *out, struct wtr_text data)
{
    struct wtr_text name;
    size_t at = 0;
    while (wtr_tls_next_protocol(data, &at, &name))
        ;
    if (at != data.length)
        return false;
    wtr_json_begin_array(out);
    for (at = 0; wtr_tls_next_protocol(data, &at, &name);)
        wtr_json_put_bytes(out, name);
    wtr_json_end_array(out);
    return true;
}

/* Passes a KeyShareEntry, and returns its group. */
static uint16_t take_share(struct wtr_cursor *c)
{
    uint16_t group = wtr_take_be16(c);
    wtr_take(c, wtr_take_be16(c));
    return group;
}

/* The groups of the shares; the keys themselves are left out. */
static bool put_shares(struct wtr_json_writer *out, struct wtr_text data, bool client)
{
    struct wtr_cursor c = wtr_cursor_over(data.data, data.length);
    if (!client && data.length == 2) /* of a HelloRetryRequest */
        return put_numbers(out, data, 2);
    if (client && wtr_take_be16(&c) != data.length - 2)
        return false;
    struct wtr_cursor shares = c;
    while (wtr_left(&c) > 0)
        take_share(&c);
    if (c.bad)
        return false;
    wtr_json_begin_array(out);
    while (wtr_left(&shares) > 0)
        wtr_json_put_uint(out, take_share(&shares));
    wtr_json_end_array(out);
    return true;
}

static bool put_server_name(struct wtr_json_writer *out, const struct wtr_tls_hello *hello)
{
    struct wtr_text name = wtr_tls_host_name(hello);
    if (name.data)
        wtr_json_put_bytes(out, name);
    return name.data != NULL;
}

static bool put_known(struct wtr_json_writer *out, const struct wtr_tls_extension *extension, bool client)
{
    const struct wtr_text data = extension->data;
    switch (extension->type) {
    case WTR_TLS_SERVER_NAME: {
        const struct wtr_tls_hello alone = {
            .extensions = wtr_text_of(data.data - 4, data.length + 4)}; /* with its type and length */
        return put_server_name(out, &alone);
    }
    case WTR_TLS_SUPPORTED_GROUPS:
    case WTR_TLS_SIGNATURE_ALGORITHMS:
    case WTR_TLS_SIGNATURE_ALGORITHMS_CERT:
        return data.length >= 2 && put_numbers(out, wtr_tls_list16(data), data.length - 2);
    case WTR_TLS_ALPN:
        return data.length >= 2 && put_protocols(out, data);
    case WTR_TLS_SUPPORTED_VERSIONS:
        return data.length >= 2 && put_versions(out, data, client);
    case WTR_TLS_KEY_SHARE:
        return data.length >= 2 && put_shares(out, data, client);
    default:
        return false;
    }
}

static void put_extensions(struct wtr_json_writer *out, const struct wtr_tls_hello *hello, bool client)
{
    struct wtr_tls_extension extension;
    if (!hello->has_extensions)
        return;
    wtr_json_key(out, "extensions");
    wtr_json_begin_array(out);
    for (size_t at = 0; wtr_tls_next_extension(hello, &at, &extension);) {
        wtr_json_begin_object(out);
        wtr_field_uint(out, "type", extension.type);
        const char *name = wtr_tls_extension_name(extension.type);
        if (name) {
            wtr_json_key(out, "name");
            wtr_json_put_z(out, name);
        }
        if (extension.data.length > 0) {
            wtr_json_key(out, "value");
            if (!put_known(out, &extension, client))
                wtr_json_put_hex(out, extension.data);
        }
        wtr_json_end_object(out);
    }
    wtr_json_end_array(out);
}

/* ---- hellos */

static void put_common(struct wtr_json_writer *out, const struct wtr_tls_hello *hello)
{
    wtr_tls_put_version(out, "legacy_version", hello->version);
    put_hex(out, "random", hello->random);
    put_hex(out, "session_id", hello->session_id);
}

static void put_fingerprint(struct wtr_json_writer *out, const char *name, const char *text)
{
    if (!text[0])
        return;
    wtr_json_key(out, name);
    wtr_json_put_z(out, text);
}

void wtr_tls_client_hello_fields(struct wtr_text body, char transport, struct wtr_json_writer *out)
{
    struct wtr_tls_hello hello;
    char ja3[WTR_JA3_TEXT], ja4[WTR_JA4_TEXT];
    if (!wtr_tls_read_client_hello(body, transport == 'd', &hello))
        return;
    put_common(out, &hello);
    if (transport == 'd')
        put_hex(out, "cookie", hello.cookie);
    wtr_json_key(out, "cipher_suites");
    wtr_json_begin_array(out);
    for (size_t i = 0; i < hello.suites.length / 2; i++)
        wtr_tls_put_suite(out, wtr_tls_number(hello.suites, i));
    wtr_json_end_array(out);
    put_hex(out, "compression_methods", hello.compressions);
    put_extensions(out, &hello, true);
    wtr_tls_ja3(&hello, ja3);
    wtr_tls_ja4(&hello, transport, ja4);
    put_fingerprint(out, "ja3", ja3);
    put_fingerprint(out, "ja4", ja4);
}

void wtr_tls_server_hello_fields(struct wtr_text body, struct wtr_json_writer *out)
{
    struct wtr_tls_hello hello;
    char ja3s[WTR_JA3_TEXT];
    if (!wtr_tls_read_server_hello(body, &hello))
        return;
    put_common(out, &hello);
    wtr_json_key(out, "cipher_suite");
    wtr_tls_put_suite(out, hello.suite);
    wtr_field_uint(out, "compression_method", hello.compression);
    put_extensions(out, &hello, false);
    wtr_tls_ja3s(&hello, ja3s);
    put_fingerprint(out, "ja3s", ja3s);
}

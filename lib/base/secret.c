/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets shown by a part of their SHA-256: enough to see that two are the same, and nothing to log in with.
 */
#include "base/secret.h"

#include "base/sha256.h"

enum { SHOWN_BYTES = 8 };

static bool digest_of(struct wtr_text secret, uint8_t digest[WTR_SHA256_SIZE])
{
    struct wtr_sha256 *hash = wtr_sha256_new();
    bool made = hash && wtr_sha256_of(hash, secret.data, secret.length, digest);
    wtr_sha256_free(hash);
    return made;
}

void wtr_put_secret(struct wtr_buffer *out, struct wtr_text secret)
{
    uint8_t digest[WTR_SHA256_SIZE];
    if (!digest_of(secret, digest)) {
        out->failed = true;
        return;
    }
    wtr_put_z(out, "sha256:");
    wtr_put_hex(out, digest, SHOWN_BYTES);
    wtr_put_z(out, ", ");
    wtr_put_uint(out, secret.length);
    wtr_put_z(out, secret.length == 1 ? " byte" : " bytes");
}

void wtr_json_put_secret(struct wtr_json_writer *w, struct wtr_text secret)
{
    if (w->reveal_secrets) {
        wtr_json_put_bytes(w, secret);
        return;
    }
    struct wtr_buffer words = {0};
    wtr_put_secret(&words, secret);
    wtr_json_put_text(w, wtr_buffer_text(&words));
    if (words.failed)
        w->out->failed = true;
    wtr_buffer_free(&words);
}

void wtr_wipe(void *data, size_t length)
{
    volatile uint8_t *p = data;
    while (length--)
        *p++ = 0;
}

void wtr_buffer_wipe(struct wtr_buffer *buffer)
{
    if (buffer->data)
        wtr_wipe(buffer->data, buffer->capacity);
    wtr_buffer_free(buffer);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A Tuya message's fields, by the words of tinytuya's PROTOCOL.md. */
#include "vendor/tuya/packet.h"

#include "base/secret.h"

/* Set-up messages carry the home network's passphrase and the account's token. */
static bool holds_secrets(uint32_t command)
{
    return command == WTR_TUYA_AP_CONFIG || command == WTR_TUYA_AP_CONFIG_NEW ||
           command == WTR_TUYA_TOKEN_BIND;
}

static void put_z(struct wtr_json_writer *out, const char *name, const char *value)
{
    if (!value)
        return;
    wtr_json_key(out, name);
    wtr_json_put_z(out, value);
}

static void put_uint(struct wtr_json_writer *out, const char *name, uint32_t value)
{
    wtr_json_key(out, name);
    wtr_json_put_uint(out, value);
}

static void put_hex(struct wtr_json_writer *out, const char *name, struct wtr_text bytes)
{
    struct wtr_buffer hex = {0};
    if (bytes.length == 0)
        return;
    wtr_put_hex(&hex, bytes.data, bytes.length);
    wtr_json_key(out, name);
    wtr_json_put_text(out, wtr_buffer_text(&hex));
    out->out->failed |= hex.failed;
    wtr_buffer_free(&hex);
}

static void put_source(struct wtr_json_writer *out, const struct wtr_tuya_packet *p)
{
    if (!p->has_source)
        return;
    put_uint(out, "source_crc", p->source_crc);
    put_uint(out, "source_sequence", p->source_sequence);
    put_uint(out, "source_id", p->source_id);
}

void wtr_tuya_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_tuya_packet *p = message->body;
    put_uint(out, "command", p->command);
    put_uint(out, "sequence", p->sequence);
    if (p->version.length > 0) {
        wtr_json_key(out, "version");
        wtr_json_put_text(out, p->version);
    }
    if (p->has_return_code)
        put_uint(out, "return_code", p->return_code);
    put_source(out, p);
    put_z(out, "integrity", p->integrity);
    put_z(out, "key_proof", p->proof);
    if (p->encrypted) {
        wtr_json_key(out, "encrypted");
        wtr_json_put_bool(out, true);
    }
    put_hex(out, "nonce", p->nonce);
    if (p->session_key.length > 0) {
        wtr_json_key(out, "session_key");
        wtr_json_put_secret(out, p->session_key);
    }
    if (p->payload.length > 0) {
        wtr_json_key(out, "payload");
        if (holds_secrets(p->command))
            wtr_json_put_secret(out, p->payload);
        else
            wtr_json_put_bytes(out, p->payload);
    }
}

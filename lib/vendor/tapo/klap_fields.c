/* SPDX-License-Identifier: Apache-2.0 */
/* A KLAP message's own fields. */
#include "base/secret.h"
#include "vendor/tapo/klap.h"
#include "vendor/tapo/klap_cipher.h"
#include "vendor/tapo/tapo.h"

static void put_hex(struct wtr_json_writer *out, const char *name, struct wtr_text bytes)
{
    struct wtr_buffer hex = {0};
    wtr_put_hex(&hex, bytes.data, bytes.length);
    wtr_json_key(out, name);
    wtr_json_put_text(out, wtr_buffer_text(&hex));
    out->out->failed = out->out->failed || hex.failed;
    wtr_buffer_free(&hex);
}

static void put_account(const struct wtr_klap *klap, struct wtr_json_writer *out)
{
    wtr_json_key(out, "account");
    if (klap->account)
        wtr_json_put_z(out, klap->account);
    else
        wtr_json_put_null(out);
    if (!klap->version)
        return;
    wtr_json_key(out, "klap_version");
    wtr_json_put_uint(out, klap->version);
}

/* What was deciphered; as a secret if a password stands in it. */
static void put_text(const struct wtr_klap *klap, struct wtr_json_writer *out)
{
    wtr_json_key(out, "payload");
    if (!klap->opened)
        wtr_json_put_null(out);
    else if (wtr_tapo_holds_secret(klap->text))
        wtr_json_put_secret(out, klap->text);
    else
        wtr_json_put_bytes(out, klap->text);
    wtr_json_key(out, "enciphered_length");
    wtr_json_put_uint(out, klap->body.length);
}

void wtr_klap_put_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_klap *klap = message->body;
    if (klap->cookie.length > 0) {
        wtr_json_key(out, "session_id");
        wtr_json_put_secret(out, klap->cookie);
    }
    if (klap->has_seq) {
        wtr_json_key(out, "seq");
        wtr_json_put_int(out, klap->seq);
    }
    switch (klap->step) {
    case WTR_KLAP_HANDSHAKE1:
        put_hex(out, "local_seed", klap->body);
        break;
    case WTR_KLAP_HANDSHAKE1_RESPONSE:
        put_hex(out, "remote_seed", (struct wtr_text){klap->body.data, WTR_KLAP_SEED});
        put_hex(out, "server_hash", (struct wtr_text){klap->body.data + WTR_KLAP_SEED, WTR_KLAP_HASH});
        put_account(klap, out);
        break;
    case WTR_KLAP_HANDSHAKE2:
        put_hex(out, "client_hash", klap->body);
        put_account(klap, out);
        if (klap->account) {
            wtr_json_key(out, "proof_fits");
            wtr_json_put_bool(out, klap->proof_fits);
        }
        break;
    case WTR_KLAP_HANDSHAKE2_RESPONSE:
        break;
    case WTR_KLAP_REQUEST:
    case WTR_KLAP_RESPONSE:
        put_account(klap, out);
        put_text(klap, out);
        break;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The family: which messages are its own, and what the discovery and the handshake tell. */
#include "vendor/tapo/tapo.h"

#include "vendor/tapo/klap.h"
#include "vendor/tapo/passthrough.h"
#include "vendor/tapo/smart.h"
#include "vendor/tapo/tdp.h"

enum { MAX_OUTLETS = 1024 };

void wtr_tapo_learn_outlet(struct wtr_tapo *state, struct wtr_text id, unsigned position)
{
    state->outlets.limit = MAX_OUTLETS;
    wtr_map_put(&state->outlets, wtr_hash64(id.data, id.length, 0), position);
}

unsigned wtr_tapo_outlet(const struct wtr_tapo *state, struct wtr_text id)
{
    const uint64_t *position = wtr_map_find(&state->outlets, wtr_hash64(id.data, id.length, 0));
    return position ? (unsigned)*position : 0;
}

bool wtr_tapo_holds_secret(struct wtr_text json)
{
    static const char name[] = "password";
    const size_t n = sizeof name - 1;
    for (size_t i = 0; i + n <= json.length; i++)
        if (json.data[i] == name[0] && memcmp(json.data + i, name, n) == 0)
            return true;
    return false;
}

static void close_state(void *state)
{
    struct wtr_tapo *tapo = state;
    wtr_map_free(&tapo->outlets);
    wtr_json_free(&tapo->asked);
}

/* An answer to a discovery: {"result":{device_id, owner, device_type, device_model, ip, mac, factory_default,
 * mgt_encrypt_schm {encrypt_type, http_port, lv}}, "error_code":0} in clear (python-kasa discover.py [S], the
 * answers of fifteen models [V]). */
static void read_discovery(struct wtr_tapo_reading *r, const struct wtr_tdp *tdp)
{
    struct wtr_json *json = wtr_say_json(r->say);
    if (!wtr_json_parse(json, tdp->body)) {
        wtr_say_finding(r->say, tdp->body, "the discovery's answer is no JSON");
        return;
    }
    r->json = json;
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_json_ref result = wtr_json_get(json, 0, "result");
    wtr_json_ref scheme = wtr_json_get(json, result, "mgt_encrypt_schm");
    if (!wtr_tapo_has(r, result, "device_type"))
        return;
    r->device = wtr_say_device_at(r->say, "tapo", &wtr_say_sender(r->say)->ip);
    wtr_tapo_add_own_mac(&s, result, "mac");
    wtr_tapo_add_text(&s, result, "device_model", WTR_FIELD_MODEL);
    wtr_tapo_add_text(&s, result, "device_id", WTR_FIELD_DEVICE_ID);
    wtr_tapo_add_text(&s, result, "firmware_version", WTR_FIELD_FIRMWARE);
    wtr_tapo_add_text(&s, result, "ip", WTR_FIELD_IP);
    wtr_tapo_add_text(&s, result, "owner", WTR_FIELD_ACCOUNT);
    wtr_tapo_add_text(&s, scheme, "encrypt_type", WTR_FIELD_PROTOCOL);
    if (s.begun)
        wtr_say_raw_json(r->say, "device_type", json, wtr_json_get(json, result, "device_type"));
    if (s.begun && wtr_tapo_has(r, result, "factory_default"))
        wtr_say_raw_json(r->say, "factory_default", json, wtr_json_get(json, result, "factory_default"));
    wtr_tapo_end(&s);
}

/* The device proved that it knows the account: that is what the test of a candidate comes to. */
static void read_proof(struct wtr_tapo_reading *r, const struct wtr_klap *klap)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_CREDENTIAL};
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SECRET, WTR_TEXT("account"));
    wtr_say_text(r->say, WTR_FIELD_ACCOUNT,
                 klap->account_id.length > 0 ? klap->account_id : wtr_text_z(klap->account));
    wtr_say_text(r->say, WTR_FIELD_PROTOCOL, klap->version == 1 ? WTR_TEXT("KLAP 1") : WTR_TEXT("KLAP 2"));
    wtr_say_text(r->say, WTR_FIELD_REASON, WTR_TEXT("the device's server hash is of this account"));
    wtr_tapo_end(&s);
}

static void read_klap(struct wtr_tapo_reading *r, const struct wtr_klap *klap)
{
    struct wtr_json *json = wtr_say_json(r->say);
    bool asks = klap->step == WTR_KLAP_REQUEST;
    const struct wtr_endpoint *plug = asks ? wtr_say_receiver(r->say) : wtr_say_sender(r->say);
    r->device = wtr_say_device_at(r->say, "tapo", &plug->ip);
    if (klap->step == WTR_KLAP_HANDSHAKE1_RESPONSE)
        read_proof(r, klap);
    if (!klap->opened)
        return;
    if (!wtr_json_parse(json, klap->text)) {
        wtr_say_finding(r->say, klap->text, "what was deciphered is no JSON");
        return;
    }
    r->json = json;
    if (asks)
        wtr_smart_read_request(r, 0);
    else if (klap->question.data && wtr_json_parse(&r->state->asked, klap->question))
        wtr_smart_read_answer(r, &r->state->asked);
}

/* A method is what SMART has and Kasa's own JSON has not: that is another family's to read. */
static enum wtr_claim claim_klap(const struct wtr_klap *klap)
{
    static const char name[] = "\"method\"";
    const size_t n = sizeof name - 1;
    struct wtr_text text = klap->step == WTR_KLAP_REQUEST ? klap->text : klap->question;
    if (!klap->opened)
        return WTR_CLAIM_NAMED;
    for (size_t i = 0; i + n <= text.length; i++)
        if (text.data[i] == '"' && memcmp(text.data + i, name, n) == 0)
            return WTR_CLAIM_NAMED;
    return WTR_CLAIM_SHAPE;
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    (void)state;
    if (message->protocol == &wtr_klap)
        return claim_klap(message->body);
    bool own = message->protocol == &wtr_tdp || message->protocol == &wtr_passthrough;
    return own ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

/* Whether the message asks something that can't be read, or answers it; *asks is set. */
static bool is_shut(const struct wtr_message *message, bool *asks)
{
    const struct wtr_klap *klap = message->body;
    const struct wtr_passthrough *passthrough = message->body;
    if (message->protocol == &wtr_klap) {
        *asks = klap->step == WTR_KLAP_REQUEST;
        return klap->step >= WTR_KLAP_REQUEST && !klap->opened;
    }
    *asks = message->protocol == &wtr_passthrough && !passthrough->is_response;
    return message->protocol == &wtr_passthrough && !passthrough->handshake;
}

/* Whether the message states anything: a question alone is no device. */
static bool states_something(const struct wtr_message *message)
{
    const struct wtr_klap *klap = message->body;
    if (message->protocol == &wtr_klap)
        return klap->opened || (klap->step == WTR_KLAP_HANDSHAKE1_RESPONSE && klap->account);
    return message->protocol == &wtr_tdp && message->direction == WTR_FROM_SERVER;
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    bool asks = false;
    if (is_shut(message, &asks)) {
        const struct wtr_endpoint *plug = asks ? wtr_say_receiver(say) : wtr_say_sender(say);
        wtr_say_unread(say, wtr_say_device_at(say, "tapo", &plug->ip));
    }
    if (!states_something(message))
        return;
    struct wtr_tapo_reading r = {.say = say, .state = state};
    if (message->protocol == &wtr_klap)
        read_klap(&r, message->body);
    else
        read_discovery(&r, message->body);
}

static const struct wtr_protocol *const protocols[] = {&wtr_tdp, &wtr_klap, &wtr_passthrough, NULL};

const struct wtr_vendor wtr_tapo = {
    .name = "tapo",
    .protocols = protocols,
    .state_size = sizeof(struct wtr_tapo),
    .close = close_state,
    .claim = claim,
    .read = read,
};

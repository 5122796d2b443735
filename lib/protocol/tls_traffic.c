/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic secrets of TLS 1.3, which a key log alone can have: early data, the handshake, and application data
 * with its key updates (RFC 8446 4.6.3, 7.1 to 7.3). Where records say that keys change, the next ones are
 * taken; where that record may be missing, or is of keys that are not there, a record that does not open is
 * tried with the next keys as well. */
#include "protocol/tls_opener.h"

static const enum wtr_tls_label labels[2][3] = {
    [WTR_FROM_CLIENT] = {[WTR_TLS_EARLY] = WTR_TLS_LABEL_CLIENT_EARLY,
                         [WTR_TLS_HANDSHAKING] = WTR_TLS_LABEL_CLIENT_HANDSHAKE,
                         [WTR_TLS_TRAFFIC] = WTR_TLS_LABEL_CLIENT_TRAFFIC},
    [WTR_FROM_SERVER] = {[WTR_TLS_EARLY] = WTR_TLS_LABEL_SERVER_HANDSHAKE,
                         [WTR_TLS_HANDSHAKING] = WTR_TLS_LABEL_SERVER_HANDSHAKE,
                         [WTR_TLS_TRAFFIC] = WTR_TLS_LABEL_SERVER_TRAFFIC},
};

static const struct wtr_tls_secret *find_secret(const struct wtr_tls_opening *o, enum wtr_direction direction,
                                                enum wtr_tls_phase phase)
{
    struct wtr_tls_keys *keys = o->keys ? o->keys->tls : NULL;
    if (!keys || !o->session->client_hello_seen)
        return NULL;
    enum wtr_tls_label label = labels[direction][phase];
    const struct wtr_tls_secret *secret =
        wtr_tls_keys_find(keys, label, o->session->client_random, WTR_TLS_RANDOM, NULL);
    if (!secret)
        wtr_tls_keys_want(keys, label, o->session->client_random, WTR_TLS_RANDOM);
    return secret;
}

static bool set_keys(struct wtr_tls_end *end, const struct wtr_tls_suite *suite, const uint8_t *secret)
{
    size_t size = wtr_tls_hash_size(suite->prf);
    memmove(end->secret, secret, size);
    end->next = 0;
    if (wtr_tls_protect_by_secret(suite, end->secret, &end->now))
        return true;
    wtr_tls_protection_wipe(&end->now);
    return false;
}

/* Takes the keys of the end's phase; false if they are not there. */
static bool load(struct wtr_tls_opening *o, enum wtr_direction direction, struct wtr_tls_end *end,
                 const struct wtr_tls_suite *suite)
{
    const struct wtr_tls_secret *secret = find_secret(o, direction, end->phase);
    if (!secret || !suite || secret->length != wtr_tls_hash_size(suite->prf) ||
        !wtr_tls_keys_name(o->keys->tls, secret, &end->key, &end->key_origin))
        return false;
    o->tried = true;
    return set_keys(end, suite, secret->bytes);
}

/* Tries the record with keys that may be the end's now; takes them if it opens. */
static bool try_end(struct wtr_tls_target *target, struct wtr_tls_end *trial)
{
    struct wtr_tls_end *end = &target->opening->end[target->direction];
    trial->failures = 0;
    bool open = trial->now.suite && wtr_tls_unseal_next(target, trial) == NULL;
    if (open)
        *end = *trial;
    wtr_wipe(trial, sizeof *trial);
    return open;
}

static bool try_phase(struct wtr_tls_target *target, enum wtr_tls_phase phase, uint16_t suite)
{
    struct wtr_tls_opening *o = target->opening;
    struct wtr_tls_end trial = o->end[target->direction];
    trial.phase = phase;
    return load(o, target->direction, &trial, wtr_tls_suite_of(suite)) && try_end(target, &trial);
}

/* Early data comes before the ServerHello says the suite. */
static bool try_early(struct wtr_tls_target *target)
{
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
    const struct wtr_tls_session *s = target->opening->session;
    if (s->server_hello_seen)
        return try_phase(target, WTR_TLS_EARLY, s->suite);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (try_phase(target, WTR_TLS_EARLY, suites[i]))
            return true;
    return false;
}

static bool try_update(struct wtr_tls_target *target)
{
    struct wtr_tls_end trial = target->opening->end[target->direction];
    uint8_t next[WTR_TLS_MAX_HASH];
    const struct wtr_tls_suite *suite = trial.now.suite;
    return suite && wtr_tls_next_secret(suite->prf, trial.secret, next) && set_keys(&trial, suite, next) &&
           try_end(target, &trial);
}

/* Tries the keys that come after the end's present ones. */
static bool try_later(struct wtr_tls_target *target)
{
    const struct wtr_tls_opening *o = target->opening;
    const struct wtr_tls_end *end = &o->end[target->direction];
    bool in_doubt = end->lost || !end->now.suite;
    if (!o->session->server_hello_seen)
        return false;
    if (end->phase == WTR_TLS_EARLY && try_phase(target, WTR_TLS_HANDSHAKING, o->session->suite))
        return true;
    if (end->phase != WTR_TLS_TRAFFIC)
        return in_doubt && try_phase(target, WTR_TLS_TRAFFIC, o->session->suite);
    return end->lost && try_update(target);
}

const char *wtr_tls_open_modern(struct wtr_tls_target *target)
{
    struct wtr_tls_opening *o = target->opening;
    struct wtr_tls_end *end = &o->end[target->direction];
    const char *why = "no key: the key log has no secret for this part of the connection";
    if (!end->now.suite && end->phase == WTR_TLS_EARLY && try_early(target))
        return NULL;
    if (!end->now.suite && end->phase != WTR_TLS_EARLY && o->session->server_hello_seen)
        (void)load(o, target->direction, end, wtr_tls_suite_of(o->session->suite));
    if (end->now.suite) {
        struct wtr_tls_end trial = *end;
        why = wtr_tls_unseal_next(target, &trial);
        if (!why || !try_later(target)) /* what did not open counts, where it was not of other keys */
            *end = trial;
        else
            why = NULL;
        wtr_wipe(&trial, sizeof trial);
        return why;
    }
    return try_later(target) ? NULL : why;
}

void wtr_tls_modern_handshake(struct wtr_tls_opening *o, enum wtr_direction direction, uint8_t type)
{
    struct wtr_tls_end *end = &o->end[direction];
    uint8_t next[WTR_TLS_MAX_HASH];
    const struct wtr_tls_suite *suite = end->now.suite;
    if (type == WTR_TLS_KEY_UPDATE && end->phase == WTR_TLS_TRAFFIC && suite) {
        if (!wtr_tls_next_secret(suite->prf, end->secret, next) || !set_keys(end, suite, next))
            wtr_tls_protection_wipe(&end->now);
        wtr_wipe(next, sizeof next);
    } else if ((type == WTR_TLS_FINISHED && end->phase == WTR_TLS_HANDSHAKING) ||
               (type == WTR_TLS_END_OF_EARLY_DATA && end->phase == WTR_TLS_EARLY)) {
        end->phase = end->phase == WTR_TLS_EARLY ? WTR_TLS_HANDSHAKING : WTR_TLS_TRAFFIC;
        wtr_tls_protection_wipe(&end->now);
        end->next = 0;
    }
}

const char *wtr_tls_modern_hopeless(const struct wtr_tls_opening *o)
{
    bool any = false;
    for (unsigned d = 0; d < 2; d++)
        for (unsigned phase = WTR_TLS_EARLY; phase <= WTR_TLS_TRAFFIC; phase++)
            any = find_secret(o, (enum wtr_direction)d, (enum wtr_tls_phase)phase) || any;
    if (!o->session->client_hello_seen)
        return "the ClientHello was not seen";
    return any ? NULL : "no key: TLS 1.3 needs the key log";
}

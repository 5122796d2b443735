/* SPDX-License-Identifier: Apache-2.0 */
/* From the messages of a handshake to keys (IEEE Std 802.11-2020, 12.7.1.3, 12.7.6, 12.7.7). Message 2, or a
 * message 4 that repeats the station's nonce, is tried with the access point's nonces that messages 1 and 3
 * brought, and with each secret; its check proves the key. Message 3, proved in turn, brings the group keys.
 * So the messages may come in any order, again, or not at all, as long as one of either side is there. */
#include "packet/wlan_keys_internal.h"

#include <stdlib.h>

enum { KCK = 16, KEK = 16, TK_AT = KCK + KEK, PTK = 64, PTK_SHA256 = 48, PMK_DIGITS = 2 * WTR_WLAN_PMK };

struct trial {
    struct wtr_wlan_keys *keys;
    struct wtr_wlan_pair *pair;
    const uint8_t *anonce;
    struct wtr_eapol_key message; /* with the station's nonce */
};

static void put_ordered(uint8_t *to, const uint8_t *a, const uint8_t *b, size_t length)
{
    bool first = memcmp(a, b, length) < 0;
    memcpy(to, first ? a : b, length);
    memcpy(to + length, first ? b : a, length);
}

/* The pairwise transient key (12.7.1.3); the KDF, and with it how long the key is, follows the descriptor. */
static bool derive(const struct trial *t, const uint8_t *pmk, uint8_t ptk[PTK])
{
    static const char label[] = "Pairwise key expansion";
    uint8_t data[2 * 6 + 2 * WTR_EAPOL_NONCE];
    put_ordered(data, t->pair->bssid, t->pair->station, 6);
    put_ordered(data + 12, t->anonce, t->message.nonce, WTR_EAPOL_NONCE);
    if (t->message.version == 3)
        return wtr_wlan_kdf(pmk, WTR_WLAN_PMK, label, data, sizeof data, ptk, PTK_SHA256);
    return wtr_wlan_prf(pmk, WTR_WLAN_PMK, label, data, sizeof data, ptk, PTK);
}

static bool work_out_pmk(struct wtr_wlan_secret *secret)
{
    const struct wtr_key_entry *entry = secret->entry;
    if (secret->has_pmk)
        return true;
    if (entry->secret.length != PMK_DIGITS) {
        secret->has_pmk = wtr_wlan_pmk(entry->secret, entry->id, secret->pmk);
        return secret->has_pmk;
    }
    for (size_t i = 0; i < WTR_WLAN_PMK; i++) {
        unsigned byte = 0;
        for (size_t k = 0; k < 2; k++) {
            char c = entry->secret.data[2 * i + k];
            byte = byte << 4 | (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        secret->pmk[i] = (uint8_t)byte;
    }
    secret->has_pmk = true;
    return true;
}

/* ---- sessions */

static struct wtr_wlan_session *known_session(const struct wtr_wlan_pair *pair, const uint8_t *ptk)
{
    struct wtr_wlan_session *session = pair->sessions;
    while (session &&
           !(wtr_wlan_equal(session->kck, ptk, KCK) && wtr_wlan_equal(session->kek, ptk + KCK, KEK)))
        session = session->older;
    return session;
}

/* Puts the session first, and lets go of those beyond the bound. The temporal keys are linked alike. */
static void put_first(struct wtr_wlan_pair *pair, struct wtr_wlan_session *session)
{
    size_t count = 1;
    session->older = pair->sessions;
    session->key->older = pair->sessions ? pair->sessions->key : NULL;
    pair->sessions = session;
    for (struct wtr_wlan_session *s = session; s; s = s->older, count++) {
        if (count == KEPT_SESSIONS && s->older) {
            wtr_wlan_session_free(s->older);
            s->older = NULL;
            s->key->older = NULL;
        }
    }
}

static void keep_session(const struct trial *t, const struct wtr_wlan_secret *secret, const uint8_t ptk[PTK])
{
    enum wtr_cipher cipher = wtr_eapol_cipher(&t->message);
    size_t length = cipher == WTR_CIPHER_TKIP ? PTK - TK_AT : PTK_SHA256 - TK_AT;
    if (known_session(t->pair, ptk))
        return;
    struct wtr_wlan_session *session = calloc(1, sizeof *session);
    if (session)
        session->key = wtr_wlan_key_new(t->keys, secret, cipher, ptk + TK_AT, length);
    if (!session || !session->key) {
        free(session);
        return;
    }
    memcpy(session->anonce, t->anonce, WTR_EAPOL_NONCE);
    memcpy(session->kck, ptk, KCK);
    memcpy(session->kek, ptk + KCK, KEK);
    session->secret = secret;
    put_first(t->pair, session);
}

/* Tries every secret that may be the network's. */
static bool try_secrets(const struct trial *t)
{
    uint8_t ptk[PTK];
    bool fits = false;
    for (size_t i = 0; i < t->keys->secret_count && !fits; i++) {
        struct wtr_wlan_secret *secret = &t->keys->secrets[i];
        if (t->keys->trials >= MAX_TRIALS || !wtr_wlan_may_open(t->keys, t->pair->bssid, secret) ||
            !work_out_pmk(secret))
            continue;
        t->keys->trials++;
        fits = derive(t, secret->pmk, ptk) && wtr_eapol_fits(&t->message, ptk);
        if (fits)
            keep_session(t, secret, ptk);
    }
    t->pair->refused = !fits;
    wtr_wlan_wipe(ptk, sizeof ptk);
    return fits;
}

/* Tries the messages with the nonces that they were not tried with. */
static void try_messages(struct wtr_wlan_keys *keys, struct wtr_wlan_pair *pair)
{
    struct trial t = {.keys = keys, .pair = pair};
    unsigned nonces = pair->anonces < KEPT_NONCES ? pair->anonces : KEPT_NONCES;
    for (size_t i = 0; i < KEPT_SECONDS; i++) {
        struct wtr_wlan_heard *heard = &pair->second[i];
        if (heard->length == 0 || heard->done || !wtr_eapol_read(&t.message, heard->bytes, heard->length))
            continue;
        for (unsigned k = 0; k < nonces && !heard->done; k++) {
            if ((heard->tried >> k & 1) != 0)
                continue;
            heard->tried |= (uint8_t)(1U << k);
            t.anonce = pair->anonce[k];
            heard->done = try_secrets(&t);
        }
    }
}

/* ---- what messages bring */

static void add_nonce(struct wtr_wlan_pair *pair, const uint8_t *nonce)
{
    unsigned kept = pair->anonces < KEPT_NONCES ? pair->anonces : KEPT_NONCES;
    for (unsigned i = 0; i < kept; i++)
        if (memcmp(pair->anonce[i], nonce, WTR_EAPOL_NONCE) == 0)
            return;
    unsigned at = pair->anonces++ % KEPT_NONCES;
    memcpy(pair->anonce[at], nonce, WTR_EAPOL_NONCE);
    for (size_t i = 0; i < KEPT_SECONDS; i++)
        pair->second[i].tried &= (uint8_t) ~(1U << at);
}

static void keep(struct wtr_wlan_heard *list, size_t count, unsigned *came,
                 const struct wtr_eapol_key *message)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].length == message->length && memcmp(list[i].bytes, message->bytes, message->length) == 0)
            return;
    struct wtr_wlan_heard *heard = &list[(*came)++ % count];
    *heard = (struct wtr_wlan_heard){.length = message->length};
    memcpy(heard->bytes, message->bytes, message->length);
}

/* Takes the group keys of a message that fits the session. */
static bool take_group_keys(struct wtr_wlan_keys *keys, const struct wtr_wlan_pair *pair,
                            const struct wtr_wlan_session *session, const struct wtr_eapol_key *message)
{
    struct wtr_group_key group[WTR_EAPOL_GROUP_KEYS];
    if (!wtr_eapol_fits(message, session->kck))
        return false;
    size_t count = wtr_eapol_group_keys(message, session->kek, group);
    for (size_t i = 0; i < count; i++)
        wtr_wlan_group_add(keys, pair->bssid, session->secret, &group[i]);
    wtr_wlan_wipe(group, sizeof group);
    return true;
}

/* True: a session's check fits it. A message 3 that comes again may make the station begin to count its
 * packets anew. */
static bool take_third(struct wtr_wlan_keys *keys, struct wtr_wlan_pair *pair,
                       const struct wtr_eapol_key *message)
{
    for (struct wtr_wlan_session *s = pair->sessions; s; s = s->older) {
        if (memcmp(s->anonce, message->nonce, WTR_EAPOL_NONCE) != 0 ||
            !take_group_keys(keys, pair, s, message))
            continue;
        if (s->installed)
            memset(s->key->memory.highest, 0, sizeof s->key->memory.highest);
        s->installed = true;
        return true;
    }
    return false;
}

static void take_waiting_thirds(struct wtr_wlan_keys *keys, struct wtr_wlan_pair *pair)
{
    struct wtr_eapol_key message;
    for (size_t i = 0; i < KEPT_THIRDS; i++) {
        struct wtr_wlan_heard *heard = &pair->third[i];
        if (heard->length > 0 && wtr_eapol_read(&message, heard->bytes, heard->length) &&
            take_third(keys, pair, &message))
            heard->length = 0;
    }
}

static bool has_nonce(const struct wtr_eapol_key *message)
{
    static const uint8_t none[WTR_EAPOL_NONCE];
    return memcmp(message->nonce, none, sizeof none) != 0;
}

static void take_message(struct wtr_wlan_keys *keys, struct wtr_wlan_pair *pair,
                         const struct wtr_eapol_key *message)
{
    switch (message->message) {
    case WTR_EAPOL_1:
    case WTR_EAPOL_3:
        add_nonce(pair, message->nonce);
        break;
    case WTR_EAPOL_2:
    case WTR_EAPOL_4:
        if (has_nonce(message))
            keep(pair->second, KEPT_SECONDS, &pair->seconds, message);
        break;
    default:
        break;
    }
    try_messages(keys, pair);
    if (message->message == WTR_EAPOL_3 && !take_third(keys, pair, message))
        keep(pair->third, KEPT_THIRDS, &pair->thirds, message);
    take_waiting_thirds(keys, pair);
}

/* Whether the message is the last of a handshake that is proved from end to end. */
static bool finishes(const struct wtr_wlan_pair *pair, const struct wtr_eapol_key *message,
                     struct wtr_wlan_join *join)
{
    for (struct wtr_wlan_session *s = pair->sessions; s; s = s->older) {
        if (!s->installed || s->joined || !wtr_eapol_fits(message, s->kck))
            continue;
        s->joined = true;
        join->entry = s->secret->entry;
        memcpy(join->bssid, pair->bssid, sizeof join->bssid);
        memcpy(join->station, pair->station, sizeof join->station);
        return true;
    }
    return false;
}

bool wtr_wlan_keys_message(struct wtr_wlan_keys *keys, const uint8_t *transmitter, const uint8_t *receiver,
                           const struct wtr_eapol_key *message, struct wtr_wlan_join *join)
{
    enum wtr_eapol_message kind = message->message;
    bool from_access_point = kind == WTR_EAPOL_1 || kind == WTR_EAPOL_3 || kind == WTR_EAPOL_GROUP_1;
    const uint8_t *bssid = from_access_point ? transmitter : receiver;
    const uint8_t *station = from_access_point ? receiver : transmitter;
    struct wtr_wlan_pair *pair = wtr_wlan_pair_of(keys, bssid, station);
    if (!pair)
        return false;
    if (kind != WTR_EAPOL_GROUP_1 && kind != WTR_EAPOL_GROUP_2) {
        take_message(keys, pair, message);
        return kind == WTR_EAPOL_4 && finishes(pair, message, join);
    }
    for (const struct wtr_wlan_session *s = pair->sessions; kind == WTR_EAPOL_GROUP_1 && s; s = s->older)
        if (take_group_keys(keys, pair, s, message))
            break;
    return false;
}

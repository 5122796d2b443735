/* SPDX-License-Identifier: Apache-2.0 */
/* Networks, pairs and temporal keys. */
#include "packet/wlan_keys_internal.h"

#include "base/map.h"

#include <stdlib.h>

enum {
    /* Numbers that lie further behind the highest are refused: further than captures put frames in disorder,
     * or stations that wait for a retry do (9.3.1.8: a window of at most 1024 frames). */
    WINDOW = 1024,
};

/* ---- temporal keys */

enum wtr_wlan_again wtr_wlan_key_used(struct wtr_wlan_key *key, bool from_access_point, unsigned counter,
                                      uint64_t number, uint64_t tag)
{
    uint64_t *highest = &key->memory.highest[from_access_point][counter % WTR_WLAN_COUNTERS];
    uint64_t which = wtr_mix64(number << 6 ^ (uint64_t)counter << 1 ^ from_access_point);
    uint64_t *seen = &key->memory.seen[which % WTR_WLAN_REMEMBERED];
    uint64_t content = wtr_mix64(which ^ tag) | 1;
    if (*seen == content)
        return WTR_WLAN_REPEATED;
    if (number + WINDOW < *highest)
        return WTR_WLAN_OUTDATED;
    *seen = content;
    if (number > *highest)
        *highest = number;
    return WTR_WLAN_FRESH;
}

struct wtr_wlan_key *wtr_wlan_key_new(const struct wtr_wlan_keys *keys, const struct wtr_wlan_secret *secret,
                                      enum wtr_cipher cipher, const uint8_t *bytes, size_t length)
{
    struct wtr_wlan_key *key = calloc(1, sizeof *key);
    if (!key)
        return NULL;
    key->cipher = cipher;
    key->via = (uint32_t)(secret - keys->secrets) * 2 + (cipher == WTR_CIPHER_TKIP) + 1;
    memcpy(key->bytes, bytes, length);
    mbedtls_ccm_init(&key->ccm);
    if (cipher != WTR_CIPHER_CCMP || mbedtls_ccm_setkey(&key->ccm, MBEDTLS_CIPHER_ID_AES, bytes, 128) == 0)
        return key;
    wtr_wlan_key_free(key);
    return NULL;
}

void wtr_wlan_key_free(struct wtr_wlan_key *key)
{
    if (!key)
        return;
    mbedtls_ccm_free(&key->ccm);
    wtr_wlan_wipe(key, sizeof *key);
    free(key);
}

void wtr_wlan_session_free(struct wtr_wlan_session *session)
{
    if (!session)
        return;
    wtr_wlan_key_free(session->key);
    wtr_wlan_wipe(session, sizeof *session);
    free(session);
}

/* ---- the store */

static void set_openings(struct wtr_wlan_secret *secret)
{
    static const char *const steps[2] = {"ccmp", "tkip"};
    for (size_t i = 0; i < 2; i++)
        secret->opening[i] = (struct wtr_opening){.steps = steps[i],
                                                  .keeps_places = true,
                                                  .key = secret->entry->name,
                                                  .key_origin = secret->entry->origin};
}

struct wtr_wlan_keys *wtr_wlan_keys_new(const struct wtr_keyring *ring)
{
    struct wtr_wlan_keys *keys = calloc(1, sizeof *keys);
    size_t count = 0, place = 0;
    const struct wtr_key_entry *entry;
    while (wtr_keyring_next(ring, WTR_KEY_WIFI, &place))
        count++;
    if (keys)
        keys->secrets = calloc(count + 1, sizeof *keys->secrets);
    if (!keys || !keys->secrets) {
        free(keys);
        return NULL;
    }
    for (place = 0; (entry = wtr_keyring_next(ring, WTR_KEY_WIFI, &place)) != NULL;) {
        struct wtr_wlan_secret *secret = &keys->secrets[keys->secret_count++];
        secret->entry = entry;
        set_openings(secret);
    }
    return keys;
}

static void free_pair(struct wtr_wlan_pair *pair)
{
    while (pair->sessions) {
        struct wtr_wlan_session *session = pair->sessions;
        pair->sessions = session->older;
        wtr_wlan_session_free(session);
    }
    free(pair);
}

static void free_keys(struct wtr_wlan_key *key)
{
    while (key) {
        struct wtr_wlan_key *older = key->older;
        wtr_wlan_key_free(key);
        key = older;
    }
}

void wtr_wlan_keys_free(struct wtr_wlan_keys *keys)
{
    if (!keys)
        return;
    for (size_t i = 0; i < PAIR_BUCKETS; i++) {
        while (keys->buckets[i]) {
            struct wtr_wlan_pair *pair = keys->buckets[i];
            keys->buckets[i] = pair->next;
            free_pair(pair);
        }
    }
    for (size_t i = 0; i < MAX_GROUPS; i++)
        free_keys(keys->groups[i].keys);
    wtr_wlan_wipe(keys->secrets, keys->secret_count * sizeof *keys->secrets);
    free(keys->secrets);
    free(keys);
}

const struct wtr_opening *wtr_wlan_keys_opening(const struct wtr_wlan_keys *keys, uint32_t via)
{
    bool known = via > 0 && (via - 1) / 2 < keys->secret_count;
    return known ? &keys->secrets[(via - 1) / 2].opening[(via - 1) % 2] : NULL;
}

/* ---- networks */

static size_t networks_kept(const struct wtr_wlan_keys *keys)
{
    return keys->network_count < MAX_NETWORKS ? keys->network_count : MAX_NETWORKS;
}

static bool is_named(const struct wtr_wlan_network *network, const uint8_t *bssid, struct wtr_text ssid)
{
    return memcmp(network->bssid, bssid, 6) == 0 && network->length == ssid.length &&
           memcmp(network->ssid, ssid.data, ssid.length) == 0;
}

/* A hidden network tells an empty name, or one of zeros. */
static bool is_hidden(struct wtr_text ssid)
{
    for (size_t i = 0; i < ssid.length; i++)
        if (ssid.data[i] != 0)
            return false;
    return true;
}

void wtr_wlan_keys_network(struct wtr_wlan_keys *keys, const uint8_t bssid[6], struct wtr_text ssid)
{
    if (ssid.length > sizeof keys->networks[0].ssid || is_hidden(ssid))
        return;
    for (size_t i = 0; i < networks_kept(keys); i++)
        if (is_named(&keys->networks[i], bssid, ssid))
            return;
    struct wtr_wlan_network *network = &keys->networks[keys->network_count++ % MAX_NETWORKS];
    memcpy(network->bssid, bssid, 6);
    memcpy(network->ssid, ssid.data, ssid.length);
    network->length = (uint8_t)ssid.length;
}

bool wtr_wlan_may_open(const struct wtr_wlan_keys *keys, const uint8_t *bssid,
                       const struct wtr_wlan_secret *secret)
{
    bool told = false;
    for (size_t i = 0; i < networks_kept(keys); i++) {
        if (is_named(&keys->networks[i], bssid, secret->entry->id))
            return true;
        told = told || memcmp(keys->networks[i].bssid, bssid, 6) == 0;
    }
    return !told;
}

/* ---- pairs */

static struct wtr_wlan_pair **bucket_of(struct wtr_wlan_keys *keys, const uint8_t *bssid,
                                        const uint8_t *station)
{
    return &keys->buckets[wtr_hash64(station, 6, wtr_hash64(bssid, 6, 0)) % PAIR_BUCKETS];
}

static struct wtr_wlan_pair *find_pair(const struct wtr_wlan_keys *keys, const uint8_t *bssid,
                                       const uint8_t *station)
{
    struct wtr_wlan_pair *pair = *bucket_of((struct wtr_wlan_keys *)keys, bssid, station);
    while (pair && (memcmp(pair->bssid, bssid, 6) != 0 || memcmp(pair->station, station, 6) != 0))
        pair = pair->next;
    return pair;
}

static bool gives_way(const struct wtr_wlan_pair *a, const struct wtr_wlan_pair *b)
{
    return !a->sessions == !b->sessions ? a->used < b->used : !a->sessions;
}

static void drop_one(struct wtr_wlan_keys *keys)
{
    struct wtr_wlan_pair **link = NULL;
    for (size_t i = 0; i < PAIR_BUCKETS; i++)
        for (struct wtr_wlan_pair **at = &keys->buckets[i]; *at; at = &(*at)->next)
            if (!link || gives_way(*at, *link))
                link = at;
    if (!link)
        return;
    struct wtr_wlan_pair *pair = *link;
    *link = pair->next;
    keys->pair_count--;
    free_pair(pair);
}

struct wtr_wlan_pair *wtr_wlan_pair_of(struct wtr_wlan_keys *keys, const uint8_t *bssid,
                                       const uint8_t *station)
{
    struct wtr_wlan_pair *pair = find_pair(keys, bssid, station);
    if (!pair) {
        if (keys->pair_count == MAX_PAIRS)
            drop_one(keys);
        pair = calloc(1, sizeof *pair);
        if (!pair)
            return NULL;
        struct wtr_wlan_pair **bucket = bucket_of(keys, bssid, station);
        memcpy(pair->bssid, bssid, 6);
        memcpy(pair->station, station, 6);
        pair->next = *bucket;
        *bucket = pair;
        keys->pair_count++;
    }
    pair->used = ++keys->clock;
    return pair;
}

struct wtr_wlan_key *wtr_wlan_keys_pairwise(const struct wtr_wlan_keys *keys, const uint8_t *bssid,
                                            const uint8_t *station)
{
    const struct wtr_wlan_pair *pair = find_pair(keys, bssid, station);
    return pair && pair->sessions ? pair->sessions->key : NULL;
}

/* ---- group keys */

static struct wtr_wlan_group *find_group(const struct wtr_wlan_keys *keys, const uint8_t *bssid)
{
    size_t kept = keys->group_count < MAX_GROUPS ? keys->group_count : MAX_GROUPS;
    for (size_t i = 0; i < kept; i++)
        if (memcmp(keys->groups[i].bssid, bssid, 6) == 0)
            return (struct wtr_wlan_group *)&keys->groups[i];
    return NULL;
}

struct wtr_wlan_key *wtr_wlan_keys_group(const struct wtr_wlan_keys *keys, const uint8_t *bssid)
{
    const struct wtr_wlan_group *group = find_group(keys, bssid);
    return group ? group->keys : NULL;
}

static struct wtr_wlan_group *new_group(struct wtr_wlan_keys *keys, const uint8_t *bssid)
{
    struct wtr_wlan_group *group = &keys->groups[keys->group_count++ % MAX_GROUPS];
    free_keys(group->keys);
    group->keys = NULL;
    memcpy(group->bssid, bssid, 6);
    return group;
}

void wtr_wlan_group_add(struct wtr_wlan_keys *keys, const uint8_t *bssid,
                        const struct wtr_wlan_secret *secret, const struct wtr_group_key *key)
{
    struct wtr_wlan_group *group = find_group(keys, bssid);
    size_t count = 0;
    for (struct wtr_wlan_key *k = group ? group->keys : NULL; k; k = k->older)
        if (k->cipher == key->cipher && k->id == key->id && wtr_wlan_equal(k->bytes, key->key, key->length))
            return;
    struct wtr_wlan_key *made = wtr_wlan_key_new(keys, secret, key->cipher, key->key, key->length);
    if (!made)
        return;
    if (!group)
        group = new_group(keys, bssid);
    made->id = key->id;
    made->older = group->keys;
    group->keys = made;
    for (struct wtr_wlan_key *k = group->keys; k; k = k->older) {
        if (++count == KEPT_GROUP_KEYS) {
            free_keys(k->older);
            k->older = NULL;
        }
    }
}

/* ---- what is lacking */

enum wtr_wlan_lack wtr_wlan_keys_lack(const struct wtr_wlan_keys *keys, const uint8_t *bssid,
                                      const uint8_t *station, bool group)
{
    bool any = false;
    for (size_t i = 0; i < keys->secret_count && !any; i++)
        any = wtr_wlan_may_open(keys, bssid, &keys->secrets[i]);
    if (!any)
        return WTR_WLAN_LACK_NETWORK;
    if (keys->trials >= MAX_TRIALS)
        return WTR_WLAN_LACK_PATIENCE;
    if (group)
        return WTR_WLAN_LACK_GROUP;
    const struct wtr_wlan_pair *pair = find_pair(keys, bssid, station);
    if (!pair)
        return WTR_WLAN_LACK_HANDSHAKE;
    return pair->refused ? WTR_WLAN_LACK_FIT : WTR_WLAN_LACK_MESSAGE;
}

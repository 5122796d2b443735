/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of TLS secrets. */
#include "model/tls_keys.h"

#include "base/secret.h"

#include <stdlib.h>

static uint64_t hash_of(enum wtr_tls_label label, const uint8_t id[WTR_TLS_SECRET_ID])
{
    return wtr_hash64(id, WTR_TLS_SECRET_ID, (uint64_t)label + 1);
}

/* The id as it is kept; false if it is none. */
static bool pad_id(const void *id, size_t length, uint8_t padded[WTR_TLS_SECRET_ID])
{
    memset(padded, 0, WTR_TLS_SECRET_ID);
    if (length == 0 || length > WTR_TLS_SECRET_ID)
        return false;
    memcpy(padded, id, length);
    return true;
}

/* ---- texts */

/* The text, kept once; most secrets share theirs with the one before. NULL: no memory. */
static const char *keep_text(struct wtr_tls_keys *keys, const char *text)
{
    for (size_t i = keys->text_count; i > 0 && i + 4 > keys->text_count; i--)
        if (strcmp(keys->texts[i - 1], text) == 0)
            return keys->texts[i - 1];
    char **texts = realloc((void *)keys->texts, (keys->text_count + 1) * sizeof *texts);
    if (!texts)
        return NULL;
    keys->texts = texts;
    char *copy = strdup(text);
    if (copy)
        texts[keys->text_count++] = copy;
    return copy;
}

/* ---- secrets */

static bool is_same(const struct wtr_tls_secret *s, enum wtr_tls_label label, const uint8_t *id)
{
    return s->label == label && memcmp(s->id, id, WTR_TLS_SECRET_ID) == 0;
}

const struct wtr_tls_secret *wtr_tls_keys_find(const struct wtr_tls_keys *keys, enum wtr_tls_label label,
                                               const void *id, size_t length,
                                               const struct wtr_tls_secret *after)
{
    uint8_t padded[WTR_TLS_SECRET_ID];
    if (!keys || !pad_id(id, length, padded))
        return NULL;
    const uint64_t *first = wtr_map_find(&keys->by_id, hash_of(label, padded));
    size_t at = after ? after->next : first ? (size_t)*first : 0;
    while (at && !is_same(&keys->secrets[at - 1], label, padded))
        at = keys->secrets[at - 1].next;
    return at ? &keys->secrets[at - 1] : NULL;
}

static bool has_room(struct wtr_tls_keys *keys)
{
    if (keys->count < keys->capacity)
        return true;
    size_t capacity = keys->capacity ? keys->capacity * 2 : 16;
    struct wtr_tls_secret *list = malloc(capacity * sizeof *list);
    if (!list)
        return false;
    if (keys->count)
        memcpy(list, keys->secrets, keys->count * sizeof *list);
    if (keys->secrets)
        wtr_wipe(keys->secrets, keys->count * sizeof *list);
    free(keys->secrets);
    keys->secrets = list;
    keys->capacity = capacity;
    return true;
}

/* The last of those with the same hash; NULL: there is none. *alike is how many they are. */
static struct wtr_tls_secret *last_alike(struct wtr_tls_keys *keys, uint64_t hash, unsigned *alike)
{
    const uint64_t *first = wtr_map_find(&keys->by_id, hash);
    *alike = first ? 1 : 0;
    if (!first)
        return NULL;
    struct wtr_tls_secret *s = &keys->secrets[*first - 1];
    for (; s->next; ++*alike)
        s = &keys->secrets[s->next - 1];
    return s;
}

/* Puts the last secret behind those with the same hash. */
static bool link_last(struct wtr_tls_keys *keys, uint64_t hash)
{
    unsigned alike;
    uint32_t number = (uint32_t)keys->count;
    struct wtr_tls_secret *before = last_alike(keys, hash, &alike);
    if (!before)
        return wtr_map_put(&keys->by_id, hash, number);
    before->next = number;
    return true;
}

enum wtr_tls_added wtr_tls_keys_add(struct wtr_tls_keys *keys, const struct wtr_tls_secret *secret)
{
    const struct wtr_tls_secret *s = NULL;
    while ((s = wtr_tls_keys_find(keys, secret->label, secret->id, sizeof secret->id, s)) != NULL)
        if (s->length == secret->length && memcmp(s->bytes, secret->bytes, s->length) == 0)
            return WTR_TLS_KNOWN;
    uint64_t hash = hash_of(secret->label, secret->id);
    unsigned alike;
    last_alike(keys, hash, &alike);
    if (keys->count >= WTR_TLS_MAX_SECRETS || alike >= WTR_TLS_MAX_ALIKE)
        return WTR_TLS_NO_ROOM;
    struct wtr_tls_secret kept = *secret;
    kept.next = 0;
    kept.shown_name = kept.shown_origin = NULL;
    kept.name = secret->name ? keep_text(keys, secret->name) : NULL;
    kept.origin = keep_text(keys, secret->origin);
    if ((secret->name && !kept.name) || !kept.origin || !has_room(keys))
        return WTR_TLS_NO_MEMORY;
    keys->secrets[keys->count++] = kept;
    wtr_wipe(&kept, sizeof kept);
    if (!link_last(keys, hash)) {
        keys->count--;
        return WTR_TLS_NO_MEMORY;
    }
    keys->again = keys->again || wtr_map_find(&keys->wanted, hash);
    return WTR_TLS_ADDED;
}

static const char *label_words(enum wtr_tls_label label)
{
    static const char *const words[] = {
        [WTR_TLS_LABEL_CLIENT_RANDOM] = "CLIENT_RANDOM",
        [WTR_TLS_LABEL_RSA] = "RSA",
        [WTR_TLS_LABEL_CLIENT_EARLY] = "CLIENT_EARLY_TRAFFIC_SECRET",
        [WTR_TLS_LABEL_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        [WTR_TLS_LABEL_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        [WTR_TLS_LABEL_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
        [WTR_TLS_LABEL_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
        [WTR_TLS_LABEL_SESSION] = "session",
    };
    return words[label];
}

enum { SHOWN_ID = 8 };

static bool put_names(struct wtr_tls_keys *keys, struct wtr_tls_secret *s, struct wtr_buffer *name,
                      struct wtr_buffer *origin)
{
    wtr_put_z(name, s->name ? s->name : label_words(s->label));
    if (!s->name) {
        wtr_put_char(name, ' ');
        wtr_put_hex(name, s->id, SHOWN_ID);
    }
    wtr_put(name, "", 1);
    wtr_put_z(origin, s->origin);
    if (s->line) {
        wtr_put_z(origin, ", line ");
        wtr_put_uint(origin, s->line);
    }
    wtr_put(origin, "", 1);
    if (name->failed || origin->failed)
        return false;
    s->shown_name = keep_text(keys, name->data);
    s->shown_origin = keep_text(keys, origin->data);
    return s->shown_name && s->shown_origin;
}

bool wtr_tls_keys_name(struct wtr_tls_keys *keys, const struct wtr_tls_secret *secret, const char **name,
                       const char **origin)
{
    struct wtr_tls_secret *s = &keys->secrets[secret - keys->secrets];
    struct wtr_buffer first = {0}, second = {0};
    bool made = (s->shown_name && s->shown_origin) || put_names(keys, s, &first, &second);
    *name = s->shown_name;
    *origin = s->shown_origin;
    wtr_buffer_free(&first);
    wtr_buffer_free(&second);
    return made;
}

void wtr_tls_keys_want(struct wtr_tls_keys *keys, enum wtr_tls_label label, const void *id, size_t length)
{
    uint8_t padded[WTR_TLS_SECRET_ID];
    keys->wanted.limit = WTR_TLS_MAX_WANTED;
    if (pad_id(id, length, padded))
        wtr_map_put(&keys->wanted, hash_of(label, padded), 1);
}

/* ---- servers' keys */

bool wtr_tls_keys_add_server(struct wtr_tls_keys *keys, const struct wtr_tls_server_key *key)
{
    for (size_t i = 0; i < keys->server_key_count; i++) {
        const struct wtr_tls_server_key *known = &keys->server_keys[i];
        if (known->length == key->length && memcmp(known->bytes, key->bytes, key->length) == 0)
            return true;
    }
    if (keys->server_key_count >= WTR_TLS_MAX_SERVER_KEYS)
        return false;
    struct wtr_tls_server_key *list = realloc(keys->server_keys, (keys->server_key_count + 1) * sizeof *list);
    if (!list)
        return false;
    keys->server_keys = list;
    struct wtr_tls_server_key kept = {.bytes = malloc(key->length + 1),
                                      .length = key->length,
                                      .name = keep_text(keys, key->name),
                                      .origin = keep_text(keys, key->origin)};
    if (!kept.bytes || !kept.name || !kept.origin) {
        free(kept.bytes);
        return false;
    }
    memcpy(kept.bytes, key->bytes, key->length);
    list[keys->server_key_count++] = kept;
    return true;
}

/* ---- all of it */

bool wtr_tls_keys_join(struct wtr_tls_keys *keys, const struct wtr_tls_keys *other)
{
    for (size_t i = 0; i < other->count; i++)
        if (wtr_tls_keys_add(keys, &other->secrets[i]) == WTR_TLS_NO_MEMORY)
            return false;
    for (size_t i = 0; i < other->server_key_count; i++)
        if (!wtr_tls_keys_add_server(keys, &other->server_keys[i]))
            return false;
    return true;
}

void wtr_tls_keys_free(struct wtr_tls_keys *keys)
{
    if (keys->secrets)
        wtr_wipe(keys->secrets, keys->count * sizeof *keys->secrets);
    free(keys->secrets);
    for (size_t i = 0; i < keys->server_key_count; i++) {
        wtr_wipe(keys->server_keys[i].bytes, keys->server_keys[i].length);
        free(keys->server_keys[i].bytes);
    }
    free(keys->server_keys);
    for (size_t i = 0; i < keys->text_count; i++)
        free(keys->texts[i]);
    free((void *)keys->texts);
    wtr_map_free(&keys->by_id);
    wtr_map_free(&keys->wanted);
    *keys = (struct wtr_tls_keys){0};
}

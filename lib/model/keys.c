/* SPDX-License-Identifier: Apache-2.0 */
/* The keyring's memory. */
#include "model/keys.h"

#include "base/secret.h"

#include <stdlib.h>

static bool is_equal(const struct wtr_key_entry *a, const struct wtr_key_entry *b)
{
    return a->type == b->type && wtr_text_equal(a->id, b->id) && wtr_text_equal(a->secret, b->secret);
}

/* All texts of an entry in one allocation, which `id.data` owns. */
static bool copy_entry(struct wtr_key_entry *to, const struct wtr_key_entry *from)
{
    size_t name = strlen(from->name) + 1, origin = strlen(from->origin) + 1;
    char *all = malloc(from->id.length + from->secret.length + name + origin);
    if (!all)
        return false;
    char *secret = all + from->id.length;
    char *rest = secret + from->secret.length;
    if (from->id.length)
        memcpy(all, from->id.data, from->id.length);
    if (from->secret.length)
        memcpy(secret, from->secret.data, from->secret.length);
    memcpy(rest, from->name, name);
    memcpy(rest + name, from->origin, origin);
    *to = (struct wtr_key_entry){.type = from->type,
                                 .id = {all, from->id.length},
                                 .secret = {secret, from->secret.length},
                                 .name = rest,
                                 .origin = rest + name};
    return true;
}

bool wtr_keyring_add(struct wtr_keyring *keys, const struct wtr_key_entry *entry)
{
    for (size_t i = 0; i < keys->count; i++)
        if (is_equal(&keys->list[i], entry))
            return true;
    if (keys->count == keys->capacity) {
        size_t capacity = keys->capacity ? keys->capacity * 2 : 16;
        struct wtr_key_entry *list = realloc(keys->list, capacity * sizeof *list);
        if (!list)
            return false;
        keys->list = list;
        keys->capacity = capacity;
    }
    if (!copy_entry(&keys->list[keys->count], entry))
        return false;
    keys->count++;
    return true;
}

const struct wtr_key_entry *wtr_keyring_next(const struct wtr_keyring *keys, enum wtr_key_type type,
                                             size_t *place)
{
    while (keys && *place < keys->count) {
        const struct wtr_key_entry *entry = &keys->list[(*place)++];
        if (entry->type == type)
            return entry;
    }
    return NULL;
}

struct wtr_tls_keys *wtr_keyring_tls(struct wtr_keyring *keys)
{
    if (!keys->tls)
        keys->tls = calloc(1, sizeof *keys->tls);
    return keys->tls;
}

bool wtr_keyring_join(struct wtr_keyring *keys, const struct wtr_keyring *other)
{
    for (size_t i = 0; i < other->count; i++)
        if (!wtr_keyring_add(keys, &other->list[i]))
            return false;
    return !other->tls || (wtr_keyring_tls(keys) && wtr_tls_keys_join(keys->tls, other->tls));
}

size_t wtr_keyring_size(const struct wtr_keyring *keys)
{
    return keys->count + (keys->tls ? keys->tls->count + keys->tls->server_key_count : 0);
}

void wtr_keyring_free(struct wtr_keyring *keys)
{
    if (keys->tls)
        wtr_tls_keys_free(keys->tls);
    free(keys->tls);
    for (size_t i = 0; i < keys->count; i++) {
        wtr_wipe((void *)keys->list[i].id.data, keys->list[i].id.length + keys->list[i].secret.length);
        free((void *)keys->list[i].id.data);
    }
    free(keys->list);
    *keys = (struct wtr_keyring){0};
}

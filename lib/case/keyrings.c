/* SPDX-License-Identifier: Apache-2.0 */
/* The keyrings that a case was given: each is kept by itself until all are there, then their keys are joined
 * in the order of names, so that the order in which they were given changes nothing. */
#include "case/case_internal.h"

#include "base/secret.h"
#include "base/sha256.h"
#include "evidence/keylog.h"
#include "evidence/keyring.h"
#include "evidence/server_key.h"

#include <stdlib.h>

enum { MOST_KEYRING = (1 << 20) - 1, MOST_KEYLOG = (64 << 20) - 1 };

static bool digest(struct wtr_text text, uint8_t sha256[32])
{
    struct wtr_sha256 *hash = wtr_sha256_new();
    bool made = hash && wtr_sha256_of(hash, text.data, text.length, sha256);
    wtr_sha256_free(hash);
    return made;
}

static void free_one(struct wtr_case_keyring *keyring)
{
    wtr_keyring_free(&keyring->keys);
    free(keyring->name);
}

static int compare(const struct wtr_case_keyring *a, const struct wtr_case_keyring *b)
{
    int names = strcmp(a->name, b->name);
    return names ? names : memcmp(a->sha256, b->sha256, sizeof a->sha256);
}

/* Puts the keyring at its place; one that was given before is not kept twice. */
static enum wtr_status insert(struct wtr_case *c, struct wtr_case_keyring *keyring)
{
    size_t at = c->keyring_count;
    for (size_t i = 0; i < c->keyring_count; i++) {
        if (compare(&c->keyrings[i], keyring) == 0) {
            free_one(keyring);
            return WTR_OK;
        }
    }
    struct wtr_case_keyring *list = realloc(c->keyrings, (at + 1) * sizeof *list);
    if (!list) {
        free_one(keyring);
        return WTR_E_MEMORY;
    }
    c->keyrings = list;
    for (; at > 0 && compare(keyring, &list[at - 1]) < 0; at--)
        list[at] = list[at - 1];
    list[at] = *keyring;
    c->keyring_count++;
    return WTR_OK;
}

/* ---- what a file of keys may be */

/* Reads the text into the keys; WTR_E_UNRECOGNISED, and *why says why. */
typedef enum wtr_status read_keys(struct wtr_keyring *keys, const char *name, struct wtr_text text,
                                  struct wtr_buffer *why);

static enum wtr_status read_keylog(struct wtr_keyring *keys, const char *name, struct wtr_text text,
                                   struct wtr_buffer *why)
{
    struct wtr_tls_keys *tls = wtr_keyring_tls(keys);
    struct wtr_keylog_facts facts = {0};
    struct wtr_buffer origin = {0};
    wtr_put_z(&origin, "key log ");
    wtr_put(&origin, name, strlen(name) + 1);
    enum wtr_status status =
        tls && !origin.failed ? wtr_keylog_read(tls, origin.data, text, &facts) : WTR_E_MEMORY;
    wtr_buffer_free(&origin);
    if (status == WTR_E_UNRECOGNISED)
        wtr_put_z(why, "is no TLS key log");
    if (status != WTR_PARTIAL)
        return status;
    wtr_put_z(why, "line ");
    wtr_put_uint(why, facts.broken);
    wtr_put_z(why, ": expected a label, a random and a secret in hexadecimal, at most 131072 of them");
    return WTR_E_UNRECOGNISED;
}

static enum wtr_status read_server_key(struct wtr_keyring *keys, const char *name, struct wtr_text text,
                                       struct wtr_buffer *why)
{
    const char *reason = NULL;
    struct wtr_tls_keys *tls = wtr_keyring_tls(keys);
    enum wtr_status status = tls ? wtr_server_key_read(tls, name, text, &reason) : WTR_E_MEMORY;
    if (reason)
        wtr_put_z(why, reason);
    return status;
}

/* ---- adding */

static enum wtr_status add_keys(struct wtr_case *c, const char *name, struct wtr_text text, read_keys *read)
{
    struct wtr_case_keyring keyring = {.name = strdup(name)};
    struct wtr_buffer why = {0};
    enum wtr_status status = keyring.name && digest(text, keyring.sha256) ? WTR_OK : WTR_E_MEMORY;
    if (status == WTR_OK)
        status = read(&keyring.keys, name, text, &why);
    wtr_put(&why, "", 1);
    if (status == WTR_E_UNRECOGNISED && !why.failed)
        wtr_case_fail(c, status, name, why.data);
    wtr_buffer_free(&why);
    if (status == WTR_OK)
        return insert(c, &keyring);
    free_one(&keyring);
    return status;
}

/* Keys come before anything is read. */
static bool takes_keys(const struct wtr_case *c)
{
    return c && !c->feed && c->stage == WTR_CASE_OPEN;
}

static enum wtr_status add_memory(struct wtr_case *c, const char *name, const void *bytes, size_t length,
                                  read_keys *read)
{
    if (!takes_keys(c) || !name || (length && !bytes))
        return WTR_E_ARGUMENT;
    return add_keys(c, name, wtr_text_of(bytes, length), read);
}

enum wtr_status wtr_case_add_keys_memory(wtr_case *c, const char *name, const void *bytes, size_t length)
{
    return add_memory(c, name, bytes, length, wtr_keyring_read);
}

enum wtr_status wtr_case_add_keylog_memory(wtr_case *c, const char *name, const void *bytes, size_t length)
{
    return add_memory(c, name, bytes, length, read_keylog);
}

enum wtr_status wtr_case_add_rsa_key_memory(wtr_case *c, const char *name, const void *bytes, size_t length)
{
    return add_memory(c, name, bytes, length, read_server_key);
}

/* A file of keys and how long it may be. */
struct key_file {
    read_keys *read;
    size_t most;
    const char *too_long;
};

static enum wtr_status add_input(struct wtr_case *c, const char *name, struct wtr_input *input,
                                 const struct key_file *file)
{
    struct wtr_buffer text = {0};
    size_t have = 0;
    do {
        const uint8_t *bytes = wtr_input_peek(input, 1, &have);
        wtr_put(&text, bytes, have);
        wtr_input_skip(input, have);
    } while (have > 0 && text.length <= file->most && !text.failed);
    const char *trouble = wtr_input_trouble(input);
    enum wtr_status status = WTR_E_MEMORY;
    if (trouble)
        status = wtr_case_fail(c, WTR_E_READ, name, trouble);
    else if (text.length > file->most)
        status = wtr_case_fail(c, WTR_E_UNRECOGNISED, name, file->too_long);
    else if (!text.failed)
        status = add_keys(c, name, wtr_buffer_text(&text), file->read);
    wtr_buffer_wipe(&text);
    return status;
}

static enum wtr_status add_path(struct wtr_case *c, const char *path, const struct key_file *file)
{
    if (!takes_keys(c) || !path)
        return WTR_E_ARGUMENT;
    const char *name = strcmp(path, "-") == 0 ? "standard input" : wtr_case_base_name(path);
    const char *why = NULL;
    struct wtr_input *input = NULL;
    enum wtr_status status = wtr_input_open_path(&input, path, &why);
    if (status != WTR_OK)
        return wtr_case_fail(c, status, name, why ? why : "can't be opened");
    status = add_input(c, name, input, file);
    wtr_input_close(input);
    return status;
}

enum wtr_status wtr_case_add_keys(wtr_case *c, const char *path)
{
    static const struct key_file file = {wtr_keyring_read, MOST_KEYRING, "is too long for a keyring (1 MiB)"};
    return add_path(c, path, &file);
}

enum wtr_status wtr_case_add_keylog(wtr_case *c, const char *path)
{
    static const struct key_file file = {read_keylog, MOST_KEYLOG, "is too long for a key log (64 MiB)"};
    return add_path(c, path, &file);
}

enum wtr_status wtr_case_add_rsa_key(wtr_case *c, const char *path)
{
    static const struct key_file file = {read_server_key, WTR_MAX_SERVER_KEY,
                                         "is too long for a private key (64 KiB)"};
    return add_path(c, path, &file);
}

enum wtr_status wtr_keyrings_join(struct wtr_case *c)
{
    if (c->keys.tls)
        return WTR_OK;              /* joined when the feed was added */
    if (!wtr_keyring_tls(&c->keys)) /* there is always room for what the evidence gives */
        return WTR_E_MEMORY;
    for (size_t k = 0; k < c->keyring_count; k++)
        if (!wtr_keyring_join(&c->keys, &c->keyrings[k].keys))
            return WTR_E_MEMORY;
    return WTR_OK;
}

enum wtr_status wtr_keyrings_list_found(struct wtr_case *c)
{
    size_t n = c->found.count;
    c->key_records = calloc(n ? n : 1, sizeof *c->key_records);
    if (!c->key_records)
        return WTR_E_MEMORY;
    for (size_t i = 0; i < n; i++) {
        size_t before = c->key_lines.length;
        wtr_keyring_put_line(&c->found.list[i], &c->key_lines);
        c->key_records[i] = (struct wtr_key_record){.line = {NULL, c->key_lines.length - before},
                                                    .name = c->found.list[i].name,
                                                    .origin = c->found.list[i].origin};
    }
    if (c->key_lines.failed)
        return WTR_E_MEMORY;
    const char *at = c->key_lines.data; /* which has its place only now */
    for (size_t i = 0; i < n; i++) {
        c->key_records[i].line.data = at;
        at += c->key_records[i].line.length;
    }
    return WTR_OK;
}

void wtr_keyrings_free(struct wtr_case *c)
{
    for (size_t i = 0; i < c->keyring_count; i++)
        free_one(&c->keyrings[i]);
    free(c->keyrings);
    wtr_keyring_free(&c->keys);
    wtr_keyring_free(&c->found);
    free(c->key_records);
    wtr_buffer_free(&c->key_lines);
}

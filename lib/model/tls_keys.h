/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of single TLS connections: those of key logs, each under what names its connection there, master
 * secrets that opened a connection, under the session id and the ticket by which a later one may go on with
 * them, and servers' private keys. A part of the keyring that may grow while evidence is read. */
#ifndef WTR_MODEL_TLS_KEYS_H
#define WTR_MODEL_TLS_KEYS_H

#include "base/map.h"
#include "base/text.h"

enum wtr_tls_label {
    WTR_TLS_LABEL_CLIENT_RANDOM, /* a master secret, by the client's random */
    WTR_TLS_LABEL_RSA,           /* a premaster secret, by the first 8 bytes of it enciphered */
    WTR_TLS_LABEL_CLIENT_EARLY,  /* traffic secrets of TLS 1.3, by the client's random */
    WTR_TLS_LABEL_CLIENT_HANDSHAKE,
    WTR_TLS_LABEL_SERVER_HANDSHAKE,
    WTR_TLS_LABEL_CLIENT_TRAFFIC,
    WTR_TLS_LABEL_SERVER_TRAFFIC,
    WTR_TLS_LABEL_SESSION, /* a master secret, by the hash of a session id or a ticket */
};

enum {
    WTR_TLS_SECRET_ID = 32,
    WTR_TLS_MAX_SECRET = 48,
    WTR_TLS_MAX_SECRETS = 1 << 17,
    WTR_TLS_MAX_WANTED = 1 << 16,
    WTR_TLS_MAX_SERVER_KEYS = 64,
    WTR_TLS_MAX_ALIKE = 16, /* secrets under one label and id */
};

struct wtr_tls_secret {
    enum wtr_tls_label label;
    uint8_t id[WTR_TLS_SECRET_ID]; /* shorter ones are followed by zeros */
    uint8_t bytes[WTR_TLS_MAX_SECRET];
    uint8_t length;
    const char *name;                      /* as it is shown; NULL: by its label and id */
    const char *origin;                    /* where it came from: "keyring keys.txt" */
    uint64_t line;                         /* and the line there; 0: none */
    uint32_t next;                         /* 1 + the index of the next one with the same hash; 0: none */
    const char *shown_name, *shown_origin; /* in words, made when they are first asked for */
};

struct wtr_tls_server_key {
    char *bytes; /* PEM, ended by a zero that counts, or DER */
    size_t length;
    const char *name;
    const char *origin;
};

/* Zero-initialise. */
struct wtr_tls_keys {
    struct wtr_tls_secret *secrets;
    size_t count, capacity;
    struct wtr_map by_id;  /* from the hash of label and id to 1 + the index of the first */
    struct wtr_map wanted; /* hashes of what would have opened something and was not there */
    bool again;            /* something that was wanted came later */
    struct wtr_tls_server_key *server_keys;
    size_t server_key_count;
    char **texts; /* names and origins, each kept once */
    size_t text_count;
};

enum wtr_tls_added { WTR_TLS_ADDED, WTR_TLS_KNOWN, WTR_TLS_NO_ROOM, WTR_TLS_NO_MEMORY };

/* Adds a secret; name and origin are copied. One that is there already stays as it is. */
enum wtr_tls_added wtr_tls_keys_add(struct wtr_tls_keys *keys, const struct wtr_tls_secret *secret);
/* The first secret under that label and id (`length` bytes of it), or the one after `*after`; NULL: none.
 * Valid until one is added. */
const struct wtr_tls_secret *wtr_tls_keys_find(const struct wtr_tls_keys *keys, enum wtr_tls_label label,
                                               const void *id, size_t length,
                                               const struct wtr_tls_secret *after);
/* What the secret is called, and where it came from, in words that last as long as the keys: "CLIENT_RANDOM
 * 52362c1012cf2364", "keyring keys.txt, line 3". False: no memory. */
bool wtr_tls_keys_name(struct wtr_tls_keys *keys, const struct wtr_tls_secret *secret, const char **name,
                       const char **origin);
/* A connection would need what this label and id name. */
void wtr_tls_keys_want(struct wtr_tls_keys *keys, enum wtr_tls_label label, const void *id, size_t length);

/* Adds a server's private key; all is copied. False: no memory, or there are too many. */
bool wtr_tls_keys_add_server(struct wtr_tls_keys *keys, const struct wtr_tls_server_key *key);

/* Adds all that the other has. False: no memory. */
bool wtr_tls_keys_join(struct wtr_tls_keys *keys, const struct wtr_tls_keys *other);
/* Wipes and frees it. */
void wtr_tls_keys_free(struct wtr_tls_keys *keys);

#endif

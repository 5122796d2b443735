/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts for KLAP. A device that was never bound to an account has blank credentials; one that was bound
 * answers at times with the maker's fallback accounts instead of its owner's (python-kasa credentials.py,
 * klaptransport.py). */
#include "vendor/tapo/klap_account.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static const struct {
    const char *name, *id, *password;
} fallbacks[] = {
    {"blank account", "", ""},
    {"fallback account of Kasa", "kasa@tp-link.net", "kasaSetup"},
    {"fallback account of Tapo", "test@tp-link.net", "test"},
};

enum { FALLBACKS = sizeof fallbacks / sizeof *fallbacks };

static void add(struct wtr_klap_accounts *accounts, const char *name, const char *origin, struct wtr_text id,
                struct wtr_text password)
{
    struct wtr_klap_account *account = &accounts->list[accounts->count];
    *account = (struct wtr_klap_account){.name = name, .origin = origin, .id = id};
    if (wtr_klap_auth_of(1, id, password, &account->auth[0]) &&
        wtr_klap_auth_of(2, id, password, &account->auth[1]))
        accounts->count++;
}

static size_t count_given(const struct wtr_keyring *keys)
{
    size_t place = 0, count = 0;
    while (wtr_keyring_next(keys, WTR_KEY_KASA, &place))
        count++;
    return count;
}

void wtr_klap_accounts_open(struct wtr_klap_accounts *accounts, const struct wtr_keyring *keys)
{
    const struct wtr_key_entry *entry;
    size_t place = 0;
    accounts->list = calloc(count_given(keys) + FALLBACKS, sizeof *accounts->list);
    if (!accounts->list)
        return;
    while ((entry = wtr_keyring_next(keys, WTR_KEY_KASA, &place)) != NULL)
        add(accounts, entry->name, entry->origin, entry->id, entry->secret);
    accounts->given = accounts->count;
    for (size_t i = 0; i < FALLBACKS; i++)
        add(accounts, fallbacks[i].name, "known to be built in", wtr_text_z(fallbacks[i].id),
            wtr_text_z(fallbacks[i].password));
}

void wtr_klap_accounts_close(struct wtr_klap_accounts *accounts)
{
    if (accounts->list)
        OPENSSL_cleanse(accounts->list, accounts->count * sizeof *accounts->list);
    free(accounts->list);
    *accounts = (struct wtr_klap_accounts){0};
}

const struct wtr_klap_account *wtr_klap_account_of(const struct wtr_klap_accounts *accounts,
                                                   const struct wtr_klap_seeds *seeds, struct wtr_text hash,
                                                   const struct wtr_klap_auth **auth)
{
    uint8_t expected[WTR_KLAP_HASH];
    if (hash.length != sizeof expected)
        return NULL;
    for (size_t i = 0; i < accounts->count; i++)
        for (size_t v = 0; v < 2; v++) {
            *auth = &accounts->list[i].auth[v];
            if (wtr_klap_server_hash(*auth, seeds, expected) &&
                memcmp(expected, hash.data, sizeof expected) == 0)
                return &accounts->list[i];
        }
    return NULL;
}

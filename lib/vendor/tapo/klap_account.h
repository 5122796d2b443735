/* SPDX-License-Identifier: Apache-2.0 */
/* The accounts that a KLAP session may be under: those of the keyring, and those that every device may have.
 */
#ifndef WTR_VENDOR_TAPO_KLAP_ACCOUNT_H
#define WTR_VENDOR_TAPO_KLAP_ACCOUNT_H

#include "model/keys.h"
#include "vendor/tapo/klap_cipher.h"

struct wtr_klap_account {
    const char *name;   /* as it is shown, without its password */
    const char *origin; /* where it came from */
    struct wtr_text id;
    struct wtr_klap_auth auth[2]; /* versions 1 and 2 */
};

struct wtr_klap_accounts {
    struct wtr_klap_account *list;
    size_t count;
    size_t given; /* how many came from the keyring: the first ones */
};

/* Zeroed bytes are none, and so it stays where memory runs out. `keys` may be NULL, and outlives them. */
void wtr_klap_accounts_open(struct wtr_klap_accounts *accounts, const struct wtr_keyring *keys);
void wtr_klap_accounts_close(struct wtr_klap_accounts *accounts);

/* The account that made the server's hash; *auth is set to its form of the version that fits. NULL: none. */
const struct wtr_klap_account *wtr_klap_account_of(const struct wtr_klap_accounts *accounts,
                                                   const struct wtr_klap_seeds *seeds, struct wtr_text hash,
                                                   const struct wtr_klap_auth **auth);

#endif

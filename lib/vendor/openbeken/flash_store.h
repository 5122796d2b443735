/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenBeken stores: its configuration, and what it remembers of its channels. */
#ifndef WTR_VENDOR_OPENBEKEN_FLASH_STORE_H
#define WTR_VENDOR_OPENBEKEN_FLASH_STORE_H

#include "flash/flash.h"
#include "vendor/vendor.h"

enum { WTR_OPENBEKEN_CONFIG = 3584, WTR_OPENBEKEN_KEPT = 12 };

extern const struct wtr_flash_format wtr_openbeken_config_format;

/* What the configuration teaches about the values that are kept elsewhere. */
struct wtr_openbeken_stored {
    uint32_t kept_relays; /* bit n: channel n is a relay whose last state is kept */
};

/* A configuration: whether its check holds. */
struct wtr_openbeken_config {
    const uint8_t *bytes;
    size_t length;
    unsigned version;
    unsigned changes; /* how often it was changed */
    bool holds;
};

bool wtr_openbeken_config_open(struct wtr_openbeken_config *config, const uint8_t *bytes, size_t length);
/* The text of at most `room` bytes; empty where there is none. */
struct wtr_text wtr_openbeken_config_text(const struct wtr_openbeken_config *config, size_t at, size_t room);
/* The relays whose last state is kept; 0 where the layout of the pins is not known for this platform. */
uint32_t wtr_openbeken_config_kept(const struct wtr_openbeken_config *config);

/* flash_read.c: entries */
void wtr_openbeken_learn_entry(void *state, const struct wtr_entry *entry);
enum wtr_claim wtr_openbeken_claim_entry(const void *state, const struct wtr_entry *entry);
void wtr_openbeken_read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What EasyFlash 4's environment and FlashDB's KVDB have in common: sectors with a header, and behind it
 * nodes of name and value, each with its own status and CRC-32, one after the other as they were written. */
#ifndef WTR_FLASH_ENV_STORE_H
#define WTR_FLASH_ENV_STORE_H

#include "flash/flash.h"

struct wtr_env_kind {
    const char *name;
    char sector_magic[5];
    char node_magic[5];
    /* Sectors are taken in turn, so that those in use stand in the order of writing behind the empty ones. */
    bool ring;
};

struct wtr_flash_find wtr_env_probe(const struct wtr_env_kind *kind, const uint8_t *image, size_t length,
                                    size_t at);
void wtr_env_read(const struct wtr_env_kind *kind, const struct wtr_volume *volume,
                  const struct wtr_flash_sink *sink);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* FlashDB's key-value database, as ESPHome's LibreTiny platforms use it. Its sectors are a ring. Facts:
 * src/fdb_kvdb.c; the mark is FDB0 although the comment beside it says FDB1. */
#include "flash/env_store.h"
#include "flash/formats.h"

static const struct wtr_env_kind kind = {"flashdb", "FDB0", "KV00", true};

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    (void)keys;
    return wtr_env_probe(&kind, image, length, at);
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    wtr_env_read(&kind, volume, sink);
}

const struct wtr_flash_format wtr_flash_flashdb = {.name = "flashdb", .probe = probe, .read = read_volume};

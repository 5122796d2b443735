/* SPDX-License-Identifier: Apache-2.0 */
/* EasyFlash 4: the environment of OpenBeken and of many BK7231 programs. Its sectors are taken where they are
 * free, the lowest first. Facts: easyflash/src/ef_env.c. */
#include "flash/env_store.h"
#include "flash/formats.h"

static const struct wtr_env_kind kind = {"easyflash", "EF40", "KV40", false};

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

const struct wtr_flash_format wtr_flash_easyflash = {
    .name = "easyflash", .probe = probe, .read = read_volume};

/* SPDX-License-Identifier: Apache-2.0 */
/* RBL headers of RT-Thread's firmware images on Beken chips (lib/flash/rbl.c). The entry's path is the
 * image's own name, its value the header, its body struct wtr_rbl. */
#ifndef WTR_FLASH_RBL_H
#define WTR_FLASH_RBL_H

#include "flash/flash.h"

/* Beside the entry. */
struct wtr_rbl {
    uint32_t algorithm;      /* 0 none, 1 xor, 2 aes256; | 0x100 gzip, 0x200 quicklz, 0x300 fastlz */
    uint32_t built_s;        /* seconds since 1970 */
    struct wtr_text version; /* as it stands there */
    uint32_t raw_size, package_size;
};

/* Reads the header at `bytes` (96 of them). False: it is none, or its sum does not hold. */
bool wtr_rbl_read(const uint8_t *bytes, size_t length, struct wtr_rbl *rbl, struct wtr_text *name);

#endif

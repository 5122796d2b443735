/* SPDX-License-Identifier: Apache-2.0 */
/* The radio's calibration on Beken chips, among it the MAC address (entry type "mac", six bytes). */
#ifndef WTR_FLASH_BK_TLV_H
#define WTR_FLASH_BK_TLV_H

#include "flash/flash.h"

extern const struct wtr_flash_format wtr_bk_tlv;

#endif

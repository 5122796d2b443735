/* SPDX-License-Identifier: Apache-2.0 */
/* The sector in which Tuya's BK7231 firmware keeps the network that it joined last, to join it faster. The
 * entry's value is the sector's structure, unmasked; `body` is this. */
#ifndef WTR_VENDOR_TUYA_FLASH_NETPARAM_H
#define WTR_VENDOR_TUYA_FLASH_NETPARAM_H

#include "flash/flash.h"

struct wtr_tuya_netparam {
    struct wtr_text ssid, password; /* within the entry's bytes */
    struct wtr_text bssid;          /* 6 bytes */
    uint8_t security, channel;
    bool proved; /* the stored PMK is that of this password and SSID */
};

extern const struct wtr_flash_format wtr_tuya_netparam_format;

#endif

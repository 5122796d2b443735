/* SPDX-License-Identifier: Apache-2.0 */
/* eWeLink's own sectors on the ESP8266. */
#ifndef WTR_VENDOR_EWELINK_STORE_H
#define WTR_VENDOR_EWELINK_STORE_H

#include "flash/flash.h"

extern const struct wtr_flash_format wtr_ewelink_store;

enum { WTR_EWELINK_CONFIG = 0x174, WTR_EWELINK_STATE = 12 };

/* What a copy of the configuration holds; all point into the bytes, empty where nothing stands there. */
struct wtr_ewelink_config {
    struct wtr_text ssid, password;
    struct wtr_text model, device_id, api_key;
    struct wtr_text station_mac;            /* 6 bytes */
    struct wtr_text own_ssid, own_password; /* of its access point */
    struct wtr_text server, port;           /* port: 2 bytes */
};

/* False: these bytes are no configuration. */
bool wtr_ewelink_config_open(struct wtr_ewelink_config *config, const uint8_t *bytes, size_t length);

#endif

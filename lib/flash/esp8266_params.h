/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters that Espressif's software stores on every ESP8266: the networks that it was in, and its own
 * access point. */
#ifndef WTR_FLASH_ESP8266_PARAMS_H
#define WTR_FLASH_ESP8266_PARAMS_H

#include "base/text.h"

enum { WTR_ESP8266_NETWORKS = 5, WTR_ESP8266_PARAMS = 0x48C };

/* The entry's `check` where the copy's sum fails and the station's key fits all the same: nothing but
 * networks whose key fits can be believed of it. */
#define WTR_ESP8266_CHECK_PMK "pmk"

/* A network: texts and key point into the bytes. */
struct wtr_esp8266_network {
    struct wtr_text ssid; /* empty: none */
    struct wtr_text password;
    struct wtr_text pmk; /* 32 bytes; empty: none */
};

struct wtr_esp8266_params {
    struct wtr_esp8266_network station;
    struct wtr_esp8266_network access_point; /* its own */
    struct wtr_esp8266_network known[WTR_ESP8266_NETWORKS];
    struct wtr_text mac; /* of the station, 6 bytes; empty: not there */
};

/* What a copy of the parameters holds; a network whose length makes no sense is none. False: too short. */
bool wtr_esp8266_params_open(struct wtr_esp8266_params *params, const uint8_t *bytes, size_t length);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The families of plugs that the project reads: one line each, and its header. */
#include "vendor/dlink/dlink.h"
#include "vendor/edimax/edimax.h"
#include "vendor/esp/esp.h"
#include "vendor/esphome/esphome.h"
#include "vendor/ewelink/ewelink.h"
#include "vendor/homeassistant/homeassistant.h"
#include "vendor/kasa/kasa.h"
#include "vendor/lan/lan.h"
#include "vendor/meross/meross.h"
#include "vendor/openbeken/openbeken.h"
#include "vendor/shelly/shelly.h"
#include "vendor/tapo/tapo.h"
#include "vendor/tasmota/tasmota.h"
#include "vendor/tuya/tuya.h"
#include "vendor/vendor.h"
#include "vendor/wemo/wemo.h"
#include "vendor/zigbee2mqtt/zigbee2mqtt.h"

/* clang-format off */
const struct wtr_vendor *const wtr_vendors[] = {
    &wtr_dlink,
    &wtr_edimax,
    &wtr_esp,
    &wtr_esphome,
    &wtr_ewelink,
    &wtr_homeassistant,
    &wtr_kasa,
    &wtr_lan,
    &wtr_meross,
    &wtr_openbeken,
    &wtr_shelly,
    &wtr_tapo,
    &wtr_tasmota,
    &wtr_tuya,
    &wtr_wemo,
    &wtr_zigbee2mqtt,
    NULL,
};

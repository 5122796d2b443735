/* SPDX-License-Identifier: Apache-2.0 */
/* Zigbee2MQTT: a bridge that speaks for the Zigbee devices behind it. */
#ifndef WTR_VENDOR_ZIGBEE2MQTT_H
#define WTR_VENDOR_ZIGBEE2MQTT_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_zigbee2mqtt;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One copy of Tasmota's settings, the structure that its source calls Settings (formerly SYSCFG), as it lies
 * in flash, in a file or in a backup: whether it is one, whether its check holds, and where its fields lie in
 * the version that wrote it. Values are borrowed from the bytes, so that each has its place in the evidence.
 */
#ifndef WTR_VENDOR_TASMOTA_FLASH_SETTINGS_H
#define WTR_VENDOR_TASMOTA_FLASH_SETTINGS_H

#include "base/text.h"
#include "model/entry.h"

enum {
    WTR_TASMOTA_SETTINGS_MIN = 0x670, /* 5.10 */
    WTR_TASMOTA_SETTINGS_MAX = 0x1000,
};

/* `config_version`: the chip for which the structure was laid out. */
enum wtr_tasmota_chip {
    WTR_TASMOTA_ESP8266,
    WTR_TASMOTA_ESP32,
    WTR_TASMOTA_ESP32S3,
    WTR_TASMOTA_ESP32S2,
    WTR_TASMOTA_ESP32C3,
    WTR_TASMOTA_ESP32C2,
    WTR_TASMOTA_ESP32C6,
    WTR_TASMOTA_CHIPS, /* ESP32-P4, ESP32-C5: what is laid out by chip is not known */
};

struct wtr_tasmota_settings {
    const uint8_t *bytes;
    size_t length;    /* of the structure */
    uint32_t version; /* major, minor, patch, build: a byte each */
    uint32_t save_flag;
    unsigned chip; /* enum wtr_tasmota_chip */
    enum wtr_integrity integrity;
    const char *check;
};

/* Whether the bytes begin with a copy of the settings: a version and a size that belong together. The check
 * may fail all the same (`integrity`). Fewer bytes than the version has are no copy. */
bool wtr_tasmota_settings_open(struct wtr_tasmota_settings *settings, const uint8_t *bytes, size_t length);

/* Numbers, by their name in Tasmota's source. */
enum wtr_tasmota_field {
    WTR_TASMOTA_BOOTCOUNT,
    WTR_TASMOTA_FLAG,      /* SetOption0 … 31 */
    WTR_TASMOTA_SAVE_DATA, /* seconds between saves; 0: only at a restart */
    WTR_TASMOTA_POWER,     /* a bit a relay */
    WTR_TASMOTA_POWERONSTATE,
    WTR_TASMOTA_PULSE_TIMER,
    WTR_TASMOTA_TODAY,
    WTR_TASMOTA_YESTERDAY,
    WTR_TASMOTA_TOTAL, /* without today */
    WTR_TASMOTA_EXPORT,
    WTR_TASMOTA_ENERGY_DAY, /* day of the year to which today belongs */
    WTR_TASMOTA_TOTAL_TIME, /* since when the total is counted: seconds since 1970, local */
    WTR_TASMOTA_TIMER,
    WTR_TASMOTA_LATITUDE,
    WTR_TASMOTA_LONGITUDE,
    WTR_TASMOTA_RULE_ENABLED,
    WTR_TASMOTA_TIMERS_ENABLED, /* flag3 */
    WTR_TASMOTA_MQTT_PORT,
    WTR_TASMOTA_STA_ACTIVE,
    WTR_TASMOTA_WIFI_CHANNEL,
    WTR_TASMOTA_TIMESTAMP,  /* cfg_timestamp */
    WTR_TASMOTA_BOOT_RESET, /* since when starts are counted: seconds since 1970, local */
    WTR_TASMOTA_MODULE,
    WTR_TASMOTA_GPIO,     /* what the owner put on each pin */
    WTR_TASMOTA_TEMPLATE, /* what the template puts on each pin */
};

/* The field's value number `index` (0 where there is one). False where this version has no such field, or
 * fewer values. */
bool wtr_tasmota_settings_number(const struct wtr_tasmota_settings *settings, enum wtr_tasmota_field field,
                                 unsigned index, int64_t *value, struct wtr_text *raw);

/* Texts, by their place in the pool of 8.0.0.1 and later. */
enum wtr_tasmota_settings_text {
    WTR_TASMOTA_T_SSID = 4,
    WTR_TASMOTA_T_PASSWORD = 6,
    WTR_TASMOTA_T_HOSTNAME = 8,
    WTR_TASMOTA_T_WEB_PASSWORD = 10,
    WTR_TASMOTA_T_MQTT_HOST = 12,
    WTR_TASMOTA_T_MQTT_CLIENT = 13,
    WTR_TASMOTA_T_MQTT_USER = 14,
    WTR_TASMOTA_T_MQTT_PASSWORD = 15,
    WTR_TASMOTA_T_FULLTOPIC = 16,
    WTR_TASMOTA_T_TOPIC = 17,
    WTR_TASMOTA_T_GROUP_TOPIC = 20,
    WTR_TASMOTA_T_FRIENDLY_NAME = 44,
    WTR_TASMOTA_T_TEMPLATE_NAME = 71,
    WTR_TASMOTA_T_DEVICE_NAME = 76,
};

/* The text number `index` of its kind, without its NUL. Empty with data NULL where there is none. */
struct wtr_text wtr_tasmota_settings_text(const struct wtr_tasmota_settings *settings,
                                          enum wtr_tasmota_settings_text text, unsigned index);
/* Rule 1 … 3 as text; data NULL where it is empty or compressed. */
struct wtr_text wtr_tasmota_settings_rule(const struct wtr_tasmota_settings *settings, unsigned number);
/* The access point of the last connection; false where none is stored. */
bool wtr_tasmota_settings_bssid(const struct wtr_tasmota_settings *settings, struct wtr_text *bssid);

/* The relays that the settings name: bit n - 1 for channel n. A built-in module's are not among them. */
uint32_t wtr_tasmota_settings_relays(const struct wtr_tasmota_settings *settings);

#endif

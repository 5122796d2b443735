/* SPDX-License-Identifier: Apache-2.0 */
/* The written names of kinds, fields, triggers and bases. */
#include "wattrail/field.h"

#include <stddef.h>

static const char *const kind_names[WTR_KIND_COUNT] = {
    [WTR_KIND_POWER_STATE] = "power.state",
    [WTR_KIND_POWER_COMMAND] = "power.command",
    [WTR_KIND_POWER_READING] = "power.reading",
    [WTR_KIND_LOAD_CHANGE] = "load.change",
    [WTR_KIND_ENERGY_COUNTER] = "energy.counter",
    [WTR_KIND_SWITCH_INPUT] = "switch.input",
    [WTR_KIND_SCHEDULE_RULE] = "schedule.rule",
    [WTR_KIND_SCHEDULE_RUN] = "schedule.run",
    [WTR_KIND_TIMER_SET] = "timer.set",
    [WTR_KIND_DEVICE_BOOT] = "device.boot",
    [WTR_KIND_DEVICE_IDENTITY] = "device.identity",
    [WTR_KIND_DEVICE_CONFIG] = "device.config",
    [WTR_KIND_DEVICE_LOCATION] = "device.location",
    [WTR_KIND_NETWORK_JOIN] = "network.join",
    [WTR_KIND_NETWORK_CONTACT] = "network.contact",
    [WTR_KIND_SESSION_OPEN] = "session.open",
    [WTR_KIND_SESSION_CLOSE] = "session.close",
    [WTR_KIND_CLOCK_READING] = "clock.reading",
    [WTR_KIND_FIRMWARE_UPDATE] = "firmware.update",
    [WTR_KIND_CREDENTIAL] = "credential",
    [WTR_KIND_TLS_SESSION] = "tls.session",
    [WTR_KIND_DEVICE_VALUE] = "device.value",
};

static const char *const field_names[WTR_FIELD_COUNT] = {
    [WTR_FIELD_STATE] = "state",
    [WTR_FIELD_POWER_W] = "power_w",
    [WTR_FIELD_VOLTAGE_V] = "voltage_v",
    [WTR_FIELD_CURRENT_A] = "current_a",
    [WTR_FIELD_APPARENT_VA] = "apparent_va",
    [WTR_FIELD_REACTIVE_VAR] = "reactive_var",
    [WTR_FIELD_POWER_FACTOR] = "power_factor",
    [WTR_FIELD_FREQUENCY_HZ] = "frequency_hz",
    [WTR_FIELD_PHASE] = "phase",
    [WTR_FIELD_ENERGY_WH] = "energy_wh",
    [WTR_FIELD_SCOPE] = "scope",
    [WTR_FIELD_DATE] = "date",
    [WTR_FIELD_PERIOD_START] = "period_start",
    [WTR_FIELD_PERIOD_S] = "period_s",
    [WTR_FIELD_DIRECTION] = "direction",
    [WTR_FIELD_INPUT] = "input",
    [WTR_FIELD_ACTION] = "action",
    [WTR_FIELD_COUNT_N] = "count",
    [WTR_FIELD_VENDOR] = "vendor",
    [WTR_FIELD_MAC] = "mac",
    [WTR_FIELD_MODEL] = "model",
    [WTR_FIELD_FIRMWARE] = "firmware",
    [WTR_FIELD_NAME] = "name",
    [WTR_FIELD_HOSTNAME] = "hostname",
    [WTR_FIELD_DEVICE_ID] = "device_id",
    [WTR_FIELD_IP] = "ip",
    [WTR_FIELD_CHANNEL_NAME] = "channel_name",
    [WTR_FIELD_SSID] = "ssid",
    [WTR_FIELD_BSSID] = "bssid",
    [WTR_FIELD_RSSI_DBM] = "rssi_dbm",
    [WTR_FIELD_WIFI_CHANNEL] = "wifi_channel",
    [WTR_FIELD_UPTIME_S] = "uptime_s",
    [WTR_FIELD_DEVICE_TIME] = "device_time",
    [WTR_FIELD_CLOCK_KIND] = "clock_kind",
    [WTR_FIELD_REASON] = "reason",
    [WTR_FIELD_BOOT_COUNT] = "boot_count",
    [WTR_FIELD_BY] = "by",
    [WTR_FIELD_CLIENT_ID] = "client_id",
    [WTR_FIELD_USER] = "user",
    [WTR_FIELD_KEEP_ALIVE_S] = "keep_alive_s",
    [WTR_FIELD_SETTING] = "setting",
    [WTR_FIELD_VALUE] = "value",
    [WTR_FIELD_RULE] = "rule",
    [WTR_FIELD_ENABLED] = "enabled",
    [WTR_FIELD_AT] = "at",
    [WTR_FIELD_MODE] = "mode",
    [WTR_FIELD_DAYS] = "days",
    [WTR_FIELD_REPEAT] = "repeat",
    [WTR_FIELD_WINDOW_MIN] = "window_min",
    [WTR_FIELD_DURATION_S] = "duration_s",
    [WTR_FIELD_REMAINING_S] = "remaining_s",
    [WTR_FIELD_STARTED] = "started",
    [WTR_FIELD_TEMPERATURE_C] = "temperature_c",
    [WTR_FIELD_LATITUDE] = "latitude",
    [WTR_FIELD_LONGITUDE] = "longitude",
    [WTR_FIELD_TIMEZONE] = "timezone",
    [WTR_FIELD_SERVER] = "server",
    [WTR_FIELD_ONLINE] = "online",
    [WTR_FIELD_SOURCE_WORD] = "source",
    [WTR_FIELD_SECRET] = "secret",
    [WTR_FIELD_ON_TIME_S] = "on_time_s",
    [WTR_FIELD_OFFSET_S] = "offset_s",
    [WTR_FIELD_DESTROYS] = "destroys_evidence",
    [WTR_FIELD_ACCOUNT] = "account",
    [WTR_FIELD_PROPERTY] = "property",
    [WTR_FIELD_PROPERTY_USE] = "commonly",
    [WTR_FIELD_PRODUCT] = "product",
    [WTR_FIELD_PROTOCOL] = "protocol",
    [WTR_FIELD_SERIAL] = "serial",
    [WTR_FIELD_VENDOR_CLASS] = "vendor_class",
    [WTR_FIELD_SERVICE] = "service",
    [WTR_FIELD_RUNTIME_MIN] = "runtime_min",
    [WTR_FIELD_SERIAL_N] = "serial_n",
    [WTR_FIELD_STATEMENTS] = "statements",
    [WTR_FIELD_MISSED] = "missed",
    [WTR_FIELD_VALID_S] = "valid_s",
    [WTR_FIELD_LAST_CHANGE] = "last_change",
    [WTR_FIELD_OFFSET_MODULO_S] = "offset_modulo_s",
    [WTR_FIELD_SHOWN_BY] = "shown_by",
    [WTR_FIELD_ANSWER] = "answer",
    [WTR_FIELD_ROLE] = "role",
    [WTR_FIELD_PEER] = "peer",
    [WTR_FIELD_TRANSPORT] = "transport",
    [WTR_FIELD_SNI] = "sni",
    [WTR_FIELD_TLS_VERSION] = "tls_version",
    [WTR_FIELD_CIPHER_SUITE] = "cipher_suite",
    [WTR_FIELD_ALPN] = "alpn",
    [WTR_FIELD_RESUMPTION] = "resumption",
    [WTR_FIELD_PSK_IDENTITY] = "psk_identity",
    [WTR_FIELD_JA3] = "ja3",
    [WTR_FIELD_JA3S] = "ja3s",
    [WTR_FIELD_JA4] = "ja4",
    [WTR_FIELD_CERTIFICATE_SHA256] = "certificate_sha256",
    [WTR_FIELD_SPKI_SHA256] = "spki_sha256",
    [WTR_FIELD_CERTIFICATE_SUBJECT] = "certificate_subject",
    [WTR_FIELD_CERTIFICATE_ISSUER] = "certificate_issuer",
    [WTR_FIELD_CERTIFICATE_SERIAL] = "certificate_serial",
    [WTR_FIELD_NOT_BEFORE] = "not_before",
    [WTR_FIELD_NOT_AFTER] = "not_after",
    [WTR_FIELD_VALIDITY] = "validity",
    [WTR_FIELD_CLIENT_RECORDS] = "client_records",
    [WTR_FIELD_SERVER_RECORDS] = "server_records",
    [WTR_FIELD_CLIENT_BYTES] = "client_bytes",
    [WTR_FIELD_SERVER_BYTES] = "server_bytes",
    [WTR_FIELD_INCOMPLETE] = "incomplete",
    [WTR_FIELD_DECRYPTED] = "decrypted",
    [WTR_FIELD_NOT_DECRYPTED] = "not_decrypted",
    [WTR_FIELD_PROVED_BY] = "proved_by",
    [WTR_FIELD_SIGNATURE] = "signature",
    [WTR_FIELD_TRIGGER_PATH] = "trigger_path",
    [WTR_FIELD_LIKELIHOOD_RATIO] = "likelihood_ratio",
    [WTR_FIELD_CALIBRATION] = "calibration",
    [WTR_FIELD_REQUEST_LENGTH] = "request_length",
    [WTR_FIELD_RESPONSE_LENGTH] = "response_length",
    [WTR_FIELD_CLEAR_ON_N] = "clear_on_n",
    [WTR_FIELD_CLEAR_OFF_N] = "clear_off_n",
    [WTR_FIELD_PAIR_N] = "pair_n",
    [WTR_FIELD_TRAINED_N] = "trained_n",
    [WTR_FIELD_TRAINED_FOUND_N] = "trained_found_n",
    [WTR_FIELD_EXPOSURE_S] = "exposure_s",
    [WTR_FIELD_FALSE_N] = "false_n",
    [WTR_FIELD_TRAINED_HERE] = "trained_here",
};

static const char *const trigger_names[] = {
    [WTR_TRIGGER_NONE] = NULL,           [WTR_TRIGGER_UNKNOWN] = "unknown",
    [WTR_TRIGGER_BUTTON] = "button",     [WTR_TRIGGER_APP] = "app",
    [WTR_TRIGGER_CLOUD] = "cloud",       [WTR_TRIGGER_VOICE] = "voice",
    [WTR_TRIGGER_SCHEDULE] = "schedule", [WTR_TRIGGER_TIMER] = "timer",
    [WTR_TRIGGER_RULE] = "rule",         [WTR_TRIGGER_MQTT] = "mqtt",
    [WTR_TRIGGER_HTTP] = "http",         [WTR_TRIGGER_COAP] = "coap",
    [WTR_TRIGGER_LOCAL] = "local",       [WTR_TRIGGER_BOOT] = "boot",
    [WTR_TRIGGER_OVERLOAD] = "overload", [WTR_TRIGGER_LAN] = "lan",
};

static const char *const basis_names[] = {
    [WTR_BASIS_NONE] = NULL,
    [WTR_BASIS_DEVICE_WORD] = "device_word",
    [WTR_BASIS_MATCHED_REQUEST] = "matched_request",
    [WTR_BASIS_PRECEDING_COMMAND] = "preceding_command",
};

#define NAME_IN(table, index) ((size_t)(index) < sizeof(table) / sizeof *(table) ? (table)[index] : NULL)

const char *wtr_kind_name(enum wtr_kind kind)
{
    return NAME_IN(kind_names, kind);
}

const char *wtr_field_name(enum wtr_field field)
{
    return NAME_IN(field_names, field);
}

const char *wtr_trigger_name(enum wtr_trigger trigger)
{
    return NAME_IN(trigger_names, trigger);
}

const char *wtr_cause_basis_name(enum wtr_cause_basis basis)
{
    return NAME_IN(basis_names, basis);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What eWeLink's configuration states: who the plug is, the network that it was given, the key with which its
 * cloud knows it. The password is proved where the SDK's own parameters (flash/esp8266_params.h) hold a key
 * that follows from it. What the state sectors mean has no source: nothing is said of them. */
#include "vendor/ewelink/ewelink.h"

#include "base/bytes.h"
#include "base/pmk.h"
#include "flash/esp8266_params.h"
#include "flash/formats.h"
#include "vendor/ewelink/store.h"

enum { MAX_KEYS = 8 };

struct learnt {
    uint8_t pmks[MAX_KEYS][WTR_PMK_SIZE];
    size_t count;
};

static void learn_pmk(struct learnt *learnt, struct wtr_text pmk)
{
    if (pmk.length == WTR_PMK_SIZE && learnt->count < MAX_KEYS)
        memcpy(learnt->pmks[learnt->count++], pmk.data, WTR_PMK_SIZE);
}

static void learn_entry(void *state, const struct wtr_entry *entry)
{
    struct wtr_esp8266_params params;
    if (entry->format != wtr_flash_esp8266_params.name ||
        !wtr_esp8266_params_open(&params, entry->span.bytes, entry->span.length))
        return;
    learn_pmk(state, params.station.pmk);
    for (size_t i = 0; i < WTR_ESP8266_NETWORKS; i++)
        learn_pmk(state, params.known[i].pmk);
}

static enum wtr_claim claim_entry(const void *state, const struct wtr_entry *entry)
{
    (void)state;
    bool own = entry->format == wtr_ewelink_store.name && wtr_text_is(entry->path, "config");
    return own ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static bool is_proved(const struct learnt *learnt, const struct wtr_ewelink_config *config)
{
    uint8_t pmk[WTR_PMK_SIZE];
    if (learnt->count == 0 || !wtr_pmk(config->password, config->ssid, pmk))
        return false;
    for (size_t i = 0; i < learnt->count; i++)
        if (memcmp(learnt->pmks[i], pmk, sizeof pmk) == 0)
            return true;
    return false;
}

static void add_text(struct wtr_say *say, enum wtr_field field, const char *name, struct wtr_text text)
{
    if (text.length == 0)
        return;
    wtr_say_text(say, field, text);
    wtr_say_raw(say, wtr_text_z(name), text);
}

static void say_identity(struct wtr_say *say, wtr_device_ref device, const struct wtr_ewelink_config *config)
{
    struct wtr_buffer mac = {0};
    if (config->station_mac.length > 0) {
        wtr_put_mac(&mac, (const uint8_t *)config->station_mac.data);
        wtr_say_tie_mac(say, device, (const uint8_t *)config->station_mac.data);
    }
    wtr_say_begin(say, WTR_KIND_DEVICE_IDENTITY, device);
    add_text(say, WTR_FIELD_DEVICE_ID, "deviceid", config->device_id);
    add_text(say, WTR_FIELD_MODEL, "model", config->model);
    if (mac.length > 0) {
        wtr_say_text(say, WTR_FIELD_MAC, wtr_buffer_text(&mac));
        wtr_say_raw_bytes(say, WTR_TEXT("mac"), config->station_mac);
    }
    wtr_say_end(say);
    wtr_buffer_free(&mac);
}

static void say_secret(struct wtr_say *say, wtr_device_ref device, const char *of, struct wtr_text secret,
                       struct wtr_text ssid, bool proved)
{
    if (secret.length == 0)
        return;
    wtr_say_begin(say, WTR_KIND_CREDENTIAL, device);
    wtr_say_text(say, WTR_FIELD_SECRET, wtr_text_z(of));
    if (ssid.length > 0)
        wtr_say_text(say, WTR_FIELD_SSID, ssid);
    wtr_say_text(say, WTR_FIELD_VALUE, secret);
    if (proved)
        wtr_say_text(say, WTR_FIELD_PROVED_BY, WTR_TEXT("pmk"));
    wtr_say_raw(say, wtr_text_z(of), secret);
    wtr_say_end(say);
    if (ssid.length > 0)
        wtr_say_key(say, WTR_KEY_WIFI, ssid, secret);
}

static void say_server(struct wtr_say *say, wtr_device_ref device, const struct wtr_ewelink_config *config)
{
    struct wtr_buffer value = {0};
    if (config->server.length == 0)
        return;
    wtr_put_text(&value, config->server);
    wtr_put_char(&value, ':');
    wtr_put_uint(&value, wtr_le16((const uint8_t *)config->port.data));
    wtr_say_begin(say, WTR_KIND_DEVICE_CONFIG, device);
    wtr_say_text(say, WTR_FIELD_SETTING, WTR_TEXT("server"));
    wtr_say_text(say, WTR_FIELD_VALUE, wtr_buffer_text(&value));
    wtr_say_raw(say, WTR_TEXT("server"), config->server);
    wtr_say_raw_bytes(say, WTR_TEXT("port"), config->port);
    wtr_say_end(say);
    wtr_buffer_free(&value);
}

static void read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say)
{
    const struct wtr_text no_network = {NULL, 0};
    struct wtr_ewelink_config config;
    if (!wtr_ewelink_config_open(&config, entry->span.bytes, entry->span.length)) {
        wtr_say_finding(say, wtr_text_of(entry->span.bytes, entry->span.length),
                        "these bytes are no configuration");
        return;
    }
    wtr_device_ref device = entry->state == WTR_ENTRY_LIVE ? wtr_say_dump_id(say, "ewelink", config.device_id)
                                                           : wtr_say_dump_device(say, "ewelink");
    say_identity(say, device, &config);
    if (config.ssid.length > 0) {
        wtr_say_begin(say, WTR_KIND_NETWORK_JOIN, device);
        add_text(say, WTR_FIELD_SSID, "ssid", config.ssid);
        wtr_say_end(say);
        say_secret(say, device, "wifi", config.password, config.ssid, is_proved(state, &config));
    }
    say_secret(say, device, "wifi access point", config.own_password, config.own_ssid, false);
    say_secret(say, device, "apikey", config.api_key, no_network, false);
    say_server(say, device, &config);
}

static const struct wtr_flash_format *const formats[] = {&wtr_ewelink_store, NULL};

const struct wtr_vendor wtr_ewelink = {
    .name = "ewelink",
    .state_size = sizeof(struct learnt),
    .formats = formats,
    .learn_entry = learn_entry,
    .claim_entry = claim_entry,
    .read_entry = read_entry,
};

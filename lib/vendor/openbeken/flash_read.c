/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenBeken's stored configuration and flash variables state (src/new_cfg.c, src/new_pins.c
 * Channel_SaveInFlashIfNeeded, src/hal/hal_flashVars.h, src/hal/bk7231/flash_vars_vars.c) [S]:
 *
 *   - OBK_FV, a value of EasyFlash: u16 starts, u16 starts that lasted 30 s, i16 of each of 12 channels, f32
 * energy total, today, yesterday (Wh), i32 how often energy was saved, …: 64 bytes. It is written anew at
 * every change of a channel that is to be kept; EasyFlash keeps the earlier ones until it cleans up.
 *   - A channel is kept only if its start value is -1, which the configuration says; without a configuration
 * nothing is said of channels. A channel is 0 where it never was set: a zero counts only if it is kept.
 *   - The count of starts is in every value, whatever it was written for: no value is a start.
 *   - Energy is written by the meter's driver; of a plug without one all are 0, and nothing is said.
 * Channels have the numbers that MQTT has, from 0. */
#include "vendor/openbeken/flash_store.h"

#include "base/bytes.h"
#include "vendor/openbeken/names.h"

enum { VARS = 64, AT_KEPT = 4, AT_ENERGY = 28 };

static bool is_config(const struct wtr_entry *entry)
{
    return entry->format == wtr_openbeken_config_format.name;
}

static bool is_vars(const struct wtr_entry *entry)
{
    return wtr_text_is(entry->path, "OBK_FV") && entry->span.length == VARS &&
           entry->integrity == WTR_INTEGRITY_OK && entry->span.bytes[VARS - 1] == VARS;
}

void wtr_openbeken_learn_entry(void *state, const struct wtr_entry *entry)
{
    struct wtr_openbeken_names *names = state;
    struct wtr_openbeken_config config;
    if (is_config(entry) && wtr_openbeken_config_open(&config, entry->span.bytes, entry->span.length))
        names->stored.kept_relays |= wtr_openbeken_config_kept(&config);
}

enum wtr_claim wtr_openbeken_claim_entry(const void *state, const struct wtr_entry *entry)
{
    (void)state;
    return is_config(entry) || is_vars(entry) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

/* ---- the configuration */

static void add_text(struct wtr_say *say, const struct wtr_openbeken_config *config, size_t at, size_t room,
                     enum wtr_field field, const char *name)
{
    struct wtr_text text = wtr_openbeken_config_text(config, at, room);
    if (text.length == 0)
        return;
    wtr_say_text(say, field, text);
    wtr_say_raw(say, wtr_text_z(name), text);
}

static void say_identity(struct wtr_say *say, wtr_device_ref device,
                         const struct wtr_openbeken_config *config)
{
    static const uint8_t none[6];
    const uint8_t *mac = config->bytes + 0x2D8;
    bool has_mac = (*mac & 1) == 0 && memcmp(mac, none, sizeof none) != 0;
    struct wtr_buffer text = {0};
    if (has_mac) {
        wtr_say_tie_mac(say, device, mac);
        wtr_put_mac(&text, mac);
    }
    wtr_say_begin(say, WTR_KIND_DEVICE_IDENTITY, device);
    add_text(say, config, 0x2FE, 64, WTR_FIELD_NAME, "longDeviceName");
    add_text(say, config, 0x2DE, 32, WTR_FIELD_HOSTNAME, "shortDeviceName");
    add_text(say, config, 0x194, 64, WTR_FIELD_CLIENT_ID, "mqtt_clientId");
    add_text(say, config, 0x1D4, 64, WTR_FIELD_USER, "mqtt_userName");
    add_text(say, config, 0x94, 256, WTR_FIELD_SERVER, "mqtt_host");
    if (has_mac) {
        wtr_say_text(say, WTR_FIELD_MAC, wtr_buffer_text(&text));
        wtr_say_raw_bytes(say, WTR_TEXT("mac"), wtr_text_of(mac, sizeof none));
    }
    wtr_say_end(say);
    wtr_buffer_free(&text);
}

static void say_secret(struct wtr_say *say, wtr_device_ref device, const char *of, struct wtr_text secret,
                       struct wtr_text ssid)
{
    if (secret.length == 0)
        return;
    wtr_say_begin(say, WTR_KIND_CREDENTIAL, device);
    wtr_say_text(say, WTR_FIELD_SECRET, wtr_text_z(of));
    if (ssid.length > 0)
        wtr_say_text(say, WTR_FIELD_SSID, ssid);
    wtr_say_text(say, WTR_FIELD_VALUE, secret);
    wtr_say_raw(say, wtr_text_z(of), secret);
    wtr_say_end(say);
    if (ssid.length > 0)
        wtr_say_key(say, WTR_KEY_WIFI, ssid, secret);
}

static void read_config(struct wtr_say *say, const struct wtr_entry *entry)
{
    const struct wtr_text no_network = {NULL, 0};
    struct wtr_openbeken_config config;
    if (!wtr_openbeken_config_open(&config, entry->span.bytes, entry->span.length))
        return;
    struct wtr_text name = wtr_openbeken_config_text(&config, 0x194, 64);
    wtr_device_ref device =
        name.length > 0 ? wtr_say_dump_id(say, "openbeken", name) : wtr_say_dump_device(say, "openbeken");
    say_identity(say, device, &config);
    struct wtr_text ssid = wtr_openbeken_config_text(&config, 0x14, 64);
    if (ssid.length > 0) {
        wtr_say_begin(say, WTR_KIND_NETWORK_JOIN, device);
        wtr_say_text(say, WTR_FIELD_SSID, ssid);
        wtr_say_raw(say, WTR_TEXT("wifi_ssid"), ssid);
        wtr_say_end(say);
        say_secret(say, device, "wifi", wtr_openbeken_config_text(&config, 0x54, 64), ssid);
    }
    if (config.version >= 4)
        say_secret(say, device, "wifi", wtr_openbeken_config_text(&config, 0xC40, 68),
                   wtr_openbeken_config_text(&config, 0xC00, 64));
    say_secret(say, device, "mqtt", wtr_openbeken_config_text(&config, 0x214, 128), no_network);
    if (config.version >= 5)
        say_secret(say, device, "web", wtr_openbeken_config_text(&config, 0xC84, 33), no_network);
    struct wtr_text start = wtr_openbeken_config_text(&config, 0x5E0, config.version >= 4 ? 1568 : 512);
    if (start.length > 0) {
        wtr_say_begin(say, WTR_KIND_DEVICE_CONFIG, device);
        wtr_say_text(say, WTR_FIELD_SETTING, WTR_TEXT("initCommandLine"));
        wtr_say_text(say, WTR_FIELD_VALUE, start);
        wtr_say_raw(say, WTR_TEXT("initCommandLine"), start);
        wtr_say_end(say);
    }
}

/* ---- the variables */

/* A single-precision number in millionths, rounded half to even; false where it is none, negative, or beyond
 * what a meter can count. */
static bool single_micro(uint32_t bits, int64_t *micro)
{
    int exponent = (int)(bits >> 23 & 0xFF);
    int64_t value = (int64_t)((bits & 0x7FFFFF) | (exponent ? 0x800000 : 0)) * 1000000;
    int shift = (exponent ? exponent : 1) - 150;
    if (bits >> 31 != 0 || exponent >= 127 + 37)
        return false;
    if (shift >= 0) {
        *micro = value * ((int64_t)1 << shift);
        return shift <= 19 && value <= INT64_MAX >> shift;
    }
    *micro = -shift > 62 ? 0 : wtr_divide_half_even(value, (int64_t)1 << -shift);
    return true;
}

static void say_energy(struct wtr_say *say, wtr_device_ref device, const uint8_t *vars)
{
    static const char *const scopes[] = {"total", "today", "yesterday"};
    static const char *const names[] = {"TotalConsumption", "TodayConsumpion", "YesterdayConsumption"};
    if (wtr_le32(vars + AT_ENERGY) == 0)
        return;
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *at = vars + AT_ENERGY + 4 * i;
        int64_t micro = 0;
        if (!single_micro(wtr_le32(at), &micro)) {
            wtr_say_finding(say, wtr_text_of(at, 4), "the energy is no number within its range");
            continue;
        }
        wtr_say_begin(say, WTR_KIND_ENERGY_COUNTER, device);
        wtr_say_micro(say, WTR_FIELD_ENERGY_WH, micro);
        wtr_say_text(say, WTR_FIELD_SCOPE, wtr_text_z(scopes[i]));
        wtr_say_raw_bytes(say, wtr_text_z(names[i]), wtr_text_of(at, 4));
        wtr_say_end(say);
    }
}

static void say_relay(struct wtr_say *say, wtr_device_ref device, unsigned channel, struct wtr_text raw)
{
    struct wtr_buffer name = {0};
    uint16_t value = wtr_le16((const uint8_t *)raw.data);
    if (value > 1) {
        wtr_say_finding(say, raw, "the channel's value is no relay's");
        return;
    }
    wtr_put_uint(&name, channel);
    wtr_say_begin(say, WTR_KIND_POWER_STATE, device);
    wtr_say_channel(say, wtr_buffer_text(&name), 0);
    wtr_say_text(say, WTR_FIELD_STATE, value ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw_bytes(say, WTR_TEXT("savedValues"), raw);
    wtr_say_end(say);
    wtr_buffer_free(&name);
}

static void read_vars(const struct wtr_openbeken_names *names, struct wtr_say *say,
                      const struct wtr_entry *entry)
{
    const uint8_t *vars = entry->span.bytes;
    wtr_device_ref device = wtr_say_dump_device(say, "openbeken");
    for (unsigned channel = 0; channel < WTR_OPENBEKEN_KEPT; channel++)
        if ((names->stored.kept_relays >> channel & 1) != 0)
            say_relay(say, device, channel, wtr_text_of(vars + AT_KEPT + 2 * (size_t)channel, 2));
    say_energy(say, device, vars);
}

void wtr_openbeken_read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say)
{
    if (is_config(entry))
        read_config(say, entry);
    else
        read_vars(state, say, entry);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of remembered networks. */
#include "vendor/esp/remembered.h"

#include "base/map.h"

void wtr_esp_say_mac(const struct wtr_esp_said *r, const char *name, struct wtr_text mac)
{
    static const uint8_t none[6];
    const uint8_t *bytes = (const uint8_t *)mac.data;
    if (mac.length != sizeof none || (bytes[0] & 1) != 0 || memcmp(bytes, none, sizeof none) == 0)
        return;
    struct wtr_buffer text = {0};
    wtr_put_mac(&text, bytes);
    wtr_say_tie_mac(r->say, r->device, bytes);
    wtr_say_begin(r->say, WTR_KIND_DEVICE_IDENTITY, r->device);
    wtr_say_text(r->say, WTR_FIELD_MAC, wtr_buffer_text(&text));
    wtr_say_raw_bytes(r->say, wtr_text_z(name), mac);
    wtr_say_end(r->say);
    wtr_buffer_free(&text);
}

void wtr_esp_say_join(const struct wtr_esp_said *r, struct wtr_text ssid)
{
    if (ssid.length == 0)
        return;
    wtr_say_begin(r->say, WTR_KIND_NETWORK_JOIN, r->device);
    wtr_say_text(r->say, WTR_FIELD_SSID, ssid);
    wtr_say_raw(r->say, WTR_TEXT("ssid"), ssid);
    wtr_say_end(r->say);
}

void wtr_esp_say_password(const struct wtr_esp_said *r, const char *of, const struct wtr_esp_network *network,
                          bool proved)
{
    if (network->password.length == 0)
        return;
    wtr_say_begin(r->say, WTR_KIND_CREDENTIAL, r->device);
    wtr_say_text(r->say, WTR_FIELD_SECRET, wtr_text_z(of));
    if (network->ssid.length > 0)
        wtr_say_text(r->say, WTR_FIELD_SSID, network->ssid);
    wtr_say_text(r->say, WTR_FIELD_VALUE, network->password);
    if (proved)
        wtr_say_text(r->say, WTR_FIELD_PROVED_BY, WTR_TEXT("pmk"));
    wtr_say_raw(r->say, WTR_TEXT("password"), network->password);
    wtr_say_end(r->say);
    if (network->ssid.length > 0)
        wtr_say_key(r->say, WTR_KEY_WIFI, network->ssid, network->password);
}

bool wtr_esp_is_proved(struct wtr_esp_remembered *state, const struct wtr_esp_network *network, bool own)
{
    uint8_t pmk[WTR_PMK_SIZE];
    if (state->trials == WTR_ESP_MAX_TRIALS || (own && network->pmk.length != sizeof pmk) ||
        network->password.length < 8)
        return false;
    state->trials++;
    if (!wtr_pmk(network->password, network->ssid, pmk))
        return false;
    bool proved = own && memcmp(pmk, network->pmk.data, sizeof pmk) == 0;
    for (size_t i = 0; i < state->pmk_count && !own && !proved; i++)
        proved = memcmp(pmk, state->pmks[i], sizeof pmk) == 0;
    return proved;
}

static uint64_t hash_of(const struct wtr_esp_network *network)
{
    return wtr_hash64(network->ssid.data, network->ssid.length,
                      wtr_hash64(network->password.data, network->password.length, 1));
}

static bool has(const uint64_t *list, size_t count, uint64_t hash)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == hash)
            return true;
    return false;
}

void wtr_esp_note_live(struct wtr_esp_remembered *state, const struct wtr_esp_network *network)
{
    uint64_t hash = hash_of(network);
    if (state->live_count < WTR_ESP_MAX_SAID && !has(state->live, state->live_count, hash))
        state->live[state->live_count++] = hash;
}

bool wtr_esp_say_once(const struct wtr_esp_said *r, const struct wtr_esp_network *network)
{
    struct wtr_esp_remembered *state = r->state;
    uint64_t hash = hash_of(network);
    if (has(state->said, state->said_count, hash) || (!r->live && has(state->live, state->live_count, hash)))
        return false;
    if (state->said_count < WTR_ESP_MAX_SAID)
        state->said[state->said_count++] = hash;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the Wi-Fi driver of the ESP32 family keeps in NVS, namespace nvs.net80211, and the radio in phy. Its
 * source is closed; from a dump whose every key follows from its password [V]:
 *
 *   - sta.ssid: u32 length, name[32]. sta.pswd: password[65], ended by NUL.
 *   - sta.apinfo: five networks of 140 bytes: u32 length, name[32], password[65], six bytes FF, 0x6B the key
 * (PMK) [32], 0x8B channel. They are those that the device was set to join, the present one among them.
 *   - phy/cal_mac: the MAC with which the radio was calibrated, the device's own.
 * A password and a name that stand in entries of their own belong together if a stored key follows from both,
 * or if both are what the store gives now. Erased entries are what was set before. */
#include "vendor/esp/remembered.h"

#include "base/bytes.h"

enum { INFO_NETWORKS = 5, INFO_EACH = 140, INFO_ALL = INFO_NETWORKS * INFO_EACH };
enum { INFO_PASSWORD = 36, INFO_PMK = 0x6B };

static bool is_ssid(const struct wtr_entry *entry)
{
    return wtr_text_is(entry->path, "nvs.net80211/sta.ssid") && entry->span.length == 36;
}

static bool is_password(const struct wtr_entry *entry)
{
    return wtr_text_is(entry->path, "nvs.net80211/sta.pswd") && entry->span.length == 65;
}

static bool is_info(const struct wtr_entry *entry)
{
    return wtr_text_is(entry->path, "nvs.net80211/sta.apinfo") && entry->span.length == INFO_ALL;
}

static bool is_mac(const struct wtr_entry *entry)
{
    return wtr_text_is(entry->path, "phy/cal_mac") && entry->span.length == 6;
}

bool wtr_esp_is_nvs(const struct wtr_entry *entry)
{
    return entry->integrity == WTR_INTEGRITY_OK &&
           (is_ssid(entry) || is_password(entry) || is_info(entry) || is_mac(entry));
}

static struct wtr_text sized_text(const uint8_t *bytes)
{
    uint32_t length = wtr_le32(bytes);
    bool fits = length >= 1 && length <= 32;
    return fits ? wtr_text_of(bytes + 4, length) : (struct wtr_text){NULL, 0};
}

static struct wtr_text ended_text(const uint8_t *bytes, size_t room)
{
    const uint8_t *end = memchr(bytes, 0, room);
    bool erased = *bytes == 0xFF;
    return end && !erased ? wtr_text_of(bytes, (size_t)(end - bytes)) : (struct wtr_text){NULL, 0};
}

/* Network number i of sta.apinfo; false where there is none. */
static bool info_network(const uint8_t *info, size_t i, struct wtr_esp_network *network)
{
    const uint8_t *at = info + i * INFO_EACH;
    network->ssid = sized_text(at);
    network->password = ended_text(at + INFO_PASSWORD, 65);
    network->pmk = wtr_text_of(at + INFO_PMK, WTR_PMK_SIZE);
    return network->ssid.length > 0;
}

/* ---- learning */

static void keep(struct wtr_esp_text *to, struct wtr_text text)
{
    if (text.length == 0 || text.length > sizeof to->bytes)
        return;
    to->length = (uint8_t)text.length;
    memcpy(to->bytes, text.data, text.length);
}

static struct wtr_text kept(const struct wtr_esp_text *text)
{
    return wtr_text_of(text->bytes, text->length);
}

static void learn_ssid(struct wtr_esp_remembered *state, struct wtr_text ssid, bool live)
{
    if (live)
        keep(&state->live_ssid, ssid);
    for (size_t i = 0; i < state->ssid_count; i++)
        if (wtr_text_equal(kept(&state->ssids[i]), ssid))
            return;
    if (ssid.length > 0 && state->ssid_count < WTR_ESP_MAX_TEXTS)
        keep(&state->ssids[state->ssid_count++], ssid);
}

static void learn_pmk(struct wtr_esp_remembered *state, struct wtr_text pmk)
{
    for (size_t i = 0; i < state->pmk_count; i++)
        if (memcmp(state->pmks[i], pmk.data, WTR_PMK_SIZE) == 0)
            return;
    if (state->pmk_count < WTR_ESP_MAX_TEXTS)
        memcpy(state->pmks[state->pmk_count++], pmk.data, WTR_PMK_SIZE);
}

void wtr_esp_learn_nvs(struct wtr_esp_remembered *state, const struct wtr_entry *entry)
{
    bool live = entry->state == WTR_ENTRY_LIVE;
    if (!wtr_esp_is_nvs(entry))
        return;
    if (is_ssid(entry))
        learn_ssid(state, sized_text(entry->span.bytes), live);
    for (size_t i = 0; is_info(entry) && i < INFO_NETWORKS; i++) {
        struct wtr_esp_network network;
        if (!info_network(entry->span.bytes, i, &network))
            continue;
        learn_pmk(state, network.pmk);
        if (live)
            wtr_esp_note_live(state, &network);
    }
}

/* ---- reading */

/* The name to which the password belongs; empty where that is not known. */
static struct wtr_text ssid_of(struct wtr_esp_remembered *state, struct wtr_text password, bool live,
                               bool *proved)
{
    struct wtr_esp_network network = {.password = password};
    *proved = false;
    if (live && state->live_ssid.length > 0) {
        network.ssid = kept(&state->live_ssid);
        *proved = wtr_esp_is_proved(state, &network, false);
        return network.ssid;
    }
    for (size_t i = 0; i < state->ssid_count && !*proved; i++) {
        network.ssid = kept(&state->ssids[i]);
        *proved = wtr_esp_is_proved(state, &network, false);
    }
    return *proved ? network.ssid : (struct wtr_text){NULL, 0};
}

static void read_password(const struct wtr_esp_said *r, const struct wtr_entry *entry)
{
    struct wtr_esp_network network = {.password = ended_text(entry->span.bytes, entry->span.length)};
    bool proved = false;
    if (network.password.length == 0)
        return;
    network.ssid = ssid_of(r->state, network.password, r->live, &proved);
    wtr_esp_say_password(r, "wifi", &network, proved);
}

/* Networks that it knows, not ones that it is in. Only what the key proves: the record's layout is known from
 * dumps alone. */
static void read_info(const struct wtr_esp_said *r, const struct wtr_entry *entry)
{
    for (size_t i = 0; i < INFO_NETWORKS; i++) {
        struct wtr_esp_network network;
        if (info_network(entry->span.bytes, i, &network) && network.password.length >= 8 &&
            wtr_esp_say_once(r, &network) && wtr_esp_is_proved(r->state, &network, true))
            wtr_esp_say_password(r, "wifi", &network, true);
    }
}

void wtr_esp_read_nvs(const struct wtr_esp_said *r, const struct wtr_entry *entry)
{
    if (is_ssid(entry))
        wtr_esp_say_join(r, sized_text(entry->span.bytes));
    else if (is_password(entry))
        read_password(r, entry);
    else if (is_info(entry))
        read_info(r, entry);
    else if (is_mac(entry))
        wtr_esp_say_mac(r, "cal_mac", wtr_text_of(entry->span.bytes, 6));
}

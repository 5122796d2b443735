/* SPDX-License-Identifier: Apache-2.0 */
/* What any device with a chip of Espressif's remembers, whatever its firmware: networks, their passwords, its
 * MAC. It names no family: the device is whoever else's words say. */
#include "vendor/esp/esp.h"

#include "flash/esp8266_params.h"
#include "flash/formats.h"
#include "model/devices.h"
#include "vendor/esp/remembered.h"

static bool is_params(const struct wtr_entry *entry)
{
    return entry->format == wtr_flash_esp8266_params.name;
}

static void note(struct wtr_esp_remembered *remembered, const struct wtr_esp8266_network *stored)
{
    const struct wtr_esp_network network = {stored->ssid, stored->password, stored->pmk};
    if (network.ssid.length > 0)
        wtr_esp_note_live(remembered, &network);
}

static void learn_entry(void *state, const struct wtr_entry *entry)
{
    struct wtr_esp_remembered *remembered = state;
    struct wtr_esp8266_params params;
    wtr_esp_learn_nvs(remembered, entry);
    if (!is_params(entry) || entry->state != WTR_ENTRY_LIVE ||
        !wtr_esp8266_params_open(&params, entry->span.bytes, entry->span.length))
        return;
    note(remembered, &params.station);
    note(remembered, &params.access_point);
    for (size_t i = 0; i < WTR_ESP8266_NETWORKS; i++)
        note(remembered, &params.known[i]);
}

static enum wtr_claim claim_entry(const void *state, const struct wtr_entry *entry)
{
    (void)state;
    return is_params(entry) || wtr_esp_is_nvs(entry) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static void read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say)
{
    struct wtr_esp_said r = {.state = state,
                             .say = say,
                             .device = wtr_say_dump_device(say, WTR_LAN_VENDOR),
                             .live = entry->state == WTR_ENTRY_LIVE};
    if (is_params(entry))
        wtr_esp_read_params(&r, entry);
    else
        wtr_esp_read_nvs(&r, entry);
}

const struct wtr_vendor wtr_esp = {
    .name = "esp",
    .state_size = sizeof(struct wtr_esp_remembered),
    .learn_entry = learn_entry,
    .claim_entry = claim_entry,
    .read_entry = read_entry,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* What the ESP8266's system parameters state (flash/esp8266_params.h): the network that the device was set
 * to, others that it was in, its own access point, its MAC. Where a key is stored that does not follow from
 * the name and password beside it, that network is a finding and no statement. */
#include "flash/esp8266_params.h"
#include "vendor/esp/remembered.h"

static struct wtr_esp_network of(const struct wtr_esp8266_network *network)
{
    return (struct wtr_esp_network){network->ssid, network->password, network->pmk};
}

/* Whether the network may be believed; *proved: its key says so. */
static bool is_sound(const struct wtr_esp_said *r, const struct wtr_esp_network *network, bool proof_needed,
                     bool *proved)
{
    *proved = wtr_esp_is_proved(r->state, network, true);
    if (*proved || (!proof_needed && network->pmk.length == 0))
        return true;
    if (network->pmk.length > 0)
        wtr_say_finding(r->say, network->ssid,
                        "the stored key does not follow from this network's name and password");
    return false;
}

enum role { STATION, KNOWN, ACCESS_POINT };

static void say_network(const struct wtr_esp_said *r, const struct wtr_esp8266_network *stored,
                        enum role role, bool proof_needed)
{
    struct wtr_esp_network network = of(stored);
    bool proved = false;
    if (network.ssid.length == 0 || !wtr_esp_say_once(r, &network) ||
        !is_sound(r, &network, proof_needed, &proved))
        return;
    if (role == STATION)
        wtr_esp_say_join(r, network.ssid);
    wtr_esp_say_password(r, role == ACCESS_POINT ? "wifi access point" : "wifi", &network, proved);
}

void wtr_esp_read_params(const struct wtr_esp_said *r, const struct wtr_entry *entry)
{
    struct wtr_esp8266_params params;
    if (!wtr_esp8266_params_open(&params, entry->span.bytes, entry->span.length))
        return;
    bool summed = entry->check && strcmp(entry->check, WTR_ESP8266_CHECK_PMK) != 0;
    if (summed && params.mac.length > 0)
        wtr_esp_say_mac(r, "mac", params.mac);
    say_network(r, &params.station, STATION, !summed);
    for (size_t i = 0; i < WTR_ESP8266_NETWORKS; i++)
        say_network(r, &params.known[i], KNOWN, true);
    say_network(r, &params.access_point, ACCESS_POINT, true);
}

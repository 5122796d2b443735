/* SPDX-License-Identifier: Apache-2.0 */
/* The words in which a Shelly says what caused a change, as they stand in `source`. The official text calls
 * it "source of the last command, for example: init, WS_in, http" (shelly-api-docs gen2 Switch; Gen1
 * /relay/0); it is free text, and new firmware adds words. Compared without case: both MQTT and mqtt occur.
 *
 *   word                    mark
 *   init                    [V]  real statuses after a start
 *   MQTT, mqtt              [S]  published statuses after commands by MQTT, RPC or plain
 *   HTTP_in, http, HTTP     [S]  official text, published notifications; Gen1's http [V]
 *   WS_in                   [V]  real statuses; by WebSocket, as the device's own web page calls
 *   UI                      [S]  published Gen2 material: the device's own web page
 *   SHC, cloud              [V]  SHC in real statuses, cloud [S] in Gen1 clients: the vendor's cloud
 *   input, switch, button   [S]  published material: a button, or a wall switch at the input
 *   timer                   [S]  the vendor's own scripts
 *   schedule                [S]  Gen1 clients
 *   script                  [S]  clients
 *   overpower, overpower…   [S]  clients: a cut-off
 *
 * Other words (THERMOSTAT, transition, loopback, limit_switch …) stand for nothing here. */
#include "vendor/shelly/reading.h"

static const struct {
    const char *word;
    enum wtr_trigger trigger;
} sources[] = {
    {"init", WTR_TRIGGER_BOOT},         {"mqtt", WTR_TRIGGER_MQTT},     {"http_in", WTR_TRIGGER_HTTP},
    {"http", WTR_TRIGGER_HTTP},         {"ws_in", WTR_TRIGGER_HTTP},    {"ui", WTR_TRIGGER_HTTP},
    {"shc", WTR_TRIGGER_CLOUD},         {"cloud", WTR_TRIGGER_CLOUD},   {"input", WTR_TRIGGER_BUTTON},
    {"switch", WTR_TRIGGER_BUTTON},     {"button", WTR_TRIGGER_BUTTON}, {"timer", WTR_TRIGGER_TIMER},
    {"schedule", WTR_TRIGGER_SCHEDULE}, {"script", WTR_TRIGGER_RULE},
};

enum wtr_trigger wtr_shelly_trigger(struct wtr_text word)
{
    static const char overload[] = "overpower";
    const size_t n = sizeof overload - 1;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (wtr_text_is_nocase(word, sources[i].word))
            return sources[i].trigger;
    bool over = word.length >= n && wtr_text_is_nocase((struct wtr_text){word.data, n}, overload);
    return over ? WTR_TRIGGER_OVERLOAD : WTR_TRIGGER_NONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Relays, as Tasmota states them (xdrv_02_9_mqtt.ino MqttPublishPowerState, support_tasmota.ino
 * MqttShowState, tasmota/docs MQTT.md, Commands.md) [S], [V] on a broker with payloads of our own:
 *
 *   - "POWER" where there is one relay, "POWER1" … "POWERn" where there are several; SetOption26 writes
 * POWER1 for a single one too. So a bare POWER is channel 1.
 *   - The words are OFF and ON unless renamed (StateText1, StateText2; `state` of the discovery message).
 *   - "Blink ON" and "Blink OFF" announce blinking, HOLD and TOGGLE are a button's words: none is a state.
 *   - `Power` of STATUS is a bit a relay: a number in older firmware, binary digits in newer (ToBinary in
 *     ext_printf.cpp: the last digit is relay 1, one digit at least). A zero also stands there where the
 *     device has no relay at all, so a zero is only believed of a relay that is known.
 *   - Wifi: SSId, BSSId (APMac in 5.x), Channel, Signal in dBm (absent in old firmware); RSSI is per cent. */
#include "vendor/mqtt_publish.h"
#include "vendor/tasmota/reading.h"

enum { MAX_CHANNEL = 32 };

static bool state_of(const struct wtr_tasmota_device *known, struct wtr_text word, bool *on)
{
    const struct wtr_text *words = known ? known->words : NULL;
    if (!words || !words[WTR_TASMOTA_OFF].data || !words[WTR_TASMOTA_ON].data)
        return wtr_text_on_off(word, "ON", "OFF", on);
    *on = wtr_text_equal(word, words[WTR_TASMOTA_ON]);
    return *on != wtr_text_equal(word, words[WTR_TASMOTA_OFF]);
}

static bool is_other_word(struct wtr_text word)
{
    struct wtr_text first = wtr_text_cut(&word, ' ');
    return wtr_text_is_nocase(first, "BLINK") || wtr_text_is_nocase(first, "HOLD") ||
           wtr_text_is_nocase(first, "TOGGLE");
}

void wtr_tasmota_say_power(struct wtr_tasmota_reading *r, unsigned channel, struct wtr_text name,
                           struct wtr_text word, struct wtr_text raw)
{
    bool on = false;
    if (!state_of(r->known, word, &on)) {
        if (!is_other_word(word))
            wtr_say_finding(r->say, raw, "the word is not known as a relay's state");
        return;
    }
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_POWER_STATE, .channel = channel};
    wtr_tasmota_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw(r->say, name, raw);
    wtr_tasmota_end(&s);
    if (r->known)
        r->known->relays |= (uint64_t)1 << (channel - 1);
}

void wtr_tasmota_read_power(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member)
{
    if (member->number < 1 || member->number > MAX_CHANNEL)
        return;
    struct wtr_text word = wtr_json_string(r->json, member->value, wtr_say_scratch(r->say));
    if (word.data)
        wtr_tasmota_say_power(r, member->number, member->name, word, wtr_json_raw(r->json, member->value));
    else
        wtr_tasmota_finding_at(r, member->value, "a relay's state is no text");
}

/* The bits of STATUS's Power; false if it has neither form. */
static bool power_bits(const struct wtr_json *json, wtr_json_ref value, uint32_t *bits)
{
    int64_t number = 0;
    if (wtr_json_int(json, value, &number)) {
        *bits = (uint32_t)number;
        return number >= 0 && number <= UINT32_MAX;
    }
    struct wtr_text digits = wtr_json_raw(json, value);
    *bits = 0;
    if (!wtr_json_is(json, value, WTR_JSON_STRING) || digits.length == 0 || digits.length > MAX_CHANNEL)
        return false;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.data[i] != '0' && digits.data[i] != '1')
            return false;
        *bits = *bits << 1 | (uint32_t)(digits.data[i] - '0');
    }
    return true;
}

void wtr_tasmota_read_power_bits(struct wtr_tasmota_reading *r, wtr_json_ref status)
{
    wtr_json_ref value = wtr_json_get(r->json, status, "Power");
    uint32_t bits = 0;
    if (value < 0)
        return;
    if (!power_bits(r->json, value, &bits)) {
        wtr_tasmota_finding_at(r, value, "the relays' states are no bits");
        return;
    }
    for (unsigned n = 1; n <= MAX_CHANNEL; n++) {
        bool on = bits >> (n - 1) & 1;
        bool known = r->known && (r->known->relays >> (n - 1) & 1);
        if (!on && !known)
            continue;
        struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_POWER_STATE, .channel = n};
        wtr_tasmota_begin(&s);
        wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
        wtr_say_raw_json(r->say, "Power", r->json, value);
        wtr_tasmota_end(&s);
    }
}

static void add_bssid(struct wtr_tasmota_sentence *s, wtr_json_ref wifi, const char *name)
{
    struct wtr_tasmota_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, wifi, name);
    uint8_t mac[6];
    if (!wtr_json_is(r->json, value, WTR_JSON_STRING) || !wtr_parse_mac(wtr_json_raw(r->json, value), mac))
        return;
    wtr_tasmota_begin(s);
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    wtr_buffer_clear(scratch);
    wtr_put_mac(scratch, mac);
    wtr_say_text(r->say, WTR_FIELD_BSSID, wtr_buffer_text(scratch));
    wtr_say_raw_json(r->say, name, r->json, value);
}

void wtr_tasmota_read_wifi(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    wtr_json_ref wifi = wtr_tasmota_object(r, object, "Wifi");
    if (wifi < 0)
        return;
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_NETWORK_JOIN};
    wtr_tasmota_add_text(&s, wifi, "SSId", WTR_FIELD_SSID);
    add_bssid(&s, wifi, "BSSId");
    add_bssid(&s, wifi, "APMac");
    wtr_tasmota_add_int(&s, wifi, "Channel", WTR_FIELD_WIFI_CHANNEL, 0, 300);
    wtr_tasmota_add_int(&s, wifi, "Signal", WTR_FIELD_RSSI_DBM, -200, 50);
    wtr_tasmota_end(&s);
}

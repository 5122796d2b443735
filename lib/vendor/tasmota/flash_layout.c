/* SPDX-License-Identifier: Apache-2.0 */
/* Where the fields of Tasmota's settings lie, by version (the offsets in the comments of Tasmota's
 * settings.h, tasmota_types.h, and the tables of decode-config, from 5.10.0 to 15.0) [S]; those of 13.3.0
 * [V].
 *
 *   - Texts have places of their own until 8.0.0; from 8.0.0.1 on they stand in one pool of 699 bytes at
 * 0x17, one behind the other, each with its NUL, in a fixed order that only grew at its end.
 *   - Energy today and yesterday is in 10 mWh. The total and the export too, but from 12.3.1.3 on in Wh
 *     (SettingsDelta divides by 100). Three phases from 9.5.0.9 on. The reader of the energy knows the units.
 *   - Of the ESP32-P4 and C5 what lies between 0x300 and 0x600 is elsewhere: not read.
 *   - Rules may be compressed from 8.2.0.6 on: then the first byte is 0 and the second is not. */
#include "base/bytes.h"
#include "vendor/tasmota/flash_settings.h"

enum { MAY_SIGN = 0x80 };

/* Chips of which the row holds. */
enum { ANY = 0xFF, NOT_P4 = 0x7F, ONLY_8266 = 1, ANY_32 = 0x7E };
#define CHIP(n) (1 << (n))

static const struct place {
    uint8_t field;
    uint8_t width; /* bytes; | MAY_SIGN */
    uint8_t count;
    uint8_t chips;
    uint16_t at;
    uint32_t from; /* first version */
    uint32_t to;   /* first version that no longer has it there; 0: none */
} places[] = {
    {WTR_TASMOTA_BOOTCOUNT, 4, 1, ANY, 0x00C, 0, 0x06000000},
    {WTR_TASMOTA_BOOTCOUNT, 2, 1, ANY, 0x00C, 0x06000000, 0},
    {WTR_TASMOTA_FLAG, 4, 1, ANY, 0x010, 0, 0},
    {WTR_TASMOTA_SAVE_DATA, 2 | MAY_SIGN, 1, ANY, 0x014, 0, 0},
    {WTR_TASMOTA_POWER, 4, 1, ANY, 0x2E8, 0, 0},
    {WTR_TASMOTA_POWERONSTATE, 1, 1, NOT_P4, 0x398, 0, 0},
    {WTR_TASMOTA_PULSE_TIMER, 2, 8, ANY, 0x532, 0, 0x0B000003},
    {WTR_TASMOTA_PULSE_TIMER, 2, 32, ANY, 0x57C, 0x0B000003, 0},
    {WTR_TASMOTA_TODAY, 4, 1, ANY, 0x370, 0, 0x09050009},
    {WTR_TASMOTA_TODAY, 4 | MAY_SIGN, 3, ANY, 0x314, 0x09050009, 0},
    {WTR_TASMOTA_YESTERDAY, 4, 1, ANY, 0x374, 0, 0x09050009},
    {WTR_TASMOTA_YESTERDAY, 4 | MAY_SIGN, 3, ANY, 0x320, 0x09050009, 0},
    {WTR_TASMOTA_TOTAL, 4, 1, ANY, 0x554, 0, 0x09050004},
    {WTR_TASMOTA_TOTAL, 4, 1, ANY, 0xF9C, 0x09050004, 0x09050009},
    {WTR_TASMOTA_TOTAL, 4 | MAY_SIGN, 3, ANY, 0x32C, 0x09050009, 0},
    {WTR_TASMOTA_EXPORT, 4 | MAY_SIGN, 3, ANY, 0xF7C, 0x0B010001, 0},
    {WTR_TASMOTA_ENERGY_DAY, 2, 1, NOT_P4, 0x378, 0, 0x0C020002},
    {WTR_TASMOTA_ENERGY_DAY, 2, 1, NOT_P4, 0x3A4, 0x0C020002, 0},
    {WTR_TASMOTA_TOTAL_TIME, 4, 1, ANY, 0x7B4, 0x06030000, 0},
    {WTR_TASMOTA_TIMER, 4, 16, ANY, 0x670, 0x050D0100, 0},
    {WTR_TASMOTA_LATITUDE, 4 | MAY_SIGN, 1, ANY, 0x6B0, 0x050D0100, 0},
    {WTR_TASMOTA_LONGITUDE, 4 | MAY_SIGN, 1, ANY, 0x6B4, 0x050D0100, 0},
    {WTR_TASMOTA_RULE_ENABLED, 1, 1, NOT_P4, 0x49F, 0x06000000, 0},
    {WTR_TASMOTA_TIMERS_ENABLED, 4, 1, NOT_P4, 0x3A0, 0x06020100, 0},
    {WTR_TASMOTA_MQTT_PORT, 2, 1, ANY, 0x20A, 0, 0x07010206},
    {WTR_TASMOTA_MQTT_PORT, 2, 1, ANY, 0xEFC, 0x07010206, 0},
    {WTR_TASMOTA_STA_ACTIVE, 1, 1, ANY, 0x0A0, 0, 0x07010205},
    {WTR_TASMOTA_STA_ACTIVE, 1, 1, ANY, 0xEC8, 0x07010205, 0},
    {WTR_TASMOTA_WIFI_CHANNEL, 1, 1, ANY, 0xF09, 0x08020003, 0},
    {WTR_TASMOTA_TIMESTAMP, 4, 1, ANY, 0xFF8, 0x0606000A, 0},
    {WTR_TASMOTA_BOOT_RESET, 4, 1, ANY, 0xFD4, 0x08010006, 0},
    {WTR_TASMOTA_MODULE, 1, 1, NOT_P4 & ~CHIP(WTR_TASMOTA_ESP32S3), 0x474, 0, 0},
    {WTR_TASMOTA_MODULE, 1, 1, CHIP(WTR_TASMOTA_ESP32S3), 0x45F, 0x0A010006, 0},
    {WTR_TASMOTA_GPIO, 1, 17, ONLY_8266, 0x484, 0x06040110, 0x09000001},
    {WTR_TASMOTA_GPIO, 2, 18, ONLY_8266, 0x3AC, 0x09000001, 0},
    {WTR_TASMOTA_GPIO, 2, 40, CHIP(WTR_TASMOTA_ESP32), 0x3AC, 0x08020006, 0},
    {WTR_TASMOTA_GPIO, 2, 49, CHIP(WTR_TASMOTA_ESP32S3), 0x3AC, 0x0A010006, 0},
    {WTR_TASMOTA_GPIO, 2, 47, CHIP(WTR_TASMOTA_ESP32S2), 0x3AC, 0x0A010006, 0},
    {WTR_TASMOTA_GPIO, 2, 22, CHIP(WTR_TASMOTA_ESP32C3), 0x3AC, 0x0A010006, 0},
    {WTR_TASMOTA_GPIO, 2, 21, CHIP(WTR_TASMOTA_ESP32C2), 0x3AC, 0x0D010001, 0},
    {WTR_TASMOTA_GPIO, 2, 31, CHIP(WTR_TASMOTA_ESP32C6), 0x3AC, 0x0D010001, 0},
    {WTR_TASMOTA_TEMPLATE, 1, 13, ONLY_8266, 0x72F, 0x06040110, 0x09000001},
    {WTR_TASMOTA_TEMPLATE, 2, 14, ONLY_8266, 0x3FC, 0x09000001, 0},
    {WTR_TASMOTA_TEMPLATE, 2, 36, CHIP(WTR_TASMOTA_ESP32) | CHIP(WTR_TASMOTA_ESP32S2), 0x3FC, 0x08020006, 0},
    {WTR_TASMOTA_TEMPLATE, 2, 33, CHIP(WTR_TASMOTA_ESP32S3), 0x410, 0x0A010006, 0},
    {WTR_TASMOTA_TEMPLATE, 2, 22, CHIP(WTR_TASMOTA_ESP32C3), 0x3FC, 0x0A010006, 0},
};

static const struct place *place_of(const struct wtr_tasmota_settings *s, enum wtr_tasmota_field field)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct place *place = &places[i];
        bool in_version = s->version >= place->from && (place->to == 0 || s->version < place->to);
        if (place->field == field && in_version && (place->chips & CHIP(s->chip)) != 0)
            return place;
    }
    return NULL;
}

bool wtr_tasmota_settings_number(const struct wtr_tasmota_settings *settings, enum wtr_tasmota_field field,
                                 unsigned index, int64_t *value, struct wtr_text *raw)
{
    const struct place *place = place_of(settings, field);
    if (!place || index >= place->count)
        return false;
    size_t width = place->width & ~(unsigned)MAY_SIGN;
    size_t at = place->at + index * width;
    if (at + width > settings->length)
        return false;
    const uint8_t *p = settings->bytes + at;
    bool is_signed = (place->width & MAY_SIGN) != 0;
    if (width == 1)
        *value = *p;
    else if (width == 2)
        *value = is_signed ? (int16_t)wtr_le16(p) : (int64_t)wtr_le16(p);
    else
        *value = is_signed ? (int32_t)wtr_le32(p) : (int64_t)wtr_le32(p);
    *raw = wtr_text_of(p, width);
    return true;
}

/* Texts before 8.0.0.1. */
static const struct old_text {
    uint8_t text;
    uint8_t count;
    uint8_t size;
    uint16_t at;
} old_texts[] = {
    {WTR_TASMOTA_T_SSID, 2, 33, 0x0A1},          {WTR_TASMOTA_T_PASSWORD, 2, 65, 0x0E3},
    {WTR_TASMOTA_T_HOSTNAME, 1, 33, 0x165},      {WTR_TASMOTA_T_MQTT_HOST, 1, 33, 0x1E9},
    {WTR_TASMOTA_T_MQTT_CLIENT, 1, 33, 0x20C},   {WTR_TASMOTA_T_MQTT_USER, 1, 33, 0x22D},
    {WTR_TASMOTA_T_MQTT_PASSWORD, 1, 33, 0x24E}, {WTR_TASMOTA_T_TOPIC, 1, 33, 0x26F},
    {WTR_TASMOTA_T_GROUP_TOPIC, 1, 33, 0x2B1},   {WTR_TASMOTA_T_FRIENDLY_NAME, 4, 33, 0x3AC},
    {WTR_TASMOTA_T_WEB_PASSWORD, 1, 33, 0x4A9},  {WTR_TASMOTA_T_FULLTOPIC, 1, 100, 0x558},
};

/* The text up to its NUL, or all that there is room for. */
static struct wtr_text text_at(const uint8_t *from, size_t room)
{
    const uint8_t *end = memchr(from, 0, room);
    return wtr_text_of(from, end ? (size_t)(end - from) : room);
}

static struct wtr_text old_text(const struct wtr_tasmota_settings *s, enum wtr_tasmota_settings_text text,
                                unsigned index)
{
    for (size_t i = 0; i < sizeof old_texts / sizeof *old_texts; i++) {
        const struct old_text *place = &old_texts[i];
        if (place->text == text && index < place->count)
            return text_at(s->bytes + place->at + (size_t)index * place->size, place->size);
    }
    return (struct wtr_text){NULL, 0};
}

/* How many texts of the kind the version knows. */
static unsigned texts_of(uint32_t version, enum wtr_tasmota_settings_text text)
{
    switch (text) {
    case WTR_TASMOTA_T_SSID:
    case WTR_TASMOTA_T_PASSWORD:
        return 2;
    case WTR_TASMOTA_T_FRIENDLY_NAME:
        return version < 0x08010000 ? 4 : 8;
    case WTR_TASMOTA_T_TEMPLATE_NAME:
        return version < 0x08020003 ? 0 : 1;
    case WTR_TASMOTA_T_DEVICE_NAME:
        return version < 0x08030101 ? 0 : 1;
    default:
        return 1;
    }
}

struct wtr_text wtr_tasmota_settings_text(const struct wtr_tasmota_settings *settings,
                                          enum wtr_tasmota_settings_text text, unsigned index)
{
    enum { POOL = 0x17, POOL_SIZE = 699 };
    const struct wtr_text nothing = {NULL, 0};
    if (settings->version < 0x08000001)
        return old_text(settings, text, index);
    if (index >= texts_of(settings->version, text))
        return nothing;
    const uint8_t *at = settings->bytes + POOL;
    const uint8_t *end = at + POOL_SIZE;
    for (unsigned skip = (unsigned)text + index; skip > 0; skip--) {
        at = memchr(at, 0, (size_t)(end - at));
        if (!at || ++at == end)
            return nothing;
    }
    return memchr(at, 0, (size_t)(end - at)) ? text_at(at, (size_t)(end - at)) : nothing;
}

struct wtr_text wtr_tasmota_settings_rule(const struct wtr_tasmota_settings *settings, unsigned number)
{
    enum { RULES = 0x800, RULE_SIZE = 512 };
    const struct wtr_text nothing = {NULL, 0};
    unsigned rules = settings->version < 0x050D0100 ? 0 : settings->version < 0x06000000 ? 1 : 3;
    if (number < 1 || number > rules)
        return nothing;
    const uint8_t *rule = settings->bytes + RULES + (size_t)(number - 1) * RULE_SIZE;
    return *rule ? text_at(rule, RULE_SIZE) : nothing;
}

bool wtr_tasmota_settings_bssid(const struct wtr_tasmota_settings *settings, struct wtr_text *bssid)
{
    enum { BSSID = 0xF0A };
    static const uint8_t none[6];
    const uint8_t *at = settings->bytes + BSSID;
    if (settings->version < 0x08020003 || settings->length < BSSID + sizeof none ||
        memcmp(at, none, sizeof none) == 0 || (*at & 1) != 0)
        return false;
    *bssid = wtr_text_of(at, sizeof none);
    return true;
}

/* What a pin's code says of relays: 21 … 28 and 29 … 36 (inverted) up to 8.5; from 9.0.0.1 on, and on the
 * ESP32, 224 … 255 and 256 … 287 (tasmota/docs GPIO-Conversion.md). */
static uint32_t relay_of(const struct wtr_tasmota_settings *s, int64_t code)
{
    bool narrow = s->chip == WTR_TASMOTA_ESP8266 && s->version < 0x09000001;
    int64_t first = narrow ? 21 : 224;
    int64_t each = narrow ? 8 : 32;
    if (code < first || code >= first + 2 * each)
        return 0;
    return (uint32_t)1 << (code - first) % each;
}

uint32_t wtr_tasmota_settings_relays(const struct wtr_tasmota_settings *settings)
{
    enum { USER_MODULE = 255, MAX_PINS = 64 };
    uint32_t relays = 0;
    int64_t module = 0;
    int64_t code = 0;
    struct wtr_text raw;
    bool user =
        wtr_tasmota_settings_number(settings, WTR_TASMOTA_MODULE, 0, &module, &raw) && module == USER_MODULE;
    for (unsigned pin = 0; pin < MAX_PINS; pin++) {
        if (wtr_tasmota_settings_number(settings, WTR_TASMOTA_GPIO, pin, &code, &raw))
            relays |= relay_of(settings, code);
        if (user && wtr_tasmota_settings_number(settings, WTR_TASMOTA_TEMPLATE, pin, &code, &raw))
            relays |= relay_of(settings, code);
    }
    return relays;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of CoIoT that are known without the device's description [S]. The vendor says that they "should
 * not be relied upon", so a description comes first, and only types that are known to be relays or plugs are
 * read by this table.
 *
 * Version 2 has one scheme: thousands tell what it is, hundreds which one (from 1), the rest the property
 * (the property list as it stands in FHEM's ShellyMonitor and in node-shellies, lib/devices; units in the
 * devices' own descriptions, as ioBroker.shelly quotes them). A Shelly 2 measures both relays at once.
 * Version 1 numbers differ by type (the same sources). */
#include "vendor/shelly/coiot.h"

struct known_type {
    const char *type;
    const char *prefix; /* Shelly API reference, MQTT: "shellies/<model>-<id>" */
    uint8_t relays;     /* 0: not read without a description */
    bool one_meter;     /* for all relays */
};

static const struct known_type types[] = {
    {"SHPLG-1", "shellyplug", 1, false},     {"SHPLG-S", "shellyplug-s", 1, false},
    {"SHPLG-U1", "shellyplug-u1", 1, false}, {"SHPLG2-1", NULL, 1, false},
    {"SHSW-1", "shelly1", 1, false},         {"SHSW-PM", "shelly1pm", 1, false},
    {"SHSW-L", "shelly1l", 1, false},        {"SHSW-21", "shellyswitch", 2, true},
    {"SHSW-25", "shellyswitch25", 2, false}, {"SHSW-44", "shelly4pro", 4, false},
    {"SHEM", "shellyem", 1, false},          {"SHEM-3", "shellyem3", 1, false},
    {"SHUNI-1", "shellyuni", 2, false},      {"SHIX3-1", "shellyix3", 0, false},
};

static const struct known_type *type_of(struct wtr_text type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (wtr_text_is(type, types[i].type))
            return &types[i];
    return NULL;
}

const char *wtr_coiot_prefix(struct wtr_text type)
{
    const struct known_type *known = type_of(type);
    return known ? known->prefix : NULL;
}

/* ---- version 1 */

struct first_version {
    const char *type;
    uint16_t id;   /* of the first channel; the next ones follow in tens */
    uint8_t count; /* channels */
    enum wtr_coiot_meaning meaning;
    enum wtr_coiot_place place;
};

static const struct first_version first[] = {
    {"SHPLG-1", 111, 1, WTR_COIOT_POWER, WTR_COIOT_RELAY},
    {"SHPLG-1", 112, 1, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY},
    {"SHPLG-S", 111, 1, WTR_COIOT_POWER, WTR_COIOT_RELAY},
    {"SHPLG-S", 112, 1, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY},
    {"SHPLG-S", 113, 1, WTR_COIOT_TEMPERATURE, WTR_COIOT_DEVICE},
    {"SHPLG-S", 114, 1, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE}, /* the same in Fahrenheit */
    {"SHPLG-S", 115, 1, WTR_COIOT_OVERTEMPERATURE, WTR_COIOT_DEVICE},
    {"SHPLG-S", 211, 1, WTR_COIOT_UNSAID, WTR_COIOT_RELAY}, /* the last minutes: which is not told */
    {"SHPLG-S", 212, 1, WTR_COIOT_UNSAID, WTR_COIOT_RELAY},
    {"SHPLG-S", 213, 1, WTR_COIOT_UNSAID, WTR_COIOT_RELAY},
    {"SHPLG-S", 214, 1, WTR_COIOT_ENERGY, WTR_COIOT_RELAY},
    {"SHSW-1", 112, 1, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY},
    {"SHSW-1", 118, 1, WTR_COIOT_INPUT, WTR_COIOT_INPUT_PLACE},
    {"SHSW-PM", 111, 1, WTR_COIOT_POWER, WTR_COIOT_RELAY},
    {"SHSW-PM", 112, 1, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY},
    {"SHSW-PM", 113, 1, WTR_COIOT_TEMPERATURE, WTR_COIOT_DEVICE},
    {"SHSW-PM", 114, 1, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE},
    {"SHSW-PM", 115, 1, WTR_COIOT_OVERTEMPERATURE, WTR_COIOT_DEVICE},
    {"SHSW-PM", 118, 1, WTR_COIOT_INPUT, WTR_COIOT_INPUT_PLACE},
    {"SHSW-PM", 211, 1, WTR_COIOT_UNSAID, WTR_COIOT_RELAY},
    {"SHSW-PM", 212, 1, WTR_COIOT_UNSAID, WTR_COIOT_RELAY},
    {"SHSW-PM", 213, 1, WTR_COIOT_UNSAID, WTR_COIOT_RELAY},
    {"SHSW-PM", 214, 1, WTR_COIOT_ENERGY, WTR_COIOT_RELAY},
    {"SHSW-21", 111, 1, WTR_COIOT_POWER, WTR_COIOT_DEVICE},
    {"SHSW-21", 112, 2, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY},
    {"SHSW-21", 113, 1, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE}, /* a roller's position */
    {"SHSW-21", 118, 2, WTR_COIOT_INPUT, WTR_COIOT_INPUT_PLACE},
    {"SHSW-25", 111, 2, WTR_COIOT_POWER, WTR_COIOT_RELAY},
    {"SHSW-25", 112, 2, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY},
    {"SHSW-25", 113, 1, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE},
    {"SHSW-25", 115, 1, WTR_COIOT_TEMPERATURE, WTR_COIOT_DEVICE},
    {"SHSW-25", 116, 1, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE},
    {"SHSW-25", 117, 1, WTR_COIOT_OVERTEMPERATURE, WTR_COIOT_DEVICE},
    {"SHSW-25", 118, 2, WTR_COIOT_INPUT, WTR_COIOT_INPUT_PLACE},
    {"SHSW-25", 211, 2, WTR_COIOT_UNSAID, WTR_COIOT_RELAY},
    {"SHSW-25", 212, 2, WTR_COIOT_UNSAID, WTR_COIOT_RELAY},
    {"SHSW-25", 213, 2, WTR_COIOT_UNSAID, WTR_COIOT_RELAY},
    {"SHSW-25", 214, 2, WTR_COIOT_ENERGY, WTR_COIOT_RELAY},
    {"SHSW-44", 111, 4, WTR_COIOT_POWER, WTR_COIOT_RELAY},
    {"SHSW-44", 112, 4, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY},
    {"SHEM", 111, 2, WTR_COIOT_POWER, WTR_COIOT_EMETER},
    {"SHEM", 112, 1, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY},
    {"SHEM", 116, 2, WTR_COIOT_VOLTAGE, WTR_COIOT_EMETER},
    {"SHEM-3", 111, 3, WTR_COIOT_POWER, WTR_COIOT_EMETER},
    {"SHEM-3", 112, 1, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY},
    {"SHEM-3", 114, 3, WTR_COIOT_POWER_FACTOR, WTR_COIOT_EMETER},
    {"SHEM-3", 115, 3, WTR_COIOT_CURRENT, WTR_COIOT_EMETER},
    {"SHEM-3", 116, 3, WTR_COIOT_VOLTAGE, WTR_COIOT_EMETER},
};

static struct wtr_coiot_sense of_first(struct wtr_text type, uint32_t number)
{
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        uint32_t after = number - first[i].id;
        if (wtr_text_is(type, first[i].type) && number >= first[i].id && after % 10 == 0 &&
            after / 10 < first[i].count)
            return (struct wtr_coiot_sense){.id = number,
                                            .meaning = (uint8_t)first[i].meaning,
                                            .place = (uint8_t)first[i].place,
                                            .number = (uint8_t)(after / 10),
                                            .watt_minutes = true};
    }
    return (struct wtr_coiot_sense){.id = number};
}

/* ---- version 2 */

struct second_version {
    uint16_t id; /* with 1 for the hundreds */
    bool numbered;
    enum wtr_coiot_meaning meaning;
    enum wtr_coiot_place place;
    bool watt_minutes;
    const char *invalid;
};

static const struct second_version second[] = {
    {1101, true, WTR_COIOT_OUTPUT, WTR_COIOT_RELAY, false, ""},
    {1102, true, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""}, /* roller, rollerPos */
    {1103, true, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""},
    {2101, true, WTR_COIOT_INPUT, WTR_COIOT_INPUT_PLACE, false, ""},
    {2102, true, WTR_COIOT_INPUT_EVENT, WTR_COIOT_INPUT_PLACE, false, ""},
    {2103, true, WTR_COIOT_INPUT_COUNT, WTR_COIOT_INPUT_PLACE, false, ""},
    {3101, true, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""}, /* extTemp, humidity */
    {3102, true, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""},
    {3103, true, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""},
    {3104, false, WTR_COIOT_TEMPERATURE, WTR_COIOT_DEVICE, false, "999"},
    {3105, false, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""}, /* the same in Fahrenheit */
    {3117, false, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""}, /* extInput */
    {4101, true, WTR_COIOT_POWER, WTR_COIOT_RELAY, false, "-1"},
    {4102, true, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""}, /* rollerPower */
    {4103, true, WTR_COIOT_ENERGY, WTR_COIOT_RELAY, true, "-1"},
    {4104, true, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""}, /* rollerEnergy */
    {4105, true, WTR_COIOT_POWER, WTR_COIOT_EMETER, false, "-1"},
    {4106, true, WTR_COIOT_ENERGY, WTR_COIOT_EMETER, false, "-1"},
    {4107, true, WTR_COIOT_ENERGY_RETURNED, WTR_COIOT_EMETER, false, "-1"},
    {4108, true, WTR_COIOT_VOLTAGE, WTR_COIOT_EMETER, false, "-1"},
    {4109, true, WTR_COIOT_CURRENT, WTR_COIOT_EMETER, false, "-1"},
    {4110, true, WTR_COIOT_POWER_FACTOR, WTR_COIOT_EMETER, false, "-1"},
    {6101, false, WTR_COIOT_OVERTEMPERATURE, WTR_COIOT_DEVICE, false, "-1"},
    {6102, true, WTR_COIOT_OVERPOWER, WTR_COIOT_RELAY, false, "-1"},
    {6103, true, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""}, /* rollerStopReason */
    {6109, false, WTR_COIOT_OVERPOWER_VALUE, WTR_COIOT_RELAY, false, "-1"},
    {9101, false, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""}, /* mode */
    {9102, false, WTR_COIOT_UNSAID, WTR_COIOT_DEVICE, false, ""}, /* wakeupEvent */
    {9103, false, WTR_COIOT_CONFIG_COUNT, WTR_COIOT_DEVICE, false, ""},
};

static struct wtr_coiot_sense of_second(const struct known_type *type, uint32_t number)
{
    uint32_t channel = number / 100 % 10;
    uint32_t plain = number - (channel - 1) * 100;
    for (size_t i = 0; i < sizeof second / sizeof *second && channel > 0 && number <= 9999; i++) {
        const struct second_version *s = &second[i];
        if (s->id != plain || (channel > 1 && !s->numbered))
            continue;
        struct wtr_coiot_sense sense = {.id = number,
                                        .meaning = (uint8_t)s->meaning,
                                        .place = (uint8_t)s->place,
                                        .number = (uint8_t)(channel - 1),
                                        .watt_minutes = s->watt_minutes,
                                        .invalid_length = (uint8_t)strlen(s->invalid)};
        memcpy(sense.invalid, s->invalid, sense.invalid_length);
        bool meter = s->meaning != WTR_COIOT_OUTPUT && s->meaning != WTR_COIOT_OVERPOWER;
        if (s->place == WTR_COIOT_RELAY && type->one_meter && meter)
            sense.place = WTR_COIOT_DEVICE;
        bool beyond = s->place == WTR_COIOT_RELAY && channel > type->relays;
        return beyond ? (struct wtr_coiot_sense){.id = number} : sense;
    }
    return (struct wtr_coiot_sense){.id = number};
}

struct wtr_coiot_sense wtr_coiot_known(const struct wtr_coiot_id *id, uint32_t number)
{
    const struct known_type *type = type_of(id->type);
    if (!type || type->relays == 0)
        return (struct wtr_coiot_sense){.id = number, .meaning = WTR_COIOT_UNSAID};
    if (wtr_text_is(id->version, "1"))
        return of_first(id->type, number);
    if (wtr_text_is(id->version, "2"))
        return of_second(type, number);
    return (struct wtr_coiot_sense){.id = number};
}

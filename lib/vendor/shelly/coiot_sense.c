/* SPDX-License-Identifier: Apache-2.0 */
/* A device's own description of its reports, /cit/d (Shelly API reference for Gen1, "CoIoT device
 * description"; version 1 as ioBroker.shelly and users of openHAB and homebridge-shelly quote it) [S]:
 *
 *   {"blk": [{"I": 1, "D": "relay_0"}, {"I": 2, "D": "device"}],
 *    "sen": [{"I": 1101, "T": "S", "D": "output", "R": "0/1", "L": 1},
 *            {"I": 4103, "T": "E", "D": "energy", "U": "Wmin", "R": ["U32", "-1"], "L": 1}]}
 *
 * I is the number in reports, D says what it is, T of which type, U the unit, R the range and, as a second
 * element, the value that stands for "not available", L the block or blocks that it belongs to. Version 1 has
 * no units, names blocks "Relay0", and an energy "Energy counter total [W-min]". Only names that these
 * sources give are read; what the device describes otherwise is passed over. */
#include "vendor/shelly/coiot.h"

#include <stdlib.h>

enum { MAX_BLOCKS = 32, MAX_NUMBER = 15 };

struct block {
    int64_t id;
    uint8_t place, number;
    bool known;
};

struct description {
    const struct wtr_json *json;
    struct block blocks[MAX_BLOCKS];
    size_t block_count;
};

/* "relay_1", "Relay1": the word in front and the number behind. */
static bool is_block(struct wtr_text name, const char *word, uint8_t *number)
{
    size_t n = strlen(word);
    if (name.length < n || !wtr_text_is_nocase((struct wtr_text){name.data, n}, word))
        return false;
    struct wtr_text rest = {name.data + n, name.length - n};
    if (rest.length > 0 && rest.data[0] == '_')
        rest = (struct wtr_text){rest.data + 1, rest.length - 1};
    int64_t value = 0;
    if (!wtr_decimal_int(rest, &value) || value < 0 || value > MAX_NUMBER)
        return false;
    *number = (uint8_t)value;
    return true;
}

static struct block block_named(struct wtr_text name)
{
    struct block b = {.known = true};
    if (wtr_text_is_nocase(name, "device"))
        b.place = WTR_COIOT_DEVICE;
    else if (is_block(name, "relay", &b.number))
        b.place = WTR_COIOT_RELAY;
    else if (is_block(name, "emeter", &b.number) || is_block(name, "meter", &b.number))
        b.place = WTR_COIOT_EMETER;
    else if (is_block(name, "input", &b.number))
        b.place = WTR_COIOT_INPUT_PLACE;
    else
        b.known = false;
    return b;
}

static struct wtr_text text_of(const struct wtr_json *json, wtr_json_ref object, const char *name)
{
    wtr_json_ref value = wtr_json_get(json, object, name);
    return wtr_json_is(json, value, WTR_JSON_STRING) ? wtr_json_raw(json, value) : (struct wtr_text){"", 0};
}

static void read_blocks(struct description *d, wtr_json_ref list)
{
    if (!wtr_json_is(d->json, list, WTR_JSON_ARRAY))
        return;
    for (wtr_json_ref i = wtr_json_first(d->json, list); i >= 0 && d->block_count < MAX_BLOCKS;
         i = wtr_json_next(d->json, list, i)) {
        struct block block = block_named(text_of(d->json, i, "D"));
        if (wtr_json_int(d->json, wtr_json_get(d->json, i, "I"), &block.id))
            d->blocks[d->block_count++] = block;
    }
}

/* The one block that the sensor belongs to; unknown if there are several or it is none of those read. */
static struct block block_of(const struct description *d, wtr_json_ref links)
{
    int64_t id = 0;
    bool one = wtr_json_int(d->json, links, &id);
    if (!one && wtr_json_is(d->json, links, WTR_JSON_ARRAY)) {
        wtr_json_ref element = wtr_json_first(d->json, links);
        one = wtr_json_int(d->json, element, &id) && wtr_json_next(d->json, links, element) < 0;
    }
    for (size_t i = 0; one && i < d->block_count; i++)
        if (d->blocks[i].id == id)
            return d->blocks[i];
    return (struct block){0};
}

struct word {
    const char *name;
    const char *unit; /* NULL: any; "": none or the one of version 1 */
    uint8_t meaning;
    bool watt_minutes;
};

/* Names (without case) of both versions. */
static const struct word words[] = {
    {"output", NULL, WTR_COIOT_OUTPUT, false},
    {"state", NULL, WTR_COIOT_OUTPUT, false},
    {"switch", NULL, WTR_COIOT_OUTPUT, false},
    {"power", "W", WTR_COIOT_POWER, false},
    {"power", "", WTR_COIOT_POWER, false},
    {"voltage", "V", WTR_COIOT_VOLTAGE, false},
    {"voltage", "", WTR_COIOT_VOLTAGE, false},
    {"current", "A", WTR_COIOT_CURRENT, false},
    {"current", "", WTR_COIOT_CURRENT, false},
    {"powerFactor", NULL, WTR_COIOT_POWER_FACTOR, false},
    {"PF", NULL, WTR_COIOT_POWER_FACTOR, false},
    {"energy", "Wmin", WTR_COIOT_ENERGY, true},
    {"energy", "Wh", WTR_COIOT_ENERGY, false},
    {"Energy counter total [W-min]", "", WTR_COIOT_ENERGY, true},
    {"energyReturned", "Wh", WTR_COIOT_ENERGY_RETURNED, false},
    {"overpower", NULL, WTR_COIOT_OVERPOWER, false},
    {"overpowerValue", "W", WTR_COIOT_OVERPOWER_VALUE, false},
    {"deviceTemp", "C", WTR_COIOT_TEMPERATURE, false},
    {"Temperature C", "", WTR_COIOT_TEMPERATURE, false},
    {"overtemp", NULL, WTR_COIOT_OVERTEMPERATURE, false},
    {"input", NULL, WTR_COIOT_INPUT, false},
    {"inputEvent", NULL, WTR_COIOT_INPUT_EVENT, false},
    {"inputEventCnt", NULL, WTR_COIOT_INPUT_COUNT, false},
    {"cfgChanged", NULL, WTR_COIOT_CONFIG_COUNT, false},
};

/* Some of version 1 have their name in the type's place. */
static const struct word types[] = {
    {"tC", "", WTR_COIOT_TEMPERATURE, false},
    {"Overtemp", "", WTR_COIOT_OVERTEMPERATURE, false},
};

static const struct word *find_word(const struct word *list, size_t count, struct wtr_text name,
                                    struct wtr_text unit)
{
    for (size_t i = 0; i < count; i++)
        if (wtr_text_is_nocase(name, list[i].name) && (!list[i].unit || wtr_text_is(unit, list[i].unit)))
            return &list[i];
    return NULL;
}

/* Where a meaning may stand. */
static bool fits_place(uint8_t meaning, const struct block *block)
{
    if (!block->known)
        return false;
    switch (meaning) {
    case WTR_COIOT_OUTPUT:
    case WTR_COIOT_OVERPOWER:
        return block->place == WTR_COIOT_RELAY;
    case WTR_COIOT_POWER:
    case WTR_COIOT_VOLTAGE:
    case WTR_COIOT_CURRENT:
    case WTR_COIOT_POWER_FACTOR:
    case WTR_COIOT_ENERGY:
    case WTR_COIOT_ENERGY_RETURNED:
    case WTR_COIOT_OVERPOWER_VALUE:
        return block->place != WTR_COIOT_INPUT_PLACE;
    default:
        return true;
    }
}

/* Which input it is: its block's number; in version 1, where its block is the device, its own in tens. */
static void place_input(struct wtr_coiot_sense *sense, const struct block *block)
{
    enum { FIRST_INPUT = 118 };
    if (block->place == WTR_COIOT_RELAY || block->place == WTR_COIOT_INPUT_PLACE)
        sense->number = block->number;
    else if (sense->id >= FIRST_INPUT && (sense->id - FIRST_INPUT) % 10 == 0 &&
             (sense->id - FIRST_INPUT) / 10 < WTR_COIOT_INPUTS)
        sense->number = (uint8_t)((sense->id - FIRST_INPUT) / 10);
    else
        sense->meaning = WTR_COIOT_UNSAID;
    sense->place = WTR_COIOT_INPUT_PLACE;
}

static void take_invalid(struct wtr_coiot_sense *sense, const struct wtr_json *json, wtr_json_ref range)
{
    if (!wtr_json_is(json, range, WTR_JSON_ARRAY))
        return;
    wtr_json_ref second = wtr_json_next(json, range, wtr_json_first(json, range));
    struct wtr_text text = second >= 0 ? wtr_json_raw(json, second) : (struct wtr_text){NULL, 0};
    if (text.length == 0 || text.length > sizeof sense->invalid)
        return;
    sense->invalid_length = (uint8_t)text.length;
    memcpy(sense->invalid, text.data, text.length);
}

static bool read_sense(const struct description *d, wtr_json_ref at, struct wtr_coiot_sense *sense)
{
    int64_t id = 0;
    if (!wtr_json_int(d->json, wtr_json_get(d->json, at, "I"), &id) || id < 0 || id > UINT32_MAX)
        return false;
    struct wtr_text unit = text_of(d->json, at, "U");
    const struct word *word = find_word(words, sizeof words / sizeof *words, text_of(d->json, at, "D"), unit);
    if (!word)
        word = find_word(types, sizeof types / sizeof *types, text_of(d->json, at, "T"), unit);
    struct block block = block_of(d, wtr_json_get(d->json, at, "L"));
    *sense = (struct wtr_coiot_sense){.id = (uint32_t)id, .meaning = WTR_COIOT_UNSAID};
    if (!word || !fits_place(word->meaning, &block))
        return true;
    sense->meaning = word->meaning;
    sense->place = block.place;
    sense->number = block.number;
    sense->watt_minutes = word->watt_minutes;
    take_invalid(sense, d->json, wtr_json_get(d->json, at, "R"));
    if (word->meaning >= WTR_COIOT_INPUT && word->meaning <= WTR_COIOT_INPUT_COUNT)
        place_input(sense, &block);
    return true;
}

void wtr_coiot_learn(struct wtr_shelly_reading *r, struct wtr_coiot_device *device)
{
    struct description d = {.json = r->json};
    wtr_json_ref list = wtr_json_get(r->json, 0, "sen");
    size_t count = 0;
    if (!wtr_json_is(r->json, list, WTR_JSON_ARRAY))
        return;
    if (!device->senses)
        device->senses = calloc(WTR_COIOT_MAX_SENSES, sizeof *device->senses);
    if (!device->senses)
        return;
    read_blocks(&d, wtr_json_get(r->json, 0, "blk"));
    for (wtr_json_ref i = wtr_json_first(r->json, list); i >= 0 && count < WTR_COIOT_MAX_SENSES;
         i = wtr_json_next(r->json, list, i))
        count += read_sense(&d, i, &device->senses[count]);
    device->sense_count = count;
}

struct wtr_coiot_sense wtr_coiot_sense_of(const struct wtr_coiot_device *device,
                                          const struct wtr_coiot_id *id, uint32_t number)
{
    const struct wtr_coiot_sense *found = NULL;
    if (!device->senses)
        return wtr_coiot_known(id, number);
    for (size_t i = 0; i < device->sense_count; i++) {
        if (device->senses[i].id != number)
            continue;
        if (found) /* described twice: which one holds can't be told */
            return (struct wtr_coiot_sense){.id = number, .meaning = WTR_COIOT_UNSAID};
        found = &device->senses[i];
    }
    return found ? *found : (struct wtr_coiot_sense){.id = number};
}

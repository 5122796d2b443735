/* SPDX-License-Identifier: Apache-2.0 */
/* CoIoT messages: whose they are, and whether they say anything new (Shelly API reference for Gen1, "CoIoT
 * Protocol") [S]; checked on messages that its users logged [V]:
 *
 *   - Every message of a device bears option 3332, <type>#<id>#<version>: SHPLG-S#7AB1C2#2. The id is six
 *     hexadecimal digits, a part of the MAC, or all twelve.
 *   - A report is a request 0.30 for /cit/s, to 224.0.1.187 or to one address; to one address it may be a
 *     2.05 that has the path. What a device answers to GET /cit/s or /cit/d is a 2.05 without a path, whose
 *     message id is the request's: several clients use 10 for all their requests.
 *   - Option 3412 (big-endian, two bytes) is the longest time until the next report: in tenths of a second,
 *     or, if it is odd, in units of four seconds. Option 3420 is the report's serial, which grows by one
 * where something changed: "if you have a packet with serial 4 and the next is with serial 6, it means 5 got
 *     lost". 0 is not used.
 *   - Some devices send other values under an old serial (openhab-addons, Shelly1CoapHandler): a report is
 *     only taken for a repeat if its payload is the last one's, too.
 *
 * The device's name is the one that it has by MQTT, where its type's is known. */
#include "vendor/shelly/coiot.h"

#include <stdlib.h>

enum { DEVICE_ID = 3332, VALIDITY = 3412, SERIAL = 3420, MAX_ID = 50, MOST_MISSED = 1000 };

/* Equal datagrams that lie no farther apart are one, seen at two places of the network. */
static const int64_t copy_ns = INT64_C(2000000);

static bool is_word(struct wtr_text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                     c == '_';
        if (!plain)
            return false;
    }
    return text.length > 0;
}

static bool read_id(const struct wtr_coap *coap, struct wtr_coiot_id *id)
{
    id->whole = wtr_coap_find_option(coap, DEVICE_ID);
    if (!id->whole.data || id->whole.length > MAX_ID)
        return false;
    struct wtr_text rest = id->whole;
    id->type = wtr_text_cut(&rest, '#');
    id->id = wtr_text_cut(&rest, '#');
    id->version = rest;
    return rest.data && is_word(id->type) && is_word(id->id) && is_word(id->version);
}

bool wtr_coiot_claims(const struct wtr_coap *coap)
{
    struct wtr_coiot_id id;
    bool report = coap->code == WTR_COAP_COIOT_PUBLISH && wtr_coap_path_is(coap, "/cit/s");
    return (report || coap->code == WTR_COAP_CODE(2, 5)) && coap->payload.data && read_id(coap, &id);
}

/* ---- devices */

void wtr_coiot_forget(struct wtr_coiot *coiot)
{
    for (size_t i = 0; i < coiot->count; i++)
        free(coiot->devices[i].senses);
    free(coiot->devices);
    wtr_map_free(&coiot->index);
    *coiot = (struct wtr_coiot){0};
}

static bool room(struct wtr_coiot *coiot)
{
    if (coiot->count < coiot->capacity)
        return true;
    if (coiot->capacity >= WTR_COIOT_MAX_DEVICES)
        return false;
    size_t capacity = coiot->capacity ? coiot->capacity * 2 : 8;
    struct wtr_coiot_device *devices = realloc(coiot->devices, capacity * sizeof *devices);
    if (!devices)
        return false;
    coiot->devices = devices;
    coiot->capacity = capacity;
    return true;
}

/* "shellyplug-s-7AB1C2", as by MQTT; "SHXYZ-1#7AB1C2" where the type's name is not known. */
static wtr_device_ref named_device(struct wtr_say *say, const struct wtr_coiot_id *id)
{
    struct wtr_buffer *name = wtr_say_scratch(say);
    const char *prefix = wtr_coiot_prefix(id->type);
    wtr_buffer_clear(name);
    if (prefix) {
        wtr_put_z(name, prefix);
        wtr_put_char(name, '-');
    } else {
        wtr_put_text(name, id->type);
        wtr_put_char(name, '#');
    }
    wtr_put_text(name, id->id);
    return name->failed ? WTR_NO_DEVICE : wtr_say_device(say, "shelly", wtr_buffer_text(name));
}

/* The device of this type and id; made if new. NULL: no room, and nothing is read. */
static struct wtr_coiot_device *device_of(struct wtr_coiot *coiot, const struct wtr_coiot_id *id,
                                          struct wtr_say *say)
{
    uint64_t key = wtr_hash64(id->id.data, id->id.length, wtr_hash64(id->type.data, id->type.length, 0));
    const uint64_t *known = wtr_map_find(&coiot->index, key);
    if (known)
        return &coiot->devices[*known];
    if (!room(coiot))
        return NULL;
    wtr_device_ref device = named_device(say, id);
    if (device == WTR_NO_DEVICE || !wtr_map_put(&coiot->index, key, coiot->count))
        return NULL;
    struct wtr_coiot_device *made = &coiot->devices[coiot->count++];
    *made = (struct wtr_coiot_device){.key = key, .device = device, .config = -1};
    for (size_t i = 0; i < WTR_COIOT_INPUTS; i++)
        made->inputs[i] = -1;
    return made;
}

/* ---- identity */

static void add_mac(const struct wtr_coiot_report *report)
{
    struct wtr_say *say = report->reading->say;
    uint8_t mac[6];
    static const uint8_t zero[6];
    bool whole = report->id.id.length == 12 && wtr_parse_mac(report->id.id, mac);
    if (!whole || (mac[0] & 1) || memcmp(mac, zero, sizeof zero) == 0)
        return;
    struct wtr_buffer *text = wtr_say_scratch(say);
    wtr_buffer_clear(text);
    wtr_put_mac(text, mac);
    wtr_say_tie_mac(say, report->device->device, mac);
    wtr_say_text(say, WTR_FIELD_MAC, wtr_buffer_text(text));
}

/* Said once, and again when it changes. */
static void say_identity(const struct wtr_coiot_report *report)
{
    struct wtr_coiot_device *device = report->device;
    struct wtr_say *say = report->reading->say;
    const struct wtr_coiot_id *id = &report->id;
    uint64_t hash = wtr_hash64(id->whole.data, id->whole.length, 1);
    wtr_say_tie_ip(say, device->device, &wtr_say_sender(say)->ip);
    if (device->identity == hash)
        return;
    device->identity = hash;
    wtr_say_begin(say, WTR_KIND_DEVICE_IDENTITY, device->device);
    wtr_say_text(say, WTR_FIELD_MODEL, id->type);
    wtr_say_text(say, WTR_FIELD_DEVICE_ID, id->id);
    wtr_say_text(say, WTR_FIELD_PROTOCOL, id->version);
    add_mac(report);
    wtr_say_raw(say, WTR_TEXT("3332"), id->whole);
    wtr_say_end(say);
}

/* ---- serials */

static void read_marks(struct wtr_coiot_report *report)
{
    struct wtr_text serial = wtr_coap_find_option(report->coap, SERIAL);
    struct wtr_text validity = wtr_coap_find_option(report->coap, VALIDITY);
    uint32_t value = 0;
    report->has_serial = serial.length == 2 && wtr_coap_uint(serial, &report->serial);
    if (validity.length == 2 && wtr_coap_uint(validity, &value))
        report->validity_ms = value & 1 ? value * 4000 : value * 100;
}

static bool was_seen(const struct wtr_coiot_device *device, uint16_t serial)
{
    unsigned kept = device->seen_count < WTR_COIOT_SEEN ? device->seen_count : WTR_COIOT_SEEN;
    for (unsigned i = 0; i < kept; i++)
        if (device->seen[i] == serial)
            return true;
    return false;
}

/* Whether the serial lies so far from the last ones that they are none of its neighbours. */
static bool begins_anew(const struct wtr_coiot_device *device, uint16_t serial)
{
    uint16_t back = (uint16_t)(device->serial - serial);
    return device->has_serial && back > WTR_COIOT_SEEN && (uint16_t)-back > MOST_MISSED + 1;
}

/* How many serials between the last report and this one were not seen. A step back, or a very long one, is a
 * restart or a report that came late: then nothing is said to be missing. */
static uint32_t count_missed(const struct wtr_coiot_device *device, uint16_t serial)
{
    uint32_t missed = 0;
    uint16_t s = device->serial;
    for (unsigned steps = 0; steps <= MOST_MISSED; steps++) {
        s = (uint16_t)(s == UINT16_MAX ? 1 : s + 1);
        if (s == serial)
            return missed;
        missed += !was_seen(device, s);
    }
    return 0;
}

static void remember_serial(struct wtr_coiot_device *device, uint16_t serial)
{
    if (begins_anew(device, serial))
        device->seen_count = 0;
    device->serial = serial;
    device->has_serial = true;
    device->seen[device->seen_count % WTR_COIOT_SEEN] = serial;
    device->seen_count =
        (uint8_t)(device->seen_count + 1 < 2 * WTR_COIOT_SEEN ? device->seen_count + 1 : WTR_COIOT_SEEN);
}

/* Whether the report says something that the device's last one did not. */
static bool is_new(struct wtr_coiot_report *report)
{
    struct wtr_coiot_device *device = report->device;
    const struct wtr_coap *coap = report->coap;
    uint64_t hash = wtr_hash64(coap->payload.data, coap->payload.length, coap->payload.length);
    uint16_t serial = (uint16_t)report->serial;
    bool same = device->heard && device->report == hash && report->has_serial == device->has_serial &&
                (!report->has_serial || device->serial == serial);
    if (same && report->has_serial) { /* without a serial every report stands for itself */
        bool copy = coap->repeat && coap->repeat_ns <= copy_ns;
        report->missed = device->missed;
        return copy && device->said;
    }
    if (coap->repeat && coap->repeat_ns > copy_ns)
        return false;
    report->missed = report->has_serial && device->has_serial && serial != device->serial
                         ? count_missed(device, serial)
                         : 0;
    device->missed = report->missed;
    device->heard = true;
    device->report = hash;
    if (report->has_serial)
        remember_serial(device, serial);
    else
        device->has_serial = false;
    return true;
}

static void read_report(struct wtr_coiot_report *report)
{
    read_marks(report);
    bool fresh = is_new(report);
    report->device->said = fresh;
    if (fresh)
        wtr_coiot_read_values(report);
}

/* Whether the payload is a block of something longer. */
static bool is_part(const struct wtr_coap *coap)
{
    bool request = wtr_coap_is_request(coap->code);
    uint32_t block = 0;
    return wtr_coap_uint(wtr_coap_find_option(coap, request ? WTR_COAP_BLOCK1 : WTR_COAP_BLOCK2), &block) &&
           (block >> 4 > 0 || (block >> 3 & 1));
}

void wtr_coiot_read(struct wtr_coiot *coiot, const struct wtr_message *message, struct wtr_say *say)
{
    const struct wtr_coap *coap = message->body;
    struct wtr_shelly_reading reading = {.say = say};
    struct wtr_coiot_report report = {.reading = &reading, .coap = coap};
    coiot->index.limit = WTR_COIOT_MAX_DEVICES;
    if (!read_id(coap, &report.id))
        return;
    report.device = device_of(coiot, &report.id, say);
    if (!report.device)
        return;
    reading.device = report.device->device;
    reading.polled = coap->code == WTR_COAP_CODE(2, 5) && !wtr_coap_find_option(coap, WTR_COAP_URI_PATH).data;
    say_identity(&report);
    if (!coap->body.data && is_part(coap))
        return;
    struct wtr_text payload = coap->body.data ? coap->body : coap->payload;
    struct wtr_json *json = wtr_say_json(say);
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(say, payload, "the message is no JSON object");
        return;
    }
    reading.json = json;
    if (wtr_json_get(json, 0, "G") >= 0)
        read_report(&report);
    else if (wtr_json_get(json, 0, "sen") >= 0)
        wtr_coiot_learn(&reading, report.device);
}

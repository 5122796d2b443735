/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota's own discovery (xdrv_12_discovery.ino; emontnemery/hatasmota) [S]. Retained, published at each
 * start and reconnection; an empty payload takes it back.
 *
 *   - tasmota/discovery/<MAC>/config: t topic, ft FullTopic, tp its three prefixes, hn host name, mac, dn
 *     device name, fn channel names (null beyond the last), md module, sw version, ip, ofln and onln words of
 *     the last will, state the words for off, on, toggle, hold, rl a kind for each channel: 0 none, 1 relay,
 *     2 light, 3 shutter.
 *   - tasmota/discovery/<MAC>/sensors: sn, the SENSOR message of that moment. */
#include "vendor/tasmota/reading.h"
#include "vendor/tasmota/topic.h"

bool wtr_tasmota_discovery_topic(struct wtr_text topic, struct wtr_text *mac, struct wtr_text *what)
{
    static const char head[] = "tasmota/discovery/";
    const size_t n = sizeof head - 1;
    uint8_t bytes[6];
    if (!wtr_text_starts(topic, head))
        return false;
    struct wtr_text rest = {topic.data + n, topic.length - n};
    *mac = wtr_text_cut(&rest, '/');
    *what = rest;
    return mac->length == 12 && wtr_parse_mac(*mac, bytes) &&
           (wtr_text_is(rest, "config") || wtr_text_is(rest, "sensors"));
}

enum { MAX_CHANNEL = 32 };

/* A member's text as a copy that outlasts the next one; empty if there is none or it is too long. */
struct copy {
    char data[WTR_TASMOTA_MAX_TEXT];
    struct wtr_text text;
};

static void copy_text(struct wtr_tasmota_reading *r, wtr_json_ref value, struct copy *copy)
{
    struct wtr_text text = wtr_json_string(r->json, value, wtr_say_scratch(r->say));
    copy->text = (struct wtr_text){copy->data, 0};
    if (text.length == 0 || text.length > sizeof copy->data)
        return;
    memcpy(copy->data, text.data, text.length);
    copy->text.length = text.length;
}

static void learn_words(struct wtr_tasmota_reading *r)
{
    wtr_json_ref words = wtr_json_get(r->json, 0, "state");
    wtr_json_ref off = wtr_json_is(r->json, words, WTR_JSON_ARRAY) ? wtr_json_first(r->json, words) : -1;
    wtr_json_ref on = off >= 0 ? wtr_json_next(r->json, words, off) : -1;
    struct copy word;
    if (on >= 0) {
        copy_text(r, off, &word);
        wtr_tasmota_learn_word(r->known, WTR_TASMOTA_OFF, word.text);
        copy_text(r, on, &word);
        wtr_tasmota_learn_word(r->known, WTR_TASMOTA_ON, word.text);
    }
    copy_text(r, wtr_json_get(r->json, 0, "ofln"), &word);
    wtr_tasmota_learn_word(r->known, WTR_TASMOTA_OFFLINE, word.text);
}

static void learn_relays(struct wtr_tasmota_reading *r)
{
    wtr_json_ref kinds = wtr_json_get(r->json, 0, "rl");
    wtr_json_ref kind = wtr_json_is(r->json, kinds, WTR_JSON_ARRAY) ? wtr_json_first(r->json, kinds) : -1;
    for (unsigned n = 0; n < MAX_CHANNEL && kind >= 0; n++) {
        int64_t what = 0;
        if (wtr_json_int(r->json, kind, &what) && what != 0)
            r->known->relays |= (uint64_t)1 << n;
        kind = wtr_json_next(r->json, kinds, kind);
    }
}

/* The FullTopic under which commands go: one without %prefix% gets it appended. */
static void command_topic(const struct copy *full_topic, struct copy *out)
{
    static const char token[] = "/%prefix%";
    const size_t n = sizeof token - 1;
    bool named = false;
    for (size_t at = 0; at < full_topic->text.length; at++)
        named |= wtr_text_starts((struct wtr_text){full_topic->data + at, full_topic->text.length - at},
                                 token + 1);
    memcpy(out->data, full_topic->data, full_topic->text.length);
    out->text = (struct wtr_text){out->data, full_topic->text.length};
    if (!named && out->text.length + n <= sizeof out->data) {
        memcpy(out->data + out->text.length, token, n);
        out->text.length += n;
    }
}

/* The topics that the FullTopic makes of the three prefixes: cmnd, stat, tele. */
static void learn_bases(struct wtr_tasmota_reading *r, const struct copy *full_topic,
                        struct wtr_tasmota_tokens tokens)
{
    wtr_json_ref prefixes = wtr_json_get(r->json, 0, "tp");
    wtr_json_ref prefix =
        wtr_json_is(r->json, prefixes, WTR_JSON_ARRAY) ? wtr_json_first(r->json, prefixes) : -1;
    struct wtr_buffer base = {0};
    struct copy commands;
    command_topic(full_topic, &commands);
    for (unsigned i = 0; i < 3 && prefix >= 0; i++) {
        struct copy word;
        copy_text(r, prefix, &word);
        tokens.prefix = word.text;
        struct wtr_text pattern = i == 0 ? commands.text : full_topic->text;
        if (wtr_tasmota_expand(pattern, &tokens, &base))
            wtr_tasmota_learn_base(r->learnt, wtr_buffer_text(&base), r->known, i == 0);
        prefix = wtr_json_next(r->json, prefixes, prefix);
    }
    wtr_buffer_free(&base);
}

/* Finds out which device this is, and where it talks. False if the message does not say. */
static bool introduce(struct wtr_tasmota_reading *r, struct wtr_text mac)
{
    struct copy full_topic;
    struct copy topic;
    struct copy hostname;
    copy_text(r, wtr_json_get(r->json, 0, "ft"), &full_topic);
    copy_text(r, wtr_json_get(r->json, 0, "t"), &topic);
    copy_text(r, wtr_json_get(r->json, 0, "hn"), &hostname);
    if (full_topic.text.length == 0 || topic.text.length == 0)
        return false;
    struct wtr_tasmota_tokens tokens = {
        .prefix = WTR_TEXT(""), .topic = topic.text, .hostname = hostname.text, .id = mac};
    struct wtr_buffer path = {0};
    bool known = wtr_tasmota_expand(full_topic.text, &tokens, &path);
    if (known) {
        r->device = wtr_say_device(r->say, "tasmota", wtr_buffer_text(&path));
        r->known = wtr_tasmota_device(r->learnt, wtr_buffer_text(&path));
    }
    if (r->known) {
        learn_bases(r, &full_topic, tokens);
        wtr_tasmota_learn_alias(r->learnt, mac, r->known);
    }
    wtr_buffer_free(&path);
    return known;
}

/* The names of the channels that have something to switch. */
static void say_channel_names(struct wtr_tasmota_reading *r)
{
    wtr_json_ref names = wtr_json_get(r->json, 0, "fn");
    wtr_json_ref kinds = wtr_json_get(r->json, 0, "rl");
    if (!wtr_json_is(r->json, names, WTR_JSON_ARRAY) || !wtr_json_is(r->json, kinds, WTR_JSON_ARRAY))
        return;
    wtr_json_ref name = wtr_json_first(r->json, names);
    wtr_json_ref kind = wtr_json_first(r->json, kinds);
    for (unsigned n = 1; n <= MAX_CHANNEL && name >= 0 && kind >= 0; n++) {
        struct wtr_text text = wtr_json_string(r->json, name, wtr_say_scratch(r->say));
        struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY, .channel = n};
        int64_t what = 0;
        if (wtr_json_int(r->json, kind, &what) && what != 0 && text.length > 0) {
            wtr_tasmota_begin(&s);
            wtr_say_text(r->say, WTR_FIELD_CHANNEL_NAME, text);
            wtr_say_raw(r->say, WTR_TEXT("fn"), wtr_json_raw(r->json, name));
        }
        wtr_tasmota_end(&s);
        name = wtr_json_next(r->json, names, name);
        kind = wtr_json_next(r->json, kinds, kind);
    }
}

static void read_config(struct wtr_tasmota_reading *r, struct wtr_text mac)
{
    uint8_t said[6];
    uint8_t named[6] = {0};
    struct wtr_text text = wtr_tasmota_member_text(r, 0, "mac");
    if (!wtr_parse_mac(text, said) || !wtr_parse_mac(mac, named) || memcmp(said, named, sizeof said) != 0) {
        wtr_tasmota_finding_at(r, 0, "the discovery message and its topic name different devices");
        return;
    }
    if (!introduce(r, mac)) {
        wtr_tasmota_finding_at(r, 0, "the discovery message lacks its topics");
        return;
    }
    if (r->known) {
        learn_words(r);
        learn_relays(r);
    }
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_tasmota_say_mac(&s, 0, "mac");
    wtr_tasmota_add_text(&s, 0, "md", WTR_FIELD_MODEL);
    wtr_tasmota_add_text(&s, 0, "sw", WTR_FIELD_FIRMWARE);
    wtr_tasmota_add_text(&s, 0, "dn", WTR_FIELD_NAME);
    wtr_tasmota_add_text(&s, 0, "hn", WTR_FIELD_HOSTNAME);
    wtr_tasmota_add_text(&s, 0, "t", WTR_FIELD_DEVICE_ID);
    wtr_tasmota_add_text(&s, 0, "ip", WTR_FIELD_IP);
    wtr_tasmota_end(&s);
    say_channel_names(r);
}

static void read_sensors(struct wtr_tasmota_reading *r, struct wtr_text mac)
{
    uint8_t bytes[6] = {0};
    wtr_json_ref sensors = wtr_tasmota_object(r, 0, "sn");
    r->known = wtr_tasmota_find_alias(r->learnt, mac);
    r->device = wtr_say_device(r->say, "tasmota", r->known ? r->known->id : mac);
    if (!r->known && wtr_parse_mac(mac, bytes))
        wtr_say_tie_mac(r->say, r->device, bytes);
    if (sensors < 0)
        return;
    wtr_tasmota_read_clock(r, sensors);
    wtr_tasmota_read_energy(r, sensors);
}

void wtr_tasmota_read_discovery(struct wtr_tasmota_reading *r, struct wtr_text mac, struct wtr_text what,
                                struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    if (payload.length == 0)
        return;
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(r->say, payload, "the discovery message is no JSON object");
        return;
    }
    r->json = json;
    if (!wtr_tasmota_is_small(r, 0))
        return;
    if (wtr_text_is(what, "config"))
        read_config(r, mac);
    else
        read_sensors(r, mac);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is learnt of a Tuya device from its dump before anything is said: its id; which relays it has, by the
 * pins that its settings name (user_param_key, and its copy oem_cfg: "{rl1_pin:26,ch_dpid1:1,…}", seen on
 * five devices); which data points are booleans, by its schema; when its firmware was built. The store's
 * present word comes before what is left of an earlier one. */
#include "base/map.h"
#include "flash/rbl.h"
#include "vendor/tuya/flash_dump.h"
#include "vendor/tuya/flash_kv.h"
#include "vendor/tuya/learnt.h"

#include <stdlib.h>

struct wtr_tuya_dump *wtr_tuya_learnt_dump(struct wtr_tuya_learnt *learnt)
{
    if (!learnt->dump)
        learnt->dump = calloc(1, sizeof *learnt->dump);
    return learnt->dump;
}

void wtr_tuya_dump_free(struct wtr_tuya_dump *dump)
{
    if (dump)
        wtr_json_free(&dump->json);
    free(dump);
}

uint64_t wtr_tuya_entry_hash(const struct wtr_entry *entry)
{
    struct wtr_text value = wtr_tuya_without_nul(wtr_text_of(entry->span.bytes, entry->span.length));
    return wtr_hash64(value.data, value.length, wtr_hash64(entry->path.data, entry->path.length, 0));
}

bool wtr_tuya_said_before(struct wtr_tuya_dump *dump, uint64_t hash)
{
    for (size_t i = 0; i < dump->said_count; i++)
        if (dump->said[i] == hash)
            return true;
    if (dump->said_count < WTR_TUYA_SAID)
        dump->said[dump->said_count++] = hash;
    return false;
}

/* ---- settings */

void wtr_tuya_each_setting(struct wtr_text settings, void *payload,
                           void (*each)(void *payload, struct wtr_text name, struct wtr_text value))
{
    if (settings.length < 2 || settings.data[0] != '{' || settings.data[settings.length - 1] != '}')
        return;
    struct wtr_text rest = {settings.data + 1, settings.length - 2};
    while (rest.length > 0) {
        struct wtr_text value = wtr_text_cut(&rest, ',');
        struct wtr_text name = wtr_text_cut(&value, ':');
        if (name.length > 0 && value.length > 0)
            each(payload, name, value);
    }
}

/* The number between `before` and `after` of a name such as rl1_pin; 0: it is another name. */
static unsigned numbered(struct wtr_text name, const char *before, const char *after)
{
    size_t b = strlen(before), a = strlen(after);
    if (name.length != b + 1 + a || !wtr_text_starts(name, before) || !wtr_text_ends(name, after))
        return 0;
    char digit = name.data[b];
    return digit >= '1' && digit <= '0' + WTR_TUYA_RELAYS ? (unsigned)(digit - '0') : 0;
}

static void learn_setting(void *payload, struct wtr_text name, struct wtr_text value)
{
    struct wtr_tuya_dump *dump = payload;
    unsigned relay = numbered(name, "rl", "_pin"), channel = numbered(name, "ch_dpid", "");
    int64_t point;
    if (relay > 0)
        dump->relays |= (uint16_t)(1U << relay);
    if (channel > 0 && wtr_decimal_int(value, &point) && point > 0 && point <= UINT8_MAX)
        dump->points[channel] = (uint8_t)point;
}

/* ---- id and schema */

static void learn_id(struct wtr_tuya_dump *dump, struct wtr_text id, enum wtr_entry_state state)
{
    bool better = dump->id_length == 0 || (state == WTR_ENTRY_LIVE && dump->id_state != WTR_ENTRY_LIVE);
    if (id.length == 0 || id.length > WTR_TUYA_ID)
        return;
    if (!better) {
        bool same = wtr_text_equal(id, wtr_text_of(dump->id, dump->id_length));
        bool rival = state == WTR_ENTRY_LIVE || dump->id_state != WTR_ENTRY_LIVE;
        dump->ids_differ |= !same && rival;
        return;
    }
    memcpy(dump->id, id.data, id.length);
    dump->id_length = id.length;
    dump->id_state = state;
    dump->ids_differ = false;
}

static bool is_boolean(const struct wtr_json *json, wtr_json_ref point)
{
    wtr_json_ref property = wtr_json_get(json, point, "property");
    return wtr_text_is(wtr_json_raw(json, wtr_json_get(json, property, "type")), "bool");
}

/* [{"mode":"rw","property":{"type":"bool"},"id":1,"type":"obj"},…], under the schema's own id. */
static void learn_schema(struct wtr_tuya_dump *dump)
{
    const struct wtr_json *json = &dump->json;
    if (!wtr_json_is(json, 0, WTR_JSON_ARRAY))
        return;
    for (wtr_json_ref at = wtr_json_first(json, 0); at >= 0; at = wtr_json_next(json, 0, at)) {
        int64_t id;
        if (wtr_json_get(json, at, "property") < 0 || !wtr_json_int(json, wtr_json_get(json, at, "id"), &id))
            continue;
        dump->has_schema = true;
        if (id >= 1 && id <= WTR_TUYA_RELAYS && is_boolean(json, at))
            dump->switches |= (uint16_t)(1U << id);
    }
}

static void learn_json(struct wtr_tuya_dump *dump, const struct wtr_entry *entry)
{
    struct wtr_text value = wtr_tuya_without_nul(wtr_text_of(entry->span.bytes, entry->span.length));
    bool device = wtr_text_is(entry->path, "gw_di") || wtr_text_ends(entry->path, ".dev_if_rec_key");
    if (value.length == 0 || (*value.data != '[' && !device) || !wtr_json_parse(&dump->json, value))
        return;
    if (device)
        learn_id(dump, wtr_tuya_member_text(&dump->json, "id"), entry->state);
    else
        learn_schema(dump);
}

void wtr_tuya_learn_entry(struct wtr_tuya_dump *dump, const struct wtr_entry *entry)
{
    struct wtr_text format = wtr_text_z(entry->format);
    const struct wtr_rbl *rbl = entry->body;
    struct wtr_text value = wtr_tuya_without_nul(wtr_text_of(entry->span.bytes, entry->span.length));
    if (wtr_text_is(format, "rbl") && rbl && wtr_tuya_is_time(rbl->built_s) && rbl->built_s > dump->built_s)
        dump->built_s = rbl->built_s;
    if (!wtr_text_starts(format, "tuya-"))
        return;
    if (wtr_text_is(entry->path, "user_param_key") || wtr_text_is(entry->path, "oem_cfg"))
        wtr_tuya_each_setting(value, dump, learn_setting);
    else
        learn_json(dump, entry);
    if (entry->state == WTR_ENTRY_LIVE)
        wtr_tuya_said_before(dump, wtr_tuya_entry_hash(entry));
}

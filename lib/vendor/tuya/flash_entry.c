/* SPDX-License-Identifier: Apache-2.0 */
/* What the entries of Tuya's stores mean, each in a file of its own; here is which is which. Members and
 * names were compared on the dumps of five BK7231 and two ESP8266 devices. An earlier image of a block mostly
 * repeats what the store says now: that is no second statement. What was put together from parts that need
 * not belong together counts only if it is JSON. */
#include "vendor/tuya/flash_dump.h"
#include "vendor/tuya/flash_kv.h"
#include "vendor/tuya/flash_netparam.h"
#include "vendor/tuya/flash_psm.h"
#include "vendor/tuya/flash_uf.h"

const struct wtr_flash_format *const wtr_tuya_formats[] = {
    &wtr_tuya_kv,      &wtr_tuya_uf, &wtr_tuya_netparam_format, &wtr_tuya_psm, &wtr_tuya_schedules,
    &wtr_tuya_factory, NULL,
};

struct meaning {
    const char *format, *path; /* a path that begins with '.' is the end of one; NULL: any */
    bool json;
    bool each; /* every one says something, also one that repeats another: states in their order */
    void (*read)(struct wtr_tuya_entry *e);
};

static const struct meaning meanings[] = {
    {"tuya-kv", "gw_bi", true, false, wtr_tuya_read_factory},
    {"tuya-kv", "gw_di", true, false, wtr_tuya_read_device},
    {"tuya-kv", "gw_ai", true, false, wtr_tuya_read_activation},
    {"tuya-kv", "gw_wsm", true, false, wtr_tuya_read_network},
    {"tuya-kv", "user_param_key", false, false, wtr_tuya_read_settings},
    {"tuya-kv", "save_off_stat", true, true, wtr_tuya_read_save_off},
    {"tuya-kv", "timer_arr", true, false, wtr_tuya_read_dated},
    {"tuya-kv", "astro_timer", true, false, wtr_tuya_read_dated},
    {"tuya-uf", "RLY_STAT", false, true, wtr_tuya_read_relay_file},
    {"tuya-uf", "temp_energy", false, false, wtr_tuya_read_energy},
    {"tuya-uf", "netcfg_log", false, false, wtr_tuya_read_log},
    {"tuya-uf", "logseq0", false, false, wtr_tuya_read_log},
    {"tuya-uf", "logseq1", false, false, wtr_tuya_read_log},
    {"tuya-uf", "logseq2", false, false, wtr_tuya_read_log},
    {"tuya-uf", "logseq3", false, false, wtr_tuya_read_log},
    {"tuya-netparam", "net-param", false, false, wtr_tuya_read_netparam},
    {"tuya-psm", ".wf_nw_rec_key", true, false, wtr_tuya_read_network},
    {"tuya-psm", ".gw_active_key", true, false, wtr_tuya_read_activation},
    {"tuya-psm", ".dev_if_rec_key", true, false, wtr_tuya_read_device},
    {"tuya-psm", ".gw_sw_ver_key", true, false, wtr_tuya_read_firmware},
    {"tuya-psm", ".timer_posix_key", true, false, wtr_tuya_read_dated},
    {"tuya-schedules", NULL, true, false, wtr_tuya_read_schedules},
    {"tuya-factory", "factory", true, false, wtr_tuya_read_factory},
    {"bk-tlv", "0x11111102", false, false, wtr_tuya_read_mac},
    {"rbl", NULL, false, false, wtr_tuya_read_build},
};

static const struct meaning *meaning_of(const struct wtr_entry *entry)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        const struct meaning *m = &meanings[i];
        bool path = !m->path || wtr_text_is(entry->path, m->path) ||
                    (*m->path == '.' && wtr_text_ends(entry->path, m->path));
        if (path && wtr_text_is(wtr_text_z(entry->format), m->format))
            return m;
    }
    return NULL;
}

enum wtr_claim wtr_tuya_claim_entry(const struct wtr_entry *entry)
{
    if (!meaning_of(entry))
        return WTR_CLAIM_NONE;
    return wtr_text_starts(wtr_text_z(entry->format), "tuya-") ? WTR_CLAIM_NAMED : WTR_CLAIM_SHAPE;
}

bool wtr_tuya_is_time(int64_t seconds)
{
    return seconds >= 1420070400 && seconds < 4102444800;
}

struct wtr_text wtr_tuya_member_text(const struct wtr_json *json, const char *member)
{
    wtr_json_ref at = wtr_json_get(json, 0, member);
    bool text = wtr_json_is(json, at, WTR_JSON_STRING) && !json->tokens[at].escaped;
    return text ? wtr_json_raw(json, at) : (struct wtr_text){NULL, 0};
}

void wtr_tuya_say_setting(struct wtr_tuya_entry *e, struct wtr_text name, struct wtr_text value)
{
    wtr_say_begin(e->say, WTR_KIND_DEVICE_CONFIG, e->device);
    wtr_say_text(e->say, WTR_FIELD_SETTING, name);
    wtr_say_text(e->say, WTR_FIELD_VALUE, value);
    wtr_say_raw(e->say, name, value);
    wtr_say_end(e->say);
}

void wtr_tuya_say_member(struct wtr_tuya_entry *e, const char *member)
{
    wtr_json_ref at = wtr_json_get(e->json, 0, member);
    struct wtr_text value = wtr_json_raw(e->json, at);
    bool scalar = at >= 0 && !wtr_json_is(e->json, at, WTR_JSON_OBJECT) &&
                  !wtr_json_is(e->json, at, WTR_JSON_ARRAY) && !wtr_json_is(e->json, at, WTR_JSON_NULL);
    if (scalar && value.length > 0)
        wtr_tuya_say_setting(e, wtr_text_z(member), value);
}

void wtr_tuya_say_secret(struct wtr_tuya_entry *e, const char *member, const char *what)
{
    struct wtr_text value = wtr_tuya_member_text(e->json, member);
    if (value.length == 0)
        return;
    wtr_say_begin(e->say, WTR_KIND_CREDENTIAL, e->device);
    wtr_say_text(e->say, WTR_FIELD_SECRET, wtr_text_z(what));
    wtr_say_text(e->say, WTR_FIELD_VALUE, value);
    wtr_say_raw(e->say, wtr_text_z(member), value);
    wtr_say_end(e->say);
}

static wtr_device_ref device_of(const struct wtr_tuya_dump *dump, struct wtr_say *say)
{
    if (dump->id_length == 0 || dump->ids_differ)
        return wtr_say_dump_device(say, "tuya");
    return wtr_say_dump_id(say, "tuya", wtr_text_of(dump->id, dump->id_length));
}

void wtr_tuya_read_entry(struct wtr_tuya_dump *dump, const struct wtr_entry *entry, struct wtr_say *say)
{
    const struct meaning *meaning = meaning_of(entry);
    struct wtr_tuya_entry e = {.dump = dump, .entry = entry, .say = say, .json = &dump->json};
    e.text = wtr_tuya_without_nul(wtr_text_of(entry->span.bytes, entry->span.length));
    if (!meaning || (entry->mixed && !meaning->json))
        return;
    bool repeats = entry->state != WTR_ENTRY_LIVE && wtr_tuya_said_before(dump, wtr_tuya_entry_hash(entry));
    if (repeats && !meaning->each)
        return;
    if (meaning->json && !wtr_json_parse(&dump->json, e.text))
        return;
    e.device = device_of(dump, say);
    meaning->read(&e);
}

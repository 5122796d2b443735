/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of Tuya's key/value store that no index page refers to any more: a value that is written anew goes to
 * other pages, and the old ones stay until those are needed. They have no name and no sum of their own. Where
 * pages that follow each other make one whole JSON object whose members only one of the store's names has,
 * the entry gets that name as probable (`attributed`); members were compared on the live values of five
 * devices. Everything else stands nameless, page by page. */
#include "vendor/tuya/flash_kv.h"

enum { PAGE = WTR_TUYA_KV_PAGE, UNIT = 16 };

static const struct shape {
    const char *name;
    const char *members[3];
} shapes[] = {
    {"gw_ai", {"lckey", "h_url", "time_z"}},
    {"gw_wsm", {"nc_tp", "ssid", "passwd"}},
    {"gw_di", {"swv", "pk", "lpv"}},
    {"gw_bi", {"uuid", "psk_key", "auth_key"}},
    {"timer_arr", {"lastFetchTime", "cnt", "cnt"}},
    {"astro_timer", {"timestamp", "index", "index"}},
};

/* Where a JSON object or array that begins at the first byte ends; 0: not within the length. */
static size_t json_end(const uint8_t *text, size_t length)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        uint8_t c = text[i];
        if (c < ' ' || c == 0x7f)
            return 0;
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']') && --depth == 0)
            return i + 1;
    }
    return 0;
}

static const char *name_of(const struct wtr_json *json)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        bool all = true;
        for (size_t m = 0; m < 3; m++)
            all &= wtr_json_get(json, 0, shapes[i].members[m]) >= 0;
        if (all)
            return shapes[i].name;
    }
    return NULL;
}

/* How many pages from `p` on are free of references. */
static size_t free_run(const struct wtr_tuya_kv_image *image, size_t p)
{
    size_t n = 0;
    while (p + n < WTR_TUYA_KV_PAGES && !(image->used & UINT32_C(1) << (p + n)))
        n++;
    return n;
}

static bool is_erased(const uint8_t *page)
{
    for (size_t i = 0; i < PAGE; i++)
        if (page[i] != 0xff)
            return false;
    return true;
}

/* Whether another image of the block has the same page, and is shown before this one. */
static bool is_repeated(const struct wtr_tuya_kv *kv, size_t i, size_t p)
{
    const struct wtr_tuya_kv_image *image = &kv->images[i];
    for (size_t j = 0; j < kv->count; j++)
        if (j != i && kv->images[j].block == image->block && (kv->images[j].live || j < i) && !image->live &&
            memcmp(kv->images[j].plain + p * PAGE, image->plain + p * PAGE, PAGE) == 0)
            return true;
    return false;
}

static void say(struct wtr_tuya_kv *kv, const struct wtr_tuya_kv_image *image, size_t p, size_t length,
                const char *name)
{
    wtr_gather_clear(&kv->gather);
    if (!wtr_gather_add_opened(&kv->gather, &kv->volume->span, image->at + p * PAGE,
                               (length + UNIT - 1) / UNIT * UNIT, image->plain + p * PAGE, length))
        return;
    struct wtr_entry entry = {.format = wtr_tuya_kv.name,
                              .volume = kv->volume->name,
                              .path = name ? wtr_text_z(name) : (struct wtr_text){NULL, 0},
                              .state = WTR_ENTRY_STALE,
                              .integrity = WTR_INTEGRITY_NONE,
                              .attributed = name != NULL,
                              .encryption = wtr_tuya_kv.name,
                              .span = wtr_gather_span(&kv->gather, &kv->opening)};
    kv->sink->entry(kv->sink->payload, &entry);
}

/* The pages from `p` on as one value. Returns how many they are. */
static size_t say_value(struct wtr_tuya_kv *kv, const struct wtr_tuya_kv_image *image, size_t p)
{
    const uint8_t *text = image->plain + p * PAGE;
    size_t length = PAGE, whole = 0;
    const char *name = NULL;
    if (*text == '{' || *text == '[')
        whole = json_end(text, free_run(image, p) * PAGE);
    if (whole > 0 && wtr_json_parse(&kv->json, wtr_text_of(text, whole))) {
        length = whole;
        name = name_of(&kv->json);
    } else {
        while (length > 0 && text[length - 1] == 0xff)
            length--;
    }
    say(kv, image, p, length, name);
    return (length + PAGE - 1) / PAGE;
}

void wtr_tuya_kv_stale(struct wtr_tuya_kv *kv)
{
    for (size_t i = 0; i < kv->count; i++) {
        const struct wtr_tuya_kv_image *image = &kv->images[i];
        for (size_t p = 1; p < WTR_TUYA_KV_PAGES;) {
            bool taken = image->used & UINT32_C(1) << p;
            if (taken || is_erased(image->plain + p * PAGE) || is_repeated(kv, i, p))
                p++;
            else
                p += say_value(kv, image, p);
        }
    }
}

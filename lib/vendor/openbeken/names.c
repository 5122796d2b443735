/* SPDX-License-Identifier: Apache-2.0 */
/* The memory behind names.h. */
#include "vendor/openbeken/names.h"

#include <stdlib.h>

void wtr_openbeken_forget(struct wtr_openbeken_names *names)
{
    wtr_map_free(&names->index);
    wtr_map_free(&names->introduced.by);
    free(names->list);
    *names = (struct wtr_openbeken_names){0};
}

static uint64_t key_of(struct wtr_text name)
{
    return wtr_hash64(name.data, name.length, 0);
}

static struct wtr_openbeken_device *find(const struct wtr_openbeken_names *names, struct wtr_text name)
{
    const uint64_t *at = wtr_map_find(&names->index, key_of(name));
    struct wtr_openbeken_device *device = at ? &names->list[*at] : NULL;
    return device && wtr_text_equal(wtr_text_of(device->name, device->length), name) ? device : NULL;
}

const struct wtr_openbeken_device *wtr_openbeken_find(const struct wtr_openbeken_names *names,
                                                      struct wtr_text name)
{
    return find(names, name);
}

static bool room(struct wtr_openbeken_names *names)
{
    if (names->count < names->capacity)
        return true;
    if (names->capacity >= WTR_OPENBEKEN_MAX_NAMES)
        return false;
    size_t capacity = names->capacity ? names->capacity * 2 : 16;
    struct wtr_openbeken_device *list = realloc(names->list, capacity * sizeof *list);
    if (!list)
        return false;
    names->list = list;
    names->capacity = capacity;
    return true;
}

/* Two names with one hash: the second is not learnt. */
struct wtr_openbeken_device *wtr_openbeken_device(struct wtr_openbeken_names *names, struct wtr_text name)
{
    struct wtr_openbeken_device *known = find(names, name);
    if (known)
        return known;
    bool fits = name.length > 0 && name.length <= WTR_OPENBEKEN_MAX_NAME;
    if (!fits || wtr_map_find(&names->index, key_of(name)) || !room(names) ||
        !wtr_map_put(&names->index, key_of(name), names->count))
        return NULL;
    struct wtr_openbeken_device *device = &names->list[names->count++];
    *device = (struct wtr_openbeken_device){.length = (uint8_t)name.length};
    memcpy(device->name, name.data, name.length);
    return device;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The memory behind learnt.h: texts in a list, found through a hash of the text and of what it is. */
#include "vendor/tasmota/learnt.h"

#include <stdlib.h>

enum what {
    DEVICE,
    BASE,
    ALIAS,
    GROUP,
};

struct wtr_tasmota_entry {
    struct wtr_text text; /* owned */
    enum what what;
    bool is_command;
    struct wtr_tasmota_device *device;
};

static struct wtr_text copy_of(struct wtr_text text)
{
    char *copy = malloc(text.length ? text.length : 1);
    if (!copy)
        return (struct wtr_text){NULL, 0};
    if (text.length)
        memcpy(copy, text.data, text.length);
    return (struct wtr_text){copy, text.length};
}

static void free_text(struct wtr_text text)
{
    free((void *)text.data);
}

void wtr_tasmota_forget(struct wtr_tasmota_learnt *learnt)
{
    wtr_tasmota_slots_free(&learnt->slots);
    for (size_t i = 0; i < learnt->entry_count; i++)
        free_text(learnt->entries[i].text);
    while (learnt->devices) {
        struct wtr_tasmota_device *device = learnt->devices;
        learnt->devices = device->next;
        for (size_t w = 0; w < WTR_TASMOTA_WORDS; w++)
            free_text(device->words[w]);
        free_text(device->id);
        free(device);
    }
    free(learnt->entries);
    wtr_map_free(&learnt->index);
    wtr_map_free(&learnt->own);
    *learnt = (struct wtr_tasmota_learnt){0};
}

static struct wtr_tasmota_entry *find(const struct wtr_tasmota_learnt *learnt, enum what what,
                                      struct wtr_text text)
{
    const uint64_t *at = wtr_map_find(&learnt->index, wtr_hash64(text.data, text.length, what));
    struct wtr_tasmota_entry *entry = at ? &learnt->entries[*at] : NULL;
    return entry && entry->what == what && wtr_text_equal(entry->text, text) ? entry : NULL;
}

static bool entry_room(struct wtr_tasmota_learnt *learnt)
{
    if (learnt->entry_count < learnt->entry_capacity)
        return true;
    if (learnt->entry_capacity >= WTR_TASMOTA_MAX_ENTRIES)
        return false;
    size_t capacity = learnt->entry_capacity ? learnt->entry_capacity * 2 : 32;
    struct wtr_tasmota_entry *entries = realloc(learnt->entries, capacity * sizeof *entries);
    if (!entries)
        return false;
    learnt->entries = entries;
    learnt->entry_capacity = capacity;
    return true;
}

/* Two texts with one hash: the second is not learnt. */
static bool add(struct wtr_tasmota_learnt *learnt, struct wtr_tasmota_entry entry)
{
    uint64_t key = wtr_hash64(entry.text.data, entry.text.length, entry.what);
    bool fits = entry.text.length > 0 && entry.text.length <= WTR_TASMOTA_MAX_TEXT;
    if (!fits || wtr_map_find(&learnt->index, key) || !entry_room(learnt))
        return false;
    entry.text = copy_of(entry.text);
    if (!entry.text.data)
        return false;
    if (!wtr_map_put(&learnt->index, key, learnt->entry_count)) {
        free_text(entry.text);
        return false;
    }
    learnt->entries[learnt->entry_count++] = entry;
    return true;
}

struct wtr_tasmota_device *wtr_tasmota_device(struct wtr_tasmota_learnt *learnt, struct wtr_text id)
{
    const struct wtr_tasmota_entry *known = find(learnt, DEVICE, id);
    if (known)
        return known->device;
    if (learnt->device_count == WTR_TASMOTA_MAX_DEVICES)
        return NULL;
    struct wtr_tasmota_device *device = calloc(1, sizeof *device);
    if (!device)
        return NULL;
    device->id = copy_of(id);
    struct wtr_tasmota_entry entry = {.text = id, .what = DEVICE, .device = device};
    if (!device->id.data || !add(learnt, entry)) {
        free_text(device->id);
        free(device);
        return NULL;
    }
    device->next = learnt->devices;
    learnt->devices = device;
    learnt->device_count++;
    return device;
}

void wtr_tasmota_learn_word(struct wtr_tasmota_device *device, enum wtr_tasmota_word which,
                            struct wtr_text word)
{
    if (word.length == 0 || word.length > WTR_TASMOTA_MAX_TEXT || wtr_text_equal(device->words[which], word))
        return;
    struct wtr_text copy = copy_of(word);
    if (!copy.data)
        return;
    free_text(device->words[which]);
    device->words[which] = copy;
}

static void learn(struct wtr_tasmota_learnt *learnt, enum what what, struct wtr_text text,
                  struct wtr_tasmota_device *device, bool is_command)
{
    struct wtr_tasmota_entry entry = {.text = text, .what = what, .is_command = is_command, .device = device};
    struct wtr_tasmota_entry *known = find(learnt, what, text);
    if (known) {
        known->is_command = is_command;
        known->device = device;
    } else {
        (void)add(learnt, entry);
    }
}

void wtr_tasmota_learn_base(struct wtr_tasmota_learnt *learnt, struct wtr_text base,
                            struct wtr_tasmota_device *device, bool is_command)
{
    learn(learnt, BASE, base, device, is_command);
}

struct wtr_tasmota_device *wtr_tasmota_find_base(const struct wtr_tasmota_learnt *learnt,
                                                 struct wtr_text base, bool *is_command)
{
    const struct wtr_tasmota_entry *entry = find(learnt, BASE, base);
    if (!entry)
        return NULL;
    *is_command = entry->is_command;
    return entry->device;
}

void wtr_tasmota_learn_alias(struct wtr_tasmota_learnt *learnt, struct wtr_text alias,
                             struct wtr_tasmota_device *device)
{
    learn(learnt, ALIAS, alias, device, false);
}

struct wtr_tasmota_device *wtr_tasmota_find_alias(const struct wtr_tasmota_learnt *learnt,
                                                  struct wtr_text alias)
{
    const struct wtr_tasmota_entry *entry = find(learnt, ALIAS, alias);
    return entry ? entry->device : NULL;
}

void wtr_tasmota_learn_group(struct wtr_tasmota_learnt *learnt, struct wtr_text name)
{
    if (!find(learnt, GROUP, name))
        (void)add(learnt, (struct wtr_tasmota_entry){.text = name, .what = GROUP});
}

bool wtr_tasmota_is_group(const struct wtr_tasmota_learnt *learnt, struct wtr_text name)
{
    return find(learnt, GROUP, name) != NULL;
}

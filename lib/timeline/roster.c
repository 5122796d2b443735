/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting what is known of each device. */
#include "timeline/roster.h"

#include <stdlib.h>

bool wtr_roster_open(struct wtr_roster *roster, const struct wtr_devices *devices)
{
    size_t n = devices->count ? devices->count : 1;
    *roster = (struct wtr_roster){.devices = devices};
    roster->entries = calloc(n, sizeof(struct wtr_roster_entry *));
    roster->order = calloc(n, sizeof *roster->order);
    return roster->entries && roster->order;
}

void wtr_roster_close(struct wtr_roster *roster)
{
    for (size_t i = 0; roster->entries && i < roster->count; i++)
        free(roster->entries[roster->order[i]]);
    free((void *)roster->entries);
    free(roster->order);
    wtr_arena_free(&roster->texts);
}

static void add_text(struct wtr_roster *roster, struct wtr_roster_texts *texts, struct wtr_text text)
{
    if (text.length == 0)
        return;
    for (size_t i = 0; i < texts->count; i++)
        if (wtr_text_equal(texts->list[i], text))
            return;
    if (texts->count < WTR_ROSTER_TEXTS)
        texts->list[texts->count++] = wtr_arena_copy(&roster->texts, text);
}

/* Whether the device is known by the address from which it speaks. */
static bool is_address(const struct wtr_device *d)
{
    char text[WTR_ADDRESS_TEXT];
    return d->place_count == 1 &&
           wtr_text_equal(d->id, wtr_text_of(text, wtr_ip_text(&d->places[0].ip, text)));
}

/* The ids and MACs of all the devices that bear this one's name. */
static void add_known_ids(struct wtr_roster *roster, uint32_t device, struct wtr_roster_entry *entry)
{
    for (uint32_t i = device; i < roster->devices->count; i++) {
        const struct wtr_device *d = &roster->devices->list[i];
        if (d->same_as != device)
            continue;
        if (is_address(d))
            add_text(roster, &entry->ips, d->id);
        else if (strcmp(d->vendor, WTR_LAN_VENDOR) != 0) /* whose ids are link addresses */
            add_text(roster, &entry->names, d->id);
        for (uint8_t m = 0; m < d->mac_count; m++) {
            struct wtr_buffer mac = {0};
            wtr_put_mac(&mac, d->mac[m]);
            add_text(roster, &entry->macs, wtr_buffer_text(&mac));
            wtr_buffer_free(&mac);
        }
    }
}

/* The vendor of the devices that bear this one's name: a family where one of them is a family's. */
static const char *family_of(const struct wtr_roster *roster, uint32_t device)
{
    for (uint32_t i = device; i < roster->devices->count; i++) {
        const struct wtr_device *d = &roster->devices->list[i];
        if (d->same_as == device && strcmp(d->vendor, WTR_LAN_VENDOR) != 0)
            return d->vendor;
    }
    return WTR_LAN_VENDOR;
}

static struct wtr_roster_entry *entry_for(struct wtr_roster *roster, uint32_t device)
{
    if (roster->entries[device])
        return roster->entries[device];
    struct wtr_roster_entry *entry = calloc(1, sizeof *entry);
    if (!entry) {
        roster->failed = true;
        return NULL;
    }
    const struct wtr_device *d = &roster->devices->list[device];
    entry->record.device = d->name;
    entry->record.vendor = wtr_text_z(family_of(roster, device));
    add_known_ids(roster, device, entry);
    roster->entries[device] = entry;
    roster->order[roster->count++] = device;
    return entry;
}

static void take_value(struct wtr_roster *roster, struct wtr_roster_entry *entry,
                       const struct wtr_value *value)
{
    if (value->type != WTR_VALUE_TEXT || value->text.length == 0)
        return;
    switch (value->field) {
    case WTR_FIELD_VENDOR:
        if (wtr_text_is(entry->record.vendor, WTR_LAN_VENDOR))
            entry->record.vendor = wtr_arena_copy(&roster->texts, value->text);
        break;
    case WTR_FIELD_MODEL:
        if (!wtr_text_equal(entry->record.model, value->text))
            entry->record.model = wtr_arena_copy(&roster->texts, value->text);
        break;
    case WTR_FIELD_FIRMWARE:
        if (!wtr_text_equal(entry->record.firmware, value->text))
            entry->record.firmware = wtr_arena_copy(&roster->texts, value->text);
        break;
    case WTR_FIELD_MAC:
        add_text(roster, &entry->macs, value->text);
        break;
    case WTR_FIELD_IP:
        add_text(roster, &entry->ips, value->text);
        break;
    case WTR_FIELD_NAME:
    case WTR_FIELD_HOSTNAME:
    case WTR_FIELD_DEVICE_ID:
        add_text(roster, &entry->names, value->text);
        break;
    default:
        break;
    }
}

void wtr_roster_add(struct wtr_roster *roster, uint32_t device, const struct wtr_item *item)
{
    struct wtr_roster_entry *entry = entry_for(roster, device);
    if (!entry)
        return;
    struct wtr_device_record *record = &entry->record;
    int64_t time_ns = item->fixed.origin.time_ns;
    bool stored = item->fixed.flags & WTR_FLAG_STORED;
    record->events++;
    if (!stored) { /* a dump's device was not seen at a time */
        if (!record->has_time || time_ns < record->first_ns)
            record->first_ns = time_ns;
        if (!record->has_time || time_ns > record->last_ns)
            record->last_ns = time_ns;
        record->has_time = true;
    }
    bool former = stored && item->fixed.entry_state != WTR_ENTRY_LIVE; /* what it was called once */
    if (!former &&
        (item->fixed.kind == WTR_KIND_DEVICE_IDENTITY || item->fixed.kind == WTR_KIND_NETWORK_JOIN))
        for (size_t i = 0; i < item->value_count; i++)
            take_value(roster, entry, &item->values[i]);
}

const struct wtr_device_record *wtr_roster_get(const struct wtr_roster *roster, size_t index)
{
    if (index >= roster->count)
        return NULL;
    struct wtr_roster_entry *entry = roster->entries[roster->order[index]];
    struct wtr_device_record *record = &entry->record;
    record->macs = entry->macs.list;
    record->mac_count = entry->macs.count;
    record->ips = entry->ips.list;
    record->ip_count = entry->ips.count;
    record->names = entry->names.list;
    record->name_count = entry->names.count;
    return record;
}

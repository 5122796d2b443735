/* SPDX-License-Identifier: Apache-2.0 */
/* That a station joined a network: its handshake in clear, whose checks prove the keyring's key, shows it. Of
 * what is no plug nothing is said (lib/model/bystanders.c). */
#include "case/extract.h"

static struct wtr_text mac_text(struct wtr_buffer *room, const uint8_t mac[6])
{
    wtr_buffer_clear(room);
    wtr_put_mac(room, mac);
    return wtr_buffer_text(room);
}

/* The station, as one that nothing has shown to be a plug. */
static uint32_t station_of(struct wtr_extract *x, const uint8_t mac[6])
{
    struct wtr_devices *devices = &x->c->devices;
    uint32_t known = devices->count;
    uint32_t device =
        wtr_devices_find(devices, WTR_LAN_VENDOR, mac_text(&x->fields, mac), WTR_TEXT("station"));
    if (device == WTR_NO_DEVICE)
        return device;
    wtr_devices_tie_mac(devices, device, mac);
    if (device >= known)
        devices->list[device].bystander = true;
    return device;
}

void wtr_joined_say(struct wtr_extract *x, const struct wtr_packet *packet, const struct wtr_headers *h,
                    const struct wtr_wlan_join *join)
{
    uint8_t digest[WTR_SHA256_SIZE];
    uint32_t device = x->c->options.messages_only ? WTR_NO_DEVICE : station_of(x, join->station);
    if (device == WTR_NO_DEVICE || x->fields.failed || x->status != WTR_OK)
        return;
    struct wtr_item item = {
        .fixed = {.origin = {.time_ns = packet->has_time ? packet->time_ns : x->now_ns,
                             .frame = packet->frame,
                             .record_offset = packet->record_offset,
                             .offset = packet->data_offset + h->payload_at,
                             .length = h->captured},
                  .message = ++x->messages,
                  .device = device,
                  .resolution_ns = x->resolution_ns,
                  .path = wtr_case_path(x->c, "wlan", NULL, "eapol", NULL),
                  .flags = packet->has_time ? 0 : WTR_FLAG_BOUNDED,
                  .type = WTR_ITEM_STATEMENT,
                  .kind = WTR_KIND_NETWORK_JOIN},
        .values = {{.field = WTR_FIELD_SSID, .type = WTR_VALUE_TEXT, .text = join->entry->id},
                   {.field = WTR_FIELD_BSSID,
                    .type = WTR_VALUE_TEXT,
                    .text = mac_text(&x->fields, join->bssid)},
                   {.field = WTR_FIELD_BY, .type = WTR_VALUE_TEXT, .text = WTR_TEXT("handshake")}},
        .value_count = 3,
        .key = wtr_text_z(join->entry->name),
        .key_origin = wtr_text_z(join->entry->origin),
    };
    wtr_sha256_add(x->sha256, packet->bytes + h->payload_at, h->captured);
    wtr_sha256_finish(x->sha256, digest);
    memcpy(item.fixed.segment, digest, sizeof item.fixed.segment);
    wtr_extract_item(x, &item, packet->has_time ? packet->time_ns : INT64_MAX);
}

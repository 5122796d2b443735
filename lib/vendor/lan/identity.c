/* SPDX-License-Identifier: Apache-2.0 */
/* How an identity is said: once, however often the same is announced. */
#include "base/map.h"
#include "model/devices.h"
#include "vendor/lan/reading.h"

wtr_device_ref wtr_lan_device(struct wtr_say *say, const uint8_t mac[6])
{
    struct wtr_buffer *id = wtr_say_scratch(say);
    wtr_buffer_clear(id);
    wtr_put_mac(id, mac);
    wtr_device_ref device = wtr_say_device(say, WTR_LAN_VENDOR, wtr_buffer_text(id));
    wtr_say_tie_mac(say, device, mac);
    return device;
}

void wtr_lan_add_raw(struct wtr_lan_identity *identity, struct wtr_text name, struct wtr_text value)
{
    if (!value.data || identity->raw_count == WTR_LAN_RAWS)
        return;
    identity->raw_name[identity->raw_count] = name;
    identity->raw[identity->raw_count++] = value;
}

static uint64_t add_hash(uint64_t hash, struct wtr_text text)
{
    return wtr_hash64(text.data, text.length, wtr_mix64(hash));
}

/* Whether the same was said of the device before; from now on it was. */
static bool was_said(struct wtr_lan_state *state, wtr_device_ref device, const struct wtr_lan_identity *i)
{
    const struct wtr_text texts[] = {
        wtr_text_z(i->vendor), wtr_text_z(i->shown_by), i->model,   i->serial,
        i->hostname,           i->vendor_class,         i->service, i->device_id};
    uint64_t hash = wtr_mix64(device + UINT64_C(1));
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        hash = add_hash(hash, texts[k]);
    if (i->ip)
        hash = add_hash(hash, wtr_text_of(i->ip->bytes, sizeof i->ip->bytes));
    uint64_t *place = &state->said[hash % WTR_LAN_SAID];
    bool said = *place == hash;
    *place = hash;
    return said;
}

static void say_text(struct wtr_say *say, enum wtr_field field, struct wtr_text text)
{
    if (text.length && wtr_utf8_valid(text.data, text.length))
        wtr_say_text(say, field, text);
}

static void say_addresses(struct wtr_say *say, const struct wtr_lan_identity *identity)
{
    struct wtr_buffer *scratch = wtr_say_scratch(say);
    char address[WTR_ADDRESS_TEXT];
    if (identity->has_mac) {
        wtr_buffer_clear(scratch);
        wtr_put_mac(scratch, identity->mac);
        say_text(say, WTR_FIELD_MAC, wtr_buffer_text(scratch));
    }
    if (identity->ip)
        say_text(say, WTR_FIELD_IP, wtr_text_of(address, wtr_ip_text(identity->ip, address)));
}

void wtr_lan_say_identity(const struct wtr_lan_reading *r, wtr_device_ref device,
                          const struct wtr_lan_identity *identity)
{
    struct wtr_say *say = r->say;
    if (was_said(r->state, device, identity))
        return;
    wtr_say_begin(say, WTR_KIND_DEVICE_IDENTITY, device);
    wtr_say_text(say, WTR_FIELD_VENDOR, wtr_text_z(identity->vendor));
    say_addresses(say, identity);
    say_text(say, WTR_FIELD_MODEL, identity->model);
    say_text(say, WTR_FIELD_SERIAL, identity->serial);
    say_text(say, WTR_FIELD_DEVICE_ID, identity->device_id);
    say_text(say, WTR_FIELD_HOSTNAME, identity->hostname);
    say_text(say, WTR_FIELD_VENDOR_CLASS, identity->vendor_class);
    say_text(say, WTR_FIELD_SERVICE, identity->service);
    wtr_say_text(say, WTR_FIELD_SHOWN_BY, wtr_text_z(identity->shown_by));
    for (size_t i = 0; i < identity->raw_count; i++)
        wtr_say_raw(say, identity->raw_name[i], identity->raw[i]);
    wtr_say_end(say);
}

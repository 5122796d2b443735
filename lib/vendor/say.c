/* SPDX-License-Identifier: Apache-2.0 */
/* Building statements: what a vendor says, with the evidence worked out from where its raw values stand. */
#include "vendor/say_context.h"

/* Longer raw values are left to the evidence's place and length. */
enum { MAX_RAW = 16 * 1024 };

void wtr_say_message(struct wtr_say *say, const struct wtr_message *message)
{
    say->message = message;
    say->entry = NULL;
    say->report = 0;
    say->open = false;
    say->said = 0;
}

void wtr_say_entry(struct wtr_say *say, const struct wtr_message *message, const struct wtr_entry *entry)
{
    wtr_say_message(say, message);
    say->entry = entry;
}

void wtr_say_free(struct wtr_say *say)
{
    wtr_arena_free(&say->texts);
    wtr_json_free(&say->json);
    wtr_buffer_free(&say->scratch);
}

wtr_device_ref wtr_say_device(struct wtr_say *say, const char *vendor, struct wtr_text id)
{
    return wtr_devices_find(say->devices, vendor, id, say->scope);
}

void wtr_say_tie_mac(struct wtr_say *say, wtr_device_ref device, const uint8_t mac[6])
{
    wtr_devices_tie_mac(say->devices, device, mac);
}

static wtr_device_ref device_at(struct wtr_say *say, const char *vendor, const struct wtr_ip *ip)
{
    char address[WTR_ADDRESS_TEXT];
    struct wtr_buffer scope = {0};
    struct wtr_text id = {address, wtr_ip_text(ip, address)};
    wtr_put_z(&scope, "capture:");
    wtr_put_uint(&scope, say->source);
    wtr_device_ref device = wtr_devices_find(say->devices, vendor, id, wtr_buffer_text(&scope));
    wtr_buffer_free(&scope);
    wtr_say_tie_ip(say, device, ip);
    return device;
}

wtr_device_ref wtr_say_device_at(struct wtr_say *say, const char *vendor, const struct wtr_ip *ip)
{
    wtr_device_ref device = device_at(say, vendor, ip);
    if (device != WTR_NO_DEVICE)
        say->devices->list[device].bystander = false;
    return device;
}

wtr_device_ref wtr_say_bystander_at(struct wtr_say *say, const char *vendor, const struct wtr_ip *ip)
{
    uint32_t known = say->devices->count;
    wtr_device_ref device = device_at(say, vendor, ip);
    if (device != WTR_NO_DEVICE && device >= known)
        say->devices->list[device].bystander = true;
    return device;
}

void wtr_say_tie_ip(struct wtr_say *say, wtr_device_ref device, const struct wtr_ip *ip)
{
    wtr_devices_tie_ip(say->devices, device, say->source, ip);
}

void wtr_say_host(struct wtr_say *say, const struct wtr_ip *ip, const uint8_t mac[6])
{
    wtr_devices_host(say->devices, say->source, ip, mac);
}

int64_t wtr_say_time_ns(const struct wtr_say *say)
{
    return wtr_span_locate(&say->message->span, 0, 0).time_ns;
}

const struct wtr_endpoint *wtr_say_sender(const struct wtr_say *say)
{
    return &say->sender;
}

const struct wtr_endpoint *wtr_say_receiver(const struct wtr_say *say)
{
    return &say->receiver;
}

void wtr_say_own_connection(struct wtr_say *say, wtr_device_ref device)
{
    if (device == WTR_NO_DEVICE || device == say->connection_device)
        return;
    say->connection_device = device;
    say->own_connection(say->payload, device);
}

wtr_device_ref wtr_say_connection_device(const struct wtr_say *say)
{
    return say->connection_device;
}

static void set_sender(struct wtr_say *say, bool named)
{
    const struct wtr_text nothing = {NULL, 0};
    say->item.endpoint = named ? say->endpoint : nothing;
    say->item.client_id = named ? say->client_id : nothing;
    say->item.user = named ? say->user : nothing;
}

/* Seconds that nanoseconds in 64 bits can't hold date nothing. */
static void set_written(struct wtr_statement *fixed, int64_t unix_s)
{
    const int64_t second_ns = 1000000000;
    if (unix_s > INT64_MAX / second_ns - 1 || unix_s < INT64_MIN / second_ns + 1)
        return;
    fixed->flags &= (uint16_t) ~(WTR_FLAG_BOUNDED | WTR_FLAG_EARLIEST | WTR_FLAG_LATEST);
    fixed->flags |= WTR_FLAG_WRITTEN;
    fixed->earliest_ns = unix_s * second_ns;
}

/* What a statement of an entry takes over from it. */
static void set_stored(struct wtr_say *say, const struct wtr_entry *entry)
{
    const struct wtr_text nothing = {NULL, 0};
    struct wtr_item *item = &say->item;
    struct wtr_statement *fixed = &item->fixed;
    fixed->flags |= WTR_FLAG_STORED;
    fixed->flags |= entry->order.has_sequence ? WTR_FLAG_SEQUENCE : 0;
    fixed->order_sequence = entry->order.has_sequence ? entry->order.sequence : 0;
    fixed->order_basis = (uint8_t)entry->order.basis;
    fixed->entry_state = (uint8_t)entry->state;
    fixed->integrity = (uint8_t)entry->integrity;
    fixed->stored =
        (uint8_t)((entry->mixed ? WTR_STORED_MIXED : 0) | (entry->attributed ? WTR_STORED_ATTRIBUTED : 0));
    item->volume = entry->volume;
    item->entry = entry->path;
    item->order_scope = entry->order.scope;
    item->encryption = entry->encryption ? wtr_text_z(entry->encryption) : nothing;
    item->check = entry->check ? wtr_text_z(entry->check) : nothing;
    if (entry->has_written)
        set_written(fixed, entry->written_s);
}

void wtr_say_begin(struct wtr_say *say, enum wtr_kind kind, wtr_device_ref device)
{
    wtr_arena_reset(&say->texts);
    struct wtr_item *item = &say->item;
    item->fixed = say->common;
    item->fixed.kind = (uint8_t)kind;
    item->fixed.device = device;
    item->channel = (struct wtr_text){NULL, 0};
    item->value_count = 0;
    item->raw_count = 0;
    item->part_count = 0;
    const struct wtr_text nothing = {NULL, 0};
    set_sender(say, kind == WTR_KIND_POWER_COMMAND || kind == WTR_KIND_DEVICE_CONFIG);
    item->where = nothing;
    item->reason = nothing;
    item->app_id = nothing;
    item->transform = nothing;
    item->key = nothing;
    item->key_origin = nothing;
    item->volume = nothing;
    item->entry = nothing;
    item->order_scope = nothing;
    item->encryption = nothing;
    item->check = nothing;
    if (say->entry)
        set_stored(say, say->entry);
    say->has_span = false;
    say->open = true;
}

void wtr_say_channel(struct wtr_say *say, struct wtr_text channel, unsigned outlet)
{
    if (channel.length > WTR_MAX_CHANNEL)
        channel.length = WTR_MAX_CHANNEL;
    say->item.channel = wtr_arena_copy(&say->texts, channel);
    say->item.fixed.outlet = outlet <= UINT16_MAX ? (uint16_t)outlet : 0;
}

static void add_value(struct wtr_say *say, struct wtr_value value)
{
    if (say->item.value_count < WTR_MAX_VALUES)
        say->item.values[say->item.value_count++] = value;
}

void wtr_say_text(struct wtr_say *say, enum wtr_field field, struct wtr_text value)
{
    add_value(say, (struct wtr_value){
                       .field = field, .type = WTR_VALUE_TEXT, .text = wtr_arena_copy(&say->texts, value)});
}

void wtr_say_micro(struct wtr_say *say, enum wtr_field field, int64_t micro)
{
    add_value(say, (struct wtr_value){.field = field, .type = WTR_VALUE_DECIMAL, .number = micro});
}

void wtr_say_int(struct wtr_say *say, enum wtr_field field, int64_t value)
{
    add_value(say, (struct wtr_value){.field = field, .type = WTR_VALUE_INTEGER, .number = value});
}

void wtr_say_bool(struct wtr_say *say, enum wtr_field field, bool value)
{
    add_value(say, (struct wtr_value){.field = field, .type = WTR_VALUE_BOOLEAN, .number = value});
}

static void add_raw(struct wtr_say *say, struct wtr_text name, struct wtr_text value, enum wtr_raw_type type)
{
    size_t at;
    if (!wtr_span_holds(&say->message->span, value.data, value.length, &at))
        return;
    if (!say->has_span || at < say->span_from)
        say->span_from = at;
    if (!say->has_span || at + value.length > say->span_to)
        say->span_to = at + value.length;
    say->has_span = true;
    if (say->item.raw_count == WTR_MAX_RAWS || value.length > MAX_RAW)
        return;
    say->item.raws[say->item.raw_count++] = (struct wtr_raw){wtr_arena_copy(&say->texts, name), value, type};
}

void wtr_say_raw(struct wtr_say *say, struct wtr_text name, struct wtr_text value)
{
    add_raw(say, name, value, WTR_RAW_TEXT);
}

void wtr_say_raw_bytes(struct wtr_say *say, struct wtr_text name, struct wtr_text value)
{
    add_raw(say, name, value, WTR_RAW_BYTES);
}

void wtr_say_raw_json(struct wtr_say *say, const char *name, const struct wtr_json *json, wtr_json_ref at)
{
    if (at < 0)
        return;
    const struct wtr_json_token *token = &json->tokens[at];
    bool plain = token->type == WTR_JSON_STRING && !token->escaped;
    bool compound = token->type == WTR_JSON_OBJECT || token->type == WTR_JSON_ARRAY;
    enum wtr_raw_type type = plain                                        ? WTR_RAW_TEXT
                             : compound || token->type == WTR_JSON_STRING ? WTR_RAW_JSON
                                                                          : WTR_RAW_LITERAL;
    add_raw(say, wtr_text_z(name), wtr_json_raw(json, at), type);
}

void wtr_say_numbered(struct wtr_say *say, uint64_t report)
{
    say->report = report ? report : 1;
}

void wtr_say_app(struct wtr_say *say, struct wtr_text app_id)
{
    say->item.app_id = wtr_arena_copy(&say->texts, app_id);
}

void wtr_say_trigger(struct wtr_say *say, enum wtr_trigger trigger, enum wtr_cause_basis basis)
{
    say->item.fixed.trigger = (uint8_t)trigger;
    say->item.fixed.basis = (uint8_t)basis;
}

void wtr_say_past(struct wtr_say *say)
{
    say->item.fixed.flags |= WTR_FLAG_PAST;
}

void wtr_say_polled(struct wtr_say *say)
{
    say->item.fixed.flags |= WTR_FLAG_POLLED;
    if (say->item.fixed.kind == WTR_KIND_DEVICE_CONFIG)
        set_sender(say, false);
}

void wtr_say_asked(struct wtr_say *say)
{
    set_sender(say, true);
}

void wtr_say_last_will(struct wtr_say *say)
{
    say->item.fixed.flags |= WTR_FLAG_LAST_WILL;
}

wtr_device_ref wtr_say_dump_device(struct wtr_say *say, const char *vendor)
{
    const struct wtr_text no_scope = {NULL, 0};
    if (say->dump_device == WTR_NO_DEVICE) {
        say->dump_device = wtr_devices_find(say->devices, vendor, say->dump_id, no_scope);
    } else {
        struct wtr_device *known = &say->devices->list[say->dump_device];
        if (strcmp(known->vendor, WTR_LAN_VENDOR) == 0)
            known->vendor = vendor; /* a family's word is more than what any device's storage tells */
    }
    return say->dump_device;
}

wtr_device_ref wtr_say_dump_id(struct wtr_say *say, const char *vendor, struct wtr_text id)
{
    const struct wtr_text no_scope = {NULL, 0};
    wtr_device_ref device = wtr_say_dump_device(say, vendor);
    wtr_device_ref own = id.length ? wtr_devices_find(say->devices, vendor, id, no_scope) : WTR_NO_DEVICE;
    if (device == WTR_NO_DEVICE || own == WTR_NO_DEVICE)
        return device;
    wtr_devices_alias(say->devices, device, own);
    return own;
}

void wtr_say_written(struct wtr_say *say, int64_t unix_s)
{
    if (say->entry)
        set_written(&say->item.fixed, unix_s);
}

void wtr_say_bounds(struct wtr_say *say, bool has_earliest, int64_t earliest_ns, bool has_latest,
                    int64_t latest_ns)
{
    struct wtr_statement *fixed = &say->item.fixed;
    if (!say->entry || (!has_earliest && !has_latest))
        return;
    fixed->flags &= (uint16_t) ~(WTR_FLAG_WRITTEN | WTR_FLAG_EARLIEST | WTR_FLAG_LATEST);
    fixed->flags |= WTR_FLAG_BOUNDED;
    fixed->flags |= has_earliest ? WTR_FLAG_EARLIEST : 0;
    fixed->flags |= has_latest ? WTR_FLAG_LATEST : 0;
    fixed->earliest_ns = has_earliest ? earliest_ns : 0;
    fixed->latest_ns = has_latest ? latest_ns : 0;
}

void wtr_say_key(struct wtr_say *say, enum wtr_key_type type, struct wtr_text id, struct wtr_text secret)
{
    if (say->key && secret.length)
        say->key(say->payload, type, id, secret);
}

/* Works out which bytes the statement rests on. */
static void set_evidence(struct wtr_say *say)
{
    const struct wtr_span *span = &say->message->span;
    struct wtr_item *item = &say->item;
    size_t from = say->has_span ? say->span_from : 0;
    size_t length = say->has_span ? say->span_to - say->span_from : span->length;
    item->fixed.origin = wtr_span_locate(span, from, length);
    if (span->opening) {
        const struct wtr_opening *opening = span->opening;
        item->transform = wtr_text_z(opening->steps);
        item->key = opening->key ? wtr_text_z(opening->key) : item->key;
        item->key_origin = opening->key_origin ? wtr_text_z(opening->key_origin) : item->key_origin;
        item->fixed.plain_offset = (uint32_t)from;
        item->fixed.plain_length = (uint32_t)length;
    }
    size_t parts = wtr_span_parts(span, from, length);
    if (parts < 2)
        return;
    item->part_count = parts < WTR_MAX_PARTS ? parts : WTR_MAX_PARTS;
    for (size_t i = 0; i < item->part_count; i++)
        item->parts[i] = wtr_span_part(span, from, length, i);
}

/* How many statements of the same kind and channel rest on the same bytes already. */
static uint16_t count_equal(struct wtr_say *say)
{
    const struct wtr_item *item = &say->item;
    uint64_t hash = wtr_hash64(item->channel.data, item->channel.length,
                               item->fixed.origin.offset ^ (uint64_t)item->fixed.origin.length << 40 ^
                                   (uint64_t)item->fixed.kind << 56);
    uint16_t equal = 0;
    uint16_t remembered = say->said < WTR_SAY_REMEMBERED ? say->said : WTR_SAY_REMEMBERED;
    for (uint16_t i = 0; i < remembered; i++)
        equal = (uint16_t)(equal + (say->said_hash[i] == hash));
    if (say->said < WTR_SAY_REMEMBERED)
        say->said_hash[say->said] = hash;
    return equal;
}

void wtr_say_end(struct wtr_say *say)
{
    if (!say->open || say->item.fixed.device == WTR_NO_DEVICE || say->said == UINT16_MAX)
        return;
    say->open = false;
    set_evidence(say);
    say->item.fixed.ordinal = count_equal(say);
    say->item.fixed.index = say->said++;
    say->emit(say->payload, &say->item);
}

void wtr_say_unread(struct wtr_say *say, wtr_device_ref device)
{
    if (device == WTR_NO_DEVICE)
        return;
    wtr_say_begin(say, WTR_KIND_POWER_COMMAND, device);
    say->open = false;
    say->item.fixed.type = WTR_ITEM_UNREAD;
    set_evidence(say);
    say->emit(say->payload, &say->item);
}

void wtr_say_finding(struct wtr_say *say, struct wtr_text place, const char *reason)
{
    size_t at = 0;
    if (!wtr_span_holds(&say->message->span, place.data, place.length, &at)) {
        at = 0;
        place.length = say->message->span.length;
    }
    say->finding(say->payload, &say->message->span, at, place.length, reason);
}

struct wtr_json *wtr_say_json(struct wtr_say *say)
{
    return &say->json;
}

struct wtr_buffer *wtr_say_scratch(struct wtr_say *say)
{
    return &say->scratch;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder behind say_record.h: vendor/say.h as lines of text. */
#include "say_record.h"

#include "protocol/mqtt.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { MAX_DEVICES = 1024, MAX_CONNECTIONS = 64 };

struct connection {
    const void *session;
    wtr_device_ref device;
};

struct wtr_say {
    struct wtr_buffer lines;
    struct wtr_buffer sentence; /* the statement that is begun */
    struct wtr_buffer raw;
    bool begun;
    bool dropped; /* about a device for which there was no room */
    bool past, polled, asked, last_will;
    enum wtr_trigger trigger;
    enum wtr_cause_basis basis;
    char *devices[MAX_DEVICES];
    wtr_device_ref device_count;
    struct connection connections[MAX_CONNECTIONS];
    size_t connection_count;
    const struct wtr_message *message;
    struct wtr_endpoint sender, receiver;
    struct wtr_buffer app;
    enum wtr_claim claim;
    struct wtr_json json;
    struct wtr_buffer scratch;
};

struct wtr_say *say_record_new(void)
{
    struct wtr_say *say = calloc(1, sizeof *say);
    if (!say)
        abort();
    return say;
}

void say_record_free(struct wtr_say *say)
{
    for (wtr_device_ref i = 0; i < say->device_count; i++)
        free(say->devices[i]);
    wtr_buffer_free(&say->lines);
    wtr_buffer_free(&say->sentence);
    wtr_buffer_free(&say->raw);
    wtr_buffer_free(&say->app);
    wtr_buffer_free(&say->scratch);
    wtr_json_free(&say->json);
    free(say);
}

static void break_rule(struct wtr_say *say, const char *rule)
{
    wtr_put_z(&say->lines, "!! ");
    wtr_put_z(&say->lines, rule);
    wtr_put_char(&say->lines, '\n');
}

const char *say_record(struct wtr_say *say, const struct wtr_vendor *vendor, void *state,
                       const struct wtr_message *message)
{
    say->message = message;
    say->begun = false;
    wtr_buffer_clear(&say->lines);
    say->claim = vendor->claim(state, message);
    if (say->claim != WTR_CLAIM_NONE)
        vendor->read(state, message, say);
    if (say->begun)
        break_rule(say, "a statement was begun and not ended");
    wtr_put_char(&say->lines, '\0');
    return say->lines.data;
}

static struct wtr_endpoint end_of(const char *address, uint16_t port)
{
    struct wtr_endpoint end = {.ip = {{[10] = 0xff, [11] = 0xff}}, .port = port};
    if (inet_pton(AF_INET, address, end.ip.bytes + 12) != 1)
        abort();
    return end;
}

void say_record_ends(struct wtr_say *say, const char *from, uint16_t from_port, const char *to,
                     uint16_t to_port)
{
    say->sender = end_of(from, from_port);
    say->receiver = end_of(to, to_port);
}

const struct wtr_endpoint *wtr_say_sender(const struct wtr_say *say)
{
    return &say->sender;
}

const struct wtr_endpoint *wtr_say_receiver(const struct wtr_say *say)
{
    return &say->receiver;
}

int64_t wtr_say_time_ns(const struct wtr_say *say)
{
    return wtr_span_locate(&say->message->span, 0, 0).time_ns;
}

enum wtr_claim say_record_claim(const struct wtr_say *say)
{
    return say->claim;
}

/* Text that stays on its line. */
static void put_visible(struct wtr_buffer *out, struct wtr_text text)
{
    for (size_t i = 0; i < text.length; i++)
        wtr_put_char(out, (unsigned char)text.data[i] < ' ' ? '?' : text.data[i]);
}

static const char *device_name(const struct wtr_say *say, wtr_device_ref device)
{
    return device < say->device_count ? say->devices[device] : "nobody";
}

wtr_device_ref wtr_say_device(struct wtr_say *say, const char *vendor, struct wtr_text id)
{
    struct wtr_buffer name = {0};
    wtr_put_z(&name, vendor);
    wtr_put_char(&name, ':');
    put_visible(&name, id);
    wtr_put_char(&name, '\0');
    if (name.failed)
        abort();
    for (wtr_device_ref i = 0; i < say->device_count; i++) {
        if (strcmp(say->devices[i], name.data) == 0) {
            wtr_buffer_free(&name);
            return i;
        }
    }
    if (say->device_count == MAX_DEVICES) {
        wtr_buffer_free(&name);
        return WTR_NO_DEVICE;
    }
    say->devices[say->device_count] = name.data;
    return say->device_count++;
}

wtr_device_ref wtr_say_device_at(struct wtr_say *say, const char *vendor, const struct wtr_ip *ip)
{
    char address[WTR_ADDRESS_TEXT];
    return wtr_say_device(say, vendor, wtr_text_of(address, wtr_ip_text(ip, address)));
}

wtr_device_ref wtr_say_bystander_at(struct wtr_say *say, const char *vendor, const struct wtr_ip *ip)
{
    wtr_device_ref device = wtr_say_device_at(say, vendor, ip);
    wtr_put_z(&say->lines, "bystander ");
    wtr_put_z(&say->lines, device < say->device_count ? say->devices[device] : "nobody");
    wtr_put_char(&say->lines, '\n');
    return device;
}

static void put_ip(struct wtr_buffer *out, const struct wtr_ip *ip)
{
    char address[WTR_ADDRESS_TEXT];
    wtr_put(out, address, wtr_ip_text(ip, address));
}

void wtr_say_tie_ip(struct wtr_say *say, wtr_device_ref device, const struct wtr_ip *ip)
{
    wtr_put_z(&say->lines, "ip ");
    wtr_put_z(&say->lines, device_name(say, device));
    wtr_put_char(&say->lines, ' ');
    put_ip(&say->lines, ip);
    wtr_put_char(&say->lines, '\n');
}

void wtr_say_unread(struct wtr_say *say, wtr_device_ref device)
{
    wtr_put_z(&say->lines, "unread ");
    wtr_put_z(&say->lines, device_name(say, device));
    wtr_put_char(&say->lines, '\n');
}

void wtr_say_host(struct wtr_say *say, const struct wtr_ip *ip, const uint8_t mac[6])
{
    wtr_put_z(&say->lines, "host ");
    put_ip(&say->lines, ip);
    wtr_put_z(&say->lines, " mac=");
    wtr_put_mac(&say->lines, mac);
    wtr_put_char(&say->lines, '\n');
}

void wtr_say_tie_mac(struct wtr_say *say, wtr_device_ref device, const uint8_t mac[6])
{
    wtr_put_z(&say->lines, "tie ");
    wtr_put_z(&say->lines, device_name(say, device));
    wtr_put_z(&say->lines, " mac=");
    wtr_put_mac(&say->lines, mac);
    wtr_put_char(&say->lines, '\n');
}

wtr_device_ref wtr_say_connection_device(const struct wtr_say *say)
{
    for (size_t i = 0; i < say->connection_count; i++)
        if (say->connections[i].session == say->message->session)
            return say->connections[i].device;
    return WTR_NO_DEVICE;
}

void wtr_say_own_connection(struct wtr_say *say, wtr_device_ref device)
{
    if (device == WTR_NO_DEVICE || device == wtr_say_connection_device(say))
        return;
    if (wtr_say_connection_device(say) != WTR_NO_DEVICE)
        break_rule(say, "the connection is another device's own");
    if (say->connection_count < MAX_CONNECTIONS)
        say->connections[say->connection_count++] =
            (struct connection){.session = say->message->session, .device = device};
    wtr_put_z(&say->lines, "own ");
    wtr_put_z(&say->lines, device_name(say, device));
    wtr_put_char(&say->lines, '\n');
}

void wtr_say_begin(struct wtr_say *say, enum wtr_kind kind, wtr_device_ref device)
{
    if (say->begun)
        break_rule(say, "a statement was begun and not ended");
    const char *name = wtr_kind_name(kind);
    wtr_buffer_clear(&say->sentence);
    wtr_buffer_clear(&say->raw);
    wtr_put_z(&say->sentence, name ? name : "?");
    wtr_put_char(&say->sentence, ' ');
    wtr_put_z(&say->sentence, device_name(say, device));
    say->begun = true;
    say->dropped = device == WTR_NO_DEVICE;
    say->past = false;
    say->polled = false;
    say->asked = false;
    say->last_will = false;
    say->trigger = WTR_TRIGGER_NONE;
    say->basis = WTR_BASIS_NONE;
}

static bool is_begun(struct wtr_say *say)
{
    if (!say->begun)
        break_rule(say, "a value without a statement");
    return say->begun;
}

static void put_name(struct wtr_say *say, const char *name)
{
    wtr_put_char(&say->sentence, ' ');
    wtr_put_z(&say->sentence, name ? name : "?");
    wtr_put_char(&say->sentence, '=');
}

void wtr_say_channel(struct wtr_say *say, struct wtr_text channel, unsigned outlet)
{
    if (!is_begun(say))
        return;
    put_name(say, "ch");
    put_visible(&say->sentence, channel);
    if (outlet) {
        put_name(say, "outlet");
        wtr_put_uint(&say->sentence, outlet);
    }
}

void wtr_say_text(struct wtr_say *say, enum wtr_field field, struct wtr_text value)
{
    if (!is_begun(say))
        return;
    put_name(say, wtr_field_name(field));
    put_visible(&say->sentence, value);
}

void wtr_say_micro(struct wtr_say *say, enum wtr_field field, int64_t micro)
{
    if (!is_begun(say))
        return;
    put_name(say, wtr_field_name(field));
    wtr_put_micro(&say->sentence, micro);
}

void wtr_say_int(struct wtr_say *say, enum wtr_field field, int64_t value)
{
    if (!is_begun(say))
        return;
    put_name(say, wtr_field_name(field));
    wtr_put_int(&say->sentence, value);
}

void wtr_say_bool(struct wtr_say *say, enum wtr_field field, bool value)
{
    if (!is_begun(say))
        return;
    put_name(say, wtr_field_name(field));
    wtr_put_z(&say->sentence, value ? "true" : "false");
}

/* Where offsets are counted from. */
static size_t origin_of(const struct wtr_message *message)
{
    const struct wtr_mqtt_packet *packet = message->body;
    size_t at = 0;
    bool publish = message->protocol == &wtr_mqtt && packet && packet->type == WTR_MQTT_PUBLISH;
    if (publish && packet->payload.length > 0)
        (void)wtr_span_holds(&message->span, packet->payload.data, packet->payload.length, &at);
    return at;
}

static void put_place(struct wtr_say *say, struct wtr_buffer *out, struct wtr_text place)
{
    size_t at = 0;
    if (!wtr_span_holds(&say->message->span, place.data, place.length, &at)) {
        break_rule(say, "a place outside the message");
        return;
    }
    wtr_put_char(out, '@');
    wtr_put_int(out, (int64_t)at - (int64_t)origin_of(say->message));
    wtr_put_char(out, '+');
    wtr_put_uint(out, place.length);
}

void wtr_say_raw(struct wtr_say *say, struct wtr_text name, struct wtr_text value)
{
    if (!is_begun(say))
        return;
    if (say->raw.length > 0)
        wtr_put_char(&say->raw, ' ');
    put_visible(&say->raw, name);
    wtr_put_char(&say->raw, '=');
    put_visible(&say->raw, value);
    put_place(say, &say->raw, value);
}

void wtr_say_raw_bytes(struct wtr_say *say, struct wtr_text name, struct wtr_text value)
{
    if (!is_begun(say))
        return;
    if (say->raw.length > 0)
        wtr_put_char(&say->raw, ' ');
    put_visible(&say->raw, name);
    wtr_put_z(&say->raw, "=0x");
    wtr_put_hex(&say->raw, value.data, value.length);
    put_place(say, &say->raw, value);
}

wtr_device_ref wtr_say_dump_device(struct wtr_say *say, const char *vendor)
{
    return wtr_say_device(say, vendor, WTR_TEXT("dump"));
}

wtr_device_ref wtr_say_dump_id(struct wtr_say *say, const char *vendor, struct wtr_text id)
{
    wtr_device_ref device = wtr_say_device(say, vendor, id);
    wtr_put_z(&say->lines, "dump ");
    wtr_put_z(&say->lines, device_name(say, device));
    wtr_put_char(&say->lines, '\n');
    return device;
}

void wtr_say_written(struct wtr_say *say, int64_t unix_s)
{
    if (!is_begun(say))
        return;
    put_name(say, "written");
    wtr_put_int(&say->sentence, unix_s);
}

void wtr_say_bounds(struct wtr_say *say, bool has_earliest, int64_t earliest_ns, bool has_latest,
                    int64_t latest_ns)
{
    if (!is_begun(say))
        return;
    put_name(say, "bounds");
    if (has_earliest)
        wtr_put_int(&say->sentence, earliest_ns);
    wtr_put_z(&say->sentence, "..");
    if (has_latest)
        wtr_put_int(&say->sentence, latest_ns);
}

void wtr_say_key(struct wtr_say *say, enum wtr_key_type type, struct wtr_text id, struct wtr_text secret)
{
    static const char *const words[] = {"tuya", "psk", "kasa", "wifi", "nvs", "meross"};
    wtr_put_z(&say->lines, "key ");
    wtr_put_z(&say->lines, (size_t)type < sizeof words / sizeof *words ? words[type] : "?");
    wtr_put_char(&say->lines, ' ');
    put_visible(&say->lines, id);
    wtr_put_char(&say->lines, ' ');
    put_visible(&say->lines, secret);
    wtr_put_char(&say->lines, '\n');
}

const char *say_record_entry(struct wtr_say *say, const struct wtr_vendor *vendor, void *state,
                             const struct wtr_entry *entry)
{
    static const struct wtr_protocol storage = {.name = "flash"};
    const struct wtr_message message = {.protocol = &storage, .span = entry->span};
    say->message = &message;
    say->begun = false;
    wtr_buffer_clear(&say->lines);
    say->claim = vendor->claim_entry(state, entry);
    if (say->claim != WTR_CLAIM_NONE)
        vendor->read_entry(state, entry, say);
    if (say->begun)
        break_rule(say, "a statement was begun and not ended");
    say->message = NULL;
    wtr_put_char(&say->lines, '\0');
    return say->lines.data;
}

void wtr_say_raw_json(struct wtr_say *say, const char *name, const struct wtr_json *json, wtr_json_ref at)
{
    if (at < 0)
        break_rule(say, "a raw value that is not there");
    else
        wtr_say_raw(say, wtr_text_z(name), wtr_json_raw(json, at));
}

void wtr_say_trigger(struct wtr_say *say, enum wtr_trigger trigger, enum wtr_cause_basis basis)
{
    if (!is_begun(say))
        return;
    say->trigger = trigger;
    say->basis = basis;
}

void wtr_say_past(struct wtr_say *say)
{
    say->past = is_begun(say);
}

void wtr_say_polled(struct wtr_say *say)
{
    say->polled = is_begun(say);
}

void wtr_say_asked(struct wtr_say *say)
{
    say->asked = is_begun(say);
}

void wtr_say_last_will(struct wtr_say *say)
{
    say->last_will = is_begun(say);
}

void wtr_say_numbered(struct wtr_say *say, uint64_t report)
{
    (void)report;
    if (say->begun)
        break_rule(say, "a message was numbered after its first statement");
}

void wtr_say_app(struct wtr_say *say, struct wtr_text app_id)
{
    if (is_begun(say)) {
        wtr_buffer_clear(&say->app);
        put_visible(&say->app, app_id);
    }
}

void wtr_say_end(struct wtr_say *say)
{
    if (!is_begun(say))
        return;
    say->begun = false;
    if (say->dropped)
        return;
    wtr_put_text(&say->lines, wtr_buffer_text(&say->sentence));
    if (say->past)
        wtr_put_z(&say->lines, " past");
    if (say->polled)
        wtr_put_z(&say->lines, " polled");
    if (say->asked)
        wtr_put_z(&say->lines, " asked");
    if (say->last_will)
        wtr_put_z(&say->lines, " last_will");
    if (say->app.length) {
        wtr_put_z(&say->lines, " app=");
        wtr_put_text(&say->lines, wtr_buffer_text(&say->app));
        wtr_buffer_clear(&say->app);
    }
    if (say->trigger != WTR_TRIGGER_NONE) {
        const char *basis = wtr_cause_basis_name(say->basis);
        wtr_put_z(&say->lines, " trigger=");
        wtr_put_z(&say->lines, wtr_trigger_name(say->trigger));
        wtr_put_char(&say->lines, '/');
        wtr_put_z(&say->lines, basis ? basis : "none");
    }
    if (say->raw.length > 0) {
        wtr_put_z(&say->lines, " raw{");
        wtr_put_text(&say->lines, wtr_buffer_text(&say->raw));
        wtr_put_char(&say->lines, '}');
    }
    wtr_put_char(&say->lines, '\n');
}

void wtr_say_finding(struct wtr_say *say, struct wtr_text place, const char *reason)
{
    wtr_put_z(&say->lines, "finding ");
    put_place(say, &say->lines, place);
    wtr_put_char(&say->lines, ' ');
    wtr_put_z(&say->lines, reason);
    wtr_put_char(&say->lines, '\n');
}

struct wtr_json *wtr_say_json(struct wtr_say *say)
{
    return &say->json;
}

struct wtr_buffer *wtr_say_scratch(struct wtr_say *say)
{
    return &say->scratch;
}

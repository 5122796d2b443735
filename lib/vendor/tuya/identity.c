/* SPDX-License-Identifier: Apache-2.0 */
/* Which device it is. A broadcast gives the device's id, address, product key and protocol version, every
 * five seconds (tinytuya PROTOCOL.md "Discovery"; seen of 13 real devices):
 * {"ip","gwId","active","ablilty","encrypt","productKey", "version"}. Over TCP queries and commands name the
 * device in "devId" or "gwId" up to 3.3, a gateway's children in "cid"; pushes need not name it. Then it is
 * the one that the address is known to be, else the one that the keyring names with the key, else it is known
 * by its address alone. */
#include "vendor/tuya/reading.h"

enum { MAX_ID = 64 };

/* A member's text, if it can be an id. */
static struct wtr_text id_of(const struct wtr_json *json, wtr_json_ref object, const char *name)
{
    wtr_json_ref at = wtr_json_get(json, object, name);
    const struct wtr_text nothing = {NULL, 0};
    if (!wtr_json_is(json, at, WTR_JSON_STRING))
        return nothing;
    struct wtr_text text = wtr_json_raw(json, at);
    if (text.length == 0 || text.length > MAX_ID)
        return nothing;
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] <= ' ' || text.data[i] >= 0x7f || text.data[i] == '\\')
            return nothing;
    return text;
}

static wtr_json_ref inner(const struct wtr_json *json)
{
    wtr_json_ref data = wtr_json_get(json, 0, "data");
    return wtr_json_is(json, data, WTR_JSON_OBJECT) ? data : 0;
}

static struct wtr_text named_in(const struct wtr_json *json)
{
    struct wtr_text id = id_of(json, 0, "devId");
    if (id.length == 0)
        id = id_of(json, inner(json), "devId");
    return id.length > 0 ? id : id_of(json, 0, "gwId");
}

static struct wtr_text child_in(const struct wtr_json *json)
{
    struct wtr_text id = id_of(json, 0, "cid");
    return id.length > 0 ? id : id_of(json, inner(json), "cid");
}

wtr_device_ref wtr_tuya_whose(struct wtr_tuya_learnt *learnt, const struct wtr_message *message,
                              const struct wtr_json *json, struct wtr_say *say)
{
    const struct wtr_tuya_packet *packet = message->body;
    bool own_word = message->direction == WTR_FROM_SERVER;
    const struct wtr_endpoint *end = own_word ? wtr_say_sender(say) : wtr_say_receiver(say);
    struct wtr_text child = child_in(json);
    struct wtr_text id = named_in(json);
    if (child.length > 0)
        return wtr_say_device(say, "tuya", child);
    wtr_device_ref known = wtr_tuya_device_at(learnt, &end->ip);
    if (id.length == 0 && known == WTR_NO_DEVICE)
        id = packet->key_id;
    if (id.length == 0)
        return known != WTR_NO_DEVICE ? known : wtr_say_device_at(say, "tuya", &end->ip);
    wtr_device_ref device = wtr_say_device(say, "tuya", id);
    wtr_tuya_learn_ip(learnt, &end->ip, device, own_word);
    wtr_say_tie_ip(say, device, &end->ip);
    return device;
}

/* ---- broadcasts */

static void add_text(const struct wtr_json *json, struct wtr_say *say, const char *name, enum wtr_field field)
{
    wtr_json_ref at = wtr_json_get(json, 0, name);
    if (!wtr_json_is(json, at, WTR_JSON_STRING))
        return;
    struct wtr_text text = wtr_json_string(json, at, wtr_say_scratch(say));
    if (text.length == 0)
        return;
    wtr_say_text(say, field, text);
    wtr_say_raw_json(say, name, json, at);
}

/* An address that the broadcast gives for another host than its sender is that of a relay's other side. */
static bool is_senders(const struct wtr_json *json, struct wtr_say *say)
{
    char address[WTR_ADDRESS_TEXT];
    struct wtr_text sender = {address, wtr_ip_text(&wtr_say_sender(say)->ip, address)};
    return wtr_text_equal(wtr_json_raw(json, wtr_json_get(json, 0, "ip")), sender);
}

void wtr_tuya_read_broadcast(struct wtr_tuya_learnt *learnt, const struct wtr_json *json, struct wtr_say *say)
{
    struct wtr_text id = id_of(json, 0, "gwId");
    if (id.length == 0)
        return; /* an app that looks for devices */
    wtr_device_ref device = wtr_say_device(say, "tuya", id);
    if (device == WTR_NO_DEVICE)
        return;
    if (is_senders(json, say)) {
        wtr_say_tie_ip(say, device, &wtr_say_sender(say)->ip);
        wtr_tuya_learn_ip(learnt, &wtr_say_sender(say)->ip, device, true);
    }
    wtr_say_begin(say, WTR_KIND_DEVICE_IDENTITY, device);
    wtr_say_text(say, WTR_FIELD_VENDOR, WTR_TEXT("tuya"));
    add_text(json, say, "gwId", WTR_FIELD_DEVICE_ID);
    add_text(json, say, "ip", WTR_FIELD_IP);
    add_text(json, say, "productKey", WTR_FIELD_PRODUCT);
    add_text(json, say, "version", WTR_FIELD_PROTOCOL);
    wtr_say_end(say);
}

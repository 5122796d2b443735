/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's messages on the LAN (session.c and its neighbours read the protocol): commands to set data points,
 * the device's pushes of those that changed, its answers to queries, and its broadcasts.
 *
 * JSON up to 3.3: {"devId","uid","t","dps":{"1":true}} to the device, {"dps":{…},"t":<epoch>} from it;
 * from 3.4 on
 * {"protocol","t","data":{"dps":{…}}} (tinytuya PROTOCOL.md; 3.3 seen on a real device). An acknowledgement
 * of a command is no state. A push without a command on the LAN does not say what was behind it. */
#include "vendor/tuya/tuya.h"

#include "vendor/tuya/flash_dump.h"
#include "vendor/tuya/reading.h"

static void close_state(void *state)
{
    wtr_tuya_learnt_free(state);
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    (void)state;
    return message->protocol == &wtr_tuya_local ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

/* Whether the command's data points say anything, and how. */
static bool manner_of(const struct wtr_message *message, enum wtr_tuya_manner *manner)
{
    const struct wtr_tuya_packet *packet = message->body;
    bool to_device = message->direction == WTR_FROM_CLIENT;
    switch (packet->command) {
    case WTR_TUYA_CONTROL:
    case WTR_TUYA_CONTROL_NEW:
        *manner = WTR_TUYA_ASKED;
        return to_device;
    case WTR_TUYA_STATUS:
        *manner = WTR_TUYA_PUSHED;
        return !to_device;
    case WTR_TUYA_DP_QUERY:
    case WTR_TUYA_DP_QUERY_NEW:
    case WTR_TUYA_UPDATE_DPS:
        *manner = WTR_TUYA_POLLED;
        return !to_device;
    default:
        return false;
    }
}

static wtr_json_ref member(const struct wtr_json *json, const char *name)
{
    wtr_json_ref at = wtr_json_get(json, 0, name);
    wtr_json_ref data = wtr_json_get(json, 0, "data");
    return at >= 0 ? at : wtr_json_get(json, data, name);
}

static void count_push(struct wtr_tuya_reading_of *r)
{
    const struct wtr_tuya_packet *p = r->packet;
    if (r->manner == WTR_TUYA_PUSHED && p->has_source)
        r->missed = wtr_tuya_missed(r->learnt, r->device, p->source_id, p->source_sequence);
}

/* A command that no key opened: what comes after may be its doing. */
static void note_shut_command(const struct wtr_tuya_learnt *learnt, const struct wtr_message *message,
                              struct wtr_say *say)
{
    const struct wtr_tuya_packet *packet = message->body;
    const struct wtr_ip *plug = &wtr_say_receiver(say)->ip;
    bool command = packet->command == WTR_TUYA_CONTROL || packet->command == WTR_TUYA_CONTROL_NEW;
    if (!command || !packet->encrypted || message->direction != WTR_FROM_CLIENT)
        return;
    wtr_device_ref known = wtr_tuya_device_at(learnt, plug);
    wtr_say_unread(say, known != WTR_NO_DEVICE ? known : wtr_say_bystander_at(say, "tuya", plug));
}

static void read_message(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    const struct wtr_tuya_packet *packet = message->body;
    struct wtr_json *json = wtr_say_json(say);
    struct wtr_tuya_reading_of r = {.learnt = state, .say = say, .json = json, .packet = packet};
    note_shut_command(state, message, say);
    if (packet->payload.length == 0 || packet->payload.data[0] != '{' ||
        !wtr_json_parse(json, packet->payload))
        return;
    if (packet->broadcast) {
        wtr_tuya_read_broadcast(state, json, say);
        return;
    }
    r.device = wtr_tuya_whose(state, message, json, say);
    if (r.device == WTR_NO_DEVICE || !manner_of(message, &r.manner))
        return;
    count_push(&r);
    wtr_json_ref dps = member(json, "dps");
    if (wtr_json_is(json, dps, WTR_JSON_OBJECT))
        wtr_tuya_read_points(&r, dps);
    if (r.manner != WTR_TUYA_ASKED)
        wtr_tuya_read_clock(&r, wtr_json_get(json, 0, "t"));
}

/* ---- entries of a dump */

static void learn_entry(void *state, const struct wtr_entry *entry)
{
    struct wtr_tuya_dump *dump = wtr_tuya_learnt_dump(state);
    if (dump)
        wtr_tuya_learn_entry(dump, entry);
}

static enum wtr_claim claim_entry(const void *state, const struct wtr_entry *entry)
{
    (void)state;
    return wtr_tuya_claim_entry(entry);
}

static void read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say)
{
    struct wtr_tuya_dump *dump = wtr_tuya_learnt_dump(state);
    if (dump)
        wtr_tuya_read_entry(dump, entry, say);
}

static const struct wtr_protocol *const protocols[] = {&wtr_tuya_local, NULL};

const struct wtr_vendor wtr_tuya = {
    .name = "tuya",
    .protocols = protocols,
    .state_size = sizeof(struct wtr_tuya_learnt),
    .close = close_state,
    .claim = claim,
    .read = read_message,
    .formats = wtr_tuya_formats,
    .learn_entry = learn_entry,
    .claim_entry = claim_entry,
    .read_entry = read_entry,
};

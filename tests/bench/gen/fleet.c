/* SPDX-License-Identifier: Apache-2.0 */
/* Sites: brokers that relay, controllers and phones that command, hands that switch. */
#include "fleet.h"

#include <stdarg.h>
#include <stdio.h>

/* Two equal messages to one plug that lie closer cannot be told from one whose subscriptions overlap
 * (MQTT 3.1.1, 3.3.5), so none do. */
#define COMMANDS_APART_US (100 * MILLISECOND)

#define RELAY_US 1500 /* what the broker takes to pass a message on; constant, so that order is kept */

/* ---- publications ---- */

struct text *batch_add(struct batch *batch, unsigned qos, bool retain, const char *topic, ...)
{
    if (batch->count == BATCH_MOST)
        die("a batch holds too much");
    size_t at = batch->count++;
    char name[TOPIC_MOST * 2];
    va_list arguments;
    va_start(arguments, topic);
    vsnprintf(name, sizeof name, topic, arguments);
    va_end(arguments);
    text_clear(&batch->topic[at]);
    text_clear(&batch->payload[at]);
    text_format(&batch->topic[at], "%s", name);
    batch->publication[at] =
        (struct publication){&batch->topic[at], &batch->payload[at], (uint8_t)qos, retain};
    return &batch->payload[at];
}

static void batch_free(struct batch *batch)
{
    for (size_t i = 0; i < BATCH_MOST; i++) {
        text_free(&batch->topic[i]);
        text_free(&batch->payload[i]);
    }
    batch->count = 0;
    batch->says = (struct statements){0};
}

/* A live publication reaches a subscriber without RETAIN (MQTT 3.1.1, 3.3.1.3), at the lower QoS of the two.
 */
static void relay(struct sim *sim, struct site *site, const struct batch *batch)
{
    struct text packets = {0};
    for (size_t i = 0; i < batch->count; i++) {
        struct publication copy = batch->publication[i];
        copy.retain = false;
        if (copy.qos > site->relay_qos)
            copy.qos = site->relay_qos;
        mqtt_put_publish(&packets, &site->controller, MQTT_BROKER, &copy);
    }
    mqtt_send_later(sim, &site->controller, MQTT_BROKER, &packets, RELAY_US);
    text_free(&packets);
}

void site_publish(struct sim *sim, struct site *site, struct mqtt_link *link, struct batch *batch)
{
    struct text packets = {0};
    for (size_t i = 0; i < batch->count; i++)
        mqtt_put_publish(&packets, link, MQTT_CLIENT, &batch->publication[i]);
    mqtt_send(sim, link, MQTT_CLIENT, &packets);
    text_free(&packets);
    statements_add(&sim->truth->by_mqtt, &batch->says);
    if (site->controller.up)
        relay(sim, site, batch);
    batch_free(batch);
}

/* ---- what every family needs ---- */

const char *plug_state(const struct plug *plug)
{
    return plug->load.on ? "ON" : "OFF";
}

bool plug_connects_after_boot(struct sim *sim, struct plug *plug)
{
    plug->connections++;
    if (plug->booted && sim_below(sim, 10) >= 3)
        return false;
    plug->booted = true;
    plug->booted_us = sim->now_us;
    plug->booted_mw_ms = plug->load.total_mw_ms;
    return true;
}

const char *plug_mac_digits(const struct plug *plug, char out[13])
{
    const uint8_t *mac = plug->own.tcp.host[MQTT_CLIENT].mac;
    snprintf(out, 13, "%02X%02X%02X%02X%02X%02X", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return out;
}

/* ---- commands ---- */

static void answer(struct sim *sim, void *actor, uint32_t on)
{
    struct plug *plug = actor;
    if (plug->load.on != (bool)on)
        sim->truth->switched_by_command++;
    load_switch(sim, &plug->load, on);
    if (plug->link->up)
        plug->family->answer(sim, plug);
}

/* The command as one publication from one end of a link. */
static void send_command(struct sim *sim, const struct plug *plug, struct mqtt_link *link, unsigned from,
                         bool on)
{
    struct text topic = {0}, payload = {0}, packets = {0};
    plug->family->command(plug, on, &topic, &payload);
    struct publication publication = {&topic, &payload, 0, false};
    if (from == MQTT_CLIENT && link->version == 5)
        publication.qos = 1;
    mqtt_put_publish(&packets, link, from, &publication);
    mqtt_send(sim, link, from, &packets);
    text_free(&topic);
    text_free(&payload);
    text_free(&packets);
}

enum { COMMAND_ON = 1, COMMAND_NEW = 2 };

/* The broker's leg to the plug; where the sender's is not on the wire, it is the first sight of the command.
 */
static void deliver(struct sim *sim, void *actor, uint32_t flags)
{
    struct plug *plug = actor;
    if (!plug->link->up)
        return;
    bool on = flags & COMMAND_ON;
    send_command(sim, plug, plug->link, MQTT_BROKER, on);
    if (flags & COMMAND_NEW)
        sim->truth->by_mqtt.command++;
    sim_after(sim, sim_between(sim, 15 * MILLISECOND, 60 * MILLISECOND), answer, plug, on);
}

/* A command to any plug of the site, nine times of ten for the state that it is not in. A sender without a
 * link shares the broker's machine. */
static void command(struct sim *sim, struct site *site, struct mqtt_link *sender)
{
    struct plug *plug = &site->plugs[sim_below(sim, site->plug_count)];
    if (!plug->link->up || sim->now_us - plug->commanded_us < COMMANDS_APART_US)
        return;
    plug->commanded_us = sim->now_us;
    bool on = plug->load.on == (sim_below(sim, 10) == 0);
    if (sender) {
        send_command(sim, plug, sender, MQTT_CLIENT, on);
        sim->truth->by_mqtt.command++;
    }
    sim_after(sim, RELAY_US, deliver, plug, (on ? COMMAND_ON : 0u) | (sender ? 0u : COMMAND_NEW));
}

static void controller_commands(struct sim *sim, void *actor, uint32_t argument)
{
    struct site *site = actor;
    int64_t wait_us = (int64_t)site->command_ms * MILLISECOND / site->plug_count;
    if (!site->controller_apart)
        command(sim, site, NULL);
    else if (site->controller.up)
        command(sim, site, &site->controller);
    sim_after(sim, sim_between(sim, wait_us / 2, wait_us + wait_us / 2), controller_commands, site, argument);
}

/* ---- the controller and the phone as clients ---- */

static void controller_login(struct sim *sim, struct mqtt_link *link, struct text *out)
{
    (void)sim;
    struct mqtt_login login = {.client_id = "homeassistant", .username = "ha", .password = "benchmark"};
    mqtt_put_connect(out, link, &login);
}

static void controller_greet(struct sim *sim, struct mqtt_link *link)
{
    static const char *const filters[] = {"tele/#",
                                          "stat/#",
                                          "tasmota/discovery/#",
                                          "shellies/announce",
                                          "shellies/+/+",
                                          "shellies/+/relay/+",
                                          "shellies/+/relay/+/power",
                                          "shellies/+/relay/+/energy",
                                          "zigbee2mqtt/+",
                                          "zigbee2mqtt/bridge/#"};
    const struct site *site = link->owner;
    struct text packets = {0};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        mqtt_put_subscribe(&packets, link, filters[i], site->relay_qos);
    mqtt_send(sim, link, MQTT_CLIENT, &packets);
    text_free(&packets);
}

static const struct mqtt_role role_controller = {controller_login, controller_greet, 0};

static void phone_login(struct sim *sim, struct mqtt_link *link, struct text *out)
{
    (void)sim;
    const struct site *site = link->owner;
    char client_id[24];
    snprintf(client_id, sizeof client_id, "phone-%u-%u", site->number, link->session);
    struct mqtt_login login = {.client_id = client_id, .username = "phone", .password = "benchmark"};
    mqtt_put_connect(out, link, &login);
}

static void phone_leaves(struct sim *sim, void *actor, uint32_t session)
{
    struct mqtt_link *link = actor;
    if (link->session == session)
        mqtt_close(sim, link, sim_between(sim, 20 * SECOND, MINUTE));
}

static void phone_greet(struct sim *sim, struct mqtt_link *link)
{
    command(sim, link->owner, link);
    sim_after(sim, 30 * MILLISECOND, phone_leaves, link, link->session);
}

static const struct mqtt_role role_phone = {phone_login, phone_greet, 0};

/* ---- what each plug does by itself ---- */

static void report(struct sim *sim, void *actor, uint32_t argument)
{
    struct plug *plug = actor;
    int64_t period_us = (int64_t)plug->site->report_ms * MILLISECOND;
    if (plug->link->up) {
        load_advance(sim, &plug->load);
        plug->family->report(sim, plug);
    }
    sim_after(sim, sim_between(sim, period_us - period_us / 8, period_us + period_us / 8), report, plug,
              argument);
}

static void switch_by_hand(struct sim *sim, void *actor, uint32_t argument)
{
    struct plug *plug = actor;
    if (plug->link->up) {
        load_switch(sim, &plug->load, !plug->load.on);
        sim->truth->switched_by_hand++;
        plug->family->answer(sim, plug);
    }
    sim_after(sim, sim_between(sim, 5 * MINUTE, 30 * MINUTE), switch_by_hand, plug, argument);
}

/* ---- beginnings ---- */

static void link_start(struct mqtt_link *link, const struct mqtt_role *role, struct site *site, void *owner,
                       unsigned last_byte)
{
    *link = (struct mqtt_link){.role = role, .owner = owner, .version = 4, .keep_alive_s = 60};
    link->tcp.host[MQTT_CLIENT] = host_ipv4(10, 20, (uint8_t)site->number, (uint8_t)last_byte);
    link->tcp.host[MQTT_BROKER] = site->broker;
}

/* Numbers that look random and never repeat: an odd factor permutes the 24-bit numbers. */
static uint32_t plug_id(unsigned site, unsigned plug)
{
    return ((site * 251 + plug) * 0x9e3779 + 0x51ab7) & 0xffffff;
}

static void plug_start(struct sim *sim, struct site *site, unsigned number, const struct family *family)
{
    struct plug *plug = &site->plugs[number];
    plug->family = family;
    plug->site = site;
    plug->id = plug_id(site->number, number);
    link_start(&plug->own, NULL, site, plug, 10 + number);
    uint8_t *mac = plug->own.tcp.host[MQTT_CLIENT].mac;
    mac[1] = 0x5c;
    mac[2] = 0x4f;
    for (unsigned i = 0; i < 3; i++)
        mac[3 + i] = (uint8_t)(plug->id >> 8 * (2 - i));
    plug->link = &plug->own;
    load_start(sim, &plug->load);
    family->start(sim, plug);
    int64_t period_us = (int64_t)site->report_ms * MILLISECOND;
    sim_after(sim, 8 * SECOND + sim_between(sim, 0, period_us), report, plug, 0);
    sim_after(sim, sim_between(sim, MINUTE, 30 * MINUTE), switch_by_hand, plug, 0);
}

static void site_start(struct sim *sim, struct site *site, const struct fleet_plan *plan)
{
    site->broker = host_ipv4(10, 20, (uint8_t)site->number, 2);
    site->controller_apart = site->number % 2 == 0;
    site->relay_qos = site->number % 4 == 0 ? 0 : 1;
    site->report_ms = plan->report_ms;
    site->command_ms = plan->command_ms;
    site->plug_count = plan->tasmota + plan->shelly + plan->zigbee;
    if (site->plug_count > 240)
        die("a site holds too many plugs");
    site->plugs = allocate(site->plug_count, sizeof *site->plugs);
    link_start(&site->controller, &role_controller, site, site, 3);
    link_start(&site->bridge, &role_bridge, site, site, 4);
    link_start(&site->phone, &role_phone, site, site, 5);
    site->controller.version = site->relay_qos ? 5 : 4;
    if (site->controller_apart)
        mqtt_open(sim, &site->controller, 10 * MILLISECOND);
    mqtt_open(sim, &site->phone, sim_between(sim, 10 * SECOND, MINUTE));
    mqtt_open(sim, &site->bridge, SECOND);
    for (unsigned i = 0; i < site->plug_count; i++)
        plug_start(sim, site, i,
                   i < plan->tasmota                  ? &family_tasmota
                   : i < plan->tasmota + plan->shelly ? &family_shelly
                                                      : &family_zigbee);
    sim_after(sim, 20 * SECOND, controller_commands, site, 0);
}

void fleet_start(struct sim *sim, const struct fleet_plan *plan)
{
    struct site *sites = allocate(plan->sites, sizeof *sites);
    for (unsigned i = 0; i < plan->sites; i++) {
        sites[i].number = i;
        site_start(sim, &sites[i], plan);
    }
}

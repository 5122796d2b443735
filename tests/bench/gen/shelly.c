/* SPDX-License-Identifier: Apache-2.0 */
/* What a Shelly plug of the first generation says over MQTT (Shelly API reference for Gen1, "MQTT"). */
#include "fleet.h"

#include <inttypes.h>
#include <stdio.h>

static void shelly_login(struct sim *sim, struct mqtt_link *link, struct text *out)
{
    (void)sim;
    const struct plug *plug = link->owner;
    struct text topic = {0}, payload = {0};
    text_format(&topic, "shellies/%s/online", plug->name);
    text_format(&payload, "false");
    struct publication will = {&topic, &payload, 0, true};
    struct mqtt_login login = {plug->name, "plug", "benchmark", &will};
    mqtt_put_connect(out, link, &login);
    text_free(&topic);
    text_free(&payload);
}

static void shelly_announce(const struct plug *plug, struct text *out)
{
    char mac[13];
    text_format(out,
                "{\"id\":\"%s\",\"model\":\"SHPLG-S\",\"mac\":\"%s\",\"ip\":\"10.20.%u.%u\",\"new_fw\":false,"
                "\"fw_ver\":\"20230913-113421/v1.14.0-gcb84623\"}",
                plug->name, plug_mac_digits(plug, mac), plug->site->number,
                plug->own.tcp.host[MQTT_CLIENT].ip[3]);
}

static void shelly_greet(struct sim *sim, struct mqtt_link *link)
{
    struct plug *plug = link->owner;
    struct text packets = {0};
    struct batch batch = {0};
    char filter[TOPIC_MOST];
    mqtt_put_subscribe(&packets, link, "shellies/command", 0);
    snprintf(filter, sizeof filter, "shellies/%.30s/command", plug->name);
    mqtt_put_subscribe(&packets, link, filter, 0);
    snprintf(filter, sizeof filter, "shellies/%.30s/relay/0/command", plug->name);
    mqtt_put_subscribe(&packets, link, filter, 0);
    mqtt_send(sim, link, MQTT_CLIENT, &packets);
    text_free(&packets);
    text_format(batch_add(&batch, 0, true, "shellies/%s/online", plug->name), "true");
    shelly_announce(plug, batch_add(&batch, 0, false, "shellies/announce"));
    shelly_announce(plug, batch_add(&batch, 0, false, "shellies/%s/announce", plug->name));
    site_publish(sim, plug->site, link, &batch);
    plug_connects_after_boot(sim, plug);
}

static const struct mqtt_role role_shelly = {shelly_login, shelly_greet, 90 * MINUTE};

static void shelly_start(struct sim *sim, struct plug *plug)
{
    snprintf(plug->name, sizeof plug->name, "shellyplug-s-%06X", plug->id);
    plug->own.role = &role_shelly;
    mqtt_open(sim, &plug->own, sim_between(sim, 2 * SECOND, 6 * SECOND));
}

static void shelly_add_state(struct plug *plug, struct batch *batch)
{
    text_format(batch_add(batch, 0, false, "shellies/%s/relay/0", plug->name), plug->load.on ? "on" : "off");
    batch->says.state++;
}

static void shelly_report(struct sim *sim, struct plug *plug)
{
    struct batch batch = {.says = {.reading = 1, .total = 1}};
    unsigned centiwatts = load_power_mw(&plug->load) / 10, tenths = 250 + sim_below(sim, 90);
    unsigned fahrenheit = tenths * 9 / 5 + 320;
    shelly_add_state(plug, &batch);
    text_format(batch_add(&batch, 0, false, "shellies/%s/relay/0/power", plug->name), "%u.%02u",
                centiwatts / 100, centiwatts % 100);
    text_format(batch_add(&batch, 0, false, "shellies/%s/relay/0/energy", plug->name), "%" PRIu64,
                load_watt_minutes(plug->load.total_mw_ms - plug->booted_mw_ms));
    text_format(batch_add(&batch, 0, false, "shellies/%s/temperature", plug->name), "%u.%u0", tenths / 10,
                tenths % 10);
    text_format(batch_add(&batch, 0, false, "shellies/%s/temperature_f", plug->name), "%u.%u0",
                fahrenheit / 10, fahrenheit % 10);
    text_format(batch_add(&batch, 0, false, "shellies/%s/overtemperature", plug->name), "0");
    site_publish(sim, plug->site, &plug->own, &batch);
}

static void shelly_answer(struct sim *sim, struct plug *plug)
{
    struct batch batch = {0};
    shelly_add_state(plug, &batch);
    site_publish(sim, plug->site, &plug->own, &batch);
}

static void shelly_command(const struct plug *plug, bool on, struct text *topic, struct text *payload)
{
    text_format(topic, "shellies/%s/relay/0/command", plug->name);
    text_format(payload, on ? "on" : "off");
}

const struct family family_shelly = {shelly_start, shelly_report, shelly_answer, shelly_command};

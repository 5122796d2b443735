/* SPDX-License-Identifier: Apache-2.0 */
/* What Zigbee2MQTT says: one client that speaks for every Zigbee plug of its site (its documentation, "MQTT
 * topics and messages"). */
#include "fleet.h"

#include <inttypes.h>
#include <stdio.h>

static void bridge_login(struct sim *sim, struct mqtt_link *link, struct text *out)
{
    (void)sim;
    const struct site *site = link->owner;
    struct text topic = {0}, payload = {0};
    char client_id[24];
    text_format(&topic, "zigbee2mqtt/bridge/state");
    text_format(&payload, "{\"state\":\"offline\"}");
    struct publication will = {&topic, &payload, 1, true};
    snprintf(client_id, sizeof client_id, "mqttjs_%08x", (site->number + 1) * 0x9e3779b1u);
    struct mqtt_login login = {client_id, "zigbee2mqtt", "benchmark", &will};
    mqtt_put_connect(out, link, &login);
    text_free(&topic);
    text_free(&payload);
}

static void bridge_add_plug(const struct plug *plug, struct text *out)
{
    text_format(
        out,
        "{\"ieee_address\":\"0x00158d0001%06x\",\"type\":\"Router\",\"network_address\":%u,\"supported\":"
        "true,"
        "\"disabled\":false,\"friendly_name\":\"%s\",\"definition\":{\"model\":\"TS011F_plug_1\",\"vendor\":"
        "\"TuYa\",\"description\":\"Smart plug (with power monitoring)\",\"exposes\":[{\"type\":\"switch\","
        "\"features\":[{\"type\":\"binary\",\"name\":\"state\",\"property\":\"state\",\"access\":7,"
        "\"value_on\":\"ON\",\"value_off\":\"OFF\",\"value_toggle\":\"TOGGLE\"}]}",
        plug->id, plug->id & 0xffff, plug->name);
    static const char *const numbers[][2] = {
        {"power", "W"}, {"current", "A"}, {"voltage", "V"}, {"energy", "kWh"}, {"linkquality", "lqi"}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        text_format(
            out, ",{\"type\":\"numeric\",\"name\":\"%s\",\"property\":\"%s\",\"unit\":\"%s\",\"access\":1}",
            numbers[i][0], numbers[i][0], numbers[i][1]);
    text_format(out, "]},\"power_source\":\"Mains (single phase)\",\"interview_completed\":true}");
}

static void bridge_greet(struct sim *sim, struct mqtt_link *link)
{
    struct site *site = link->owner;
    struct text packets = {0};
    struct batch batch = {0};
    mqtt_put_subscribe(&packets, link, "zigbee2mqtt/+/set", 0);
    mqtt_put_subscribe(&packets, link, "zigbee2mqtt/+/get", 0);
    mqtt_put_subscribe(&packets, link, "zigbee2mqtt/bridge/request/#", 0);
    mqtt_send(sim, link, MQTT_CLIENT, &packets);
    text_free(&packets);
    text_format(batch_add(&batch, 1, true, "zigbee2mqtt/bridge/state"), "{\"state\":\"online\"}");
    struct text *devices = batch_add(&batch, 1, true, "zigbee2mqtt/bridge/devices");
    const char *before = "[";
    for (uint32_t i = 0; i < site->plug_count; i++) {
        if (site->plugs[i].family != &family_zigbee)
            continue;
        text_format(devices, "%s", before);
        bridge_add_plug(&site->plugs[i], devices);
        before = ",";
    }
    text_format(devices, "]");
    site_publish(sim, site, link, &batch);
}

const struct mqtt_role role_bridge = {bridge_login, bridge_greet, 240 * MINUTE};

static void zigbee_start(struct sim *sim, struct plug *plug)
{
    (void)sim;
    snprintf(plug->name, sizeof plug->name, "plug_%06x", plug->id);
    plug->link = &plug->site->bridge;
}

static void zigbee_report(struct sim *sim, struct plug *plug)
{
    const struct load *load = &plug->load;
    unsigned centiamperes = load_current_ma(load) / 10;
    uint64_t wh = load_watt_hours(load->total_mw_ms);
    struct batch batch = {.says = {.state = 1, .reading = 1, .total = 1}};
    text_format(batch_add(&batch, 1, false, "zigbee2mqtt/%s", plug->name),
                "{\"current\":%u.%02u,\"energy\":%" PRIu64 ".%02u,\"linkquality\":%u,\"power\":%u,"
                "\"power_on_behavior\":\"restore\",\"state\":\"%s\",\"voltage\":%u}",
                centiamperes / 100, centiamperes % 100, wh / 1000, (unsigned)(wh % 1000 / 10),
                60 + sim_below(sim, 120), load_power_mw(load) / 1000, plug_state(plug),
                load->voltage_mv / 1000);
    site_publish(sim, plug->site, plug->link, &batch);
}

static void zigbee_command(const struct plug *plug, bool on, struct text *topic, struct text *payload)
{
    text_format(topic, "zigbee2mqtt/%s/set", plug->name);
    text_format(payload, "{\"state\":\"%s\"}", on ? "ON" : "OFF");
}

const struct family family_zigbee = {zigbee_start, zigbee_report, zigbee_report, zigbee_command};

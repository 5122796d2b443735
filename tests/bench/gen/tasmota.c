/* SPDX-License-Identifier: Apache-2.0 */
/* What a Tasmota plug says over MQTT (Tasmota documentation, "MQTT" and "Commands"; xdrv_02_9_mqtt.ino,
 * xdrv_03_energy.ino, xdrv_12_discovery.ino). */
#include "fleet.h"

#include <inttypes.h>
#include <stdio.h>

struct calendar {
    int64_t year;
    unsigned month, day, hour, minute, second;
};

/* Days to a date by 400-year cycles of 146097 days that begin in March. */
static struct calendar calendar_of(int64_t seconds)
{
    int64_t days = seconds / 86400 + 719468;
    unsigned second = (unsigned)(seconds % 86400);
    int64_t era = days / 146097;
    unsigned day = (unsigned)(days % 146097);
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    unsigned day_of_year = day - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * day_of_year + 2) / 153;
    struct calendar calendar = {.day = day_of_year - (153 * month + 2) / 5 + 1,
                                .month = month < 10 ? month + 3 : month - 9,
                                .hour = second / 3600,
                                .minute = second / 60 % 60,
                                .second = second % 60};
    calendar.year = (int64_t)year + era * 400 + (calendar.month <= 2);
    return calendar;
}

/* Device clocks are up to three seconds off. */
static void put_time(const struct sim *sim, const struct plug *plug, struct text *out)
{
    struct calendar at = calendar_of(sim->now_us / SECOND + (int64_t)(plug->id % 7) - 3);
    text_format(out, "%" PRId64 "-%02u-%02uT%02u:%02u:%02u", at.year, at.month, at.day, at.hour, at.minute,
                at.second);
}

static void tasmota_login(struct sim *sim, struct mqtt_link *link, struct text *out)
{
    (void)sim;
    const struct plug *plug = link->owner;
    struct text topic = {0}, payload = {0};
    char client_id[16];
    text_format(&topic, "tele/%s/LWT", plug->name);
    text_format(&payload, "Offline");
    struct publication will = {&topic, &payload, 1, true};
    snprintf(client_id, sizeof client_id, "DVES_%06X", plug->id);
    struct mqtt_login login = {client_id, "plug", "benchmark", &will};
    mqtt_put_connect(out, link, &login);
    text_free(&topic);
    text_free(&payload);
}

static void tasmota_add_power(struct plug *plug, struct batch *batch)
{
    text_format(batch_add(batch, 0, false, "stat/%s/RESULT", plug->name), "{\"POWER\":\"%s\"}",
                plug_state(plug));
    text_format(batch_add(batch, 0, false, "stat/%s/POWER", plug->name), "%s", plug_state(plug));
    batch->says.state += 2;
}

static void tasmota_add_discovery(struct plug *plug, struct batch *batch)
{
    char mac[13];
    unsigned address = plug->own.tcp.host[MQTT_CLIENT].ip[3];
    plug_mac_digits(plug, mac);
    text_format(
        batch_add(batch, 0, true, "tasmota/discovery/%s/config", mac),
        "{\"ip\":\"10.20.%u.%u\",\"dn\":\"Plug %06X\",\"fn\":[\"Plug "
        "%06X\",null,null,null,null,null,null,null],\"hn\":\"tasmota-%06X\",\"mac\":\"%s\",\"md\":\"NOUS "
        "A1T\",\"ty\":0,\"if\":0,\"cam\":0,\"ofln\":\"Offline\",\"onln\":\"Online\",\"state\":[\"OFF\","
        "\"ON\",\"TOGGLE\",\"HOLD\"],\"sw\":\"13.4.0\",\"t\":\"%s\",\"ft\":\"%%prefix%%/%%topic%%/"
        "\",\"tp\":[\"cmnd\",\"stat\",\"tele\"],\"rl\":[1,0,0,0,0,0,0,0],\"swc\":[-1,-1,-1,-1,-1,-1,-1,-1],"
        "\"swn\":[null,null,null,null,null,null,null,null],\"btn\":[0,0,0,0,0,0,0,0],\"so\":{\"4\":0,\"11\":"
        "0,\"13\":0,\"17\":0,\"20\":0,\"30\":0,\"68\":0,\"73\":0,\"82\":0,\"114\":0,\"117\":0},\"lk\":0,"
        "\"lt_st\":0,\"bat\":0,\"dslp\":0,\"sho\":[],\"sht\":[],\"ver\":1}",
        plug->site->number, address, plug->id, plug->id, plug->id, mac, plug->name);
}

/* What goes out only at the first connection after a boot. */
static void tasmota_says_boot(struct sim *sim, void *actor, uint32_t session)
{
    struct plug *plug = actor;
    if (!plug->own.up || plug->own.session != session)
        return;
    struct batch batch = {0};
    text_format(batch_add(&batch, 0, false, "tele/%s/INFO1", plug->name),
                "{\"Info1\":{\"Module\":\"NOUS "
                "A1T\",\"Version\":\"13.4.0(tasmota)\",\"FallbackTopic\":\"cmnd/DVES_%06X_fb/"
                "\",\"GroupTopic\":\"cmnd/tasmotas/\"}}",
                plug->id);
    text_format(batch_add(&batch, 0, false, "tele/%s/INFO2", plug->name),
                "{\"Info2\":{\"WebServerMode\":\"Admin\",\"Hostname\":\"tasmota-%06X\",\"IPAddress\":\"10.20."
                "%u.%u\"}}",
                plug->id, plug->site->number, plug->own.tcp.host[MQTT_CLIENT].ip[3]);
    text_format(batch_add(&batch, 0, false, "tele/%s/INFO3", plug->name),
                "{\"Info3\":{\"RestartReason\":\"Power On\",\"BootCount\":%u}}", plug->connections);
    tasmota_add_power(plug, &batch);
    tasmota_add_discovery(plug, &batch);
    site_publish(sim, plug->site, &plug->own, &batch);
    sim->truth->boots++;
}

/* Tasmota clears its own command topic with an empty message before it subscribes to it. */
static void tasmota_greet(struct sim *sim, struct mqtt_link *link)
{
    struct plug *plug = link->owner;
    struct batch batch = {0};
    text_format(batch_add(&batch, 0, true, "tele/%s/LWT", plug->name), "Online");
    site_publish(sim, plug->site, link, &batch);
    batch_add(&batch, 0, false, "cmnd/%s/POWER", plug->name);
    struct text packets = {0};
    char filter[TOPIC_MOST];
    mqtt_put_publish(&packets, link, MQTT_CLIENT, &batch.publication[0]);
    text_free(&batch.topic[0]);
    snprintf(filter, sizeof filter, "cmnd/%.40s/#", plug->name);
    mqtt_put_subscribe(&packets, link, filter, 0);
    mqtt_put_subscribe(&packets, link, "cmnd/tasmotas/#", 0);
    snprintf(filter, sizeof filter, "cmnd/DVES_%06X_fb/#", plug->id);
    mqtt_put_subscribe(&packets, link, filter, 0);
    mqtt_send(sim, link, MQTT_CLIENT, &packets);
    text_free(&packets);
    if (plug_connects_after_boot(sim, plug))
        sim_after(sim, 700 * MILLISECOND, tasmota_says_boot, plug, link->session);
}

static const struct mqtt_role role_tasmota = {tasmota_login, tasmota_greet, 60 * MINUTE};

static void tasmota_start(struct sim *sim, struct plug *plug)
{
    snprintf(plug->name, sizeof plug->name, "tasmota_%06X", plug->id);
    plug->own.role = &role_tasmota;
    plug->own.keep_alive_s = 30;
    mqtt_open(sim, &plug->own, sim_between(sim, 2 * SECOND, 6 * SECOND));
}

static void put_kwh(struct text *out, const char *name, uint64_t mw_ms)
{
    uint64_t wh = load_watt_hours(mw_ms);
    text_format(out, "\"%s\":%" PRIu64 ".%03u,", name, wh / 1000, (unsigned)(wh % 1000));
}

static void tasmota_sensor(struct sim *sim, void *actor, uint32_t session)
{
    struct plug *plug = actor;
    if (!plug->own.up || plug->own.session != session)
        return;
    const struct load *load = &plug->load;
    unsigned watts = load_power_mw(load) / 1000, current_ma = load_current_ma(load);
    struct batch batch = {.says = {.reading = 1, .total = 1}};
    struct text *out = batch_add(&batch, 0, false, "tele/%s/SENSOR", plug->name);
    text_format(out, "{\"Time\":\"");
    put_time(sim, plug, out);
    text_format(out, "\",\"ENERGY\":{\"TotalStartTime\":\"2025-03-01T08:00:00\",");
    put_kwh(out, "Total", load->total_mw_ms);
    put_kwh(out, "Yesterday", load->yesterday_mw_ms);
    put_kwh(out, "Today", load->today_mw_ms);
    text_format(out,
                "\"Period\":%u,\"Power\":%u,\"ApparentPower\":%u,\"ReactivePower\":%u,\"Factor\":0.%02u,"
                "\"Voltage\":%u,\"Current\":%u.%03u}}",
                watts * (plug->site->report_ms / 1000) / 3600, watts, watts + watts / 20, watts / 4,
                watts ? 95 : 0, load->voltage_mv / 1000, current_ma / 1000, current_ma % 1000);
    site_publish(sim, plug->site, &plug->own, &batch);
}

static void tasmota_report(struct sim *sim, struct plug *plug)
{
    struct batch batch = {.says = {.state = 1}};
    struct text *out = batch_add(&batch, 0, false, "tele/%s/STATE", plug->name);
    unsigned uptime = (unsigned)((sim->now_us - plug->booted_us) / SECOND);
    text_format(out, "{\"Time\":\"");
    put_time(sim, plug, out);
    text_format(
        out,
        "\",\"Uptime\":\"%uT%02u:%02u:%02u\",\"UptimeSec\":%u,\"Heap\":%u,\"SleepMode\":\"Dynamic\","
        "\"Sleep\":"
        "50,\"LoadAvg\":19,\"MqttCount\":%u,\"POWER\":\"%s\",\"Wifi\":{\"AP\":1,\"SSId\":\"bench-%u\","
        "\"BSSId\":\"02:00:0A:14:%02X:01\",\"Channel\":6,\"Mode\":\"11n\",\"RSSI\":%u,\"Signal\":-%u,"
        "\"LinkCount\":1,\"Downtime\":\"0T00:00:03\"}}",
        uptime / 86400, uptime / 3600 % 24, uptime / 60 % 60, uptime % 60, uptime, 24 + sim_below(sim, 3),
        plug->connections, plug_state(plug), plug->site->number, plug->site->number, 70 + plug->id % 20,
        50 + plug->id % 20);
    site_publish(sim, plug->site, &plug->own, &batch);
    sim_after(sim, 25 * MILLISECOND, tasmota_sensor, plug, plug->own.session);
}

static void tasmota_answer(struct sim *sim, struct plug *plug)
{
    struct batch batch = {0};
    tasmota_add_power(plug, &batch);
    site_publish(sim, plug->site, &plug->own, &batch);
}

static void tasmota_command(const struct plug *plug, bool on, struct text *topic, struct text *payload)
{
    text_format(topic, "cmnd/%s/POWER", plug->name);
    text_format(payload, on ? "ON" : "OFF");
}

const struct family family_tasmota = {tasmota_start, tasmota_report, tasmota_answer, tasmota_command};

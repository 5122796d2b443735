/* SPDX-License-Identifier: Apache-2.0 */
/* OpenBeken: what its topics state, and what they do not. The payloads are those of OpenBeken's documentation
 * and sources (see the files in lib/vendor/openbeken), the expectations worked out by hand. */
#include "vendor/openbeken/openbeken.h"
#include "vendor/tasmota/tasmota.h"

#include "mqtt_message.h"
#include "say_record.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wtr_say *say;
static void *state;
static struct mqtt_connection plug;
static struct mqtt_connection controller;

static void set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_openbeken.state_size);
    plug = (struct mqtt_connection){0};
    controller = (struct mqtt_connection){0};
    controller.session.connect_seen = true;
}

static void tear_down(void)
{
    wtr_openbeken.close(state);
    free(state);
    say_record_free(say);
    mqtt_message_free();
}

TestSuite(openbeken, .init = set_up, .fini = tear_down);

static const char *hear(const struct wtr_message *message)
{
    return say_record(say, &wtr_openbeken, state, message);
}

static void check(const struct wtr_message *message, const char *topic, const char *payload,
                  const char *expected)
{
    const char *heard = hear(message);
    cr_expect(strcmp(heard, expected) == 0, "%s %s\nheard:\n%sexpected:\n%s", topic, payload, heard,
              expected);
}

/* Delivered by the broker. */
static void expect(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&controller, WTR_FROM_SERVER, topic, payload, 0), topic, payload, expected);
}

/* Published by the controller. */
static void expect_sent(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&controller, WTR_FROM_CLIENT, topic, payload, 0), topic, payload, expected);
}

static enum wtr_claim claim_of(const char *topic, const char *payload)
{
    return wtr_openbeken.claim(state, mqtt_publish(&controller, WTR_FROM_SERVER, topic, payload, 0));
}

static void introduce(void)
{
    cr_assert_str_eq(hear(mqtt_connect(&plug, "obk1", "obk1/connected", "offline")), "own openbeken:obk1\n");
}

Test(openbeken, shape_alone_is_claimed_by_nobody)
{
    static const char *const topics[] = {
        "obk1/1/get",
        "obk1/1/set",
        "obk1/voltage/get",
        "obk1/mac",
        "obk1/ip",
        "obk1/host",
        "obk1/uptime",
        "obk1/rssi",
        "cmnd/obk1/POWER",
        "tele/obk1/STATE",
        "stat/obk1/RESULT",
        "obk1/connected",
        "obk1/sockets",
        "obk1/build",
        "/connected",
        "connected",
        "obk1/",
        "",
        "get",
        "1/get",
        "/1/get",
    };
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        cr_expect_eq(claim_of(topics[i], "x"), WTR_CLAIM_NONE, "%s", topics[i]);
    cr_expect_str_eq(hear(mqtt_connect(&plug, "obk1", "obk2/connected", "offline")), "");
    cr_expect_str_eq(hear(mqtt_connect(&plug, "obk1", "obk1/connected", "gone")), "");
    cr_expect_str_eq(hear(mqtt_connect(&plug, "obk1", NULL, NULL)), "");
    cr_expect_eq(claim_of("obk1/1/get", "1"), WTR_CLAIM_NONE);
}

Test(openbeken, introduced_by_its_connection)
{
    introduce();
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("obk1/1/get", "1"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("obk1/anything", "1"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("tele/obk1/STATE", "{}"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("cmnd/obk1/POWER", "ON"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("obk2/1/get", "1"), WTR_CLAIM_NONE);
}

Test(openbeken, introduced_by_two_of_its_words)
{
    expect("obk1/connected", "online", "");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_SHAPE);
    expect("obk1/ip", "192.0.2.5", "");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_NONE);
    expect("obk1/sockets", "5", "");
    cr_expect_eq(claim_of("obk1/ip", "192.0.2.5"), WTR_CLAIM_LEARNT);
    expect("obk2/sockets", "five", "");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_NONE);
}

Test(openbeken, introduced_by_its_build)
{
    expect("home/obk3/build", "OpenBK7231T 1.17.308 Nov 12 2022 12:39:44",
           "device.identity openbeken:home/obk3 firmware=OpenBK7231T 1.17.308 Nov 12 2022 12:39:44 "
           "raw{build=OpenBK7231T 1.17.308 Nov 12 2022 12:39:44@0+41}\n");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("home/obk3/1/get", "1"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("x/build", "Openly said 1"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/build", "OpenBK7231T"), WTR_CLAIM_NONE);
}

Test(openbeken, channels)
{
    introduce();
    /* Nobody set it: it may be anything. */
    expect("obk1/1/get", "1", "");
    expect_sent("obk1/1/set", "1", "power.command openbeken:obk1 ch=1 state=on raw{1=1@0+1}\n");
    expect("obk1/1/get", "1", "power.state openbeken:obk1 ch=1 state=on raw{1=1@0+1}\n");
    expect("obk1/1/get", "0", "power.state openbeken:obk1 ch=1 state=off raw{1=0@0+1}\n");
    expect("obk1/1/get", "1.000000", "power.state openbeken:obk1 ch=1 state=on raw{1=1.000000@0+8}\n");
    expect("obk1/1", "0", "power.state openbeken:obk1 ch=1 state=off raw{1=0@0+1}\n");
    expect_sent("obk1/1/get", "", "");
    expect_sent("obk1/2/set", "TOGGLE", "power.command openbeken:obk1 ch=2 state=toggle raw{2=TOGGLE@0+6}\n");
    expect_sent("obk1/2/set", "0", "power.command openbeken:obk1 ch=2 state=off raw{2=0@0+1}\n");
    /* atoi makes 0 of it, which is not what the words say. */
    expect_sent("obk1/3/set", "ON", "");
    expect("obk1/3/get", "0", "");
    /* A dimmer: 1 is one per cent. */
    expect("obk1/4/get", "57", "");
    expect_sent("obk1/4/set", "1", "");
    expect("obk1/4/get", "1", "");
    expect("obk1/63/get", "0", "");
    expect_sent("obk1/63/set", "1", "power.command openbeken:obk1 ch=63 state=on raw{63=1@0+1}\n");
    expect_sent("obk1/0/set", "1", "power.command openbeken:obk1 ch=0 state=on raw{0=1@0+1}\n");
    expect_sent("obk1/9/set", "toggle it",
                "power.command openbeken:obk1 ch=9 state=toggle raw{9=toggle it@0+9}\n");
    expect_sent("obk1/9/set", "toggl", "");
    static const char *const none[] = {"obk1/a/set",  "obk1/1a/set", "obk1/:/set",
                                       "obk1/1:/set", "obk1/-1/set", "obk1/001/set",
                                       "obk1/00/set", "obk1//set",   "obk1/set"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        expect_sent(none[i], "1", "");
    expect_sent("obk1/64/set", "1", "");
    expect_sent("obk1/01/set", "1", "");
    expect_sent("obk1/led_enableAll/set", "1", "");
    /* Published over its own connection, and over another device's. */
    cr_expect_str_eq(hear(mqtt_publish(&plug, WTR_FROM_CLIENT, "obk1/1/get", "1", MQTT_QOS1)),
                     "power.state openbeken:obk1 ch=1 state=on raw{1=1@0+1}\n");
    struct mqtt_connection other = {0};
    cr_assert_str_eq(hear(mqtt_connect(&other, "obk2", "obk2/connected", "offline")), "own openbeken:obk2\n");
    cr_expect_str_eq(hear(mqtt_publish(&other, WTR_FROM_CLIENT, "obk1/1/get", "0", MQTT_QOS1)), "");
}

/* hass.c of firmware e1a80975: what discovery says that the topics do not. */
Test(openbeken, discovery)
{
    expect("homeassistant/switch/OpenBK7231T_1234_relay_1/config",
           "{\"dev\":{\"ids\":[\"OpenBK7231T_1234\"],\"name\":\"plug\",\"sw\":\"1.17.308\",\"mf\":\"Beken "
           "Corporation\",\"mdl\":"
           "\"BK7231T\",\"cu\":\"http://192.0.2.5/index\"},\"name\":\"Kettle\",\"~\":\"obk1\",\"avty_t\":\"~/"
           "connected\",\"pl_o"
           "n\":\"1\",\"pl_off\":\"0\",\"uniq_id\":\"OpenBK7231T_1234_relay_1\",\"qos\":1,\"stat_t\":\"~/1/"
           "get\",\"cmd_t\":\"~/1"
           "/set\"}",
           "device.identity openbeken:obk1 vendor=Beken Corporation model=BK7231T firmware=1.17.308 "
           "name=plug device_id=OpenBK7231T_1234 raw{mf=Beken Corporation@71+17 mdl=BK7231T@97+7 "
           "sw=1.17.308@55+8 name=plug@43+4 ids=OpenBK7231T_1234@16+16}\n"
           "device.identity openbeken:obk1 ch=1 channel_name=Kettle raw{name=Kettle@145+6}\n");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_NAMED);
    /* A switch, though nobody set it here. */
    expect("obk1/1/get", "1", "power.state openbeken:obk1 ch=1 state=on raw{1=1@0+1}\n");
    /* An inverted toggle: its 1 is no "on". */
    expect("homeassistant/switch/OpenBK7231T_1234_relay_2/config",
           "{\"dev\":{\"ids\":[\"OpenBK7231T_1234\"],\"name\":\"plug\",\"sw\":\"1.17.308\",\"mf\":\"Beken "
           "Corporation\",\"mdl\":"
           "\"BK7231T\",\"cu\":\"http://192.0.2.5/index\"},\"name\":\"Fan\",\"~\":\"obk1\",\"avty_t\":\"~/"
           "connected\",\"pl_on\":"
           "\"0\",\"pl_off\":\"1\",\"stat_t\":\"~/2/get\",\"cmd_t\":\"~/2/set\"}",
           "device.identity openbeken:obk1 ch=2 channel_name=Fan raw{name=Fan@145+3}\n");
    expect_sent("obk1/2/set", "1", "");
    expect("obk1/2/get", "1", "");
    /* A sensor's topic makes no relay; a state of another device's neither. */
    expect("homeassistant/switch/x/config",
           "{\"~\":\"obk1\",\"avty_t\":\"~/connected\",\"pl_on\":\"1\",\"stat_t\":\"~/3/"
           "get\",\"cmd_t\":\"cmnd/obk1/x\"}",
           "");
    expect("obk1/3/get", "1", "");
    expect("homeassistant/sensor/OpenBK7231T_1234_sensor_3/config",
           "{\"name\":\"Energy "
           "Total\",\"~\":\"obk1\",\"avty_t\":\"~/connected\",\"dev_cla\":\"energy\",\"stat_t\":\"~/energyco"
           "unter/get\",\"stat_cla\":\"total_increasing\",\"unit_of_meas\":\"kWh\"}",
           "");
    expect(
        "obk1/energycounter_today/get", "1.2345",
        "energy.counter openbeken:obk1 energy_wh=1234.5 scope=today raw{energycounter_today=1.2345@0+6}\n");
    expect("homeassistant/sensor/OpenBK7231T_1234_sensor_3/config",
           "{\"~\":\"obk1\",\"avty_t\":\"~/connected\",\"stat_t\":\"~/energycounter/"
           "get\",\"unit_of_meas\":\"Wh\"}",
           "");
    expect("obk1/energycounter/get", "1.2345",
           "energy.counter openbeken:obk1 energy_wh=1.2345 scope=total raw{energycounter=1.2345@0+6}\n");
    expect("homeassistant/switch/x/config", "{\"avty_t\":\"~/connected\",\"stat_t\":\"~/3/get\"",
           "finding @0+42 the discovery message is no JSON object\n");
    expect("homeassistant/switch/x/config", "{\"avty_t\":\"~/connected\",\"stat_t\":\"~/3/get\"}", "");
    cr_expect_eq(claim_of("homeassistant/switch/x/config", "{\"~\":\"x\",\"stat_t\":\"~/3/get\"}"),
                 WTR_CLAIM_NONE);
    cr_expect_eq(
        claim_of("homeassistant/switch/x/config", "{\"avty_t\":\"~/connected\",\"stat_t\":\"~/state\"}"),
        WTR_CLAIM_NONE);
}

Test(openbeken, metering)
{
    introduce();
    expect("obk1/voltage/get", "221.5",
           "power.reading openbeken:obk1 voltage_v=221.5 raw{voltage=221.5@0+5}\n");
    expect("obk1/current/get", "0.26", "power.reading openbeken:obk1 current_a=0.26 raw{current=0.26@0+4}\n");
    expect("obk1/power/get", "60", "power.reading openbeken:obk1 power_w=60 raw{power=60@0+2}\n");
    expect("obk1/power", "-60", "power.reading openbeken:obk1 power_w=-60 raw{power=-60@0+3}\n");
    expect("obk1/power_apparent/get", "61",
           "power.reading openbeken:obk1 apparent_va=61 raw{power_apparent=61@0+2}\n");
    expect("obk1/power_reactive/get", "9",
           "power.reading openbeken:obk1 reactive_var=9 raw{power_reactive=9@0+1}\n");
    expect("obk1/power_factor/get", "0.98",
           "power.reading openbeken:obk1 power_factor=0.98 raw{power_factor=0.98@0+4}\n");
    expect("obk1/power_factor/get", "1",
           "power.reading openbeken:obk1 power_factor=1 raw{power_factor=1@0+1}\n");
    expect("obk1/power_factor/get", "1.01", "finding @0+4 the value is no plausible number\n");
    expect("obk1/power_factor/get", "-1.01", "finding @0+5 the value is no plausible number\n");
    expect("obk1/frequency_b/get", "50",
           "power.reading openbeken:obk1 phase=2 frequency_hz=50 raw{frequency_b=50@0+2}\n");
    expect("obk1/138/get", "50.01", "power.reading openbeken:obk1 frequency_hz=50.01 raw{138=50.01@0+5}\n");
    expect("obk1/voltage_b/get", "221",
           "power.reading openbeken:obk1 phase=2 voltage_v=221 raw{voltage_b=221@0+3}\n");
    expect("obk1/voltage/get", "-1", "finding @0+2 the value is no plausible number\n");
    expect("obk1/power/get", "nan", "finding @0+3 the value is no plausible number\n");
    expect("obk1/power/get", "1000000.1", "finding @0+9 the value is no plausible number\n");
    expect("obk1/voltage/get", "", "");
    /* Wh or kWh: the message does not say. */
    expect("obk1/energycounter/get", "1234.567",
           "energy.counter openbeken:obk1 scope=total raw{energycounter=1234.567@0+8}\n");
    expect("obk1/energycounter_today_b/get", "12",
           "energy.counter openbeken:obk1 phase=2 scope=today raw{energycounter_today_b=12@0+2}\n");
    expect("obk1/energycounter_2_days_ago/get", "12",
           "energy.counter openbeken:obk1 scope=day raw{energycounter_2_days_ago=12@0+2}\n");
    expect("obk1/energycounter/get", "x", "finding @0+1 the value is no plausible number\n");
    expect("obk1/energycounter_clear_date/get", "2026-01-02T03:04+01:00",
           "device.config openbeken:obk1 setting=energycounter_clear_date value=2026-01-02T03:04+01:00 "
           "raw{energycounter_clear_date=2026-01-02T03:04+01:00@0+22}\n");
    expect("obk1/consumption_stats/get", "{}", "");
}

Test(openbeken, who_it_is)
{
    introduce();
    expect("obk1/mac", "84:E3:42:65:D1:87",
           "tie openbeken:obk1 mac=84:e3:42:65:d1:87\n"
           "device.identity openbeken:obk1 mac=84:e3:42:65:d1:87 raw{mac=84:E3:42:65:D1:87@0+17}\n");
    expect("obk1/mac", "00:00:00:00:00:00", "finding @0+17 the value is no device's MAC address\n");
    expect("obk1/mac", "01:00:5e:00:00:01", "finding @0+17 the value is no device's MAC address\n");
    expect("obk1/ip", "192.0.2.5", "device.identity openbeken:obk1 ip=192.0.2.5 raw{ip=192.0.2.5@0+9}\n");
    expect("obk1/host", "plug", "device.identity openbeken:obk1 hostname=plug raw{host=plug@0+4}\n");
    expect("obk1/build", "Build on Nov 12 2022 12:39:44 version 1.0.0",
           "device.identity openbeken:obk1 firmware=Build on Nov 12 2022 12:39:44 version 1.0.0 "
           "raw{build=Build on Nov 12 2022 12:39:44 version 1.0.0@0+43}\n");
    expect("obk1/ssid", "lab", "network.join openbeken:obk1 ssid=lab raw{ssid=lab@0+3}\n");
    expect("obk1/rssi", "-70", "network.join openbeken:obk1 rssi_dbm=-70 raw{rssi=-70@0+3}\n");
    expect("obk1/rssi", "x", "finding @0+1 the value is no plausible number\n");
    expect("obk1/rssi", "-201", "finding @0+4 the value is no plausible number\n");
    expect("obk1/rssi", "51", "finding @0+2 the value is no plausible number\n");
    expect("obk1/uptime", "0",
           "clock.reading openbeken:obk1 clock_kind=uptime uptime_s=0 raw{uptime=0@0+1}\n");
    expect("obk1/uptime", "653",
           "clock.reading openbeken:obk1 clock_kind=uptime uptime_s=653 raw{uptime=653@0+3}\n");
    expect("obk1/uptime", "-1", "finding @0+2 the value is no plausible number\n");
    expect("obk1/datetime", "1767323045",
           "clock.reading openbeken:obk1 device_time=1767323045 clock_kind=local_no_zone "
           "raw{datetime=1767323045@0+10}\n");
    expect("obk1/datetime", "653",
           "clock.reading openbeken:obk1 device_time=653 clock_kind=unset raw{datetime=653@0+3}\n");
    expect("obk1/datetime", "now", "finding @0+3 the time is no epoch\n");
    expect("obk1/freeheap", "95168", "");
    expect("obk1/temp", "31.5", "");
}

Test(openbeken, last_will)
{
    introduce();
    expect("obk1/connected", "online", "");
    expect("obk1/connected", "offline",
           "session.close openbeken:obk1 by=broker last_will raw{connected=offline@0+7}\n");
    expect_sent("obk1/connected", "offline", "");
}

/* The reports of firmware e1a80975's json_interface.c, with its constants. */
Test(openbeken, reports_in_tasmotas_style)
{
    expect(
        "tele/obk1/STATE",
        "{\"Time\":\"2026-01-02T03:04:05\",\"Uptime\":\"0T01:00:12\",\"UptimeSec\":3612,\"Heap\":95,"
        "\"SleepMode\":\"None"
        "\",\"Sleep\":0,\"LoadAvg\":99,\"MqttCount\":23,\"POWER\":\"ON\",\"Wifi\":{\"AP\":1,\"SSId\":\"lab\","
        "\"BSSId\":\"\",\"Cha"
        "nnel\":6,\"Mode\":\"11n\",\"RSSI\":60,\"Signal\":-70,\"LinkCount\":21,\"Downtime\":\"0T06:13:34\"}}",
        "clock.reading openbeken:obk1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone uptime_s=3612 "
        "raw{Time=2026-01-02T03:04:05@9+19 UptimeSec=3612@64+4}\n"
        "network.join openbeken:obk1 ssid=lab raw{SSId=lab@172+3}\n");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_LEARNT);
    /* An OFF shows that there is something to switch; then an ON means something. */
    expect("stat/obk1/RESULT", "{\"POWER\":\"OFF\"}",
           "power.state openbeken:obk1 ch=POWER state=off raw{POWER=OFF@10+3}\n");
    expect("stat/obk1/RESULT", "{\"POWER\":\"ON\"}",
           "power.state openbeken:obk1 ch=POWER state=on raw{POWER=ON@10+2}\n");
    expect("stat/obk1/RESULT",
           "{\"POWER1\":\"ON\",\"POWER9\":\"OFF\",\"POWER10\":\"ON\",\"POWER21\":\"OFF\",\"POWER64\":\"OFF\","
           "\"POWER65\":\"OFF\"}",
           "power.state openbeken:obk1 ch=POWER1 state=on raw{POWER1=ON@11+2}\n"
           "power.state openbeken:obk1 ch=POWER9 state=off raw{POWER9=OFF@25+3}\n"
           "power.state openbeken:obk1 ch=POWER10 state=on raw{POWER10=ON@41+2}\n"
           "power.state openbeken:obk1 ch=POWER21 state=off raw{POWER21=OFF@56+3}\n"
           "power.state openbeken:obk1 ch=POWER64 state=off raw{POWER64=OFF@72+3}\n");
    expect("stat/obk1/RESULT", "{\"POWER1\":\"ON\",\"POWER1\":\"OFF\"}", "");
    expect("stat/obk1/RESULT", "{\"POWER1\":1}", "");
    expect("stat/obk1/RESULT", "{\"POWER1\":\"HOLD\"}", "");
    expect("stat/obk1/RESULT", "[]", "");
    expect("stat/obk1/RESULT", "", "");
    expect("stat/obk1/RESULT", "{\"POWER1\":\"ON\"", "finding @0+14 the report is no JSON object\n");
}

Test(openbeken, energy_in_tasmotas_style)
{
    expect(
        "tele/obk1/SENSOR",
        "{\"Time\":\"1970-01-01T00:00:12\",\"ENERGY\":{\"Power\": 60.000000,\"ApparentPower\": "
        "61.500000,\"ReactiveP"
        "ower\": "
        "0.000000,\"Factor\":0.980000,\"Voltage\":249.932449,\"Current\":0.260000,\"Frequency\":0.000000,\""
        "ConsumptionTotal\":255.346664,\"Yesterday\": "
        "12.000000,\"ConsumptionLastHour\":1.500000},\"TempUnit\":\""
        "C\"}",
        "clock.reading openbeken:obk1 device_time=1970-01-01T00:00:12 clock_kind=unset "
        "raw{Time=1970-01-01T00:00:12@9+19}\n"
        "power.reading openbeken:obk1 voltage_v=249.932449 current_a=0.26 power_w=60 apparent_va=61.5 "
        "reactive_var=0 power_factor=0.98 raw{Voltage=249.932449@140+10 Current=0.260000@161+8 "
        "Power=60.000000@49+9 ApparentPower=61.500000@76+9 ReactivePower=0.000000@103+8 "
        "Factor=0.980000@121+8}\n"
        "energy.counter openbeken:obk1 energy_wh=255.346664 scope=total "
        "raw{ConsumptionTotal=255.346664@210+10}\n"
        "energy.counter openbeken:obk1 energy_wh=12 scope=yesterday raw{Yesterday=12.000000@234+9}\n"
        "energy.counter openbeken:obk1 energy_wh=1.5 scope=period raw{ConsumptionLastHour=1.500000@266+8}\n");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_LEARNT);
    expect("tele/obk1/SENSOR",
           "{\"ENERGY\":{\"Voltage\":230,\"Power\":\"60\",\"Current\":-10001,\"Yesterday\":\"1\"}}",
           "finding @48+6 the value is no plausible number\n"
           "finding @34+2 the value is no plausible number\n"
           "power.reading openbeken:obk1 voltage_v=230 raw{Voltage=230@21+3}\n");
    /* Nothing measured yet, and a battery: zeros that are no values. */
    expect("tele/obk1/SENSOR", "{\"ENERGY\":{\"Power\":0,\"Voltage\":0,\"ConsumptionTotal\":0}}", "");
    expect("tele/obk1/SENSOR", "{\"ENERGY\":{\"Voltage\":3.1,\"Batterypercentage\":80}}", "");
    expect("tele/obk1/SENSOR", "{\"ENERGY\":5}", "");
}

Test(openbeken, status_in_tasmotas_style)
{
    expect("stat/obk1/STATUS2",
           "{\"StatusFWR\":{\"Version\":\"OpenBK7231T_1.17.308\",\"BuildDateTime\":\"Nov 12 2022 "
           "12:39:44\",\"Boot\":7,\""
           "Core\":\"0.0\",\"SDK\":\"obk\",\"CpuFrequency\":80}}",
           "device.identity openbeken:obk1 firmware=OpenBK7231T_1.17.308 polled "
           "raw{Version=OpenBK7231T_1.17.308@25+20}\n");
    expect("stat/obk1/STATUS5",
           "{\"StatusNET\":{\"Hostname\":\"plug\",\"IPAddress\":\"192.0.2.5\",\"Gateway\":\"192.168.0.1\","
           "\"Mac\":\"84:E3:42:"
           "65:D1:87\"}}",
           "device.identity openbeken:obk1 hostname=plug ip=192.0.2.5 polled raw{Hostname=plug@26+4 "
           "IPAddress=192.0.2.5@45+9}\n"
           "tie openbeken:obk1 mac=84:e3:42:65:d1:87\n"
           "device.identity openbeken:obk1 mac=84:e3:42:65:d1:87 raw{mac=84:E3:42:65:D1:87@87+17}\n");
    expect("stat/obk1/STATUS5", "{\"StatusNET\":{\"Mac\":\"01:00:5E:00:00:01\"}}", "");
    expect("stat/obk1/STATUS8",
           "{\"StatusSNS\":{\"Time\":\"2026-01-02T03:04:05\",\"ENERGY\":{\"Voltage\":230}}}",
           "clock.reading openbeken:obk1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone polled "
           "raw{Time=2026-01-02T03:04:05@22+19}\n"
           "power.reading openbeken:obk1 voltage_v=230 polled raw{Voltage=230@63+3}\n");
    expect("stat/obk1/STATUS", "{\"StatusFWR\":", "finding @0+13 the report is no JSON object\n");
    /* Restart reason and boot count are constants. */
    expect("stat/obk1/STATUS",
           "{\"Status\":{\"Module\":0,\"DeviceName\":\"plug\",\"Power\":1},\"StatusPRM\":{\"RestartReason\":"
           "\"HardwareWatch"
           "dog\",\"BootCount\":22},\"StatusTIM\":{\"UTC\":\"2026-01-02T02:04:05\",\"Local\":\"2026-01-02T03:"
           "04:05\"},\"St"
           "atusSTS\":{\"POWER1\":\"ON\"}}",
           "device.identity openbeken:obk1 name=plug polled raw{DeviceName=plug@36+4}\n"
           "clock.reading openbeken:obk1 device_time=2026-01-02T02:04:05 clock_kind=utc polled "
           "raw{UTC=2026-01-02T02:04:05@137+19}\n"
           "clock.reading openbeken:obk1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone polled "
           "raw{Local=2026-01-02T03:04:05@167+19}\n"
           "power.state openbeken:obk1 ch=POWER1 state=on polled raw{POWER1=ON@212+2}\n");
}

/* What looks like both: the firmware's own constants decide. */
Test(openbeken, reports_that_tasmota_would_claim)
{
    void *other = calloc(1, wtr_tasmota.state_size);
    const struct wtr_message *message =
        mqtt_publish(&controller, WTR_FROM_SERVER, "tele/obk1/SENSOR",
                     "{\"ENERGY\":{\"ConsumptionTotal\":1,\"Yesterday\":1,\"ConsumptionLastHour\":1}}", 0);
    cr_expect_eq(wtr_tasmota.claim(other, message), WTR_CLAIM_NAMED);
    cr_expect_eq(wtr_openbeken.claim(state, message), WTR_CLAIM_LEARNT);
    message =
        mqtt_publish(&controller, WTR_FROM_SERVER, "tele/plug1/SENSOR", "{\"ENERGY\":{\"Total\":1}}", 0);
    cr_expect_eq(wtr_tasmota.claim(other, message), WTR_CLAIM_NAMED);
    cr_expect_eq(wtr_openbeken.claim(state, message), WTR_CLAIM_NONE);
    wtr_tasmota.close(other);
    free(other);
}

Test(openbeken, commands)
{
    introduce();
    expect_sent("cmnd/obk1/POWER", "ON",
                "power.command openbeken:obk1 ch=POWER state=on raw{POWER=ON@0+2}\n");
    expect_sent("cmnd/obk1/power2", "toggle",
                "power.command openbeken:obk1 ch=POWER2 state=toggle raw{power2=toggle@0+6}\n");
    expect_sent("cmnd/obk1/powerAll", "0",
                "power.command openbeken:obk1 ch=* state=off raw{powerAll=0@0+1}\n");
    expect_sent("cmnd/obk1/POWER", "", "");
    expect_sent("cmnd/obk1/POWER", "STATUS", "");
    expect_sent("cmnd/obk1/POWERS", "ON", "");
    expect_sent("cmnd/obk1/POWER123", "ON", "");
    expect_sent("cmnd/obk1/Power12", "0",
                "power.command openbeken:obk1 ch=POWER12 state=off raw{Power12=0@0+1}\n");
    expect_sent("cmnd/obk1/POWER0x", "ON", "");
    expect_sent("cmnd/obk1/POWE", "ON", "");
    expect_sent("cmnd/obk1/powerAll", "TOGGLE", "");
    expect_sent("cmnd/obk1/powerAll", "2", "");
    expect_sent("cmnd/obk1/SetChannel", "1 1",
                "power.command openbeken:obk1 ch=1 state=on raw{SetChannel=1@2+1}\n");
    expect_sent("cmnd/obk1/SetChannel", "5 57", "");
    expect_sent("cmnd/obk1/SetChannel", "5", "");
    expect_sent("cmnd/obk1/ToggleChannel", "1",
                "power.command openbeken:obk1 ch=1 state=toggle raw{ToggleChannel=1@0+1}\n");
    expect_sent("cmnd/obk1/backlog",
                "echo Test1; power TOGGLE;EnergyCntReset; setchannel 1 0 ;MqttPassword secret;;",
                "power.command openbeken:obk1 ch=POWER state=toggle raw{power=TOGGLE@18+6}\n"
                "device.config openbeken:obk1 setting=EnergyCntReset\n"
                "power.command openbeken:obk1 ch=1 state=off raw{setchannel=0@54+1}\n"
                "credential openbeken:obk1 setting=MqttPassword secret=mqtt value=secret "
                "raw{MqttPassword=secret@70+6}\n");
    expect_sent("cmnd/obk1/restart", "", "device.config openbeken:obk1 setting=restart\n");
    expect_sent("cmnd/obk1/clearConfig", "1",
                "device.config openbeken:obk1 setting=clearConfig value=1 raw{clearConfig=1@0+1}\n");
    expect_sent("cmnd/obk1/StartupCommand", "", "");
    expect_sent("cmnd/obk1/ota_http", "http://192.0.2.9/x.rbl",
                "firmware.update openbeken:obk1 setting=ota_http value=http://192.0.2.9/x.rbl "
                "raw{ota_http=http://192.0.2.9/x.rbl@0+22}\n");
}

Test(openbeken, names_of_any_length)
{
    char topic[200];
    char name[66];
    memset(name, 'x', sizeof name);
    name[63] = '\0';
    snprintf(topic, sizeof topic, "%s/build", name);
    cr_expect_eq(claim_of(topic, "OpenBK7231T 1 x"), WTR_CLAIM_NAMED);
    name[63] = 'x';
    name[64] = '\0';
    snprintf(topic, sizeof topic, "%s/build", name);
    cr_expect_eq(claim_of(topic, "OpenBK7231T 1 x"), WTR_CLAIM_NONE);
}

Test(openbeken, more_names_than_are_remembered)
{
    for (int i = 0; i < 5000; i++) {
        char topic[40];
        snprintf(topic, sizeof topic, "obk%d/connected", i);
        const struct wtr_message *message = mqtt_publish(&controller, WTR_FROM_SERVER, topic, "online", 0);
        cr_assert_eq(wtr_openbeken.claim(state, message), WTR_CLAIM_SHAPE);
        wtr_openbeken.read(state, message, say);
    }
    expect("obk1/sockets", "1", "");
    cr_expect_eq(claim_of("obk1/ip", "192.0.2.5"), WTR_CLAIM_LEARNT);
    expect("obk4999/sockets", "1", "");
    cr_expect_eq(claim_of("obk4999/ip", "192.0.2.5"), WTR_CLAIM_NONE);
}

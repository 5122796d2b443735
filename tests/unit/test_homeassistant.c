/* SPDX-License-Identifier: Apache-2.0 */
/* Home Assistant discovery: what each kind of message states, and what it does not. The payloads are those of
 * its sources and documentation (see the files in lib/vendor/homeassistant), the expectations worked out by
 * hand. */
#include "vendor/homeassistant/homeassistant.h"

#include "mqtt_message.h"
#include "say_record.h"

#include "vendor/homeassistant/measure.h"
#include "vendor/homeassistant/topic_index.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wtr_say *say;
static void *state;
static struct mqtt_connection controller; /* a home automation's */

static void set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_homeassistant.state_size);
    controller = (struct mqtt_connection){0};
    controller.session.connect_seen = true;
}

static void tear_down(void)
{
    wtr_homeassistant.close(state);
    free(state);
    say_record_free(say);
    mqtt_message_free();
}

TestSuite(homeassistant, .init = set_up, .fini = tear_down);

static const char *hear(const struct wtr_message *message)
{
    return say_record(say, &wtr_homeassistant, state, message);
}

static void check(const struct wtr_message *message, const char *topic, const char *payload,
                  const char *expected)
{
    const char *heard = hear(message);
    cr_expect(strcmp(heard, expected) == 0, "%s %s\nheard:\n%sexpected:\n%s", topic, payload, heard,
              expected);
}

/* Delivered by the broker to the controller: says nothing about connections. */
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
    return wtr_homeassistant.claim(state, mqtt_publish(&controller, WTR_FROM_SERVER, topic, payload, 0));
}

Test(homeassistant, a_switch_with_a_base_topic)
{
    expect("homeassistant/switch/irrigation/config",
           "{\"~\":\"homeassistant/switch/irrigation\",\"name\":\"garden\",\"cmd_t\":\"~/set\","
           "\"stat_t\":\"~/state\"}",
           "");
    expect("homeassistant/switch/irrigation/state", "ON",
           "power.state homeassistant:irrigation ch=irrigation state=on raw{irrigation=ON@0+2}\n");
    expect("homeassistant/switch/irrigation/state", "OFF",
           "power.state homeassistant:irrigation ch=irrigation state=off raw{irrigation=OFF@0+3}\n");
    expect_sent("homeassistant/switch/irrigation/set", "ON",
                "power.command homeassistant:irrigation ch=irrigation state=on raw{irrigation=ON@0+2}\n");
    expect_sent("homeassistant/switch/irrigation/set", "OFF",
                "power.command homeassistant:irrigation ch=irrigation state=off raw{irrigation=OFF@0+3}\n");
    expect("homeassistant/switch/irrigation/state", "on",
           "finding @0+2 the word is not known as a relay's state\n");
    expect("homeassistant/switch/irrigation/state", "", "");
    expect("homeassistant/switch/irrigation/state", "None", "");
    expect("homeassistant/switch/irrigation/state", "unavailable", "");
    expect_sent("homeassistant/switch/irrigation/set", "", "");
    expect_sent("homeassistant/switch/irrigation/set", "TOGGLE", "");
    expect_sent("homeassistant/switch/irrigation/set", "on", "");
    /* The base behind the topic, and one that stands nowhere. */
    expect("homeassistant/switch/pump/config", "{\"~\":\"/pump\",\"stat_t\":\"garden~\",\"cmd_t\":\"~\"}",
           "");
    expect("garden/pump", "ON", "power.state homeassistant:pump ch=pump state=on raw{pump=ON@0+2}\n");
    expect_sent("/pump", "ON", "power.command homeassistant:pump ch=pump state=on raw{pump=ON@0+2}\n");
    expect("homeassistant/switch/lamp/config", "{\"stat_t\":\"~/lamp\"}", "");
    expect("/lamp", "ON", "");
}

Test(homeassistant, who_the_device_is)
{
    expect("homeassistant/switch/attic/a/config",
           "{\"stat_t\":\"attic/a\",\"dev\":{\"identifiers\":[\"diy-17\",\"x\"],\"connections\":[[\"ip\","
           "\"192.0.2.9\"],[\"mac\",\"02:5B:26:A8:DC:12\"]],\"manufacturer\":\"Own\","
           "\"model\":\"Breadboard\",\"sw_version\":\"3\",\"name\":\"Attic\"}}",
           "tie homeassistant:diy-17 mac=02:5b:26:a8:dc:12\n"
           "device.identity homeassistant:diy-17 mac=02:5b:26:a8:dc:12 vendor=Own model=Breadboard "
           "firmware=3 name=Attic device_id=diy-17 raw{connections=02:5B:26:A8:DC:12@98+17 "
           "manufacturer=Own@135+3 model=Breadboard@149+10 sw_version=3@175+1 name=Attic@186+5 "
           "identifiers=diy-17@43+6}\n");
    /* Said with the entity that brought it first, each time that one comes. */
    expect("homeassistant/switch/attic/b/config",
           "{\"stat_t\":\"attic/b\",\"dev\":{\"identifiers\":[\"diy-17\",\"x\"],\"connections\":[[\"ip\","
           "\"192.0.2.9\"],[\"mac\",\"02:5B:26:A8:DC:12\"]],\"manufacturer\":\"Own\","
           "\"model\":\"Breadboard\",\"sw_version\":\"3\",\"name\":\"Attic\"}}",
           "");
    expect("homeassistant/switch/attic/a/config",
           "{\"stat_t\":\"attic/a\",\"dev\":{\"identifiers\":[\"diy-17\",\"x\"],\"connections\":[[\"ip\","
           "\"192.0.2.9\"],[\"mac\",\"02:5B:26:A8:DC:12\"]],\"manufacturer\":\"Own\","
           "\"model\":\"Breadboard\",\"sw_version\":\"3\",\"name\":\"Attic\"}}",
           "tie homeassistant:diy-17 mac=02:5b:26:a8:dc:12\n"
           "device.identity homeassistant:diy-17 mac=02:5b:26:a8:dc:12 vendor=Own model=Breadboard "
           "firmware=3 name=Attic device_id=diy-17 raw{connections=02:5B:26:A8:DC:12@98+17 "
           "manufacturer=Own@135+3 model=Breadboard@149+10 sw_version=3@175+1 name=Attic@186+5 "
           "identifiers=diy-17@43+6}\n");
    /* The firmware changes. */
    expect("homeassistant/switch/attic/b/config",
           "{\"stat_t\":\"attic/b\",\"dev\":{\"identifiers\":[\"diy-17\",\"x\"],\"connections\":[[\"ip\","
           "\"192.0.2.9\"],[\"mac\",\"02:5B:26:A8:DC:12\"]],\"manufacturer\":\"Own\","
           "\"model\":\"Breadboard\",\"sw_version\":\"4\",\"name\":\"Attic\"}}",
           "tie homeassistant:diy-17 mac=02:5b:26:a8:dc:12\n"
           "device.identity homeassistant:diy-17 mac=02:5b:26:a8:dc:12 vendor=Own model=Breadboard "
           "firmware=4 name=Attic device_id=diy-17 raw{connections=02:5B:26:A8:DC:12@98+17 "
           "manufacturer=Own@135+3 model=Breadboard@149+10 sw_version=4@175+1 name=Attic@186+5 "
           "identifiers=diy-17@43+6}\n");
    expect("attic/b", "ON", "power.state homeassistant:diy-17 ch=b state=on raw{b=ON@0+2}\n");
    /* What can be nobody's own address, or says nothing. */
    expect("homeassistant/switch/c/config",
           "{\"stat_t\":\"c\",\"dev\":{\"ids\":\"c\",\"cns\":[[\"mac\",\"01:00:5e:00:00:01\"]]}}",
           "device.identity homeassistant:c device_id=c raw{ids=c@28+1}\n");
    expect("homeassistant/switch/d/config",
           "{\"stat_t\":\"d\",\"dev\":{\"ids\":\"d\",\"cns\":[[\"mac\",\"00:00:00:00:00:00\"],[\"mac\","
           "\"02:5b:26:a8:dc:12\"]]}}",
           "device.identity homeassistant:d device_id=d raw{ids=d@28+1}\n");
    expect("homeassistant/switch/e/config",
           "{\"stat_t\":\"e\",\"dev\":{\"ids\":[],\"cns\":\"02:5b:26:a8:dc:12\",\"name\":7}}", "");
    expect("homeassistant/switch/f/config", "{\"stat_t\":\"f\",\"dev\":[]}", "");
}

Test(homeassistant, words_of_its_own)
{
    expect("homeassistant/switch/pump/config",
           "{\"stat_t\":\"p/s\",\"cmd_t\":\"p/c\",\"pl_on\":\"1\",\"pl_off\":\"0\"}", "");
    expect("p/s", "1", "power.state homeassistant:pump ch=pump state=on raw{pump=1@0+1}\n");
    expect_sent("p/c", "0", "power.command homeassistant:pump ch=pump state=off raw{pump=0@0+1}\n");
    expect("p/s", "ON", "finding @0+2 the word is not known as a relay's state\n");
    expect("homeassistant/switch/pump/config",
           "{\"state_topic\":\"p/s\",\"command_topic\":\"p/c\",\"payload_on\":\"go\","
           "\"payload_off\":\"halt\",\"state_on\":\"running\",\"state_off\":\"idle\"}",
           "");
    expect("p/s", "running", "power.state homeassistant:pump ch=pump state=on raw{pump=running@0+7}\n");
    expect("p/s", "go", "finding @0+2 the word is not known as a relay's state\n");
    expect_sent("p/c", "halt", "power.command homeassistant:pump ch=pump state=off raw{pump=halt@0+4}\n");
    expect_sent("p/c", "0", "");
    expect("homeassistant/switch/valve/config",
           "{\"stat_t\":\"v\",\"pl_on\":true,\"pl_off\":false,\"val_tpl\":\"{{ value_json.open }}\"}", "");
    expect("v", "{\"open\":true}", "power.state homeassistant:valve ch=valve state=on raw{open=true@8+4}\n");
    expect("v", "{\"open\":false}",
           "power.state homeassistant:valve ch=valve state=off raw{open=false@8+5}\n");
    /* Both words alike: nothing can be told. */
    expect("homeassistant/switch/odd/config",
           "{\"stat_t\":\"o\",\"cmd_t\":\"oc\",\"pl_on\":\"X\",\"pl_off\":\"X\"}", "");
    expect("o", "X", "finding @0+1 the word is not known as a relay's state\n");
    expect_sent("oc", "X", "");
}

Test(homeassistant, sensors_that_share_a_topic)
{
    expect("homeassistant/sensor/meter/power/config",
           "{\"stat_t\":\"meter/state\",\"unit_of_meas\":\"kW\",\"dev_cla\":\"power\",\"val_tpl\":\"{{ "
           "value_json.p }}\"}",
           "");
    expect("homeassistant/sensor/meter/voltage/config",
           "{\"stat_t\":\"meter/state\",\"unit_of_meas\":\"V\",\"dev_cla\":\"voltage\","
           "\"val_tpl\":\"{{value_json['u']}}\"}",
           "");
    expect("homeassistant/sensor/meter/energy/config",
           "{\"stat_t\":\"meter/state\",\"unit_of_meas\":\"kWh\",\"dev_cla\":\"energy\",\"val_tpl\":\"{{ "
           "value_json[\\\"e total\\\"] }}\",\"stat_cla\":\"total_increasing\"}",
           "");
    expect("homeassistant/sensor/meter/current/config",
           "{\"stat_t\":\"meter/state\",\"unit_of_meas\":\"A\",\"dev_cla\":\"current\",\"val_tpl\":\"{{ "
           "value_json.i | float }}\"}",
           "");
    expect("homeassistant/sensor/meter/nested/config",
           "{\"stat_t\":\"meter/state\",\"unit_of_meas\":\"W\",\"dev_cla\":\"power\",\"val_tpl\":\"{{ "
           "value_json.a.b }}\"}",
           "");
    expect("homeassistant/sensor/meter/chosen/config",
           "{\"stat_t\":\"meter/state\",\"unit_of_meas\":\"W\",\"dev_cla\":\"power\",\"val_tpl\":\"{% if "
           "value_json.x %}1{% endif %}\"}",
           "");
    expect("meter/state", "{\"p\":1.5,\"u\":231,\"e total\":12.5,\"i\":3,\"a\":{\"b\":5}}",
           "power.reading homeassistant:meter power_w=1500 channel_name=power raw{p=1.5@5+3}\n"
           "power.reading homeassistant:meter voltage_v=231 channel_name=voltage raw{u=231@13+3}\n"
           "energy.counter homeassistant:meter energy_wh=12500 scope=total channel_name=energy raw{e "
           "total=12.5@27+4}\n");
    expect("meter/state", "{\"p\":null,\"u\":\"unknown\",\"e total\":[1]}", "");
    expect("meter/state", "{\"p\":\"high\",\"u\":99999}",
           "finding @6+4 the value is no plausible number of its unit\n"
           "finding @16+5 the value is no plausible number of its unit\n");
    expect("meter/state", "{\"p\":1,\"p\":2,\"u\":230}",
           "power.reading homeassistant:meter voltage_v=230 channel_name=voltage raw{u=230@17+3}\n");
    expect("meter/state", "", "");
    expect("meter/state", "7", "");
    expect("meter/state", "[1]", "");
    expect("meter/state", "{\"p\":1", "");
}

Test(homeassistant, plain_sensors)
{
    expect("homeassistant/sensor/watts/config",
           "{\"stat_t\":\"w\",\"unit_of_meas\":\"W\",\"val_tpl\":\"{{ value }}\"}", "");
    expect("w", "12.5",
           "power.reading homeassistant:watts power_w=12.5 channel_name=watts raw{watts=12.5@0+4}\n");
    expect("w", "nan", "");
    expect("w", "12,5", "finding @0+4 the value is no plausible number of its unit\n");
    expect("homeassistant/sensor/temp/config",
           "{\"stat_t\":\"t\",\"unit_of_meas\":\"°C\",\"dev_cla\":\"temperature\"}", "");
    expect("t", "20", "");
    expect("homeassistant/sensor/none/config", "{\"stat_t\":\"n\"}", "");
    expect("n", "20", "");
}

Test(homeassistant, what_is_no_relay)
{
    expect("homeassistant/light/x/config", "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"unit_of_meas\":\"W\"}",
           "");
    expect("homeassistant/cover/x/config", "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"unit_of_meas\":\"W\"}",
           "");
    expect("homeassistant/number/x/config", "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"unit_of_meas\":\"W\"}",
           "");
    expect("homeassistant/fan/x/config", "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"unit_of_meas\":\"W\"}", "");
    expect("homeassistant/climate/x/config", "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"unit_of_meas\":\"W\"}",
           "");
    expect("homeassistant/button/x/config", "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"unit_of_meas\":\"W\"}",
           "");
    expect("homeassistant/lock/x/config", "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"unit_of_meas\":\"W\"}",
           "");
    expect("homeassistant/update/x/config", "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"unit_of_meas\":\"W\"}",
           "");
    expect("homeassistant/switch/led/config", "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"ent_cat\":\"config\"}",
           "");
    expect("homeassistant/switch/tpl/config",
           "{\"stat_t\":\"x/s\",\"cmd_t\":\"x/c\",\"val_tpl\":\"{{ value | upper }}\",\"cmd_tpl\":\"{{ "
           "value }}\"}",
           "");
    expect("x/s", "ON", "");
    expect_sent("x/c", "ON", "");
}

Test(homeassistant, inputs)
{
    expect("homeassistant/event/bell/config",
           "{\"stat_t\":\"bell\",\"dev_cla\":\"button\",\"event_types\":[\"press\",\"hold\"]}", "");
    expect("bell", "{\"event_type\":\"hold\",\"extra\":1}",
           "switch.input homeassistant:bell input=bell action=hold raw{event_type=hold@15+4}\n");
    expect("bell", "press", "");
    expect("bell", "{\"event_type\":\"\"}", "");
    expect("bell", "{\"event_type\":3}", "");
    expect("bell", "", "");
    expect("homeassistant/event/door/config", "{\"stat_t\":\"door\",\"dev_cla\":\"doorbell\"}", "");
    expect("door", "{\"event_type\":\"press\"}", "");
    expect("homeassistant/binary_sensor/key/config", "{\"stat_t\":\"key\",\"name\":\"Wall button\"}", "");
    expect("key", "ON", "switch.input homeassistant:key input=key action=on raw{key=ON@0+2}\n");
    expect("key", "OFF", "switch.input homeassistant:key input=key action=off raw{key=OFF@0+3}\n");
    expect("key", "x", "");
    expect("homeassistant/binary_sensor/window/config", "{\"stat_t\":\"window\",\"name\":\"Window\"}", "");
    expect("window", "ON", "");
}

Test(homeassistant, taken_back)
{
    expect("homeassistant/switch/pump/config", "{\"stat_t\":\"p/s\",\"cmd_t\":\"p/c\"}", "");
    expect("homeassistant/switch/pump2/config", "{\"stat_t\":\"p/s\"}", "");
    expect("p/s", "ON",
           "power.state homeassistant:pump ch=pump state=on raw{pump=ON@0+2}\n"
           "power.state homeassistant:pump2 ch=pump2 state=on raw{pump2=ON@0+2}\n");
    expect("homeassistant/switch/pump/config", "", "");
    expect("p/s", "ON", "power.state homeassistant:pump2 ch=pump2 state=on raw{pump2=ON@0+2}\n");
    expect_sent("p/c", "ON", "");
    cr_expect_eq(claim_of("p/c", "ON"), WTR_CLAIM_NONE);
    expect("homeassistant/switch/pump2/config", "", "");
    cr_expect_eq(claim_of("p/s", "ON"), WTR_CLAIM_NONE);
    expect("homeassistant/switch/pump/config", "{\"stat_t\":\"p/s\",\"cmd_t\":\"p/c\"}", "");
    expect("p/s", "ON", "power.state homeassistant:pump ch=pump state=on raw{pump=ON@0+2}\n");
    /* It moves to other topics. */
    expect("homeassistant/switch/pump/config", "{\"stat_t\":\"q/s\"}", "");
    cr_expect_eq(claim_of("p/s", "ON"), WTR_CLAIM_NONE);
    expect("q/s", "ON", "power.state homeassistant:pump ch=pump state=on raw{pump=ON@0+2}\n");
}

Test(homeassistant, a_device_as_a_whole)
{
    expect("homeassistant/device/strip/config",
           "{\"dev\":{\"ids\":\"strip\",\"name\":\"Strip\"},\"o\":{\"name\":\"x\"},\"~\":\"strip\","
           "\"stat_t\":\"~/state\",\"cmps\":{\"one\":{\"p\":\"switch\",\"val_tpl\":\"{{ value_json.r1 }}\","
           "\"cmd_t\":\"~/one/set\"},\"two\":{\"p\":\"switch\",\"val_tpl\":\"{{ value_json.r2 }}\"},"
           "\"watts\":{\"platform\":\"sensor\",\"unit_of_meas\":\"W\",\"val_tpl\":\"{{ value_json.w }}\"},"
           "\"gone\":{\"p\":\"switch\"},\"lamp\":{\"p\":\"light\",\"val_tpl\":\"{{ value_json.w }}\"}}}",
           "device.identity homeassistant:strip name=Strip device_id=strip raw{name=Strip@30+5 "
           "ids=strip@15+5}\n");
    expect("strip/state", "{\"r1\":\"ON\",\"r2\":\"OFF\",\"w\":12}",
           "power.state homeassistant:strip ch=one state=on raw{r1=ON@7+2}\n"
           "power.state homeassistant:strip ch=two state=off raw{r2=OFF@17+3}\n"
           "power.reading homeassistant:strip power_w=12 channel_name=watts raw{w=12@26+2}\n");
    expect_sent("strip/one/set", "ON", "power.command homeassistant:strip ch=one state=on raw{one=ON@0+2}\n");
    expect("homeassistant/device/strip/config", "", "");
    expect("strip/state", "{\"r1\":\"ON\"}", "");
}

Test(homeassistant, families_with_readers_of_their_own)
{
    /* Tasmota, by its topics, by its name, and with its MAC. */
    expect("homeassistant/switch/1A2B3C_RL_1/config",
           "{\"name\":\"Kettle\",\"cmd_t\":\"~cmnd/kettle/POWER\",\"stat_t\":\"~tele/kettle/STATE\","
           "\"val_tpl\":\"{{value_json.POWER}}\",\"~\":\"\",\"dev\":{\"ids\":[\"1A2B3C\"]}}",
           "device.identity homeassistant:1A2B3C device_id=1A2B3C raw{ids=1A2B3C@131+6}\n");
    expect("homeassistant/switch/4D5E6F_RL_1/config",
           "{\"cmd_t\":\"a/b/POWER\",\"stat_t\":\"a/c/STATE\",\"val_tpl\":\"{{value_json.POWER}}\","
           "\"dev\":{\"ids\":[\"4D5E6F\"],\"mf\":\"Tasmota\"}}",
           "");
    expect("homeassistant/switch/7A8B9C_RL_1/config",
           "{\"stat_t\":\"a/d\",\"dev\":{\"ids\":[\"7A8B9C\"],\"cns\":[[\"mac\",\"dc:4f:22:7a:8b:9c\"]],"
           "\"mf\":\"Tasmota\"}}",
           "tie homeassistant:7A8B9C mac=dc:4f:22:7a:8b:9c\n"
           "device.identity homeassistant:7A8B9C mac=dc:4f:22:7a:8b:9c vendor=Tasmota device_id=7A8B9C "
           "raw{cns=dc:4f:22:7a:8b:9c@55+17 mf=Tasmota@82+7 ids=7A8B9C@31+6}\n");
    /* OpenBeken, Shelly, Zigbee2MQTT. */
    expect("homeassistant/switch/obk_relay_1/config",
           "{\"~\":\"obk1\",\"stat_t\":\"~/1/get\",\"cmd_t\":\"~/1/set\",\"dev\":{\"ids\":[\"obk\"],"
           "\"sw\":\"OpenBK7231N_1.17.306\"}}",
           "");
    expect("homeassistant/switch/obk_relay_2/config", "{\"stat_t\":\"obk2/1/get\",\"cmd_t\":\"obk2/1/set\"}",
           "");
    expect("homeassistant/switch/shelly/config",
           "{\"stat_t\":\"shellies/shelly1-B929CC/relay/0\",\"cmd_t\":\"shellies/shelly1-B929CC/relay/0/comm"
           "and\"}",
           "");
    expect("homeassistant/switch/shelly2/config",
           "{\"stat_t\":\"shellyplus1-a8032abe54dc/status/switch:0\","
           "\"cmd_t\":\"shellyplus1-a8032abe54dc/rpc\",\"val_tpl\":\"{{ value_json.output }}\"}",
           "");
    expect("homeassistant/switch/z2m/config",
           "{\"stat_t\":\"zigbee2mqtt/plug\",\"cmd_t\":\"zigbee2mqtt/plug/set\",\"val_tpl\":\"{{ "
           "value_json.state }}\"}",
           "");
    expect("homeassistant/switch/z2m2/config",
           "{\"stat_t\":\"attic/plug\",\"val_tpl\":\"{{ value_json.state }}\","
           "\"dev\":{\"ids\":[\"zigbee2mqtt_0x00158d0001a2b3c4\"]}}",
           "");
    static const char *const topics[] = {"tele/kettle/STATE",
                                         "cmnd/kettle/POWER",
                                         "a/b/POWER",
                                         "a/c/STATE",
                                         "a/d",
                                         "obk1/1/get",
                                         "obk1/1/set",
                                         "obk2/1/get",
                                         "obk2/1/set",
                                         "shellies/shelly1-B929CC/relay/0",
                                         "shellies/shelly1-B929CC/relay/0/command",
                                         "shellyplus1-a8032abe54dc/status/switch:0",
                                         "shellyplus1-a8032abe54dc/rpc",
                                         "zigbee2mqtt/plug",
                                         "zigbee2mqtt/plug/set",
                                         "attic/plug"};
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        cr_expect_eq(claim_of(topics[i], "ON"), WTR_CLAIM_NONE, "%s", topics[i]);
}

Test(homeassistant, damaged_configurations)
{
    expect("homeassistant/switch/x/config", "{\"stat_t\":\"x\"",
           "finding @0+13 the discovery message is no JSON object\n");
    expect("homeassistant/switch/x/config", "[1]", "finding @0+3 the discovery message is no JSON object\n");
    expect("homeassistant/switch/x/config", "{\"stat_t\":7,\"cmd_t\":null,\"val_tpl\":{},\"dev\":7}", "");
    expect("homeassistant/switch/x/config", "{}", "");
    expect("homeassistant/sensor/x/config", "{\"stat_t\":\"x\",\"unit_of_meas\":7,\"dev_cla\":[]}", "");
    expect("x", "ON", "");
}

Test(homeassistant, claims)
{
    cr_expect_eq(claim_of("homeassistant/switch/x/config", "{}"), WTR_CLAIM_SHAPE);
    cr_expect_eq(claim_of("homeassistant/switch/node/x/config", ""), WTR_CLAIM_SHAPE);
    static const char *const others[] = {
        "homeassistant/status",
        "homeassistant/config",
        "homeassistant/switch/config",
        "homeassistant/switch//config",
        "homeassistant/a/b/c/d/config",
        "homeassistant/switch/x/state",
        "homeassistant/switch/x/config/",
        "other/switch/x/config",
        "p/s",
        "",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_eq(claim_of(others[i], "ON"), WTR_CLAIM_NONE, "%s", others[i]);
    expect("homeassistant/switch/x/config", "{\"stat_t\":\"p/s\",\"cmd_t\":\"p/c\"}", "");
    /* It gives way to whom the device itself belongs to. */
    cr_expect_eq(claim_of("p/s", "ON"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("p/c", "ON"), WTR_CLAIM_NAMED);
    cr_expect_eq(wtr_homeassistant.claim(state, mqtt_connect(&controller, "x", "p/s", "OFF")),
                 WTR_CLAIM_NONE);
}

Test(homeassistant, templates_that_are_not_taken_for_what_they_seem)
{
    static const char *const templates[] = {
        "{{ value_json['p\\\"] }}",
        "{{ value_json.p-q }}",
        "{{ value_json.p+1 }}",
        "{{ value_json.p.q }}",
        "{{ value_json['a.b'] }}",
        "{{ value_json[''] }}",
        "{{ value_json. }}",
        "{{ value_json }}",
        "{{ value_jsonp }}",
        "{{ values }}",
        "{{ value }",
        "{ value }}",
        "{{}}",
        "{% value %}",
        "value",
        "",
    };
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        char config[200];
        snprintf(config, sizeof config, "{\"stat_t\":\"t\",\"unit_of_meas\":\"W\",\"val_tpl\":\"%s\"}",
                 templates[i]);
        expect("homeassistant/sensor/x/config", config, "");
        cr_expect_eq(claim_of("t", "1"), WTR_CLAIM_NONE, "%s", templates[i]);
    }
}

Test(homeassistant, many_entities_at_one_topic)
{
    char topic[80];
    for (int i = 0; i < 70; i++) {
        snprintf(topic, sizeof topic, "homeassistant/switch/n%02d/config", i);
        expect(topic, "{\"stat_t\":\"p/s\"}", "");
    }
    const char *heard = hear(mqtt_publish(&controller, WTR_FROM_SERVER, "p/s", "ON", 0));
    size_t lines = 0;
    for (const char *line = heard; (line = strchr(line, '\n')) != NULL; line++)
        lines++;
    cr_expect_eq(lines, 64);
    cr_expect(strstr(heard, "ch=n63 ") && !strstr(heard, "ch=n64 "));
    /* One makes room, and another takes it. */
    expect("homeassistant/switch/n05/config", "", "");
    expect("homeassistant/switch/late/config", "{\"stat_t\":\"p/s\"}", "");
    heard = hear(mqtt_publish(&controller, WTR_FROM_SERVER, "p/s", "ON", 0));
    cr_expect(strstr(heard, "ch=late ") && !strstr(heard, "ch=n05 "));
}

Test(homeassistant, long_texts)
{
    char config[700];
    char topic[300];
    memset(topic, 't', sizeof topic);
    topic[256] = '\0';
    snprintf(config, sizeof config, "{\"stat_t\":\"%s\"}", topic);
    expect("homeassistant/switch/x/config", config, "");
    cr_expect_eq(claim_of(topic, "ON"), WTR_CLAIM_NONE);
    topic[255] = '\0';
    snprintf(config, sizeof config, "{\"stat_t\":\"%s\"}", topic);
    expect("homeassistant/switch/x/config", config, "");
    cr_expect_eq(claim_of(topic, "ON"), WTR_CLAIM_NAMED);
    /* The base that takes the place of '~' counts, too. */
    topic[250] = '\0';
    snprintf(config, sizeof config, "{\"~\":\"%s\",\"stat_t\":\"~12345\"}", topic);
    expect("homeassistant/switch/y/config", config, "");
    snprintf(config, sizeof config, "%s12345", topic);
    cr_expect_eq(claim_of(config, "ON"), WTR_CLAIM_NAMED);
    snprintf(config, sizeof config, "{\"~\":\"%s\",\"stat_t\":\"~123456\"}", topic);
    expect("homeassistant/switch/z/config", config, "");
    snprintf(config, sizeof config, "%s123456", topic);
    cr_expect_eq(claim_of(config, "ON"), WTR_CLAIM_NONE);
}

Test(homeassistant_measure, units_and_classes)
{
    static const struct {
        const char *unit;
        const char *device_class;
        bool known;
        enum wtr_field field;
        int shift;
    } rows[] = {
        {"W", "power", true, WTR_FIELD_POWER_W, 0},
        {"mW", "", true, WTR_FIELD_POWER_W, -3},
        {"MWh", "energy", true, WTR_FIELD_ENERGY_WH, 6},
        {"", "power_factor", true, WTR_FIELD_POWER_FACTOR, 0},
        {"%", "power_factor", true, WTR_FIELD_POWER_FACTOR, -2},
        {"W", "power_factor", false, WTR_FIELD_COUNT, 0},
        {"W", "energy", false, WTR_FIELD_COUNT, 0},
        {"w", "power", false, WTR_FIELD_COUNT, 0},
        {"%", "", false, WTR_FIELD_COUNT, 0},
        {"", "", false, WTR_FIELD_COUNT, 0},
        {"W/m²", "", false, WTR_FIELD_COUNT, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wtr_measure measure = {WTR_FIELD_COUNT, 0};
        bool known = wtr_measure_of(wtr_text_z(rows[i].unit), wtr_text_z(rows[i].device_class), &measure);
        cr_expect_eq(known, rows[i].known, "%s %s", rows[i].unit, rows[i].device_class);
        cr_expect(!known || (measure.field == rows[i].field && measure.shift == rows[i].shift), "%s",
                  rows[i].unit);
    }
}

Test(homeassistant_measure, numbers_at_their_bounds)
{
    const struct wtr_measure kilowatts = {WTR_FIELD_POWER_W, 3};
    const struct wtr_measure factor = {WTR_FIELD_POWER_FACTOR, -2};
    int64_t micro = 0;
    cr_expect(wtr_measure_number(&kilowatts, WTR_TEXT("1000"), &micro) && micro == 1000000000000);
    cr_expect(!wtr_measure_number(&kilowatts, WTR_TEXT("1000.000000001"), &micro));
    cr_expect(wtr_measure_number(&kilowatts, WTR_TEXT("-0.0000000015"), &micro) && micro == -2);
    cr_expect(wtr_measure_number(&factor, WTR_TEXT("100"), &micro) && micro == 1000000);
    cr_expect(!wtr_measure_number(&factor, WTR_TEXT("100.1"), &micro));
    cr_expect(!wtr_measure_number(&factor, WTR_TEXT(""), &micro));
    cr_expect(!wtr_measure_number(&factor, WTR_TEXT("1e400"), &micro));
}

Test(homeassistant_topics, each_broker_by_itself)
{
    struct wtr_topic_index index = {0};
    const struct wtr_text topic = WTR_TEXT("plug/state");
    cr_expect(!wtr_topic_index_knows(&index, topic));
    cr_expect(wtr_topic_index_set(&index, 1, topic, 7));
    cr_expect(wtr_topic_index_set(&index, 2, topic, 8));
    cr_expect_eq(wtr_topic_index_find(&index, 1, topic), 7);
    cr_expect_eq(wtr_topic_index_find(&index, 2, topic), 8);
    cr_expect_eq(wtr_topic_index_find(&index, 3, topic), WTR_NO_TOPIC);
    cr_expect_eq(wtr_topic_index_find(&index, 1, WTR_TEXT("plug/stat")), WTR_NO_TOPIC);
    cr_expect(wtr_topic_index_set(&index, 1, topic, WTR_NO_TOPIC));
    cr_expect(wtr_topic_index_knows(&index, topic));
    cr_expect(wtr_topic_index_set(&index, 2, topic, WTR_NO_TOPIC));
    cr_expect(!wtr_topic_index_knows(&index, topic));
    cr_expect(wtr_topic_index_set(&index, 1, topic, 9));
    cr_expect_eq(wtr_topic_index_find(&index, 1, topic), 9);
    cr_expect(wtr_topic_index_knows(&index, topic));
    cr_expect(!wtr_topic_index_set(&index, 1, WTR_TEXT(""), 9));
    wtr_topic_index_free(&index);
}

Test(homeassistant_topics, no_more_than_there_is_room_for)
{
    struct wtr_topic_index index = {0};
    char topic[WTR_TOPIC_INDEX_MAX_TEXT + 1];
    memset(topic, 'x', sizeof topic);
    cr_expect(wtr_topic_index_set(&index, 1, wtr_text_of(topic, WTR_TOPIC_INDEX_MAX_TEXT), 1));
    cr_expect(!wtr_topic_index_set(&index, 1, wtr_text_of(topic, sizeof topic), 1));
    uint32_t kept = 1;
    for (uint32_t i = 0; i < WTR_TOPIC_INDEX_MAX_ENTRIES + 10; i++) {
        size_t length = (size_t)snprintf(topic, sizeof topic, "plug/%u", i);
        kept += wtr_topic_index_set(&index, 1, wtr_text_of(topic, length), i);
    }
    cr_expect_eq(kept, WTR_TOPIC_INDEX_MAX_ENTRIES);
    cr_expect_eq(wtr_topic_index_find(&index, 1, WTR_TEXT("plug/16382")), 16382);
    cr_expect_eq(wtr_topic_index_find(&index, 1, WTR_TEXT("plug/16383")), WTR_NO_TOPIC);
    wtr_topic_index_free(&index);
}

/* All families, each with a state of its own, as a case has them. */
struct families {
    void *states[64];
    size_t count;
};

static void open_families(struct families *f)
{
    f->count = 0;
    while (wtr_vendors[f->count] && f->count < sizeof f->states / sizeof *f->states) {
        f->states[f->count] = calloc(1, wtr_vendors[f->count]->state_size + 1);
        f->count++;
    }
}

static void close_families(struct families *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (wtr_vendors[i]->close)
            wtr_vendors[i]->close(f->states[i]);
        free(f->states[i]);
    }
}

/* Lets the family with the highest claim read the message, and returns its name: "" for none, "two" where two
 * claim alike. */
static const char *reader_of(struct families *f, const struct wtr_message *message)
{
    enum wtr_claim highest = WTR_CLAIM_NONE;
    size_t best = 0;
    bool two = false;
    for (size_t i = 0; i < f->count; i++) {
        enum wtr_claim claim =
            wtr_vendors[i]->claim ? wtr_vendors[i]->claim(f->states[i], message) : WTR_CLAIM_NONE;
        two = claim == highest ? two || claim != WTR_CLAIM_NONE : claim > highest ? false : two;
        if (claim > highest) {
            highest = claim;
            best = i;
        }
    }
    if (two || highest == WTR_CLAIM_NONE)
        return two ? "two" : "";
    (void)say_record(say, wtr_vendors[best], f->states[best], message);
    return wtr_vendors[best]->name;
}

Test(homeassistant, one_reader_for_each_message)
{
    static const struct {
        const char *topic;
        const char *payload;
        const char *reader;
    } messages[] = {
        {"heater/switch/relay/state", "ON", "esphome"},
        {"heater/switch/relay/command", "ON", "esphome"},
        {"heater/debug", "[D][main:012]: hello", "esphome"},
        {"heater/status", "offline", "esphome"},
        {"homeassistant/switch/heater/relay/config",
         "{\"stat_t\":\"heater/switch/relay/state\",\"dev\":{\"ids\":\"84f3eb216d90\"}}", "esphome"},
        {"homeassistant/switch/diy/config", "{\"stat_t\":\"garden/switch/pump/state\"}", "homeassistant"},
        {"garden/switch/pump/state", "ON", "homeassistant"},
        {"homeassistant/switch/0x00158d0001a2b3c4/switch/config",
         "{\"dev\":{\"ids\":[\"zigbee2mqtt_0x00158d0001a2b3c4\"]},"
         "\"avty\":[{\"topic\":\"attic/bridge/state\"}],\"stat_t\":\"attic/plug\","
         "\"val_tpl\":\"{{ value_json.state }}\"}",
         "zigbee2mqtt"},
        {"attic/plug", "{\"state\":\"ON\"}", "zigbee2mqtt"},
        {"zigbee2mqtt/plug", "{\"state\":\"ON\"}", "zigbee2mqtt"},
        {"zigbee2mqtt/plug/set", "ON", "zigbee2mqtt"},
        {"zigbee2mqtt/plug/status", "{\"state\":\"ON\"}", "zigbee2mqtt"},
        {"homeassistant/switch/1A2B3C_RL_1/config",
         "{\"stat_t\":\"stat/kettle/POWER\",\"cmd_t\":\"cmnd/kettle/POWER\"}", "homeassistant"},
        {"stat/kettle/POWER", "ON", "tasmota"},
        {"cmnd/kettle/POWER", "ON", "tasmota"},
        {"homeassistant/switch/s/config", "{\"stat_t\":\"shellies/shelly1-B929CC/relay/0\"}",
         "homeassistant"},
        {"shellies/shelly1-B929CC/relay/0", "on", "shelly"},
        {"homeassistant/switch/obk/config",
         "{\"~\":\"obk1\",\"stat_t\":\"~/1/get\",\"cmd_t\":\"~/1/set\",\"avty_t\":\"~/connected\","
         "\"dev\":{\"ids\":[\"obk\"],\"sw\":\"OpenBK7231N_1.17.306\"}}",
         "openbeken"},
        {"homeassistant/status", "online", ""},
        {"someone/else", "ON", ""},
    };
    struct families f;
    open_families(&f);
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        const char *reader = reader_of(
            &f, mqtt_publish(&controller, WTR_FROM_SERVER, messages[i].topic, messages[i].payload, 0));
        cr_expect(strcmp(reader, messages[i].reader) == 0, "%s is read by %s", messages[i].topic, reader);
    }
    close_families(&f);
}

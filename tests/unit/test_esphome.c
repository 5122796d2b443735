/* SPDX-License-Identifier: Apache-2.0 */
/* ESPHome: what each kind of message states, and what it does not. The payloads are those of its sources
 * and documentation (see the files in lib/vendor/esphome), the expectations worked out by hand. */
#include "vendor/esphome/esphome.h"

#include "mqtt_message.h"
#include "say_record.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wtr_say *say;
static void *state;
static struct mqtt_connection node;       /* the node's own connection; its CONNECT not seen unless sent */
static struct mqtt_connection controller; /* a home automation's */

static void set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_esphome.state_size);
    node = (struct mqtt_connection){0};
    controller = (struct mqtt_connection){0};
    controller.session.connect_seen = true;
}

static void tear_down(void)
{
    wtr_esphome.close(state);
    free(state);
    say_record_free(say);
    mqtt_message_free();
}

TestSuite(esphome, .init = set_up, .fini = tear_down);

static const char *hear(const struct wtr_message *message)
{
    return say_record(say, &wtr_esphome, state, message);
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

/* Published by the node over its own connection. */
static void expect_own(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&node, WTR_FROM_CLIENT, topic, payload, 0), topic, payload, expected);
}

static enum wtr_claim claim_of(const char *topic, const char *payload)
{
    return wtr_esphome.claim(state, mqtt_publish(&controller, WTR_FROM_SERVER, topic, payload, 0));
}

Test(esphome, a_node_introduces_itself)
{
    expect("homeassistant/switch/heater/relay/config",
           "{\"name\":\"Relay\",\"stat_t\":\"heater/switch/relay/state\","
           "\"cmd_t\":\"heater/switch/relay/command\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPswitchrelay\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 (config hash 0x4e1b22aa) name=heater device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@277+12 mf=Espressif@251+9 mdl=esp01_1m@235+8 sw=2024.6.4 (config hash "
           "0x4e1b22aa)@193+33 name=heater@179+6 ids=84f3eb216d90@157+12}\n"
           "device.identity esphome:heater ch=relay channel_name=Relay raw{name=Relay@9+5}\n");
    /* Another entity of the same node: who it is was said with the first. */
    expect("homeassistant/sensor/heater/heater_power/config",
           "{\"dev_cla\":\"power\",\"unit_of_meas\":\"W\",\"stat_cla\":\"measurement\",\"name\":\"Sensor\","
           "\"stat_t\":\"heater/sensor/heater_power/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorheater_power\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    /* The first again, at the next connection. */
    expect("homeassistant/switch/heater/relay/config",
           "{\"name\":\"Relay\",\"stat_t\":\"heater/switch/relay/state\","
           "\"cmd_t\":\"heater/switch/relay/command\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPswitchrelay\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 (config hash 0x4e1b22aa) name=heater device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@277+12 mf=Espressif@251+9 mdl=esp01_1m@235+8 sw=2024.6.4 (config hash "
           "0x4e1b22aa)@193+33 name=heater@179+6 ids=84f3eb216d90@157+12}\n"
           "device.identity esphome:heater ch=relay channel_name=Relay raw{name=Relay@9+5}\n");
    expect("heater/switch/relay/state", "ON",
           "power.state esphome:heater ch=relay state=on raw{relay=ON@0+2}\n");
    expect("heater/switch/relay/state", "OFF",
           "power.state esphome:heater ch=relay state=off raw{relay=OFF@0+3}\n");
    expect("heater/sensor/heater_power/state", "1487.3",
           "power.reading esphome:heater power_w=1487.3 channel_name=heater_power "
           "raw{heater_power=1487.3@0+6}\n");
    expect("heater/switch/relay/state", "MAYBE", "finding @0+5 the word is not known as a relay's state\n");
    expect("heater/switch/relay/state", "", "");
}

Test(esphome, units_come_from_discovery)
{
    expect("homeassistant/sensor/heater/line_voltage/config",
           "{\"dev_cla\":\"voltage\",\"unit_of_meas\":\"V\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/line_voltage/state\","
           "\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPsensorline_voltage\","
           "\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash "
           "0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 (config hash 0x4e1b22aa) name=heater device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@318+12 mf=Espressif@292+9 mdl=esp01_1m@276+8 sw=2024.6.4 (config hash "
           "0x4e1b22aa)@234+33 name=heater@220+6 ids=84f3eb216d90@198+12}\n");
    expect("heater/sensor/line_voltage/state", "231.5",
           "power.reading esphome:heater voltage_v=231.5 channel_name=line_voltage "
           "raw{line_voltage=231.5@0+5}\n");
    expect("homeassistant/sensor/heater/heater_current/config",
           "{\"dev_cla\":\"current\",\"unit_of_meas\":\"A\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/heater_current/state\","
           "\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPsensorheater_current\","
           "\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash "
           "0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/heater_current/state", "6.432",
           "power.reading esphome:heater current_a=6.432 channel_name=heater_current "
           "raw{heater_current=6.432@0+5}\n");
    expect("homeassistant/sensor/heater/mains_frequency/config",
           "{\"dev_cla\":\"frequency\",\"unit_of_meas\":\"Hz\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/mains_frequency/state\","
           "\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPsensormains_frequency\","
           "\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash "
           "0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/mains_frequency/state", "49.98",
           "power.reading esphome:heater frequency_hz=49.98 channel_name=mains_frequency "
           "raw{mains_frequency=49.98@0+5}\n");
    expect("homeassistant/sensor/heater/apparent/config",
           "{\"dev_cla\":\"apparent_power\",\"unit_of_meas\":\"VA\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/apparent/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorapparent\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/apparent/state", "1500",
           "power.reading esphome:heater apparent_va=1500 channel_name=apparent raw{apparent=1500@0+4}\n");
    expect("homeassistant/sensor/heater/reactive/config",
           "{\"dev_cla\":\"reactive_power\",\"unit_of_meas\":\"var\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/reactive/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorreactive\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/reactive/state", "-12.5",
           "power.reading esphome:heater reactive_var=-12.5 channel_name=reactive raw{reactive=-12.5@0+5}\n");
    expect("homeassistant/sensor/heater/factor/config",
           "{\"dev_cla\":\"power_factor\",\"unit_of_meas\":\"%\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/factor/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorfactor\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/factor/state", "97.5",
           "power.reading esphome:heater power_factor=0.975 channel_name=factor raw{factor=97.5@0+4}\n");
    expect("homeassistant/sensor/heater/factor2/config",
           "{\"dev_cla\":\"power_factor\",\"stat_cla\":\"measurement\",\"name\":\"Sensor\","
           "\"stat_t\":\"heater/sensor/factor2/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorfactor2\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/factor2/state", "-0.5",
           "power.reading esphome:heater power_factor=-0.5 channel_name=factor2 raw{factor2=-0.5@0+4}\n");
    expect("homeassistant/sensor/heater/big_power/config",
           "{\"dev_cla\":\"power\",\"unit_of_meas\":\"kW\",\"stat_cla\":\"measurement\",\"name\":\"Sensor\","
           "\"stat_t\":\"heater/sensor/big_power/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorbig_power\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/big_power/state", "1.4873",
           "power.reading esphome:heater power_w=1487.3 channel_name=big_power raw{big_power=1.4873@0+6}\n");
    expect("homeassistant/sensor/heater/small_current/config",
           "{\"dev_cla\":\"current\",\"unit_of_meas\":\"mA\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/small_current/state\","
           "\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPsensorsmall_current\","
           "\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash "
           "0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/small_current/state", "250",
           "power.reading esphome:heater current_a=0.25 channel_name=small_current "
           "raw{small_current=250@0+3}\n");
    expect("homeassistant/sensor/heater/no_class/config",
           "{\"unit_of_meas\":\"W\",\"stat_cla\":\"measurement\",\"name\":\"Sensor\","
           "\"stat_t\":\"heater/sensor/no_class/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorno_class\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/no_class/state", "12",
           "power.reading esphome:heater power_w=12 channel_name=no_class raw{no_class=12@0+2}\n");
}

Test(esphome, energy_and_what_it_covers)
{
    expect("homeassistant/sensor/heater/heater_energy/config",
           "{\"dev_cla\":\"energy\",\"unit_of_meas\":\"Wh\",\"stat_cla\":\"total_increasing\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/heater_energy/state\","
           "\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPsensorheater_energy\","
           "\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash "
           "0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 (config hash 0x4e1b22aa) name=heater device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@325+12 mf=Espressif@299+9 mdl=esp01_1m@283+8 sw=2024.6.4 (config hash "
           "0x4e1b22aa)@241+33 name=heater@227+6 ids=84f3eb216d90@205+12}\n");
    expect("heater/sensor/heater_energy/state", "1543.2",
           "energy.counter esphome:heater energy_wh=1543.2 scope=total channel_name=heater_energy "
           "raw{heater_energy=1543.2@0+6}\n");
    expect("homeassistant/sensor/heater/energy2/config",
           "{\"dev_cla\":\"energy\",\"unit_of_meas\":\"kWh\",\"stat_cla\":\"total\",\"name\":\"Sensor\","
           "\"stat_t\":\"heater/sensor/energy2/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorenergy2\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/energy2/state", "1.5",
           "energy.counter esphome:heater energy_wh=1500 scope=total channel_name=energy2 "
           "raw{energy2=1.5@0+3}\n");
    expect("homeassistant/sensor/heater/total_daily_energy/config",
           "{\"dev_cla\":\"energy\",\"unit_of_meas\":\"kWh\",\"stat_cla\":\"total_increasing\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/total_daily_energy/state\","
           "\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPsensortotal_daily_energy\","
           "\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash "
           "0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/total_daily_energy/state", "0.25",
           "energy.counter esphome:heater energy_wh=250 channel_name=total_daily_energy "
           "raw{total_daily_energy=0.25@0+4}\n");
    expect("homeassistant/sensor/heater/energy_today/config",
           "{\"dev_cla\":\"energy\",\"unit_of_meas\":\"kWh\",\"stat_cla\":\"total_increasing\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/energy_today/state\","
           "\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPsensorenergy_today\","
           "\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash "
           "0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/energy_today/state", "0.25",
           "energy.counter esphome:heater energy_wh=250 channel_name=energy_today "
           "raw{energy_today=0.25@0+4}\n");
    expect("homeassistant/sensor/heater/energy3/config",
           "{\"dev_cla\":\"energy\",\"unit_of_meas\":\"kWh\",\"name\":\"Sensor\","
           "\"stat_t\":\"heater/sensor/energy3/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorenergy3\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/energy3/state", "0.25",
           "energy.counter esphome:heater energy_wh=250 channel_name=energy3 raw{energy3=0.25@0+4}\n");
    expect("homeassistant/sensor/heater/energy4/config",
           "{\"dev_cla\":\"energy\",\"unit_of_meas\":\"kWh\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/energy4/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorenergy4\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/energy4/state", "0.25",
           "energy.counter esphome:heater energy_wh=250 channel_name=energy4 raw{energy4=0.25@0+4}\n");
}

Test(esphome, numbers_that_are_no_readings)
{
    expect("homeassistant/sensor/heater/heater_power/config",
           "{\"dev_cla\":\"power\",\"unit_of_meas\":\"W\",\"stat_cla\":\"measurement\",\"name\":\"Sensor\","
           "\"stat_t\":\"heater/sensor/heater_power/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorheater_power\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 (config hash 0x4e1b22aa) name=heater device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@316+12 mf=Espressif@290+9 mdl=esp01_1m@274+8 sw=2024.6.4 (config hash "
           "0x4e1b22aa)@232+33 name=heater@218+6 ids=84f3eb216d90@196+12}\n");
    expect("heater/sensor/heater_power/state", "nan", "");
    expect("heater/sensor/heater_power/state", "inf", "");
    expect("heater/sensor/heater_power/state", "-inf", "");
    expect("heater/sensor/heater_power/state", "", "");
    expect("heater/sensor/heater_power/state", "12 W",
           "finding @0+4 the value is no plausible number of its unit\n");
    expect("heater/sensor/heater_power/state", "1000001",
           "finding @0+7 the value is no plausible number of its unit\n");
    /* No unit, one that is not electrical, one that the class contradicts. */
    expect("heater/sensor/unknown/state", "231", "");
    expect("homeassistant/sensor/heater/temperature/config",
           "{\"dev_cla\":\"temperature\",\"unit_of_meas\":\"\\u00b0C\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/temperature/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensortemperature\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/temperature/state", "12", "");
    expect("homeassistant/sensor/heater/signal/config",
           "{\"dev_cla\":\"signal_strength\",\"unit_of_meas\":\"dBm\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/signal/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorsignal\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/signal/state", "12", "");
    expect("homeassistant/sensor/heater/odd/config",
           "{\"dev_cla\":\"energy\",\"unit_of_meas\":\"W\",\"stat_cla\":\"measurement\",\"name\":\"Sensor\","
           "\"stat_t\":\"heater/sensor/odd/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorodd\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/odd/state", "12", "");
    expect("homeassistant/sensor/heater/pf/config",
           "{\"dev_cla\":\"power_factor\",\"unit_of_meas\":\"W\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/pf/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorpf\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/pf/state", "12", "");
    expect("homeassistant/sensor/heater/plain/config",
           "{\"stat_cla\":\"measurement\",\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/plain/state\","
           "\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPsensorplain\",\"dev\":{\"ids\":\"84f3eb216d90\","
           "\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\","
           "\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("heater/sensor/plain/state", "12", "");
    /* The unit changes with a new firmware. */
    expect("homeassistant/sensor/heater/heater_power/config",
           "{\"dev_cla\":\"power\",\"unit_of_meas\":\"kW\",\"stat_cla\":\"measurement\",\"name\":\"Sensor\","
           "\"stat_t\":\"heater/sensor/heater_power/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPsensorheater_power\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 (config hash 0x4e1b22aa) name=heater device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@317+12 mf=Espressif@291+9 mdl=esp01_1m@275+8 sw=2024.6.4 (config hash "
           "0x4e1b22aa)@233+33 name=heater@219+6 ids=84f3eb216d90@197+12}\n");
    expect("heater/sensor/heater_power/state", "1.5",
           "power.reading esphome:heater power_w=1500 channel_name=heater_power raw{heater_power=1.5@0+3}\n");
}

Test(esphome, full_names_of_keys)
{
    expect("homeassistant/switch/heater/relay/config",
           "{\"name\":\"Relay\",\"state_topic\":\"heater/switch/relay/state\","
           "\"command_topic\":\"heater/switch/relay/command\",\"device\":{\"identifiers\":\"84f3eb216d90\","
           "\"name\":\"Heater\",\"sw_version\":\"2024.6.4\",\"model\":\"esp01_1m\","
           "\"manufacturer\":\"Espressif\",\"connections\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 name=Heater device_id=84f3eb216d90 raw{connections=84f3eb216d90@252+12 "
           "manufacturer=Espressif@218+9 model=esp01_1m@192+8 sw_version=2024.6.4@173+8 name=Heater@151+6 "
           "identifiers=84f3eb216d90@129+12}\n"
           "device.identity esphome:heater ch=relay channel_name=Relay raw{name=Relay@9+5}\n");
}

Test(esphome, a_prefix_with_slashes)
{
    expect("homeassistant/switch/heater/relay/config",
           "{\"name\":\"Relay\",\"stat_t\":\"home/attic/heater/switch/relay/state\","
           "\"cmd_t\":\"home/attic/heater/switch/relay/command\",\"dev\":{\"ids\":\"84f3eb216d90\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:home/attic/heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:home/attic/heater mac=84:f3:eb:21:6d:90 device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@156+12 ids=84f3eb216d90@127+12}\n"
           "device.identity esphome:home/attic/heater ch=relay channel_name=Relay raw{name=Relay@9+5}\n");
    expect("home/attic/heater/switch/relay/state", "ON",
           "power.state esphome:home/attic/heater ch=relay state=on raw{relay=ON@0+2}\n");
}

Test(esphome, settings_are_no_relays)
{
    expect("homeassistant/switch/heater/restart/config",
           "{\"name\":\"Restart\",\"stat_t\":\"heater/switch/restart/state\","
           "\"cmd_t\":\"heater/switch/restart/command\",\"ent_cat\":\"config\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPswitchrestart\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 (config hash 0x4e1b22aa) name=heater device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@304+12 mf=Espressif@278+9 mdl=esp01_1m@262+8 sw=2024.6.4 (config hash "
           "0x4e1b22aa)@220+33 name=heater@206+6 ids=84f3eb216d90@184+12}\n");
    expect("heater/switch/restart/state", "OFF", "");
    expect_sent("heater/switch/restart/command", "ON", "");
    expect("homeassistant/switch/heater/relay/config",
           "{\"name\":\"Relay\",\"stat_t\":\"heater/switch/relay/state\","
           "\"cmd_t\":\"heater/switch/relay/command\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPswitchrelay\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "device.identity esphome:heater ch=relay channel_name=Relay raw{name=Relay@9+5}\n");
    expect("heater/switch/relay/state", "OFF",
           "power.state esphome:heater ch=relay state=off raw{relay=OFF@0+3}\n");
}

Test(esphome, commands)
{
    expect_sent("heater/switch/relay/command", "ON",
                "power.command esphome:heater ch=relay state=on raw{relay=ON@0+2}\n");
    expect_sent("heater/switch/relay/command", "on",
                "power.command esphome:heater ch=relay state=on raw{relay=on@0+2}\n");
    expect_sent("heater/switch/relay/command", "OFF",
                "power.command esphome:heater ch=relay state=off raw{relay=OFF@0+3}\n");
    expect_sent("heater/switch/relay/command", "Off",
                "power.command esphome:heater ch=relay state=off raw{relay=Off@0+3}\n");
    expect_sent("heater/switch/relay/command", "TOGGLE",
                "power.command esphome:heater ch=relay state=toggle raw{relay=TOGGLE@0+6}\n");
    expect_sent("heater/switch/relay/command", "toggle",
                "power.command esphome:heater ch=relay state=toggle raw{relay=toggle@0+6}\n");
    expect_sent("heater/switch/relay/command", "", "");
    expect_sent("heater/switch/relay/command", "1", "");
    expect_sent("heater/switch/relay/command", "TRUE", "");
    expect_sent("heater/switch/relay/command", "ON ", "");
    expect_sent("heater/switch/relay/command", "PRESS", "");
    expect_sent("heater/light/lamp/command", "{\"state\":\"ON\"}", "");
}

Test(esphome, not_introduced)
{
    expect("heater/switch/relay/state", "ON",
           "power.state esphome:heater ch=relay state=on raw{relay=ON@0+2}\n");
    /* No unit, no shape, or somebody else's: Home Assistant's statestream writes in lower case. */
    expect("heater/sensor/power/state", "12", "");
    expect("heater/light/lamp/state", "ON", "");
    expect("heater/switch/relay/state", "on", "");
    expect("heater/status", "offline", "");
    expect("heater/status", "online", "");
    expect("homeassistant/switch/relay/state", "ON", "");
    expect("switch/relay/state", "ON", "");
    expect("/switch/relay/state", "ON", "");
    expect("heater/switch//state", "ON", "");
    expect("heater/binary_sensor/button/state", "ON", "");
}

Test(esphome, units_from_the_log)
{
    expect("heater/debug",
           "\033[0;36m[D][sensor:093]: 'Heater power': Sending state 1487.30005 W with 1 decimals of "
           "accuracy\033[0m",
           "");
    expect("heater/sensor/heater_power/state", "1487.3",
           "power.reading esphome:heater power_w=1487.3 channel_name=heater_power "
           "raw{heater_power=1487.3@0+6}\n");
    expect("heater/debug",
           "[D][sensor:094]: 'Energie (heute)': Sending state 0.25000 kWh with 3 decimals of accuracy", "");
    expect("heater/sensor/energie__heute_/state", "0.25",
           "energy.counter esphome:heater energy_wh=250 channel_name=energie__heute_ "
           "raw{energie__heute_=0.25@0+4}\n");
    /* What discovery said goes before the log. */
    expect("homeassistant/sensor/heater/line_voltage/config",
           "{\"dev_cla\":\"voltage\",\"unit_of_meas\":\"mV\",\"stat_cla\":\"measurement\","
           "\"name\":\"Sensor\",\"stat_t\":\"heater/sensor/line_voltage/state\","
           "\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPsensorline_voltage\","
           "\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash "
           "0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 (config hash 0x4e1b22aa) name=heater device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@319+12 mf=Espressif@293+9 mdl=esp01_1m@277+8 sw=2024.6.4 (config hash "
           "0x4e1b22aa)@235+33 name=heater@221+6 ids=84f3eb216d90@199+12}\n");
    expect("heater/debug",
           "[D][sensor:094]: 'Line voltage': Sending state 231.00000 V with 1 decimals of accuracy", "");
    expect("heater/sensor/line_voltage/state", "231000",
           "power.reading esphome:heater voltage_v=231 channel_name=line_voltage "
           "raw{line_voltage=231000@0+6}\n");
    /* Lines that teach nothing. */
    expect("heater/debug", "[D][sensor:094]: 'A': Sending state 5.00000  with 0 decimals of accuracy", "");
    expect("heater/debug", "[D][sensor:094]: 'B': Sending state", "");
    expect("heater/debug", "[D][switch:055]: 'C': Sending state ON", "");
    expect("heater/debug", "[D][sensor:094]: ' with ': Sending state 5.00000 W", "");
    expect("heater/debug", "[D][sensor:094]: D': Sending state 5.00000 W with 1 decimals", "");
    expect("heater/debug", "[D]", "");
    expect("heater/debug", "[D][x:1]: ", "");
    expect("heater/debug", "", "");
    expect("heater/debug", "\033[0;36m", "");
    expect("heater/sensor/a/state", "5", "");
    expect("heater/sensor/b/state", "5", "");
    expect("heater/sensor/c/state", "5", "");
    expect("heater/sensor/d/state", "5", "");
}

Test(esphome, inputs)
{
    expect("homeassistant/event/heater/doorbell/config",
           "{\"dev_cla\":\"button\",\"event_types\":[\"single\",\"double\"],"
           "\"stat_t\":\"heater/event/doorbell/state\",\"name\":\"Doorbell\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPeventdoorbell\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 vendor=Espressif model=esp01_1m "
           "firmware=2024.6.4 (config hash 0x4e1b22aa) name=heater device_id=84f3eb216d90 "
           "raw{cns=84f3eb216d90@299+12 mf=Espressif@273+9 mdl=esp01_1m@257+8 sw=2024.6.4 (config hash "
           "0x4e1b22aa)@215+33 name=heater@201+6 ids=84f3eb216d90@179+12}\n");
    expect("heater/event/doorbell/state", "{\"event_type\":\"single\"}",
           "switch.input esphome:heater input=doorbell action=single raw{event_type=single@15+6}\n");
    expect("heater/event/doorbell/state", "single", "");
    expect("heater/event/doorbell/state", "{\"event_type\":1}", "");
    expect("heater/event/motion/state", "{\"event_type\":\"single\"}", "");
    expect("heater/binary_sensor/power_button/state", "ON",
           "switch.input esphome:heater input=power_button action=on raw{power_button=ON@0+2}\n");
    expect("heater/binary_sensor/power_button/state", "OFF",
           "switch.input esphome:heater input=power_button action=off raw{power_button=OFF@0+3}\n");
    expect("heater/binary_sensor/power_button/state", "x", "");
    expect("heater/binary_sensor/door/state", "ON", "");
    expect("heater/binary_sensor/unbuttoned/state", "ON", "");
}

Test(esphome, a_description)
{
    expect("esphome/discover/heater",
           "{\"ip\":\"192.0.2.51\",\"name\":\"heater\",\"friendly_name\":\"Heater\",\"port\":6053,"
           "\"version\":\"2024.6.4\",\"mac\":\"84f3eb216d90\",\"platform\":\"ESP8266\","
           "\"board\":\"esp01_1m\",\"network\":\"wifi\"}",
           "tie esphome:heater mac=84:f3:eb:21:6d:90\n"
           "device.identity esphome:heater mac=84:f3:eb:21:6d:90 firmware=2024.6.4 model=esp01_1m "
           "name=Heater hostname=heater ip=192.0.2.51 raw{mac=84f3eb216d90@100+12 version=2024.6.4@83+8 "
           "board=esp01_1m@144+8 friendly_name=Heater@52+6 name=heater@27+6 ip=192.0.2.51@7+10}\n");
    expect("heater/status", "offline", "session.close esphome:heater last_will raw{status=offline@0+7}\n");
    expect("esphome/discover/heater", "", "");
    expect("esphome/discover/heater", "{}", "");
    expect("esphome/discover/heater", "[1]", "");
    expect("esphome/discover/heater", "{\"mac\":\"84f3eb216d9\"}", "");
    expect("esphome/discover/heater", "{\"mac\":\"85f3eb216d90\"}", "");
    expect("esphome/discover/heater", "{\"mac\":1}", "");
}

Test(esphome, discovery_that_is_not_its_own)
{
    /* The identifier is a list, or no MAC; the topics are not ESPHome's. */
    expect("homeassistant/switch/heater/relay/config",
           "{\"stat_t\":\"heater/switch/relay/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPswitchrelay\",\"dev\":{\"ids\":[\"84f3eb216d90\"],\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("homeassistant/switch/heater/relay/config",
           "{\"stat_t\":\"heater/switch/relay/state\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPswitchrelay\",\"dev\":{\"ids\":\"heater\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("homeassistant/switch/heater/relay/config",
           "{\"stat_t\":\"heater/relay/state\",\"avty_t\":\"heater/status\",\"uniq_id\":\"ESPswitchrelay\","
           "\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\",\"sw\":\"2024.6.4 (config hash "
           "0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\",\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("homeassistant/switch/heater/relay/config",
           "{\"stat_t\":\"heater/switch/relay/stat\",\"avty_t\":\"heater/status\","
           "\"uniq_id\":\"ESPswitchrelay\",\"dev\":{\"ids\":\"84f3eb216d90\",\"name\":\"heater\","
           "\"sw\":\"2024.6.4 (config hash 0x4e1b22aa)\",\"mdl\":\"esp01_1m\",\"mf\":\"Espressif\","
           "\"cns\":[[\"mac\",\"84f3eb216d90\"]]}}",
           "");
    expect("homeassistant/switch/heater/relay/config", "", "");
    /* It has its marks, and is damaged or about something else. */
    expect("homeassistant/switch/heater/relay/config",
           "{\"dev\":{\"ids\":\"84f3eb216d90\"},\"stat_t\":\"heater/switch/relay/state\"",
           "finding @0+66 the discovery message is no JSON object\n");
    expect("homeassistant/switch/heater/relay/config",
           "{\"dev\":{\"ids\":\"84f3eb216d90\"},\"other\":\"heater/switch/relay/state\"}", "");
}

Test(esphome, its_own_connection)
{
    check(mqtt_connect(&node, "heater-84f3eb216d90", "heater/status", "offline"), "", "",
          "own esphome:heater\n");
    expect_own("heater/status", "online", "");
    expect("heater/status", "online", "");
    /* The last will, to each subscriber. */
    expect("heater/status", "offline",
           "session.close esphome:heater by=broker last_will raw{status=offline@0+7}\n");
    expect("heater/status", "offline",
           "session.close esphome:heater by=broker last_will raw{status=offline@0+7}\n");
    expect("heater/status", "", "");
}

Test(esphome, it_takes_its_leave)
{
    hear(mqtt_connect(&node, "heater-84f3eb216d90", "heater/status", "offline"));
    expect_own("heater/status", "offline", "");
    expect("heater/status", "offline", "");
    expect_own("heater/status", "online", "");
    expect("heater/status", "offline",
           "session.close esphome:heater by=broker last_will raw{status=offline@0+7}\n");
}

Test(esphome, a_connection_seen_from_its_middle)
{
    expect_own("heater/switch/relay/state", "ON",
               "power.state esphome:heater ch=relay state=on raw{relay=ON@0+2}\n");
    /* A line of its log says that it is ESPHome. */
    expect_own("heater/debug", "[D][main:012]: hello", "own esphome:heater\n");
    expect_own("heater/switch/relay/state", "OFF",
               "power.state esphome:heater ch=relay state=off raw{relay=OFF@0+3}\n");
}

Test(esphome, commands_own_no_connection)
{
    expect("heater/debug", "[D][main:012]: hello", "");
    expect_own("heater/switch/relay/command", "ON",
               "power.command esphome:heater ch=relay state=on raw{relay=ON@0+2}\n");
}

static enum wtr_claim claim_connect(const char *client_id, const char *will_topic, const char *will_payload)
{
    return wtr_esphome.claim(state, mqtt_connect(&node, client_id, will_topic, will_payload));
}

Test(esphome, claims)
{
    static const struct {
        const char *topic;
        const char *payload;
        enum wtr_claim claim;
    } messages[] = {
        {"heater/switch/relay/state", "ON", WTR_CLAIM_SHAPE},
        {"heater/switch/relay/command", "toggle", WTR_CLAIM_SHAPE},
        {"heater/switch/relay/state", "1", WTR_CLAIM_NONE},
        {"heater/sensor/power/state", "12", WTR_CLAIM_NONE},
        {"heater/status", "online", WTR_CLAIM_NONE},
        {"heater/debug", "[W][component:157]: Component xyz took a long time", WTR_CLAIM_NAMED},
        {"heater/debug", "[D] hello", WTR_CLAIM_NONE},
        {"heater/debug", "[X][main:1]: hello", WTR_CLAIM_NONE},
        {"heater/debug", "[D][main:]: hello", WTR_CLAIM_NONE},
        {"heater/debug", "[D][:1]: hello", WTR_CLAIM_NONE},
        {"heater/debug", "[VV][main:1]: hello", WTR_CLAIM_NAMED},
        {"esphome/discover/heater", "{}", WTR_CLAIM_NAMED},
        {"esphome/discover", "", WTR_CLAIM_NONE},
        {"homeassistant/switch/heater/relay/config",
         "{\"stat_t\":\"heater/switch/relay/state\",\"dev\":{\"ids\":\"84f3eb216d90\"}}", WTR_CLAIM_NAMED},
        {"homeassistant/switch/heater/relay/config",
         "{\"cmd_t\":\"heater/switch/relay/command\",\"dev\":{\"identifiers\":\"84f3eb216d90\"}}",
         WTR_CLAIM_NAMED},
        {"homeassistant/switch/heater/relay/config",
         "{\"stat_t\":\"heater/switch//state\",\"dev\":{\"ids\":\"84f3eb216d90\"}}", WTR_CLAIM_NONE},
        {"homeassistant/switch/heater/relay/config",
         "{\"stat_t\":\"heater/switch/relay/state/x\",\"dev\":{\"ids\":\"84f3eb216d90\"}}", WTR_CLAIM_NONE},
        {"homeassistant/sensor/heater/relay/config",
         "{\"stat_t\":\"heater/switch/relay/state\",\"dev\":{\"ids\":\"84f3eb216d90\"}}", WTR_CLAIM_NONE},
        {"tele/plug1/STATE", "{\"POWER\":\"ON\"}", WTR_CLAIM_NONE},
        {"state", "ON", WTR_CLAIM_NONE},
        {"", "", WTR_CLAIM_NONE},
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        cr_expect_eq(claim_of(messages[i].topic, messages[i].payload), messages[i].claim, "%s %s",
                     messages[i].topic, messages[i].payload);
    cr_expect_eq(claim_connect("heater-84f3eb216d90", "heater/status", "offline"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_connect("heater-84f3eb216d90", "home/heater/status", "offline"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_connect("heater-84f3eb216d90", "kettle/status", "offline"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_connect("heater-84f3eb216d90", "heater/status", "gone"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_connect("heater-84f3eb216d90", "heater/online", "offline"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_connect("heater-84f3eb216d9", "heater/status", "offline"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_connect("heater_84f3eb216d90", "heater/status", "offline"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_connect("", "heater/status", "offline"), WTR_CLAIM_NONE);
    /* A group address is nobody's own. */
    cr_expect_eq(claim_connect("heater-85f3eb216d90", "heater/status", "offline"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_connect("heater-000000000000", "heater/status", "offline"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_connect("heater-84f3eb216d90", NULL, NULL), WTR_CLAIM_NONE);
    hear(mqtt_connect(&node, "heater-84f3eb216d90", "heater/status", "offline"));
    cr_expect_eq(claim_of("heater/switch/relay/state", "1"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("heater/sensor/power/state", "12"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("heater/status", "offline"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("heater/light/lamp/state", "{}"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("kettle/status", "offline"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_connect("custom", "heater/status", "offline"), WTR_CLAIM_LEARNT);
}

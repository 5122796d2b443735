/* SPDX-License-Identifier: Apache-2.0 */
/* Zigbee2MQTT: what each kind of message states, and what it does not. The payloads are those of its sources
 * and documentation (see the files in lib/vendor/zigbee2mqtt), the expectations worked out by hand. */
#include "vendor/zigbee2mqtt/zigbee2mqtt.h"

#include "mqtt_message.h"
#include "say_record.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wtr_say *say;
static void *state;
static struct mqtt_connection bridge;     /* the bridge's own connection; its CONNECT not seen unless sent */
static struct mqtt_connection controller; /* a home automation's */

static void set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_zigbee2mqtt.state_size);
    bridge = (struct mqtt_connection){0};
    controller = (struct mqtt_connection){0};
    controller.session.connect_seen = true;
}

static void tear_down(void)
{
    wtr_zigbee2mqtt.close(state);
    free(state);
    say_record_free(say);
    mqtt_message_free();
}

TestSuite(zigbee2mqtt, .init = set_up, .fini = tear_down);

static const char *hear(const struct wtr_message *message)
{
    return say_record(say, &wtr_zigbee2mqtt, state, message);
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

/* The same out of the broker's store. */
static void expect_stored(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&controller, WTR_FROM_SERVER, topic, payload, MQTT_RETAIN), topic, payload, expected);
}

/* Published by the controller. */
static void expect_sent(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&controller, WTR_FROM_CLIENT, topic, payload, 0), topic, payload, expected);
}

/* Published by the bridge over its own connection. */
static void expect_own(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&bridge, WTR_FROM_CLIENT, topic, payload, 0), topic, payload, expected);
}

static enum wtr_claim claim_of(const char *topic, const char *payload)
{
    return wtr_zigbee2mqtt.claim(state, mqtt_publish(&controller, WTR_FROM_SERVER, topic, payload, 0));
}

/* The bridge's list with one metering plug, and who that is. */
static const char desk_plug[] =
    "[{\"ieee_address\":\"0x00158d0001a2b3c4\",\"type\":\"Router\",\"network_address\":4660,"
    "\"supported\":true,\"friendly_name\":\"desk_plug\",\"definition\":{\"model\":\"TS011F_plug_1\","
    "\"vendor\":\"TuYa\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"switch\","
    "\"features\":[{\"type\":\"binary\",\"name\":\"state\",\"property\":\"state\",\"access\":7,"
    "\"value_on\":\"ON\",\"value_off\":\"OFF\",\"value_toggle\":\"TOGGLE\"}]},{\"type\":\"numeric\","
    "\"name\":\"power\",\"property\":\"power\",\"access\":1,\"unit\":\"W\"},{\"type\":\"numeric\","
    "\"name\":\"current\",\"property\":\"current\",\"access\":1,\"unit\":\"A\"},{\"type\":\"numeric\","
    "\"name\":\"voltage\",\"property\":\"voltage\",\"access\":1,\"unit\":\"V\"},{\"type\":\"numeric\","
    "\"name\":\"energy\",\"property\":\"energy\",\"access\":1,\"unit\":\"kWh\"},{\"type\":\"numeric\","
    "\"name\":\"linkquality\",\"property\":\"linkquality\",\"access\":1,\"unit\":\"lqi\"}]},"
    "\"interview_completed\":true,\"software_build_id\":\"1.0.5\"}]";
static const char desk_plug_is[] =
    "device.identity zigbee:0x00158d0001a2b3c4 device_id=0x00158d0001a2b3c4 name=desk_plug vendor=TuYa "
    "model=TS011F_plug_1 firmware=1.0.5 raw{ieee_address=0x00158d0001a2b3c4@18+18 "
    "friendly_name=desk_plug@111+9 vendor=TuYa@170+4 model=TS011F_plug_1@145+13 "
    "software_build_id=1.0.5@817+5}\n";
/* Two sockets that are switched and metered apart. */
static const char hall_socket[] =
    "[{\"ieee_address\":\"0xa4c1380000c0ffee\",\"type\":\"Router\",\"network_address\":4660,"
    "\"supported\":true,\"friendly_name\":\"hall socket\",\"definition\":{\"model\":\"TS011F_2_gang_wall\","
    "\"vendor\":\"TuYa\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"switch\","
    "\"features\":[{\"type\":\"binary\",\"name\":\"state\",\"property\":\"state_l1\",\"access\":7,"
    "\"value_on\":\"ON\",\"value_off\":\"OFF\",\"value_toggle\":\"TOGGLE\",\"endpoint\":\"l1\"}],"
    "\"endpoint\":\"l1\"},{\"type\":\"switch\",\"features\":[{\"type\":\"binary\",\"name\":\"state\","
    "\"property\":\"state_l2\",\"access\":7,\"value_on\":\"ON\",\"value_off\":\"OFF\","
    "\"value_toggle\":\"TOGGLE\",\"endpoint\":\"l2\"}],\"endpoint\":\"l2\"},{\"type\":\"numeric\","
    "\"name\":\"power\",\"property\":\"power_l1\",\"access\":1,\"unit\":\"W\",\"endpoint\":\"l1\"},"
    "{\"type\":\"numeric\",\"name\":\"power\",\"property\":\"power_l2\",\"access\":1,\"unit\":\"W\","
    "\"endpoint\":\"l2\"},{\"type\":\"numeric\",\"name\":\"voltage\",\"property\":\"voltage\",\"access\":1,"
    "\"unit\":\"V\"}]},\"interview_completed\":true}]";
static const char hall_socket_is[] =
    "device.identity zigbee:0xa4c1380000c0ffee device_id=0xa4c1380000c0ffee name=hall socket vendor=TuYa "
    "model=TS011F_2_gang_wall raw{ieee_address=0xa4c1380000c0ffee@18+18 friendly_name=hall socket@111+11 "
    "vendor=TuYa@177+4 model=TS011F_2_gang_wall@147+18}\n";
Test(zigbee2mqtt, states_and_readings_of_an_introduced_plug)
{
    expect("zigbee2mqtt/bridge/devices", desk_plug, desk_plug_is);
    expect("zigbee2mqtt/desk_plug",
           "{\"state\":\"ON\",\"power\":57.3,\"current\":0.25,\"voltage\":231,\"energy\":12.34,"
           "\"linkquality\":120,\"last_seen\":\"2026-01-02T03:04:05.678Z\"}",
           "power.state zigbee:0x00158d0001a2b3c4 state=on raw{state=ON@10+2}\n"
           "power.reading zigbee:0x00158d0001a2b3c4 power_w=57.3 current_a=0.25 voltage_v=231 "
           "raw{power=57.3@22+4 current=0.25@37+4 voltage=231@52+3}\n"
           "energy.counter zigbee:0x00158d0001a2b3c4 energy_wh=12340 scope=total raw{energy=12.34@65+5}\n");
    expect("zigbee2mqtt/desk_plug", "{\"state\":\"OFF\"}",
           "power.state zigbee:0x00158d0001a2b3c4 state=off raw{state=OFF@10+3}\n");
    /* A null is no zero; an absent value is not said. */
    expect("zigbee2mqtt/desk_plug", "{\"state\":null,\"power\":0,\"current\":null,\"energy\":0}",
           "power.reading zigbee:0x00158d0001a2b3c4 power_w=0 raw{power=0@22+1}\n"
           "energy.counter zigbee:0x00158d0001a2b3c4 energy_wh=0 scope=total raw{energy=0@48+1}\n");
}

Test(zigbee2mqtt, endpoints)
{
    expect("zigbee2mqtt/bridge/devices", hall_socket, hall_socket_is);
    expect("zigbee2mqtt/hall socket",
           "{\"state_l1\":\"ON\",\"state_l2\":\"OFF\",\"power_l1\":5,\"power_l2\":0,\"voltage\":230}",
           "power.state zigbee:0xa4c1380000c0ffee ch=l1 state=on raw{state_l1=ON@13+2}\n"
           "power.state zigbee:0xa4c1380000c0ffee ch=l2 state=off raw{state_l2=OFF@29+3}\n"
           "power.reading zigbee:0xa4c1380000c0ffee ch=l1 power_w=5 raw{power_l1=5@45+1}\n"
           "power.reading zigbee:0xa4c1380000c0ffee ch=l2 power_w=0 raw{power_l2=0@58+1}\n"
           "power.reading zigbee:0xa4c1380000c0ffee voltage_v=230 raw{voltage=230@70+3}\n");
    /* The device has no plain state: what is not exposed is not said. */
    expect("zigbee2mqtt/hall socket", "{\"state\":\"ON\"}", "");
}

Test(zigbee2mqtt, units_come_from_the_list)
{
    expect("zigbee2mqtt/bridge/devices",
           "[{\"ieee_address\":\"0x84fd27fffe5d2a11\",\"type\":\"Router\",\"network_address\":4660,"
           "\"supported\":true,\"friendly_name\":\"freezer\",\"definition\":{\"model\":\"lab-meter\","
           "\"vendor\":\"custom\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"switch\","
           "\"features\":[{\"type\":\"binary\",\"name\":\"state\",\"property\":\"state\",\"access\":7,"
           "\"value_on\":\"ON\",\"value_off\":\"OFF\",\"value_toggle\":\"TOGGLE\"}]},{\"type\":\"numeric\","
           "\"name\":\"power\",\"property\":\"power\",\"access\":1,\"unit\":\"W\"},{\"type\":\"numeric\","
           "\"name\":\"current\",\"property\":\"current\",\"access\":1,\"unit\":\"mA\"},"
           "{\"type\":\"numeric\",\"name\":\"voltage\",\"property\":\"voltage\",\"access\":1,"
           "\"unit\":\"mV\"},{\"type\":\"numeric\",\"name\":\"energy\",\"property\":\"energy\",\"access\":1,"
           "\"unit\":\"Wh\"},{\"type\":\"numeric\",\"name\":\"produced_energy\","
           "\"property\":\"produced_energy\",\"access\":1,\"unit\":\"kWh\"},{\"type\":\"numeric\","
           "\"name\":\"ac_frequency\",\"property\":\"ac_frequency\",\"access\":1,\"unit\":\"Hz\"},"
           "{\"type\":\"numeric\",\"name\":\"power_factor\",\"property\":\"power_factor\",\"access\":1},"
           "{\"type\":\"numeric\",\"name\":\"power_apparent\",\"property\":\"power_apparent\",\"access\":1,"
           "\"unit\":\"VA\"},{\"type\":\"numeric\",\"name\":\"power_reactive\","
           "\"property\":\"power_reactive\",\"access\":1,\"unit\":\"VAR\"},{\"type\":\"numeric\","
           "\"name\":\"overload_protection\",\"property\":\"overload_protection\",\"access\":1,"
           "\"unit\":\"W\"},{\"type\":\"numeric\",\"name\":\"energy_today\",\"property\":\"energy_today\","
           "\"access\":1,\"unit\":\"kWh\"}]},\"interview_completed\":true}]",
           "device.identity zigbee:0x84fd27fffe5d2a11 device_id=0x84fd27fffe5d2a11 name=freezer "
           "vendor=custom model=lab-meter raw{ieee_address=0x84fd27fffe5d2a11@18+18 "
           "friendly_name=freezer@111+7 vendor=custom@164+6 model=lab-meter@143+9}\n");
    expect("zigbee2mqtt/freezer",
           "{\"power\":95.5,\"current\":413,\"voltage\":230500,\"energy\":1543,\"produced_energy\":0.25,"
           "\"ac_frequency\":50.01,\"power_factor\":0.98,\"power_apparent\":97,\"power_reactive\":-12,"
           "\"overload_protection\":3000,\"energy_today\":1}",
           "power.reading zigbee:0x84fd27fffe5d2a11 power_w=95.5 current_a=0.413 voltage_v=230.5 "
           "frequency_hz=50.01 power_factor=0.98 apparent_va=97 reactive_var=-12 raw{power=95.5@9+4 "
           "current=413@24+3 voltage=230500@38+6 ac_frequency=50.01@97+5 power_factor=0.98@118+4 "
           "power_apparent=97@140+2 power_reactive=-12@160+3}\n"
           "energy.counter zigbee:0x84fd27fffe5d2a11 energy_wh=1543 scope=total raw{energy=1543@54+4}\n"
           "energy.counter zigbee:0x84fd27fffe5d2a11 energy_wh=250 scope=total direction=export "
           "raw{produced_energy=0.25@77+4}\n");
    /* A unit that is not one of the quantity's: the value is not read. */
    expect("zigbee2mqtt/bridge/devices",
           "[{\"ieee_address\":\"0x84fd27fffe5d2a11\",\"type\":\"Router\",\"network_address\":4660,"
           "\"supported\":true,\"friendly_name\":\"freezer\",\"definition\":{\"model\":\"lab-meter\","
           "\"vendor\":\"custom\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"numeric\","
           "\"name\":\"power\",\"property\":\"power\",\"access\":1,\"unit\":\"W\"},{\"type\":\"numeric\","
           "\"name\":\"current\",\"property\":\"current\",\"access\":1,\"unit\":\"%\"},"
           "{\"type\":\"numeric\",\"name\":\"energy\",\"property\":\"energy\",\"access\":1,"
           "\"unit\":\"kVAh\"},{\"type\":\"numeric\",\"name\":\"voltage\",\"property\":\"voltage\","
           "\"access\":1}]},\"interview_completed\":true}]",
           "device.identity zigbee:0x84fd27fffe5d2a11 device_id=0x84fd27fffe5d2a11 name=freezer "
           "vendor=custom model=lab-meter raw{ieee_address=0x84fd27fffe5d2a11@18+18 "
           "friendly_name=freezer@111+7 vendor=custom@164+6 model=lab-meter@143+9}\n");
    expect("zigbee2mqtt/freezer", "{\"power\":95.5,\"current\":413,\"voltage\":230,\"energy\":1543}",
           "power.reading zigbee:0x84fd27fffe5d2a11 power_w=95.5 raw{power=95.5@9+4}\n");
}

Test(zigbee2mqtt, not_introduced)
{
    /* Power in watts and a mains voltage are all that can be known. */
    expect("zigbee2mqtt/desk_plug",
           "{\"state\":\"ON\",\"power\":57.3,\"current\":50,\"voltage\":231,\"energy\":12.34}",
           "power.state zigbee2mqtt:desk_plug state=on raw{state=ON@10+2}\n"
           "power.reading zigbee2mqtt:desk_plug power_w=57.3 voltage_v=231 raw{power=57.3@22+4 "
           "voltage=231@50+3}\n");
    expect("zigbee2mqtt/door", "{\"battery\":97,\"voltage\":3000,\"contact\":true}", "");
    expect("zigbee2mqtt/door", "{\"battery\":97,\"voltage\":3,\"contact\":true}", "");
    expect("zigbee2mqtt/cover", "{\"state\":\"OPEN\",\"position\":50}", "");
    expect("zigbee2mqtt/lamp", "{\"state\":\"ON\",\"brightness\":254}", "");
    expect("zigbee2mqtt/strip", "{\"state_left\":\"ON\",\"state_right\":\"OFF\",\"state_of_charge\":5}",
           "power.state zigbee2mqtt:strip ch=left state=on raw{state_left=ON@15+2}\n"
           "power.state zigbee2mqtt:strip ch=right state=off raw{state_right=OFF@34+3}\n");
    expect("zigbee2mqtt/meter", "{\"power\":10,\"power_phase_b\":20,\"voltage\":230}", "");
    /* A name with slashes; a name that is the address, as it is before one is given. */
    expect("zigbee2mqtt/kitchen/left/kettle", "{\"state\":\"ON\"}",
           "power.state zigbee2mqtt:kitchen/left/kettle state=on raw{state=ON@10+2}\n");
    expect("zigbee2mqtt/0x00158d0001a2b3c4", "{\"state\":\"ON\"}",
           "power.state zigbee:0x00158d0001a2b3c4 state=on raw{state=ON@10+2}\n");
    /* Device information, if it is included. */
    expect("zigbee2mqtt/tv",
           "{\"state\":\"ON\",\"device\":{\"friendlyName\":\"tv\",\"ieeeAddr\":\"0xa4c1380000c0ffee\"}}",
           "power.state zigbee:0xa4c1380000c0ffee state=on raw{state=ON@10+2}\n");
    expect("zigbee2mqtt/tv", "{\"state\":\"OFF\"}",
           "power.state zigbee:0xa4c1380000c0ffee state=off raw{state=OFF@10+3}\n");
}

Test(zigbee2mqtt, introduced_later)
{
    expect("zigbee2mqtt/desk_plug", "{\"energy\":12.34,\"state\":\"ON\"}",
           "power.state zigbee2mqtt:desk_plug state=on raw{state=ON@25+2}\n");
    expect("zigbee2mqtt/bridge/devices", desk_plug, desk_plug_is);
    expect("zigbee2mqtt/desk_plug", "{\"energy\":12.34,\"state\":\"ON\"}",
           "power.state zigbee:0x00158d0001a2b3c4 state=on raw{state=ON@25+2}\n"
           "energy.counter zigbee:0x00158d0001a2b3c4 energy_wh=12340 scope=total raw{energy=12.34@10+5}\n");
    /* Renamed: the new name is the same device. */
    expect("zigbee2mqtt/bridge/devices",
           "[{\"ieee_address\":\"0x00158d0001a2b3c4\",\"type\":\"Router\",\"network_address\":4660,"
           "\"supported\":true,\"friendly_name\":\"tv\",\"definition\":{\"model\":\"TS011F_plug_1\","
           "\"vendor\":\"TuYa\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"switch\","
           "\"features\":[{\"type\":\"binary\",\"name\":\"state\",\"property\":\"state\",\"access\":7,"
           "\"value_on\":\"ON\",\"value_off\":\"OFF\",\"value_toggle\":\"TOGGLE\"}]},{\"type\":\"numeric\","
           "\"name\":\"power\",\"property\":\"power\",\"access\":1,\"unit\":\"W\"},{\"type\":\"numeric\","
           "\"name\":\"current\",\"property\":\"current\",\"access\":1,\"unit\":\"A\"},"
           "{\"type\":\"numeric\",\"name\":\"voltage\",\"property\":\"voltage\",\"access\":1,"
           "\"unit\":\"V\"},{\"type\":\"numeric\",\"name\":\"energy\",\"property\":\"energy\",\"access\":1,"
           "\"unit\":\"kWh\"},{\"type\":\"numeric\",\"name\":\"linkquality\",\"property\":\"linkquality\","
           "\"access\":1,\"unit\":\"lqi\"}]},\"interview_completed\":true,\"software_build_id\":\"1.0.5\"}]",
           "device.identity zigbee:0x00158d0001a2b3c4 device_id=0x00158d0001a2b3c4 name=tv vendor=TuYa "
           "model=TS011F_plug_1 firmware=1.0.5 raw{ieee_address=0x00158d0001a2b3c4@18+18 "
           "friendly_name=tv@111+2 vendor=TuYa@163+4 model=TS011F_plug_1@138+13 "
           "software_build_id=1.0.5@810+5}\n");
    expect("zigbee2mqtt/tv", "{\"energy\":1}",
           "energy.counter zigbee:0x00158d0001a2b3c4 energy_wh=1000 scope=total raw{energy=1@10+1}\n");
}

Test(zigbee2mqtt, what_is_no_plug)
{
    expect("zigbee2mqtt/bridge/devices",
           "[{\"ieee_address\":\"0x00158d0000000001\",\"type\":\"Router\",\"network_address\":4660,"
           "\"supported\":true,\"friendly_name\":\"lamp\",\"definition\":{\"model\":\"LED1\","
           "\"vendor\":\"IKEA\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"light\","
           "\"features\":[{\"type\":\"binary\",\"name\":\"state\",\"property\":\"state\","
           "\"value_on\":\"ON\",\"value_off\":\"OFF\"}]}]},\"interview_completed\":true},"
           "{\"ieee_address\":\"0x00158d0000000002\",\"type\":\"Router\",\"network_address\":4660,"
           "\"supported\":true,\"friendly_name\":\"valve\",\"definition\":{\"model\":\"TRV\","
           "\"vendor\":\"TuYa\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"switch\","
           "\"features\":[{\"type\":\"binary\",\"name\":\"state\",\"property\":\"window_detection\","
           "\"access\":7,\"value_on\":\"ON\",\"value_off\":\"OFF\",\"value_toggle\":\"TOGGLE\"}]},"
           "{\"type\":\"lock\",\"features\":[{\"type\":\"binary\",\"name\":\"state\","
           "\"property\":\"child_lock\"}]}]},\"interview_completed\":true},"
           "{\"ieee_address\":\"0x00158d0000000003\",\"type\":\"Router\",\"network_address\":4660,"
           "\"supported\":true,\"friendly_name\":\"door\",\"definition\":{\"model\":\"MCCGQ11LM\","
           "\"vendor\":\"Xiaomi\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"numeric\","
           "\"name\":\"voltage\",\"property\":\"voltage\",\"access\":1,\"unit\":\"mV\"},"
           "{\"type\":\"binary\",\"name\":\"contact\",\"property\":\"contact\"}]},"
           "\"interview_completed\":true},{\"ieee_address\":\"0x00158d0000000004\",\"type\":\"Router\","
           "\"friendly_name\":\"unknown\",\"definition\":null}]",
           "");
    expect("zigbee2mqtt/lamp", "{\"state\":\"ON\"}", "");
    expect_sent("zigbee2mqtt/lamp/set", "{\"state\":\"ON\"}", "");
    expect("zigbee2mqtt/valve", "{\"window_detection\":\"ON\",\"child_lock\":\"LOCK\"}", "");
    expect("zigbee2mqtt/door", "{\"voltage\":3005,\"contact\":false}", "");
    /* A device without a definition is read as one that was not introduced. */
    expect("zigbee2mqtt/unknown", "{\"state\":\"ON\"}",
           "power.state zigbee:0x00158d0000000004 state=on raw{state=ON@10+2}\n");
}

Test(zigbee2mqtt, phases)
{
    expect("zigbee2mqtt/bridge/devices",
           "[{\"ieee_address\":\"0x84fd27fffe5d2a11\",\"type\":\"Router\",\"network_address\":4660,"
           "\"supported\":true,\"friendly_name\":\"meter\",\"definition\":{\"model\":\"PC321\","
           "\"vendor\":\"Owon\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"numeric\","
           "\"name\":\"power\",\"property\":\"power\",\"access\":1,\"unit\":\"W\"},{\"type\":\"numeric\","
           "\"name\":\"power_phase_b\",\"property\":\"power_phase_b\",\"access\":1,\"unit\":\"W\"},"
           "{\"type\":\"numeric\",\"name\":\"power_phase_c\",\"property\":\"power_phase_c\",\"access\":1,"
           "\"unit\":\"W\"},{\"type\":\"numeric\",\"name\":\"voltage\",\"property\":\"voltage\","
           "\"access\":1,\"unit\":\"V\"},{\"type\":\"numeric\",\"name\":\"voltage_phase_b\","
           "\"property\":\"voltage_phase_b\",\"access\":1,\"unit\":\"V\"},{\"type\":\"numeric\","
           "\"name\":\"energy\",\"property\":\"energy\",\"access\":1,\"unit\":\"kWh\"}]},"
           "\"interview_completed\":true}]",
           "device.identity zigbee:0x84fd27fffe5d2a11 device_id=0x84fd27fffe5d2a11 name=meter vendor=Owon "
           "model=PC321 raw{ieee_address=0x84fd27fffe5d2a11@18+18 friendly_name=meter@111+5 "
           "vendor=Owon@158+4 model=PC321@141+5}\n");
    expect("zigbee2mqtt/meter",
           "{\"power\":10,\"power_phase_b\":20,\"power_phase_c\":-30,\"voltage\":230,"
           "\"voltage_phase_b\":231,\"energy\":5}",
           "power.reading zigbee:0x84fd27fffe5d2a11 phase=2 power_w=20 voltage_v=231 "
           "raw{power_phase_b=20@28+2 voltage_phase_b=231@83+3}\n"
           "power.reading zigbee:0x84fd27fffe5d2a11 phase=3 power_w=-30 raw{power_phase_c=-30@47+3}\n"
           "energy.counter zigbee:0x84fd27fffe5d2a11 energy_wh=5000 scope=total raw{energy=5@96+1}\n");
}

Test(zigbee2mqtt, buttons)
{
    expect("zigbee2mqtt/remote", "{\"action\":\"single\",\"battery\":80}",
           "switch.input zigbee2mqtt:remote action=single_push raw{action=single@11+6}\n");
    expect("zigbee2mqtt/remote", "{\"action\":\"hold\"}",
           "switch.input zigbee2mqtt:remote action=long_push raw{action=hold@11+4}\n");
    expect("zigbee2mqtt/remote", "{\"action\":\"1_double\"}",
           "switch.input zigbee2mqtt:remote action=1_double raw{action=1_double@11+8}\n");
    expect("zigbee2mqtt/remote", "{\"action\":\"\",\"battery\":80}", "");
    expect("zigbee2mqtt/remote", "{\"action\":null}", "");
    expect("zigbee2mqtt/remote", "{\"action\":1}", "");
}

Test(zigbee2mqtt, wrong_values)
{
    expect("zigbee2mqtt/bridge/devices",
           "[{\"ieee_address\":\"0x00158d0001a2b3c4\",\"type\":\"Router\",\"network_address\":4660,"
           "\"supported\":true,\"friendly_name\":\"desk_plug\",\"definition\":{\"model\":\"TS011F_plug_1\","
           "\"vendor\":\"TuYa\",\"description\":\"Smart plug\",\"exposes\":[{\"type\":\"switch\","
           "\"features\":[{\"type\":\"binary\",\"name\":\"state\",\"property\":\"state\",\"access\":7,"
           "\"value_on\":\"ON\",\"value_off\":\"OFF\",\"value_toggle\":\"TOGGLE\"}]},{\"type\":\"numeric\","
           "\"name\":\"power\",\"property\":\"power\",\"access\":1,\"unit\":\"W\"},{\"type\":\"numeric\","
           "\"name\":\"current\",\"property\":\"current\",\"access\":1,\"unit\":\"A\"},"
           "{\"type\":\"numeric\",\"name\":\"voltage\",\"property\":\"voltage\",\"access\":1,"
           "\"unit\":\"V\"},{\"type\":\"numeric\",\"name\":\"energy\",\"property\":\"energy\",\"access\":1,"
           "\"unit\":\"kWh\"},{\"type\":\"numeric\",\"name\":\"linkquality\",\"property\":\"linkquality\","
           "\"access\":1,\"unit\":\"lqi\"}]},\"interview_completed\":true,\"software_build_id\":null}]",
           "device.identity zigbee:0x00158d0001a2b3c4 device_id=0x00158d0001a2b3c4 name=desk_plug "
           "vendor=TuYa model=TS011F_plug_1 raw{ieee_address=0x00158d0001a2b3c4@18+18 "
           "friendly_name=desk_plug@111+9 vendor=TuYa@170+4 model=TS011F_plug_1@145+13}\n");
    expect("zigbee2mqtt/desk_plug",
           "{\"state\":1,\"power\":\"57.3\",\"voltage\":true,\"current\":100000,\"energy\":-1e20}",
           "finding @9+1 the word is not known as a relay's state\n"
           "finding @20+4 the value is no plausible number of its unit\n"
           "finding @36+4 the value is no plausible number of its unit\n"
           "finding @51+6 the value is no plausible number of its unit\n"
           "finding @67+5 the value is no plausible number of its unit\n");
    expect("zigbee2mqtt/desk_plug", "{\"state\":\"MAYBE\",\"power\":5}",
           "finding @10+5 the word is not known as a relay's state\n"
           "power.reading zigbee:0x00158d0001a2b3c4 power_w=5 raw{power=5@25+1}\n");
    /* Twice the same member: neither can be believed. */
    expect("zigbee2mqtt/desk_plug", "{\"state\":\"ON\",\"power\":5,\"state\":\"OFF\"}",
           "power.reading zigbee:0x00158d0001a2b3c4 power_w=5 raw{power=5@22+1}\n");
    expect("zigbee2mqtt/desk_plug", "{\"power\":{\"a\":1},\"energy\":[1]}", "");
}

Test(zigbee2mqtt, damaged_payloads)
{
    expect("zigbee2mqtt/desk_plug", "{\"state\":\"ON\"", "finding @0+13 the message is no JSON object\n");
    expect("zigbee2mqtt/desk_plug", "", "");
    expect("zigbee2mqtt/desk_plug", "ON", "");
    expect("zigbee2mqtt/bridge/devices", "{\"a\":1}", "finding @0+7 the list of devices is no JSON array\n");
    expect("zigbee2mqtt/bridge/devices",
           "[{\"friendly_name\":\"x\"},7,{\"ieee_address\":\"0x12\",\"friendly_name\":\"y\"}]",
           "finding @1+21 the device has no address or no name\n");
    expect("zigbee2mqtt/bridge/devices", "", "");
    expect("zigbee2mqtt/bridge/groups", "{}", "finding @0+2 the list of groups is no JSON array\n");
    expect("zigbee2mqtt/bridge/info", "[", "finding @0+1 the bridge's description is no JSON object\n");
    expect("zigbee2mqtt", "{\"state\":\"ON\"}", "");
}

Test(zigbee2mqtt, commands)
{
    expect_sent("zigbee2mqtt/desk_plug/set", "{\"state\":\"ON\"}",
                "power.command zigbee2mqtt:desk_plug state=on raw{state=ON@10+2}\n");
    expect_sent("zigbee2mqtt/desk_plug/set", "{\"state\":\"toggle\",\"on_time\":30}",
                "power.command zigbee2mqtt:desk_plug state=toggle raw{state=toggle@10+6}\n");
    expect_sent("zigbee2mqtt/desk_plug/set", "OFF",
                "power.command zigbee2mqtt:desk_plug state=off raw{state=OFF@0+3}\n");
    expect_sent("zigbee2mqtt/desk_plug/set/state", "off",
                "power.command zigbee2mqtt:desk_plug state=off raw{state=off@0+3}\n");
    expect_sent("zigbee2mqtt/desk_plug/set/state", "\"ON\"",
                "power.command zigbee2mqtt:desk_plug state=on raw{state=ON@1+2}\n");
    expect_sent("zigbee2mqtt/hall socket/set", "{\"state_l1\":\"ON\",\"state_l2\":\"OFF\"}",
                "power.command zigbee2mqtt:hall socket ch=l1 state=on raw{state_l1=ON@13+2}\n"
                "power.command zigbee2mqtt:hall socket ch=l2 state=off raw{state_l2=OFF@29+3}\n");
    expect_sent("zigbee2mqtt/hall socket/set/state_l2", "TOGGLE",
                "power.command zigbee2mqtt:hall socket ch=l2 state=toggle raw{state_l2=TOGGLE@0+6}\n");
    expect_sent("zigbee2mqtt/0x00158d0001a2b3c4/set", "{\"state\":\"ON\"}",
                "power.command zigbee:0x00158d0001a2b3c4 state=on raw{state=ON@10+2}\n");
    expect_sent("zigbee2mqtt/desk_plug/set", "{\"power_on_behavior\":\"on\",\"brightness\":5}",
                "device.config zigbee2mqtt:desk_plug setting=power_on_behavior value=on "
                "raw{power_on_behavior=on@22+2}\n");
    /* No command for a relay, or none at all. */
    expect_sent("zigbee2mqtt/desk_plug/set", "{\"state_\":\"ON\",\"status\":\"ON\"}", "");
    expect_sent("zigbee2mqtt/desk_plug/set", "", "");
    expect_sent("zigbee2mqtt/desk_plug/set", "{\"state\":\"\"}", "");
    expect_sent("zigbee2mqtt/desk_plug/set", "{\"state\":\"OPEN\"}", "");
    expect_sent("zigbee2mqtt/desk_plug/set", "{\"state\":true}", "");
    expect_sent("zigbee2mqtt/desk_plug/set", "\"ON\"", "");
    expect_sent("zigbee2mqtt/desk_plug/set", "[1]", "");
    expect_sent("zigbee2mqtt/desk_plug/get", "{\"state\":\"\"}", "");
    expect_sent("zigbee2mqtt/desk_plug/get/state", "", "");
    expect_sent("zigbee2mqtt/desk_plug/set/state", "", "");
}

Test(zigbee2mqtt, commands_to_known_devices)
{
    expect("zigbee2mqtt/bridge/devices", hall_socket, hall_socket_is);
    expect("zigbee2mqtt/bridge/groups", "[{\"id\":1,\"friendly_name\":\"all lamps\",\"members\":[]}]", "");
    expect_sent("zigbee2mqtt/hall socket/l2/set", "{\"state\":\"ON\"}",
                "power.command zigbee:0xa4c1380000c0ffee ch=l2 state=on raw{state=ON@10+2}\n");
    expect_sent("zigbee2mqtt/hall socket/l2/set/state", "OFF",
                "power.command zigbee:0xa4c1380000c0ffee ch=l2 state=off raw{state=OFF@0+3}\n");
    expect_sent("zigbee2mqtt/hall socket/l1/set", "{\"state_l2\":\"ON\"}",
                "power.command zigbee:0xa4c1380000c0ffee ch=l2 state=on raw{state_l2=ON@13+2}\n");
    expect_sent("zigbee2mqtt/hall socket/set", "{\"state_l3\":\"ON\"}", "");
    expect_sent("zigbee2mqtt/all lamps/set", "{\"state\":\"OFF\"}",
                "power.command zigbee2mqtt:all lamps ch=* state=off raw{state=OFF@10+3}\n");
    expect("zigbee2mqtt/all lamps", "{\"state\":\"OFF\"}", "");
}

Test(zigbee2mqtt, values_by_themselves)
{
    expect("zigbee2mqtt/bridge/devices", desk_plug, desk_plug_is);
    expect("zigbee2mqtt/desk_plug/state", "ON",
           "power.state zigbee:0x00158d0001a2b3c4 state=on raw{state=ON@0+2}\n");
    expect("zigbee2mqtt/desk_plug/power", "57.3",
           "power.reading zigbee:0x00158d0001a2b3c4 power_w=57.3 raw{power=57.3@0+4}\n");
    expect("zigbee2mqtt/desk_plug/energy", "12",
           "energy.counter zigbee:0x00158d0001a2b3c4 energy_wh=12000 scope=total raw{energy=12@0+2}\n");
    expect("zigbee2mqtt/desk_plug/linkquality", "120", "");
    expect("zigbee2mqtt/desk_plug/state", "", "");
    /* A copy of a part repeats what the device's own message says. */
    expect("zigbee2mqtt/desk_plug/l1", "{\"state\":\"ON\"}", "");
    expect("zigbee2mqtt/nobody/state", "ON", "");
}

Test(zigbee2mqtt, availability)
{
    expect("zigbee2mqtt/desk_plug/availability", "online", "");
    expect("zigbee2mqtt/desk_plug/availability", "{\"state\":\"online\"}", "");
    expect("zigbee2mqtt/desk_plug/availability", "{\"state\":\"offline\"}",
           "session.close zigbee2mqtt:desk_plug reason=offline "
           "raw{availability={\"state\":\"offline\"}@0+19}\n");
    expect("zigbee2mqtt/desk_plug/availability", "{\"state\":\"offline\"}", "");
    expect("zigbee2mqtt/desk_plug/availability", "online",
           "session.open zigbee2mqtt:desk_plug reason=online raw{availability=online@0+6}\n");
    expect("zigbee2mqtt/desk_plug/availability", "", "");
    expect("zigbee2mqtt/desk_plug/availability", "maybe", "");
}

Test(zigbee2mqtt, comings_and_goings)
{
    expect("zigbee2mqtt/bridge/event",
           "{\"type\":\"device_announce\",\"data\":{\"friendly_name\":\"desk_plug\","
           "\"ieee_address\":\"0x00158d0001a2b3c4\"}}",
           "session.open zigbee:0x00158d0001a2b3c4 reason=device_announce raw{type=device_announce@9+15}\n");
    expect("zigbee2mqtt/desk_plug", "{\"state\":\"OFF\"}",
           "power.state zigbee:0x00158d0001a2b3c4 state=off raw{state=OFF@10+3}\n");
    expect("zigbee2mqtt/bridge/event",
           "{\"type\":\"device_joined\",\"data\":{\"friendly_name\":\"tv\","
           "\"ieee_address\":\"0xa4c1380000c0ffee\"}}",
           "");
    expect("zigbee2mqtt/tv", "{\"state\":\"OFF\"}",
           "power.state zigbee:0xa4c1380000c0ffee state=off raw{state=OFF@10+3}\n");
    expect("zigbee2mqtt/bridge/event",
           "{\"type\":\"device_leave\",\"data\":{\"friendly_name\":\"tv\","
           "\"ieee_address\":\"0xa4c1380000c0ffee\"}}",
           "session.close zigbee:0xa4c1380000c0ffee reason=device_leave raw{type=device_leave@9+12}\n");
    expect("zigbee2mqtt/bridge/event", "{\"type\":\"device_leave\",\"data\":{\"friendly_name\":\"tv\"}}", "");
    expect("zigbee2mqtt/bridge/logging",
           "{\"level\":\"info\",\"message\":\"MQTT publish: topic 'zigbee2mqtt/desk_plug', payload "
           "'{\\\"state\\\":\\\"ON\\\"}'\"}",
           "");
    expect_sent("zigbee2mqtt/bridge/request/device/remove", "{\"id\":\"tv\",\"force\":true}",
                "device.config zigbee2mqtt:zigbee2mqtt/bridge setting=device/remove value={\"id\":\"tv\","
                "\"force\":true} raw{device/remove={\"id\":\"tv\",\"force\":true}@0+24}\n");
    expect_sent("zigbee2mqtt/bridge/request/device/ota_update/update", "tv",
                "firmware.update zigbee2mqtt:zigbee2mqtt/bridge setting=device/ota_update/update value=tv "
                "raw{device/ota_update/update=tv@0+2}\n");
    expect_sent("zigbee2mqtt/bridge/request/options", "{\"options\":{\"mqtt\":{\"password\":\"x\"}}}", "");
    expect("zigbee2mqtt/bridge/info",
           "{\"version\":\"1.40.1\",\"coordinator\":{\"type\":\"zStack3x0\"},"
           "\"config\":{\"mqtt\":{\"base_topic\":\"zigbee2mqtt\"}}}",
           "device.identity zigbee2mqtt:zigbee2mqtt/bridge firmware=1.40.1 raw{version=1.40.1@12+6}\n");
}

Test(zigbee2mqtt, home_assistants_discovery_gives_units)
{
    expect("homeassistant/sensor/0x00158d0001a2b3c4/current/config",
           "{\"availability\":[{\"topic\":\"home/z2m/bridge/state\",\"value_template\":\"{{ "
           "value_json.state }}\"}],\"device\":{\"identifiers\":[\"zigbee2mqtt_0x00158d0001a2b3c4\"],"
           "\"manufacturer\":\"TuYa\",\"model\":\"Smart plug\",\"name\":\"desk_plug\","
           "\"via_device\":\"zigbee2mqtt_bridge_0x00124b0029000001\"},"
           "\"state_topic\":\"home/z2m/desk_plug\",\"unique_id\":\"0x00158d0001a2b3c4_current_home/z2m\","
           "\"value_template\":\"{{ value_json[\\\"current\\\"] }}\",\"unit_of_measurement\":\"mA\","
           "\"device_class\":\"current\"}",
           "device.identity zigbee:0x00158d0001a2b3c4 vendor=TuYa model=Smart plug name=desk_plug "
           "device_id=zigbee2mqtt_0x00158d0001a2b3c4 raw{manufacturer=TuYa@169+4 model=Smart plug@184+10 "
           "name=desk_plug@204+9 identifiers=zigbee2mqtt_0x00158d0001a2b3c4@120+30}\n");
    /* The same device again, with another of its entities: said once, with the first. */
    expect("homeassistant/sensor/0x00158d0001a2b3c4/energy/config",
           "{\"availability\":[{\"topic\":\"home/z2m/bridge/state\",\"value_template\":\"{{ "
           "value_json.state }}\"}],\"device\":{\"identifiers\":[\"zigbee2mqtt_0x00158d0001a2b3c4\"],"
           "\"manufacturer\":\"TuYa\",\"model\":\"Smart plug\",\"name\":\"desk_plug\","
           "\"via_device\":\"zigbee2mqtt_bridge_0x00124b0029000001\"},"
           "\"state_topic\":\"home/z2m/desk_plug\",\"unique_id\":\"0x00158d0001a2b3c4_energy_home/z2m\","
           "\"value_template\":\"{{ value_json.energy }}\",\"unit_of_measurement\":\"Wh\","
           "\"device_class\":\"energy\"}",
           "");
    expect("homeassistant/switch/0x00158d0001a2b3c4/switch/config",
           "{\"availability\":[{\"topic\":\"home/z2m/bridge/state\",\"value_template\":\"{{ "
           "value_json.state }}\"}],\"device\":{\"identifiers\":[\"zigbee2mqtt_0x00158d0001a2b3c4\"],"
           "\"manufacturer\":\"TuYa\",\"model\":\"Smart plug\",\"name\":\"desk_plug\","
           "\"via_device\":\"zigbee2mqtt_bridge_0x00124b0029000001\"},"
           "\"state_topic\":\"home/z2m/desk_plug\",\"unique_id\":\"0x00158d0001a2b3c4_switch_home/z2m\","
           "\"value_template\":\"{{ value_json[\\\"state\\\"] }}\","
           "\"command_topic\":\"home/z2m/desk_plug/set\",\"payload_on\":\"ON\"}",
           "");
    expect("homeassistant/sensor/0x00158d0001a2b3c4/current/config",
           "{\"availability\":[{\"topic\":\"home/z2m/bridge/state\",\"value_template\":\"{{ "
           "value_json.state }}\"}],\"device\":{\"identifiers\":[\"zigbee2mqtt_0x00158d0001a2b3c4\"],"
           "\"manufacturer\":\"TuYa\",\"model\":\"Smart plug\",\"name\":\"desk_plug\","
           "\"via_device\":\"zigbee2mqtt_bridge_0x00124b0029000001\"},"
           "\"state_topic\":\"home/z2m/desk_plug\",\"unique_id\":\"0x00158d0001a2b3c4_current_home/z2m\","
           "\"value_template\":\"{{ value_json[\\\"current\\\"] }}\",\"unit_of_measurement\":\"mA\","
           "\"device_class\":\"current\"}",
           "device.identity zigbee:0x00158d0001a2b3c4 vendor=TuYa model=Smart plug name=desk_plug "
           "device_id=zigbee2mqtt_0x00158d0001a2b3c4 raw{manufacturer=TuYa@169+4 model=Smart plug@184+10 "
           "name=desk_plug@204+9 identifiers=zigbee2mqtt_0x00158d0001a2b3c4@120+30}\n");
    expect("home/z2m/desk_plug", "{\"state\":\"ON\",\"current\":250,\"energy\":15,\"power\":3}",
           "power.state zigbee:0x00158d0001a2b3c4 state=on raw{state=ON@10+2}\n"
           "power.reading zigbee:0x00158d0001a2b3c4 current_a=0.25 power_w=3 raw{current=250@24+3 "
           "power=3@48+1}\n"
           "energy.counter zigbee:0x00158d0001a2b3c4 energy_wh=15 scope=total raw{energy=15@37+2}\n");
    /* A template that computes, a class that contradicts, a light. */
    expect("homeassistant/sensor/0x00158d0001a2b3c4/voltage/config",
           "{\"availability\":[{\"topic\":\"home/z2m/bridge/state\",\"value_template\":\"{{ "
           "value_json.state }}\"}],\"device\":{\"identifiers\":[\"zigbee2mqtt_0x00158d0001a2b3c4\"],"
           "\"manufacturer\":\"TuYa\",\"model\":\"Smart plug\",\"name\":\"desk_plug\","
           "\"via_device\":\"zigbee2mqtt_bridge_0x00124b0029000001\"},"
           "\"state_topic\":\"home/z2m/desk_plug\",\"unique_id\":\"0x00158d0001a2b3c4_voltage_home/z2m\","
           "\"value_template\":\"{{ value_json.voltage | float / 1000 }}\",\"unit_of_measurement\":\"V\","
           "\"device_class\":\"voltage\"}",
           "");
    expect("home/z2m/desk_plug", "{\"voltage\":3000}", "");
}

Test(zigbee2mqtt, the_bridges_own_connection)
{
    check(mqtt_connect(&bridge, "mqttjs_eb9e4107", "zigbee2mqtt/bridge/state", "{\"state\":\"offline\"}"), "",
          "", "own zigbee2mqtt:zigbee2mqtt/bridge\n");
    expect_own("zigbee2mqtt/bridge/state", "{\"state\":\"online\"}", "");
    expect("zigbee2mqtt/bridge/state", "{\"state\":\"online\"}", "");
    /* The last will, to each subscriber. */
    expect("zigbee2mqtt/bridge/state", "{\"state\":\"offline\"}",
           "session.close zigbee2mqtt:zigbee2mqtt/bridge by=broker last_will "
           "raw{state={\"state\":\"offline\"}@0+19}\n");
    expect("zigbee2mqtt/bridge/state", "{\"state\":\"offline\"}",
           "session.close zigbee2mqtt:zigbee2mqtt/bridge by=broker last_will "
           "raw{state={\"state\":\"offline\"}@0+19}\n");
}

Test(zigbee2mqtt, the_bridge_takes_its_leave)
{
    check(mqtt_connect(&bridge, "mqttjs_eb9e4107", "zigbee2mqtt/bridge/state", "offline"), "", "",
          "own zigbee2mqtt:zigbee2mqtt/bridge\n");
    expect_own("zigbee2mqtt/bridge/state", "offline", "");
    expect("zigbee2mqtt/bridge/state", "offline", "");
    /* It is back, and then lost. */
    expect_own("zigbee2mqtt/bridge/state", "online", "");
    expect("zigbee2mqtt/bridge/state", "offline",
           "session.close zigbee2mqtt:zigbee2mqtt/bridge by=broker last_will raw{state=offline@0+7}\n");
}

Test(zigbee2mqtt, the_bridges_connection_is_not_in_view)
{
    /* Whether it was the bridge or the broker that said so can't be told. */
    expect("zigbee2mqtt/bridge/state", "offline",
           "session.close zigbee2mqtt:zigbee2mqtt/bridge last_will raw{state=offline@0+7}\n");
    expect("zigbee2mqtt/bridge/state", "", "");
    expect("zigbee2mqtt/bridge/state", "sleeping", "");
}

Test(zigbee2mqtt, a_connection_seen_from_its_middle)
{
    expect_own("zigbee2mqtt/desk_plug", "{\"state\":\"ON\"}",
               "own zigbee2mqtt:zigbee2mqtt/bridge\n"
               "power.state zigbee2mqtt:desk_plug state=on raw{state=ON@10+2}\n");
    expect_own("zigbee2mqtt/desk_plug", "{\"state\":\"ON\"}",
               "power.state zigbee2mqtt:desk_plug state=on raw{state=ON@10+2}\n");
}

Test(zigbee2mqtt, who_owns_no_connection)
{
    /* What the broker delivers to the bridge, and what a client publishes whose CONNECT said who it is. */
    check(mqtt_publish(&bridge, WTR_FROM_SERVER, "zigbee2mqtt/desk_plug", "{\"state\":\"ON\"}", 0), "", "",
          "power.state zigbee2mqtt:desk_plug state=on raw{state=ON@10+2}\n");
    expect_sent("zigbee2mqtt/desk_plug", "{\"state\":\"ON\"}",
                "power.state zigbee2mqtt:desk_plug state=on raw{state=ON@10+2}\n");
    /* A connection that was found to be another bridge's stays that. */
    check(mqtt_connect(&bridge, "x", "attic/bridge/state", "offline"), "", "",
          "own zigbee2mqtt:attic/bridge\n");
    expect_own("zigbee2mqtt/bridge/state", "online", "");
    bridge.session.connect_seen = false;
    expect_own("zigbee2mqtt/bridge/state", "online", "");
}

Test(zigbee2mqtt, the_coordinator_is_no_device)
{
    expect("zigbee2mqtt/bridge/devices",
           "[{\"ieee_address\":\"0x00124b0029000001\",\"type\":\"Coordinator\","
           "\"friendly_name\":\"Coordinator\",\"definition\":null},{\"type\":\"Coordinator\"}]",
           "");
}

Test(zigbee2mqtt, commands_own_no_connection)
{
    expect_own("zigbee2mqtt/desk_plug/set", "{\"state\":\"ON\"}",
               "power.command zigbee2mqtt:desk_plug state=on raw{state=ON@10+2}\n");
    expect_own("zigbee2mqtt/bridge/request/restart", "",
               "device.config zigbee2mqtt:zigbee2mqtt/bridge setting=restart value= raw{restart=@38+0}\n");
    expect_own("zigbee2mqtt/desk_plug/get", "{\"state\":\"\"}", "");
}

Test(zigbee2mqtt, a_stored_availability_is_no_news)
{
    expect_stored("zigbee2mqtt/desk_plug/availability", "offline",
                  "session.close zigbee2mqtt:desk_plug reason=offline raw{availability=offline@0+7}\n");
    /* What is said now is said for the first time. */
    expect("zigbee2mqtt/desk_plug/availability", "online", "");
    expect_stored("zigbee2mqtt/desk_plug/availability", "online", "");
    expect("zigbee2mqtt/desk_plug/availability", "offline",
           "session.close zigbee2mqtt:desk_plug reason=offline raw{availability=offline@0+7}\n");
}

Test(zigbee2mqtt, another_base_topic)
{
    /* Nothing says yet whose these are. */
    cr_expect_eq(claim_of("home/z2m/desk_plug", "{\"state\":\"ON\"}"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("home/z2m/bridge/state", "{\"state\":\"online\"}"), WTR_CLAIM_NONE);
    check(mqtt_connect(&bridge, "mqttjs_eb9e4107", "home/z2m/bridge/state", "{\"state\":\"offline\"}"), "",
          "", "own zigbee2mqtt:home/z2m/bridge\n");
    cr_expect_eq(claim_of("home/z2m/desk_plug", "{\"state\":\"ON\"}"), WTR_CLAIM_SHAPE);
    cr_expect_eq(claim_of("home/z2m/bridge/state", "{\"state\":\"online\"}"), WTR_CLAIM_LEARNT);
    expect("home/z2m/desk_plug", "{\"state\":\"ON\"}",
           "power.state zigbee2mqtt:home/z2m/desk_plug state=on raw{state=ON@10+2}\n");
    cr_expect_eq(claim_of("home/z2m/desk_plug", "{\"state\":\"ON\"}"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("home/z2m/desk_plug/set", "ON"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("home/z2m/kettle/set", "ON"), WTR_CLAIM_SHAPE);
    cr_expect_eq(claim_of("home/plug/set", "ON"), WTR_CLAIM_NONE);
    expect("home/z2m/bridge/devices", desk_plug, desk_plug_is);
    expect_sent("home/z2m/desk_plug/set", "{\"state\":\"OFF\"}",
                "power.command zigbee:0x00158d0001a2b3c4 state=off raw{state=OFF@10+3}\n");
}

Test(zigbee2mqtt, a_base_topic_named_by_the_list)
{
    expect("attic/bridge/devices", desk_plug, desk_plug_is);
    expect("attic/desk_plug", "{\"energy\":1.5}",
           "energy.counter zigbee:0x00158d0001a2b3c4 energy_wh=1500 scope=total raw{energy=1.5@10+3}\n");
    /* The same name under the usual base is another device. */
    expect("zigbee2mqtt/desk_plug", "{\"state\":\"ON\"}",
           "power.state zigbee2mqtt:desk_plug state=on raw{state=ON@10+2}\n");
    expect("cellar/bridge/info",
           "{\"version\":\"2.0.0\",\"coordinator\":{},\"config\":{\"mqtt\":{\"base_topic\":\"cellar\"}}}",
           "device.identity zigbee2mqtt:cellar/bridge firmware=2.0.0 raw{version=2.0.0@12+5}\n");
    cr_expect_eq(claim_of("cellar/bridge/state", "online"), WTR_CLAIM_LEARNT);
}

Test(zigbee2mqtt, claims)
{
    static const struct {
        const char *topic;
        const char *payload;
        enum wtr_claim claim;
    } messages[] = {
        {"zigbee2mqtt/desk_plug", "{\"state\":\"ON\"}", WTR_CLAIM_NAMED},
        {"zigbee2mqtt/bridge/state", "online", WTR_CLAIM_NAMED},
        {"zigbee2mqtt/", "", WTR_CLAIM_NONE},
        {"zigbee2mqtt", "{}", WTR_CLAIM_NONE},
        {"zigbee2mqtt2/desk_plug", "{\"state\":\"ON\"}", WTR_CLAIM_NONE},
        {"attic/bridge/devices", "[{\"ieee_address\":\"0x1\",\"friendly_name\":\"x\"}]", WTR_CLAIM_NAMED},
        {"attic/bridge/devices", "[]", WTR_CLAIM_NONE},
        {"/bridge/devices", "[{\"ieee_address\":\"0x1\",\"friendly_name\":\"x\"}]", WTR_CLAIM_NONE},
        {"attic/bridge/info", "{\"coordinator\":{},\"config\":{\"mqtt\":{\"base_topic\":\"attic\"}}}",
         WTR_CLAIM_NAMED},
        {"attic/bridge/info", "{\"version\":\"1\"}", WTR_CLAIM_NONE},
        {"homeassistant/switch/0x00158d0001a2b3c4/switch/config",
         "{\"device\":{\"identifiers\":[\"zigbee2mqtt_0x00158d0001a2b3c4\"]}}", WTR_CLAIM_NAMED},
        {"homeassistant/switch/0x00158d0001a2b3c4/switch/config",
         "{\"device\":{\"identifiers\":[\"zigbee2mqtt_0x00158d0001a2b3c5\"]}}", WTR_CLAIM_NONE},
        {"homeassistant/switch/0x00158d0001a2b3c4/switch/config", "", WTR_CLAIM_NONE},
        {"tele/plug1/STATE", "{\"POWER\":\"ON\"}", WTR_CLAIM_NONE},
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        cr_expect_eq(claim_of(messages[i].topic, messages[i].payload), messages[i].claim, "%s %s",
                     messages[i].topic, messages[i].payload);
    cr_expect_eq(wtr_zigbee2mqtt.claim(state, mqtt_connect(&bridge, "x", "attic/bridge/state", "offline")),
                 WTR_CLAIM_NAMED);
    cr_expect_eq(wtr_zigbee2mqtt.claim(state, mqtt_connect(&bridge, "x", "attic/bridge/state", "gone")),
                 WTR_CLAIM_NONE);
    cr_expect_eq(wtr_zigbee2mqtt.claim(state, mqtt_connect(&bridge, "x", "attic/status", "offline")),
                 WTR_CLAIM_NONE);
    cr_expect_eq(wtr_zigbee2mqtt.claim(state, mqtt_connect(&bridge, "x", NULL, NULL)), WTR_CLAIM_NONE);
}

/* How many lines begin with the text. */
static size_t lines_with(const char *lines, const char *start)
{
    size_t n = 0;
    for (const char *line = lines; *line; line = strchr(line, '\n') + 1)
        n += strncmp(line, start, strlen(start)) == 0;
    return n;
}

Test(zigbee2mqtt, a_long_list)
{
    enum { DEVICES = 900, ROOM = 300 };
    char *list = malloc((size_t)DEVICES * ROOM);
    size_t length = 0;
    cr_assert(list);
    for (int i = 0; i < DEVICES; i++)
        length += (size_t)snprintf(list + length, ROOM,
                                   "%c{\"ieee_address\":\"0x%016x\",\"friendly_name\":\"plug %d\","
                                   "\"definition\":{\"exposes\":[{\"type\":\"switch\",\"features\":["
                                   "{\"name\":\"state\",\"property\":\"state\"}]}]}}",
                                   i ? ',' : '[', (unsigned)i + 1, i);
    snprintf(list + length, ROOM, "]");
    const char *heard =
        hear(mqtt_publish(&controller, WTR_FROM_SERVER, "zigbee2mqtt/bridge/devices", list, 0));
    cr_expect_eq(lines_with(heard, "device.identity zigbee:0x"), DEVICES);
    cr_expect_eq(lines_with(heard, ""), DEVICES);
    free(list);
    expect("zigbee2mqtt/plug 899", "{\"state\":\"ON\"}",
           "power.state zigbee:0x0000000000000384 state=on raw{state=ON@10+2}\n");
}

Test(zigbee2mqtt, long_names)
{
    char topic[700] = "zigbee2mqtt/";
    memset(topic + 12, 'x', 600);
    /* Beyond what is learnt: nothing is said rather than something cut. */
    expect(topic, "{\"state\":\"ON\"}", "");
    expect_sent("zigbee2mqtt/desk_plug/set",
                "{\"state_a_name_that_is_far_longer_than_the_name_of_any_endpoint_of_any_device\":\"ON\"}",
                "");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota: what each kind of message states, and what it does not. The payloads are those of Tasmota's
 * documentation and sources (see the files in lib/vendor/tasmota), the expectations worked out by hand. */
#include "vendor/tasmota/tasmota.h"

#include "mqtt_message.h"
#include "say_record.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wtr_say *say;
static void *state;
static struct mqtt_connection plug;       /* the plug's own connection; its CONNECT not seen unless sent */
static struct mqtt_connection controller; /* a home automation's */

static void set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_tasmota.state_size);
    plug = (struct mqtt_connection){0};
    controller = (struct mqtt_connection){0};
    controller.session.connect_seen = true;
}

static void tear_down(void)
{
    wtr_tasmota.close(state);
    free(state);
    say_record_free(say);
    mqtt_message_free();
}

TestSuite(tasmota, .init = set_up, .fini = tear_down);

static const char *hear(const struct wtr_message *message)
{
    return say_record(say, &wtr_tasmota, state, message);
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

/* Published by the plug over its own connection. */
static void expect_own(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&plug, WTR_FROM_CLIENT, topic, payload, 0), topic, payload, expected);
}

static enum wtr_claim claim_of(const char *topic, const char *payload)
{
    return wtr_tasmota.claim(state, mqtt_publish(&controller, WTR_FROM_SERVER, topic, payload, 0));
}

Test(tasmota, states_of_relays)
{
    expect("stat/plug1/RESULT", "{\"POWER\":\"ON\"}",
           "power.state tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@10+2}\n");
    expect("stat/plug1/RESULT", "{\"POWER2\":\"OFF\"}",
           "power.state tasmota:plug1 ch=2 outlet=2 state=off raw{POWER2=OFF@11+3}\n");
    expect("stat/plug1/POWER", "ON", "power.state tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    expect("stat/plug1/POWER32", "OFF",
           "power.state tasmota:plug1 ch=32 outlet=32 state=off raw{POWER32=OFF@0+3}\n");
    /* SetOption4: the JSON on the command's own topic. */
    expect("stat/plug1/POWER1", "{\"POWER1\":\"ON\"}",
           "power.state tasmota:plug1 ch=1 outlet=1 state=on raw{POWER1=ON@11+2}\n");
}

Test(tasmota, words_that_are_no_state)
{
    expect("stat/plug1/RESULT", "{\"POWER\":\"Blink ON\"}", "");
    expect("stat/plug1/POWER", "HOLD", "");
    expect("stat/plug1/POWER", "", "");
    expect("stat/plug1/POWER33", "ON", "");
    expect("stat/plug1/POWER0", "ON", "");
    expect("stat/plug1/POWER", "EIN", "finding @0+3 the word is not known as a relay's state\n");
    expect("stat/plug1/RESULT", "{\"POWER\":1}", "finding @9+1 a relay's state is no text\n");
    /* Twice the same member: neither can be believed. */
    expect("stat/plug1/RESULT", "{\"POWER\":\"ON\",\"POWER\":\"OFF\"}", "");
    expect("stat/plug1/RESULT", "{\"Command\":\"Unknown\"}", "");
}

Test(tasmota, damaged_payloads)
{
    expect("stat/plug1/RESULT", "{\"POWER\":\"ON\"", "finding @0+13 the report is no JSON object\n");
    expect("tele/plug1/STATE", "[1]", "finding @0+3 the report is no JSON object\n");
    expect("tele/plug1/SENSOR", "", "");
    expect("stat/plug1/STATUS", "Offline", "finding @0+7 the report is no JSON object\n");
}

Test(tasmota, telemetry_state)
{
    expect("tele/plug1/STATE",
           "{\"Time\":\"2026-01-02T03:04:05\",\"Uptime\":\"0T01:00:12\",\"UptimeSec\":3612,\"Heap\":26,"
           "\"SleepMode\":\"Dyna"
           "mic\",\"Sleep\":50,\"LoadAvg\":19,\"MqttCount\":1,\"POWER\":\"ON\",\"Wifi\":{\"AP\":1,\"SSId\":"
           "\"lab\",\"BSSId\":\"AA:"
           "BB:CC:DD:EE:FF\",\"Channel\":6,\"Mode\":\"11n\",\"RSSI\":78,\"Signal\":-61,\"LinkCount\":1,"
           "\"Downtime\":\"0T00:0"
           "0:03\"}}",
           "clock.reading tasmota:plug1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone "
           "uptime_s=3612 raw{Time=2026-01-02T03:04:05@9+19 UptimeSec=3612@64+4}\n"
           "power.state tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@148+2}\n"
           "network.join tasmota:plug1 ssid=lab bssid=aa:bb:cc:dd:ee:ff wifi_channel=6 rssi_dbm=-61 "
           "raw{SSId=lab@175+3 BSSId=AA:BB:CC:DD:EE:FF@189+17 Channel=6@218+1 Signal=-61@252+3}\n");
    /* 5.12: other forms of time and uptime, no Signal, APMac. */
    expect("tele/sonoff/STATE",
           "{\"Time\":\"2018.02.15 01:00:50\",\"Uptime\":\"1 "
           "02:33:26\",\"Vcc\":3.504,\"POWER\":\"OFF\",\"Wifi\":{\"AP\":1,\"SS"
           "Id\":\"XXX\",\"RSSI\":100,\"APMac\":\"34:31:C4:00:11:22\"}}",
           "clock.reading tasmota:sonoff device_time=2018.02.15 01:00:50 clock_kind=local_no_zone "
           "uptime_s=95606 raw{Time=2018.02.15 01:00:50@9+19 Uptime=1 02:33:26@40+10}\n"
           "power.state tasmota:sonoff ch=1 outlet=1 state=off raw{POWER=OFF@73+3}\n"
           "network.join tasmota:sonoff ssid=XXX bssid=34:31:c4:00:11:22 raw{SSId=XXX@101+3 "
           "APMac=34:31:C4:00:11:22@126+17}\n");
    expect("tele/strip/STATE", "{\"POWER1\":\"ON\",\"POWER2\":\"OFF\",\"POWER3\":\"ON\"}",
           "power.state tasmota:strip ch=1 outlet=1 state=on raw{POWER1=ON@11+2}\n"
           "power.state tasmota:strip ch=2 outlet=2 state=off raw{POWER2=OFF@25+3}\n"
           "power.state tasmota:strip ch=3 outlet=3 state=on raw{POWER3=ON@40+2}\n");
}

Test(tasmota, clocks)
{
    expect("tele/plug1/STATE", "{\"Time\":\"1970-01-01T00:00:12\"}",
           "clock.reading tasmota:plug1 device_time=1970-01-01T00:00:12 clock_kind=unset "
           "raw{Time=1970-01-01T00:00:12@9+19}\n");
    expect("tele/plug1/STATE", "{\"Time\":\"2026-01-02T03:04:05+01:00\"}",
           "clock.reading tasmota:plug1 device_time=2026-01-02T03:04:05+01:00 clock_kind=local_offset "
           "raw{Time=2026-01-02T03:04:05+01:00@9+25}\n");
    expect("tele/plug1/STATE", "{\"Time\":\"2026-01-02T03:04:05.678\"}",
           "clock.reading tasmota:plug1 device_time=2026-01-02T03:04:05.678 clock_kind=local_no_zone "
           "raw{Time=2026-01-02T03:04:05.678@9+23}\n");
    /* Time 2 and Time 3. */
    expect("tele/plug1/STATE", "{\"Time\":\"2026-01-02T03:04:05\",\"Epoch\":1767319445}",
           "clock.reading tasmota:plug1 device_time=1767319445 clock_kind=utc raw{Epoch=1767319445@38+10}\n");
    expect("tele/plug1/STATE", "{\"Time\":1767319445}",
           "clock.reading tasmota:plug1 device_time=1767319445 clock_kind=utc raw{Time=1767319445@8+10}\n");
    expect("tele/plug1/STATE", "{\"Time\":42}",
           "clock.reading tasmota:plug1 device_time=42 clock_kind=unset raw{Time=42@8+2}\n");
    expect(
        "tele/plug1/UPTIME", "{\"Uptime\":\"128T14:35:44\"}",
        "clock.reading tasmota:plug1 clock_kind=uptime uptime_s=11111744 raw{Uptime=128T14:35:44@11+12}\n");
    static const char *const times[] = {
        "2026-01-02T03:04:0",   "x026-01-02T03:04:05",        "2026-01-02 03:04:05", "2026-01-02T03:04:05X",
        "2026-01-02T03:04:05.", "2026-01-02T03:04:05+01:0",   "2026.01.02T03:04:05", "",
        "Thu Feb 15 01:00:50",  "2026-01-02T03:04:05.678+01",
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char payload[60];
        char expected[100];
        snprintf(payload, sizeof payload, "{\"Time\":\"%s\"}", times[i]);
        snprintf(expected, sizeof expected, "finding @9+%zu the time has no known form\n", strlen(times[i]));
        expect("tele/plug1/STATE", payload, expected);
    }
    static const char *const uptimes[] = {
        "12",       "1T24:00:00",  "1T00:60:00", "1T00:00:60",       "T00:00:00",
        "1T00:00:", "-1T00:00:00", "1T+1:00:00", "1000001T00:00:00", ""};
    for (size_t i = 0; i < sizeof uptimes / sizeof *uptimes; i++) {
        char payload[60];
        snprintf(payload, sizeof payload, "{\"Uptime\":\"%s\"}", uptimes[i]);
        expect("tele/plug1/STATE", payload, "");
    }
    expect("tele/plug1/STATE", "{\"Time\":\"yesterday\",\"Uptime\":\"12\"}",
           "finding @9+9 the time has no known form\n");
    expect("tele/plug1/STATE", "{\"Time\":true}", "finding @8+4 the time has no known form\n");
}

Test(tasmota, metering)
{
    expect("tele/plug1/SENSOR",
           "{\"Time\":\"2026-01-02T03:04:05\",\"ENERGY\":{\"TotalStartTime\":\"2026-01-01T00:00:00\","
           "\"Total\":12.345,\"Y"
           "esterday\":0.123,\"Today\":0.045,\"Period\":0,\"Power\":2011,\"ApparentPower\":2013,"
           "\"ReactivePower\":9,\"Fa"
           "ctor\":0.99,\"Voltage\":231,\"Current\":8.706}}",
           "clock.reading tasmota:plug1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone "
           "raw{Time=2026-01-02T03:04:05@9+19}\n"
           "power.reading tasmota:plug1 power_w=2011 apparent_va=2013 reactive_var=9 power_factor=0.99 "
           "voltage_v=231 current_a=8.706 raw{Power=2011@145+4 ApparentPower=2013@166+4 "
           "ReactivePower=9@187+1 Factor=0.99@198+4 Voltage=231@213+3 Current=8.706@227+5}\n"
           "energy.counter tasmota:plug1 energy_wh=12345 scope=total period_start=2026-01-01T00:00:00 "
           "raw{TotalStartTime=2026-01-01T00:00:00@58+19 Total=12.345@87+6}\n"
           "energy.counter tasmota:plug1 energy_wh=123 scope=yesterday raw{Yesterday=0.123@106+5}\n"
           "energy.counter tasmota:plug1 energy_wh=45 scope=today raw{Today=0.045@120+5}\n"
           "energy.counter tasmota:plug1 energy_wh=0 scope=period raw{Period=0@135+1}\n");
    /* A margin's telemetry has no Period; the clock was never set when the counter began. */
    expect("tele/plug1/SENSOR",
           "{\"ENERGY\":{\"TotalStartTime\":\"1970-01-01T00:00:00\",\"Total\":0.00012,\"Power\":0}}",
           "power.reading tasmota:plug1 power_w=0 raw{Power=0@74+1}\n"
           "energy.counter tasmota:plug1 energy_wh=0.12 scope=total raw{Total=0.00012@58+7}\n");
}

Test(tasmota, metering_of_phases)
{
    expect(
        "tele/em/SENSOR",
        "{\"ENERGY\":{\"Total\":3.5,\"Today\":[0.1,0.2],\"Period\":[3,4],\"Power\":[100,-20.5],\"Factor\":[1."
        "00,0.50]"
        ",\"Frequency\":50,\"Voltage\":230,\"Current\":[0.435,0.089],\"ExportActive\":0.25,"
        "\"TodaySumImport\":0.3,\""
        "TodaySumExport\":0.1}}",
        "power.reading tasmota:em frequency_hz=50 voltage_v=230 raw{Frequency=50@109+2 Voltage=230@122+3}\n"
        "power.reading tasmota:em phase=1 power_w=100 power_factor=1 current_a=0.435 raw{Power=100@65+3 "
        "Factor=1.00@86+4 Current=0.435@137+5}\n"
        "power.reading tasmota:em phase=2 power_w=-20.5 power_factor=0.5 current_a=0.089 "
        "raw{Power=-20.5@69+5 Factor=0.50@91+4 Current=0.089@143+5}\n"
        "energy.counter tasmota:em energy_wh=3500 scope=total raw{Total=3.5@19+3}\n"
        "energy.counter tasmota:em phase=1 energy_wh=100 scope=today raw{Today=0.1@32+3}\n"
        "energy.counter tasmota:em phase=2 energy_wh=200 scope=today raw{Today=0.2@36+3}\n"
        "energy.counter tasmota:em energy_wh=250 scope=total direction=export raw{ExportActive=0.25@165+4}\n"
        "energy.counter tasmota:em energy_wh=300 scope=today direction=import raw{TodaySumImport=0.3@187+3}\n"
        "energy.counter tasmota:em energy_wh=100 scope=today direction=export raw{TodaySumExport=0.1@208+3}\n"
        "energy.counter tasmota:em phase=1 energy_wh=3 scope=period raw{Period=3@51+1}\n"
        "energy.counter tasmota:em phase=2 energy_wh=4 scope=period raw{Period=4@53+1}\n");
}

Test(tasmota, implausible_readings)
{
    expect("tele/plug1/SENSOR",
           "{\"ENERGY\":{\"Power\":1000001,\"Voltage\":-1,\"Current\":\"0.1\",\"Factor\":null,\"Frequency\":["
           "50,\"x\"],\"Tota"
           "l\":true}}",
           "finding @19+7 the number is beyond what is plausible\n"
           "finding @37+2 the number is beyond what is plausible\n"
           "finding @51+3 the value is no number\n"
           "power.reading tasmota:plug1 phase=1 frequency_hz=50 raw{Frequency=50@83+2}\n"
           "finding @87+1 the value is no number\n"
           "finding @99+4 the value is no number\n");
    /* The last plausible values, and the first beyond. */
    expect("tele/plug1/SENSOR",
           "{\"ENERGY\":{\"Power\":-1000000,\"ApparentPower\":1000000,\"ReactivePower\":-1000000,\"Factor\":-"
           "1,\"Freque"
           "ncy\":1000,\"Voltage\":2000,\"Current\":-10000,\"Total\":100000000}}",
           "power.reading tasmota:plug1 power_w=-1000000 apparent_va=1000000 reactive_var=-1000000 "
           "power_factor=-1 frequency_hz=1000 voltage_v=2000 current_a=-10000 raw{Power=-1000000@19+8 "
           "ApparentPower=1000000@44+7 ReactivePower=-1000000@68+8 Factor=-1@86+2 Frequency=1000@101+4 "
           "Voltage=2000@116+4 Current=-10000@131+6}\n"
           "energy.counter tasmota:plug1 energy_wh=100000000000 scope=total raw{Total=100000000@146+9}\n");
    expect(
        "tele/plug1/SENSOR",
        "{\"ENERGY\":{\"Power\":1000000,\"ApparentPower\":0,\"ReactivePower\":1000000,\"Factor\":1,"
        "\"Frequency\":0,\"V"
        "oltage\":0,\"Current\":10000}}",
        "power.reading tasmota:plug1 power_w=1000000 apparent_va=0 reactive_var=1000000 power_factor=1 "
        "frequency_hz=0 voltage_v=0 current_a=10000 raw{Power=1000000@19+7 ApparentPower=0@43+1 "
        "ReactivePower=1000000@61+7 Factor=1@78+1 Frequency=0@92+1 Voltage=0@104+1 Current=10000@116+5}\n");
    expect("tele/plug1/SENSOR",
           "{\"ENERGY\":{\"Power\":-1000000.1,\"ApparentPower\":-0.1,\"Factor\":1.01,\"Frequency\":1000.1,"
           "\"Voltage\":20"
           "00.1,\"Current\":10000.1,\"Total\":100000000.1,\"Today\":1e30}}",
           "finding @19+10 the number is beyond what is plausible\n"
           "finding @46+4 the number is beyond what is plausible\n"
           "finding @60+4 the number is beyond what is plausible\n"
           "finding @77+6 the number is beyond what is plausible\n"
           "finding @94+6 the number is beyond what is plausible\n"
           "finding @111+7 the number is beyond what is plausible\n"
           "finding @127+11 the number is beyond what is plausible\n"
           "finding @147+4 the number is beyond what is plausible\n");
    expect("tele/plug1/SENSOR", "{\"ENERGY\":[1]}", "");
    expect("tele/plug1/SENSOR", "{\"DS18B20\":{\"Temperature\":20.6},\"Switch1\":\"ON\"}", "");
}

Test(tasmota, answers_to_status)
{
    expect("stat/plug1/STATUS10",
           "{\"StatusSNS\":{\"Time\":\"2026-01-02T03:04:05\",\"ENERGY\":{\"Power\":3}}}",
           "clock.reading tasmota:plug1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone polled "
           "raw{Time=2026-01-02T03:04:05@22+19}\n"
           "power.reading tasmota:plug1 power_w=3 polled raw{Power=3@61+1}\n");
    expect("stat/plug1/STATUS11", "{\"StatusSTS\":{\"UptimeSec\":60,\"POWER\":\"OFF\"}}",
           "clock.reading tasmota:plug1 clock_kind=uptime uptime_s=60 polled raw{UptimeSec=60@26+2}\n"
           "power.state tasmota:plug1 ch=1 outlet=1 state=off polled raw{POWER=OFF@38+3}\n");
    expect("stat/plug1/STATUS5",
           "{\"StatusNET\":{\"Hostname\":\"plug1-7718\",\"IPAddress\":\"192.0.2.77\",\"Gateway\":\"192.0.2."
           "1\",\"Mac\":\"DC:4"
           "F:22:3D:5E:26\",\"Webserver\":2}}",
           "tie tasmota:plug1 mac=dc:4f:22:3d:5e:26\n"
           "device.identity tasmota:plug1 hostname=plug1-7718 ip=192.0.2.77 mac=dc:4f:22:3d:5e:26 polled "
           "raw{Hostname=plug1-7718@26+10 IPAddress=192.0.2.77@51+10 Mac=DC:4F:22:3D:5E:26@92+17}\n");
    expect(
        "stat/plug1/STATUS2",
        "{\"StatusFWR\":{\"Version\":\"13.1.0(tasmota)\",\"BuildDateTime\":\"2023-08-15T12:40:30\",\"Boot\":"
        "31}}",
        "device.identity tasmota:plug1 firmware=13.1.0(tasmota) polled raw{Version=13.1.0(tasmota)@25+15}\n");
    expect("stat/plug1/STATUS1",
           "{\"StatusPRM\":{\"Baudrate\":115200,\"GroupTopic\":\"attic\",\"RestartReason\":\"Power "
           "On\",\"Uptime\":\"0T00:0"
           "1:40\",\"StartupUTC\":\"2026-01-02T03:00:00\",\"BootCount\":12}}",
           "clock.reading tasmota:plug1 clock_kind=uptime uptime_s=100 boot_count=12 reason=Power On polled "
           "raw{Uptime=0T00:01:40@90+10 BootCount=12@149+2 RestartReason=Power On@70+8 "
           "StartupUTC=2026-01-02T03:00:00@116+19}\n");
    expect("stat/plug1/STATUS7",
           "{\"StatusTIM\":{\"UTC\":\"2026-01-02T02:04:05Z\",\"Local\":\"2026-01-02T03:04:05\",\"StartDST\":"
           "\"2026-03-29T"
           "02:00:00\",\"Timezone\":\"+01:00\"}}",
           "clock.reading tasmota:plug1 device_time=2026-01-02T02:04:05Z clock_kind=utc polled "
           "raw{UTC=2026-01-02T02:04:05Z@21+20}\n"
           "clock.reading tasmota:plug1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone "
           "timezone=+01:00 polled raw{Local=2026-01-02T03:04:05@52+19 Timezone=+01:00@118+6}\n");
    expect("stat/plug1/STATUS7",
           "{\"StatusTIM\":{\"UTC\":\"Thu Feb 15 00:00:50 2018\",\"Local\":\"Thu Feb 15 01:00:50 "
           "2018\",\"Timezone\":1}}",
           "clock.reading tasmota:plug1 device_time=Thu Feb 15 00:00:50 2018 clock_kind=utc polled "
           "raw{UTC=Thu Feb 15 00:00:50 2018@21+24}\n"
           "clock.reading tasmota:plug1 device_time=Thu Feb 15 01:00:50 2018 clock_kind=local_no_zone polled "
           "raw{Local=Thu Feb 15 01:00:50 2018@56+24}\n");
    expect("stat/plug1/STATUS6",
           "{\"StatusMQT\":{\"MqttHost\":\"192.0.2.1\",\"MqttPort\":1883,\"MqttClientMask\":\"DVES_%06X\","
           "\"MqttClient\":\""
           "DVES_3D5E26\",\"MqttUser\":\"tasmota\",\"MqttCount\":1}}",
           "device.identity tasmota:plug1 client_id=DVES_3D5E26 user=tasmota server=192.0.2.1 polled "
           "raw{MqttClient=DVES_3D5E26@96+11 MqttUser=tasmota@121+7 MqttHost=192.0.2.1@26+9}\n");
}

Test(tasmota, bits_of_status)
{
    /* Nothing says yet that there is a relay, so a zero may mean that there is none. */
    expect("stat/plug1/STATUS",
           "{\"Status\":{\"Module\":1,\"DeviceName\":\"Kettle\",\"Topic\":\"plug1\",\"Power\":0,"
           "\"PowerOnState\":3}}",
           "device.identity tasmota:plug1 name=Kettle device_id=plug1 polled raw{DeviceName=Kettle@36+6 "
           "Topic=plug1@53+5}\n"
           "device.config tasmota:plug1 setting=PowerOnState value=3 polled raw{PowerOnState=3@85+1}\n");
    expect("stat/plug1/STATUS", "{\"Status\":{\"Power\":1}}",
           "power.state tasmota:plug1 ch=1 outlet=1 state=on polled raw{Power=1@19+1}\n");
    expect("stat/plug1/POWER", "OFF",
           "power.state tasmota:plug1 ch=1 outlet=1 state=off raw{POWER=OFF@0+3}\n");
    expect("stat/plug1/STATUS", "{\"Status\":{\"Power\":0}}",
           "power.state tasmota:plug1 ch=1 outlet=1 state=off polled raw{Power=0@19+1}\n");
    /* Binary digits, the last of which is relay 1. */
    expect("stat/plug1/STATUS0", "{\"Status\":{\"Power\":\"10\"}}",
           "power.state tasmota:plug1 ch=1 outlet=1 state=off polled raw{Power=10@20+2}\n"
           "power.state tasmota:plug1 ch=2 outlet=2 state=on polled raw{Power=10@20+2}\n");
    expect("stat/big/STATUS", "{\"Status\":{\"Power\":\"10000000000000000000000000000000\"}}",
           "power.state tasmota:big ch=32 outlet=32 state=on polled "
           "raw{Power=10000000000000000000000000000000@20+32}\n");
    expect("stat/big/STATUS", "{\"Status\":{\"Power\":\"100000000000000000000000000000000\"}}",
           "finding @20+33 the relays' states are no bits\n");
    expect("stat/plug1/STATUS", "{\"Status\":{\"Power\":-1}}",
           "finding @19+2 the relays' states are no bits\n");
    expect("stat/plug1/STATUS11", "{\"StatusSTS\":{\"TelePeriod\":10},\"StatusSNS\":{\"TelePeriod\":10}}",
           "");
    expect("stat/plug1/STATUS", "{\"Status\":{\"Power\":\"ON\"}}",
           "finding @20+2 the relays' states are no bits\n");
}

Test(tasmota, the_state_command_answers_as_result)
{
    expect("stat/plug1/RESULT",
           "{\"Time\":\"2026-01-02T03:04:05\",\"Uptime\":\"0T01:00:12\",\"UptimeSec\":3612,\"POWER\":\"ON\","
           "\"Wifi\":{\"SSId\""
           ":\"lab\"}}",
           "clock.reading tasmota:plug1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone "
           "uptime_s=3612 polled raw{Time=2026-01-02T03:04:05@9+19 UptimeSec=3612@64+4}\n"
           "power.state tasmota:plug1 ch=1 outlet=1 state=on polled raw{POWER=ON@78+2}\n"
           "network.join tasmota:plug1 ssid=lab polled raw{SSId=lab@98+3}\n");
}

Test(tasmota, a_start)
{
    expect("tele/plug1/INFO1",
           "{\"Info1\":{\"Module\":\"Gosund SP1 "
           "v23\",\"Version\":\"13.1.0(tasmota)\",\"FallbackTopic\":\"cmnd/DVES_3D5E2"
           "6_fb/\",\"GroupTopic\":\"cmnd/attic/\"}}",
           "device.identity tasmota:plug1 model=Gosund SP1 v23 firmware=13.1.0(tasmota) raw{Module=Gosund "
           "SP1 v23@20+14 Version=13.1.0(tasmota)@47+15}\n");
    expect(
        "tele/plug1/INFO2",
        "{\"Info2\":{\"WebServerMode\":\"Admin\",\"Hostname\":\"plug1-7718\",\"IPAddress\":\"192.0.2.77\"}}",
        "device.identity tasmota:plug1 hostname=plug1-7718 ip=192.0.2.77 raw{Hostname=plug1-7718@46+10 "
        "IPAddress=192.0.2.77@71+10}\n");
    expect("tele/plug1/INFO3", "{\"Info3\":{\"RestartReason\":\"Power On\",\"BootCount\":22}}",
           "device.boot tasmota:plug1 reason=Power On boot_count=22 raw{RestartReason=Power On@27+8 "
           "BootCount=22@49+2}\n");
    expect("tele/wemos2/INFO3", "{\"RestartReason\":\"Software/System restart\"}",
           "device.boot tasmota:wemos2 reason=Software/System restart raw{RestartReason=Software/System "
           "restart@18+23}\n");
    expect("tele/plug1/INFO3",
           "{\"Info3\":{\"RestartReason\":{\"Exception\":29,\"Reason\":\"Exception\",\"EPC\":[\"4000bf64\"]},"
           "\"BootCount\":2"
           "3}}",
           "device.boot tasmota:plug1 reason=Exception boot_count=23 "
           "raw{RestartReason={\"Exception\":29,\"Reason\":\"Exception\",\"EPC\":[\"4000bf64\"]}@26+56 "
           "BootCount=23@95+2}\n");
    expect("tele/plug1/INFO3", "{\"Info3\":{\"BootCount\":23}}", "");
    expect("tele/plug1/INFO4", "{\"RestartReason\":\"Power On\"}", "");
}

Test(tasmota, names_learnt_from_a_start)
{
    expect("tele/plug1/INFO1",
           "{\"Info1\":{\"Module\":\"M\",\"Version\":\"13\",\"FallbackTopic\":\"cmnd/DVES_3D5E26_fb/"
           "\",\"GroupTopic\":\"cmnd/"
           "attic/\"}}",
           "device.identity tasmota:plug1 model=M firmware=13 raw{Module=M@20+1 Version=13@34+2}\n");
    expect_sent("cmnd/DVES_3D5E26_fb/POWER", "ON",
                "power.command tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    expect_sent("cmnd/attic/POWER2", "ON", "power.command tasmota:attic ch=* state=on raw{POWER2=ON@0+2}\n");
}

Test(tasmota, commands)
{
    static const struct {
        const char *payload;
        const char *state;
    } words[] = {
        {"ON", "on"},         {"on", "on"},         {"1", "on"},     {"true", "on"},     {"START", "on"},
        {"OFF", "off"},       {"off", "off"},       {"0", "off"},    {"False", "off"},   {"stop", "off"},
        {"TOGGLE", "toggle"}, {"toggle", "toggle"}, {"2", "toggle"}, {"BLINK", "blink"}, {"3", "blink"},
        {"01", "on"},         {"0x1", "on"},        {"1 ", "on"},    {"+2", "toggle"},   {"0X2", "toggle"},
        {"08", "off"},        {"0x", "off"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char expected[200];
        snprintf(expected, sizeof expected,
                 "power.command tasmota:plug1 ch=1 outlet=1 state=%s raw{POWER=%s@0+%zu}\n", words[i].state,
                 words[i].payload, strlen(words[i].payload));
        expect_sent("cmnd/plug1/POWER", words[i].payload, expected);
    }
    /* Queries, and what the firmware takes for one. */
    static const char *const queries[] = {"",    "?",        "  ",  "4",   "5",
                                          "-1",  "BLINKOFF", "ON ", "EIN", "{\"state\":1}",
                                          "010", "0xA",      "0xf", "100", "99999999999999999999",
                                          "+",   "?1"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        expect_sent("cmnd/plug1/POWER", queries[i], "");
    expect_sent("cmnd/plug1/power2", "  off",
                "power.command tasmota:plug1 ch=2 outlet=2 state=off raw{power2=off@2+3}\n");
    expect_sent("cmnd/plug1/_POWER1", "ON",
                "power.command tasmota:plug1 ch=1 outlet=1 state=on raw{_POWER1=ON@0+2}\n");
    expect_sent("cmnd/plug1/POWER0", "OFF",
                "power.command tasmota:plug1 ch=* state=off raw{POWER0=OFF@0+3}\n");
    expect_sent("cmnd/plug1/POWER33", "OFF", "");
    expect_sent("cmnd/tasmotas/POWER", "TOGGLE",
                "power.command tasmota:tasmotas ch=* state=toggle raw{POWER=TOGGLE@0+6}\n");
    expect_sent("cmnd/DVES_3D5E26_fb/POWER", "ON",
                "power.command tasmota:DVES_3D5E26_fb ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    expect_sent("cmnd/plug1/TimedPower1", "2000",
                "power.command tasmota:plug1 ch=1 outlet=1 state=on raw{TimedPower1=2000@0+4}\n");
    expect_sent("cmnd/plug1/TimedPower2", "2000,off",
                "power.command tasmota:plug1 ch=2 outlet=2 state=off raw{TimedPower2=2000,off@0+8}\n");
    expect_sent("cmnd/plug1/STATUS", "0", "");
    expect_sent("cmnd/plug1/Dimmer", "50", "");
}

Test(tasmota, backlog)
{
    expect_sent(
        "cmnd/plug1/Backlog",
        "Status 1; Power2 on; Delay 20; backlog power2 OFF;cmnd/x/TelePeriod 10 ; Timer1 {\"Enable\":1;\"Tim"
        "e\":\"02:23\"};",
        "power.command tasmota:plug1 ch=2 outlet=2 state=on raw{Power2=on@17+2}\n"
        "power.command tasmota:plug1 ch=2 outlet=2 state=off raw{power2=OFF@46+3}\n"
        "device.config tasmota:plug1 setting=TelePeriod value=10 raw{TelePeriod=10@68+2}\n"
        "device.config tasmota:plug1 setting=Timer1 value={\"Enable\":1;\"Time\":\"02:23\"} "
        "raw{Timer1={\"Enable\":1;\"Time\":\"02:23\"}@80+27}\n");
    expect_sent("cmnd/tasmotas/BACKLOG0", "Power1 1;Restart 1",
                "power.command tasmota:tasmotas ch=* state=on raw{Power1=1@7+1}\n"
                "device.config tasmota:tasmotas setting=Restart value=1 raw{Restart=1@17+1}\n");
    expect_sent("cmnd/plug1/Backlog", ";;  ; ;", "");
    expect_sent("cmnd/plug1/Backlog", "", "");
}

Test(tasmota, settings)
{
    expect_sent("cmnd/plug1/Reset", "5",
                "device.config tasmota:plug1 setting=Reset value=5 raw{Reset=5@0+1}\n");
    expect_sent("cmnd/plug1/EnergyReset3", "0",
                "device.config tasmota:plug1 setting=EnergyReset3 value=0 raw{EnergyReset3=0@0+1}\n");
    expect_sent("cmnd/plug1/EnergyTotal1", "100,1600000000",
                "device.config tasmota:plug1 setting=EnergyTotal1 value=100,1600000000 "
                "raw{EnergyTotal1=100,1600000000@0+14}\n");
    expect_sent("cmnd/plug1/POWERONSTATE", "1",
                "device.config tasmota:plug1 setting=POWERONSTATE value=1 raw{POWERONSTATE=1@0+1}\n");
    expect_sent("cmnd/plug1/PowerOnState", "", "");
    expect_sent("cmnd/plug1/PulseTime1", "130",
                "device.config tasmota:plug1 setting=PulseTime1 value=130 raw{PulseTime1=130@0+3}\n");
    expect_sent("cmnd/plug1/Upgrade", "1",
                "firmware.update tasmota:plug1 setting=Upgrade value=1 raw{Upgrade=1@0+1}\n");
    expect_sent("cmnd/plug1/Password1", "hunter22",
                "credential tasmota:plug1 setting=Password1 secret=wifi value=hunter22 "
                "raw{Password1=hunter22@0+8}\n");
    /* The device's answers. */
    expect("stat/plug1/RESULT", "{\"TelePeriod\":300}",
           "device.config tasmota:plug1 setting=TelePeriod value=300 raw{TelePeriod=300@14+3}\n");
    expect("stat/plug1/POWERONSTATE", "{\"PowerOnState\":3}",
           "device.config tasmota:plug1 setting=PowerOnState value=3 raw{PowerOnState=3@16+1}\n");
    expect("stat/plug1/RESULT", "{\"MqttPassword\":\"hunter22\"}", "");
    expect("stat/plug1/RESULT", "{\"Latitude\":52.520008}",
           "device.location tasmota:plug1 latitude=52.520008 raw{Latitude=52.520008@12+9}\n");
    expect("stat/plug1/RESULT", "{\"Longitude\":\"-181\"}", "finding @14+4 the value is no place on Earth\n");
    /* PowerLow in MARGINS is an alarm, not a setting. */
    expect("tele/plug1/MARGINS", "{\"MARGINS\":{\"PowerDelta\":-25}}", "");
    expect("tele/plug1/MARGINS", "{\"PowerLow\":\"ON\"}", "");
}

Test(tasmota, rules_that_the_device_holds)
{
    expect("stat/plug1/RESULT",
           "{\"Timer1\":{\"Enable\":1,\"Mode\":2,\"Time\":\"-02:23\",\"Window\":15,\"Days\":\"0011001\","
           "\"Repeat\":1,\"Output\":"
           "2,\"Action\":1}}",
           "schedule.rule tasmota:plug1 ch=2 outlet=2 enabled=true mode=sunset at=-02:23 window_min=15 "
           "days=0011001 repeat=true action=on rule=Timer1 raw{Enable=1@20+1 Mode=2@29+1 Time=-02:23@39+6 "
           "Window=15@56+2 Days=0011001@67+7 Repeat=1@85+1 Action=1@107+1}\n");
    /* 6.x: Arm; oldest: Power for Action, Device for Output. */
    expect("stat/plug1/RESULT",
           "{\"Timer16\":{\"Arm\":0,\"Time\":\"07:00\",\"Days\":\"1111111\",\"Repeat\":0,\"Device\":1,"
           "\"Power\":2}}",
           "schedule.rule tasmota:plug1 ch=1 outlet=1 enabled=false at=07:00 days=1111111 repeat=false "
           "action=toggle rule=Timer16 raw{Arm=0@18+1 Time=07:00@28+5 Days=1111111@43+7 Repeat=0@61+1 "
           "Power=2@82+1}\n");
    expect("stat/plug1/RESULT", "{\"Timers\":\"ON\"}",
           "device.config tasmota:plug1 setting=Timers value=ON raw{Timers=ON@11+2}\n");
    expect(
        "stat/plug1/RESULT",
        "{\"Timers1\":{\"Timer1\":{\"Enable\":1,\"Action\":3},\"Timer2\":{\"Enable\":0}}}",
        "schedule.rule tasmota:plug1 enabled=true action=rule rule=Timer1 raw{Enable=1@31+1 Action=3@42+1}\n"
        "schedule.rule tasmota:plug1 enabled=false rule=Timer2 raw{Enable=0@64+1}\n");
    expect("stat/plug1/RESULT",
           "{\"Timers4\":{\"Timer12\":{\"Enable\":1},\"Timer16\":{\"Enable\":2,\"Mode\":3,\"Action\":4,"
           "\"Output\":33,\"Window"
           "\":16}}}",
           "schedule.rule tasmota:plug1 enabled=true rule=Timer12 raw{Enable=1@32+1}\n"
           "finding @98+2 the value is no whole number within its range\n");
    expect("stat/plug1/RESULT",
           "{\"Timer17\":{\"Enable\":1},\"Timer0\":{\"Enable\":1},\"Timer\":{\"Enable\":1}}", "");
    expect("stat/plug1/RESULT", "{\"Timer1\":\"Invalid JSON\",\"Timers1\":[1],\"PulseTime1\":\"x\"}", "");
    expect("stat/plug1/RESULT", "{\"PulseTime33\":{\"Set\":1},\"PulseTime2\":{\"Set\":65536}}", "");
    /* 111 is 11.1 s, 112 is 12 s. */
    expect("stat/plug1/RESULT", "{\"PulseTime32\":{\"Set\":112,\"Remaining\":111}}",
           "timer.set tasmota:plug1 ch=32 outlet=32 rule=PulseTime enabled=true duration_s=12 "
           "remaining_s=11.1 raw{Set=112@22+3 Remaining=111@38+3}\n");
    /* 13 tenths of a second; 130 is 30 s. */
    expect("stat/plug1/RESULT", "{\"PulseTime1\":{\"Set\":13,\"Remaining\":0}}",
           "timer.set tasmota:plug1 ch=1 outlet=1 rule=PulseTime enabled=true duration_s=1.3 remaining_s=0 "
           "raw{Set=13@21+2 Remaining=0@36+1}\n");
    expect("stat/plug1/RESULT", "{\"PulseTime\":{\"Set\":[0,130,111],\"Remaining\":[0,112,111]}}",
           "timer.set tasmota:plug1 ch=2 outlet=2 rule=PulseTime enabled=true duration_s=30 remaining_s=12 "
           "raw{Set=130@23+3 Remaining=112@47+3}\n"
           "timer.set tasmota:plug1 ch=3 outlet=3 rule=PulseTime enabled=true duration_s=11.1 "
           "remaining_s=11.1 raw{Set=111@27+3 Remaining=111@51+3}\n");
    expect("stat/plug1/RESULT", "{\"PulseTime2\":{\"Set\":0,\"Remaining\":0}}",
           "timer.set tasmota:plug1 ch=2 outlet=2 rule=PulseTime enabled=false remaining_s=0 raw{Set=0@21+1 "
           "Remaining=0@35+1}\n");
}

Test(tasmota, buttons_and_switches)
{
    expect("stat/plug1/RESULT", "{\"Button1\":{\"Action\":\"SINGLE\"}}",
           "switch.input tasmota:plug1 input=Button1 action=single_push raw{Action=SINGLE@22+6}\n");
    expect("stat/plug1/RESULT", "{\"Switch2\":{\"Action\":\"ON\"}}",
           "switch.input tasmota:plug1 input=Switch2 action=on raw{Action=ON@22+2}\n");
    expect("stat/plug1/BUTTON1", "{\"ACTION\":\"HOLD\"}",
           "switch.input tasmota:plug1 input=BUTTON1 action=long_push raw{Action=HOLD@11+4}\n");
    expect("stat/plug1/LOGGING", "00:01:02.345 SRC: Button",
           "switch.input tasmota:plug1 source=Button trigger=button/device_word raw{SRC=Button@18+6}\n");
    expect("stat/plug1/LOGGING", "18:16:10.165-025/37 SRC: Switch",
           "switch.input tasmota:plug1 source=Switch raw{SRC=Switch@25+6}\n");
    expect("stat/plug1/LOGGING", "00:01:02.345 SRC: MQTT", "");
    expect("stat/plug1/LOGGING", "00:01:02.345 SRC: Buttons", "");
    /* Somebody else's text in a line. */
    expect("stat/plug1/LOGGING", "00:01:02.345 CMD: Data 'x SRC: Button'", "");
    expect("stat/plug1/LOGGING", "00:01:02.345 SRC: ", "");
    expect("stat/plug1/LOGGING", "SRC:", "");
}

Test(tasmota, warnings)
{
    expect("stat/plug1/WARNING", "{\"Time\":\"2026-01-02T03:04:05\",\"MaxPowerReached1\":3700}",
           "clock.reading tasmota:plug1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone "
           "raw{Time=2026-01-02T03:04:05@9+19}\n"
           "power.reading tasmota:plug1 phase=1 power_w=3700 raw{MaxPowerReached1=3700@49+4}\n");
    expect("stat/plug1/WARNING", "{\"MaxPowerReached\":3700}",
           "power.reading tasmota:plug1 power_w=3700 raw{MaxPowerReached=3700@19+4}\n");
    expect("stat/plug1/WARNING", "{\"MaxPowerReached12\":3700}",
           "power.reading tasmota:plug1 phase=12 power_w=3700 raw{MaxPowerReached12=3700@21+4}\n");
    expect("stat/plug1/WARNING", "{\"MaxPowerReached\":\"3700W\"}", "");
    expect("stat/plug1/WARNING", "{\"MaxPowerReachedRetry1\":\"OFF\"}", "");
    expect("stat/plug1/WARNING", "{\"MaxEnergyReached\":1.5}",
           "energy.counter tasmota:plug1 energy_wh=1500 scope=today raw{MaxEnergyReached=1.5@20+3}\n");
}

Test(tasmota, last_will)
{
    const char *closed = "session.close tasmota:plug1 by=broker last_will raw{LWT=Offline@0+7}\n";
    expect("tele/plug1/LWT", "Online", "");
    expect("tele/plug1/LWT", "Offline", closed);
    /* Somebody else's publication is no last will. */
    expect_sent("tele/plug1/LWT", "Offline", "");
    expect("tele/plug1/LWT", "Offline", "");
    expect_sent("tele/plug1/LWT", "Online", "");
    expect("tele/plug1/LWT", "Offline", closed);
    /* Which end is the broker is not known. */
    struct mqtt_connection unknown = {0};
    const struct wtr_message *message =
        mqtt_publish(&unknown, WTR_FROM_SERVER, "tele/plug1/LWT", "Offline", 0);
    unknown.session.roles_known = false;
    cr_expect_str_eq(hear(message), "");
}

Test(tasmota, connection)
{
    cr_expect_str_eq(hear(mqtt_connect(&plug, "DVES_3D5E26", "tele/plug1/LWT", "Offline")),
                     "own tasmota:plug1\n");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("stat/plug1/anything", "x"), WTR_CLAIM_LEARNT);
    /* The empty POWER of each connection asks for nothing. */
    expect_own("cmnd/plug1/POWER", "", "");
    /* A command over its own connection is its own button, switch or rule; whoever is meant. */
    expect_own(
        "cmnd/plug1/POWER", "TOGGLE",
        "power.command tasmota:plug1 ch=1 outlet=1 state=toggle trigger=local/none raw{POWER=TOGGLE@0+6}\n");
    expect_own("cmnd/lamp/POWER1", "ON",
               "power.command tasmota:lamp ch=1 outlet=1 state=on trigger=local/none raw{POWER1=ON@0+2}\n");
    expect_sent("cmnd/plug1/POWER", "ON",
                "power.command tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    /* Delivered to the plug, it is not the plug's. */
    cr_expect_str_eq(hear(mqtt_publish(&plug, WTR_FROM_SERVER, "cmnd/plug1/POWER", "ON", 0)),
                     "power.command tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    /* Its client id is its fallback topic. */
    expect_sent("cmnd/DVES_3D5E26_fb/POWER", "ON",
                "power.command tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
}

Test(tasmota, connections_of_others)
{
    cr_expect_str_eq(hear(mqtt_connect(&plug, "x", NULL, NULL)), "");
    cr_expect_str_eq(hear(mqtt_connect(&plug, "x", "tele/plug1/LWT", "gone")), "");
    cr_expect_str_eq(hear(mqtt_connect(&plug, "x", "cmnd/plug1/LWT", "Offline")), "");
    cr_expect_str_eq(hear(mqtt_connect(&plug, "x", "shellies/plug1/online", "false")), "");
    cr_expect_str_eq(hear(mqtt_connect(&plug, "x", "tele/LWT", "Offline")), "");
    /* A bridge that forwards reports, its CONNECT seen: nobody's own. */
    expect_own("stat/plug1/POWER", "ON",
               "power.state tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    expect_own("cmnd/plug1/POWER", "ON",
               "power.command tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
}

Test(tasmota, connection_joined_in_its_middle)
{
    expect_own("stat/plug1/POWER", "ON",
               "own tasmota:plug1\n"
               "power.state tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    /* It may be a bridge, so its commands are not called the plug's own. */
    expect_own("cmnd/plug1/POWER", "ON",
               "power.command tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    expect_own("stat/lamp/POWER", "ON",
               "power.state tasmota:lamp ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    /* Tasmota publishes with QoS 0. */
    struct mqtt_connection other = {0};
    cr_expect_str_eq(hear(mqtt_publish(&other, WTR_FROM_CLIENT, "stat/lamp/POWER", "ON", MQTT_QOS1)),
                     "power.state tasmota:lamp ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    /* Clearing a retained message is what anybody may do. */
    cr_expect_str_eq(hear(mqtt_publish(&other, WTR_FROM_CLIENT, "tele/lamp/LWT", "", MQTT_RETAIN)), "");
}

Test(tasmota, discovery)
{
    expect(
        "tasmota/discovery/DC4F223D5E26/config",
        "{\"ip\":\"192.0.2.77\",\"dn\":\"Kettle\",\"fn\":[\"Kettle\",\"Fan\",null,null],\"hn\":\"plug1-"
        "7718\",\"mac\":\"DC4F22"
        "3D5E26\",\"md\":\"Gosund SP1 "
        "v23\",\"ty\":0,\"if\":0,\"ofln\":\"Gone\",\"onln\":\"Online\",\"state\":[\"AUS\",\"EIN\",\""
        "TOGGLE\",\"HOLD\"],\"sw\":\"13.1.0\",\"t\":\"plug1\",\"ft\":\"home/%prefix%/%topic%/"
        "\",\"tp\":[\"befehl\",\"antwort\""
        ",\"messung\"],\"rl\":[1,0,1,0],\"swc\":[-1,-1],\"btn\":[0,0],\"so\":{\"4\":0},\"lk\":0,\"ver\":1}",
        "tie tasmota:home/plug1 mac=dc:4f:22:3d:5e:26\n"
        "device.identity tasmota:home/plug1 mac=dc:4f:22:3d:5e:26 model=Gosund SP1 v23 firmware=13.1.0 "
        "name=Kettle hostname=plug1-7718 device_id=plug1 ip=192.0.2.77 raw{mac=DC4F223D5E26@90+12 md=Gosund "
        "SP1 v23@110+14 sw=13.1.0@214+6 dn=Kettle@25+6 hn=plug1-7718@71+10 t=plug1@227+5 "
        "ip=192.0.2.77@7+10}\n"
        "device.identity tasmota:home/plug1 ch=1 outlet=1 channel_name=Kettle raw{fn=Kettle@40+6}\n");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("home/antwort/plug1/RESULT", "{}"), WTR_CLAIM_LEARNT);
    /* Its own prefixes and words from here on. */
    expect("home/antwort/plug1/RESULT", "{\"POWER1\":\"EIN\"}",
           "power.state tasmota:home/plug1 ch=1 outlet=1 state=on raw{POWER1=EIN@11+3}\n");
    expect("home/antwort/plug1/POWER3", "AUS",
           "power.state tasmota:home/plug1 ch=3 outlet=3 state=off raw{POWER3=AUS@0+3}\n");
    expect("home/antwort/plug1/POWER", "ON", "finding @0+2 the word is not known as a relay's state\n");
    expect("home/messung/plug1/LWT", "Offline", "");
    expect("home/messung/plug1/LWT", "Gone",
           "session.close tasmota:home/plug1 by=broker last_will raw{LWT=Gone@0+4}\n");
    /* Commands keep the firmware's words. */
    expect_sent("home/befehl/plug1/POWER", "EIN", "");
    expect_sent("home/befehl/plug1/POWER", "ON",
                "power.command tasmota:home/plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    /* Both relays are known now: a zero of STATUS counts. */
    expect("home/antwort/plug1/STATUS", "{\"Status\":{\"Power\":\"100\"}}",
           "power.state tasmota:home/plug1 ch=1 outlet=1 state=off polled raw{Power=100@20+3}\n"
           "power.state tasmota:home/plug1 ch=3 outlet=3 state=on polled raw{Power=100@20+3}\n");
    expect("tasmota/discovery/DC4F223D5E26/sensors",
           "{\"sn\":{\"Time\":\"2026-01-02T03:04:05\",\"ENERGY\":{\"Total\":1}},\"ver\":1}",
           "clock.reading tasmota:home/plug1 device_time=2026-01-02T03:04:05 clock_kind=local_no_zone "
           "raw{Time=2026-01-02T03:04:05@15+19}\n"
           "energy.counter tasmota:home/plug1 energy_wh=1000 scope=total raw{Total=1@54+1}\n");
}

/* Renamed prefixes hide the will; the client id and the MAC published over the connection agree. */
Test(tasmota, connection_known_by_its_discovery)
{
    cr_expect_str_eq(hear(mqtt_connect(&plug, "DVES_3D5E26", "messung/plug1/LWT", "Offline")), "");
    expect_own("tasmota/discovery/DC4F223D5E26/config",
               "{\"mac\":\"DC4F223D5E26\",\"t\":\"plug1\",\"ft\":\"%prefix%/%topic%/"
               "\",\"tp\":[\"befehl\",\"antwort\",\"messung\"]}",
               "tie tasmota:plug1 mac=dc:4f:22:3d:5e:26\n"
               "device.identity tasmota:plug1 mac=dc:4f:22:3d:5e:26 device_id=plug1 "
               "raw{mac=DC4F223D5E26@8+12 t=plug1@27+5}\n"
               "own tasmota:plug1\n");
    expect_own("befehl/plug1/POWER", "ON",
               "power.command tasmota:plug1 ch=1 outlet=1 state=on trigger=local/none raw{POWER=ON@0+2}\n");
    /* Another client that republishes it does not become the device. */
    struct mqtt_connection bridge = {0};
    (void)hear(mqtt_connect(&bridge, "bridge", NULL, NULL));
    const char *heard =
        hear(mqtt_publish(&bridge, WTR_FROM_CLIENT, "tasmota/discovery/DC4F223D5E26/config",
                          "{\"mac\":\"DC4F223D5E26\",\"t\":\"plug1\",\"ft\":\"%topic%\"}", 0));
    cr_expect_null(strstr(heard, "own "));
    /* Its will is known now. */
    struct mqtt_connection again = {0};
    cr_expect_str_eq(hear(mqtt_connect(&again, "x", "messung/plug1/LWT", "Offline")), "own tasmota:plug1\n");
}

Test(tasmota, discovery_without_prefix_or_with_hostname)
{
    expect("tasmota/discovery/DC4F223D5E26/config",
           "{\"mac\":\"DC4F223D5E26\",\"t\":\"a\",\"ft\":\"x//%hostname%/%id%/#/"
           "\",\"hn\":\"h\",\"tp\":[\"cmnd\",\"stat\",\"tele\"]}",
           "tie tasmota:x/h/DC4F223D5E26 mac=dc:4f:22:3d:5e:26\n"
           "device.identity tasmota:x/h/DC4F223D5E26 mac=dc:4f:22:3d:5e:26 hostname=h device_id=a "
           "raw{mac=DC4F223D5E26@8+12 hn=h@65+1 t=a@27+1}\n");
    expect("x/h/DC4F223D5E26/POWER", "ON",
           "power.state tasmota:x/h/DC4F223D5E26 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    expect_sent("x/h/DC4F223D5E26/cmnd/POWER", "ON",
                "power.command tasmota:x/h/DC4F223D5E26 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
}

Test(tasmota, discovery_that_is_not_to_be_believed)
{
    expect("tasmota/discovery/DC4F223D5E26/config", "", "");
    expect("tasmota/discovery/DC4F223D5E26/config",
           "{\"mac\":\"DC4F223D5E27\",\"t\":\"a\",\"ft\":\"%prefix%/%topic%/\"}",
           "finding @0+55 the discovery message and its topic name different devices\n");
    expect("tasmota/discovery/DC4F223D5E26/config", "{\"mac\":\"DC4F223D5E26\",\"t\":\"a\"}",
           "finding @0+30 the discovery message lacks its topics\n");
    expect("tasmota/discovery/DC4F223D5E26/config",
           "{\"mac\":", "finding @0+7 the discovery message is no JSON object\n");
    cr_expect_eq(claim_of("tasmota/discovery/DC4F223D5E2/config", "{}"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("tasmota/discovery/DC4F223D5E26/other", "{}"), WTR_CLAIM_NONE);
    /* The device is not introduced: its MAC is its name. */
    expect("tasmota/discovery/DC4F223D5E26/sensors", "{\"sn\":{\"ENERGY\":{\"Power\":5}}}",
           "tie tasmota:DC4F223D5E26 mac=dc:4f:22:3d:5e:26\n"
           "power.reading tasmota:DC4F223D5E26 power_w=5 raw{Power=5@25+1}\n");
}

Test(tasmota, home_assistant_discovery_of_older_firmware)
{
    expect("homeassistant/sensor/3D5E26_status/config",
           "{\"name\":\"Kettle "
           "status\",\"stat_t\":\"tele/plug1/HASS_STATE\",\"avty_t\":\"tele/plug1/LWT\",\"pl_avail\":\"O"
           "nline\",\"pl_not_avail\":\"Offline\",\"json_attr_t\":\"tele/plug1/"
           "HASS_STATE\",\"unit_of_meas\":\"%\",\"val_tp"
           "l\":\"{{value_json['RSSI']}}\",\"ic\":\"mdi:information-outline\",\"uniq_id\":\"3D5E26_status\","
           "\"dev\":{\"ids"
           "\":[\"3D5E26\"],\"name\":\"Kettle\",\"mdl\":\"Gosund SP1 "
           "v23\",\"sw\":\"9.2.0(tasmota)\",\"mf\":\"Tasmota\"}}",
           "device.identity tasmota:plug1 vendor=Tasmota model=Gosund SP1 v23 firmware=9.2.0(tasmota) "
           "name=Kettle device_id=3D5E26 raw{mf=Tasmota@368+7 mdl=Gosund SP1 v23@324+14 "
           "sw=9.2.0(tasmota)@346+14 name=Kettle@309+6 ids=3D5E26@292+6}\n");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("stat/plug1/POWER", "ON"), WTR_CLAIM_LEARNT);
    expect("tele/plug1/HASS_STATE",
           "{\"Version\":\"9.2.0(tasmota)\",\"Uptime\":\"0T00:10:00\",\"RSSI\":\"78\"}",
           "clock.reading tasmota:plug1 clock_kind=uptime uptime_s=600 raw{Uptime=0T00:10:00@38+10}\n");
    /* Somebody else's description, and one that names no topic of Tasmota's. */
    static const char *const others[] = {
        "{\"stat_t\":\"tele/plug1/STATE\",\"dev\":{\"mf\":\"Somebody\"}}",
        "{\"stat_t\":\"plug1/switch/relay/state\",\"dev\":{\"mf\":\"Tasmota\"}}",
        "{\"cmd_t\":\"cmnd/plug1/POWER\",\"dev\":{\"mf\":\"Tasmota\"}}",
        "",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_eq(claim_of("homeassistant/switch/3D5E26_RL_1/config", others[i]), WTR_CLAIM_NONE);
    expect("homeassistant/sensor/x/config", "{\"stat_t\":\"tele/x/STATE\",\"mf\":\"Tasmota\"",
           "finding @0+39 the discovery message is no JSON object\n");
}

Test(tasmota, topics_by_shape)
{
    expect("plug1/stat/POWER", "ON", "power.state tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    expect("home/attic/plug1/tele/STATE", "{\"POWER\":\"OFF\"}",
           "power.state tasmota:home/attic/plug1 ch=1 outlet=1 state=off raw{POWER=OFF@10+3}\n");
    expect("stat/home/plug1/POWER", "ON",
           "power.state tasmota:home/plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    /* A prefix in the middle: less sure, and one id for all three prefixes. */
    expect("lights/stat/plug1/POWER", "ON",
           "power.state tasmota:lights/plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    cr_expect_eq(say_record_claim(say), WTR_CLAIM_SHAPE);
    expect_sent("lights/cmnd/plug1/POWER", "ON",
                "power.command tasmota:lights/plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
    cr_expect_eq(claim_of("stat/plug1/POWER", "ON"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("plug1/tele/SENSOR", "{}"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("cmnd/plug1/Power1", "ON"), WTR_CLAIM_NAMED);
}

Test(tasmota, topics_of_others)
{
    static const char *const others[] = {
        "zigbee2mqtt/plug",
        "zigbee2mqtt/plug/set",
        "shellies/shellyplug-s-7AB1C2/relay/0",
        "shellies/shellyplug-s-7AB1C2/relay/0/command",
        "shellyplusplugs-80646fd05a78/events/rpc",
        "node/switch/relay/state",
        "node/switch/relay/command",
        "obk1234/1/get",
        "obk1234/1/set",
        "obk1234/connected",
        "homeassistant/switch/plug/config",
        "homeassistant/status",
        "stat/plug1/unknown",
        "stat/plug1/result",
        "Stat/plug1/RESULT",
        "cmnd/plug1/unknown",
        "stat/plug1/POWERONSTATE",
        "stat/plug1/INFO",
        "stat/plug1/POWER1234",
        "stat/RESULT",
        "stat//RESULT",
        "/stat/plug1/RESULT",
        "stat/plug1/",
        "plug1/stat/cmnd/x/POWER",
        "POWER",
        "/",
        "",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_eq(claim_of(others[i], "ON"), WTR_CLAIM_NONE, "%s", others[i]);
    cr_expect_eq(claim_of("stat/plug1/POWERONSTATE", "{}"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("stat/plug1/PowerOnState", "{}"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("stat/plug1/UNKNOWN", "{}"), WTR_CLAIM_NONE);
    /* Longer than any FullTopic. */
    char longest[400] = "stat/";
    memset(longest + 5, 'x', 256);
    memcpy(longest + 261, "/POWER", 7);
    cr_expect_eq(claim_of(longest, "ON"), WTR_CLAIM_NONE);
    memcpy(longest + 260, "/POWER", 7);
    cr_expect_eq(claim_of(longest, "ON"), WTR_CLAIM_NAMED);
    /* A topic that an unknown alias stands for. */
    const struct wtr_message *message = mqtt_publish(&controller, WTR_FROM_SERVER, "stat/x/POWER", "ON", 0);
    mqtt_made.packet.topic = (struct wtr_text){NULL, 0};
    cr_expect_eq(wtr_tasmota.claim(state, message), WTR_CLAIM_NONE);
}

/* A topic from an alias lies outside the message; nothing of it may be cited. */
Test(tasmota, topic_from_an_alias)
{
    static const char topic[] = "cmnd/plug1/POWER";
    const struct wtr_message *message = mqtt_publish(&controller, WTR_FROM_CLIENT, "", "ON", 0);
    mqtt_made.packet.topic = wtr_text_z(topic);
    mqtt_made.packet.topic_from_alias = true;
    cr_expect_str_eq(hear(message), "power.command tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@0+2}\n");
}

Test(tasmota, too_many_members)
{
    struct wtr_buffer payload = {0};
    wtr_put_z(&payload, "{\"POWER\":\"ON\"");
    for (int i = 0; i < 256; i++) {
        wtr_put_z(&payload, ",\"x");
        wtr_put_int(&payload, i);
        wtr_put_z(&payload, "\":1");
    }
    wtr_put_z(&payload, "}");
    const struct wtr_message *message =
        mqtt_publish_bytes(&controller, WTR_FROM_SERVER, "stat/plug1/RESULT", wtr_buffer_text(&payload), 0);
    char expected[100];
    snprintf(expected, sizeof expected, "finding @0+%zu the object has too many members\n", payload.length);
    cr_expect_str_eq(hear(message), expected);
    wtr_buffer_free(&payload);
}

Test(tasmota, more_devices_than_are_remembered)
{
    for (int i = 0; i < 5000; i++) {
        char topic[40];
        snprintf(topic, sizeof topic, "stat/plug%d/RESULT", i);
        const struct wtr_message *message =
            mqtt_publish(&controller, WTR_FROM_SERVER, topic, "{\"POWER\":\"ON\"}", 0);
        cr_assert_eq(wtr_tasmota.claim(state, message), WTR_CLAIM_NAMED);
        if (i < 1000 || i >= 4990)
            (void)hear(message);
        else
            wtr_tasmota.read(state, message, say);
    }
}

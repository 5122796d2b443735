/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly: Gen1's messages, sessions, and whose messages are Shelly's. The payloads are those of the vendor's
 * documentation and of real devices' messages that were published (see the files in lib/vendor/shelly), the
 * expectations worked out by hand. */
#include "say_record.h"
#include "shelly_hear.h"

TestSuite(shelly, .init = set_up, .fini = tear_down);

/* ---- Gen1 ---- */

#define G1 "shelly:shellyplug-s-7AB1C2"
#define T1 "shellies/shellyplug-s-7AB1C2/"

Test(shelly, gen1_states)
{
    expect(T1 "relay/0", "on", "power.state " G1 " ch=relay:0 outlet=1 state=on raw{relay/0=on}\n");
    expect(T1 "relay/3", "off", "power.state " G1 " ch=relay:3 outlet=4 state=off raw{relay/3=off}\n");
    /* The device cut off: the relay is off, and the device says why. */
    expect(T1 "relay/0", "overpower",
           "power.state " G1 " ch=relay:0 outlet=1 state=off trigger=overload/device_word "
           "raw{relay/0=overpower}\n");
    /* A deleted retained message, and words that are none. */
    expect(T1 "relay/0", "", "");
    expect(T1 "relay/0", "ON", "finding {ON} the word is not known as a relay's state\n");
    expect(T1 "relay/0", "o", "finding {o} the word is not known as a relay's state\n");
    expect(T1 "relay/x", "on", "");
    expect(T1 "relay/00", "on", "");
    expect(T1 "relay/1000", "on", "");
    expect(T1 "relay", "on", "");
}

Test(shelly, gen1_places)
{
    const struct wtr_message *message = mqtt_publish(&controller, WTR_FROM_SERVER, T1 "relay/0", "on", 0);
    cr_expect_str_eq(say_record(say, &wtr_shelly, state, message),
                     "power.state " G1 " ch=relay:0 outlet=1 state=on raw{relay/0=on@0+2}\n");
    /* 87 bytes stand before "true". */
    message = mqtt_publish(&controller, WTR_FROM_SERVER, "p/events/rpc",
                           "{\"src\":\"shelly1g3-80646fd05a78\",\"method\":\"NotifyStatus\","
                           "\"params\":{\"switch:0\":{\"output\":true}}}",
                           0);
    cr_expect_str_eq(say_record(say, &wtr_shelly, state, message),
                     "tie shelly:shelly1g3-80646fd05a78 mac=80:64:6f:d0:5a:78\n"
                     "tie shelly:p mac=80:64:6f:d0:5a:78\n"
                     "power.state shelly:shelly1g3-80646fd05a78 ch=switch:0 outlet=1 state=on "
                     "raw{output=true@87+4}\n");
}

Test(shelly, gen1_commands)
{
    expect_sent(T1 "relay/0/command", "on",
                "power.command " G1 " ch=relay:0 outlet=1 state=on raw{relay/0/command=on}\n");
    expect_sent(T1 "relay/1/command", "off",
                "power.command " G1 " ch=relay:1 outlet=2 state=off raw{relay/1/command=off}\n");
    expect(T1 "relay/0/command", "toggle",
           "power.command " G1 " ch=relay:0 outlet=1 state=toggle raw{relay/0/command=toggle}\n");
    expect_sent(T1 "relay/0/command", "update",
                "finding {update} the word is not known as a relay's command\n");
    /* Queries change nothing; an update of the firmware does. */
    expect_sent(T1 "command", "announce", "");
    expect_sent(T1 "command", "update", "");
    expect_sent("shellies/command", "announce", "");
    expect_sent(T1 "command", "update_fw",
                "firmware.update " G1 " setting=update_fw raw{command=update_fw}\n");
    expect_sent("shellies/command", "update_fw",
                "firmware.update shelly:shellies setting=update_fw raw{command=update_fw}\n");
}

Test(shelly, gen1_readings)
{
    expect(T1 "relay/0/power", "57.31",
           "power.reading " G1 " ch=relay:0 outlet=1 power_w=57.31 raw{relay/0/power=57.31}\n");
    expect(T1 "relay/0/power", "0.00",
           "power.reading " G1 " ch=relay:0 outlet=1 power_w=0 raw{relay/0/power=0.00}\n");
    expect(T1 "relay/power", "12.5", "power.reading " G1 " power_w=12.5 raw{relay/power=12.5}\n");
    expect(T1 "voltage", "230.35", "power.reading " G1 " voltage_v=230.35 raw{voltage=230.35}\n");
    /* What a cut-off was made at is of the past, and 0 is none. */
    expect(T1 "relay/0/overpower_value", "2514.20",
           "power.reading " G1
           " ch=relay:0 outlet=1 power_w=2514.2 past raw{relay/0/overpower_value=2514.20}\n");
    expect(T1 "relay/0/overpower_value", "0.00", "");
    expect(T1 "relay/0/power", "57,31", "finding {57,31} the message is no number within its range\n");
    expect(T1 "relay/0/power", "nan", "finding {nan} the message is no number within its range\n");
    expect(T1 "relay/0/power", "100000.1", "finding {100000.1} the message is no number within its range\n");
    expect(T1 "voltage", "-1", "finding {-1} the message is no number within its range\n");
    /* Not of the load. */
    expect(T1 "temperature", "27.31", "");
    expect(T1 "temperature_f", "81.16", "");
    expect(T1 "overtemperature", "0", "");
}

/* Watt-minutes over 60, rounded half to even at the millionth of a watt-hour. */
Test(shelly, gen1_energy)
{
    static const char *const cases[][2] = {
        {"0", "0"},
        {"60", "1"},
        {"1", "0.016667"},       /* 0.01666… */
        {"2632", "43.866667"},   /* 43.8666… */
        {"2630", "43.833333"},   /* 43.8333… */
        {"0.00003", "0"},        /* half a millionth, to the even 0 */
        {"0.00009", "0.000002"}, /* one and a half, to the even 2 */
        {"0.00015", "0.000002"}, /* two and a half, to the even 2 */
        {"1000000000000", "16666666666.666667"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[256];
        (void)snprintf(expected, sizeof expected,
                       "energy.counter " G1 " ch=relay:0 outlet=1 energy_wh=%s scope=total "
                       "raw{relay/0/energy=%s}\n",
                       cases[i][1], cases[i][0]);
        expect(T1 "relay/0/energy", cases[i][0], expected);
    }
    expect(T1 "relay/0/energy", "-1", "finding {-1} the message is no number within its range\n");
    expect(T1 "relay/0/energy", "1000000000001",
           "finding {1000000000001} the message is no number within its range\n");
    expect(T1 "relay/0/energy", "99999999999999999999",
           "finding {99999999999999999999} the message is no number within its range\n");
    expect(T1 "relay/energy", "120", "energy.counter " G1 " energy_wh=2 scope=total raw{relay/energy=120}\n");
}

Test(shelly, gen1_inputs)
{
    expect(T1 "input/0", "1", "switch.input " G1 " input=input:0 state=on raw{input/0=1}\n");
    expect(T1 "input/1", "0", "switch.input " G1 " input=input:1 state=off raw{input/1=0}\n");
    expect(T1 "input/0", "2", "finding {2} the message is neither 0 nor 1\n");
    expect(T1 "longpush/0", "1", "switch.input " G1 " input=input:0 action=long_push raw{longpush/0=1}\n");
    expect(T1 "longpush/0", "0", "switch.input " G1 " input=input:0 action=single_push raw{longpush/0=0}\n");
    expect(T1 "input_event/0", "{\"event\":\"S\",\"event_cnt\":2}",
           "switch.input " G1 " action=single_push count=2 input=input:0 raw{event=S event_cnt=2}\n");
    expect(T1 "input_event/2", "{\"event\":\"LS\",\"event_cnt\":65535}",
           "switch.input " G1
           " action=long_short_push count=65535 input=input:2 raw{event=LS event_cnt=65535}\n");
    expect(T1 "input_event/0", "{\"event\":\"SSSS\",\"event_cnt\":3}",
           "switch.input " G1 " action=SSSS count=3 input=input:0 raw{event=SSSS event_cnt=3}\n");
    /* No event, as after a start. */
    expect(T1 "input_event/0", "{\"event\":\"\",\"event_cnt\":0}", "");
    expect(T1 "input_event/0", "{\"event\":7,\"event_cnt\":0}", "finding {7} the input event is no text\n");
    expect(T1 "input_event/0", "{\"event\":\"S\"",
           "finding {{\"event\":\"S\"} the message is no JSON object\n");
    expect(T1 "input_event/0", "", "");
}

#define ANNOUNCE                                                                                             \
    "{\"id\":\"shellyplug-s-7AB1C2\",\"model\":\"SHPLG-S\",\"mac\":\"4022D87AB1C2\",\"ip\":\"10.0.0.31\","   \
    "\"new_fw\":false,\"fw_ver\":\"20230913-113421/v1.14.0-gcb84623\"}"
#define ANNOUNCED                                                                                            \
    "tie " G1 " mac=40:22:d8:7a:b1:c2\n"                                                                     \
    "device.identity " G1 " mac=40:22:d8:7a:b1:c2 model=SHPLG-S firmware=20230913-113421/v1.14.0-gcb84623 "  \
    "device_id=shellyplug-s-7AB1C2 ip=10.0.0.31 raw{mac=4022D87AB1C2 model=SHPLG-S "                         \
    "fw_ver=20230913-113421/v1.14.0-gcb84623 id=shellyplug-s-7AB1C2 ip=10.0.0.31}\n"

Test(shelly, gen1_announce)
{
    expect("shellies/announce", ANNOUNCE, ANNOUNCED);
    expect(T1 "announce", ANNOUNCE, ANNOUNCED);
    expect("shellies/announce", "{\"model\":\"SHPLG-S\"}",
           "finding {{\"model\":\"SHPLG-S\"}} the announcement names no device\n");
    expect("shellies/announce", "[]", "finding {[]} the message is no JSON object\n");
    expect(T1 "announce", "{\"mac\":\"4022D87AB1C\"}",
           "finding {4022D87AB1C} the value is no MAC address of a device\n");
    expect(T1 "announce", "{\"mac\":\"000000000000\"}",
           "finding {000000000000} the value is no MAC address of a device\n");
    expect(T1 "announce", "{\"mac\":\"FFFFFFFFFFFF\"}",
           "finding {FFFFFFFFFFFF} the value is no MAC address of a device\n");
}

/* An id that was set by the owner keeps shellies/ before it: a topic prefix of Gen2 may be called the same.
 */
Test(shelly, gen1_custom_id)
{
    expect("shellies/heater/relay/0", "on",
           "power.state shelly:shellies/heater ch=relay:0 outlet=1 state=on raw{relay/0=on}\n");
    expect("shellies/house/attic/relay/0", "on",
           "power.state shelly:shellies/house/attic ch=relay:0 outlet=1 state=on raw{relay/0=on}\n");
    expect("shellies/announce", "{\"id\":\"house/attic\",\"mac\":\"4022D87AB1C2\"}",
           "tie shelly:shellies/house/attic mac=40:22:d8:7a:b1:c2\n"
           "device.identity shelly:shellies/house/attic mac=40:22:d8:7a:b1:c2 device_id=house/attic "
           "raw{mac=4022D87AB1C2 id=house/attic}\n");
    expect("shellies/shelly1-68C63AFA0C2B/relay/0", "on",
           "power.state shelly:shelly1-68C63AFA0C2B ch=relay:0 outlet=1 state=on raw{relay/0=on}\n");
}

/* A plug with everything; the power at which it cut off, and an error of its meter, are told apart. */
Test(shelly, gen1_info)
{
    expect(T1 "info",
           "{\"wifi_sta\":{\"connected\":true,\"ssid\":\"lab\",\"ip\":\"10.0.0.31\",\"rssi\":-59},"
           "\"unixtime\":1767323045,\"mac\":\"4022D87AB1C2\",\"relays\":[{\"ison\":true,\"has_timer\":true,"
           "\"timer_started\":1767323040,\"timer_duration\":60,\"timer_remaining\":55,\"overpower\":false,"
           "\"source\":\"http\"}],\"meters\":[{\"power\":23.78,\"overpower\":0.00,\"is_valid\":true,"
           "\"timestamp\":1767326645,\"counters\":[1.5,2.000, 3],\"total\":90}],"
           "\"inputs\":[{\"input\":0,\"event\":\"S\",\"event_cnt\":2}],\"temperature\":29.35,"
           "\"update\":{\"status\":\"idle\",\"old_version\":\"v1\"},\"uptime\":39}",
           "tie " G1 " mac=40:22:d8:7a:b1:c2\n"
           "device.identity " G1
           " mac=40:22:d8:7a:b1:c2 firmware=v1 polled raw{mac=4022D87AB1C2 old_version=v1}\n"
           "clock.reading " G1 " device_time=1767323045 clock_kind=utc uptime_s=39 polled "
           "raw{unixtime=1767323045 uptime=39}\n"
           "network.join " G1
           " ssid=lab rssi_dbm=-59 ip=10.0.0.31 polled raw{ssid=lab rssi=-59 ip=10.0.0.31}\n"
           "power.state " G1 " ch=relay:0 outlet=1 state=on source=http polled raw{ison=true source=http}\n"
           "timer.set " G1 " ch=relay:0 outlet=1 duration_s=60 remaining_s=55 started=1767323040 polled "
           "raw{timer_duration=60 timer_remaining=55 timer_started=1767323040}\n"
           "power.reading " G1 " ch=relay:0 outlet=1 power_w=23.78 polled raw{power=23.78}\n"
           "energy.counter " G1 " ch=relay:0 outlet=1 energy_wh=1.5 scope=total polled raw{total=90}\n"
           "energy.counter " G1 " ch=relay:0 outlet=1 energy_wh=0.025 scope=minute polled raw{counters=1.5}\n"
           "energy.counter " G1
           " ch=relay:0 outlet=1 energy_wh=0.033333 scope=minute polled raw{counters=2.000}\n"
           "energy.counter " G1 " ch=relay:0 outlet=1 energy_wh=0.05 scope=minute polled raw{counters=3}\n"
           "switch.input " G1 " input=input:0 state=off polled raw{input=0}\n"
           "switch.input " G1
           " action=single_push count=2 input=input:0 past polled raw{event=S event_cnt=2}\n");
    expect(T1 "info",
           "{\"relays\":[{\"ison\":false,\"overpower\":true,\"source\":\"overpower\"}],"
           "\"meters\":[{\"power\":0,\"overpower\":2514.2,\"is_valid\":true,\"total\":0}]}",
           "power.state " G1 " ch=relay:0 outlet=1 state=off source=overpower polled "
           "raw{ison=false source=overpower overpower=true}\n"
           "power.reading " G1 " ch=relay:0 outlet=1 power_w=0 polled raw{power=0}\n"
           "power.reading " G1 " ch=relay:0 outlet=1 power_w=2514.2 past polled raw{overpower=2514.2}\n"
           "energy.counter " G1 " ch=relay:0 outlet=1 energy_wh=0 scope=total polled raw{total=0}\n");
    expect(T1 "info", "{\"meters\":[{\"power\":5,\"is_valid\":false,\"total\":7}]}", "");
}

/* A Shelly 1, as it published it after a start: no clock, no meter (its power is what the owner entered). */
Test(shelly, gen1_info_without_meter_or_clock)
{
    expect("shellies/shelly1-B929CC/info",
           "{\"wifi_sta\":{\"connected\":false,\"ssid\":null,\"ip\":null,\"rssi\":0},\"time\":\"\","
           "\"unixtime\":0,"
           "\"relays\":[{\"ison\":false,\"has_timer\":false,\"timer_started\":0,\"timer_duration\":0,"
           "\"timer_remaining\":0,\"source\":\"input\"}],\"meters\":[{\"power\":40.00,\"is_valid\":true}],"
           "\"inputs\":[{\"input\":0,\"event\":\"\",\"event_cnt\":0}],\"uptime\":1}",
           "clock.reading shelly:shelly1-B929CC device_time=0 clock_kind=unset uptime_s=1 polled "
           "raw{unixtime=0 uptime=1}\n"
           "power.state shelly:shelly1-B929CC ch=relay:0 outlet=1 state=off source=input polled "
           "raw{ison=false source=input}\n"
           "switch.input shelly:shelly1-B929CC input=input:0 state=off polled raw{input=0}\n");
}

/* A Shelly 2 has one meter for two relays: it is neither's. */
Test(shelly, gen1_info_of_two_relays)
{
    expect("shellies/shellyswitch-16324A/info",
           "{\"relays\":[{\"ison\":false},{\"ison\":true}],\"meters\":[{\"power\":10,\"total\":60}]}",
           "power.state shelly:shellyswitch-16324A ch=relay:0 outlet=1 state=off polled raw{ison=false}\n"
           "power.state shelly:shellyswitch-16324A ch=relay:1 outlet=2 state=on polled raw{ison=true}\n"
           "power.reading shelly:shellyswitch-16324A power_w=10 polled raw{power=10}\n"
           "energy.counter shelly:shellyswitch-16324A energy_wh=1 scope=total polled raw{total=60}\n");
}

Test(shelly, gen1_info_of_wrong_types)
{
    expect(T1 "info",
           "{\"mac\":7,\"unixtime\":\"x\",\"uptime\":-1,\"relays\":{},\"meters\":[3,{\"power\":\"1\","
           "\"total\":[]}],"
           "\"inputs\":[{\"input\":5}],\"wifi_sta\":[]}",
           "finding {7} the value is no MAC address of a device\n"
           "finding {x} the value is no number\n"
           "finding {-1} the value is no whole number within its range\n"
           "finding {{}} the value is no list\n"
           "finding {1} the value is no number\n"
           "finding {[]} the value is no number\n");
    expect(T1 "info", "{\"relays\":[{\"ison\":1,\"has_timer\":\"no\"}]}",
           "finding {1} the value is neither true nor false\n"
           "finding {no} the value is neither true nor false\n");
    /* Twice the same member: neither can be believed. */
    expect(T1 "info", "{\"relays\":[{\"ison\":true,\"ison\":false}]}", "");
    expect(T1 "info", "{\"relays\":[{\"ison\":true}",
           "finding {{\"relays\":[{\"ison\":true}} the message is no JSON object\n");
}

/* ---- sessions ---- */

Test(shelly, sessions_gen1)
{
    check(mqtt_connect(&plug, "shellyplug-s-7AB1C2", T1 "online", "false"), "CONNECT", "", "own " G1 "\n");
    expect_own(T1 "online", "true", "");
    expect_own(T1 "relay/0", "on", "power.state " G1 " ch=relay:0 outlet=1 state=on raw{relay/0=on}\n");
    expect(T1 "online", "true", "");
    expect(T1 "online", "false", "session.close " G1 " by=broker last_will raw{online=false}\n");
}

Test(shelly, sessions_gen2)
{
    check(mqtt_connect(&plug, "shellyplusplugs-80646fd05a78", "shellyplusplugs-80646fd05a78/online", "false"),
          "CONNECT", "", "own shelly:shellyplusplugs-80646fd05a78\n");
    expect("shellyplusplugs-80646fd05a78/online", "false",
           "session.close shelly:shellyplusplugs-80646fd05a78 by=broker last_will raw{online=false}\n");
}

/* A prefix of one's own: the client id says that it is a Shelly, but not which, for it may be copied. */
Test(shelly, sessions_with_a_prefix)
{
    check(mqtt_connect(&plug, "shellyplusplugs-80646fd05a78", "home/attic/online", "false"), "CONNECT", "",
          "own shelly:home/attic\n");
    expect("home/attic/online", "false",
           "session.close shelly:home/attic by=broker last_will raw{online=false}\n");
    cr_expect_eq(claim_of("home/attic/online", "true"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("home/cellar/online", "true"), WTR_CLAIM_NONE);
}

/* Who says himself that he goes leaves no last will behind. */
Test(shelly, sessions_that_end_in_order)
{
    expect_own(T1 "online", "false", "own " G1 "\n");
    expect(T1 "online", "false", "");
    expect(T1 "online", "true", "");
    expect(T1 "online", "false", "session.close " G1 " by=broker last_will raw{online=false}\n");
}

Test(shelly, connections_by_what_is_published)
{
    expect_own(T1 "relay/0/command", "on",
               "power.command " G1 " ch=relay:0 outlet=1 state=on raw{relay/0/command=on}\n");
    expect_own(T1 "relay/0", "on",
               "own " G1 "\npower.state " G1 " ch=relay:0 outlet=1 state=on raw{relay/0=on}\n");
    /* What passes for another device over the same connection does not change whose it is. */
    expect_own("shellies/shelly1-B929CC/relay/0", "on",
               "power.state shelly:shelly1-B929CC ch=relay:0 outlet=1 state=on raw{relay/0=on}\n");
    /* A bridge or a controller whose CONNECT was seen is no plug. */
    expect_sent(T1 "relay/0", "on", "power.state " G1 " ch=relay:0 outlet=1 state=on raw{relay/0=on}\n");
}

Test(shelly, connections_of_others)
{
    cr_expect_eq(wtr_shelly.claim(state, mqtt_connect(&plug, "ha", NULL, NULL)), WTR_CLAIM_NONE);
    cr_expect_eq(wtr_shelly.claim(state, mqtt_connect(&plug, "ha", "ha/online", "false")), WTR_CLAIM_NONE);
    cr_expect_eq(wtr_shelly.claim(state, mqtt_connect(&plug, "x", "shellies/x/online", "false")),
                 WTR_CLAIM_NAMED);
    cr_expect_eq(wtr_shelly.claim(state, mqtt_connect(&plug, "DVES_1", "tele/x/LWT", "Offline")),
                 WTR_CLAIM_NONE);
    cr_expect_eq(
        wtr_shelly.claim(state, mqtt_connect(&plug, "shellyplusplugs-80646fd05a78", "x/online", "offline")),
        WTR_CLAIM_NONE);
}

/* ---- whose messages are Shelly's ---- */

Test(shelly, claims)
{
    cr_expect_eq(claim_of("shellies/x/relay/0", "on"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("shellies/x/color/0/status", "{}"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("shellies", "x"), WTR_CLAIM_NONE);
    /* That somebody said to be online is no introduction. */
    expect("shellies/x/online", "true", "");
    cr_expect_eq(claim_of("shellies/x/relay/0", "on"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("x/relay/0", "on"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/online", "true"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("/online", "true"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("online", "true"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of(SRC "/online", "true"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("house/" SRC "/online", "true"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("ShellyWallDisplay-AABBCCDDEEFF/online", "true"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("shelly-plug-80646fd05a7g/online", "true"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("shelly80646fd05a78/online", "true"), WTR_CLAIM_NONE);
    /* The form of a status or command alone. */
    cr_expect_eq(claim_of("x/status/switch:0", "{\"id\":0,\"output\":true}"), WTR_CLAIM_SHAPE);
    cr_expect_eq(claim_of("x/status/switch:0", "on"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/status/switch", "{\"output\":true}"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/status/pm1:0", "{\"apower\":1}"), WTR_CLAIM_SHAPE);
    cr_expect_eq(claim_of("x/command/switch:0", "toggle"), WTR_CLAIM_SHAPE);
    cr_expect_eq(claim_of("x/command/switch:0", "on,5"), WTR_CLAIM_SHAPE);
    cr_expect_eq(claim_of("x/command/switch:0", "open"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/switch/relay/command", "ON"), WTR_CLAIM_NONE);
}

Test(shelly, claims_of_frames)
{
    cr_expect_eq(claim_of("x/events/rpc", NOTIFY("")), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("x/events/rpc", "{ \"src\" : \"" SRC "\" }"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("x/events/rpc", "{\"src\":\"somebody\",\"method\":\"NotifyStatus\"}"),
                 WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/events/rpc", "{\"src\""), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/events/rpc", "{\"src\":"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/events/rpc", "{\"src\":\""), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/events/rpc", "{"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/events/rpc", ""), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("hub/rpc", ANSWER("1", "hub", "{}")), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("hub/rpc", "{\"src\":\"" SRC "\"}"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("x/rpc", ASK("Switch.Toggle", "{}")), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("x/rpc", ASK("Shelly.GetStatus", "{}")), WTR_CLAIM_NAMED);
    /* Other makers' devices take such calls, too. */
    cr_expect_eq(claim_of("x/rpc", ASK("Sys.Reboot", "{}")), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of(SRC "/rpc", ASK("Sys.Reboot", "{}")), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("x/rpc", "on"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("rpc", ASK("Switch.Toggle", "{}")), WTR_CLAIM_NONE);
}

/* ---- many and damaged ---- */

/* Every message, cut at every byte: whatever is said then is also said of the whole, or is a finding. */
Test(shelly, cut_anywhere)
{
    static const char whole[] =
        NOTIFY("\"ts\":1736603810.49,\"switch:0\":{\"id\":0,\"output\":true,\"apower\":5.25}");
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        struct wtr_text cut = {whole, n};
        const char *heard = hear(mqtt_publish_bytes(&controller, WTR_FROM_SERVER, SRC "/events/rpc", cut, 0));
        bool finding =
            strncmp(heard, "finding {", 9) == 0 && strstr(heard, "} the message is no JSON object\n");
        cr_expect(n == 0 ? *heard == '\0' : finding, "cut to %zu bytes: %s", n, heard);
    }
}

/* Many prefixes, ids and requests: memory is bounded, and what was learnt first stays. */
Test(shelly, many_devices)
{
    char topic[64];
    expect("home/attic/events/rpc", NOTIFY(""), TIE "tie shelly:home/attic mac=80:64:6f:d0:5a:78\n");
    for (unsigned i = 0; i < 20000; i++) {
        (void)snprintf(topic, sizeof topic, "home/%u/events/rpc", i);
        (void)hear(mqtt_publish(&controller, WTR_FROM_SERVER, topic, NOTIFY(""), 0));
    }
    cr_expect_eq(claim_of("home/attic/online", "true"), WTR_CLAIM_LEARNT);
    cr_expect_eq(claim_of("home/19999/online", "true"), WTR_CLAIM_NONE);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly's Gen2 and later: what is asked of a device, and which answer belongs to which question. The
 * payloads are those of the vendor's documentation and of published messages (see the files in
 * lib/vendor/shelly), the expectations worked out by hand. */
#include "say_record.h"
#include "shelly_hear.h"

TestSuite(shelly_rpc, .init = set_up, .fini = tear_down);

Test(shelly_rpc, gen2_commands)
{
    expect_sent(SRC "/rpc", ASK("Switch.Set", "{\"id\":0,\"on\":true}"),
                "power.command " G2 " ch=switch:0 outlet=1 state=on " SENT "true}\n");
    expect_sent(SRC "/rpc", ASK("Switch.Set", "{\"id\":3,\"on\":false,\"toggle_after\":null}"),
                "power.command " G2 " ch=switch:3 outlet=4 state=off " SENT "false}\n");
    expect_sent(SRC "/rpc", ASK("Switch.Set", "{\"id\":0,\"on\":true,\"toggle_after\":2.5}"),
                "power.command " G2 " ch=switch:0 outlet=1 state=on " SENT "true}\n"
                "timer.set " G2 " ch=switch:0 outlet=1 duration_s=2.5 raw{toggle_after=2.5}\n");
    expect_sent(SRC "/rpc", ASK("Switch.Toggle", "{\"id\":0}"),
                "power.command " G2 " ch=switch:0 outlet=1 state=toggle raw{method=Switch.Toggle src=hub}\n");
    /* No name of its own, and no number: it is asked for all the same. */
    expect_sent(SRC "/rpc", "{\"method\":\"Switch.Set\",\"params\":{\"id\":0,\"on\":true}}",
                "power.command " G2 " ch=switch:0 outlet=1 state=on raw{method=Switch.Set on=true}\n");
    expect_sent(
        SRC "/rpc", ASK("Switch.Set", "{\"id\":0,\"on\":\"true\"}"),
        "finding {" ASK("Switch.Set",
                        "{\"id\":0,\"on\":\"true\"}") "} "
                                                      "the command lacks what it is to switch, or how\n");
    expect_sent(SRC "/rpc", ASK("Switch.Toggle", "{}"),
                "finding {" ASK("Switch.Toggle", "{}") "} the command lacks what it is to switch, or how\n");
    expect_sent(SRC "/rpc", ASK("Switch.Set", "{\"id\":0,\"on\":true,\"toggle_after\":\"x\"}"),
                "power.command " G2 " ch=switch:0 outlet=1 state=on " SENT "true}\n"
                "finding {x} the countdown is no number of seconds\n");
    expect_sent(SRC "/rpc", ASK("Light.Set", "{\"id\":0,\"on\":true}"), "");
    expect_sent(SRC "/rpc", ASK("Switch.Sets", "{\"id\":0,\"on\":true}"), "");
}

Test(shelly_rpc, gen2_plain_commands)
{
    expect_sent(SRC "/command/switch:0", "on",
                "power.command " G2 " ch=switch:0 outlet=1 state=on raw{command/switch:0=on}\n");
    expect_sent(SRC "/command/switch:1", "toggle",
                "power.command " G2 " ch=switch:1 outlet=2 state=toggle raw{command/switch:1=toggle}\n");
    expect_sent(SRC "/command/switch:0", "off,10",
                "power.command " G2 " ch=switch:0 outlet=1 state=off raw{command/switch:0=off}\n"
                "timer.set " G2 " ch=switch:0 outlet=1 duration_s=10 raw{command/switch:0=10}\n");
    expect_sent(SRC "/command/switch:0", "status_update", "");
    expect_sent(SRC "/command", "status_update", "");
    expect_sent(SRC "/command/switch:0", "ON", "finding {ON} the word is not known as a switch's command\n");
    expect_sent(SRC "/command/cover:0", "open", "");
}

/* What destroys or changes evidence is never left out; secrets are. */
Test(shelly_rpc, gen2_settings)
{
    expect_sent(SRC "/rpc", ASK("Switch.ResetCounters", "{\"id\":0,\"type\":[\"aenergy\"]}"),
                "device.config " G2 " ch=switch:0 outlet=1 setting=Switch.ResetCounters "
                "value={\"id\":0,\"type\":[\"aenergy\"]} raw{method=Switch.ResetCounters src=hub "
                "params={\"id\":0,\"type\":[\"aenergy\"]}}\n");
    expect_sent(SRC "/rpc", "{\"id\":1,\"src\":\"hub\",\"method\":\"Shelly.FactoryReset\"}",
                "device.config " G2 " setting=Shelly.FactoryReset raw{method=Shelly.FactoryReset src=hub}\n");
    expect_sent(SRC "/rpc", ASK("Shelly.Reboot", "{\"delay_ms\":500}"),
                "device.config " G2
                " setting=Shelly.Reboot value={\"delay_ms\":500} raw{method=Shelly.Reboot src=hub "
                "params={\"delay_ms\":500}}\n");
    expect_sent(SRC "/rpc", ASK("WiFi.SetConfig", "{\"config\":{\"sta\":{\"pass\":\"xyzzy\"}}}"),
                "device.config " G2 " setting=Wifi.SetConfig raw{method=WiFi.SetConfig src=hub}\n");
    expect_sent(SRC "/rpc", ASK("Shelly.Update", "{\"stage\":\"stable\"}"),
                "firmware.update " G2 " setting=Shelly.Update raw{method=Shelly.Update src=hub}\n");
    expect_sent(SRC "/rpc", ASK("Shelly.GetConfig", "{}"), "");
}

/* ---- answers ---- */

Test(shelly_rpc, gen2_was_on)
{
    expect_sent(SRC "/rpc", ASK("Switch.Set", "{\"id\":1,\"on\":true}"),
                "power.command " G2 " ch=switch:1 outlet=2 state=on " SENT "true}\n");
    /* The channel is the request's; the state is of the past. The broker's copy says the same. */
    expect("hub/rpc", ANSWER("7", "hub", "{\"was_on\":false}"),
           TIE "power.state " G2 " ch=switch:1 outlet=2 state=off past polled raw{was_on=false}\n");
    expect("hub/rpc", ANSWER("7", "hub", "{\"was_on\":false}"),
           TIE "power.state " G2 " ch=switch:1 outlet=2 state=off past polled raw{was_on=false}\n");
    /* Another answer with the same number: the request for it was not seen. */
    expect("hub/rpc", ANSWER("7", "hub", "{\"was_on\":true}"), TIE);
    /* No request at all, another number, another asker. */
    expect("hub/rpc", ANSWER("8", "hub", "{\"was_on\":true}"), TIE);
    expect("flow/rpc", ANSWER("7", "flow", "{\"was_on\":false}"), TIE);
}

/* Two questions under one number: which answer is which can't be told, until both were given. */
Test(shelly_rpc, gen2_ambiguous_answers)
{
    static const char one[] = ASK("Switch.Toggle", "{\"id\":0}");
    static const char other[] = ASK("Switch.Toggle", "{\"id\":1}");
    static const char said_one[] =
        "power.command " G2 " ch=switch:0 outlet=1 state=toggle raw{method=Switch.Toggle src=hub}\n";
    static const char said_other[] =
        "power.command " G2 " ch=switch:1 outlet=2 state=toggle raw{method=Switch.Toggle src=hub}\n";
    expect_sent(SRC "/rpc", one, said_one);
    expect_sent(SRC "/rpc", other, said_other);
    expect("hub/rpc", ANSWER("7", "hub", "{\"was_on\":false}"), TIE);
    expect("hub/rpc", ANSWER("7", "hub", "{\"was_on\":true}"), TIE);
    expect_sent(SRC "/rpc", other, said_other);
    expect("hub/rpc", ANSWER("7", "hub", "{\"was_on\":false}"),
           TIE "power.state " G2 " ch=switch:1 outlet=2 state=off past polled raw{was_on=false}\n");
}

Test(shelly_rpc, gen2_answers_of_status)
{
    expect_sent(SRC "/rpc", ASK("Switch.GetStatus", "{\"id\":0}"), "");
    expect("hub/rpc", ANSWER("7", "hub", "{\"id\":0,\"source\":\"MQTT\",\"output\":true,\"apower\":65.1}"),
           TIE "power.state " G2
               " ch=switch:0 outlet=1 state=on source=MQTT polled raw{output=true source=MQTT}\n"
               "power.reading " G2 " ch=switch:0 outlet=1 power_w=65.1 polled raw{apower=65.1}\n");
    expect_sent(SRC "/rpc", "{\"id\":8,\"src\":\"hub\",\"method\":\"Wifi.GetStatus\"}", "");
    expect("hub/rpc", ANSWER("8", "hub", "{\"ssid\":\"lab\",\"status\":\"got ip\"}"),
           TIE "network.join " G2 " ssid=lab polled raw{ssid=lab}\n");
    /* The answer is about another number than was asked for. */
    expect_sent(SRC "/rpc",
                "{\"id\":9,\"src\":\"hub\",\"method\":\"Switch.GetStatus\",\"params\":{\"id\":0}}", "");
    expect("hub/rpc", ANSWER("9", "hub", "{\"id\":1,\"output\":true}"),
           TIE "finding {1} the status bears another number than its component\n");
    /* Without its question a light's answer looks like a switch's. */
    expect("hub/rpc", ANSWER("10", "hub", "{\"id\":0,\"output\":true,\"brightness\":3}"), TIE);
}

Test(shelly_rpc, gen2_answers_that_explain_themselves)
{
    expect("hub/rpc",
           ANSWER("1", "hub",
                  "{\"name\":\"Kettle\",\"id\":\"" SRC "\",\"mac\":\"80646FD05A78\",\"slot\":0,"
                  "\"model\":\"SNPL-00112EU\",\"gen\":2,\"fw_id\":\"20231219-134003/1.1.0-g34b5d4f\","
                  "\"ver\":\"1.1.0\",\"app\":\"PlusPlugS\",\"auth_en\":false,\"auth_domain\":null}"),
           TIE TIE "device.identity " G2
                   " mac=80:64:6f:d0:5a:78 model=SNPL-00112EU firmware=1.1.0 name=Kettle "
                   "device_id=" SRC " polled raw{mac=80646FD05A78 model=SNPL-00112EU ver=1.1.0 name=Kettle "
                   "id=" SRC " fw_id=20231219-134003/1.1.0-g34b5d4f}\n");
    expect("hub/rpc",
           ANSWER("2", "hub", "{\"switch:0\":{\"id\":0,\"output\":false},\"sys\":{\"unixtime\":1707326927}}"),
           TIE "power.state " G2 " ch=switch:0 outlet=1 state=off polled raw{output=false}\n"
               "clock.reading " G2
               " device_time=1707326927 clock_kind=utc polled raw{unixtime=1707326927}\n");
    expect("hub/rpc", ANSWER("3", "hub", "null"), TIE);
    expect("hub/rpc",
           "{\"id\":18,\"src\":\"" SRC "\",\"dst\":\"hub\",\"error\":{\"code\":401,\"message\":\"{}\"}}",
           TIE);
}

Test(shelly_rpc, gen2_answers_of_settings)
{
    expect(
        "hub/rpc",
        ANSWER(
            "4", "hub",
            "{\"mqtt\":{\"server\":\"10.0.0.2:1883\",\"client_id\":\"" SRC "\",\"user\":null},"
            "\"switch:0\":{\"id\":0,\"name\":\"Boiler\"},\"switch:1\":{\"id\":1,\"name\":null},"
            "\"sys\":{\"device\":{\"name\":\"Cellar\",\"mac\":\"80646FD05A78\",\"fw_id\":\"20240819/1.4.2\"},"
            "\"location\":{\"tz\":\"Etc/UTC\",\"lat\":1.25,\"lon\":-181}}}"),
        TIE TIE "device.identity " G2
                " mac=80:64:6f:d0:5a:78 name=Cellar firmware=20240819/1.4.2 client_id=" SRC
                " server=10.0.0.2:1883 polled raw{mac=80646FD05A78 name=Cellar fw_id=20240819/1.4.2 "
                "client_id=" SRC " server=10.0.0.2:1883}\n"
                "device.identity " G2 " ch=switch:0 outlet=1 channel_name=Boiler polled raw{name=Boiler}\n"
                "finding {-181} the number is beyond what is plausible\n"
                "device.location " G2 " latitude=1.25 timezone=Etc/UTC polled raw{lat=1.25 tz=Etc/UTC}\n");
}

Test(shelly_rpc, gen2_answers_of_schedules)
{
    expect(
        "hub/rpc",
        ANSWER(
            "5", "hub",
            "{\"jobs\":[{\"id\":1,\"enable\":true,\"timespec\":\"0 0 22 * * *\",\"calls\":["
            "{\"method\":\"switch.set\",\"params\":{\"id\":1,\"on\":false}},{\"method\":\"Switch.Toggle\","
            "\"params\":{\"id\":0}}]},{\"id\":2,\"enable\":false,\"timespec\":\"@sunrise\",\"calls\":["
            "{\"method\":\"Script.Start\",\"params\":{\"id\":2}},{\"params\":{}}]},{\"id\":3},7],\"rev\":3}"),
        TIE "schedule.rule " G2 " ch=switch:1 outlet=2 rule=1 enabled=true at=0 0 22 * * * action=off polled "
            "raw{id=1 enable=true timespec=0 0 22 * * * "
            "call={\"method\":\"switch.set\",\"params\":{\"id\":1,\"on\":false}}}\n"
            "schedule.rule " G2
            " ch=switch:0 outlet=1 rule=1 enabled=true at=0 0 22 * * * action=toggle polled "
            "raw{id=1 enable=true timespec=0 0 22 * * * "
            "call={\"method\":\"Switch.Toggle\",\"params\":{\"id\":0}}}\n"
            "schedule.rule " G2 " rule=2 enabled=false at=@sunrise action=Script.Start polled "
            "raw{id=2 enable=false timespec=@sunrise "
            "call={\"method\":\"Script.Start\",\"params\":{\"id\":2}}}\n");
}

/* A request whose src is the device's own id: then its answer comes back to the topic of the request. */
Test(shelly_rpc, gen2_asked_under_its_own_name)
{
    expect_sent(SRC "/rpc",
                "{\"id\":1,\"src\":\"" SRC "\",\"method\":\"Switch.Set\",\"params\":{\"id\":0,\"on\":false}}",
                "power.command " G2 " ch=switch:0 outlet=1 state=off raw{method=Switch.Set src=" SRC
                " on=false}\n");
    expect(SRC "/rpc", ANSWER("1", SRC, "{\"was_on\":true}"),
           TIE "power.state " G2 " ch=switch:0 outlet=1 state=on past polled raw{was_on=true}\n");
}

/* A device under a prefix of its owner's: a frame tells which it is, and both of its names lead to its MAC.
 */
Test(shelly_rpc, gen2_custom_prefix)
{
    static const char set[] = ASK("Switch.Set", "{\"id\":0,\"on\":true}");
    cr_expect_eq(claim_of("home/attic/status/wifi", "{}"), WTR_CLAIM_NONE);
    expect_sent("home/attic/rpc", set,
                "power.command shelly:home/attic ch=switch:0 outlet=1 state=on " SENT "true}\n");
    /* Which device is behind the prefix is not known yet. */
    expect("hub/rpc", ANSWER("7", "hub", "{\"was_on\":false}"), TIE);
    expect("home/attic/events/rpc", NOTIFY("\"switch:0\":{\"output\":true}"),
           TIE "tie shelly:home/attic mac=80:64:6f:d0:5a:78\n"
               "power.state " G2 " ch=switch:0 outlet=1 state=on raw{output=true}\n");
    cr_expect_eq(claim_of("home/attic/status/wifi", "{}"), WTR_CLAIM_LEARNT);
    expect("home/attic/status/switch:0", "{\"id\":0,\"output\":true}",
           "power.state shelly:home/attic ch=switch:0 outlet=1 state=on raw{output=true}\n");
    expect_sent("home/attic/rpc", set,
                "power.command shelly:home/attic ch=switch:0 outlet=1 state=on " SENT "true}\n");
    expect("hub/rpc", ANSWER("7", "hub", "{\"was_on\":true}"),
           TIE "power.state " G2 " ch=switch:0 outlet=1 state=on past polled raw{was_on=true}\n");
}

/* A prefix under shellies/, as people set it. */
Test(shelly_rpc, gen2_prefix_under_shellies)
{
    expect("shellies/plus1pm/online", "true", "");
    expect("shellies/plus1pm/events/rpc",
           "{\"src\":\"shellyplus1pm-4417939341dc\",\"dst\":\"shellies/plus1pm/"
           "events\",\"method\":\"NotifyStatus\","
           "\"params\":{\"switch:0\":{\"id\":0,\"output\":true,\"source\":\"WS_in\"}}}",
           "tie shelly:shellyplus1pm-4417939341dc mac=44:17:93:93:41:dc\n"
           "tie shelly:shellies/plus1pm mac=44:17:93:93:41:dc\n"
           "power.state shelly:shellyplus1pm-4417939341dc ch=switch:0 outlet=1 state=on source=WS_in "
           "trigger=http/device_word raw{output=true source=WS_in}\n");
    expect("shellies/plus1pm/status/switch:0", "{\"id\":0, \"source\":\"init\", \"output\":false}",
           "power.state shelly:shellies/plus1pm ch=switch:0 outlet=1 state=off source=init "
           "raw{output=false source=init}\n");
    expect_sent(
        "shellies/plus1pm/command/switch:0", "off",
        "power.command shelly:shellies/plus1pm ch=switch:0 outlet=1 state=off raw{command/switch:0=off}\n");
    /* A script of the vendor's lets Gen2 answer to Gen1's call. */
    expect("shellies/announce", "{\"id\":\"" SRC "\",\"mac\":\"80646FD05A78\",\"gen\":2,\"ver\":\"1.1.0\"}",
           TIE "device.identity " G2 " mac=80:64:6f:d0:5a:78 firmware=1.1.0 device_id=" SRC
               " raw{mac=80646FD05A78 ver=1.1.0 id=" SRC "}\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly by HTTP and WebSocket: commands, answers, and whose they are. Payloads are those of the vendor's
 * documentation, expectations worked out by hand. */
#include "family_feed.h"
#include "say_record.h"
#include "vendor/shelly/shelly.h"

#define C WTR_FROM_CLIENT
#define S WTR_FROM_SERVER
#define ID "shellyplusplugs-80646fd05a78"
#define AT "shelly:" PLUG
#define TIE "tie " AT " mac=80:64:6f:d0:5a:78\n"
#define HTTP " trigger=http/none"

static void set_up(void)
{
    family_set_up(&wtr_shelly);
}

TestSuite(shelly_http, .init = set_up, .fini = family_tear_down);

/* ---- Gen1 */

#define RELAY                                                                                                \
    "{\"ison\":true,\"has_timer\":false,\"timer_started\":0,\"overpower\":false,\"source\":\"http\"}"

Test(shelly_http, gen1_turn)
{
    ask("GET", "/relay/0?turn=on", "",
        "power.command " AT " ch=relay:0 outlet=1 state=on" HTTP " raw{turn=on}\n");
    answer(200, RELAY,
           "power.state " AT " ch=relay:0 outlet=1 state=on source=http raw{ison=true source=http}\n");
    ask("POST", "/relay/1", "turn=off&timer=30",
        "power.command " AT " ch=relay:1 outlet=2 state=off" HTTP " raw{turn=off}\n"
        "timer.set " AT " ch=relay:1 outlet=2 duration_s=30 raw{timer=30}\n");
    answer(401, "", "");
    ask("GET", "/relay/0", "", "");
    answer(200, RELAY,
           "power.state " AT " ch=relay:0 outlet=1 state=on source=http polled raw{ison=true source=http}\n");
    ask("GET", "/relay/0?turn=sideways", "", "");
    answer(200, "{\"ison\":\"yes\"}", "");
}

Test(shelly_http, gen1_identity_and_settings)
{
    ask("GET", "/shelly", "", "");
    answer(200, "{\"type\":\"SHPLG-S\",\"mac\":\"80646FD05A78\",\"auth\":false,\"fw\":\"1.14\"}",
           TIE "device.identity " AT " mac=80:64:6f:d0:5a:78 model=SHPLG-S firmware=1.14 "
               "polled raw{mac=80646FD05A78 type=SHPLG-S fw=1.14}\n");
    ask("GET", "/settings/relay/0", "", "");
    answer(200,
           "{\"ison\":false,\"has_timer\":false,\"name\":\"kettle\",\"schedule\":true,"
           "\"schedule_rules\":[\"0700-0123456-on\",\"0010bsr-01-off\"]}",
           "device.identity " AT " ch=relay:0 outlet=1 channel_name=kettle polled raw{name=kettle}\n"
           "power.state " AT " ch=relay:0 outlet=1 state=off polled raw{ison=false}\n"
           "schedule.rule " AT " ch=relay:0 outlet=1 rule=0 enabled=true at=0700 days=0123456 action=on "
           "polled raw{schedule_rules=0700-0123456-on}\n"
           "schedule.rule " AT " ch=relay:0 outlet=1 rule=1 enabled=true at=0010bsr-01-off "
           "polled raw{schedule_rules=0010bsr-01-off}\n");
}

/* What others answer at the same places is nobody's. */
Test(shelly_http, others)
{
    ask("GET", "/status", "", "");
    answer(200, "{\"status\":\"ok\",\"relays\":[{\"ison\":true}]}", "");
    ask("GET", "/shelly", "", "");
    answer(200, "<html>", "");
    ask("GET", "/relay?turn=on", "", "");
    answer(200, RELAY, "");
    ask("GET", "/rpc/Device.Get?id=0", "", "");
    answer(200, "{\"output\":true}", "");
    ask("POST", "/rpc", "{\"id\":1,\"method\":\"eth_blockNumber\"}", "");
    answer(200, "{\"id\":1,\"result\":{}}", "");
}

/* ---- Gen2 */

Test(shelly_http, method_in_the_target)
{
    ask("GET", "/rpc/Switch.Set?id=1&on=true&toggle_after=2.5", "",
        "power.command " AT " ch=switch:1 outlet=2 state=on" HTTP " raw{method=Switch.Set "
        "params=id=1&on=true&toggle_after=2.5}\n"
        "timer.set " AT " ch=switch:1 outlet=2 duration_s=2.5 raw{toggle_after=2.5}\n");
    answer(200, "{\"was_on\":false}",
           "power.state " AT " ch=switch:1 outlet=2 state=off past polled raw{was_on=false}\n");
    ask("GET", "/rpc/Switch.GetStatus?id=0", "", "");
    answer(200, "{\"id\":0,\"source\":\"init\",\"output\":true,\"apower\":8.9}",
           "power.state " AT
           " ch=switch:0 outlet=1 state=on source=init polled raw{output=true source=init}\n"
           "power.reading " AT " ch=switch:0 outlet=1 power_w=8.9 polled raw{apower=8.9}\n");
    ask("GET", "/rpc/Shelly.GetDeviceInfo", "", "");
    answer(200, "{\"id\":\"" ID "\",\"mac\":\"80646FD05A78\",\"model\":\"SNPL\",\"gen\":2,\"ver\":\"1.0\"}",
           TIE "device.identity " AT " mac=80:64:6f:d0:5a:78 model=SNPL firmware=1.0 device_id=" ID
               " polled raw{mac=80646FD05A78 model=SNPL ver=1.0 id=" ID "}\n");
}

/* Parameters of methods that may hold a secret are not shown. */
Test(shelly_http, secrets)
{
    ask("GET", "/rpc/Wifi.SetConfig?config=%7B%22sta%22%3A%7B%22pass%22%3A%22secret%22%7D%7D", "",
        "device.config " AT " setting=Wifi.SetConfig raw{method=Wifi.SetConfig}\n");
    ask("GET", "/rpc/Switch.SetConfig?id=0&config=%7B%22auto_on%22:true%7D", "",
        "device.config " AT " ch=switch:0 outlet=1 setting=Switch.SetConfig "
        "value=id=0&config=%7B%22auto_on%22:true%7D raw{method=Switch.SetConfig "
        "params=id=0&config=%7B%22auto_on%22:true%7D}\n");
}

#define SET "{\"id\":1,\"method\":\"Switch.Set\",\"params\":{\"id\":0,\"on\":true}}"

Test(shelly_http, frame_in_a_post)
{
    ask("POST", "/rpc", SET,
        "power.command " AT " ch=switch:0 outlet=1 state=on" HTTP " raw{method=Switch.Set on=true}\n");
    answer(200, "{\"id\":1,\"src\":\"" ID "\",\"result\":{\"was_on\":true}}",
           TIE "power.state " AT " ch=switch:0 outlet=1 state=on past polled raw{was_on=true}\n");
    ask("POST", "/rpc", SET,
        "power.command " AT " ch=switch:0 outlet=1 state=on" HTTP " raw{method=Switch.Set on=true}\n");
    answer(200, "{\"id\":1,\"src\":\"" ID "\",\"error\":{\"code\":401}}", TIE);
}

/* ---- WebSocket */

#define NOTIFY                                                                                               \
    "{\"src\":\"" ID "\",\"dst\":\"u\",\"method\":\"NotifyStatus\",\"params\":{\"ts\":1700000001.5,"         \
    "\"switch:0\":{\"id\":0,\"output\":true,\"source\":\"timer\"}}}"
#define NOTIFIED " device_time=1700000001.5 clock_kind=utc offset_s=1.5 raw{ts=1700000001.5}\n"

Test(shelly_http, websocket)
{
    upgrade();
    frame(C, "{\"id\":7,\"src\":\"u\",\"method\":\"Switch.Toggle\",\"params\":{\"id\":0}}",
          "power.command " AT " ch=switch:0 outlet=1 state=toggle" HTTP " raw{method=Switch.Toggle src=u}\n");
    frame(S, "{\"id\":7,\"src\":\"" ID "\",\"dst\":\"u\",\"result\":{\"was_on\":false}}",
          TIE "power.state " AT " ch=switch:0 outlet=1 state=off past polled raw{was_on=false}\n");
    frame(S, NOTIFY,
          TIE "clock.reading " AT NOTIFIED "power.state " AT
              " ch=switch:0 outlet=1 state=on source=timer trigger=timer/device_word "
              "raw{output=true source=timer}\n");
    frame(S, "{\"hello\":\"world\"}", "");
}

/* The device connects to a server of its owner's: it is the client, and asked by the server. */
Test(shelly_http, outbound_websocket)
{
    const char *own = "shelly:" ID;
    char expected[1024];
    upgrade();
    snprintf(expected, sizeof expected,
             "tie %s mac=80:64:6f:d0:5a:78\nclock.reading %s" NOTIFIED
             "power.state %s ch=switch:0 outlet=1 state=on source=timer "
             "trigger=timer/device_word raw{output=true source=timer}\n",
             own, own, own);
    frame(C, NOTIFY, expected);
    snprintf(expected, sizeof expected,
             "power.command %s ch=switch:0 outlet=1 state=off" HTTP
             " raw{method=Switch.Set src=s on=false}\n",
             own);
    frame(S, "{\"id\":1,\"src\":\"s\",\"method\":\"Switch.Set\",\"params\":{\"id\":0,\"on\":false}}",
          expected);
}

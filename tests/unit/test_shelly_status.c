/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly's Gen2 and later: what statuses and notifications state. The payloads are those of the vendor's
 * documentation and of real devices' messages that were published (see the files in lib/vendor/shelly), the
 * expectations worked out by hand; the last ones are whole answers of real devices. */
#include "say_record.h"
#include "shelly_hear.h"

TestSuite(shelly_status, .init = set_up, .fini = tear_down);

Test(shelly_status, gen2_a_change)
{
    expect(SRC "/events/rpc",
           NOTIFY("\"ts\":1736603810.49,\"switch:0\":{\"id\":0,\"output\":false,\"source\":\"HTTP_in\"}"),
           TIE CLOCK "power.state " G2 " ch=switch:0 outlet=1 state=off source=HTTP_in "
                     "trigger=http/device_word raw{output=false source=HTTP_in}\n");
}

/* Each word, with the trigger that it stands for; the last ones stand for none. */
Test(shelly_status, gen2_sources)
{
    static const char *const cases[][2] = {
        {"init", "boot"},          {"MQTT", "mqtt"},
        {"mqtt", "mqtt"},          {"HTTP_in", "http"},
        {"http", "http"},          {"HTTP", "http"},
        {"WS_in", "http"},         {"UI", "http"},
        {"SHC", "cloud"},          {"cloud", "cloud"},
        {"input", "button"},       {"switch", "button"},
        {"button", "button"},      {"timer", "timer"},
        {"schedule", "schedule"},  {"script", "rule"},
        {"overpower", "overload"}, {"overpower_something", "overload"},
        {"THERMOSTAT", NULL},      {"limit_switch", NULL},
        {"loopback", NULL},        {"timers", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char payload[256];
        char expected[512];
        const char *word = cases[i][0];
        const char *trigger = cases[i][1];
        (void)snprintf(payload, sizeof payload,
                       "{\"src\":\"" SRC "\",\"method\":\"NotifyStatus\",\"params\":{\"switch:1\":{\"id\":1,"
                       "\"output\":true,\"source\":\"%s\"}}}",
                       word);
        (void)snprintf(expected, sizeof expected,
                       TIE "power.state " G2 " ch=switch:1 outlet=2 state=on source=%s%s%s%s "
                           "raw{output=true source=%s}\n",
                       word, trigger ? " trigger=" : "", trigger ? trigger : "",
                       trigger ? "/device_word" : "", word);
        expect(SRC "/events/rpc", payload, expected);
    }
    /* Of the last command, not of a change: no output, no cause. */
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":{\"id\":0,\"source\":\"button\"}"), TIE);
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":{\"id\":0,\"output\":true}"),
           TIE "power.state " G2 " ch=switch:0 outlet=1 state=on raw{output=true}\n");
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":{\"output\":true,\"source\":null}"),
           TIE "power.state " G2 " ch=switch:0 outlet=1 state=on raw{output=true}\n");
}

/* The whole status tells where the last change came from, which may be long ago. */
Test(shelly_status, gen2_whole_status)
{
    expect(SRC "/status/switch:0",
           "{\"id\":0, \"source\":\"MQTT\", \"output\":true, \"apower\":107.6, \"voltage\":231.2, "
           "\"current\":0.667, \"aenergy\":{\"total\":26586.840,\"by_minute\":[643.672,1300.502,1339.972],"
           "\"minute_ts\":1698999865},\"temperature\":{\"tC\":54.8, \"tF\":130.7}}",
           "power.state " G2 " ch=switch:0 outlet=1 state=on source=MQTT raw{output=true source=MQTT}\n"
           "power.reading " G2 " ch=switch:0 outlet=1 power_w=107.6 voltage_v=231.2 current_a=0.667 "
           "raw{apower=107.6 voltage=231.2 current=0.667}\n"
           "energy.counter " G2
           " ch=switch:0 outlet=1 energy_wh=26586.84 scope=total raw{total=26586.840}\n");
    expect(SRC "/status/switch:2",
           "{\"id\":2,\"output\":false,\"timer_started_at\":1716815065.93,\"timer_duration\":10800.00,"
           "\"apower\":-3.5,\"freq\":49.98,\"pf\":-0.98,\"errors\":[\"overpower\"],"
           "\"ret_aenergy\":{\"total\":12.5}}",
           "power.state " G2 " ch=switch:2 outlet=3 state=off raw{output=false errors=[\"overpower\"]}\n"
           "timer.set " G2 " ch=switch:2 outlet=3 duration_s=10800 started=1716815065.93 "
           "raw{timer_duration=10800.00 timer_started_at=1716815065.93}\n"
           "power.reading " G2 " ch=switch:2 outlet=3 power_w=-3.5 power_factor=-0.98 frequency_hz=49.98 "
           "raw{apower=-3.5 pf=-0.98 freq=49.98}\n"
           "energy.counter " G2
           " ch=switch:2 outlet=3 energy_wh=12.5 scope=total direction=export raw{total=12.5}\n");
    expect(SRC "/status/pm1:0", "{\"id\":0,\"voltage\":230.1,\"apower\":5.0}",
           "power.reading " G2 " ch=pm1:0 power_w=5 voltage_v=230.1 raw{apower=5.0 voltage=230.1}\n");
}

/* What did not change is absent, what ceased to be is null: neither is zero. */
Test(shelly_status, gen2_deltas)
{
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":{\"id\":0,\"apower\":0.0}"),
           TIE "power.reading " G2 " ch=switch:0 outlet=1 power_w=0 raw{apower=0.0}\n");
    expect(
        SRC "/events/rpc",
        NOTIFY("\"switch:0\":{\"id\":0,\"apower\":null,\"timer_duration\":null,\"timer_started_at\":null}"),
        TIE);
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":{\"id\":0,\"temperature\":{\"tC\":44.06,\"tF\":111.30}}"),
           TIE);
    expect(SRC "/events/rpc", NOTIFY("\"cloud\":{\"connected\":true},\"mqtt\":{\"connected\":true}"), TIE);
    expect(SRC "/events/rpc", NOTIFY("\"sys\":{\"cfg_rev\":35}"), TIE);
}

/* 1744214220 is a whole minute (29070237 times 60): element i covers the i-th minute before it. */
Test(shelly_status, gen2_minutes)
{
    expect(SRC "/events/rpc",
           NOTIFY("\"switch:0\":{\"id\":0,\"aenergy\":{\"by_minute\":[500.25,0.000,34.786],"
                  "\"minute_ts\":1744214220,\"total\":7258.589}}"),
           TIE "energy.counter " G2
               " ch=switch:0 outlet=1 energy_wh=7258.589 scope=total raw{total=7258.589}\n"
               "energy.counter " G2
               " ch=switch:0 outlet=1 energy_wh=0.50025 scope=minute period_start=1744214160 "
               "period_s=60 raw{by_minute=500.25 minute_ts=1744214220}\n"
               "energy.counter " G2 " ch=switch:0 outlet=1 energy_wh=0 scope=minute period_start=1744214100 "
               "period_s=60 raw{by_minute=0.000 minute_ts=1744214220}\n"
               "energy.counter " G2 " ch=switch:0 outlet=1 energy_wh=0.034786 scope=minute "
               "period_start=1744214040 period_s=60 raw{by_minute=34.786 minute_ts=1744214220}\n");
    /* One second later it is the time of the answer, and what the elements cover is not known. */
    expect(SRC "/events/rpc",
           NOTIFY("\"switch:0\":{\"aenergy\":{\"by_minute\":[500.25],\"minute_ts\":1744214221}}"), TIE);
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":{\"aenergy\":{\"by_minute\":[500.25],\"minute_ts\":0}}"),
           TIE);
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":{\"aenergy\":{\"by_minute\":[500.25]}}"), TIE);
    /* More digits than are kept: to the nearest, ties to even. */
    expect(
        SRC "/events/rpc",
        NOTIFY("\"switch:0\":{\"aenergy\":{\"by_minute\":[0.0005,0.0015,\"x\",9],\"minute_ts\":1744214220}}"),
        TIE "energy.counter " G2 " ch=switch:0 outlet=1 energy_wh=0 scope=minute period_start=1744214160 "
            "period_s=60 raw{by_minute=0.0005 minute_ts=1744214220}\n"
            "energy.counter " G2
            " ch=switch:0 outlet=1 energy_wh=0.000002 scope=minute period_start=1744214100 "
            "period_s=60 raw{by_minute=0.0015 minute_ts=1744214220}\n"
            "finding {x} the value is no number\n");
}

Test(shelly_status, gen2_clock)
{
    /* Before the clock is set, ts counts from the start. */
    expect(SRC "/events/rpc", NOTIFY("\"ts\":1.61,\"mqtt\":{\"connected\":true}"),
           TIE "clock.reading " G2 " device_time=1.61 clock_kind=unset raw{ts=1.61}\n");
    expect(SRC "/events/rpc", NOTIFY("\"ts\":1.73229721333E9"),
           TIE "clock.reading " G2 " device_time=1.73229721333E9 clock_kind=utc raw{ts=1.73229721333E9}\n");
    expect(SRC "/events/rpc", NOTIFY("\"ts\":\"now\""), TIE "finding {now} the value is no number\n");
    expect(SRC "/events/rpc", NOTIFY("\"ts\":-1"),
           TIE "finding {-1} the number is beyond what is plausible\n");
}

Test(shelly_status, gen2_system_and_network)
{
    expect(SRC "/status/sys",
           "{\"mac\":\"80646FD05A78\",\"restart_required\":false,\"time\":\"18:28\",\"unixtime\":1707326927,"
           "\"uptime\":4319353,\"cfg_rev\":25,\"reset_reason\":3}",
           TIE "device.identity " G2 " mac=80:64:6f:d0:5a:78 raw{mac=80646FD05A78}\n"
               "clock.reading " G2 " device_time=1707326927 clock_kind=utc uptime_s=4319353 reason=3 "
               "raw{unixtime=1707326927 uptime=4319353 reset_reason=3}\n");
    expect(SRC "/status/sys", "{\"unixtime\":null,\"uptime\":12}",
           "clock.reading " G2 " uptime_s=12 clock_kind=uptime raw{uptime=12}\n");
    expect(SRC "/status/wifi",
           "{\"sta_ip\":\"10.0.0.32\",\"status\":\"got ip\",\"ssid\":\"lab\",\"rssi\":-58,"
           "\"bssid\":\"02:11:22:33:44:AA\"}",
           "network.join " G2 " ssid=lab bssid=02:11:22:33:44:aa rssi_dbm=-58 ip=10.0.0.32 "
           "raw{ssid=lab bssid=02:11:22:33:44:AA rssi=-58 sta_ip=10.0.0.32}\n");
    expect(SRC "/status/wifi", "{\"rssi\":0,\"ssid\":null,\"sta_ip\":null,\"status\":\"disconnected\"}", "");
    expect(SRC "/status/wifi", "{\"ssid\":\"lab\",\"status\":\"connecting\"}", "");
    /* A signal alone is no joining. */
    expect(SRC "/status/wifi", "{\"rssi\":-60}", "");
    expect(SRC "/status/cloud", "{\"connected\":true}", "");
    expect(SRC "/status/script:1", "no JSON", "");
}

Test(shelly_status, gen2_inputs)
{
    expect(SRC "/status/input:0", "{\"id\":0,\"state\":true}",
           "switch.input " G2 " input=input:0 state=on raw{state=true}\n");
    expect(SRC "/status/input:1", "{\"id\":1,\"state\":null}", "");
    expect(SRC "/events/rpc", NOTIFY("\"input:0\":{\"id\":0,\"state\":false}"),
           TIE "switch.input " G2 " input=input:0 state=off raw{state=false}\n");
}

#define EVENT(event)                                                                                         \
    "{\"src\":\"" SRC "\",\"dst\":\"" SRC                                                                    \
    "/events\",\"method\":\"NotifyEvent\",\"params\":{\"events\":[" event "]}}"

Test(shelly_status, gen2_events)
{
    expect(SRC "/events/rpc",
           "{\"src\":\"" SRC "\",\"method\":\"NotifyEvent\",\"params\":{\"ts\":1736603810.49,\"events\":["
           "{\"component\":\"input:0\", \"id\":0, \"event\":\"double_push\", \"ts\":1736603810.49}]}}",
           TIE CLOCK "switch.input " G2 " input=input:0 action=double_push "
                     "raw{component=input:0 event=double_push ts=1736603810.49}\n");
    expect(SRC "/events/rpc",
           EVENT("{\"component\":\"input:2\",\"id\":2,\"event\":\"btn_down\"},"
                 "{\"component\":\"sys\",\"event\":\"sys_btn_push\",\"ts\":1}"),
           TIE "switch.input " G2 " input=input:2 action=btn_down raw{component=input:2 event=btn_down}\n"
               "switch.input " G2
               " input=sys action=sys_btn_push raw{component=sys event=sys_btn_push ts=1}\n");
    expect(
        SRC "/events/rpc",
        EVENT("{\"component\":\"switch:0\",\"id\":0,\"event\":\"config_changed\",\"restart_required\":false,"
              "\"ts\":1736605194.11,\"cfg_rev\":35}"),
        TIE "device.config " G2 " setting=switch:0 action=config_changed raw{component=switch:0 "
            "event=config_changed restart_required=false ts=1736605194.11 cfg_rev=35}\n");
    expect(SRC "/events/rpc",
           EVENT("{\"component\":\"sys\", \"event\":\"ota_success\", \"msg\":\"Update applied, rebooting\", "
                 "\"ts\":1677696109.49},"
                 "{\"component\":\"sys\", \"event\":\"scheduled_restart\", \"time_ms\": 435, "
                 "\"ts\":1677696109.57}"),
           TIE "firmware.update " G2 " action=ota_success reason=Update applied, rebooting raw{component=sys "
               "event=ota_success msg=Update applied, rebooting ts=1677696109.49}\n"
               "device.config " G2 " setting=restart action=scheduled_restart raw{component=sys "
               "event=scheduled_restart time_ms=435 ts=1677696109.57}\n");
    /* Another device's update, and events that nobody knows. */
    expect(SRC "/events/rpc",
           EVENT("{\"component\":\"bthomedevice:200\",\"event\":\"ota_progress\"},"
                 "{\"component\":\"input:0\",\"event\":\"wink\"},{\"component\":\"script:1\",\"event\":\"btn_"
                 "up\"}"),
           TIE);
    expect(SRC "/events/rpc", EVENT("{\"event\":\"btn_up\"},7"),
           TIE "finding {{\"event\":\"btn_up\"}} the event bears no name\n"
               "finding {7} the event bears no name\n");
    expect(SRC "/events/rpc", "{\"src\":\"" SRC "\",\"method\":\"NotifyEvent\",\"params\":{\"events\":{}}}",
           TIE "finding {{\"events\":{}}} the notification holds no events\n");
}

/* Everything at once, at no change: read as an answer is. */
Test(shelly_status, gen2_full_status)
{
    expect(SRC "/events/rpc",
           "{\"src\":\"" SRC "\",\"dst\":\"" SRC "/events\",\"method\":\"NotifyFullStatus\",\"params\":{"
           "\"ts\":1736603810.49,\"input:0\":{\"id\":0,\"state\":false},"
           "\"switch:0\":{\"id\":0, \"source\":\"SHC\", \"output\":true}}}",
           TIE CLOCK "switch.input " G2 " input=input:0 state=off polled raw{state=false}\n"
                     "power.state " G2 " ch=switch:0 outlet=1 state=on source=SHC polled "
                     "raw{output=true source=SHC}\n");
    expect(SRC "/status", "{\"switch:0\":{\"id\":0,\"output\":false}}",
           "power.state " G2 " ch=switch:0 outlet=1 state=off polled raw{output=false}\n");
}

Test(shelly_status, gen2_damaged)
{
    expect(SRC "/events/rpc", "{\"src\":\"" SRC "\"",
           "finding {{\"src\":\"" SRC "\"} the message is no JSON object\n");
    expect(SRC "/events/rpc", "{\"src\":\"me\",\"method\":\"NotifyStatus\",\"params\":{}}",
           "finding {{\"src\":\"me\",\"method\":\"NotifyStatus\",\"params\":{}}} "
           "the frame's source is no device's id\n");
    expect(SRC "/events/rpc", "{\"src\":\"" SRC "\",\"method\":\"NotifyStatus\",\"params\":[]}",
           TIE "finding {{\"src\":\"" SRC "\",\"method\":\"NotifyStatus\",\"params\":[]}} "
               "the notification holds nothing\n");
    expect(SRC "/events/rpc", "{\"src\":\"" SRC "\",\"method\":\"Ping\"}", TIE);
    expect(SRC "/events/rpc",
           NOTIFY("\"switch:0\":{\"output\":1,\"apower\":\"5\",\"voltage\":1e99,\"pf\":7}"),
           TIE "finding {1} the value is neither true nor false\n"
               "finding {5} the value is no number\n"
               "finding {1e99} the number is beyond what is plausible\n"
               "finding {7} the number is beyond what is plausible\n");
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":{\"id\":1,\"output\":true}"),
           TIE "finding {1} the status bears another number than its component\n");
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":{\"output\":true},\"switch:0\":{\"output\":false}"), TIE);
    expect(SRC "/events/rpc", NOTIFY("\"switch:0\":[],\"switch:\":{},\"switch:00\":{\"output\":true}"), TIE);
    expect(SRC "/status/switch:0", "[]", "finding {[]} the message is no JSON object\n");
    expect(SRC "/rpc", "{\"method\":5}", "finding {{\"method\":5}} the request's method is no text\n");
    expect(SRC "/rpc", "{}", "");
    expect(SRC "/rpc", "{\"result\":{}}", "finding {{\"result\":{}}} the frame's source is no device's id\n");
}

/* ---- real devices ---- */

/* Answers of real devices, as aioshelly keeps them: a file holds an object of `shelly`, `status` and
 * `settings` or `config`. They are third parties' and not part of the project. The expected values were read
 * out of the files by other means; what is said of networks is left out, and the ids and MACs there are made
 * up. */
static char *read_fixture(const char *name, size_t *length)
{
    const char *folder = getenv("WATTRAIL_DATA");
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/fixtures/aioshelly/%s", folder ? folder : WTR_DATA_DIR, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = malloc(1 << 16);
    *length = text ? fread(text, 1, 1 << 16, file) : 0;
    (void)fclose(file);
    return text;
}

/* What the member of the file says when it is published; lines about networks left out. */
static const char *hear_member(const char *file, const char *member, const char *topic)
{
    static struct wtr_buffer kept;
    struct wtr_json json = {0};
    size_t length = 0;
    char *text = read_fixture(file, &length);
    if (!text)
        return NULL;
    cr_assert(wtr_json_parse(&json, wtr_text_of(text, length)), "%s is no JSON", file);
    struct wtr_text part = wtr_json_raw(&json, wtr_json_get(&json, 0, member));
    cr_assert(part.length > 0, "%s lacks %s", file, member);
    const char *line = hear(mqtt_publish_bytes(&controller, WTR_FROM_SERVER, topic, part, 0));
    wtr_buffer_clear(&kept);
    while (*line) {
        size_t n = strcspn(line, "\n") + 1;
        if (strncmp(line, "network.", 8) != 0)
            wtr_put(&kept, line, n);
        line += n;
    }
    wtr_put_char(&kept, '\0');
    wtr_json_free(&json);
    free(text);
    return kept.data;
}

static void expect_member(const char *file, const char *member, const char *topic, const char *expected)
{
    const char *heard = hear_member(file, member, topic);
    if (!heard)
        cr_skip_test(
            "no answers of real devices: WATTRAIL_DATA names no folder that holds fixtures/aioshelly");
    cr_expect(strcmp(heard, expected) == 0, "%s of %s\nheard:\n%sexpected:\n%s", member, file, heard,
              expected);
}

#define PLUG_S "fixtures__gen1_Shelly_Plug_S_SHPLG-S_20230913-113421-v1.14.0-gcb84623.json"
#define PLUS_PLUG_S "fixtures__gen2_Shelly_Plus_Plug_S_SNPL-00112EU_20231219-134003-1.1.0-g34b5d4f.json"
#define PLUS_PLUG_IT "fixtures__gen2_Shelly_Plus_Plug_IT_SNPL-00110IT_20231219-133948-1.1.0-g34b5d4f.json"
#define PRO_3 "fixtures__gen2_Shelly_Pro_3_SPSW-003XE16EU_20231219-133956-1.1.0-g34b5d4f.json"
#define MADE_UP "aa:bb:cc:dd:ee:ff"

/* total 2632 watt-minutes are 43.8666… Wh; the three counters are 0. */
Test(shelly_status, real_gen1_plug)
{
    static const char d[] = "shelly:shellyplug-s-DDEEFF";
    char expected[2048];
    (void)snprintf(
        expected, sizeof expected,
        "tie %s mac=" MADE_UP "\n"
        "device.identity %s mac=" MADE_UP " firmware=20230913-113421/v1.14.0-gcb84623 polled "
        "raw{mac=AABBCCDDEEFF old_version=20230913-113421/v1.14.0-gcb84623}\n"
        "clock.reading %s device_time=1707332241 clock_kind=utc uptime_s=2589909 polled "
        "raw{unixtime=1707332241 uptime=2589909}\n"
        "power.state %s ch=relay:0 outlet=1 state=off source=http polled raw{ison=false source=http}\n"
        "power.reading %s ch=relay:0 outlet=1 power_w=0 polled raw{power=0.0}\n"
        "energy.counter %s ch=relay:0 outlet=1 energy_wh=43.866667 scope=total polled "
        "raw{total=2632}\n",
        d, d, d, d, d, d);
    for (int i = 0; i < 3; i++) {
        size_t n = strlen(expected);
        (void)snprintf(
            expected + n, sizeof expected - n,
            "energy.counter %s ch=relay:0 outlet=1 energy_wh=0 scope=minute polled raw{counters=0.0}\n", d);
    }
    expect_member(PLUG_S, "status", "shellies/shellyplug-s-DDEEFF/info", expected);
}

/* minute_ts is no whole minute in this firmware: nothing is said of minutes. */
Test(shelly_status, real_gen2_plugs)
{
#define D "shelly:shellyplusplugs-aabbccddeeff"
    expect_member(
        PLUS_PLUG_S, "status", "shellyplusplugs-aabbccddeeff/status",
        "power.state " D " ch=switch:0 outlet=1 state=on source=init polled raw{output=true source=init}\n"
        "power.reading " D " ch=switch:0 outlet=1 power_w=2.7 voltage_v=227.9 current_a=0.121 polled "
        "raw{apower=2.7 voltage=227.9 current=0.121}\n"
        "energy.counter " D " ch=switch:0 outlet=1 energy_wh=7258.589 scope=total polled "
        "raw{total=7258.589}\n"
        "tie " D " mac=" MADE_UP "\n"
        "device.identity " D " mac=" MADE_UP " polled raw{mac=AABBCCDDEEFF}\n"
        "clock.reading " D " device_time=1707326927 clock_kind=utc uptime_s=4319353 reason=3 polled "
        "raw{unixtime=1707326927 uptime=4319353 reset_reason=3}\n");
    expect_member(PLUS_PLUG_S, "shelly", "shellyplusplugs-aabbccddeeff/announce",
                  "tie " D " mac=" MADE_UP "\n"
                  "device.identity " D " mac=" MADE_UP " model=SNPL-00112EU firmware=1.1.0 name=Test Name "
                  "device_id=shellyplusplugs-aabbccddeeff raw{mac=AABBCCDDEEFF model=SNPL-00112EU ver=1.1.0 "
                  "name=Test Name id=shellyplusplugs-aabbccddeeff fw_id=20231219-134003/1.1.0-g34b5d4f}\n");
#undef D
#define D "shelly:shellyplusplugit-aabbccddeeff"
    expect_member(PLUS_PLUG_IT, "status", "shellyplusplugit-aabbccddeeff/status",
                  "power.state " D " ch=switch:0 outlet=1 state=on source=WS_in polled "
                  "raw{output=true source=WS_in}\n"
                  "power.reading " D " ch=switch:0 outlet=1 power_w=0.8 voltage_v=222.6 current_a=0 polled "
                  "raw{apower=0.8 voltage=222.6 current=0.0}\n"
                  "energy.counter " D " ch=switch:0 outlet=1 energy_wh=922.282 scope=total polled "
                  "raw{total=922.282}\n"
                  "tie " D " mac=" MADE_UP "\n"
                  "device.identity " D " mac=" MADE_UP " polled raw{mac=AABBCCDDEEFF}\n"
                  "clock.reading " D
                  " device_time=1707326927 clock_kind=utc uptime_s=4346058 reason=3 polled "
                  "raw{unixtime=1707326927 uptime=4346058 reset_reason=3}\n");
#undef D
}

Test(shelly_status, real_gen2_without_meters)
{
#define D "shelly:shellypro3-aabbccddeeff"
    expect_member(PRO_3, "status", "shellypro3-aabbccddeeff/status",
                  "switch.input " D " input=input:0 state=off polled raw{state=false}\n"
                  "switch.input " D " input=input:1 state=off polled raw{state=false}\n"
                  "switch.input " D " input=input:2 state=off polled raw{state=false}\n"
                  "power.state " D " ch=switch:0 outlet=1 state=off source=WS_in polled "
                  "raw{output=false source=WS_in}\n"
                  "power.state " D " ch=switch:1 outlet=2 state=off source=WS_in polled "
                  "raw{output=false source=WS_in}\n"
                  "power.state " D " ch=switch:2 outlet=3 state=off source=WS_in polled "
                  "raw{output=false source=WS_in}\n"
                  "tie " D " mac=" MADE_UP "\n"
                  "device.identity " D " mac=" MADE_UP " polled raw{mac=AABBCCDDEEFF}\n"
                  "clock.reading " D
                  " device_time=1707326928 clock_kind=utc uptime_s=2084007 reason=3 polled "
                  "raw{unixtime=1707326928 uptime=2084007 reset_reason=3}\n");
#undef D
}

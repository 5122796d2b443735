/* SPDX-License-Identifier: Apache-2.0 */
/* What Tapo's messages state: SMART questions and answers as they come out of KLAP, and discoveries. Texts
 * have the form of real devices' answers with values of our own; expectations worked out by hand. */
#include "say_record.h"
#include "vendor/tapo/klap.h"
#include "vendor/tapo/tapo.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define PLUG "tapo:192.168.7.31"
#define OK ",\"error_code\":0}"

static struct wtr_say *say;
static void *state;

static void set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_tapo.state_size);
    cr_assert(say && state);
}

static void tear_down(void)
{
    wtr_tapo.close(state);
    free(state);
    say_record_free(say);
}

TestSuite(tapo, .init = set_up, .fini = tear_down);

static const char *hear(const struct wtr_klap *klap, bool from_plug)
{
    static const struct wtr_opening opening = {.steps = "klap-aes-128-cbc", .key = "k", .key_origin = "o"};
    const struct wtr_piece piece = {.length = 96, .offset = 1000, .time_ns = INT64_C(1700000000500000000)};
    const struct wtr_message message = {
        .protocol = &wtr_klap,
        .type = "request",
        .direction = from_plug ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
        .span = {(const uint8_t *)klap->text.data, klap->text.length, &piece, 1, &opening},
        .body = klap,
    };
    if (from_plug)
        say_record_ends(say, "192.168.7.31", 80, "192.168.7.20", 40000);
    else
        say_record_ends(say, "192.168.7.20", 40000, "192.168.7.31", 80);
    return say_record(say, &wtr_tapo, state, &message);
}

/* Copies the lines without the places of raw values ("KEY=value@10+5"), after a look at the text: the value
 * must stand there. A finding's place is put as the text that it names. */
static void check_places(const char *said, struct wtr_text text, struct wtr_buffer *out)
{
    while (*said) {
        unsigned at = 0, length = 0;
        int used = 0;
        if (*said != '@' || sscanf(said, "@%u+%u%n", &at, &length, &used) != 2) {
            wtr_put_char(out, *said++);
            continue;
        }
        cr_assert(at + length <= text.length);
        const char *value = text.data + at;
        bool raw = out->length >= length && out->data[out->length - 1] != ' ' &&
                   memcmp(out->data + out->length - length, value, length) == 0;
        bool finding = out->length > 0 && out->data[out->length - 1] == ' ';
        cr_expect(raw || finding, "%.*s is not at %u", (int)length, value, at);
        if (finding)
            wtr_put(out, value, length);
        said += used;
    }
    wtr_put_char(out, '\0');
}

/* Compares what was said, without the line that ties the address, which each message says first. */
static void expect_said(const char *said, struct wtr_text text, const char *lines)
{
    static const char tie[] = "ip " PLUG " 192.168.7.31\n";
    struct wtr_buffer checked = {0};
    if (strncmp(said, tie, sizeof tie - 1) == 0)
        said += sizeof tie - 1;
    check_places(said, text, &checked);
    cr_expect_str_eq(checked.data, lines);
    wtr_buffer_free(&checked);
}

static void expect_asked(const char *question, const char *lines)
{
    const struct wtr_klap klap = {.step = WTR_KLAP_REQUEST, .opened = true, .text = wtr_text_z(question)};
    expect_said(hear(&klap, false), klap.text, lines);
}

static void expect_answered(const char *question, const char *answer, const char *lines)
{
    const struct wtr_klap klap = {.step = WTR_KLAP_RESPONSE,
                                  .opened = true,
                                  .text = wtr_text_z(answer),
                                  .question = question ? wtr_text_z(question) : WTR_TEXT("")};
    expect_said(hear(&klap, true), klap.text, lines);
}

static void expect_result(const char *method, const char *result, const char *lines)
{
    char question[256], answer[4096];
    snprintf(question, sizeof question, "{\"method\":\"%s\"}", method);
    snprintf(answer, sizeof answer, "{\"result\":%s" OK, result);
    expect_answered(question, answer, lines);
}

Test(tapo, commands)
{
    expect_asked("{\"method\":\"set_device_info\",\"params\":{\"device_on\":true},\"terminal_uuid\":\"u1\"}",
                 "power.command " PLUG " state=on app=u1 trigger=lan/none raw{device_on=true}\n");
    expect_asked("{\"method\":\"set_device_info\",\"params\":{\"device_on\":1}}",
                 "finding 1 the value is neither true nor false\n");
    expect_asked("{\"method\":\"get_device_info\"}", "");
    expect_asked("{\"method\":\"component_nego\"}", "");
    expect_asked("{\"params\":{\"device_on\":true}}", "");
    expect_asked("[1]", "");
    expect_asked("{\"method\":", "finding {\"method\": what was deciphered is no JSON\n");
}

Test(tapo, settings)
{
    expect_asked("{\"method\":\"set_device_info\",\"params\":{\"nickname\":\"S2V0dGxl\"}}",
                 "device.config " PLUG " setting=nickname value=S2V0dGxl raw{nickname=S2V0dGxl}\n");
    expect_asked("{\"method\":\"device_reset\"}",
                 "device.config " PLUG
                 " setting=device_reset destroys_evidence=true raw{method=device_reset}\n");
    expect_asked("{\"method\":\"fw_download\"}",
                 "firmware.update " PLUG " setting=fw_download raw{method=fw_download}\n");
    expect_asked("{\"method\":\"device_reboot\",\"params\":{\"delay\":1}}",
                 "device.config " PLUG " setting=device_reboot value={\"delay\":1} "
                 "raw{method=device_reboot params={\"delay\":1}}\n");
    expect_asked("{\"method\":\"set_new_thing\",\"params\":{\"password\":\"x\"}}",
                 "device.config " PLUG " setting=set_new_thing raw{method=set_new_thing}\n");
    expect_asked(
        "{\"method\":\"set_qs_info\",\"params\":{\"account\":{\"password\":\"cHc=\",\"username\":\"dQ==\"},"
        "\"wireless\":{\"password\":\"cHc=\",\"ssid\":\"aG9tZQ==\"}}}",
        "device.config " PLUG " ssid=home setting=wireless raw{ssid=aG9tZQ==}\n"
        "credential " PLUG " secret=wifi ssid=home value=pw raw{ssid=aG9tZQ== password=cHc=}\n"
        "credential " PLUG " secret=account account=u value=pw "
        "raw{username=dQ== password=cHc=}\n");
}

Test(tapo, device_info)
{
    expect_result(
        "get_device_info",
        "{\"device_on\":true,\"on_time\":61,\"mac\":\"9C-53-22-10-20-30\",\"model\":\"P110\",\"nickname\":"
        "\"S2V0dGxl\",\"ssid\":\"aG9tZQ==\",\"rssi\":-44,\"latitude\":521234,\"longitude\":-45678,"
        "\"has_set_location_info\":true}",
        "power.state " PLUG " state=on on_time_s=61 polled raw{device_on=true on_time=61}\n"
        "tie " PLUG " mac=9c:53:22:10:20:30\n"
        "device.identity " PLUG " mac=9c:53:22:10:20:30 model=P110 name=Kettle "
        "polled raw{mac=9C-53-22-10-20-30 model=P110 nickname=S2V0dGxl}\n"
        "network.join " PLUG " ssid=home rssi_dbm=-44 polled raw{ssid=aG9tZQ== rssi=-44}\n"
        "device.location " PLUG " latitude=52.1234 longitude=-4.5678 "
        "polled raw{latitude=521234 longitude=-45678}\n");
    /* Off, and nothing that is worth a word. */
    expect_result(
        "get_device_info",
        "{\"device_on\":false,\"on_time\":0,\"overheated\":false,\"power_protection_status\":\"normal\","
        "\"auto_off_status\":\"off\",\"latitude\":0,\"longitude\":0,\"has_set_location_info\":true}",
        "power.state " PLUG " state=off polled raw{device_on=false}\n");
    expect_result(
        "get_device_info",
        "{\"power_protection_status\":\"overloaded\",\"auto_off_status\":\"on\","
        "\"auto_off_remain_time\":90,\"latitude\":1,\"longitude\":1,\"has_set_location_info\":false}",
        "timer.set " PLUG " rule=auto_off action=off remaining_s=90 "
        "polled raw{auto_off_status=on auto_off_remain_time=90}\n"
        "device.value " PLUG " property=power_protection_status value=overloaded "
        "polled raw{power_protection_status=overloaded}\n");
}

Test(tapo, measurements)
{
    expect_result("get_energy_usage",
                  "{\"today_runtime\":5,\"month_runtime\":90,\"today_energy\":7,\"month_energy\":120,"
                  "\"local_time\":\"2024-11-23 12:24:51\",\"current_power\":17654}",
                  "power.reading " PLUG " power_w=17.654 polled raw{current_power=17654}\n"
                  "energy.counter " PLUG " energy_wh=7 runtime_min=5 scope=today date=2024-11-23 "
                  "polled raw{today_energy=7 today_runtime=5 local_time=2024-11-23 12:24:51}\n"
                  "energy.counter " PLUG " energy_wh=120 runtime_min=90 scope=month date=2024-11 "
                  "polled raw{month_energy=120 month_runtime=90 local_time=2024-11-23 12:24:51}\n"
                  "clock.reading " PLUG " device_time=2024-11-23 12:24:51 clock_kind=local_no_zone "
                  "polled raw{local_time=2024-11-23 12:24:51}\n");
    expect_result("get_current_power", "{\"current_power\":17}",
                  "power.reading " PLUG " power_w=17 polled raw{current_power=17}\n");
    expect_result("get_emeter_data",
                  "{\"current_ma\":335,\"energy_wh\":23,\"power_mw\":38617,\"voltage_mv\":119299}",
                  "power.reading " PLUG " power_w=38.617 voltage_v=119.299 current_a=0.335 "
                  "polled raw{power_mw=38617 voltage_mv=119299 current_ma=335}\n"
                  "energy.counter " PLUG " energy_wh=23 polled raw{energy_wh=23}\n");
    expect_result("get_current_power", "{\"current_power\":\"17\"}",
                  "finding 17 the value is no number within its range\n");
    expect_result("get_current_power", "{\"current_power\":1e9}",
                  "finding 1e9 the value is no number within its range\n");
    expect_result("get_current_power", "{\"current_power\":null}", "");
}

Test(tapo, clock)
{
    expect_result("get_device_time", "{\"timestamp\":1700000003,\"time_diff\":60,\"region\":\"CET\"}",
                  "clock.reading " PLUG " device_time=1700000003 clock_kind=utc offset_s=2.5 timezone=CET "
                  "polled raw{timestamp=1700000003 region=CET}\n");
    expect_result("get_device_time", "{\"timestamp\":12}",
                  "clock.reading " PLUG " device_time=12 clock_kind=unset polled raw{timestamp=12}\n");
}

Test(tapo, rules)
{
    expect_result("get_schedule_rules",
                  "{\"enable\":false,\"rule_list\":[{\"id\":\"S1\",\"enable\":true,\"s_type\":\"normal\",\"s_"
                  "min\":1081,"
                  "\"week_day\":127,\"mode\":\"repeat\",\"desired_states\":{\"on\":false}}]}",
                  "schedule.rule " PLUG
                  " rule=S1 enabled=false mode=clock at=1081 days=127 repeat=true action=off "
                  "polled raw{id=S1 enable=true s_type=normal s_min=1081 week_day=127 "
                  "mode=repeat on=false}\n");
    expect_result(
        "get_countdown_rules",
        "{\"enable\":true,\"rule_list\":[{\"id\":\"C1\",\"enable\":true,\"delay\":600,\"remain\":31,"
        "\"desired_states\":{\"on\":true}}]}",
        "timer.set " PLUG " rule=C1 enabled=true duration_s=600 remaining_s=31 action=on "
        "polled raw{id=C1 enable=true delay=600 remain=31 on=true}\n");
    expect_result("get_auto_off_config", "{\"delay_min\":120,\"enable\":true}",
                  "timer.set " PLUG " enabled=true rule=auto_off action=off duration_s=7200 "
                  "polled raw{enable=true delay_min=120}\n");
}

/* An acknowledgement is no state, and neither is what a device refuses or what answers nobody knows what. */
Test(tapo, what_states_nothing)
{
    expect_answered("{\"method\":\"set_device_info\",\"params\":{\"device_on\":true}}", "{\"error_code\":0}",
                    "");
    expect_answered("{\"method\":\"set_device_info\",\"params\":{\"device_on\":true}}",
                    "{\"result\":{\"device_on\":true}" OK, "");
    expect_answered("{\"method\":\"get_device_info\"}",
                    "{\"result\":{\"device_on\":true},\"error_code\":-1008}", "");
    expect_answered(NULL, "{\"result\":{\"device_on\":true}" OK, "");
    expect_answered("{\"method\":\"get_latest_fw\"}", "{\"result\":{\"device_on\":true}" OK, "");
}

#define CHILD "80FF01"
#define ASK_CHILD(inner)                                                                                     \
    "{\"method\":\"control_child\",\"params\":{\"device_id\":\"" CHILD "\",\"requestData\":" inner "}}"

Test(tapo, strips)
{
    expect_asked(ASK_CHILD("{\"method\":\"set_device_info\",\"params\":{\"device_on\":false}}"),
                 "power.command " PLUG " ch=" CHILD " state=off trigger=lan/none raw{device_on=false}\n");
    expect_result("get_child_device_list",
                  "{\"child_device_list\":[{\"device_id\":\"" CHILD "\",\"position\":2,\"device_on\":true,"
                  "\"on_time\":7,\"nickname\":\"S2V0dGxl\"}]}",
                  "power.state " PLUG " ch=" CHILD " outlet=2 state=on on_time_s=7 "
                  "polled raw{device_on=true on_time=7}\n"
                  "device.identity " PLUG " ch=" CHILD " outlet=2 channel_name=Kettle polled "
                  "raw{nickname=S2V0dGxl}\n");
    /* From here on the outlet's position is known. */
    expect_asked(ASK_CHILD("{\"method\":\"set_device_info\",\"params\":{\"device_on\":true}}"),
                 "power.command " PLUG " ch=" CHILD
                 " outlet=2 state=on trigger=lan/none raw{device_on=true}\n");
    expect_answered(ASK_CHILD("{\"method\":\"get_current_power\"}"),
                    "{\"result\":{\"responseData\":{\"result\":{\"current_power\":3}" OK "}" OK,
                    "power.reading " PLUG " ch=" CHILD " outlet=2 power_w=3 polled raw{current_power=3}\n");
}

#define TWO                                                                                                  \
    "{\"method\":\"multipleRequest\",\"params\":{\"requests\":[{\"method\":\"get_current_power\"},"          \
    "{\"method\":\"get_device_time\"}]}}"

Test(tapo, several_at_once)
{
    expect_answered(
        TWO,
        "{\"result\":{\"responses\":[{\"method\":\"get_current_power\",\"result\":{\"current_power\":3}" OK
        ",{\"method\":\"get_device_time\",\"error_code\":-1}]}" OK,
        "power.reading " PLUG " power_w=3 polled raw{current_power=3}\n");
    /* Out of order: what answers what is not certain. */
    expect_answered(
        TWO,
        "{\"result\":{\"responses\":[{\"method\":\"get_device_time\",\"result\":{\"timestamp\":12}" OK
        "]}" OK,
        "");
    expect_asked("{\"method\":\"multipleRequest\",\"params\":{\"requests\":[{\"method\":\"get_device_info\"},"
                 "{\"method\":\"set_device_info\",\"params\":{\"device_on\":true}}]}}",
                 "power.command " PLUG " state=on trigger=lan/none raw{device_on=true}\n");
}

/* Kasa's own JSON inside KLAP is left to whoever knows it better. */
Test(tapo, claims)
{
    struct wtr_klap klap = {.step = WTR_KLAP_REQUEST, .opened = true, .text = WTR_TEXT("{\"method\":\"x\"}")};
    const struct wtr_message message = {.protocol = &wtr_klap, .body = &klap};
    cr_expect_eq(wtr_tapo.claim(state, &message), WTR_CLAIM_NAMED);
    klap.text = WTR_TEXT("{\"system\":{\"get_sysinfo\":{}}}");
    cr_expect_eq(wtr_tapo.claim(state, &message), WTR_CLAIM_SHAPE);
    klap.step = WTR_KLAP_RESPONSE;
    klap.question = WTR_TEXT("{\"method\":\"x\"}");
    cr_expect_eq(wtr_tapo.claim(state, &message), WTR_CLAIM_NAMED);
}

Test(tapo, account_found)
{
    const struct wtr_klap klap = {.step = WTR_KLAP_HANDSHAKE1_RESPONSE,
                                  .version = 2,
                                  .account = "kasa me@example.com",
                                  .account_id = WTR_TEXT("me@example.com"),
                                  .text = WTR_TEXT("")};
    const struct wtr_klap unknown = {.step = WTR_KLAP_HANDSHAKE1_RESPONSE, .text = WTR_TEXT("")};
    expect_said(hear(&klap, true), klap.text,
                "credential " PLUG " secret=account account=me@example.com protocol=KLAP 2 "
                "reason=the device's server hash is of this account\n");
    cr_expect_str_eq(hear(&unknown, true), "");
}

/* What was asked under a cipher that stays shut may be what a later state comes from. */
Test(tapo, shut)
{
    const struct wtr_klap request = {.step = WTR_KLAP_REQUEST, .text = WTR_TEXT("")};
    const struct wtr_klap response = {.step = WTR_KLAP_RESPONSE, .text = WTR_TEXT("")};
    cr_expect_str_eq(hear(&request, false), "unread " PLUG "\n");
    cr_expect_str_eq(hear(&response, true), "unread " PLUG "\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* vendor/edimax: smartplug.cgi and the plugs' datagrams. The clock of the tests is at 2021-01-25T00:02:10Z.
 */
#include "http_exchange.h"
#include "say_record.h"

#include "vendor/edimax/edimax.h"

#define DEV "edimax:" PLUG
#define POWER "Device.System.Power."

static void set_up(void)
{
    exchange_set_up(&wtr_edimax);
}

TestSuite(edimax, .init = set_up, .fini = exchange_tear_down);

#define XML(id, inside)                                                                                      \
    "<?xml version=\"1.0\" encoding=\"UTF8\"?><SMARTPLUG id=\"edimax\"><CMD id=\"" id "\">" inside           \
    "</CMD></SMARTPLUG>"
#define ASK(id, inside)                                                                                      \
    "POST /smartplug.cgi HTTP/1.1\nAuthorization: Basic YWRtaW46MTIzNA==\n\n" XML(id, inside)
#define TELL(id, inside) "HTTP/1.1 200 OK\nServer: lighttpd/1.4.31\n\n" XML(id, inside)
#define ELEMENT(name, value) "<" name ">" value "</" name ">"

Test(edimax, command)
{
    expect_request(ASK("setup", ELEMENT(POWER "State", "ON")),
                   "power.command " DEV " state=on trigger=http/none raw{" POWER "State=ON}\n");
    expect_response(TELL("setup", "OK"), "");
    expect_request(
        "POST /smartplug.cgi HTTP/1.1\nContent-Type: multipart/form-data\n\n--b\nContent-Disposition: "
        "form-data; name=\"file\"; filename=\"file\"\n\n" XML("setup",
                                                              ELEMENT(POWER "State", "OFF")) "\n--b--\n",
        "power.command " DEV " state=off trigger=http/none raw{" POWER "State=OFF}\n");
    expect_request(ASK("setup", ELEMENT(POWER "State", "TOGGLE")),
                   "finding {TOGGLE} the state is neither ON nor OFF\n");
    expect_request(ASK("get", ELEMENT(POWER "State", "")), "");
    expect_request(ASK("get", ELEMENT(POWER "State", "ON")), "");
}

Test(edimax, state)
{
    (void)hear_request(WTR_TEXT(ASK("get", ELEMENT(POWER "State", ""))));
    expect_response(TELL("get", ELEMENT(POWER "State", "OFF") ELEMENT(POWER "NextToggle", "-1")),
                    "power.state " DEV " state=off polled raw{" POWER "State=OFF}\n");
    expect_response(
        TELL("get", ELEMENT(POWER "State", "ON") ELEMENT(POWER "LastToggleTime", "20150912160852")),
        "power.state " DEV " state=on last_change=20150912160852 polled raw{" POWER "State=ON " POWER
        "LastToggleTime=20150912160852}\n");
    expect_response(TELL("get", ELEMENT(POWER "State", "") ELEMENT(POWER "State", "ON")), "");
    expect_response("HTTP/1.1 401 Unauthorized\n\n" XML("get", ELEMENT(POWER "State", "ON")), "");
}

Test(edimax, power)
{
    (void)hear_request(WTR_TEXT(ASK("get", "<NOW_POWER/>")));
    expect_response(
        TELL("get", "<NOW_POWER>" ELEMENT(POWER "LastToggleTime", "20150912160852")
                        ELEMENT(POWER "NowCurrent", "0.0450") ELEMENT(POWER "NowPower", "5.29")
                            ELEMENT(POWER "NowEnergy.Day", "0.080") ELEMENT(POWER "NowEnergy.Week", "0.080")
                                ELEMENT(POWER "NowEnergy.Month", "1.2") "</NOW_POWER>"),
        "power.reading " DEV " power_w=5.29 current_a=0.045 last_change=20150912160852 polled raw{" POWER
        "NowPower=5.29 " POWER "NowCurrent=0.0450 " POWER "LastToggleTime=20150912160852}\n"
        "energy.counter " DEV " energy_wh=80 scope=today polled raw{" POWER "NowEnergy.Day=0.080}\n"
        "energy.counter " DEV " energy_wh=80 scope=week polled raw{" POWER "NowEnergy.Week=0.080}\n"
        "energy.counter " DEV " energy_wh=1200 scope=month polled raw{" POWER "NowEnergy.Month=1.2}\n");
    expect_response(TELL("get", ELEMENT(POWER "NowPower", "-1")),
                    "finding {-1} the value is no number within its range\n");
}

/* 02:01:50 local is twenty seconds behind 00:02:10 UTC but for two hours; 05:17:15 five ahead but for 5:15.
 */
Test(edimax, clock)
{
    (void)hear_request(WTR_TEXT(ASK("get", ELEMENT("Device.System.Time", ""))));
    expect_response(TELL("get", ELEMENT("Device.System.Time", "20210125020150") "<SYSTEM_INFO>" ELEMENT(
                                    "Device.System.TimeZone.Zone", "23") "</SYSTEM_INFO>"),
                    "clock.reading " DEV " device_time=20210125020150 clock_kind=local_no_zone offset_s=-20 "
                    "offset_modulo_s=900 timezone=23 raw{Device.System.Time=20210125020150 "
                    "Device.System.TimeZone.Zone=23}\n");
    expect_response(TELL("get", ELEMENT("Device.System.Time", "20210125051715")),
                    "clock.reading " DEV " device_time=20210125051715 clock_kind=local_no_zone offset_s=5 "
                    "offset_modulo_s=900 raw{Device.System.Time=20210125051715}\n");
    http_time_ns += INT64_C(440) * 1000000000 + 250000000; /* 00:09:30.25 */
    expect_response(TELL("get", ELEMENT("Device.System.Time", "20210125010200")),
                    "clock.reading " DEV
                    " device_time=20210125010200 clock_kind=local_no_zone offset_s=449.75 "
                    "offset_modulo_s=900 raw{Device.System.Time=20210125010200}\n");
    expect_response(TELL("get", ELEMENT("Device.System.Time", "20210125016000")),
                    "finding {20210125016000} the time is not of the form YYYYMMDDhhmmss\n");
    expect_response(TELL("get", ELEMENT("Device.System.Time", "2021012501000")),
                    "finding {2021012501000} the time is not of the form YYYYMMDDhhmmss\n");
}

Test(edimax, identity)
{
    (void)hear_request(WTR_TEXT(ASK("get", "<SYSTEM_INFO/>")));
    expect_response(TELL("get", "<SYSTEM_INFO>" ELEMENT("Run.Cus", "EDIMAX") ELEMENT("Run.Model", "SP1101W")
                                    ELEMENT("Run.FW.Version", "2.02") ELEMENT(
                                        "Run.LAN.Client.MAC.Address", "74DA38000001") "</SYSTEM_INFO>"),
                    "tie " DEV " mac=74:da:38:00:00:01\n"
                    "device.identity " DEV " vendor=EDIMAX model=SP1101W firmware=2.02 mac=74:da:38:00:00:01 "
                    "raw{Run.Cus=EDIMAX Run.Model=SP1101W Run.FW.Version=2.02 "
                    "Run.LAN.Client.MAC.Address=74DA38000001}\n");
}

/* Digits F8 at the start are five minutes; the 61st to 63rd digit are 04:00 to 04:12; the last, 23:59. */
Test(edimax, schedule)
{
    char digits[361];
    memset(digits, '0', 360);
    digits[360] = '\0';
    memcpy(digits, "F8", 2);
    memcpy(digits + 60, "FfF", 3);
    digits[359] = '1';
    struct wtr_buffer text = {0};
    struct wtr_buffer expected = {0};
    wtr_put_z(&text, "POST /smartplug.cgi HTTP/1.1\n\n<SMARTPLUG><CMD id=\"setup\"><SCHEDULE>"
                     "<Device.System.Power.Schedule.1 value=\"ON\">");
    wtr_put_z(&text, digits);
    wtr_put_z(&text, "</Device.System.Power.Schedule.1><Device.System.Power.Schedule.7 value=\"ON\">0</"
                     "Device.System.Power.Schedule.7><Device.System.Power.Schedule.2 value=\"OFF\">0</"
                     "Device.System.Power.Schedule.2></SCHEDULE></CMD></SMARTPLUG>");
    wtr_put_z(&expected,
              "schedule.rule " DEV " days=1 enabled=true at=00:00-00:05 04:00-04:12 23:59-24:00 raw{"
              "value=ON " POWER "Schedule.1=");
    wtr_put_z(&expected, digits);
    wtr_put_z(&expected, "}\nfinding {0} the schedule is not 360 hexadecimal digits\n");
    wtr_put_char(&expected, '\0');
    expect_heard("schedule", hear_request(wtr_buffer_text(&text)), expected.data);
    wtr_buffer_free(&text);
    wtr_buffer_free(&expected);
}

Test(edimax, damaged)
{
    expect_request("POST /smartplug.cgi HTTP/1.1\n\n<SMARTPLUG><CMD></SMARTPLUG>",
                   "finding {<SMARTPLUG><CMD></SMARTPLUG>} the body is no whole XML document\n");
    expect_request("POST /other.cgi HTTP/1.1\n\n" XML("setup", ELEMENT(POWER "State", "ON")), "");
    static const char whole[] = ASK("setup", ELEMENT(POWER "State", "ON"));
    for (size_t n = 0; n + 1 < sizeof whole; n++) {
        const char *heard = hear_request((struct wtr_text){whole, n});
        cr_expect(*heard == '\0' || strncmp(heard, "finding {", 9) == 0, "cut to %zu bytes: %s", n, heard);
    }
}

/* ---- datagrams ---- */

static const char *handed; /* what the family said of the last datagram */

static void take_message(void *payload, const struct wtr_message *message)
{
    (void)payload;
    say_record_ends(say, PLUG, 20560, PHONE, 37086);
    handed = say_record(say, vendor, state, message);
}

static void take_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                         const char *reason)
{
    (void)payload;
    (void)span;
    cr_expect(at + length <= span->length && reason);
    handed = "finding";
}

static const char *hear_datagram(const uint8_t *bytes, size_t length, uint16_t from, uint16_t to)
{
    struct wtr_piece piece = {.length = length, .frame = 1};
    struct wtr_sink sink = {.message = take_message, .finding = take_finding};
    struct wtr_datagram datagram = {.span = {bytes, length, &piece, 1, NULL}};
    struct wtr_probe probe = {.bytes = bytes, .length = length, .client_port = from, .server_port = to};
    handed = NULL;
    if (wtr_edimax_datagrams.probe_datagram(&probe) != WTR_BID_NONE)
        wtr_edimax_datagrams.datagram(NULL, &datagram, &sink);
    return handed;
}

Test(edimax, answer_to_discovery)
{
    uint8_t bytes[186] = {0x74, 0xda, 0x38, 0, 0, 1, 'E', 'D', 'I', 'M', 'A', 'X'};
    memcpy(bytes + 22, "SP2101W", 7);
    memcpy(bytes + 36, "1.03", 4);
    memcpy(bytes + 44, "Plug000001", 10);
    const char *heard = hear_datagram(bytes, sizeof bytes, 20560, 37086);
    cr_assert(heard);
    cr_expect_str_eq(heard, "tie " DEV " mac=74:da:38:00:00:01\n"
                            "device.identity " DEV " vendor=Edimax mac=74:da:38:00:00:01 model=SP2101W "
                            "firmware=1.03 name=Plug000001 raw{id=t\xda"
                            "8???@0+6 model=SP2101W@22+7 devfwver=1.03@36+4 alias=Plug000001@44+10}\n");
    cr_expect_null(hear_datagram(bytes, sizeof bytes, 20561, 37086));
    cr_expect_null(hear_datagram(bytes, sizeof bytes - 1, 20560, 37086));
}

Test(edimax, registration)
{
    static const char clear[] =
        "<param><code value=\"1010\" /><model value=\"SP-1101W\" /><id value=\"74DA38000001\" "
        "/><devfwver value=\"1.09#010001\" /></param>";
    uint8_t bytes[sizeof clear - 1];
    for (unsigned by = 1; by < 8; by++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)((uint8_t)clear[i] << by | (uint8_t)clear[i] >> (8 - by));
        bytes[0] = 0x41;
        const char *heard = hear_datagram(bytes, sizeof bytes, 58294, 8765);
        cr_assert(heard, "rotated by %u", by);
        cr_expect_str_eq(heard, "tie " DEV " mac=74:da:38:00:00:01\n"
                                "device.identity " DEV " vendor=Edimax mac=74:da:38:00:00:01 model=SP-1101W "
                                "firmware=1.09#010001 raw{id=74DA38000001@65+12 model=SP-1101W@42+8 "
                                "devfwver=1.09#010001@98+11}\n");
    }
    bytes[20] = (uint8_t)('6' << 7 | '6' >> 1); /* code 1060: nothing is read of it */
    cr_expect_str_eq(hear_datagram(bytes, sizeof bytes, 58294, 8765), "");
    cr_expect_null(hear_datagram(bytes, sizeof bytes, 58294, 8766));
    cr_expect_null(hear_datagram(bytes, 6, 58294, 8765));
    cr_expect_null(hear_datagram((const uint8_t *)clear, sizeof bytes, 58294, 8765),
                   "clear text is another's");
}

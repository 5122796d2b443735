/* SPDX-License-Identifier: Apache-2.0 */
/* vendor/wemo: what its messages state. Expected values are worked out from the fields' documentation:
 * energies are milliwatt-minutes, 60000 to the watt-hour. */
#include "http_exchange.h"
#include "say_record.h"

#include "vendor/wemo/wemo.h"

#define DEV "wemo:" PLUG

static void set_up(void)
{
    exchange_set_up(&wtr_wemo);
}

TestSuite(wemo, .init = set_up, .fini = exchange_tear_down);

#define ENVELOPE(inside)                                                                                     \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/"       \
    "envelope/\"><s:Body>" inside "</s:Body></s:Envelope>"
#define SERVICE(name) "xmlns:u=\"urn:Belkin:service:" name ":1\""
#define ASK(service, action, arguments)                                                                      \
    "POST /upnp/control/" service "1 HTTP/1.1\nSOAPACTION: \"urn:Belkin:service:" service ":1#" action       \
    "\"\n\n" ENVELOPE("<u:" action " " SERVICE(service) ">" arguments "</u:" action ">")
#define TELL(service, action, values)                                                                        \
    "HTTP/1.1 200 OK\nDATE: Mon, 25 Jan 2021 00:02:13 GMT\n\n" ENVELOPE(                                     \
        "\n<u:" action "Response " SERVICE(service) ">\r\n" values "\r\n</u:" action "Response>\r\n") "\r\n"
#define NOTIFY(seq, inside)                                                                                  \
    "NOTIFY /sub/basicevent HTTP/1.1\nNT: upnp:event\nNTS: upnp:propchange\nSID: uuid:1\nSEQ: " seq          \
    "\n\n<e:propertyset xmlns:e=\"urn:schemas-upnp-org:event-1-0\">\n<e:property>\n" inside                  \
    "\n</e:property>\n</e:propertyset>\n\n\r\n"

Test(wemo, command)
{
    expect_request(ASK("basicevent", "SetBinaryState", "<BinaryState>1</BinaryState>"),
                   "power.command " DEV " state=on trigger=http/none raw{BinaryState=1}\n");
    expect_request(ASK("basicevent", "SetBinaryState", "<BinaryState> 1</BinaryState>"),
                   "finding { 1} the state that is asked for is neither 0 nor 1\n");
    expect_request(ASK("basicevent", "SetBinaryState", ""), "");
    expect_request(ASK("basicevent", "GetBinaryState", ""), "");
}

/* The answer to a command is no state; its clock is one. */
Test(wemo, acknowledgement)
{
    (void)hear_request(WTR_TEXT(ASK("basicevent", "SetBinaryState", "<BinaryState>0</BinaryState>")));
    expect_response(TELL("basicevent", "SetBinaryState",
                         "<BinaryState>0</BinaryState><CountdownEndTime>0</CountdownEndTime>"
                         "<deviceCurrentTime>1611532923</deviceCurrentTime>"),
                    "clock.reading " DEV " device_time=1611532923 clock_kind=utc offset_s=-7 "
                    "raw{deviceCurrentTime=1611532923}\n");
    expect_response(TELL("basicevent", "SetBinaryState", "<BinaryState>Error</BinaryState>"), "");
    expect_response(
        TELL("basicevent", "SetBinaryState",
             "<BinaryState>0|1611532923|231|300|183183|1209600|8|1170|1164707|99830512</BinaryState>"
             "<CountdownEndTime>1611533000</CountdownEndTime>"),
        "power.reading " DEV " power_w=1.17 polled raw{currentmw=1170}\n"
        "energy.counter " DEV " energy_wh=19.411783 scope=today polled raw{todaymw=1164707}\n"
        "energy.counter " DEV " energy_wh=1663.841867 scope=total polled raw{totalmw=99830512}\n"
        "timer.set " DEV " at=1611533000 raw{CountdownEndTime=1611533000}\n");
}

Test(wemo, state)
{
    (void)hear_request(WTR_TEXT(ASK("basicevent", "GetBinaryState", "")));
    expect_response(TELL("basicevent", "GetBinaryState", "<BinaryState>0</BinaryState>"),
                    "power.state " DEV " state=off polled raw{BinaryState=0}\n");
    expect_response(TELL("basicevent", "GetBinaryState", "<BinaryState>1</BinaryState>"),
                    "power.state " DEV " state=on polled raw{BinaryState=1}\n");
    expect_response(TELL("basicevent", "GetBinaryState", "<BinaryState>2</BinaryState>"),
                    "finding {2} the state is none of 0, 1 and 8\n");
    expect_response(TELL("basicevent", "GetBinaryState", "<BinaryState>Error</BinaryState>"),
                    "finding {Error} the state is none of 0, 1 and 8\n");
    expect_response(TELL("basicevent", "GetBinaryState", "<BinaryState></BinaryState>"),
                    "finding {} the state is none of 0, 1 and 8\n");
    expect_response("HTTP/1.1 500 Error\n\n" ENVELOPE("<u:GetBinaryStateResponse " SERVICE(
                        "basicevent") "><BinaryState>1</BinaryState></u:GetBinaryStateResponse>"),
                    "");
}

Test(wemo, insight)
{
    (void)hear_request(WTR_TEXT(ASK("insight", "GetInsightParams", "")));
    expect_response(
        TELL("metainfo", "GetInsightParams",
             "<InsightParams>8|1611530424|231|300|183183|1209600|8|60000|30000|99830512.000000|8000"
             "</InsightParams>"),
        "power.state " DEV " state=on last_change=1611530424 "
        "polled raw{InsightParams=8 lastchange=1611530424}\n"
        "power.reading " DEV " power_w=60 polled raw{currentmw=60000}\n"
        "energy.counter " DEV " energy_wh=0.5 scope=today polled raw{todaymw=30000}\n"
        "energy.counter " DEV " energy_wh=1663.841867 scope=total polled raw{totalmw=99830512.000000}\n");
    expect_response(TELL("metainfo", "GetInsightParams", "<InsightParams>1|2|3|4|5|6|7|8|9</InsightParams>"),
                    "finding {1|2|3|4|5|6|7|8|9} the state has neither one field nor ten or eleven\n");
    expect_response(
        TELL("metainfo", "GetInsightParams", "<InsightParams>1|2|3|4|5|6|7|-8|x|10|11|12</InsightParams>"),
        "finding {1|2|3|4|5|6|7|-8|x|10|11|12} the state has neither one field nor ten or eleven\n");
    expect_response(
        TELL("metainfo", "GetInsightParams", "<InsightParams>1|2|3|4|5|6|7|-8|x|0|11</InsightParams>"),
        "power.state " DEV " state=on last_change=2 polled raw{InsightParams=1 lastchange=2}\n"
        "finding {-8} the value is no number within its range\n"
        "finding {x} the value is no number within its range\n"
        "energy.counter " DEV " energy_wh=0 scope=total polled raw{totalmw=0}\n");
}

/* Only a subscription's first event comes at no change. */
Test(wemo, events)
{
    say_record_ends(say, PLUG, 3000, PHONE, 8989);
    static const char *const texts[] = {
        NOTIFY("0", "<BinaryState>1</BinaryState>"),
        NOTIFY("7", "<BinaryState>8|1611530424|231|300|183183|1209600|8|60000|30000|0</BinaryState>"),
        NOTIFY("8", "<StatusChange>&lt;x/&gt;</StatusChange>"),
    };
    static const char *const expected[] = {
        "power.state " DEV " state=on polled raw{BinaryState=1}\n",
        "power.state " DEV " state=on last_change=1611530424 raw{BinaryState=8 lastchange=1611530424}\n"
        "power.reading " DEV " power_w=60 raw{currentmw=60000}\n"
        "energy.counter " DEV " energy_wh=0.5 scope=today raw{todaymw=30000}\n"
        "energy.counter " DEV " energy_wh=0 scope=total raw{totalmw=0}\n",
        "",
    };
    for (size_t i = 0; i < 3; i++) {
        copy_of(&told_bytes, wtr_text_z(texts[i]));
        struct wtr_http event = {.is_response = false};
        http_parts(wtr_buffer_text(&told_bytes), &event);
        expect_heard(texts[i], hear_text(&event, &told_bytes), expected[i]);
    }
}

#define SETUP(type, mac)                                                                                     \
    "HTTP/1.1 200 OK\n\n<?xml version=\"1.0\"?><root xmlns=\"urn:Belkin:device-1-0\"><device><deviceType>"   \
    "urn:Belkin:device:" type ":1</deviceType><friendlyName>Tom&apos;s lamp</friendlyName><modelName>"       \
    "Socket</modelName><macAddress>" mac "</macAddress><firmwareVersion>WeMo_WW_2.00</firmwareVersion>"      \
    "<hkSetupCode>012-34-567</hkSetupCode><binaryState>1</binaryState><UDN>uuid:Socket-1_0-22</UDN>"         \
    "<serialNumber>22</serialNumber></device></root>"

Test(wemo, identity)
{
    (void)hear_request(WTR_TEXT("GET /setup.xml HTTP/1.1\n\n"));
    expect_response(
        SETUP("controllee", "94103E000001"),
        "tie " DEV " mac=94:10:3e:00:00:01\n"
        "device.identity " DEV " model=Socket name=Tom's lamp firmware=WeMo_WW_2.00 serial=22 "
        "device_id=uuid:Socket-1_0-22 product=urn:Belkin:device:controllee:1 mac=94:10:3e:00:00:01 "
        "raw{modelName=Socket friendlyName=Tom&apos;s lamp firmwareVersion=WeMo_WW_2.00 "
        "serialNumber=22 UDN=uuid:Socket-1_0-22 deviceType=urn:Belkin:device:controllee:1 "
        "macAddress=94103E000001}\n");
    (void)hear_request(WTR_TEXT(ASK("basicevent", "GetMacAddr", "")));
    expect_response(
        TELL("basicevent", "GetMacAddr",
             "<MacAddr>01103E000001</MacAddr><SerialNo>22</SerialNo><PluginUDN>uuid:x</PluginUDN>"),
        "finding {01103E000001} the MAC address is none of a single device\n"
        "device.identity " DEV " serial=22 device_id=uuid:x raw{SerialNo=22 PluginUDN=uuid:x}\n");
}

/* A motion sensor has a BinaryState, too. */
Test(wemo, no_switch)
{
    static const char motion[] = TELL("basicevent", "GetBinaryState", "<BinaryState>1</BinaryState>");
    (void)hear_request(WTR_TEXT("GET /setup.xml HTTP/1.1\n\n"));
    (void)hear_response(WTR_TEXT(SETUP("sensor", "94103E000001")), true);
    (void)hear_request(WTR_TEXT(ASK("basicevent", "GetBinaryState", "")));
    expect_response(motion, "");
    (void)hear_request(WTR_TEXT("GET /setup.xml HTTP/1.1\n\n"));
    (void)hear_response(WTR_TEXT(SETUP("insight", "94103E000001")), true);
    (void)hear_request(WTR_TEXT(ASK("basicevent", "GetBinaryState", "")));
    expect_response(motion, "power.state " DEV " state=on polled raw{BinaryState=1}\n");
}

Test(wemo, settings)
{
    expect_request(ASK("basicevent", "ReSetup", "<Reset>2</Reset>"),
                   "device.config " DEV " setting=ReSetup value=2 destroys_evidence=true raw{Reset=2}\n");
    expect_request(
        ASK("rules", "StoreRules", "<ruleDbVersion>3</ruleDbVersion><ruleDbBody>UEsDB</ruleDbBody>"),
        "device.config " DEV " setting=StoreRules value=3 raw{ruleDbVersion=3}\n");
    expect_request(ASK("WiFiSetup", "ConnectHomeNetwork", "<ssid>home</ssid><password>secret</password>"),
                   "device.config " DEV " setting=ConnectHomeNetwork value=home raw{ssid=home}\n");
    expect_request(ASK("firmwareupdate", "UpdateFirmware", "<NewFirmwareVersion>2</NewFirmwareVersion>"),
                   "firmware.update " DEV " firmware=2 raw{NewFirmwareVersion=2}\n");
}

Test(wemo, damaged)
{
    expect_request("POST /upnp/control/basicevent1 HTTP/1.1\nSOAPACTION: \"urn:Belkin:service:basicevent:1#"
                   "SetBinaryState\"\n\n<a",
                   "finding {<a} the body is no whole XML document\n");
    expect_request("POST /x HTTP/1.1\nSOAPACTION: \"urn:Belkin:service:basicevent:1#SetBinaryState\"\n\n<a/>",
                   "finding {<a/>} the body is not of the action that the header names\n");
    static const char whole[] = ASK("basicevent", "SetBinaryState", "<BinaryState>1</BinaryState>");
    for (size_t n = 0; n + 1 < sizeof whole - 1; n++) {
        const char *heard = hear_request((struct wtr_text){whole, n});
        bool finding = strncmp(heard, "finding {", 9) == 0;
        cr_expect(finding || *heard == '\0', "cut to %zu bytes: %s", n, heard);
    }
}

Test(wemo, not_its_own)
{
    expect_request(
        "POST /x HTTP/1.1\nSOAPACTION: \"urn:schemas-upnp-org:service:SwitchPower:1#SetTarget\"\n\n"
        "<a/>",
        "");
    expect_request("GET /setup.xml HTTP/1.1\n\n", "");
    expect_response("HTTP/1.1 200 OK\n\n<root xmlns=\"urn:schemas-upnp-org:device-1-0\"/>", "");
}

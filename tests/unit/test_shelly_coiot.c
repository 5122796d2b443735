/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly's CoIoT: reports of both versions, descriptions, serials, and whose messages are read. The reports
 * and descriptions have the form of those that the vendor's documentation and users' logs show; numbers are
 * worked out by hand. */
#include "say_record.h"
#include "shelly_coiot.h"

TestSuite(shelly_coiot, .init = begin, .fini = end);

Test(shelly_coiot, plug)
{
    /* 1201 watt-minutes are 20.016666… Wh. */
    expect_from(
        ID, 101,
        G("[0,9103,0],[0,1101,1],[0,4101,57.31],[0,4103,1201],[0,6102,0],[0,6109,0],[0,3104,24.19],"
          "[0,3105,75.54],[0,6101,0],[0,9101,\"relay\"]"),
        IP IDENTITY STATE("1", "on",
                          "101") "power.reading " DEVICE
                                 " ch=relay:0 outlet=1 power_w=57.31 serial_n=101 raw{4101=57.31}\n"
                                 "energy.counter " DEVICE
                                 " ch=relay:0 outlet=1 energy_wh=20.016667 scope=total serial_n=101 "
                                 "raw{4103=1201}\n"
                                 "device.value " DEVICE
                                 " property=deviceTemp temperature_c=24.19 serial_n=101 raw{3104=24.19}\n");
    expect_from(ID, 102, G("[0,1101,0]"), IP STATE("0", "off", "102"));
}

static struct wtr_buffer exact;

static void keep_exact(void *payload, const struct wtr_message *message)
{
    (void)payload;
    wtr_put_z(&exact, say_record(say, &wtr_shelly, state, message));
    wtr_put_char(&exact, '\0');
}

Test(shelly_coiot, places)
{
    /* 4 bytes of header, 6 of path, 4 and 16 of the id, 4, 3 and the marker: 38; then 14 to the first value
     * and another 10 to the second. The id stands behind 14. */
    feed.listener = keep_exact;
    (void)coap_ask(&feed, made("50 1e", true, ID, 1, G("[0,1101,1],[0,4101,5]")));
    cr_expect(strstr(exact.data, "raw{3332=" ID "@14+16}"), "%s", exact.data);
    cr_expect(strstr(exact.data, "raw{1101=1@52+1}"), "%s", exact.data);
    cr_expect(strstr(exact.data, "raw{4101=5@63+1}"), "%s", exact.data);
    wtr_buffer_free(&exact);
    feed.listener = hear_message;
}

Test(shelly_coiot, alarms)
{
    /* The device cut off at 2600 W, and is too hot. */
    expect_from(ID, 1, G("[0,1101,0],[0,6102,1],[0,6109,2600.5],[0,6101,1]"),
                IP IDENTITY "power.state " DEVICE " ch=relay:0 outlet=1 state=off valid_s=38 serial_n=1 "
                            "trigger=overload/device_word raw{1101=0 6102=1}\n"
                            "power.reading " DEVICE
                            " ch=relay:0 outlet=1 power_w=2600.5 serial_n=1 past raw{6109=2600.5}\n"
                            "device.value " DEVICE " property=overtemp value=1 serial_n=1 raw{6101=1}\n");
    /* An alarm while the relay is on has cut off nothing. */
    expect_from(ID, 2, G("[0,1101,1],[0,6102,1]"), IP STATE("1", "on", "2"));
}

Test(shelly_coiot, values_that_are_none)
{
    expect_from(ID, 1, G("[0,4101,-1],[0,4103,-1],[0,3104,999]"), IP IDENTITY);
    expect_from(ID, 2, G("[0,1101,2]"), IP "finding {2} the value is not one that this property has\n");
    expect_from(ID, 3, G("[0,1101,\"on\"]"), IP "finding {on} the value is not one that this property has\n");
    expect_from(ID, 4, G("[0,1101,0],[0,1101,1]"), IP "finding {1} a property stands twice in the report\n");
    expect_from(ID, 5, G("[1,1101,1]"), IP);
    expect_from(ID, 6, G("[0,1101]"),
                IP "finding {[0,1101]} the value is not one of channel, number and value\n");
    expect_from(ID, 7, G("[0,-1,1],5"),
                IP "finding {[0,-1,1]} the value is not one of channel, number and value\n"
                   "finding {5} the value is not one of channel, number and value\n");
    expect_from(ID, 8, "{\"G\":1}", IP "finding {1} the report's values are no list\n");
    expect_from(ID, 9, "{\"G\":[", IP "finding {{\"G\":[} the message is no JSON object\n");
    expect_from(ID, 10, "[]", IP "finding {[]} the message is no JSON object\n");
    expect_from(ID, 11, "{}", IP);
    expect_from(ID, 12, G("[0,4101,\"x\"]"), IP "finding {x} the value is no number\n");
    expect_from(ID, 13, G("[0,4101,1e9]"), IP "finding {1e9} the number is beyond what is plausible\n");
    /* Nothing is known of the number, or of a second relay of a plug. */
    expect_from(ID, 14, G("[0,7777,\"a\"],[0,1201,1]"),
                IP "device.value " DEVICE " property=7777 value=a serial_n=14 raw{7777=a}\n"
                   "device.value " DEVICE " property=1201 value=1 serial_n=14 raw{1201=1}\n");
}

Test(shelly_coiot, serials)
{
    expect_from(ID, 4, G("[0,1101,1]"), IP IDENTITY STATE("1", "on", "4"));
    /* The same again, under a new message id: nothing changed. */
    expect_from(ID, 4, G("[0,1101,1]"), IP);
    expect_from(ID, 4, G("[0,1101,1]"), IP);
    /* "If you have a packet with serial 4 and the next is with serial 6, it means 5 got lost." */
    expect_from(ID, 6, G("[0,1101,0]"),
                IP "power.state " DEVICE " ch=relay:0 outlet=1 state=off valid_s=38 serial_n=6 missed=1 "
                   "raw{1101=0}\n");
    /* Another payload under an old serial is no repeat. */
    expect_from(ID, 6, G("[0,1101,1]"), IP STATE("1", "on", "6"));
    /* 5 comes late: it was not missing, and 7 follows on. */
    expect_from(ID, 5, G("[0,1101,1]"), IP STATE("1", "on", "5"));
    expect_from(ID, 7, G("[0,1101,1]"), IP STATE("1", "on", "7"));
    /* Beyond a thousand nothing is counted. */
    expect_from(ID, 3000, G("[0,1101,1]"), IP STATE("1", "on", "3000"));
    /* A restart: what was seen before it counts no more. */
    expect_from(ID, 1, G("[0,1101,0]"), IP STATE("0", "off", "1"));
    expect_from(ID, 1002, G("[0,1101,0]"),
                IP "power.state " DEVICE
                   " ch=relay:0 outlet=1 state=off valid_s=38 serial_n=1002 missed=1000 "
                   "raw{1101=0}\n");
    expect_from(ID, 2004, G("[0,1101,0]"), IP STATE("0", "off", "2004"));
}

Test(shelly_coiot, serials_wrap)
{
    expect_from(ID, 65535, G("[0,1101,1]"), IP IDENTITY STATE("1", "on", "65535"));
    /* 0 is not used: 1 comes next. */
    expect_from(ID, 1, G("[0,1101,0]"), IP STATE("0", "off", "1"));
    expect_from(ID, 3, G("[0,1101,1]"),
                IP "power.state " DEVICE " ch=relay:0 outlet=1 state=on valid_s=38 serial_n=3 missed=1 "
                   "raw{1101=1}\n");
}

Test(shelly_coiot, without_serial)
{
    expect_from(ID, -1, G("[0,1101,1]"),
                IP IDENTITY "power.state " DEVICE " ch=relay:0 outlet=1 state=on raw{1101=1}\n");
    expect_from(ID, -1, G("[0,1101,1]"),
                IP "power.state " DEVICE " ch=relay:0 outlet=1 state=on raw{1101=1}\n");
}

/* The same datagram: within 2 ms it is one, seen twice, and said again for the case to list as a copy; later
 * it was sent again, and is not. */
Test(shelly_coiot, datagrams_again)
{
    feed.now_ms = 1000;
    (void)coap_ask(&feed, "50 1e 00 01 b3 'cit' 01 's' ed 0b ec 03 '" ID "' d2 43 01 7c 82 00 05 ff "
                          "'{\"G\":[[0,1101,1]]}'");
    check_lines("first", IP IDENTITY STATE("1", "on", "5"));
    feed.now_ms = 1002;
    (void)coap_ask(&feed, "50 1e 00 01 b3 'cit' 01 's' ed 0b ec 03 '" ID "' d2 43 01 7c 82 00 05 ff "
                          "'{\"G\":[[0,1101,1]]}'");
    check_lines("copy", IP STATE("1", "on", "5"));
    feed.now_ms = 1003;
    (void)coap_ask(&feed, "50 1e 00 01 b3 'cit' 01 's' ed 0b ec 03 '" ID "' d2 43 01 7c 82 00 05 ff "
                          "'{\"G\":[[0,1101,1]]}'");
    check_lines("again", IP);
}

/* 380 is even: tenths of a second. 65535 is odd: in units of four seconds. */
Test(shelly_coiot, validity)
{
    (void)coap_ask(&feed, "50 1e 00 01 b3 'cit' 01 's' ed 0b ec 03 '" ID "' d2 43 ff ff 82 00 05 ff "
                          "'{\"G\":[[0,1101,1]]}'");
    check_lines("odd",
                IP IDENTITY "power.state " DEVICE " ch=relay:0 outlet=1 state=on valid_s=262140 serial_n=5 "
                            "raw{1101=1}\n");
}

Test(shelly_coiot, polled_and_pushed)
{
    /* From the device to one address: 2.05 with the path is a push, without it an answer. */
    (void)coap_ask(&feed, made("50 45", true, ID, 1, G("[0,1101,1]")));
    check_lines("push", IP IDENTITY STATE("1", "on", "1"));
    (void)coap_ask(&feed, made("50 45", false, ID, 2, G("[0,1101,0]")));
    check_lines("answer",
                IP "power.state " DEVICE " ch=relay:0 outlet=1 state=off valid_s=38 serial_n=2 polled "
                   "raw{1101=0}\n");
}

Test(shelly_coiot, whose)
{
    /* A whole MAC is the device's own. */
    expect_from(
        "SHPLG-1#A4CF12F45A10#2", 1, G(""),
        "ip shelly:shellyplug-A4CF12F45A10 10.0.0.9\n"
        "tie shelly:shellyplug-A4CF12F45A10 mac=a4:cf:12:f4:5a:10\n"
        "device.identity shelly:shellyplug-A4CF12F45A10 model=SHPLG-1 device_id=A4CF12F45A10 protocol=2 "
        "mac=a4:cf:12:f4:5a:10 raw{3332=SHPLG-1#A4CF12F45A10#2}\n");
    cr_expect_eq(claimed, WTR_CLAIM_NAMED);
    /* A type that is not known is identified, and its numbers are not read. */
    expect_from("SHXYZ-1#123456#2", 1, G("[0,1101,1]"),
                "ip shelly:SHXYZ-1#123456 10.0.0.9\n"
                "device.identity shelly:SHXYZ-1#123456 model=SHXYZ-1 device_id=123456 protocol=2 "
                "raw{3332=SHXYZ-1#123456#2}\n");
    static const char *const others[] = {"SHPLG-S#7AB1C2", "##2", "SHPLG-S##2", "a b#c#2", "#7AB1C2#2", ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        expect_from(others[i], 1, G("[0,1101,1]"), "");
        cr_expect_eq(claimed, WTR_CLAIM_NONE, "%s", others[i]);
    }
    /* A client that asks, though it signs, is no device that reports. */
    (void)coap_ask(&feed, made("50 01", true, ID, -1, "x"));
    cr_expect_eq(claimed, WTR_CLAIM_NONE);
}

Test(shelly_coiot, inputs)
{
#define PM "shelly:shelly1pm-0A1B2C"
    expect_from(
        "SHSW-PM#0A1B2C#2", 1, G("[0,2101,1],[0,2102,\"S\"],[0,2103,7]"),
        "ip " PM " 10.0.0.9\n"
        "device.identity " PM " model=SHSW-PM device_id=0A1B2C protocol=2 raw{3332=SHSW-PM#0A1B2C#2}\n"
        "switch.input " PM " input=input:0 state=on serial_n=1 raw{2101=1}\n"
        "switch.input " PM " input=input:0 action=single_push count=7 serial_n=1 past raw{2102=S 2103=7}\n");
    /* The same count is the same push; the next one is a new one, though it is alike. */
    expect_from("SHSW-PM#0A1B2C#2", 2, G("[0,2102,\"S\"],[0,2103,7]"), "ip " PM " 10.0.0.9\n");
    expect_from("SHSW-PM#0A1B2C#2", 3, G("[0,2102,\"S\"],[0,2103,8]"),
                "ip " PM " 10.0.0.9\n"
                "switch.input " PM
                " input=input:0 action=single_push count=8 serial_n=3 raw{2102=S 2103=8}\n");
    expect_from("SHSW-PM#0A1B2C#2", 4, G("[0,2102,\"\"],[0,2103,9]"), "ip " PM " 10.0.0.9\n");
    expect_from("SHSW-PM#0A1B2C#2", 5, G("[0,9103,3]"), "ip " PM " 10.0.0.9\n");
    expect_from("SHSW-PM#0A1B2C#2", 6, G("[0,9103,4]"),
                "ip " PM " 10.0.0.9\n"
                "device.config " PM " setting=cfgChanged count=4 serial_n=6 raw{9103=4}\n");
}

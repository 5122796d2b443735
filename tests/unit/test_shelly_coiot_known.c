/* SPDX-License-Identifier: Apache-2.0 */
/* Which numbers of CoIoT stand for what: by the device's description, in both versions, and without it. The
 * descriptions are cut from those that users' logs show (see coiot_sense.c). */
#include "say_record.h"
#include "shelly_coiot.h"

TestSuite(shelly_coiot_known, .init = begin, .fini = end);

/* The first message from a device says who it is; that is another test's matter. */
static void meet(const char *id)
{
    (void)coap_ask(&feed, made("50 1e", true, id, 900, G("")));
}

static void describe(const char *id, const char *description)
{
    (void)coap_ask(&feed, made("50 45", false, id, -1, description));
}

static void expect_values(const char *id, int serial, const char *values, const char *device,
                          const char *expected)
{
    char all[2000];
    char payload[1000];
    snprintf(all, sizeof all, "ip %s 10.0.0.9\n%s", device, expected);
    snprintf(payload, sizeof payload, "{\"G\":[%s]}", values);
    expect_from(id, serial, payload, all);
}

#define S25 "shelly:shellyswitch25-F40AAA"
#define ON(device, channel, outlet, serial, raw)                                                             \
    "power.state " device " ch=" channel " outlet=" outlet " state=on valid_s=38 serial_n=" serial           \
    " raw{" raw "=1}\n"

/* Version 1: a 2.5's description puts power, inputs and temperature under numbers of their own. */
Test(shelly_coiot_known, first_version_described)
{
    const char *id = "SHSW-25#F40AAA#1";
    meet(id);
    describe(id,
             "{\"blk\":[{\"I\":0,\"D\":\"Relay0\"},{\"I\":1,\"D\":\"Relay1\"},{\"I\":2,\"D\":\"Device\"}],"
             "\"sen\":[{\"I\":112,\"T\":\"S\",\"D\":\"State\",\"R\":\"0/1\",\"L\":0},"
             "{\"I\":122,\"T\":\"S\",\"D\":\"State\",\"R\":\"0/1\",\"L\":1},"
             "{\"I\":113,\"T\":\"S\",\"D\":\"Position\",\"R\":\"0/100\",\"L\":2},"
             "{\"I\":121,\"T\":\"P\",\"D\":\"Power\",\"R\":\"0/2300\",\"L\":1},"
             "{\"I\":128,\"T\":\"S\",\"D\":\"Input\",\"R\":\"0(off)/1(on)/2(longpush)\",\"L\":2},"
             "{\"I\":115,\"T\":\"tC\",\"R\":\"-40/300\",\"L\":2},"
             "{\"I\":117,\"T\":\"Overtemp\",\"R\":\"0/1\",\"L\":2},"
             "{\"I\":221,\"T\":\"S\",\"D\":\"Energy counter 0 [W-min]\",\"L\":1},"
             "{\"I\":224,\"T\":\"S\",\"D\":\"Energy counter total [W-min]\",\"L\":1}]}");
    expect_values(
        id, 1,
        "[0,112,1],[0,122,1],[0,113,50],[0,121,12.5],[0,128,2],[0,115,41],[0,117,0],[0,221,6],[0,224,90]",
        S25,
        ON(S25, "relay:0", "1", "1", "112")
            ON(S25, "relay:1", "2", "1",
               "122") "power.reading " S25 " ch=relay:1 outlet=2 power_w=12.5 serial_n=1 raw{121=12.5}\n"
                      "switch.input " S25 " input=input:1 action=long_push serial_n=1 raw{128=2}\n"
                      "device.value " S25 " property=deviceTemp temperature_c=41 serial_n=1 raw{115=41}\n"
                      "energy.counter " S25
                      " ch=relay:1 outlet=2 energy_wh=1.5 scope=total serial_n=1 raw{224=90}\n");
}

/* A description may give any number: that is what it is for. */
Test(shelly_coiot_known, description_comes_first)
{
    const char *id = "SHXYZ-9#123456#2";
    const char *const device = "shelly:SHXYZ-9#123456";
    meet(id);
    describe(id,
             "{\"blk\":[{\"I\":5,\"D\":\"relay_2\"},{\"I\":6,\"D\":\"light_0\"},{\"I\":7,\"D\":\"device\"}],"
             "\"sen\":[{\"I\":7,\"T\":\"S\",\"D\":\"output\",\"R\":\"0/1\",\"L\":[5]},"
             "{\"I\":8,\"T\":\"S\",\"D\":\"output\",\"R\":\"0/1\",\"L\":6},"
             "{\"I\":9,\"T\":\"E\",\"D\":\"energy\",\"U\":\"kWh\",\"L\":5},"
             "{\"I\":10,\"T\":\"P\",\"D\":\"power\",\"U\":\"W\",\"R\":[\"0/9\",\"-7\"],\"L\":7},"
             "{\"I\":11,\"T\":\"S\",\"D\":\"output\",\"R\":\"0/1\",\"L\":[5,6]},"
             "{\"I\":12,\"T\":\"P\",\"D\":\"power\",\"U\":\"W\",\"L\":7},"
             "{\"I\":12,\"T\":\"S\",\"D\":\"output\",\"L\":5}]}");
    /* A light, an unknown unit, two blocks and a number described twice say nothing; 1101 is not described.
     */
    expect_values(
        id, 1, "[0,7,1],[0,8,1],[0,9,3],[0,10,-7],[0,11,1],[0,12,1],[0,1101,1]", device,
        "power.state shelly:SHXYZ-9#123456 ch=relay:2 outlet=3 state=on valid_s=38 serial_n=1 raw{7=1}\n"
        "device.value shelly:SHXYZ-9#123456 property=1101 value=1 serial_n=1 raw{1101=1}\n");
    expect_values(id, 2, "[0,10,5]", device,
                  "power.reading shelly:SHXYZ-9#123456 power_w=5 serial_n=2 raw{10=5}\n");
}

Test(shelly_coiot_known, broken_descriptions)
{
    const char *id = "SHPLG-S#7AB1C2#2";
    static const char *const broken[] = {
        "{\"blk\":[],\"sen\":1}",
        "{\"sen\":[1,{},{\"I\":-1},{\"I\":\"x\"}]}",
        "{\"blk\":[]}",
        "{\"blk\":{},\"sen\":[\"a\"]}",
    };
    meet(id);
    describe(id, broken[0]);
    describe(id, broken[2]);
    expect_values(id, 1, "[0,1101,1]", DEVICE, STATE("1", "on", "1")); /* what is known still holds */
    describe(id, broken[1]);
    describe(id, broken[3]);
    expect_values(id, 2, "[0,1101,0]", DEVICE,
                  "device.value " DEVICE " property=1101 value=0 serial_n=2 raw{1101=0}\n");
}

Test(shelly_coiot_known, first_version)
{
    meet("SHPLG-S#7AB1C2#1");
    expect_values("SHPLG-S#7AB1C2#1", 1,
                  "[0,111,3.5],[0,112,1],[0,113,30],[0,114,86],[0,115,0],[0,211,1],[0,214,60]", DEVICE,
                  "power.reading " DEVICE " ch=relay:0 outlet=1 power_w=3.5 serial_n=1 raw{111=3.5}\n" ON(
                      DEVICE, "relay:0", "1", "1",
                      "112") "device.value " DEVICE
                             " property=deviceTemp temperature_c=30 serial_n=1 raw{113=30}\n"
                             "energy.counter " DEVICE
                             " ch=relay:0 outlet=1 energy_wh=1 scope=total serial_n=1 raw{214=60}\n");
    /* 1101 is version 2's, 122 a second relay. */
    expect_values("SHPLG-S#7AB1C2#1", 2, "[0,1101,1],[0,122,1]", DEVICE,
                  "device.value " DEVICE " property=1101 value=1 serial_n=2 raw{1101=1}\n"
                  "device.value " DEVICE " property=122 value=1 serial_n=2 raw{122=1}\n");
    /* 113 is a temperature of some, a roller's position of others. */
    meet("SHSW-25#F40AAA#1");
    expect_values("SHSW-25#F40AAA#1", 1, "[0,113,30],[0,122,1]", S25, ON(S25, "relay:1", "2", "1", "122"));
}

Test(shelly_coiot_known, two_relays)
{
    meet("SHSW-25#F40AAA#2");
    expect_values("SHSW-25#F40AAA#2", 1, "[0,1201,1],[0,4201,7],[0,1301,1],[0,1102,\"stop\"]", S25,
                  ON(S25, "relay:1", "2", "1",
                     "1201") "power.reading " S25 " ch=relay:1 outlet=2 power_w=7 serial_n=1 raw{4201=7}\n"
                             "device.value " S25 " property=1301 value=1 serial_n=1 raw{1301=1}\n");
    /* A Shelly 2 measures both at once. */
    meet("SHSW-21#0000AA#2");
    expect_values(
        "SHSW-21#0000AA#2", 1, "[0,4101,7],[0,4103,120]", "shelly:shellyswitch-0000AA",
        "power.reading shelly:shellyswitch-0000AA power_w=7 serial_n=1 raw{4101=7}\n"
        "energy.counter shelly:shellyswitch-0000AA energy_wh=2 scope=total serial_n=1 raw{4103=120}\n");
}

/* What a meter measures at one place is one reading; its energies are in watt-hours. */
Test(shelly_coiot_known, energy_meter)
{
    meet("SHEM-3#0000BB#2");
    expect_values(
        "SHEM-3#0000BB#2", 1,
        "[0,4205,131.58],[0,4206,1200],[0,4207,5],[0,4208,231.6],[0,4209,0.77],[0,4210,0.74],[0,4305,1]",
        "shelly:shellyem3-0000BB",
        "power.reading shelly:shellyem3-0000BB ch=emeter:1 outlet=2 power_w=131.58 voltage_v=231.6 "
        "current_a=0.77 power_factor=0.74 serial_n=1 raw{4205=131.58 4208=231.6 4209=0.77 4210=0.74}\n"
        "energy.counter shelly:shellyem3-0000BB ch=emeter:1 outlet=2 energy_wh=1200 scope=total serial_n=1 "
        "raw{4206=1200}\n"
        "energy.counter shelly:shellyem3-0000BB ch=emeter:1 outlet=2 energy_wh=5 scope=total "
        "direction=export serial_n=1 raw{4207=5}\n"
        "power.reading shelly:shellyem3-0000BB ch=emeter:2 outlet=3 power_w=1 serial_n=1 raw{4305=1}\n");
}

/* A description in two blocks of 16, put together by CoAP: nothing is said of the first alone. */
Test(shelly_coiot_known, report_in_blocks)
{
    meet("SHPLG-S#7AB1C2#2");
    feed.group = false;
    feed.client = 1;
    feed.server = 9;
    (void)coap_ask(&feed, "41 01 00 01 aa b3 'cit' 01 's'");
    (void)coap_answer(&feed, "61 45 00 01 aa d1 0a 08 ed 0b e0 03 'SHPLG-S#7AB1C2#2' ff '{\"G\": [  [0,1101'");
    check_lines("first block", "ip " DEVICE " 10.0.0.9\n");
    (void)coap_ask(&feed, "41 01 00 02 aa b3 'cit' 01 's' c1 10");
    (void)coap_answer(&feed, "61 45 00 02 aa d1 0a 10 ed 0b e0 03 'SHPLG-S#7AB1C2#2' ff ',1] ] }'");
    check_lines("second block", "ip " DEVICE " 10.0.0.9\npower.state " DEVICE
                                " ch=relay:0 outlet=1 state=on polled raw{1101=1}\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Kasa: what a device's answers state. The answers have the forms of real devices'. */
#include "kasa_hear.h"
#include "say_record.h"

TestSuite(kasa, .init = kasa_set_up, .fini = kasa_tear_down);

#define P "kasa:10.0.0.7"

Test(kasa, a_description)
{
    answered("{\"system\":{\"get_sysinfo\":{\"err_code\":0,\"sw_ver\":\"1.2.6\",\"hw_ver\":\"1.0\","
             "\"type\":\"IOT.SMARTPLUGSWITCH\",\"model\":\"HS110(EU)\",\"mac\":\"50:C7:BF:01:02:03\","
             "\"deviceId\":\"8006AB\",\"hwId\":\"22DD\",\"alias\":\"kettle\",\"relay_state\":1,"
             "\"on_time\":17,\"active_mode\":\"schedule\",\"rssi\":-61,\"led_off\":0,"
             "\"latitude\":50.5,\"longitude\":-4.25,\"next_action\":{\"type\":-1}}}}",
             "tie " P " mac=50:c7:bf:01:02:03\n"
             "device.identity " P " mac=50:c7:bf:01:02:03 model=HS110(EU) firmware=1.2.6 name=kettle "
             "device_id=8006AB product=22DD polled raw{mac=50:C7:BF:01:02:03 model=HS110(EU) "
             "sw_ver=1.2.6 alias=kettle deviceId=8006AB hwId=22DD hw_ver=1.0 "
             "type=IOT.SMARTPLUGSWITCH}\n"
             "power.state " P " state=on on_time_s=17 polled raw{relay_state=1 on_time=17}\n"
             "device.location " P " latitude=50.5 longitude=-4.25 polled "
             "raw{latitude=50.5 longitude=-4.25}\n"
             "network.join " P " rssi_dbm=-61 polled raw{rssi=-61}\n"
             "device.config " P " setting=led_off value=0 polled raw{led_off=0}\n"
             "device.config " P " setting=active_mode value=schedule polled raw{active_mode=schedule}\n");
}

Test(kasa, other_names_of_the_same)
{
    answered("{\"system\":{\"get_sysinfo\":{\"mic_mac\":\"50C7BF010203\",\"latitude_i\":508226,"
             "\"longitude_i\":-43791,\"err_code\":0}}}",
             "tie " P " mac=50:c7:bf:01:02:03\n"
             "device.identity " P " mac=50:c7:bf:01:02:03 polled raw{mic_mac=50C7BF010203}\n"
             "device.location " P " latitude=50.8226 longitude=-4.3791 polled "
             "raw{latitude_i=508226 longitude_i=-43791}\n");
    answered(
        "{\"system\":{\"get_sysinfo\":{\"ethernet_mac\":\"50-C7-BF-01-02-04\",\"mac\":\"00:00:00:00:00:00\","
        "\"err_code\":0}}}",
        "tie " P " mac=50:c7:bf:01:02:04\n"
        "device.identity " P " mac=50:c7:bf:01:02:04 polled raw{ethernet_mac=50-C7-BF-01-02-04}\n");
}

Test(kasa, relay_and_time)
{
    answered("{\"system\":{\"get_sysinfo\":{\"relay_state\":0,\"on_time\":0,\"err_code\":0}}}",
             "power.state " P " state=off polled raw{relay_state=0 on_time=0}\n");
    /* A real strip keeps counting while an outlet is off, and another gave a negative time. */
    answered("{\"system\":{\"get_sysinfo\":{\"relay_state\":0,\"on_time\":79700,\"err_code\":0}}}",
             "power.state " P " state=off polled raw{relay_state=0 on_time=79700}\n");
    answered("{\"system\":{\"get_sysinfo\":{\"relay_state\":1,\"on_time\":-32407,\"err_code\":0}}}",
             "finding {-32407} the value is no whole number within its range\n"
             "power.state " P " state=on polled raw{relay_state=1}\n");
    answered("{\"system\":{\"get_sysinfo\":{\"relay_state\":2,\"err_code\":0}}}",
             "finding {2} the state is neither 0 nor 1\n");
    answered("{\"system\":{\"get_sysinfo\":{\"relay_state\":1,\"relay_state\":0,\"err_code\":0}}}", "");
}

Test(kasa, what_is_no_good_answer)
{
    answered("{\"system\":{\"get_sysinfo\":{\"relay_state\":1}}}", "");
    answered("{\"system\":{\"get_sysinfo\":{\"relay_state\":1,\"err_code\":-1}}}", "");
    answered("{\"system\":{\"err_code\":-1,\"err_msg\":\"module not support\"}}", "");
    answered("{\"system\":{\"set_relay_state\":{\"err_code\":0}}}", "");
    answered("{\"system\":null,\"emeter\":[],\"x\":1}", "");
    answered("{}", "");
    answered("{\"other\":{\"get_sysinfo\":{\"relay_state\":1,\"err_code\":0}}}", "");
}

#define STRIP                                                                                                \
    "{\"system\":{\"get_sysinfo\":{\"deviceId\":\"80AA\",\"err_code\":0,\"children\":["                      \
    "{\"id\":\"00\",\"state\":1,\"alias\":\"tv\",\"on_time\":5,\"next_action\":{\"type\":1,\"id\":\"R1\","   \
    "\"schd_sec\":68927,\"action\":0}},{\"id\":\"80AA01\",\"state\":0,\"on_time\":9}]}}}"

#define STRIP_SAID                                                                                           \
    "device.identity " P " device_id=80AA polled raw{deviceId=80AA}\n"                                       \
    "power.state " P " ch=80AA00 outlet=1 state=on on_time_s=5 polled raw{state=1 on_time=5}\n"              \
    "device.identity " P " ch=80AA00 outlet=1 channel_name=tv polled raw{alias=tv id=00}\n"                  \
    "schedule.rule " P " ch=80AA00 outlet=1 mode=next_action rule=R1 at=19:08:47 action=off polled "         \
    "raw{type=1 id=R1 schd_sec=68927 action=0}\n"                                                            \
    "power.state " P " ch=80AA01 outlet=2 state=off polled raw{state=0 on_time=9}\n"

Test(kasa, a_strip)
{
    answered(STRIP, STRIP_SAID);
    answered("{\"system\":{\"get_sysinfo\":{\"err_code\":0,\"children\":[{\"id\":\"00\",\"state\":1}]}}}",
             "finding {{\"id\":\"00\",\"state\":1}} an outlet whose id can't be told\n");
}

#define METER "{\"emeter\":{\"get_realtime\":{\"power_mw\":63499,\"err_code\":0}}}"

Test(kasa, a_meter_is_its_outlets)
{
    answered(METER, "finding {get_realtime} which outlet this is about can't be told\n");
    answered_of(NULL, METER, "power.reading " P " power_w=63.499 polled raw{power_mw=63499}\n");
    answered_of("80AA00", METER, "power.reading " P " ch=80AA00 power_w=63.499 polled raw{power_mw=63499}\n");
    answered_of("00", METER, "finding {get_realtime} which outlet this is about can't be told\n");
    answered(STRIP, STRIP_SAID);
    answered(METER, "finding {get_realtime} which outlet this is about can't be told\n");
    answered_of("00", METER,
                "power.reading " P " ch=80AA00 outlet=1 power_w=63.499 polled raw{power_mw=63499}\n");
    answered_of("80AA01", METER,
                "power.reading " P " ch=80AA01 outlet=2 power_w=63.499 polled raw{power_mw=63499}\n");
}

Test(kasa, a_meter_of_the_only_outlet)
{
    answered(
        "{\"emeter\":{\"get_realtime\":{\"current\":0.014937,\"voltage\":231.067823,\"power\":0.928511,"
        "\"total\":55.139,\"err_code\":0}},\"system\":{\"get_sysinfo\":{\"relay_state\":1,\"err_code\":0}}}",
        "power.state " P " state=on polled raw{relay_state=1}\n"
        "power.reading " P " power_w=0.928511 voltage_v=231.067823 current_a=0.014937 polled "
        "raw{power=0.928511 voltage=231.067823 current=0.014937}\n"
        "energy.counter " P " energy_wh=55139 scope=total polled raw{total=55.139}\n");
    answered("{\"emeter\":{\"get_realtime\":{\"current_ma\":296,\"voltage_mv\":230577,\"power_mw\":63499,"
             "\"total_wh\":12068,\"slot_id\":0,\"err_code\":0}}}",
             "power.reading " P " power_w=63.499 voltage_v=230.577 current_a=0.296 polled "
             "raw{power_mw=63499 voltage_mv=230577 current_ma=296 slot_id=0}\n"
             "energy.counter " P " energy_wh=12068 scope=total polled raw{total_wh=12068}\n");
    answered(
        "{\"emeter\":{\"get_realtime\":{\"power\":100001,\"voltage\":-1,\"current\":\"x\",\"total\":1e12,"
        "\"err_code\":0}}}",
        "finding {100001} the value is no number within its range\n"
        "finding {-1} the value is no number within its range\n"
        "finding {x} the value is no number within its range\n"
        "finding {1e12} the value is no number within its range\n");
}

Test(kasa, statistics)
{
    answered_of(
        NULL,
        "{\"emeter\":{\"get_daystat\":{\"day_list\":[{\"year\":2024,\"month\":2,\"day\":29,"
        "\"energy_wh\":120},{\"year\":2024,\"month\":2,\"day\":1,\"energy\":0.0015},"
        "{\"year\":2024,\"month\":13,\"day\":1,\"energy\":1},{\"year\":2024,\"month\":2,\"day\":2}],\"err_"
        "code\":0},"
        "\"get_monthstat\":{\"month_list\":[{\"year\":2024,\"month\":2,\"energy\":3.5}],\"err_code\":0}}}",
        "energy.counter " P " energy_wh=120 scope=day date=2024-02-29 polled "
        "raw{energy_wh=120 year=2024 month=2 day=29}\n"
        "energy.counter " P " energy_wh=1.5 scope=day date=2024-02-01 polled "
        "raw{energy=0.0015 year=2024 month=2 day=1}\n"
        "energy.counter " P " energy_wh=3500 scope=month date=2024-02 polled "
        "raw{energy=3.5 year=2024 month=2}\n");
    answered_of(NULL,
                "{\"schedule\":{\"get_daystat\":{\"day_list\":[{\"year\":2024,\"month\":2,\"day\":3,"
                "\"time\":87}],\"err_code\":0}}}",
                "energy.counter " P " runtime_min=87 scope=day date=2024-02-03 polled "
                "raw{time=87 year=2024 month=2 day=3}\n");
    answered("{\"schedule\":{\"get_daystat\":{\"day_list\":[],\"err_code\":0}}}",
             "finding {get_daystat} which outlet this is about can't be told\n");
}

Test(kasa, rules)
{
    answered_of(NULL,
                "{\"schedule\":{\"get_rules\":{\"rule_list\":[{\"id\":\"R1\",\"name\":\"n\",\"enable\":1,"
                "\"wday\":[1,0,0,1,1,0,0],\"stime_opt\":0,\"smin\":1014,\"sact\":1,\"repeat\":1,"
                "\"etime_opt\":-1,\"eact\":-1}],\"enable\":1,\"err_code\":0}}}",
                "schedule.rule " P
                " rule=R1 enabled=true mode=clock at=16:54 days=1001100 repeat=true action=on "
                "polled raw{id=R1 enable=1 stime_opt=0 smin=1014 wday=[1,0,0,1,1,0,0] "
                "repeat=1 sact=1 eact=-1 etime_opt=-1 name=n}\n"
                "device.config " P " setting=schedule.enable value=1 polled raw{enable=1}\n");
    answered_of("80AA00",
                "{\"anti_theft\":{\"get_rules\":{\"rule_list\":[{\"id\":\"R2\",\"stime_opt\":2,\"smin\":1440,"
                "\"emin\":1047}],\"enable\":0,\"err_code\":0}}}",
                "schedule.rule " P " ch=80AA00 rule=R2 mode=sunset at=24:00 action=random polled "
                "raw{id=R2 stime_opt=2 smin=1440 emin=1047}\n"
                "device.config " P " ch=80AA00 setting=anti_theft.enable value=0 polled raw{enable=0}\n");
    answered_of(NULL,
                "{\"count_down\":{\"get_rules\":{\"rule_list\":[{\"id\":\"R3\",\"name\":\"t\",\"enable\":1,"
                "\"delay\":1800,\"act\":1,\"remain\":1799}],\"err_code\":0}}}",
                "timer.set " P " duration_s=1800 remaining_s=1799 action=on enabled=true rule=R3 polled "
                "raw{delay=1800 remain=1799 act=1 enable=1 id=R3 name=t}\n");
    answered_of(NULL, "{\"schedule\":{\"get_next_action\":{\"type\":1,\"schd_time\":86399,\"err_code\":0}}}",
                "schedule.rule " P " mode=next_action at=23:59:59 polled raw{type=1 schd_time=86399}\n");
    answered("{\"count_down\":{\"get_rules\":{\"rule_list\":[],\"err_code\":0}}}",
             "finding {get_rules} which outlet this is about can't be told\n");
}

Test(kasa, clock_account_and_network)
{
    answered("{\"time\":{\"get_time\":{\"year\":2024,\"month\":1,\"mday\":2,\"wday\":2,\"hour\":3,\"min\":4,"
             "\"sec\":5,\"err_code\":0},\"get_timezone\":{\"index\":39,\"err_code\":0}}}",
             "clock.reading " P " device_time=2024-01-02T03:04:05 clock_kind=local_no_zone polled "
             "raw{year=2024 month=1 mday=2 hour=3 min=4 sec=5}\n"
             "device.config " P " setting=timezone value=39 polled raw{index=39}\n");
    answered(
        "{\"time\":{\"get_time\":{\"year\":2024,\"month\":13,\"mday\":2,\"hour\":3,\"min\":4,\"sec\":5,"
        "\"err_code\":0}}}",
        "finding {{\"year\":2024,\"month\":13,\"mday\":2,\"hour\":3,\"min\":4,\"sec\":5,\"err_code\":0}} the "
        "value is no time\n");
    answered("{\"cnCloud\":{\"get_info\":{\"username\":\"a@b.example\",\"server\":\"s.example\",\"binded\":1,"
             "\"err_code\":0}}}",
             "device.identity " P " account=a@b.example server=s.example polled "
             "raw{username=a@b.example server=s.example binded=1}\n");
    answered("{\"netif\":{\"get_scaninfo\":{\"ap_list\":[{\"ssid\":\"x\"}],\"err_code\":0},"
             "\"get_stainfo\":{\"ssid\":\"home\",\"rssi\":-50,\"err_code\":0}}}",
             "device.config " P " setting=networks_nearby value=[{\"ssid\":\"x\"}] polled "
             "raw{ap_list=[{\"ssid\":\"x\"}]}\n"
             "network.join " P " ssid=home rssi_dbm=-50 polled raw{ssid=home rssi=-50}\n");
}

Test(kasa, a_bulb)
{
    answered(
        "{\"smartlife.iot.smartbulb.lightingservice\":{\"get_light_state\":{\"on_off\":1,\"err_code\":0},"
        "\"transition_light_state\":{\"on_off\":0,\"err_code\":0}}}",
        "power.state " P " state=on polled raw{on_off=1}\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Kasa: what a request asks of a device, and who asked. */
#include "kasa_hear.h"
#include "say_record.h"

TestSuite(kasa_command, .init = kasa_set_up, .fini = kasa_tear_down);

#define P "kasa:10.0.0.7"

Test(kasa_command, questions_say_nothing)
{
    asked("{\"system\":{\"get_sysinfo\":{}},\"emeter\":{\"get_realtime\":null}}", "");
    asked("{\"system\":{\"test_check_uboot\":null,\"check_new_config\":null}}", "");
    asked("{}", "");
    asked("{\"context\":{\"child_ids\":7},\"system\":{\"get_sysinfo\":{}}}", "");
}

Test(kasa_command, switching)
{
    asked("{\"system\":{\"set_relay_state\":{\"state\":1}}}",
          "power.command " P " state=on asked trigger=lan/none raw{state=1}\n");
    asked("{\"context\":{\"source\":\"5f-app\"},\"system\":{\"set_relay_state\":{\"state\":0}}}",
          "power.command " P " state=off asked app=5f-app trigger=lan/none raw{state=0}\n");
    /* A device does both, one behind the other. */
    asked("{\"system\":{\"set_relay_state\":{\"state\":0}},\"system\":{\"set_relay_state\":{\"state\":1}}}",
          "power.command " P " state=off asked trigger=lan/none raw{state=0}\n"
          "power.command " P " state=on asked trigger=lan/none raw{state=1}\n");
    asked("{\"smartlife.iot.dimmer\":{\"set_switch_state\":{\"state\":1}},"
          "\"smartlife.iot.smartbulb.lightingservice\":{\"transition_light_state\":{\"on_off\":0}}}",
          "power.command " P " state=on asked trigger=lan/none raw{state=1}\n"
          "power.command " P " state=off asked trigger=lan/none raw{on_off=0}\n");
}

Test(kasa_command, what_is_no_state)
{
    asked("{\"system\":{\"set_relay_state\":{\"state\":2}}}",
          "finding {{\"state\":2}} the state asked for is neither 0 nor 1\n");
    asked("{\"system\":{\"set_relay_state\":{}}}", "finding {{}} the state asked for is neither 0 nor 1\n");
    asked("{\"system\":{\"set_relay_state\":{\"state\":1,\"state\":0}}}",
          "finding {{\"state\":1,\"state\":0}} the state asked for is neither 0 nor 1\n");
}

Test(kasa_command, outlets)
{
    asked("{\"context\":{\"child_ids\":[\"80AA00\",\"80AA01\"]},\"system\":{\"set_relay_state\":{\"state\":1}"
          "}}",
          "power.command " P " ch=80AA00 state=on asked trigger=lan/none raw{state=1 child_id=80AA00}\n"
          "power.command " P " ch=80AA01 state=on asked trigger=lan/none raw{state=1 child_id=80AA01}\n");
    asked("{\"context\":{\"child_ids\":[\"01\"]},\"system\":{\"set_relay_state\":{\"state\":1}}}",
          "finding {01} which outlet this is can't be told\n");
    asked("{\"context\":{\"child_ids\":[]},\"system\":{\"set_relay_state\":{\"state\":1}}}",
          "finding {set_relay_state} which outlets this is asked of can't be told\n");
    asked("{\"context\":{},\"context\":{},\"system\":{\"set_relay_state\":{\"state\":1}}}",
          "finding {set_relay_state} which outlets this is asked of can't be told\n");
    answered(
        "{\"system\":{\"get_sysinfo\":{\"deviceId\":\"80AA\",\"children\":[{\"id\":\"00\"},{\"id\":\"01\"}],"
        "\"err_code\":0}}}",
        "device.identity " P " device_id=80AA polled raw{deviceId=80AA}\n");
    asked("{\"context\":{\"child_ids\":[\"1\",\"80AA00\",\"80AA05\"]},"
          "\"system\":{\"set_relay_state\":{\"state\":1}}}",
          "power.command " P " ch=80AA01 outlet=2 state=on asked trigger=lan/none raw{state=1 child_id=1}\n"
          "power.command " P
          " ch=80AA00 outlet=1 state=on asked trigger=lan/none raw{state=1 child_id=80AA00}\n"
          "power.command " P " ch=80AA05 state=on asked trigger=lan/none raw{state=1 child_id=80AA05}\n");
}

Test(kasa_command, everybody)
{
    static const char *const group[] = {"255.255.255.255", "192.168.1.255", "224.0.0.251"};
    const char *command = "{\"system\":{\"set_relay_state\":{\"state\":1},\"get_sysinfo\":{}}}";
    for (size_t i = 0; i < sizeof group / sizeof *group; i++) {
        say_record_ends(say, "10.0.0.5", 40000, group[i], 9999);
        compare(
            group[i], hear(command, false, NULL),
            "finding {set_relay_state} asked of every device of the network: whom it reached is not known\n");
    }
}

Test(kasa_command, settings)
{
    asked("{\"system\":{\"set_led_off\":{\"off\":1},\"reboot\":{\"delay\":1}}}",
          "device.config " P " setting=system.set_led_off value={\"off\":1} asked "
          "raw{method=set_led_off arguments={\"off\":1}}\n"
          "device.config " P " setting=system.reboot value={\"delay\":1} asked "
          "raw{method=reboot arguments={\"delay\":1}}\n");
    asked("{\"context\":{\"child_ids\":[\"80AA00\"]},\"system\":{\"set_dev_alias\":{\"alias\":\"tv\"}}}",
          "device.config " P " ch=80AA00 setting=system.set_dev_alias value={\"alias\":\"tv\"} asked "
          "raw{method=set_dev_alias arguments={\"alias\":\"tv\"} child_id=80AA00}\n");
    asked("{\"system\":{\"set_dev_location\":{\"latitude_i\":501234,\"longitude_i\":-12345}}}",
          "device.config " P " setting=system.set_dev_location latitude=50.1234 longitude=-1.2345 asked "
          "raw{method=set_dev_location latitude_i=501234 longitude_i=-12345}\n");
    asked("{\"count_down\":{\"add_rule\":{\"enable\":1,\"delay\":1800,\"act\":0,\"name\":\"t\"}}}",
          "timer.set " P " duration_s=1800 action=off enabled=true asked "
          "raw{delay=1800 act=0 enable=1 name=t}\n");
    asked("{\"system\":{\"download_firmware\":{\"url\":\"http://u\"},\"flash_firmware\":{}}}",
          "firmware.update " P " setting=system.download_firmware value={\"url\":\"http://u\"} asked "
          "raw{method=download_firmware arguments={\"url\":\"http://u\"}}\n"
          "firmware.update " P " setting=system.flash_firmware asked raw{method=flash_firmware}\n");
    asked("{\"anti_theft\":{\"add_rule\":{\"smin\":1},\"set_overall_enable\":1}}",
          "device.config " P " setting=anti_theft.add_rule value={\"smin\":1} asked "
          "raw{method=add_rule arguments={\"smin\":1}}\n"
          "device.config " P " setting=anti_theft.set_overall_enable value=1 asked "
          "raw{method=set_overall_enable arguments=1}\n");
}

Test(kasa_command, what_destroys_evidence)
{
    static const char *const destroying[][2] = {
        {"system", "reset"},         {"emeter", "erase_emeter_stat"},  {"schedule", "erase_runtime_stat"},
        {"cnCloud", "unbind"},       {"schedule", "delete_all_rules"}, {"anti_theft", "delete_all_rules"},
        {"schedule", "delete_rule"},
    };
    for (size_t i = 0; i < sizeof destroying / sizeof *destroying; i++) {
        const char *module = destroying[i][0], *method = destroying[i][1];
        char plain[128], expected[256];
        snprintf(plain, sizeof plain, "{\"%s\":{\"%s\":null}}", module, method);
        snprintf(expected, sizeof expected,
                 "device.config " P " setting=%s.%s destroys_evidence=true asked raw{method=%s}\n", module,
                 method, method);
        asked(plain, expected);
    }
}

Test(kasa_command, secrets)
{
    asked("{\"netif\":{\"set_stainfo\":{\"ssid\":\"home\",\"password\":\"secret\",\"key_type\":3}}}",
          "device.config " P " setting=netif.set_stainfo ssid=home asked "
          "raw{method=set_stainfo ssid=home key_type=3}\n"
          "credential " P " value=secret secret=wifi ssid=home asked raw{password=secret}\n");
    asked("{\"cnCloud\":{\"bind\":{\"username\":\"a@b.example\",\"password\":\"secret\"}}}",
          "device.config " P " setting=cnCloud.bind account=a@b.example asked "
          "raw{method=bind username=a@b.example}\n"
          "credential " P " value=secret secret=account account=a@b.example asked raw{password=secret}\n");
    asked("{\"netif\":{\"set_stainfo\":{\"ssid\":\"open\",\"key_type\":0}}}",
          "device.config " P " setting=netif.set_stainfo ssid=open asked "
          "raw{method=set_stainfo ssid=open key_type=0}\n");
    /* Elsewhere a secret keeps the arguments out of what is said. */
    asked("{\"x\":{\"set_y\":{\"a\":[{\"Password\":\"secret\"}]}}}",
          "device.config " P " setting=x.set_y asked raw{method=set_y}\n");
}

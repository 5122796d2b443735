/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota's web commands: what they ask, what is answered, and that no credential is said. */
#include "family_feed.h"
#include "say_record.h"
#include "vendor/tasmota/tasmota.h"

#define AT "tasmota:" PLUG
#define HTTP " trigger=http/none"

static void set_up(void)
{
    family_set_up(&wtr_tasmota);
}

TestSuite(tasmota_http, .init = set_up, .fini = family_tear_down);

Test(tasmota_http, power)
{
    ask("GET", "/cm?cmnd=Power2%20ON", "",
        "power.command " AT " ch=2 outlet=2 state=on" HTTP " raw{Power2=ON}\n");
    answer(200, "{\"POWER2\":\"ON\"}", "power.state " AT " ch=2 outlet=2 state=on raw{POWER2=ON}\n");
    ask("GET", "/cm?user=admin&password=sesame&cmnd=POWER+toggle", "",
        "power.command " AT " ch=1 outlet=1 state=toggle" HTTP " raw{POWER=toggle}\n");
    answer(200, "{\"WARNING\":\"Need user=<username>&password=<password>\"}", "");
    ask("GET", "/cm?cmnd=Power", "", "");
    answer(200, "{\"POWER\":\"OFF\"}", "power.state " AT " ch=1 outlet=1 state=off polled raw{POWER=OFF}\n");
    ask("POST", "/cm", "cmnd=power%200",
        "power.command " AT " ch=1 outlet=1 state=off" HTTP " raw{power=0}\n");
}

Test(tasmota_http, status)
{
    ask("GET", "/cm?cmnd=Status%208", "", "");
    answer(200, "{\"StatusSNS\":{\"Time\":\"2023-11-14T22:13:20\",\"ENERGY\":{\"Total\":1.5,\"Power\":42}}}",
           "clock.reading " AT " device_time=2023-11-14T22:13:20 clock_kind=local_no_zone "
           "polled raw{Time=2023-11-14T22:13:20}\n"
           "power.reading " AT " power_w=42 polled raw{Power=42}\n"
           "energy.counter " AT " energy_wh=1500 scope=total polled raw{Total=1.5}\n");
}

/* Commands in one line, one of them with a secret: no raw value holds the others'. */
Test(tasmota_http, backlog)
{
    ask("GET", "/cm?cmnd=Backlog%20Password1%20sesame%3BPower%20ON", "",
        "credential " AT " setting=Password1 secret=wifi value=sesame\n"
        "power.command " AT " ch=1 outlet=1 state=on" HTTP "\n");
}

Test(tasmota_http, others)
{
    ask("GET", "/cm?x=1", "", "");
    answer(200, "{\"POWER\":\"ON\"}", "");
    ask("GET", "/cmd?cmnd=Power%20ON", "", "");
    ask("GET", "/cm?cmnd=", "", "");
    answer(404, "{\"POWER\":\"ON\"}", "");
}

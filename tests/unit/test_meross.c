/* SPDX-License-Identifier: Apache-2.0 */
/* vendor/meross: what its messages state, over HTTP and MQTT. The clock of the tests is at
 * 2021-01-25T00:02:10Z, 1611532930. */
#include "http_exchange.h"
#include "mqtt_message.h"
#include "say_record.h"

#include "vendor/meross/meross.h"
#include "vendor/meross/sealed.h"

#define DEV "meross:" PLUG
#define UUID "2009113111806125100048e1e9000001"
#define MQTT "meross:" UUID

static struct mqtt_connection plug, controller;

static void set_up(void)
{
    exchange_set_up(&wtr_meross);
    plug = (struct mqtt_connection){0};
    controller = (struct mqtt_connection){0};
    controller.session.connect_seen = true;
}

static void tear_down(void)
{
    exchange_tear_down();
    mqtt_message_free();
}

TestSuite(meross, .init = set_up, .fini = tear_down);

#define MESSAGE(method, name, from, payload)                                                                 \
    "{\"header\":{\"messageId\":\"5312\",\"namespace\":\"Appliance." name "\",\"method\":\"" method          \
    "\",\"payloadVersion\":1,\"from\":\"" from "\",\"timestamp\":1611532932,\"timestampMs\":250,\"sign\":\"" \
    "f0\",\"triggerSrc\":\"AndroidLocal\"},\"payload\":" payload "}"
#define APP "/app/1173508-42c605ea/subscribe"
#define OWN "/appliance/" UUID "/publish"
#define ASK(method, name, payload)                                                                           \
    "POST /config HTTP/1.1\nContent-Type: application/json\n\n" MESSAGE(method, name, APP, payload)
#define TELL(method, name, payload) "HTTP/1.1 200 OK\n\n" MESSAGE(method, name, OWN, payload)
#define CLOCK(device)                                                                                        \
    "clock.reading " device " device_time=1611532932 clock_kind=utc offset_s=2.25 "                          \
    "raw{timestamp=1611532932}\n"

#define SENT "app=1173508-42c605ea trigger=http/none raw{onoff="
#define FROM " from=" APP " triggerSrc=AndroidLocal}\n"

Test(meross, command)
{
    expect_request(ASK("SET", "Control.ToggleX", "{\"togglex\":{\"channel\":0,\"onoff\":1}}"),
                   "power.command " DEV " ch=0 state=on " SENT "1" FROM);
    expect_response(TELL("SETACK", "Control.ToggleX", "{}"), CLOCK(DEV));
    expect_request(ASK("SET", "Control.ToggleX",
                       "{\"togglex\":[{\"channel\":2,\"onoff\":0},{\"channel\":65535,\"onoff\":1}]}"),
                   "power.command " DEV " ch=2 outlet=2 state=off " SENT "0" FROM "power.command " DEV
                   " ch=* state=on " SENT "1" FROM);
    expect_request(ASK("SET", "Control.Toggle", "{\"toggle\":{\"onoff\":0}}"),
                   "power.command " DEV " ch=0 state=off " SENT "0" FROM);
    expect_request(ASK("SET", "Control.ToggleX", "{\"togglex\":{\"channel\":0,\"onoff\":2}}"),
                   "finding {2} the state is neither 0 nor 1\n");
    expect_request(ASK("SET", "Control.ToggleX", "{\"togglex\":{\"channel\":256,\"onoff\":1}}"),
                   "finding {256} the channel is no number within its range\n");
    expect_request(ASK("GET", "Control.ToggleX", "{\"togglex\":{\"channel\":0,\"onoff\":1}}"), "");
}

/* What the device says in an acknowledgement is no state, nor is anything in a request. */
Test(meross, acknowledgement)
{
    (void)hear_request(WTR_TEXT(ASK("SET", "Control.ToggleX", "{}")));
    expect_response(TELL("SETACK", "Control.ToggleX", "{\"togglex\":{\"channel\":0,\"onoff\":1}}"),
                    CLOCK(DEV));
    expect_request(ASK("PUSH", "Control.ToggleX", "{\"togglex\":{\"channel\":0,\"onoff\":1}}"), "");
}

Test(meross, state)
{
    (void)hear_request(WTR_TEXT(ASK("GET", "Control.ToggleX", "{\"togglex\":[]}")));
    expect_response(
        TELL("GETACK", "Control.ToggleX",
             "{\"channel\":0,\"togglex\":{\"channel\":0,\"onoff\":1,\"lmTime\":1708530599}}"),
        CLOCK(DEV) "power.state " DEV
                   " ch=0 state=on last_change=1708530599 polled raw{onoff=1 lmTime=1708530599}\n");
    expect_response(TELL("GETACK", "Control.Toggle", "{\"toggle\":{\"onoff\":0,\"lmTime\":0}}"),
                    CLOCK(DEV) "power.state " DEV " ch=0 state=off polled raw{onoff=0}\n");
    expect_response(TELL("PUSH", "Control.ToggleX", "{\"togglex\":[{\"channel\":1,\"onoff\":1}]}"),
                    CLOCK(DEV) "power.state " DEV " ch=1 outlet=1 state=on source=AndroidLocal polled "
                               "raw{onoff=1 triggerSrc=AndroidLocal}\n");
    expect_response(TELL("ERROR", "Control.ToggleX", "{\"togglex\":{\"onoff\":1}}"), CLOCK(DEV));
}

Test(meross, readings)
{
    (void)hear_request(WTR_TEXT(ASK("GET", "Control.Electricity", "{}")));
    expect_response(
        TELL("GETACK", "Control.Electricity",
             "{\"electricity\":{\"channel\":0,\"current\":418,\"voltage\":2387,\"power\":67379}}"),
        CLOCK(DEV) "power.reading " DEV " ch=0 power_w=67.379 voltage_v=238.7 current_a=0.418 polled "
                   "raw{power=67379 voltage=2387 current=418}\n");
    expect_response(TELL("GETACK", "Control.ElectricityX",
                         "{\"electricity\":[{\"channel\":3,\"current\":418,\"voltage\":238700,\"power\":-"
                         "67379,\"factor\":0.9}]}"),
                    CLOCK(DEV) "power.reading " DEV
                               " ch=3 outlet=3 power_w=-67.379 voltage_v=238.7 current_a=0.418 polled "
                               "raw{power=-67379 voltage=238700 current=418}\n");
    expect_response(
        TELL("GETACK", "Control.Electricity", "{\"electricity\":{\"channel\":0,\"power\":\"1\"}}"),
        CLOCK(DEV) "finding {1} the value is no number within its range\n");
    expect_response(
        TELL(
            "GETACK", "Control.ConsumptionX",
            "{\"consumptionx\":[{\"date\":\"2024-03-01\",\"time\":1709337483,\"value\":310},{\"value\":1}]}"),
        CLOCK(DEV) "energy.counter " DEV " ch=0 energy_wh=310 scope=day date=2024-03-01 polled "
                   "raw{date=2024-03-01 value=310}\n"
                   "finding {{\"value\":1}} the day has no date, or its energy is no number within its "
                   "range\n");
}

#define ALL                                                                                                  \
    "{\"all\":{\"system\":{\"hardware\":{\"type\":\"mss310\",\"uuid\":\"" UUID                               \
    "\",\"macAddress\":\"48:e1:e9:00:00:01\"},\"firmware\":{\"version\":\"2.1.17\",\"innerIp\":\"" PLUG      \
    "\",\"userId\":1173508},\"time\":{\"timestamp\":1611532931,\"timezone\":\"Europe/London\"}},"
#define IDENTITY(device)                                                                                     \
    "tie " device " mac=48:e1:e9:00:00:01\n"                                                                 \
    "device.identity " device " model=mss310 firmware=2.1.17 device_id=" UUID                                \
    " mac=48:e1:e9:00:00:01 ip=" PLUG " account=1173508 timezone=Europe/London raw{type=mss310 "             \
    "version=2.1.17 uuid=" UUID " macAddress=48:e1:e9:00:00:01 innerIp=" PLUG                                \
    " userId=1173508 timezone=Europe/London}\n"                                                              \
    "clock.reading " device " device_time=1611532931 clock_kind=utc offset_s=1 raw{timestamp=1611532931}\n"

Test(meross, all)
{
    (void)hear_request(WTR_TEXT(ASK("GET", "System.All", "{\"all\":{}}")));
    expect_response(
        TELL("GETACK", "System.All",
             ALL "\"digest\":{\"togglex\":[{\"channel\":0,\"onoff\":0,\"lmTime\":1681840534}]}}}"),
        CLOCK(DEV) IDENTITY(DEV) "power.state " DEV " ch=0 state=off last_change=1681840534 polled "
                                 "raw{onoff=0 lmTime=1681840534}\n");
    expect_response(TELL("GETACK", "System.All",
                         ALL "\"control\":{\"toggle\":{\"onoff\":1,\"lmTime\":1713865630},\"timer\":[]}}}"),
                    CLOCK(DEV) IDENTITY(DEV) "power.state " DEV
                                             " ch=0 state=on last_change=1713865630 polled "
                                             "raw{onoff=1 lmTime=1713865630}\n");
}

/* Each part of a message of several has its own method. */
Test(meross, multiple)
{
    expect_request(
        ASK("SET", "Control.Multiple",
            "{\"multiple\":[" MESSAGE("SET", "Control.ToggleX", APP, "{\"togglex\":{\"onoff\":1}}") "]}"),
        "power.command " DEV " ch=0 state=on " SENT "1" FROM);
    expect_response(
        TELL("SETACK", "Control.Multiple",
             "{\"multiple\":[" MESSAGE(
                 "GETACK", "Control.Electricity", OWN,
                 "{\"electricity\":{\"power\":1000}}") "," MESSAGE("SETACK", "Control.ToggleX", OWN,
                                                                   "{\"togglex\":{\"onoff\":1}}") ",7]}"),
        CLOCK(DEV) "power.reading " DEV " ch=0 power_w=1 polled raw{power=1000}\n");
}

Test(meross, settings)
{
    expect_request(ASK("SET", "Config.Key", "{\"key\":{\"key\":\"secret\"}}"),
                   "device.config " DEV
                   " setting=Appliance.Config.Key raw{namespace=Appliance.Config.Key}\n");
    expect_request(ASK("SET", "Control.Upgrade", "{}"),
                   "firmware.update " DEV
                   " setting=Appliance.Control.Upgrade raw{namespace=Appliance.Control.Upgrade}\n");
    (void)hear_request(WTR_TEXT(ASK("GET", "System.Position", "{}")));
    expect_response(
        TELL("GETACK", "System.Position", "{\"position\":{\"longitude\":9100000,\"latitude\":-45500000}}"),
        CLOCK(DEV) "device.location " DEV " latitude=-45.5 longitude=9.1 raw{latitude=-45500000 "
                   "longitude=9100000}\n");
    expect_response(TELL("GETACK", "System.Position", "{\"position\":{\"longitude\":0,\"latitude\":0}}"),
                    CLOCK(DEV));
    expect_response(
        TELL("GETACK", "System.Debug", "{\"debug\":{\"network\":{\"ssid\":\"home\",\"signal\":70}}}"),
        CLOCK(DEV) "network.join " DEV " ssid=home raw{ssid=home}\n");
}

static void expect_mqtt(struct mqtt_connection *over, enum wtr_direction direction, const char *topic,
                        const char *payload, const char *expected)
{
    const struct wtr_message *message = mqtt_publish(over, direction, topic, payload, 0);
    const char *heard = say_record(say, vendor, state, message);
    expect_heard(topic, without_places(heard, wtr_text_z(payload)), expected);
}

#define MQTT_CLOCK                                                                                           \
    "clock.reading " MQTT " device_time=1611532932 clock_kind=utc offset_s=1611532932.25 "                   \
    "raw{timestamp=1611532932}\n"
#define MQTT_SENT "app=1173508-42c605ea raw{onoff=1 from=" APP " triggerSrc=AndroidLocal}\n"

/* The messages made here bear the time 0. */
Test(meross, mqtt)
{
    static const char set[] = MESSAGE("SET", "Control.ToggleX", APP, "{\"togglex\":{\"onoff\":1}}");
    static const char push[] =
        MESSAGE("PUSH", "Control.ToggleX", OWN, "{\"togglex\":{\"onoff\":1,\"lmTime\":5}}");
    static const char ack[] = MESSAGE("SETACK", "Control.ToggleX", OWN, "{}");
    expect_mqtt(&controller, WTR_FROM_CLIENT, "/appliance/" UUID "/subscribe", set,
                "power.command " MQTT " ch=0 state=on " MQTT_SENT);
    expect_mqtt(&plug, WTR_FROM_CLIENT, APP, ack, "own " MQTT "\n" MQTT_CLOCK);
    expect_mqtt(&plug, WTR_FROM_CLIENT, OWN, push,
                MQTT_CLOCK "power.state " MQTT " ch=0 state=on last_change=5 source=AndroidLocal "
                           "raw{onoff=1 lmTime=5 triggerSrc=AndroidLocal}\n");
    expect_mqtt(&controller, WTR_FROM_CLIENT, "/elsewhere", set, "");
    expect_mqtt(&controller, WTR_FROM_CLIENT, "/appliance/" UUID "/subscribe", "{}", "");
    expect_mqtt(&controller, WTR_FROM_CLIENT, APP, set, "");
}

Test(meross, connect)
{
    const struct wtr_message *message = mqtt_connect(&plug, "fmware:" UUID "_Q1w2", NULL, "");
    cr_expect_str_eq(say_record(say, vendor, state, message), "own " MQTT "\n");
    message = mqtt_connect(&plug, "fmware", NULL, "");
    cr_expect_str_eq(say_record(say, vendor, state, message), "");
}

Test(meross, a_request_that_no_key_opens)
{
    struct wtr_meross_sealed body = {.is_response = false};
    const struct wtr_piece piece = {.length = 4, .offset = 1000, .record_offset = 930, .frame = 1};
    const struct wtr_message message = {.protocol = &wtr_meross_sealed,
                                        .type = "request",
                                        .span = {(const uint8_t *)"aaaa", 4, &piece, 1, NULL},
                                        .body = &body};
    say_record_ends(say, "192.168.7.20", 50001, "192.168.7.40", 80);
    cr_expect_str_eq(say_record(say, vendor, state, &message),
                     "bystander meross:192.168.7.40\nunread meross:192.168.7.40\n");
    body.is_response = true;
    cr_expect_str_eq(say_record(say, vendor, state, &message), "");
}

Test(meross, damaged)
{
    static const char whole[] = ASK("SET", "Control.ToggleX", "{\"togglex\":{\"channel\":0,\"onoff\":1}}");
    for (size_t n = 0; n + 1 < sizeof whole; n++) {
        const char *heard = hear_request((struct wtr_text){whole, n});
        cr_expect(*heard == '\0' || strncmp(heard, "finding {", 9) == 0, "cut to %zu bytes: %s", n, heard);
    }
    expect_request("POST /config HTTP/1.1\n\n{\"namespace\":\"Appliance.Control.ToggleX\"}",
                   "finding {{\"namespace\":\"Appliance.Control.ToggleX\"}} the message is no JSON object "
                   "with a header\n");
}

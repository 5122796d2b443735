/* SPDX-License-Identifier: Apache-2.0 */
/* What Tuya's messages state, and what they do not. */
#include "say_record.h"
#include "tuya_feed.h"
#include "tuya_frames.h"
#include "vendor/tuya/tuya.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define DEVICE "tuya:192.168.7.40"
#define NAMED "tuya:bf0123456789abcdefgh"

static struct wtr_say *say;
static void *state;

static void set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_tuya.state_size);
}

static void tear_down(void)
{
    wtr_tuya.close(state);
    free(state);
    say_record_free(say);
}

TestSuite(tuya, .init = set_up, .fini = tear_down);

/* The lines that a message makes, whose payload stands at the first byte of frame 1 and was sent at second
 * 1700000001.5 of the capture. */
static const char *hear(struct wtr_tuya_packet packet, const char *payload)
{
    bool own = packet.command == WTR_TUYA_STATUS || packet.has_return_code;
    size_t length = strlen(payload);
    const struct wtr_piece piece = {0, length, 1000, 930, 1, INT64_C(1700000001500000000)};
    packet.payload = wtr_text_of(payload, length);
    const struct wtr_message message = {
        .protocol = &wtr_tuya_local,
        .type = wtr_tuya_command_name(packet.command),
        .direction = own ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
        .span = {(const uint8_t *)payload, length, &piece, 1, NULL},
        .body = &packet,
    };
    if (packet.broadcast)
        say_record_ends(say, "192.168.7.40", 50000, "255.255.255.255", 6667);
    else if (own)
        say_record_ends(say, "192.168.7.40", 6668, "192.168.7.11", 50001);
    else
        say_record_ends(say, "192.168.7.11", 50001, "192.168.7.40", 6668);
    return say_record(say, &wtr_tuya, state, &message);
}

/* The same without the tie to the address, which is said with whatever comes first. */
static const char *stated(struct wtr_tuya_packet packet, const char *payload)
{
    const char *lines = hear(packet, payload);
    return strncmp(lines, "ip ", 3) == 0 ? strchr(lines, '\n') + 1 : lines;
}

static void push(const char *payload, const char *lines)
{
    cr_expect_str_eq(stated((struct wtr_tuya_packet){.command = WTR_TUYA_STATUS}, payload), lines);
}

static void answer(const char *payload, const char *lines)
{
    cr_expect_str_eq(
        hear((struct wtr_tuya_packet){.command = WTR_TUYA_DP_QUERY, .has_return_code = true}, payload),
        lines);
}

static void control(const char *payload, const char *lines)
{
    cr_expect_str_eq(stated((struct wtr_tuya_packet){.command = WTR_TUYA_CONTROL}, payload), lines);
}

/* ---- data points whose meaning is not known */

Test(tuya, a_boolean_alone_is_no_switch)
{
    push("{\"dps\":{\"1\":true}}",
         "device.value " DEVICE " property=1 commonly=switch value=true raw{1=true@12+4}\n");
    answer("{\"dps\":{\"1\":true}}",
           "device.value " DEVICE " property=1 commonly=switch value=true polled raw{1=true@12+4}\n");
    push("{\"dps\":{\"1\":\"pir\",\"101\":12,\"7\":null,\"x\":1,\"0\":true,\"256\":1}}",
         "device.value " DEVICE " property=1 value=pir raw{1=pir@13+3}\n"
         "device.value " DEVICE " property=101 value=12 raw{101=12@24+2}\n");
}

/* Two booleans with something else beside them, or with a hole, are no panel; and a part of the data points
 * shows nothing. */
Test(tuya, several_booleans_are_a_panel_only_alone)
{
    answer("{\"dps\":{\"1\":true,\"2\":false,\"101\":5}}",
           "device.value " DEVICE " property=1 commonly=switch value=true polled raw{1=true@12+4}\n"
           "device.value " DEVICE " property=2 commonly=switch value=false polled raw{2=false@21+5}\n"
           "device.value " DEVICE " property=101 value=5 polled raw{101=5@33+1}\n");
    answer("{\"dps\":{\"1\":true,\"3\":false}}",
           "device.value " DEVICE " property=1 commonly=switch value=true polled raw{1=true@12+4}\n"
           "device.value " DEVICE " property=3 commonly=switch value=false polled raw{3=false@21+5}\n");
    push("{\"dps\":{\"1\":true,\"2\":false}}",
         "device.value " DEVICE " property=1 commonly=switch value=true raw{1=true@12+4}\n"
         "device.value " DEVICE " property=2 commonly=switch value=false raw{2=false@21+5}\n");
    answer("{\"dps\":{\"1\":true,\"2\":false}}",
           "power.state " DEVICE " ch=1 state=on property=1 commonly=switch polled raw{1=true@12+4}\n"
           "device.value " DEVICE " property=1 commonly=switch value=true polled raw{1=true@12+4}\n"
           "power.state " DEVICE " ch=2 state=off property=2 commonly=switch polled raw{2=false@21+5}\n"
           "device.value " DEVICE " property=2 commonly=switch value=false polled raw{2=false@21+5}\n");
}

Test(tuya, a_switch_with_its_countdown)
{
    /* A door contact and the humidity beside it. */
    answer("{\"dps\":{\"1\":true,\"9\":55}}",
           "device.value " DEVICE " property=1 commonly=switch value=true polled raw{1=true@12+4}\n"
           "device.value " DEVICE " property=9 commonly=countdown value=55 polled raw{9=55@21+2}\n");
    answer("{\"dps\":{\"1\":true,\"9\":86401,\"38\":\"on\"}}",
           "device.value " DEVICE " property=1 commonly=switch value=true polled raw{1=true@12+4}\n"
           "device.value " DEVICE " property=9 commonly=countdown value=86401 polled raw{9=86401@21+5}\n"
           "device.value " DEVICE " property=38 commonly=power-on state value=on polled raw{38=on@33+2}\n");
    answer("{\"dps\":{\"1\":true,\"9\":86400,\"38\":\"on\"}}",
           "power.state " DEVICE " ch=1 state=on property=1 commonly=switch polled raw{1=true@12+4}\n"
           "device.value " DEVICE " property=1 commonly=switch value=true polled raw{1=true@12+4}\n"
           "device.value " DEVICE " property=9 commonly=countdown value=86400 polled raw{9=86400@21+5}\n"
           "device.value " DEVICE " property=38 commonly=power-on state value=on polled raw{38=on@33+2}\n");
}

/* ---- commands */

Test(tuya, a_command_shows_a_switch)
{
    control("{\"devId\":\"bf01\",\"t\":\"1700000001\",\"dps\":{\"1\":true}}",
            "power.command tuya:bf01 ch=1 state=on property=1 commonly=switch trigger=lan/none "
            "raw{1=true@44+4}\n");
    push("{\"dps\":{\"1\":true,\"2\":true}}",
         "power.state tuya:bf01 ch=1 state=on property=1 commonly=switch raw{1=true@12+4}\n"
         "device.value tuya:bf01 property=1 commonly=switch value=true raw{1=true@12+4}\n"
         "device.value tuya:bf01 property=2 commonly=switch value=true raw{2=true@21+4}\n");
    control("{\"devId\":\"bf01\",\"dps\":{\"9\":60,\"38\":\"memory\"}}",
            "device.config tuya:bf01 property=9 commonly=countdown value=60 raw{9=60@27+2}\n"
            "device.config tuya:bf01 property=38 commonly=power-on state value=memory raw{38=memory@36+6}\n");
    /* A null asks. */
    control("{\"devId\":\"bf01\",\"dps\":{\"3\":null}}", "");
}

Test(tuya, an_acknowledgement_is_no_state)
{
    control("{\"dps\":{\"1\":true}}",
            "power.command " DEVICE
            " ch=1 state=on property=1 commonly=switch trigger=lan/none raw{1=true@12+4}\n");
    cr_expect_str_eq(stated((struct wtr_tuya_packet){.command = WTR_TUYA_CONTROL, .has_return_code = true},
                            "{\"dps\":{\"1\":true}}"),
                     "");
}

Test(tuya, newer_form)
{
    cr_expect_str_eq(stated((struct wtr_tuya_packet){.command = WTR_TUYA_CONTROL_NEW},
                            "{\"protocol\":5,\"t\":1700000001,\"data\":{\"dps\":{\"2\":false}}}"),
                     "power.command " DEVICE " ch=2 state=off property=2 commonly=switch trigger=lan/none "
                     "raw{2=false@48+5}\n");
    push("{\"protocol\":4,\"t\":1700000004,\"data\":{\"dps\":{\"2\":false}}}",
         "power.state " DEVICE " ch=2 state=off property=2 commonly=switch raw{2=false@48+5}\n"
         "device.value " DEVICE " property=2 commonly=switch value=false raw{2=false@48+5}\n"
         "clock.reading " DEVICE
         " device_time=1700000004 clock_kind=utc offset_s=2.5 raw{t=1700000004@18+10}\n");
}

Test(tuya, children_of_a_gateway)
{
    push("{\"cid\":\"0a1b\",\"dps\":{\"1\":1}}", "device.value tuya:0a1b property=1 value=1 raw{1=1@25+1}\n");
    push("{\"protocol\":4,\"data\":{\"cid\":\"0a1b\",\"dps\":{\"1\":1}}}",
         "device.value tuya:0a1b property=1 value=1 raw{1=1@46+1}\n");
}

/* ---- meters */

Test(tuya, a_meter)
{
    /* Before its voltage was seen the scale is not known. */
    push("{\"dps\":{\"19\":453,\"18\":197}}",
         "device.value " DEVICE " property=19 commonly=power value=453 raw{19=453@13+3}\n"
         "device.value " DEVICE " property=18 commonly=current value=197 raw{18=197@22+3}\n");
    answer("{\"dps\":{\"1\":true,\"18\":197,\"19\":453,\"20\":2301}}",
           "power.reading " DEVICE " power_w=45.3 voltage_v=230.1 current_a=0.197 polled "
           "raw{19=453@31+3 20=2301@40+4 18=197@22+3}\n"
           "power.state " DEVICE " ch=1 state=on property=1 commonly=switch polled raw{1=true@12+4}\n"
           "device.value " DEVICE " property=1 commonly=switch value=true polled raw{1=true@12+4}\n"
           "device.value " DEVICE " property=18 commonly=current value=197 polled raw{18=197@22+3}\n"
           "device.value " DEVICE " property=19 commonly=power value=453 polled raw{19=453@31+3}\n"
           "device.value " DEVICE " property=20 commonly=voltage value=2301 polled raw{20=2301@40+4}\n");
    push("{\"dps\":{\"19\":0,\"17\":12}}",
         "power.reading " DEVICE " power_w=0 raw{19=0@13+1}\n"
         "device.value " DEVICE " property=19 commonly=power value=0 raw{19=0@13+1}\n"
         "device.value " DEVICE " property=17 commonly=added energy value=12 raw{17=12@20+2}\n");
    /* Out of range, and no integer. */
    push("{\"dps\":{\"19\":50001,\"18\":-1,\"20\":\"2301\"}}",
         "device.value " DEVICE " property=19 commonly=power value=50001 raw{19=50001@13+5}\n"
         "device.value " DEVICE " property=18 commonly=current value=-1 raw{18=-1@24+2}\n"
         "device.value " DEVICE " property=20 value=2301 raw{20=2301@33+4}\n");
}

Test(tuya, a_meter_of_another_scale)
{
    /* 23.01 V, or 2301 mV: nothing that mains gives. */
    answer("{\"dps\":{\"18\":197,\"19\":453,\"20\":230}}",
           "device.value " DEVICE " property=18 commonly=current value=197 polled raw{18=197@13+3}\n"
           "device.value " DEVICE " property=19 commonly=power value=453 polled raw{19=453@22+3}\n"
           "device.value " DEVICE " property=20 commonly=voltage value=230 polled raw{20=230@31+3}\n");
    /* 0.197 A at 230.1 V carry no 453 W: voltage and current alone. */
    answer("{\"dps\":{\"18\":197,\"19\":4530,\"20\":2301}}",
           "power.reading " DEVICE " voltage_v=230.1 current_a=0.197 polled raw{20=2301@32+4 18=197@13+3}\n"
           "device.value " DEVICE " property=18 commonly=current value=197 polled raw{18=197@13+3}\n"
           "device.value " DEVICE " property=19 commonly=power value=4530 polled raw{19=4530@22+4}\n"
           "device.value " DEVICE " property=20 commonly=voltage value=2301 polled raw{20=2301@32+4}\n");
}

Test(tuya, an_older_meter)
{
    answer("{\"dps\":{\"4\":500,\"5\":1104,\"6\":2208}}",
           "power.reading " DEVICE " power_w=110.4 voltage_v=220.8 current_a=0.5 polled "
           "raw{5=1104@20+4 6=2208@29+4 4=500@12+3}\n"
           "device.value " DEVICE " property=4 value=500 polled raw{4=500@12+3}\n"
           "device.value " DEVICE " property=5 value=1104 polled raw{5=1104@20+4}\n"
           "device.value " DEVICE " property=6 value=2208 polled raw{6=2208@29+4}\n");
}

/* ---- pushes */

static void numbered(uint32_t sequence, const char *serial)
{
    char expected[256];
    (void)snprintf(expected, sizeof expected,
                   "device.value " DEVICE " property=101 value=1 %s raw{101=1@14+1}\n"
                   "device.value " DEVICE " property=102 value=2 serial_n=%u raw{102=2@22+1}\n",
                   serial, (unsigned)sequence);
    cr_expect_str_eq(stated((struct wtr_tuya_packet){.command = WTR_TUYA_STATUS,
                                                     .has_source = true,
                                                     .source_sequence = sequence,
                                                     .source_id = 1},
                            "{\"dps\":{\"101\":1,\"102\":2}}"),
                     expected);
}

Test(tuya, running_numbers)
{
    numbered(121, "serial_n=121");
    numbered(122, "serial_n=122");
    numbered(122, "serial_n=122"); /* the same push to another client */
    numbered(125, "serial_n=125 missed=2");
    numbered(3, "serial_n=3"); /* the device started anew */
    numbered(4, "serial_n=4");
    numbered(UINT32_MAX, "serial_n=4294967295"); /* no such number was lost */
    numbered(0, "serial_n=0");
}

Test(tuya, clocks)
{
    push("{\"t\":1700000000}", "clock.reading " DEVICE " device_time=1700000000 clock_kind=utc offset_s=-1.5 "
                               "raw{t=1700000000@5+10}\n");
    push("{\"t\":73}", "clock.reading " DEVICE " device_time=73 clock_kind=unset raw{t=73@5+2}\n");
    push("{\"t\":\"1700000000\"}", "");
    push("{\"t\":1700000000.5}", "");
}

/* ---- who it is */

#define BEACON                                                                                               \
    "{\"ip\":\"192.168.7.40\",\"gwId\":\"bf0123456789abcdefgh\",\"active\":2,\"productKey\":\"key01\","      \
    "\"version\":\"3.3\"}"

Test(tuya, a_broadcast_names_the_device_behind_the_address)
{
    cr_expect_str_eq(hear((struct wtr_tuya_packet){.command = WTR_TUYA_UDP_NEW, .broadcast = true}, BEACON),
                     "ip " NAMED " 192.168.7.40\n"
                     "device.identity " NAMED " vendor=tuya device_id=bf0123456789abcdefgh ip=192.168.7.40 "
                     "product=key01 protocol=3.3 raw{gwId=bf0123456789abcdefgh@29+20 ip=192.168.7.40@7+12 "
                     "productKey=key01@76+5 version=3.3@94+3}\n");
    push("{\"dps\":{\"101\":1}}", "device.value " NAMED " property=101 value=1 raw{101=1@14+1}\n");
    /* What an app says of another device does not change what the device said of itself. */
    control("{\"devId\":\"bf99\",\"dps\":{\"101\":1}}",
            "device.config tuya:bf99 property=101 value=1 raw{101=1@29+1}\n");
    push("{\"dps\":{\"101\":1}}", "device.value " NAMED " property=101 value=1 raw{101=1@14+1}\n");
}

Test(tuya, a_broadcast_for_another_address)
{
    cr_expect_str_eq(hear((struct wtr_tuya_packet){.command = WTR_TUYA_UDP_NEW, .broadcast = true},
                          "{\"ip\":\"10.0.0.9\",\"gwId\":\"bf01\"}"),
                     "device.identity tuya:bf01 vendor=tuya device_id=bf01 ip=10.0.0.9 "
                     "raw{gwId=bf01@25+4 ip=10.0.0.9@7+8}\n");
    push("{\"dps\":{\"101\":1}}", "device.value " DEVICE " property=101 value=1 raw{101=1@14+1}\n");
}

Test(tuya, who_looks_for_devices_is_none)
{
    const struct wtr_tuya_packet packet = {.command = WTR_TUYA_REQ_DEVINFO, .broadcast = true};
    cr_expect_str_eq(hear(packet, "{\"from\":\"app\",\"ip\":\"192.168.7.11\"}"), "");
    cr_expect_str_eq(hear(packet, "{\"gwId\":\"\"}"), "");
    cr_expect_str_eq(hear(packet, "{\"gwId\":\"a b\"}"), "");
    cr_expect_str_eq(hear(packet, "{\"gwId\":7}"), "");
}

Test(tuya, the_keyring_names_the_device)
{
    const struct wtr_tuya_packet packet = {.command = WTR_TUYA_STATUS, .key_id = WTR_TEXT("bfkey")};
    cr_expect_str_eq(hear(packet, "{\"dps\":{\"101\":1}}"), "ip tuya:bfkey 192.168.7.40\n"
                                                            "device.value tuya:bfkey property=101 value=1 "
                                                            "raw{101=1@14+1}\n");
}

Test(tuya, no_json)
{
    push("json obj data unvalid", "");
    push("{\"dps\":", "");
    push("{\"dps\":[1]}", "");
    push("{\"dps\":{}}", "");
    push("", "");
}

/* ---- datagrams, from their bytes */

static void on_datagram(void *payload, const struct wtr_message *m)
{
    struct wtr_buffer *out = payload;
    const struct wtr_tuya_packet *p = m->body;
    wtr_put_z(out, m->type);
    wtr_put_z(out, p->broadcast ? " broadcast" : "");
    wtr_put_z(out, p->encrypted ? " encrypted" : "");
    if (m->span.opening) {
        wtr_put_char(out, ' ');
        wtr_put_z(out, m->span.opening->steps);
        wtr_put_z(out, " key=");
        wtr_put_z(out, m->span.opening->key);
    }
    wtr_put_char(out, ' ');
    wtr_put(out, p->payload.data, p->payload.length < 20 ? p->payload.length : 20);
    wtr_put_char(out, '\n');
}

static void on_bad_datagram(void *payload, const struct wtr_span *span, size_t at, size_t length,
                            const char *reason)
{
    struct wtr_buffer *out = payload;
    tuya_must(at <= span->length && length <= span->length - at);
    wtr_put_z(out, reason);
    wtr_put_char(out, '\n');
}

static void datagram(const char *hex, const char *expected)
{
    struct wtr_buffer bytes = {0}, out = {0};
    struct wtr_sink sink = {.payload = &out, .message = on_datagram, .finding = on_bad_datagram};
    const struct wtr_session_setup setup = {0};
    void *own = calloc(1, wtr_tuya_local.datagram_state_size);
    tuya_unhex(hex, &bytes);
    const struct wtr_piece piece = {.length = bytes.length};
    const struct wtr_datagram d = {.span = {(const uint8_t *)bytes.data, bytes.length, &piece, 1, NULL}};
    wtr_tuya_local.open_datagrams(own, &setup);
    wtr_tuya_local.datagram(own, &d, &sink);
    wtr_put(&out, "", 1);
    cr_expect_str_eq(out.data, expected);
    wtr_tuya_local.close_datagrams(own);
    free(own);
    wtr_buffer_free(&bytes);
    wtr_buffer_free(&out);
}

Test(tuya, datagrams)
{
#define IP "{\"ip\":\"192.168.7.40\"\n"
    datagram(TUYA_UDP_CLEAR, "udp_new broadcast " IP);
    datagram(TUYA_UDP_KEYED, "udp_new broadcast aes-128-ecb key=tuya public broadcast key " IP);
    datagram(TUYA_UDP_SEALED, "udp_new broadcast aes-128-gcm key=tuya public broadcast key " IP);
    datagram(TUYA_UDP_APP,
             "req_devinfo broadcast aes-128-gcm key=tuya public broadcast key {\"from\":\"app\",\"ip\":\"\n");
    datagram(TUYA_UDP_OTHER_KEY, "udp_new broadcast encrypted \n");
    datagram(TUYA_UDP_CLEAR "000055aa", "udp_new broadcast " IP "the datagram ends within a frame\n");
}

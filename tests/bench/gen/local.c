/* SPDX-License-Identifier: Apache-2.0 */
/* Plugs without a broker. CoIoT: Shelly's "CoIoT for Gen1 devices", revision 2, over CoAP (RFC 7252). Kasa:
 * the TP-Link smart home protocol as in python-kasa (autokey XOR from 171; over TCP a length of four bytes
 * first). */
#include "local.h"

#include "load.h"
#include "text.h"
#include "wire.h"

#include <inttypes.h>

#define COAP_PORT 5683
#define KASA_PORT 9999
#define KASA_KEY 171

struct local_plug {
    struct host host;
    struct host poller; /* Kasa: who asks */
    struct load load;
    struct tcp tcp;
    struct teller *teller;
    struct text report; /* CoIoT: the last message */
    uint32_t id;
    uint32_t report_ms;
    uint16_t port; /* the poller's */
    uint16_t message_id;
    uint16_t serial;
    int64_t told_us;    /* Kasa: since when it has said to be on */
    bool told, told_on; /* Kasa: whether it has described itself, and as what */
    unsigned polls;
    unsigned question;
    bool wanted; /* the state that a Kasa command asks for */
};

static int64_t next_report(struct sim *sim, const struct local_plug *plug)
{
    int64_t period_us = (int64_t)plug->report_ms * MILLISECOND;
    return sim_between(sim, period_us - period_us / 8, period_us + period_us / 8);
}

/* ---- CoIoT ---- */

/* One option (RFC 7252, 3.1) whose delta and length may need extending. */
static void put_option(struct text *out, unsigned *last, unsigned number, const struct text *value)
{
    unsigned delta = number - *last, length = (unsigned)value->length;
    unsigned delta_nibble = delta < 13 ? delta : delta < 269 ? 13 : 14;
    unsigned length_nibble = length < 13 ? length : 13;
    *last = number;
    text_u8(out, delta_nibble << 4 | length_nibble);
    if (delta_nibble == 13)
        text_u8(out, delta - 13);
    if (delta_nibble == 14)
        text_be16(out, delta - 269);
    if (length_nibble == 13)
        text_u8(out, length - 13);
    text_bytes(out, value->at, value->length);
}

static void put_coiot_options(struct text *out, const struct local_plug *plug)
{
    unsigned last = 0;
    struct text value = {0};
    text_format(&value, "cit");
    put_option(out, &last, 11, &value);
    text_clear(&value);
    text_format(&value, "s");
    put_option(out, &last, 11, &value);
    text_clear(&value);
    text_format(&value, "SHPLG-S#%06X#2", plug->id);
    put_option(out, &last, 3332, &value);
    text_clear(&value);
    text_be16(&value, 380); /* valid for 38 s */
    put_option(out, &last, 3412, &value);
    text_clear(&value);
    text_be16(&value, plug->serial);
    put_option(out, &last, 3420, &value);
    text_free(&value);
}

/* The energy counter runs since boot; the temperature always moves, so every new report has a new serial. */
static void make_report(struct sim *sim, struct local_plug *plug)
{
    struct text *message = &plug->report;
    unsigned centiwatts = load_power_mw(&plug->load) / 10;
    plug->serial = (uint16_t)(plug->serial + 1 + (plug->serial == UINT16_MAX));
    text_clear(message);
    text_u8(message, 0x50); /* version 1, NON, no token */
    text_u8(message, 30);   /* code 0.30 */
    text_be16(message, ++plug->message_id);
    put_coiot_options(message, plug);
    text_u8(message, 0xff);
    text_format(message,
                "{\"G\":[[0,9103,0],[0,1101,%d],[0,4101,%u.%02u],[0,4103,%" PRIu64
                "],[0,6102,0],[0,6101,0],[0,3104,%u.%02u]]}",
                plug->load.on, centiwatts / 100, centiwatts % 100, load_watt_minutes(plug->load.today_mw_ms),
                25 + plug->serial % 2, sim_below(sim, 100));
    struct statements says = {.state = 1, .reading = 1, .total = 1, .value = 1}; /* the value is 3104 */
    statements_add(&plug->teller->says, &says);
}

/* The same report in a message of its own: nothing has changed. */
static void repeat_report(struct local_plug *plug)
{
    plug->message_id++;
    plug->report.at[2] = (uint8_t)(plug->message_id >> 8);
    plug->report.at[3] = (uint8_t)plug->message_id;
}

static void coiot_send(struct sim *sim, void *actor, uint32_t argument)
{
    struct local_plug *plug = actor;
    (void)argument;
    struct host group = host_ipv4(224, 0, 1, 187);
    static const uint8_t group_mac[6] = {0x01, 0x00, 0x5e, 0x00, 0x01, 0xbb};
    for (unsigned i = 0; i < 6; i++)
        group.mac[i] = group_mac[i];
    struct udp udp = {&plug->host, &group, COAP_PORT, COAP_PORT, TRAFFIC_COAP};
    wire_udp(sim, &udp, plug->report.at, plug->report.length);
    sim->truth->coap_messages++;
}

/* One report in eight repeats the last one, and one datagram in fifty is seen at two places of the network.
 */
static void coiot_report(struct sim *sim, void *actor, uint32_t argument)
{
    struct local_plug *plug = actor;
    if (plug->report.length && !sim_below(sim, 8)) {
        repeat_report(plug);
    } else {
        load_advance(sim, &plug->load);
        if (!sim_below(sim, 40)) {
            load_switch(sim, &plug->load, !plug->load.on);
            sim->truth->switched_by_hand++;
        }
        make_report(sim, plug);
    }
    coiot_send(sim, plug, 0);
    if (!sim_below(sim, 50))
        sim_after(sim, 300, coiot_send, plug, 0);
    sim_after(sim, next_report(sim, plug), coiot_report, plug, argument);
}

/* ---- Kasa: what is asked and answered ---- */

enum { ASK_REALTIME, ASK_SYSINFO, ASK_SWITCH };

static void put_question(const struct local_plug *plug, struct text *out)
{
    if (plug->question == ASK_REALTIME)
        text_format(out, "{\"emeter\":{\"get_realtime\":{}}}");
    else if (plug->question == ASK_SYSINFO)
        text_format(out, "{\"system\":{\"get_sysinfo\":{}}}");
    else
        text_format(
            out,
            "{\"context\":{\"source\":\"5f0c6d1e-0000-4000-8000-0000000000%02x\"},\"system\":{\"set_relay_"
            "state\":{\"state\":%d}}}",
            plug->id & 0xff, plug->wanted);
}

static void put_sysinfo(const struct sim *sim, const struct local_plug *plug, struct text *out)
{
    int64_t on_s = plug->load.on ? (sim->now_us - plug->load.since_us) / SECOND : 0;
    text_format(
        out,
        "{\"system\":{\"get_sysinfo\":{\"sw_ver\":\"1.0.8 Build 210121 "
        "Rel.134902\",\"hw_ver\":\"4.0\",\"model\":\"HS110(EU)\",\"deviceId\":\"8006%036X\",\"oemId\":"
        "\"%032X\",\"hwId\":\"%032X\",\"rssi\":-%u,\"latitude_i\":0,\"longitude_i\":0,\"alias\":\"Plug "
        "%06X\",\"status\":\"new\",\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"feature\":\"TIM:ENE\",\"mac\":"
        "\"02:5D:4F:%02X:%02X:%02X\",\"updating\":0,\"led_off\":0,\"relay_state\":%d,\"on_time\":%" PRId64
        ",\"icon_hash\":\"\",\"dev_name\":\"Smart Wi-Fi Plug With Energy "
        "Monitoring\",\"active_mode\":\"none\","
        "\"next_action\":{\"type\":-1},\"err_code\":0}}}",
        plug->id, plug->id, plug->id, 40 + plug->id % 30, plug->id, plug->id >> 16 & 0xff,
        plug->id >> 8 & 0xff, plug->id & 0xff, plug->load.on, on_s);
}

static void put_answer(const struct sim *sim, const struct local_plug *plug, struct text *out)
{
    if (plug->question == ASK_REALTIME)
        text_format(out,
                    "{\"emeter\":{\"get_realtime\":{\"voltage_mv\":%u,\"current_ma\":%u,\"power_mw\":%u,"
                    "\"total_wh\":%" PRIu64 ",\"err_code\":0}}}",
                    plug->load.voltage_mv, load_current_ma(&plug->load), load_power_mw(&plug->load),
                    load_watt_hours(plug->load.total_mw_ms));
    else if (plug->question == ASK_SYSINFO)
        put_sysinfo(sim, plug, out);
    else
        text_format(out, "{\"system\":{\"set_relay_state\":{\"err_code\":0}}}");
}

/* Each byte is hidden under the hidden byte before it. */
static void kasa_hide(struct text *text)
{
    uint8_t key = KASA_KEY;
    for (size_t i = 0; i < text->length; i++)
        key = text->at[i] = (uint8_t)(text->at[i] ^ key);
}

static void count_question(struct sim *sim, const struct local_plug *plug)
{
    sim->truth->kasa_messages++;
    if (plug->question == ASK_SWITCH)
        plug->teller->says.command++;
}

/* A description with a time since when it is on dates that switching, once. What it says anew was commanded:
 * nobody else switches these plugs. */
static void count_answer(struct sim *sim, struct local_plug *plug)
{
    struct statements *says = &plug->teller->says;
    sim->truth->kasa_messages++;
    if (plug->question == ASK_SYSINFO) {
        says->state++;
        says->since += plug->load.on && plug->told_us != plug->load.since_us;
        if (plug->load.on)
            plug->told_us = plug->load.since_us;
        says->caused += plug->told && plug->told_on != plug->load.on;
        plug->told = true;
        plug->told_on = plug->load.on;
    }
    if (plug->question == ASK_REALTIME)
        statements_add(says, &(struct statements){.reading = 1, .total = 1});
}

/* The plug has the question: it does what was asked, and answers. */
static void kasa_answer(struct sim *sim, struct local_plug *plug, struct text *out)
{
    if (plug->question == ASK_SWITCH) {
        if (plug->load.on != plug->wanted)
            sim->truth->switched_by_command++;
        load_switch(sim, &plug->load, plug->wanted);
    } else {
        load_advance(sim, &plug->load);
    }
    put_answer(sim, plug, out);
    kasa_hide(out);
    count_answer(sim, plug);
}

/* ---- Kasa: on the wire ---- */

static void kasa_send(struct sim *sim, struct local_plug *plug, unsigned from)
{
    struct text body = {0}, framed = {0};
    if (from == 0) {
        put_question(plug, &body);
        kasa_hide(&body);
        count_question(sim, plug);
    } else {
        kasa_answer(sim, plug, &body);
    }
    text_be32(&framed, (uint32_t)body.length);
    text_bytes(&framed, body.at, body.length);
    wire_tcp_bytes(sim, &plug->tcp, from, framed.at, framed.length);
    text_free(&body);
    text_free(&framed);
}

/* One connection, one question: SYN, SYN, ACK, question, ACK, answer, ACK, FIN, FIN, ACK. */
static void kasa_tcp_step(struct sim *sim, void *actor, uint32_t step)
{
    struct local_plug *plug = actor;
    struct tcp *tcp = &plug->tcp;
    switch (step) {
    case 0:
        wire_tcp(sim, tcp, 0, TCP_SYN, NULL, 0);
        break;
    case 1:
        wire_tcp(sim, tcp, 1, TCP_SYN | TCP_ACK, NULL, 0);
        break;
    case 3:
        kasa_send(sim, plug, 0);
        break;
    case 5:
        kasa_send(sim, plug, 1);
        break;
    case 7:
        wire_tcp(sim, tcp, 0, TCP_FIN | TCP_ACK, NULL, 0);
        break;
    case 8:
        wire_tcp(sim, tcp, 1, TCP_FIN | TCP_ACK, NULL, 0);
        break;
    default: /* 2, 6 and 9 are the poller's, 4 is the plug's */
        wire_tcp_ack(sim, tcp, step == 4);
        break;
    }
    int64_t wait_us =
        step == 4 ? sim_between(sim, 4 * MILLISECOND, 30 * MILLISECOND) : sim_between(sim, 300, 1500);
    if (step < 9)
        sim_after(sim, wait_us, kasa_tcp_step, plug, step + 1);
}

static void kasa_udp_answer(struct sim *sim, void *actor, uint32_t argument)
{
    (void)argument;
    struct local_plug *plug = actor;
    struct text body = {0};
    struct udp udp = {&plug->host, &plug->poller, KASA_PORT, plug->port, TRAFFIC_KASA};
    kasa_answer(sim, plug, &body);
    wire_udp(sim, &udp, body.at, body.length);
    text_free(&body);
}

static void kasa_udp_poll(struct sim *sim, struct local_plug *plug)
{
    struct text body = {0};
    struct udp udp = {&plug->poller, &plug->host, plug->port, KASA_PORT, TRAFFIC_KASA};
    put_question(plug, &body);
    kasa_hide(&body);
    count_question(sim, plug);
    wire_udp(sim, &udp, body.at, body.length);
    text_free(&body);
    sim_after(sim, sim_between(sim, 4 * MILLISECOND, 30 * MILLISECOND), kasa_udp_answer, plug, 0);
}

/* A poller begins with the description. */
static void kasa_poll(struct sim *sim, void *actor, uint32_t argument)
{
    struct local_plug *plug = actor;
    bool first = plug->polls++ == 0;
    bool switches = !first && sim_below(sim, 12) == 0;
    plug->question = switches ? ASK_SWITCH : plug->polls % 2 ? ASK_SYSINFO : ASK_REALTIME;
    plug->wanted = !plug->load.on;
    bool over_udp = plug->id & 1;
    if (!over_udp || first) {
        plug->port = (uint16_t)(32768 + (plug->port + 1 + sim_below(sim, 31)) % 16384);
        sim->truth->flows[TRAFFIC_KASA]++;
    }
    if (over_udp) {
        kasa_udp_poll(sim, plug);
    } else {
        plug->tcp.port[0] = plug->port;
        plug->tcp.port[1] = KASA_PORT;
        tcp_start(sim, &plug->tcp);
        kasa_tcp_step(sim, plug, 0);
    }
    sim_after(sim, next_report(sim, plug), kasa_poll, plug, argument);
}

/* ---- beginnings ---- */

static void plug_start(struct sim *sim, struct local_plug *plug, unsigned number, uint32_t report_ms)
{
    plug->id = (number * 0x5bd1e9 + 0x2f17c3) & 0xffffff; /* a permutation that keeps odd and even apart */
    plug->report_ms = report_ms;
    plug->host = host_ipv4(10, 20, (uint8_t)(32 + number / 200), (uint8_t)(20 + number % 200));
    plug->poller = host_ipv4(10, 20, plug->host.ip[2], (uint8_t)(2 + number % 8));
    static const uint8_t vendor[3] = {0x02, 0x5d, 0x4f};
    for (unsigned i = 0; i < 3; i++) {
        plug->host.mac[i] = vendor[i];
        plug->host.mac[3 + i] = (uint8_t)(plug->id >> 8 * (2 - i));
    }
    plug->tcp.host[0] = plug->poller;
    plug->tcp.host[1] = plug->host;
    plug->tcp.traffic = TRAFFIC_KASA;
    load_start(sim, &plug->load);
}

static void name_teller(struct sim *sim, struct local_plug *plug, bool coiot)
{
    char name[24];
    const uint8_t *mac = plug->host.mac;
    if (coiot)
        snprintf(name, sizeof name, "shellyplug-s-%06X", plug->id);
    else
        snprintf(name, sizeof name, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                 mac[5]);
    plug->teller = truth_teller(sim->truth, coiot ? TRAFFIC_COAP : TRAFFIC_KASA, name);
}

void local_start(struct sim *sim, const struct local_plan *plan)
{
    unsigned count = plan->coiot + plan->kasa;
    struct local_plug *plugs = allocate(count, sizeof *plugs);
    for (unsigned i = 0; i < count; i++) {
        struct local_plug *plug = &plugs[i];
        plug_start(sim, plug, i, plan->report_ms);
        bool coiot = i < plan->coiot;
        name_teller(sim, plug, coiot);
        if (coiot)
            sim->truth->flows[TRAFFIC_COAP]++;
        sim_after(sim, SECOND + next_report(sim, plug), coiot ? coiot_report : kasa_poll, plug, 0);
    }
}

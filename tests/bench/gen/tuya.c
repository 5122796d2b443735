/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya plugs (tinytuya PROTOCOL.md and README.md, "Tuya Data Points"): of four, two are metering plugs and
 * one is a switch of two, all of version 3.3; the fourth is an older metering plug of version 3.1, which is
 * in clear but for the commands to it. A plug broadcasts every five seconds. Its hub keeps a connection,
 * asks for everything at its beginning and once a minute, and sends commands; the plug pushes what changes.
 */
#include "tuya.h"

#include "load.h"
#include "text.h"
#include "tuya_frame.h"
#include "wire.h"

#include <inttypes.h>
#include <string.h>

enum { TUYA_PORT = 6668, CLEAR_PORT = 6666, SEALED_PORT = 6667, BROADCASTS_FROM = 49154 };
enum { HUB, PLUG }; /* the ends of the connection */

enum model { MODEL_METER, MODEL_PAIR, MODEL_OLD };

/* An action's argument: the session that it is for, and a number of its own. */
enum { ARGUMENT_BITS = 3, ARGUMENT_MASK = 7 };

struct tuya_plug {
    enum model model;
    struct host host;
    struct load load;
    bool second_on; /* the other switch of two */
    char id[21];
    uint8_t key[TUYA_KEY];
    struct teller *teller;
    uint32_t report_ms;
    unsigned number;
    struct tcp tcp;
    bool up;
    bool told[2]; /* whether the session has shown the switch's state */
    uint32_t session;
    uint32_t asked;                       /* the hub's running number */
    uint32_t asked_of[TUYA_DP_QUERY + 1]; /* the last of it, by command */
    uint32_t pushes;                      /* the plug's running number */
    struct text last[2];                  /* what each end sent last, and where in its stream */
    uint32_t last_sequence[2];
};

static uint32_t argument_of(const struct tuya_plug *plug, uint32_t number)
{
    return plug->session << ARGUMENT_BITS | number;
}

static bool stands(const struct tuya_plug *plug, uint32_t argument)
{
    return plug->up && argument >> ARGUMENT_BITS == (plug->session & UINT32_MAX >> ARGUMENT_BITS);
}

/* ---- on the wire ---- */

static void acknowledge(struct sim *sim, void *actor, uint32_t argument)
{
    struct tuya_plug *plug = actor;
    if (stands(plug, argument))
        wire_tcp_ack(sim, &plug->tcp, argument & 1);
}

static void retransmit(struct sim *sim, void *actor, uint32_t argument)
{
    struct tuya_plug *plug = actor;
    unsigned from = argument & 1;
    if (!stands(plug, argument))
        return;
    uint32_t next = plug->tcp.sequence[from];
    plug->tcp.sequence[from] = plug->last_sequence[from];
    wire_tcp(sim, &plug->tcp, from, TCP_PSH | TCP_ACK, plug->last[from].at, plug->last[from].length);
    plug->tcp.sequence[from] = next;
    sim->truth->retransmissions++;
    sim_after(sim, 900, acknowledge, plug, argument_of(plug, !from));
}

/* One segment in 500 is seen again. */
static void send_frames(struct sim *sim, struct tuya_plug *plug, unsigned from, const struct text *frames)
{
    text_clear(&plug->last[from]);
    text_bytes(&plug->last[from], frames->at, frames->length);
    plug->last_sequence[from] = plug->tcp.sequence[from];
    wire_tcp_bytes(sim, &plug->tcp, from, frames->at, frames->length);
    if (!sim_below(sim, 500))
        sim_after(sim, 210 * MILLISECOND, retransmit, plug, argument_of(plug, from));
    else
        sim_after(sim, sim_between(sim, 500, 4 * MILLISECOND), acknowledge, plug, argument_of(plug, !from));
}

static void put_frame(struct sim *sim, struct text *out, const struct tuya_frame *frame,
                      const struct text *payload)
{
    tuya_put_frame(out, frame, payload);
    sim->truth->tuya_messages++;
}

/* ---- what the hub says ---- */

static void hub_asks(struct sim *sim, struct tuya_plug *plug, enum tuya_command command,
                     const struct text *words)
{
    struct tuya_frame frame = {++plug->asked, command, false};
    struct text payload = {0}, out = {0};
    bool control = command == TUYA_CONTROL;
    static const uint8_t no_source[12];
    if (plug->model == MODEL_OLD && control) {
        tuya_put_signed(&payload, plug->key, words);
    } else if (plug->model == MODEL_OLD) {
        text_bytes(&payload, words->at, words->length);
    } else {
        if (control) {
            text_format(&payload, "3.3");
            text_bytes(&payload, no_source, sizeof no_source);
        }
        tuya_put_ecb(&payload, plug->key, words);
    }
    plug->asked_of[command] = plug->asked;
    put_frame(sim, &out, &frame, &payload);
    send_frames(sim, plug, HUB, &out);
    text_free(&payload);
    text_free(&out);
}

/* ---- what the plug says ---- */

static void put_measures(const struct tuya_plug *plug, struct text *out)
{
    unsigned first = plug->model == MODEL_OLD ? 4 : 18;
    text_format(out, "\"%u\":%" PRIu32 ",\"%u\":%" PRIu32 ",\"%u\":%" PRIu32, first,
                load_current_ma(&plug->load), first + 1, load_power_mw(&plug->load) / 100, first + 2,
                plug->load.voltage_mv / 100);
}

static const char *boolean(bool value)
{
    return value ? "true" : "false";
}

/* All data points; what they say is added up. */
static struct statements put_everything(struct tuya_plug *plug, struct text *out)
{
    plug->told[0] = plug->told[1] = true;
    if (plug->model == MODEL_PAIR) {
        text_format(out, "\"1\":%s,\"2\":%s", boolean(plug->load.on), boolean(plug->second_on));
        return (struct statements){.state = 2, .value = 2};
    }
    text_format(out, "\"1\":%s,\"%u\":0,", boolean(plug->load.on), plug->model == MODEL_OLD ? 2 : 9);
    put_measures(plug, out);
    if (plug->model == MODEL_OLD)
        return (struct statements){.state = 1, .reading = 1, .value = 5};
    text_format(out,
                ",\"17\":%u,\"21\":1,\"22\":615,\"23\":29228,\"24\":17033,\"25\":2460,\"26\":0,"
                "\"38\":\"memory\",\"39\":false,\"40\":\"relay\",\"41\":false",
                plug->pushes % 100);
    return (struct statements){.state = 1, .reading = 1, .value = 16};
}

/* An answer: all data points to a query, else the return code alone. */
static void put_answer(struct sim *sim, struct tuya_plug *plug, struct text *out, enum tuya_command command)
{
    struct tuya_frame frame = {plug->asked_of[command], command, true};
    struct text words = {0}, payload = {0};
    if (command != TUYA_DP_QUERY) {
        put_frame(sim, out, &frame, NULL);
        return;
    }
    text_format(&words, "{");
    if (plug->model == MODEL_OLD)
        text_format(&words, "\"devId\":\"%s\",", plug->id);
    text_format(&words, "\"dps\":{");
    struct statements says = put_everything(plug, &words);
    text_format(&words, "}}");
    if (plug->model == MODEL_OLD)
        text_bytes(&payload, words.at, words.length);
    else
        tuya_put_ecb(&payload, plug->key, &words);
    put_frame(sim, out, &frame, &payload);
    statements_add(&plug->teller->says, &says);
    text_free(&words);
    text_free(&payload);
}

/* The data points with the device's clock, which is up to three seconds off. */
static void put_push(struct sim *sim, struct tuya_plug *plug, struct text *out, const struct text *points,
                     struct statements says)
{
    struct tuya_frame frame = {0, TUYA_STATUS, true};
    struct text words = {0}, payload = {0};
    text_format(&words, "{%.*s},\"t\":%" PRId64 "}", (int)points->length, (const char *)points->at,
                sim->now_us / SECOND + plug->number % 7 - 3);
    if (plug->model == MODEL_OLD) {
        text_bytes(&payload, words.at, words.length);
    } else {
        text_format(&payload, "3.3");
        text_be32(&payload, 0);
        text_be32(&payload, ++plug->pushes);
        text_be32(&payload, 1);
        tuya_put_ecb(&payload, plug->key, &words);
    }
    put_frame(sim, out, &frame, &payload);
    says.clock = 1;
    statements_add(&plug->teller->says, &says);
    text_free(&words);
    text_free(&payload);
}

static void put_switch(struct sim *sim, struct tuya_plug *plug, struct text *out, unsigned point)
{
    struct text points = {0};
    text_format(&points, "\"dps\":{\"%u\":%s", point, boolean(point == 1 ? plug->load.on : plug->second_on));
    put_push(sim, plug, out, &points, (struct statements){.state = 1, .value = 1});
    plug->told[point - 1] = true;
    text_free(&points);
}

/* ---- questions and commands ---- */

enum { ANSWER_QUERY, ANSWER_HEART_BEAT, ANSWER_OFF, ANSWER_ON, ANSWER_OTHER_OFF, ANSWER_OTHER_ON };

static void do_command(struct sim *sim, struct tuya_plug *plug, unsigned wanted)
{
    bool on = wanted == ANSWER_ON || wanted == ANSWER_OTHER_ON;
    bool first = wanted == ANSWER_OFF || wanted == ANSWER_ON;
    if ((first ? plug->load.on : plug->second_on) != on) {
        sim->truth->switched_by_command++;
        plug->teller->says.caused += plug->told[!first];
    }
    if (first)
        load_switch(sim, &plug->load, on);
    else
        plug->second_on = on;
}

/* A command's push and its acknowledgement leave in one segment. */
static void answer(struct sim *sim, void *actor, uint32_t argument)
{
    struct tuya_plug *plug = actor;
    struct text out = {0};
    unsigned wanted = argument & ARGUMENT_MASK;
    if (!stands(plug, argument))
        return;
    load_advance(sim, &plug->load);
    if (wanted == ANSWER_QUERY) {
        put_answer(sim, plug, &out, TUYA_DP_QUERY);
    } else if (wanted == ANSWER_HEART_BEAT) {
        put_answer(sim, plug, &out, TUYA_HEART_BEAT);
    } else {
        do_command(sim, plug, wanted);
        put_switch(sim, plug, &out, wanted <= ANSWER_ON ? 1 : 2);
        put_answer(sim, plug, &out, TUYA_CONTROL);
    }
    send_frames(sim, plug, PLUG, &out);
    text_free(&out);
}

static void answer_later(struct sim *sim, struct tuya_plug *plug, uint32_t wanted)
{
    sim_after(sim, sim_between(sim, 5 * MILLISECOND, 40 * MILLISECOND), answer, plug,
              argument_of(plug, wanted));
}

static void query(struct sim *sim, void *actor, uint32_t argument)
{
    struct tuya_plug *plug = actor;
    struct text words = {0};
    if (!stands(plug, argument))
        return;
    text_format(&words, "{\"gwId\":\"%s\",\"devId\":\"%s\",\"uid\":\"%s\",\"t\":\"%" PRId64 "\"}", plug->id,
                plug->id, plug->id, sim->now_us / SECOND);
    hub_asks(sim, plug, TUYA_DP_QUERY, &words);
    answer_later(sim, plug, ANSWER_QUERY);
    sim_after(sim, MINUTE, query, plug, argument);
    text_free(&words);
}

static void heart_beat(struct sim *sim, void *actor, uint32_t argument)
{
    struct tuya_plug *plug = actor;
    struct text words = {0};
    if (!stands(plug, argument))
        return;
    text_format(&words, "{\"gwId\":\"%s\",\"devId\":\"%s\"}", plug->id, plug->id);
    hub_asks(sim, plug, TUYA_HEART_BEAT, &words);
    answer_later(sim, plug, ANSWER_HEART_BEAT);
    sim_after(sim, 10 * SECOND, heart_beat, plug, argument);
    text_free(&words);
}

/* Nine times of ten for the state that it is not in. */
static void command(struct sim *sim, void *actor, uint32_t argument)
{
    struct tuya_plug *plug = actor;
    struct text words = {0};
    bool second = plug->model == MODEL_PAIR && sim_below(sim, 2);
    bool on = (second ? plug->second_on : plug->load.on) == (sim_below(sim, 10) == 0);
    if (plug->up) {
        text_format(&words, "{\"devId\":\"%s\",\"uid\":\"%s\",\"t\":\"%" PRId64 "\",\"dps\":{\"%u\":%s}}",
                    plug->id, plug->id, sim->now_us / SECOND, second ? 2 : 1, boolean(on));
        hub_asks(sim, plug, TUYA_CONTROL, &words);
        plug->teller->says.command++;
        answer_later(sim, plug, second ? ANSWER_OTHER_OFF + (uint32_t)on : ANSWER_OFF + (uint32_t)on);
        text_free(&words);
    }
    sim_after(sim, sim_between(sim, MINUTE, 3 * MINUTE), command, plug, argument);
}

/* ---- what the plug does by itself ---- */

/* One push in eight holds the power alone, and one in thirty the energy added since the last such. */
static void report(struct sim *sim, void *actor, uint32_t argument)
{
    struct tuya_plug *plug = actor;
    int64_t period_us = (int64_t)plug->report_ms * MILLISECOND;
    struct text points = {0}, out = {0};
    struct statements says = {.value = 1};
    load_advance(sim, &plug->load);
    if (plug->up) {
        text_format(&points, "\"dps\":{");
        if (plug->model == MODEL_METER && !sim_below(sim, 30)) {
            text_format(&points, "\"17\":%u", 1 + sim_below(sim, 9));
        } else if (!sim_below(sim, 8)) {
            text_format(&points, "\"%u\":%" PRIu32, plug->model == MODEL_OLD ? 5 : 19,
                        load_power_mw(&plug->load) / 100);
            says.reading = 1;
        } else {
            put_measures(plug, &points);
            says = (struct statements){.reading = 1, .value = 3};
        }
        put_push(sim, plug, &out, &points, says);
        send_frames(sim, plug, PLUG, &out);
        text_free(&points);
        text_free(&out);
    }
    sim_after(sim, sim_between(sim, period_us - period_us / 8, period_us + period_us / 8), report, plug,
              argument);
}

static void switch_by_hand(struct sim *sim, void *actor, uint32_t argument)
{
    struct tuya_plug *plug = actor;
    struct text out = {0};
    if (plug->up) {
        load_switch(sim, &plug->load, !plug->load.on);
        sim->truth->switched_by_hand++;
        put_switch(sim, plug, &out, 1);
        send_frames(sim, plug, PLUG, &out);
        text_free(&out);
    }
    sim_after(sim, sim_between(sim, 5 * MINUTE, 30 * MINUTE), switch_by_hand, plug, argument);
}

static void broadcast(struct sim *sim, void *actor, uint32_t argument)
{
    struct tuya_plug *plug = actor;
    bool clear = plug->model == MODEL_OLD;
    struct tuya_frame frame = {0, TUYA_UDP_NEW, true};
    struct host everyone = host_ipv4(255, 255, 255, 255);
    struct udp udp = {&plug->host, &everyone, BROADCASTS_FROM, clear ? CLEAR_PORT : SEALED_PORT,
                      TRAFFIC_TUYA};
    struct text words = {0}, payload = {0}, out = {0};
    uint8_t key[TUYA_KEY];
    memset(everyone.mac, 0xff, sizeof everyone.mac);
    tuya_broadcast_key(key);
    text_format(&words,
                "{\"ip\":\"%u.%u.%u.%u\",\"gwId\":\"%s\",\"active\":2,\"ablilty\":0,\"encrypt\":%s,"
                "\"productKey\":\"key%013u\",\"version\":\"%s\"}",
                plug->host.ip[0], plug->host.ip[1], plug->host.ip[2], plug->host.ip[3], plug->id,
                boolean(!clear), plug->model, clear ? "3.1" : "3.3");
    if (!clear)
        tuya_put_ecb(&payload, key, &words);
    put_frame(sim, &out, &frame, clear ? &words : &payload);
    wire_udp(sim, &udp, out.at, out.length);
    text_free(&words);
    text_free(&payload);
    text_free(&out);
    sim_after(sim, 5 * SECOND, broadcast, plug, argument);
}

/* ---- sessions ---- */

static void close_step(struct sim *sim, void *actor, uint32_t step);

static void open_step(struct sim *sim, void *actor, uint32_t step)
{
    struct tuya_plug *plug = actor;
    struct tcp *tcp = &plug->tcp;
    switch (step) {
    case 0:
        tcp->port[HUB] = (uint16_t)(49152 + (tcp->port[HUB] + 1 + sim_below(sim, 97)) % 16384);
        tcp_start(sim, tcp);
        sim->truth->flows[TRAFFIC_TUYA]++;
        wire_tcp(sim, tcp, HUB, TCP_SYN, NULL, 0);
        break;
    case 1:
        wire_tcp(sim, tcp, PLUG, TCP_SYN | TCP_ACK, NULL, 0);
        break;
    case 2:
        wire_tcp_ack(sim, tcp, HUB);
        break;
    default:
        plug->up = true;
        plug->asked = 0;
        plug->told[0] = plug->told[1] = false;
        query(sim, plug, argument_of(plug, 0));
        sim_after(sim, 10 * SECOND, heart_beat, plug, argument_of(plug, 0));
        sim_after(sim, sim_between(sim, 5 * MINUTE, 15 * MINUTE), close_step, plug, 0);
        return;
    }
    sim_after(sim, sim_between(sim, 400, 2 * MILLISECOND), open_step, plug, step + 1);
}

static void close_step(struct sim *sim, void *actor, uint32_t step)
{
    struct tuya_plug *plug = actor;
    plug->up = false;
    if (step == 0)
        wire_tcp(sim, &plug->tcp, HUB, TCP_FIN | TCP_ACK, NULL, 0);
    else if (step == 1)
        wire_tcp(sim, &plug->tcp, PLUG, TCP_FIN | TCP_ACK, NULL, 0);
    else
        wire_tcp_ack(sim, &plug->tcp, HUB);
    if (step < 2) {
        sim_after(sim, 700, close_step, plug, step + 1);
        return;
    }
    plug->session++;
    sim_after(sim, sim_between(sim, 2 * SECOND, 9 * SECOND), open_step, plug, 0);
}

/* ---- beginnings ---- */

static enum model model_of(unsigned number)
{
    return number % 4 == 2 ? MODEL_PAIR : number % 4 == 3 ? MODEL_OLD : MODEL_METER;
}

/* A made-up key: letters and digits. */
static void make_key(struct sim *sim, uint8_t key[TUYA_KEY])
{
    static const char signs[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (unsigned i = 0; i < TUYA_KEY; i++)
        key[i] = (uint8_t)signs[sim_below(sim, sizeof signs - 1)];
}

static void plug_start(struct sim *sim, struct tuya_plug *plug, unsigned number, uint32_t report_ms)
{
    plug->number = number;
    plug->report_ms = report_ms;
    plug->model = model_of(number);
    plug->host = host_ipv4(10, 20, 48, (uint8_t)(20 + number));
    plug->tcp.host[HUB] = host_ipv4(10, 20, 48, (uint8_t)(2 + number % 4));
    plug->tcp.host[PLUG] = plug->host;
    plug->tcp.port[PLUG] = TUYA_PORT;
    plug->tcp.traffic = TRAFFIC_TUYA;
    snprintf(plug->id, sizeof plug->id, "bf%018" PRIx64, (number + 1) * UINT64_C(0x9e3779b97f4a7c15) >> 1);
    make_key(sim, plug->key);
    plug->teller = truth_teller(sim->truth, TRAFFIC_TUYA, plug->id);
    load_start(sim, &plug->load);
    sim_after(sim, sim_between(sim, 0, 5 * SECOND), broadcast, plug, 0);
    sim_after(sim, sim_between(sim, SECOND, 9 * SECOND), open_step, plug, 0);
    sim_after(sim, sim_between(sim, 10 * SECOND, 3 * MINUTE), command, plug, 0);
    sim_after(sim, sim_between(sim, MINUTE, 30 * MINUTE), switch_by_hand, plug, 0);
    if (plug->model != MODEL_PAIR)
        sim_after(sim, 9 * SECOND + sim_between(sim, 0, (int64_t)report_ms * MILLISECOND), report, plug, 0);
}

void tuya_start(struct sim *sim, const struct tuya_plan *plan, FILE *keys)
{
    struct tuya_plug *plugs = allocate(plan->plugs, sizeof *plugs);
    if (plan->plugs > 200)
        die("too many Tuya plugs");
    for (unsigned i = 0; i < plan->plugs; i++) {
        plug_start(sim, &plugs[i], i, plan->report_ms);
        fprintf(keys, "tuya %s %.*s\n", plugs[i].id, TUYA_KEY, (const char *)plugs[i].key);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Random connections, damaged as captures are: packets lost, repeated (also with other bytes), moved, cut and
 * overlapping. What the engine delivers is compared with what a model says that is too simple to be wrong: of
 * each byte of each direction, the frame in which it was first captured. */
#define LEDGER_PLACES 4000
#include "flow_ledger.h"

#include <criterion/criterion.h>

enum { MOST_BYTES = LEDGER_PLACES, MOST_PACKETS = 6000, SEEDS = 3000 };

struct sent {
    int from;
    uint8_t flags;
    bool altered;
    uint32_t at;
    uint32_t length;
    uint32_t cut; /* payload bytes that the capture kept */
    uint32_t acked;
};

static struct sent packets[MOST_PACKETS];
static size_t packet_count;
static uint8_t bytes[2][MOST_BYTES]; /* what each end sends */
static uint32_t size[2];
static uint64_t first_frame[2][MOST_BYTES]; /* in which the byte was captured first; 0: never */
static uint8_t first_byte[2][MOST_BYTES];

static struct script script;
static struct ledger ledger;

/* What may befall the connection, in percent where it is a chance. */
struct plan {
    unsigned loss, copies, altered, overlaps, cuts, moves;
    unsigned move_distance;
    uint32_t longest;
    bool handshake, fins, reset, one_sided, small_buffer;
    int64_t step_ns;
};

static uint64_t state;

static uint32_t chance(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 33) % below;
}

static bool happens(unsigned percent)
{
    return chance(100) < percent;
}

static struct plan new_plan(uint32_t seed)
{
    state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    chance(2);
    struct plan plan = {
        .loss = happens(60) ? chance(25) : 0,
        .copies = happens(60) ? chance(40) : 0,
        .altered = happens(30) ? chance(30) : 0,
        .overlaps = happens(50) ? chance(30) : 0,
        .cuts = happens(20) ? chance(20) : 0,
        .moves = happens(70) ? chance(40) : 0,
        .move_distance = 1 + chance(8),
        .longest = 2 + chance(happens(30) ? 8 : 200),
        .handshake = happens(75),
        .fins = happens(40),
        .reset = happens(15),
        .one_sided = happens(20),
        .small_buffer = happens(20),
        .step_ns = happens(50)   ? 1000
                   : happens(50) ? 10000000
                                 : 2000000000,
    };
    return plan;
}

static void push(struct sent packet)
{
    if (packet_count < MOST_PACKETS)
        packets[packet_count++] = packet;
}

/* The connection as its ends see it. */
static void converse(const struct plan *plan)
{
    uint32_t done[2] = {0, 0};
    packet_count = 0;
    if (plan->handshake) {
        push((struct sent){.from = CLIENT, .flags = WTR_TCP_SYN});
        push((struct sent){.from = SERVER, .flags = WTR_TCP_SYN | WTR_TCP_ACK});
    }
    while (done[0] < size[0] || done[1] < size[1]) {
        int from = (int)chance(2);
        uint32_t left = size[from] - done[from];
        uint32_t length = left < 2 ? left : 2 + chance(plan->longest);
        if (length > left || left - length == 1) /* no segment of one byte: those may be probes */
            length = left;
        push((struct sent){from, WTR_TCP_ACK, false, done[from], length, length, done[1 - from]});
        done[from] += length;
        if (happens(50))
            push((struct sent){1 - from, WTR_TCP_ACK, false, done[1 - from], 0, 0, done[from]});
        if (happens(plan->overlaps) && done[from] > 4) {
            uint32_t at = chance(done[from] - 3);
            uint32_t most = done[from] - at;
            length = 2 + chance(most < 2 * plan->longest ? most - 1 : 2 * plan->longest);
            push((struct sent){from, WTR_TCP_ACK, false, at, length, length, done[1 - from]});
        }
    }
    for (int from = 0; plan->fins && from < 2; from++)
        push((struct sent){from, WTR_TCP_FIN | WTR_TCP_ACK, false, size[from], 0, 0, size[1 - from]});
    if (plan->reset)
        push((struct sent){CLIENT, WTR_TCP_RST | WTR_TCP_ACK, false, size[CLIENT], 0, 0, size[SERVER]});
}

/* The same as a capture shows it. */
static void damage(const struct plan *plan)
{
    static struct sent whole[MOST_PACKETS];
    size_t count = packet_count;
    memcpy(whole, packets, count * sizeof *whole);
    packet_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct sent packet = whole[i];
        bool syn = packet.flags & WTR_TCP_SYN;
        if ((plan->one_sided && packet.from == SERVER) || (!syn && happens(plan->loss)))
            continue;
        if (happens(plan->cuts))
            packet.cut = chance(packet.length + 1);
        push(packet);
        if (happens(plan->copies)) {
            packet.altered = happens(plan->altered);
            packet.cut = packet.length;
            push(packet);
        }
    }
    for (size_t at = 1; at < packet_count; at++) {
        if (!happens(plan->moves))
            continue;
        size_t back = 1 + chance(plan->move_distance);
        size_t to = back > at ? 0 : at - back;
        struct sent packet = packets[at];
        memmove(packets + to + 1, packets + to, (at - to) * sizeof *packets);
        packets[to] = packet;
    }
}

/* The model. */
static void note(const struct sent *packet, const uint8_t *payload)
{
    for (uint32_t at = packet->at; at < packet->at + packet->cut; at++) {
        if (first_frame[packet->from][at] != 0)
            continue;
        first_frame[packet->from][at] = script.frame + 1;
        first_byte[packet->from][at] = payload[at - packet->at];
    }
}

/* Bytes that came again while the flow was followed. */
static uint64_t repeated_bytes(void)
{
    uint64_t count = 0;
    for (uint64_t frame = ledger.book->claimed_frame; frame <= packet_count; frame++) {
        const struct sent *packet = &packets[frame - 1];
        const struct ledger_side *side = &ledger.book->side[packet->from];
        uint32_t base = side->base - (script.isn[packet->from] + 1);
        for (uint32_t at = packet->at; side->based && at < packet->at + packet->cut; at++)
            count += at >= base && first_frame[packet->from][at] < frame;
    }
    return count;
}

static void play(const struct plan *plan)
{
    memset(first_frame, 0, sizeof first_frame);
    for (size_t i = 0; i < packet_count; i++) {
        const struct sent *packet = &packets[i];
        uint8_t payload[MOST_BYTES];
        memcpy(payload, bytes[packet->from] + packet->at, packet->length);
        if (packet->altered)
            payload[chance(packet->length + 1)] ^= 1;
        note(packet, payload);
        bool syn = packet->flags & WTR_TCP_SYN;
        script.cut = packet->cut;
        script.now += chance((uint32_t)plan->step_ns + 1);
        if (happens(3))
            script.now -= chance((uint32_t)plan->step_ns + 1);
        ledger_send(&ledger, packet->from, script.isn[packet->from] + !syn + packet->at,
                    script.isn[1 - packet->from] + 1 + packet->acked, packet->flags, payload, packet->length);
    }
    ledger_end_of_capture(&ledger);
}

/* Each byte that was read is the one that was captured first, and none was given up that had come; nothing
 * behind the first byte of a followed stream is passed over in silence. */
static void compare(const struct plan *plan, uint32_t seed)
{
    for (int end = 0; end < 2; end++) {
        const struct ledger_side *side = &ledger.book->side[end];
        if (!side->based)
            continue;
        uint32_t base = side->base - (script.isn[end] + 1);
        cr_assert(base < MOST_BYTES && base + side->next <= size[end] + 1U, "seed %u", seed);
        for (uint32_t place = 0; place < side->next && base + place < size[end]; place++) {
            uint64_t first = first_frame[end][base + place];
            if (side->kind[place] == LEDGER_READ) {
                cr_assert(first == side->frame[place], "seed %u: place %u", seed, place);
                cr_assert(first_byte[end][base + place] == side->byte[place], "seed %u", seed);
            } else {
                cr_assert(first == 0 || first > side->frame[place], "seed %u: place %u", seed, place);
            }
        }
        for (uint32_t at = base + (uint32_t)side->next; !plan->reset && at < size[end]; at++)
            cr_assert(first_frame[end][at] == 0 || first_frame[end][at] > ledger.book->closed_frame,
                      "seed %u: byte %u came and was not read", seed, at);
    }
}

static unsigned claimed_runs;
static unsigned whole_runs;
static unsigned counted_runs;

static void run(uint32_t seed)
{
    struct plan plan = new_plan(seed);
    script.limits = (struct wtr_flow_limits){.stream_buffer = plan.small_buffer ? 700 + chance(3000) : 0};
    script.block = 1 + chance(9);
    ledger_clear(&ledger);
    ledger_begin(&ledger, &script);
    for (int end = 0; end < 2; end++) {
        size[end] = 2 + chance((happens(50) ? MOST_BYTES / 20 : MOST_BYTES) - 4);
        script.isn[end] = happens(30) ? 0U - chance(MOST_BYTES) : chance(UINT32_MAX);
        for (uint32_t i = 0; i < size[end]; i++)
            bytes[end][i] = (uint8_t) "#abc"[chance(4)];
    }
    converse(&plan);
    damage(&plan);
    play(&plan);
    /* where packets are seconds apart and moved, a late copy of the SYN rightly counts as another's */
    cr_assert(ledger.flows <= 1 || plan.step_ns > 1000000000, "seed %u: %u flows", seed,
              (unsigned)ledger.flows);
    if (ledger.flows == 1) {
        compare(&plan, seed);
        claimed_runs++;
    }
    /* The capture is whole, if out of order by a few packets and some microseconds. */
    if (plan.loss == 0 && plan.cuts == 0 && !plan.one_sided && !plan.small_buffer && plan.step_ns == 1000) {
        cr_assert(ledger.gaps == 0, "seed %u: %u gaps in a capture without loss", seed,
                  (unsigned)ledger.gaps);
        whole_runs++;
        if (plan.altered == 0 && !plan.reset && !plan.fins && ledger.flows == 1 && plan.handshake) {
            cr_assert(ledger.repeated_bytes == repeated_bytes(), "seed %u: %u bytes repeated, told of %u",
                      seed, (unsigned)repeated_bytes(), (unsigned)ledger.repeated_bytes);
            counted_runs++;
        }
    }
    ledger_free(&ledger);
}

Test(flows_random, what_is_read_is_what_was_sent)
{
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        run(seed);
    /* that the plans are not all of one kind */
    cr_assert(claimed_runs > SEEDS / 2 && whole_runs > SEEDS / 50 && counted_runs > SEEDS / 200,
              "%u claimed, %u whole, %u counted", claimed_runs, whole_runs, counted_runs);
}

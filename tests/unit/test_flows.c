/* SPDX-License-Identifier: Apache-2.0 */
/* Connections as captures show them: whole, late, twice, in part. Each test plays segments and says which
 * events must come of them, in order. */
#include "flow_script.h"

#include <criterion/criterion.h>

static struct script script;
#define S (&script)

static void begin(void)
{
    S->limits = (struct wtr_flow_limits){0};
    S->block = 1;
    script_begin(S);
}

static void end(void)
{
    script_end(S);
}

TestSuite(flows, .init = begin, .fini = end);

/* ---- claims ---- */

Test(flows, a_whole_connection)
{
    handshake(S);
    data(S, CLIENT, 0, "@hello\n");
    expect(S, "open at start\nclaimed 1 started\nc 0 @hello\n");
    data(S, SERVER, 0, "@hi\n@there\n");
    data(S, CLIENT, 7, "@more\n");
    expect(S, "s 0 @hi\ns 4 @there\nc 7 @more\n");
    segment(S, CLIENT, 13, WTR_TCP_FIN | WTR_TCP_ACK, "");
    segment(S, SERVER, 11, WTR_TCP_FIN | WTR_TCP_ACK, "");
    expect(S, "closing c fin frame 7\n");
    wtr_flows_finish(S->flows);
    expect(S, "closed 1 fin\nclose\n");
    struct wtr_flow_counts counts = wtr_flows_counts(S->flows);
    cr_assert(counts.flows == 1 && counts.claimed == 1 && counts.segments == 3 && counts.repeated == 0);
    cr_assert(counts.gaps == 0 && counts.ignored == 0 && counts.overflowed == 0 && counts.peak_flows == 1);
}

static struct wtr_flow_view seen;

static void keep_view(void *payload, struct wtr_flow_view *flow)
{
    (void)payload;
    seen = *flow;
}

Test(flows, the_view)
{
    S->flows->events.closed = keep_view;
    handshake(S);
    data(S, CLIENT, 0, "@hello\n");
    int64_t before = S->now;
    pass(S, -5000);
    data(S, SERVER, 0, "@hi\n");
    int64_t back = S->now;
    segment(S, SERVER, 4, WTR_TCP_RST | WTR_TCP_ACK, "");
    wtr_flows_finish(S->flows);
    cr_assert(seen.id == 1 && seen.protocol == &line_protocol && seen.user == S);
    cr_assert(seen.end[WTR_FROM_CLIENT].port == 40000 && seen.end[WTR_FROM_SERVER].port == 1999);
    cr_assert(seen.end[WTR_FROM_CLIENT].ip.bytes[15] == 1 && seen.end[WTR_FROM_SERVER].ip.bytes[15] == 2);
    cr_assert(seen.has_mac && seen.mac[WTR_FROM_CLIENT][5] == 0 && seen.mac[WTR_FROM_SERVER][5] == 1);
    cr_assert_str_eq(seen.path, "eth/ipv4/tcp");
    cr_assert(seen.packets[WTR_FROM_CLIENT] == 3 && seen.packets[WTR_FROM_SERVER] == 3);
    cr_assert(seen.payload_bytes[WTR_FROM_CLIENT] == 7 && seen.payload_bytes[WTR_FROM_SERVER] == 4);
    cr_assert(seen.first_ns == back && seen.last_ns == before, "time that runs backwards");
    cr_assert(seen.last_from_ns[WTR_FROM_CLIENT] == before);
    cr_assert(seen.last_from_ns[WTR_FROM_SERVER] == before - 2000000, "the second packet's");
    cr_assert(seen.end_reason == WTR_FLOW_RST && seen.closed_by == WTR_FROM_SERVER);
    cr_assert(seen.closed_ns == S->now);
}

Test(flows, the_direction_is_the_syns)
{
    S->port[CLIENT] = 5; /* a guess would have it the other way round */
    handshake(S);
    data(S, SERVER, 0, "@hi\n");
    expect(S, "open at start\nclaimed 1 started\ns 0 @hi\n");
}

Test(flows, a_syn_ack_alone_tells_the_direction)
{
    S->port[CLIENT] = 5;
    raw_segment(S, SERVER, S->isn[SERVER], S->isn[CLIENT] + 1, WTR_TCP_SYN | WTR_TCP_ACK, "", 0);
    data(S, CLIENT, 0, "@hello\n");
    expect(S, "open at start\nclaimed 1 started\nc 0 @hello\n");
}

Test(flows, without_a_handshake_the_higher_port_is_the_client)
{
    data(S, SERVER, 50, "@hi\n");
    data(S, CLIENT, 90, "@hello\n");
    expect(S, "open mid-stream\nclaimed 1 guessed\ns 0 @hi\nc 0 @hello\n");
}

Test(flows, claimed_in_the_middle)
{
    handshake(S);
    data(S, CLIENT, 0, "GET /\n");
    data(S, SERVER, 0, "101\n");
    data(S, CLIENT, 6, "@one\n");
    data(S, SERVER, 4, "@two\n");
    expect(S, "open mid-stream\nclaimed 1 started\nc 0 @one\ns 0 @two\n");
    /* what came before the first byte that was delivered is nothing to compare with */
    data(S, CLIENT, 0, "GET /\n");
    data(S, CLIENT, 4, "/\n@one\n");
    expect(S, "repeated c 0 \"@one\n\" frame 9\n");
}

Test(flows, bytes_are_kept_until_a_bid_can_be_made)
{
    handshake(S);
    data(S, CLIENT, 0, "@he");
    data(S, CLIENT, 3, "ll");
    expect(S, "");
    data(S, CLIENT, 5, "o\n@x");
    expect(S, "open at start\nclaimed 1 started\nc 0 @hello\n");
    data(S, CLIENT, 9, "\n");
    expect(S, "c 7 @x\n");
}

Test(flows, what_the_other_direction_kept_comes_first)
{
    handshake(S);
    data(S, CLIENT, 0, "@he");
    data(S, SERVER, 0, "@hi\n");
    expect(S, "open at start\nclaimed 1 started\ns 0 @hi\n");
    data(S, CLIENT, 3, "y\n");
    expect(S, "c 0 @hey\n");
}

Test(flows, kept_bytes_are_bounded)
{
    static char many[1000];
    memset(many, 'a', sizeof many - 1);
    many[0] = '@';
    handshake(S);
    for (uint32_t at = 0; at < 200 * 999; at += 999) {
        data(S, CLIENT, at, many);
        cr_assert(S->flows->pool.held <= 80 << 10);
    }
    data(S, CLIENT, 200 * 999, "\n@x\n");
    expect(S, "");
}

Test(flows, given_up_after_24_segments_of_no_interest)
{
    handshake(S);
    for (uint32_t i = 0; i < 12; i++) {
        data(S, CLIENT, 4 * i, "nope");
        data(S, SERVER, 4 * i, "nope");
    }
    data(S, CLIENT, 48, "@x\n");
    expect(S, "");
    cr_assert(S->flows->pool.held == 0);
    /* a new connection is another chance */
    S->isn[CLIENT] += 100000;
    handshake(S);
    data(S, CLIENT, 0, "@x\n");
    expect(S, "open at start\nclaimed 1 started\nc 0 @x\n");
}

Test(flows, the_24th_segment_is_still_looked_at)
{
    handshake(S);
    for (uint32_t i = 0; i < 23; i++)
        data(S, CLIENT, 4 * i, "nope");
    data(S, CLIENT, 92, "@x\n");
    expect(S, "open mid-stream\nclaimed 1 started\nc 0 @x\n");
}

Test(flows, never_given_up_on_a_protocols_own_port)
{
    S->port[SERVER] = 7777;
    handshake(S);
    for (uint32_t i = 0; i < 100; i++)
        data(S, CLIENT, 4 * i, "nope");
    data(S, CLIENT, 400, "@x\n");
    expect(S, "open mid-stream\nclaimed 1 started\nc 0 @x\n");
}

static enum wtr_bid also_certain(const struct wtr_probe *probe)
{
    return line_probe(probe) == WTR_BID_CERTAIN && probe->length < 8 ? WTR_BID_CERTAIN : WTR_BID_NONE;
}

Test(flows, equal_bids_claim_nothing)
{
    struct wtr_protocol rival = line_protocol;
    rival.probe_stream = also_certain;
    const struct wtr_protocol *const rivals[] = {&line_protocol, &rival, NULL};
    S->flows->decoders.protocols = rivals;
    handshake(S);
    data(S, CLIENT, 0, "@x\n");
    data(S, CLIENT, 3, "@y\n");
    expect(S, "");
    data(S, CLIENT, 6, "@z\n"); /* now nine bytes are there, and only one bids */
    expect(S, "open at start\nclaimed 1 started\nc 0 @x\nc 3 @y\nc 6 @z\n");
    /* what the other direction kept is read first: it came first */
    S->port[CLIENT]++;
    handshake(S);
    data(S, CLIENT, 0, "@x\n");
    data(S, SERVER, 0, "@long enough\n");
    expect(S, "open at start\nclaimed 2 started\nc 0 @x\ns 0 @long enough\n");
}

Test(flows, what_was_passed_over_makes_it_mid_stream)
{
    handshake(S);
    data(S, SERVER, 0, "nope");
    data(S, CLIENT, 0, "@a\n");
    expect(S, "open mid-stream\nclaimed 1 started\nc 0 @a\n");
}

Test(flows, what_is_kept_is_offered_once_more_at_the_end)
{
    static char many[400];
    memset(many, 'a', sizeof many - 1);
    many[0] = '@';
    handshake(S);
    data(S, CLIENT, 0, many);
    data(S, CLIENT, 399, "\n"); /* so little more that it is not worth asking */
    expect(S, "");
    wtr_flows_finish(S->flows);
    cr_assert(strncmp(S->log, "open at start\nclaimed 1 started\nc 0 @aaa", 40) == 0);
    cr_assert(strstr(S->log, "a\nclosed 1 capture end\nclose\n") != NULL);
}

/* ---- order ---- */

static const char *const four[4] = {"@one\n", "@two\n", "@three\n", "@four\n"};
static const uint32_t four_at[4] = {7, 12, 17, 24};

Test(flows, each_permutation_of_four)
{
    for (int code = 0; code < 256; code++) {
        int order[4] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
        if ((1 << order[0] | 1 << order[1] | 1 << order[2] | 1 << order[3]) != 15)
            continue;
        script_end(S);
        script_begin(S);
        handshake(S);
        data(S, CLIENT, 0, "@first\n");
        for (int i = 0; i < 4; i++)
            data(S, CLIENT, four_at[order[i]], four[order[i]]);
        ack(S, SERVER, 30);
        expect(S, "open at start\nclaimed 1 started\n"
                  "c 0 @first\nc 7 @one\nc 12 @two\nc 17 @three\nc 24 @four\n");
        cr_assert(S->flows->pool.held == 0);
    }
}

Test(flows, each_permutation_before_the_claim)
{
    for (int code = 0; code < 256; code++) {
        int order[4] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
        if ((1 << order[0] | 1 << order[1] | 1 << order[2] | 1 << order[3]) != 15)
            continue;
        script_end(S);
        script_begin(S);
        handshake(S);
        for (int i = 0; i < 4; i++)
            data(S, CLIENT, four_at[order[i]] - 7, four[order[i]]);
        expect(S, "open at start\nclaimed 1 started\nc 0 @one\nc 5 @two\nc 10 @three\nc 17 @four\n");
    }
}

Test(flows, the_handshake_comes_late)
{
    data(S, CLIENT, 0, "@he");
    raw_segment(S, SERVER, S->isn[SERVER], S->isn[CLIENT] + 1, WTR_TCP_SYN | WTR_TCP_ACK, "", 0);
    raw_segment(S, CLIENT, S->isn[CLIENT], 0, WTR_TCP_SYN, "", 0);
    data(S, CLIENT, 3, "y\n");
    expect(S, "open mid-stream\nclaimed 1 started\nc 0 @hey\n");
    cr_assert(wtr_flows_counts(S->flows).flows == 1);
}

Test(flows, sequence_numbers_wrap)
{
    for (uint32_t before = 0; before < 12; before++) {
        script_end(S);
        script_begin(S);
        S->isn[CLIENT] = 0U - before;
        S->isn[SERVER] = 0U - 2 * before;
        handshake(S);
        data(S, CLIENT, 0, "@a");
        data(S, CLIENT, 5, "\n@c\n");
        data(S, CLIENT, 2, "b\n@");
        data(S, SERVER, 0, "@d\n@e\n");
        data(S, CLIENT, 0, "@ab\n@");
        expect(S, "open at start\nclaimed 1 started\nc 0 @ab\nc 4 @\nc 6 @c\ns 0 @d\ns 3 @e\n"
                  "repeated c 0 \"@ab\n@\" frame 8\n");
    }
}

Test(flows, a_byte_at_a_time_is_the_same)
{
    static const char text[] = "@one\n@two and some more\n\n@three\n";
    static char expected[sizeof S->log];
    for (int bytes = 0; bytes < 2; bytes++) {
        script_end(S);
        script_begin(S);
        handshake(S);
        for (uint32_t i = 0; bytes && i < sizeof text - 1; i++)
            data(S, CLIENT, i, (char[]){text[i], '\0'});
        if (!bytes) {
            data(S, CLIENT, 0, text);
            strcpy(expected, S->log);
        }
        expect(S, expected);
    }
    cr_assert_str_eq(expected, "open at start\nclaimed 1 started\nc 0 @one\nc 5 @two and some more\n"
                               "c 24 \nc 25 @three\n");
}

/* ---- overlap ---- */

/* "abcdefghi\n" stands at 10..19, and `length` bytes from `at` on come as the sixth frame: the same, or with
 * 'x' for each of these ten. */
struct overlap {
    uint32_t at;
    uint32_t length;
    const char *same; /* what is said at once where the ten were delivered */
    const char *other;
    const char *same_late; /* and, where they wait, when they are read */
    const char *other_now; /* what differs is told at once */
    const char *filler;    /* what is said of the last segment, which fills the hole from 3 to 10 */
};

#define AGAIN_FRONT(frame) "repeated c 5 \"@@@@\n\" frame " #frame "\n"

/* All ways in which two runs can lie: touching in front, across the front, inside (front, middle, back),
 * equal, around, across the back, touching behind. */
static const struct overlap overlaps[] = {
    {5, 5, AGAIN_FRONT(6), AGAIN_FRONT(6), "", "", AGAIN_FRONT(7)},
    {5, 8, "repeated c 5 \"@@@@\nabc\" frame 6\n", "altered c 10 \"xxx\" frame 6\n" AGAIN_FRONT(6),
     "repeated c 10 \"abc\" frame 6\n", "altered c 10 \"xxx\" frame 6\n", AGAIN_FRONT(7)},
    {10, 4, "repeated c 10 \"abcd\" frame 6\n", "altered c 10 \"xxxx\" frame 6\n",
     "repeated c 10 \"abcd\" frame 6\n", "altered c 10 \"xxxx\" frame 6\n", ""},
    {12, 4, "repeated c 12 \"cdef\" frame 6\n", "altered c 12 \"xxxx\" frame 6\n",
     "repeated c 12 \"cdef\" frame 6\n", "altered c 12 \"xxxx\" frame 6\n", ""},
    {16, 4, "repeated c 16 \"ghi\n\" frame 6\n", "altered c 16 \"xxxx\" frame 6\n",
     "repeated c 16 \"ghi\n\" frame 6\n", "altered c 16 \"xxxx\" frame 6\n", ""},
    {10, 10, "repeated c 10 \"abcdefghi\n\" frame 6\n", "altered c 10 \"xxxxxxxxxx\" frame 6\n",
     "repeated c 10 \"abcdefghi\n\" frame 6\n", "altered c 10 \"xxxxxxxxxx\" frame 6\n", ""},
    {5, 20, "repeated c 5 \"@@@@\nabcdefghi\n\" frame 6\n",
     "altered c 10 \"xxxxxxxxxx\" frame 6\n" AGAIN_FRONT(6), "repeated c 10 \"abcdefghi\n\" frame 6\n",
     "altered c 10 \"xxxxxxxxxx\" frame 6\n", AGAIN_FRONT(7)},
    {15, 10, "repeated c 15 \"fghi\n\" frame 6\n", "altered c 15 \"xxxxx\" frame 6\n",
     "repeated c 15 \"fghi\n\" frame 6\n", "altered c 15 \"xxxxx\" frame 6\n", ""},
    {20, 5, "", "", "", "", ""},
};

static void overlapping_segment(const struct overlap *o, bool differs)
{
    static const char sent[] = "@a\n@@@@@@\nabcdefghi\njklmnopqr\n";
    char text[32] = "";
    memcpy(text, sent + o->at, o->length);
    for (uint32_t i = 0; differs && i < o->length; i++)
        if (o->at + i >= 10 && o->at + i < 20)
            text[i] = 'x';
    data(S, CLIENT, o->at, text);
}

/* Behind it: what of 20..24 came is read once, and as it came first. */
static void the_rest(const struct overlap *o)
{
    uint32_t again = o->at + o->length > 20 ? o->at + o->length - 20 : 0;
    data(S, CLIENT, 20, "jklmnopqr\n");
    char expected[100] = "c 20 jklmnopqr\n";
    if (again > 0)
        snprintf(expected, sizeof expected, "c 20 jklmnopqr\nrepeated c 20 \"%.*s\" frame %u\n", (int)again,
                 "jklmnopqr\n", (unsigned)S->frame);
    expect(S, expected);
}

Test(flows, overlap_with_what_was_delivered)
{
    for (size_t i = 0; i < 2 * sizeof overlaps / sizeof *overlaps; i++) {
        const struct overlap *o = &overlaps[i / 2];
        script_end(S);
        script_begin(S);
        handshake(S);
        data(S, CLIENT, 0, "@a\n@@@@@@\n");
        data(S, CLIENT, 10, "abcdefghi\n");
        expect(S, "open at start\nclaimed 1 started\nc 0 @a\nc 3 @@@@@@\nc 10 abcdefghi\n");
        overlapping_segment(o, i % 2);
        expect(S, i % 2 ? o->other : o->same);
        the_rest(o);
    }
}

Test(flows, overlap_with_what_waits)
{
    for (size_t i = 0; i < 2 * sizeof overlaps / sizeof *overlaps; i++) {
        const struct overlap *o = &overlaps[i / 2];
        char expected[1000];
        script_end(S);
        script_begin(S);
        handshake(S);
        data(S, CLIENT, 0, "@a\n");
        data(S, CLIENT, 10, "abcdefghi\n");
        expect(S, "open at start\nclaimed 1 started\nc 0 @a\n");
        overlapping_segment(o, i % 2);
        expect(S, i % 2 ? o->other_now : "");
        data(S, CLIENT, 3, "@@@@@@\n");
        snprintf(expected, sizeof expected, "c 3 @@@@@@\nc 10 abcdefghi\n%s%s", i % 2 ? "" : o->same_late,
                 o->filler);
        expect(S, expected);
        the_rest(o);
    }
}

Test(flows, what_differs_is_told_from_its_first_byte_to_its_last)
{
    handshake(S);
    data(S, CLIENT, 0, "@abcdefgh\n");
    data(S, CLIENT, 0, "@abXdeXgh\n");
    expect(S, "open at start\nclaimed 1 started\nc 0 @abcdefgh\nrepeated c 7 \"gh\n\" frame 5\n"
              "altered c 3 \"XdeX\" frame 5\nrepeated c 0 \"@ab\" frame 5\n");
    struct wtr_flow_counts counts = wtr_flows_counts(S->flows);
    cr_assert(counts.altered == 1 && counts.repeated == 0);
}

Test(flows, what_is_equal_in_several_segments_is_one_repeat)
{
    handshake(S);
    data(S, CLIENT, 0, "@a\n");
    data(S, SERVER, 0, "@b\n");
    data(S, CLIENT, 3, "@c\n");
    data(S, SERVER, 3, "@d\n");
    data(S, CLIENT, 0, "@a\n@c\n");
    expect(S, "open at start\nclaimed 1 started\nc 0 @a\ns 0 @b\nc 3 @c\ns 3 @d\n"
              "repeated c 0 \"@a\n@c\n\" frame 8\n");
    data(S, CLIENT, 3, "@c\n@e\n");
    expect(S, "repeated c 3 \"@c\n\" frame 9\nc 6 @e\n");
    cr_assert(wtr_flows_counts(S->flows).repeated == 1, "of two segments one brought something new");
}

Test(flows, a_repeat_is_told_when_the_first_was_read)
{
    handshake(S);
    data(S, CLIENT, 0, "@a\n@bc");
    data(S, CLIENT, 3, "@bc");
    expect(S, "open at start\nclaimed 1 started\nc 0 @a\n");
    data(S, CLIENT, 6, "d\n");
    expect(S, "c 3 @bcd\nrepeated c 3 \"@bc\" frame 5\n");
    cr_assert(wtr_flows_counts(S->flows).repeated == 1 && S->flows->pool.held == 0);
}

Test(flows, nothing_is_called_equal_that_is_not_remembered)
{
    static char many[60001];
    S->block = 1;
    memset(many, 'a', sizeof many - 1);
    many[0] = '#';
    handshake(S);
    for (uint32_t i = 0; i < 100; i++) {
        data(S, CLIENT, i * 60000, many);
        S->log_length = 0;
    }
    S->log[0] = '\0';
    data(S, CLIENT, 60000, "bbbb"); /* long forgotten: neither equal nor different */
    data(S, CLIENT, 60000, "aaaa");
    expect(S, "");
    data(S, CLIENT, 5999990, "aaaa");
    expect(S, "repeated c 5999990 \"aaaa\" frame 106\n");
    cr_assert(wtr_flows_counts(S->flows).repeated == 3);
}

Test(flows, keep_alive_probes_are_no_retransmissions)
{
    handshake(S);
    data(S, CLIENT, 0, "@abc\n");
    data(S, CLIENT, 4, "");
    data(S, CLIENT, 4, "\n");
    raw_segment(S, CLIENT, S->isn[CLIENT] + 5, S->isn[SERVER] + 1, WTR_TCP_ACK, "\0", 1);
    data(S, CLIENT, 5, "@d\n");
    expect(S, "open at start\nclaimed 1 started\nc 0 @abc\nc 5 @d\n");
    struct wtr_flow_counts counts = wtr_flows_counts(S->flows);
    cr_assert(counts.repeated == 0 && counts.altered == 0);
}

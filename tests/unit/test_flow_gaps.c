/* SPDX-License-Identifier: Apache-2.0 */
/* What a capture lost: when it counts as lost, what is said of it, and what is still read. */
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

TestSuite(flow_gaps, .init = begin, .fini = end);

#define CLAIMED "open at start\nclaimed 1 started\n"

static void claimed(void)
{
    handshake(S);
    data(S, CLIENT, 0, "@a\n");
    expect(S, CLAIMED "c 0 @a\n");
}

/* Twelve lines "@AA\n" to "@LL\n", of which `lost` is not captured; the other end acknowledges them all. */
static void lines(uint32_t lost)
{
    for (uint32_t i = 0; i < 12; i++) {
        char line[5] = {'@', (char)('A' + i), (char)('A' + i), '\n', '\0'};
        if (i != lost)
            data(S, CLIENT, 3 + 4 * i, line);
        ack(S, SERVER, 3 + 4 * (i + 1));
        pass(S, 400);
    }
}

Test(flow_gaps, loss_at_each_place)
{
    for (uint32_t lost = 0; lost < 12; lost++) {
        char expected[2000] = "";
        size_t n = 0;
        script_end(S);
        script_begin(S);
        claimed();
        lines(lost);
        segment(S, CLIENT, 51, WTR_TCP_FIN | WTR_TCP_ACK, "");
        segment(S, SERVER, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
        wtr_flows_finish(S->flows);
        /* frames: three, the claim, then two a line but for the lost one */
        unsigned next_frame = 5 + 2 * lost + 1;
        for (uint32_t i = 0; i < 12; i++) {
            if (i == lost) {
                unsigned after = lost < 11 ? next_frame : 5 + 2 * 11 + 1;
                n += (size_t)snprintf(expected + n, sizeof expected - n, "gap c %u+4 before frame %u\n",
                                      3 + 4 * lost, after);
            } else if (lost + 1 == i) { /* the stand-in for a protocol resynchronises with the next line */
                n += (size_t)snprintf(expected + n, sizeof expected - n, "finding %u @%c%c: skipped\n",
                                      3 + 4 * i, 'A' + i, 'A' + i);
            } else {
                n += (size_t)snprintf(expected + n, sizeof expected - n, "c %u @%c%c\n", 3 + 4 * i, 'A' + i,
                                      'A' + i);
            }
        }
        snprintf(expected + n, sizeof expected - n, "closing c fin frame %u\nclosed 1 fin\nclose\n",
                 (unsigned)S->frame - 1);
        if (lost == 11) /* the acknowledgement showed that more had been sent, then the FIN did */
            cr_assert(wtr_flows_counts(S->flows).lost_bytes == 4);
        expect(S, expected);
        cr_assert(wtr_flows_counts(S->flows).gaps == 1 && wtr_flows_counts(S->flows).lost_bytes == 4);
    }
}

Test(flow_gaps, each_segment_twice)
{
    for (uint32_t twice = 0; twice < 12; twice++) {
        char expected[200];
        script_end(S);
        script_begin(S);
        claimed();
        lines(99);
        S->log_length = 0;
        char line[5] = {'@', (char)('A' + twice), (char)('A' + twice), '\n', '\0'};
        data(S, CLIENT, 3 + 4 * twice, line);
        snprintf(expected, sizeof expected, "repeated c %u \"%s\" frame 29\n", 3 + 4 * twice, line);
        expect(S, expected);
        cr_assert(wtr_flows_counts(S->flows).repeated == 1);
    }
}

Test(flow_gaps, what_is_not_acknowledged_is_waited_for)
{
    claimed();
    ack(S, SERVER, 3);
    for (uint32_t i = 0; i < 100; i++) {
        data(S, CLIENT, 8 + 3 * i, "@x\n");
        ack(S, SERVER, 3); /* it has only what came before the hole */
        pass(S, 1000);
    }
    expect(S, "");
    data(S, CLIENT, 3, "@bcd\n");
    cr_assert(strstr(S->log, "c 3 @bcd\nc 8 @x\nc 11 @x\n") == S->log);
    cr_assert(wtr_flows_counts(S->flows).gaps == 0);
}

Test(flow_gaps, an_acknowledged_hole_is_given_three_segments_and_a_second)
{
    claimed();
    data(S, CLIENT, 8, "@x\n");
    ack(S, SERVER, 11);
    pass(S, 5000);
    data(S, CLIENT, 11, "@y\n");
    data(S, CLIENT, 14, "@z\n");
    expect(S, "");
    data(S, CLIENT, 17, "@z\n");
    expect(S, "gap c 3+5 before frame 5\nfinding 8 @x: skipped\nc 11 @y\nc 14 @z\nc 17 @z\n");
    data(S, CLIENT, 3, "@bcd\n"); /* too late: it must not be read behind what came after it */
    expect(S, "");
}

Test(flow_gaps, each_hole_is_given_its_own_time)
{
    claimed();
    data(S, CLIENT, 8, "@x\n");
    ack(S, SERVER, 11);
    for (uint32_t i = 0; i < 3; i++) {
        pass(S, 500);
        data(S, CLIENT, 11 + 3 * i, "@y\n");
    }
    expect(S, "gap c 3+5 before frame 5\nfinding 8 @x: skipped\nc 11 @y\nc 14 @y\nc 17 @y\n");
    for (uint32_t i = 0; i < 6; i++) { /* behind a second hole, which the other end does not have either */
        pass(S, 500);
        data(S, CLIENT, 25 + 3 * i, "@z\n");
        ack(S, SERVER, 20);
    }
    ack(S, SERVER, 43); /* now it has: the capture may still bring it */
    data(S, CLIENT, 43, "@z\n");
    expect(S, "");
    data(S, CLIENT, 20, "@bcd\n");
    cr_assert(strstr(S->log, "c 20 @bcd\nc 25 @z\n") == S->log);
}

Test(flow_gaps, or_many_segments_without_delay)
{
    claimed();
    data(S, CLIENT, 8, "@x\n");
    ack(S, SERVER, 11);
    for (uint32_t i = 0; i < 31; i++)
        data(S, CLIENT, 11 + 3 * i, "@y\n");
    expect(S, "");
    data(S, CLIENT, 11 + 3 * 31, "@z\n");
    cr_assert(strstr(S->log, "gap c 3+5 before frame 5\nfinding 8 @x: skipped\nc 11 @y\n") == S->log);
    cr_assert(strstr(S->log, "c 104 @z\n") != NULL);
}

Test(flow_gaps, one_side_alone_is_given_half_a_minute)
{
    raw_segment(S, CLIENT, S->isn[CLIENT], 0, WTR_TCP_SYN, "", 0);
    data(S, CLIENT, 0, "@a\n");
    data(S, CLIENT, 8, "@x\n");
    pass(S, 20000);
    data(S, CLIENT, 11, "@y\n");
    expect(S, CLAIMED "c 0 @a\n");
    pass(S, 10000);
    data(S, CLIENT, 14, "@z\n");
    expect(S, "gap c 3+5 before frame 3\nfinding 8 @x: skipped\nc 11 @y\nc 14 @z\n");
}

Test(flow_gaps, two_holes_are_two_gaps)
{
    claimed();
    data(S, CLIENT, 8, "@x\n");
    data(S, CLIENT, 20, "@y\n");
    wtr_flows_finish(S->flows);
    expect(S, "gap c 3+5 before frame 5\nfinding 8 @x: skipped\ngap c 11+9 before frame 6\n"
              "finding 20 @y: skipped\nclosed 1 capture end\nclose\n");
    struct wtr_flow_counts counts = wtr_flows_counts(S->flows);
    cr_assert(counts.gaps == 2 && counts.lost_bytes == 14);
}

Test(flow_gaps, the_first_bytes_after_the_handshake)
{
    handshake(S);
    ack(S, SERVER, 16); /* the client's first sixteen bytes were not captured */
    data(S, SERVER, 0, "@ok\n");
    data(S, CLIENT, 16, "@b\n");
    expect(S, "open at start\nclaimed 1 started\ns 0 @ok\n");
    wtr_flows_finish(S->flows);
    expect(S, "gap c 0+16 before frame 6\nfinding 16 @b: skipped\nclosed 1 capture end\nclose\n");
}

Test(flow_gaps, a_message_whose_end_is_lost)
{
    claimed();
    data(S, CLIENT, 3, "@begun");
    data(S, CLIENT, 12, "@x\n");
    wtr_flows_finish(S->flows);
    expect(S, "finding 3 @begu: the message's end was lost\ngap c 9+3 before frame 6\n"
              "finding 12 @x: skipped\nclosed 1 capture end\nclose\n");
}

Test(flow_gaps, a_message_whose_end_never_came)
{
    claimed();
    data(S, CLIENT, 3, "@begun");
    segment(S, CLIENT, 9, WTR_TCP_FIN | WTR_TCP_ACK, "");
    wtr_flows_finish(S->flows);
    expect(S,
           "closing c fin frame 6\nfinding 3 @begu: the stream ends within a message\nclosed 1 fin\nclose\n");
}

Test(flow_gaps, the_last_bytes_are_known_to_be_lost)
{
    claimed();
    ack(S, SERVER, 10);
    segment(S, CLIENT, 10, WTR_TCP_FIN | WTR_TCP_ACK, "");
    wtr_flows_finish(S->flows);
    expect(S, "gap c 3+7 before frame 6\nclosing c fin frame 6\nclosed 1 fin\nclose\n");
}

Test(flow_gaps, an_acknowledged_fin_that_was_not_seen_is_no_gap)
{
    claimed();
    ack(S, SERVER, 4);
    wtr_flows_finish(S->flows);
    expect(S, "closed 1 capture end\nclose\n");
}

Test(flow_gaps, acknowledged_and_not_seen)
{
    claimed();
    ack(S, SERVER, 40);
    wtr_flows_finish(S->flows);
    expect(S, "gap c 3+37 before frame 5\nclosed 1 capture end\nclose\n");
}

Test(flow_gaps, cut_by_the_capture)
{
    claimed();
    S->cut = 5;
    data(S, CLIENT, 3, "@b\n@cd\n"); /* two bytes are not there */
    data(S, CLIENT, 10, "@e\n");
    expect(S, "c 3 @b\n");
    wtr_flows_finish(S->flows);
    expect(S, "finding 6 @: the message's end was lost\ngap c 8+2 before frame 6\nfinding 10 @e: skipped\n"
              "closed 1 capture end\nclose\n");
}

Test(flow_gaps, cut_and_then_whole)
{
    claimed();
    S->cut = 5;
    data(S, CLIENT, 3, "@b\n@cd\n");
    S->cut = UINT32_MAX;
    data(S, CLIENT, 10, "@e\n");
    data(S, CLIENT, 3, "@b\n@cd\n");
    expect(S, "c 3 @b\nc 6 @cd\nrepeated c 3 \"@b\n@c\" frame 7\nc 10 @e\n");
    wtr_flows_finish(S->flows);
    expect(S, "closed 1 capture end\nclose\n");
}

Test(flow_gaps, nothing_but_headers_captured)
{
    S->cut = 0;
    handshake(S);
    for (uint32_t i = 0; i < 100; i++)
        data(S, CLIENT, 3 * i, "@b\n");
    wtr_flows_finish(S->flows);
    expect(S, "");
}

Test(flow_gaps, the_stream_bound)
{
    script_end(S);
    S->limits.stream_buffer = 4096;
    script_begin(S);
    claimed();
    char line[101];
    memset(line, 'x', 100);
    line[99] = '\n';
    line[100] = '\0';
    for (uint32_t i = 0; i < 30; i++) {
        data(S, CLIENT, 10 + 100 * i, line);
        cr_assert(S->flows->pool.held <= 4096);
    }
    cr_assert(strstr(S->log, "gap c 3+7 before frame 5\n") == S->log, "%s", S->log);
    cr_assert(wtr_flows_counts(S->flows).overflowed == 1);
    data(S, CLIENT, 3010, "@y\n");
    cr_assert(strstr(S->log, "c 3010 @y\n") != NULL, "in step again, nothing waits");
}

Test(flow_gaps, a_message_larger_than_the_bound)
{
    script_end(S);
    S->limits.stream_buffer = 1000;
    script_begin(S);
    claimed();
    data(S, CLIENT, 3, "@b\n@");
    expect(S, "c 3 @b\n");
    char part[101];
    memset(part, 'x', 100);
    part[100] = '\0';
    for (uint32_t i = 0; i < 8; i++) {
        data(S, CLIENT, 7 + 100 * i, part);
        cr_assert(S->flows->pool.held <= 1000);
    }
    cr_assert(strstr(S->log, ": no room to wait for the message's end\ngap c 6+") != NULL);
    cr_assert(wtr_flows_counts(S->flows).overflowed == 1);
    data(S, CLIENT, 807, "\n@c\n");
    cr_assert(strstr(S->log, "c 808 @c\n") != NULL);
    struct wtr_flow_counts counts = wtr_flows_counts(S->flows);
    cr_assert(counts.gaps == 1 && counts.lost_bytes >= 501 && counts.lost_bytes % 100 == 1);
}

Test(flow_gaps, the_total_bound_takes_from_the_largest)
{
    script_end(S);
    S->limits.total_buffer = 20000;
    script_begin(S);
    char part[1001];
    memset(part, 'x', 1000);
    part[1000] = '\0';
    for (uint16_t i = 0; i < 10; i++) {
        S->port[CLIENT] = (uint16_t)(40000 + i);
        handshake(S);
        data(S, CLIENT, 0, "@a\n");
        data(S, CLIENT, 10, i == 4 ? part : "@b\n");
    }
    S->log_length = 0;
    S->port[CLIENT] = 40004;
    for (uint32_t i = 1; i < 18; i++) {
        data(S, CLIENT, 10 + 1000 * i, part);
        cr_assert(S->flows->pool.held <= 20000);
    }
    cr_assert(strstr(S->log, "gap c 3+7 before frame") == S->log);
    cr_assert(wtr_flows_counts(S->flows).gaps >= 1 && wtr_flows_counts(S->flows).overflowed >= 1);
    S->log_length = 0;
    S->port[CLIENT] = 40007; /* the small ones keep what they have */
    data(S, CLIENT, 3, "@abcde\n");
    expect(S, "c 3 @abcde\nc 10 @b\n");
}

Test(flow_gaps, many_tiny_segments_out_of_order_stay_bounded)
{
    claimed();
    for (uint32_t i = 0; i < 5000; i++)
        data(S, CLIENT, 20000 - 2 * i, "x");
    cr_assert(S->flows->pool.held <= WTR_STREAM_MAX_WAITING * 128);
    cr_assert(wtr_flows_counts(S->flows).overflowed > 0);
}

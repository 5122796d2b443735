/* SPDX-License-Identifier: Apache-2.0 */
/* How connections end, and how others begin on the same ports or in their place in the table. */
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

static void begin_with(struct wtr_flow_limits limits)
{
    script_end(S);
    S->limits = limits;
    script_begin(S);
}

TestSuite(flow_life, .init = begin, .fini = end);

#define CLAIMED "open at start\nclaimed 1 started\n"

static void claimed(void)
{
    handshake(S);
    data(S, CLIENT, 0, "@a\n");
    expect(S, CLAIMED "c 0 @a\n");
}

static void syn(void)
{
    raw_segment(S, CLIENT, S->isn[CLIENT], 0, WTR_TCP_SYN, "", 0);
}

/* ---- ends ---- */

Test(flow_life, a_reset)
{
    claimed();
    segment(S, SERVER, 0, WTR_TCP_RST | WTR_TCP_ACK, "");
    expect(S, "closing s rst frame 5\n");
    data(S, CLIENT, 3, "@late\n");
    data(S, SERVER, 0, "@late\n");
    pass(S, 11000);
    S->port[CLIENT]++;
    syn(); /* any packet shows that time has passed */
    expect(S, "closed 1 rst\nclose\n");
    cr_assert(S->flows->pool.held == 0);
}

Test(flow_life, payload_comes_before_the_fin_of_its_segment)
{
    claimed();
    segment(S, CLIENT, 3, WTR_TCP_FIN | WTR_TCP_ACK | WTR_TCP_PSH, "@bye\n");
    expect(S, "c 3 @bye\nclosing c fin frame 5\n");
}

Test(flow_life, a_fin_that_comes_before_the_last_bytes)
{
    claimed();
    segment(S, CLIENT, 6, WTR_TCP_FIN | WTR_TCP_ACK, "");
    segment(S, SERVER, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
    expect(S, "");
    data(S, CLIENT, 3, "@b\n");
    expect(S, "c 3 @b\nclosing c fin frame 5\n");
    wtr_flows_finish(S->flows);
    expect(S, "closed 1 fin\nclose\n");
}

Test(flow_life, a_fin_that_comes_before_the_last_byte)
{
    claimed();
    data(S, CLIENT, 3, "@b");
    segment(S, CLIENT, 6, WTR_TCP_FIN | WTR_TCP_ACK, "");
    data(S, CLIENT, 5, "\n"); /* where a keep-alive probe would lie, but it is not there yet */
    expect(S, "c 3 @b\nclosing c fin frame 6\n");
}

Test(flow_life, a_fin_among_bytes_that_came_is_none)
{
    claimed();
    data(S, CLIENT, 3, "@b\n");
    segment(S, CLIENT, 3, WTR_TCP_FIN | WTR_TCP_ACK, "");
    data(S, CLIENT, 6, "@c\n");
    expect(S, "c 3 @b\nc 6 @c\n");
}

Test(flow_life, both_fins_come_before_the_first_bytes)
{
    handshake(S);
    data(S, CLIENT, 5, "@b\n");
    segment(S, CLIENT, 8, WTR_TCP_FIN | WTR_TCP_ACK, "");
    segment(S, SERVER, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
    expect(S, "");
    data(S, CLIENT, 0, "@abc\n");
    expect(S, CLAIMED "c 0 @abc\nc 5 @b\nclosing c fin frame 5\n");
}

Test(flow_life, a_reset_that_comes_before_the_last_bytes)
{
    claimed();
    data(S, CLIENT, 9, "@c\n");
    segment(S, CLIENT, 12, WTR_TCP_RST, "");
    expect(S, "");
    data(S, CLIENT, 12, "@never\n");
    data(S, CLIENT, 3, "@bbbb\n");
    expect(S, "c 3 @bbbb\nc 9 @c\nclosing c rst frame 6\n");
}

Test(flow_life, half_closed)
{
    claimed();
    segment(S, CLIENT, 3, WTR_TCP_FIN | WTR_TCP_ACK, "");
    pass(S, 60000);
    data(S, SERVER, 0, "@still here\n");
    expect(S, "closing c fin frame 5\ns 0 @still here\n");
    wtr_flows_finish(S->flows);
    expect(S, "closed 1 capture end\nclose\n");
}

Test(flow_life, one_fin_and_nothing_followed)
{
    claimed();
    segment(S, SERVER, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
    segment(S, SERVER, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
    expect(S, "closing s fin frame 5\n");
    wtr_flows_finish(S->flows);
    expect(S, "closed 1 fin\nclose\n");
}

Test(flow_life, bytes_behind_a_fin_are_ignored)
{
    claimed();
    segment(S, CLIENT, 3, WTR_TCP_FIN | WTR_TCP_ACK, "");
    data(S, CLIENT, 3, "@b\n");
    expect(S, "closing c fin frame 5\n");
    cr_assert(wtr_flows_counts(S->flows).ignored == 1);
}

Test(flow_life, stragglers_of_a_closed_flow_begin_none)
{
    claimed();
    segment(S, CLIENT, 3, WTR_TCP_FIN | WTR_TCP_ACK, "");
    segment(S, SERVER, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
    data(S, CLIENT, 0, "@a\n"); /* seen twice while it lingers */
    expect(S, "closing c fin frame 5\nrepeated c 0 \"@a\n\" frame 7\n");
    pass(S, 11000);
    S->port[CLIENT]++;
    syn(); /* any packet shows that time has passed */
    S->port[CLIENT]--;
    expect(S, "closed 1 fin\nclose\n");
    data(S, CLIENT, 0, "@a\n");
    segment(S, SERVER, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
    segment(S, SERVER, 1, WTR_TCP_RST, "");
    syn();
    expect(S, "");
    cr_assert(wtr_flows_counts(S->flows).flows == 2);
    pass(S, 31000);
    data(S, CLIENT, 77, "@other\n"); /* another connection, whose beginning was not seen */
    expect(S, "open mid-stream\nclaimed 2 guessed\nc 0 @other\n");
}

/* ---- the same ports again ---- */

Test(flow_life, ports_are_reused)
{
    claimed();
    data(S, CLIENT, 3, "@half");
    S->isn[CLIENT] += 5000;
    S->isn[SERVER] += 5000;
    handshake(S);
    expect(S, "finding 3 @hal: the stream ends within a message\nclosed 1 reused\nclose\n");
    data(S, SERVER, 0, "@b\n");
    expect(S, "open at start\nclaimed 2 started\ns 0 @b\n");
    cr_assert(wtr_flows_counts(S->flows).flows == 2);
}

Test(flow_life, ports_are_reused_after_both_closed)
{
    claimed();
    segment(S, CLIENT, 3, WTR_TCP_FIN | WTR_TCP_ACK, "");
    segment(S, SERVER, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
    S->isn[CLIENT] += 5000;
    handshake(S);
    expect(S, "closing c fin frame 5\nclosed 1 fin\nclose\n");
    data(S, CLIENT, 0, "@b\n");
    expect(S, "open at start\nclaimed 2 started\nc 0 @b\n");
}

Test(flow_life, a_syn_again_changes_nothing)
{
    syn();
    syn();
    raw_segment(S, SERVER, S->isn[SERVER], S->isn[CLIENT] + 1, WTR_TCP_SYN | WTR_TCP_ACK, "", 0);
    syn();
    raw_segment(S, SERVER, S->isn[SERVER], S->isn[CLIENT] + 1, WTR_TCP_SYN | WTR_TCP_ACK, "", 0);
    data(S, CLIENT, 0, "@a\n");
    syn();
    data(S, CLIENT, 3, "@b\n");
    expect(S, CLAIMED "c 0 @a\nc 3 @b\n");
    cr_assert(wtr_flows_counts(S->flows).flows == 1);
}

/* A plug without a random generator that lost power counts from the same number on the same port. */
Test(flow_life, the_same_syn_much_later_is_another_connection)
{
    claimed();
    pass(S, 20000);
    handshake(S);
    data(S, CLIENT, 0, "@a\n");
    expect(S, "closed 1 reused\nclose\nopen at start\nclaimed 2 started\nc 0 @a\n");
}

/* RFC 9293 figure 9: the other end still holds the old connection, answers for it, and is reset. */
Test(flow_life, an_old_connection_is_reset_by_the_new_one)
{
    claimed();
    data(S, SERVER, 0, "@b\n");
    uint32_t old = S->isn[SERVER] + 4;
    uint32_t old_client = S->isn[CLIENT] + 4;
    S->isn[CLIENT] += 70000;
    syn();
    raw_segment(S, SERVER, old, old_client, WTR_TCP_ACK, "", 0);
    raw_segment(S, CLIENT, old_client, 0, WTR_TCP_RST, "", 0);
    S->isn[SERVER] += 9000;
    handshake(S);
    data(S, CLIENT, 0, "@new\n");
    expect(S, "s 0 @b\nclosed 1 reused\nclose\nopen at start\nclaimed 2 started\nc 0 @new\n");
    cr_assert(wtr_flows_counts(S->flows).flows == 2);
}

Test(flow_life, such_a_reset_behind_a_greeting)
{
    handshake(S);
    data(S, SERVER, 0, "@hi\n");
    segment(S, CLIENT, 500, WTR_TCP_RST, ""); /* the client has sent nothing: its next number is known */
    data(S, CLIENT, 0, "@a\n");
    data(S, SERVER, 4, "@b\n");
    expect(S, CLAIMED "s 0 @hi\nc 0 @a\ns 4 @b\n");
}

Test(flow_life, an_answer_to_a_syn_that_was_not_seen)
{
    handshake(S);
    raw_segment(S, SERVER, 555, S->isn[CLIENT] + 1, WTR_TCP_SYN | WTR_TCP_ACK, "", 0);
    cr_assert(wtr_flows_counts(S->flows).flows == 1, "another answer to the same");
    raw_segment(S, SERVER, 777, S->isn[CLIENT] + 900001, WTR_TCP_SYN | WTR_TCP_ACK, "", 0);
    cr_assert(wtr_flows_counts(S->flows).flows == 2);
}

Test(flow_life, a_refused_connection_and_the_next)
{
    syn();
    raw_segment(S, SERVER, 0, S->isn[CLIENT] + 1, WTR_TCP_RST | WTR_TCP_ACK, "", 0);
    S->isn[CLIENT] += 64000;
    claimed();
    cr_assert(wtr_flows_counts(S->flows).flows == 2);
}

Test(flow_life, a_reset_of_nowhere_is_ignored)
{
    claimed();
    segment(S, SERVER, 50000000, WTR_TCP_RST, "");
    raw_segment(S, CLIENT, S->isn[CLIENT] - 20, 0, WTR_TCP_RST, "", 0);
    data(S, CLIENT, 3, "@b\n");
    expect(S, "c 3 @b\n");
}

Test(flow_life, another_connection_whose_syn_was_lost)
{
    claimed();
    data(S, CLIENT, 1 << 30, "@stray\n"); /* one alone is no proof */
    data(S, CLIENT, 3, "@b\n");
    expect(S, "c 3 @b\n");
    for (uint32_t i = 0; i < 5; i++)
        data(S, CLIENT, (1 << 30) + 100 * i, "@stray\n"); /* nor are several that do not follow one another */
    data(S, CLIENT, 6, "@c\n");
    expect(S, "c 6 @c\n");
    S->isn[CLIENT] += 1 << 30;
    data(S, CLIENT, 0, "@x\n");
    data(S, CLIENT, 3, "@y\n");
    data(S, CLIENT, 6, "@z\n");
    expect(S, "closed 1 reused\nclose\nopen mid-stream\nclaimed 2 guessed\nc 0 @z\n");
    cr_assert(wtr_flows_counts(S->flows).ignored == 9);
}

/* ---- bounds ---- */

Test(flow_life, the_longest_idle_unclaimed_flow_goes_first)
{
    begin_with((struct wtr_flow_limits){.flows = 8});
    claimed();
    for (uint16_t i = 1; i < 30; i++) {
        S->port[CLIENT] = (uint16_t)(41000 + i);
        handshake(S);
        data(S, CLIENT, 0, "nope");
    }
    S->port[CLIENT] = 40000;
    data(S, CLIENT, 3, "@b\n");
    expect(S, "c 3 @b\n");
    struct wtr_flow_counts counts = wtr_flows_counts(S->flows);
    cr_assert(counts.flows == 30 && counts.evicted == 22 && counts.peak_flows == 8);
}

Test(flow_life, flows_that_have_long_been_over_take_no_room)
{
    claimed();
    for (uint16_t i = 1; i < 2000; i++) {
        S->port[CLIENT] = (uint16_t)(41000 + i);
        handshake(S);
        segment(S, CLIENT, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
        segment(S, SERVER, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
        pass(S, 10000);
    }
    struct wtr_flow_counts counts = wtr_flows_counts(S->flows);
    cr_assert(counts.flows == 2000 && counts.evicted == 0);
    cr_assert(counts.peak_flows < 200, "%u", (unsigned)counts.peak_flows);
    S->port[CLIENT] = 40000;
    data(S, CLIENT, 3, "@b\n");
    expect(S, "c 3 @b\n");
}

Test(flow_life, claimed_flows_make_room_for_new_ones_in_the_end)
{
    begin_with((struct wtr_flow_limits){.flows = 4});
    for (uint16_t i = 0; i < 6; i++) {
        S->port[CLIENT] = (uint16_t)(41000 + i);
        handshake(S);
        data(S, CLIENT, 0, "@a");
        data(S, CLIENT, 2, "\n");
    }
    expect(S, "open at start\nclaimed 1 started\nc 0 @a\nopen at start\nclaimed 2 started\nc 0 @a\n"
              "open at start\nclaimed 3 started\nc 0 @a\nopen at start\nclaimed 4 started\nc 0 @a\n"
              "closed 1 evicted\nclose\nopen at start\nclaimed 5 started\nc 0 @a\n"
              "closed 2 evicted\nclose\nopen at start\nclaimed 6 started\nc 0 @a\n");
    wtr_flows_finish(S->flows);
    expect(S, "closed 3 capture end\nclose\nclosed 4 capture end\nclose\nclosed 5 capture end\nclose\n"
              "closed 6 capture end\nclose\n");
}

static void play_on_port(uint16_t port, uint32_t at, const char *text)
{
    S->port[CLIENT] = port;
    if (at == 0)
        handshake(S);
    data(S, CLIENT, at, text);
}

Test(flow_life, of_claimed_flows_too_the_longest_idle_goes_first)
{
    begin_with((struct wtr_flow_limits){.flows = 6});
    for (uint16_t i = 0; i < 6; i++)
        play_on_port((uint16_t)(41000 + i), 0, "@a\n");
    play_on_port(41002, 3, "@b\n");
    play_on_port(41000, 3, "@b\n");
    play_on_port(41004, 3, "@b\n");
    S->log_length = 0;
    for (uint16_t i = 6; i < 12; i++)
        play_on_port((uint16_t)(41000 + i), 0, "@a\n");
    const char *at = S->log;
    static const char *const order[] = {"closed 2 e", "closed 4 e", "closed 6 e",
                                        "closed 3 e", "closed 1 e", "closed 5 e"};
    for (int i = 0; i < 6; i++) {
        at = strstr(at, order[i]);
        cr_assert_not_null(at, "%s is missing or too early in:\n%s", order[i], S->log);
    }
}

Test(flow_life, new_flows_have_time_to_be_recognised_in_a_table_of_claimed_ones)
{
    begin_with((struct wtr_flow_limits){.flows = 16});
    for (uint16_t i = 0; i < 16; i++)
        play_on_port((uint16_t)(41000 + i), 0, "@a\n");
    play_on_port(42000, 0, "@");
    play_on_port(42001, 0, "@");
    S->log_length = 0;
    play_on_port(42000, 1, "x\n");
    play_on_port(42001, 1, "y\n");
    expect(S, "open at start\nclaimed 17 started\nc 0 @x\nopen at start\nclaimed 18 started\nc 0 @y\n");
}

Test(flow_life, one_flow_at_a_time)
{
    begin_with((struct wtr_flow_limits){.flows = 1});
    claimed();
    S->port[CLIENT]++;
    handshake(S);
    expect(S, "closed 1 evicted\nclose\n");
    data(S, CLIENT, 0, "@b\n");
    expect(S, "open at start\nclaimed 2 started\nc 0 @b\n");
}

Test(flow_life, undecided_flows_are_bounded)
{
    begin_with((struct wtr_flow_limits){.flows = 64});
    for (uint16_t i = 0; i < 20; i++) {
        S->port[CLIENT] = (uint16_t)(41000 + i);
        handshake(S);
        data(S, CLIENT, 0, "@a");
    }
    cr_assert(S->flows->table.order[WTR_FLOWS_UNDECIDED].count == 16);
    data(S, CLIENT, 2, "\n");
    S->port[CLIENT] = 41000; /* what was kept of it is gone, but it is looked at again */
    data(S, CLIENT, 2, "\n@b\n");
    data(S, CLIENT, 6, "@c\n");
    expect(S, "open at start\nclaimed 1 started\nc 0 @a\n"
              "open mid-stream\nclaimed 2 started\nc 0 @c\n");
}

Test(flow_life, what_undecided_flows_hold_back_is_offered_at_the_end)
{
    handshake(S);
    data(S, CLIENT, 5, "@b\n"); /* behind a hole that nobody acknowledged */
    S->port[CLIENT]++;
    handshake(S);
    data(S, CLIENT, 5, "@c\n");
    expect(S, "");
    wtr_flows_finish(S->flows);
    expect(S, "open mid-stream\nclaimed 1 started\nc 0 @b\nopen mid-stream\nclaimed 2 started\nc 0 @c\n"
              "closed 1 capture end\nclose\nclosed 2 capture end\nclose\n");
}

Test(flow_life, chains_of_the_table_are_bounded)
{
    struct wtr_flow_table table;
    struct wtr_flow_key key = {{{{0}}}, {1, 2}};
    cr_assert(wtr_flow_table_init(&table, 100000) == WTR_OK);
    uint32_t longest = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        memcpy(key.ip[0].bytes, &i, sizeof i);
        struct wtr_flow_record *old = wtr_flow_table_in_the_way(&table, &key);
        cr_assert_null(old, "an honest key finds room");
        wtr_flow_table_add(&table, &key)->hash = 7; /* as if all had collided */
    }
    for (uint32_t b = 0; b <= table.mask; b++) {
        uint32_t length = 0;
        for (uint32_t i = table.buckets[b]; i; i = table.records[i].chain)
            length++;
        longest = length > longest ? length : longest;
    }
    cr_assert(longest < 16, "%u of 100,000 keys in one of 131,072 chains", longest);
    wtr_flow_table_free(&table);
}

/* Keys that were searched for: all of them fall into one chain. */
Test(flow_life, ends_that_collide_take_each_others_place)
{
    begin_with((struct wtr_flow_limits){.flows = 4096});
    struct wtr_flow_table *table = &S->flows->table;
    unsigned found = 0;
    for (uint32_t i = 0; found < 100; i++) {
        memcpy(S->ip[CLIENT].bytes, &i, sizeof i);
        struct wtr_headers headers = {
            .src = S->ip[CLIENT], .dst = S->ip[SERVER], .src_port = 40000, .dst_port = 1999};
        struct wtr_flow_key key;
        wtr_flow_key_of(&key, &headers);
        struct wtr_flow_record *probe = wtr_flow_table_add(table, &key);
        uint32_t bucket = probe->hash & table->mask;
        wtr_flow_table_remove(table, probe);
        if (bucket != 0)
            continue;
        found++;
        handshake(S);
        data(S, CLIENT, 0, found == 1 ? "@a\n" : "nope");
    }
    expect(S, CLAIMED "c 0 @a\n");
    cr_assert(table->live == 32 && wtr_flows_counts(S->flows).evicted == 68);
    S->ip[CLIENT].bytes[0] = S->ip[CLIENT].bytes[1] = S->ip[CLIENT].bytes[2] = S->ip[CLIENT].bytes[3] = 0;
    uint32_t length = 0;
    for (uint32_t i = table->buckets[0]; i; i = table->records[i].chain)
        length++;
    cr_assert(length == 32);
}

Test(flow_life, records_are_small)
{
    cr_assert(sizeof(struct wtr_flow_record) <= 128);
}

/* ---- odd packets ---- */

/* A segment whose bytes lie in two frames, as the IP layer hands it over. */
static void fragmented(uint32_t at, const char *first, const char *second)
{
    size_t lengths[2] = {strlen(first), strlen(second)};
    struct wtr_piece pieces[2];
    char text[100];
    snprintf(text, sizeof text, "%s%s", first, second);
    for (int i = 0; i < 2; i++) {
        S->frame++;
        size_t record = script_write(S, i ? second : first, lengths[i]);
        pieces[i] = (struct wtr_piece){.at = i ? lengths[0] : 0,
                                       .length = lengths[i],
                                       .offset = record + SCRIPT_RECORD + SCRIPT_HEADERS,
                                       .record_offset = record,
                                       .frame = S->frame,
                                       .time_ns = S->now};
    }
    struct wtr_packet packet = {.has_time = true, .time_ns = S->now, .frame = S->frame};
    struct wtr_headers headers = {.src = S->ip[CLIENT],
                                  .dst = S->ip[SERVER],
                                  .src_port = S->port[CLIENT],
                                  .dst_port = S->port[SERVER],
                                  .seq = S->isn[CLIENT] + 1 + at,
                                  .length = (uint32_t)(lengths[0] + lengths[1]),
                                  .captured = (uint32_t)(lengths[0] + lengths[1])};
    struct wtr_span span = {(const uint8_t *)text, lengths[0] + lengths[1], pieces, 2, NULL};
    wtr_flows_add(S->flows, &packet, &headers, &span);
}

Test(flow_life, a_datagram_put_together_from_fragments)
{
    claimed();
    fragmented(3, "@fr", "ag\n@m"); /* spans are checked against the file as they are read */
    fragmented(11, "en", "t\n");
    expect(S, "c 3 @frag\nc 9 @ment\n");
    fragmented(3, "@fr", "ag\n@m");
    expect(S, "repeated c 3 \"@fr\" frame 9\nrepeated c 6 \"ag\n@m\" frame 10\n");
    fragmented(9, "@ment\n@la", "st\n"); /* only its end is new */
    expect(S, "repeated c 9 \"@ment\n\" frame 11\nc 15 @last\n");
}

Test(flow_life, fragments_that_wait)
{
    claimed();
    fragmented(6, "@fr", "ag\n@m");
    data(S, CLIENT, 3, "@b\n");
    fragmented(14, "en", "t\n");
    expect(S, "c 3 @b\nc 6 @frag\nc 12 @ment\n");
}

Test(flow_life, data_in_the_syn)
{
    raw_segment(S, CLIENT, S->isn[CLIENT], 0, WTR_TCP_SYN, "@a\n", 3);
    raw_segment(S, SERVER, S->isn[SERVER], S->isn[CLIENT] + 4, WTR_TCP_SYN | WTR_TCP_ACK, "", 0);
    data(S, CLIENT, 3, "@b\n");
    expect(S, CLAIMED "c 0 @a\nc 3 @b\n");
}

Test(flow_life, acknowledgements_alone_begin_no_flow)
{
    ack(S, CLIENT, 10);
    segment(S, CLIENT, 0, WTR_TCP_FIN | WTR_TCP_ACK, "");
    segment(S, CLIENT, 0, WTR_TCP_RST, "@rst");
    cr_assert(wtr_flows_counts(S->flows).flows == 0);
    data(S, CLIENT, 0, "x");
    cr_assert(wtr_flows_counts(S->flows).flows == 1);
}

Test(flow_life, one_host_speaking_to_itself_on_one_port)
{
    S->ip[SERVER] = S->ip[CLIENT];
    S->port[SERVER] = S->port[CLIENT];
    handshake(S);
    data(S, CLIENT, 0, "@a\n");
    data(S, SERVER, 0, "@b\n");
    segment(S, SERVER, 3, WTR_TCP_RST, "");
    wtr_flows_finish(S->flows);
    cr_assert(wtr_flows_counts(S->flows).peak_flows == 1);
}

Test(flow_life, freed_in_the_middle)
{
    claimed();
    data(S, CLIENT, 3, "@half");
    data(S, CLIENT, 20, "@waits\n");
    data(S, CLIENT, 21, "waits\n");
    S->port[CLIENT]++;
    handshake(S);
    data(S, CLIENT, 0, "@undecided");
    expect(S, "");
}

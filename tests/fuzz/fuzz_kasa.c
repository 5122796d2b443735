/* SPDX-License-Identifier: Apache-2.0 */
/* Kasa: a connection and datagrams, from lines of text, so that a corpus can be read and written by hand:
 *
 *     >text    the client sends the text, enciphered as a message
 *     <text    the device does
 *     ?text    the client sends it as a datagram, enciphered
 *     !text    the device does
 *     *>text   a segment of these very bytes; *< from the device, *? and *! as datagrams
 *     -n       n bytes of the client are lost (0: not known how many); +n of the device
 *     /n       from here on segments have n bytes at most
 *     ~        another connection begins, whose beginning was not seen
 *
 * Every message must have its JSON and its pieces, and is handed to the vendor, whose words are recorded
 * (say_record.c), which traps whatever breaks the contract of say.h. The whole is run twice and must say the
 * same. */
#include "base/map.h"
#include "say_record.h"

#include "kasa_feed.h"
#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_LINES = 200, MAX_SEGMENTS = 48 };

struct run {
    struct kasa_feed feed;
    struct wtr_say *say;
    void *state;
    void *datagrams;
    size_t most; /* bytes in a segment */
    uint64_t heard;
    struct wtr_buffer fields;
    struct wtr_json json;
};

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_pieces(const struct wtr_span *span)
{
    size_t at = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        must(span->pieces[i].at == at && span->pieces[i].length > 0);
        at += span->pieces[i].length;
    }
    must(at == span->length && span->opening && span->opening->keeps_places);
}

static void check_fields(struct run *run, const struct wtr_message *m)
{
    wtr_buffer_clear(&run->fields);
    struct wtr_json_writer w = {.out = &run->fields, .reveal_secrets = m->span.length % 2};
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
    must(run->fields.failed || wtr_json_parse(&run->json, wtr_buffer_text(&run->fields)));
}

static void on_message(void *payload, const struct wtr_message *m)
{
    struct run *run = payload;
    const struct wtr_kasa_body *body = m->body;
    must(body->json->count > 0 && body->json->tokens[0].type == WTR_JSON_OBJECT);
    must(body->question ? m->exchange == body->question->exchange : !body->answer || m->exchange == 0);
    check_pieces(&m->span);
    check_fields(run, m);
    if (body->answer)
        say_record_ends(run->say, "10.0.0.7", 9999, "10.0.0.5", 40000);
    else
        say_record_ends(run->say, "10.0.0.5", 40000, m->session ? "10.0.0.7" : "10.0.0.255", 9999);
    const char *lines = say_record(run->say, &wtr_kasa, run->state, m);
    must(strncmp(lines, "!!", 2) != 0 && !strstr(lines, "\n!!"));
    run->heard = wtr_hash64(lines, strlen(lines), run->heard);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    (void)payload;
    must(at <= span->length && length <= span->length - at && reason && *reason);
}

static void segment(struct run *run, enum wtr_direction direction, const uint8_t *bytes, size_t length)
{
    struct kasa_side *s = &run->feed.side[direction];
    if (length == 0)
        return;
    if (s->piece_count == MAX_SEGMENTS)
        kasa_lose(&run->feed, direction, 0);
    uint8_t *unread = malloc(s->length + length);
    must(unread != NULL);
    if (s->length)
        memcpy(unread, s->bytes, s->length);
    memcpy(unread + s->length, bytes, length);
    free(s->bytes);
    s->bytes = unread;
    s->pieces[s->piece_count++] = (struct wtr_piece){.at = s->length, .length = length, .frame = 1};
    s->length += length;
    struct wtr_span span = {s->bytes, s->length, s->pieces, s->piece_count, NULL};
    struct wtr_sink sink = {.payload = run, .message = on_message, .finding = on_finding};
    size_t need = 0;
    size_t used = wtr_kasa_protocol.stream(run->feed.session, direction, &span, &need, &sink);
    must(used <= s->length && need == 0);
    kasa_discard(s, used);
}

static void segments(struct run *run, enum wtr_direction direction, const uint8_t *bytes, size_t length)
{
    size_t share = run->most ? run->most : length;
    for (size_t at = 0; at < length; at += share)
        segment(run, direction, bytes + at, share < length - at ? share : length - at);
}

static void hand_datagram(struct run *run, bool from_device, const uint8_t *bytes, size_t length)
{
    struct wtr_piece piece = {.length = length, .frame = 1};
    struct wtr_datagram d = {.from = {.port = 40000}, .to = {.port = 9999}};
    struct wtr_probe probe = {.bytes = bytes, .length = length, .client_port = 40000, .server_port = 9999};
    struct wtr_sink sink = {.payload = run, .message = on_message, .finding = on_finding};
    if (from_device)
        d = (struct wtr_datagram){.from = {.port = 9999}, .to = {.port = 40000}};
    d.span = (struct wtr_span){bytes, length, &piece, length ? 1 : 0, NULL};
    if (wtr_kasa_protocol.probe_datagram(&probe) >= WTR_BID_LIKELY)
        wtr_kasa_protocol.datagram(run->datagrams, &d, &sink);
}

/* The bytes in a block of exactly their length. */
static void give(struct run *run, char kind, const uint8_t *bytes, size_t length)
{
    uint8_t *block = malloc(length ? length : 1);
    must(block != NULL);
    memcpy(block, bytes, length);
    struct wtr_probe probe = {.bytes = block, .length = length, .server_port = 9999};
    (void)wtr_kasa_protocol.probe_stream(&probe);
    if (kind == '>' || kind == '<')
        segments(run, kind == '>' ? WTR_FROM_CLIENT : WTR_FROM_SERVER, block, length);
    else if (kind == '?' || kind == '!')
        hand_datagram(run, kind == '!', block, length);
    free(block);
}

static void encipher(struct run *run, char kind, struct wtr_text text)
{
    uint8_t made[4100];
    bool stream = kind == '>' || kind == '<';
    size_t length = text.length < 4096 ? text.length : 4096;
    uint8_t *body = made + (stream ? 4 : 0);
    for (size_t i = 0; i < length; i++)
        body[i] = (uint8_t)((uint8_t)text.data[i] ^ (i ? body[i - 1] : 0xab));
    if (stream)
        memcpy(made, (uint8_t[]){0, 0, (uint8_t)(length >> 8), (uint8_t)length}, 4);
    give(run, kind, made, length + (stream ? 4 : 0));
}

static size_t number(struct wtr_text text)
{
    int64_t value = 0;
    return wtr_decimal_int(text, &value) && value >= 0 && value < 100000 ? (size_t)value : 0;
}

static void begin(struct run *run, bool mid_stream)
{
    for (int i = 0; i < 2; i++) {
        kasa_discard(&run->feed.side[i], run->feed.side[i].length);
        run->feed.side[i].piece_count = 0;
    }
    if (run->feed.session) {
        wtr_kasa_protocol.close(run->feed.session);
        free(run->feed.session);
    }
    run->feed.session = calloc(1, wtr_kasa_protocol.session_size);
    must(run->feed.session != NULL);
    wtr_kasa_protocol.open(run->feed.session, &(struct wtr_session_setup){.mid_stream = mid_stream});
}

static void take_line(struct run *run, struct wtr_text line)
{
    char kind = line.length > 0 ? line.data[0] : ' ';
    struct wtr_text rest = {line.data + 1, line.length > 0 ? line.length - 1 : 0};
    if (kind == '~')
        begin(run, true);
    else if (kind == '/')
        run->most = number(rest);
    else if (kind == '-' || kind == '+')
        kasa_lose(&run->feed, kind == '-' ? WTR_FROM_CLIENT : WTR_FROM_SERVER, number(rest));
    else if (kind == '*' && rest.length > 0)
        give(run, rest.data[0], (const uint8_t *)rest.data + 1, rest.length - 1);
    else if (strchr("><?!", kind))
        encipher(run, kind, rest);
}

static uint64_t run_once(struct wtr_text text)
{
    struct run run = {.say = say_record_new(),
                      .state = calloc(1, wtr_kasa.state_size),
                      .datagrams = calloc(1, wtr_kasa_protocol.datagram_state_size)};
    must(run.state && run.datagrams);
    begin(&run, false);
    for (int i = 0; i < MAX_LINES && text.data; i++)
        take_line(&run, wtr_text_cut(&text, '\n'));
    wtr_kasa.close(run.state);
    wtr_kasa_protocol.close_datagrams(run.datagrams);
    free(run.state);
    free(run.datagrams);
    kasa_close(&run.feed);
    say_record_free(run.say);
    wtr_buffer_free(&run.fields);
    wtr_json_free(&run.json);
    return run.heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wtr_text text = wtr_text_of(data, size);
    must(run_once(text) == run_once(text));
    return 0;
}

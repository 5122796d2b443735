/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT: the input is a list of segments and gaps for both directions of one connection.
 *
 * First byte: bit 0, the beginning was not seen. Then steps: bit 0 of a step's byte is the direction; bits 1
 * and 2 say what it is: 0 to 2, a segment whose length is the next byte times 1, 1 or 8; 3, a gap whose
 * length is the next byte (0: not known), times 64 if bit 3 is set. A segment's bytes follow. The unread
 * bytes are kept in a block of exactly their length. */
#include "protocol/mqtt.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PIECES = 1024, MAX_UNREAD = 3 << 20 };

struct side {
    uint8_t *bytes;
    size_t length;
    struct wtr_piece *pieces;
    size_t piece_count;
    size_t need;
    uint64_t place; /* of the first unread byte in the stream */
    uint64_t done;  /* behind the last message's last byte */
};

struct run {
    struct wtr_mqtt_session session;
    struct side side[2];
    enum wtr_direction direction; /* being read */
    struct wtr_buffer fields;
    struct wtr_json json;
};

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_text(const struct wtr_message *m, struct wtr_text text)
{
    size_t at;
    if (text.data)
        must(wtr_span_holds(&m->span, text.data, text.length, &at));
}

static void check_packet(const struct wtr_message *m)
{
    const struct wtr_mqtt_packet *p = m->body;
    check_text(m, p->protocol_name);
    check_text(m, p->client_id);
    check_text(m, p->username);
    check_text(m, p->password);
    check_text(m, p->will_topic);
    check_text(m, p->will_payload);
    check_text(m, p->will_properties);
    check_text(m, p->reason_codes);
    check_text(m, p->payload);
    check_text(m, p->filters);
    check_text(m, p->properties);
    if (!p->topic_from_alias)
        check_text(m, p->topic);
    must((m->span.bytes[0] >> 4) == (int)p->type);
    must(p->type != WTR_MQTT_PUBLISH || p->topic.length > 0 || p->has_topic_alias);
}

/* The pieces cover the message in order, and the file holds its bytes one behind the other here. */
static void check_pieces(const struct run *run, const struct wtr_span *span)
{
    size_t at = 0;
    uint64_t offset = span->pieces[0].offset;
    must(offset >= run->side[run->direction].done);
    for (size_t i = 0; i < span->piece_count; i++) {
        must(span->pieces[i].at == at && span->pieces[i].length > 0 && span->pieces[i].offset == offset + at);
        at += span->pieces[i].length;
    }
    must(at == span->length);
}

static void on_message(void *payload, const struct wtr_message *m)
{
    struct run *run = payload;
    must(m->span.piece_count > 0 && m->direction == run->direction);
    check_pieces(run, &m->span);
    run->side[run->direction].done = m->span.pieces[0].offset + m->span.length;
    struct wtr_mqtt_packet packet;
    size_t length, at;
    const char *reason;
    must(wtr_mqtt_decode(m->span.bytes, m->span.length, 0, &packet, &length, &at, &reason) != WTR_MQTT_NEED);
    must(length == m->span.length);
    check_packet(m);
    wtr_buffer_clear(&run->fields);
    struct wtr_json_writer w = {.out = &run->fields, .reveal_secrets = m->span.length % 2};
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
    struct wtr_text text = wtr_buffer_text(&run->fields);
    must(run->fields.failed || wtr_json_parse(&run->json, text) || text.length > WTR_JSON_MAX_TOKENS);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    (void)payload;
    must(at <= span->length && length <= span->length - at && reason && *reason);
}

static void discard(struct side *s, size_t used)
{
    size_t kept = 0;
    if (used == 0)
        return;
    for (size_t i = 0; i < s->piece_count; i++) {
        struct wtr_piece p = s->pieces[i];
        if (p.at + p.length <= used)
            continue;
        size_t cut = p.at < used ? used - p.at : 0;
        p.at = p.at + cut - used;
        p.length -= cut;
        p.offset += cut;
        s->pieces[kept++] = p;
    }
    s->piece_count = kept;
    s->length -= used;
    s->place += used;
    uint8_t *rest = malloc(s->length ? s->length : 1);
    must(rest != NULL);
    memcpy(rest, s->bytes + used, s->length);
    free(s->bytes);
    s->bytes = rest;
}

static void lose(struct run *run, enum wtr_direction direction, uint64_t missing)
{
    struct side *s = &run->side[direction];
    discard(s, s->length);
    s->need = 0;
    s->place += missing;
    wtr_mqtt.gap(&run->session, direction, missing);
}

static void feed(struct run *run, enum wtr_direction direction, const uint8_t *data, size_t length,
                 uint64_t frame)
{
    struct side *s = &run->side[direction];
    if (length == 0)
        return;
    if (s->length + length > MAX_UNREAD || s->piece_count == MAX_PIECES)
        lose(run, direction, 0);
    uint8_t *bytes = realloc(s->bytes, s->length + length);
    must(bytes != NULL);
    s->bytes = bytes;
    memcpy(s->bytes + s->length, data, length);
    s->pieces[s->piece_count++] = (struct wtr_piece){.at = s->length,
                                                     .length = length,
                                                     .offset = s->place + s->length,
                                                     .frame = frame,
                                                     .time_ns = (int64_t)frame * 700000000};
    s->length += length;
    if (s->length < s->need)
        return;
    struct wtr_sink sink = {.payload = run, .message = on_message, .finding = on_finding};
    struct wtr_span span = {s->bytes, s->length, s->pieces, s->piece_count, NULL};
    run->direction = direction;
    s->need = 0;
    size_t used = wtr_mqtt.stream(&run->session, direction, &span, &s->need, &sink);
    must(used <= s->length && (s->need == 0 || s->need > s->length - used));
    discard(s, used);
}

/* The bytes as one packet, in each version, and as the first segment of a stream. */
static void judge_alone(const uint8_t *data, size_t size)
{
    static const uint8_t versions[] = {0, 3, 4, 5, WTR_MQTT_BEFORE_5};
    for (size_t i = 0; i < sizeof versions; i++) {
        struct wtr_mqtt_packet packet;
        size_t length, at;
        const char *reason;
        enum wtr_mqtt_verdict verdict =
            wtr_mqtt_decode(data, size, versions[i], &packet, &length, &at, &reason);
        must(verdict == WTR_MQTT_NEED ? length > size : length <= size && at <= size);
        must((verdict == WTR_MQTT_MALFORMED) <= (reason != NULL));
    }
    struct wtr_probe probe = {.bytes = data, .length = size, .server_port = 1883};
    (void)wtr_mqtt.probe_stream(&probe);
}

static void take_steps(struct run *run, const uint8_t *data, size_t size)
{
    uint64_t frame = 0;
    for (size_t at = 0; at + 2 <= size;) {
        uint8_t step = data[at++];
        size_t length = data[at++];
        enum wtr_direction direction = step & 1 ? WTR_FROM_SERVER : WTR_FROM_CLIENT;
        unsigned kind = step >> 1 & 3;
        if (kind == 3) {
            lose(run, direction, step & 8 ? length * 64 : length);
            continue;
        }
        length *= kind == 2 ? 8 : 1;
        length = length < size - at ? length : size - at;
        feed(run, direction, data + at, length, ++frame);
        at += length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    judge_alone(data + 1, size - 1);
    static struct run run;
    run = (struct run){.direction = WTR_FROM_CLIENT};
    for (int i = 0; i < 2; i++) {
        run.side[i].pieces = malloc(MAX_PIECES * sizeof(struct wtr_piece));
        must(run.side[i].pieces != NULL);
    }
    wtr_mqtt.open(&run.session, &(struct wtr_session_setup){.mid_stream = data[0] & 1});
    take_steps(&run, data + 1, size - 1);
    wtr_mqtt.close(&run.session);
    for (int i = 0; i < 2; i++) {
        free(run.side[i].bytes);
        free(run.side[i].pieces);
    }
    wtr_buffer_free(&run.fields);
    wtr_json_free(&run.json);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files, gzip-compressed ones too. The input is the file; its length says how large the pieces are in
 * which it is read.
 *
 * What is held: every packet is where it is said to be, in order and without overlap; frames are numbered
 * upwards; the counts are those of what was delivered; a capture with a finding of damage is not complete;
 * the hash is that of the whole input; and reading the same bytes in one piece gives the same packets. */
#include "base/sha256.h"
#include "packet/capture.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool invariant)
{
    if (!invariant) {
        __builtin_trap();
    }
}

struct source {
    const uint8_t *data;
    size_t size;
    size_t at;
    size_t piece; /* bytes that one read gives at most */
};

static int64_t source_read(void *payload, void *buffer, size_t size)
{
    struct source *source = payload;
    size_t n = source->size - source->at;
    n = n < size ? n : size;
    n = n < source->piece ? n : source->piece;
    memcpy(buffer, source->data + source->at, n);
    source->at += n;
    return (int64_t)n;
}

/* What one reading gave. */
struct outcome {
    uint64_t packets;
    uint64_t bytes;
    uint64_t last_frame;
    uint64_t end;    /* of the last packet's data */
    uint64_t digest; /* over places, lengths and times */
    uint64_t findings;
    struct wtr_capture_facts facts;
};

static void on_finding(void *payload, uint64_t frame, uint64_t record_offset, uint64_t offset,
                       uint64_t length, const char *where, const char *reason)
{
    struct outcome *outcome = payload;
    (void)frame;
    (void)length;
    hold(where != NULL && reason != NULL && offset >= record_offset);
    outcome->findings++;
}

static void on_comment(void *payload, uint64_t frame, uint64_t offset, struct wtr_text text)
{
    (void)payload;
    (void)frame;
    hold(text.length <= UINT16_MAX && offset >= 12);
}

static void on_secrets(void *payload, uint32_t type, uint64_t offset, const uint8_t *bytes, size_t length)
{
    (void)payload;
    (void)type;
    uint8_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    hold(offset >= 16 || sum == 0);
}

static void mix(struct outcome *outcome, uint64_t value)
{
    outcome->digest = (outcome->digest ^ value) * 0x100000001b3U;
}

static void take(struct outcome *outcome, const struct wtr_packet *packet, const struct source *source,
                 bool compressed)
{
    hold(packet->record_offset >= outcome->end && packet->data_offset > packet->record_offset);
    hold(packet->frame > outcome->last_frame && packet->captured <= packet->original);
    if (!compressed) {
        hold(packet->data_offset + packet->captured <= source->size);
        hold(memcmp(packet->bytes, source->data + packet->data_offset, packet->captured) == 0);
    }
    for (uint32_t i = 0; i < packet->captured; i += 97) {
        mix(outcome, packet->bytes[i]);
    }
    outcome->packets++;
    outcome->bytes += packet->captured;
    outcome->last_frame = packet->frame;
    outcome->end = packet->data_offset + packet->captured;
    mix(outcome, packet->record_offset);
    mix(outcome, packet->captured);
    mix(outcome, (uint64_t)packet->time_ns + packet->has_time);
    mix(outcome, packet->link_type);
}

static void read_capture(struct wtr_input *input, const struct source *source, struct outcome *outcome)
{
    const struct wtr_packet_findings findings = {.payload = outcome, .finding = on_finding};
    const struct wtr_capture_watch watch = {.payload = outcome, .comment = on_comment, .secrets = on_secrets};
    struct wtr_capture *capture = NULL;
    enum wtr_status status = wtr_capture_open(&capture, input, &findings, &watch);
    hold(status == WTR_OK || (status == WTR_E_UNRECOGNISED && wtr_capture_why(capture) != NULL));
    struct wtr_packet packet;
    while (status == WTR_OK) {
        status = wtr_capture_next(capture, &packet);
        if (status == WTR_OK) {
            take(outcome, &packet, source, wtr_input_compressed(input));
        }
    }
    outcome->facts = *wtr_capture_facts(capture);
    if (status == WTR_END) {
        hold(wtr_capture_next(capture, &packet) == WTR_END);
        hold(outcome->facts.frames == outcome->packets && outcome->facts.bytes == outcome->bytes);
        hold(outcome->findings > 0 || outcome->facts.complete || wtr_input_trouble(input) != NULL);
    }
    wtr_capture_close(capture);
}

static struct outcome read_in_pieces(const uint8_t *data, size_t size, size_t piece)
{
    struct outcome outcome = {0};
    struct source source = {.data = data, .size = size, .piece = piece};
    const struct wtr_input_ops ops = {.read = source_read};
    struct wtr_input *input = NULL;
    if (wtr_input_open(&input, &ops, &source) != WTR_OK) {
        return outcome;
    }
    read_capture(input, &source, &outcome);
    uint8_t digest[WTR_SHA256_SIZE];
    uint8_t expected[WTR_SHA256_SIZE];
    uint64_t length = 0;
    hold(wtr_input_finish(input, digest, &length) == WTR_OK && length == size);
    struct wtr_sha256 *hash = wtr_sha256_new();
    if (hash && wtr_sha256_of(hash, data, size, expected)) {
        hold(memcmp(digest, expected, sizeof digest) == 0);
    }
    wtr_sha256_free(hash);
    wtr_input_close(input);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = read_in_pieces(data, size, SIZE_MAX);
    struct outcome pieces = read_in_pieces(data, size, size % 61 + 1);
    hold(whole.packets == pieces.packets && whole.digest == pieces.digest);
    hold(whole.findings == pieces.findings && whole.facts.complete == pieces.facts.complete);
    return 0;
}

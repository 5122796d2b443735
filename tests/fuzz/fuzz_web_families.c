/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly and Tasmota by HTTP and WebSocket. The input is a conversation: for each turn a byte whose bit 0
 * says who speaks, its length (two bytes, the lower first) and its bytes. The decoder's messages go to both
 * families.
 *
 * What they say is recorded (say_record.c), which traps whatever breaks the contract of say.h; the whole is
 * run twice and must say the same. */
#include "base/bytes.h"
#include "base/map.h"
#include "protocol/http.h"
#include "say_record.h"
#include "vendor/shelly/shelly.h"
#include "vendor/tasmota/tasmota.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FAMILIES = 2, MAX_TURNS = 64, MAX_UNREAD = 1 << 18 };

static const struct wtr_vendor *const families[FAMILIES] = {&wtr_shelly, &wtr_tasmota};

struct run {
    void *session;
    struct wtr_say *say[FAMILIES];
    void *state[FAMILIES];
    struct wtr_buffer unread[2];
    uint64_t heard;
};

static void on_message(void *payload, const struct wtr_message *m)
{
    struct run *run = payload;
    for (int i = 0; i < FAMILIES; i++) {
        bool plug = m->direction == WTR_FROM_SERVER;
        say_record_ends(run->say[i], plug ? "10.0.0.2" : "10.0.0.3", plug ? 80 : 50000,
                        plug ? "10.0.0.3" : "10.0.0.2", plug ? 50000 : 80);
        enum wtr_claim claim = families[i]->claim(run->state[i], m);
        const char *lines = say_record(run->say[i], families[i], run->state[i], m);
        if (say_record_claim(run->say[i]) != claim || strncmp(lines, "!!", 2) == 0 || strstr(lines, "\n!!"))
            __builtin_trap();
        run->heard = wtr_hash64(lines, strlen(lines), run->heard);
    }
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    (void)payload;
    if (at > span->length || length > span->length - at || !reason)
        __builtin_trap();
}

/* All of a turn is one piece, so that places are those of the unread bytes. */
static void speak(struct run *run, enum wtr_direction direction, const uint8_t *bytes, size_t length)
{
    struct wtr_buffer *unread = &run->unread[direction];
    if (length == 0 || unread->length + length > MAX_UNREAD)
        return;
    wtr_put(unread, bytes, length);
    if (unread->failed)
        abort();
    struct wtr_piece piece = {.length = unread->length, .frame = 1};
    struct wtr_span span = {(const uint8_t *)unread->data, unread->length, &piece, 1, NULL};
    struct wtr_sink sink = {.payload = run, .message = on_message, .finding = on_finding};
    size_t need = 0;
    size_t used = wtr_http.stream(run->session, direction, &span, &need, &sink);
    unread->length -= used;
    memmove(unread->data, unread->data + used, unread->length);
}

static uint64_t converse(const uint8_t *data, size_t size)
{
    struct run run = {.session = calloc(1, wtr_http.session_size)};
    for (int i = 0; i < FAMILIES; i++) {
        run.say[i] = say_record_new();
        run.state[i] = calloc(1, families[i]->state_size);
        if (!run.state[i] || !run.session)
            abort();
    }
    wtr_http.open(run.session, &(struct wtr_session_setup){.mid_stream = false});
    for (int i = 0; i < MAX_TURNS && size > 3; i++) {
        size_t length = wtr_le16(data + 1) < size - 3 ? wtr_le16(data + 1) : size - 3;
        speak(&run, data[0] & 1 ? WTR_FROM_SERVER : WTR_FROM_CLIENT, data + 3, length);
        data += 3 + length;
        size -= 3 + length;
    }
    wtr_http.close(run.session);
    free(run.session);
    for (int i = 0; i < FAMILIES; i++) {
        families[i]->close(run.state[i]);
        free(run.state[i]);
        say_record_free(run.say[i]);
        wtr_buffer_free(&run.unread[i]);
    }
    return run.heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (converse(data, size) != converse(data, size))
        __builtin_trap();
    return 0;
}

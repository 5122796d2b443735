/* SPDX-License-Identifier: Apache-2.0 */
/* DNS: the input is one datagram, to each of the three that share its form, and a stream over TCP, all at
 * once and cut where its first byte says. */
#include "protocol/dns.h"

#include "one_datagram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t feed(void *session, struct fuzz_datagram *run, const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    struct wtr_piece piece = {.length = size, .offset = 1000, .frame = 1, .time_ns = 1};
    struct wtr_sink sink = {.payload = run, .message = fuzz_message, .finding = fuzz_finding};
    size_t need = 0;
    fuzz_must(bytes != NULL);
    memcpy(bytes, data, size);
    const struct wtr_span span = {bytes, size, &piece, size ? 1 : 0, NULL};
    size_t used = wtr_dns.stream(session, WTR_FROM_CLIENT, &span, &need, &sink);
    fuzz_must(used <= size && (need == 0 || need > size - used));
    free(bytes);
    return used;
}

/* The whole stream and the stream in two parts give the same number of messages. */
static void fuzz_stream(const uint8_t *data, size_t size)
{
    struct fuzz_datagram run = {.say = say_record_new(), .state = calloc(1, wtr_lan.state_size)};
    uint8_t session[64] = {0};
    size_t cut = size ? data[0] % (size + 1) : 0;
    fuzz_must(run.state && wtr_dns.session_size <= sizeof session);
    feed(session, &run, data, size);
    unsigned whole = run.messages;
    size_t used = cut ? feed(session, &run, data, cut) : 0;
    feed(session, &run, data + used, size - used);
    fuzz_must(run.messages == 2 * whole);
    wtr_dns.gap(session, WTR_FROM_CLIENT, 0);
    fuzz_must(feed(session, &run, data, size) == size);
    fuzz_must(run.messages == 2 * whole);
    free(run.state);
    say_record_free(run.say);
    wtr_buffer_free(&run.fields);
    wtr_json_free(&run.json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_datagram(&wtr_dns, data, size);
    fuzz_datagram(&wtr_mdns, data, size);
    fuzz_datagram(&wtr_llmnr, data, size);
    fuzz_stream(data, size);
    return 0;
}

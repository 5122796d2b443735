/* SPDX-License-Identifier: Apache-2.0 */
/* Edimax's messages as http_lines.h describes them; an input that begins with anything but '%' is a datagram,
 * handed to the family's protocol, and what that hands out to the family. */
#include "http_lines.h"
#include "vendor/edimax/edimax.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_message(void *payload, const struct wtr_message *message)
{
    fuzz_hand(payload, message);
}

static void take_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                         const char *reason)
{
    (void)payload;
    if (at > span->length || length > span->length - at || !reason)
        __builtin_trap();
}

/* The first byte says from and to which port. */
static void hand_datagram(const uint8_t *data, size_t size)
{
    struct fuzz_run run = {
        .vendor = &wtr_edimax, .state = calloc(1, wtr_edimax.state_size), .say = say_record_new()};
    uint8_t *bytes = malloc(size);
    if (!run.state || !bytes)
        abort();
    memcpy(bytes, data + 1, size - 1);
    struct wtr_piece piece = {.length = size - 1, .frame = 1};
    struct wtr_sink sink = {.payload = &run, .message = take_message, .finding = take_finding};
    struct wtr_datagram datagram = {.span = {bytes, size - 1, &piece, 1, NULL}};
    struct wtr_probe probe = {.bytes = bytes,
                              .length = size - 1,
                              .client_port = data[0] & 1 ? 20560 : 50000,
                              .server_port = data[0] & 2 ? 8765 : 50001};
    say_record_ends(run.say, "10.0.0.2", probe.client_port, "10.0.0.3", probe.server_port);
    if (wtr_edimax_datagrams.probe_datagram(&probe) != WTR_BID_NONE)
        wtr_edimax_datagrams.datagram(NULL, &datagram, &sink);
    wtr_edimax.close(run.state);
    free(run.state);
    free(bytes);
    say_record_free(run.say);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == '%')
        return fuzz_vendor(&wtr_edimax, data, size);
    if (size > 0)
        hand_datagram(data, size);
    return 0;
}

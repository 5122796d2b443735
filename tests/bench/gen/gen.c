/* SPDX-License-Identifier: Apache-2.0 */
/* gen MODE OUT [BYTES [SEED]]: a capture to measure with; OUT.json, the counts of what is in it; and
 * OUT.keys, a keyring with the local keys of its Tuya plugs.
 *
 * `plug` holds plug traffic alone, mostly MQTT; `mixed` holds about 2 % of it by bytes among TLS, QUIC-like
 * datagrams, HTTP and DNS. The same mode and seed make the same traffic: a shorter capture is the beginning
 * of a longer one, at the same rate, so ten times the bytes are ten times the time. */
#include "bulk.h"
#include "fleet.h"
#include "local.h"
#include "text.h"
#include "tuya.h"
#include "wire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_US (INT64_C(1767571200) * SECOND) /* 2026-01-05T00:00:00Z */

struct mode {
    const char *name;
    uint64_t bytes; /* unless given */
    struct fleet_plan fleet;
    struct local_plan local;
    struct tuya_plan tuya;
    unsigned bulk_multiple; /* of the plugs' bytes; 0 = none */
};

static const struct mode modes[] = {
    {"plug",
     UINT64_C(200000000),
     {.sites = 4, .tasmota = 24, .shelly = 18, .zigbee = 18, .report_ms = 10000, .command_ms = 120000},
     {.coiot = 12, .kasa = 12, .report_ms = 10000},
     {.plugs = 16, .report_ms = 10000},
     0},
    {"mixed",
     UINT64_C(1000000000),
     {.sites = 4, .tasmota = 5, .shelly = 4, .zigbee = 3, .report_ms = 30000, .command_ms = 300000},
     {.coiot = 6, .kasa = 6, .report_ms = 20000},
     {.plugs = 4, .report_ms = 20000},
     49},
};

static const struct mode *mode_named(const char *name)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(modes[i].name, name) == 0)
            return &modes[i];
    return NULL;
}

static uint64_t number(const char *text)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-')
        die("BYTES and SEED are whole numbers");
    return value;
}

static FILE *create(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        die("the output cannot be created");
    return file;
}

/* OUT.EXTENSION */
static FILE *create_beside(const char *path, const char *extension)
{
    struct text name = {0};
    text_format(&name, "%s.%s", path, extension);
    text_u8(&name, 0);
    FILE *file = create((const char *)name.at);
    text_free(&name);
    return file;
}

static void finish(FILE *file)
{
    if (ferror(file) || fclose(file) != 0)
        die("the output cannot be written");
}

/* Stops between two things that happen, so no message is cut. */
static void simulate(struct sim *sim, const struct mode *mode, uint64_t bytes, FILE *keys)
{
    fleet_start(sim, &mode->fleet);
    local_start(sim, &mode->local);
    tuya_start(sim, &mode->tuya, keys);
    if (mode->bulk_multiple)
        bulk_start(sim, mode->bulk_multiple);
    while (sim->capture->bytes < bytes && sim_step(sim))
        continue;
}

static void write_truth(const struct sim *sim, const struct mode *mode, uint64_t bytes, uint64_t seed,
                        const char *path)
{
    struct truth_frame frame = {
        mode->name, seed, bytes, sim->capture->bytes, sim->capture->first_us, sim->capture->last_us};
    FILE *file = create_beside(path, "json");
    truth_write(sim->truth, &frame, file);
    finish(file);
}

int main(int count, char **arguments)
{
    const struct mode *mode = count >= 3 && count <= 5 ? mode_named(arguments[1]) : NULL;
    if (!mode) {
        fputs("usage: gen plug|mixed OUT [BYTES [SEED]]\n", stderr);
        return 2;
    }
    uint64_t bytes = count > 3 ? number(arguments[3]) : mode->bytes;
    uint64_t seed = count > 4 ? number(arguments[4]) : 1;
    FILE *file = create(arguments[2]), *keys = create_beside(arguments[2], "keys");
    setvbuf(file, NULL, _IOFBF, 1 << 20);
    static struct sim sim; /* holds what is still under way when the capture is long enough */
    static struct capture capture;
    static struct truth truth;
    sim_start(&sim, seed, START_US);
    capture_start(&capture, file);
    sim.capture = &capture;
    sim.truth = &truth;
    simulate(&sim, mode, bytes, keys);
    finish(file);
    finish(keys);
    write_truth(&sim, mode, bytes, seed, arguments[2]);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* TCP flows and their streams. The input's first four bytes choose the bounds; then come segments of eight
 * bytes each (see struct step) and their payload. Up to four connections are played at a time, which the ends
 * may reopen with other sequence numbers. What must hold is told in flow_ledger.h. */
#define HOLD(condition)                                                                                      \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            __builtin_trap();                                                                                \
    } while (0)
#define LEDGER_PLACES 2048

#include "flow_ledger.h"

#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP = 8, MOST_STEPS = 4000 };

/* One segment. */
struct step {
    uint8_t flags; /* as in TCP */
    uint8_t where; /* sender 1, connection 2 + 4, time backwards 8, another initial number 16, far away 32,
                      cut 64 */
    uint16_t at;   /* place of the first byte */
    uint16_t ack;
    uint8_t length;
    uint8_t time; /* squared: milliseconds passed */
};

static struct script script;
static struct ledger ledger;

static struct step step_of(const uint8_t *p)
{
    return (struct step){p[0], p[1], wtr_be16(p + 2), wtr_be16(p + 4), p[6], p[7]};
}

static void play(const struct step *step, const uint8_t *payload, uint32_t length)
{
    static const uint32_t jump = 0x40000000;
    int from = step->where & 1;
    int64_t passed = (int64_t)step->time * step->time * 1000000;
    script.port[CLIENT] = (uint16_t)(40000 + (step->where >> 1 & 3));
    script.now += step->where & 8 ? -passed : passed;
    if (step->where & 16)
        script.isn[from] += jump / 3 + step->ack;
    script.cut = step->where & 64 ? length / 2 : UINT32_MAX;
    uint32_t seq = script.isn[from] + 1 + step->at + (step->where & 32 ? jump : 0);
    uint32_t ack = script.isn[1 - from] + 1 + step->ack;
    if (step->flags & WTR_TCP_SYN)
        seq = script.isn[from];
    ledger_send(&ledger, from, seq, ack, step->flags, payload, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    script.limits = (struct wtr_flow_limits){
        .flows = 1 + data[0] % 8,
        .stream_buffer = data[1] ? data[1] * 16U : 0,
        .total_buffer = data[2] ? data[2] * 32U : 1 << 16,
    };
    script.block = 1 + data[3] % 16;
    ledger_clear(&ledger);
    ledger_begin(&ledger, &script);
    script.isn[SERVER] = 0U - 300;
    size_t at = 4;
    for (int steps = 0; steps < MOST_STEPS && size - at >= STEP; steps++) {
        const struct step step = step_of(data + at);
        at += STEP;
        uint32_t length = step.length < size - at ? step.length : (uint32_t)(size - at);
        play(&step, data + at, length);
        at += length;
    }
    ledger_end_of_capture(&ledger);
    ledger_free(&ledger);
    return 0;
}

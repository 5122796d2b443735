/* SPDX-License-Identifier: Apache-2.0 */
/* Records and labels of any kind: the matcher agrees with itself after a gap, and what the learner writes is
 * a signature that the reader takes. Eight bytes are a record, whose first says what else they are. */
#include "infer/match.h"
#include "wattrail/learn.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { UNIT = 8, MOST = 1 << 16 };

struct written {
    char data[MOST];
    size_t length;
};

static void hold(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static int keep(void *payload, const char *data, size_t length)
{
    struct written *w = payload;
    if (length > MOST - w->length)
        return -1;
    memcpy(w->data + w->length, data, length);
    w->length += length;
    return 0;
}

static void match(const uint8_t *data, size_t size)
{
    struct wtr_shape_window w = {0};
    const struct wtr_shape_sequence q = {
        .count = 2, .steps = {{false, 1, 200}, {true, 1, 200}}, .max_gap_ns = 1000, .first = size & 1};
    for (size_t at = 0; at + UNIT <= size; at += UNIT) {
        const struct wtr_shape shape = {
            .time_ns = data[at + 4], .from_server = data[at] & 1, .length = data[at + 1]};
        if (data[at] & 0x80)
            wtr_shape_break(&w);
        wtr_shape_add(&w, &shape);
        const struct wtr_shape *before = wtr_shape_back(&w, 1);
        if (wtr_shape_matches(&w, &q))
            hold(before && !before->from_server && shape.from_server && shape.time_ns >= before->time_ns);
    }
}

static void feed(wtr_learner *l, const uint8_t *unit, int64_t now)
{
    static const char *const names[] = {"", "a.example", "b.example", "a name\"\\"};
    static const char *const clients[] = {"10.0.0.1:1", "10.0.0.2:2", "", "[fe80::1]:3"};
    if (unit[0] & 0x40) {
        const struct wtr_label label = {
            .time_ns = now, .on = unit[1] & 1, .cloud = unit[1] & 2, .validation = unit[1] & 4};
        hold(wtr_learner_label(l, &label) == WTR_OK);
        return;
    }
    const char *name = names[unit[2] & 3], *client = clients[unit[3] & 3];
    const struct wtr_shape_record record = {.connection = unit[4] & 7,
                                            .source = unit[4] >> 7,
                                            .time_ns = now,
                                            .client = {client, strlen(client)},
                                            .server = {"1.2.3.4:443", 11},
                                            .server_name = {name, strlen(name)},
                                            .from_server = unit[0] & 1,
                                            .length = (uint32_t)unit[1] + 1,
                                            .lost = (unit[0] & 0x30) == 0x30};
    hold(wtr_learner_record(l, &record) == WTR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const addresses[] = {"10.0.0.1"};
    static const char sha256[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    const struct wtr_learn_device device = {"id", "v", "M", "1", addresses, 1};
    static struct written w;
    static struct wtr_signature s;
    struct wtr_learned learned;
    wtr_learner *l = NULL;
    const char *why = NULL;
    int64_t now = 0;
    if (size > 256 * UNIT)
        return 0;
    match(data, size);
    hold(wtr_learner_new(&l) == WTR_OK);
    for (size_t at = 0; at + UNIT <= size; at += UNIT) {
        feed(l, data + at, now);
        now += (int64_t)data[at + 5] << 24;
    }
    hold(wtr_learner_source(l, sha256, 0, now) == WTR_OK);
    w.length = 0;
    enum wtr_status status = wtr_learner_learn(l, &device, keep, &w, &learned, &why);
    hold(status == WTR_OK || status == WTR_E_ARGUMENT || (status == WTR_E_UNRECOGNISED && why));
    if (status == WTR_OK)
        hold(wtr_signature_read(&s, wtr_text_of(w.data, w.length), &why) == WTR_OK);
    wtr_learner_free(l);
    return 0;
}

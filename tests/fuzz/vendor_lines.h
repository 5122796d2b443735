/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds a vendor with MQTT messages from lines of text, so that a corpus can be read and written by hand:
 *
 *     >topic payload     a client publishes over the first connection
 *     <topic payload     the broker delivers over the second connection
 *     *topic payload     the same, retained
 *     !client_id will_topic will_payload     the first connection begins
 *
 * What the vendor says is recorded (say_record.c), which traps whatever breaks the contract of say.h; the
 * whole is run twice and must say the same. */
#ifndef FUZZ_VENDOR_LINES_H
#define FUZZ_VENDOR_LINES_H

#include "base/map.h"
#include "mqtt_message.h"
#include "say_record.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

#include <stdint.h>

enum { FUZZ_MAX_LINES = 256 };

/* A text that ends with NUL, for the makers of messages; what stands behind a NUL in it is lost. */
static inline const char *fuzz_z(struct wtr_buffer *out, struct wtr_text text)
{
    wtr_buffer_clear(out);
    for (size_t i = 0; i < text.length && i < 4000 && text.data[i] != '\0'; i++)
        wtr_put_char(out, text.data[i]);
    wtr_put_char(out, '\0');
    if (out->failed)
        abort();
    return out->data;
}

static inline const struct wtr_message *fuzz_message(struct mqtt_connection connections[2],
                                                     struct wtr_text line, struct wtr_buffer scratch[2])
{
    char kind = line.length > 0 ? line.data[0] : '<';
    struct wtr_text payload = line.length > 0 ? wtr_text_of(line.data + 1, line.length - 1) : line;
    const char *topic = fuzz_z(&scratch[0], wtr_text_cut(&payload, ' '));
    if (kind == '!') {
        struct wtr_text will_topic = wtr_text_cut(&payload, ' ');
        char id[64] = {0};
        memcpy(id, topic, strlen(topic) < 63 ? strlen(topic) : 63);
        const char *will = will_topic.data ? fuzz_z(&scratch[0], will_topic) : NULL;
        return mqtt_connect(&connections[0], id, will, fuzz_z(&scratch[1], payload));
    }
    if (payload.length > 60000)
        payload.length = 60000;
    bool own = kind == '>';
    return mqtt_publish_bytes(&connections[own ? 0 : 1], own ? WTR_FROM_CLIENT : WTR_FROM_SERVER, topic,
                              payload, kind == '*' ? MQTT_RETAIN : 0);
}

static inline uint64_t fuzz_run(const struct wtr_vendor *vendor, struct wtr_text text)
{
    struct wtr_say *say = say_record_new();
    void *state = calloc(1, vendor->state_size);
    struct mqtt_connection connections[2] = {0};
    struct wtr_buffer scratch[2] = {0};
    uint64_t heard = 0;
    if (!state)
        abort();
    for (int i = 0; i < FUZZ_MAX_LINES && text.data; i++) {
        const struct wtr_message *message = fuzz_message(connections, wtr_text_cut(&text, '\n'), scratch);
        enum wtr_claim claim = vendor->claim(state, message);
        const char *lines = say_record(say, vendor, state, message);
        if (say_record_claim(say) != claim || strncmp(lines, "!!", 2) == 0 || strstr(lines, "\n!!"))
            __builtin_trap();
        heard = wtr_hash64(lines, strlen(lines), heard);
    }
    vendor->close(state);
    free(state);
    wtr_buffer_free(&scratch[0]);
    wtr_buffer_free(&scratch[1]);
    say_record_free(say);
    mqtt_message_free();
    return heard;
}

static inline int fuzz_vendor(const struct wtr_vendor *vendor, const uint8_t *data, size_t size)
{
    struct wtr_text text = wtr_text_of(data, size);
    if (fuzz_run(vendor, text) != fuzz_run(vendor, text))
        __builtin_trap();
    return 0;
}

#endif

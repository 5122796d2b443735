/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT packets of every type, cut at every byte and with every byte changed to every value: whatever the
 * decoder makes of them, it stays inside the packet. The packets stand in blocks of exactly their length, so
 * that a sanitizer sees a read past their end. */
#include "mqtt_bytes.h"

static const struct {
    const char *digits;
    uint8_t version;
} samples[] = {
    {"10 24 00 04 4d 51 54 54 04 ce 00 0a 00 04 70 6c 75 67 00 03 6c 77 74 00 03 6f 66 66 00 04 75 73 65 72"
     " 00 02 70 77",
     4},
    {"10 28 00 04 4d 51 54 54 05 06 00 0a 05 11 00 00 00 0a 00 02 69 64 08 01 01 26 00 01 6b 00 00 00 01 77"
     " 00 06 64 65 61 64 21 21",
     5},
    {"20 0b 00 00 08 21 00 14 22 00 0a 24 01", 5},
    {"33 09 00 03 61 2f 62 00 0a 4f 4e", 4},
    {"30 11 00 01 74 0a 23 00 01 26 00 01 6b 00 01 76 4f 4e 21", 5},
    {"40 0a 00 01 87 06 1f 00 03 6e 6f 70", 5},
    {"82 0e 00 0a 00 03 61 2f 62 01 00 03 63 2f 64 02", 4},
    {"82 0c 00 02 03 0b 80 01 00 03 61 2f 62 2e", 5},
    {"90 07 00 02 03 1f 00 00 00", 5},
    {"a2 0c 00 0a 00 03 61 2f 62 00 03 63 2f 64", 4},
    {"b0 05 00 03 00 00 11", 5},
    {"e0 07 04 05 11 00 00 00 01", 5},
    {"f0 07 18 05 15 00 02 61 62", 5},
};

static bool inside(struct wtr_text text, const struct bytes *bytes)
{
    if (!text.data)
        return text.length == 0;
    const uint8_t *begin = (const uint8_t *)text.data;
    return begin >= bytes->data && begin + text.length <= bytes->data + bytes->length;
}

/* What holds of any result; also walks the lists, so that they read what they read. */
static void check_result(const struct decoded *d)
{
    const struct wtr_mqtt_packet *p = &d->packet;
    if (d->verdict == WTR_MQTT_NEED) {
        cr_assert_gt(d->length, d->bytes.length);
        return;
    }
    cr_assert_leq(d->length, d->bytes.length);
    cr_assert_leq(d->at, d->bytes.length);
    cr_assert(d->verdict == WTR_MQTT_WHOLE || d->reason);
    const struct wtr_text texts[] = {p->protocol_name, p->client_id,    p->username,        p->password,
                                     p->will_topic,    p->will_payload, p->will_properties, p->reason_codes,
                                     p->topic,         p->payload,      p->filters,         p->properties};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_assert(inside(texts[i], &d->bytes));
    struct wtr_mqtt_property property;
    size_t at = 0;
    while (wtr_mqtt_next_property(p->properties, &at, &property))
        cr_assert(property.is_number || inside(property.text, &d->bytes));
    cr_assert(d->verdict == WTR_MQTT_MALFORMED || at == p->properties.length);
    struct wtr_text filter;
    uint8_t options;
    for (at = 0; wtr_mqtt_next_filter(p, &at, &filter, &options);)
        cr_assert(inside(filter, &d->bytes));
}

Test(mqtt_damage, samples_are_sound)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct decoded d = sound(samples[i].digits, samples[i].version);
        check_result(&d);
        done(&d);
    }
}

static struct bytes copy_of(struct bytes bytes, size_t length)
{
    struct bytes copy = {malloc(length ? length : 1), length};
    memcpy(copy.data, bytes.data, length);
    return copy;
}

/* Cut as the capture may cut it (more bytes are needed), and with a remaining length to match the cut. */
Test(mqtt_damage, every_cut)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct bytes whole = hex(samples[i].digits);
        for (size_t length = 0; length < whole.length; length++) {
            struct decoded d = decode_bytes(copy_of(whole, length), samples[i].version);
            cr_assert_eq(d.verdict, WTR_MQTT_NEED);
            cr_assert_eq(d.length, length < 2 ? 2 : whole.length);
            done(&d);
            if (length < 2)
                continue;
            struct bytes cut = copy_of(whole, length);
            cut.data[1] = (uint8_t)(length - 2);
            d = decode_bytes(cut, samples[i].version);
            cr_assert_neq(d.verdict, WTR_MQTT_NEED);
            cr_assert_eq(d.length, length);
            check_result(&d);
            done(&d);
        }
        free(whole.data);
    }
}

Test(mqtt_damage, every_byte_to_every_value)
{
    static const uint8_t versions[] = {0, 3, 4, 5, WTR_MQTT_BEFORE_5};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct bytes whole = hex(samples[i].digits);
        for (size_t n = 0; n < whole.length * 256 * sizeof versions; n++) {
            struct bytes changed = copy_of(whole, whole.length);
            changed.data[n / 256 % whole.length] = (uint8_t)n;
            struct decoded d = decode_bytes(changed, versions[n / 256 / whole.length]);
            check_result(&d);
            done(&d);
        }
        free(whole.data);
    }
}

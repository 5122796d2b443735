/* SPDX-License-Identifier: Apache-2.0 */
/* Which codes the specifications assign to which packets: CONNACK return codes (3.1 section 3.2, 3.1.1 table
 * 3.1), SUBACK codes (3.1.1 section 3.9.3) and the reason codes of 5.0 (section 2.4 and the tables of section
 * 3). */
#include "protocol/mqtt_wire.h"

static const uint8_t connack_5[] = {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
                                    0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f};
static const uint8_t puback_5[] = {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
static const uint8_t pubrel_5[] = {0x00, 0x92};
static const uint8_t suback_5[] = {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2};
static const uint8_t unsuback_5[] = {0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91};
static const uint8_t disconnect_5[] = {0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d,
                                       0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
                                       0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2};
static const uint8_t auth_5[] = {0x00, 0x18, 0x19};

static const struct {
    const uint8_t *codes;
    size_t count;
} assigned_5[] = {
    [WTR_MQTT_CONNACK] = {connack_5, sizeof connack_5},
    [WTR_MQTT_PUBACK] = {puback_5, sizeof puback_5},
    [WTR_MQTT_PUBREC] = {puback_5, sizeof puback_5},
    [WTR_MQTT_PUBREL] = {pubrel_5, sizeof pubrel_5},
    [WTR_MQTT_PUBCOMP] = {pubrel_5, sizeof pubrel_5},
    [WTR_MQTT_SUBACK] = {suback_5, sizeof suback_5},
    [WTR_MQTT_UNSUBACK] = {unsuback_5, sizeof unsuback_5},
    [WTR_MQTT_DISCONNECT] = {disconnect_5, sizeof disconnect_5},
    [WTR_MQTT_AUTH] = {auth_5, sizeof auth_5},
};

static bool known_before_5(enum wtr_mqtt_type type, uint8_t version, uint8_t code)
{
    if (type == WTR_MQTT_CONNACK)
        return code <= 5;
    return type == WTR_MQTT_SUBACK && (code <= 2 || (code == 0x80 && version != 3));
}

bool wtr_mqtt_code_known(enum wtr_mqtt_type type, uint8_t version, uint8_t code)
{
    if (version != 5)
        return known_before_5(type, version, code);
    if ((size_t)type >= sizeof assigned_5 / sizeof assigned_5[0])
        return false;
    for (size_t i = 0; i < assigned_5[type].count; i++)
        if (assigned_5[type].codes[i] == code)
            return true;
    return false;
}

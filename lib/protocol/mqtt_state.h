/* SPDX-License-Identifier: Apache-2.0 */
/* What a session learns from its packets. */
#ifndef WTR_PROTOCOL_MQTT_STATE_H
#define WTR_PROTOCOL_MQTT_STATE_H

#include "protocol/mqtt_wire.h"

void wtr_mqtt_forget_aliases(struct wtr_mqtt_session *session, enum wtr_direction direction);

/* Takes over the version that a CONNECT says, also a malformed one. */
void wtr_mqtt_adopt_version(struct wtr_mqtt_session *session, const struct wtr_mqtt_packet *connect);

/* Each of these returns what contradicts what was known, NULL if nothing does. */

/* The sender of a packet of this type shows which end it is. */
const char *wtr_mqtt_take_role(struct wtr_mqtt_session *session, enum wtr_direction direction,
                               enum wtr_mqtt_type type);
/* Learns what the packet says of the connection, and resolves its topic alias. */
const char *wtr_mqtt_take_packet(struct wtr_mqtt_session *session, enum wtr_direction direction,
                                 struct wtr_mqtt_packet *packet);

/* Whether the packet at the front can be read although no CONNECT has said the version. */
enum wtr_mqtt_settling {
    WTR_MQTT_SETTLED,   /* it can */
    WTR_MQTT_HOLD,      /* packets behind it may tell; it is kept until they came */
    WTR_MQTT_UNSETTLED, /* nothing that may still come will tell */
};

/* Settles the version from the packets at the front, if they do.
 *
 * 3.1 and 3.1.1 differ in CONNECT alone, but 5 puts properties before the payload of a PUBLISH. A packet that
 * fits 5 or what was before it, and not both, is proof. A PUBLISH can fit both: 5 with no properties
 * begins its payload with a zero byte, which before 5 would be the payload's first. To take the one for
 * the other would be a false statement, so such a PUBLISH is held until a packet of the connection is
 * proof. Three of them, each with text behind the zero byte, and nothing that contradicts, are taken to be 5:
 * what is sent as text does not begin with U+0000. A later proof of the contrary is said in a finding. */
enum wtr_mqtt_settling wtr_mqtt_settle_version(struct wtr_mqtt_session *session, const uint8_t *bytes,
                                               size_t available);

/* Whether the packet proves that the connection, presumed to be 5, is not; if so it is no longer. */
bool wtr_mqtt_refute_presumption(struct wtr_mqtt_session *session, const uint8_t *packet, size_t length);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the MQTT files share among themselves: the fixed header, lengths, properties with their faults, and
 * the strict judgement of a packet that a search relies on. */
#ifndef WTR_PROTOCOL_MQTT_WIRE_H
#define WTR_PROTOCOL_MQTT_WIRE_H

#include "protocol/mqtt.h"

/* A variable byte integer (5.0 section 1.5.5). */
enum wtr_mqtt_varint {
    WTR_MQTT_VARINT_READ,
    WTR_MQTT_VARINT_CUT,  /* more bytes are needed */
    WTR_MQTT_VARINT_LONG, /* it goes on past its fourth byte */
};

/* Reads the integer at the front; `size` is the bytes that it takes. */
enum wtr_mqtt_varint wtr_mqtt_read_varint(const uint8_t *bytes, size_t available, uint32_t *value,
                                          size_t *size);

/* Whether a number that took `size` bytes could have been written in fewer. */
bool wtr_mqtt_varint_padded(uint32_t value, size_t size);

/* The fixed header (3.1.1 section 2.2, 5.0 section 2.1). */
struct wtr_mqtt_header {
    enum wtr_mqtt_type type; /* 0 where the byte has the forbidden type */
    uint8_t flags;
    bool padded;  /* the remaining length is not in its shortest form */
    size_t size;  /* of the header itself */
    size_t total; /* of the packet with its header */
};

enum wtr_mqtt_varint wtr_mqtt_read_header(const uint8_t *bytes, size_t available,
                                          struct wtr_mqtt_header *header);

/* Why the header alone makes the packet malformed under this version (0: under any); NULL if it doesn't. */
const char *wtr_mqtt_header_fault(const struct wtr_mqtt_header *header, uint8_t version);

/* Where properties stand: a bit for each packet type, and one for the will. */
enum { WTR_MQTT_IN_WILL = 0 };

enum wtr_mqtt_next {
    WTR_MQTT_NEXT_READ,
    WTR_MQTT_NEXT_END,
    WTR_MQTT_NEXT_UNKNOWN, /* an identifier that the specification does not have */
    WTR_MQTT_NEXT_CUT,     /* it runs past the properties */
};

enum wtr_mqtt_next wtr_mqtt_step_property(struct wtr_text properties, size_t *at,
                                          struct wtr_mqtt_property *property);

/* Goes through all properties of a packet of the type (or WTR_MQTT_IN_WILL). False, with why and where, if
 * they can't be read. If they can but one breaks the specification, *remark says how and *at where. */
bool wtr_mqtt_check_properties(struct wtr_text properties, unsigned where, size_t *at, const char **fault,
                               const char **remark);

/* Why the text can't be a topic name (section 4.7); NULL if it can. */
const char *wtr_mqtt_topic_fault(struct wtr_text topic);
/* The same for a topic filter: *readable says whether only its wildcards are misplaced. */
const char *wtr_mqtt_filter_fault(struct wtr_text filter, bool *readable);
/* Why the text can't be an MQTT string (section 1.5.3, 5.0 1.5.4); NULL if it can. */
const char *wtr_mqtt_string_fault(struct wtr_text text);

/* Whether the specification gives the code to this type of packet. */
bool wtr_mqtt_code_known(enum wtr_mqtt_type type, uint8_t version, uint8_t code);

/* What one whole packet can be, judged strictly: nothing in it may break the specification. */
struct wtr_mqtt_shape {
    enum wtr_mqtt_type type;
    bool before_5;  /* it can be 3.1's or 3.1.1's */
    bool in_5;      /* it can be 5's */
    bool alike;     /* and says the same in both */
    bool text_in_5; /* a PUBLISH whose payload as 5 reads it is text */
    bool telling;   /* it is more than a few fixed bytes */
};

void wtr_mqtt_shape_of(const uint8_t *bytes, size_t length, struct wtr_mqtt_shape *shape);

/* Who sends packets of a type. */
enum { WTR_MQTT_CLIENT_SENDS = 1, WTR_MQTT_BROKER_SENDS = 2 };

/* WTR_MQTT_CLIENT_SENDS or WTR_MQTT_BROKER_SENDS where only that end does, 0 where both do. */
unsigned wtr_mqtt_role_of(enum wtr_mqtt_type type);

/* Packets one behind the other, judged strictly and together: one version must fit all, and one role. */
struct wtr_mqtt_run {
    size_t length;  /* bytes of the packets judged so far */
    bool before_5;  /* all can be 3.1's or 3.1.1's */
    bool in_5;      /* all can be 5's */
    unsigned roles; /* of the senders that they had, or that are ruled out from the start */
    unsigned weight;
};

/* The weight from which packets are evidence. One telling packet has it; a PINGREQ or an acknowledgement, a
 * few fixed bytes that chance or a payload's tail may also hold, has half of it. */
enum { WTR_MQTT_ENOUGH_WEIGHT = 2 };

enum wtr_mqtt_step {
    WTR_MQTT_STEP_PACKET,     /* one more packet was judged sound */
    WTR_MQTT_STEP_END,        /* no byte is left */
    WTR_MQTT_STEP_UNFINISHED, /* a packet begins that may be sound, but is not whole */
    WTR_MQTT_STEP_BROKEN,     /* not MQTT, or not what the run can be */
};

/* Judges the packet behind those of the run. *total: of an unfinished one, the bytes it needs at least. */
enum wtr_mqtt_step wtr_mqtt_run_step(struct wtr_mqtt_run *run, const uint8_t *bytes, size_t available,
                                     size_t *total);

/* Whether the bytes begin a PUBLISH whose whole topic name is there. */
bool wtr_mqtt_begins_publish(const uint8_t *bytes, size_t available);

/* Looks for the next packet boundary of a direction, from *at of the span on, where a segment begins. True:
 * it is at *at, and the direction is in step again. False: *at is how far the bytes are done with, *need as
 * for a protocol's stream(). */
bool wtr_mqtt_search(struct wtr_mqtt_session *session, enum wtr_direction direction,
                     const struct wtr_span *span, size_t *at, size_t *need);

enum wtr_bid wtr_mqtt_probe(const struct wtr_probe *probe);

void wtr_mqtt_fields(const struct wtr_message *message, struct wtr_json_writer *out);

#endif

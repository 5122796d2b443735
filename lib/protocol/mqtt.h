/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT 3.1 (IBM, MQIsdp), 3.1.1 (OASIS, ISO/IEC 20922) and 5.0 (OASIS): control packets and the state of a
 * connection. */
#ifndef WTR_PROTOCOL_MQTT_H
#define WTR_PROTOCOL_MQTT_H

#include "base/bytes.h"
#include "base/text.h"
#include "protocol/protocol.h"

enum wtr_mqtt_type {
    WTR_MQTT_CONNECT = 1,
    WTR_MQTT_CONNACK = 2,
    WTR_MQTT_PUBLISH = 3,
    WTR_MQTT_PUBACK = 4,
    WTR_MQTT_PUBREC = 5,
    WTR_MQTT_PUBREL = 6,
    WTR_MQTT_PUBCOMP = 7,
    WTR_MQTT_SUBSCRIBE = 8,
    WTR_MQTT_SUBACK = 9,
    WTR_MQTT_UNSUBSCRIBE = 10,
    WTR_MQTT_UNSUBACK = 11,
    WTR_MQTT_PINGREQ = 12,
    WTR_MQTT_PINGRESP = 13,
    WTR_MQTT_DISCONNECT = 14,
    WTR_MQTT_AUTH = 15,
};

/* One control packet. All texts point into the packet's bytes, except a topic that an alias stands for,
 * which points into the session. A text that the packet lacks has data NULL. */
struct wtr_mqtt_packet {
    enum wtr_mqtt_type type;
    uint8_t version; /* 3 (3.1), 4 (3.1.1), 5, as CONNECT writes it; 0: not known */
    bool bridge; /* CONNECT: the version's top bit is set, by which mosquitto's bridges make themselves known
                  */
    bool dup;
    uint8_t qos;
    bool retain;
    bool has_packet_id;
    uint16_t packet_id;

    /* CONNECT */
    struct wtr_text protocol_name;
    bool clean_start;
    uint16_t keep_alive; /* seconds */
    struct wtr_text client_id;
    struct wtr_text username;
    struct wtr_text password;
    bool has_will;
    uint8_t will_qos;
    bool will_retain;
    struct wtr_text will_topic;
    struct wtr_text will_payload;
    struct wtr_text will_properties; /* encoded, without their length */

    /* CONNACK */
    bool session_present;

    /* CONNACK, PUBACK…, DISCONNECT, AUTH: one code; SUBACK, UNSUBACK: one a byte */
    bool has_reason_code;
    uint8_t reason_code;
    struct wtr_text reason_codes;

    /* PUBLISH */
    struct wtr_text topic; /* resolved; empty with data NULL where an alias is not known */
    bool has_topic_alias;
    uint16_t topic_alias;
    bool topic_from_alias; /* `topic` is the session's, not this packet's bytes */
    struct wtr_text payload;

    /* SUBSCRIBE, UNSUBSCRIBE: the encoded list */
    struct wtr_text filters;

    struct wtr_text properties; /* encoded, without their length; version 5 */
};

/* What a session holds at most: topic aliases of a direction, and the bytes of one packet. */
enum { WTR_MQTT_MAX_ALIASES = 256, WTR_MQTT_MAX_TOPIC = 65535, WTR_MQTT_MAX_PACKET = 1 << 20 };

struct wtr_mqtt_alias {
    char *topic;
    uint16_t length;
};

/* What stands directly before the first unread byte of a direction whose packets must be found again. */
enum wtr_mqtt_front {
    WTR_MQTT_FRONT_START,   /* nothing that was seen: the capture begins here */
    WTR_MQTT_FRONT_SEGMENT, /* a segment whose length is known */
    WTR_MQTT_FRONT_UNKNOWN, /* bytes that a longer packet may run through */
};

/* How the next packet of a direction is found; see mqtt_search.c. */
struct wtr_mqtt_finder {
    enum wtr_mqtt_front front;
    uint64_t front_segment;   /* the length, if front says so */
    int64_t front_ns;         /* and its time; INT64_MAX: not known */
    bool doubtful;            /* a search or a gap's length says where packets begin, not the stream alone */
    bool cut;                 /* the unread bytes begin inside a segment */
    size_t longest_segment;   /* seen so far */
    size_t last_segment;      /* the one seen last */
    uint64_t unfinished;      /* length of the packet that the unread bytes begin; 0: none, or not known */
    uint64_t unfinished_have; /* bytes of it that were there */
    const char *skip_reason;  /* why bytes are passed over, where no finding has said so yet */
};

/* A connection. `from` of an end says what its packets have shown it to be. */
struct wtr_mqtt_session {
    bool mid_stream; /* the beginning was not seen */
    bool connect_seen;
    uint8_t version;           /* 0: not known yet */
    bool before_5;             /* it is 3.1 or 3.1.1, which of them is not known; `version` is 0 */
    bool version_presumed;     /* 5 fits all that was seen, but nothing proves it */
    bool roles_known;          /* which end is the broker */
    bool roles_contradict;     /* both ends sent what only a broker, or only a client, sends */
    enum wtr_direction broker; /* the direction whose sender is the broker; meaningful if roles_known */
    bool connack_seen;
    bool session_present;     /* the broker resumed a stored session: queued messages may follow */
    bool bridge;              /* CONNECT was a mosquitto bridge's */
    bool retain_as_published; /* a subscription asked for it (version 5) */
    bool gap_seen;            /* bytes of either direction were lost, or packets could not be found in them */
    char *client_id;          /* copies of what CONNECT said; NULL: not seen */
    size_t client_id_length;
    char *username;
    size_t username_length;
    bool lost[2]; /* a gap in this direction: the next packet must be found again */
    bool resynchronised[2];
    uint64_t skip[2];                  /* bytes of a packet that is not read still to be passed over */
    struct wtr_mqtt_alias *aliases[2]; /* WTR_MQTT_MAX_ALIASES each, or NULL */
    struct wtr_mqtt_finder finder[2];
    struct wtr_piece *pieces; /* room for a message's pieces */
    size_t piece_capacity;
};

enum wtr_mqtt_verdict {
    WTR_MQTT_WHOLE,     /* *length bytes are one packet, decoded; where *reason is not NULL it breaks the
                           specification at *at, but its content can be read */
    WTR_MQTT_NEED,      /* *length bytes must be there first */
    WTR_MQTT_MALFORMED, /* *length bytes are one packet whose content breaks the specification, or 0: the
                           length itself can't be trusted; *reason says why and *at where */
};

/* Instead of a version: 3.1 or 3.1.1. */
enum { WTR_MQTT_BEFORE_5 = 255 };

/* Decodes the packet at the front of the bytes. `version` as in the packet, 0 where not known (then 3.1.1's
 * rules, or where those don't fit 5's or 3.1's), or WTR_MQTT_BEFORE_5. Topic aliases are left unresolved. Of
 * a malformed packet only the type and a CONNECT's version are certain. */
enum wtr_mqtt_verdict wtr_mqtt_decode(const uint8_t *bytes, size_t available, uint8_t version,
                                      struct wtr_mqtt_packet *packet, size_t *length, size_t *at,
                                      const char **reason);

/* Goes through a SUBSCRIBE's or UNSUBSCRIBE's filters; *at starts at 0. False at the end. `options` is the
 * byte behind the filter (QoS in the lowest two bits), 0 for UNSUBSCRIBE. */
bool wtr_mqtt_next_filter(const struct wtr_mqtt_packet *packet, size_t *at, struct wtr_text *filter,
                          uint8_t *options);

/* One property of version 5 (section 2.2.2.2). */
struct wtr_mqtt_property {
    uint8_t id;
    const char *name; /* the specification's name in snake_case */
    bool is_number;
    uint32_t number;       /* byte, two-byte, four-byte and variable byte integers */
    struct wtr_text text;  /* strings and binary data; the name of a user property */
    struct wtr_text value; /* the value of a user property */
};

/* Goes through encoded properties; *at starts at 0. False at the end, or where they are malformed (then *at
 * is less than properties.length). */
bool wtr_mqtt_next_property(struct wtr_text properties, size_t *at, struct wtr_mqtt_property *property);

/* Whether the packet was sent by the broker, by the client, or neither can be said. */
bool wtr_mqtt_from_broker(const struct wtr_mqtt_session *session, enum wtr_direction direction);
bool wtr_mqtt_from_client(const struct wtr_mqtt_session *session, enum wtr_direction direction);

/* What RETAIN in a PUBLISH says of it. Who must choose treats WTR_MQTT_STORED_OR_LIVE as stored: that claims
 * less. */
enum wtr_mqtt_retention {
    WTR_MQTT_LIVE,           /* it is not marked, or is on its way to the broker */
    WTR_MQTT_STORED,         /* the broker kept it from some time before the subscription */
    WTR_MQTT_STORED_OR_LIVE, /* the end is not known, or RETAIN may be handed on as published */
};

enum wtr_mqtt_retention wtr_mqtt_retention(const struct wtr_mqtt_session *session,
                                           enum wtr_direction direction,
                                           const struct wtr_mqtt_packet *publish);

/* Whether `filter` matches `topic` (section 4.7; of a shared subscription, 4.8.2, the filter that it names).
 */
bool wtr_mqtt_filter_matches(struct wtr_text filter, struct wtr_text topic);

extern const struct wtr_protocol wtr_mqtt;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Extraction of one source: packets to flows to messages to statements. Nothing here knows another source. */
#ifndef WTR_CASE_EXTRACT_H
#define WTR_CASE_EXTRACT_H

#include "base/sha256.h"
#include "case/case_internal.h"
#include "case/packer.h"
#include "infer/match.h"
#include "packet/capture.h"
#include "packet/datagrams.h"
#include "packet/flows.h"
#include "packet/fragments.h"
#include "packet/packet_filter.h"
#include "packet/wlan_open.h"
#include "timeline/note.h"
#include "vendor/say_context.h"

/* Statements of a stream that are remembered in case their bytes come again. */
enum { WTR_RECENT_STATEMENTS = 32 };

struct wtr_recent_statement {
    struct wtr_key key;
    uint64_t from, to; /* the message's place in its stream */
    uint64_t value_at; /* the value's */
    uint32_t value_length;
};

struct wtr_endpoint_text {
    char data[WTR_ENDPOINT_TEXT];
    size_t length;
};

/* What the case knows of a followed flow. */
struct wtr_connection {
    uint64_t id;              /* within the case */
    wtr_device_ref device;    /* whose own connection it is */
    wtr_device_ref bystander; /* a host of which something was said that counts only if it is a plug */
    struct wtr_endpoint_text end[2];
    const void *mqtt; /* the MQTT session that it carries (struct wtr_mqtt_session); NULL: none was seen */
    const char *mqtt_over; /* what carries that in the stream; NULL: nothing */
    bool has_statements;
    bool ended;           /* the session's end was stated */
    bool opened;          /* the session's beginning was stated */
    bool has_open_origin; /* the packet that opened the session, for when its device is known */
    struct wtr_origin open_origin;
    uint8_t open_segment[16]; /* and what its copies have in common, as have those of the session's end */
    uint16_t keep_alive;
    bool resumed; /* the broker resumed a stored session */
    int64_t resumed_ns;
    bool begun;                             /* a message of it was read */
    struct wtr_shape_window *shapes;        /* made on need */
    struct wtr_recent_statement *recent[2]; /* rings, made on need */
    uint64_t recent_count[2];
};

/* A topic that one family alone had learnt. */
struct wtr_learnt_topic {
    uint64_t hash;
    size_t vendor;
    bool known;
};

enum { WTR_LEARNT_TOPICS = 1 << 12 };

struct wtr_extract {
    struct wtr_case *c;
    struct wtr_case_source *source;
    uint32_t index;
    struct wtr_flows *flows;
    struct wtr_datagrams *datagrams;
    struct wtr_fragments *fragments;
    struct wtr_packet_filter *filter;
    struct wtr_packer *packer; /* takes all items */
    struct wtr_sha256 *sha256;
    struct wtr_decoders decoders; /* all protocols: the common ones, then the vendors' own */
    struct wtr_say say;
    void **vendor_states;
    size_t *carried; /* indexes of protocols inside others */
    size_t carried_count;
    void **carried_states; /* of protocols inside others, in the order of the decoders; made on need */
    struct wtr_learnt_topic learnt_topics[WTR_LEARNT_TOPICS];
    uint64_t *vendor_records, *vendor_errors;
    uint64_t *protocol_records, *protocol_errors;
    size_t last_protocol; /* index of the last message's */
    uint64_t capture_errors, header_errors, flow_errors;
    enum wtr_status status; /* the first failure: memory, temporary file */
    uint64_t sequence;
    uint64_t messages;
    uint32_t resolution_ns; /* of the current packet */
    bool timed;             /* the current packet bears a time */
    int64_t now_ns;
    const struct wtr_vendor *vendor; /* whose statements are being taken */
    size_t vendor_index;
    struct wtr_flow_view *flow; /* whose message is being read */
    const struct wtr_message *message;
    uint64_t inside;        /* bytes of the evidence between the carrier's first one and the message's */
    bool has_digests;       /* the current message was handed in for them */
    uint32_t place;         /* of the current message in its stream */
    struct wtr_map own;     /* device to its own connection's last packet time */
    struct wtr_map brokers; /* end points that are brokers */
    struct wtr_buffer packed;
    struct wtr_buffer fields;
    struct wtr_wlan *wlan;       /* NULL: no key to an 802.11 network was given */
    struct wtr_buffer opened[3]; /* steps, key and its origin */
};

enum wtr_status wtr_extract_open(struct wtr_extract *x, struct wtr_case *c, uint32_t index);
void wtr_extract_packet(struct wtr_extract *x, const struct wtr_packet *packet);
/* Ends all flows and fills in the source's summary. */
void wtr_extract_finish(struct wtr_extract *x);
void wtr_extract_close(struct wtr_extract *x);

/* statements.c */
/* Adds a finished statement of the message being read. */
void wtr_extract_statement(void *extract, struct wtr_item *item);
/* What the copies of the message being read at other ports and in other files have in common with it. */
void wtr_extract_segment(struct wtr_extract *x, uint8_t segment[16]);
/* Adds an item that is no statement. */
void wtr_extract_item(struct wtr_extract *x, struct wtr_item *item, int64_t time_ns);
void wtr_extract_finding(struct wtr_extract *x, enum wtr_item_type type, uint64_t flow,
                         const struct wtr_origin *origin, struct wtr_text where, struct wtr_text reason,
                         uint64_t missing);
/* The bytes of some statements came again. */
void wtr_extract_repeated(struct wtr_extract *x, struct wtr_connection *connection,
                          enum wtr_direction direction, uint64_t at, const struct wtr_origin *again);

/* followed.c: what flows tell. */
extern const struct wtr_flow_events wtr_extract_flow_events;
extern const struct wtr_datagram_events wtr_extract_datagram_events;

/* followed.c: keeps the message, and lets the vendor that claims it say what it states. */
void wtr_extract_message(struct wtr_extract *x, struct wtr_flow_view *flow, const struct wtr_carrier *carrier,
                         const char *path);
/* A finding of the protocol. */
void wtr_extract_unread(struct wtr_extract *x, const struct wtr_protocol *protocol,
                        const struct wtr_span *span, size_t at, size_t length, const char *reason);
/* The place of the protocol among the decoders. */
size_t wtr_extract_protocol(const struct wtr_extract *x, const struct wtr_protocol *protocol);

/* carried.c: what stands inside the message. */
void wtr_carried_read(struct wtr_extract *x, struct wtr_flow_view *flow, const struct wtr_carrier *carrier,
                      const char *path);
void wtr_carried_close(struct wtr_extract *x);

/* extract.c: what a packet's headers lead to, and where the payload of one of two transports goes. */
void wtr_extract_read(struct wtr_extract *x, const struct wtr_packet *packet, enum wtr_header_verdict verdict,
                      struct wtr_headers *h);
void wtr_extract_transport(struct wtr_extract *x, const struct wtr_packet *packet,
                           const struct wtr_headers *h, const struct wtr_span *payload, bool udp);

/* wlan.c: 802.11 frames that are encrypted, aggregates, or part of a handshake. */
enum wtr_status wtr_extract_wlan_begin(struct wtr_extract *x);
void wtr_extract_wlan(struct wtr_extract *x, const struct wtr_packet *packet, enum wtr_header_verdict verdict,
                      struct wtr_headers *h);
void wtr_extract_wlan_end(struct wtr_extract *x);

/* joined.c: states that a station joined a network; the packet has the last message of its handshake. */
void wtr_joined_say(struct wtr_extract *x, const struct wtr_packet *packet, const struct wtr_headers *h,
                    const struct wtr_wlan_join *join);
/* shapes.c: records of enciphered streams that fit a signature, or that the caller wants to see. */
bool wtr_shapes_wanted(const struct wtr_case *c);
void wtr_extract_shape(void *extract, struct wtr_flow_view *flow, const struct wtr_tls_record *record);
void wtr_extract_shape_gap(struct wtr_connection *connection);

/* opened.c: sets the names of the link layer's opening `via` before what the texts say already. They stand
 * until the next call. */
void wtr_opened_texts(struct wtr_extract *x, uint32_t via, struct wtr_text *steps, struct wtr_text *key,
                      struct wtr_text *key_origin);
/* The same for a statement, by where it stands. */
void wtr_opened_item(struct wtr_extract *x, struct wtr_item *item);

/* messages.c: keeps the message, if somebody wants messages. */
void wtr_keep_message(struct wtr_extract *x, const struct wtr_message *message, struct wtr_text from,
                      struct wtr_text to);

/* mqtt_context.c: what an MQTT message's statements share. */
void wtr_mqtt_context(struct wtr_extract *x, struct wtr_flow_view *flow, const struct wtr_message *message);
void wtr_mqtt_session_open(struct wtr_extract *x, struct wtr_flow_view *flow, wtr_device_ref device);
void wtr_mqtt_session_close(struct wtr_extract *x, struct wtr_flow_view *flow, enum wtr_direction by,
                            bool reset, const struct wtr_origin *origin);

#endif

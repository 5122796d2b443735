/* SPDX-License-Identifier: Apache-2.0 */
/* What a vendor-neutral protocol is: a decoder from the bytes of a stream or datagram to messages. It knows
 * neither capture files nor vendors, keeps its state in a session that the caller owns, and is a pure
 * function of what it is fed, so that a test or a fuzzer can call it without a capture.
 *
 * A new protocol is one `const struct wtr_protocol` in a file of its own and one line in registry.c. */
#ifndef WTR_PROTOCOL_PROTOCOL_H
#define WTR_PROTOCOL_PROTOCOL_H

#include "base/json.h"
#include "model/span.h"

enum wtr_direction {
    WTR_FROM_CLIENT = 0, /* from the end that opened the connection, as far as known */
    WTR_FROM_SERVER = 1,
};

/* One unit that a protocol says. Borrowed for the call that hands it out. */
struct wtr_message {
    const struct wtr_protocol *protocol;
    const char *type; /* the protocol's own word in lower case: publish, connack … */
    enum wtr_direction direction;
    struct wtr_span span; /* the message's bytes */
    const void *body;     /* decoded: struct wtr_mqtt_packet for MQTT, and so on */
    const void *session;  /* the connection's state: struct wtr_mqtt_session for MQTT */
};

/* Where a decoder puts what it finds. */
struct wtr_sink {
    void *payload;
    void (*message)(void *payload, const struct wtr_message *message);
    /* Something that could not be read: `length` bytes at `at` of the span being fed, and why. `reason` is a
     * constant sentence fragment without the place. */
    void (*finding)(void *payload, const struct wtr_span *span, size_t at, size_t length, const char *reason);
};

/* What is known when a stream is first offered to a protocol. */
struct wtr_probe {
    const uint8_t *bytes;
    size_t length;
    bool at_start;        /* these are the first bytes after the connection was opened */
    uint16_t client_port; /* the two ports; which end is the client's is a guess where at_start is false */
    uint16_t server_port;
};

enum wtr_bid {
    WTR_BID_NONE = 0,    /* not this protocol */
    WTR_BID_MORE = 1,    /* could be; offer more bytes */
    WTR_BID_LIKELY = 2,  /* the shape fits and nothing contradicts */
    WTR_BID_CERTAIN = 3, /* a signature that nothing else has */
};

struct wtr_protocol {
    const char *name;
    size_t session_size;

    /* Judges a segment of a TCP stream that no protocol has claimed. Reads nothing but the probe. */
    enum wtr_bid (*probe_stream)(const struct wtr_probe *probe);

    /* `session` is session_size zeroed bytes. `mid_stream`: the beginning was not seen. */
    void (*open)(void *session, bool mid_stream);
    void (*close)(void *session);

    /* Reads whole messages from the bytes at the front of the stream's unread part and hands each to the
     * sink. Returns how many bytes it is done with; the rest comes again, with more behind it. *need is set
     * to how many bytes the unread part must have before the next call makes sense (0: any more). */
    size_t (*stream)(void *session, enum wtr_direction direction, const struct wtr_span *unread, size_t *need,
                     struct wtr_sink *sink);
    /* `missing` bytes of the stream were lost (0: unknown how many); what was unread before them is gone. */
    void (*gap)(void *session, enum wtr_direction direction, uint64_t missing);

    /* Judges a UDP datagram. Reads nothing but the probe (where at_start is without meaning, and the client's
     * is the sender's port). NULL: not a protocol of datagrams. */
    enum wtr_bid (*probe_datagram)(const struct wtr_probe *probe);
    /* Reads a whole datagram that the protocol bid for, and hands its messages to the sink with no session.
     * The direction is WTR_FROM_CLIENT where the datagram goes to one of the protocol's own ports. */
    void (*datagram)(enum wtr_direction direction, const struct wtr_span *datagram, struct wtr_sink *sink);

    /* Each answer stands on its own: a connection that ends between two loses nothing. */
    bool exchanges;

    /* The message's own fields as members of a JSON object that is already open. */
    void (*fields)(const struct wtr_message *message, struct wtr_json_writer *out);

    /* TCP ports that are the protocol's own, ended by 0: a stream on one of them is offered for as long as it
     * lasts, others until enough was seen. NULL: none. */
    const uint16_t *ports;
};

/* All protocols, ended by NULL. */
extern const struct wtr_protocol *const wtr_protocols[];

#endif

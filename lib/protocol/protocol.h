/* SPDX-License-Identifier: Apache-2.0 */
/* What a vendor-neutral protocol is: a decoder from the bytes of a stream or datagram to messages. It knows
 * neither capture files nor vendors, keeps its state in a session that the caller owns, and is a pure
 * function of what it is fed, so that a test or a fuzzer can call it without a capture.
 *
 * A new protocol is one `const struct wtr_protocol` in a file of its own and one line in registry.c; one that
 * a single family of plugs speaks lives in that family's folder and is listed by its vendor. */
#ifndef WTR_PROTOCOL_PROTOCOL_H
#define WTR_PROTOCOL_PROTOCOL_H

#include "base/json.h"
#include "model/endpoint.h"
#include "model/keys.h"
#include "model/span.h"

enum wtr_direction {
    WTR_FROM_CLIENT = 0, /* from the end that opened the connection, as far as known */
    WTR_FROM_SERVER = 1,
};

struct wtr_datagram;
struct wtr_tls_record;

/* One unit that a protocol says. Borrowed for the call that hands it out. */
struct wtr_message {
    const struct wtr_protocol *protocol;
    const char *type; /* the protocol's own word in lower case: publish, connack … */
    enum wtr_direction direction;
    /* The message's bytes, deciphered and decoded where the protocol does that (span.opening says how). */
    struct wtr_span span;
    const void *body;    /* decoded: struct wtr_mqtt_packet for MQTT, and so on */
    const void *session; /* the connection's state: struct wtr_mqtt_session for MQTT */
    /* Joins a request and its answers: a number, not 0, that they alone share within the session (for
     * datagrams: within the source). 0: none, or the other one was not seen. */
    uint64_t exchange;
    const char *over; /* protocols that carry this one in the same stream: "http/websocket"; NULL: none */
    /* Of a protocol of datagrams, where it is said when none is being read: the one that it is about. */
    const struct wtr_datagram *about;
};

/* Where a decoder puts what it finds. */
struct wtr_sink {
    void *payload;
    void (*message)(void *payload, const struct wtr_message *message);
    /* Something that could not be read: `length` bytes at `at` of the span being fed, and why. `reason` is a
     * constant sentence fragment without the place. */
    void (*finding)(void *payload, const struct wtr_span *span, size_t at, size_t length, const char *reason);
    /* The shape of a record of an enciphered stream (tls.h), for who infers from shapes; NULL: nobody does.
     */
    void (*record)(void *payload, const struct wtr_tls_record *record);
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

/* What a session is begun with. */
struct wtr_session_setup {
    bool mid_stream;                /* the beginning was not seen */
    const struct wtr_keyring *keys; /* what may open what is enciphered; may be NULL; outlives the session */
};

/* A UDP datagram, or another unit that stands alone. */
struct wtr_datagram {
    struct wtr_endpoint from, to;
    enum wtr_direction direction; /* WTR_FROM_CLIENT where it goes to one of the protocol's own ports */
    struct wtr_span span;
    const char *path; /* the layers below: "eth/ipv4/udp"; a constant */
};

/* A message of one protocol in which another may stand, as a body or payload. Borrowed for the call. */
struct wtr_carrier {
    struct wtr_endpoint from, to;
    const struct wtr_message *message;
};

struct wtr_protocol {
    const char *name;
    size_t session_size;

    /* Judges a segment of a TCP stream that no protocol has claimed. Reads nothing but the probe. */
    enum wtr_bid (*probe_stream)(const struct wtr_probe *probe);

    /* `session` is session_size zeroed bytes. */
    void (*open)(void *session, const struct wtr_session_setup *setup);
    void (*close)(void *session);

    /* Reads whole messages from the bytes at the front of the stream's unread part and hands each to the
     * sink. Returns how many bytes it is done with; the rest comes again, with more behind it. *need is set
     * to how many bytes the unread part must have before the next call makes sense (0: any more). If it
     * returns more than there are, as many of the next ones are passed over: they are never handed to it. */
    size_t (*stream)(void *session, enum wtr_direction direction, const struct wtr_span *unread, size_t *need,
                     struct wtr_sink *sink);
    /* `missing` bytes of the stream were lost (0: unknown how many); what was unread before them is gone. Not
     * called for a loss that lies within bytes that are passed over. */
    void (*gap)(void *session, enum wtr_direction direction, uint64_t missing);

    /* Judges a UDP datagram. Reads nothing but the probe (where at_start is without meaning, and the client's
     * is the sender's port). NULL: not a protocol of datagrams. */
    enum wtr_bid (*probe_datagram)(const struct wtr_probe *probe);
    /* The state that the protocol keeps for all the datagrams of a source: its size (0: none), and what
     * begins and ends it. `state` is that many zeroed bytes. Both calls may be NULL. */
    size_t datagram_state_size;
    void (*open_datagrams)(void *state, const struct wtr_session_setup *setup);
    void (*close_datagrams)(void *state);
    /* Reads a whole datagram that the protocol bid for, and hands its messages to the sink. */
    void (*datagram)(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink);

    /* Each answer stands on its own: a connection that ends between two loses nothing. */
    bool exchanges;
    /* Spoken by far more than plugs: what can't be read of a stream is counted, and listed only once a family
     * has found something to say in that connection. */
    bool general;

    /* The message's own fields as members of a JSON object that is already open. */
    void (*fields)(const struct wtr_message *message, struct wtr_json_writer *out);

    /* Ports that are the protocol's own, ended by 0: a stream on one of them is offered for as long as it
     * lasts, others until enough was seen; a datagram to one of them comes from a client. NULL: none. */
    const uint16_t *ports;

    /* Reads what stands inside a message of another protocol, and hands its own messages to the sink, with
     * the carrier's `over`, `direction` and `exchange` where it has nothing better. Called for every message,
     * whatever its protocol, with one state for all messages of a source, so that what spans connections can
     * be followed; size and calls as for datagrams. Messages that were carried are not offered again. NULL:
     * the protocol is never inside another. */
    size_t carried_state_size;
    void (*open_carried)(void *state, const struct wtr_session_setup *setup);
    void (*close_carried)(void *state);
    void (*carried)(void *state, const struct wtr_carrier *carrier, struct wtr_sink *sink);

    /* A direction ended with a FIN, and `unread` is what is left of it: a message that lasts until then is
     * whole. Returns how many bytes it is done with. NULL: the protocol has no such messages. */
    size_t (*end)(void *session, enum wtr_direction direction, const struct wtr_span *unread,
                  struct wtr_sink *sink);

    /* Nothing more of the stream, or of the source's datagrams, will come: what the protocol has left to say,
     * which cites what came before. NULL: nothing. */
    void (*finish)(void *session, struct wtr_sink *sink);
    void (*finish_datagrams)(void *state, struct wtr_sink *sink);
};

/* What streams and datagrams are offered to. */
struct wtr_decoders {
    const struct wtr_protocol *const *protocols; /* ended by NULL */
    const struct wtr_keyring *keys;              /* may be NULL */
};

/* The protocols that no single family owns, ended by NULL. */
extern const struct wtr_protocol *const wtr_protocols[];

#endif

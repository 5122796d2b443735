/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the QUIC reader share. */
#ifndef WTR_PROTOCOL_QUIC_WIRE_H
#define WTR_PROTOCOL_QUIC_WIRE_H

#include "base/map.h"
#include "protocol/patches.h"
#include "protocol/quic.h"
#include "protocol/tls_wire.h"

enum {
    WTR_QUIC_MAX_CID = 20,           /* RFC 9000 17.2 */
    WTR_QUIC_MAX_CRYPTO = 1 << 16,   /* bytes of a direction's Initial CRYPTO stream that are read */
    WTR_QUIC_MAX_CONNECTIONS = 4096, /* of a source at a time */
    WTR_QUIC_REFUSED = 1 << 12,      /* places of ends whose first packets no key opened */
    WTR_QUIC_DATAGRAM = 65536,
};

enum wtr_quic_type {
    WTR_QUIC_INITIAL,
    WTR_QUIC_0RTT,
    WTR_QUIC_HANDSHAKE,
    WTR_QUIC_RETRY,
    WTR_QUIC_VERSION_NEGOTIATION,
};

/* A packet with a long header. Texts point into the datagram. */
struct wtr_quic_packet {
    enum wtr_quic_type type;
    uint32_t version;
    struct wtr_text dcid, scid, token;
    struct wtr_text versions; /* of a Version Negotiation */
    size_t at;                /* in the datagram */
    size_t number_at;         /* where the packet number stands */
    size_t sealed_at;         /* of an opened one: where what was sealed begins, behind it */
    size_t end;               /* behind the packet */
    uint64_t number;          /* of an opened one */
};

/* A direction's; made as they are needed, since most packets that are tried are none of QUIC's. */
struct wtr_quic_keys {
    uint8_t secret[32];
    bool has_hp, has_key, v2;
    uint8_t key[16], iv[12], hp[16];
};

/* The Initial secrets of a client's first destination connection id. */
struct wtr_quic_secrets {
    uint32_t version;
    uint8_t cid[WTR_QUIC_MAX_CID];
    uint8_t cid_length;
    struct wtr_quic_keys keys[2]; /* by direction */
};

/* A direction's CRYPTO stream. */
struct wtr_quic_crypto {
    uint8_t *bytes;
    size_t capacity;
    struct wtr_patches patches;
    bool told;
};

struct wtr_quic_connection {
    struct wtr_tls_memory memory;
    struct wtr_datagram about; /* the ends, the client first, and the path */
    struct wtr_quic_secrets secrets;
    bool retried;
    uint8_t retry_cid[WTR_QUIC_MAX_CID];
    uint8_t retry_cid_length;
    uint64_t largest[2]; /* packet number, of the directions' opened Initial packets */
    struct wtr_quic_crypto crypto[2];
};

struct wtr_quic_state {
    struct wtr_quic_connection *connections[WTR_QUIC_MAX_CONNECTIONS];
    size_t count;
    size_t victim;
    struct wtr_map index;
    uint64_t refused[WTR_QUIC_REFUSED];
    uint8_t *scratch; /* header and plain text of the packet being read */
};

/* quic_packet.c */

/* A variable-length integer (RFC 9000 16). */
uint64_t wtr_quic_take_number(struct wtr_cursor *c);
/* Whether a version's Initial packets can be read. */
bool wtr_quic_is_known(uint32_t version);
/* Takes the packet apart that begins at `at`. False: it is none with a long header, of a version that is
 * known, whose parts fit. */
bool wtr_quic_read_packet(const uint8_t *bytes, size_t length, size_t at, struct wtr_quic_packet *packet);

/* quic_initial.c (RFC 9001 5.2 to 5.4) */

/* The secrets of both directions; false: no memory. */
bool wtr_quic_derive(uint32_t version, struct wtr_text cid, struct wtr_quic_secrets *secrets);
/* The key of header protection, and those of the packet's seal. */
bool wtr_quic_make_hp(struct wtr_quic_keys *keys);
bool wtr_quic_make_key(struct wtr_quic_keys *keys);
/* Opens an Initial packet: takes header protection off, and the AEAD's seal. `scratch` has room for a
 * datagram; *plain is within it. False: the keys are not this packet's. */
bool wtr_quic_open(struct wtr_quic_keys *keys, const uint8_t *bytes, struct wtr_quic_packet *packet,
                   uint64_t largest, uint8_t *scratch, struct wtr_text *plain);

/* quic_frames.c */

extern const struct wtr_opening wtr_quic_opening;
/* Takes the frames of an opened packet, and tells the direction's hello once it is whole. */
void wtr_quic_read_frames(const struct wtr_tls_place *place, struct wtr_quic_crypto *crypto,
                          const struct wtr_span *plain);

/* quic_fields.c */

void wtr_quic_fields(const struct wtr_message *message, struct wtr_json_writer *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* DNS (RFC 1035) over UDP and TCP, multicast DNS (RFC 6762) and LLMNR (RFC 4795), which share one form of
 * message. A message is checked to its end and left where it stands: its names and records are read when
 * somebody asks, so that one of no interest costs a walk over its bytes. */
#ifndef WTR_PROTOCOL_DNS_H
#define WTR_PROTOCOL_DNS_H

#include "protocol/protocol.h"

enum {
    WTR_DNS_A = 1,
    WTR_DNS_NS = 2,
    WTR_DNS_CNAME = 5,
    WTR_DNS_SOA = 6,
    WTR_DNS_PTR = 12,
    WTR_DNS_MX = 15,
    WTR_DNS_TXT = 16,
    WTR_DNS_AAAA = 28,
    WTR_DNS_SRV = 33,
    WTR_DNS_DNAME = 39,
    WTR_DNS_OPT = 41,

    WTR_DNS_RESPONSE = 0x8000, /* QR in `flags` */

    WTR_DNS_NAME_TEXT = 1024,
};

enum wtr_dns_section {
    WTR_DNS_QUESTION,
    WTR_DNS_ANSWER,
    WTR_DNS_AUTHORITY,
    WTR_DNS_ADDITIONAL,
    WTR_DNS_SECTIONS,
};

/* A message whose questions are sound. */
struct wtr_dns {
    const uint8_t *bytes;
    size_t length;
    uint16_t id, flags;
    uint16_t count[WTR_DNS_SECTIONS]; /* what the header says */
    uint32_t sound;                   /* questions and records that are, from the first on */
};

struct wtr_dns_record {
    enum wtr_dns_section section;
    size_t name_at; /* place of its name in the message */
    size_t name_length;
    uint16_t type, class;
    uint32_t ttl;         /* not of a question */
    struct wtr_text data; /* not of a question */
};

/* A name in the form of RFC 1035 5.1, without the last dot: dots and backslashes in a label have a backslash
 * before them; bytes that are no text are \DDD. The root is ".". */
struct wtr_dns_name {
    size_t length;
    char text[WTR_DNS_NAME_TEXT];
};

/* Where a walk over a message stands. Begin with {.dns = message}. */
struct wtr_dns_walk {
    const struct wtr_dns *dns;
    size_t at;
    uint32_t done;
};

/* The next question or record; false after the last sound one. */
bool wtr_dns_next(struct wtr_dns_walk *walk, struct wtr_dns_record *record);

/* Reads the name at `at`, which a compression pointer may continue further in front; false if it is not
 * sound. *behind (may be NULL) is set to the first byte behind it where it stands. */
bool wtr_dns_read_name(const uint8_t *bytes, size_t length, size_t at, struct wtr_dns_name *name,
                       size_t *behind);

static inline struct wtr_text wtr_dns_name_text(const struct wtr_dns_name *name)
{
    return (struct wtr_text){name->text, name->length};
}

/* The string of a TXT record at *at, and *at moved behind it; false at the end. */
bool wtr_dns_next_string(struct wtr_text data, size_t *at, struct wtr_text *string);

/* Checks a message. NULL, or why it can't be read (then *at is where): if `dns->length` is not 0 its
 * questions and first records are sound all the same. */
const char *wtr_dns_read(const uint8_t *bytes, size_t length, struct wtr_dns *dns, size_t *at);

void wtr_dns_fields(const struct wtr_message *message, struct wtr_json_writer *out);

/* Messages of type "query" or "response"; body struct wtr_dns. */
extern const struct wtr_protocol wtr_dns;
extern const struct wtr_protocol wtr_mdns;
extern const struct wtr_protocol wtr_llmnr;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams under way, in a table of fixed size. A datagram's bytes are copied to their place as its parts
 * come; the parts stay sorted, because they are the pieces of the datagram's span when it is whole.
 *
 * A datagram that came twice, or two that overlap, are told apart by keeping what was put together until its
 * time is over or its room is needed: the same part with the same bytes is a repeat. Any other overlap leaves
 * two readings of which a receiver takes one or the other or none, so the datagram is refused with all its
 * parts, also those yet to come: RFC 5722 demands it for IPv6, and current systems do it for IPv4 too. */
#include "packet/fragments.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_DATAGRAMS = 64,
    MAX_PARTS = 64,
    LONGEST_DATAGRAM = 65535,
    LEAST_CAPACITY = 2048,
    MOST_CAPACITY = 65536, /* MAX_DATAGRAMS of these are 4 MiB */
};

/* RFC 791 3.2 gives 15 s at least, RFC 8200 4.5 60 s; current systems take 30 s. */
static const uint64_t LIFETIME_NS = 30U * UINT64_C(1000000000);

enum state {
    FREE,
    OPEN,    /* more parts are needed */
    WHOLE,   /* handed out; kept to know its repeats by */
    REFUSED, /* its parts contradict each other; kept to refuse the rest by */
};

/* What the parts of one datagram have in common. IPv6 would not need the protocol; it is the same in every
 * part that an honest sender makes. */
struct key {
    struct wtr_ip src;
    struct wtr_ip dst;
    uint32_t id;
    uint8_t protocol;
    bool v6;
};

struct datagram {
    enum state state;
    struct key key;
    uint64_t arrival; /* datagrams are numbered as they begin */
    bool has_time;
    int64_t first_ns;
    uint8_t *bytes;
    size_t capacity;
    size_t received;
    bool end_known;
    size_t length; /* if end_known */
    size_t part_count;
    struct wtr_piece parts[MAX_PARTS]; /* in order, disjoint */
};

struct wtr_fragments {
    struct datagram datagrams[MAX_DATAGRAMS];
    uint64_t arrivals;
    struct wtr_fragment_counts counts;
};

/* One fragment, as it came. */
struct part {
    size_t at;
    size_t end;
    bool more;
    const uint8_t *bytes;
};

struct wtr_fragments *wtr_fragments_new(void)
{
    return calloc(1, sizeof(struct wtr_fragments));
}

void wtr_fragments_free(struct wtr_fragments *fragments)
{
    if (fragments == NULL)
        return;
    for (size_t i = 0; i < MAX_DATAGRAMS; i++)
        free(fragments->datagrams[i].bytes);
    free(fragments);
}

static struct key key_of(const struct wtr_headers *headers)
{
    return (struct key){
        .src = headers->src,
        .dst = headers->dst,
        .id = headers->fragment_id,
        .protocol = headers->ip_protocol,
        .v6 = headers->v6,
    };
}

static bool key_equal(const struct key *a, const struct key *b)
{
    return a->id == b->id && a->protocol == b->protocol && a->v6 == b->v6 &&
           memcmp(&a->src, &b->src, sizeof a->src) == 0 && memcmp(&a->dst, &b->dst, sizeof a->dst) == 0;
}

/* Why a fragment is refused by itself, NULL if it is not. RFC 8200 4.5 says the same of both lengths. */
static const char *fault_of(const struct wtr_headers *headers)
{
    if (headers->captured < headers->length)
        return "the capture cut an IP fragment";
    if (headers->length == 0)
        return "an IP fragment is empty";
    if (headers->fragment_more && headers->length % 8 != 0)
        return "the length of an IP fragment that is not the last is no multiple of 8";
    if (headers->length > LONGEST_DATAGRAM || headers->fragment_at > LONGEST_DATAGRAM - headers->length)
        return "an IP fragment ends beyond the longest datagram";
    return NULL;
}

/* Times may run backwards, in a capture from several interfaces or over a change of the clock: a datagram
 * that began long after the fragment is no more its own than one that began long before. */
static bool is_stale(const struct datagram *datagram, const struct wtr_packet *packet)
{
    if (!datagram->has_time || !packet->has_time)
        return false;
    uint64_t first = (uint64_t)datagram->first_ns;
    uint64_t now = (uint64_t)packet->time_ns;
    return (packet->time_ns > datagram->first_ns ? now - first : first - now) > LIFETIME_NS;
}

static struct datagram *find(struct wtr_fragments *fragments, const struct key *key)
{
    for (size_t i = 0; i < MAX_DATAGRAMS; i++) {
        struct datagram *datagram = &fragments->datagrams[i];
        if (datagram->state != FREE && key_equal(&datagram->key, key))
            return datagram;
    }
    return NULL;
}

/* The datagram whose room is taken next: a free one, else the oldest that is done with, else the oldest. */
static struct datagram *oldest(struct wtr_fragments *fragments)
{
    struct datagram *best = &fragments->datagrams[0];
    for (size_t i = 0; i < MAX_DATAGRAMS; i++) {
        struct datagram *datagram = &fragments->datagrams[i];
        if (datagram->state == FREE)
            return datagram;
        bool open = datagram->state == OPEN;
        bool best_open = best->state == OPEN;
        if (open == best_open ? datagram->arrival < best->arrival : best_open)
            best = datagram;
    }
    return best;
}

/* Gives the datagram's place to a new one, which keeps the room for bytes. */
static void begin(struct wtr_fragments *fragments, struct datagram *datagram, const struct key *key,
                  const struct wtr_packet *packet)
{
    if (datagram->state == OPEN)
        fragments->counts.expired++;
    datagram->state = OPEN;
    datagram->key = *key;
    datagram->arrival = fragments->arrivals++;
    datagram->has_time = packet->has_time;
    datagram->first_ns = packet->time_ns;
    datagram->received = 0;
    datagram->end_known = false;
    datagram->part_count = 0;
}

static size_t part_end(const struct datagram *datagram, size_t i)
{
    return datagram->parts[i].at + datagram->parts[i].length;
}

/* Index of the first part that ends behind `at`: the part is that one's neighbour, or overlaps it. */
static size_t place_of(const struct datagram *datagram, size_t at)
{
    size_t i = 0;
    while (i < datagram->part_count && part_end(datagram, i) <= at)
        i++;
    return i;
}

static bool overlaps(const struct datagram *datagram, size_t place, const struct part *part)
{
    return place < datagram->part_count && datagram->parts[place].at < part->end;
}

static bool is_repeat(const struct datagram *datagram, size_t place, const struct part *part)
{
    if (!overlaps(datagram, place, part))
        return false;
    bool last = datagram->end_known && part->end == datagram->length;
    return datagram->parts[place].at == part->at && part_end(datagram, place) == part->end &&
           part->more == !last && memcmp(datagram->bytes + part->at, part->bytes, part->end - part->at) == 0;
}

/* Why a new part can't belong to the datagram as it is, NULL if it can. */
static const char *contradiction(const struct datagram *datagram, size_t place, const struct part *part)
{
    if (overlaps(datagram, place, part))
        return "IP fragments overlap";
    if (datagram->end_known && (!part->more || part->end > datagram->length))
        return "IP fragments disagree on where their datagram ends";
    if (!part->more && place < datagram->part_count)
        return "IP fragments disagree on where their datagram ends";
    if (datagram->part_count == MAX_PARTS)
        return "a datagram has more IP fragments than are kept";
    return NULL;
}

static bool make_room(struct datagram *datagram, size_t length)
{
    size_t capacity = datagram->capacity > 0 ? datagram->capacity : LEAST_CAPACITY;
    while (capacity < length && capacity < MOST_CAPACITY)
        capacity *= 2;
    if (capacity == datagram->capacity)
        return true;
    uint8_t *bytes = realloc(datagram->bytes, capacity);
    if (bytes == NULL)
        return false;
    datagram->bytes = bytes;
    datagram->capacity = capacity;
    return true;
}

static void keep(struct datagram *datagram, size_t place, const struct part *part,
                 const struct wtr_packet *packet, uint32_t payload_at)
{
    struct wtr_piece *piece = &datagram->parts[place];
    memmove(piece + 1, piece, (datagram->part_count - place) * sizeof *piece);
    *piece = (struct wtr_piece){
        .at = part->at,
        .length = part->end - part->at,
        .offset = packet->data_offset + payload_at,
        .record_offset = packet->record_offset,
        .frame = packet->frame,
        .time_ns = packet->time_ns,
        .via = packet->via,
    };
    memcpy(datagram->bytes + part->at, part->bytes, piece->length);
    datagram->part_count++;
    datagram->received += piece->length;
    if (!part->more) {
        datagram->end_known = true;
        datagram->length = part->end;
    }
}

static enum wtr_fragment_verdict drop(struct wtr_fragments *fragments, const char **reason, const char *text)
{
    fragments->counts.dropped++;
    *reason = text;
    return WTR_FRAGMENT_DROPPED;
}

/* Adds the part to its datagram, which is open. */
static enum wtr_fragment_verdict add_part(struct wtr_fragments *fragments, struct datagram *datagram,
                                          const struct part *part, const struct wtr_packet *packet,
                                          const struct wtr_headers *headers, const char **reason)
{
    size_t place = place_of(datagram, part->at);
    const char *text = contradiction(datagram, place, part);
    if (text != NULL) {
        fragments->counts.dropped += datagram->part_count;
        datagram->state = REFUSED;
        return drop(fragments, reason, text);
    }
    if (!make_room(datagram, part->end))
        return drop(fragments, reason, "there is no memory for an IP fragment");
    keep(datagram, place, part, packet, headers->payload_at);
    if (!datagram->end_known || datagram->received < datagram->length)
        return WTR_FRAGMENT_KEPT;
    datagram->state = WHOLE;
    fragments->counts.whole++;
    return WTR_FRAGMENT_WHOLE;
}

enum wtr_fragment_verdict wtr_fragments_add(struct wtr_fragments *fragments, const struct wtr_packet *packet,
                                            const struct wtr_headers *headers, struct wtr_span *datagram,
                                            const char **reason)
{
    fragments->counts.fragments++;
    const char *fault = fault_of(headers);
    if (fault != NULL)
        return drop(fragments, reason, fault);
    const struct part part = {
        .at = headers->fragment_at,
        .end = (size_t)headers->fragment_at + headers->length,
        .more = headers->fragment_more,
        .bytes = packet->bytes + headers->payload_at,
    };
    const struct key key = key_of(headers);
    struct datagram *own = find(fragments, &key);
    bool current = own != NULL && !is_stale(own, packet);
    if (current && own->state == REFUSED)
        return drop(fragments, reason, "an IP fragment belongs to a datagram that was refused");
    if (current && is_repeat(own, place_of(own, part.at), &part))
        return WTR_FRAGMENT_REPEAT;
    if (!current || own->state == WHOLE) {
        own = own != NULL ? own : oldest(fragments);
        begin(fragments, own, &key, packet);
    }
    enum wtr_fragment_verdict verdict = add_part(fragments, own, &part, packet, headers, reason);
    if (verdict == WTR_FRAGMENT_WHOLE) {
        *datagram = (struct wtr_span){
            .bytes = own->bytes,
            .length = own->length,
            .pieces = own->parts,
            .piece_count = own->part_count,
        };
    }
    return verdict;
}

void wtr_fragments_finish(struct wtr_fragments *fragments)
{
    for (size_t i = 0; i < MAX_DATAGRAMS; i++) {
        if (fragments->datagrams[i].state == OPEN)
            fragments->counts.expired++;
        fragments->datagrams[i].state = FREE;
    }
}

struct wtr_fragment_counts wtr_fragments_counts(const struct wtr_fragments *fragments)
{
    return fragments->counts;
}

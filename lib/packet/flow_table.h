/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded table of connections by their two ends, with the order in which they were last active. */
#ifndef WTR_PACKET_FLOW_TABLE_H
#define WTR_PACKET_FLOW_TABLE_H

#include "packet/link.h"
#include "wattrail/status.h"

/* The ends in an order that does not depend on the direction of the packet. */
struct wtr_flow_key {
    struct wtr_ip ip[2];
    uint16_t port[2];
};

enum wtr_flow_state {
    WTR_FLOW_FRESH,     /* nothing is known of its payload */
    WTR_FLOW_UNDECIDED, /* being offered to the protocols */
    WTR_FLOW_DULL,      /* of no interest */
    WTR_FLOW_CLAIMED,   /* followed */
    WTR_FLOW_OVER,      /* closed; kept for a while, so that stragglers begin no new flow */
};

/* The order of activity is kept apart for flows that are worth differently much. */
enum wtr_flow_list {
    WTR_FLOWS_PLAIN, /* fresh, dull and over */
    WTR_FLOWS_UNDECIDED,
    WTR_FLOWS_CLAIMED,
    WTR_FLOWS_LINGERING, /* closing, and something is missing that a capture out of order may still bring */
    WTR_FLOWS_LISTS
};

/* What is kept of every flow. Ends are numbered as in the key; sets of ends have bit 1 << end. */
struct wtr_flow_record {
    struct wtr_flow_key key;
    uint32_t hash;
    uint32_t chain;
    uint32_t newer;
    uint32_t older;
    uint8_t state;         /* enum wtr_flow_state */
    uint8_t list;          /* enum wtr_flow_list */
    uint8_t client;        /* the end that is the client */
    uint8_t syn;           /* the ends whose initial sequence number is known */
    uint8_t fin;           /* the ends that sent a FIN, as far as no stream looks after it */
    uint8_t data;          /* the ends that sent payload */
    uint8_t judged;        /* offers to the protocols that nobody took */
    bool guessed;          /* `client` was chosen by port */
    bool passed;           /* payload was seen and passed over: the streams do not start at the SYN */
    struct wtr_flow *flow; /* UNDECIDED and CLAIMED */
    uint32_t isn[2];
    uint32_t packets[2]; /* until it is claimed */
    int64_t first_ns;
    int64_t last_from_ns[2]; /* INT64_MIN: none */
    int64_t over_ns;
    uint64_t unused; /* makes the size a power of two */
};

struct wtr_flow_order {
    uint32_t newest;
    uint32_t oldest;
    uint32_t count;
};

struct wtr_flow_table {
    void *memory;
    struct wtr_flow_record *records; /* in `memory`; number 0 is none */
    uint32_t *buckets;
    uint32_t mask;
    uint32_t limit;
    uint32_t used; /* records ever used */
    uint32_t free; /* chain of records that were used */
    uint32_t live;
    uint32_t round; /* the record that was looked at last on the way round */
    struct wtr_flow_order order[WTR_FLOWS_LISTS];
};

enum wtr_status wtr_flow_table_init(struct wtr_flow_table *table, size_t limit);
void wtr_flow_table_free(struct wtr_flow_table *table);

/* Fills the key; returns which end is the packet's sender. */
unsigned wtr_flow_key_of(struct wtr_flow_key *key, const struct wtr_headers *headers);

/* NULL: not there. */
struct wtr_flow_record *wtr_flow_table_find(const struct wtr_flow_table *table,
                                            const struct wtr_flow_key *key);
/* Which record must be removed before one for the key can be added; NULL: there is room. */
struct wtr_flow_record *wtr_flow_table_in_the_way(const struct wtr_flow_table *table,
                                                  const struct wtr_flow_key *key);
/* A zeroed record with its key, in the list PLAIN. There must be room. */
struct wtr_flow_record *wtr_flow_table_add(struct wtr_flow_table *table, const struct wtr_flow_key *key);
void wtr_flow_table_remove(struct wtr_flow_table *table, struct wtr_flow_record *record);

/* Goes round all records that were ever used, one a call; a removed one is FRESH. NULL: none was. */
struct wtr_flow_record *wtr_flow_table_round(struct wtr_flow_table *table);

/* Makes the record the newest of the list. */
void wtr_flow_table_move(struct wtr_flow_table *table, struct wtr_flow_record *record,
                         enum wtr_flow_list list);
/* The longest idle of the list; NULL: it is empty. */
struct wtr_flow_record *wtr_flow_table_oldest(const struct wtr_flow_table *table, enum wtr_flow_list list);
/* The one that was active next after it; NULL: it is the newest. */
struct wtr_flow_record *wtr_flow_table_newer(const struct wtr_flow_table *table,
                                             const struct wtr_flow_record *record);

/* Makes the record, which is not, the newest of its list. */
void wtr_flow_table_renew(struct wtr_flow_table *table, struct wtr_flow_record *record);

static inline void wtr_flow_table_touch(struct wtr_flow_table *table, struct wtr_flow_record *record)
{
    if (record->newer != 0)
        wtr_flow_table_renew(table, record);
}

#endif

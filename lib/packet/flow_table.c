/* SPDX-License-Identifier: Apache-2.0 */
/* Chained hashing over an array of records, which never move. A chain has a greatest length, so that ends
 * chosen to collide cost no more than each other's place. The hash has no secret: the same capture gives the
 * same result in every run. */
#include "packet/flow_table.h"

#include <stdlib.h>

enum { LONGEST_CHAIN = 32 };

/* A record that is looked up and found dull is read and written within one line of the cache. */
enum { CACHE_LINE = 64 };

/* Flows that nothing claimed are the first to go, as long as they hold more than this share of the table;
 * with less, new ones would have no time to be recognised. */
enum { PLAIN_SHARE = 8 };

enum wtr_status wtr_flow_table_init(struct wtr_flow_table *table, size_t limit)
{
    *table = (struct wtr_flow_table){0};
    if (limit == 0 || limit > UINT32_MAX / 4)
        return WTR_E_ARGUMENT;
    size_t buckets = 16;
    while (buckets < limit)
        buckets *= 2;
    table->limit = (uint32_t)limit;
    table->mask = (uint32_t)(buckets - 1);
    table->memory = calloc(limit + 2, sizeof *table->records);
    table->buckets = calloc(buckets, sizeof *table->buckets);
    if (!table->memory || !table->buckets) {
        wtr_flow_table_free(table);
        return WTR_E_MEMORY;
    }
    size_t over = (uintptr_t)table->memory % CACHE_LINE;
    table->records = (struct wtr_flow_record *)((char *)table->memory + (over ? CACHE_LINE - over : 0));
    return WTR_OK;
}

void wtr_flow_table_free(struct wtr_flow_table *table)
{
    free(table->memory);
    free(table->buckets);
    *table = (struct wtr_flow_table){0};
}

/* An address as two numbers. Which end is which follows from them, and so from the byte order of the machine,
 * but nothing that is told does. */
static void words_of(uint64_t word[2], const struct wtr_ip *ip)
{
    memcpy(word, ip, 2 * sizeof *word);
}

unsigned wtr_flow_key_of(struct wtr_flow_key *key, const struct wtr_headers *headers)
{
    uint64_t src[2];
    uint64_t dst[2];
    words_of(src, &headers->src);
    words_of(dst, &headers->dst);
    unsigned sender = src[1] != dst[1]   ? src[1] > dst[1]
                      : src[0] != dst[0] ? src[0] > dst[0]
                                         : headers->src_port > headers->dst_port;
    key->ip[sender] = headers->src;
    key->ip[1 - sender] = headers->dst;
    key->port[sender] = headers->src_port;
    key->port[1 - sender] = headers->dst_port;
    return sender;
}

static uint64_t mixed(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static uint32_t hash_of(const struct wtr_flow_key *key)
{
    uint64_t a[2];
    uint64_t b[2];
    words_of(a, &key->ip[0]);
    words_of(b, &key->ip[1]);
    uint64_t networks = a[0] ^ (b[0] << 1 | b[0] >> 63);
    uint64_t ports = (uint64_t)key->port[0] << 16 | key->port[1];
    return (uint32_t)mixed(mixed(mixed(networks, a[1]), b[1]), ports);
}

static bool same_key(const struct wtr_flow_key *a, const struct wtr_flow_key *b)
{
    uint64_t x[4];
    uint64_t y[4];
    memcpy(x, a->ip, sizeof x);
    memcpy(y, b->ip, sizeof y);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) == 0 && a->port[0] == b->port[0] &&
           a->port[1] == b->port[1];
}

struct wtr_flow_record *wtr_flow_table_find(const struct wtr_flow_table *table,
                                            const struct wtr_flow_key *key)
{
    uint32_t hash = hash_of(key);
    for (uint32_t i = table->buckets[hash & table->mask]; i != 0; i = table->records[i].chain)
        if (table->records[i].hash == hash && same_key(&table->records[i].key, key))
            return &table->records[i];
    return NULL;
}

/* The record to go from the key's chain if that is as long as a chain may be: one that nothing claimed, if
 * there is such, and of these the one that is there longest. */
static struct wtr_flow_record *last_of_full_chain(const struct wtr_flow_table *table,
                                                  const struct wtr_flow_key *key)
{
    struct wtr_flow_record *last = NULL;
    struct wtr_flow_record *last_unclaimed = NULL;
    int length = 0;
    for (uint32_t i = table->buckets[hash_of(key) & table->mask]; i != 0; i = last->chain) {
        last = &table->records[i];
        if (last->list == WTR_FLOWS_PLAIN || last->list == WTR_FLOWS_UNDECIDED)
            last_unclaimed = last;
        length++;
    }
    if (length < LONGEST_CHAIN)
        return NULL;
    return last_unclaimed ? last_unclaimed : last;
}

struct wtr_flow_record *wtr_flow_table_in_the_way(const struct wtr_flow_table *table,
                                                  const struct wtr_flow_key *key)
{
    struct wtr_flow_record *record = last_of_full_chain(table, key);
    if (record || table->live < table->limit)
        return record;
    static const enum wtr_flow_list unclaimed_first[] = {WTR_FLOWS_PLAIN, WTR_FLOWS_UNDECIDED,
                                                         WTR_FLOWS_LINGERING, WTR_FLOWS_CLAIMED};
    static const enum wtr_flow_list claimed_first[] = {WTR_FLOWS_LINGERING, WTR_FLOWS_CLAIMED,
                                                       WTR_FLOWS_PLAIN, WTR_FLOWS_UNDECIDED};
    uint32_t unclaimed = table->order[WTR_FLOWS_PLAIN].count + table->order[WTR_FLOWS_UNDECIDED].count;
    const enum wtr_flow_list *lists =
        unclaimed > table->limit / PLAIN_SHARE ? unclaimed_first : claimed_first;
    for (int i = 0; i < WTR_FLOWS_LISTS && !record; i++)
        record = wtr_flow_table_oldest(table, lists[i]);
    return record;
}

static void unlink_from_order(struct wtr_flow_table *table, struct wtr_flow_record *record)
{
    struct wtr_flow_order *order = &table->order[record->list];
    if (record->newer)
        table->records[record->newer].older = record->older;
    else
        order->newest = record->older;
    if (record->older)
        table->records[record->older].newer = record->newer;
    else
        order->oldest = record->newer;
    order->count--;
}

static void put_newest(struct wtr_flow_table *table, struct wtr_flow_record *record, enum wtr_flow_list list)
{
    struct wtr_flow_order *order = &table->order[list];
    uint32_t number = (uint32_t)(record - table->records);
    record->list = (uint8_t)list;
    record->newer = 0;
    record->older = order->newest;
    if (order->newest)
        table->records[order->newest].newer = number;
    else
        order->oldest = number;
    order->newest = number;
    order->count++;
}

void wtr_flow_table_move(struct wtr_flow_table *table, struct wtr_flow_record *record,
                         enum wtr_flow_list list)
{
    unlink_from_order(table, record);
    put_newest(table, record, list);
}

void wtr_flow_table_renew(struct wtr_flow_table *table, struct wtr_flow_record *record)
{
    struct wtr_flow_record *records = table->records;
    struct wtr_flow_order *order = &table->order[record->list];
    uint32_t number = (uint32_t)(record - records);
    records[record->newer].older = record->older;
    if (record->older)
        records[record->older].newer = record->newer;
    else
        order->oldest = record->newer;
    record->newer = 0;
    record->older = order->newest;
    records[order->newest].newer = number;
    order->newest = number;
}

struct wtr_flow_record *wtr_flow_table_add(struct wtr_flow_table *table, const struct wtr_flow_key *key)
{
    uint32_t number = table->free;
    if (number)
        table->free = table->records[number].chain;
    else
        number = ++table->used;
    struct wtr_flow_record *record = &table->records[number];
    uint32_t hash = hash_of(key);
    uint32_t *bucket = &table->buckets[hash & table->mask];
    *record = (struct wtr_flow_record){.key = *key, .hash = hash, .chain = *bucket};
    *bucket = number;
    put_newest(table, record, WTR_FLOWS_PLAIN);
    table->live++;
    return record;
}

void wtr_flow_table_remove(struct wtr_flow_table *table, struct wtr_flow_record *record)
{
    uint32_t number = (uint32_t)(record - table->records);
    uint32_t *link = &table->buckets[record->hash & table->mask];
    while (*link != number)
        link = &table->records[*link].chain;
    *link = record->chain;
    unlink_from_order(table, record);
    record->state = WTR_FLOW_FRESH;
    record->chain = table->free;
    table->free = number;
    table->live--;
}

struct wtr_flow_record *wtr_flow_table_round(struct wtr_flow_table *table)
{
    if (table->used == 0)
        return NULL;
    table->round = table->round % table->used + 1;
    return &table->records[table->round];
}

struct wtr_flow_record *wtr_flow_table_oldest(const struct wtr_flow_table *table, enum wtr_flow_list list)
{
    uint32_t number = table->order[list].oldest;
    return number ? &table->records[number] : NULL;
}

struct wtr_flow_record *wtr_flow_table_newer(const struct wtr_flow_table *table,
                                             const struct wtr_flow_record *record)
{
    return record->newer ? &table->records[record->newer] : NULL;
}

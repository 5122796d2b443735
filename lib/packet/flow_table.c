/* SPDX-License-Identifier: Apache-2.0 */
/* Chained hashing over an array of records, which never move. A chain has a greatest length, so that ends
 * chosen to collide cost no more than each other's place. The hash has no secret: the same capture gives the
 * same result in every run. */
#include "packet/flow_table.h"

#include <stdlib.h>

enum { LONGEST_CHAIN = 32 };

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
    table->records = calloc(limit + 1, sizeof *table->records);
    table->buckets = calloc(buckets, sizeof *table->buckets);
    if (table->records && table->buckets)
        return WTR_OK;
    wtr_flow_table_free(table);
    return WTR_E_MEMORY;
}

void wtr_flow_table_free(struct wtr_flow_table *table)
{
    free(table->records);
    free(table->buckets);
    *table = (struct wtr_flow_table){0};
}

unsigned wtr_flow_key_of(struct wtr_flow_key *key, const struct wtr_headers *headers)
{
    int order = memcmp(&headers->src, &headers->dst, sizeof headers->src);
    unsigned sender = order > 0 || (order == 0 && headers->src_port > headers->dst_port);
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
    uint64_t word[4];
    memcpy(word, key->ip, sizeof word);
    uint64_t ports = (uint64_t)key->port[0] << 16 | key->port[1];
    uint64_t networks = word[0] ^ (word[2] << 1 | word[2] >> 63);
    return (uint32_t)mixed(mixed(mixed(networks, word[1]), word[3]), ports);
}

static bool same_key(const struct wtr_flow_key *a, const struct wtr_flow_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
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
    record->chain = table->free;
    table->free = number;
    table->live--;
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

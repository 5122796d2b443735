/* SPDX-License-Identifier: Apache-2.0 */
/* Repeats, and answers to their requests (RFC 7252 4.2 to 4.5 and 5.3; lifetimes of 4.8.2).
 *
 * A message is a repeat if the same end sent the same bytes under the same id to the same end within the id's
 * lifetime. Other bytes under a living id break the standard, and devices do it: then they are two messages.
 *
 * An answer is its request's if the token is, between the same ends; one in an acknowledgement must have the
 * id, too. The answers to a request to a group come from other addresses. Where several open requests for
 * different things bear one token (it may be empty), only the id tells, and without it nothing is matched. */
#include "protocol/coap_exchange.h"

#include "base/map.h"

#include <stdlib.h>

#define SECOND INT64_C(1000000000)

/* EXCHANGE_LIFETIME and NON_LIFETIME. */
static const int64_t exchange_lifetime = 247 * SECOND;
static const int64_t non_lifetime = 145 * SECOND;

bool wtr_coap_tables_open(struct wtr_coap_tables *tables, size_t sets)
{
    tables->recent = calloc(sets * WTR_COAP_WAYS, sizeof *tables->recent);
    tables->exchanges = calloc(sets * WTR_COAP_WAYS, sizeof *tables->exchanges);
    tables->sets = sets;
    if (tables->recent && tables->exchanges)
        return true;
    wtr_coap_tables_free(tables);
    return false;
}

void wtr_coap_tables_free(struct wtr_coap_tables *tables)
{
    free(tables->recent);
    free(tables->exchanges);
    tables->recent = NULL;
    tables->exchanges = NULL;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

static uint64_t hash_end(const struct wtr_endpoint *end, uint64_t seed)
{
    return wtr_hash64(end->ip.bytes, sizeof end->ip.bytes, seed ^ end->port);
}

static uint64_t hash_text(struct wtr_text text)
{
    return wtr_hash64(text.data, text.length, text.length);
}

static bool same_end(const struct wtr_endpoint *a, const struct wtr_endpoint *b)
{
    return a->port == b->port && memcmp(a->ip.bytes, b->ip.bytes, sizeof a->ip.bytes) == 0;
}

static bool is_group(const struct wtr_ip *ip)
{
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    if (!wtr_ip_is_v4(ip))
        return ip->bytes[0] == 0xff;
    return ip->bytes[12] >> 4 == 14 || memcmp(ip->bytes + 12, broadcast, sizeof broadcast) == 0;
}

/* ---- message ids */

static uint64_t id_key(const struct wtr_endpoint *from, const struct wtr_endpoint *to, uint16_t id,
                       bool echoed)
{
    return wtr_mix64(hash_end(from, hash_end(to, (uint64_t)id << 1 | echoed)));
}

static struct wtr_coap_recent *find_recent(const struct wtr_coap_tables *tables, uint64_t key,
                                           int64_t time_ns)
{
    struct wtr_coap_recent *set = &tables->recent[(key & (tables->sets - 1)) * WTR_COAP_WAYS];
    for (size_t i = 0; i < WTR_COAP_WAYS; i++)
        if (set[i].used && set[i].key == key && distance(set[i].time_ns, time_ns) <= exchange_lifetime)
            return &set[i];
    return NULL;
}

static struct wtr_coap_recent *new_recent(const struct wtr_coap_tables *tables, uint64_t key)
{
    struct wtr_coap_recent *set = &tables->recent[(key & (tables->sets - 1)) * WTR_COAP_WAYS];
    struct wtr_coap_recent *oldest = set;
    for (size_t i = 0; i < WTR_COAP_WAYS; i++) {
        if (!set[i].used || set[i].key == key)
            return &set[i];
        if (set[i].time_ns < oldest->time_ns)
            oldest = &set[i];
    }
    return oldest;
}

/* The exchange that a remembered message belonged to; NULL if it has given way. */
static struct wtr_coap_exchange *exchange_of(const struct wtr_coap_tables *tables,
                                             const struct wtr_coap_recent *recent)
{
    struct wtr_coap_exchange *exchange = recent->exchange ? &tables->exchanges[recent->slot] : NULL;
    return exchange && exchange->number == recent->exchange ? exchange : NULL;
}

/* Whether the message was seen before. What is remembered of its id is brought up to date. */
static struct wtr_coap_recent *take_id(struct wtr_coap_tables *tables, struct wtr_coap_passing *p)
{
    struct wtr_coap *coap = p->coap;
    bool echoed = coap->type >= WTR_COAP_ACK;
    uint64_t key = id_key(&p->from, &p->to, coap->message_id, echoed);
    const uint64_t hash[2] = {wtr_hash64(p->bytes, p->length, 1), wtr_hash64(p->bytes, p->length, 2)};
    struct wtr_coap_recent *recent = find_recent(tables, key, p->time_ns);
    int64_t lifetime = coap->type == WTR_COAP_NON ? non_lifetime : exchange_lifetime;
    if (recent && distance(recent->time_ns, p->time_ns) <= lifetime) {
        bool same = recent->hash[0] == hash[0] && recent->hash[1] == hash[1];
        coap->repeat = same;
        coap->repeat_ns = distance(recent->time_ns, p->time_ns);
        if (same)
            return recent;
        wtr_coap_note(coap, "the message id was used for another message within its lifetime");
    }
    recent = new_recent(tables, key);
    *recent = (struct wtr_coap_recent){.key = key,
                                       .hash = {hash[0], hash[1]},
                                       .token = hash_text(coap->token),
                                       .time_ns = p->time_ns,
                                       .used = true};
    return recent;
}

/* ---- exchanges */

static uint64_t exchange_key(const struct wtr_endpoint *client, const struct wtr_endpoint *server,
                             uint64_t token)
{
    return wtr_mix64(hash_end(client, hash_end(server, token)));
}

static struct wtr_coap_exchange *find_exchange(const struct wtr_coap_tables *tables,
                                               const struct wtr_endpoint *client,
                                               const struct wtr_endpoint *server, uint64_t token)
{
    uint64_t key = exchange_key(client, server, token);
    struct wtr_coap_exchange *set = &tables->exchanges[(key & (tables->sets - 1)) * WTR_COAP_WAYS];
    for (size_t i = 0; i < WTR_COAP_WAYS; i++) {
        bool same = set[i].number && set[i].key == key && set[i].token == token &&
                    same_end(&set[i].client, client) && same_end(&set[i].server, server);
        if (same)
            return &set[i];
    }
    return NULL;
}

static struct wtr_coap_exchange *new_exchange(const struct wtr_coap_tables *tables, uint64_t key)
{
    struct wtr_coap_exchange *set = &tables->exchanges[(key & (tables->sets - 1)) * WTR_COAP_WAYS];
    struct wtr_coap_exchange *oldest = set;
    for (size_t i = 0; i < WTR_COAP_WAYS; i++) {
        if (set[i].number == 0)
            return &set[i];
        if (set[i].touched_ns < oldest->touched_ns)
            oldest = &set[i];
    }
    return oldest;
}

/* Appends as much as there is room for; false if that was not all. */
static bool append(char *to, uint8_t *length, char separator, struct wtr_text text)
{
    size_t room = WTR_COAP_MAX_PATH - *length;
    if (separator && room > 0) {
        to[(*length)++] = separator;
        room--;
    }
    size_t n = text.length < room ? text.length : room;
    if (n > 0)
        memcpy(to + *length, text.data, n);
    *length = (uint8_t)(*length + n);
    return n == text.length;
}

static void keep_request(struct wtr_coap_request *request, const struct wtr_coap *coap, int64_t time_ns)
{
    *request = (struct wtr_coap_request){.time_ns = time_ns, .code = coap->code};
    for (struct wtr_coap_option o = {0}; wtr_coap_next_option(coap->options, &o);) {
        bool whole = true;
        if (o.number == WTR_COAP_URI_PATH)
            whole = append(request->path, &request->path_length, '/', o.value);
        else if (o.number == WTR_COAP_URI_QUERY)
            whole =
                append(request->query, &request->query_length, request->query_length ? '&' : '\0', o.value);
        request->cut = request->cut || !whole;
    }
    if (request->path_length == 0)
        request->path[request->path_length++] = '/';
}

static bool same_resource(const struct wtr_coap_request *a, const struct wtr_coap_request *b)
{
    return a->code == b->code && !a->cut && !b->cut && a->path_length == b->path_length &&
           a->query_length == b->query_length && memcmp(a->path, b->path, a->path_length) == 0 &&
           memcmp(a->query, b->query, a->query_length) == 0;
}

/* A request under a token that was used before: what of the old one still holds. */
static void succeed(struct wtr_coap_exchange *exchange, const struct wtr_coap_exchange *old,
                    const struct wtr_coap *coap, int64_t time_ns)
{
    struct wtr_coap_block block;
    bool same = same_resource(&exchange->request, &old->request);
    bool open = !old->answered && distance(old->touched_ns, time_ns) <= exchange_lifetime;
    bool goes_on = wtr_coap_block(coap, WTR_COAP_BLOCK2, &block) && block.number > 0;
    exchange->ambiguous = open && (!same || old->ambiguous);
    if (!same || (!goes_on && !exchange->asks_end))
        return;
    /* The next block of what is observed, or the end of observing: the relation is the same. */
    exchange->observes = old->observes;
    exchange->deleted = old->deleted;
    exchange->ended = exchange->ended || old->ended;
    exchange->unacknowledged = old->unacknowledged;
    exchange->last_confirmable = old->last_confirmable;
    exchange->has_format = old->has_format;
    exchange->format = old->format;
}

static struct wtr_coap_exchange *open_exchange(struct wtr_coap_tables *tables, struct wtr_coap_passing *p)
{
    static const struct wtr_endpoint nowhere;
    const struct wtr_coap *coap = p->coap;
    const struct wtr_endpoint *server = is_group(&p->to.ip) ? &nowhere : &p->to;
    uint64_t token = hash_text(coap->token);
    struct wtr_coap_block block;
    uint32_t observe = 0;
    struct wtr_coap_exchange *slot = find_exchange(tables, &p->from, server, token);
    struct wtr_coap_exchange made = {.number = ++tables->made,
                                     .client = p->from,
                                     .server = *server,
                                     .key = exchange_key(&p->from, server, token),
                                     .token = token,
                                     .touched_ns = p->time_ns,
                                     .message_id = coap->message_id,
                                     .reliable = coap->reliable};
    keep_request(&made.request, coap, p->time_ns);
    bool observable = coap->code == WTR_COAP_GET || coap->code == WTR_COAP_FETCH;
    bool has_observe = wtr_coap_uint(wtr_coap_find_option(coap, WTR_COAP_OBSERVE), &observe);
    made.asks_observe = observable && has_observe && observe == 0;
    made.asks_end = observable && has_observe && observe == 1;
    made.ended = made.asks_end;
    if (wtr_coap_block(coap, WTR_COAP_BLOCK2, &block)) {
        made.has_block = true;
        made.szx = block.szx;
    }
    if (slot)
        succeed(&made, slot, coap, p->time_ns);
    else
        slot = new_exchange(tables, made.key);
    *slot = made;
    return slot;
}

/* The request that this answers; NULL: it was not seen, or it can't be told. */
static struct wtr_coap_exchange *answered_by(const struct wtr_coap_tables *tables,
                                             const struct wtr_coap_passing *p)
{
    static const struct wtr_endpoint nowhere;
    const struct wtr_coap *coap = p->coap;
    uint64_t token = hash_text(coap->token);
    struct wtr_coap_exchange *exchange = find_exchange(tables, &p->to, &p->from, token);
    if (!exchange)
        exchange = find_exchange(tables, &p->to, &nowhere, token);
    if (!exchange)
        return NULL;
    bool old = !exchange->observes && distance(exchange->touched_ns, p->time_ns) > exchange_lifetime;
    if (old || (exchange->ambiguous && (coap->reliable || coap->type != WTR_COAP_ACK)))
        return NULL;
    bool other_id = !coap->reliable && coap->type == WTR_COAP_ACK && coap->message_id != exchange->message_id;
    return other_id ? NULL : exchange;
}

/* An acknowledgement with an answer whose token is not that of the request that it acknowledges. */
static void check_token(const struct wtr_coap_tables *tables, const struct wtr_coap_passing *p)
{
    uint64_t key = id_key(&p->to, &p->from, p->coap->message_id, false);
    const struct wtr_coap_recent *request = find_recent(tables, key, p->time_ns);
    if (request && request->token != hash_text(p->coap->token))
        wtr_coap_note(p->coap, "the answer's token is not its request's");
}

static void check_block_size(const struct wtr_coap_passing *p, const struct wtr_coap_exchange *exchange)
{
    struct wtr_coap_block block;
    if (exchange->has_block && wtr_coap_block(p->coap, WTR_COAP_BLOCK2, &block) && block.szx > exchange->szx)
        wtr_coap_note(p->coap, "the block size (SZX) is larger than was asked for");
}

static void take_answer(struct wtr_coap_tables *tables, struct wtr_coap_passing *p)
{
    struct wtr_coap_exchange *exchange = answered_by(tables, p);
    if (!p->coap->reliable && p->coap->type == WTR_COAP_ACK)
        check_token(tables, p);
    p->found = exchange;
    if (!exchange || p->coap->repeat)
        return;
    if (!wtr_coap_answers(exchange->request.code, p->coap->code))
        wtr_coap_note(p->coap, "the code is not one that answers the request's method");
    check_block_size(p, exchange);
    wtr_coap_observe_answer(tables, p, exchange);
    exchange->answered = true;
    exchange->touched_ns = p->time_ns;
}

/* An empty acknowledgement or a reset: of what the other end sent under this id. */
static void take_empty(const struct wtr_coap_tables *tables, struct wtr_coap_passing *p)
{
    uint64_t key = id_key(&p->to, &p->from, p->coap->message_id, false);
    const struct wtr_coap_recent *sent = find_recent(tables, key, p->time_ns);
    if (!sent)
        return;
    struct wtr_coap_exchange *exchange = exchange_of(tables, sent);
    p->exchange = sent->exchange;
    p->found = exchange;
    if (!exchange)
        return;
    if (exchange->last_confirmable == p->coap->message_id)
        exchange->unacknowledged = false;
    if (p->coap->type == WTR_COAP_RST && sent->notification)
        wtr_coap_observe_reset(exchange);
}

static void mark(struct wtr_coap_passing *p)
{
    const struct wtr_coap_exchange *exchange = p->found;
    struct wtr_coap *coap = p->coap;
    if (!exchange)
        return;
    p->exchange = exchange->number;
    coap->observed = exchange->observes;
    if (!wtr_coap_is_request(coap->code))
        coap->request = &exchange->request;
}

void wtr_coap_match(struct wtr_coap_tables *tables, struct wtr_coap_passing *p)
{
    struct wtr_coap *coap = p->coap;
    struct wtr_coap_recent *recent = NULL;
    if (!tables->recent)
        return;
    if (!coap->reliable)
        recent = take_id(tables, p);
    if (coap->repeat && recent && recent->exchange) {
        p->exchange = recent->exchange;
        p->found = exchange_of(tables, recent);
        coap->notification = recent->notification;
    } else if (wtr_coap_is_request(coap->code)) {
        p->found = coap->repeat ? NULL : open_exchange(tables, p);
    } else if (wtr_coap_is_response(coap->code)) {
        take_answer(tables, p);
    } else if (!coap->reliable && coap->type >= WTR_COAP_ACK) {
        take_empty(tables, p);
    }
    mark(p);
    if (recent && !coap->repeat && p->found) {
        recent->exchange = p->found->number;
        recent->slot = (uint32_t)(p->found - tables->exchanges);
        recent->notification = coap->notification;
    }
}

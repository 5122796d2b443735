/* SPDX-License-Identifier: Apache-2.0 */
/* The search for copies, in one pass over the statements in order, with a window of recent groups. */
#include "timeline/copies.h"

#include "base/bytes.h"

#include <stdlib.h>

#define SECOND INT64_C(1000000000)

/* How late a delivery may follow its publication; how far apart deliveries may lie whose publication was not
 * seen; how much earlier than its publication a capture may show a delivery (two ports of one router). */
static const int64_t relay_window = 10 * SECOND;
static const int64_t fanout_window = SECOND / 10;
static const int64_t inversion_window = SECOND / 20;
/* A subscriber whose filters overlap may get one delivery for each of them (MQTT 3.1.1, 3.3.5), back to back.
 */
static const int64_t overlap_window = SECOND / 50;
static const int64_t vantage_window = 5 * SECOND;
/* Equal datagrams that are one: real devices send equal ones a second apart that are not. */
static const int64_t datagram_window = SECOND / 500;
/* How far apart the repeats of a numbered report may lie: numbers come again, long after. */
static const int64_t numbered_window = 60 * SECOND;
static const int64_t will_window = 2 * SECOND;

enum { GROUPS = 1 << 14, BUCKETS = 1 << 15, GROUP_FLOWS = 12, BUCKET_LENGTH = 64, WILL_COPIES = 16 };

static const uint32_t no_group = UINT32_MAX;

/* Equal statements that are, as far as seen, one message. */
struct group {
    uint8_t digest[16];
    struct wtr_key original;
    int64_t time_ns;
    int64_t last_ns; /* when the last message joined */
    bool published;
    uint8_t flow_count;
    uint64_t flows[GROUP_FLOWS];
    /* Of datagrams: the message that joined last. What a message says elsewhere in its bytes is no copy. */
    uint64_t message;
    uint32_t source;
};

/* A group's place in its bucket's list. These stand apart from the groups, because most statements are of
 * none: what they look at on the way is to be small. */
struct link {
    uint64_t hash;
    uint32_t next; /* the next younger group of the bucket */
    bool used;
};

/* From the bucket's oldest group to its youngest, of bounded length. */
struct bucket {
    uint32_t head, tail;
    uint32_t length;
};

/* A ring of groups, found through buckets; the oldest gives way. */
struct groups {
    struct group ring[GROUPS];
    struct link links[GROUPS];
    struct bucket buckets[BUCKETS];
    uint64_t made;
};

/* The last end of a device's session; of a last will, what was noted about it so far. */
struct ending {
    struct wtr_key key;
    struct wtr_statement fixed;
    struct wtr_note notes[WILL_COPIES];
    size_t note_count;
    uint64_t opened_since; /* the flow over which the device opened another session; 0: none */
};

struct finder {
    const struct wtr_devices *devices;
    struct wtr_sorter *out;
    struct wtr_map *same; /* flow to an earlier one that is the same connection */
    const struct wtr_originals *originals;
    struct groups *relays;
    struct groups *segments;
    struct wtr_map gaps;  /* flow to the time of its last gap */
    struct wtr_map ended; /* device to index in `endings` */
    struct ending *endings;
    size_t ending_count;
    size_t ending_capacity;
};

static uint32_t same_device(const struct finder *f, uint32_t device)
{
    return device < f->devices->count ? f->devices->list[device].same_as : device;
}

static bool is_zero(const uint8_t digest[16])
{
    static const uint8_t zero[16];
    return memcmp(digest, zero, sizeof zero) == 0;
}

/* What beside the message's digest must be equal for two statements to be one: the device, and which of the
 * message's statements it is. A plug that is asked directly is one wherever its bytes were seen, though one
 * source may know it by its address alone: there the digest is enough. */
static uint64_t hash_in_message(const struct finder *f, const struct wtr_statement *fixed,
                                struct wtr_text channel)
{
    bool direct = fixed->flags & WTR_FLAG_EXCHANGE;
    uint32_t device = direct ? WTR_NO_DEVICE : same_device(f, fixed->device);
    uint64_t which = (uint64_t)device << 32 | (uint64_t)fixed->kind << 16 | fixed->ordinal;
    return wtr_hash64(channel.data, channel.length, which);
}

/* The digest's bits are as good as random. */
static uint64_t with_digest(uint64_t in_message, const uint8_t digest[16])
{
    return wtr_mix64(in_message ^ wtr_le64(digest));
}

/* NULL: no memory. */
static struct groups *open_groups(void)
{
    struct groups *groups = calloc(1, sizeof *groups);
    for (size_t i = 0; groups && i < BUCKETS; i++)
        groups->buckets[i] = (struct bucket){.head = no_group, .tail = no_group};
    return groups;
}

static void drop_oldest(struct groups *groups, struct bucket *bucket)
{
    if (bucket->head == no_group)
        return;
    struct link *link = &groups->links[bucket->head];
    link->used = false;
    bucket->head = link->next;
    bucket->length--;
    if (bucket->head == no_group)
        bucket->tail = no_group;
}

/* A new group, the youngest of its bucket. Its place in the ring is the oldest group's, which is therefore
 * the oldest of its own bucket. */
static struct group *add_group(struct groups *groups, uint64_t hash, const struct wtr_statement *fixed,
                               const uint8_t digest[16])
{
    uint32_t index = (uint32_t)(groups->made++ % GROUPS);
    struct group *g = &groups->ring[index];
    struct link *link = &groups->links[index];
    struct bucket *bucket = &groups->buckets[hash % BUCKETS];
    if (link->used)
        drop_oldest(groups, &groups->buckets[link->hash % BUCKETS]);
    if (bucket->length == BUCKET_LENGTH)
        drop_oldest(groups, bucket);
    *link = (struct link){.hash = hash, .next = no_group, .used = true};
    *g = (struct group){
        .original = fixed->key, .time_ns = fixed->origin.time_ns, .last_ns = fixed->origin.time_ns};
    memcpy(g->digest, digest, sizeof g->digest);
    if (bucket->tail == no_group)
        bucket->head = index;
    else
        groups->links[bucket->tail].next = index;
    bucket->tail = index;
    bucket->length++;
    return g;
}

/* Goes through the groups of the hash and digest, from the oldest; *at starts at the bucket's head. NULL:
 * that was all. */
static struct group *next_group(struct groups *groups, uint64_t hash, const uint8_t digest[16], uint32_t *at)
{
    while (*at != no_group) {
        const struct link *link = &groups->links[*at];
        struct group *g = &groups->ring[*at];
        *at = link->next;
        if (link->hash == hash && memcmp(g->digest, digest, sizeof g->digest) == 0)
            return g;
    }
    return NULL;
}

static uint32_t head_of(const struct groups *groups, uint64_t hash)
{
    return groups->buckets[hash % BUCKETS].head;
}

static bool has_flow(const struct group *g, uint64_t flow)
{
    for (uint8_t i = 0; i < g->flow_count; i++)
        if (g->flows[i] == flow)
            return true;
    return false;
}

/* Whether bytes of the flow were lost since: then the group's own delivery may be what was lost. */
static bool lost_since(const struct finder *f, uint64_t flow, int64_t since_ns)
{
    const uint64_t *gap = wtr_map_find(&f->gaps, flow);
    return gap && (int64_t)*gap >= since_ns;
}

/* Whether the message has its place in the group still free, and is near enough to what is there. */
static bool may_join(const struct finder *f, const struct group *g, const struct wtr_statement *fixed)
{
    int64_t distance = fixed->origin.time_ns - g->time_ns;
    if (distance < 0)
        distance = -distance;
    /* What was delivered before the connection was opened was not published over it. */
    if (fixed->leg == WTR_LEG_TO_BROKER)
        return !g->published && distance <= inversion_window && fixed->flow_start_ns <= g->time_ns;
    bool waited = fixed->flags & WTR_FLAG_RESUMED && g->published;
    /* A connection that was opened since can't have been sent the message then, unless it waited for it. */
    if (has_flow(g, fixed->flow) || (!waited && fixed->flow_start_ns > g->time_ns) ||
        lost_since(f, fixed->flow, g->time_ns))
        return false;
    if (waited)
        return true;
    return distance <= (g->published ? relay_window : fanout_window);
}

/* Whether the message is one more delivery of a publication to a subscriber that just got it. */
static bool overlaps(const struct group *g, const struct wtr_statement *fixed)
{
    int64_t distance = fixed->origin.time_ns - g->last_ns;
    return fixed->leg == WTR_LEG_FROM_BROKER && g->published && has_flow(g, fixed->flow) && distance >= 0 &&
           distance <= overlap_window;
}

static void add_flow(struct group *g, uint64_t flow)
{
    if (g->flow_count < GROUP_FLOWS && !has_flow(g, flow))
        g->flows[g->flow_count++] = flow;
}

static void take_place(struct group *g, const struct wtr_statement *fixed)
{
    g->last_ns = fixed->origin.time_ns;
    if (fixed->leg == WTR_LEG_TO_BROKER)
        g->published = true;
    else
        add_flow(g, fixed->flow);
}

/* Says of `original` what the notes say. */
static enum wtr_status pass_on(struct finder *f, const struct wtr_note *notes, size_t count,
                               const struct wtr_key *original)
{
    enum wtr_status status = WTR_OK;
    for (size_t i = 0; i < count && status == WTR_OK; i++) {
        struct wtr_note note = notes[i];
        note.about = *original;
        status = wtr_note_add(f->out, &note);
    }
    return status;
}

/* The device's last ending; NULL: none was seen. */
static struct ending *ending_of(const struct finder *f, uint32_t device)
{
    const uint64_t *known = wtr_map_find(&f->ended, device);
    return known && *known < f->ending_count ? f->endings + *known : NULL;
}

/* Keeps a copy of the last will that stands as its device's last ending. */
static void keep_for_will(struct finder *f, uint32_t device, const struct wtr_note *also)
{
    struct ending *ending = ending_of(f, device);
    if (ending && wtr_key_compare(&ending->key, &also->about) == 0 && ending->note_count < WILL_COPIES)
        ending->notes[ending->note_count++] = *also;
}

/* The statement is a copy of the one at `original`. */
static enum wtr_status make_copy(struct finder *f, const struct wtr_joined_item *joined,
                                 const struct wtr_statement *fixed, const struct wtr_key *original,
                                 enum wtr_copy copy)
{
    struct wtr_note drop = {.about = fixed->key, .type = WTR_NOTE_DROP};
    struct wtr_note also = {.about = *original,
                            .origin = fixed->origin,
                            .flow = fixed->flow,
                            .source = fixed->key.source,
                            .type = WTR_NOTE_ALSO,
                            .copy = (uint8_t)copy,
                            .leg = fixed->leg};
    enum wtr_status status = wtr_note_add(f->out, &drop);
    if (status == WTR_OK)
        status = wtr_note_add(f->out, &also);
    if (fixed->flags & WTR_FLAG_LAST_WILL)
        keep_for_will(f, same_device(f, fixed->device), &also);
    return status == WTR_OK ? pass_on(f, joined->notes, joined->note_count, original) : status;
}

/* The group that takes the message: the oldest that lacks its place, one whose publication was seen before
 * one whose was not; else one that it overlaps. */
static struct group *group_for(const struct finder *f, uint64_t hash, const struct wtr_statement *fixed)
{
    struct groups *groups = f->relays;
    struct group *overlapped = NULL;
    struct group *unpublished = NULL;
    uint32_t at = head_of(groups, hash);
    for (struct group *g; (g = next_group(groups, hash, fixed->relay, &at)) != NULL;) {
        bool joins = may_join(f, g, fixed);
        if (joins && (g->published || fixed->leg == WTR_LEG_TO_BROKER))
            return g;
        if (joins && !unpublished)
            unpublished = g;
        if (overlaps(g, fixed))
            overlapped = g;
    }
    return unpublished ? unpublished : overlapped;
}

/* The group that the statement is a relay in; NULL: it begins one, or is taken for stored by the broker
 * because no publication is in view that it could be a delivery of. */
static struct group *relay_of(struct finder *f, const struct wtr_statement *fixed, uint64_t in_message)
{
    uint64_t hash = with_digest(in_message, fixed->relay);
    struct group *g = group_for(f, hash, fixed);
    bool stored = fixed->flags & WTR_FLAG_RETAINED;
    if (stored && (!g || !g->published))
        return NULL;
    take_place(g ? g : add_group(f->relays, hash, fixed, fixed->relay), fixed);
    return g;
}

static bool is_last_message(const struct group *g, const struct wtr_statement *fixed)
{
    return g->message == fixed->message && g->source == fixed->key.source;
}

/* The same bytes at another port or in another file: on TCP the same sequence numbers in another flow, within
 * a few seconds; on UDP an equal datagram at almost the same time. NULL: it is the first. */
static struct group *vantage_of(struct finder *f, const struct wtr_statement *fixed, uint64_t in_message)
{
    uint64_t hash = with_digest(in_message, fixed->segment);
    uint32_t at = head_of(f->segments, hash);
    struct group *g;
    while ((g = next_group(f->segments, hash, fixed->segment, &at)) != NULL) {
        int64_t distance = fixed->origin.time_ns - g->time_ns;
        bool numbered = fixed->flags & WTR_FLAG_NUMBERED;
        bool elsewhere = fixed->flow ? !has_flow(g, fixed->flow) && distance <= vantage_window
                                     : distance <= (numbered ? numbered_window : datagram_window) &&
                                           !is_last_message(g, fixed);
        if (elsewhere)
            break;
    }
    struct group *joined = g ? g : add_group(f->segments, hash, fixed, fixed->segment);
    add_flow(joined, fixed->flow);
    joined->message = fixed->message;
    joined->source = fixed->key.source;
    return g;
}

static bool remember_ending(struct finder *f, uint32_t device, const struct wtr_statement *fixed)
{
    struct ending *known = ending_of(f, device);
    struct ending ending = {.key = fixed->key, .fixed = *fixed};
    if (known) {
        *known = ending;
        return true;
    }
    if (f->ending_count == f->ending_capacity) {
        size_t capacity = f->ending_capacity ? f->ending_capacity * 2 : 64;
        struct ending *endings = realloc(f->endings, capacity * sizeof *endings);
        if (!endings)
            return false;
        f->endings = endings;
        f->ending_capacity = capacity;
    }
    if (!f->endings)
        return false;
    f->endings[f->ending_count] = ending;
    return wtr_map_put(&f->ended, device, f->ending_count++);
}

/* The connection's end takes over the last will that came before it in order, and the will's copies. */
static enum wtr_status adopt_will(struct finder *f, uint32_t device, const struct ending *will,
                                  const struct wtr_statement *end)
{
    const struct wtr_joined_item nothing = {0};
    if (!remember_ending(f, device, end))
        return WTR_E_MEMORY;
    enum wtr_status status = make_copy(f, &nothing, &will->fixed, &end->key, WTR_COPY_REPEAT);
    return status == WTR_OK ? pass_on(f, will->notes, will->note_count, &end->key) : status;
}

/* A session ends once: a last will beside the connection's end is the broker's word on the same fact. The
 * connection's end is the event, whichever comes first in order. */
static enum wtr_status session_end(struct finder *f, const struct wtr_joined_item *joined,
                                   const struct wtr_statement *fixed, bool *copied)
{
    uint32_t device = same_device(f, fixed->device);
    const struct ending *known = ending_of(f, device);
    bool will = fixed->flags & WTR_FLAG_LAST_WILL;
    if (known) {
        struct ending last = *known;
        bool last_will = last.fixed.flags & WTR_FLAG_LAST_WILL;
        int64_t distance = fixed->origin.time_ns - last.fixed.origin.time_ns;
        bool near = distance <= will_window && distance >= -will_window;
        if (near && will && !last_will) {
            *copied = true;
            return make_copy(f, joined, fixed, &last.key, WTR_COPY_REPEAT);
        }
        if (near && !will && last_will)
            return adopt_will(f, device, &last, fixed);
        /* A connection that is still taken down after its will was sent ends nothing that had not ended. */
        if (!will && last_will && fixed->flow != last.opened_since) {
            *copied = true;
            return make_copy(f, joined, fixed, &last.key, WTR_COPY_REPEAT);
        }
    }
    return remember_ending(f, device, fixed) ? WTR_OK : WTR_E_MEMORY;
}

static void note_opening(struct finder *f, const struct wtr_statement *fixed)
{
    struct ending *known = ending_of(f, same_device(f, fixed->device));
    if (known)
        known->opened_since = fixed->flow;
}

static bool may_be_live(const struct wtr_statement *fixed)
{
    return !(fixed->flags & WTR_FLAG_RETAINED) || fixed->flags & WTR_FLAG_OR_LIVE;
}

uint64_t wtr_same_flow(const struct wtr_map *same, uint64_t flow)
{
    const uint64_t *earlier;
    while (same->count > 0 && (earlier = wtr_map_find(same, flow)))
        flow = *earlier;
    return flow;
}

static bool join_flows(struct finder *f, uint64_t a, uint64_t b)
{
    uint64_t first = wtr_same_flow(f->same, a);
    uint64_t second = wtr_same_flow(f->same, b);
    if (first == second || a == 0 || b == 0)
        return true;
    return first < second ? wtr_map_put(f->same, second, first) : wtr_map_put(f->same, first, second);
}

static enum wtr_status look_at(struct finder *f, const struct wtr_joined_item *joined)
{
    struct wtr_statement item;
    struct wtr_text channel;
    enum wtr_status status = WTR_OK;
    if (!wtr_item_peek(&joined->key, joined->packed, &item, &channel))
        return WTR_E_INTERNAL;
    const struct wtr_statement *fixed = &item;
    if (fixed->type == WTR_ITEM_GAP && !wtr_map_put(&f->gaps, fixed->flow, (uint64_t)fixed->key.time_ns))
        return WTR_E_MEMORY;
    if (fixed->type != WTR_ITEM_STATEMENT)
        return WTR_OK;
    uint64_t in_message = hash_in_message(f, fixed, channel);
    if (!is_zero(fixed->segment)) {
        const struct group *g = vantage_of(f, fixed, in_message);
        if (g && !join_flows(f, g->flows[0], fixed->flow))
            return WTR_E_MEMORY;
        if (g)
            return make_copy(f, joined, fixed, &g->original, WTR_COPY_VANTAGE);
    }
    if (status == WTR_OK && !is_zero(fixed->relay) && may_be_live(fixed)) {
        const struct group *g = relay_of(f, fixed, in_message);
        if (g)
            return make_copy(f, joined, fixed, &g->original, WTR_COPY_RELAY);
    }
    if (fixed->kind == WTR_KIND_SESSION_OPEN)
        note_opening(f, fixed);
    bool copied = false;
    bool past = fixed->flags & (WTR_FLAG_RETAINED | WTR_FLAG_PAST | WTR_FLAG_STORED);
    if (status == WTR_OK && fixed->kind == WTR_KIND_SESSION_CLOSE && !past)
        status = session_end(f, joined, fixed, &copied);
    if (status != WTR_OK || copied)
        return status;
    if (f->originals)
        status = f->originals->statement(f->originals->payload, &joined->key, joined->packed, fixed, channel);
    return status == WTR_OK ? pass_on(f, joined->notes, joined->note_count, &fixed->key) : status;
}

enum wtr_status wtr_copies_find(struct wtr_sorter *items, struct wtr_sorter *notes,
                                const struct wtr_devices *devices, struct wtr_sorter *out,
                                struct wtr_map *same, const struct wtr_originals *originals)
{
    struct finder f = {.devices = devices, .out = out, .same = same, .originals = originals};
    struct wtr_joined *joined = NULL;
    struct wtr_joined_item *item = malloc(sizeof *item);
    f.relays = open_groups();
    f.segments = open_groups();
    bool whole = item && f.relays && f.segments;
    enum wtr_status status = whole ? WTR_OK : WTR_E_MEMORY;
    if (status == WTR_OK)
        status = wtr_joined_open(&joined, items, notes, NULL);
    while (status == WTR_OK) {
        status = wtr_joined_next(joined, item);
        if (status == WTR_OK)
            status = look_at(&f, item);
    }
    wtr_joined_close(joined);
    free(item);
    free(f.relays);
    free(f.segments);
    free(f.endings);
    wtr_map_free(&f.gaps);
    wtr_map_free(&f.ended);
    return status == WTR_END ? WTR_OK : status;
}

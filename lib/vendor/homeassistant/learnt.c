/* SPDX-License-Identifier: Apache-2.0 */
/* The memory behind learnt.h: a chain of records for each topic. */
#include "vendor/homeassistant/learnt.h"

#include <stdlib.h>

enum {
    MAX_RECORDS = 1 << 14,
    MAX_AT_TOPIC = 64, /* entities that share a topic */
    MAX_CONFIGS = 1 << 15,
};

struct wtr_ha_record {
    struct wtr_ha_meaning meaning; /* its texts lie in `texts` */
    char *texts;                   /* owned */
    uint64_t topic;                /* its hash */
    bool forgotten;
    uint32_t next;   /* of the same topic */
    uint32_t before; /* learnt from the same configuration */
};

void wtr_ha_forget(struct wtr_ha_learnt *learnt)
{
    for (size_t i = 0; i < learnt->count; i++)
        free(learnt->records[i].texts);
    free(learnt->records);
    wtr_topic_index_free(&learnt->topics);
    wtr_map_free(&learnt->live);
    wtr_map_free(&learnt->contents);
    wtr_map_free(&learnt->taught);
    wtr_map_free(&learnt->introduced.by);
    *learnt = (struct wtr_ha_learnt){0};
}

uint64_t wtr_ha_source(wtr_device_ref broker, struct wtr_text config_topic)
{
    return wtr_hash64(config_topic.data, config_topic.length, (uint64_t)broker + 1);
}

static uint64_t topic_key(struct wtr_text topic)
{
    return wtr_hash64(topic.data, topic.length, 0);
}

bool wtr_ha_knows(const struct wtr_ha_learnt *learnt, struct wtr_text topic)
{
    const uint64_t *records = learnt->count ? wtr_map_find(&learnt->live, topic_key(topic)) : NULL;
    return records && *records > 0;
}

static void forget_records(struct wtr_ha_learnt *learnt, uint64_t source)
{
    uint64_t *taught = wtr_map_find(&learnt->taught, source);
    uint32_t i = taught ? (uint32_t)*taught : WTR_NO_TOPIC;
    for (; i != WTR_NO_TOPIC; i = learnt->records[i].before) {
        uint64_t *records = wtr_map_find(&learnt->live, learnt->records[i].topic);
        if (!learnt->records[i].forgotten && records)
            --*records;
        learnt->records[i].forgotten = true;
    }
    if (taught)
        *taught = WTR_NO_TOPIC;
}

bool wtr_ha_is_news(struct wtr_ha_learnt *learnt, uint64_t source, struct wtr_text payload)
{
    uint64_t content = wtr_hash64(payload.data, payload.length, 0);
    const uint64_t *last = wtr_map_find(&learnt->contents, source);
    if (last && *last == content)
        return false;
    learnt->contents.limit = MAX_CONFIGS;
    if (!wtr_map_put(&learnt->contents, source, content))
        return false;
    forget_records(learnt, source);
    return true;
}

/* Copies the text to the end of the record's texts. */
static struct wtr_text copied(char **at, struct wtr_text text)
{
    struct wtr_text copy = {*at, text.length};
    if (text.length > 0)
        memcpy(*at, text.data, text.length);
    *at += text.length;
    return copy;
}

static bool fill(struct wtr_ha_record *record, const struct wtr_ha_meaning *meaning)
{
    size_t length =
        meaning->member.length + meaning->channel.length + meaning->on.length + meaning->off.length;
    char *texts = malloc(length ? length : 1);
    if (!texts)
        return false;
    free(record->texts);
    record->texts = texts;
    record->meaning = *meaning;
    record->meaning.member = copied(&texts, meaning->member);
    record->meaning.channel = copied(&texts, meaning->channel);
    record->meaning.on = copied(&texts, meaning->on);
    record->meaning.off = copied(&texts, meaning->off);
    return true;
}

static bool room(struct wtr_ha_learnt *learnt)
{
    if (learnt->count < learnt->capacity)
        return true;
    if (learnt->capacity >= MAX_RECORDS)
        return false;
    size_t capacity = learnt->capacity ? learnt->capacity * 2 : 32;
    struct wtr_ha_record *records = realloc(learnt->records, capacity * sizeof *records);
    if (!records)
        return false;
    learnt->records = records;
    learnt->capacity = capacity;
    return true;
}

/* The place for one more record of the topic: a forgotten one, or the end of the chain, whose last record
 * is stored in *last. WTR_NO_TOPIC: a new one is needed. False if the topic has enough of them. */
static bool place_in_chain(const struct wtr_ha_learnt *learnt, uint32_t first, uint32_t *free_one,
                           uint32_t *last)
{
    size_t length = 0;
    *free_one = WTR_NO_TOPIC;
    *last = WTR_NO_TOPIC;
    for (uint32_t i = first; i != WTR_NO_TOPIC; i = learnt->records[i].next) {
        if (learnt->records[i].forgotten) {
            *free_one = i;
            return true;
        }
        *last = i;
        length++;
    }
    return length < MAX_AT_TOPIC;
}

/* Counts the record as one that its topic has, and that its configuration taught. False if there is no
 * room; then it stays forgotten. */
static bool enliven(struct wtr_ha_learnt *learnt, uint32_t at, uint64_t source, struct wtr_text topic)
{
    struct wtr_ha_record *record = &learnt->records[at];
    uint64_t *taught = wtr_map_find(&learnt->taught, source);
    record->topic = topic_key(topic);
    record->before = taught ? (uint32_t)*taught : WTR_NO_TOPIC;
    if (!wtr_map_put(&learnt->taught, source, at))
        return false;
    uint64_t *records = wtr_map_find(&learnt->live, record->topic);
    if (!records && !wtr_map_put(&learnt->live, record->topic, 0))
        return false;
    ++*wtr_map_find(&learnt->live, record->topic);
    record->forgotten = false;
    return true;
}

void wtr_ha_learn(struct wtr_ha_learnt *learnt, uint64_t source, wtr_device_ref broker, struct wtr_text topic,
                  const struct wtr_ha_meaning *meaning)
{
    uint32_t first = wtr_topic_index_find(&learnt->topics, broker, topic);
    uint32_t at;
    uint32_t last;
    if (topic.length == 0 || !place_in_chain(learnt, first, &at, &last))
        return;
    bool fresh = at == WTR_NO_TOPIC;
    if (fresh) {
        if (!room(learnt))
            return;
        at = (uint32_t)learnt->count;
        learnt->records[at] = (struct wtr_ha_record){.next = WTR_NO_TOPIC, .forgotten = true};
    }
    struct wtr_ha_record *record = &learnt->records[at];
    if (!fill(record, meaning))
        return;
    if (fresh && last == WTR_NO_TOPIC && !wtr_topic_index_set(&learnt->topics, broker, topic, at)) {
        free(record->texts);
        return;
    }
    if (fresh && last != WTR_NO_TOPIC)
        learnt->records[last].next = at;
    learnt->count += fresh;
    (void)enliven(learnt, at, source, topic);
}

const struct wtr_ha_meaning *wtr_ha_next_meaning(const struct wtr_ha_learnt *learnt, wtr_device_ref broker,
                                                 struct wtr_text topic, uint32_t *at)
{
    uint32_t i = *at == WTR_NO_TOPIC ? wtr_topic_index_find(&learnt->topics, broker, topic)
                                     : learnt->records[*at].next;
    while (i != WTR_NO_TOPIC && learnt->records[i].forgotten)
        i = learnt->records[i].next;
    *at = i;
    return i == WTR_NO_TOPIC ? NULL : &learnt->records[i].meaning;
}

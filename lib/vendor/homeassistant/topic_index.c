/* SPDX-License-Identifier: Apache-2.0 */
/* The memory behind topic_index.h: topics in a list, found through a hash of topic and broker. */
#include "vendor/homeassistant/topic_index.h"

#include <stdlib.h>

struct wtr_topic_entry {
    char *topic; /* owned */
    size_t length;
    wtr_device_ref broker;
    uint32_t value;
};

void wtr_topic_index_free(struct wtr_topic_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        free(index->entries[i].topic);
    free(index->entries);
    wtr_map_free(&index->at_broker);
    wtr_map_free(&index->anywhere);
    *index = (struct wtr_topic_index){0};
}

static uint64_t topic_key(struct wtr_text topic)
{
    return wtr_hash64(topic.data, topic.length, 0);
}

static uint64_t broker_key(wtr_device_ref broker, struct wtr_text topic)
{
    return wtr_hash64(topic.data, topic.length, (uint64_t)broker + 1);
}

static struct wtr_topic_entry *find(const struct wtr_topic_index *index, wtr_device_ref broker,
                                    struct wtr_text topic)
{
    const uint64_t *at = wtr_map_find(&index->at_broker, broker_key(broker, topic));
    struct wtr_topic_entry *entry = at ? &index->entries[*at] : NULL;
    bool same = entry && entry->broker == broker && entry->length == topic.length &&
                memcmp(entry->topic, topic.data, topic.length) == 0;
    return same ? entry : NULL;
}

static bool room(struct wtr_topic_index *index)
{
    if (index->count < index->capacity)
        return true;
    if (index->capacity >= WTR_TOPIC_INDEX_MAX_ENTRIES)
        return false;
    size_t capacity = index->capacity ? index->capacity * 2 : 32;
    struct wtr_topic_entry *entries = realloc(index->entries, capacity * sizeof *entries);
    if (!entries)
        return false;
    index->entries = entries;
    index->capacity = capacity;
    return true;
}

/* Counts the topic up or down at one more or one less broker. */
static bool count_broker(struct wtr_topic_index *index, struct wtr_text topic, bool up)
{
    uint64_t *brokers = wtr_map_find(&index->anywhere, topic_key(topic));
    if (!brokers)
        return up && wtr_map_put(&index->anywhere, topic_key(topic), 1);
    *brokers = up ? *brokers + 1 : *brokers - 1;
    return true;
}

/* Two entries with one hash: the second is not learnt. */
static bool add(struct wtr_topic_index *index, wtr_device_ref broker, struct wtr_text topic, uint32_t value)
{
    uint64_t key = broker_key(broker, topic);
    bool fits = topic.length > 0 && topic.length <= WTR_TOPIC_INDEX_MAX_TEXT;
    if (!fits || wtr_map_find(&index->at_broker, key) || !room(index))
        return false;
    char *copy = malloc(topic.length);
    if (!copy)
        return false;
    memcpy(copy, topic.data, topic.length);
    if (!wtr_map_put(&index->at_broker, key, index->count)) {
        free(copy);
        return false;
    }
    index->entries[index->count++] = (struct wtr_topic_entry){copy, topic.length, broker, WTR_NO_TOPIC};
    if (count_broker(index, topic, true))
        index->entries[index->count - 1].value = value;
    return index->entries[index->count - 1].value == value;
}

bool wtr_topic_index_set(struct wtr_topic_index *index, wtr_device_ref broker, struct wtr_text topic,
                         uint32_t value)
{
    struct wtr_topic_entry *entry = find(index, broker, topic);
    if (!entry)
        return value == WTR_NO_TOPIC || add(index, broker, topic, value);
    bool was = entry->value != WTR_NO_TOPIC;
    bool is = value != WTR_NO_TOPIC;
    if (was != is && !count_broker(index, topic, is))
        return false;
    entry->value = value;
    return true;
}

uint32_t wtr_topic_index_find(const struct wtr_topic_index *index, wtr_device_ref broker,
                              struct wtr_text topic)
{
    const struct wtr_topic_entry *entry = topic.length > 0 ? find(index, broker, topic) : NULL;
    return entry ? entry->value : WTR_NO_TOPIC;
}

bool wtr_topic_index_knows(const struct wtr_topic_index *index, struct wtr_text topic)
{
    if (index->count == 0 || topic.length == 0)
        return false;
    const uint64_t *brokers = wtr_map_find(&index->anywhere, topic_key(topic));
    return brokers && *brokers > 0;
}

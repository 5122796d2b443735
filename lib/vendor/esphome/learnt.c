/* SPDX-License-Identifier: Apache-2.0 */
/* The memory behind learnt.h: lists, and indices of topics into them. */
#include "vendor/esphome/learnt.h"

#include <stdlib.h>

void wtr_esphome_forget(struct wtr_esphome_learnt *learnt)
{
    wtr_topic_index_free(&learnt->prefixes);
    wtr_topic_index_free(&learnt->topics);
    wtr_map_free(&learnt->introduced.by);
    free(learnt->nodes);
    free(learnt->entities);
    *learnt = (struct wtr_esphome_learnt){0};
}

/* The list, with room for one more; NULL: there is none. */
static void *with_room(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    size_t bigger = *capacity ? *capacity * 2 : 16;
    void *moved = bigger <= WTR_TOPIC_INDEX_MAX_ENTRIES ? realloc(list, bigger * size) : NULL;
    if (moved)
        *capacity = bigger;
    return moved;
}

struct wtr_esphome_node *wtr_esphome_node(const struct wtr_esphome_learnt *learnt, wtr_device_ref device,
                                          struct wtr_text prefix)
{
    uint32_t at = wtr_topic_index_find(&learnt->prefixes, device, prefix);
    return at == WTR_NO_TOPIC ? NULL : &learnt->nodes[at];
}

struct wtr_esphome_node *wtr_esphome_introduce(struct wtr_esphome_learnt *learnt, wtr_device_ref device,
                                               struct wtr_text prefix)
{
    struct wtr_esphome_node *known = wtr_esphome_node(learnt, device, prefix);
    if (known || device == WTR_NO_DEVICE)
        return known;
    void *list = with_room(learnt->nodes, learnt->node_count, &learnt->node_capacity, sizeof *learnt->nodes);
    if (!list)
        return NULL;
    learnt->nodes = list;
    if (!wtr_topic_index_set(&learnt->prefixes, device, prefix, (uint32_t)learnt->node_count))
        return NULL;
    learnt->nodes[learnt->node_count] = (struct wtr_esphome_node){0};
    return &learnt->nodes[learnt->node_count++];
}

const struct wtr_esphome_entity *wtr_esphome_entity(const struct wtr_esphome_learnt *learnt,
                                                    wtr_device_ref device, struct wtr_text topic)
{
    uint32_t at = wtr_topic_index_find(&learnt->topics, device, topic);
    return at == WTR_NO_TOPIC ? NULL : &learnt->entities[at];
}

void wtr_esphome_learn(struct wtr_esphome_learnt *learnt, wtr_device_ref device, struct wtr_text topic,
                       const struct wtr_esphome_entity *entity)
{
    uint32_t at = wtr_topic_index_find(&learnt->topics, device, topic);
    if (at == WTR_NO_TOPIC) {
        void *list = with_room(learnt->entities, learnt->entity_count, &learnt->entity_capacity,
                               sizeof *learnt->entities);
        if (!list)
            return;
        learnt->entities = list;
        at = (uint32_t)learnt->entity_count;
        if (!wtr_topic_index_set(&learnt->topics, device, topic, at))
            return;
        learnt->entity_count++;
    }
    learnt->entities[at] = *entity;
}

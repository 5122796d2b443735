/* SPDX-License-Identifier: Apache-2.0 */
/* The memory behind learnt.h. */
#include "vendor/shelly/learnt.h"

#include <stdlib.h>

void wtr_shelly_forget(struct wtr_shelly_learnt *learnt)
{
    for (size_t i = 0; i < learnt->base_count; i++)
        free((void *)learnt->bases[i].text.data);
    free(learnt->bases);
    wtr_map_free(&learnt->index);
    wtr_map_free(&learnt->same);
    wtr_coiot_forget(&learnt->coiot);
    memset(learnt, 0, sizeof *learnt);
}

static struct wtr_shelly_base *find(const struct wtr_shelly_learnt *learnt, struct wtr_text text)
{
    const uint64_t *at = wtr_map_find(&learnt->index, wtr_hash64(text.data, text.length, 0));
    struct wtr_shelly_base *base = at ? &learnt->bases[*at] : NULL;
    return base && wtr_text_equal(base->text, text) ? base : NULL;
}

static bool room(struct wtr_shelly_learnt *learnt)
{
    if (learnt->base_count < learnt->base_capacity)
        return true;
    if (learnt->base_capacity >= WTR_SHELLY_MAX_BASES)
        return false;
    size_t capacity = learnt->base_capacity ? learnt->base_capacity * 2 : 16;
    struct wtr_shelly_base *bases = realloc(learnt->bases, capacity * sizeof *bases);
    if (!bases)
        return false;
    learnt->bases = bases;
    learnt->base_capacity = capacity;
    return true;
}

/* Two bases with one hash: the second is not learnt. */
struct wtr_shelly_base *wtr_shelly_learn_base(struct wtr_shelly_learnt *learnt, struct wtr_text text)
{
    struct wtr_shelly_base *known = find(learnt, text);
    uint64_t key = wtr_hash64(text.data, text.length, 0);
    if (known)
        return known;
    if (text.length == 0 || text.length > WTR_SHELLY_MAX_BASE || wtr_map_find(&learnt->index, key) ||
        !room(learnt))
        return NULL;
    char *copy = malloc(text.length);
    if (!copy)
        return NULL;
    memcpy(copy, text.data, text.length);
    if (!wtr_map_put(&learnt->index, key, learnt->base_count)) {
        free(copy);
        return NULL;
    }
    struct wtr_shelly_base *base = &learnt->bases[learnt->base_count++];
    *base = (struct wtr_shelly_base){.text = {copy, text.length}};
    return base;
}

bool wtr_shelly_is_introduced(const struct wtr_shelly_learnt *learnt, struct wtr_text text)
{
    const struct wtr_shelly_base *base = find(learnt, text);
    return base && base->introduced;
}

void wtr_shelly_learn_same(struct wtr_shelly_learnt *learnt, wtr_device_ref prefix, wtr_device_ref own)
{
    if (prefix != WTR_NO_DEVICE && own != WTR_NO_DEVICE && prefix != own)
        (void)wtr_map_put(&learnt->same, prefix, own);
}

static struct wtr_text src_of(const struct wtr_shelly_request *request)
{
    return (struct wtr_text){request->src, request->src_length};
}

static struct wtr_text id_of(const struct wtr_shelly_request *request)
{
    return (struct wtr_text){request->id, request->id_length};
}

static struct wtr_text component_of(const struct wtr_shelly_request *request)
{
    return (struct wtr_text){request->component, request->component_length};
}

static bool bears(const struct wtr_shelly_request *request, const struct wtr_shelly_frame_id *frame)
{
    return request->used && wtr_text_equal(src_of(request), frame->src) &&
           wtr_text_equal(id_of(request), frame->id);
}

static bool fits(const struct wtr_shelly_frame_id *frame, struct wtr_text component)
{
    return frame->src.length <= WTR_SHELLY_MAX_SRC && frame->id.length > 0 &&
           frame->id.length <= WTR_SHELLY_MAX_ID && component.length <= WTR_SHELLY_MAX_COMPONENT;
}

static void fill(struct wtr_shelly_request *slot, const struct wtr_shelly_frame_id *frame,
                 enum wtr_shelly_asked asked, struct wtr_text component)
{
    *slot = (struct wtr_shelly_request){
        .used = true,
        .open = 1,
        .asked = asked,
        .device = frame->device,
        .src_length = (uint8_t)frame->src.length,
        .id_length = (uint8_t)frame->id.length,
        .component_length = (uint8_t)component.length,
    };
    if (frame->src.length > 0)
        memcpy(slot->src, frame->src.data, frame->src.length);
    memcpy(slot->id, frame->id.data, frame->id.length);
    if (component.length > 0)
        memcpy(slot->component, component.data, component.length);
}

/* A question that is open and asked again is the same message on its way, or its repetition. One that differs
 * makes the answers ambiguous until each of them was seen. */
void wtr_shelly_remember(struct wtr_shelly_learnt *learnt, const struct wtr_shelly_frame_id *frame,
                         enum wtr_shelly_asked asked, struct wtr_text component)
{
    struct wtr_shelly_request *slot = NULL;
    if (!fits(frame, component))
        return;
    for (size_t i = 0; i < WTR_SHELLY_REQUESTS && !slot; i++)
        if (bears(&learnt->requests[i], frame) && learnt->requests[i].device == frame->device)
            slot = &learnt->requests[i];
    if (!slot)
        slot = &learnt->requests[learnt->next_request++ % WTR_SHELLY_REQUESTS];
    else if (slot->open > 0 && slot->asked == asked && wtr_text_equal(component_of(slot), component))
        return;
    else if (slot->open > 0) {
        slot->open++;
        slot->ambiguous = true;
        return;
    }
    fill(slot, frame, asked, component);
}

/* Whether the request went to this device, under its own id or under its prefix. */
static bool went_to(const struct wtr_shelly_learnt *learnt, const struct wtr_shelly_request *request,
                    wtr_device_ref device)
{
    const uint64_t *own = wtr_map_find(&learnt->same, request->device);
    return request->device == device || (own && *own == device);
}

static enum wtr_shelly_asked close_one(struct wtr_shelly_request *request, uint64_t hash)
{
    bool again = request->answered && request->answer == hash;
    if (!again && request->open == 0)
        return WTR_SHELLY_ASKED_OTHER;
    if (!again) {
        request->open--;
        request->answered = true;
        request->answer = hash;
    }
    return request->ambiguous ? WTR_SHELLY_ASKED_OTHER : request->asked;
}

enum wtr_shelly_asked wtr_shelly_recall(struct wtr_shelly_learnt *learnt,
                                        const struct wtr_shelly_frame_id *frame, struct wtr_text answer,
                                        struct wtr_text *component)
{
    for (size_t i = 0; i < WTR_SHELLY_REQUESTS; i++) {
        struct wtr_shelly_request *request = &learnt->requests[i];
        if (!bears(request, frame) || !went_to(learnt, request, frame->device))
            continue;
        *component = component_of(request);
        return close_one(request, wtr_hash64(answer.data, answer.length, 0));
    }
    return WTR_SHELLY_ASKED_OTHER;
}

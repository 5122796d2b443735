/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota's topics: FullTopic and its parts. */
#ifndef WTR_VENDOR_TASMOTA_TOPIC_H
#define WTR_VENDOR_TASMOTA_TOPIC_H

#include "vendor/tasmota/learnt.h"

/* A topic taken apart. `path` may point into `joined`: hand the struct on by pointer. */
struct wtr_tasmota_topic {
    struct wtr_text path; /* the FullTopic without its prefix: the device's id */
    struct wtr_text base; /* all but the last level */
    struct wtr_text last; /* the last level: a report's or command's name */
    bool is_command;
    bool learnt;      /* the device was introduced */
    bool usual;       /* the prefix is the first level or the last but one */
    size_t prefix_at; /* place of the prefix in the topic, where it was found by shape */
    char joined[WTR_TASMOTA_MAX_TEXT];
};

/* Takes a topic apart by what was learnt, else by shape. False if neither fits. */
bool wtr_tasmota_topic_split(const struct wtr_tasmota_learnt *learnt, struct wtr_text topic,
                             struct wtr_tasmota_topic *out);

/* Learns the topics that the default prefixes make in the place where this one's stands. Nothing for a topic
 * that was taken apart by what was learnt, or without a device. */
void wtr_tasmota_learn_bases(struct wtr_tasmota_learnt *learnt, struct wtr_tasmota_device *device,
                             const struct wtr_tasmota_topic *topic);

/* What a FullTopic's tokens stand for. */
struct wtr_tasmota_tokens {
    struct wtr_text prefix;
    struct wtr_text topic;
    struct wtr_text hostname;
    struct wtr_text id;
};

/* Writes the FullTopic with its tokens replaced, without slashes at its ends. False if it gets too long. */
bool wtr_tasmota_expand(struct wtr_text full_topic, const struct wtr_tasmota_tokens *tokens,
                        struct wtr_buffer *out);

/* A name like POWER2 cut into "POWER" and 2. Without digits *number is 1 and *numbered false. False if the
 * number is not one that Tasmota counts with. */
bool wtr_tasmota_cut_number(struct wtr_text name, struct wtr_text *word, unsigned *number, bool *numbered);

#endif

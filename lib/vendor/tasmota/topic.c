/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of Tasmota's topics (tasmota/docs MQTT.md; GetTopic_P in support_tasmota.ino) [S]:
 *
 *   - FullTopic is a pattern with the tokens %prefix%, %topic%, %hostname%, %id% (the MAC's twelve digits),
 * by default "%prefix%/%topic%/"; "%topic%/%prefix%/" and several levels are common. The name of the report
 *     or command follows it. '#' is dropped, "//" becomes "/".
 *   - %prefix% is cmnd, stat or tele unless renamed; a FullTopic without it gets "/%prefix%" for commands.
 *
 * By shape alone only the default prefixes are known. The device's id is the path without its prefix, which
 * is %topic% for the two usual patterns, and the same whether the FullTopic was learnt or not. */
#include "vendor/tasmota/topic.h"

static bool is_prefix(struct wtr_text level, bool *is_command)
{
    *is_command = wtr_text_is(level, "cmnd");
    return *is_command || wtr_text_is(level, "stat") || wtr_text_is(level, "tele");
}

/* Finds the one level of the base that is a default prefix. Two of them are ambiguous, unless one of them is
 * the first level. */
static bool find_prefix(struct wtr_tasmota_topic *out, size_t *levels)
{
    struct wtr_text rest = out->base;
    size_t found = 0;
    *levels = 0;
    while (rest.data) {
        const char *start = rest.data;
        struct wtr_text level = wtr_text_cut(&rest, '/');
        bool is_command = false;
        if (level.length == 0)
            return false;
        if (is_prefix(level, &is_command)) {
            bool first = found++ == 0;
            if (first) {
                out->prefix_at = (size_t)(start - out->base.data);
                out->is_command = is_command;
                out->usual = *levels == 0 || !rest.data;
            }
        }
        ++*levels;
    }
    return found == 1 || (found > 1 && out->prefix_at == 0);
}

static struct wtr_text part(struct wtr_text text, size_t from, size_t to)
{
    return (struct wtr_text){text.data + from, to - from};
}

/* The path is what stands around the prefix; in one piece where the prefix is at an end. */
static bool cut_prefix_out(struct wtr_tasmota_topic *out)
{
    size_t end = out->prefix_at + 4;
    if (out->prefix_at == 0) {
        out->path = part(out->base, end + 1, out->base.length);
    } else if (end == out->base.length) {
        out->path = part(out->base, 0, out->prefix_at - 1);
    } else {
        size_t tail = out->base.length - end;
        if (out->prefix_at - 1 + tail > sizeof out->joined)
            return false;
        memcpy(out->joined, out->base.data, out->prefix_at - 1);
        memcpy(out->joined + out->prefix_at - 1, out->base.data + end, tail);
        out->path = (struct wtr_text){out->joined, out->prefix_at - 1 + tail};
    }
    return out->path.length <= WTR_TASMOTA_MAX_TEXT;
}

bool wtr_tasmota_topic_split(const struct wtr_tasmota_learnt *learnt, struct wtr_text topic,
                             struct wtr_tasmota_topic *out)
{
    size_t last = topic.length;
    while (last > 0 && topic.data[last - 1] != '/')
        last--;
    if (last < 2 || last == topic.length)
        return false;
    out->base = part(topic, 0, last - 1);
    out->last = part(topic, last, topic.length);
    const struct wtr_tasmota_device *device = wtr_tasmota_find_base(learnt, out->base, &out->is_command);
    out->learnt = device != NULL;
    if (device) {
        out->path = device->id;
        return true;
    }
    size_t levels = 0;
    return find_prefix(out, &levels) && levels > 1 && cut_prefix_out(out);
}

void wtr_tasmota_learn_bases(struct wtr_tasmota_learnt *learnt, struct wtr_tasmota_device *device,
                             const struct wtr_tasmota_topic *topic)
{
    static const char *const prefixes[] = {"cmnd", "stat", "tele"};
    char base[WTR_TASMOTA_MAX_TEXT];
    if (!device || topic->learnt || topic->base.length > sizeof base)
        return;
    memcpy(base, topic->base.data, topic->base.length);
    for (size_t i = 0; i < 3; i++) {
        memcpy(base + topic->prefix_at, prefixes[i], 4);
        wtr_tasmota_learn_base(learnt, (struct wtr_text){base, topic->base.length}, device, i == 0);
    }
}

static bool replace_token(struct wtr_text *rest, const struct wtr_tasmota_tokens *tokens,
                          struct wtr_buffer *out)
{
    const struct {
        const char *name;
        struct wtr_text value;
    } known[] = {
        {"%prefix%", tokens->prefix},
        {"%topic%", tokens->topic},
        {"%hostname%", tokens->hostname},
        {"%id%", tokens->id},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!wtr_text_starts(*rest, known[i].name))
            continue;
        wtr_put_text(out, known[i].value);
        size_t n = strlen(known[i].name);
        *rest = part(*rest, n, rest->length);
        return true;
    }
    return false;
}

/* Drops '#', doubled slashes and those at the ends. */
static void tidy(struct wtr_buffer *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->length; i++) {
        char c = out->data[i];
        bool needless = c == '#' || (c == '/' && (kept == 0 || out->data[kept - 1] == '/'));
        if (!needless)
            out->data[kept++] = c;
    }
    if (kept > 0 && out->data[kept - 1] == '/')
        kept--;
    out->length = kept;
}

bool wtr_tasmota_expand(struct wtr_text full_topic, const struct wtr_tasmota_tokens *tokens,
                        struct wtr_buffer *out)
{
    wtr_buffer_clear(out);
    if (full_topic.length > WTR_TASMOTA_MAX_TEXT)
        return false;
    struct wtr_text rest = full_topic;
    while (rest.length > 0) {
        if (replace_token(&rest, tokens, out))
            continue;
        wtr_put_char(out, rest.data[0]);
        rest = part(rest, 1, rest.length);
    }
    tidy(out);
    return !out->failed && out->length > 0 && out->length <= WTR_TASMOTA_MAX_TEXT;
}

bool wtr_tasmota_cut_number(struct wtr_text name, struct wtr_text *word, unsigned *number, bool *numbered)
{
    size_t digits = 0;
    while (digits < name.length && name.data[name.length - digits - 1] >= '0' &&
           name.data[name.length - digits - 1] <= '9')
        digits++;
    *word = part(name, 0, name.length - digits);
    *numbered = digits > 0;
    *number = digits > 0 ? 0 : 1;
    if (digits > 3)
        return false;
    for (size_t i = name.length - digits; i < name.length; i++)
        *number = *number * 10 + (unsigned)(name.data[i] - '0');
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of Shelly's topics.
 *
 * Gen1 (Shelly API reference for Gen1, "MQTT Support" and each product's "MQTT") [S]: everything stands under
 * shellies/<id>/, where <id> is by default <model>-<deviceid> ("shelly1-B929CC"; the device id is the last
 * six digits of the MAC, in some models all twelve) and may be set to anything, even with slashes.
 * shellies/announce and shellies/command are shared by all.
 *
 * Gen2 and later (shelly-api-docs gen2, Mqtt and RPC Channels; a device's own Shelly.GetConfig) [S]:
 * everything stands under the topic prefix, which by default is the device's id, "shelly<model>-" and the
 * MAC's twelve digits, and may be set to anything, also to something under shellies/. Answers go to
 * <src>/rpc, where src is the asking party's own name.
 *
 * So a topic is read from its end. */
#include "vendor/shelly/topic.h"

enum generation { GEN1 = 1, GEN2 = 2 };

enum { ENDING_LEVELS = 3 };

/* '#' stands for a number, '*' for a component. Longer endings stand before those that they end with. */
static const struct ending {
    size_t count;
    const char *levels[ENDING_LEVELS];
    int generations;
    enum wtr_shelly_place place;
} endings[] = {
    {3, {"relay", "#", "command"}, GEN1, WTR_SHELLY_RELAY_COMMAND},
    {3, {"relay", "#", "power"}, GEN1, WTR_SHELLY_POWER},
    {3, {"relay", "#", "energy"}, GEN1, WTR_SHELLY_ENERGY},
    {3, {"relay", "#", "overpower_value"}, GEN1, WTR_SHELLY_OVERPOWER_VALUE},
    {2, {"relay", "#"}, GEN1, WTR_SHELLY_RELAY},
    {2, {"relay", "power"}, GEN1, WTR_SHELLY_POWER},
    {2, {"relay", "energy"}, GEN1, WTR_SHELLY_ENERGY},
    {2, {"input", "#"}, GEN1, WTR_SHELLY_INPUT},
    {2, {"input_event", "#"}, GEN1, WTR_SHELLY_INPUT_EVENT},
    {2, {"longpush", "#"}, GEN1, WTR_SHELLY_LONGPUSH},
    {1, {"voltage"}, GEN1, WTR_SHELLY_VOLTAGE},
    {1, {"info"}, GEN1, WTR_SHELLY_INFO},
    {2, {"events", "rpc"}, GEN2, WTR_SHELLY_EVENTS},
    {1, {"rpc"}, GEN2, WTR_SHELLY_RPC},
    {2, {"status", "*"}, GEN2, WTR_SHELLY_STATUS_OF},
    {1, {"status"}, GEN2, WTR_SHELLY_STATUS},
    {2, {"command", "*"}, GEN2, WTR_SHELLY_COMMAND_TO},
    {1, {"command"}, GEN1 | GEN2, WTR_SHELLY_COMMAND},
    {1, {"online"}, GEN1 | GEN2, WTR_SHELLY_ONLINE},
    {1, {"announce"}, GEN1 | GEN2, WTR_SHELLY_ANNOUNCE},
};

static struct wtr_text part(struct wtr_text text, size_t from, size_t to)
{
    return (struct wtr_text){text.data + from, to - from};
}

/* A small number as the devices write it: without a sign or leading zeros. */
static bool small_number(struct wtr_text text, unsigned *number)
{
    if (text.length == 0 || text.length > 3 || (text.length > 1 && text.data[0] == '0'))
        return false;
    *number = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *number = *number * 10 + (unsigned)(text.data[i] - '0');
    }
    return true;
}

static bool is_word(struct wtr_text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && c != '_' && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return text.length > 0;
}

bool wtr_shelly_component(struct wtr_text component, struct wtr_text *kind, unsigned *number)
{
    struct wtr_text rest = component;
    *kind = wtr_text_cut(&rest, ':');
    return rest.data && is_word(*kind) && small_number(rest, number);
}

static bool is_component(struct wtr_text text)
{
    struct wtr_text kind;
    unsigned number;
    return is_word(text) || wtr_shelly_component(text, &kind, &number);
}

/* What the places of an ending's pattern hold. */
struct held {
    bool numbered;
    unsigned number;
    struct wtr_text component;
};

/* Whether the level is what one level of a pattern asks for. */
static bool level_fits(struct wtr_text level, const char *wanted, struct held *held)
{
    switch (wanted[0]) {
    case '#':
        held->numbered = true;
        return small_number(level, &held->number);
    case '*':
        held->component = level;
        return is_component(level);
    default:
        return level.length > 0 && level.data[0] == wanted[0] && wtr_text_is(level, wanted);
    }
}

/* A topic's last levels, the very last one first, and where each begins. */
struct tail {
    struct wtr_text level[ENDING_LEVELS];
    size_t start[ENDING_LEVELS];
    size_t count;
};

/* The first level of all is no part of an ending. */
static struct tail tail_of(struct wtr_text topic)
{
    struct tail tail = {.count = 0};
    size_t end = topic.length;
    for (size_t at = end; at > 0 && tail.count < ENDING_LEVELS; at--) {
        if (topic.data[at - 1] != '/')
            continue;
        tail.level[tail.count] = part(topic, at, end);
        tail.start[tail.count++] = at;
        end = at - 1;
    }
    return tail;
}

/* A look at the first character of the last level, which refuses most topics for most endings. */
static bool may_end(const struct tail *tail, const struct ending *ending)
{
    char first = tail->count > 0 && tail->level[0].length > 0 ? tail->level[0].data[0] : '\0';
    char wanted = ending->levels[ending->count - 1][0];
    return wanted == first || wanted == '*' || (wanted == '#' && first >= '0' && first <= '9');
}

static bool ends_with(struct wtr_text topic, const struct tail *tail, const struct ending *ending,
                      struct wtr_shelly_topic *out)
{
    struct held held = {.numbered = false};
    if (tail->count < ending->count || tail->start[ending->count - 1] < 2)
        return false;
    for (size_t i = 0; i < ending->count; i++)
        if (!level_fits(tail->level[ending->count - 1 - i], ending->levels[i], &held))
            return false;
    size_t start = tail->start[ending->count - 1];
    out->place = ending->place;
    out->base = part(topic, 0, start - 1);
    out->ending = part(topic, start, topic.length);
    out->numbered = held.numbered;
    out->number = held.number;
    out->component = held.component;
    return true;
}

/* What stands under shellies/ itself, with no device's id between. */
static bool shared(struct wtr_shelly_topic *out)
{
    if (!wtr_text_is(out->base, "shellies"))
        return true;
    out->place = out->place == WTR_SHELLY_ANNOUNCE  ? WTR_SHELLY_GROUP_ANNOUNCE
                 : out->place == WTR_SHELLY_COMMAND ? WTR_SHELLY_GROUP_COMMAND
                                                    : WTR_SHELLY_OTHER;
    return out->place != WTR_SHELLY_OTHER;
}

bool wtr_shelly_topic_split(struct wtr_text topic, struct wtr_shelly_topic *out)
{
    struct tail tail = tail_of(topic);
    *out = (struct wtr_shelly_topic){.shellies = wtr_text_starts(topic, "shellies/")};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        bool may = endings[i].generations & GEN2 || out->shellies;
        if (may && may_end(&tail, &endings[i]) && ends_with(topic, &tail, &endings[i], out))
            return shared(out);
    }
    out->place = WTR_SHELLY_OTHER;
    return out->shellies;
}

/* How many hexadecimal digits stand behind the last '-'; 0 if anything else does. */
static size_t digits_of_id(struct wtr_text text)
{
    static const char start[] = "shelly";
    const size_t n = sizeof start - 1;
    size_t at = text.length;
    if (text.length <= n || !wtr_text_is_nocase(part(text, 0, n), start))
        return 0;
    for (; at > n && text.data[at - 1] != '-'; at--) {
        char c = text.data[at - 1];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!hex)
            return 0;
    }
    return at > n ? text.length - at : 0;
}

/* No slash stands in an id: the form of its start does not say so. */
static bool one_level(struct wtr_text text)
{
    return text.length > 0 && memchr(text.data, '/', text.length) == NULL;
}

bool wtr_shelly_is_id(struct wtr_text text)
{
    size_t digits = digits_of_id(text);
    return (digits == 6 || digits == 12) && one_level(text);
}

bool wtr_shelly_id_mac(struct wtr_text text, uint8_t mac[6])
{
    return digits_of_id(text) == 12 && one_level(text) &&
           wtr_parse_mac(part(text, text.length - 12, text.length), mac);
}

struct wtr_text wtr_shelly_id_of_base(struct wtr_text base)
{
    static const char start[] = "shellies/";
    const size_t n = sizeof start - 1;
    if (!wtr_text_starts(base, start))
        return base;
    struct wtr_text id = part(base, n, base.length);
    return wtr_shelly_is_id(id) ? id : base;
}

bool wtr_shelly_base_has_id(struct wtr_text base)
{
    size_t last = base.length;
    while (last > 0 && base.data[last - 1] != '/')
        last--;
    return wtr_shelly_is_id(part(base, last, base.length));
}

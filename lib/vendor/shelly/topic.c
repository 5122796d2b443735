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

/* '#' stands for a number, '*' for a component. Longer endings stand before those that they end with. */
static const struct ending {
    const char *pattern;
    char last; /* its last character */
    int generations;
    enum wtr_shelly_place place;
} endings[] = {
    {"relay/#/command", 'd', GEN1, WTR_SHELLY_RELAY_COMMAND},
    {"relay/#/power", 'r', GEN1, WTR_SHELLY_POWER},
    {"relay/#/energy", 'y', GEN1, WTR_SHELLY_ENERGY},
    {"relay/#/overpower_value", 'e', GEN1, WTR_SHELLY_OVERPOWER_VALUE},
    {"relay/#", '#', GEN1, WTR_SHELLY_RELAY},
    {"relay/power", 'r', GEN1, WTR_SHELLY_POWER},
    {"relay/energy", 'y', GEN1, WTR_SHELLY_ENERGY},
    {"input/#", '#', GEN1, WTR_SHELLY_INPUT},
    {"input_event/#", '#', GEN1, WTR_SHELLY_INPUT_EVENT},
    {"longpush/#", '#', GEN1, WTR_SHELLY_LONGPUSH},
    {"voltage", 'e', GEN1, WTR_SHELLY_VOLTAGE},
    {"info", 'o', GEN1, WTR_SHELLY_INFO},
    {"events/rpc", 'c', GEN2, WTR_SHELLY_EVENTS},
    {"rpc", 'c', GEN2, WTR_SHELLY_RPC},
    {"status/*", '*', GEN2, WTR_SHELLY_STATUS_OF},
    {"status", 's', GEN2, WTR_SHELLY_STATUS},
    {"command/*", '*', GEN2, WTR_SHELLY_COMMAND_TO},
    {"command", 'd', GEN1 | GEN2, WTR_SHELLY_COMMAND},
    {"online", 'e', GEN1 | GEN2, WTR_SHELLY_ONLINE},
    {"announce", 'e', GEN1 | GEN2, WTR_SHELLY_ANNOUNCE},
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

/* Whether the level is what one level of a pattern asks for. */
static bool level_fits(struct wtr_text level, struct wtr_text wanted, struct wtr_shelly_topic *out)
{
    if (wtr_text_is(wanted, "#")) {
        out->numbered = true;
        return small_number(level, &out->number);
    }
    if (wtr_text_is(wanted, "*")) {
        out->component = level;
        return is_component(level);
    }
    return wtr_text_equal(level, wanted);
}

static size_t slashes_in(const char *z)
{
    size_t n = 0;
    for (; *z; z++)
        n += *z == '/';
    return n;
}

/* Where the last `levels` levels begin; 0 if there are no more than these. */
static size_t last_levels(struct wtr_text topic, size_t levels)
{
    size_t at = topic.length;
    while (at > 0 && (topic.data[at - 1] != '/' || --levels > 0))
        at--;
    return at;
}

/* A look at the topic's last character, which refuses most topics for most endings. */
static bool may_end(struct wtr_text topic, const struct ending *ending)
{
    char last = topic.length > 0 ? topic.data[topic.length - 1] : '\0';
    if (ending->last == '#')
        return last >= '0' && last <= '9';
    return ending->last == '*' || ending->last == last;
}

static bool ends_with(struct wtr_text topic, const struct ending *ending, struct wtr_shelly_topic *out)
{
    size_t start = last_levels(topic, slashes_in(ending->pattern) + 1);
    if (start < 2)
        return false;
    out->place = ending->place;
    out->numbered = false;
    out->base = part(topic, 0, start - 1);
    out->ending = part(topic, start, topic.length);
    struct wtr_text levels = out->ending;
    struct wtr_text pattern = wtr_text_z(ending->pattern);
    while (pattern.data && levels.data) {
        struct wtr_text wanted = wtr_text_cut(&pattern, '/');
        if (!level_fits(wtr_text_cut(&levels, '/'), wanted, out))
            return false;
    }
    return !pattern.data && !levels.data;
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
    *out = (struct wtr_shelly_topic){.shellies = wtr_text_starts(topic, "shellies/")};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        bool may = endings[i].generations & GEN2 || out->shellies;
        if (may && may_end(topic, &endings[i]) && ends_with(topic, &endings[i], out))
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
    return wtr_shelly_is_id(part(base, last_levels(base, 1), base.length));
}

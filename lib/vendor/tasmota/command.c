/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody asked of a Tasmota device (support_command.ino CommandHandler, CmndBacklog, CmndPower,
 * CmndTimedPower, ExecuteCommand; support.ino kOptions; tasmota/docs Commands.md, MQTT.md) [S], POWER ON and
 * OFF [V] on a broker with payloads of our own:
 *
 *   - cmnd/…/<command><index> with the argument as payload; the case of the command does not matter, a
 * leading
 *     '_' only suppresses the answer. An empty payload, and "?", ask for the value. Leading spaces are
 * skipped.
 *   - POWER takes OFF FALSE STOP, ON TRUE START, TOGGLE, BLINK, BLINKOFF in any case, or a number read as
 *     strtol does: 0, 1, 2, 3, 4. Anything else is taken as a query. Firmware in other languages also knows
 *     its own words, which are not known here. BLINKOFF asks for no state and is not said.
 *   - POWER0 is all relays. A group topic reaches every device that listens to it.
 *   - Backlog<0..3> takes commands with ';' between them, but not inside braces.
 *   - TimedPower<index> <milliseconds>[,<state>] switches at once (on, if no state is given), and back later.
 *
 * A command is not a state: nothing here says what the relay did. */
#include "vendor/mqtt_publish.h"
#include "vendor/tasmota/reading.h"
#include "vendor/tasmota/topic.h"

enum { MAX_CHANNEL = 32, MAX_BACKLOG = 64 };

static const struct {
    const char *word;
    int number;
} options[] = {
    {"OFF", 0}, {"FALSE", 0}, {"STOP", 0}, {"ON", 1}, {"TRUE", 1}, {"START", 1}, {"TOGGLE", 2}, {"BLINK", 3},
};

static const char *const states[] = {"off", "on", "toggle", "blink"};

static int digit_of(char c, int base)
{
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : base;
    return digit < base ? digit : -1;
}

/* The number at the front of the text, as strtol reads it with base 0; -1 for none, and for any beyond 99. */
static int leading_number(struct wtr_text text)
{
    size_t at = 0;
    int base = 10;
    int value = 0;
    bool any = false;
    if (at < text.length && text.data[at] == '+')
        at++;
    if (at + 1 < text.length && text.data[at] == '0') {
        bool hex =
            (text.data[at + 1] | 0x20) == 'x' && at + 2 < text.length && digit_of(text.data[at + 2], 16) >= 0;
        base = hex ? 16 : 8;
        at += hex ? 2 : 0;
    }
    for (; at < text.length && digit_of(text.data[at], base) >= 0; at++) {
        value = value * base + digit_of(text.data[at], base);
        any = true;
        if (value > 99)
            return -1;
    }
    return any ? value : -1;
}

/* The state that the argument asks for; NULL if it asks for none. */
static const char *state_asked(struct wtr_text argument)
{
    int number = -1;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (wtr_text_is_nocase(argument, options[i].word))
            number = options[i].number;
    if (number < 0)
        number = leading_number(argument);
    return number >= 0 && number <= 3 ? states[number] : NULL;
}

struct command {
    struct wtr_text name; /* as it stands */
    struct wtr_text word; /* without '_' and index */
    unsigned index;
    bool indexed;
    struct wtr_text argument;
};

static struct wtr_text skip_spaces(struct wtr_text text)
{
    while (text.length > 0 && (text.data[0] == ' ' || (text.data[0] >= '\t' && text.data[0] <= '\r')))
        text = (struct wtr_text){text.data + 1, text.length - 1};
    return text;
}

static bool take_command(struct wtr_text name, struct wtr_text argument, struct command *out)
{
    struct wtr_text plain = name;
    if (plain.length > 1 && plain.data[0] == '_')
        plain = (struct wtr_text){plain.data + 1, plain.length - 1};
    out->name = name;
    out->argument = skip_spaces(argument);
    return wtr_tasmota_cut_number(plain, &out->word, &out->index, &out->indexed) && out->word.length > 0;
}

/* The argument as it stands in the evidence. */
static struct wtr_text as_sent(const struct wtr_tasmota_order *order, const struct command *command)
{
    return order->escaped ? order->sent : command->argument;
}

static void say_power(struct wtr_tasmota_reading *r, const struct wtr_tasmota_order *order,
                      const struct command *command, const char *state)
{
    if (!state || command->index > MAX_CHANNEL)
        return;
    bool all = order->group || command->index == 0;
    struct wtr_tasmota_sentence s = {
        .reading = r, .kind = WTR_KIND_POWER_COMMAND, .channel = all ? 0 : command->index};
    wtr_tasmota_begin(&s);
    if (all)
        wtr_say_channel(r->say, WTR_TEXT("*"), 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, wtr_text_z(state));
    if (as_sent(order, command).data)
        wtr_say_raw(r->say, command->name, as_sent(order, command));
    if (order->local)
        wtr_say_trigger(r->say, WTR_TRIGGER_LOCAL, WTR_BASIS_NONE);
    else if (order->trigger != WTR_TRIGGER_NONE)
        wtr_say_trigger(r->say, order->trigger, WTR_BASIS_NONE);
    wtr_tasmota_end(&s);
}

static void read_timed_power(struct wtr_tasmota_reading *r, const struct wtr_tasmota_order *order,
                             const struct command *command)
{
    struct wtr_text state = command->argument;
    (void)wtr_text_cut(&state, ',');
    say_power(r, order, command, state.data ? state_asked(skip_spaces(state)) : states[1]);
}

static void read_one(struct wtr_tasmota_reading *r, const struct wtr_tasmota_order *order,
                     const struct command *command)
{
    if (command->argument.length == 0 || wtr_text_is(command->argument, "?"))
        return;
    if (wtr_text_is_nocase(command->word, "POWER"))
        say_power(r, order, command, state_asked(command->argument));
    else if (wtr_text_is_nocase(command->word, "TIMEDPOWER"))
        read_timed_power(r, order, command);
    else
        (void)wtr_tasmota_say_setting(r, command->name, command->argument, as_sent(order, command));
}

/* Cuts the next command off a backlog: up to the first ';' that is not inside braces. */
static struct wtr_text next_in_backlog(struct wtr_text *rest)
{
    struct wtr_text whole = *rest;
    size_t depth = 0;
    for (size_t i = 0; i < whole.length; i++) {
        char c = whole.data[i];
        depth += c == '{';
        depth -= c == '}' && depth > 0;
        if (c != ';' || depth > 0)
            continue;
        *rest = (struct wtr_text){whole.data + i + 1, whole.length - i - 1};
        return (struct wtr_text){whole.data, i};
    }
    *rest = (struct wtr_text){NULL, 0};
    return whole;
}

static bool is_name_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '/';
}

static bool begins_nocase(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    return text.length >= n && wtr_text_is_nocase((struct wtr_text){text.data, n}, z);
}

/* A command inside a backlog: a name, perhaps with a topic before it, and an argument. */
static void read_in_backlog(struct wtr_tasmota_reading *r, const struct wtr_tasmota_order *order,
                            struct wtr_text text)
{
    text = skip_spaces(text);
    while (begins_nocase(text, "Backlog"))
        text = skip_spaces((struct wtr_text){text.data + 7, text.length - 7});
    size_t start = 0;
    size_t end = 0;
    for (; end < text.length && is_name_character(text.data[end]); end++)
        if (text.data[end] == '/')
            start = end + 1;
    struct command command;
    struct wtr_text argument = {text.data + end, text.length - end};
    while (argument.length > 0 && argument.data[argument.length - 1] == ' ')
        argument.length--;
    if (take_command((struct wtr_text){text.data + start, end - start}, argument, &command))
        read_one(r, order, &command);
}

bool wtr_tasmota_is_command(struct wtr_text name)
{
    static const char *const known[] = {"POWER", "TIMEDPOWER", "BACKLOG", "STATUS", "STATE"};
    struct command command;
    if (!take_command(name, (struct wtr_text){NULL, 0}, &command))
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (wtr_text_is_nocase(command.word, known[i]))
            return true;
    return wtr_tasmota_is_setting(command.word);
}

void wtr_tasmota_read_command(struct wtr_tasmota_reading *r, const struct wtr_tasmota_order *order,
                              struct wtr_text name, struct wtr_text payload)
{
    struct command command;
    if (!take_command(name, payload, &command))
        return;
    if (!wtr_text_is_nocase(command.word, "BACKLOG")) {
        read_one(r, order, &command);
        return;
    }
    struct wtr_text rest = payload;
    struct wtr_tasmota_order one = *order; /* what was sent is that of all of them */
    one.sent = (struct wtr_text){NULL, 0};
    for (unsigned i = 0; i < MAX_BACKLOG && rest.data; i++)
        read_in_backlog(r, &one, next_in_backlog(&rest));
}

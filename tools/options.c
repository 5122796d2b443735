/* SPDX-License-Identifier: Apache-2.0 */
/* The options of all tools, and the reading of a command line as POSIX's guidelines and GNU's long options
 * have it: "-o FILE", "-oFILE", "-qh", "--output FILE", "--output=FILE", and "--" before operands that begin
 * with a dash. Names are not abbreviated: a script must mean the same with every version. */
#include "options.h"

#include "report.h"
#include "values.h"

#include <string.h>

static bool take_format(struct settings *s, const char *value)
{
    s->format = value;
    return true;
}

static bool take_output(struct settings *s, const char *value)
{
    s->output = value;
    return *value != '\0';
}

static bool take_kind(struct settings *s, const char *value)
{
    s->kind = value;
    return true;
}

static bool take_device(struct settings *s, const char *value)
{
    s->device = value;
    return true;
}

static bool take_from(struct settings *s, const char *value)
{
    s->has_from = true;
    return wtr_cli_parse_time(value, &s->from_ns);
}

static bool take_to(struct settings *s, const char *value)
{
    s->has_to = true;
    return wtr_cli_parse_time(value, &s->to_ns);
}

static bool take_tz(struct settings *s, const char *value)
{
    return wtr_cli_zone_set(&s->zone, value);
}

static bool take_filter(struct settings *s, const char *value)
{
    s->filter = value;
    return true;
}

static bool take_key_file(struct settings *s, struct key_file file)
{
    if (*file.path == '\0' || s->keyring_count == MOST_KEYRINGS)
        return false;
    s->keyrings[s->keyring_count++] = file;
    return true;
}

static bool take_keys(struct settings *s, const char *value)
{
    return take_key_file(s, (struct key_file){value, KEYS_RING});
}

static bool take_keylog(struct settings *s, const char *value)
{
    return take_key_file(s, (struct key_file){value, KEYS_TLS_LOG});
}

static bool take_include_inferred(struct settings *s, const char *value)
{
    (void)value;
    s->include_inferred = true;
    return true;
}

static bool take_signatures(struct settings *s, const char *value)
{
    if (s->signature_count == MOST_KEYRINGS || *value == '\0')
        return false;
    s->signatures[s->signature_count++] = value;
    return true;
}

static bool take_labels(struct settings *s, const char *value)
{
    s->labels = value;
    return *value != '\0';
}

static bool take_rsa_key(struct settings *s, const char *value)
{
    return take_key_file(s, (struct key_file){value, KEYS_RSA});
}

static bool take_csv_safe(struct settings *s, const char *value)
{
    (void)value;
    return s->csv_safe = true;
}

static bool take_reveal_secrets(struct settings *s, const char *value)
{
    (void)value;
    return s->reveal_secrets = true;
}

static bool take_memory(struct settings *s, const char *value)
{
    return wtr_cli_parse_size(value, &s->memory);
}

static bool take_color(struct settings *s, const char *value)
{
    static const char *const words[] = {
        [COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(value, words[i]) == 0) {
            s->colour = (enum colour)i;
            return true;
        }
    }
    return false;
}

static bool take_quiet(struct settings *s, const char *value)
{
    (void)value;
    return s->quiet = true;
}

static bool take_no_progress(struct settings *s, const char *value)
{
    (void)value;
    return s->no_progress = true;
}

static bool take_completion(struct settings *s, const char *value)
{
    s->completion = value;
    return strcmp(value, "bash") == 0 || strcmp(value, "zsh") == 0 || strcmp(value, "fish") == 0;
}

static bool take_volume(struct settings *s, const char *value)
{
    s->volume = value;
    return true;
}

static bool take_path(struct settings *s, const char *value)
{
    s->path = value;
    return true;
}

static bool take_state(struct settings *s, const char *value)
{
    static const char *const states[] = {"live", "superseded", "deleted", "stale"};
    s->state = value;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(value, states[i]) == 0)
            return true;
    return false;
}

static bool take_order(struct settings *s, const char *value)
{
    return s->has_order = wtr_cli_parse_number(value, &s->order);
}

static bool take_offset(struct settings *s, const char *value)
{
    return s->has_offset = wtr_cli_parse_number(value, &s->offset);
}

static bool take_help(struct settings *s, const char *value)
{
    (void)value;
    return s->help = true;
}

static bool take_version(struct settings *s, const char *value)
{
    (void)value;
    return s->version = true;
}

static const char time_expected[] = "a time as in RFC 3339, for instance 2026-01-02T03:04:05Z";

const struct option wtr_cli_options[OPTION_COUNT] = {
    [OPTION_FORMAT] = {.name = "format",
                       .argument = "FORMAT",
                       .values = VALUES_FORMAT,
                       .help = "how results are written",
                       .take = take_format},
    [OPTION_OUTPUT] = {.name = "output",
                       .letter = 'o',
                       .argument = "FILE",
                       .values = VALUES_FILE,
                       .help = "write to FILE, which must not exist; it appears when it is whole",
                       .expected = "a file name",
                       .take = take_output},
    [OPTION_KIND] = {.name = "kind",
                     .argument = "GLOB",
                     .values = VALUES_KIND,
                     .help = "only events of these kinds, for instance 'power.*'",
                     .take = take_kind},
    [OPTION_DEVICE] = {.name = "device",
                       .argument = "ID",
                       .values = VALUES_FREE,
                       .help = "only events of this device, named as in the results",
                       .take = take_device},
    [OPTION_FROM] = {.name = "from",
                     .argument = "TIME",
                     .values = VALUES_FREE,
                     .help = "only events that may lie at or after TIME (RFC 3339)",
                     .expected = time_expected,
                     .take = take_from},
    [OPTION_TO] = {.name = "to",
                   .argument = "TIME",
                   .values = VALUES_FREE,
                   .help = "only events that may lie at or before TIME",
                   .expected = time_expected,
                   .take = take_to},
    [OPTION_TZ] = {.name = "tz",
                   .argument = "ZONE",
                   .values = VALUES_FREE,
                   .help = "show a table's times in ZONE: +02:00, Europe/Berlin, or local",
                   .expected =
                       "an offset (+02:00), a name of the time zone database (Europe/Berlin), UTC or local",
                   .take = take_tz},
    [OPTION_FILTER] = {.name = "filter",
                       .argument = "EXPR",
                       .values = VALUES_FREE,
                       .help = "only packets that pass this libpcap filter expression",
                       .take = take_filter},
    [OPTION_KEYS] = {.name = "keys",
                     .argument = "FILE",
                     .values = VALUES_FILE,
                     .help = "open what is enciphered with the keys in FILE; may be given several times",
                     .expected = "one of at most 64 files of keys",
                     .take = take_keys},
    [OPTION_CSV_SAFE] = {.name = "csv-safe",
                         .help = "csv: put ' before what a spreadsheet would take for a formula",
                         .take = take_csv_safe},
    [OPTION_KEYLOG] = {.name = "keylog",
                       .argument = "FILE",
                       .values = VALUES_FILE,
                       .help = "open TLS with the key log FILE (SSLKEYLOGFILE); may be given several times",
                       .expected = "one of at most 64 files of keys",
                       .take = take_keylog},
    [OPTION_RSA_KEY] = {.name = "rsa-key",
                        .argument = "FILE",
                        .values = VALUES_FILE,
                        .help =
                            "open TLS with the server's private RSA key in FILE; may be given several times",
                        .expected = "one of at most 64 files of keys",
                        .take = take_rsa_key},
    [OPTION_INCLUDE_INFERRED] = {.name = "include-inferred",
                                 .help = "also events that are inferred from the shape of enciphered "
                                         "traffic; they are not the device's word",
                                 .take = take_include_inferred},
    [OPTION_SIGNATURES] = {.name = "signatures",
                           .argument = "FILE",
                           .values = VALUES_FILE,
                           .help = "infer with the signature in FILE, too; may be given several times",
                           .expected = "one of at most 64 files",
                           .take = take_signatures},
    [OPTION_LABELS] = {.name = "labels",
                       .argument = "FILE",
                       .values = VALUES_FILE,
                       .help = "the switchings to learn from, one a line: time, on or off, lan or cloud, "
                               "train or validate",
                       .expected = "a file's name",
                       .take = take_labels},
    [OPTION_REVEAL_SECRETS] = {.name = "reveal-secrets",
                               .help = "show passwords and keys instead of their hashes",
                               .take = take_reveal_secrets},
    [OPTION_MEMORY] = {.name = "memory",
                       .argument = "SIZE",
                       .values = VALUES_FREE,
                       .help = "sort within SIZE bytes (12M) before using the disk",
                       .expected = "a number of bytes, for instance 64M",
                       .take = take_memory},
    [OPTION_COLOR] = {.name = "color",
                      .argument = "WHEN",
                      .values = VALUES_COLOR,
                      .help = "colours: auto, always or never",
                      .expected = "auto, always or never",
                      .take = take_color},
    [OPTION_QUIET] = {.name = "quiet",
                      .letter = 'q',
                      .help = "no progress and no notes on standard error",
                      .take = take_quiet},
    [OPTION_NO_PROGRESS] = {.name = "no-progress", .help = "no progress bar", .take = take_no_progress},
    [OPTION_COMPLETION] = {.name = "completion",
                           .argument = "SHELL",
                           .values = VALUES_SHELL,
                           .help = "write the completion script for bash, zsh or fish",
                           .expected = "bash, zsh or fish",
                           .take = take_completion},
    [OPTION_VOLUME] = {.name = "volume",
                       .argument = "NAME",
                       .values = VALUES_FREE,
                       .help = "only what this volume holds, named as in the results",
                       .take = take_volume},
    [OPTION_PATH] = {.name = "path",
                     .argument = "PATH",
                     .values = VALUES_FREE,
                     .help = "only entries of this name",
                     .take = take_path},
    [OPTION_STATE] = {.name = "state",
                      .argument = "STATE",
                      .values = VALUES_STATE,
                      .help = "only entries in this state: live, superseded, deleted or stale",
                      .expected = "live, superseded, deleted or stale",
                      .take = take_state},
    [OPTION_ORDER] = {.name = "order",
                      .argument = "N",
                      .values = VALUES_FREE,
                      .help = "only the entry at this place of its order",
                      .expected = "a number",
                      .take = take_order},
    [OPTION_OFFSET] = {.name = "offset",
                       .argument = "N",
                       .values = VALUES_FREE,
                       .help = "only the entry whose first byte stands there in the file",
                       .expected = "a number, decimal or with 0x",
                       .take = take_offset},
    [OPTION_HELP] = {.name = "help", .letter = 'h', .help = "show this help", .take = take_help},
    [OPTION_VERSION] = {.name = "version", .help = "show the version", .take = take_version},
};

/* The command line as it is read. */
struct reading {
    const struct tool *tool;
    struct settings *settings;
    int count;
    char **arguments;
    int at;
};

static const struct option *find_long(const struct tool *tool, const char *name, size_t length)
{
    for (const enum option_id *id = tool->options; *id != OPTION_END; id++) {
        const struct option *o = &wtr_cli_options[*id];
        if (strlen(o->name) == length && memcmp(o->name, name, length) == 0)
            return o;
    }
    return NULL;
}

static const struct option *find_letter(const struct tool *tool, char letter)
{
    for (const enum option_id *id = tool->options; *id != OPTION_END; id++)
        if (letter && wtr_cli_options[*id].letter == letter)
            return &wtr_cli_options[*id];
    return NULL;
}

/* `value` stands with the option, or is NULL: then it is the next argument. */
static enum exit_status take(struct reading *r, const struct option *o, const char *value)
{
    if (o->argument && !value) {
        if (r->at + 1 >= r->count)
            return wtr_cli_usage(r->tool->name, "--%s needs a value (%s)", o->name, o->argument);
        value = r->arguments[++r->at];
    }
    if (!o->take(r->settings, value))
        return wtr_cli_usage(r->tool->name, "--%s: '%s' is not %s", o->name, value, o->expected);
    return EXIT_COMPLETE;
}

static enum exit_status take_long(struct reading *r, const char *argument)
{
    const char *name = argument + 2;
    const char *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct option *o = find_long(r->tool, name, length);
    if (!o)
        return wtr_cli_usage(r->tool->name, "there is no option --%.*s", (int)(length & 0xfff), name);
    if (equals && !o->argument)
        return wtr_cli_usage(r->tool->name, "--%s takes no value", o->name);
    return take(r, o, equals ? equals + 1 : NULL);
}

static enum exit_status take_letters(struct reading *r, const char *argument)
{
    for (const char *letter = argument + 1; *letter; letter++) {
        const struct option *o = find_letter(r->tool, *letter);
        if (!o)
            return wtr_cli_usage(r->tool->name, "there is no option -%c", *letter);
        const char *rest = o->argument && letter[1] ? letter + 1 : NULL;
        enum exit_status status = take(r, o, rest);
        if (status != EXIT_COMPLETE || o->argument)
            return status;
    }
    return EXIT_COMPLETE;
}

static enum exit_status check_format(const struct tool *tool, struct settings *s)
{
    if (!tool->formats)
        return EXIT_COMPLETE;
    if (!s->format)
        s->format = tool->formats[0];
    for (const char *const *format = tool->formats; *format; format++)
        if (strcmp(s->format, *format) == 0)
            return EXIT_COMPLETE;
    return wtr_cli_usage(tool->name, "--format: there is no format '%s' here", s->format);
}

static enum exit_status check_action(const struct tool *tool, const struct settings *s)
{
    for (const char *const *action = tool->actions; action && *action; action++)
        if (strcmp(s->operands[0], *action) == 0)
            return EXIT_COMPLETE;
    return tool->actions
               ? wtr_cli_usage(tool->name, "'%s' is not %s", s->operands[0], tool->operands_expected)
               : EXIT_COMPLETE;
}

static enum exit_status check(const struct tool *tool, struct settings *s)
{
    if (s->help || s->version)
        return EXIT_COMPLETE;
    if (s->operand_count < tool->least_operands || s->operand_count > tool->most_operands)
        return wtr_cli_usage(tool->name, "%s",
                             tool->actions ? "expected info, ls or cat, and a dump"
                                           : tool->operands_expected);
    enum exit_status action = check_action(tool, s);
    if (action != EXIT_COMPLETE)
        return action;
    if (s->signature_count > 0 && !s->include_inferred)
        return wtr_cli_usage(tool->name, "--signatures needs --include-inferred");
    if (s->has_from && s->has_to && s->from_ns > s->to_ns)
        return wtr_cli_usage(tool->name, "--from lies after --to");
    return check_format(tool, s);
}

enum exit_status wtr_cli_parse(const struct tool *tool, int count, char **arguments,
                               struct settings *settings)
{
    struct reading r = {.tool = tool, .settings = settings, .count = count, .arguments = arguments};
    bool operands_only = false;
    *settings = (struct settings){.operands = arguments, .zone = {.fixed = true}};
    for (; r.at < count; r.at++) {
        char *argument = arguments[r.at];
        enum exit_status status = EXIT_COMPLETE;
        if (operands_only || argument[0] != '-' || argument[1] == '\0')
            arguments[settings->operand_count++] = argument;
        else if (strcmp(argument, "--") == 0)
            operands_only = true;
        else
            status = argument[1] == '-' ? take_long(&r, argument) : take_letters(&r, argument);
        if (status != EXIT_COMPLETE)
            return status;
    }
    return check(tool, settings);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tools and their options. Each option is described once; a tool names those that it takes. Reading a command
 * line, --help and the completions for shells all come from these tables. */
#ifndef WATTRAIL_TOOLS_OPTIONS_H
#define WATTRAIL_TOOLS_OPTIONS_H

#include "exit.h"
#include "zone.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_id {
    OPTION_END,
    OPTION_FORMAT,
    OPTION_OUTPUT,
    OPTION_KIND,
    OPTION_DEVICE,
    OPTION_FROM,
    OPTION_TO,
    OPTION_TZ,
    OPTION_CSV_SAFE,
    OPTION_FILTER,
    OPTION_KEYS,
    OPTION_KEYLOG,
    OPTION_RSA_KEY,
    OPTION_INCLUDE_INFERRED,
    OPTION_SIGNATURES,
    OPTION_LABELS,
    OPTION_REVEAL_SECRETS,
    OPTION_MEMORY,
    OPTION_COLOR,
    OPTION_QUIET,
    OPTION_NO_PROGRESS,
    OPTION_COMPLETION,
    OPTION_VOLUME,
    OPTION_PATH,
    OPTION_STATE,
    OPTION_ORDER,
    OPTION_OFFSET,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT
};

/* What a shell may offer as an option's value. */
enum option_values {
    VALUES_NONE, /* the option takes no value */
    VALUES_FREE,
    VALUES_FILE,
    VALUES_FORMAT, /* the tool's formats */
    VALUES_KIND,   /* kinds of events */
    VALUES_COLOR,
    VALUES_SHELL,
    VALUES_STATE, /* of entries */
};

enum { MOST_KEYRINGS = 64 };

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* A file of keys, and what kind of keys it is to hold. */
struct key_file {
    const char *path;
    enum { KEYS_RING, KEYS_TLS_LOG, KEYS_RSA } kind;
};

/* What the command line says. */
struct settings {
    const char *format, *output, *kind, *device, *filter, *completion;
    struct key_file keyrings[MOST_KEYRINGS];
    int keyring_count;
    bool include_inferred;
    const char *signatures[MOST_KEYRINGS];
    int signature_count;
    const char *labels;
    bool has_from, has_to;
    int64_t from_ns, to_ns;
    struct zone zone;
    size_t memory; /* 0: the library's own choice */
    enum colour colour;
    const char *volume, *path, *state;
    bool has_order, has_offset;
    uint64_t order, offset;
    bool csv_safe, reveal_secrets, quiet, no_progress, help, version;
    char **operands;
    int operand_count;
};

struct option {
    const char *name;     /* without its dashes */
    const char *argument; /* its name in --help; NULL: it takes none */
    const char *help;
    const char *expected; /* what a value that was refused should have been; NULL: every value is taken */
    bool (*take)(struct settings *settings, const char *value);
    enum option_values values;
    char letter; /* '\0': none */
};

struct tool {
    const char *name;
    const char *purpose;           /* one line */
    const char *operands;          /* "EVIDENCE..." */
    const char *description;       /* a paragraph or two for --help */
    const char *const *formats;    /* ended by NULL, the first is the default; NULL: none */
    const enum option_id *options; /* ended by OPTION_END */
    int least_operands, most_operands;
    const char *operands_expected;
    enum exit_status (*run)(const struct settings *settings);
    const char *const
        *actions; /* ended by NULL: the first operand is one of them; NULL: all operands are files */
};

extern const struct option wtr_cli_options[OPTION_COUNT];

/* Each in the file of its name. */
extern const struct tool wtr_cli_timeline, wtr_cli_messages, wtr_cli_devices, wtr_cli_flash, wtr_cli_keys,
    wtr_cli_learn, wtr_cli_help;

/* All tools, ended by NULL; the tool of that name, or NULL. */
extern const struct tool *const wtr_cli_tools[];
const struct tool *wtr_cli_tool(const char *name);

/* Reads what stands behind the tool's name. `arguments` is put in order: operands stay. Says what is wrong.
 */
enum exit_status wtr_cli_parse(const struct tool *tool, int count, char **arguments,
                               struct settings *settings);

#endif

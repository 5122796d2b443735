/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts for shells, from the tables of tools and options: programmable completion of bash(1),
 * the function _arguments of zsh (zshcompsys(1)), and complete of fish. */
#include "usage.h"

#include "wattrail/field.h"

#include <string.h>

/* Words, each behind a separator but the first. */
struct words {
    FILE *out;
    const char *separator;
    bool any;
};

static void put_word(struct words *words, const char *before, const char *word)
{
    fprintf(words->out, "%s%s%s", words->any ? words->separator : "", before, word);
    words->any = true;
}

/* The values that an option is known to take; none where anything may stand. */
static void put_values(FILE *out, const struct tool *tool, const struct option *o)
{
    struct words words = {out, " ", false};
    switch (o->values) {
    case VALUES_FORMAT:
        for (const char *const *format = tool->formats; *format; format++)
            put_word(&words, "", *format);
        break;
    case VALUES_KIND:
        for (int kind = 0; kind < WTR_KIND_COUNT; kind++)
            put_word(&words, "", wtr_kind_name((enum wtr_kind)kind));
        break;
    case VALUES_COLOR:
        put_word(&words, "", "auto always never");
        break;
    case VALUES_SHELL:
        put_word(&words, "", "bash zsh fish");
        break;
    case VALUES_STATE:
        put_word(&words, "", "live superseded deleted stale");
        break;
    case VALUES_NONE:
    case VALUES_FREE:
    case VALUES_FILE:
        break;
    }
}

static void put_tool_names(FILE *out, const char *separator)
{
    struct words words = {out, separator, false};
    for (const struct tool *const *tool = wtr_cli_tools; *tool; tool++)
        put_word(&words, "", (*tool)->name);
}

/* Whether operands are files, or else names of tools. */
static bool takes_files(const struct tool *tool)
{
    return tool->least_operands > 0;
}

/* The words of which the first operand is one. */
static void put_actions(FILE *out, const struct tool *tool, const char *separator)
{
    struct words words = {out, separator, false};
    for (const char *const *action = tool->actions; action && *action; action++)
        put_word(&words, "", *action);
}

/* ---- bash */

/* Names of files may hold spaces, but no line break that this could help. */
static void bash_files(FILE *out)
{
    fputs("            local IFS=$'\\n'\n            COMPREPLY=($(compgen -f -- \"$current\"))\n", out);
}

static void bash_value(FILE *out, const struct tool *tool, const struct option *o)
{
    fprintf(out, "        --%s", o->name);
    if (o->letter)
        fprintf(out, " | -%c", o->letter);
    fputs(")\n", out);
    if (o->values == VALUES_FILE) {
        bash_files(out);
    } else if (o->values != VALUES_FREE) {
        fputs("            COMPREPLY=($(compgen -W '", out);
        put_values(out, tool, o);
        fputs("' -- \"$current\"))\n", out);
    }
    fputs("            return ;;\n", out);
}

static void bash_tool(FILE *out, const struct tool *tool)
{
    fprintf(out, "    %s)\n        case $previous in\n", tool->name);
    for (const enum option_id *id = tool->options; *id != OPTION_END; id++)
        if (wtr_cli_options[*id].argument)
            bash_value(out, tool, &wtr_cli_options[*id]);
    fputs("        esac\n        if [[ $current == -* ]]; then\n            COMPREPLY=($(compgen -W '", out);
    struct words words = {out, " ", false};
    for (const enum option_id *id = tool->options; *id != OPTION_END; id++)
        put_word(&words, "--", wtr_cli_options[*id].name);
    fputs("' -- \"$current\"))\n        else\n", out);
    if (tool->actions) {
        fputs("            if ((COMP_CWORD == 2)); then\n            COMPREPLY=($(compgen -W '", out);
        put_actions(out, tool, " ");
        fputs("' -- \"$current\"))\n            else\n", out);
        bash_files(out);
        fputs("            fi\n", out);
    } else if (takes_files(tool)) {
        bash_files(out);
    } else {
        fputs("            COMPREPLY=($(compgen -W '", out);
        put_tool_names(out, " ");
        fputs("' -- \"$current\"))\n", out);
    }
    fputs("        fi ;;\n", out);
}

static void bash(FILE *out)
{
    fputs("# bash completion for wattrail, as written by 'wattrail help --completion bash'\n"
          "_wattrail() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} tool=\n"
          "    ((COMP_CWORD > 1)) && tool=${COMP_WORDS[1]}\n"
          "    COMPREPLY=()\n"
          "    case $tool in\n"
          "    '')\n"
          "        COMPREPLY=($(compgen -W '",
          out);
    put_tool_names(out, " ");
    fputs(" --help --version' -- \"$current\")) ;;\n", out);
    for (const struct tool *const *tool = wtr_cli_tools; *tool; tool++)
        bash_tool(out, *tool);
    fputs("    esac\n}\ncomplete -o filenames -F _wattrail wattrail\n", out);
}

/* ---- zsh */

static void zsh_option(FILE *out, const struct tool *tool, const struct option *o)
{
    const char *equals = o->argument ? "=" : "";
    fputs(" \\\n            ", out);
    if (o->letter)
        fprintf(out, "{-%c%s,--%s%s}", o->letter, o->argument ? "+" : "", o->name, equals);
    else
        fprintf(out, "--%s%s", o->name, equals);
    fputs("\"[", out);
    for (const char *c = o->help; *c; c++)
        fprintf(out, strchr(":[]\"$`\\", *c) ? "\\%c" : "%c", *c);
    fputs("]", out);
    if (o->values == VALUES_FILE)
        fprintf(out, ":%s:_files", o->argument);
    else if (o->argument)
        fprintf(out, ":%s:", o->argument);
    if (o->argument && o->values != VALUES_FILE && o->values != VALUES_FREE) {
        fputs("(", out);
        put_values(out, tool, o);
        fputs(")", out);
    }
    fputs("\"", out);
}

static void zsh(FILE *out)
{
    fputs("#compdef wattrail\n"
          "# zsh completion for wattrail, as written by 'wattrail help --completion zsh'\n"
          "_wattrail() {\n"
          "    if ((CURRENT == 2)); then\n"
          "        compadd -- ",
          out);
    put_tool_names(out, " ");
    fputs(" --help --version\n        return\n    fi\n    local tool=$words[2]\n    shift words\n"
          "    ((CURRENT--))\n    case $tool in\n",
          out);
    for (const struct tool *const *tool = wtr_cli_tools; *tool; tool++) {
        fprintf(out, "    %s)\n        _arguments -s", (*tool)->name);
        for (const enum option_id *id = (*tool)->options; *id != OPTION_END; id++)
            zsh_option(out, *tool, &wtr_cli_options[*id]);
        if ((*tool)->actions) {
            fputs(" \\\n            '1:action:(", out);
            put_actions(out, *tool, " ");
            fputs(")' '*:evidence:_files' ;;\n", out);
        } else if (takes_files(*tool)) {
            fputs(" \\\n            '*:evidence:_files' ;;\n", out);
        } else {
            fputs(" \\\n            '1:tool:(", out);
            put_tool_names(out, " ");
            fputs(")' ;;\n", out);
        }
    }
    fputs("    esac\n}\n_wattrail \"$@\"\n", out);
}

/* ---- fish */

static void fish_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++)
        fprintf(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    fputc('\'', out);
}

static void fish_option(FILE *out, const struct tool *tool, const struct option *o)
{
    fprintf(out, "complete -c wattrail -n '__fish_seen_subcommand_from %s' -l %s", tool->name, o->name);
    if (o->letter)
        fprintf(out, " -s %c", o->letter);
    if (o->values == VALUES_FILE) {
        fputs(" -r -F", out);
    } else if (o->argument) {
        fputs(" -x -a '", out);
        put_values(out, tool, o);
        fputs("'", out);
    }
    fputs(" -d ", out);
    fish_quoted(out, o->help);
    fputc('\n', out);
}

static void fish(FILE *out)
{
    fputs("# fish completion for wattrail, as written by 'wattrail help --completion fish'\n", out);
    fputs("complete -c wattrail -n __fish_use_subcommand -f -l help -d 'show this help'\n"
          "complete -c wattrail -n __fish_use_subcommand -f -l version -d 'show the version'\n",
          out);
    for (const struct tool *const *tool = wtr_cli_tools; *tool; tool++) {
        fprintf(out, "complete -c wattrail -n __fish_use_subcommand -f -a %s -d ", (*tool)->name);
        fish_quoted(out, (*tool)->purpose);
        fputc('\n', out);
        if ((*tool)->actions) {
            fprintf(out, "complete -c wattrail -n '__fish_seen_subcommand_from %s' -a '", (*tool)->name);
            put_actions(out, *tool, " ");
            fputs("'\n", out);
        }
        if (!takes_files(*tool)) {
            fprintf(out, "complete -c wattrail -n '__fish_seen_subcommand_from %s' -f -a '", (*tool)->name);
            put_tool_names(out, " ");
            fputs("'\n", out);
        }
        for (const enum option_id *id = (*tool)->options; *id != OPTION_END; id++)
            fish_option(out, *tool, &wtr_cli_options[*id]);
    }
}

void wtr_cli_show_completion(FILE *out, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        bash(out);
    else if (strcmp(shell, "zsh") == 0)
        zsh(out);
    else
        fish(out);
}

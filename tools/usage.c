/* SPDX-License-Identifier: Apache-2.0 */
/* --help, wrapped for a terminal of 80 columns. */
#include "usage.h"

#include "wattrail/version.h"
#include "wattrail/writer.h"

#include <string.h>

enum { COLUMNS = 79, INDENT = 26 };

static void put_spaces(FILE *out, int n)
{
    fprintf(out, "%*s", n, "");
}

/* Words from column `at` on, further lines indented; ends the line. */
static void put_wrapped(FILE *out, const char *text, int at, int indent)
{
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (at > indent && at + 1 + length > COLUMNS) {
            fputc('\n', out);
            put_spaces(out, indent);
            at = indent;
        } else if (at > indent) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", length, text);
        at += length;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* A term and what it means, beside each other. */
static void put_entry(FILE *out, int width, const char *meaning)
{
    if (width >= INDENT - 1) {
        fputc('\n', out);
        width = 0;
    }
    put_spaces(out, INDENT - width);
    put_wrapped(out, meaning, INDENT, INDENT);
}

static void put_option(FILE *out, const struct option *o)
{
    int width =
        o->letter ? fprintf(out, "  -%c, --%s", o->letter, o->name) : fprintf(out, "      --%s", o->name);
    if (o->argument)
        width += fprintf(out, " %s", o->argument);
    put_entry(out, width, o->help);
}

static void put_formats(FILE *out, const struct tool *tool)
{
    const char *name, *purpose;
    fputs("\nFormats (the first is used unless another is asked for):\n", out);
    for (const char *const *format = tool->formats; *format; format++)
        for (size_t i = 0; (name = wtr_writer_format(i, &purpose)) != NULL; i++)
            if (strcmp(name, *format) == 0)
                put_entry(out, fprintf(out, "  %s", name), purpose);
}

static void put_exit_statuses(FILE *out)
{
    static const struct {
        enum exit_status status;
        const char *meaning;
    } statuses[] = {
        {EXIT_COMPLETE, "complete, also when nothing was found"},
        {EXIT_PARTIAL, "complete but partial: something could not be read, the summary says where"},
        {EXIT_USAGE, "the command line makes no sense"},
        {EXIT_INPUT, "input missing, unreadable, unrecognised or ambiguous"},
        {EXIT_OUTPUT, "output exists, or can't be written"},
        {EXIT_MISMATCH, "verification or self-test mismatch"},
        {EXIT_INTERNAL, "internal error"},
    };
    fputs("\nExit status:\n", out);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        put_entry(out, fprintf(out, "  %d", (int)statuses[i].status), statuses[i].meaning);
}

void wtr_cli_show_help(FILE *out, const struct tool *tool)
{
    fprintf(out, "Usage: wattrail %s [OPTION]... %s\n\n", tool->name, tool->operands);
    put_wrapped(out, tool->description, 0, 0);
    fputs("\nOptions:\n", out);
    for (const enum option_id *id = tool->options; *id != OPTION_END; id++)
        put_option(out, &wtr_cli_options[*id]);
    if (tool->formats)
        put_formats(out, tool);
    put_exit_statuses(out);
}

void wtr_cli_show_overview(FILE *out)
{
    fputs("Usage: wattrail TOOL [OPTION]... [OPERAND]...\n\n", out);
    put_wrapped(out,
                "Turns packet captures and flash dumps of smart plugs into one timeline of power events, in "
                "which every line can "
                "be traced to the bytes it came from.",
                0, 0);
    fputs("\nTools:\n", out);
    for (const struct tool *const *tool = wtr_cli_tools; *tool; tool++)
        put_entry(out, fprintf(out, "  %s", (*tool)->name), (*tool)->purpose);
    fputs("\nOptions:\n", out);
    put_option(out, &wtr_cli_options[OPTION_HELP]);
    put_option(out, &wtr_cli_options[OPTION_VERSION]);
    put_exit_statuses(out);
    fputs("\n'wattrail help TOOL' says more about a tool.\n", out);
}

void wtr_cli_show_version(FILE *out)
{
    fprintf(out, "wattrail %s\n", wtr_version());
}

/* SPDX-License-Identifier: Apache-2.0 */
/* wattrail TOOL: finds the tool and hands the command line over. */
#include "interrupt.h"
#include "output.h"
#include "report.h"
#include "usage.h"

#include <string.h>

const struct tool *const wtr_cli_tools[] = {
    &wtr_cli_timeline, &wtr_cli_messages, &wtr_cli_devices, &wtr_cli_flash,
    &wtr_cli_keys,     &wtr_cli_learn,    &wtr_cli_help,    NULL,
};

const struct tool *wtr_cli_tool(const char *name)
{
    for (const struct tool *const *tool = wtr_cli_tools; *tool; tool++)
        if (strcmp((*tool)->name, name) == 0)
            return *tool;
    return NULL;
}

static enum exit_status run_tool(const struct tool *tool, int count, char **arguments)
{
    struct settings settings;
    enum exit_status status = wtr_cli_parse(tool, count, arguments, &settings);
    if (status != EXIT_COMPLETE)
        return status;
    if (settings.help) {
        wtr_cli_show_help(stdout, tool);
        return wtr_cli_finish_stdout();
    }
    if (settings.version) {
        wtr_cli_show_version(stdout);
        return wtr_cli_finish_stdout();
    }
    return tool->run(&settings);
}

static enum exit_status run(int count, char **arguments)
{
    if (count == 0)
        return wtr_cli_usage(NULL, "no tool is named");
    const char *first = arguments[0];
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        wtr_cli_show_overview(stdout);
        return wtr_cli_finish_stdout();
    }
    if (strcmp(first, "--version") == 0) {
        wtr_cli_show_version(stdout);
        return wtr_cli_finish_stdout();
    }
    const struct tool *tool = wtr_cli_tool(first);
    if (tool)
        return run_tool(tool, count - 1, arguments + 1);
    if (first[0] == '-')
        return wtr_cli_usage(NULL, "there is no option '%s' before a tool", first);
    return wtr_cli_usage(NULL, "there is no tool '%s'", first);
}

int main(int argc, char **argv)
{
    wtr_cli_guard_descriptors();
    wtr_cli_catch_interrupts();
    return (int)run(argc > 0 ? argc - 1 : 0, argv + 1);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* wattrail help: the list of tools, one tool's help, or a completion script. */
#include "output.h"
#include "report.h"
#include "usage.h"

static enum exit_status run(const struct settings *settings)
{
    if (settings->completion) {
        wtr_cli_show_completion(stdout, settings->completion);
    } else if (settings->operand_count == 0) {
        wtr_cli_show_overview(stdout);
    } else {
        const struct tool *tool = wtr_cli_tool(settings->operands[0]);
        if (!tool)
            return wtr_cli_usage(NULL, "there is no tool '%s'", settings->operands[0]);
        wtr_cli_show_help(stdout, tool);
    }
    return wtr_cli_finish_stdout();
}

static const enum option_id options[] = {OPTION_COMPLETION, OPTION_HELP, OPTION_VERSION, OPTION_END};

const struct tool wtr_cli_help = {
    .name = "help",
    .purpose = "lists the tools, or says more about one",
    .operands = "[TOOL]",
    .description = "Lists the tools, shows the help of one, or writes a completion script for a shell.",
    .options = options,
    .least_operands = 0,
    .most_operands = 1,
    .operands_expected = "one tool at a time",
    .run = run,
};

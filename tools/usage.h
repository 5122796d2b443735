/* SPDX-License-Identifier: Apache-2.0 */
/* What --help shows, and completion scripts for shells: both from the tables of tools and options. */
#ifndef WATTRAIL_TOOLS_USAGE_H
#define WATTRAIL_TOOLS_USAGE_H

#include "options.h"

#include <stdio.h>

/* All tools. */
void wtr_cli_show_overview(FILE *out);
/* One tool. */
void wtr_cli_show_help(FILE *out, const struct tool *tool);
/* "wattrail <version>". */
void wtr_cli_show_version(FILE *out);

/* The script for "bash", "zsh" or "fish". */
void wtr_cli_show_completion(FILE *out, const char *shell);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What is said on standard error, and which exit status follows. */
#ifndef WATTRAIL_TOOLS_REPORT_H
#define WATTRAIL_TOOLS_REPORT_H

#include "exit.h"
#include "wattrail/status.h"

/* "wattrail: " and the formatted words, as one line. Control characters and those that change the direction
 * of writing, which a file's name may hold, are shown as \x and two digits. */
void wtr_cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a mistake on the command line, with a hint where help is; `tool` may be NULL. Returns
 * EXIT_USAGE. */
enum exit_status wtr_cli_usage(const char *tool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The exit status for what a call of the library returned. */
enum exit_status wtr_cli_exit(enum wtr_status status);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for people on standard error. */
#include "report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 4096 };

/* How many bytes at `p` must not reach a terminal: control characters (C0, DEL, C1), and the marks,
 * embeddings, overrides and isolates of bidirectional text (U+200E, U+200F, U+202A to U+202E, U+2066 to
 * U+2069). */
static size_t unsafe_length(const unsigned char *p)
{
    if (p[0] < 0x20 || p[0] == 0x7f)
        return 1;
    if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
        return 2;
    bool marks =
        p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae));
    bool isolates = p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
    return marks || isolates ? 3 : 0;
}

static void put_safely(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t n = unsafe_length(p);
        for (size_t i = 0; i < n; i++)
            fprintf(stderr, "\\x%02x", p[i]);
        if (n == 0)
            fputc(*p, stderr);
        p += n ? n : 1;
    }
}

static void put_line(const char *tool, const char *text)
{
    fputs("wattrail", stderr);
    if (tool)
        fprintf(stderr, " %s", tool);
    fputs(": ", stderr);
    put_safely(text);
    fputc('\n', stderr);
}

void wtr_cli_say(const char *format, ...)
{
    char text[LONGEST];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put_line(NULL, text);
}

enum exit_status wtr_cli_usage(const char *tool, const char *format, ...)
{
    char text[LONGEST];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put_line(tool, text);
    fprintf(stderr, "Try 'wattrail %s%s--help'.\n", tool ? tool : "", tool ? " " : "");
    return EXIT_USAGE;
}

enum exit_status wtr_cli_exit(enum wtr_status status)
{
    switch (status) {
    case WTR_OK:
        return EXIT_COMPLETE;
    case WTR_PARTIAL:
        return EXIT_PARTIAL;
    case WTR_E_ARGUMENT:
        return EXIT_USAGE;
    case WTR_E_NOT_FOUND:
    case WTR_E_READ:
    case WTR_E_UNRECOGNISED:
    case WTR_E_AMBIGUOUS:
        return EXIT_INPUT;
    case WTR_E_WRITE:
    case WTR_E_EXISTS:
        return EXIT_OUTPUT;
    default:
        return EXIT_INTERNAL;
    }
}

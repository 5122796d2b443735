/* SPDX-License-Identifier: Apache-2.0 */
/* The exit statuses of all tools, and nothing else. */
#ifndef WATTRAIL_TOOLS_EXIT_H
#define WATTRAIL_TOOLS_EXIT_H

enum exit_status {
    EXIT_COMPLETE = 0,  /* complete, also when nothing was found */
    EXIT_PARTIAL = 1,   /* complete but partial: something could not be read, and the summary says where */
    EXIT_USAGE = 2,     /* the command line makes no sense */
    EXIT_INPUT = 3,     /* input missing, unreadable, unrecognised or ambiguous */
    EXIT_OUTPUT = 4,    /* output exists, or can't be written */
    EXIT_MISMATCH = 5,  /* verification or self-test mismatch */
    EXIT_INTERNAL = 70, /* a defect of the program, or no memory */
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Where results go: standard output, or a file that must not exist yet and appears only when it is whole. */
#ifndef WATTRAIL_TOOLS_OUTPUT_H
#define WATTRAIL_TOOLS_OUTPUT_H

#include "exit.h"

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise. */
struct output {
    int fd;
    const char *path; /* NULL: standard output */
    char *temporary;  /* the name until it is whole */
    int error;        /* errno of the write that failed, 0: none did */
};

/* Fills the three standard descriptors, if the caller left any closed, with ones that fail: otherwise a file
 * that is opened later would take their place. To be called first. */
void wtr_cli_guard_descriptors(void);

/* Opens `path` ("-" or NULL: standard output). A secret file is for its owner alone, others have the usual
 * permissions. Says what is wrong. */
enum exit_status wtr_cli_output_open(struct output *output, const char *path, bool secret);

/* A wtr_write_fn; the payload is the output. */
int wtr_cli_output_write(void *payload, const char *data, size_t length);

/* Says why writing failed; a reader that went away is no news to anyone. Returns EXIT_OUTPUT. */
enum exit_status wtr_cli_output_failed(const struct output *output);

/* Makes the output last and gives the file its name. Says what is wrong. */
enum exit_status wtr_cli_output_commit(struct output *output);

/* Removes what is not whole. May be called after a commit. */
void wtr_cli_output_discard(struct output *output);

/* Ends what was written to stdout with stdio. Says what is wrong. */
enum exit_status wtr_cli_finish_stdout(void);

#endif

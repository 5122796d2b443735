/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar on standard error, kept apart from results. */
#ifndef WATTRAIL_TOOLS_PROGRESS_H
#define WATTRAIL_TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Zero-initialise. */
struct progress {
    bool on;
    bool shown;
    struct timespec start, last;
};

/* On only if it is wanted and standard error is a terminal that can take it. */
void wtr_cli_progress_start(struct progress *progress, bool wanted);

/* A wtr_progress_fn; the payload is the progress. Asks to stop after a signal. */
int wtr_cli_progress(void *payload, uint64_t done, uint64_t total);

/* Removes the bar. */
void wtr_cli_progress_end(struct progress *progress);

#endif

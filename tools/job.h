/* SPDX-License-Identifier: Apache-2.0 */
/* What the tools that read evidence have in common: a case, a writer, an output, and the way from the command
 * line to the exit status. */
#ifndef WATTRAIL_TOOLS_JOB_H
#define WATTRAIL_TOOLS_JOB_H

#include "options.h"
#include "output.h"
#include "progress.h"
#include "wattrail/case.h"
#include "wattrail/writer.h"

struct job {
    const struct tool *tool;
    const struct settings *settings;
    wtr_case *evidence;
    wtr_writer *writer;
    struct output output;
    struct progress progress;
    struct zone zone;
    bool headed;               /* the header is written */
    enum wtr_status writing;   /* what the writer returned last */
    uint64_t events, findings; /* as the summary says */
    /* Set by the tool before the job is done. */
    wtr_message_fn
        *message; /* called with the job while the evidence is read; NULL: no messages are wanted */
    /* Called with the job while a dump is read; NULL: not wanted. */
    wtr_image_fn *image;
    wtr_volume_fn *volume;
    wtr_entry_fn *entry;
    wtr_shape_fn *shape; /* the same for records of enciphered streams */
    bool no_events;      /* no timeline is wanted */
    bool secret;         /* what is written is for its owner's eyes alone */
    void *own;           /* the tool's own */
    /* Called when all records were read, before what was written gets its name; NULL: nothing can be wrong.
     */
    enum exit_status (*check)(const struct job *job);
    /* Called with each record; not NULL. Returns what the writer returned. */
    enum wtr_status (*record)(struct job *job, const struct wtr_record *record);
};

/* Does the whole job, and says what is wrong. */
enum exit_status wtr_cli_job(struct job *job);

/* Writes the header, if that is not done. To be called before a message is written. */
enum wtr_status wtr_cli_job_head(struct job *job);

#endif

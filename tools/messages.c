/* SPDX-License-Identifier: Apache-2.0 */
/* wattrail messages: every decoded protocol message, written while the evidence is read; then what could not
 * be read. */
#include "job.h"

#include <limits.h>

static void write_message(void *payload, const struct wtr_message_record *message)
{
    struct job *job = payload;
    if (job->writing == WTR_OK)
        job->writing = wtr_cli_job_head(job);
    if (job->writing == WTR_OK)
        job->writing = wtr_writer_message(job->writer, message);
}

static enum wtr_status write_record(struct job *job, const struct wtr_record *record)
{
    return wtr_writer_record(job->writer, record);
}

static enum exit_status run(const struct settings *settings)
{
    struct job job = {
        .tool = &wtr_cli_messages, .settings = settings, .message = write_message, .record = write_record};
    return wtr_cli_job(&job);
}

static const char *const formats[] = {"table", "jsonl", NULL};

static const enum option_id options[] = {
    OPTION_FORMAT,  OPTION_OUTPUT,         OPTION_TZ,     OPTION_FILTER, OPTION_KEYS,  OPTION_KEYLOG,
    OPTION_RSA_KEY, OPTION_REVEAL_SECRETS, OPTION_MEMORY, OPTION_COLOR,  OPTION_QUIET, OPTION_NO_PROGRESS,
    OPTION_HELP,    OPTION_VERSION,        OPTION_END,
};

const struct tool wtr_cli_messages = {
    .name = "messages",
    .purpose = "every decoded protocol message, for checking and for other tools",
    .operands = "EVIDENCE...",
    .description = "Reads packet captures and writes every message of the protocols that it decodes, copies "
                   "too, in the order "
                   "in which they are read, each with its fields and its place in the evidence.",
    .formats = formats,
    .options = options,
    .least_operands = 1,
    .most_operands = INT_MAX,
    .operands_expected = "no evidence is given",
    .run = run,
};

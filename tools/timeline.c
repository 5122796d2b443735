/* SPDX-License-Identifier: Apache-2.0 */
/* wattrail timeline: everything that the evidence states, in order. */
#include "job.h"

#include <limits.h>

static enum wtr_status write_record(struct job *job, const struct wtr_record *record)
{
    return wtr_writer_record(job->writer, record);
}

static enum exit_status run(const struct settings *settings)
{
    struct job job = {.tool = &wtr_cli_timeline, .settings = settings, .record = write_record};
    return wtr_cli_job(&job);
}

static const char *const formats[] = {"table", "jsonl",    "csv",    "timesketch", "l2tcsv",
                                      "tln",   "bodyfile", "sqlite", NULL};

static const enum option_id options[] = {
    OPTION_FORMAT,
    OPTION_OUTPUT,
    OPTION_KIND,
    OPTION_DEVICE,
    OPTION_FROM,
    OPTION_TO,
    OPTION_TZ,
    OPTION_CSV_SAFE,
    OPTION_FILTER,
    OPTION_KEYS,
    OPTION_KEYLOG,
    OPTION_RSA_KEY,
    OPTION_INCLUDE_INFERRED,
    OPTION_SIGNATURES,
    OPTION_REVEAL_SECRETS,
    OPTION_MEMORY,
    OPTION_COLOR,
    OPTION_QUIET,
    OPTION_NO_PROGRESS,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_END,
};

const struct tool wtr_cli_timeline = {
    .name = "timeline",
    .purpose = "one timeline of power events from captures and dumps",
    .operands = "EVIDENCE...",
    .description = "Reads packet captures (pcap or pcapng, plain or gzip-compressed; '-' is standard input) "
                   "and dumps of plugs' flash memory, "
                   "and writes what "
                   "they state about smart plugs: who asked for what, what the plugs reported and measured, "
                   "and where in the "
                   "evidence each statement stands.",
    .formats = formats,
    .options = options,
    .least_operands = 1,
    .most_operands = INT_MAX,
    .operands_expected = "no evidence is given",
    .run = run,
};

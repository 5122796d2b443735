/* SPDX-License-Identifier: Apache-2.0 */
/* wattrail devices: who is there. The list is complete once the timeline was read to its end, so it stands
 * before the summary. */
#include "job.h"

#include <limits.h>

static enum wtr_status write_devices(struct job *job)
{
    enum wtr_status status = WTR_OK;
    const struct wtr_device_record *device;
    for (size_t i = 0; status == WTR_OK && (device = wtr_case_device(job->evidence, i)) != NULL; i++)
        status = wtr_writer_device(job->writer, device);
    return status;
}

static enum wtr_status write_record(struct job *job, const struct wtr_record *record)
{
    if (record->type == WTR_RECORD_EVENT || record->type == WTR_RECORD_WINDOW)
        return WTR_OK;
    enum wtr_status status = record->type == WTR_RECORD_SUMMARY ? write_devices(job) : WTR_OK;
    return status == WTR_OK ? wtr_writer_record(job->writer, record) : status;
}

static enum exit_status run(const struct settings *settings)
{
    struct job job = {.tool = &wtr_cli_devices, .settings = settings, .record = write_record};
    return wtr_cli_job(&job);
}

static const char *const formats[] = {"table", "jsonl", NULL};

static const enum option_id options[] = {
    OPTION_FORMAT,         OPTION_OUTPUT,  OPTION_TZ,    OPTION_FILTER, OPTION_KEYS,
    OPTION_REVEAL_SECRETS, OPTION_MEMORY,  OPTION_COLOR, OPTION_QUIET,  OPTION_NO_PROGRESS,
    OPTION_HELP,           OPTION_VERSION, OPTION_END,
};

const struct tool wtr_cli_devices = {
    .name = "devices",
    .purpose = "who is there: identity, firmware, addresses, first and last seen",
    .operands = "EVIDENCE...",
    .description = "Reads packet captures and flash dumps and writes one line for each smart plug that they "
                   "show, with the "
                   "names and addresses "
                   "that its own words tie together.",
    .formats = formats,
    .options = options,
    .least_operands = 1,
    .most_operands = INT_MAX,
    .operands_expected = "no evidence is given",
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* wattrail keys: the keyring that the evidence gives, in the form that --keys reads. */
#include "job.h"

#include "report.h"

#include <limits.h>
#include <string.h>

static enum wtr_status write_z(struct job *job, const char *text)
{
    return wtr_cli_output_write(&job->output, text, strlen(text)) == 0 ? WTR_OK : WTR_E_WRITE;
}

/* A comment that names where the key was found, without what could end its line. */
static enum wtr_status write_origin(struct job *job, const char *origin)
{
    enum wtr_status status = write_z(job, "# ");
    for (const char *at = origin; *at && status == WTR_OK; at++) {
        char c[2] = {(unsigned char)*at < 0x20 || *at == 0x7f ? '?' : *at, '\0'};
        status = write_z(job, c);
    }
    return status == WTR_OK ? write_z(job, "\n") : status;
}

static enum wtr_status write_keys(struct job *job)
{
    const struct wtr_key_record *key;
    enum wtr_status status = write_z(job, "# Keys that the evidence gave. This is secret material.\n");
    for (size_t i = 0; status == WTR_OK && (key = wtr_case_key(job->evidence, i)) != NULL; i++) {
        status = write_origin(job, key->origin);
        if (status == WTR_OK && wtr_cli_output_write(&job->output, key->line.data, key->line.length) != 0)
            status = WTR_E_WRITE;
        if (status == WTR_OK)
            status = write_z(job, "\n");
    }
    return status;
}

static enum wtr_status write_record(struct job *job, const struct wtr_record *record)
{
    return record->type == WTR_RECORD_SUMMARY ? write_keys(job) : WTR_OK;
}

static enum exit_status run(const struct settings *settings)
{
    struct settings with_format = *settings;
    with_format.format = "jsonl"; /* of what is not written here */
    struct job job = {.tool = &wtr_cli_keys,
                      .settings = &with_format,
                      .record = write_record,
                      .no_events = true,
                      .secret = true};
    if (!settings->quiet)
        wtr_cli_say("what is written is secret material: it opens the device owner's accounts and networks");
    return wtr_cli_job(&job);
}

static const enum option_id options[] = {
    OPTION_OUTPUT,      OPTION_KEYS, OPTION_MEMORY,  OPTION_QUIET,
    OPTION_NO_PROGRESS, OPTION_HELP, OPTION_VERSION, OPTION_END,
};

const struct tool wtr_cli_keys = {
    .name = "keys",
    .purpose = "the keyring that the evidence gives",
    .operands = "EVIDENCE...",
    .description =
        "Reads flash dumps and writes the keys that they hold (local keys, Wi-Fi passphrases, NVS keys "
        "and others) in the form that --keys reads, each under a comment that says where it was found. "
        "That is secret material: a file that is written is for its owner alone.",
    .options = options,
    .least_operands = 1,
    .most_operands = INT_MAX,
    .operands_expected = "no evidence is given",
    .run = run,
};

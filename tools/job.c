/* SPDX-License-Identifier: Apache-2.0 */
/* One job, step by step: mistakes of the command line first, then what can't be written, then what can't be
 * read, and only then the work, which may take long. */
#include "job.h"

#include "interrupt.h"
#include "report.h"
#include "wattrail/version.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- how a table is shown */

static bool to_terminal(const struct job *job)
{
    const char *path = job->settings->output;
    return (!path || strcmp(path, "-") == 0) && isatty(STDOUT_FILENO);
}

/* https://no-color.org: any value but the empty one. */
static bool wants_colour(const struct job *job)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    switch (job->settings->colour) {
    case COLOUR_ALWAYS:
        return true;
    case COLOUR_NEVER:
        return false;
    case COLOUR_AUTO:
        break;
    }
    return to_terminal(job) && !(no_color && *no_color) && terminal && strcmp(terminal, "dumb") != 0;
}

static unsigned terminal_width(const struct job *job)
{
    struct winsize size;
    if (!to_terminal(job) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

/* ---- the steps */

static enum exit_status open_writer(struct job *job)
{
    const struct settings *s = job->settings;
    struct wtr_writer_options options;
    job->zone = s->zone;
    wtr_writer_options_init(&options);
    options.kind = s->kind;
    options.device = s->device;
    options.has_from = s->has_from;
    options.has_to = s->has_to;
    options.from_ns = s->from_ns;
    options.to_ns = s->to_ns;
    options.csv_safe = s->csv_safe;
    options.colour = wants_colour(job);
    options.width = terminal_width(job);
    options.zone_name = job->zone.name;
    options.zone_offset_s = job->zone.offset_s;
    options.zone_offset = job->zone.fixed ? NULL : wtr_cli_zone_offset;
    options.zone_payload = &job->zone;
    enum wtr_status status =
        wtr_writer_new(&job->writer, s->format, &options, wtr_cli_output_write, &job->output);
    if (status == WTR_E_ARGUMENT && s->kind)
        return wtr_cli_usage(job->tool->name, "--kind: no kind of event matches '%s'", s->kind);
    if (status == WTR_OK)
        return EXIT_COMPLETE;
    wtr_cli_say("%s", wtr_status_text((int)status));
    return wtr_cli_exit(status);
}

/* The library's own words for what went wrong, which name the source; failing these, a general sentence. */
static enum exit_status case_failed(const struct job *job, const char *path, enum wtr_status status)
{
    const char *words = job->evidence ? wtr_case_error(job->evidence) : "";
    if (wtr_cli_interrupted())
        return EXIT_INTERNAL;
    if (words[0])
        wtr_cli_say("%s", words);
    else if (path)
        wtr_cli_say("%s: %s", path, wtr_status_text((int)status));
    else
        wtr_cli_say("%s", wtr_status_text((int)status));
    return wtr_cli_exit(status);
}

/* A message that could not be written ends the run, too. */
static int on_progress(void *payload, uint64_t done, uint64_t total)
{
    struct job *job = payload;
    return wtr_cli_progress(&job->progress, done, total) || job->writing != WTR_OK;
}

static enum exit_status open_case(struct job *job)
{
    const struct settings *s = job->settings;
    struct wtr_options options;
    wtr_options_init(&options);
    if (s->memory)
        options.memory = s->memory;
    options.reveal_secrets = s->reveal_secrets;
    options.filter = s->filter;
    options.progress = on_progress;
    options.progress_payload = job;
    options.message = job->message;
    options.message_payload = job;
    options.messages_only = job->message != NULL || job->no_events;
    options.image = job->image;
    options.volume = job->volume;
    options.entry = job->entry;
    options.dump_payload = job;
    options.include_inferred = s->include_inferred;
    options.shape = job->shape;
    options.shape_payload = job;
    enum wtr_status status = wtr_case_new(&job->evidence, &options);
    if (status == WTR_E_ARGUMENT && s->memory)
        return wtr_cli_usage(job->tool->name, "--memory: the size is out of range");
    return status == WTR_OK ? EXIT_COMPLETE : case_failed(job, NULL, status);
}

static enum exit_status check_standard_input(const struct job *job)
{
    int dashes = 0;
    for (int i = 0; i < job->settings->operand_count; i++)
        dashes += strcmp(job->settings->operands[i], "-") == 0;
    for (int i = 0; i < job->settings->keyring_count; i++)
        dashes += strcmp(job->settings->keyrings[i].path, "-") == 0;
    for (int i = 0; i < job->settings->signature_count; i++)
        dashes += strcmp(job->settings->signatures[i], "-") == 0;
    return dashes > 1 ? wtr_cli_usage(job->tool->name, "standard input can be read once only")
                      : EXIT_COMPLETE;
}

static enum wtr_status add_key_file(wtr_case *evidence, const struct key_file *file)
{
    switch (file->kind) {
    case KEYS_TLS_LOG:
        return wtr_case_add_keylog(evidence, file->path);
    case KEYS_RSA:
        return wtr_case_add_rsa_key(evidence, file->path);
    default:
        return wtr_case_add_keys(evidence, file->path);
    }
}

/* Tries every file of keys and operand, so that all that are wrong are named at once. */
static enum exit_status add_evidence(struct job *job)
{
    enum exit_status worst = EXIT_COMPLETE;
    for (int i = 0; i < job->settings->keyring_count; i++) {
        const struct key_file *file = &job->settings->keyrings[i];
        enum wtr_status status = add_key_file(job->evidence, file);
        if (status != WTR_OK) {
            enum exit_status bad = case_failed(job, file->path, status);
            worst = bad > worst ? bad : worst;
        }
    }
    for (int i = 0; i < job->settings->signature_count; i++) {
        const char *path = job->settings->signatures[i];
        enum wtr_status status = wtr_case_add_signature(job->evidence, path);
        if (status != WTR_OK) {
            enum exit_status bad = case_failed(job, path, status);
            worst = bad > worst ? bad : worst;
        }
    }
    for (int i = 0; i < job->settings->operand_count; i++) {
        const char *path = job->settings->operands[i];
        enum wtr_status status = wtr_case_add_path(job->evidence, path);
        if (status != WTR_OK) {
            enum exit_status bad = case_failed(job, path, status);
            worst = bad > worst ? bad : worst;
        }
    }
    return worst;
}

enum wtr_status wtr_cli_job_head(struct job *job)
{
    const struct wtr_record *record;
    if (job->headed)
        return WTR_OK;
    enum wtr_status status = wtr_case_next(job->evidence, &record);
    if (status != WTR_OK)
        return status;
    job->headed = true;
    return job->record(job, record);
}

static enum exit_status run_case(struct job *job, bool *partial)
{
    const struct settings *s = job->settings;
    bool interleaved = (job->message || job->entry || job->volume) && to_terminal(job);
    wtr_cli_progress_start(&job->progress, !s->quiet && !s->no_progress && !interleaved);
    enum wtr_status status = wtr_case_run(job->evidence);
    wtr_cli_progress_end(&job->progress);
    *partial = status == WTR_PARTIAL;
    if (job->writing != WTR_OK || status == WTR_OK || status == WTR_PARTIAL)
        return EXIT_COMPLETE;
    return case_failed(job, NULL, status);
}

static enum exit_status writing_failed(const struct job *job)
{
    if (job->writing == WTR_E_WRITE)
        return wtr_cli_output_failed(&job->output);
    wtr_cli_say("%s", wtr_status_text((int)job->writing));
    return EXIT_INTERNAL;
}

static enum exit_status write_records(struct job *job)
{
    const struct wtr_record *record;
    enum wtr_status status = WTR_OK;
    while (job->writing == WTR_OK && !wtr_cli_interrupted()) {
        status = wtr_case_next(job->evidence, &record);
        if (status != WTR_OK)
            break;
        if (record->type == WTR_RECORD_SUMMARY) {
            job->events = record->as.summary->events;
            job->findings = record->as.summary->findings;
        }
        job->writing = job->record(job, record);
    }
    if (job->writing == WTR_OK && status != WTR_OK && status != WTR_END)
        return case_failed(job, NULL, status);
    if (job->writing == WTR_OK && !wtr_cli_interrupted())
        job->writing = wtr_writer_finish(job->writer);
    return job->writing == WTR_OK ? EXIT_COMPLETE : writing_failed(job);
}

/* What the format itself does not show to a person. */
static void note_result(const struct job *job, bool partial)
{
    const struct settings *s = job->settings;
    unsigned long long events = job->events, findings = job->findings;
    unsigned long long undated = wtr_writer_undated(job->writer);
    if (s->quiet || strcmp(s->format, "table") == 0)
        return;
    if (wtr_writer_limits(job->writer))
        wtr_cli_say("%llu events, %llu findings; %s %s: jsonl has all", events, findings, s->format,
                    wtr_writer_limits(job->writer));
    if (undated)
        wtr_cli_say("%llu events without any time are left out: %s has no place for them", undated,
                    s->format);
    if (partial)
        wtr_cli_say("part of the evidence could not be read: %llu findings, and the summary, say what",
                    findings);
}

static enum exit_status work(struct job *job)
{
    bool partial = false;
    enum exit_status status = run_case(job, &partial);
    if (status == EXIT_COMPLETE)
        status = write_records(job);
    if (status == EXIT_COMPLETE && job->check)
        status = job->check(job);
    if (status != EXIT_COMPLETE || wtr_cli_interrupted())
        return status;
    status = wtr_cli_output_commit(&job->output);
    if (status != EXIT_COMPLETE)
        return status;
    note_result(job, partial);
    return partial ? EXIT_PARTIAL : EXIT_COMPLETE;
}

enum exit_status wtr_cli_job(struct job *job)
{
    enum exit_status status = check_standard_input(job);
    if (status == EXIT_COMPLETE)
        status = open_writer(job);
    if (status == EXIT_COMPLETE)
        status = wtr_cli_output_open(&job->output, job->settings->output, job->secret);
    if (status == EXIT_COMPLETE)
        status = open_case(job);
    if (status == EXIT_COMPLETE)
        status = add_evidence(job);
    if (status == EXIT_COMPLETE)
        status = work(job);
    wtr_case_free(job->evidence);
    wtr_writer_free(job->writer);
    wtr_cli_output_discard(&job->output);
    wtr_cli_obey_interrupt();
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* wattrail learn: a signature from captures and labelled switchings, and how far its counts carry. */
#include "job.h"

#include "labels.h"
#include "report.h"
#include "wattrail/version.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The names of a device that are borrowed from the case end where they are copied to. */
enum { LONGEST_NAME = 96, MOST_ADDRESSES = 16 };

struct lesson {
    struct job *job;
    wtr_learner *learner;
    enum wtr_status taking; /* what the learner returned last */
    char vendor[LONGEST_NAME], model[LONGEST_NAME], firmware[LONGEST_NAME];
    char address[MOST_ADDRESSES][LONGEST_NAME];
    const char *addresses[MOST_ADDRESSES];
    size_t address_count;
};

static void take_shape(void *payload, const struct wtr_shape_record *record)
{
    const struct job *job = payload;
    struct lesson *lesson = job->own;
    if (lesson->taking == WTR_OK)
        lesson->taking = wtr_learner_record(lesson->learner, record);
}

static enum wtr_status take_record(struct job *job, const struct wtr_record *record)
{
    const struct lesson *lesson = job->own;
    enum wtr_status status = WTR_OK;
    if (record->type != WTR_RECORD_SUMMARY)
        return WTR_OK;
    for (size_t i = 0; i < record->as.summary->source_count && status == WTR_OK; i++) {
        const struct wtr_source_summary *s = &record->as.summary->sources[i];
        status = wtr_learner_source(lesson->learner, s->sha256, s->first_ns, s->last_ns);
    }
    return status;
}

static bool copy(char to[LONGEST_NAME], struct wtr_text text)
{
    if (text.length == 0 || text.length >= LONGEST_NAME)
        return false;
    memcpy(to, text.data, text.length);
    to[text.length] = '\0';
    return true;
}

/* The device that is meant: the one that --device names, or else the only one with a model and firmware. */
static enum exit_status find_device(struct lesson *lesson)
{
    const char *wanted = lesson->job->settings->device;
    const struct wtr_device_record *d;
    int found = 0;
    for (size_t i = 0; (d = wtr_case_device(lesson->job->evidence, i)) != NULL; i++) {
        bool fits = !wanted || (strlen(wanted) == d->device.length &&
                                memcmp(wanted, d->device.data, d->device.length) == 0);
        if (!fits || d->firmware.length == 0 || ++found > 1)
            continue;
        if (!copy(lesson->vendor, d->vendor) || !copy(lesson->model, d->model) ||
            !copy(lesson->firmware, d->firmware))
            found = 0;
        for (size_t k = 0; k < d->ip_count && k < MOST_ADDRESSES; k++)
            if (copy(lesson->address[lesson->address_count], d->ips[k])) {
                lesson->addresses[lesson->address_count] = lesson->address[lesson->address_count];
                lesson->address_count++;
            }
    }
    if (found == 1)
        return EXIT_COMPLETE;
    wtr_cli_say(found ? "several devices say their model and firmware: --device must name one"
                      : "no such device says its model and firmware in the evidence");
    return EXIT_INPUT;
}

/* Millionths as a decimal number. */
static void say_trial(const char *name, const struct wtr_learn_trial *t)
{
    wtr_cli_say("%s: found %u of %u; recall 95 %% between %lld.%06lld and %lld.%06lld", name, t->found,
                t->events, (long long)(t->recall_low_micro / 1000000),
                (long long)(t->recall_low_micro % 1000000), (long long)(t->recall_high_micro / 1000000),
                (long long)(t->recall_high_micro % 1000000));
    if (t->has_rate)
        wtr_cli_say("%s: %u false in %lld s; 95 %%: at most %lld.%06lld an hour", name, t->false_found,
                    (long long)t->exposure_s, (long long)(t->rate_high_micro / 1000000),
                    (long long)(t->rate_high_micro % 1000000));
}

static void say_learned(const struct wtr_learned *learned)
{
    static const char *const paths[2] = {"lan", "cloud"};
    say_trial("training", &learned->training);
    say_trial("validation", &learned->validation);
    for (size_t i = 0; i < 2; i++)
        wtr_cli_say("path %s: %u on, %u off, %u with the other's lengths; likelihood ratio %lld.%06lld",
                    paths[i], learned->path[i].on, learned->path[i].off, learned->path[i].shared,
                    (long long)(learned->path[i].likelihood_micro / 1000000),
                    (long long)(learned->path[i].likelihood_micro % 1000000));
}

static enum exit_status learn(const struct job *job)
{
    struct lesson *lesson = job->own;
    struct wtr_learned learned;
    const char *why = "";
    char id[3 * LONGEST_NAME];
    enum exit_status found = find_device(lesson);
    if (found != EXIT_COMPLETE)
        return found;
    snprintf(id, sizeof id, "%.20s-%.30s-%.40s", lesson->vendor, lesson->model, lesson->firmware);
    const struct wtr_learn_device device = {.id = id,
                                            .vendor = lesson->vendor,
                                            .model = lesson->model,
                                            .firmware = lesson->firmware,
                                            .addresses = lesson->addresses,
                                            .address_count = lesson->address_count};
    enum wtr_status status = lesson->taking;
    if (status == WTR_OK)
        status = wtr_learner_learn(lesson->learner, &device, wtr_cli_output_write, &lesson->job->output,
                                   &learned, &why);
    if (status == WTR_E_WRITE)
        return wtr_cli_output_failed(&job->output);
    if (status != WTR_OK) {
        wtr_cli_say("%s", status == WTR_E_UNRECOGNISED ? why : wtr_status_text((int)status));
        return wtr_cli_exit(status);
    }
    if (!job->settings->quiet)
        say_learned(&learned);
    return EXIT_COMPLETE;
}

static enum exit_status run(const struct settings *settings)
{
    struct settings own = *settings;
    struct lesson lesson = {.taking = WTR_OK};
    struct job job = {.tool = &wtr_cli_learn,
                      .settings = &own,
                      .record = take_record,
                      .check = learn,
                      .shape = take_shape,
                      .own = &lesson};
    own.format = "jsonl"; /* of what is not written here */
    lesson.job = &job;
    if (!settings->labels)
        return wtr_cli_usage(wtr_cli_learn.name, "--labels is missing: the switchings to learn from");
    if (wtr_learner_new(&lesson.learner) != WTR_OK)
        return EXIT_INTERNAL;
    enum exit_status status = wtr_cli_read_labels(lesson.learner, settings->labels);
    if (status == EXIT_COMPLETE)
        status = wtr_cli_job(&job);
    wtr_learner_free(lesson.learner);
    return status;
}

static const enum option_id options[] = {
    OPTION_LABELS, OPTION_OUTPUT,      OPTION_DEVICE, OPTION_KEYS,    OPTION_FILTER, OPTION_MEMORY,
    OPTION_QUIET,  OPTION_NO_PROGRESS, OPTION_HELP,   OPTION_VERSION, OPTION_END,
};

const struct tool wtr_cli_learn = {
    .name = "learn",
    .purpose = "a signature for --include-inferred, from captures and labelled switchings",
    .operands = "EVIDENCE...",
    .description =
        "Reads packet captures of a plug that was switched at known times, finds the pair of TLS records "
        "that "
        "follows each switching, and writes the signature. On standard error stands how often it was found, "
        "with Clopper and Pearson's bounds, how often without a switching, and the likelihood ratio that so "
        "many switchings support. --labels names a file of lines like "
        "'2026-01-02T03:04:05Z,on,cloud,train': the time, on or off, lan or cloud, and train or validate.",
    .options = options,
    .least_operands = 1,
    .most_operands = INT_MAX,
    .operands_expected = "no evidence is given",
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* wattrail flash: what a dump is made of (info), its entries (ls), the bytes of one of them (cat). */
#include "job.h"

#include "report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_is(struct wtr_text text, const char *z)
{
    return text.length == strlen(z) && memcmp(text.length ? text.data : "", z, text.length) == 0;
}

static const char *state_word(enum wtr_entry_state state)
{
    switch (state) {
    case WTR_ENTRY_LIVE:
        return "live";
    case WTR_ENTRY_SUPERSEDED:
        return "superseded";
    case WTR_ENTRY_DELETED:
        return "deleted";
    case WTR_ENTRY_STALE:
        return "stale";
    }
    return "";
}

/* Whether the entry is one of those that the command line asks for. */
static bool is_asked_for(const struct settings *s, const struct wtr_entry_record *e)
{
    return (!s->volume || text_is(e->volume, s->volume)) && (!s->path || text_is(e->path, s->path)) &&
           (!s->state || strcmp(state_word(e->state), s->state) == 0) &&
           (!s->has_order || (e->order.has_sequence && e->order.sequence == s->order)) &&
           (!s->has_offset || e->evidence.offset == s->offset);
}

static void head(struct job *job)
{
    if (job->writing == WTR_OK)
        job->writing = wtr_cli_job_head(job);
}

static void write_image(void *payload, const struct wtr_image_record *image)
{
    struct job *job = payload;
    head(job);
    if (job->writing == WTR_OK)
        job->writing = wtr_writer_image(job->writer, image);
}

static void write_volume(void *payload, const struct wtr_volume_record *volume)
{
    struct job *job = payload;
    head(job);
    bool asked = !job->settings->volume || text_is(volume->name, job->settings->volume);
    if (job->writing == WTR_OK && asked)
        job->writing = wtr_writer_volume(job->writer, volume);
}

static void write_entry(void *payload, const struct wtr_entry_record *entry)
{
    struct job *job = payload;
    head(job);
    if (job->writing == WTR_OK && is_asked_for(job->settings, entry))
        job->writing = wtr_writer_entry(job->writer, entry);
}

static enum wtr_status write_record(struct job *job, const struct wtr_record *record)
{
    return wtr_writer_record(job->writer, record);
}

/* ---- cat */

/* The entry that is asked for. Of several the one that is live is meant, if there is one of that kind. */
struct choice {
    char *value;
    size_t length;
    char sha256[65];
    bool secret;
    bool failed;
    unsigned fitting, live;
    bool memory;
};

static void choose(void *payload, const struct wtr_entry_record *e)
{
    struct job *job = payload;
    struct choice *choice = job->own;
    if (!is_asked_for(job->settings, e))
        return;
    bool live = e->state == WTR_ENTRY_LIVE;
    choice->fitting++;
    choice->live += live;
    if (choice->fitting > 1 && !(live && choice->live == 1))
        return;
    char *value = realloc(choice->value, e->value.length + 1);
    if (!value) {
        choice->memory = true;
        return;
    }
    choice->value = value;
    choice->length = e->value.length;
    if (e->value.length)
        memcpy(value, e->value.data, e->value.length);
    memcpy(choice->sha256, e->sha256, sizeof choice->sha256);
    choice->secret = e->secret;
    choice->failed = e->integrity == WTR_INTEGRITY_FAILED;
}

static enum wtr_status write_choice(struct job *job)
{
    struct choice *choice = job->own;
    char hidden[96];
    const char *bytes = choice->value;
    size_t length = choice->length;
    bool one = choice->fitting == 1 || choice->live == 1;
    if (choice->memory)
        return WTR_E_MEMORY;
    if (!one)
        return WTR_OK; /* what is wrong is said at the end */
    if (choice->secret && !job->settings->reveal_secrets) {
        length = (size_t)snprintf(hidden, sizeof hidden, "sha256:%.16s (%zu bytes)\n", choice->sha256,
                                  choice->length);
        bytes = hidden;
        if (!job->settings->quiet)
            wtr_cli_say("the entry is a secret: --reveal-secrets shows it");
    }
    if (choice->failed && !job->settings->quiet)
        wtr_cli_say("the entry's check does not hold: its bytes are not sound");
    return wtr_cli_output_write(&job->output, bytes, length) == 0 ? WTR_OK : WTR_E_WRITE;
}

static enum wtr_status pass_over(struct job *job, const struct wtr_record *record)
{
    return record->type == WTR_RECORD_SUMMARY ? write_choice(job) : WTR_OK;
}

/* Nothing is written, or given a name, unless one entry alone is meant. */
static enum exit_status check_choice(const struct job *job)
{
    const struct choice *choice = job->own;
    if (choice->fitting == 0) {
        wtr_cli_say("no entry of the dump fits");
        return EXIT_INPUT;
    }
    if (choice->fitting > 1 && choice->live != 1) {
        wtr_cli_say("%u entries fit: choose one by --volume, --path, --state, --order or --offset, as "
                    "'wattrail flash ls' shows them",
                    choice->fitting);
        return EXIT_INPUT;
    }
    return EXIT_COMPLETE;
}

static enum exit_status run_cat(struct settings *settings)
{
    struct choice choice = {0};
    struct job job = {.tool = &wtr_cli_flash,
                      .settings = settings,
                      .entry = choose,
                      .record = pass_over,
                      .check = check_choice,
                      .no_events = true,
                      .secret = settings->reveal_secrets,
                      .own = &choice};
    enum exit_status status = wtr_cli_job(&job);
    free(choice.value);
    return status;
}

static enum exit_status run(const struct settings *given)
{
    struct settings settings = *given;
    const char *action = settings.operands[0];
    settings.operands++;
    settings.operand_count--;
    if (strcmp(action, "cat") == 0 && settings.operand_count > 1)
        return wtr_cli_usage("flash", "cat takes one dump");
    if (strcmp(action, "cat") == 0)
        return run_cat(&settings);
    bool ls = strcmp(action, "ls") == 0;
    struct job job = {.tool = &wtr_cli_flash,
                      .settings = &settings,
                      .image = write_image,
                      .volume = ls ? NULL : write_volume,
                      .entry = ls ? write_entry : NULL,
                      .record = write_record,
                      .no_events = true};
    return wtr_cli_job(&job);
}

static const char *const formats[] = {"table", "jsonl", NULL};
static const char *const actions[] = {"info", "ls", "cat", NULL};

static const enum option_id options[] = {
    OPTION_FORMAT, OPTION_OUTPUT,      OPTION_VOLUME, OPTION_PATH,           OPTION_STATE,  OPTION_ORDER,
    OPTION_OFFSET, OPTION_KEYS,        OPTION_TZ,     OPTION_REVEAL_SECRETS, OPTION_MEMORY, OPTION_COLOR,
    OPTION_QUIET,  OPTION_NO_PROGRESS, OPTION_HELP,   OPTION_VERSION,        OPTION_END,
};

const struct tool wtr_cli_flash = {
    .name = "flash",
    .purpose = "what a flash dump is made of, its entries, and the bytes of one",
    .operands = "info|ls|cat DUMP...",
    .description =
        "Reads the dump of a plug's flash memory, which it recognises by scanning. 'info' maps it: the "
        "images and volumes in it. 'ls' lists every entry that its stores hold, or held, with its "
        "state, its place in the order of writing and what its check says. 'cat' writes the bytes of "
        "one entry, which the options choose; of several that fit, the one that is live.",
    .formats = formats,
    .options = options,
    .least_operands = 2,
    .most_operands = INT_MAX,
    .operands_expected = "info, ls or cat",
    .run = run,
    .actions = actions,
};

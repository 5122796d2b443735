/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: "2026-01-02T03:04:05Z,on,cloud,train". Empty lines and those that begin with '#' say nothing. */
#include "labels.h"

#include "report.h"
#include "values.h"

#include <stdio.h>
#include <string.h>

enum { MOST_FIELDS = 4, LONGEST_LINE = 256 };

static int cut(char *line, char *fields[MOST_FIELDS])
{
    int count = 0;
    for (char *at = line; at && count < MOST_FIELDS; count++) {
        fields[count] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = '\0';
        if (count == MOST_FIELDS - 1 && at)
            return MOST_FIELDS + 1;
    }
    return count;
}

/* Which of two words it is: 1 for the first, 0 for the second; -1: neither. */
static int either(const char *word, const char *first, const char *second)
{
    return strcmp(word, first) == 0 ? 1 : strcmp(word, second) == 0 ? 0 : -1;
}

static bool read_label(char *line, struct wtr_label *label)
{
    char *fields[MOST_FIELDS];
    int count = cut(line, fields);
    if (count < 3 || count > MOST_FIELDS)
        return false;
    int on = either(fields[1], "on", "off"), cloud = either(fields[2], "cloud", "lan");
    int validation = count == MOST_FIELDS ? either(fields[3], "validate", "train") : 0;
    *label = (struct wtr_label){.on = on == 1, .cloud = cloud == 1, .validation = validation == 1};
    return on >= 0 && cloud >= 0 && validation >= 0 && wtr_cli_parse_time(fields[0], &label->time_ns);
}

static enum exit_status read_lines(wtr_learner *learner, const char *path, FILE *file)
{
    char line[LONGEST_LINE];
    for (unsigned long number = 1; fgets(line, sizeof line, file); number++) {
        struct wtr_label label;
        bool whole = strchr(line, '\n') || feof(file);
        line[strcspn(line, "\r\n")] = '\0';
        if (whole && (line[0] == '\0' || line[0] == '#'))
            continue;
        if (!whole || !read_label(line, &label)) {
            wtr_cli_say("%s: line %lu: expected a time, on or off, lan or cloud, and train or validate", path,
                        number);
            return EXIT_INPUT;
        }
        if (wtr_learner_label(learner, &label) != WTR_OK) {
            wtr_cli_say("%s: line %lu: there are too many labels", path, number);
            return EXIT_INPUT;
        }
    }
    return EXIT_COMPLETE;
}

enum exit_status wtr_cli_read_labels(wtr_learner *learner, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        wtr_cli_say("%s: can't be opened", path);
        return EXIT_INPUT;
    }
    enum exit_status status = read_lines(learner, path, file);
    if (status == EXIT_COMPLETE && ferror(file)) {
        wtr_cli_say("%s: can't be read", path);
        status = EXIT_INPUT;
    }
    fclose(file);
    return status;
}

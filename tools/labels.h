/* SPDX-License-Identifier: Apache-2.0 */
/* A file of labelled switchings, one a line: time, state, path, and whether to learn from it. */
#ifndef WATTRAIL_TOOLS_LABELS_H
#define WATTRAIL_TOOLS_LABELS_H

#include "exit.h"
#include "wattrail/learn.h"

/* Gives each label of the file to the learner. Says what is wrong, and in which line. */
enum exit_status wtr_cli_read_labels(wtr_learner *learner, const char *path);

#endif

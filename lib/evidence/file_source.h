/* SPDX-License-Identifier: Apache-2.0 */
/* A file, a device or standard input as a source of bytes, opened for reading only. Not mapped into memory: a
 * file that shrinks while it is read must end the reading and not the process. */
#ifndef WTR_EVIDENCE_FILE_SOURCE_H
#define WTR_EVIDENCE_FILE_SOURCE_H

#include "evidence/input.h"

/* Opens `path` ("-" is standard input). On failure *why is a constant fragment that names the reason. */
enum wtr_status wtr_file_source_open(const char *path, const struct wtr_input_ops **ops, void **payload,
                                     const char **why);

#endif

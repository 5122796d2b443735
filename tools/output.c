/* SPDX-License-Identifier: Apache-2.0 */
/* Results are written under a temporary name in the same directory, synchronised, and then given their name
 * by link(2), which never replaces a file. Where a file system has no links, the name is taken by an empty
 * file (created exclusively), which the result then replaces. */
#include "output.h"

#include "interrupt.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void wtr_cli_guard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            exit(EXIT_INTERNAL);
    }
}

static const char *name_of(const struct output *output)
{
    return output->path ? output->path : "standard output";
}

static enum exit_status refuse(const struct output *output, const char *words)
{
    wtr_cli_say("%s: %s", name_of(output), words);
    return EXIT_OUTPUT;
}

enum exit_status wtr_cli_output_failed(const struct output *output)
{
    if (output->error != EPIPE)
        wtr_cli_say("%s: can't be written: %s", name_of(output), strerror(output->error));
    return EXIT_OUTPUT;
}

static enum exit_status fail(struct output *output)
{
    output->error = errno;
    return wtr_cli_output_failed(output);
}

/* Length of the path up to its last '/' and with it. */
static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* What mkstemp makes is for its owner alone; results get the usual permissions, unless they are secret. */
static int create_temporary(char *name, bool secret)
{
    int fd = mkstemp(name);
    if (fd < 0 || secret)
        return fd;
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, 0666 & ~mask) == 0)
        return fd;
    int error = errno;
    close(fd);
    unlink(name);
    errno = error;
    return -1;
}

enum exit_status wtr_cli_output_open(struct output *output, const char *path, bool secret)
{
    static const char pattern[] = ".wattrail-XXXXXX";
    struct stat there;
    *output = (struct output){.fd = STDOUT_FILENO};
    if (!path || strcmp(path, "-") == 0)
        return EXIT_COMPLETE;
    output->path = path;
    size_t directory = directory_length(path);
    if (lstat(path, &there) == 0)
        return refuse(output, "exists already and is not written over; choose another name");
    if (path[directory] == '\0')
        return refuse(output, "names no file");
    output->temporary = malloc(directory + sizeof pattern);
    if (!output->temporary)
        return fail(output);
    memcpy(output->temporary, path, directory);
    memcpy(output->temporary + directory, pattern, sizeof pattern);
    output->fd = create_temporary(output->temporary, secret);
    if (output->fd >= 0)
        return EXIT_COMPLETE;
    free(output->temporary);
    output->temporary = NULL;
    return fail(output);
}

int wtr_cli_output_write(void *payload, const char *data, size_t length)
{
    struct output *output = payload;
    while (length > 0) {
        ssize_t n = write(output->fd, data, length);
        if (n < 0 && errno == EINTR && !wtr_cli_interrupted())
            continue;
        if (n < 0) {
            output->error = errno;
            return -1;
        }
        data += n;
        length -= (size_t)n;
    }
    return 0;
}

/* Gives the temporary file its name without replacing anything; 0 or -1 and errno. */
static int give_name(const char *temporary, const char *path)
{
    if (link(temporary, path) == 0)
        return unlink(temporary);
    if (errno == EEXIST)
        return -1;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return -1;
    close(fd);
    if (rename(temporary, path) == 0)
        return 0;
    int error = errno;
    unlink(path);
    errno = error;
    return -1;
}

/* Makes the directory's new entry last, as far as the file system can. */
static void sync_directory(const char *path)
{
    size_t length = directory_length(path);
    char *directory = malloc(length + 2);
    if (!directory)
        return;
    memcpy(directory, path, length);
    memcpy(directory + length, ".", 2);
    int fd = open(directory, O_RDONLY);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(directory);
}

enum exit_status wtr_cli_output_commit(struct output *output)
{
    int fd = output->fd;
    if (output->path && fsync(fd) != 0)
        return fail(output);
    output->fd = -1;
    if (close(fd) != 0)
        return fail(output);
    if (!output->path)
        return EXIT_COMPLETE;
    if (give_name(output->temporary, output->path) != 0)
        return errno == EEXIST ? refuse(output, "exists by now and is not written over; choose another name")
                               : fail(output);
    sync_directory(output->path);
    free(output->temporary);
    output->temporary = NULL;
    return EXIT_COMPLETE;
}

void wtr_cli_output_discard(struct output *output)
{
    if (!output->temporary)
        return;
    if (output->fd >= 0)
        close(output->fd);
    unlink(output->temporary);
    free(output->temporary);
    output->temporary = NULL;
}

enum exit_status wtr_cli_finish_stdout(void)
{
    struct output output = {.fd = STDOUT_FILENO};
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return wtr_cli_output_commit(&output);
    return fail(&output);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Files by POSIX calls. Reasons are worded here, because strerror(3) follows the locale. */
#include "evidence/file_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_source {
    int fd;
    int64_t size;  /* -1: not known */
    bool borrowed; /* standard input, which stays open */
};

/* Waits until a descriptor that does not block has something to read. */
static bool wait_readable(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    return poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

static int64_t file_read(void *payload, void *buffer, size_t size)
{
    const struct file_source *file = payload;
    for (;;) {
        ssize_t got = read(file->fd, buffer, size);
        if (got >= 0) {
            return got;
        }
        bool again = errno == EINTR;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            again = wait_readable(file->fd);
        }
        if (!again) {
            return -1;
        }
    }
}

static int64_t file_size(void *payload)
{
    const struct file_source *file = payload;
    return file->size;
}

static void file_close(void *payload)
{
    struct file_source *file = payload;
    if (!file->borrowed) {
        close(file->fd);
    }
    free(file);
}

static const struct wtr_input_ops file_ops = {.read = file_read, .size = file_size, .close = file_close};

static const char *reason_for(int error)
{
    switch (error) {
    case ENOENT:
        return "there is no such file";
    case ENOTDIR:
        return "a part of its path is not a directory";
    case EACCES:
    case EPERM:
        return "permission denied";
    case EISDIR:
        return "it is a directory";
    case EMFILE:
    case ENFILE:
        return "too many files are open";
    case ELOOP:
        return "its symbolic links go round in circles";
    case ENAMETOOLONG:
        return "its name is too long";
    case EIO:
        return "input/output error";
    case ENXIO:
    case ENODEV:
        return "there is no such device";
    default:
        return "the system refused to open it";
    }
}

/* How many bytes a source of this kind has. An offset of standard input counts, for it is read from there. */
static int64_t size_of(int fd, const struct stat *status)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at < 0) {
        return -1;
    }
    off_t end = -1;
    if (S_ISREG(status->st_mode)) {
        end = status->st_size;
    } else if (S_ISBLK(status->st_mode)) {
        end = lseek(fd, 0, SEEK_END);
        if (lseek(fd, at, SEEK_SET) != at) {
            return -1;
        }
    }
    return end >= at ? end - at : -1;
}

/* Opens the descriptor and says what it is. 0, or why that failed (an errno value). */
static int open_descriptor(struct file_source *file, const char *path, struct stat *status)
{
    file->borrowed = strcmp(path, "-") == 0;
    file->fd = file->borrowed ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file->fd < 0) {
        return errno;
    }
    int error = fstat(file->fd, status) == 0 ? 0 : errno;
    if (error == 0 && S_ISDIR(status->st_mode)) {
        error = EISDIR;
    }
    if (error != 0 && !file->borrowed) {
        close(file->fd);
    }
    return error;
}

enum wtr_status wtr_file_source_open(const char *path, const struct wtr_input_ops **ops, void **payload,
                                     const char **why)
{
    struct file_source *file = malloc(sizeof *file);
    if (!file) {
        *why = "out of memory";
        return WTR_E_MEMORY;
    }
    struct stat status = {0};
    int error = open_descriptor(file, path, &status);
    if (error != 0) {
        free(file);
        *why = reason_for(error);
        return error == ENOENT || error == ENOTDIR ? WTR_E_NOT_FOUND : WTR_E_READ;
    }
    file->size = size_of(file->fd, &status);
    *ops = &file_ops;
    *payload = file;
    return WTR_OK;
}

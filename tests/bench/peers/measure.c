/* SPDX-License-Identifier: Apache-2.0 */
/* measure COMMAND [ARGUMENT...]: runs a command with its output thrown away and prints
 *     <exit status> <wall, us> <user, us> <system, us> <most resident memory, KiB>
 * A small starter of its own, because Linux charges a program with the memory that its starter had when it
 * was started: wait4(2) under an interpreter would show the interpreter's. */
#define _DEFAULT_SOURCE /* wait4 */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t microseconds(struct timeval value)
{
    return (int64_t)value.tv_sec * 1000000 + value.tv_usec;
}

static _Noreturn void become(char **command)
{
    int null = open("/dev/null", O_RDWR);
    if (null >= 0 && dup2(null, 0) >= 0 && dup2(null, 1) >= 0 && dup2(null, 2) >= 0)
        execvp(command[0], command);
    _exit(127);
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fputs("usage: measure COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    int64_t begun = now_us();
    pid_t child = fork();
    if (child == 0)
        become(arguments + 1);
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
        perror("measure");
        return 1;
    }
    int64_t wall = now_us() - begun;
    printf("%d %lld %lld %lld %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
           (long long)wall, (long long)microseconds(usage.ru_utime), (long long)microseconds(usage.ru_stime),
           usage.ru_maxrss);
    return 0;
}

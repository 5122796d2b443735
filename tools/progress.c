/* SPDX-License-Identifier: Apache-2.0 */
/* The bar: share, rate and time that remains, redrawn five times a second in one line. */
#include "progress.h"

#include "interrupt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR = 24, REDRAW_MS = 200 };

void wtr_cli_progress_start(struct progress *progress, bool wanted)
{
    const char *terminal = getenv("TERM");
    bool able = isatty(STDERR_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
    *progress = (struct progress){.on = wanted && able};
    clock_gettime(CLOCK_MONOTONIC, &progress->start);
    progress->last = progress->start;
}

static int64_t milliseconds(const struct timespec *from, const struct timespec *to)
{
    return ((int64_t)to->tv_sec - from->tv_sec) * 1000 + (to->tv_nsec - from->tv_nsec) / 1000000;
}

static void draw(uint64_t done, uint64_t total, int64_t elapsed_ms)
{
    double seconds = (double)elapsed_ms / 1000;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    fputs("\r\033[K", stderr);
    if (total == 0) {
        fprintf(stderr, "%.0f MB read  %.0f MB/s", (double)done / 1e6, rate / 1e6);
        return;
    }
    done = done < total ? done : total;
    double share = (double)done / (double)total;
    int filled = (int)(share * BAR);
    fprintf(stderr, "%3d %% [", (int)(share * 100));
    for (int i = 0; i < BAR; i++)
        fputc(i < filled ? '#' : '-', stderr);
    fprintf(stderr, "]  %.0f MB/s", rate / 1e6);
    if (rate > 0) {
        uint64_t left = (uint64_t)((double)(total - done) / rate + 0.5);
        fprintf(stderr, "  %llu:%02llu left", (unsigned long long)(left / 60),
                (unsigned long long)(left % 60));
    }
}

int wtr_cli_progress(void *payload, uint64_t done, uint64_t total)
{
    struct progress *progress = payload;
    struct timespec now;
    if (progress->on && clock_gettime(CLOCK_MONOTONIC, &now) == 0 &&
        milliseconds(&progress->last, &now) >= REDRAW_MS) {
        progress->last = now;
        progress->shown = true;
        draw(done, total, milliseconds(&progress->start, &now));
        fflush(stderr);
    }
    return wtr_cli_interrupted();
}

void wtr_cli_progress_end(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->on = progress->shown = false;
}

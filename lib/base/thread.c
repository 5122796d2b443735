/* SPDX-License-Identifier: Apache-2.0 */
/* A thread inherits the mask of signals of the one that starts it. */
#include "base/thread.h"

#include <signal.h>

bool wtr_thread_start(pthread_t *thread, void *(*run)(void *payload), void *payload)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(thread, NULL, run, payload) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Starting the library's own threads. */
#ifndef WTR_BASE_THREAD_H
#define WTR_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that takes no signals: these are for the program's own threads. False: none is to be had,
 * and the caller does the work itself. */
bool wtr_thread_start(pthread_t *thread, void *(*run)(void *payload), void *payload);

#endif

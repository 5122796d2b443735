/* SPDX-License-Identifier: Apache-2.0 */
/* Being asked to stop: the work ends in order, so that no temporary file is left, and then the signal takes
 * its course. A second one ends the program at once. */
#ifndef WATTRAIL_TOOLS_INTERRUPT_H
#define WATTRAIL_TOOLS_INTERRUPT_H

#include <stdbool.h>

void wtr_cli_catch_interrupts(void);
bool wtr_cli_interrupted(void);
/* If a signal came, lets it end the program; otherwise returns. */
void wtr_cli_obey_interrupt(void);

#endif

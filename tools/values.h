/* SPDX-License-Identifier: Apache-2.0 */
/* Values on the command line. */
#ifndef WATTRAIL_TOOLS_VALUES_H
#define WATTRAIL_TOOLS_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A date and time with its offset as in RFC 3339 ("2026-01-02T03:04:05.5+01:00"), to the nanosecond. */
bool wtr_cli_parse_time(const char *text, int64_t *time_ns);

/* A number of bytes, with K, M or G for the powers of 1024: "64M". */
bool wtr_cli_parse_size(const char *text, size_t *bytes);

/* A number that is not negative, decimal or, behind "0x", hexadecimal. */
bool wtr_cli_parse_number(const char *text, uint64_t *number);

/* Days since 1970-01-01 to a date of the proleptic Gregorian calendar; months and days count from 1. */
int64_t wtr_cli_days_of_date(int64_t year, int64_t month, int64_t day);

#endif

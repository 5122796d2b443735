/* SPDX-License-Identifier: Apache-2.0 */
/* gzip (RFC 1952) unpacked as it streams by: any number of members one after the other, zero bytes behind
 * them (tapes pad so), and whatever is wrong with them put into words. */
#ifndef WTR_EVIDENCE_GZIP_H
#define WTR_EVIDENCE_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wtr_gzip;

enum { WTR_GZIP_MAGIC_SIZE = 3 };

/* Whether the bytes begin a gzip member that deflate packed. Needs WTR_GZIP_MAGIC_SIZE. */
bool wtr_gzip_recognise(const uint8_t *bytes, size_t length);

struct wtr_gzip *wtr_gzip_new(void); /* NULL: no memory */
void wtr_gzip_free(struct wtr_gzip *gzip);

/* Unpacks from *packed, which holds *length bytes, to at most `room` bytes; moves *packed and *length on, and
 * returns how many bytes it wrote. 0 with *length above 0 only if wtr_gzip_over. `room` is not 0. */
size_t wtr_gzip_unpack(struct wtr_gzip *gzip, const uint8_t **packed, size_t *length, uint8_t *out,
                       size_t room);
/* No further packed bytes will come: what is then unfinished is cut short. */
void wtr_gzip_end(struct wtr_gzip *gzip);
/* Whether nothing more can be unpacked: damage, other bytes behind the last member, or wtr_gzip_end. */
bool wtr_gzip_over(const struct wtr_gzip *gzip);
/* NULL, or what is wrong (a constant fragment). */
const char *wtr_gzip_trouble(const struct wtr_gzip *gzip);

#endif

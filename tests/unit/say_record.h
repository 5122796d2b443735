/* SPDX-License-Identifier: Apache-2.0 */
/* A recording stand-in for vendor/say.c: a vendor's test is linked with say_record.c (before the library) and
 * reads what the vendor said as lines of text:
 *
 *     power.state tasmota:plug1 ch=1 outlet=1 state=on raw{POWER=ON@10+2}
 *     tie tasmota:plug1 mac=dc:4f:22:3d:5e:26
 *     own tasmota:plug1
 *     ip tasmota:plug1 192.168.1.7
 *     bystander lan:192.168.1.7
 *     host 192.168.1.7 mac=dc:4f:22:3d:5e:26
 *     unread tasmota:plug1
 *     finding @0+5 the report is no JSON object
 *     dump tuya:bf12 (the id of the dump's device, which is <vendor>:dump before)
 *     key tuya bf12 0123456789abcdef
 *
 * Fields stand in the order in which they were said, decimals without trailing zeros, then the flags past,
 * polled, asked, last_will, app=<id>, and trigger=<trigger>/<basis>. `@10+2` is the place and length of the
 * raw value, counted from the first byte of a PUBLISH's payload, else of the message. Whatever breaks the
 * contract of say.h is a line that begins with "!!", so that no expectation holds any more. */
#ifndef TEST_SAY_RECORD_H
#define TEST_SAY_RECORD_H

#include "vendor/vendor.h"

struct wtr_say *say_record_new(void);
void say_record_free(struct wtr_say *say);

/* Offers the message to the vendor, and lets it read the message if it claims it. Returns the lines said,
 * which are good until the next call. Connections are told apart by the message's session. */
const char *say_record(struct wtr_say *say, const struct wtr_vendor *vendor, void *state,
                       const struct wtr_message *message);
/* The same for an entry of a dump. */
const char *say_record_entry(struct wtr_say *say, const struct wtr_vendor *vendor, void *state,
                             const struct wtr_entry *entry);
/* Whose message the next ones are: sender and receiver, "192.168.1.7" and a port each (IPv4 alone). */
void say_record_ends(struct wtr_say *say, const char *from, uint16_t from_port, const char *to,
                     uint16_t to_port);
/* What the vendor claimed of the last message. */
enum wtr_claim say_record_claim(const struct wtr_say *say);

#endif

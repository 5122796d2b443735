/* SPDX-License-Identifier: Apache-2.0 */
/* How a vendor says what a message states. Each statement is begun, given its values, and ended:
 *
 *     wtr_say_begin(say, WTR_KIND_POWER_STATE, device);
 *     wtr_say_channel(say, WTR_TEXT("1"), 1);
 *     wtr_say_text(say, WTR_FIELD_STATE, WTR_TEXT("on"));
 *     wtr_say_raw(say, WTR_TEXT("POWER"), payload);
 *     wtr_say_end(say);
 *
 * The texts given to wtr_say_raw must point into the message's own bytes: their place becomes the
 * statement's evidence (the smallest span that holds all of them). A statement without raw values cites the
 * whole message. Texts are copied. A statement that is begun and not ended is dropped by the next begin. */
#ifndef WTR_VENDOR_SAY_H
#define WTR_VENDOR_SAY_H

#include "base/json.h"
#include "base/text.h"
#include "model/endpoint.h"
#include "model/keys.h"
#include "model/statement.h"
#include "wattrail/field.h"

struct wtr_say;

/* A device as far as one source tells: an index into the source's table of names. */
typedef uint32_t wtr_device_ref;

/* The device that this family knows under its own id ("plug1" for a Tasmota topic). The same vendor and id
 * give the same device. `vendor` is a constant, normally the family's name. WTR_NO_DEVICE if there are too
 * many devices already. */
wtr_device_ref wtr_say_device(struct wtr_say *say, const char *vendor, struct wtr_text id);

/* Ties a name of the device to it, from the device's own words. Two MACs tied to one device contradict. */
void wtr_say_tie_mac(struct wtr_say *say, wtr_device_ref device, const uint8_t mac[6]);

/* The device that has this address in this source, for a family whose messages go straight to the plug and
 * need not say which one it is: its id is the address until its own words, ARP or DHCP give its MAC. */
wtr_device_ref wtr_say_device_at(struct wtr_say *say, const char *vendor, const struct wtr_ip *ip);
/* The device speaks from this address in this source (wtr_say_device_at does this by itself). */
void wtr_say_tie_ip(struct wtr_say *say, wtr_device_ref device, const struct wtr_ip *ip);
/* The same for a host of which the message does not show that it is a plug: what is said of it is left out
 * unless it turns out to be one, by another message or another family. */
wtr_device_ref wtr_say_bystander_at(struct wtr_say *say, const char *vendor, const struct wtr_ip *ip);
/* ARP or DHCP confirms that the address is this link address's. A device that speaks from an address which
 * has had one link address alone, and that one no other address, is named by it. */
void wtr_say_host(struct wtr_say *say, const struct wtr_ip *ip, const uint8_t mac[6]);

/* When the message was sent, on the capture's clock: the time of the frame of its first byte. */
int64_t wtr_say_time_ns(const struct wtr_say *say);
/* Who sent the message, and to whom, as seen at this source. */
const struct wtr_endpoint *wtr_say_sender(const struct wtr_say *say);
const struct wtr_endpoint *wtr_say_receiver(const struct wtr_say *say);

/* The message's connection is this device's own (its CONNECT, its will, or what it publishes show it). */
void wtr_say_own_connection(struct wtr_say *say, wtr_device_ref device);
/* The device whose own connection the message came over, if an earlier call said so. */
wtr_device_ref wtr_say_connection_device(const struct wtr_say *say);

void wtr_say_begin(struct wtr_say *say, enum wtr_kind kind, wtr_device_ref device);
/* The channel's designation in this family, and its 1-based position (0: not known). Not called for a
 * statement about the whole device; "*" for a command to a group. */
void wtr_say_channel(struct wtr_say *say, struct wtr_text channel, unsigned outlet);
void wtr_say_text(struct wtr_say *say, enum wtr_field field, struct wtr_text value);
/* A decimal number in millionths of the field's unit (energy: microwatt-hours). */
void wtr_say_micro(struct wtr_say *say, enum wtr_field field, int64_t micro);
void wtr_say_int(struct wtr_say *say, enum wtr_field field, int64_t value);
void wtr_say_bool(struct wtr_say *say, enum wtr_field field, bool value);
/* A value as it stood in the evidence, under the evidence's own name for it. */
void wtr_say_raw(struct wtr_say *say, struct wtr_text name, struct wtr_text value);
/* The same for bytes that are no text even where they look like it: a word of bits, a binary number. */
void wtr_say_raw_bytes(struct wtr_say *say, struct wtr_text name, struct wtr_text value);
/* The same for a JSON value of the message's payload: `name` is the member's name as given. */
void wtr_say_raw_json(struct wtr_say *say, const char *name, const struct wtr_json *json, wtr_json_ref at);
/* The message bears a running number of the device's by which its repeats are known: what it states is the
 * same as what any other one states within a minute that was given the same `report`, a hash of the device's
 * id, the number and the content. Called before the first statement. */
void wtr_say_numbered(struct wtr_say *say, uint64_t report);
/* The id of the app's installation that sent a command, in the message's own words. */
void wtr_say_app(struct wtr_say *say, struct wtr_text app_id);
/* A command or query whose answer the device tied to it, or what the device itself says of the cause. Not
 * needed for an answer in the same exchange as the command (struct wtr_message): that is found by itself. */
void wtr_say_trigger(struct wtr_say *say, enum wtr_trigger trigger, enum wtr_cause_basis basis);
/* The statement is what the device recalls of its past (was_on), not what is so now: it carries no change
 * and sets no baseline. Also set by itself for a retained message. */
void wtr_say_past(struct wtr_say *say);
/* The statement answers a request or poll; it was not pushed at a change. What a device says so of its
 * settings has no sender but itself, and names none. */
void wtr_say_polled(struct wtr_say *say);
/* The statement is what the message's sender asks for: the cause names it. Commands and settings do so by
 * themselves. */
void wtr_say_asked(struct wtr_say *say);
/* The session's end is known only through the broker's last will, after the device's last packet. */
void wtr_say_last_will(struct wtr_say *say);
void wtr_say_end(struct wtr_say *say);

/* ---- entries of a dump (struct wtr_vendor's read_entry). The entry's state, order, checks and encryption
 * are taken over by themselves, and what is said of it bears no change and no cause. Its time is its place in
 * the order of writing, unless one of the next two says more. Raw values point into the entry's bytes. */

/* The device whose dump is being read, and not one that it speaks of: one for each image of a chip. It is
 * called after the dump until the family says its own id (wtr_say_dump_id) or its MAC is tied. `vendor` is
 * the family's name; WTR_LAN_VENDOR (model/devices.h) where what is said is any device's. */
wtr_device_ref wtr_say_dump_device(struct wtr_say *say, const char *vendor);
/* The device whose dump is being read is the one that this family knows under its own id, in captures and in
 * other dumps, too. Returns it. */
wtr_device_ref wtr_say_dump_id(struct wtr_say *say, const char *vendor, struct wtr_text id);
/* The device dated the statement by its own clock: seconds since 1970. Between begin and end. */
void wtr_say_written(struct wtr_say *say, int64_t unix_s);
/* Only bounds of the statement's time are known, each open where it is not. Between begin and end. */
void wtr_say_bounds(struct wtr_say *say, bool has_earliest, int64_t earliest_ns, bool has_latest,
                    int64_t latest_ns);

/* The message or entry holds a key, by which other evidence of the case may be opened, whatever the order in
 * which it was given. `id` as in model/keys.h. */
void wtr_say_key(struct wtr_say *say, enum wtr_key_type type, struct wtr_text id, struct wtr_text secret);

/* The device was asked something by this message that can't be read, being enciphered: what comes after may
 * be its doing, and is laid to no other command. */
void wtr_say_unread(struct wtr_say *say, wtr_device_ref device);

/* A message of this family that could not be read: why, as a constant sentence fragment. `place` points
 * into the message's bytes. */
void wtr_say_finding(struct wtr_say *say, struct wtr_text place, const char *reason);

/* Scratch that lives as long as the case's extraction, for reading payloads without allocating each time.
 * The vendor may parse into it freely; it is reused for the next message. */
struct wtr_json *wtr_say_json(struct wtr_say *say);
struct wtr_buffer *wtr_say_scratch(struct wtr_say *say);

#endif

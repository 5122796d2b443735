/* SPDX-License-Identifier: Apache-2.0 */
/* Keyring files: what a user gives to open what is enciphered. Two forms are read, told apart by the first
 * character:
 *
 * - Lines of text, a key a line: a word for the type, then its fields between blanks. A field that holds
 *   blanks, is empty or begins with a double quote stands in double quotes, in which \" is a quote and \\ a
 *   backslash. A line whose first character that is no blank is '#' is a comment; '#' elsewhere is itself.
 *
 *       tuya <device id or *> <16 characters>
 *       psk <identity or *> <hexadecimal>
 *       kasa <account> <password>
 *       wifi <ssid> <passphrase>
 *       nvs <128 hexadecimal digits>
 *       meross <uuid or *> <key>
 *
 * - JSON as tinytuya keeps it (devices.json, snapshot.json): a list of objects, or an object that holds such
 * a list as "devices", each with "id" and "key"; those with an empty key or none are passed over. */
#ifndef WTR_EVIDENCE_KEYRING_H
#define WTR_EVIDENCE_KEYRING_H

#include "model/keys.h"
#include "wattrail/status.h"

enum { WTR_KEYRING_MAX_KEYS = 8192 };

/* Adds the keys of a file's text; `name` is how the file is called in their origin. WTR_OK;
 * WTR_E_UNRECOGNISED where the text is no keyring: then *why (empty before) says the line and what was
 * expected, never what stood there, and the keyring is as it was before. WTR_E_MEMORY. */
enum wtr_status wtr_keyring_read(struct wtr_keyring *keys, const char *name, struct wtr_text text,
                                 struct wtr_buffer *why);

/* The word for the type; NULL for one that has no line. */
const char *wtr_keyring_word(enum wtr_key_type type);
/* Whether the key may stand in a keyring file. */
bool wtr_keyring_takes(const struct wtr_key_entry *key);
/* Appends the key as a line of text, without its end, from which wtr_keyring_read takes the same key. */
void wtr_keyring_put_line(const struct wtr_key_entry *key, struct wtr_buffer *out);

#endif

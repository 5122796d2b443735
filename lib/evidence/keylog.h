/* SPDX-License-Identifier: Apache-2.0 */
/* Key logs in the form of NSS (draft-ietf-tls-keylogfile; "RSA": NSS Key Log Format, Mozilla), which TLS
 * libraries write where SSLKEYLOGFILE names, and which pcapng's decryption secrets blocks hold: a line a
 * secret, a label and two fields in hexadecimal. Lines that begin with '#', and labels of secrets that open
 * no record (EXPORTER_SECRET and others), are passed over. */
#ifndef WTR_EVIDENCE_KEYLOG_H
#define WTR_EVIDENCE_KEYLOG_H

#include "model/tls_keys.h"
#include "wattrail/status.h"

enum wtr_keylog_line {
    WTR_KEYLOG_SECRET,  /* it has been added */
    WTR_KEYLOG_NOTHING, /* a comment, an empty line, or a label that is not needed */
    WTR_KEYLOG_BROKEN,  /* a label that is needed, and no secret behind it */
    WTR_KEYLOG_FULL,
    WTR_KEYLOG_NO_MEMORY,
};

/* Whether the word is a label of a key log, needed or not. */
bool wtr_keylog_is_label(struct wtr_text word);
enum wtr_keylog_line wtr_keylog_take(struct wtr_tls_keys *keys, struct wtr_text line, const char *origin,
                                     uint64_t number);
struct wtr_keylog_facts {
    uint64_t secrets; /* that were taken */
    uint64_t broken;  /* number of the first line that is broken, or for which there was no room; 0: none */
};

/* Takes all lines. Of the last one, if nothing ends it, a part may be missing: then it is passed over.
 * WTR_OK, WTR_PARTIAL (some line was broken, or there were too many; the others were taken),
 * WTR_E_UNRECOGNISED (there is text, and no line of a key log in it), WTR_E_MEMORY. */
enum wtr_status wtr_keylog_read(struct wtr_tls_keys *keys, const char *origin, struct wtr_text text,
                                struct wtr_keylog_facts *facts);

#endif

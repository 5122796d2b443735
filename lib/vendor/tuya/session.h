/* SPDX-License-Identifier: Apache-2.0 */
/* A connection's keys and what is known of it, shared by the files that read it (session.c, open.c, keys.c).
 */
#ifndef WTR_VENDOR_TUYA_SESSION_H
#define WTR_VENDOR_TUYA_SESSION_H

#include "base/json.h"
#include "vendor/tuya/cipher.h"
#include "vendor/tuya/packet.h"

/* By what a frame is protected, once that is certain. */
enum wtr_tuya_family {
    WTR_TUYA_UNDECIDED,
    WTR_TUYA_CRC,  /* 3.1 to 3.3 */
    WTR_TUYA_HMAC, /* 3.4 */
};

enum { WTR_TUYA_REQUESTS = 16 };

struct wtr_tuya_request {
    uint32_t command, sequence;
    uint64_t exchange; /* 0: none, or answered */
};

/* The session of a stream, and the state of a source's datagrams. */
struct wtr_tuya_session {
    const struct wtr_keyring *keys;
    bool datagrams;
    bool searching[2]; /* the place of the next frame is not known */
    enum wtr_tuya_family family;

    bool has_key; /* the local key is known, and shown to be right by `proof` */
    uint8_t key[WTR_TUYA_BLOCK];
    const struct wtr_key_entry *entry; /* where it is from; NULL: the key of broadcasts */
    struct wtr_text key_id;
    const char *proof;
    unsigned failures; /* frames that no key opened */

    bool has_nonce[2]; /* by direction */
    uint8_t nonce[2][WTR_TUYA_BLOCK];
    uint8_t answer[WTR_TUYA_MAC]; /* what the device answered to the client's nonce */
    bool has_session_key;
    uint8_t session_key[WTR_TUYA_BLOCK];

    bool told_wrong;   /* that no key fits */
    bool told_missing; /* that the session key's negotiation was not seen */

    struct wtr_tuya_request requests[WTR_TUYA_REQUESTS];
    uint64_t exchanges;

    struct wtr_buffer plain; /* the current message's deciphered bytes */
    struct wtr_buffer trial;
    struct wtr_json json;
    struct wtr_opening opening;
    struct wtr_piece *pieces;
    size_t piece_capacity;
};

/* One frame on its way to be a message. */
struct wtr_tuya_reading {
    struct wtr_tuya_session *session;
    enum wtr_direction direction;
    const struct wtr_span *span; /* of the frame alone */
    struct wtr_tuya_frame frame;
    struct wtr_sink *sink;
    struct wtr_tuya_packet packet;
    /* What the message's bytes are: the frame's own, or the plain text of `length` bytes at `at` of it. */
    bool opened;
    size_t at, length;
};

/* session.c: a finding about bytes of the frame. */
void wtr_tuya_find(const struct wtr_tuya_reading *r, size_t at, size_t length, const char *reason);
/* open.c: verifies the frame and opens it as far as keys allow. False: nothing of it is believed, and a
 * finding says why. */
bool wtr_tuya_open(struct wtr_tuya_reading *r);

/* keys.c: finds the key among those of the keyring. Each sets the session's key if it returns true. */
/* The key whose HMAC over the frame up to `length` is `mac`. */
bool wtr_tuya_key_by_hmac(struct wtr_tuya_session *s, const uint8_t *frame, size_t length,
                          const uint8_t *mac);
/* The key under which the tag fits; the plain text is left in session->trial. */
bool wtr_tuya_key_by_tag(struct wtr_tuya_session *s, struct wtr_text associated, struct wtr_text sealed);
/* The key that makes the MD5 digest of a command of version 3.1. */
bool wtr_tuya_key_by_md5(struct wtr_tuya_session *s, struct wtr_text base64, struct wtr_text digest);
/* The key under which the ciphertext is a padded text that only the right key makes (keys.c says what). */
bool wtr_tuya_key_by_text(struct wtr_tuya_session *s, struct wtr_text cipher);
/* Whether there are any keys to try. */
bool wtr_tuya_has_keys(const struct wtr_tuya_session *s);
/* Whether the hexadecimal digest of 3.1 is that of the text under the key. */
bool wtr_tuya_md5_fits(const uint8_t *key, struct wtr_text base64, struct wtr_text digest);

/* negotiation.c: what the plain text of commands 3 to 5 says. */
void wtr_tuya_negotiate(struct wtr_tuya_reading *r, struct wtr_text plain);
static inline bool wtr_tuya_is_negotiation(uint32_t command)
{
    return command >= WTR_TUYA_KEY_START && command <= WTR_TUYA_KEY_FINISH;
}

/* fields.c */
void wtr_tuya_fields(const struct wtr_message *message, struct wtr_json_writer *out);

#endif

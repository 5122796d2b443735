/* SPDX-License-Identifier: Apache-2.0 */
/* KLAP sessions: begun by a handshake on one connection and used on any, told apart by the device's end point
 * and its cookie, or by the client's address where there is no cookie. Their number is bounded; the one that
 * was not used for longest makes room. */
#ifndef WTR_VENDOR_TAPO_KLAP_SESSION_H
#define WTR_VENDOR_TAPO_KLAP_SESSION_H

#include "model/endpoint.h"
#include "vendor/tapo/klap_account.h"

enum {
    WTR_KLAP_SESSIONS = 128,
    WTR_KLAP_MAX_COOKIE = 64,
    WTR_KLAP_ASKED = 2,                /* questions of a session that wait for their answers */
    WTR_KLAP_MAX_QUESTION = 16 * 1024, /* bytes; the answer to a longer one has no question */
};

struct wtr_klap_asked {
    bool waits;
    int32_t seq;
    struct wtr_buffer text;
};

struct wtr_klap_session {
    bool used;
    struct wtr_endpoint device;
    struct wtr_ip client;
    char cookie[WTR_KLAP_MAX_COOKIE];
    size_t cookie_length;
    uint64_t last_used;
    struct wtr_klap_seeds seeds;
    const struct wtr_klap_account
        *account;                     /* whose keys these are; NULL: none fits, or no handshake was seen */
    const struct wtr_klap_auth *auth; /* of that account */
    struct wtr_klap_keys keys;
    struct wtr_klap_asked asked[WTR_KLAP_ASKED];
    unsigned next_asked;
};

struct wtr_klap_sessions {
    struct wtr_klap_session list[WTR_KLAP_SESSIONS];
    uint64_t clock;
};

/* Whose session it is. */
struct wtr_klap_ends {
    struct wtr_endpoint device;
    struct wtr_ip client;
    struct wtr_text cookie; /* length 0: none */
};

void wtr_klap_sessions_close(struct wtr_klap_sessions *sessions);
/* NULL: none. */
struct wtr_klap_session *wtr_klap_session_find(struct wtr_klap_sessions *sessions,
                                               const struct wtr_klap_ends *ends);
/* A new one in the place of an equal one, a free one or the oldest. */
struct wtr_klap_session *wtr_klap_session_new(struct wtr_klap_sessions *sessions,
                                              const struct wtr_klap_ends *ends);

/* Keeps a question until its answer comes. */
void wtr_klap_ask(struct wtr_klap_session *session, int32_t seq, struct wtr_text question);
/* The question of that number, which waits no longer; data NULL: not known. Good until the next question. */
struct wtr_text wtr_klap_question(struct wtr_klap_session *session, int32_t seq);

#endif

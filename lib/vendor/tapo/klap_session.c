/* SPDX-License-Identifier: Apache-2.0 */
/* The table of KLAP sessions. */
#include "vendor/tapo/klap_session.h"

#include <openssl/crypto.h>

static void forget(struct wtr_klap_session *session)
{
    for (size_t i = 0; i < WTR_KLAP_ASKED; i++)
        wtr_buffer_free(&session->asked[i].text);
    OPENSSL_cleanse(session, sizeof *session);
}

void wtr_klap_sessions_close(struct wtr_klap_sessions *sessions)
{
    for (size_t i = 0; i < WTR_KLAP_SESSIONS; i++)
        forget(&sessions->list[i]);
}

static bool same_ip(const struct wtr_ip *a, const struct wtr_ip *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static bool is_of(const struct wtr_klap_session *session, const struct wtr_klap_ends *ends)
{
    if (!session->used || session->device.port != ends->device.port ||
        !same_ip(&session->device.ip, &ends->device.ip))
        return false;
    if (ends->cookie.length == 0)
        return same_ip(&session->client, &ends->client);
    return wtr_text_equal((struct wtr_text){session->cookie, session->cookie_length}, ends->cookie);
}

struct wtr_klap_session *wtr_klap_session_find(struct wtr_klap_sessions *sessions,
                                               const struct wtr_klap_ends *ends)
{
    struct wtr_klap_session *latest = NULL;
    for (size_t i = 0; i < WTR_KLAP_SESSIONS; i++) {
        struct wtr_klap_session *s = &sessions->list[i];
        if (is_of(s, ends) && (!latest || s->last_used > latest->last_used))
            latest = s;
    }
    if (latest)
        latest->last_used = ++sessions->clock;
    return latest;
}

struct wtr_klap_session *wtr_klap_session_new(struct wtr_klap_sessions *sessions,
                                              const struct wtr_klap_ends *ends)
{
    struct wtr_klap_session *session = ends->cookie.length ? wtr_klap_session_find(sessions, ends) : NULL;
    for (size_t i = 0; !session && i < WTR_KLAP_SESSIONS; i++)
        if (!sessions->list[i].used)
            session = &sessions->list[i];
    if (!session) {
        session = &sessions->list[0];
        for (size_t i = 1; i < WTR_KLAP_SESSIONS; i++)
            if (sessions->list[i].last_used < session->last_used)
                session = &sessions->list[i];
    }
    forget(session);
    session->used = true;
    session->device = ends->device;
    session->client = ends->client;
    session->cookie_length =
        ends->cookie.length < WTR_KLAP_MAX_COOKIE ? ends->cookie.length : WTR_KLAP_MAX_COOKIE;
    if (session->cookie_length > 0)
        memcpy(session->cookie, ends->cookie.data, session->cookie_length);
    session->last_used = ++sessions->clock;
    return session;
}

void wtr_klap_ask(struct wtr_klap_session *session, int32_t seq, struct wtr_text question)
{
    struct wtr_klap_asked *asked = &session->asked[session->next_asked++ % WTR_KLAP_ASKED];
    asked->waits = false;
    if (question.length > WTR_KLAP_MAX_QUESTION)
        return;
    wtr_buffer_clear(&asked->text);
    wtr_put_text(&asked->text, question);
    asked->seq = seq;
    asked->waits = !asked->text.failed;
}

struct wtr_text wtr_klap_question(struct wtr_klap_session *session, int32_t seq)
{
    const struct wtr_text nothing = {NULL, 0};
    for (size_t i = 0; i < WTR_KLAP_ASKED; i++) {
        struct wtr_klap_asked *asked = &session->asked[i];
        if (!asked->waits || asked->seq != seq)
            continue;
        asked->waits = false;
        return wtr_buffer_text(&asked->text);
    }
    return nothing;
}

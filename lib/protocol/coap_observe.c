/* SPDX-License-Identifier: Apache-2.0 */
/* Observing a resource (RFC 7641): which answers are notifications, and where the two ends do not keep to
 * what they agreed. The client's word ends a relation (a reset, 3.6, or Observe: 1), and so does an answer
 * without the option or with an error (3.2). */
#include "protocol/coap_exchange.h"

/* Whether a notification is newer than the last one (3.4). */
static bool is_newer(const struct wtr_coap_exchange *exchange, uint32_t sequence, int64_t time_ns)
{
    const int64_t much_later = INT64_C(128000000000);
    uint32_t last = exchange->sequence;
    return (last < sequence && sequence - last < 1u << 23) ||
           (last > sequence && last - sequence > 1u << 23) || time_ns > exchange->sequence_ns + much_later;
}

static void check_sequence(struct wtr_coap *coap, struct wtr_coap_exchange *exchange, uint32_t sequence,
                           int64_t time_ns)
{
    bool newer = !exchange->has_sequence || is_newer(exchange, sequence, time_ns);
    if (!newer) {
        wtr_coap_note(coap, "the notification is not newer than the one before it");
        return;
    }
    exchange->has_sequence = true;
    exchange->sequence = sequence;
    exchange->sequence_ns = time_ns;
}

/* 4.2: a notification has the Content-Format of the first answer. */
static void check_format(struct wtr_coap *coap, struct wtr_coap_exchange *exchange)
{
    uint32_t format = 0;
    bool has = wtr_coap_uint(wtr_coap_find_option(coap, WTR_COAP_CONTENT_FORMAT), &format);
    if (!has || wtr_coap_class(coap->code) != 2)
        return;
    if (exchange->has_format && exchange->format != format)
        wtr_coap_note(coap, "the notification has another Content-Format than the first answer");
    if (!exchange->has_format) {
        exchange->has_format = true;
        exchange->format = format;
    }
}

static void check_notification(struct wtr_coap_passing *p, const struct wtr_coap_exchange *exchange)
{
    if (exchange->ended)
        wtr_coap_note(p->coap, "a notification after the client ended the observation");
    if (exchange->deleted && wtr_coap_class(p->coap->code) == 2)
        wtr_coap_note(p->coap, "a notification of a resource that was deleted");
    if (exchange->unacknowledged && p->acknowledged_in_view)
        wtr_coap_note(p->coap, "the notification before it was neither acknowledged nor reset");
}

/* Every relation with the resource at this server. */
static void mark_deleted(struct wtr_coap_tables *tables, const struct wtr_coap_exchange *of, bool deleted)
{
    for (size_t i = 0; i < tables->sets * WTR_COAP_WAYS; i++) {
        struct wtr_coap_exchange *other = &tables->exchanges[i];
        bool same = other->number && other->observes && other->server.port == of->server.port &&
                    memcmp(&other->server.ip, &of->server.ip, sizeof of->server.ip) == 0 &&
                    other->request.path_length == of->request.path_length &&
                    memcmp(other->request.path, of->request.path, of->request.path_length) == 0;
        if (same && !of->request.cut)
            other->deleted = deleted;
    }
}

void wtr_coap_observe_reset(struct wtr_coap_exchange *exchange)
{
    exchange->ended = true;
}

void wtr_coap_observe_answer(struct wtr_coap_tables *tables, struct wtr_coap_passing *p,
                             struct wtr_coap_exchange *exchange)
{
    struct wtr_coap *coap = p->coap;
    uint32_t sequence = 0;
    bool has_sequence = wtr_coap_uint(wtr_coap_find_option(coap, WTR_COAP_OBSERVE), &sequence);
    bool separate = !coap->reliable && coap->type != WTR_COAP_ACK;
    bool first = !exchange->answered;
    if (first && coap->code == WTR_COAP_CODE(2, 2) && exchange->request.code == WTR_COAP_DELETE)
        mark_deleted(tables, exchange, true);
    if (first && coap->code == WTR_COAP_CODE(2, 1))
        mark_deleted(tables, exchange, false);
    if (has_sequence && !exchange->asks_observe && !exchange->observes) {
        wtr_coap_note(coap, "an Observe option answers a request that did not ask for it");
        return;
    }
    if (!exchange->asks_observe && !exchange->observes)
        return;
    coap->notification = !first && exchange->observes && (has_sequence || wtr_coap_class(coap->code) != 2);
    if (coap->notification)
        check_notification(p, exchange);
    if (has_sequence) {
        exchange->observes = true;
        if (!coap->reliable) /* RFC 8323 7.1: over TCP the order is the connection's */
            check_sequence(coap, exchange, sequence, p->time_ns);
        check_format(coap, exchange);
    } else if (wtr_coap_class(coap->code) != 2 || (first && !exchange->asks_end)) {
        exchange->observes = false;
    }
    if (coap->notification && separate && coap->type == WTR_COAP_CON) {
        exchange->unacknowledged = true;
        exchange->last_confirmable = coap->message_id;
    }
}

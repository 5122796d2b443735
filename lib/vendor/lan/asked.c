/* SPDX-License-Identifier: Apache-2.0 */
/* DNS and NTP: what hosts ask for. Neither shows a plug; what is said here counts only of a host that turns
 * out to be one. */
#include "base/map.h"
#include "model/devices.h"
#include "protocol/fields.h"
#include "protocol/ntp.h"
#include "vendor/lan/reading.h"

enum { DNS_PORT = 53, NTP_PORT = 123 };

/* ---- DNS: the names of clouds, and the addresses given for them */

bool wtr_lan_wants_dns(const struct wtr_message *message)
{
    return wtr_lan_is_cloud(message->body);
}

/* The addresses in the answers, joined. */
static struct wtr_text answers_of(const struct wtr_dns *dns, struct wtr_buffer *out)
{
    struct wtr_dns_walk walk = {.dns = dns};
    struct wtr_dns_record record;
    char address[WTR_ADDRESS_TEXT];
    wtr_buffer_clear(out);
    while (wtr_dns_next(&walk, &record)) {
        struct wtr_ip ip;
        if (record.section != WTR_DNS_ANSWER)
            continue;
        if (record.type == WTR_DNS_A && record.data.length == 4)
            ip = wtr_ip_from_v4(record.data.data);
        else if (record.type == WTR_DNS_AAAA && record.data.length == sizeof ip.bytes)
            memcpy(ip.bytes, record.data.data, sizeof ip.bytes);
        else
            continue;
        if (out->length)
            wtr_put_z(out, ", ");
        wtr_put(out, address, wtr_ip_text(&ip, address));
    }
    return wtr_buffer_text(out);
}

void wtr_lan_read_dns(const struct wtr_lan_reading *r)
{
    const struct wtr_dns *dns = r->message->body;
    bool response = dns->flags & WTR_DNS_RESPONSE;
    const struct wtr_endpoint *server = response ? wtr_say_sender(r->say) : wtr_say_receiver(r->say);
    const struct wtr_endpoint *asker = response ? wtr_say_receiver(r->say) : wtr_say_sender(r->say);
    struct wtr_dns_walk walk = {.dns = dns};
    struct wtr_dns_record question;
    struct wtr_dns_name name;
    if (server->port != DNS_PORT || !wtr_dns_next(&walk, &question) ||
        !wtr_dns_read_name(dns->bytes, dns->length, question.name_at, &name, NULL))
        return;
    struct wtr_text answers = {NULL, 0};
    if (response)
        answers = answers_of(dns, wtr_say_scratch(r->say));
    if (response && answers.length == 0)
        return;
    wtr_device_ref asking = wtr_say_bystander_at(r->say, WTR_LAN_VENDOR, &asker->ip);
    wtr_say_begin(r->say, WTR_KIND_NETWORK_CONTACT, asking);
    wtr_say_text(r->say, WTR_FIELD_SERVER, wtr_dns_name_text(&name));
    if (answers.length)
        wtr_say_text(r->say, WTR_FIELD_ANSWER, answers);
    else
        wtr_say_raw(r->say, WTR_TEXT("qname"),
                    wtr_text_of(dns->bytes + question.name_at, question.name_length));
    wtr_say_end(r->say);
}

/* ---- NTP: the asker's clock */

static const int64_t second = 1000000000;
static const int64_t day = INT64_C(86400) * 1000000000;
static const int64_t last_era = INT64_C(4500000000) * 1000000000; /* beyond what NTP's two eras hold */

/* A request holds the asker's own clock (RFC 5905 7.3), zero (RFC 4330 5), or, of askers that keep their
 * clock to themselves, a random number. */
bool wtr_lan_wants_ntp(const struct wtr_message *message)
{
    const struct wtr_ntp *ntp = message->body;
    return ntp->mode == WTR_NTP_CLIENT && !wtr_ntp_is_zero(ntp->transmit);
}

/* A random number lies within a day of the capture's clock once in 25000 times, and runs on with it even more
 * seldom. A clock that was never set is known by running on. */
static bool is_clock(struct wtr_lan_state *state, const struct wtr_ip *ip, int64_t transmit_ns, int64_t at_ns)
{
    uint64_t key = wtr_hash64(ip->bytes, sizeof ip->bytes, 1) | 1;
    struct wtr_lan_clock *last = &state->clocks[(key >> 1) % WTR_LAN_CLOCKS];
    bool runs_on = false;
    if (at_ns < 0 || at_ns > last_era) /* no capture of a network is that old, or from the future */
        return false;
    if (last->key == key && at_ns > last->at_ns && transmit_ns > last->transmit_ns) {
        int64_t drift = (transmit_ns - last->transmit_ns) - (at_ns - last->at_ns);
        runs_on = drift >= -2 * second && drift <= 2 * second;
    }
    *last = (struct wtr_lan_clock){key, transmit_ns, at_ns};
    return runs_on || (transmit_ns - at_ns <= day && at_ns - transmit_ns <= day);
}

void wtr_lan_read_ntp(const struct wtr_lan_reading *r)
{
    const struct wtr_ntp *ntp = r->message->body;
    const struct wtr_endpoint *asker = wtr_say_sender(r->say);
    int64_t transmit_ns = wtr_ntp_time_ns(ntp->transmit);
    int64_t at_ns = wtr_say_time_ns(r->say);
    if (wtr_say_receiver(r->say)->port != NTP_PORT || !is_clock(r->state, &asker->ip, transmit_ns, at_ns))
        return;
    struct wtr_buffer *time = wtr_say_scratch(r->say);
    wtr_buffer_clear(time);
    wtr_put_time(time, transmit_ns);
    wtr_say_begin(r->say, WTR_KIND_CLOCK_READING, wtr_say_bystander_at(r->say, WTR_LAN_VENDOR, &asker->ip));
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, wtr_buffer_text(time));
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, WTR_TEXT("utc"));
    wtr_say_micro(r->say, WTR_FIELD_OFFSET_S, wtr_divide_half_even(transmit_ns - at_ns, 1000));
    wtr_say_raw(r->say, WTR_TEXT("transmit_timestamp"), ntp->transmit_bytes);
    wtr_say_end(r->say);
}

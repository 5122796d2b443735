/* SPDX-License-Identifier: Apache-2.0 */
/* The NTP packet header, as laid out in RFC 5905 figure 8. */
#include "protocol/ntp.h"

#include "base/bytes.h"
#include "protocol/fields.h"

enum { HEADER = 48, PORT = 123, OLDEST_VERSION = 1, NEWEST_VERSION = 4 };

static const int64_t second = 1000000000;
static const int64_t unix_epoch = 2208988800; /* seconds from 1900-01-01 to 1970-01-01 */

unsigned wtr_ntp_era(struct wtr_ntp_time time)
{
    return time.seconds & 0x80000000U ? 0 : 1;
}

int64_t wtr_ntp_time_ns(struct wtr_ntp_time time)
{
    int64_t seconds = ((int64_t)wtr_ntp_era(time) << 32) + time.seconds - unix_epoch;
    return seconds * second + (int64_t)((uint64_t)time.fraction * (uint64_t)second >> 32);
}

static enum wtr_bid probe_datagram(const struct wtr_probe *probe)
{
    if ((probe->client_port != PORT && probe->server_port != PORT) || probe->length < HEADER)
        return WTR_BID_NONE;
    unsigned version = probe->bytes[0] >> 3 & 7;
    unsigned mode = probe->bytes[0] & 7;
    bool known = version >= OLDEST_VERSION && version <= NEWEST_VERSION && mode >= WTR_NTP_ACTIVE &&
                 mode <= WTR_NTP_BROADCAST;
    return known ? WTR_BID_LIKELY : WTR_BID_NONE;
}

static struct wtr_ntp_time take_time(struct wtr_cursor *c)
{
    struct wtr_ntp_time time = {.seconds = wtr_take_be32(c)};
    time.fraction = wtr_take_be32(c);
    return time;
}

static bool read_packet(const uint8_t *bytes, size_t length, struct wtr_ntp *ntp)
{
    struct wtr_cursor c = wtr_cursor_over(bytes, length);
    uint8_t first = wtr_take_u8(&c);
    *ntp = (struct wtr_ntp){.leap = first >> 6, .version = first >> 3 & 7, .mode = first & 7};
    ntp->stratum = wtr_take_u8(&c);
    ntp->poll = (int8_t)wtr_take_u8(&c);
    ntp->precision = (int8_t)wtr_take_u8(&c);
    ntp->root_delay = wtr_take_be32(&c);
    ntp->root_dispersion = wtr_take_be32(&c);
    ntp->reference_id = wtr_text_of(wtr_take(&c, 4), 4);
    ntp->reference = take_time(&c);
    ntp->origin = take_time(&c);
    ntp->receive = take_time(&c);
    ntp->transmit_bytes = wtr_text_of(bytes + c.at, 8);
    ntp->transmit = take_time(&c);
    ntp->rest = wtr_text_of(bytes + c.at, wtr_left(&c));
    return !c.bad;
}

static const char *type_of(const struct wtr_ntp *ntp)
{
    static const char *const names[] = {
        [WTR_NTP_ACTIVE] = "symmetric_active", [WTR_NTP_PASSIVE] = "symmetric_passive",
        [WTR_NTP_CLIENT] = "client",           [WTR_NTP_SERVER] = "server",
        [WTR_NTP_BROADCAST] = "broadcast",
    };
    return names[ntp->mode];
}

static void datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    struct wtr_ntp ntp;
    (void)state;
    if (datagram->span.length < HEADER || !read_packet(datagram->span.bytes, datagram->span.length, &ntp))
        return;
    const struct wtr_message message = {
        .protocol = &wtr_ntp,
        .type = type_of(&ntp),
        .direction =
            ntp.mode == WTR_NTP_SERVER || ntp.mode == WTR_NTP_BROADCAST ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
        .span = datagram->span,
        .body = &ntp,
    };
    sink->message(sink->payload, &message);
}

/* A short-format time, in seconds. */
static void put_short(struct wtr_json_writer *out, const char *name, uint32_t value)
{
    wtr_json_key(out, name);
    wtr_json_put_micro(out, wtr_divide_half_even((int64_t)value * 1000000, 1 << 16));
}

static void put_time(struct wtr_json_writer *out, const char *name, struct wtr_ntp_time time)
{
    wtr_json_key(out, name);
    wtr_json_begin_object(out);
    wtr_field_uint(out, "seconds", time.seconds);
    wtr_field_uint(out, "fraction", time.fraction);
    if (!wtr_ntp_is_zero(time)) {
        wtr_field_uint(out, "era", wtr_ntp_era(time));
        wtr_json_key(out, "time");
        wtr_json_put_time(out, wtr_ntp_time_ns(time));
    }
    wtr_json_end_object(out);
}

/* Up to stratum 1 the reference id is a word of four characters (RFC 5905 7.3), padded with zeros. */
static void put_reference_id(struct wtr_json_writer *out, const struct wtr_ntp *ntp)
{
    struct wtr_text id = ntp->reference_id;
    while (id.length && !id.data[id.length - 1])
        id.length--;
    wtr_json_key(out, "reference_id");
    if (ntp->stratum <= 1)
        wtr_json_put_bytes(out, id);
    else
        wtr_json_put_hex(out, ntp->reference_id);
}

static void fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_ntp *ntp = message->body;
    wtr_field_uint(out, "leap_indicator", ntp->leap);
    wtr_field_uint(out, "version", ntp->version);
    wtr_field_uint(out, "mode", ntp->mode);
    wtr_field_uint(out, "stratum", ntp->stratum);
    wtr_field_int(out, "poll", ntp->poll);
    wtr_field_int(out, "precision", ntp->precision);
    put_short(out, "root_delay", ntp->root_delay);
    put_short(out, "root_dispersion", ntp->root_dispersion);
    put_reference_id(out, ntp);
    put_time(out, "reference_timestamp", ntp->reference);
    put_time(out, "origin_timestamp", ntp->origin);
    put_time(out, "receive_timestamp", ntp->receive);
    put_time(out, "transmit_timestamp", ntp->transmit);
    if (ntp->rest.length) {
        wtr_json_key(out, "extension");
        wtr_json_put_hex(out, ntp->rest);
    }
}

static const uint16_t ports[] = {PORT, 0};

const struct wtr_protocol wtr_ntp = {
    .name = "ntp",
    .probe_datagram = probe_datagram,
    .datagram = datagram,
    .fields = fields,
    .ports = ports,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* What lan says of TLS connections: a session of the client's, and of a local server's, and the name that was
 * reached for. */
#include "protocol/tls.h"

#include "base/bytes.h"
#include "vendor/lan/lan.h"

#include "say_record.h"
#include "tls_bytes.h"

#include <criterion/criterion.h>

static struct wtr_say *say;
static void *lan, *session;
static struct wtr_buffer heard;

static void on_message(void *payload, const struct wtr_message *m)
{
    (void)payload;
    wtr_put_z(&heard, say_record(say, &wtr_lan, lan, m));
}

static struct wtr_sink sink = {.message = on_message, .finding = feed_finding};

static void set_up(void)
{
    say = say_record_new();
    lan = calloc(1, wtr_lan.state_size);
    session = calloc(1, wtr_tls.session_size);
    wtr_tls.open(session, &(struct wtr_session_setup){.mid_stream = false});
}

static void tear_down(void)
{
    wtr_tls.close(session);
    free(session);
    free(lan);
    say_record_free(say);
    wtr_buffer_free(&heard);
    wtr_buffer_free(&feed_log);
}

TestSuite(lan_tls, .init = set_up, .fini = tear_down);

static void send_from(enum wtr_direction direction, struct bytes b)
{
    struct wtr_piece piece = {.length = b.length, .offset = 1000, .frame = 7, .time_ns = 1000000000};
    const struct wtr_span span = {b.data, b.length, &piece, 1, NULL};
    size_t need = 0;
    wtr_tls.stream(session, direction, &span, &need, &sink);
    free(b.data);
}

static const char *finish(void)
{
    wtr_tls.finish(session, &sink);
    wtr_put(&heard, "", 1);
    return heard.data;
}

#define CLIENT_SAYS                                                                                          \
    "sni=server tls_version=TLS 1.3 cipher_suite=TLS_AES_128_GCM_SHA256 ja3=" CLIENT_JA3                     \
    " ja3s=" SERVER_JA3S " ja4=" CLIENT_JA4
#define COUNTS " client_records=1 server_records=1 client_bytes=201 server_bytes=95"

Test(lan_tls, a_cloud)
{
    say_record_ends(say, "192.168.1.7", 50000, "52.18.200.165", 443);
    send_from(WTR_FROM_CLIENT, record_of(22, from_hex(CLIENT_HELLO)));
    send_from(WTR_FROM_SERVER, record_of(22, from_hex(SERVER_HELLO)));
    cr_expect_str_eq(
        finish(),
        "bystander lan:192.168.1.7\n"
        "tls.session lan:192.168.1.7 role=client peer=52.18.200.165:443 transport=tls " CLIENT_SAYS COUNTS
        "\n"
        "network.contact lan:192.168.1.7 server=server peer=52.18.200.165:443\n");
}

Test(lan_tls, a_local_server)
{
    say_record_ends(say, "10.0.0.9", 50000, "10.0.0.7", 4433);
    send_from(WTR_FROM_CLIENT, record_of(22, from_hex(CLIENT_HELLO)));
    const char *said = finish();
    cr_expect(strstr(
        said, "tls.session lan:10.0.0.9 role=client peer=10.0.0.7:4433 transport=tls sni=server ja3="));
    cr_expect(strstr(
        said,
        "bystander lan:10.0.0.7\ntls.session lan:10.0.0.7 role=server peer=10.0.0.9:50000 transport=tls"));
    cr_expect_not(strstr(said, "incomplete"));
}

/* The beginning was not seen: no name, and the counts are least ones. */
Test(lan_tls, records_alone)
{
    say_record_ends(say, "192.168.1.7", 50000, "52.18.200.165", 443);
    send_from(WTR_FROM_SERVER, record_of(23, filled(40)));
    cr_expect_str_eq(finish(),
                     "bystander lan:192.168.1.7\n"
                     "tls.session lan:192.168.1.7 role=client peer=52.18.200.165:443 transport=tls "
                     "client_records=0 server_records=1 client_bytes=0 server_bytes=45 incomplete=true\n");
}

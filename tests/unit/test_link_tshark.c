/* SPDX-License-Identifier: Apache-2.0 */
/* Headers as tshark reads them: on real captures of every link layer that there are, addresses, ports,
 * sequence numbers, lengths and payload bytes are equal frame by frame, and what is not taken for TCP or UDP
 * is none.
 *
 * The captures are third parties' and not part of the project: WATTRAIL_DATA names their folder. */
#include "packet/capture.h"
#include "tshark_frames.h"

static const char *const captures[] = {
    "wireshark/tcp-badsegments.pcap",     /* raw IPv4 */
    "wireshark/many_interfaces.pcapng.1", /* several interfaces */
    "wireshark/wpa-Induction.pcap.gz",    /* 802.11 behind radiotap, encrypted */
    "wireshark/dhcp-nanosecond.pcapng",
    "tls/ja4/ipv6.pcapng",           /* loopback */
    "tls/ja4/gre-erspan-vxlan.pcap", /* tunnels */
    "tls/ja4/dhcpv6.pcap",
    "tls/ja4/macos_tcp_flags.pcap",
    "mqtt/ndpi-mqtt.pcap",
    "made/shelly_coiot_ucast.pcap", /* Linux cooked v2 */
    "setup/WeMoSwitch.pcap",
    "tuya/beacons.pcap",
};

/* False if there is no tshark. */
static bool compare_capture(const char *path, const char *name)
{
    struct wtr_input *input = NULL;
    struct wtr_capture *capture = NULL;
    struct wtr_packet packet;
    cr_assert_eq(wtr_input_open_path(&input, path, NULL), WTR_OK, "%s", path);
    cr_assert_eq(wtr_capture_open(&capture, input, NULL, NULL), WTR_OK, "%s", path);
    pid_t child = -1;
    FILE *lines = start_tshark(path, NULL, &child);
    cr_assert_not_null(lines);
    char *line = NULL;
    size_t size = 0;
    uint64_t frames = 0;
    for (; getline(&line, &size, lines) > 0; frames++) {
        const char *fields[FIELDS];
        cut_line(line, fields);
        cr_assert_eq(wtr_capture_next(capture, &packet), WTR_OK, "%s, frame %s", name, fields[NUMBER]);
        struct wtr_headers headers;
        enum wtr_header_verdict verdict = wtr_headers_read(&packet, &headers);
        compare_headers(name, &packet, &headers, verdict, fields);
    }
    free(line);
    bool present = end_tshark(lines, child);
    if (present) {
        cr_assert_eq(wtr_capture_next(capture, &packet), WTR_END, "%s: more frames than %ju", name,
                     (uintmax_t)frames);
    }
    wtr_capture_close(capture);
    wtr_input_close(input);
    return present;
}

Test(link_tshark, every_frame_is_read_alike)
{
    const char *folder = getenv("WATTRAIL_DATA");
    if (folder == NULL || access(folder, R_OK) != 0)
        cr_skip_test("no captures to compare with: WATTRAIL_DATA names no folder");
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", folder, captures[i]);
        if (!compare_capture(path, captures[i]))
            cr_skip_test("no tshark to compare with");
    }
}

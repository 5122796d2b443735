/* SPDX-License-Identifier: Apache-2.0 */
/* Headers as tshark reads them: on real captures of every link layer that there are, addresses, ports,
 * sequence numbers, lengths and payload bytes are equal frame by frame, and what is not taken for TCP or UDP
 * is none.
 *
 * The captures are third parties' and not part of the project: WATTRAIL_DATA names their folder. */
#include "packet/capture.h"
#include "packet/link.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

enum field {
    NUMBER,
    PROTOCOLS,
    SRC_V4,
    DST_V4,
    SRC_V6,
    DST_V6,
    TCP_SRC,
    TCP_DST,
    TCP_SEQ,
    TCP_LENGTH,
    TCP_PAYLOAD,
    UDP_SRC,
    UDP_DST,
    UDP_LENGTH,
    UDP_PAYLOAD,
    FIELDS,
};

enum { NO_TSHARK = 127 };

static const char *const field_names[FIELDS] = {
    "frame.number", "frame.protocols", "ip.src",      "ip.dst",      "ipv6.src",
    "ipv6.dst",     "tcp.srcport",     "tcp.dstport", "tcp.seq_raw", "tcp.len",
    "tcp.payload",  "udp.srcport",     "udp.dstport", "udp.length",  "udp.payload",
};

/* Starts tshark on the file and returns its output, one line a frame; NULL if there is no tshark. */
static FILE *start_tshark(const char *path, pid_t *child)
{
    char *arguments[16 + 2 * FIELDS] = {"tshark", "-n",     "-r", (char *)path,  "-o", "ip.defragment:FALSE",
                                        "-T",     "fields", "-E", "occurrence=f"};
    size_t count = 10;
    for (size_t i = 0; i < FIELDS; i++) {
        arguments[count++] = "-e";
        arguments[count++] = (char *)field_names[i];
    }
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    *child = fork();
    cr_assert_geq(*child, 0);
    if (*child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        (void)freopen("/dev/null", "w", stderr);
        execvp("tshark", arguments);
        _exit(NO_TSHARK);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

/* Cuts a line into its fields, in place. */
static void cut_line(char *line, const char *fields[FIELDS])
{
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = line;
        line += strcspn(line, "\t");
        if (*line == '\t')
            *line++ = '\0';
    }
}

static void expect_number(const char *text, uint32_t value, const char *name, const char *number)
{
    cr_assert_eq(strtoul(text, NULL, 10), value, "%s, frame %s: %u and not %s", name, number, value, text);
}

static void expect_address(const char *text, const struct wtr_headers *headers, const struct wtr_ip *ip,
                           const char *name, const char *number)
{
    char own[INET6_ADDRSTRLEN];
    if (headers->v6)
        inet_ntop(AF_INET6, ip->bytes, own, sizeof own);
    else
        inet_ntop(AF_INET, ip->bytes + 12, own, sizeof own);
    cr_assert_str_eq(own, text, "%s, frame %s: %s and not %s", name, number, own, text);
}

static void expect_payload(const char *hex, const struct wtr_packet *packet,
                           const struct wtr_headers *headers, const char *name, const char *number)
{
    cr_assert_eq(strlen(hex), 2 * (size_t)headers->captured, "%s, frame %s: payload", name, number);
    for (uint32_t i = 0; i < headers->captured; i++) {
        char own[3];
        (void)snprintf(own, sizeof own, "%02x", packet->bytes[headers->payload_at + i]);
        cr_assert(memcmp(own, hex + 2 * (size_t)i, 2) == 0, "%s, frame %s: payload byte %u", name, number, i);
    }
}

/* Whether tshark's list of protocols comes to TCP or UDP before anything that is not followed. */
static bool leads_to_transport(const char *protocols)
{
    char list[1024];
    (void)snprintf(list, sizeof list, ":%s:", protocols);
    const char *tcp = strstr(list, ":tcp:");
    const char *udp = strstr(list, ":udp:");
    const char *transport = tcp != NULL && (udp == NULL || tcp < udp) ? tcp : udp;
    static const char *const others[] = {":icmp:", ":icmpv6:", ":gre:"};
    for (size_t i = 0; i < sizeof others / sizeof others[0] && transport != NULL; i++) {
        const char *other = strstr(list, others[i]);
        transport = other != NULL && other < transport ? NULL : transport;
    }
    return transport != NULL;
}

static void compare_frame(const char *name, const struct wtr_packet *packet, const char *fields[FIELDS])
{
    struct wtr_headers headers;
    enum wtr_header_verdict verdict = wtr_headers_read(packet, &headers);
    const char *number = fields[NUMBER];
    expect_number(number, (uint32_t)packet->frame, name, number);
    bool tcp = verdict == WTR_HEADERS_TCP;
    cr_assert_eq(leads_to_transport(fields[PROTOCOLS]), tcp || verdict == WTR_HEADERS_UDP,
                 "%s, frame %s: verdict %d for %s", name, number, (int)verdict, fields[PROTOCOLS]);
    if (!tcp && verdict != WTR_HEADERS_UDP)
        return;
    expect_address(fields[headers.v6 ? SRC_V6 : SRC_V4], &headers, &headers.src, name, number);
    expect_address(fields[headers.v6 ? DST_V6 : DST_V4], &headers, &headers.dst, name, number);
    expect_number(fields[tcp ? TCP_SRC : UDP_SRC], headers.src_port, name, number);
    expect_number(fields[tcp ? TCP_DST : UDP_DST], headers.dst_port, name, number);
    if (tcp) {
        expect_number(fields[TCP_SEQ], headers.seq, name, number);
        expect_number(fields[TCP_LENGTH], headers.length, name, number);
    } else {
        expect_number(fields[UDP_LENGTH], headers.length + 8, name, number);
    }
    expect_payload(fields[tcp ? TCP_PAYLOAD : UDP_PAYLOAD], packet, &headers, name, number);
}

/* False if there is no tshark. */
static bool compare_capture(const char *path, const char *name)
{
    struct wtr_input *input = NULL;
    struct wtr_capture *capture = NULL;
    struct wtr_packet packet;
    cr_assert_eq(wtr_input_open_path(&input, path, NULL), WTR_OK, "%s", path);
    cr_assert_eq(wtr_capture_open(&capture, input, NULL, NULL), WTR_OK, "%s", path);
    pid_t child = -1;
    FILE *lines = start_tshark(path, &child);
    cr_assert_not_null(lines);
    char *line = NULL;
    size_t size = 0;
    uint64_t frames = 0;
    for (; getline(&line, &size, lines) > 0; frames++) {
        const char *fields[FIELDS];
        cut_line(line, fields);
        cr_assert_eq(wtr_capture_next(capture, &packet), WTR_OK, "%s, frame %s", name, fields[NUMBER]);
        compare_frame(name, &packet, fields);
    }
    free(line);
    (void)fclose(lines);
    int result = 0;
    waitpid(child, &result, 0);
    bool present = !WIFEXITED(result) || WEXITSTATUS(result) != NO_TSHARK;
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

/* SPDX-License-Identifier: Apache-2.0 */
/* A capture as tshark reads it: one line a frame, to be compared with what was read here. */
#ifndef TEST_TSHARK_FRAMES_H
#define TEST_TSHARK_FRAMES_H

#include "packet/link.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Starts tshark on the file, with up to three more preferences (NULL: none), and returns its output, one line
 * a frame. */
static inline FILE *start_tshark(const char *path, const char *const preferences[3], pid_t *child)
{
    char *arguments[24 + 2 * FIELDS] = {"tshark", "-n",     "-r", (char *)path,  "-o", "ip.defragment:FALSE",
                                        "-T",     "fields", "-E", "occurrence=f"};
    size_t count = 10;
    for (size_t i = 0; preferences && i < 3 && preferences[i]; i++) {
        arguments[count++] = "-o";
        arguments[count++] = (char *)preferences[i];
    }
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
static inline void cut_line(char *line, const char *fields[FIELDS])
{
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = line;
        line += strcspn(line, "\t");
        if (*line == '\t')
            *line++ = '\0';
    }
}

static inline void expect_number(const char *text, uint32_t value, const char *name, const char *number)
{
    cr_assert_eq(strtoul(text, NULL, 10), value, "%s, frame %s: %u and not %s", name, number, value, text);
}

static inline void expect_address(const char *text, const struct wtr_headers *headers,
                                  const struct wtr_ip *ip, const char *name, const char *number)
{
    char own[INET6_ADDRSTRLEN];
    if (headers->v6)
        inet_ntop(AF_INET6, ip->bytes, own, sizeof own);
    else
        inet_ntop(AF_INET, ip->bytes + 12, own, sizeof own);
    cr_assert_str_eq(own, text, "%s, frame %s: %s and not %s", name, number, own, text);
}

static inline void expect_payload(const char *hex, const struct wtr_packet *packet,
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
static inline bool leads_to_transport(const char *protocols)
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

/* What was read of the frame is what tshark reads of it. */
static inline void compare_headers(const char *name, const struct wtr_packet *packet,
                                   const struct wtr_headers *h, enum wtr_header_verdict verdict,
                                   const char *fields[FIELDS])
{
    const char *number = fields[NUMBER];
    expect_number(number, (uint32_t)packet->frame, name, number);
    bool tcp = verdict == WTR_HEADERS_TCP;
    cr_assert_eq(leads_to_transport(fields[PROTOCOLS]), tcp || verdict == WTR_HEADERS_UDP,
                 "%s, frame %s: verdict %d for %s", name, number, (int)verdict, fields[PROTOCOLS]);
    if (!tcp && verdict != WTR_HEADERS_UDP)
        return;
    expect_address(fields[h->v6 ? SRC_V6 : SRC_V4], h, &h->src, name, number);
    expect_address(fields[h->v6 ? DST_V6 : DST_V4], h, &h->dst, name, number);
    expect_number(fields[tcp ? TCP_SRC : UDP_SRC], h->src_port, name, number);
    expect_number(fields[tcp ? TCP_DST : UDP_DST], h->dst_port, name, number);
    if (tcp) {
        expect_number(fields[TCP_SEQ], h->seq, name, number);
        expect_number(fields[TCP_LENGTH], h->length, name, number);
    } else {
        expect_number(fields[UDP_LENGTH], h->length + 8, name, number);
    }
    expect_payload(fields[tcp ? TCP_PAYLOAD : UDP_PAYLOAD], packet, h, name, number);
}

/* Whether there was a tshark that read to the end. */
static inline bool end_tshark(FILE *lines, pid_t child)
{
    int result = 0;
    (void)fclose(lines);
    waitpid(child, &result, 0);
    return !WIFEXITED(result) || WEXITSTATUS(result) != NO_TSHARK;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* noop_pcap FILE: libpcap reads every packet and nothing is done with it. No program on libpcap can be
 * faster. */
#define _DEFAULT_SOURCE /* u_int and its kin, which the header needs under -std=c11 */

#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

struct count {
    uint64_t packets;
    uint64_t bytes;
};

static void take(unsigned char *user, const struct pcap_pkthdr *header, const unsigned char *bytes)
{
    struct count *count = (struct count *)(void *)user;
    (void)bytes;
    count->packets++;
    count->bytes += header->caplen;
}

int main(int arguments, char **argument)
{
    char error[PCAP_ERRBUF_SIZE];
    struct count count = {0};
    if (arguments != 2) {
        fputs("usage: noop_pcap FILE\n", stderr);
        return 2;
    }
    pcap_t *pcap = pcap_open_offline(argument[1], error);
    if (!pcap) {
        fprintf(stderr, "noop_pcap: %s\n", error);
        return 1;
    }
    int status = pcap_loop(pcap, -1, take, (unsigned char *)&count);
    if (status < 0)
        fprintf(stderr, "noop_pcap: %s\n", pcap_geterr(pcap));
    pcap_close(pcap);
    printf("%s: %llu packets, %llu bytes\n", pcap_lib_version(), (unsigned long long)count.packets,
           (unsigned long long)count.bytes);
    return status < 0;
}

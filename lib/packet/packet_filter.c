/* SPDX-License-Identifier: Apache-2.0 */
/* Filter expressions, compiled by libpcap and run on packets that our own reader found. */
#include "packet/packet_filter.h"

#include <pcap/pcap.h>

#include <stdlib.h>
#include <string.h>

enum { LINK_TYPES = 8 };

struct program {
    struct bpf_program bpf;
    uint16_t link_type;
    bool compiled;
};

struct wtr_packet_filter {
    char *expression;
    struct program programs[LINK_TYPES];
    size_t count;
};

/* Link types of files and of libpcap's interface differ only for raw IP (pcap-linktype(7)). */
static int dlt_of(uint16_t link_type)
{
    return link_type == 101 ? DLT_RAW : (int)link_type;
}

static bool compile(struct program *program, const char *expression, uint16_t link_type, char why[256])
{
    pcap_t *dead = pcap_open_dead(dlt_of(link_type), 262144);
    *program = (struct program){.link_type = link_type};
    if (!dead)
        return false;
    program->compiled = pcap_compile(dead, &program->bpf, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!program->compiled && why) {
        strncpy(why, pcap_geterr(dead), 255);
        why[255] = '\0';
    }
    pcap_close(dead);
    return program->compiled;
}

enum wtr_status wtr_packet_filter_new(struct wtr_packet_filter **filter, const char *expression,
                                      char why[256])
{
    struct wtr_packet_filter *f = calloc(1, sizeof *f);
    if (!f || !(f->expression = strdup(expression))) {
        free(f);
        return WTR_E_MEMORY;
    }
    f->count = 1;
    if (!compile(&f->programs[0], expression, DLT_EN10MB, why)) {
        wtr_packet_filter_free(f);
        return WTR_E_ARGUMENT;
    }
    *filter = f;
    return WTR_OK;
}

void wtr_packet_filter_free(struct wtr_packet_filter *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->count; i++)
        if (f->programs[i].compiled)
            pcap_freecode(&f->programs[i].bpf);
    free(f->expression);
    free(f);
}

static struct program *program_for(struct wtr_packet_filter *f, uint16_t link_type)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->programs[i].link_type == link_type)
            return &f->programs[i];
    if (f->count == LINK_TYPES)
        return NULL;
    struct program *program = &f->programs[f->count++];
    compile(program, f->expression, link_type, NULL);
    return program;
}

bool wtr_packet_filter_passes(struct wtr_packet_filter *f, const struct wtr_packet *packet)
{
    const struct program *program = program_for(f, packet->link_type);
    if (!program || !program->compiled)
        return false;
    struct pcap_pkthdr header = {.caplen = packet->captured, .len = packet->original};
    return pcap_offline_filter(&program->bpf, &header, packet->bytes) != 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is a record of a classic pcap file and what is not. */
#ifndef WTR_PACKET_PCAP_RECORD_H
#define WTR_PACKET_PCAP_RECORD_H

#include "packet/resync.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WTR_PCAP_FILE_HEADER = 24 };

enum wtr_pcap_lengths { WTR_PCAP_CAPTURED_FIRST, WTR_PCAP_ORIGINAL_FIRST, WTR_PCAP_SMALLER_FIRST };

/* How a file's records are written, and what is known of those before. */
struct wtr_pcap_form {
    bool big;
    size_t header;     /* length of a record's header */
    uint32_t fraction; /* parts of a second */
    enum wtr_pcap_lengths lengths;
    uint32_t snap; /* snapshot length; UINT32_MAX: none */
    uint16_t link_type;
    bool times_known; /* seconds[] are those of the last two packets */
    uint32_t seconds[2];
};

struct wtr_pcap_record {
    uint32_t seconds;
    uint32_t fraction;
    uint32_t captured;
    uint32_t original;
};

/* What was peeked at, from the record at hand on. */
struct wtr_pcap_window {
    const uint8_t *bytes;
    size_t length;
    bool last; /* nothing follows it */
};

/* What is to be made of a record. */
enum wtr_pcap_verdict {
    WTR_PCAP_GOOD,
    WTR_PCAP_OTHER_LENGTH, /* its captured length is wrong, and another of its fields tells the right one */
    WTR_PCAP_CUT,          /* the end of the file cuts it */
    WTR_PCAP_UNREADABLE,
};

/* Whether the first 4 bytes are those of a pcap file. */
bool wtr_pcap_magic(const uint8_t *bytes);
/* Reads a file header, which wtr_pcap_magic has accepted. False if it is of no known version; then the form
 * is that of the current one. */
bool wtr_pcap_read_form(struct wtr_pcap_form *form, const uint8_t bytes[WTR_PCAP_FILE_HEADER]);
/* Whether a file header of a known version stands at `at`. */
bool wtr_pcap_file_at(const struct wtr_pcap_window *window, size_t at);

struct wtr_pcap_record wtr_pcap_read_record(const struct wtr_pcap_form *form, const uint8_t *bytes);
/* Whether nothing is odd about the record. */
bool wtr_pcap_fits(const struct wtr_pcap_form *form, const struct wtr_pcap_record *record);
/* Whether the header gives its packet's length twice: it was captured whole, or cut at the snapshot length.
 */
bool wtr_pcap_length_is_sure(const struct wtr_pcap_form *form, const struct wtr_pcap_record *record);

/* Whether nothing is odd about the record at the window's start and what stands behind it. */
bool wtr_pcap_is_plain(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window,
                       const struct wtr_pcap_record *record);
/* A longer look at a record that is not plain. *other is its length, header and all, if that is the verdict.
 */
enum wtr_pcap_verdict wtr_pcap_judge(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window,
                                     size_t *other);
/* Whether records follow one another from `at` on. */
bool wtr_pcap_leads_on(const struct wtr_pcap_form *form, const struct wtr_pcap_window *window, size_t at);

/* What to look for where nothing can be read. The form is borrowed. */
struct wtr_resync_rule wtr_pcap_rule(const struct wtr_pcap_form *form);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a case: its sources, what extraction leaves behind, and the records in the making. */
#ifndef WTR_CASE_CASE_INTERNAL_H
#define WTR_CASE_CASE_INTERNAL_H

#include "base/sorter.h"
#include "evidence/input.h"
#include "infer/signature.h"
#include "model/devices.h"
#include "model/keys.h"
#include "model/statement.h"
#include "timeline/ahead.h"
#include "timeline/clock_sample.h"
#include "timeline/timeline.h"
#include "wattrail/case.h"

enum { WTR_MAX_COVERAGE = 64 };

struct wtr_case_source {
    struct wtr_case *owner;
    char *name;
    char *path;               /* NULL: not a file */
    struct wtr_reader reader; /* of a source that the caller reads */
    void *payload;
    bool has_reader;
    bool is_file;            /* can be opened again, as standard input can't */
    struct wtr_input *input; /* open from adding to reading, where it can't be opened again */
    bool hashed;
    uint8_t sha256[32];
    uint64_t size;
    bool compressed;
    const char *type;
    bool is_dump;
    struct wtr_clock_sample *clock_sample; /* NULL where it is the only source */
    struct wtr_source_summary summary;
    struct wtr_coverage coverage[WTR_MAX_COVERAGE];
};

/* What a path was made of: constants, known by where they stand. */
struct wtr_case_path {
    const char *flow;
    const char *over;
    const char *protocol;
    const char *vendor;
};

/* A keyring as it was given. */
struct wtr_case_keyring {
    char *name;
    uint8_t sha256[32]; /* of its bytes; never shown */
    struct wtr_keyring keys;
};

enum wtr_case_stage { WTR_CASE_OPEN, WTR_CASE_RUNNING, WTR_CASE_READY, WTR_CASE_FAILED };
enum wtr_case_next_up { WTR_NEXT_HEADER, WTR_NEXT_TIMELINE, WTR_NEXT_SUMMARY, WTR_NEXT_END };

struct wtr_case {
    struct wtr_options options;
    enum wtr_case_stage stage;
    struct wtr_case_source **sources;
    size_t source_count;
    struct wtr_feed *feed;

    struct wtr_case_keyring *keyrings;
    size_t keyring_count;
    struct wtr_keyring keys;  /* of all keyrings, in the order of their names, then those found in dumps */
    struct wtr_keyring found; /* in the evidence */
    struct wtr_key_record *key_records; /* of those, and their lines, one behind the other */
    struct wtr_buffer key_lines;
    struct wtr_devices devices;
    struct wtr_text *paths; /* texts of statements' paths */
    struct wtr_case_path *path_parts;
    size_t path_count;
    struct wtr_sorter *items;
    struct wtr_sorter *notes;
    struct wtr_sorter *messages;
    struct wtr_clock *clocks; /* by source */
    uint64_t bytes_done;      /* for progress */
    uint64_t bytes_total;
    bool partial;
    struct wtr_signature *signatures; /* only where events are to be inferred */
    size_t signature_count;
    const char **signature_ids;
    bool on_times; /* some statement says for how long the relay had been on */

    struct wtr_timeline *timeline;
    struct wtr_ahead *ahead; /* its reader */
    uint8_t (*source_sha256)[32];
    enum wtr_case_next_up next;
    struct wtr_record record;
    struct wtr_header header;
    struct wtr_source *header_sources;
    struct wtr_keyring_file *header_keyrings;
    struct wtr_summary summary;
    struct wtr_source_summary *summary_sources;
    struct wtr_buffer error;
};

/* Keeps the words for a failure ("name: what"), and returns the status. */
enum wtr_status wtr_case_fail(struct wtr_case *c, enum wtr_status status, const char *name, const char *what);

/* What stands behind the path's last slash. */
const char *wtr_case_base_name(const char *path);

/* A new source at the end of the list. */
enum wtr_status wtr_case_new_source(struct wtr_case *c, const char *name, struct wtr_case_source **out);

/* Index of the path "<flow>/<over>/<protocol>/<vendor>", made if new. The names are constants; `over` and
 * `vendor` may be NULL. */
uint16_t wtr_case_path(struct wtr_case *c, const char *flow, const char *over, const char *protocol,
                       const char *vendor);

/* sources.c: finding out what is there, and in what order. */
enum wtr_status wtr_sources_order(struct wtr_case *c);
enum wtr_status wtr_source_open(struct wtr_case_source *source, struct wtr_input **input);
void wtr_source_free(struct wtr_case_source *source);
/* Reads the rest, checks that the source did not change since it was first read, and takes its hash and size.
 */
enum wtr_status wtr_source_finish(struct wtr_case_source *source, struct wtr_input *input);
/* Whether it can be read twice. */
bool wtr_source_is_again(const struct wtr_case_source *source);
/* Adds what a decoder did to the source's summary. */
void wtr_source_coverage(struct wtr_case_source *source, const char *decoder, uint64_t records,
                         uint64_t errors);
/* Forgets what was read of the source, so that it can be read again; WTR_E_READ: it can't. */
enum wtr_status wtr_source_rewind(struct wtr_case_source *source);

/* again.c: extraction of all sources, again where a key was found that opens what came before it. */
enum wtr_status wtr_extract_all(struct wtr_case *c);
/* Where statements and messages are sorted. */
enum wtr_status wtr_case_open_sorters(struct wtr_case *c);

/* keyrings.c: the keys of all keyrings in one, so that the order in which they were given does not matter. */
enum wtr_status wtr_keyrings_join(struct wtr_case *c);
/* Makes the records of the keys that were found. */
enum wtr_status wtr_keyrings_list_found(struct wtr_case *c);
void wtr_keyrings_free(struct wtr_case *c);

/* extract.c: one source to statements. */
enum wtr_status wtr_extract_source(struct wtr_case *c, uint32_t index);

/* clocks.c: relates the sources' clocks by what they share, and puts all times on one scale. */
enum wtr_status wtr_case_relate_clocks(struct wtr_case *c);

/* signatures.c: the signatures that ship, and those that were given. */
enum wtr_status wtr_signatures_ship(struct wtr_case *c);

/* inferred.c: adds to the sorted items what the shapes among them tell, once devices have their names. */
enum wtr_status wtr_case_infer(struct wtr_case *c);

/* messages.c: hands the kept messages to whoever wants them, in order. */
enum wtr_status wtr_messages_hand_out(struct wtr_case *c);

/* results.c: header and summary. */
/* Makes the header, once the sources and their order are known. */
enum wtr_status wtr_results_header(struct wtr_case *c);
void wtr_results_summary(struct wtr_case *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Extraction of one dump: images to volumes to entries to statements. Nothing here knows another source but
 * by the keys that it gave. */
#ifndef WTR_CASE_DUMP_H
#define WTR_CASE_DUMP_H

#include "base/sha256.h"
#include "case/case_internal.h"
#include "flash/recognise.h"
#include "vendor/say_context.h"

/* What is done with the entries of a volume. */
enum wtr_dump_pass {
    WTR_DUMP_LEARN,    /* families get to know them, and keys are found */
    WTR_DUMP_READ,     /* families say what they state */
    WTR_DUMP_HAND_OUT, /* the caller gets them */
};

/* A scope in which entries are ordered. */
struct wtr_dump_scope {
    struct wtr_text scope, volume; /* kept in `texts` */
    bool has_rank;
    uint64_t rank;
    uint64_t hash;
    size_t volume_number; /* by place in the image */
};

/* What a volume gave. */
struct wtr_dump_counts {
    uint64_t entries, live, failed, findings;
};

struct wtr_dump {
    struct wtr_case *c;
    struct wtr_case_source *source;
    uint32_t index;
    enum wtr_status status;
    bool keys_only; /* nothing but keys is wanted */

    /* What is read of the source. */
    uint8_t *window;
    size_t from, have;  /* of the window: what is still to be read begins at `from` */
    uint64_t window_at; /* place of the window's first byte in the file */
    bool ended;

    const struct wtr_flash_format **formats; /* all of them, ended by NULL */
    uint64_t *format_records, *format_errors;
    size_t vendor_count;
    void **vendor_states;
    uint64_t *vendor_records, *vendor_errors;

    /* The image that is read. */
    struct wtr_flash_map map;
    uint32_t image; /* from 0 */
    uint64_t chip_at;
    uint64_t image_at;          /* place in the file */
    bool known;                 /* something in the source was recognised */
    bool repeats;               /* the image was read more than once over */
    bool odd;                   /* something about an image of the source says that it is not whole */
    wtr_device_ref *devices;    /* of each image */
    struct wtr_buffer stand_in; /* what the image's device is called until the source's hash is known */
    struct wtr_dump_scope *scopes;
    size_t scope_count, scope_capacity;
    struct wtr_arena texts;
    struct wtr_map secrets; /* paths whose entries hold secrets */

    /* The volume and entry that are read. */
    enum wtr_dump_pass pass;
    const struct wtr_volume *volume;
    size_t volume_number; /* of those that were begun, in this pass */
    size_t volume_index;  /* of the one that is read: its place in `counts` */
    struct wtr_dump_counts *counts;
    size_t count_capacity;
    unsigned depth; /* of layers that were undone */
    bool told_secret;
    size_t format;
    const struct wtr_entry *entry;
    const struct wtr_vendor *vendor;
    size_t vendor_index;
    struct wtr_say say;
    struct wtr_buffer name, scratch, packed;
    struct wtr_sha256 *sha256;
    uint64_t sequence, messages;
    struct wtr_keyring found; /* not yet joined to the case's */
};

/* Reads the source. `keys_only`: for what it gives to others, and leaves nothing else behind. */
enum wtr_status wtr_dump_source(struct wtr_case *c, uint32_t index, bool keys_only);

enum { WTR_DUMP_DEPTH = 3 };

/* dump_image.c: reads one image of the window. False: a failure, which is in `status`. */
bool wtr_dump_image(struct wtr_dump *d, const struct wtr_flash_image *image, uint64_t at, size_t read_to);

/* Reads what a volume holds once a layer is undone. */
void wtr_dump_inside(struct wtr_dump *d, const struct wtr_part *part, const struct wtr_span *span);

/* dump_hand.c: images, volumes and entries for the caller, if it wants them. */
bool wtr_dump_is_wanted(const struct wtr_dump *d);
void wtr_dump_hand_image(struct wtr_dump *d, uint64_t length);
void wtr_dump_hand_volume(struct wtr_dump *d, const struct wtr_flash_found *found);
void wtr_dump_hand_entry(struct wtr_dump *d, const struct wtr_entry *entry, bool secret);

/* dump_entry.c: what becomes of entries and findings. */
extern const struct wtr_flash_sink wtr_dump_sink; /* but for the payload */
void wtr_dump_statement(void *dump, struct wtr_item *item);
void wtr_dump_finding(struct wtr_dump *d, const struct wtr_origin *origin, struct wtr_text where,
                      const char *reason);
void wtr_dump_vendor_finding(void *dump, const struct wtr_span *span, size_t at, size_t length,
                             const char *reason);
void wtr_dump_key(void *dump, enum wtr_key_type type, struct wtr_text id, struct wtr_text secret);
void wtr_dump_sort_scopes(struct wtr_dump *d);
void wtr_dump_forget_scopes(struct wtr_dump *d);

#endif

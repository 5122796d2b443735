/* SPDX-License-Identifier: Apache-2.0 */
/* What a storage format is: a reader from the bytes of a volume (a partition, or a store that was found by
 * its own marks) to entries. It knows neither files nor families, keeps nothing between calls, and is a pure
 * function of the bytes and keys that it is given, so that a test or a fuzzer can call it without a dump.
 *
 * A new format is one `const struct wtr_flash_format` in a file of its own and one line in registry.c; one
 * that a single family of plugs uses lives in that family's folder and is listed by its vendor.
 *
 * Nothing in a volume is trusted: a part that is damaged costs itself alone. What can't be read is a finding,
 * and what fails its check is an entry with integrity "failed", on which nobody builds. */
#ifndef WTR_FLASH_FLASH_H
#define WTR_FLASH_FLASH_H

#include "model/entry.h"
#include "model/keys.h"

/* The smallest unit that flash erases: stores begin and end on it. */
enum { WTR_FLASH_SECTOR = 4096 };

/* A stretch of a dump that one format reads. Borrowed. */
struct wtr_volume {
    struct wtr_text name;  /* "<format>@0x<offset in the dump>", or with a partition's label */
    struct wtr_text label; /* of the partition that it is; empty: found by its own marks */
    uint64_t offset;       /* of its first byte in the dump (of a partition: its offset in the chip) */
    /* Its bytes. Where something that holds it had to be undone first (interleaved sums, a cipher), the span
     * says how. */
    struct wtr_span span;
    const struct wtr_keyring *keys; /* what may open it; may be NULL */
    /* The image that the volume is a part of, as far as it is at hand; may be NULL. */
    const struct wtr_span *image;
};

/* A stretch that one format says another may be in: a partition table's rows, a file that is an image. */
struct wtr_part {
    struct wtr_text label;
    const char *type; /* what the holder says it is: "nvs", "spiffs", "app", "fat" …; NULL: it does not say */
    uint64_t at;      /* first byte, in the chip that the holder describes */
    uint64_t length;
    bool encrypted; /* the holder says that the hardware enciphers it */
};

/* Where a format puts what it finds. */
struct wtr_flash_sink {
    void *payload;
    void (*entry)(void *payload, const struct wtr_entry *entry);
    /* Something that could not be read: `length` bytes at `at` of the volume, and why (a constant sentence
     * fragment without the place). */
    void (*finding)(void *payload, const struct wtr_volume *volume, size_t at, size_t length,
                    const char *reason);
    void (*part)(void *payload, const struct wtr_volume *volume, const struct wtr_part *part);
    /* A key that opens other things, and which the volume gives away by its nature (a partition of NVS keys).
     * What entries mean, and which of them are keys, is the families' business. */
    void (*key)(void *payload, const struct wtr_key_entry *key);
    /* What the volume holds once a layer is undone (interleaved sums, wear levelling, a cipher): it is
     * scanned like an image of its own. `part` says what it should be, and where in the volume it begins. The
     * span is borrowed for the call. May be NULL: then nobody wants to know. */
    void (*inside)(void *payload, const struct wtr_volume *volume, const struct wtr_part *part,
                   const struct wtr_span *span);
};

enum wtr_flash_bid {
    WTR_FLASH_NO = 0,
    WTR_FLASH_MAYBE = 1,   /* fits, and so might others: all are named */
    WTR_FLASH_CERTAIN = 2, /* marks and a check that nothing else has */
};

/* What a probe finds. */
struct wtr_flash_find {
    enum wtr_flash_bid bid;
    size_t before; /* bytes of the volume before the place that was probed: a store is often known by a sector
                    * in its middle */
    size_t length; /* bytes of the volume from its first one on, as far as its marks tell */
};

struct wtr_flash_format {
    const char *name;
    /* Whether a volume of this format is at `at`, which is a multiple of WTR_FLASH_SECTOR from the first byte
     * of the image. Reads only, and no more than a few dozen bytes unless those fit. `keys` may be NULL.
     * NULL: found only where a partition table says so. */
    struct wtr_flash_find (*probe)(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys);
    /* The types of partitions (struct wtr_part) in which it stands, ended by NULL. NULL: in none. */
    const char *const *parts;
    /* Reads the whole volume and hands on everything that is in it, or was. */
    void (*read)(const struct wtr_volume *volume, const struct wtr_flash_sink *sink);
    /* What a volume of this format shows the dump to be of: a chip as its maker writes it ("ESP32-C3",
     * "BK7231N"), or a settings backup (WTR_FLASH_BACKUP); NULL: nothing. May be NULL. */
    const char *(*kind)(const struct wtr_volume *volume);
};

/* What `kind` says of a file that a plug's own software wrote out. */
#define WTR_FLASH_BACKUP "settings backup"

/* The formats that no single family owns, ended by NULL. */
extern const struct wtr_flash_format *const wtr_flash_formats[];

#endif

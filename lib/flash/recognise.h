/* SPDX-License-Identifier: Apache-2.0 */
/* What a dump is made of. An image of a chip (or what was cut from one) is scanned sector by sector with
 * every format's probe, never by offset alone; partition tables say what else to look for, and where. The
 * result is a map: the volumes, what the image is, and what is odd about the read.
 *
 * Where two readings fit the same bytes, both are in the map and both are contested; none is guessed. */
#ifndef WTR_FLASH_RECOGNISE_H
#define WTR_FLASH_RECOGNISE_H

#include "flash/flash.h"

enum { WTR_FLASH_LABEL = 16, WTR_FLASH_MAX_VOLUMES = 4096, WTR_FLASH_MAX_FORMATS = 64, WTR_FLASH_KIND = 64 };

/* A stretch of a dump that holds one image, or the part of one that is in view. */
struct wtr_flash_image {
    const uint8_t *bytes;
    size_t length;
    uint64_t chip_at; /* place of the first byte in the chip: 0 but where an image is longer than the view */
    bool ends;        /* the image ends with these bytes */
};

/* One volume of the map. */
struct wtr_flash_found {
    const struct wtr_flash_format *format; /* NULL: a partition that no format here reads */
    size_t at;                             /* within the image's bytes */
    size_t length;                         /* as far as it is there */
    uint64_t whole;                        /* bytes that it should have */
    enum wtr_flash_bid bid;
    bool from_table; /* a partition table's row says so */
    bool contested;  /* another reading fits the same bytes */
    bool encrypted;  /* the row says that the hardware enciphers it, or its bytes look so */
    char label[WTR_FLASH_LABEL + 1];
    const char *type; /* of the partition, as the table says; NULL: none */
};

/* How the read went, and what can't be seen in it. */
enum wtr_flash_oddity {
    WTR_FLASH_REPEATS = 1 << 0,   /* the second half equals the first */
    WTR_FLASH_SHORT = 1 << 1,     /* the partition table describes more than there is */
    WTR_FLASH_ODD_SIZE = 1 << 2,  /* its length is no power of two */
    WTR_FLASH_ENCRYPTED = 1 << 3, /* where code should be it is as even as cipher text */
    WTR_FLASH_NOTHING = 1 << 4,   /* nothing is recognised */
    WTR_FLASH_BLANK = 1 << 5,     /* every byte is FF, or every byte is 00 */
};

struct wtr_flash_map {
    struct wtr_flash_found *list; /* by place */
    size_t count, capacity;
    unsigned oddities;
    char kind[WTR_FLASH_KIND]; /* "ESP32", "BK7231N", "partition", "settings backup", "storage", "encrypted",
                                  "unknown" */
    bool failed;               /* memory ran out */
    bool full;                 /* more than WTR_FLASH_MAX_VOLUMES */
};

/* Makes the map of the image; `formats` is ended by NULL. `map` may have been used before. */
void wtr_flash_recognise(const struct wtr_flash_image *image, const struct wtr_flash_format *const *formats,
                         const struct wtr_keyring *keys, struct wtr_flash_map *map);
/* The same for what a layer held that was undone, of which `part` says what it should be. */
void wtr_flash_recognise_inside(const struct wtr_span *span, const struct wtr_part *part,
                                const struct wtr_flash_format *const *formats, const struct wtr_keyring *keys,
                                struct wtr_flash_map *map);
void wtr_flash_map_free(struct wtr_flash_map *map);
/* The words for one oddity; NULL for none. */
const char *wtr_flash_oddity_words(enum wtr_flash_oddity oddity);

/* images.c: where the next image of a run of dumps begins behind the one that begins at `start`: an image's
 * own marks at a distance that chips have. `length` where there is none. */
size_t wtr_flash_next_image(const uint8_t *bytes, size_t length, size_t start);

/* blank.c */
/* Whether all bytes are 0xff or all are 0. */
bool wtr_flash_is_blank(const uint8_t *bytes, size_t length);
/* Whether a sector's bytes are as even as those of cipher text: a chi-square test that compressed or
 * enciphered data passes, and code and text do not. Cipher text and well-compressed data can't be told
 * apart. */
bool wtr_flash_is_even(const uint8_t *bytes, size_t length);

#endif

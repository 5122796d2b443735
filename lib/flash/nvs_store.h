/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the NVS reader: a store's items, in every state, with what each is worth. The layout is that
 * of ESP-IDF's "Non-Volatile Storage Library" (Internals) and components/nvs_flash/src/nvs_page.hpp,
 * nvs_types.hpp and nvs_item_hash_list.cpp; all of it was checked on real images, versions 1 and 2. */
#ifndef WTR_FLASH_NVS_STORE_H
#define WTR_FLASH_NVS_STORE_H

#include "flash/flash.h"
#include "flash/gather.h"

enum {
    WTR_NVS_PAGE = 4096,
    WTR_NVS_ITEM = 32,
    WTR_NVS_FIRST = 64, /* the first item's place in its page */
    WTR_NVS_ITEMS = 126,
    WTR_NVS_KEY = 16,
    WTR_NVS_MOST_PAGES = 1024,
    WTR_NVS_SPACES = 1024,
};

enum wtr_nvs_type {
    WTR_NVS_U8 = 0x01,
    WTR_NVS_STR = 0x21,
    WTR_NVS_BLOB = 0x41,  /* version 1: whole */
    WTR_NVS_CHUNK = 0x42, /* version 2: a part of a blob */
    WTR_NVS_INDEX = 0x48, /* version 2: what holds the parts together, written after them */
};

/* What a page's bitmap says of an item. */
enum wtr_nvs_mark { WTR_NVS_ERASED = 0, WTR_NVS_ILLEGAL = 1, WTR_NVS_WRITTEN = 2, WTR_NVS_EMPTY = 3 };

struct wtr_nvs_item {
    size_t at; /* of its first 32 bytes, in the volume */
    uint64_t order;
    bool has_order; /* the page's header, which holds its running number, is sound */
    uint8_t mark;
    uint8_t ns;
    uint8_t type;
    uint8_t span;  /* of 32 bytes each */
    uint8_t chunk; /* number of a part */
    uint8_t key_length;
    char key[WTR_NVS_KEY];
    uint8_t data[8]; /* value, or length and checksum of what follows */
    bool data_holds; /* the checksum of what follows holds, or there is none */
    bool used;       /* a part that some index holds */
    enum wtr_entry_state state;
};

/* How the entries are enciphered. */
struct wtr_nvs_cipher {
    bool on;
    bool closed; /* enciphered, and no key fits */
    uint8_t key[64];
    uint64_t shift; /* from the partition's first byte to the volume's */
    struct wtr_opening opening;
};

struct wtr_nvs_store {
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    struct wtr_nvs_cipher cipher;
    struct wtr_nvs_item *items; /* as they lie in the volume */
    size_t count, capacity;
    uint32_t *by_name;               /* by namespace, key and order */
    uint32_t *by_order;              /* those without one come last */
    uint32_t spaces[WTR_NVS_SPACES]; /* items that name namespaces, by order */
    size_t space_count;
    bool failed; /* memory ran out */
    struct wtr_gather value;
    struct wtr_buffer path;
};

/* nvs_page.c */
enum wtr_nvs_page_state {
    WTR_NVS_PAGE_BLANK,
    WTR_NVS_PAGE_SOUND,
    WTR_NVS_PAGE_DAMAGED,
    WTR_NVS_PAGE_FOREIGN
};
/* What stands in a sector: by its header, or, where that is damaged, by the items behind it. */
enum wtr_nvs_page_state wtr_nvs_page_state(const uint8_t *page);
/* Gathers the items of all pages, and says what could not be read. */
void wtr_nvs_gather(struct wtr_nvs_store *store);
/* The first `opened` of 32 bytes of the volume as they are meant; false where they can't be. */
bool wtr_nvs_open(const struct wtr_nvs_store *store, size_t at, uint8_t opened[WTR_NVS_ITEM]);
/* Whether the 32 bytes are an item whose checksum holds. */
bool wtr_nvs_is_item(const uint8_t item[WTR_NVS_ITEM]);

/* nvs_cipher.c: finds out whether the store is enciphered, and by which key. */
void wtr_nvs_find_key(struct wtr_nvs_store *store);
bool wtr_nvs_decipher(const struct wtr_nvs_cipher *cipher, uint64_t at, const uint8_t *from,
                      uint8_t to[WTR_NVS_ITEM]);

/* nvs_items.c */
/* Sorts the items, and works out which are the store's present word. False: no memory. */
bool wtr_nvs_settle(struct wtr_nvs_store *store);
/* The items of the item's namespace and key that were written around it, in order: *count of them from the
 * returned place in by_name, at most WTR_NVS_AROUND before it and as many after. */
enum { WTR_NVS_AROUND = 1024 };
size_t wtr_nvs_around(const struct wtr_nvs_store *store, const struct wtr_nvs_item *item, size_t *count);
/* Appends the name of the item's namespace, as it was when the item was written. */
void wtr_nvs_put_namespace(const struct wtr_nvs_store *store, const struct wtr_nvs_item *item,
                           struct wtr_buffer *out);

/* The size of a number's type; 0: it is none. */
static inline size_t wtr_nvs_number_size(uint8_t type)
{
    size_t size = type & 0x0f;
    bool number = (type & 0xe0) == 0 && (size == 1 || size == 2 || size == 4 || size == 8);
    return number ? size : 0;
}

/* Whether bytes stand behind the item's own 32. */
static inline bool wtr_nvs_is_long(uint8_t type)
{
    return type == WTR_NVS_STR || type == WTR_NVS_BLOB || type == WTR_NVS_CHUNK;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What extraction leaves for reconciliation: statements and the few other items that reconciliation needs,
 * as flat records that can be sorted on disk. A record is packed into a buffer and unpacked in place: its
 * texts point into the packed bytes. */
#ifndef WTR_MODEL_STATEMENT_H
#define WTR_MODEL_STATEMENT_H

#include "base/text.h"
#include "model/span.h"
#include "wattrail/entry.h"
#include "wattrail/event.h"

#define WTR_NO_DEVICE UINT32_MAX

/* The order of lines: by time, then source, place in the source, and the order of saying. */
struct wtr_key {
    int64_t time_ns; /* INT64_MAX: without any time */
    uint32_t source;
    uint64_t record_offset;
    uint64_t offset;
    uint64_t sequence; /* running number within the source */
};

int wtr_key_compare(const struct wtr_key *a, const struct wtr_key *b);
/* The same for a sorter, whose keys may stand anywhere. */
int wtr_key_compare_any(const void *a, const void *b);

enum wtr_item_type {
    WTR_ITEM_STATEMENT,
    WTR_ITEM_FINDING,  /* something that could not be read */
    WTR_ITEM_GAP,      /* a finding, too: bytes of a stream were lost */
    WTR_ITEM_FLOW_END, /* a flow with statements ended: no line of its own */
    WTR_ITEM_WINDOW,   /* from when to when a flow of a device was followed */
    WTR_ITEM_UNREAD,   /* a device was asked something that could not be read: no line of its own */
    WTR_ITEM_SHAPE,    /* enciphered records that fit a signature: no line of its own */
};

/* Which way an MQTT message went. */
enum wtr_leg {
    WTR_LEG_NONE,        /* not through a broker, or not to be told */
    WTR_LEG_TO_BROKER,   /* published by a client */
    WTR_LEG_FROM_BROKER, /* delivered to a subscriber */
};

enum wtr_statement_flag {
    WTR_FLAG_RETAINED = 1 << 0,
    WTR_FLAG_PAST = 1 << 1,
    WTR_FLAG_POLLED = 1 << 2,
    WTR_FLAG_LAST_WILL = 1 << 3,
    WTR_FLAG_BOUNDED = 1 << 4, /* only earliest and latest are known */
    WTR_FLAG_EARLIEST = 1 << 5,
    WTR_FLAG_LATEST = 1 << 6,
    WTR_FLAG_OR_LIVE = 1 << 9,   /* RETAINED, but it may be a live message handed on with the mark */
    WTR_FLAG_ON_TIME = 1 << 12,  /* says for how long the relay had been on */
    WTR_FLAG_NUMBERED = 1 << 11, /* `segment` is what the repeats of a numbered report have in common */
    WTR_FLAG_DERIVED = 1 << 10,  /* computed from other statements */
    WTR_FLAG_RESUMED =
        1 << 8, /* delivered right after the broker resumed a session: it may have waited for long */
    WTR_FLAG_EXCHANGE = 1 << 7,  /* each answer stands on its own: the flow's end or gap loses nothing */
    WTR_FLAG_STORED = 1 << 13,   /* from storage: its entry's state, order and checks are known */
    WTR_FLAG_WRITTEN = 1 << 14,  /* the device dated it by its own clock: that is the origin's time */
    WTR_FLAG_SEQUENCE = 1 << 15, /* `order_sequence` is known */
};

enum wtr_stored_flag {
    WTR_STORED_MIXED = 1 << 0,      /* parts come from different generations */
    WTR_STORED_ATTRIBUTED = 1 << 1, /* the entry's path was given by size and shape */
};

/* The part of a statement that has a fixed size. */
struct wtr_statement {
    struct wtr_key key;
    struct wtr_origin origin;
    uint64_t message;      /* running number of the message within the source */
    uint64_t flow;         /* id of the flow within the case, 0: none */
    uint64_t exchange;     /* what a request and its answers alone have in common within the case; 0: none */
    uint8_t relay[16];     /* what a broker's copies have in common; zero: can't be relayed */
    uint8_t segment[16];   /* what the same bytes at another port have in common; zero: none */
    int64_t shift_ns;      /* what was added to the source's times to put them on the common scale */
    int64_t flow_start_ns; /* when the flow was opened; INT64_MIN: not seen */
    int64_t earliest_ns;
    int64_t latest_ns;
    uint32_t device;
    uint32_t resolution_ns;
    uint32_t plain_offset; /* of an opened message: the value's place in its plain text */
    uint32_t plain_length;
    uint16_t path; /* index of the path's text within the case */
    uint16_t flags;
    uint16_t outlet;
    uint16_t index;   /* within the message */
    uint16_t ordinal; /* among statements of this kind and channel from the same bytes */
    uint8_t type;     /* enum wtr_item_type */
    uint8_t kind;
    uint8_t leg;
    uint8_t trigger;
    uint8_t basis;
    uint8_t channel_length;
    uint64_t order_sequence; /* of a stored one: its entry's place in its scope */
    uint8_t entry_state;     /* enum wtr_entry_state */
    uint8_t integrity;       /* enum wtr_integrity */
    uint8_t order_basis;     /* enum wtr_order_basis */
    uint8_t stored;          /* enum wtr_stored_flag */
    uint8_t inferred;        /* from the shape of enciphered traffic; not the device's word */
    uint8_t unused[3];
};

enum {
    WTR_MAX_VALUES = 32,
    WTR_MAX_RAWS = 24,
    WTR_MAX_PARTS = 32,
    WTR_MAX_CHANNEL = 63,
};

/* A window's numbers, in this order, as its values. */
enum wtr_window_value {
    WTR_WINDOW_TO_NS,
    WTR_WINDOW_CLIENT_FRAMES,
    WTR_WINDOW_SERVER_FRAMES,
    WTR_WINDOW_CLIENT_BYTES,
    WTR_WINDOW_SERVER_BYTES,
    WTR_WINDOW_GAPS,
    WTR_WINDOW_LOST_BYTES,
    WTR_WINDOW_FROM_START,
    WTR_WINDOW_VALUES,
};

/* A shape's numbers, in this order, as its values: the signature, its sequence, and the lengths of the first
 * two records. */
enum wtr_shape_value {
    WTR_SHAPE_SIGNATURE,
    WTR_SHAPE_SEQUENCE,
    WTR_SHAPE_REQUEST,
    WTR_SHAPE_RESPONSE,
    WTR_SHAPE_VALUES,
};

/* A statement with its texts and lists. Unpacked: everything points into the packed record. */
struct wtr_item {
    struct wtr_statement fixed;
    struct wtr_text channel;
    struct wtr_value values[WTR_MAX_VALUES];
    size_t value_count;
    struct wtr_raw raws[WTR_MAX_RAWS];
    size_t raw_count;
    struct wtr_origin parts[WTR_MAX_PARTS];
    size_t part_count;
    /* Of a command: who sent it. Of a window: its client's end, and (as user) its server's. Empty where not
     * known. */
    struct wtr_text endpoint;
    struct wtr_text client_id;
    struct wtr_text user;
    struct wtr_text app_id;
    /* Of a statement from an opened message: the steps, the key that opened it and where that came from. */
    struct wtr_text transform;
    struct wtr_text key;
    struct wtr_text key_origin;
    struct wtr_text derived_from; /* of what was derived: struct wtr_id, one behind the other */
    /* Of a stored one: its entry's volume and path, the scope of its order, how the store had enciphered it,
     * and what its integrity rests on. Of a finding in a dump: the volume. */
    struct wtr_text volume;
    struct wtr_text entry;
    struct wtr_text order_scope;
    struct wtr_text encryption;
    struct wtr_text check;
    /* Of a finding: the decoder, and why. Of a window: the protocol, and how it ended. */
    struct wtr_text where;
    struct wtr_text reason;
};

/* Appends the item to the buffer, without its key, under which it is kept. */
void wtr_item_pack(const struct wtr_item *item, struct wtr_buffer *out);
/* Puts digests into a packed item in whose fixed part there stood others, of any bytes but zero. NULL: those
 * that are there stay. */
void wtr_item_set_digests(uint8_t *packed, const uint8_t relay[16], const uint8_t segment[16]);
/* The fixed part and the channel alone, for those who need no more. */
bool wtr_item_peek(const struct wtr_key *key, struct wtr_text packed, struct wtr_statement *fixed,
                   struct wtr_text *channel);
/* False if the record is not whole, which means a defect or a damaged temporary file. */
bool wtr_item_unpack(const struct wtr_key *key, struct wtr_text packed, struct wtr_item *item);

/* The value of a field; NULL if the item lacks it. */
const struct wtr_value *wtr_item_value(const struct wtr_item *item, enum wtr_field field);

#endif

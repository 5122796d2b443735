/* SPDX-License-Identifier: Apache-2.0 */
/** @file record.h The records of a timeline, one for each line of the JSON form. */
#ifndef WATTRAIL_RECORD_H
#define WATTRAIL_RECORD_H

#include "wattrail/event.h"
#include "wattrail/text.h"

#include <stdbool.h>
#include <stdint.h>

/** What a record is. Open: later versions add types at the end. */
enum wtr_record_type {
    WTR_RECORD_HEADER,
    WTR_RECORD_EVENT,
    WTR_RECORD_FINDING,
    WTR_RECORD_WINDOW,
    WTR_RECORD_SUMMARY,
};

/** A source as the header names it. */
struct wtr_source {
    const char *name; /**< base name of the file, or the name that the caller gave */
    const char *type; /**< "pcap", "pcapng", "packets", "dump" */
    uint64_t size;    /**< bytes as stored; 0 where not known beforehand */
    bool compressed;  /**< gzip: offsets are in the uncompressed file */
};

/** A keyring as the header names it. */
struct wtr_keyring_file {
    const char *name; /**< base name of the file, or the name that the caller gave */
    uint64_t keys;    /**< how many keys it holds */
};

/** The first record. */
struct wtr_header {
    const char *schema;               /**< "wattrail/1" */
    const char *tool;                 /**< "wattrail <version>" */
    const struct wtr_source *sources; /**< numbered from 0, in the order of their SHA-256 */
    size_t source_count;
    int64_t cause_window_ns; /**< options that change content */
    bool reveal_secrets;
    const char *filter;                      /**< NULL: none */
    const struct wtr_keyring_file *keyrings; /**< those that were given, by name */
    size_t keyring_count;
    bool include_inferred;         /**< inferred events are among the records */
    const char *const *signatures; /**< ids of the signatures by which they were sought */
    size_t signature_count;
};

/** Something that could not be read, or was missing. */
struct wtr_finding {
    struct wtr_evidence evidence;
    bool has_time;
    int64_t time_ns;
    struct wtr_text where;   /**< the decoder: pcapng, ipv4, tcp, mqtt, tasmota … */
    struct wtr_text reason;  /**< constant words, for grouping */
    struct wtr_text message; /**< one sentence for people */
    struct wtr_text volume;  /**< in a dump: the store in which it is; empty: none */
};

/** From when to when a flow of a device was followed, and what was missing in it. */
struct wtr_window {
    uint32_t source;
    struct wtr_text device;   /**< empty: the flow's plugs are not known */
    struct wtr_text protocol; /**< mqtt … */
    struct wtr_text client;   /**< address and port */
    struct wtr_text server;
    struct wtr_text client_id;
    int64_t from_ns;
    int64_t to_ns;
    bool from_start;     /**< its beginning was seen */
    struct wtr_text end; /**< fin, rst, reused, evicted, capture_end */
    uint64_t frames[2];  /**< from the client, from the server */
    uint64_t bytes[2];   /**< payload, from the client, from the server */
    uint64_t gaps;
    uint64_t lost_bytes;
    bool encrypted;
};

/** What one decoder did in one source. */
struct wtr_coverage {
    const char *decoder; /**< mqtt, tasmota … */
    uint64_t records;    /**< messages read, or statements made */
    uint64_t errors;     /**< findings of this decoder */
};

/** What was read of one source. */
struct wtr_source_summary {
    char sha256[65]; /**< of the source as stored */
    uint64_t size;   /**< bytes as stored */
    uint64_t frames;
    uint64_t bytes; /**< captured bytes of all frames */
    bool complete;  /**< nothing was cut short, damaged or dropped */
    bool has_time;
    int64_t first_ns; /**< earliest and latest frame time */
    int64_t last_ns;
    bool drops_known; /**< the capture says how many packets were dropped */
    uint64_t dropped;
    uint64_t snapped; /**< frames cut by the capture's snapshot length */
    uint64_t gaps;    /**< gaps in followed streams */
    uint64_t lost_bytes;
    uint64_t repeated;         /**< segments that brought nothing new */
    uint64_t altered;          /**< segments that repeated with other bytes */
    uint64_t flows;            /**< TCP connections */
    uint64_t followed;         /**< of them claimed by a decoder */
    uint64_t evicted;          /**< given up for want of room */
    uint64_t fragments;        /**< IP fragments */
    uint64_t fragments_lost;   /**< datagrams that never became whole, and fragments refused */
    uint64_t encrypted_frames; /**< 802.11 frames that stay encrypted */
    uint64_t unread_frames;    /**< frames of link types and protocols that are not read */
    uint64_t bad_frames;       /**< frames whose headers are cut or contradict themselves */
    uint64_t filtered;         /**< frames that the filter left out */
    const struct wtr_coverage *coverage;
    size_t coverage_count;
    bool clock_related;      /**< its clock's relation to a lower-numbered source's was measured */
    uint32_t clock_scale;    /**< whose clock its events' times are on: that source's, or its own */
    int64_t clock_offset_ns; /**< how far its clock is ahead of that one (RFC 2330), at the middle of what
                                both saw */
    int64_t clock_skew_ppb;  /**< how much faster it runs, in thousand millionths */
    int64_t clock_uncertainty_ns; /**< the largest residual */
    uint64_t clock_shared;        /**< messages that the measurement rests on */
    uint64_t opened_frames;       /**< 802.11 frames that were opened with a key */
};

/** The last record; without it a result is incomplete. */
struct wtr_summary {
    uint64_t events;
    uint64_t findings;
    uint64_t windows;
    uint64_t copies; /**< further origins of events */
    const struct wtr_source_summary *sources;
    size_t source_count;
};

/** One record. Borrowed; filled by the library, never copied or embedded by callers. */
struct wtr_record {
    enum wtr_record_type type;
    union {
        const struct wtr_header *header;
        const struct wtr_event *event;
        const struct wtr_finding *finding;
        const struct wtr_window *window;
        const struct wtr_summary *summary;
    } as; /**< the member that `type` names */
};

/** One protocol message. Borrowed for the callback. */
struct wtr_message_record {
    const char *protocol; /**< the decoder's name */
    const char *type;     /**< the protocol's own word in lower case */
    bool has_time;
    int64_t time_ns;     /**< of the frame with its first byte */
    struct wtr_text src; /**< address and port */
    struct wtr_text dst;
    struct wtr_text fields; /**< the protocol's fields as a JSON object */
    struct wtr_evidence evidence;
    const struct wtr_evidence *parts; /**< of a message from several frames: all of them */
    size_t part_count;
    struct wtr_transform transform; /**< how the bytes at `evidence` were read */
};

/** One image in a dump: what a chip holds, or what was cut from it. Borrowed for the callback. */
struct wtr_image_record {
    uint32_t source;
    unsigned image;       /**< within the source, from 1 */
    struct wtr_text kind; /**< "ESP32", "BK7231N", "partition", "settings backup", "storage", "encrypted",
                             "unknown"; two that fit alike are joined by " or " */
    uint64_t offset;      /**< of its first byte, in the file */
    uint64_t length;
    bool encrypted; /**< where code should stand the bytes are as even as cipher text */
};

/** One volume of an image: a partition, or a store that was found by its own marks. Borrowed for the
 * callback.
 */
struct wtr_volume_record {
    uint32_t source;
    unsigned image;
    struct wtr_text name;   /**< "nvs@0x9000", as in entries and events */
    struct wtr_text format; /**< the storage format; empty: a partition that is not read */
    struct wtr_text label;  /**< the partition table's name for it; empty: no table names it */
    struct wtr_text type;   /**< what the partition table says it is; empty: none says */
    uint64_t offset;        /**< of its first byte, in the file */
    uint64_t length;        /**< as far as it is there */
    uint64_t whole;         /**< bytes that it should have */
    bool certain;           /**< a check or a partition table says that it is one; else it merely fits */
    bool contested;         /**< another format fits the same bytes: both readings are given */
    bool encrypted;         /**< the chip enciphers it, by the partition table's word or by its bytes */
    unsigned depth;    /**< layers that had to be undone to reach it: then `offset` is its first byte's */
    uint64_t entries;  /**< that it gives */
    uint64_t live;     /**< of them the store's present word */
    uint64_t failed;   /**< of them those whose check fails */
    uint64_t findings; /**< what could not be read in it */
};

/** One entry: a thing that storage holds, or held. Borrowed for the callback. */
struct wtr_entry_record {
    uint32_t source;
    unsigned image;
    const char *format;
    struct wtr_text volume;
    struct wtr_text path; /**< the store's own name for it; empty: it has none */
    const char *type;     /**< the store's own word; NULL: none */
    enum wtr_entry_state state;
    enum wtr_integrity integrity;
    const char *check; /**< what `integrity` rests on; NULL: nothing */
    struct wtr_entry_order order;
    bool mixed;                   /**< its parts come from different generations */
    bool attributed;              /**< `path` was given to a nameless one by size and shape: probable only */
    bool has_written;             /**< the store dates it */
    int64_t written_s;            /**< by the device's clock: seconds since 1970 */
    const char *encryption;       /**< how the store had enciphered it; NULL: not */
    bool secret;                  /**< its value is a secret */
    struct wtr_evidence evidence; /**< of its first piece; `length` is the value's where it is in one piece */
    const struct wtr_evidence *parts; /**< of a scattered value: all its pieces */
    size_t part_count;
    struct wtr_transform transform; /**< how the bytes at `evidence` were read */
    struct wtr_text value;          /**< its bytes, opened and put together */
    char sha256[65];                /**< of `value` */
};

/** A key that the evidence gave. Borrowed until the case is freed. */
struct wtr_key_record {
    struct wtr_text line; /**< as it may stand in a keyring file: secret */
    const char *name;     /**< as it is shown */
    const char *origin;   /**< where it was found */
};

/** One device, as all evidence together shows it. */
struct wtr_device_record {
    struct wtr_text device; /**< the name that events use */
    struct wtr_text vendor; /**< the family */
    struct wtr_text model;
    struct wtr_text firmware;
    const struct wtr_text *macs;
    size_t mac_count;
    const struct wtr_text *ips;
    size_t ip_count;
    const struct wtr_text *names; /**< names that its owner or its network gave, and its other ids */
    size_t name_count;
    bool has_time;
    int64_t first_ns; /**< earliest and latest statement */
    int64_t last_ns;
    uint64_t events;
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** @file case.h The front door: evidence goes in, records come out.
 *
 * A case is made with wtr_case_new, given its evidence, run, and read:
 *
 * @code
 *     wtr_case *c;
 *     if (wtr_case_new(&c, NULL) == WTR_OK && wtr_case_add_path(c, "scene.pcapng") == WTR_OK &&
 *         wtr_case_run(c) <= WTR_PARTIAL)
 *         for (const struct wtr_record *r; wtr_case_next(c, &r) == WTR_OK;)
 *             use(r);
 *     wtr_case_free(c);
 * @endcode
 *
 * Different cases may be used by different threads at the same time; one case by one thread at a time. The
 * library never prints, exits, or changes the process's state; the words for an error are wtr_case_error's.
 */
#ifndef WATTRAIL_CASE_H
#define WATTRAIL_CASE_H

#include "wattrail/event.h"
#include "wattrail/export.h"
#include "wattrail/record.h"
#include "wattrail/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A case: its evidence, options and results. Opaque. */
typedef struct wtr_case wtr_case;

/** A source that is given packet by packet. Opaque; owned by its case. */
typedef struct wtr_feed wtr_feed;

/** Called now and then during wtr_case_run: bytes done of all (0: not known). A result other than 0 cancels
 * the run, which then returns WTR_E_CANCELLED. */
typedef int wtr_progress_fn(void *payload, uint64_t done, uint64_t total);

/** Called for each protocol message during wtr_case_run, in order of time. */
typedef void wtr_message_fn(void *payload, const struct wtr_message_record *message);

/** Called for each image, volume and entry of a dump during wtr_case_run: for an image, then for each of its
 * volumes, each followed by its entries. */
typedef void wtr_image_fn(void *payload, const struct wtr_image_record *image);
typedef void wtr_volume_fn(void *payload, const struct wtr_volume_record *volume);
typedef void wtr_entry_fn(void *payload, const struct wtr_entry_record *entry);

/** A record of application data in a TLS connection, as its header shows it. Everything that it points to is
 * borrowed for the call. */
struct wtr_shape_record {
    uint32_t source;             /**< number of the source */
    uint64_t connection;         /**< number of the connection, in all sources */
    int64_t time_ns;             /**< the time of its first byte's frame */
    struct wtr_text client;      /**< "address:port" */
    struct wtr_text server;      /**< "address:port" */
    struct wtr_text server_name; /**< that the client asked for; empty: not known, or none */
    bool from_server;            /**< who sent it */
    uint32_t length;             /**< of its body, enciphered as it stands */
    bool lost; /**< bytes were lost in the connection before it: it may not be the next record */
};

/** Called for each record of application data during wtr_case_run, source by source. */
typedef void wtr_shape_fn(void *payload, const struct wtr_shape_record *record);

/** What a case is run with. Initialise with wtr_options_init, then change what is wanted. Later versions add
 * members at the end; `size` tells the library which version the caller was compiled with. */
struct wtr_options {
    size_t size;               /**< sizeof(struct wtr_options), set by wtr_options_init */
    size_t memory;             /**< bytes for sorting before the disk is used (default 12 MiB) */
    const char *temporary;     /**< directory for what does not fit; NULL: $TMPDIR, else /tmp */
    int64_t cause_window_ns;   /**< how long before a pushed change a command may be its cause (2 s) */
    bool reveal_secrets;       /**< show passwords and keys instead of their hashes */
    const char *filter;        /**< a libpcap filter expression that packets must pass; NULL: none */
    wtr_progress_fn *progress; /**< may be NULL */
    void *progress_payload;    /**< handed to `progress` */
    wtr_message_fn *message;   /**< may be NULL */
    void *message_payload;     /**< handed to `message` */
    bool messages_only;        /**< decode messages and nothing else: the timeline holds findings alone */
    wtr_image_fn *image;       /**< may be NULL */
    wtr_volume_fn *volume;     /**< may be NULL */
    wtr_entry_fn *entry;       /**< may be NULL */
    void *dump_payload;        /**< handed to `image`, `volume` and `entry` */
    bool include_inferred;     /**< also events that are inferred from the shape of enciphered traffic */
    wtr_shape_fn *shape;       /**< may be NULL */
    void *shape_payload;       /**< handed to `shape` */
};

/** Sets the defaults. */
WTR_API void wtr_options_init(struct wtr_options *options);

/** Bytes of a source from the caller. */
struct wtr_reader {
    /** Fills up to `size` bytes and returns how many; 0 at the end, -1 on an error. */
    int64_t (*read)(void *payload, void *buffer, size_t size);
    /** The whole length in bytes, -1 if not known. May be NULL. */
    int64_t (*size)(void *payload);
    /** Goes back to the first byte; 0 if that worked. May be NULL: then the source is read once only, and its
     * place among several sources is by the order in which they were given. */
    int (*rewind)(void *payload);
    /** Called once, when the case no longer needs the source. May be NULL. */
    void (*close)(void *payload);
};

/** One packet for wtr_feed_packet. */
struct wtr_feed_packet {
    const void *bytes;      /**< from the link-layer header on */
    size_t captured;        /**< bytes that are there */
    size_t original;        /**< bytes that were on the wire */
    int64_t time_ns;        /**< nanoseconds since 1970-01-01T00:00:00Z on the capture's clock */
    uint32_t resolution_ns; /**< how coarse `time_ns` is; 0: 1 */
    uint16_t link_type;     /**< LINKTYPE_ value (1: Ethernet) */
    uint64_t frame;         /**< number of the frame in its source, from 1; 0: one more than the last */
    uint64_t record_offset; /**< where the frame's record starts in its source */
    uint64_t data_offset;   /**< where its first byte stands in its source */
};

/** Makes a case. `options` may be NULL for the defaults and is copied (the texts that it points to must
 * outlive the case). WTR_E_ARGUMENT for options that make no sense, WTR_E_MEMORY. */
WTR_API enum wtr_status wtr_case_new(wtr_case **c, const struct wtr_options *options);

/** Frees the case and all that was borrowed from it. NULL is allowed. */
WTR_API void wtr_case_free(wtr_case *c);

/** Adds a file ("-": standard input), opened read-only: a capture, or what is no capture and is then read as
 * the dump of a flash memory. WTR_E_NOT_FOUND, WTR_E_READ (also for a directory) or WTR_E_UNRECOGNISED for an
 * empty file; whether a dump is recognised shows when it is read. A file whose bytes are those of an earlier
 * source is that source, and is not added again. */
WTR_API enum wtr_status wtr_case_add_path(wtr_case *c, const char *path);

/** Adds a source whose bytes the caller supplies, under a name. `reader` is copied; `payload` is closed with
 * it, also when this call fails. */
WTR_API enum wtr_status wtr_case_add_reader(wtr_case *c, const char *name, const struct wtr_reader *reader,
                                            void *payload);

/** Adds a source that is given packet by packet, under a name. Its events cite the places that the caller
 * gives with each packet; its identity is `sha256` if given (32 bytes), else the hash of what was fed. The
 * case is then run by feeding: wtr_feed_packet for each packet in order, then wtr_case_run. Feeds come before
 * any other source is run, so a case has either feeds or other sources. */
WTR_API enum wtr_status wtr_case_add_feed(wtr_case *c, const char *name, const uint8_t *sha256,
                                          wtr_feed **feed);

/** Adds the keys of a keyring file ("-": standard input), by which what is enciphered in the evidence is
 * opened: lines of text, or JSON as tinytuya keeps it (docs/formats.md). To be called before the case is run
 * or given a feed. WTR_E_NOT_FOUND, WTR_E_READ or WTR_E_UNRECOGNISED; wtr_case_error then names the
 * file, the line and what was expected, never what stood there. */
WTR_API enum wtr_status wtr_case_add_keys(wtr_case *c, const char *path);

/** The same for a keyring in memory, under a name. The bytes are needed for this call only. */
WTR_API enum wtr_status wtr_case_add_keys_memory(wtr_case *c, const char *name, const void *bytes,
                                                 size_t length);

/** Adds the secrets of a TLS key log in NSS's form, as libraries write it where SSLKEYLOGFILE names; a
 * keyring may hold such lines, too. As wtr_case_add_keys. */
WTR_API enum wtr_status wtr_case_add_keylog(wtr_case *c, const char *path);

/** The same for a key log in memory, under a name. */
WTR_API enum wtr_status wtr_case_add_keylog_memory(wtr_case *c, const char *name, const void *bytes,
                                                   size_t length);

/** Adds the private RSA key of a TLS server, as PEM or DER without a passphrase, by which connections are
 * opened whose secret the client enciphered for it. As wtr_case_add_keys. */
WTR_API enum wtr_status wtr_case_add_rsa_key(wtr_case *c, const char *path);

/** The same for a key in memory, under a name. */
WTR_API enum wtr_status wtr_case_add_rsa_key_memory(wtr_case *c, const char *name, const void *bytes,
                                                    size_t length);

/** Adds a signature by which events are inferred, a JSON file (docs/inference.md), beside those that ship
 * with the library; one with the same id takes the shipped one's place. As wtr_case_add_keys. */
WTR_API enum wtr_status wtr_case_add_signature(wtr_case *c, const char *path);

/** The same for a signature in memory, under a name. */
WTR_API enum wtr_status wtr_case_add_signature_memory(wtr_case *c, const char *name, const void *bytes,
                                                      size_t length);

/** Takes one packet. The bytes are needed for this call only. */
WTR_API enum wtr_status wtr_feed_packet(wtr_feed *feed, const struct wtr_feed_packet *packet);

/** Reads all evidence and reconciles what it states. WTR_OK; WTR_PARTIAL if something could not be read (the
 * summary and the findings say what); WTR_E_UNRECOGNISED, WTR_E_READ, WTR_E_WRITE (temporary file),
 * WTR_E_MEMORY, WTR_E_CANCELLED. To be called once. */
WTR_API enum wtr_status wtr_case_run(wtr_case *c);

/** The next record: first the header, then events, findings and windows in order, last the summary; WTR_END
 * after it. Borrowed until the next call. The header may be asked for while wtr_case_run is under way, by a
 * message callback that wants to write it first; anything else then is WTR_E_ARGUMENT. */
WTR_API enum wtr_status wtr_case_next(wtr_case *c, const struct wtr_record **record);

/** Calls `each` for every record that is left; a result other than 0 stops with WTR_E_CANCELLED. */
WTR_API enum wtr_status
wtr_case_each(wtr_case *c, int (*each)(void *payload, const struct wtr_record *record), void *payload);

/** The devices found, once all records were read; NULL beyond the last. Borrowed until the case is freed. */
WTR_API const struct wtr_device_record *wtr_case_device(const wtr_case *c, size_t index);

/** The keys that dumps gave, once the case was run; NULL beyond the last. Borrowed until the case is freed.
 */
WTR_API const struct wtr_key_record *wtr_case_key(const wtr_case *c, size_t index);

/** What went wrong in the last call that failed, in one sentence that names the source; "" if none did. */
WTR_API const char *wtr_case_error(const wtr_case *c);

#ifdef __cplusplus
}
#endif

#endif

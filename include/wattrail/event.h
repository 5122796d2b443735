/* SPDX-License-Identifier: Apache-2.0 */
/** @file event.h Events: what the evidence states, when, and where it says so. */
#ifndef WATTRAIL_EVENT_H
#define WATTRAIL_EVENT_H

#include "wattrail/entry.h"
#include "wattrail/field.h"
#include "wattrail/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How a value of an event's data is held. */
enum wtr_value_type {
    WTR_VALUE_TEXT,    /**< `text` */
    WTR_VALUE_DECIMAL, /**< `number` in millionths of the field's unit (watt-hours: microwatt-hours) */
    WTR_VALUE_INTEGER, /**< `number` */
    WTR_VALUE_BOOLEAN, /**< `number` is 0 or 1 */
};

/** One interpreted value. */
struct wtr_value {
    enum wtr_field field;
    enum wtr_value_type type;
    int64_t number;
    struct wtr_text text;
};

/** How a raw value stood in the evidence. */
enum wtr_raw_type {
    WTR_RAW_TEXT,    /**< text or bytes, not necessarily UTF-8 */
    WTR_RAW_LITERAL, /**< a JSON number, true, false or null, as written */
    WTR_RAW_JSON,  /**< a JSON string with escapes, object or array, as written (a string without its quotes)
                    */
    WTR_RAW_BYTES, /**< bytes that are no text even where they look like it: the bits of a word, a number */
};

/** One value as it stood in the evidence, under the evidence's own name for it. */
struct wtr_raw {
    struct wtr_text name;
    struct wtr_text value;
    enum wtr_raw_type type;
};

/** A place in a source. */
struct wtr_evidence {
    uint32_t source;        /**< number of the source, as in the header */
    uint64_t frame;         /**< from 1, as tshark and tcpdump count; 0: the source has no frames */
    uint64_t record_offset; /**< where the frame's record or block starts in the (uncompressed) file */
    uint64_t offset;        /**< first byte of the value, in the (uncompressed) file */
    uint64_t length;        /**< bytes at `offset` */
    int64_t time_ns;        /**< the frame's time as the source gives it */
    const char *as;         /**< of a further origin: relay, retransmission, repeat, vantage; else NULL */
};

/** One bound of a time; `known` false: open. */
struct wtr_bound {
    bool known;
    int64_t time_ns;
};

/** What an event's time rests on. */
enum wtr_time_basis {
    WTR_TIME_CAPTURE, /**< the capture's clock */
    WTR_TIME_DEVICE,  /**< the device's own clock, reconciled */
    WTR_TIME_ORDER,   /**< only a place in a sequence is known */
    WTR_TIME_BOUNDED, /**< only bounds are known */
};

/** How sure an event is: the weakest that applies. */
enum wtr_certainty {
    WTR_OBSERVED,
    WTR_DECRYPTED,
    WTR_DERIVED,
    WTR_RECOVERED,
    WTR_INFERRED,
};

/** How a state relates to the last live statement of its channel. */
enum wtr_change {
    WTR_CHANGE_NONE,    /**< not a live statement of a state */
    WTR_CHANGE_FIRST,   /**< nothing was known before */
    WTR_CHANGE_SAME,    /**< as stated before */
    WTR_CHANGE_CHANGED, /**< other than stated before */
};

/** An event's id: 16 lower-case hexadecimal digits and a NUL. */
struct wtr_id {
    char text[17];
};

enum {
    WTR_MAX_DERIVED_FROM = 16, /**< events that are listed of those that one was derived from */
    WTR_MAX_ALSO = 16,         /**< further origins that are listed */
    WTR_MAX_OTHERS = 8,        /**< other commands that are listed with a cause */
};

/** A correlation that may explain an event. */
struct wtr_cause {
    enum wtr_trigger trigger; /**< WTR_TRIGGER_NONE: the event has no cause */
    enum wtr_cause_basis basis;
    bool has_event; /**< `event` is the id of the command */
    struct wtr_id event;
    bool has_delay;
    int64_t delay_ns;          /**< from the command's delivery to the statement */
    struct wtr_text endpoint;  /**< of a command: its sender's address as seen at this source */
    struct wtr_text client_id; /**< of a command: its sender's MQTT client id */
    struct wtr_text user;      /**< of a command: its sender's user name */
    const struct wtr_id *others;
    size_t other_count;
    struct wtr_text app_id; /**< of a command: the app's installation, in the message's own words */
};

/** How enciphered, masked or compressed bytes became the plain text that was read. */
struct wtr_transform {
    struct wtr_text steps;      /**< in order, joined by '+': "kasa-xor", "chunked+gzip"; empty: none */
    uint64_t offset;            /**< the value's first byte in the plain text */
    uint64_t length;            /**< its bytes there */
    struct wtr_text key;        /**< the secret that opened it, by name; empty: none was needed */
    struct wtr_text key_origin; /**< where that came from */
};

/** One event. Everything that it points to is borrowed: until the next record is asked for, or the callback
 * returns. Filled by the library, never copied or embedded by callers; later versions add members at the end.
 */
struct wtr_event {
    struct wtr_id id;
    enum wtr_kind kind;

    enum wtr_time_basis time_basis;
    bool has_time;              /**< false: `time_ns` is without meaning (order, bounded) */
    int64_t time_ns;            /**< nanoseconds since 1970-01-01T00:00:00Z on the scale `time_scale` */
    struct wtr_text time_scale; /**< "utc" or "capture:<source>" */
    struct wtr_bound earliest;
    struct wtr_bound latest;

    struct wtr_text device;  /**< "mac:…" or "<vendor>:<its own id>"; empty: not known */
    struct wtr_text channel; /**< the family's designation; empty: the whole device */
    unsigned outlet;         /**< 1-based position, 0: not known */

    const struct wtr_value *data;
    size_t data_count;
    const struct wtr_raw *raw;
    size_t raw_count;

    enum wtr_change change;
    bool has_transition;
    struct wtr_bound transition_earliest;
    struct wtr_bound transition_latest;
    struct wtr_id transition_by[3];
    size_t transition_by_count;

    struct wtr_cause cause;
    enum wtr_certainty certainty;
    bool retained; /**< a broker's stored message: a past state */
    bool past;     /**< what the device says of its past */

    struct wtr_evidence evidence;
    const struct wtr_evidence *parts; /**< of a value scattered over several frames: all its parts */
    size_t part_count;
    const struct wtr_evidence *also; /**< the first further origins */
    size_t also_count;
    uint64_t copies; /**< all further origins */

    struct wtr_text path;    /**< the decoders passed: "eth/ipv4/tcp/mqtt/tasmota" */
    struct wtr_text message; /**< one sentence for people */

    struct wtr_transform transform; /**< how the bytes at `evidence` were read */

    const struct wtr_id *derived_from; /**< of a derived event: the first of the events that it rests on, and
                                          those that set its bounds */
    size_t derived_from_count;

    bool stored;     /**< from a dump's storage: what follows is known */
    bool mixed;      /**< its parts come from different generations */
    bool attributed; /**< `entry` was given to a nameless one by size and shape: probable only */
    enum wtr_entry_state record_state;
    enum wtr_integrity integrity;
    struct wtr_text check;        /**< what `integrity` rests on; empty: nothing */
    struct wtr_entry_order order; /**< the entry's place in the order of writing */
    struct wtr_text encryption;   /**< how the store had enciphered it; empty: not */
    struct wtr_text volume;       /**< the store: "nvs@0x9000" */
    struct wtr_text entry;        /**< the store's own name for it; empty: it has none */
};

#endif

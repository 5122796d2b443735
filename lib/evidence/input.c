/* SPDX-License-Identifier: Apache-2.0 */
/* The sliding window over a source. Stored bytes stream through a ring of blocks (evidence/blocks.h), in
 * which the hasher follows the reader; the window lies in that ring too, or, where the source is
 * gzip-compressed, in a second one that the unpacked bytes stream through. At the end of a block, what the
 * caller has not used up is copied in front of the next: the only bytes that are ever copied. */
#include "evidence/input.h"

#include "evidence/blocks.h"
#include "evidence/file_source.h"
#include "evidence/gzip.h"
#include "evidence/hasher.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)WTR_INPUT_WINDOW <= (int)WTR_BLOCK_HEADROOM, "a whole window fits before a block");
_Static_assert((int)WTR_INPUT_WINDOW <= (int)WTR_BLOCK_SIZE, "one more block always fills the window");

/* How many blocks the hasher may lag behind, and the two that the window needs. Reads are smaller than a
 * block so that the parser meets the bytes while they are in the cache. */
enum { STORED_BLOCKS = WTR_BLOCKS_MAX, UNPACKED_BLOCKS = 2, READ_SIZE = 1 << 18 };

struct wtr_input {
    /* The window, and the place of its end in the uncompressed bytes. */
    const uint8_t *at;
    const uint8_t *end;
    uint64_t end_offset;
    bool ended; /* nothing follows the window */

    struct wtr_input_ops ops;
    void *payload;
    int64_t size;
    struct wtr_blocks stored;
    struct wtr_hasher *hasher;
    uint64_t read; /* stored bytes read so far */
    bool read_to_end;
    bool read_failed;

    struct wtr_gzip *gzip; /* NULL: the bytes are as stored */
    struct wtr_blocks unpacked;
    const uint8_t *packed; /* stored bytes that wait to be unpacked */
    size_t packed_length;

    bool (*stop)(void *payload);
    void *stop_payload;
    bool stopped;
    const char *trouble;
};

static void note_trouble(struct wtr_input *input, const char *trouble)
{
    if (!input->trouble) {
        input->trouble = trouble;
    }
}

static bool asked_to_stop(struct wtr_input *input)
{
    if (!input->stopped && input->stop && input->stop(input->stop_payload)) {
        input->stopped = true;
        note_trouble(input, "reading was stopped");
    }
    return input->stopped;
}

/* The source has no more bytes, or can't give them. */
static void end_reading(struct wtr_input *input, const char *failure)
{
    input->read_to_end = true;
    input->read_failed = failure != NULL;
    if (failure) {
        note_trouble(input, failure);
    } else if (input->size >= 0 && input->read < (uint64_t)input->size) {
        note_trouble(input, "the source ended before its stated length");
    }
}

/* Reads the next stored bytes to their place in the ring and hands them to the hasher. 0: no more. */
static size_t read_stored(struct wtr_input *input, const uint8_t **bytes)
{
    if (input->read_to_end || asked_to_stop(input)) {
        return 0;
    }
    const uint64_t lag = (uint64_t)(STORED_BLOCKS - 1) * WTR_BLOCK_SIZE;
    if (input->read % WTR_BLOCK_SIZE == 0 && input->read > lag) {
        wtr_hasher_wait(input->hasher, input->read - lag);
    }
    if (!wtr_blocks_make(&input->stored, input->read)) {
        end_reading(input, "out of memory");
        return 0;
    }
    size_t room = wtr_blocks_room(input->read);
    uint8_t *place = wtr_blocks_at(&input->stored, input->read);
    size_t wanted = room < READ_SIZE ? room : READ_SIZE;
    int64_t got = input->ops.read(input->payload, place, wanted);
    if (got <= 0 || (uint64_t)got > wanted) {
        end_reading(input, got != 0 ? "reading failed before the end" : NULL);
        return 0;
    }
    input->read += (uint64_t)got;
    wtr_hasher_add(input->hasher, input->read);
    *bytes = place;
    return (size_t)got;
}

/* Unpacks the next bytes to their place in the second ring. 0: no more. */
static size_t unpack(struct wtr_input *input, const uint8_t **bytes)
{
    uint8_t *place = wtr_blocks_at(&input->unpacked, input->end_offset);
    size_t room = wtr_blocks_room(input->end_offset);
    size_t made = 0;
    while (made == 0 && !wtr_gzip_over(input->gzip) && !asked_to_stop(input)) {
        made = wtr_gzip_unpack(input->gzip, &input->packed, &input->packed_length, place, room);
        if (made == 0 && input->packed_length == 0) {
            input->packed_length = read_stored(input, &input->packed);
            if (input->packed_length == 0 && !input->stopped) {
                wtr_gzip_end(input->gzip);
            }
        }
    }
    *bytes = place;
    return made;
}

/* Moves what is left of the window in front of the block that `next` begins. */
static void move_window(struct wtr_input *input, uint8_t *next)
{
    size_t left = (size_t)(input->end - input->at);
    if (left > 0) {
        memcpy(next - left, input->at, left);
    }
    input->at = next - left;
    input->end = next;
}

/* Makes the window longer by what comes next. It must be shorter than WTR_INPUT_WINDOW. */
static void extend(struct wtr_input *input)
{
    struct wtr_blocks *ring = input->gzip ? &input->unpacked : &input->stored;
    if (!wtr_blocks_make(ring, input->end_offset)) {
        end_reading(input, "out of memory");
        input->ended = true;
        return;
    }
    if (input->end_offset % WTR_BLOCK_SIZE == 0) {
        move_window(input, wtr_blocks_at(ring, input->end_offset));
    }
    const uint8_t *bytes = NULL;
    size_t more = input->gzip ? unpack(input, &bytes) : read_stored(input, &bytes);
    input->end += more;
    input->end_offset += more;
    if (more == 0) {
        input->ended = true;
        if (input->gzip && wtr_gzip_trouble(input->gzip)) {
            note_trouble(input, wtr_gzip_trouble(input->gzip));
        }
    }
}

const uint8_t *wtr_input_peek(struct wtr_input *input, size_t want, size_t *have)
{
    if (want > WTR_INPUT_WINDOW) {
        want = WTR_INPUT_WINDOW;
    }
    while ((size_t)(input->end - input->at) < want && !input->ended) {
        extend(input);
    }
    *have = (size_t)(input->end - input->at);
    return input->at;
}

bool wtr_input_skip(struct wtr_input *input, uint64_t n)
{
    while (n > (uint64_t)(input->end - input->at)) {
        n -= (uint64_t)(input->end - input->at);
        input->at = input->end;
        if (input->ended) {
            return false;
        }
        extend(input);
    }
    input->at += n;
    return true;
}

uint64_t wtr_input_offset(const struct wtr_input *input)
{
    return input->end_offset - (uint64_t)(input->end - input->at);
}

int64_t wtr_input_size(const struct wtr_input *input)
{
    return input->size;
}

uint64_t wtr_input_consumed(const struct wtr_input *input)
{
    return input->read;
}

bool wtr_input_compressed(const struct wtr_input *input)
{
    return input->gzip != NULL;
}

const char *wtr_input_trouble(const struct wtr_input *input)
{
    return input->trouble;
}

void wtr_input_set_stop(struct wtr_input *input, bool (*stop)(void *payload), void *payload)
{
    input->stop = stop;
    input->stop_payload = payload;
}

/* The first bytes tell whether the source is compressed; then they are the first to be unpacked. */
static enum wtr_status begin(struct wtr_input *input)
{
    if (!wtr_blocks_make(&input->stored, 0)) {
        return WTR_E_MEMORY;
    }
    input->at = input->end = wtr_blocks_at(&input->stored, 0);
    size_t have = 0;
    const uint8_t *first = wtr_input_peek(input, WTR_GZIP_MAGIC_SIZE, &have);
    if (have == 0 && input->read_failed) {
        return WTR_E_READ;
    }
    if (!wtr_gzip_recognise(first, have)) {
        return WTR_OK;
    }
    input->gzip = wtr_gzip_new();
    if (!input->gzip || !wtr_blocks_make(&input->unpacked, 0)) {
        return WTR_E_MEMORY;
    }
    input->packed = first;
    input->packed_length = have;
    input->end_offset = 0;
    input->at = input->end = wtr_blocks_at(&input->unpacked, 0);
    return WTR_OK;
}

enum wtr_status wtr_input_open(struct wtr_input **input, const struct wtr_input_ops *ops, void *payload)
{
    *input = NULL;
    struct wtr_input *made = calloc(1, sizeof *made);
    if (!made) {
        if (ops->close) {
            ops->close(payload);
        }
        return WTR_E_MEMORY;
    }
    made->ops = *ops;
    made->payload = payload;
    made->size = ops->size ? ops->size(payload) : -1;
    made->stored.count = STORED_BLOCKS;
    made->unpacked.count = UNPACKED_BLOCKS;
    made->hasher = wtr_hasher_new(&made->stored);
    enum wtr_status status = made->hasher ? begin(made) : WTR_E_MEMORY;
    if (status != WTR_OK) {
        wtr_input_close(made);
        return status;
    }
    *input = made;
    return WTR_OK;
}

enum wtr_status wtr_input_open_path(struct wtr_input **input, const char *path, const char **why)
{
    *input = NULL;
    const char *reason = NULL;
    const struct wtr_input_ops *ops = NULL;
    void *payload = NULL;
    enum wtr_status status = wtr_file_source_open(path, &ops, &payload, &reason);
    if (status == WTR_OK) {
        status = wtr_input_open(input, ops, payload);
        reason = status == WTR_E_READ ? "it can't be read" : "out of memory";
    }
    if (status != WTR_OK && why) {
        *why = reason;
    }
    return status;
}

void wtr_input_close(struct wtr_input *input)
{
    if (!input) {
        return;
    }
    wtr_hasher_free(input->hasher);
    wtr_gzip_free(input->gzip);
    wtr_blocks_free(&input->unpacked);
    wtr_blocks_free(&input->stored);
    if (input->ops.close) {
        input->ops.close(input->payload);
    }
    free(input);
}

enum wtr_status wtr_input_finish(struct wtr_input *input, uint8_t sha256[32], uint64_t *size)
{
    const uint8_t *bytes = NULL;
    while (read_stored(input, &bytes) > 0) {
    }
    input->at = input->end;
    input->ended = true;
    *size = input->read;
    enum wtr_status status = wtr_hasher_finish(input->hasher, sha256);
    if (status != WTR_OK) {
        return status;
    }
    if (input->stopped) {
        return WTR_E_CANCELLED;
    }
    return input->read_failed ? WTR_E_READ : WTR_OK;
}

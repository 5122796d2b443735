/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of an opened Initial packet (RFC 9000 17.2.2, 19), and the hello that CRYPTO frames (19.6) are
 * put together to. */
#include "protocol/quic_wire.h"

#include <stdlib.h>

enum frame { PADDING = 0, PING = 1, ACK = 2, ACK_ECN = 3, CRYPTO = 6, CONNECTION_CLOSE = 0x1c };

const struct wtr_opening wtr_quic_opening = {.steps = "quic-initial-aes-128-gcm", .keeps_places = true};

/* Tells the hello at the front of the CRYPTO stream, once it is whole. */
static void tell_hello(const struct wtr_tls_place *place, struct wtr_quic_crypto *crypto)
{
    size_t front = wtr_patches_front(&crypto->patches);
    if (crypto->told || front < WTR_TLS_MESSAGE_HEADER)
        return;
    size_t body = (size_t)crypto->bytes[1] << 16 | wtr_be16(crypto->bytes + 2);
    size_t length = WTR_TLS_MESSAGE_HEADER + body;
    if (length > front)
        return;
    struct wtr_piece pieces[WTR_PATCHES_MAX];
    size_t count = wtr_patches_pieces(&crypto->patches, (uint32_t)length, pieces);
    const struct wtr_span span = {crypto->bytes, length, pieces, count, &wtr_quic_opening};
    const struct wtr_tls_handshake message = {.type = crypto->bytes[0],
                                              .body =
                                                  wtr_text_of(crypto->bytes + WTR_TLS_MESSAGE_HEADER, body),
                                              .bytes = wtr_text_of(crypto->bytes, length),
                                              .version = place->memory->session.version};
    crypto->told = true;
    wtr_tls_tell_handshake(place, &message, &span);
    free(crypto->bytes);
    wtr_patches_free(&crypto->patches);
    crypto->bytes = NULL;
    crypto->capacity = 0;
}

static bool make_room(struct wtr_quic_crypto *crypto, size_t length)
{
    if (length <= crypto->capacity)
        return true;
    size_t capacity = length < 2048 ? 2048 : length;
    uint8_t *bytes = realloc(crypto->bytes, capacity);
    if (!bytes)
        return false;
    crypto->bytes = bytes;
    crypto->capacity = capacity;
    return true;
}

/* Returns what is wrong with the frame, or NULL. */
static const char *take_crypto(struct wtr_quic_crypto *crypto, struct wtr_cursor *c,
                               const struct wtr_span *plain)
{
    uint64_t offset = wtr_quic_take_number(c), length = wtr_quic_take_number(c);
    size_t at = c->at;
    if (length > wtr_left(c))
        return "a CRYPTO frame that ends too early";
    wtr_take(c, (size_t)length);
    if (crypto->told)
        return NULL;
    if (offset + length > WTR_QUIC_MAX_CRYPTO)
        return "a hello of more than 64 KiB";
    if (!make_room(crypto, (size_t)(offset + length)) ||
        !wtr_patches_add(&crypto->patches, crypto->bytes, (uint32_t)offset, plain, at, (size_t)length))
        return "a hello in too many pieces";
    return NULL;
}

static void pass_ack(struct wtr_cursor *c, bool ecn)
{
    wtr_quic_take_number(c); /* largest */
    wtr_quic_take_number(c); /* delay */
    uint64_t ranges = wtr_quic_take_number(c);
    wtr_quic_take_number(c); /* first range */
    for (; ranges > 0 && !c->bad; ranges--) {
        wtr_quic_take_number(c);
        wtr_quic_take_number(c);
    }
    for (int i = 0; ecn && i < 3; i++)
        wtr_quic_take_number(c);
}

static void pass_close(struct wtr_cursor *c)
{
    wtr_quic_take_number(c); /* error code */
    wtr_quic_take_number(c); /* frame type */
    uint64_t length = wtr_quic_take_number(c);
    wtr_take(c, length < SIZE_MAX ? (size_t)length : SIZE_MAX);
}

/* Returns what is wrong with the frames, or NULL. */
static const char *take_frames(struct wtr_quic_crypto *crypto, const struct wtr_span *plain)
{
    struct wtr_cursor c = wtr_cursor_over(plain->bytes, plain->length);
    const char *wrong = NULL;
    while (!wrong && wtr_left(&c) > 0) {
        switch (wtr_quic_take_number(&c)) {
        case PADDING:
        case PING:
            break;
        case ACK:
            pass_ack(&c, false);
            break;
        case ACK_ECN:
            pass_ack(&c, true);
            break;
        case CRYPTO:
            wrong = take_crypto(crypto, &c, plain);
            break;
        case CONNECTION_CLOSE:
            pass_close(&c);
            break;
        default:
            return "a frame that an Initial packet does not hold";
        }
    }
    return wrong ? wrong : c.bad ? "a frame that ends too early" : NULL;
}

void wtr_quic_read_frames(const struct wtr_tls_place *place, struct wtr_quic_crypto *crypto,
                          const struct wtr_span *plain)
{
    const char *wrong = take_frames(crypto, plain);
    if (wrong)
        wtr_tls_find(place, plain, 0, plain->length, wrong);
    tell_hello(place, crypto);
}

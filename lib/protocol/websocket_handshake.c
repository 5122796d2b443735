/* SPDX-License-Identifier: Apache-2.0 */
/* How a connection becomes WebSocket (RFC 6455 4): the response alone says what was agreed on. */
#include "protocol/websocket_wire.h"

#include <openssl/evp.h>
#include <stdlib.h>

/* Whether the list has an element, or with `separator` ';' an extension a parameter, that begins so. */
static bool names(struct wtr_text list, char separator, const char *word)
{
    while (list.data) {
        struct wtr_text item = wtr_text_cut(&list, separator);
        while (item.length > 0 && (item.data[0] == ' ' || item.data[0] == '\t'))
            item = wtr_text_of(item.data + 1, item.length - 1);
        if (wtr_text_starts(item, word))
            return true;
    }
    return false;
}

bool wtr_websocket_accepts(struct wtr_text key, struct wtr_text accept)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* 1.3 */
    enum { LONGEST_KEY = 64, SHA1_SIZE = 20, BASE64_SIZE = 28 };
    unsigned char joined[LONGEST_KEY + sizeof guid], digest[EVP_MAX_MD_SIZE], text[BASE64_SIZE + 1];
    unsigned int size = 0;
    if (key.length == 0 || key.length > LONGEST_KEY)
        return false;
    memcpy(joined, key.data, key.length);
    memcpy(joined + key.length, guid, sizeof guid - 1);
    if (!EVP_Digest(joined, key.length + sizeof guid - 1, digest, &size, EVP_sha1(), NULL) ||
        size != SHA1_SIZE)
        return false;
    EVP_EncodeBlock(text, digest, SHA1_SIZE);
    return wtr_text_equal(accept, wtr_text_of(text, BASE64_SIZE));
}

void wtr_websocket_begin(struct wtr_http_session *session, const struct wtr_http *response)
{
    struct wtr_websocket_state *state = calloc(1, sizeof *state);
    session->websocket = state;
    for (int i = 0; i < 2; i++) {
        bool lost = session->side[i].phase == WTR_HTTP_LOST;
        session->side[i].phase = state ? WTR_HTTP_FRAMES : WTR_HTTP_ANOTHER;
        if (state)
            state->side[i].lost = lost;
    }
    if (!state)
        return;
    struct wtr_text extensions = wtr_http_header(response, "sec-websocket-extensions");
    struct wtr_text protocol = wtr_http_header(response, "sec-websocket-protocol");
    state->deflate = names(extensions, ',', "permessage-deflate");
    state->no_context[session->client] = names(extensions, ';', "client_no_context_takeover");
    state->no_context[!session->client] = names(extensions, ';', "server_no_context_takeover");
    state->mqtt = wtr_text_is(protocol, "mqtt") || wtr_text_is(protocol, "mqttv3.1");
    const struct wtr_session_setup setup = {.mid_stream = state->side[0].lost || state->side[1].lost};
    if (state->mqtt)
        wtr_mqtt.open(&state->inner, &setup);
}

void wtr_websocket_free(struct wtr_websocket_state *state)
{
    if (!state)
        return;
    for (int i = 0; i < 2; i++) {
        struct wtr_websocket_side *side = &state->side[i];
        wtr_buffer_free(&side->plain);
        wtr_piece_list_free(&side->pieces);
        wtr_buffer_free(&side->unread);
        wtr_piece_list_free(&side->unread_pieces);
        wtr_websocket_free_inflater(side->inflater);
    }
    if (state->mqtt)
        wtr_mqtt.close(&state->inner);
    wtr_buffer_free(&state->scratch);
    free(state);
}

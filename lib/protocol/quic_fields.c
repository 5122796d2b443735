/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of QUIC as members of a JSON object, under the names of RFC 9000 17.2; hellos as in TLS. */
#include "protocol/fields.h"
#include "protocol/quic_wire.h"

static void put_hex(struct wtr_json_writer *out, const char *name, struct wtr_text bytes)
{
    wtr_json_key(out, name);
    wtr_json_put_hex(out, bytes);
}

static void put_packet(struct wtr_json_writer *out, const struct wtr_quic_packet *packet)
{
    wtr_field_uint(out, "version", packet->version);
    put_hex(out, "destination_connection_id", packet->dcid);
    put_hex(out, "source_connection_id", packet->scid);
    if (packet->token.length > 0)
        put_hex(out, packet->type == WTR_QUIC_RETRY ? "retry_token" : "token", packet->token);
    if (packet->type == WTR_QUIC_INITIAL)
        wtr_field_uint(out, "packet_number", packet->number);
    if (packet->type != WTR_QUIC_VERSION_NEGOTIATION)
        return;
    wtr_json_key(out, "supported_versions");
    wtr_json_begin_array(out);
    for (size_t at = 0; at < packet->versions.length; at += 4)
        wtr_json_put_uint(out, wtr_be32((const uint8_t *)packet->versions.data + at));
    wtr_json_end_array(out);
}

void wtr_quic_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_tls_message *m = message->body;
    if (m->packet)
        put_packet(out, m->packet);
    else
        wtr_tls_fields(message, out);
}

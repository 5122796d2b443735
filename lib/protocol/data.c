/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol of what has none. */
#include "protocol/data.h"

static void fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_data *data = message->body;
    wtr_json_key(out, "payload");
    wtr_json_put_bytes(out, data->payload);
    wtr_json_key(out, "inside");
    wtr_json_put_z(out, data->inside);
}

const struct wtr_protocol wtr_data = {.name = "data", .fields = fields};

/* SPDX-License-Identifier: Apache-2.0 */
/* SSDP messages: UPnP Device Architecture 2.0, 1.1 (the form of a message), 1.2 (NOTIFY), 1.3 (M-SEARCH and
 * its responses). A message ends with an empty line; one that lacks it is read all the same, since the
 * datagram ends it. */
#include "protocol/ssdp.h"

#include "protocol/fields.h"

enum { PORT = 1900 };

static const char notify[] = "NOTIFY ", search[] = "M-SEARCH ", response[] = "HTTP/1.";

static bool begins(const struct wtr_probe *probe, const char *with, size_t length)
{
    return probe->length >= length && memcmp(probe->bytes, with, length) == 0;
}

static enum wtr_bid probe_datagram(const struct wtr_probe *probe)
{
    if (probe->client_port != PORT && probe->server_port != PORT)
        return WTR_BID_NONE;
    bool own = begins(probe, notify, sizeof notify - 1) || begins(probe, search, sizeof search - 1) ||
               begins(probe, response, sizeof response - 1);
    return own ? WTR_BID_CERTAIN : WTR_BID_NONE;
}

/* The next line, which ends at CR LF or at the message's end. */
static struct wtr_text take_line(struct wtr_text *rest)
{
    struct wtr_text line = *rest;
    for (size_t i = 0; i + 1 < rest->length; i++) {
        if (rest->data[i] != '\r' || rest->data[i + 1] != '\n')
            continue;
        line.length = i;
        *rest = wtr_text_of(rest->data + i + 2, rest->length - i - 2);
        return line;
    }
    *rest = wtr_text_of(rest->data + rest->length, 0);
    return line;
}

static struct wtr_text trim(struct wtr_text text)
{
    while (text.length && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.length--;
    }
    while (text.length && (text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t'))
        text.length--;
    return text;
}

/* The start line: a method, a target and a version, or a version, a status and a reason. */
static void read_start(struct wtr_ssdp *ssdp, struct wtr_text line)
{
    struct wtr_text rest = line;
    struct wtr_text first = wtr_text_cut(&rest, ' ');
    if (wtr_text_starts(first, "HTTP/")) {
        ssdp->version = first;
        ssdp->status = wtr_text_cut(&rest, ' ');
        ssdp->reason = rest;
    } else {
        ssdp->method = first;
        ssdp->target = wtr_text_cut(&rest, ' ');
        ssdp->version = rest;
    }
}

/* NULL, or why the line is no header. */
static const char *read_header(struct wtr_ssdp *ssdp, struct wtr_text line)
{
    struct wtr_text value = line;
    struct wtr_text name = wtr_text_cut(&value, ':');
    if (!value.data || trim(name).length == 0)
        return "a line is no header";
    if (ssdp->header_count == WTR_SSDP_MAX_HEADERS)
        return "more headers than are read";
    ssdp->headers[ssdp->header_count++] = (struct wtr_ssdp_header){trim(name), trim(value)};
    return NULL;
}

struct wtr_text wtr_ssdp_header(const struct wtr_ssdp *ssdp, const char *name)
{
    for (size_t i = 0; i < ssdp->header_count; i++)
        if (wtr_text_is_nocase(ssdp->headers[i].name, name))
            return ssdp->headers[i].value;
    return (struct wtr_text){NULL, 0};
}

static const char *type_of(const struct wtr_ssdp *ssdp)
{
    if (!ssdp->method.data)
        return "response";
    return wtr_text_is(ssdp->method, "NOTIFY") ? "notify" : "m-search";
}

static void datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    const struct wtr_span *span = &datagram->span;
    struct wtr_text rest = wtr_text_of(span->bytes, span->length);
    struct wtr_ssdp ssdp = {0};
    (void)state;
    read_start(&ssdp, take_line(&rest));
    while (rest.length) {
        struct wtr_text line = take_line(&rest);
        if (line.length == 0)
            break;
        const char *reason = read_header(&ssdp, line);
        if (reason) {
            sink->finding(sink->payload, span, (size_t)(line.data - (const char *)span->bytes), line.length,
                          reason);
            break;
        }
    }
    const struct wtr_message message = {
        .protocol = &wtr_ssdp,
        .type = type_of(&ssdp),
        .direction = ssdp.method.data ? WTR_FROM_CLIENT : WTR_FROM_SERVER,
        .span = *span,
        .body = &ssdp,
    };
    sink->message(sink->payload, &message);
}

static void fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_ssdp *ssdp = message->body;
    if (ssdp->method.data) {
        wtr_field_bytes(out, "method", ssdp->method);
        wtr_field_bytes(out, "target", ssdp->target);
    }
    wtr_field_bytes(out, "version", ssdp->version);
    if (!ssdp->method.data) {
        wtr_field_bytes(out, "status", ssdp->status);
        wtr_field_bytes(out, "reason", ssdp->reason);
    }
    wtr_json_key(out, "headers");
    wtr_json_begin_array(out);
    for (size_t i = 0; i < ssdp->header_count; i++) {
        wtr_json_begin_object(out);
        wtr_field_bytes(out, "name", ssdp->headers[i].name);
        wtr_field_bytes(out, "value", ssdp->headers[i].value);
        wtr_json_end_object(out);
    }
    wtr_json_end_array(out);
}

static const uint16_t ports[] = {PORT, 0};

const struct wtr_protocol wtr_ssdp = {
    .name = "ssdp",
    .probe_datagram = probe_datagram,
    .datagram = datagram,
    .fields = fields,
    .ports = ports,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota's web command (tasmota/docs Commands.md, "Using Web Requests") [S]: GET
 * /cm?cmnd=<command>%20<argument>
 * [&user=<name>&password=<password>], answered with the JSON that would be published as stat/…/RESULT or, for
 * Status, as stat/…/STATUS<n>; `Status 0` has all of them in one object. OpenBeken answers the same requests
 * in the same way and can't be told apart by them.
 *
 * Credentials in the target are never said: a statement's raw value is the command's argument alone. The
 * device is the one that has the server's address until its answers name its MAC. */
#include "vendor/http_target.h"
#include "vendor/tasmota/reading.h"

/* The command in the target; data NULL if it is no web command. */
static struct wtr_text command_in(const struct wtr_http *request)
{
    const struct wtr_text none = {NULL, 0};
    if (!request)
        return none;
    struct wtr_http_target target = wtr_http_target_cut(request->target);
    if (!wtr_text_is(target.path, "/cm"))
        return none;
    struct wtr_text command = wtr_http_query_value(target.query, "cmnd");
    if (command.data || !wtr_text_is(request->method, "POST"))
        return command;
    return wtr_http_query_value(request->body, "cmnd"); /* a form's body has the form of a query */
}

static bool is_object(struct wtr_text body)
{
    return body.length > 1 && body.data[0] == '{';
}

enum wtr_claim wtr_tasmota_claim_http(const struct wtr_http *http)
{
    const struct wtr_http *request = http->is_response ? http->request : http;
    bool read = !http->is_response || (http->status == 200 && is_object(http->body));
    return read && command_in(request).data ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

/* Where the argument begins: behind the first space, as it stands or escaped. */
static struct wtr_text argument_as_sent(struct wtr_text command)
{
    for (size_t i = 0; i < command.length; i++) {
        char c = command.data[i];
        bool escaped =
            c == '%' && i + 2 < command.length && command.data[i + 1] == '2' && command.data[i + 2] == '0';
        size_t behind = i + (escaped ? 3 : 1);
        if (escaped || c == '+')
            return wtr_text_of(command.data + behind, command.length - behind);
    }
    return wtr_text_of(command.data + command.length, 0);
}

static void read_request(struct wtr_tasmota_reading *r, const struct wtr_http *request)
{
    struct wtr_text sent = command_in(request);
    struct wtr_buffer plain = {0};
    struct wtr_tasmota_order order = {
        .escaped = true, .sent = argument_as_sent(sent), .trigger = WTR_TRIGGER_HTTP};
    wtr_http_decode(sent, &plain);
    struct wtr_text argument = wtr_buffer_text(&plain);
    struct wtr_text name = argument.length > 0 ? wtr_text_cut(&argument, ' ') : argument;
    if (!argument.data)
        argument = WTR_TEXT("");
    r->device = wtr_say_device_at(r->say, "tasmota", &wtr_say_receiver(r->say)->ip);
    if (!plain.failed && name.length > 0)
        wtr_tasmota_read_command(r, &order, name, argument);
    wtr_buffer_free(&plain);
}

/* Whether the command asks and changes nothing, so that its answer is one to a poll. */
static bool is_query(struct wtr_text command)
{
    static const char status[] = "status";
    const size_t n = sizeof status - 1;
    bool asks_status = command.length >= n && wtr_text_is_nocase(wtr_text_of(command.data, n), status);
    return asks_status || argument_as_sent(command).length == 0;
}

static void read_response(struct wtr_tasmota_reading *r, const struct wtr_http *response)
{
    static const char status[] = "{\"Status";
    bool is_status = wtr_text_starts(response->body, status);
    r->device = wtr_say_device_at(r->say, "tasmota", &wtr_say_sender(r->say)->ip);
    r->polled = is_query(command_in(response->request));
    wtr_tasmota_read_report(r, is_status ? WTR_TEXT("STATUS") : WTR_TEXT("RESULT"), response->body);
}

void wtr_tasmota_read_http(struct wtr_tasmota_reading *r, const struct wtr_http *http)
{
    char id[WTR_ADDRESS_TEXT + 1] = "@";
    const struct wtr_endpoint *end = http->is_response ? wtr_say_sender(r->say) : wtr_say_receiver(r->say);
    size_t length = 1 + wtr_ip_text(&end->ip, id + 1);
    r->known = wtr_tasmota_device(r->learnt, wtr_text_of(id, length));
    if (http->is_response)
        read_response(r, http);
    else
        read_request(r, http);
}

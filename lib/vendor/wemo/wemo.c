/* SPDX-License-Identifier: Apache-2.0 */
/* Belkin WeMo: which messages are its own, and whose they are. A plug serves HTTP on a port from 49151 to
 * 49159 (pywemo/pywemo ouimeaux_device/__init__.py) [S]: its description at /setup.xml, its services at
 * /upnp/control/<service>1, subscriptions at /upnp/event/<service>1. What changes it sends to its subscribers
 * as NOTIFY requests of its own; the first of a subscription (SEQ 0) only tells what is so (UPnP Device
 * Architecture 1.0, 4.2.1). Marks: urn:Belkin in a header or the body [V].
 *
 * A motion sensor reports motion as BinaryState. A device whose description or announcement says that it is
 * no switch is remembered by its address, and its events are not read. */
#include "vendor/wemo/wemo.h"

#include "base/map.h"
#include "vendor/wemo/reading.h"

enum { MAX_REMEMBERED = 1024 };

struct wemo {
    struct wtr_xml xml;
    struct wtr_map no_switch; /* addresses of devices that are none */
};

enum part { PART_NONE, PART_REQUEST, PART_ANSWER, PART_EVENT, PART_SETUP };

static bool is_event(const struct wtr_http *http)
{
    return wtr_text_is(http->method, "NOTIFY") && wtr_text_is(wtr_http_header(http, "NT"), "upnp:event") &&
           (wtr_http_body_has(http, "<BinaryState>") || wtr_http_body_has(http, "<InsightParams>"));
}

static enum part part_of(const struct wtr_http *http)
{
    if (!http || http->body.length == 0)
        return PART_NONE;
    if (!http->is_response)
        return wtr_wemo_action(http).data ? PART_REQUEST : is_event(http) ? PART_EVENT : PART_NONE;
    if (!wtr_http_is_success(http))
        return PART_NONE;
    if (http->request && wtr_wemo_action(http->request).data)
        return PART_ANSWER;
    bool description = wtr_http_body_has(http, "urn:Belkin:device");
    if (http->request && !wtr_text_ends(wtr_http_path(http->request), "/setup.xml"))
        return PART_NONE;
    return description                                      ? PART_SETUP
           : wtr_http_body_has(http, "urn:Belkin:service:") ? PART_ANSWER
                                                            : PART_NONE;
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    (void)state;
    if (message->protocol == &wtr_ssdp)
        return wtr_wemo_announced(message->body).data ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
    return part_of(wtr_http_of(message)) != PART_NONE ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static void read_event(struct wtr_wemo_reading *r)
{
    r->polled = wtr_text_is(wtr_http_header(r->http, "SEQ"), "0");
    for (wtr_xml_ref i = wtr_xml_first(r->xml, 0); i >= 0; i = wtr_xml_next(r->xml, i)) {
        wtr_wemo_read_state(r, wtr_xml_child(r->xml, i, "BinaryState"), WTR_WEMO_STATED);
        wtr_wemo_read_state(r, wtr_xml_child(r->xml, i, "InsightParams"), WTR_WEMO_STATED);
    }
}

/* Kinds of devices whose BinaryState is a relay's: "urn:Belkin:device:<kind>:1" (pywemo/pywemo discovery.py).
 */
static bool is_switch(struct wtr_text type)
{
    return wtr_text_starts(type, "urn:Belkin:device:controllee:") ||
           wtr_text_starts(type, "urn:Belkin:device:insight:") ||
           wtr_text_starts(type, "urn:Belkin:device:lightswitch:") ||
           wtr_text_starts(type, "urn:Belkin:device:outdoor:");
}

static uint64_t key_of(const struct wtr_ip *ip)
{
    return wtr_hash64(ip->bytes, sizeof ip->bytes, 0);
}

static void remember(struct wemo *wemo, const struct wtr_ip *ip, struct wtr_text type)
{
    wemo->no_switch.limit = MAX_REMEMBERED;
    if (type.length > 0)
        wtr_map_put(&wemo->no_switch, key_of(ip), !is_switch(type));
}

static void read_http(struct wemo *wemo, const struct wtr_http *http, struct wtr_say *say)
{
    enum part part = part_of(http);
    const struct wtr_endpoint *plug = part == PART_REQUEST ? wtr_say_receiver(say) : wtr_say_sender(say);
    if (http->body_cut || !wtr_xml_parse(&wemo->xml, http->body)) {
        wtr_say_finding(say, http->body, "the body is no whole XML document");
        return;
    }
    struct wtr_wemo_reading r = {.say = say, .http = http, .xml = &wemo->xml};
    r.device = wtr_say_device_at(say, "wemo", &plug->ip);
    const uint64_t *no_switch = wtr_map_find(&wemo->no_switch, key_of(&plug->ip));
    if (part == PART_SETUP) {
        wtr_xml_ref device = wtr_xml_child(r.xml, 0, "device");
        remember(wemo, &plug->ip, wtr_xml_text(r.xml, wtr_xml_child(r.xml, device, "deviceType")));
        wtr_wemo_read_setup(&r);
    } else if (no_switch && *no_switch) {
        return;
    } else if (part == PART_REQUEST) {
        wtr_wemo_read_request(&r, wtr_wemo_action(http));
    } else if (part == PART_ANSWER) {
        wtr_wemo_read_answer(&r);
    } else {
        read_event(&r);
    }
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    struct wemo *wemo = state;
    const struct wtr_http *http = wtr_http_of(message);
    if (http) {
        read_http(wemo, http, say);
        return;
    }
    remember(wemo, &wtr_say_sender(say)->ip, wtr_wemo_announced(message->body));
    wtr_wemo_read_announcement(say, message->body);
}

static void close_state(void *state)
{
    struct wemo *wemo = state;
    wtr_xml_free(&wemo->xml);
    wtr_map_free(&wemo->no_switch);
}

const struct wtr_vendor wtr_wemo = {
    .name = "wemo",
    .state_size = sizeof(struct wemo),
    .close = close_state,
    .claim = claim,
    .read = read,
};

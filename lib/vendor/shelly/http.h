/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly's messages that come by HTTP and WebSocket. */
#ifndef WTR_VENDOR_SHELLY_HTTP_H
#define WTR_VENDOR_SHELLY_HTTP_H

#include "protocol/http.h"
#include "vendor/shelly/learnt.h"
#include "vendor/shelly/reading.h"
#include "vendor/shelly/rpc.h"
#include "vendor/vendor.h"

enum wtr_shelly_call_place {
    WTR_SHELLY_CALL_NONE,
    WTR_SHELLY_CALL_IDENTITY, /* /shelly */
    WTR_SHELLY_CALL_STATUS,
    WTR_SHELLY_CALL_SETTINGS,
    WTR_SHELLY_CALL_RELAY_SETTINGS, /* /settings/relay/<n> */
    WTR_SHELLY_CALL_RELAY,
    WTR_SHELLY_CALL_METER,
    WTR_SHELLY_CALL_METHOD, /* GET /rpc/<Method> */
    WTR_SHELLY_CALL_FRAME,  /* POST /rpc */
};

/* What a request asks for. */
struct wtr_shelly_call {
    enum wtr_shelly_call_place place;
    unsigned number;
    struct wtr_text method;
    struct wtr_text query; /* parameters, of the target or of a form; data NULL: none */
};

struct wtr_shelly_call wtr_shelly_call_of(const struct wtr_http *request);

/* Messages of HTTP and WebSocket. */
enum wtr_claim wtr_shelly_claim_http(const struct wtr_message *message);
void wtr_shelly_read_http(struct wtr_shelly_learnt *learnt, const struct wtr_message *message,
                          struct wtr_say *say);

/* The device behind the end point: the one whose frames came from there, else the one with the address. */
wtr_device_ref wtr_shelly_device_at(struct wtr_shelly_learnt *learnt, struct wtr_say *say,
                                    const struct wtr_endpoint *end);
/* The device that names itself in a frame from the end point. */
wtr_device_ref wtr_shelly_device_from(struct wtr_shelly_learnt *learnt, struct wtr_say *say,
                                      const struct wtr_endpoint *end, struct wtr_text id);

/* ---- gen1_settings.c */

/* /relay/<n>?turn=… */
void wtr_shelly_read_turn(struct wtr_shelly_reading *r, const struct wtr_shelly_call *call);
void wtr_shelly_read_gen1_identity(struct wtr_shelly_reading *r, wtr_json_ref object);
void wtr_shelly_read_gen1_settings(struct wtr_shelly_reading *r, wtr_json_ref settings);
void wtr_shelly_read_gen1_relay_settings(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref relay);

/* ---- rpc.c */

/* A frame that came by WebSocket, or whose request is not known. */
void wtr_shelly_read_frame_between(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt,
                                   struct wtr_text text);
/* What GET /rpc/<Method>?… asks; `say`: it is also said. */
struct wtr_shelly_question wtr_shelly_ask_by_target(struct wtr_shelly_reading *r,
                                                    struct wtr_shelly_learnt *learnt,
                                                    const struct wtr_shelly_call *call, bool say);

#endif

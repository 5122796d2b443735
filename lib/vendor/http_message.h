/* SPDX-License-Identifier: Apache-2.0 */
/* What families that speak HTTP share: finding the message, the parts of a target, dates, and the plug's own
 * address. */
#ifndef WTR_VENDOR_HTTP_MESSAGE_H
#define WTR_VENDOR_HTTP_MESSAGE_H

#include "protocol/http.h"
#include "vendor/say.h"

/* The message's request or response; NULL if it is no HTTP. */
const struct wtr_http *wtr_http_of(const struct wtr_message *message);

/* A response of status 2xx. */
bool wtr_http_is_success(const struct wtr_http *http);
/* The path of the target: without scheme and host, and without the query. */
struct wtr_text wtr_http_path(const struct wtr_http *request);
/* The value of the query's only parameter of that name, as it stands (percent-encoded); data NULL if there is
 * none or several. */
struct wtr_text wtr_http_parameter(const struct wtr_http *request, const char *name);
/* Whether the text occurs in the first bytes of the body. */
bool wtr_http_body_has(const struct wtr_http *http, const char *text);

/* A date as HTTP writes it, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7, IMF-fixdate), in seconds since
 * 1970; false if it is anything else. */
bool wtr_http_date(struct wtr_text date, int64_t *seconds);

/* A clock of the device in seconds and milliseconds since 1970, as a reading with its offset from the
 * capture's clock; one that stands before 2010 was never set. `raw` is what it stood as, named `name`. */
struct wtr_clock_said {
    int64_t seconds;
    int64_t millis;
    const char *name;
    struct wtr_text raw;
};
void wtr_say_clock(struct wtr_say *say, wtr_device_ref device, const struct wtr_clock_said *clock);

#endif

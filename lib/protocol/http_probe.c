/* SPDX-License-Identifier: Apache-2.0 */
/* Recognising HTTP in a TCP segment, on any port: it begins with a request line or a status line. */
#include "protocol/http_wire.h"

enum wtr_bid wtr_http_probe(const struct wtr_probe *probe)
{
    switch (wtr_http_judge_start(probe->bytes, probe->length)) {
    case WTR_HTTP_WHOLE:
        return WTR_BID_CERTAIN;
    case WTR_HTTP_MORE:
        return WTR_BID_MORE;
    default:
        return WTR_BID_NONE;
    }
}

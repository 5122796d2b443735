/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP's numbers and their names (IANA, Constrained RESTful Environments Parameters; each option's length and
 * format in the RFC that registers it), and the three options by which Shelly's devices sign their messages
 * (Shelly API reference for Gen1, "CoIoT mandatory CoAP options"). */
#include "protocol/coap_wire.h"

static const struct wtr_coap_option_rule rules[] = {
    {"If-Match", 1, WTR_COAP_FORMAT_OPAQUE, 0, 8, true},          /* RFC 7252 5.10 */
    {"Uri-Host", 3, WTR_COAP_FORMAT_STRING, 1, 255, false},       /* RFC 7252 5.10 */
    {"ETag", 4, WTR_COAP_FORMAT_OPAQUE, 1, 8, true},              /* RFC 7252 5.10 */
    {"If-None-Match", 5, WTR_COAP_FORMAT_EMPTY, 0, 0, false},     /* RFC 7252 5.10 */
    {"Observe", 6, WTR_COAP_FORMAT_UINT, 0, 3, false},            /* RFC 7641 2 */
    {"Uri-Port", 7, WTR_COAP_FORMAT_UINT, 0, 2, false},           /* RFC 7252 5.10 */
    {"Location-Path", 8, WTR_COAP_FORMAT_STRING, 0, 255, true},   /* RFC 7252 5.10 */
    {"OSCORE", 9, WTR_COAP_FORMAT_OPAQUE, 0, 255, false},         /* RFC 8613 2 */
    {"Uri-Path", 11, WTR_COAP_FORMAT_STRING, 0, 255, true},       /* RFC 7252 5.10 */
    {"Content-Format", 12, WTR_COAP_FORMAT_UINT, 0, 2, false},    /* RFC 7252 5.10 */
    {"Max-Age", 14, WTR_COAP_FORMAT_UINT, 0, 4, false},           /* RFC 7252 5.10 */
    {"Uri-Query", 15, WTR_COAP_FORMAT_STRING, 0, 255, true},      /* RFC 7252 5.10 */
    {"Hop-Limit", 16, WTR_COAP_FORMAT_UINT, 1, 1, false},         /* RFC 8768 3 */
    {"Accept", 17, WTR_COAP_FORMAT_UINT, 0, 2, false},            /* RFC 7252 5.10 */
    {"Q-Block1", 19, WTR_COAP_FORMAT_BLOCK, 0, 3, false},         /* RFC 9177 4.1 */
    {"Location-Query", 20, WTR_COAP_FORMAT_STRING, 0, 255, true}, /* RFC 7252 5.10 */
    {"EDHOC", 21, WTR_COAP_FORMAT_EMPTY, 0, 0, false},            /* RFC 9668 3.1 */
    {"Block2", 23, WTR_COAP_FORMAT_BLOCK, 0, 3, false},           /* RFC 7959 2.1 */
    {"Block1", 27, WTR_COAP_FORMAT_BLOCK, 0, 3, false},           /* RFC 7959 2.1 */
    {"Size2", 28, WTR_COAP_FORMAT_UINT, 0, 4, false},             /* RFC 7959 4 */
    {"Q-Block2", 31, WTR_COAP_FORMAT_BLOCK, 0, 3, true},          /* RFC 9177 4.1 */
    {"Proxy-Uri", 35, WTR_COAP_FORMAT_STRING, 1, 1034, false},    /* RFC 7252 5.10 */
    {"Proxy-Scheme", 39, WTR_COAP_FORMAT_STRING, 1, 255, false},  /* RFC 7252 5.10 */
    {"Size1", 60, WTR_COAP_FORMAT_UINT, 0, 4, false},             /* RFC 7252 5.10 */
    {"Echo", 252, WTR_COAP_FORMAT_OPAQUE, 1, 40, false},          /* RFC 9175 2.2.1 */
    {"No-Response", 258, WTR_COAP_FORMAT_UINT, 0, 1, false},      /* RFC 7967 2 */
    {"Request-Tag", 292, WTR_COAP_FORMAT_OPAQUE, 0, 8, true},     /* RFC 9175 3.2.1 */
    {"COIOT_OPTION_GLOBAL_DEVID", 3332, WTR_COAP_FORMAT_STRING, 1, 50, false},
    {"COIOT_OPTION_STATUS_VALIDITY", 3412, WTR_COAP_FORMAT_UINT, 2, 2, false},
    {"COIOT_OPTION_STATUS_SERIAL", 3420, WTR_COAP_FORMAT_UINT, 2, 2, false},
};

/* Options of signals have numbers of their own under each code (RFC 8323 5). */
struct signal_rule {
    uint8_t code;
    struct wtr_coap_option_rule rule;
};

static const struct signal_rule signal_rules[] = {
    {WTR_COAP_CODE(7, 1), {"Max-Message-Size", 2, WTR_COAP_FORMAT_UINT, 0, 4, false}},
    {WTR_COAP_CODE(7, 1), {"Block-Wise-Transfer", 4, WTR_COAP_FORMAT_EMPTY, 0, 0, false}},
    {WTR_COAP_CODE(7, 1),
     {"Extended-Token-Length", 6, WTR_COAP_FORMAT_UINT, 0, 3, false}}, /* RFC 8974 2.2.1 */
    {WTR_COAP_CODE(7, 2), {"Custody", 2, WTR_COAP_FORMAT_EMPTY, 0, 0, false}},
    {WTR_COAP_CODE(7, 3), {"Custody", 2, WTR_COAP_FORMAT_EMPTY, 0, 0, false}},
    {WTR_COAP_CODE(7, 4), {"Alternative-Address", 2, WTR_COAP_FORMAT_STRING, 1, 255, true}},
    {WTR_COAP_CODE(7, 4), {"Hold-Off", 4, WTR_COAP_FORMAT_UINT, 0, 3, false}},
    {WTR_COAP_CODE(7, 5), {"Bad-CSM-Option", 2, WTR_COAP_FORMAT_UINT, 0, 2, false}},
};

const struct wtr_coap_option_rule *wtr_coap_option_rule(uint8_t code, uint32_t number)
{
    if (wtr_coap_class(code) == 7) {
        for (size_t i = 0; i < sizeof signal_rules / sizeof *signal_rules; i++)
            if (signal_rules[i].code == code && signal_rules[i].rule.number == number)
                return &signal_rules[i].rule;
        return NULL;
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].number == number)
            return &rules[i];
    return NULL;
}

const char *wtr_coap_code_name(uint8_t code)
{
    static const char *const names[256] = {
        [WTR_COAP_EMPTY] = "Empty",
        [WTR_COAP_GET] = "GET",
        [WTR_COAP_POST] = "POST",
        [WTR_COAP_PUT] = "PUT",
        [WTR_COAP_DELETE] = "DELETE",
        [WTR_COAP_FETCH] = "FETCH",   /* RFC 8132 */
        [WTR_COAP_PATCH] = "PATCH",   /* RFC 8132 */
        [WTR_COAP_IPATCH] = "iPATCH", /* RFC 8132 */
        [WTR_COAP_CODE(2, 1)] = "Created",
        [WTR_COAP_CODE(2, 2)] = "Deleted",
        [WTR_COAP_CODE(2, 3)] = "Valid",
        [WTR_COAP_CODE(2, 4)] = "Changed",
        [WTR_COAP_CODE(2, 5)] = "Content",
        [WTR_COAP_CODE(2, 31)] = "Continue", /* RFC 7959 2.9.1 */
        [WTR_COAP_CODE(4, 0)] = "Bad Request",
        [WTR_COAP_CODE(4, 1)] = "Unauthorized",
        [WTR_COAP_CODE(4, 2)] = "Bad Option",
        [WTR_COAP_CODE(4, 3)] = "Forbidden",
        [WTR_COAP_CODE(4, 4)] = "Not Found",
        [WTR_COAP_CODE(4, 5)] = "Method Not Allowed",
        [WTR_COAP_CODE(4, 6)] = "Not Acceptable",
        [WTR_COAP_CODE(4, 8)] = "Request Entity Incomplete", /* RFC 7959 2.9.2 */
        [WTR_COAP_CODE(4, 9)] = "Conflict",                  /* RFC 8132 */
        [WTR_COAP_CODE(4, 12)] = "Precondition Failed",
        [WTR_COAP_CODE(4, 13)] = "Request Entity Too Large",
        [WTR_COAP_CODE(4, 15)] = "Unsupported Content-Format",
        [WTR_COAP_CODE(4, 22)] = "Unprocessable Entity", /* RFC 8132 */
        [WTR_COAP_CODE(4, 29)] = "Too Many Requests",    /* RFC 8516 */
        [WTR_COAP_CODE(5, 0)] = "Internal Server Error",
        [WTR_COAP_CODE(5, 1)] = "Not Implemented",
        [WTR_COAP_CODE(5, 2)] = "Bad Gateway",
        [WTR_COAP_CODE(5, 3)] = "Service Unavailable",
        [WTR_COAP_CODE(5, 4)] = "Gateway Timeout",
        [WTR_COAP_CODE(5, 5)] = "Proxying Not Supported",
        [WTR_COAP_CODE(5, 8)] = "Hop Limit Reached", /* RFC 8768 */
        [WTR_COAP_CODE(7, 1)] = "CSM",               /* RFC 8323 5 */
        [WTR_COAP_CODE(7, 2)] = "Ping",
        [WTR_COAP_CODE(7, 3)] = "Pong",
        [WTR_COAP_CODE(7, 4)] = "Release",
        [WTR_COAP_CODE(7, 5)] = "Abort",
    };
    return names[code];
}

const char *wtr_coap_media_type(uint32_t format)
{
    static const struct {
        uint32_t number;
        const char *name;
    } types[] = {
        {0, "text/plain;charset=utf-8"},
        {40, "application/link-format"},
        {41, "application/xml"},
        {42, "application/octet-stream"},
        {47, "application/exi"},
        {50, "application/json"},
        {51, "application/json-patch+json"},
        {52, "application/merge-patch+json"},
        {60, "application/cbor"},
        {61, "application/cwt"},
        {110, "application/senml+json"},
        {112, "application/senml+cbor"},
        {11542, "application/vnd.oma.lwm2m+tlv"},
        {11543, "application/vnd.oma.lwm2m+json"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].number == format)
            return types[i].name;
    return NULL;
}

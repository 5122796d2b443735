/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as the Certificate message holds them (RFC 5246 7.4.2, RFC 8446 4.4.2), read by mbedTLS. One
 * that mbedTLS refuses is hashed all the same. Names are as mbedTLS writes them, which puts '?' for bytes
 * beyond ASCII; times are those of the certificate, in UTC (RFC 5280 4.1.2.5). */
#include "protocol/tls_wire.h"

#include <mbedtls/md.h>
#include <mbedtls/x509_crt.h>

#include <stdio.h>
#include <stdlib.h>

/* Longer ones are hashed and not read, and longer names not kept. */
enum { MAX_READ = 1 << 16, MAX_NAME = 1024 };

bool wtr_tls_each_certificate(struct wtr_text body, bool v13, void (*take)(void *, struct wtr_text),
                              void *payload)
{
    struct wtr_cursor c = wtr_cursor_over(body.data, body.length);
    if (v13)
        wtr_take(&c, wtr_take_u8(&c)); /* certificate_request_context */
    size_t length = (size_t)wtr_take_u8(&c) << 16;
    length |= wtr_take_be16(&c);
    if (c.bad || length != wtr_left(&c))
        return false;
    while (wtr_left(&c) > 0) {
        size_t one = (size_t)wtr_take_u8(&c) << 16;
        one |= wtr_take_be16(&c);
        const uint8_t *der = wtr_take(&c, one);
        if (v13)
            wtr_take(&c, wtr_take_be16(&c)); /* its extensions */
        if (c.bad)
            return false;
        take(payload, wtr_text_of(der, one));
    }
    return !c.bad;
}

/* Days from 1970-01-01 of a date in the Gregorian calendar, counted from 1 March of year 0. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t shifted = month <= 2 ? month + 9 : month - 3;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day - 1 - 719468;
}

/* Times that nanoseconds can't hold stand at the end of what they can. */
static int64_t time_of(const mbedtls_x509_time *t)
{
    int64_t minutes = days_of(t->year, t->mon, t->day) * 1440 + (int64_t)t->hour * 60 + t->min;
    int64_t seconds = minutes * 60 + t->sec;
    const int64_t most = INT64_MAX / 1000000000;
    return seconds > most ? INT64_MAX : seconds < -most ? INT64_MIN : seconds * 1000000000;
}

static void put_time(char out[21], const mbedtls_x509_time *t)
{
    unsigned year = (unsigned)t->year % 10000;
    snprintf(out, 21, "%04u-%02u-%02uT%02u:%02u:%02uZ", year, (unsigned)t->mon % 100, (unsigned)t->day % 100,
             (unsigned)t->hour % 100, (unsigned)t->min % 100, (unsigned)t->sec % 100);
}

static char *copy_name(const mbedtls_x509_name *name)
{
    char text[MAX_NAME];
    int length = mbedtls_x509_dn_gets(text, sizeof text, name);
    char *copy = length >= 0 ? malloc((size_t)length + 1) : NULL;
    if (copy) {
        memcpy(copy, text, (size_t)length);
        copy[length] = '\0';
    }
    return copy;
}

static void put_serial(char *out, size_t room, const mbedtls_x509_buf *serial)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = serial->len < room / 2 ? serial->len : room / 2;
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[serial->p[i] >> 4];
        out[2 * i + 1] = digits[serial->p[i] & 15];
    }
    out[2 * length] = '\0';
}

bool wtr_tls_read_certificate(struct wtr_text der, struct wtr_tls_certificate *certificate)
{
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    const uint8_t *bytes = (const uint8_t *)der.data;
    *certificate = (struct wtr_tls_certificate){0};
    if (!sha256 || mbedtls_md(sha256, bytes, der.length, certificate->sha256) != 0)
        return false;
    mbedtls_x509_crt crt;
    mbedtls_x509_crt_init(&crt);
    if (der.length <= MAX_READ && mbedtls_x509_crt_parse_der_nocopy(&crt, bytes, der.length) == 0) {
        certificate->read = true;
        certificate->subject = copy_name(&crt.subject);
        certificate->issuer = copy_name(&crt.issuer);
        put_serial(certificate->serial, sizeof certificate->serial - 1, &crt.serial);
        put_time(certificate->not_before, &crt.valid_from);
        put_time(certificate->not_after, &crt.valid_to);
        certificate->not_before_ns = time_of(&crt.valid_from);
        certificate->not_after_ns = time_of(&crt.valid_to);
        certificate->has_spki =
            mbedtls_md(sha256, crt.pk_raw.p, crt.pk_raw.len, certificate->spki_sha256) == 0;
    }
    mbedtls_x509_crt_free(&crt);
    return true;
}

void wtr_tls_forget_certificate(struct wtr_tls_certificate *certificate)
{
    free(certificate->subject);
    free(certificate->issuer);
    certificate->subject = certificate->issuer = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The network that a BK7231 with Tuya's firmware joined last, in a sector of its own: ssid[33], +0x21 BSSID,
 * +0x27 security, +0x28 channel, +0x29 the PMK as 64 hexadecimal digits and NUL, +0x6A password[65]; in
 * clear, or with eight bytes XORed over it again and again. From dumps: the PMK is PBKDF2-HMAC-SHA1(password,
 * SSID, 4096) (IEEE 802.11-2020 J.4) on 11 of 12 devices, which is a check that nothing else matches. It
 * outlives the device's removal from its account. */
#include "vendor/tuya/flash_netparam.h"

#include "base/bytes.h"
#include "flash/gather.h"
#include "vendor/tuya/cipher.h"

enum {
    SSID_ROOM = 33,
    BSSID_AT = 0x21,
    SECURITY_AT = 0x27,
    CHANNEL_AT = 0x28,
    PMK_AT = 0x29,
    PMK_DIGITS = 64,
    PASSWORD_AT = 0x6A,
    PASSWORD_ROOM = 65,
    LENGTH = 0xAB,
    PADS = 2
};

static const uint8_t pads[PADS][8] = {{0}, {0x55, 0xAA, 0x5A, 0x55, 0xA5, 0x4D, 0x63, 0x7F}};
static const struct wtr_opening unmasked = {"xor", true, NULL, NULL};

static int digit_of(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Text that fills its room with NUL behind it. */
static bool read_text(const uint8_t *plain, size_t at, size_t room, struct wtr_text *text)
{
    size_t n = strnlen((const char *)plain + at, room);
    *text = wtr_text_of(plain + at, n);
    for (size_t i = n; i < room; i++)
        if (plain[at + i] != 0)
            return false;
    for (size_t i = 0; i < n; i++)
        if (plain[at + i] < ' ')
            return false;
    return n < room;
}

static void unmask(const uint8_t *sector, const uint8_t *pad, uint8_t plain[LENGTH])
{
    for (size_t i = 0; i < LENGTH; i++)
        plain[i] = sector[i] ^ pad[i % 8];
}

/* Whether it has the structure's form. *digits: how many of the PMK's are hexadecimal. */
static bool has_form(const uint8_t plain[LENGTH], size_t *digits)
{
    struct wtr_text text;
    *digits = 0;
    for (size_t i = 0; i < PMK_DIGITS; i++)
        *digits += digit_of(plain[PMK_AT + i]) >= 0;
    return plain[PMK_AT + PMK_DIGITS] == 0 && *digits == PMK_DIGITS &&
           read_text(plain, 0, SSID_ROOM, &text) && text.length > 0 && plain[CHANNEL_AT] <= 14;
}

/* The way in which the sector is masked that gives it the structure's form; PADS: none. One that damage has
 * hit shows itself by most of the PMK's digits. */
static size_t pad_of(const uint8_t *sector, uint8_t plain[LENGTH])
{
    size_t digits, most = PMK_DIGITS - 4, best = PADS;
    for (size_t k = 0; k < PADS; k++) {
        unmask(sector, pads[k], plain);
        if (has_form(plain, &digits))
            return k;
        if (digits >= most) {
            most = digits;
            best = k;
        }
    }
    if (best < PADS)
        unmask(sector, pads[best], plain);
    return best;
}

static bool pmk_fits(const uint8_t *plain, const struct wtr_tuya_netparam *p)
{
    uint8_t pmk[32];
    if (p->password.length < 8 || p->password.length > 63 || !wtr_tuya_pmk(p->password, p->ssid, pmk))
        return false;
    for (size_t i = 0; i < PMK_DIGITS; i++)
        if (digit_of(plain[PMK_AT + i]) != (i % 2 ? pmk[i / 2] & 15 : pmk[i / 2] >> 4))
            return false;
    return true;
}

static struct wtr_tuya_netparam body_of(const uint8_t *plain)
{
    struct wtr_tuya_netparam body = {
        .bssid = wtr_text_of(plain + BSSID_AT, 6),
        .security = plain[SECURITY_AT],
        .channel = plain[CHANNEL_AT],
    };
    bool formed = read_text(plain, 0, SSID_ROOM, &body.ssid);
    formed &= read_text(plain, PASSWORD_AT, PASSWORD_ROOM, &body.password);
    body.proved = formed && pmk_fits(plain, &body);
    return body;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    uint8_t plain[LENGTH];
    size_t digits;
    (void)keys;
    if (at > length || length - at < LENGTH)
        return find;
    for (size_t k = 0; k < PADS && !find.bid; k++) {
        bool hint = digit_of(image[at + PMK_AT] ^ pads[k][PMK_AT % 8]) >= 0 &&
                    image[at + PMK_AT + PMK_DIGITS] == pads[k][(PMK_AT + PMK_DIGITS) % 8];
        if (!hint)
            continue;
        unmask(image + at, pads[k], plain);
        if (has_form(plain, &digits))
            find.bid = WTR_FLASH_CERTAIN;
    }
    find.length = length - at < WTR_FLASH_SECTOR ? length - at : WTR_FLASH_SECTOR;
    return find;
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    uint8_t plain[LENGTH];
    struct wtr_gather gather = {0};
    size_t pad = volume->span.length >= LENGTH ? pad_of(volume->span.bytes, plain) : PADS;
    if (pad == PADS) {
        sink->finding(sink->payload, volume, 0, volume->span.length,
                      "it has not the form of the last network's parameters");
        return;
    }
    if (wtr_gather_add_opened(&gather, &volume->span, 0, LENGTH, plain, LENGTH)) {
        struct wtr_span span = wtr_gather_span(&gather, pad > 0 ? &unmasked : volume->span.opening);
        struct wtr_tuya_netparam body = body_of(span.bytes);
        struct wtr_entry entry = {.format = wtr_tuya_netparam_format.name,
                                  .volume = volume->name,
                                  .path = WTR_TEXT("net-param"),
                                  .integrity = body.proved ? WTR_INTEGRITY_OK : WTR_INTEGRITY_FAILED,
                                  .check = "pmk",
                                  .span = span,
                                  .body = &body};
        sink->entry(sink->payload, &entry);
    }
    wtr_gather_free(&gather);
}

const struct wtr_flash_format wtr_tuya_netparam_format = {
    .name = "tuya-netparam",
    .probe = probe,
    .read = read_volume,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* What Tuya's firmware for ESP8266 stores in clear, in sectors of its own (dumps of two devices): the
 * schedules, a JSON array behind its u32 length; and what the factory wrote, a JSON object that begins with
 * the MAC address, and one of the access point for set-up 256 bytes further on. There are no sums: what is no
 * whole JSON is a finding. */
#include "vendor/tuya/flash_psm.h"

#include "base/bytes.h"
#include "base/json.h"
#include "flash/gather.h"

enum { SECTOR = WTR_FLASH_SECTOR, LENGTH = 4, SECOND = 256 };

static const char rule_start[] = "[{\"date\":", factory_start[] = "{\"mac_addr\":";

/* Hands on `length` bytes at `at` as an entry, if they are whole JSON. */
static void say(const struct wtr_volume *volume, const struct wtr_flash_sink *sink, const char *format,
                struct wtr_text path, size_t at, size_t length)
{
    struct wtr_json json = {0};
    struct wtr_gather gather = {0};
    if (!wtr_json_parse(&json, wtr_text_of(volume->span.bytes + at, length)))
        sink->finding(sink->payload, volume, at, length, "the JSON text is not whole");
    else if (wtr_gather_add(&gather, &volume->span, at, length)) {
        struct wtr_entry entry = {.format = format,
                                  .volume = volume->name,
                                  .path = path,
                                  .span = wtr_gather_span(&gather, volume->span.opening)};
        sink->entry(sink->payload, &entry);
    }
    wtr_gather_free(&gather);
    wtr_json_free(&json);
}

static struct wtr_flash_find found(size_t length, size_t at)
{
    size_t left = length - at;
    return (struct wtr_flash_find){WTR_FLASH_CERTAIN, 0, left < SECTOR ? left : SECTOR};
}

/* ---- schedules */

static struct wtr_flash_find probe_schedules(const uint8_t *image, size_t length, size_t at,
                                             const struct wtr_keyring *keys)
{
    const size_t start = sizeof rule_start - 1;
    (void)keys;
    if (at > length || length - at < LENGTH + start || memcmp(image + at + LENGTH, rule_start, start) != 0 ||
        wtr_le32(image + at) > SECTOR - LENGTH)
        return (struct wtr_flash_find){WTR_FLASH_NO, 0, 0};
    return found(length, at);
}

static void read_schedules(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    const size_t room = volume->span.length;
    size_t length = room >= LENGTH ? wtr_le32(volume->span.bytes) : 0;
    if (room < LENGTH || length > room - LENGTH)
        sink->finding(sink->payload, volume, 0, room, "the schedules are longer than what holds them");
    else
        say(volume, sink, wtr_tuya_schedules.name, WTR_TEXT("schedules"), LENGTH, length);
}

/* ---- the factory's */

static struct wtr_flash_find probe_factory(const uint8_t *image, size_t length, size_t at,
                                           const struct wtr_keyring *keys)
{
    const size_t start = sizeof factory_start - 1;
    (void)keys;
    if (at > length || length - at < start || memcmp(image + at, factory_start, start) != 0)
        return (struct wtr_flash_find){WTR_FLASH_NO, 0, 0};
    return found(length, at);
}

static void say_z(const struct wtr_volume *volume, const struct wtr_flash_sink *sink, struct wtr_text path,
                  size_t at)
{
    const struct wtr_span *span = &volume->span;
    if (at >= span->length || span->bytes[at] != '{')
        return;
    size_t length = strnlen((const char *)span->bytes + at, span->length - at);
    say(volume, sink, wtr_tuya_factory.name, path, at, length);
}

static void read_factory(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    say_z(volume, sink, WTR_TEXT("factory"), 0);
    say_z(volume, sink, WTR_TEXT("access point"), SECOND);
}

const struct wtr_flash_format wtr_tuya_schedules = {
    .name = "tuya-schedules",
    .probe = probe_schedules,
    .read = read_schedules,
};

const struct wtr_flash_format wtr_tuya_factory = {
    .name = "tuya-factory",
    .probe = probe_factory,
    .read = read_factory,
};

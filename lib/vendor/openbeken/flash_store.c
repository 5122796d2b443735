/* SPDX-License-Identifier: Apache-2.0 */
/* The sector in which OpenBeken keeps its configuration (openshwprojects/OpenBK7231T_App src/new_pins.h
 * mainConfig_t, src/new_cfg.c CFG_CalcChecksum, CFG_Save_IfThereArePendingChanges, Tiny_CRC8) [S]; never seen
 * on a real dump:
 *
 *   - "CFG", u8 CRC-8 (0x8C reflected, from 0) of what follows up to 2016 bytes (version 3) or 3584; 4 i32
 * version; 0x10 u16 how often it was changed; 0x12 u16 updates over the air; 0x14 SSID[64], 0x54
 * password[64], 0x94 MQTT host[256], 0x194 client id[64], 0x1D4 user[64], 0x214 password[128], 0x294 i32
 * port, 0x2D8 MAC, 0x2DE short name[32], 0x2FE long name[64], 0x33E pins.
 *   - pins: a role a pin, a channel a pin, a second channel a pin, a type for each of 64 channels; roles 1
 * and 2 are relays. Behind them an i16 for each channel: its value at a start, -1: the last one is kept. How
 * many pins there are depends on the platform: 32 on the BK7231, which the long name or the group topic
 * shows. Others are not read. One bit in 256 damaged copies passes an eight-bit sum: it proves little. */
#include "vendor/openbeken/flash_store.h"

#include "base/bytes.h"
#include "flash/gather.h"

enum { V3_LENGTH = 2016, GROUP_TOPIC = 0x554, LONG_NAME = 0x2FE };

static uint8_t crc8(const uint8_t *bytes, size_t length)
{
    uint8_t crc = 0;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (uint8_t)((crc & 1) != 0 ? crc >> 1 ^ 0x8C : crc >> 1);
    }
    return crc;
}

bool wtr_openbeken_config_open(struct wtr_openbeken_config *config, const uint8_t *bytes, size_t length)
{
    if (length < V3_LENGTH || memcmp(bytes, "CFG", 3) != 0)
        return false;
    uint32_t version = wtr_le32(bytes + 4);
    size_t whole = version <= 3 ? V3_LENGTH : WTR_OPENBEKEN_CONFIG;
    if (version < 1 || version > 5 || length < whole)
        return false;
    *config = (struct wtr_openbeken_config){.bytes = bytes,
                                            .length = whole,
                                            .version = version,
                                            .changes = wtr_le16(bytes + 0x10),
                                            .holds = crc8(bytes + 4, whole - 4) == bytes[3]};
    return true;
}

struct wtr_text wtr_openbeken_config_text(const struct wtr_openbeken_config *config, size_t at, size_t room)
{
    if (at + room > config->length)
        return (struct wtr_text){NULL, 0};
    const uint8_t *end = memchr(config->bytes + at, 0, room);
    return wtr_text_of(config->bytes + at, end ? (size_t)(end - config->bytes) - at : room);
}

uint32_t wtr_openbeken_config_kept(const struct wtr_openbeken_config *config)
{
    enum { PINS = 32, ROLES = 0x33E, CHANNELS = ROLES + PINS, STARTS = 0x3DE };
    struct wtr_text name = wtr_openbeken_config_text(config, LONG_NAME, 64);
    struct wtr_text group = wtr_openbeken_config_text(config, GROUP_TOPIC, 64);
    uint32_t kept = 0;
    if (!wtr_text_starts(name, "OpenBK7231T_") && !wtr_text_starts(name, "OpenBK7231N_") &&
        !wtr_text_is(group, "bekens_t") && !wtr_text_is(group, "bekens_n"))
        return 0;
    for (size_t pin = 0; pin < PINS; pin++) {
        uint8_t role = config->bytes[ROLES + pin];
        uint8_t channel = config->bytes[CHANNELS + pin];
        if ((role == 1 || role == 2) && channel < WTR_OPENBEKEN_KEPT &&
            wtr_le16(config->bytes + STARTS + 2 * (size_t)channel) == UINT16_MAX)
            kept |= (uint32_t)1 << channel;
    }
    return kept;
}

static struct wtr_flash_find probe_config(const uint8_t *image, size_t length, size_t at,
                                          const struct wtr_keyring *keys)
{
    (void)keys;
    struct wtr_openbeken_config config;
    if (at >= length || !wtr_openbeken_config_open(&config, image + at, length - at))
        return (struct wtr_flash_find){WTR_FLASH_NO, 0, 0};
    return (struct wtr_flash_find){config.holds ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE, 0, WTR_FLASH_SECTOR};
}

static void read_config(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct wtr_openbeken_config config;
    struct wtr_gather gather = {0};
    if (!wtr_openbeken_config_open(&config, volume->span.bytes, volume->span.length))
        return;
    if (!config.holds)
        sink->finding(sink->payload, volume, 0, config.length,
                      "the check of this configuration does not hold");
    if (wtr_gather_add(&gather, &volume->span, 0, config.length)) {
        struct wtr_entry entry = {
            .format = wtr_openbeken_config_format.name,
            .volume = volume->name,
            .path = WTR_TEXT("config"),
            .state = WTR_ENTRY_LIVE,
            .integrity = config.holds ? WTR_INTEGRITY_WEAK : WTR_INTEGRITY_FAILED,
            .check = "crc8",
            .order = {.scope = WTR_TEXT("changes"),
                      .sequence = config.changes,
                      .has_sequence = config.holds,
                      .basis = config.holds ? WTR_ORDER_EXACT : WTR_ORDER_NONE},
            .secret = true,
            .span = wtr_gather_span(&gather, volume->span.opening),
        };
        sink->entry(sink->payload, &entry);
    }
    wtr_gather_free(&gather);
}

const struct wtr_flash_format wtr_openbeken_config_format = {
    .name = "openbeken-config",
    .probe = probe_config,
    .read = read_config,
};

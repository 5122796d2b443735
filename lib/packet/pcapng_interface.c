/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces of a pcapng section: Interface Description and Interface Statistics Blocks
 * (draft-ietf-opsawg-pcapng 4.2, 4.6), and the time stamps that their options give a meaning. */
#include "packet/pcapng_internal.h"

#include <stdlib.h>

enum { NANOSECONDS = 1000000000, MICROSECOND_RESOLUTION = 6, POWER_OF_TWO = 0x80 };
/* Offsets of an Interface Description Block's and an Interface Statistics Block's options. */
enum { DESCRIPTION_OPTIONS = 16, STATISTICS_OPTIONS = 20 };
/* Seconds whose nanoseconds are within int64 whatever the fraction. */
static const int64_t last_second = 9223372035;

bool wtr_clock_usable(uint8_t resolution)
{
    int exponent = resolution & ~POWER_OF_TWO;
    return (resolution & POWER_OF_TWO) != 0 ? exponent <= 63 : exponent <= 19;
}

static uint64_t power_of_ten(int exponent)
{
    uint64_t power = 1;
    for (int i = 0; i < exponent; i++) {
        power *= 10;
    }
    return power;
}

/* parts / 2^exponent seconds in whole nanoseconds, with parts below 2^exponent. */
static uint64_t binary_fraction_ns(uint64_t parts, int exponent)
{
    if (exponent <= 32) {
        return parts * NANOSECONDS >> exponent;
    }
    uint64_t low = (parts & UINT32_MAX) * NANOSECONDS >> 32;
    return ((parts >> 32) * NANOSECONDS + low) >> (exponent - 32);
}

static uint64_t decimal_fraction_ns(uint64_t parts, int exponent)
{
    return exponent <= 9 ? parts * power_of_ten(9 - exponent) : parts / power_of_ten(exponent - 9);
}

bool wtr_clock_time(const struct wtr_interface_clock *clock, uint64_t stamp, int64_t *time_ns)
{
    int exponent = clock->resolution & ~POWER_OF_TWO;
    bool binary = (clock->resolution & POWER_OF_TWO) != 0;
    uint64_t unit = binary ? (uint64_t)1 << exponent : power_of_ten(exponent);
    uint64_t whole = stamp / unit;
    uint64_t parts = stamp % unit;
    if (whole > INT64_MAX || (clock->offset > 0 && (int64_t)whole > INT64_MAX - clock->offset)) {
        return false;
    }
    int64_t seconds = (int64_t)whole + clock->offset;
    if (seconds < -last_second || seconds > last_second) {
        return false;
    }
    uint64_t fraction = binary ? binary_fraction_ns(parts, exponent) : decimal_fraction_ns(parts, exponent);
    *time_ns = seconds * NANOSECONDS + (int64_t)fraction;
    return true;
}

static uint32_t resolution_ns(uint8_t resolution)
{
    int exponent = resolution & ~POWER_OF_TWO;
    if ((resolution & POWER_OF_TWO) == 0) {
        return exponent >= 9 ? 1 : (uint32_t)power_of_ten(9 - exponent);
    }
    uint64_t unit = (uint64_t)1 << exponent;
    return exponent >= 30 ? 1 : (uint32_t)((NANOSECONDS + unit - 1) / unit);
}

void wtr_interfaces_restart(struct wtr_interfaces *interfaces)
{
    interfaces->before += interfaces->count;
    interfaces->count = 0;
}

static void bad_option(struct wtr_capture *capture, const struct wtr_block *block,
                       const struct wtr_option *option, const char *reason)
{
    struct wtr_capture_place place = {
        .record = block->offset, .offset = option->offset - 4, .length = (uint64_t)option->length + 4};
    wtr_capture_damage(capture, place, reason);
}

/* Lengths of the options that have a fixed one (draft-ietf-opsawg-pcapng table 3). */
static bool right_length(const struct wtr_option *option)
{
    static const uint8_t lengths[] = {
        [4] = 8,  [5] = 17, [6] = 6,  [7] = 8,  [8] = 8,  [9] = 1,
        [10] = 4, [13] = 1, [14] = 8, [16] = 8, [17] = 8,
    };
    return option->code >= sizeof lengths || lengths[option->code] == 0 ||
           lengths[option->code] == option->length;
}

/* Reads the options. Where one is damaged, what it was can't be told, and it may have been the clock's: then
 * the interface's time stamps mean nothing. */
static void describe(struct wtr_capture *capture, const struct wtr_block *block, struct wtr_interface *made)
{
    uint32_t at = DESCRIPTION_OPTIONS;
    struct wtr_option option;
    while (wtr_block_option(capture, block, &at, 0, &option)) {
        if (!right_length(&option)) {
            made->has_clock = false;
            bad_option(capture, block, &option, "an option of the interface has the wrong length");
        } else if (option.code == WTR_OPTION_TSRESOL && !wtr_clock_usable(option.value[0])) {
            made->has_clock = false;
            bad_option(capture, block, &option, "the time stamp resolution is finer than can be read");
        } else if (option.code == WTR_OPTION_TSRESOL) {
            made->clock.resolution = option.value[0];
        } else if (option.code == WTR_OPTION_TSOFFSET) {
            made->clock.offset = (int64_t)wtr_order64(block->big, option.value);
        }
    }
    made->has_clock = made->has_clock && wtr_block_only_options(block, DESCRIPTION_OPTIONS);
    made->resolution_ns = resolution_ns(made->clock.resolution);
}

bool wtr_interfaces_fits(const struct wtr_block *block)
{
    if (block->length < DESCRIPTION_OPTIONS + 4 || wtr_order16(block->big, block->bytes + 10) != 0 ||
        !wtr_block_only_options(block, DESCRIPTION_OPTIONS)) {
        return false;
    }
    uint32_t at = DESCRIPTION_OPTIONS;
    struct wtr_option option;
    while (wtr_block_read_option(block, &at, &option) == WTR_OPTION_READ) {
        if (!right_length(&option)) {
            return false;
        }
    }
    return true;
}

static bool make_room(struct wtr_interfaces *interfaces)
{
    if (interfaces->count < interfaces->capacity) {
        return true;
    }
    uint32_t capacity = interfaces->capacity == 0 ? 4 : interfaces->capacity * 2;
    struct wtr_interface *list = realloc(interfaces->list, capacity * sizeof *list);
    if (!list) {
        return false;
    }
    interfaces->list = list;
    interfaces->capacity = capacity;
    return true;
}

enum wtr_status wtr_interfaces_add(struct wtr_capture *capture, struct wtr_interfaces *interfaces,
                                   const struct wtr_block *block)
{
    if (interfaces->count == WTR_INTERFACES_MAX) {
        return WTR_PARTIAL;
    }
    if (!make_room(interfaces)) {
        return WTR_E_MEMORY;
    }
    uint32_t snap = wtr_order32(block->big, block->bytes + 12);
    struct wtr_interface made = {
        .link_type = wtr_order16(block->big, block->bytes + 8),
        .snap = snap == 0 ? UINT32_MAX : snap,
        .has_clock = true,
        .clock = {.resolution = MICROSECOND_RESOLUTION},
    };
    describe(capture, block, &made);
    interfaces->list[interfaces->count++] = made;
    capture->facts.interfaces++;
    return WTR_OK;
}

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Statistics count from the start of the capture, and packets may state their gaps beside them: the larger of
 * the two accounts of one loss counts. */
static uint64_t drops_of(const struct wtr_interface *interface)
{
    uint64_t stated = add_saturating(interface->if_drops, interface->os_drops);
    return stated > interface->gap_drops ? stated : interface->gap_drops;
}

static void count_drops(struct wtr_capture *capture, uint64_t before, uint64_t after)
{
    struct wtr_capture_facts *facts = &capture->facts;
    facts->drops_known = true;
    facts->dropped =
        after >= before ? add_saturating(facts->dropped, after - before) : facts->dropped - (before - after);
}

void wtr_interfaces_gap(struct wtr_capture *capture, struct wtr_interfaces *interfaces, uint32_t id,
                        uint64_t drops)
{
    struct wtr_interface *interface = &interfaces->list[id];
    uint64_t before = drops_of(interface);
    interface->gap_drops = add_saturating(interface->gap_drops, drops);
    count_drops(capture, before, drops_of(interface));
}

void wtr_interfaces_statistics(struct wtr_capture *capture, struct wtr_interfaces *interfaces,
                               const struct wtr_block *block)
{
    uint32_t id = wtr_order32(block->big, block->bytes + 8);
    if (id >= interfaces->count) {
        struct wtr_capture_place place = {.record = block->offset, .offset = block->offset + 8, .length = 4};
        wtr_capture_damage(capture, place, "the statistics are of an interface that is not described");
        return;
    }
    struct wtr_interface *interface = &interfaces->list[id];
    uint64_t before = drops_of(interface);
    uint32_t at = STATISTICS_OPTIONS;
    struct wtr_option option;
    while (wtr_block_option(capture, block, &at, 0, &option)) {
        if (option.code != WTR_OPTION_IFDROP && option.code != WTR_OPTION_OSDROP) {
            continue;
        }
        if (option.length != 8) {
            bad_option(capture, block, &option, "a drop counter can't be read");
            continue;
        }
        uint64_t value = wtr_order64(block->big, option.value);
        *(option.code == WTR_OPTION_IFDROP ? &interface->if_drops : &interface->os_drops) = value;
        count_drops(capture, before, drops_of(interface));
        before = drops_of(interface);
    }
}

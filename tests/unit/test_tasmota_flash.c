/* SPDX-License-Identifier: Apache-2.0 */
/* What copies of Tasmota's settings state: each with the time that is known for it, and no more. */
#include "flash_say.h"
#include "say_record.h"
#include "tasmota_copies.h"
#include "vendor/tasmota/flash_store.h"
#include "vendor/tasmota/tasmota.h"

#include <criterion/criterion.h>

enum { MAX_COPIES = 8, V13 = 0x0D030000 };

struct save {
    uint32_t flag, timestamp, power, boots;
};

static uint8_t image[MAX_COPIES * COPY];

/* Relay 1 on a pin, and the saves in sectors one behind the other. */
static void make_saves(const struct save *saves, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *copy = image + i * COPY;
        copy_begin(copy, V13, saves[i].flag, saves[i].timestamp);
        copy_put16(copy, 0x3AC + 2 * 12, 224); /* GPIO12: Relay 1 */
        copy_put32(copy, 0x2E8, saves[i].power);
        copy_put16(copy, 0xC, saves[i].boots);
        copy_seal(copy);
    }
}

Test(tasmota_flash, relays_of_all_saves_with_their_times)
{
    static const struct save saves[] = {
        {12, 1700000300, 1, 4}, {10, 1700000000, 0, 4}, {11, 1700000200, 1, 4}};
    make_saves(saves, 3);
    const char *said = flash_said(&wtr_tasmota, &wtr_tasmota_sectors, image, 3 * COPY);
    cr_assert_str_eq(flash_only(said, "power.state"),
                     "power.state tasmota:dump written=1700000300 ch=1 outlet=1 state=on\n"
                     "power.state tasmota:dump written=1700000000 ch=1 outlet=1 state=off\n"
                     "power.state tasmota:dump written=1700000200 ch=1 outlet=1 state=on\n");
    cr_assert_str_eq(flash_only(said, "device.boot"), "");
    cr_assert(strstr(said, "raw{power=0x01000000@744+4}"), "%s", said);
}

Test(tasmota_flash, a_count_is_no_time)
{
    /* Saved at 1700000000; started without a clock (two saves, counted on); then the clock was set. */
    static const struct save saves[] = {
        {20, 1700000000, 1, 4}, {21, 1700000001, 0, 4}, {22, 1700000002, 1, 5}, {23, 1700009000, 0, 5}};
    make_saves(saves, 4);
    const char *said = flash_said(&wtr_tasmota, &wtr_tasmota_sectors, image, 4 * COPY);
    cr_assert_str_eq(
        flash_only(said, "power.state"),
        "power.state tasmota:dump written=1700000000 ch=1 outlet=1 state=on\n"
        "power.state tasmota:dump bounds=1700000000000000000..1700009000000000000 ch=1 outlet=1 state=off\n"
        "power.state tasmota:dump bounds=1700000000000000000..1700009000000000000 ch=1 outlet=1 state=on\n"
        "power.state tasmota:dump written=1700009000 ch=1 outlet=1 state=off\n");
    cr_assert_str_eq(
        flash_only(said, "device.boot"),
        "device.boot tasmota:dump bounds=1700000000000000000..1700009000000000000 boot_count=5\n");
    cr_assert_str_eq(
        flash_only(said, "clock.reading"),
        "clock.reading tasmota:dump written=1700000000 device_time=1700000000 clock_kind=utc boot_count=4\n"
        "clock.reading tasmota:dump written=1700009000 device_time=1700009000 clock_kind=utc boot_count=5\n");
}

Test(tasmota_flash, a_plug_that_never_had_the_time)
{
    static const struct save saves[] = {{2, 2, 1, 1}, {3, 3, 0, 2}};
    make_saves(saves, 2);
    const char *said = flash_said(&wtr_tasmota, &wtr_tasmota_sectors, image, 2 * COPY);
    cr_assert_str_eq(flash_only(said, "power.state"), "power.state tasmota:dump ch=1 outlet=1 state=on\n"
                                                      "power.state tasmota:dump ch=1 outlet=1 state=off\n");
    cr_assert_str_eq(flash_only(said, "clock.reading"),
                     "clock.reading tasmota:dump device_time=2 clock_kind=unset boot_count=1\n"
                     "clock.reading tasmota:dump device_time=3 clock_kind=unset boot_count=2\n");
    cr_assert_str_eq(flash_only(said, "device.boot"), "device.boot tasmota:dump boot_count=2\n");
}

Test(tasmota_flash, a_clock_that_was_set_back_bounds_nothing)
{
    static const struct save saves[] = {{5, 1700000000, 1, 1}, {6, 1700000001, 0, 1}, {7, 1600000000, 1, 1}};
    make_saves(saves, 3);
    const char *said = flash_said(&wtr_tasmota, &wtr_tasmota_sectors, image, 3 * COPY);
    cr_assert_str_eq(flash_only(said, "power.state"),
                     "power.state tasmota:dump written=1700000000 ch=1 outlet=1 state=on\n"
                     "power.state tasmota:dump ch=1 outlet=1 state=off\n"
                     "power.state tasmota:dump written=1600000000 ch=1 outlet=1 state=on\n");
}

Test(tasmota_flash, the_same_save_is_said_once)
{
    static const struct save saves[] = {{5, 1700000000, 1, 1}, {5, 1700000000, 1, 1}};
    make_saves(saves, 2);
    const char *said = flash_said(&wtr_tasmota, &wtr_tasmota_sectors, image, 2 * COPY);
    cr_assert_str_eq(flash_only(said, "power.state"),
                     "power.state tasmota:dump written=1700000000 ch=1 outlet=1 state=on\n");
}

/* ---- which relays there are, and how far their bits may be believed */

static uint8_t copy[COPY];

static const char *said_of_copy(void)
{
    copy_seal(copy);
    return flash_said(&wtr_tasmota, &wtr_tasmota_sectors, copy, COPY);
}

Test(tasmota_flash, a_zero_of_no_known_relay_says_nothing)
{
    copy_begin(copy, V13, 1, 1700000000);
    cr_assert_str_eq(flash_only(said_of_copy(), "power.state"), "");
    copy_put32(copy, 0x2E8, 2);
    cr_assert_str_eq(flash_only(said_of_copy(), "power.state"),
                     "power.state tasmota:dump written=1700000000 ch=2 outlet=2 state=on\n");
    copy_put32(copy, 0x2E8, 0);
    copy[0x474] = 255;                        /* a template */
    copy_put16(copy, 0x3FC + 2 * 5, 256 + 2); /* Relay_i 3 */
    cr_assert_str_eq(flash_only(said_of_copy(), "power.state"),
                     "power.state tasmota:dump written=1700000000 ch=3 outlet=3 state=off\n");
    copy[0x474] = 0; /* a built-in module: the template is not in use */
    cr_assert_str_eq(flash_only(said_of_copy(), "power.state"), "");
}

Test(tasmota_flash, relays_of_8_x_have_codes_of_a_byte)
{
    copy_begin(copy, 0x08050100, 1, 1700000000);
    copy[0x484 + 12] = 21;
    copy[0x484 + 13] = 36;
    cr_assert_str_eq(flash_only(said_of_copy(), "power.state"),
                     "power.state tasmota:dump written=1700000000 ch=1 outlet=1 state=off\n"
                     "power.state tasmota:dump written=1700000000 ch=8 outlet=8 state=off\n");
}

Test(tasmota_flash, the_power_state_is_as_old_as_the_plug_lets_it_get)
{
    copy_begin(copy, V13, 1, 1700000000);
    copy_put32(copy, 0x2E8, 1);
    copy_put16(copy, 0x14, 60);
    cr_assert_str_eq(
        flash_only(said_of_copy(), "power.state"),
        "power.state tasmota:dump bounds=1699999940000000000..1700000000000000000 ch=1 outlet=1 state=on\n");
    copy_put16(copy, 0x14, 0);
    cr_assert_str_eq(flash_only(said_of_copy(), "power.state"),
                     "power.state tasmota:dump bounds=..1700000000000000000 ch=1 outlet=1 state=on\n");
    copy_put16(copy, 0x14, 1);
    copy_put16(copy, 0x57C, 5);
    cr_assert_str_eq(flash_only(said_of_copy(), "power.state"),
                     "power.state tasmota:dump bounds=..1700000000000000000 ch=1 outlet=1 state=on\n");
    copy_put32(copy, 0x10, 0); /* SetOption0 off: the bits are always 0 */
    cr_assert_str_eq(flash_only(said_of_copy(), "power.state"), "");
    cr_assert(strstr(said_of_copy(), "setting=SetOption0 value=OFF"));
}

/* ---- energy, timers, pulses */

Test(tasmota_flash, energy_in_the_units_of_its_version)
{
    copy_begin(copy, V13, 7, 1700000000);
    copy_put32(copy, 0x314, 5764); /* today, 57.64 Wh */
    copy_put32(copy, 0x320, 12345);
    copy_put32(copy, 0x32C, 98765); /* total before today, Wh */
    copy_put32(copy, 0x330, 2);     /* phase 2 */
    copy_put32(copy, 0x7B4, 1600000000);
    cr_assert_str_eq(
        flash_only(said_of_copy(), "energy.counter"),
        "energy.counter tasmota:dump bounds=..1700000000000000000 energy_wh=98824.64 scope=total "
        "period_start=2020-09-13T12:26:40\n"
        "energy.counter tasmota:dump bounds=..1700000000000000000 energy_wh=57.64 scope=today\n"
        "energy.counter tasmota:dump bounds=..1700000000000000000 energy_wh=123.45 scope=yesterday\n");
    copy_put32(copy, 8, 0x0C030102); /* the total in 10 mWh, too */
    cr_assert(strstr(said_of_copy(), "energy_wh=1045.31 scope=total"));
    copy[0xF36] = 1; /* on the ESP32 the counters are elsewhere by then */
    cr_assert_str_eq(flash_only(said_of_copy(), "energy.counter"), "");
}

Test(tasmota_flash, energy_of_9_x_and_before)
{
    copy_begin(copy, 0x09050003, 7, 1700000000);
    copy_put32(copy, 0x370, 100);
    copy_put32(copy, 0x554, 100000);
    cr_assert(strstr(said_of_copy(), "energy_wh=1001 scope=total"));
    copy_put32(copy, 8, 0x09050004);
    copy_put32(copy, 0xF9C, 200000);
    cr_assert(strstr(said_of_copy(), "energy_wh=2001 scope=total"));
}

Test(tasmota_flash, counters_are_bounded_by_the_last_save_with_others)
{
    static const struct save saves[] = {{1, 1700000000, 1, 1}, {2, 1700001000, 1, 1}, {3, 1700002000, 1, 1}};
    make_saves(saves, 3);
    for (size_t i = 1; i < 3; i++) {
        copy_put32(image + i * COPY, 0x32C, 10);
        copy_seal(image + i * COPY);
    }
    cr_assert(
        strstr(flash_only(flash_said(&wtr_tasmota, &wtr_tasmota_sectors, image, 3 * COPY), "energy.counter"),
               "bounds=1700000000000000000..1700002000000000000 energy_wh=10 scope=total\n"));
}

Test(tasmota_flash, timers_and_pulses)
{
    copy_begin(copy, V13, 7, 1700000000);
    copy_put32(copy, 0x670, 0x80000000U | 1U << 27 | 0x3EU << 16 | 1U << 15 | 450U); /* on, weekdays, 07:30 */
    copy_put32(copy, 0x674, 2U << 29 | 2U << 27 | 1U << 23 | 5U << 11 | 750U); /* toggle 2, sunset -0:30 */
    copy_put16(copy, 0x57C + 2, 160);
    cr_assert_str_eq(flash_only(said_of_copy(), "schedule.rule"),
                     "schedule.rule tasmota:dump written=1700000000 ch=1 outlet=1 enabled=true mode=clock "
                     "at=07:30 window_min=0 days=0111110 repeat=true action=on rule=Timer1\n"
                     "schedule.rule tasmota:dump written=1700000000 ch=2 outlet=2 enabled=false mode=sunset "
                     "at=-00:30 window_min=5 days=0000000 repeat=false action=toggle rule=Timer2\n");
    cr_assert_str_eq(flash_only(said_of_copy(), "timer.set"),
                     "timer.set tasmota:dump written=1700000000 ch=2 outlet=2 rule=PulseTime enabled=true "
                     "duration_s=60\n");
    cr_assert(strstr(said_of_copy(), "setting=Timers value=OFF"));
}

/* ---- who, where, with what secrets */

static void put_texts(const char *topic, const char *fulltopic)
{
    struct copy_pool pool = {.copy = copy};
    copy_text(&pool, 4, "home");
    copy_text(&pool, 5, "spare");
    copy_text(&pool, 6, "first-secret");
    copy_text(&pool, 12, "10.0.0.2");
    copy_text(&pool, 14, "user");
    copy_text(&pool, 15, "mqtt-secret");
    copy_text(&pool, 16, fulltopic);
    copy_text(&pool, 17, topic);
    copy_text(&pool, 44, "Kettle");
    copy_text(&pool, 76, "Kitchen");
}

Test(tasmota_flash, identity_and_secrets)
{
    copy_begin(copy, V13, 7, 1700000000);
    put_texts("plug1", "home/%prefix%/%topic%/");
    copy_put16(copy, 0x3AC, 224);
    memcpy(copy + 0xF0A, "\x02\x11\x22\x33\x44\x55", 6);
    copy[0xF09] = 11;
    const char *said = said_of_copy();
    cr_assert(wtr_text_starts(wtr_text_z(said), "dump tasmota:home/plug1\n"), "%s", said);
    cr_assert_str_eq(
        flash_only(said, "device.identity"),
        "device.identity tasmota:home/plug1 written=1700000000 firmware=13.3.0.0 name=Kitchen "
        "device_id=plug1 user=user server=10.0.0.2\n"
        "device.identity tasmota:home/plug1 written=1700000000 ch=1 outlet=1 channel_name=Kettle\n");
    cr_assert_str_eq(
        flash_only(said, "credential"),
        "credential tasmota:home/plug1 written=1700000000 secret=wifi ssid=home value=first-secret\n"
        "credential tasmota:home/plug1 written=1700000000 secret=mqtt value=mqtt-secret\n");
    cr_assert_str_eq(flash_only(said, "key"), "key wifi home first-secret\nkey wifi spare \n");
    cr_assert_str_eq(flash_only(said, "network.join"), "network.join tasmota:home/plug1 written=1700000000 "
                                                       "ssid=home bssid=02:11:22:33:44:55 wifi_channel=11\n");
}

Test(tasmota_flash, a_topic_that_is_filled_in_later_names_nobody)
{
    copy_begin(copy, V13, 7, 1700000000);
    put_texts("tasmota_%06X", "%prefix%/%topic%/");
    cr_assert_str_eq(flash_only(said_of_copy(), "dump"), "");
    copy_begin(copy, V13, 7, 1700000000);
    put_texts("plug1", "%prefix%/%hostname%/");
    cr_assert_str_eq(flash_only(said_of_copy(), "dump"), "");
}

Test(tasmota_flash, texts_of_7_x_have_places_of_their_own)
{
    copy_begin(copy, 0x07020000, 7, 1700000000);
    memcpy(copy + 0xA1, "home", 5);
    memcpy(copy + 0xE3, "secret", 7);
    memcpy(copy + 0x26F, "plug1", 6);
    memcpy(copy + 0x558, "%prefix%/%topic%/", 18);
    const char *said = said_of_copy();
    cr_assert(strstr(said, "dump tasmota:plug1\n"));
    cr_assert(strstr(said, "secret=wifi ssid=home value=secret"));
    cr_assert(strstr(said, "firmware=7.2.0.0 device_id=plug1"));
}

Test(tasmota_flash, the_place_that_every_plug_has_is_none)
{
    copy_begin(copy, V13, 7, 1700000000);
    copy_put32(copy, 0x6B0, 48858360);
    copy_put32(copy, 0x6B4, 2294442);
    cr_assert_str_eq(flash_only(said_of_copy(), "device.location"), "");
    copy_put32(copy, 0x6B4, (uint32_t)-3700000);
    cr_assert_str_eq(flash_only(said_of_copy(), "device.location"),
                     "device.location tasmota:dump written=1700000000 latitude=48.85836 longitude=-3.7\n");
}

Test(tasmota_flash, rules_as_text_and_not_where_compressed)
{
    copy_begin(copy, V13, 7, 1700000000);
    memcpy(copy + 0x800, "ON Power1#state DO x ENDON", 27);
    memcpy(copy + 0xA00, "\0\x05zzz", 5);
    copy[0x49F] = 1;
    cr_assert_str_eq(flash_only(said_of_copy(), "schedule.rule"),
                     "schedule.rule tasmota:dump written=1700000000 rule=Rule1 enabled=true value=ON "
                     "Power1#state DO x ENDON\n");
}

/* ---- the forms of the ESP32, and quick power cycles */

static const char *said_of_entry(const char *path, const void *bytes, size_t length)
{
    struct wtr_piece piece = {.length = length};
    struct wtr_entry entry = {.format = "nvs",
                              .path = wtr_text_z(path),
                              .integrity = WTR_INTEGRITY_OK,
                              .span = {bytes, length, &piece, 1, NULL}};
    return flash_said_of(&wtr_tasmota, &entry, 1);
}

Test(tasmota_flash, settings_as_a_file_and_in_nvs)
{
    copy_begin(copy, V13, 7, 1700000000);
    copy_put32(copy, 0x2E8, 1);
    copy_seal(copy);
    static const char *const paths[] = {"main/Settings", "/.settings", ".settings", "/.settings.lkg"};
    for (size_t i = 0; i < 4; i++)
        cr_assert_str_eq(flash_only(said_of_entry(paths[i], copy, COPY), "power.state"),
                         "power.state tasmota:dump written=1700000000 ch=1 outlet=1 state=on\n");
    cr_assert_str_eq(said_of_entry("other/Settings", copy, COPY), "");
    cr_assert_str_eq(said_of_entry("main/Settings", copy, COPY - 1), "");
    copy[9] ^= 1;
    cr_assert_str_eq(said_of_entry("main/Settings", copy, COPY), "");
}

Test(tasmota_flash, quick_power_cycles)
{
    static const uint8_t three[] = {0xF3, 0x5A, 0xA5, 0xFF}, none[] = {0xFF, 0x5A, 0xA5, 0xFF};
    cr_assert_str_eq(flash_only(said_of_entry("qpc/pcreg", three, 4), "device.boot"),
                     "device.boot tasmota:dump reason=starts in a row that each ended within eight seconds "
                     "count=3\n");
    cr_assert_str_eq(said_of_entry("qpc/pcreg", none, 4), "");
    static const struct save saves[] = {{2, 0, 0, 0}};
    make_saves(saves, 1);
    memmove(image + COPY, image, COPY);
    memset(image, 0xFF, COPY);
    copy_put32(image, 0, 0xFFA55AFF);
    memset(image + 4, 0, 8);
    cr_assert(strstr(flash_said(&wtr_tasmota, &wtr_tasmota_sectors, image, 2 * COPY), "count=2"));
}

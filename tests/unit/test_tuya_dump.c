/* SPDX-License-Identifier: Apache-2.0 */
/* What the entries of a Tuya device's dump are taken to mean. The texts have the form that real devices'
 * have, with made-up values. */
#include "say_record.h"
#include "vendor/tuya/tuya.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

static struct wtr_say *say;
static void *state;

static void open_state(void)
{
    say = say_record_new();
    state = calloc(1, wtr_tuya.state_size);
}

static void close_state(void)
{
    wtr_tuya.close(state);
    free(state);
    say_record_free(say);
}

TestSuite(tuya_dump, .init = open_state, .fini = close_state);

struct made {
    const char *format, *path;
    const void *bytes;
    size_t length;
    enum wtr_entry_state state;
    bool mixed;
};

static const char *show(const struct made *made, bool learn)
{
    const struct wtr_piece piece = {.length = made->length, .offset = 0x1000};
    const struct wtr_entry entry = {.format = made->format,
                                    .volume = WTR_TEXT("volume"),
                                    .path = wtr_text_z(made->path),
                                    .state = made->state,
                                    .integrity = WTR_INTEGRITY_WEAK,
                                    .check = "sum32",
                                    .mixed = made->mixed,
                                    .span = {made->bytes, made->length, &piece, 1, NULL}};
    if (!learn)
        return say_record_entry(say, &wtr_tuya, state, &entry);
    wtr_tuya.learn_entry(state, &entry);
    return "";
}

static struct made text_of(const char *format, const char *path, const char *text)
{
    return (struct made){format, path, text, strlen(text), WTR_ENTRY_LIVE, false};
}

static void learn(const char *format, const char *path, const char *text)
{
    struct made made = text_of(format, path, text);
    show(&made, true);
}

static void expect(const struct made *made, const char *expected)
{
    cr_assert_str_eq(show(made, false), expected);
}

static void expect_text(const char *format, const char *path, const char *text, const char *expected)
{
    struct made made = text_of(format, path, text);
    expect(&made, expected);
}

static struct made states_of(const char *bytes, size_t length)
{
    return (struct made){"tuya-uf", "RLY_STAT", bytes, length, WTR_ENTRY_LIVE, false};
}

/* ---- relays */

Test(tuya_dump, relays_are_those_that_the_settings_name)
{
    struct made made = states_of("\1\0\1\0\0\0\0", 7);
    expect(&made, "");
    learn("tuya-kv", "user_param_key",
          "{rl1_lv:1,rl1_pin:26,rl3_pin:6,ch_dpid1:1,ch_dpid3:101,module:CB2S,}");
    expect(&made, "power.state tuya:dump ch=1 outlet=1 state=on raw{RLY_STAT=0x01@0+1}\n"
                  "power.state tuya:dump ch=101 outlet=3 state=on raw{RLY_STAT=0x01@2+1}\n");
    made = states_of("\2\1\xff", 3); /* what is neither 0 nor 1 is no state */
    expect(&made, "");
}

Test(tuya_dump, relays_are_those_that_the_schema_names)
{
    struct made made = states_of("\0\1", 2);
    learn("tuya-kv", "000004abcd",
          "[{\"mode\":\"rw\",\"property\":{\"type\":\"bool\"},\"id\":2,\"type\":\"obj\"},"
          "{\"mode\":\"rw\",\"property\":{\"type\":\"value\"},\"id\":1,\"type\":\"obj\"}]");
    expect(&made, "power.state tuya:dump ch=2 outlet=2 state=on raw{RLY_STAT=0x01@1+1}\n");
}

Test(tuya_dump, save_off_stat)
{
    learn("tuya-kv", "user_param_key", "{rl1_pin:26,rl2_pin:6,}");
    expect_text("tuya-kv", "save_off_stat", "{\"power\":[true,false,true]}",
                "power.state tuya:dump ch=1 outlet=1 state=on raw{power=true@10+4}\n"
                "power.state tuya:dump ch=2 outlet=2 state=off raw{power=false@15+5}\n");
    /* Its sum is that of [false,true] too: from parts that need not belong together, it says nothing. */
    struct made made = text_of("tuya-kv", "save_off_stat", "{\"power\":[false,true]}");
    made.state = WTR_ENTRY_SUPERSEDED;
    made.mixed = true;
    expect(&made, "");
    made = text_of("tuya-kv", "save_off_stat", "{\"power\":[true]}");
    made.state = WTR_ENTRY_SUPERSEDED;
    made.mixed = true;
    expect(&made, "power.state tuya:dump ch=1 outlet=1 state=on raw{power=true@10+4}\n");
    expect_text("tuya-kv", "save_off_stat", "{\"power\":true}", "");
    expect_text("tuya-kv", "save_off_stat", "{\"power\":[]}", "");
    expect_text("tuya-kv", "save_off_stat", "{\"power\":[tru", "");
}

/* ---- who it is */

Test(tuya_dump, the_live_id_names_the_device)
{
    struct made former = text_of("tuya-kv", "gw_di", "{\"id\":\"former\",\"pk\":\"key\"}");
    former.state = WTR_ENTRY_STALE;
    show(&former, true);
    learn("tuya-kv", "gw_di", "{\"id\":\"bf01\",\"pk\":\"product\",\"swv\":\"1.1.8\",\"lpv\":\"3.4\"}");
    expect_text(
        "tuya-kv", "gw_di", "{\"id\":\"bf01\",\"pk\":\"product\",\"swv\":\"1.1.8\",\"lpv\":\"3.4\"}",
        "dump tuya:bf01\n"
        "device.identity tuya:bf01 vendor=tuya device_id=bf01 product=product firmware=1.1.8 protocol=3.4 "
        "raw{id=bf01@7+4 pk=product@19+7 swv=1.1.8@35+5 lpv=3.4@49+3}\n");
}

Test(tuya_dump, two_former_ids_name_nobody)
{
    struct made former = text_of("tuya-kv", "gw_di", "{\"id\":\"one\"}");
    former.state = WTR_ENTRY_STALE;
    show(&former, true);
    struct made other = text_of("tuya-kv", "gw_di", "{\"id\":\"two\"}");
    other.state = WTR_ENTRY_STALE;
    show(&other, true);
    cr_assert(strncmp(show(&former, false), "device.identity tuya:dump ", 26) == 0);
}

Test(tuya_dump, an_object_without_anything_says_nothing)
{
    expect_text("tuya-kv", "gw_di", "{}", "");
    expect_text("tuya-kv", "gw_bi", "{\"uuid\":null}", "");
    expect_text("tuya-kv", "gw_wsm", "[]", "");
    expect_text("tuya-psm", "ESP.m.gw_sw_ver_key", "{\"sw_ver\":7}", "");
}

Test(tuya_dump, the_local_key)
{
    learn("tuya-kv", "gw_di", "{\"id\":\"bf01\"}");
    expect_text(
        "tuya-kv", "gw_ai", "{\"key\":null,\"lckey\":\"0123456789abcdef\",\"time_z\":\"+01:00\"}",
        "dump tuya:bf01\n"
        "credential tuya:bf01 secret=local key value=0123456789abcdef raw{lckey=0123456789abcdef@21+16}\n"
        "key tuya bf01 0123456789abcdef\n"
        "device.config tuya:bf01 setting=time_z value=+01:00 raw{time_z=+01:00@49+6}\n");
    expect_text("tuya-kv", "gw_ai", "{\"lckey\":\"too short\"}", "dump tuya:bf01\n");
}

/* ---- networks */

Test(tuya_dump, a_network_in_base64)
{
    expect_text(
        "tuya-kv", "gw_wsm", "{\"ssid\":\"aG9tZQ==\",\"passwd\":\"bWFkZSB1cCBrZXk=\",\"wfb64\":1,\"stat\":2}",
        "network.join tuya:dump ssid=home raw{ssid=aG9tZQ==@9+8}\n"
        "credential tuya:dump secret=wifi ssid=home value=made up key raw{passwd=bWFkZSB1cCBrZXk=@29+16}\n"
        "key wifi home made up key\n"
        "device.config tuya:dump setting=stat value=2 raw{stat=2@64+1}\n");
    expect_text("tuya-kv", "gw_wsm", "{\"ssid\":\"no base64\",\"passwd\":\"x\",\"wfb64\":1}", "");
}

Test(tuya_dump, an_earlier_image_that_says_the_same_says_nothing)
{
    const char *text = "{\"ssid\":\"home\",\"passwd\":\"made up key\"}";
    struct made made = text_of("tuya-psm", "ESP.m.wf_nw_rec_key", text);
    show(&made, true);
    made.state = WTR_ENTRY_STALE;
    expect(&made, "");
    made = text_of("tuya-psm", "ESP.m.wf_nw_rec_key", "{\"ssid\":\"old\",\"passwd\":\"old passphrase\"}");
    made.state = WTR_ENTRY_STALE;
    expect(&made,
           "network.join tuya:dump ssid=old raw{ssid=old@9+3}\n"
           "credential tuya:dump secret=wifi ssid=old value=old passphrase raw{passwd=old passphrase@24+14}\n"
           "key wifi old old passphrase\n");
    expect(&made, "");
}

/* ---- rules, times, logs, energy */

Test(tuya_dump, schedules)
{
    expect_text(
        "tuya-schedules", "schedules",
        "[{\"date\":\"20260102\",\"isDeleted\":1,\"dps\":{\"1\":\"on\"},\"loops\":0,\"id\":\"12\",\"time\":"
        "\"21:00\",\"t\":1600000000}]",
        "schedule.rule tuya:dump ch=1 rule=12 enabled=false mode=clock at=21:00 date=20260102 repeat=false "
        "action=on written=1600000000 raw{id=12@67+2 time=21:00@79+5 date=20260102@10+8 dps=on@46+2}\n");
    expect_text("tuya-schedules", "schedules", "[{\"time\":\"21:00\"},{\"dps\":{\"1\":\"on\"}},7]", "");
}

Test(tuya_dump, times_that_a_clock_gave_that_was_set)
{
    expect_text("tuya-kv", "timer_arr", "{\"lastFetchTime\":1700000000,\"cnt\":0}",
                "device.config tuya:dump setting=lastFetchTime value=1700000000 written=1700000000 "
                "raw{lastFetchTime=1700000000@17+10}\n"
                "device.config tuya:dump setting=cnt value=0 raw{cnt=0@34+1}\n");
    expect_text("tuya-kv", "timer_arr", "{\"lastFetchTime\":0}", "");
    expect_text("tuya-kv", "astro_timer", "{\"timestamp\":86400,\"index\":0}", "");
}

Test(tuya_dump, log_records_once)
{
    const char *first = "mqtt | 2.3.3 | 05-05 22:05:32 | erc:0 | [9:-50]/";
    expect_text("tuya-uf", "logseq0", first,
                "device.value tuya:dump property=mqtt commonly=log record device_time=05-05 22:05:32 "
                "clock_kind=local_no_zone value=erc:0 | [9:-50] "
                "raw{logseq0=mqtt | 2.3.3 | 05-05 22:05:32 | erc:0 | [9:-50]@0+47}\n");
    expect_text(
        "tuya-uf", "logseq0",
        "mqtt | 2.3.3 | 05-05 22:05:32 | erc:0 | [9:-50]/http | 2.3.3 | 01-01 00:00:03 | erc:0 | [2:a/b]/",
        "device.value tuya:dump property=http commonly=log record device_time=01-01 00:00:03 "
        "clock_kind=unset value=erc:0 | [2:a/b] "
        "raw{logseq0=http | 2.3.3 | 01-01 00:00:03 | erc:0 | [2:a/b]@48+47}\n");
    expect_text("tuya-uf", "netcfg_log", "no record at all", "");
}

Test(tuya_dump, energy_stands_as_a_number)
{
    struct made made = {"tuya-uf", "temp_energy", "\x8c\1\0\0", 4, WTR_ENTRY_LIVE, false};
    expect(&made, "device.value tuya:dump property=temp_energy commonly=energy not yet reported value=396 "
                  "raw{temp_energy=0x8c010000@0+4}\n");
    made.length = 3;
    expect(&made, "");
}

Test(tuya_dump, what_need_not_belong_together_counts_only_as_json)
{
    struct made made = text_of("tuya-kv", "user_param_key", "{total_stat:2,}");
    expect(&made, "device.config tuya:dump setting=total_stat value=2 raw{total_stat=2@12+1}\n");
    made.mixed = true;
    made.state = WTR_ENTRY_SUPERSEDED;
    expect(&made, "");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Text, UTF-8, MAC addresses, times. Times were worked out with date(1) and by hand. */
#include "base/text.h"

#include <criterion/criterion.h>

static void check_time(int64_t time_ns, const char *expected)
{
    struct wtr_buffer out = {0};
    wtr_put_time(&out, time_ns);
    wtr_put(&out, "", 1);
    cr_assert_str_eq(out.data, expected);
    wtr_buffer_free(&out);
}

Test(text, times)
{
    check_time(0, "1970-01-01T00:00:00.000000000Z");
    check_time(1767323045678901234, "2026-01-02T03:04:05.678901234Z");
    check_time(-1, "1969-12-31T23:59:59.999999999Z");
    check_time(INT64_C(951782400) * 1000000000, "2000-02-29T00:00:00.000000000Z");
    check_time(INT64_C(951868799) * 1000000000, "2000-02-29T23:59:59.000000000Z");
    check_time(INT64_C(4107542400) * 1000000000, "2100-03-01T00:00:00.000000000Z");
    check_time(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
    check_time(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
}

Test(text, utf8)
{
    static const struct {
        const char *bytes;
        bool valid;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"\xc3\xa4", true},          /* U+00E4 */
        {"\xe2\x82\xac", true},      /* U+20AC */
        {"\xf0\x9f\x94\x8c", true},  /* U+1F50C */
        {"\xf4\x8f\xbf\xbf", true},  /* U+10FFFF */
        {"\xf4\x90\x80\x80", false}, /* beyond */
        {"\xed\xa0\x80", false},     /* a surrogate */
        {"\xc0\xaf", false},         /* overlong */
        {"\xe0\x80\xaf", false},
        {"\xf0\x80\x80\xaf", false},
        {"\x80", false}, /* a continuation alone */
        {"\xc3", false}, /* cut */
        {"\xe2\x82", false},
        {"\xff", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(wtr_utf8_valid(cases[i].bytes, strlen(cases[i].bytes)), cases[i].valid, "case %zu", i);
}

Test(text, mac)
{
    uint8_t mac[6] = {0};
    static const uint8_t expected[6] = {0xdc, 0x4f, 0x22, 0x3d, 0x5e, 0x26};
    cr_assert(wtr_parse_mac(WTR_TEXT("DC4F223D5E26"), mac));
    cr_assert_arr_eq(mac, expected, 6);
    cr_assert(wtr_parse_mac(WTR_TEXT("dc:4f:22:3d:5e:26"), mac));
    cr_assert(wtr_parse_mac(WTR_TEXT("DC-4F-22-3D-5E-26"), mac));
    cr_assert_not(wtr_parse_mac(WTR_TEXT("dc:4f-22:3d:5e:26"), mac));
    cr_assert_not(wtr_parse_mac(WTR_TEXT("DC4F223D5E2"), mac));
    cr_assert_not(wtr_parse_mac(WTR_TEXT("DC4F223D5E2G"), mac));
    cr_assert_not(wtr_parse_mac(WTR_TEXT(""), mac));
}

Test(text, cut)
{
    struct wtr_text rest = WTR_TEXT("stat/plug1/POWER");
    cr_assert(wtr_text_is(wtr_text_cut(&rest, '/'), "stat"));
    cr_assert(wtr_text_is(wtr_text_cut(&rest, '/'), "plug1"));
    cr_assert(wtr_text_is(wtr_text_cut(&rest, '/'), "POWER"));
    cr_assert_null(rest.data);
    rest = WTR_TEXT("a/");
    cr_assert(wtr_text_is(wtr_text_cut(&rest, '/'), "a"));
    cr_assert_not_null(rest.data, "an empty last part is there");
    cr_assert_eq(rest.length, 0);
}

Test(text, compare)
{
    cr_assert(wtr_text_is_nocase(WTR_TEXT("oN"), "ON"));
    cr_assert_not(wtr_text_is_nocase(WTR_TEXT("ON "), "ON"));
    cr_assert(wtr_text_starts(WTR_TEXT("DVES_1"), "DVES_"));
    cr_assert_not(wtr_text_starts(WTR_TEXT("DVE"), "DVES_"));
    cr_assert(wtr_text_ends(WTR_TEXT("DVES_1_fb"), "_fb"));
    cr_assert_not(wtr_text_ends(WTR_TEXT("b"), "_fb"));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON reader against RFC 8259, and the writer against hostile text. */
#include "base/json.h"

#include <criterion/criterion.h>

static struct wtr_json json;

static void clean(void)
{
    wtr_json_free(&json);
}

TestSuite(json, .fini = clean);

Test(json, place_of_values)
{
    const char *text = "{\"POWER\":\"ON\", \"n\" : [1,-2.5e3,true,null]}";
    cr_assert(wtr_json_parse(&json, wtr_text_z(text)));
    struct wtr_text power = wtr_json_raw(&json, wtr_json_get(&json, 0, "POWER"));
    cr_assert_eq(power.data - text, 10);
    cr_assert(wtr_text_is(power, "ON"));
    wtr_json_ref list = wtr_json_get(&json, 0, "n");
    wtr_json_ref one = wtr_json_first(&json, list);
    wtr_json_ref two = wtr_json_next(&json, list, one);
    wtr_json_ref three = wtr_json_next(&json, list, two);
    wtr_json_ref four = wtr_json_next(&json, list, three);
    int64_t number = 0;
    bool truth = false;
    cr_assert(wtr_json_int(&json, one, &number) && number == 1);
    cr_assert(wtr_json_micro(&json, two, 0, &number) && number == -2500000000);
    cr_assert(wtr_json_bool(&json, three, &truth) && truth);
    cr_assert(wtr_json_is(&json, four, WTR_JSON_NULL));
    cr_assert_lt(wtr_json_next(&json, list, four), 0);
    cr_assert_lt(wtr_json_get(&json, 0, "absent"), 0);
    cr_assert_lt(wtr_json_get(&json, list, "n"), 0, "an array has no members");
}

Test(json, valid)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "\"\"",
                                        "[]",
                                        "{}",
                                        " [ ] ",
                                        "[[],{}]",
                                        "1e5",
                                        "1.25E-7",
                                        "\"\\u00e4\\n\\\"\"",
                                        "{\"a\":{\"b\":[{}]}}",
                                        "true",
                                        "\t{\"a\":1}\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_assert(wtr_json_parse(&json, wtr_text_z(texts[i])), "%s", texts[i]);
}

Test(json, invalid)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "{",
                                        "[",
                                        "\"",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "[1,]",
                                        "[,1]",
                                        "{,}",
                                        "[1 2]",
                                        "01",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "-",
                                        "1e",
                                        "tru",
                                        "nul",
                                        "truex",
                                        "[1]]",
                                        "{}{}",
                                        "\"\\x\"",
                                        "\"\\u12g4\"",
                                        "\"\n\"",
                                        "{\"a\":1 \"b\":2}",
                                        "{1:2}",
                                        "'a'",
                                        "[}",
                                        "{]",
                                        "\"\xff\"",
                                        "{\"a\" 1}",
                                        "1 1",
                                        "\"\\u12\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_assert_not(wtr_json_parse(&json, wtr_text_z(texts[i])), "%s", texts[i]);
}

Test(json, cut_at_every_byte)
{
    const char *text = "{\"Time\":\"2026-01-02T03:04:05\",\"ENERGY\":{\"Power\":[12,0.5],\"Voltage\":231}}";
    for (size_t n = 0; n < strlen(text); n++)
        cr_assert_not(wtr_json_parse(&json, wtr_text_of(text, n)), "cut at %zu", n);
    cr_assert(wtr_json_parse(&json, wtr_text_z(text)));
}

Test(json, twice_is_ambiguous)
{
    cr_assert(wtr_json_parse(&json, WTR_TEXT("{\"POWER\":\"ON\",\"POWER\":\"OFF\",\"a\":1}")));
    cr_assert_lt(wtr_json_get(&json, 0, "POWER"), 0);
    cr_assert_geq(wtr_json_get(&json, 0, "a"), 0);
    cr_assert(wtr_json_parse(&json, WTR_TEXT("{\"POWER\":\"ON\",\"POWE\\u0052\":\"OFF\"}")));
    cr_assert_lt(wtr_json_get(&json, 0, "POWER"), 0, "an escaped name is the same name");
}

Test(json, depth)
{
    char text[2 * WTR_JSON_MAX_DEPTH + 3];
    for (int depth = WTR_JSON_MAX_DEPTH; depth <= WTR_JSON_MAX_DEPTH + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        bool whole = wtr_json_parse(&json, wtr_text_of(text, 2 * (size_t)depth));
        cr_assert_eq(whole, depth <= WTR_JSON_MAX_DEPTH);
    }
}

Test(json, strings)
{
    struct wtr_buffer scratch = {0};
    cr_assert(wtr_json_parse(
        &json, WTR_TEXT("[\"K\\u00fcche \\ud83d\\udd0c \\/\",\"\\ud83d\",\"\\udd0c\\ud83d\",\"plain\"]")));
    wtr_json_ref at = wtr_json_first(&json, 0);
    cr_assert(wtr_text_is(wtr_json_string(&json, at, &scratch), "K\xc3\xbc"
                                                                "che \xf0\x9f\x94\x8c /"));
    at = wtr_json_next(&json, 0, at);
    cr_assert_null(wtr_json_string(&json, at, &scratch).data, "a lone surrogate is no text");
    at = wtr_json_next(&json, 0, at);
    cr_assert_null(wtr_json_string(&json, at, &scratch).data);
    at = wtr_json_next(&json, 0, at);
    cr_assert(wtr_text_is(wtr_json_string(&json, at, &scratch), "plain"));
    wtr_buffer_free(&scratch);
}

static void check_text(struct wtr_text text, const char *expected)
{
    struct wtr_buffer out = {0};
    struct wtr_json_writer w = {.out = &out};
    wtr_json_put_bytes(&w, text);
    wtr_put(&out, "", 1);
    cr_assert_str_eq(out.data, expected);
    wtr_buffer_free(&out);
}

Test(json, written_text)
{
    check_text(WTR_TEXT("plain"), "\"plain\"");
    check_text(WTR_TEXT("a\"b\\c\n\t\r"), "\"a\\\"b\\\\c\\n\\t\\r\"");
    check_text(WTR_TEXT("\x1b[31m\x7f"), "\"\\u001b[31m\\u007f\"");
    check_text(WTR_TEXT("\0"), "\"\\u0000\"");
    check_text(WTR_TEXT("\xc2\x9b"
                        "1m"),
               "\"\\u009b1m\"");
    check_text(WTR_TEXT("\xc2\xa0\xc3\xbc"), "\"\xc2\xa0\xc3\xbc\"");
    check_text(WTR_TEXT("\xff\x00"), "{\"hex\":\"ff00\"}");
}

Test(json, written_structure)
{
    struct wtr_buffer out = {0};
    struct wtr_json_writer w = {.out = &out};
    wtr_json_begin_object(&w);
    wtr_json_key(&w, "a");
    wtr_json_begin_array(&w);
    wtr_json_put_int(&w, INT64_MIN);
    wtr_json_put_uint(&w, UINT64_MAX);
    wtr_json_put_micro(&w, 57310000);
    wtr_json_put_bool(&w, true);
    wtr_json_put_null(&w);
    wtr_json_begin_object(&w);
    wtr_json_end_object(&w);
    wtr_json_end_array(&w);
    wtr_json_key(&w, "b");
    wtr_json_put_time(&w, 0);
    wtr_json_end_object(&w);
    wtr_put(&out, "", 1);
    cr_assert_str_eq(out.data, "{\"a\":[-9223372036854775808,18446744073709551615,57.31,true,null,{}],"
                               "\"b\":\"1970-01-01T00:00:00.000000000Z\"}");
    wtr_buffer_free(&out);
}

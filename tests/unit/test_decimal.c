/* SPDX-License-Identifier: Apache-2.0 */
/* Exact decimals: what the text says, to a millionth, half to even. Expected values worked out by hand. */
#include "base/text.h"

#include <criterion/criterion.h>

static int64_t micro(const char *text, int shift)
{
    int64_t value = INT64_MIN;
    cr_assert(wtr_decimal_micro(wtr_text_z(text), shift, &value), "%s is a number", text);
    return value;
}

static void refuse(const char *text, int shift)
{
    int64_t value = 42;
    cr_assert_not(wtr_decimal_micro(wtr_text_z(text), shift, &value), "%s is refused", text);
    cr_assert_eq(value, 42, "what is refused leaves the value alone");
}

Test(decimal, plain)
{
    cr_assert_eq(micro("57.31", 0), 57310000);
    cr_assert_eq(micro("0", 0), 0);
    cr_assert_eq(micro("-0", 0), 0);
    cr_assert_eq(micro("-1.5", 0), -1500000);
    cr_assert_eq(micro("+2", 0), 2000000);
    cr_assert_eq(micro("0.000001", 0), 1);
    cr_assert_eq(micro("1e3", 0), 1000000000);
    cr_assert_eq(micro("1E-3", 0), 1000);
    cr_assert_eq(micro("12.5e+1", 0), 125000000);
}

Test(decimal, units)
{
    cr_assert_eq(micro("12.345", 3), 12345000000, "kWh to Wh");
    cr_assert_eq(micro("2300", -3), 2300000, "mW to W");
    cr_assert_eq(micro("2301", -1), 230100000, "tenths of a volt");
}

Test(decimal, half_to_even)
{
    cr_assert_eq(micro("0.0000005", 0), 0);
    cr_assert_eq(micro("0.0000015", 0), 2);
    cr_assert_eq(micro("0.0000025", 0), 2);
    cr_assert_eq(micro("0.00000250000000000000000000000000000000000000000001", 0), 3, "not quite half");
    cr_assert_eq(micro("0.00000149999999999", 0), 1);
    cr_assert_eq(micro("-0.0000015", 0), -2);
    cr_assert_eq(micro("1e-30", 0), 0);
}

Test(decimal, largest)
{
    cr_assert_eq(micro("9223372036854.775807", 0), INT64_MAX);
    refuse("9223372036854.775808", 0);
    refuse("1e300", 0);
    refuse("1e99999999999999999999", 0);
    refuse("123456789012345678901234567890", 0);
    cr_assert_eq(micro("0e99999", 0), 0);
}

Test(decimal, not_numbers)
{
    static const char *const texts[] = {"",    "-",   ".5",  "5.", "1e", "1e+", "0x10",  "01",
                                        "NaN", "inf", "1,5", " 1", "1 ", "--1", "1.2.3", "1e1.5"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refuse(texts[i], 0);
}

Test(decimal, integers)
{
    int64_t value = 0;
    cr_assert(wtr_decimal_int(WTR_TEXT("9223372036854775807"), &value));
    cr_assert_eq(value, INT64_MAX);
    cr_assert(wtr_decimal_int(WTR_TEXT("-12"), &value));
    cr_assert_eq(value, -12);
    cr_assert_not(wtr_decimal_int(WTR_TEXT("9223372036854775808"), &value));
    cr_assert_not(wtr_decimal_int(WTR_TEXT("1.0"), &value));
    cr_assert_not(wtr_decimal_int(WTR_TEXT(""), &value));
    cr_assert_not(wtr_decimal_int(WTR_TEXT("-"), &value));
}

Test(decimal, divide)
{
    cr_assert_eq(wtr_divide_half_even(7, 2), 4);
    cr_assert_eq(wtr_divide_half_even(5, 2), 2);
    cr_assert_eq(wtr_divide_half_even(-7, 2), -4);
    cr_assert_eq(wtr_divide_half_even(-5, 2), -2);
    cr_assert_eq(wtr_divide_half_even(1201000000, 60), 20016667, "1201 watt-minutes are 20.016667 Wh");
    cr_assert_eq(wtr_divide_half_even(0, 60), 0);
    cr_assert_eq(wtr_divide_half_even(INT64_MAX, 1), INT64_MAX);
}

static void check_written(int64_t value, const char *expected)
{
    struct wtr_buffer out = {0};
    wtr_put_micro(&out, value);
    wtr_put(&out, "", 1);
    cr_assert_str_eq(out.data, expected);
    wtr_buffer_free(&out);
}

Test(decimal, written)
{
    check_written(57310000, "57.31");
    check_written(0, "0");
    check_written(-1, "-0.000001");
    check_written(1000000, "1");
    check_written(INT64_MIN, "-9223372036854.775808");
    check_written(100000, "0.1");
}

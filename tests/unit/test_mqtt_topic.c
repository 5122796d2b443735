/* SPDX-License-Identifier: Apache-2.0 */
/* Topic filters: the examples of 3.1.1 and 5.0 section 4.7 and of 5.0 section 4.8.2, and the edges around
 * them. */
#include "protocol/mqtt_wire.h"

#include <criterion/criterion.h>

static bool matches(const char *filter, const char *topic)
{
    return wtr_mqtt_filter_matches(wtr_text_z(filter), wtr_text_z(topic));
}

Test(mqtt_filter, multi_level_wildcard)
{
    cr_expect(matches("sport/tennis/player1/#", "sport/tennis/player1"));
    cr_expect(matches("sport/tennis/player1/#", "sport/tennis/player1/ranking"));
    cr_expect(matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
    cr_expect(matches("sport/#", "sport"));
    cr_expect(matches("#", "sport/tennis"));
    cr_expect_not(matches("sport/#", "sports"));
    cr_expect_not(matches("sport/tennis/#/ranking", "sport/tennis/player1/ranking"));
}

Test(mqtt_filter, single_level_wildcard)
{
    cr_expect(matches("sport/tennis/+", "sport/tennis/player1"));
    cr_expect_not(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
    cr_expect_not(matches("sport/+", "sport"));
    cr_expect(matches("sport/+", "sport/"));
    cr_expect(matches("+/+", "/finance"));
    cr_expect(matches("/+", "/finance"));
    cr_expect_not(matches("+", "/finance"));
    cr_expect(matches("+/tennis/#", "sport/tennis"));
}

Test(mqtt_filter, dollar_topics)
{
    cr_expect_not(matches("#", "$SYS/broker"));
    cr_expect_not(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
    cr_expect(matches("$SYS/#", "$SYS/monitor"));
    cr_expect(matches("$SYS/monitor/+", "$SYS/monitor/Clients"));
}

Test(mqtt_filter, exact_names)
{
    cr_expect(matches("a/b", "a/b"));
    cr_expect_not(matches("a/b", "A/b"));
    cr_expect_not(matches("a/b", "a/b/"));
    cr_expect_not(matches("a/b", "a"));
    cr_expect_not(matches("a", "a/b"));
    cr_expect_not(matches("", "a"));
    cr_expect_not(matches("a", ""));
}

Test(mqtt_filter, shared_subscriptions)
{
    cr_expect(matches("$share/consumer1/sport/tennis/+", "sport/tennis/player1"));
    cr_expect(matches("$share/consumer1//finance", "/finance"));
    cr_expect_not(matches("$share/consumer1", "consumer1"));
    cr_expect_not(matches("$share/consumer1/", "a"));
    cr_expect_not(matches("$share/c/#", "$SYS/x"));
}

Test(mqtt_filter, faults)
{
    static const struct {
        const char *filter;
        const char *fault;
        bool readable;
    } cases[] = {
        {"", "a topic filter is empty", false},
        {"a/\xff", "a string is not UTF-8", false},
        {"#/a", "a topic filter has a misplaced wildcard", true},
        {"a#", "a topic filter has a misplaced wildcard", true},
        {"a/b+/c", "a topic filter has a misplaced wildcard", true},
        {"a/+b", "a topic filter has a misplaced wildcard", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool readable;
        const char *fault = wtr_mqtt_filter_fault(wtr_text_z(cases[i].filter), &readable);
        cr_expect_str_eq(fault ? fault : "-", cases[i].fault, "%s", cases[i].filter);
        cr_expect_eq(readable, cases[i].readable);
    }
    static const char *const sound[] = {"#", "+", "a/#", "+/a/#", "/", "//", "a/+/b", "$SYS/#"};
    for (size_t i = 0; i < sizeof sound / sizeof sound[0]; i++) {
        bool readable;
        cr_expect_null(wtr_mqtt_filter_fault(wtr_text_z(sound[i]), &readable), "%s", sound[i]);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the MQTT families share: packets by type, topics by level, words for on and off. */
#include "vendor/mqtt_publish.h"

#include <criterion/criterion.h>

static const struct wtr_protocol other_protocol = {.name = "other"};

Test(mqtt_publish, packet_of_a_message)
{
    struct wtr_mqtt_packet packet = {.type = WTR_MQTT_PUBLISH};
    struct wtr_mqtt_session session = {.version = 4};
    struct wtr_message message = {.protocol = &wtr_mqtt, .body = &packet, .session = &session};
    cr_expect_eq(wtr_mqtt_packet_of(&message, WTR_MQTT_PUBLISH), &packet);
    cr_expect_null(wtr_mqtt_packet_of(&message, WTR_MQTT_CONNECT));
    cr_expect_eq(wtr_mqtt_session_of(&message), &session);
    message.protocol = &other_protocol;
    cr_expect_null(wtr_mqtt_packet_of(&message, WTR_MQTT_PUBLISH));
    cr_expect_null(wtr_mqtt_session_of(&message));
}

static struct wtr_topic cut(const char *topic)
{
    return wtr_topic_cut(wtr_text_z(topic));
}

Test(mqtt_publish, levels_of_a_topic)
{
    struct wtr_topic topic = cut("stat/plug/POWER");
    cr_expect_eq(topic.count, 3);
    cr_expect(wtr_text_is(topic.whole, "stat/plug/POWER"));
    cr_expect(wtr_topic_level_is(&topic, 0, "stat"));
    cr_expect(wtr_topic_level_is(&topic, 1, "plug"));
    cr_expect(wtr_topic_level_is(&topic, 2, "POWER"));
    cr_expect_not(wtr_topic_level_is(&topic, 2, "power"));
    cr_expect_not(wtr_topic_level_is(&topic, 3, ""));
}

Test(mqtt_publish, empty_levels)
{
    struct wtr_topic topic = cut("/a//b/");
    cr_expect_eq(topic.count, 5);
    cr_expect(wtr_topic_level_is(&topic, 0, ""));
    cr_expect(wtr_topic_level_is(&topic, 1, "a"));
    cr_expect(wtr_topic_level_is(&topic, 2, ""));
    cr_expect(wtr_topic_level_is(&topic, 3, "b"));
    cr_expect(wtr_topic_level_is(&topic, 4, ""));
    cr_expect_eq(cut("/").count, 2);
    cr_expect_eq(cut("").count, 0);
    cr_expect_eq(wtr_topic_cut((struct wtr_text){NULL, 0}).count, 0);
}

/* Eight levels are stored; the count goes on. */
Test(mqtt_publish, more_levels_than_are_stored)
{
    struct wtr_topic topic = cut("1/2/3/4/5/6/7/8");
    cr_expect_eq(topic.count, 8);
    cr_expect(wtr_topic_level_is(&topic, 7, "8"));
    topic = cut("1/2/3/4/5/6/7/8/9/10");
    cr_expect_eq(topic.count, 10);
    cr_expect(wtr_topic_level_is(&topic, 7, "8"));
    cr_expect_not(wtr_topic_level_is(&topic, 8, "9"));
}

Test(mqtt_publish, on_and_off)
{
    bool on = false;
    cr_expect(wtr_text_on_off(WTR_TEXT("ON"), "on", "off", &on));
    cr_expect(on);
    cr_expect(wtr_text_on_off(WTR_TEXT("oFf"), "on", "off", &on));
    cr_expect_not(on);
    cr_expect(wtr_text_on_off(WTR_TEXT("1"), "1", "0", &on));
    cr_expect(on);
    cr_expect_not(wtr_text_on_off(WTR_TEXT("one"), "on", "off", &on));
    cr_expect_not(wtr_text_on_off(WTR_TEXT("O"), "on", "off", &on));
    cr_expect_not(wtr_text_on_off(WTR_TEXT(""), "on", "off", &on));
    cr_expect_not(wtr_text_on_off((struct wtr_text){NULL, 0}, "on", "off", &on));
    cr_expect(on, "left alone where neither word stands");
}

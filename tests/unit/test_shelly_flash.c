/* SPDX-License-Identifier: Apache-2.0 */
/* The file in which Mongoose OS keeps what the user set. */
#include "flash_say.h"
#include "say_record.h"
#include "vendor/shelly/shelly.h"

#include <criterion/criterion.h>

static struct wtr_piece piece = {.length = 1 << 16};

static const char *said_of_file(const char *path, const char *text)
{
    struct wtr_entry entry = {.format = "spiffs",
                              .path = wtr_text_z(path),
                              .span = {(const uint8_t *)text, strlen(text), &piece, 1, NULL}};
    return flash_said_of(&wtr_shelly, &entry, 1);
}

static const char file[] = "{\"device\":{\"id\":\"shellyplug-s-0A1B2C\"},\"wifi\":{\"sta\":{\"enable\":true,"
                           "\"ssid\":\"home\",\"pass\":\"correct horse\"},\"ap\":{\"pass\":\"12345678\"}},"
                           "\"mqtt\":{\"server\":\"10.0.0.2:1883\",\"user\":\"u\",\"pass\":\"m-secret\"}}";

Test(shelly_flash, what_the_user_set)
{
    const char *text = said_of_file("conf9.json", file);
    cr_assert(wtr_text_starts(wtr_text_z(text), "dump shelly:shellyplug-s-0A1B2C\n"), "%s", text);
    cr_assert_str_eq(flash_only(text, "device.identity"),
                     "device.identity shelly:shellyplug-s-0A1B2C device_id=shellyplug-s-0A1B2C user=u "
                     "server=10.0.0.2:1883\n");
    cr_assert_str_eq(flash_only(text, "credential"),
                     "credential shelly:shellyplug-s-0A1B2C secret=wifi ssid=home value=correct horse\n"
                     "credential shelly:shellyplug-s-0A1B2C secret=wifi access point value=12345678\n"
                     "credential shelly:shellyplug-s-0A1B2C secret=mqtt value=m-secret\n");
    cr_assert(strstr(text, "key wifi home correct horse\n"));
    cr_assert(strstr(said_of_file("/conf9.json", file), "shelly:shellyplug-s-0A1B2C"));
}

Test(shelly_flash, files_of_other_names_and_makers)
{
    cr_assert_str_eq(said_of_file("myconf9.json", file), "");
    cr_assert_str_eq(said_of_file("conf0.json", file), "");
    const char *text =
        said_of_file("conf9.json", "{\"device\":{\"id\":\"esp32_0A1B2C\"},\"wifi\":{\"sta\":{\"ssid\":"
                                   "\"home\",\"pass\":\"correct horse\"}}}");
    cr_assert_str_eq(flash_only(text, "credential"),
                     "credential lan:dump secret=wifi ssid=home value=correct horse\n");
    cr_assert_str_eq(said_of_file("conf9.json", "{\"other\":1}"), "");
}

Test(shelly_flash, a_cut_file_is_a_finding)
{
    char cut[sizeof file];
    for (size_t length = 3; length + 1 < sizeof file; length++) {
        memcpy(cut, file, length);
        cut[length] = '\0';
        const char *text = said_of_file("conf9.json", cut);
        cr_assert(wtr_text_starts(wtr_text_z(text), "finding "), "length %zu: %s", length, text);
        cr_assert_null(strstr(text, "credential"));
    }
    for (size_t i = 0; i + 1 < sizeof file; i++) {
        memcpy(cut, file, sizeof file);
        cut[i] ^= 1;
        cr_assert_null(strstr(said_of_file("conf9.json", cut), "!!"), "byte %zu", i);
    }
}

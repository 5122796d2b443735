/* SPDX-License-Identifier: Apache-2.0 */
/* The example family, and the page that walks through it: what the plug says is read as the page tells, and
 * every piece of code on the page stands so in the file that it names. */
#include "vendor/example/example.h"

#include "mqtt_message.h"
#include "say_record.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wtr_say *say;
static struct mqtt_connection plug;

static void set_up(void)
{
    say = say_record_new();
    plug = (struct mqtt_connection){0};
}

static void tear_down(void)
{
    say_record_free(say);
    mqtt_message_free();
}

TestSuite(example, .init = set_up, .fini = tear_down);

static void expect(const char *topic, const char *payload, const char *expected)
{
    const struct wtr_message *message = mqtt_publish(&plug, WTR_FROM_CLIENT, topic, payload, 0);
    const char *heard = say_record(say, &wtr_example, NULL, message);
    cr_expect(strcmp(heard, expected) == 0, "%s %s\nheard:\n%sexpected:\n%s", topic, payload, heard,
              expected);
}

Test(example, states_commands_and_readings)
{
    expect("example/kettle/relay", "on",
           "power.state example:kettle ch=1 outlet=1 state=on raw{relay=on@0+2}\n");
    expect("example/kettle/relay", "off",
           "power.state example:kettle ch=1 outlet=1 state=off raw{relay=off@0+3}\n");
    expect("example/kettle/set", "on",
           "power.command example:kettle ch=1 outlet=1 state=on raw{relay=on@0+2}\n");
    expect("example/kettle/power", "1987.25",
           "power.reading example:kettle ch=1 outlet=1 power_w=1987.25 raw{power=1987.25@0+7}\n");
    expect("example/kettle/power", "0",
           "power.reading example:kettle ch=1 outlet=1 power_w=0 raw{power=0@0+1}\n");
    expect("example/kettle/power", "10000",
           "power.reading example:kettle ch=1 outlet=1 power_w=10000 raw{power=10000@0+5}\n");
}

Test(example, damaged_messages)
{
    expect("example/kettle/relay", "o", "finding @0+1 the word is neither on nor off\n");
    expect("example/kettle/set", "toggle", "finding @0+6 the word is neither on nor off\n");
    expect("example/kettle/power", "1987,25", "finding @0+7 the power is no number within its range\n");
    expect("example/kettle/power", "-1", "finding @0+2 the power is no number within its range\n");
    expect("example/kettle/power", "10000.000001", "finding @0+12 the power is no number within its range\n");
    expect("example/kettle/relay", "", "");
}

static enum wtr_claim claim_of(const char *topic)
{
    return wtr_example.claim(NULL, mqtt_publish(&plug, WTR_FROM_CLIENT, topic, "on", 0));
}

Test(example, claims)
{
    cr_expect_eq(claim_of("example/kettle/relay"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("example/kettle/set"), WTR_CLAIM_NAMED);
    cr_expect_eq(claim_of("example/kettle/lamp"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("example//relay"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("example/relay"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("example/a/b/relay"), WTR_CLAIM_NONE);
    cr_expect_eq(claim_of("Example/kettle/relay"), WTR_CLAIM_NONE);
    cr_expect_eq(wtr_example.claim(NULL, mqtt_connect(&plug, "example", NULL, NULL)), WTR_CLAIM_NONE);
}

/* The file as text; the test fails if it can't be read. */
static char *read_text(const char *path)
{
    char whole[4096];
    (void)snprintf(whole, sizeof whole, "%s/%s", WTR_SOURCE_DIR, path);
    FILE *file = fopen(whole, "rb");
    cr_assert(file != NULL, "%s can't be opened", whole);
    char *text = calloc(1, 1 << 20);
    cr_assert(text != NULL);
    cr_assert(fread(text, 1, (1 << 20) - 1, file) > 0, "%s is empty", whole);
    (void)fclose(file);
    return text;
}

/* The path in backticks on the line before the block; the block follows it after an empty line. */
static bool path_before(const char *page, const char *fence, char *path, size_t size)
{
    const char *line = fence - 2;
    if (line <= page || fence[-1] != '\n' || *line != '\n')
        return false;
    const char *end = line;
    while (line > page && line[-1] != '\n')
        line--;
    bool quoted = end - line > 2 && *line == '`' && end[-1] == '`';
    return quoted && snprintf(path, size, "%.*s", (int)(end - line - 2), line + 1) < (int)size;
}

Test(example, the_page_quotes_what_is_compiled)
{
    static const char open[] = "```c\n";
    char *page = read_text("docs/adding-a-vendor.md");
    unsigned blocks = 0;
    for (const char *fence = page; (fence = strstr(fence, open)) != NULL; blocks++) {
        char path[256];
        cr_assert(path_before(page, fence, path, sizeof path), "block %u names no file", blocks + 1);
        const char *code = fence + sizeof open - 1;
        const char *close = strstr(code, "\n```");
        cr_assert(close != NULL, "block %u does not end", blocks + 1);
        size_t length = (size_t)(close - code) + 1;
        char *quoted = calloc(1, length + 1);
        cr_assert(quoted != NULL);
        memcpy(quoted, code, length);
        char *source = read_text(path);
        cr_expect(strstr(source, quoted) != NULL, "not in %s:\n%s", path, quoted);
        free(source);
        free(quoted);
        fence = close;
    }
    cr_expect_geq(blocks, 8, "only %u blocks were found", blocks);
    free(page);
}

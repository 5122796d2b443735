/* SPDX-License-Identifier: Apache-2.0 */
/* Keyring files: what each line gives, and what is said of one that makes no sense. */
#include "evidence/keyring.h"

#include "wattrail/case.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

static struct wtr_keyring keys;
static struct wtr_buffer why;

static void clean(void)
{
    wtr_keyring_free(&keys);
    wtr_buffer_free(&why);
}

TestSuite(keyring, .fini = clean);

static enum wtr_status read_text(struct wtr_text text)
{
    enum wtr_status status = wtr_keyring_read(&keys, "keys.txt", text, &why);
    wtr_put(&why, "", 1);
    return status;
}

static enum wtr_status read_z(const char *text)
{
    return read_text(wtr_text_z(text));
}

static void expect(size_t i, enum wtr_key_type type, const char *id, struct wtr_text secret, const char *name,
                   const char *origin)
{
    cr_assert_lt(i, keys.count);
    const struct wtr_key_entry *key = &keys.list[i];
    cr_expect_eq(key->type, type);
    cr_expect(wtr_text_is(key->id, id), "id %.*s", (int)key->id.length, key->id.data);
    cr_expect(wtr_text_equal(key->secret, secret), "secret %.*s", (int)key->secret.length, key->secret.data);
    cr_expect_str_eq(key->name, name);
    cr_expect_str_eq(key->origin, origin);
}

static void refused(const char *text, const char *expected)
{
    cr_expect_eq(read_z(text), WTR_E_UNRECOGNISED, "%s", text);
    cr_expect_str_eq(why.data, expected);
    cr_expect_eq(keys.count, 0, "%s", text);
}

Test(keyring, every_type)
{
    cr_assert_eq(
        read_z("# the scene\n"
               "tuya bf0123456789abcdefgh 0123456789abcdef\n"
               "\n"
               "psk  plug-1\t00ffA0\n"
               "kasa user@example.com secret\n"
               "wifi home password1\n"
               "  # indented\n"
               "nvs 00010203040506070809101112131415161718192021222324252627282930310001020304050607080"
               "910111213141516171819202122232425262728293031\n"
               "meross * key"),
        WTR_OK, "%s", why.data);
    cr_assert_eq(keys.count, 6);
    expect(0, WTR_KEY_TUYA, "bf0123456789abcdefgh", WTR_TEXT("0123456789abcdef"), "tuya bf0123456789abcdefgh",
           "keyring keys.txt, line 2");
    expect(1, WTR_KEY_PSK, "plug-1", wtr_text_of("\x00\xff\xa0", 3), "psk plug-1",
           "keyring keys.txt, line 4");
    expect(2, WTR_KEY_KASA, "user@example.com", WTR_TEXT("secret"), "kasa user@example.com",
           "keyring keys.txt, line 5");
    expect(3, WTR_KEY_WIFI, "home", WTR_TEXT("password1"), "wifi home", "keyring keys.txt, line 6");
    cr_expect_eq(keys.list[4].type, WTR_KEY_NVS);
    cr_expect_eq(keys.list[4].secret.length, 64);
    cr_expect_eq((unsigned char)keys.list[4].secret.data[10], 0x10);
    cr_expect_eq((unsigned char)keys.list[4].secret.data[63], 0x31);
    cr_expect_str_eq(keys.list[4].name, "nvs");
    expect(5, WTR_KEY_MEROSS, "*", WTR_TEXT("key"), "meross *", "keyring keys.txt, line 9");
}

Test(keyring, nothing)
{
    cr_expect_eq(read_z(""), WTR_OK);
    cr_expect_eq(read_z("\n\n#\n"), WTR_OK);
    cr_expect_eq(read_z("\xef\xbb\xbf"), WTR_OK);
    cr_expect_eq(read_z("[]"), WTR_OK);
    cr_expect_eq(keys.count, 0);
}

Test(keyring, quotes)
{
    cr_assert_eq(read_z("wifi \"my home \\\"2\\\"\" \"a \\\\ passphrase\"\n"
                        "kasa \"\" \"\"\n"
                        "tuya * a\"b\\c#d'e$f<ghij\n"
                        "tuya \"*\" \"\\\"#23456789abcdef\""),
                 WTR_OK, "%s", why.data);
    cr_assert_eq(keys.count, 4);
    expect(0, WTR_KEY_WIFI, "my home \"2\"", WTR_TEXT("a \\ passphrase"), "wifi my home \"2\"",
           "keyring keys.txt, line 1");
    expect(1, WTR_KEY_KASA, "", WTR_TEXT(""), "kasa", "keyring keys.txt, line 2");
    expect(2, WTR_KEY_TUYA, "*", WTR_TEXT("a\"b\\c#d'e$f<ghij"), "tuya *", "keyring keys.txt, line 3");
    expect(3, WTR_KEY_TUYA, "*", WTR_TEXT("\"#23456789abcdef"), "tuya *", "keyring keys.txt, line 4");
}

Test(keyring, line_ends_and_marks)
{
    cr_assert_eq(read_z("\xef\xbb\xbftuya a 0123456789abcdef\r\nmeross b c\r\n"), WTR_OK, "%s", why.data);
    cr_assert_eq(keys.count, 2);
    expect(0, WTR_KEY_TUYA, "a", WTR_TEXT("0123456789abcdef"), "tuya a", "keyring keys.txt, line 1");
    expect(1, WTR_KEY_MEROSS, "b", WTR_TEXT("c"), "meross b", "keyring keys.txt, line 2");
}

Test(keyring, equal_keys_count_once)
{
    cr_assert_eq(read_z("tuya a 0123456789abcdef\ntuya a 0123456789abcdef\ntuya b 0123456789abcdef\n"),
                 WTR_OK);
    cr_expect_eq(keys.count, 2);
}

Test(keyring, refused_lines)
{
    static const char tuya[] = "line 2: expected 'tuya', a device id or *, and a key of 16 characters";
    refused("meross a b\ntuya a 0123456789abcde\n", tuya);
    refused("meross a b\ntuya a 0123456789abcdefg\n", tuya);
    refused("meross a b\ntuya a\n", tuya);
    refused("meross a b\ntuya a 0123456789abcdef x\n", tuya);
    refused("meross a b\ntuya \"\" 0123456789abcdef\n", tuya);
    refused("psk a 0\n", "line 1: expected 'psk', an identity or *, and a key in hexadecimal");
    refused("psk a 0g\n", "line 1: expected 'psk', an identity or *, and a key in hexadecimal");
    refused("psk a \"\"\n", "line 1: expected 'psk', an identity or *, and a key in hexadecimal");
    refused("nvs 00\n", "line 1: expected 'nvs' and 128 hexadecimal digits");
    refused("kasa a\n", "line 1: expected 'kasa', an account, and its password");
    refused("\n\nkasa a b c d\n",
            "line 3: expected fewer fields; one that holds blanks stands in double quotes");
    refused("meross \"a b\n", "line 1: expected a closing double quote, and only \\\" and \\\\ before it");
    refused("meross \"a\\n\" b\n",
            "line 1: expected a closing double quote, and only \\\" and \\\\ before it");
    refused("meross \"a\"b c\n", "line 1: expected a closing double quote, and only \\\" and \\\\ before it");
    refused("meross \"a\\", "line 1: expected a closing double quote, and only \\\" and \\\\ before it");
    refused("password hunter2\n",
            "line 1: expected a type of key (tuya, psk, kasa, wifi, nvs, meross) or a comment");
    refused("TUYA a 0123456789abcdef\n",
            "line 1: expected a type of key (tuya, psk, kasa, wifi, nvs, meross) or a comment");
    refused("tuya a 0123456789\x01"
            "bcdef\n",
            "line 1: expected text without control characters");
}

Test(keyring, bounds_of_wifi)
{
    static const char expected[] =
        "line 1: expected 'wifi', a network's name of at most 32 bytes, and its passphrase of 8 to 63 "
        "characters or key of 64 hexadecimal digits";
    refused("wifi a 1234567\n", expected);
    refused("wifi a 0123456789012345678901234567890123456789012345678901234567890123456\n", expected);
    refused("wifi a g123456789012345678901234567890123456789012345678901234567890123\n", expected);
    refused("wifi 012345678901234567890123456789012 12345678\n", expected);
    cr_expect_eq(read_z("wifi 01234567890123456789012345678901 12345678\n"
                        "wifi a 0123456789012345678901234567890123456789012345678901234567890123\n"),
                 WTR_OK);
}

Test(keyring, a_binary_file)
{
    cr_expect_eq(read_text(wtr_text_of("\xd4\xc3\xb2\xa1\x02\x00\x04\x00", 8)), WTR_E_UNRECOGNISED);
    cr_expect_str_eq(why.data, "line 1: expected text without control characters");
}

Test(keyring, nothing_of_a_refused_file_stays)
{
    cr_assert_eq(read_z("meross a b\n"), WTR_OK);
    cr_expect_eq(read_z("meross c d\nnonsense\n"), WTR_E_UNRECOGNISED);
    cr_expect_eq(keys.count, 1);
}

Test(keyring, too_many)
{
    struct wtr_buffer text = {0};
    for (unsigned i = 0; i < WTR_KEYRING_MAX_KEYS + 1; i++) {
        wtr_put_z(&text, "meross m");
        wtr_put_uint(&text, i);
        wtr_put_z(&text, " key\n");
    }
    cr_expect_eq(read_text(wtr_buffer_text(&text)), WTR_E_UNRECOGNISED);
    cr_expect_str_eq(why.data, "line 8193: expected no more than 8192 keys");
    wtr_buffer_free(&text);
}

/* The members that tinytuya's wizard writes, and the object that its scanner makes of the list. */
Test(keyring, tinytuya)
{
    static const char list[] = "[\n"
                               "    {\"name\": \"Kettle\",\n"
                               "     \"id\": \"bf01\", \"key\": \"a\\\"b\\\\<'#789abcdef\",\n"
                               "     \"mac\": \"d8:1f:12:00:00:01\", \"ip\": \"\", \"version\": \"3.3\"},\n"
                               "    {\"name\": \"child\", \"id\": \"bf02\", \"key\": \"\"},\n"
                               "    {\"name\": \"no key\", \"id\": \"bf03\"},\n"
                               "    {\"id\": \"bf04\", \"key\": \"0123456789abcdef\"}\n"
                               "]\n";
    cr_assert_eq(read_z(list), WTR_OK, "%s", why.data);
    cr_assert_eq(keys.count, 2);
    expect(0, WTR_KEY_TUYA, "bf01", WTR_TEXT("a\"b\\<'#789abcdef"), "tuya bf01", "keyring keys.txt, line 2");
    expect(1, WTR_KEY_TUYA, "bf04", WTR_TEXT("0123456789abcdef"), "tuya bf04", "keyring keys.txt, line 7");
    clean();
    cr_assert_eq(
        read_z("{\"timestamp\": 1.5, \"devices\": [{\"id\": \"a\", \"key\": \"0123456789abcdef\"}]}"),
        WTR_OK);
    expect(0, WTR_KEY_TUYA, "a", WTR_TEXT("0123456789abcdef"), "tuya a", "keyring keys.txt, line 1");
}

Test(keyring, refused_json)
{
    refused("[\n{\"id\": \"a\", \"key\": \"short\"}]",
            "line 2: expected a device with \"id\" and a \"key\" of 16 characters");
    refused("[{\"key\": \"0123456789abcdef\"}]",
            "line 1: expected a device with \"id\" and a \"key\" of 16 characters");
    refused("[{\"id\": \"a\\u0000b\", \"key\": \"0123456789abcdef\"}]",
            "line 1: expected a device with \"id\" and a \"key\" of 16 characters");
    refused("[{\"id\": \"a\", \"key\": 1234567890123456}]",
            "line 1: expected a device with \"id\" and a \"key\" of 16 characters");
    refused("[\n\n1]", "line 3: expected a device with \"id\" and \"key\"");
    refused("{\"devices\": 1}", "line 1: expected a list of devices");
    refused("{}", "line 1: expected a list of devices");
    refused("[{\"id\"",
            "line 1: expected JSON to the end of the file: a list of devices with \"id\" and \"key\"");
}

/* ---- through the public interface */

Test(keyring, of_a_case)
{
    wtr_case *c = NULL;
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    cr_expect_eq(wtr_case_add_keys_memory(c, "b.txt", "meross a b\n", 11), WTR_OK);
    cr_expect_eq(wtr_case_add_keys_memory(c, "a.txt", "", 0), WTR_OK);
    cr_expect_eq(wtr_case_add_keys_memory(c, "c.txt", "tuya a secret\n", 14), WTR_E_UNRECOGNISED);
    cr_expect_str_eq(wtr_case_error(c),
                     "c.txt: line 1: expected 'tuya', a device id or *, and a key of 16 characters");
    cr_expect_eq(wtr_case_add_keys(c, "/nonexistent/keys.txt"), WTR_E_NOT_FOUND);
    cr_expect_str_eq(wtr_case_error(c), "keys.txt: there is no such file");
    cr_expect_eq(wtr_case_add_keys(c, "/"), WTR_E_READ);
    cr_expect_eq(wtr_case_add_keys(c, NULL), WTR_E_ARGUMENT);
    cr_expect_eq(wtr_case_add_keys_memory(c, NULL, "", 0), WTR_E_ARGUMENT);
    cr_expect_eq(wtr_case_add_keys_memory(c, "a", NULL, 1), WTR_E_ARGUMENT);
    wtr_feed *feed = NULL;
    cr_assert_eq(wtr_case_add_feed(c, "packets", NULL, &feed), WTR_OK);
    cr_expect_eq(wtr_case_add_keys_memory(c, "late.txt", "", 0), WTR_E_ARGUMENT);
    cr_assert_eq(wtr_case_run(c), WTR_OK);
    const struct wtr_record *record;
    cr_assert_eq(wtr_case_next(c, &record), WTR_OK);
    cr_assert_eq(record->type, WTR_RECORD_HEADER);
    cr_assert_eq(record->as.header->keyring_count, 2);
    cr_expect_str_eq(record->as.header->keyrings[0].name, "a.txt");
    cr_expect_eq(record->as.header->keyrings[0].keys, 0);
    cr_expect_str_eq(record->as.header->keyrings[1].name, "b.txt");
    cr_expect_eq(record->as.header->keyrings[1].keys, 1);
    wtr_case_free(c);
}

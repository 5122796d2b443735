/* SPDX-License-Identifier: Apache-2.0 */
/* Keyring files: whatever is read keeps the bounds that protocols rely on, reads the same twice, and what is
 * refused leaves nothing behind and is not quoted. */
#include "evidence/keyring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check(const struct wtr_key_entry *key)
{
    hold(key->name[0] && key->origin[0]);
    hold(key->type != WTR_KEY_TUYA || (key->secret.length == 16 && key->id.length > 0));
    hold(key->type != WTR_KEY_NVS || key->secret.length == 64);
    hold(key->type != WTR_KEY_PSK || (key->secret.length > 0 && key->id.length > 0));
    hold(key->type != WTR_KEY_WIFI || (key->secret.length >= 8 && key->secret.length <= 64));
}

static void hold_same(const struct wtr_keyring *a, const struct wtr_keyring *b)
{
    hold(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        hold(a->list[i].type == b->list[i].type && wtr_text_equal(a->list[i].id, b->list[i].id));
        hold(wtr_text_equal(a->list[i].secret, b->list[i].secret));
        hold(strcmp(a->list[i].name, b->list[i].name) == 0);
        hold(strcmp(a->list[i].origin, b->list[i].origin) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wtr_keyring first = {0}, second = {0};
    struct wtr_buffer why = {0};
    struct wtr_text text = wtr_text_of(data, size);
    enum wtr_status status = wtr_keyring_read(&first, "k", text, &why);
    hold(status == WTR_OK || (status == WTR_E_UNRECOGNISED && first.count == 0 && why.length > 0));
    hold(why.length < 256 && first.count <= WTR_KEYRING_MAX_KEYS);
    for (size_t i = 0; i < first.count; i++)
        check(&first.list[i]);
    hold(wtr_keyring_read(&second, "k", text, &why) == status);
    hold_same(&first, &second);
    wtr_keyring_free(&first);
    wtr_keyring_free(&second);
    wtr_buffer_free(&why);
    return 0;
}

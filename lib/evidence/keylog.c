/* SPDX-License-Identifier: Apache-2.0 */
/* Reading key logs. */
#include "evidence/keylog.h"

#include "base/secret.h"

/* A label, and what stands behind it: the id's bytes, and the secret's. */
static const struct label {
    const char *word;
    enum wtr_tls_label label;
    bool needed;
    uint8_t id, least, most;
} labels[] = {
    {"CLIENT_RANDOM", WTR_TLS_LABEL_CLIENT_RANDOM, true, 32, 48, 48},
    {"RSA", WTR_TLS_LABEL_RSA, true, 8, 48, 48},
    {"CLIENT_EARLY_TRAFFIC_SECRET", WTR_TLS_LABEL_CLIENT_EARLY, true, 32, 32, 48},
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", WTR_TLS_LABEL_CLIENT_HANDSHAKE, true, 32, 32, 48},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", WTR_TLS_LABEL_SERVER_HANDSHAKE, true, 32, 32, 48},
    {"CLIENT_TRAFFIC_SECRET_0", WTR_TLS_LABEL_CLIENT_TRAFFIC, true, 32, 32, 48},
    {"SERVER_TRAFFIC_SECRET_0", WTR_TLS_LABEL_SERVER_TRAFFIC, true, 32, 32, 48},
    /* Later traffic secrets follow from the first. */
    {.word = "CLIENT_TRAFFIC_SECRET_"},
    {.word = "SERVER_TRAFFIC_SECRET_"},
    {.word = "EXPORTER_SECRET"},
    {.word = "EARLY_EXPORTER_SECRET"},
    {.word = "PMS_CLIENT_RANDOM"},
    {.word = "ECH_SECRET"},
    {.word = "ECH_CONFIG"},
};

static const struct label *label_of(struct wtr_text word)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const char *name = labels[i].word;
        bool numbered = name[strlen(name) - 1] == '_';
        if (numbered ? wtr_text_starts(word, name) : wtr_text_is(word, name))
            return &labels[i];
    }
    return NULL;
}

bool wtr_keylog_is_label(struct wtr_text word)
{
    return label_of(word) != NULL;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The bytes that the digits stand for, `most` at the most; 0: they stand for none. */
static size_t from_hex(struct wtr_text text, uint8_t *bytes, size_t most)
{
    size_t length = text.length / 2;
    if (text.length % 2 != 0 || length > most)
        return 0;
    for (size_t i = 0; i < length; i++) {
        int high = digit(text.data[2 * i]), low = digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return 0;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return length;
}

static struct wtr_text trim(struct wtr_text text)
{
    while (text.length && (text.data[text.length - 1] == '\r' || text.data[text.length - 1] == ' ' ||
                           text.data[text.length - 1] == '\t'))
        text.length--;
    while (text.length && (*text.data == ' ' || *text.data == '\t'))
        text = wtr_text_of(text.data + 1, text.length - 1);
    return text;
}

enum wtr_keylog_line wtr_keylog_take(struct wtr_tls_keys *keys, struct wtr_text line, const char *origin,
                                     uint64_t number)
{
    struct wtr_text rest = trim(line);
    const struct label *label = label_of(wtr_text_cut(&rest, ' '));
    if (!label || !label->needed)
        return WTR_KEYLOG_NOTHING;
    struct wtr_tls_secret secret = {.label = label->label, .origin = origin, .line = number};
    struct wtr_text id = wtr_text_cut(&rest, ' ');
    size_t length = from_hex(rest, secret.bytes, label->most);
    secret.length = (uint8_t)length;
    enum wtr_keylog_line result = WTR_KEYLOG_BROKEN;
    if (from_hex(id, secret.id, label->id) == label->id && length >= label->least)
        switch (wtr_tls_keys_add(keys, &secret)) {
        case WTR_TLS_NO_MEMORY:
            result = WTR_KEYLOG_NO_MEMORY;
            break;
        case WTR_TLS_NO_ROOM:
            result = WTR_KEYLOG_FULL;
            break;
        default:
            result = WTR_KEYLOG_SECRET;
            break;
        }
    wtr_wipe(secret.bytes, sizeof secret.bytes);
    return result;
}

/* Whether the line is one that key logs have. */
static bool is_known(struct wtr_text line)
{
    struct wtr_text rest = trim(line);
    return rest.length == 0 || *rest.data == '#' || wtr_keylog_is_label(wtr_text_cut(&rest, ' '));
}

enum wtr_status wtr_keylog_read(struct wtr_tls_keys *keys, const char *origin, struct wtr_text text,
                                struct wtr_keylog_facts *facts)
{
    bool known = text.length == 0;
    *facts = (struct wtr_keylog_facts){0};
    for (uint64_t number = 1; text.length > 0; number++) {
        struct wtr_text line = wtr_text_cut(&text, '\n');
        bool open = text.data == NULL;
        enum wtr_keylog_line result = wtr_keylog_take(keys, line, origin, number);
        if (result == WTR_KEYLOG_NO_MEMORY)
            return WTR_E_MEMORY;
        known = known || is_known(line);
        facts->secrets += result == WTR_KEYLOG_SECRET;
        if ((result == WTR_KEYLOG_FULL || (result == WTR_KEYLOG_BROKEN && !open)) && !facts->broken)
            facts->broken = number;
    }
    if (!known)
        return WTR_E_UNRECOGNISED;
    return facts->broken ? WTR_PARTIAL : WTR_OK;
}

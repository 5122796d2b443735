/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptor of WPA, from before IEEE 802.11i, differs in its type and in that its group key stands alone
 * in the key data of a group key handshake (Wi-Fi Alliance, WPA 3.1; wpa_supplicant,
 * src/common/wpa_common.h). */
#include "packet/wlan_eapol.h"

#include "base/bytes.h"

enum { EAPOL_HEADER = 4, TYPE_KEY = 3, DESCRIPTOR_RSN = 2, DESCRIPTOR_WPA = 254, FIXED = 95 };

/* The key information field (12.7.2, figure 12-33). */
enum {
    INFO_VERSION = 0x0007,
    INFO_PAIRWISE = 0x0008,
    INFO_KEY_ID_SHIFT = 4,
    INFO_ACK = 0x0080,
    INFO_MIC = 0x0100,
    INFO_ERROR = 0x0400,
    INFO_REQUEST = 0x0800,
    INFO_ENCRYPTED = 0x1000,
};

/* Places behind the EAPOL header. */
enum {
    AT_INFO = 1,
    AT_KEY_LENGTH = 3,
    AT_REPLAY = 5,
    AT_NONCE = 13,
    AT_IV = 45,
    AT_MIC = 77,
    AT_DATA_LENGTH = 93,
};

_Static_assert(EAPOL_HEADER + AT_MIC == WTR_EAPOL_MIC_AT, "the check's place is counted from the header");

enum { ELEMENT_RSN = 48, ELEMENT_VENDOR = 221 };
enum { RC4_SKIP = 256, KDE_GTK = 1, KDE_IGTK = 9, TKIP_KEY = 32, CCMP_KEY = 16 };

static const uint8_t rsn_oui[3] = {0x00, 0x0f, 0xac};
static const uint8_t wpa_oui[3] = {0x00, 0x50, 0xf2};

static enum wtr_eapol_message message_of(uint16_t info, size_t data_length)
{
    bool ack = info & INFO_ACK, mic = info & INFO_MIC;
    if ((info & (INFO_ERROR | INFO_REQUEST)) != 0)
        return WTR_EAPOL_OTHER;
    if ((info & INFO_PAIRWISE) == 0)
        return !mic ? WTR_EAPOL_OTHER : ack ? WTR_EAPOL_GROUP_1 : WTR_EAPOL_GROUP_2;
    if (ack)
        return mic ? WTR_EAPOL_3 : WTR_EAPOL_1;
    if (!mic)
        return WTR_EAPOL_OTHER;
    return data_length > 0 ? WTR_EAPOL_2 : WTR_EAPOL_4;
}

bool wtr_eapol_read(struct wtr_eapol_key *key, const uint8_t *bytes, size_t length)
{
    if (length < EAPOL_HEADER + FIXED || bytes[1] != TYPE_KEY)
        return false;
    const uint8_t *b = bytes + EAPOL_HEADER;
    size_t body = wtr_be16(bytes + 2), data = wtr_be16(b + AT_DATA_LENGTH);
    uint16_t info = wtr_be16(b + AT_INFO);
    if (body > length - EAPOL_HEADER || body < FIXED || data > body - FIXED ||
        body + EAPOL_HEADER > WTR_EAPOL_LONGEST || (b[0] != DESCRIPTOR_RSN && b[0] != DESCRIPTOR_WPA))
        return false;
    *key = (struct wtr_eapol_key){.bytes = bytes,
                                  .length = EAPOL_HEADER + body,
                                  .message = message_of(info, data),
                                  .rsn = b[0] == DESCRIPTOR_RSN,
                                  .version = info & INFO_VERSION,
                                  .key_length = wtr_be16(b + AT_KEY_LENGTH),
                                  .replay = wtr_be64(b + AT_REPLAY),
                                  .nonce = b + AT_NONCE,
                                  .iv = b + AT_IV,
                                  .mic = b + AT_MIC,
                                  .encrypted = (info & INFO_ENCRYPTED) != 0,
                                  .key_id = info >> INFO_KEY_ID_SHIFT & 3,
                                  .data = b + FIXED,
                                  .data_length = data};
    return key->message != WTR_EAPOL_OTHER && key->version >= 1 && key->version <= 3;
}

bool wtr_eapol_fits(const struct wtr_eapol_key *key, const uint8_t kck[16])
{
    uint8_t copy[WTR_EAPOL_LONGEST], mic[WTR_WLAN_MIC];
    memcpy(copy, key->bytes, key->length);
    memset(copy + WTR_EAPOL_MIC_AT, 0, WTR_WLAN_MIC);
    return wtr_wlan_mic(key->version, kck, copy, key->length, mic) &&
           wtr_wlan_equal(mic, key->mic, sizeof mic);
}

/* ---- keys */

/* Returns the length of the plain key data, 0 if they can't be read. */
static size_t decipher(const struct wtr_eapol_key *key, const uint8_t kek[16],
                       uint8_t plain[WTR_EAPOL_LONGEST])
{
    if (key->version == 1) {
        uint8_t rc4[32];
        memcpy(rc4, key->iv, 16);
        memcpy(rc4 + 16, kek, 16);
        wtr_wlan_rc4(rc4, sizeof rc4, RC4_SKIP, key->data, key->data_length, plain);
        wtr_wlan_wipe(rc4, sizeof rc4);
        return key->data_length;
    }
    return wtr_wlan_unwrap(kek, key->data, key->data_length, plain) ? key->data_length - 8 : 0;
}

static bool set_key(struct wtr_group_key *key, bool management, uint8_t id, const uint8_t *bytes,
                    size_t length)
{
    if ((length != CCMP_KEY && length != TKIP_KEY) || (management && length != CCMP_KEY))
        return false;
    key->cipher = management ? WTR_CIPHER_BIP : length == TKIP_KEY ? WTR_CIPHER_TKIP : WTR_CIPHER_CCMP;
    key->id = id;
    key->length = (uint8_t)length;
    memcpy(key->key, bytes, length);
    return true;
}

/* 12.7.2, tables 12-9 and 12-10: key data encapsulations among elements. */
static size_t encapsulated(const uint8_t *data, size_t length, struct wtr_group_key *keys)
{
    size_t count = 0;
    struct wtr_cursor c = wtr_cursor_over(data, length);
    while (count < WTR_EAPOL_GROUP_KEYS && wtr_left(&c) >= 2) {
        uint8_t id = wtr_take_u8(&c), n = wtr_take_u8(&c);
        const uint8_t *e = wtr_take(&c, n);
        if (!e || (id == ELEMENT_VENDOR && n == 0)) /* padding */
            break;
        if (id != ELEMENT_VENDOR || n < 4 || memcmp(e, rsn_oui, 3) != 0)
            continue;
        if (e[3] == KDE_GTK && n > 6)
            count += set_key(&keys[count], false, e[4] & 3, e + 6, n - 6U);
        else if (e[3] == KDE_IGTK && n > 12)
            count += set_key(&keys[count], true, e[4], e + 12, n - 12U);
    }
    return count;
}

size_t wtr_eapol_group_keys(const struct wtr_eapol_key *key, const uint8_t kek[16],
                            struct wtr_group_key keys[WTR_EAPOL_GROUP_KEYS])
{
    uint8_t plain[WTR_EAPOL_LONGEST];
    size_t count = 0;
    bool alone = !key->rsn && key->message == WTR_EAPOL_GROUP_1;
    if (!alone && (!key->rsn || !key->encrypted))
        return 0;
    size_t length = decipher(key, kek, plain);
    if (alone && key->key_length <= length)
        count = set_key(&keys[0], false, key->key_id, plain, key->key_length);
    else if (!alone)
        count = encapsulated(plain, length, keys);
    wtr_wlan_wipe(plain, sizeof plain);
    return count;
}

/* ---- the cipher */

/* The pairwise suite in the body of an RSN element, or of WPA's behind its type: a version, the group suite,
 * and a list of which a station names one. */
static const uint8_t *pairwise_suite(const uint8_t *e, size_t n)
{
    return n >= 12 && wtr_le16(e + 6) == 1 ? e + 8 : NULL;
}

enum wtr_cipher wtr_eapol_cipher(const struct wtr_eapol_key *key)
{
    struct wtr_cursor c = wtr_cursor_over(key->data, key->data_length);
    while (key->message == WTR_EAPOL_2 && wtr_left(&c) >= 2) {
        uint8_t id = wtr_take_u8(&c), n = wtr_take_u8(&c);
        const uint8_t *e = wtr_take(&c, n);
        const uint8_t *suite = NULL;
        if (e && id == ELEMENT_RSN)
            suite = pairwise_suite(e, n);
        else if (e && id == ELEMENT_VENDOR && n > 4 && memcmp(e, wpa_oui, 3) == 0 && e[3] == 1)
            suite = pairwise_suite(e + 4, n - 4U);
        if (!suite)
            continue;
        bool known = memcmp(suite, rsn_oui, 3) == 0 || memcmp(suite, wpa_oui, 3) == 0;
        if (known && (suite[3] == WTR_CIPHER_TKIP || suite[3] == WTR_CIPHER_CCMP))
            return (enum wtr_cipher)suite[3];
        return WTR_CIPHER_OTHER;
    }
    return key->version == 1 ? WTR_CIPHER_TKIP : WTR_CIPHER_CCMP;
}

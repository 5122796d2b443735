/* SPDX-License-Identifier: Apache-2.0 */
/* The cryptography of 802.11 by published vectors: IEEE Std 802.11 annex J (passphrases J.4.2, PRF J.3.2,
 * CCMP J.6.4, TKIP J.6.3, protected management J.9; also the test MPDUs of 802.11i drafts, as FreeBSD's
 * net80211 regression tests have them), RFC 3394 4, RFC 4493 4, RFC 6229. KDF and BIP have no such vectors:
 * theirs were worked out with Python's hmac and cryptography. */
#include "packet/wlan_ccmp.h"
#include "packet/wlan_crypto.h"
#include "packet/wlan_tkip.h"
#include "packet_bytes.h"

static void expect_hex(const uint8_t *bytes, size_t length, const char *hex, const char *what)
{
    uint8_t expected[TEST_PACKET_SIZE];
    cr_assert_eq(bytes_of(hex, expected), length, "%s: length", what);
    cr_assert_arr_eq(bytes, expected, length, "%s", what);
}

Test(wlan_crypto, passphrases)
{
    static const struct {
        const char *passphrase, *ssid, *pmk;
    } cases[] = {
        {"password", "IEEE", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"},
        {"ThisIsAPassword", "ThisIsASSID",
         "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ",
         "becb93866bb8c3832cb777c2f559807c8c59afcb6eae734885001300a981cc62"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t pmk[WTR_WLAN_PMK];
        cr_assert(wtr_wlan_pmk(wtr_text_z(cases[i].passphrase), wtr_text_z(cases[i].ssid), pmk));
        expect_hex(pmk, sizeof pmk, cases[i].pmk, cases[i].ssid);
    }
}

Test(wlan_crypto, prf)
{
    uint8_t key[20], data[50], out[64];
    memset(key, 0x0b, sizeof key);
    cr_assert(wtr_wlan_prf(key, 20, "prefix", (const uint8_t *)"Hi There", 8, out, 64));
    expect_hex(out, 64,
               "bcd4c650b30b9684951829e0d75f9d54b862175ed9f00606e17d8da35402ffee"
               "75df78c3d31e0f889f012120c0862beb67753e7439ae242edb8373698356cf5a",
               "case 1");
    cr_assert(wtr_wlan_prf((const uint8_t *)"Jefe", 4, "prefix",
                           (const uint8_t *)"what do ya want for nothing?", 28, out, 64));
    expect_hex(out, 64,
               "51f4de5b33f249adf81aeb713a3c20f4fe631446fabdfa58244759ae58ef9009"
               "a99abf4eac2ca5fa87e692c440eb40023e7babb206d61de7b92f41529092b8fc",
               "case 2");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    cr_assert(wtr_wlan_prf(key, 20, "prefix", data, 50, out, 24));
    expect_hex(out, 24, "e1ac546ec4cb636f9976487be5c86be17a0252ca5d8d8df1", "case 3");
    cr_assert_not(wtr_wlan_prf(key, 20, "prefix", data, 50, out, 65));
}

Test(wlan_crypto, kdf)
{
    uint8_t key[32], data[76], out[64];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    memcpy(key, data, sizeof key);
    cr_assert(wtr_wlan_kdf(key, 32, "Pairwise key expansion", data, sizeof data, out, 48));
    expect_hex(
        out, 48,
        "ca5d2b63205753bc5b26c31a135d1fb964f1ce5d87062246c4da6433d5422ca19065f6c58c3da70e0756992606528f4d",
        "384 bits");
    memset(key, 0x0b, 20);
    cr_assert(wtr_wlan_kdf(key, 20, "prefix", (const uint8_t *)"Hi There", 8, out, 64));
    expect_hex(out, 64,
               "2c17ade296202f31b10aa704bfbb81e3da940c1bb961248dd02a0a37449676c5"
               "57d8a94e53f2d9e281469cd3daf7949ce045a9a4b80f1436876cbb507ea9c266",
               "512 bits");
}

Test(wlan_crypto, cmac)
{
    static const struct {
        size_t length;
        const char *mac;
    } cases[] = {{0, "bb1d6929e95937287fa37d129b756746"},
                 {16, "070a16b46b4d4144f79bdd9dd04a287c"},
                 {40, "dfa66747de9ae63030ca32611497c827"},
                 {64, "51f0bebf7e3b9d92fc49741779363cfe"}};
    uint8_t key[TEST_PACKET_SIZE], data[TEST_PACKET_SIZE], mac[16];
    bytes_of("2b7e151628aed2a6abf7158809cf4f3c", key);
    bytes_of("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
             "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
             data);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert(wtr_wlan_cmac(key, data, cases[i].length, mac));
        expect_hex(mac, 16, cases[i].mac, "RFC 4493");
    }
}

Test(wlan_crypto, key_unwrap)
{
    uint8_t kek[TEST_PACKET_SIZE], wrapped[TEST_PACKET_SIZE], out[64];
    bytes_of("000102030405060708090a0b0c0d0e0f", kek);
    uint32_t length = bytes_of("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5", wrapped);
    cr_assert(wtr_wlan_unwrap(kek, wrapped, length, out));
    expect_hex(out, 16, "00112233445566778899aabbccddeeff", "RFC 3394 4.1");
    cr_assert_not(wtr_wlan_unwrap(kek, wrapped, length - 8, out), "one block short");
    cr_assert_not(wtr_wlan_unwrap(kek, wrapped, length - 1, out), "one byte short");
    for (uint32_t i = 0; i < length; i++) {
        wrapped[i] ^= 1;
        cr_assert_not(wtr_wlan_unwrap(kek, wrapped, length, out), "byte %u tampered with", i);
        wrapped[i] ^= 1;
    }
}

/* RFC 6229, 128 bits; the key stream is what zeros become. */
Test(wlan_crypto, rc4)
{
    uint8_t key[16], zeros[16] = {0}, out[16];
    for (uint8_t i = 0; i < 16; i++)
        key[i] = (uint8_t)(i + 1);
    wtr_wlan_rc4(key, 16, 0, zeros, 16, out);
    expect_hex(out, 16, "9ac7cc9a609d1ef7b2932899cde41b97", "offset 0");
    wtr_wlan_rc4(key, 16, 240, zeros, 16, out);
    expect_hex(out, 16, "065902e4b620f6cc36c8589f66432f2b", "offset 240");
}

static const struct {
    const char *key, *sealed, *plain;
} mpdus[] = {
    {"c97c1f67ce371185514a8a19f2bdd52f",
     "0848c32c0fd2e128a57c5030f1844408abaea5b8fcba80330ce70020769703b5f3d0a2fe9a3dbf2342a643e43246e80c3c04d01"
     "9"
     "7845ce0b16f97623",
     "f8ba1a55d02f85ae967bb62fb6cda8eb7e78a050"},
    {"8f7a053fa577a5597529272097a603d5",
     "38c06a51ea100c846850eec1762c88deaf2ee9f46a07e0ccea9700a0bacbf331814b6965d05bf2b2ed38d4beb069fe82714a610"
     "b"
     "542fbf8da06aa4ae",
     "83a0634b5ed7627eb9df225e05740342de194117"},
    {"f71eea4e1f58804b9717230ad0614641",
     "8852e11f5af28430fdabbff943b9f9a6ab1d98c7fe7350713d6a89890060a4ec816b9a709b60a39d40b1dfb612e18b5f114badb"
     "6"
     "cc86309a8d5c466bbb71",
     "abfda22d3a0bfc9cc1fc079363c2fca143e6eb1d"},
    {"1bdb34980e038124a1db1a892bec366a",
     "187981469b50f4fd56f6efec9520169183570c4ccdee20a023e700e07340ec5e12c537ebf3ab584ef1fef9a1f3547a8c13b3225"
     "a"
     "2d0957ecfabe95b9",
     "98beca86f4b38da20cfdf24724c58eb835665339"},
    /* J.9: a deauthentication */
    {"66ed21042f9f26d7115706e40414cf2e",
     "c0400000020000000100020000000000020000000000600001000020000000001d07cafd0409bb8bafef", "0200"},
};

static bool open_ccmp(const char *key, const uint8_t *sealed, uint32_t length, uint8_t *out, uint32_t *n)
{
    uint8_t bytes[TEST_PACKET_SIZE];
    struct wtr_wlan_frame frame;
    mbedtls_ccm_context ccm;
    bytes_of(key, bytes);
    mbedtls_ccm_init(&ccm);
    cr_assert_eq(mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, bytes, 128), 0);
    bool opened = wtr_wlan_frame_read(&frame, sealed, length, false) && wtr_ccmp_open(&ccm, &frame, out, n);
    mbedtls_ccm_free(&ccm);
    return opened;
}

Test(wlan_crypto, ccmp)
{
    for (size_t i = 0; i < sizeof mpdus / sizeof *mpdus; i++) {
        uint8_t sealed[TEST_PACKET_SIZE], out[TEST_PACKET_SIZE];
        uint32_t length = bytes_of(mpdus[i].sealed, sealed), n = 0;
        cr_assert(open_ccmp(mpdus[i].key, sealed, length, out, &n), "MPDU %zu", i);
        expect_hex(out, n, mpdus[i].plain, mpdus[i].sealed);
        sealed[1] ^= WTR_WLAN_RETRY | WTR_WLAN_POWER | WTR_WLAN_MORE_DATA;
        cr_assert(open_ccmp(mpdus[i].key, sealed, length, out, &n), "MPDU %zu sent again", i);
        for (uint32_t k = 0; k < length; k++)
            cr_assert_not(open_ccmp(mpdus[i].key, sealed, k, out, &n), "MPDU %zu cut to %u", i, k);
        bool qos = (sealed[0] & 0x8c) == 0x88;
        uint32_t header = qos ? 26 : 24;
        for (uint32_t k = 4; k < length; k++) {
            /* sequence number, QoS control's bits, and the unused bits of CCMP's header */
            bool masked =
                k == 22 || k == 23 || (qos && k >= 24 && k < 26) || k == header + 2 || k == header + 3;
            sealed[k] ^= 0x10;
            cr_assert(masked || !open_ccmp(mpdus[i].key, sealed, length, out, &n), "MPDU %zu, byte %u", i, k);
            sealed[k] ^= 0x10;
        }
    }
}

Test(wlan_crypto, bip)
{
    uint8_t key[TEST_PACKET_SIZE], bytes[TEST_PACKET_SIZE];
    struct wtr_wlan_frame frame;
    uint16_t id;
    uint64_t number;
    bytes_of("4ea9543e09cf2b1eca66ffc58bdecbcf", key);
    uint32_t length = bytes_of(
        "c0000000ffffffffffff020000000000020000000000090002004c10040004000000000048dfbfa7b8278872", bytes);
    cr_assert(wtr_wlan_frame_read(&frame, bytes, length, false));
    cr_assert(wtr_bip_element(&frame, &id, &number));
    cr_assert(id == 4 && number == 4);
    cr_assert(wtr_bip_fits(key, &frame));
    for (uint32_t i = 24; i < length; i++) {
        bytes[i] ^= 1;
        cr_assert_not(wtr_bip_fits(key, &frame), "byte %u", i);
        bytes[i] ^= 1;
    }
    for (uint32_t n = 24; n < 24 + 18; n++) {
        cr_assert(wtr_wlan_frame_read(&frame, bytes, n, false));
        cr_assert_not(wtr_bip_fits(key, &frame), "cut to %u", n);
    }
}

static const char tkip_key[] = "12345678901234567890123456789012 3456789012345678 9012345678901234";
static const char tkip_sealed[] =
    "08422c0002030405060802030405060702030405 0607d0020020012000000000"
    "c00e14fce7cfabc77547e666e57c0dac704a1e358a88c11c8e2e282e3801027a"
    "4656055ee93e9c254702e9735805ddb5769ba73f1ebb56e844ef912285d3dd6e"
    "541e823873558adba079068abd7f7f50959675acc4b4de9aa99c05f289a7c52fee5bfc14f6f8e5f8";
static const char tkip_plain[] = "aaaa0300000008004500005400004000 4001a555c0a80a02c0a80a0108003ab0"
                                 "00000000cd4c05000000000008090a0b0c0d0e0f101112131415161718191a1b"
                                 "1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637 6881a3f3d648d03c";

Test(wlan_crypto, tkip)
{
    struct wtr_tkip_table table;
    uint8_t key[TEST_PACKET_SIZE], bytes[TEST_PACKET_SIZE], out[TEST_PACKET_SIZE], rc4[16];
    struct wtr_wlan_frame frame;
    wtr_tkip_make_table(&table);
    bytes_of(tkip_key, key);
    uint32_t length = bytes_of(tkip_sealed, bytes), n = 0;
    cr_assert(wtr_wlan_frame_read(&frame, bytes, length, false));
    cr_assert_eq(wtr_tkip_number(bytes + 24), 1);
    wtr_tkip_mix(&table, key, frame.transmitter, 1, rc4);
    expect_hex(rc4, 16, "0020014cfe67bed27c867b1bf8028b1c", "phase 2");
    cr_assert(wtr_tkip_open(&table, key, &frame, out, &n));
    expect_hex(out, n, tkip_plain, "MPDU");
    cr_assert(wtr_tkip_michael_fits(key + 16, &frame, out, n));
    cr_assert_not(wtr_tkip_michael_fits(key + 24, &frame, out, n), "the other direction's key");
    for (uint32_t i = 24; i < length; i++) {
        bool unused = i == 25 || i == 27; /* the seed's filling, and the key id */
        bytes[i] ^= 1;
        cr_assert(unused || !wtr_tkip_open(&table, key, &frame, out, &n), "byte %u", i);
        bytes[i] ^= 1;
    }
    for (uint32_t k = 24; k < length; k++) {
        cr_assert(wtr_wlan_frame_read(&frame, bytes, k, false));
        cr_assert_not(wtr_tkip_open(&table, key, &frame, out, &n), "cut to %u", k);
    }
}

Test(wlan_crypto, the_frame_check_sequence_is_known)
{
    uint8_t bytes[TEST_PACKET_SIZE] = "123456789\x26\x39\xf4\xcb"; /* CRC-32/ISO-HDLC's check value */
    cr_assert(wtr_wlan_ends_in_check(bytes, 13));
    cr_assert_not(wtr_wlan_ends_in_check(bytes, 12));
    cr_assert_not(wtr_wlan_ends_in_check(bytes, 3));
}

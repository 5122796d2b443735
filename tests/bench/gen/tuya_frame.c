/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of Tuya's local protocol as tinytuya's PROTOCOL.md has them: prefix 000055AA, sequence, command,
 * length, return code (devices only), payload, CRC-32, suffix 0000AA55. Payloads are under AES-128-ECB with
 * PKCS7 padding; commands of 3.1 are in base64 behind the middle half of an MD5 in hexadecimal (core/
 * XenonDevice.py), and broadcasts under the MD5 of "yGAdlopoPVldABfn" (core/udp_helper.py). */
#include "tuya_frame.h"

#include <openssl/evp.h>

static uint32_t crc32_of(const uint8_t *at, size_t length)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= at[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
    }
    return ~crc;
}

void tuya_put_frame(struct text *out, const struct tuya_frame *frame, const struct text *payload)
{
    size_t start = out->length, length = payload ? payload->length : 0;
    text_be32(out, 0x000055aa);
    text_be32(out, frame->sequence);
    text_be32(out, frame->command);
    text_be32(out, (uint32_t)(length + (frame->from_device ? 12 : 8)));
    if (frame->from_device)
        text_be32(out, 0);
    if (payload)
        text_bytes(out, payload->at, length);
    text_be32(out, crc32_of(out->at + start, out->length - start));
    text_be32(out, 0x0000aa55);
}

void tuya_put_ecb(struct text *out, const uint8_t key[TUYA_KEY], const struct text *plain)
{
    uint8_t cipher[1024];
    int body = 0, last = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (plain->length > sizeof cipher - TUYA_KEY || !context ||
        EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, key, NULL) != 1 ||
        EVP_EncryptUpdate(context, cipher, &body, plain->at, (int)plain->length) != 1 ||
        EVP_EncryptFinal_ex(context, cipher + body, &last) != 1)
        die("a text cannot be enciphered");
    EVP_CIPHER_CTX_free(context);
    text_bytes(out, cipher, (size_t)(body + last));
}

static void md5_of(const struct text *text, uint8_t digest[16])
{
    if (EVP_Digest(text->at, text->length, digest, NULL, EVP_md5(), NULL) != 1)
        die("no MD5");
}

void tuya_put_signed(struct text *out, const uint8_t key[TUYA_KEY], const struct text *plain)
{
    struct text cipher = {0}, digested = {0};
    uint8_t base64[1400], digest[16];
    tuya_put_ecb(&cipher, key, plain);
    int length = EVP_EncodeBlock(base64, cipher.at, (int)cipher.length);
    text_format(&digested, "data=%s||lpv=3.1||", (const char *)base64);
    text_bytes(&digested, key, TUYA_KEY);
    md5_of(&digested, digest);
    text_format(out, "3.1");
    for (unsigned i = 4; i < 12; i++)
        text_format(out, "%02x", digest[i]);
    text_bytes(out, base64, (size_t)length);
    text_free(&cipher);
    text_free(&digested);
}

void tuya_broadcast_key(uint8_t key[TUYA_KEY])
{
    struct text words = {0};
    text_format(&words, "yGAdlopoPVldABfn");
    md5_of(&words, key);
    text_free(&words);
}

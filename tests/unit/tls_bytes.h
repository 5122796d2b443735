/* SPDX-License-Identifier: Apache-2.0 */
/* The hellos of RFC 8448, section 3 (the SHA-256 of one behind the other is the transcript hash that the RFC
 * gives, 860c06ed…), and putting records together. */
#ifndef TEST_TLS_BYTES_H
#define TEST_TLS_BYTES_H

#include "datagram_feed.h"

#define CLIENT_HELLO                                                                                         \
    "010000c0 0303 cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7 00 0006130113031302 "    \
    "0100 "                                                                                                  \
    "0091 0000000b0009000006736572766572 ff01000100 "                                                        \
    "000a00140012001d0017001800190100010101020103010400230000"                                               \
    "003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c 002b0003020304"    \
    "000d0020001e040305030603020308040805080604010501060102010402050206020202 002d00020101 001c00024001"
#define SERVER_HELLO                                                                                         \
    "02000056 0303 a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928 00 1301 00 002e "        \
    "00330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f 002b00020304"

/* By hand: MD5 and SHA-256 of the numbers in the hellos above. */
#define CLIENT_JA3 "da4dea34fe6d4ce5f0725df3f2682fa0"
#define SERVER_JA3S "eb1d94daa7e0344597e756a1fb6e7054"
#define CLIENT_JA4 "t13d030900_55b375c5d22e_59cd3dafc54d"

static inline struct bytes joined(struct bytes a, struct bytes b)
{
    struct bytes both = {malloc(a.length + b.length + 1), a.length + b.length};
    memcpy(both.data, a.data, a.length);
    memcpy(both.data + a.length, b.data, b.length);
    free(a.data);
    free(b.data);
    return both;
}

/* A record with the body. */
static inline struct bytes record_of(uint8_t type, struct bytes body)
{
    struct bytes header = {malloc(5), 5};
    const uint8_t bytes[] = {type, 3, 3, (uint8_t)(body.length >> 8), (uint8_t)body.length};
    memcpy(header.data, bytes, sizeof bytes);
    return joined(header, body);
}

static inline struct bytes filled(size_t length)
{
    struct bytes b = {calloc(1, length + 1), length};
    memset(b.data, 0xa5, length);
    return b;
}

#endif

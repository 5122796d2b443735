/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 over the EVP interface of libcrypto (EVP_DigestInit(3)), with the algorithm fetched once per hash.
 */
#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct wtr_sha256 {
    EVP_MD *algorithm;
    EVP_MD_CTX *context;
    bool failed;
};

static void restart(struct wtr_sha256 *hash)
{
    hash->failed = EVP_DigestInit_ex(hash->context, hash->algorithm, NULL) != 1;
}

struct wtr_sha256 *wtr_sha256_new(void)
{
    struct wtr_sha256 *hash = calloc(1, sizeof *hash);
    if (!hash) {
        return NULL;
    }
    hash->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    hash->context = EVP_MD_CTX_new();
    if (!hash->algorithm || !hash->context) {
        wtr_sha256_free(hash);
        return NULL;
    }
    restart(hash);
    return hash;
}

void wtr_sha256_free(struct wtr_sha256 *hash)
{
    if (hash) {
        EVP_MD_CTX_free(hash->context);
        EVP_MD_free(hash->algorithm);
        free(hash);
    }
}

void wtr_sha256_add(struct wtr_sha256 *hash, const void *data, size_t length)
{
    if (length > 0 && EVP_DigestUpdate(hash->context, data, length) != 1) {
        hash->failed = true;
    }
}

bool wtr_sha256_finish(struct wtr_sha256 *hash, uint8_t digest[WTR_SHA256_SIZE])
{
    unsigned int size = 0;
    bool done =
        !hash->failed && EVP_DigestFinal_ex(hash->context, digest, &size) == 1 && size == WTR_SHA256_SIZE;
    if (!done) {
        memset(digest, 0, WTR_SHA256_SIZE);
    }
    restart(hash);
    return done;
}

bool wtr_sha256_of(struct wtr_sha256 *hash, const void *data, size_t length, uint8_t digest[WTR_SHA256_SIZE])
{
    wtr_sha256_add(hash, data, length);
    return wtr_sha256_finish(hash, digest);
}

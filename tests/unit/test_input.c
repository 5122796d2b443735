/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence as bytes: the window over them, gzip, what goes wrong with files, and the hash. */
#include "base/sha256.h"
#include "evidence/gzip.h"
#include "memory_source.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define MIB ((size_t)1 << 20)

/* Byte i of a long test run: no block of it is like another. */
static uint8_t byte_at(uint64_t i)
{
    return (uint8_t)((i * 2654435761U + (i >> 13) * 40503U) >> 11);
}

static uint8_t *long_run(size_t length)
{
    uint8_t *data = malloc(length);
    cr_assert_not_null(data);
    for (size_t i = 0; i < length; i++) {
        data[i] = byte_at(i);
    }
    return data;
}

static void expect_hash(const uint8_t digest[32], const char *hex)
{
    char text[65];
    for (size_t i = 0; i < 32; i++) {
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    cr_expect_str_eq(text, hex);
}

static struct wtr_input *open_memory(struct memory_source *source)
{
    struct wtr_input *input = NULL;
    cr_assert_eq(wtr_input_open(&input, &memory_ops, source), WTR_OK);
    return input;
}

/* Reads the whole input in windows of `want` bytes and compares each with what it should be. */
static void expect_bytes(struct wtr_input *input, const uint8_t *expected, size_t length, size_t want,
                         size_t step)
{
    size_t at = 0;
    for (;;) {
        size_t have = 0;
        const uint8_t *bytes = wtr_input_peek(input, want, &have);
        size_t left = length - at;
        cr_assert_eq(wtr_input_offset(input), at);
        cr_assert(have >= (left < want ? left : want) && have <= left, "%zu bytes of %zu at %zu", have, left,
                  at);
        cr_assert(memcmp(bytes, expected + at, have) == 0, "wrong bytes at %zu", at);
        if (have == 0) {
            break;
        }
        size_t n = step < have ? step : have;
        cr_assert(wtr_input_skip(input, n));
        at += n;
    }
    cr_expect_eq(at, length);
}

/* FIPS 180-4's own examples. */
Test(sha256, examples)
{
    struct wtr_sha256 *hash = wtr_sha256_new();
    uint8_t digest[32];
    cr_assert(wtr_sha256_of(hash, "abc", 3, digest));
    expect_hash(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    cr_assert(wtr_sha256_of(hash, NULL, 0, digest));
    expect_hash(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    wtr_sha256_add(hash, "abcdbcdecdefdefgefghfghighijhi", 30);
    wtr_sha256_add(hash, "jkijkljklmklmnlmnomnopnopq", 26);
    cr_assert(wtr_sha256_finish(hash, digest));
    expect_hash(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    cr_assert(wtr_sha256_of(hash, "abc", 3, digest), "a finished hash starts afresh");
    expect_hash(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    wtr_sha256_free(hash);
}

/* The third example of FIPS 180-4: a million times "a". */
Test(input, hash_of_a_million)
{
    static uint8_t data[1000000];
    memset(data, 'a', sizeof data);
    struct memory_source source = memory_of(data, sizeof data);
    source.piece = 999;
    struct wtr_input *input = open_memory(&source);
    uint8_t digest[32];
    uint64_t size = 0;
    cr_assert_eq(wtr_input_finish(input, digest, &size), WTR_OK);
    cr_expect_eq(size, 1000000);
    expect_hash(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    wtr_input_close(input);
    cr_expect_eq(source.closed, 1);
}

Test(input, empty)
{
    struct memory_source source = memory_of("", 0);
    struct wtr_input *input = open_memory(&source);
    size_t have = 1;
    wtr_input_peek(input, 1, &have);
    cr_expect_eq(have, 0);
    cr_expect_not(wtr_input_skip(input, 1));
    cr_expect_null(wtr_input_trouble(input));
    uint8_t digest[32];
    uint64_t size = 1;
    cr_expect_eq(wtr_input_finish(input, digest, &size), WTR_OK);
    cr_expect_eq(size, 0);
    expect_hash(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    wtr_input_close(input);
}

/* Windows of many sizes slide over more than the ring of blocks holds (8 MiB), in steps that make them
 * straddle block borders; and the hash, taken on the other thread, is that of all bytes. */
Test(input, window_slides_over_blocks)
{
    static const struct {
        size_t want, step, piece;
    } cases[] = {
        {1, 700000, 0},           {16, 4099, 0},     {MIB, MIB, 0},   {MIB, 333333, 100003}, {65536, 1, 0},
        {MIB, MIB / 2 + 1, 4096}, {70000, 69999, 0}, {MIB, 12345, 0},
    };
    const size_t length = 11 * MIB + 77;
    uint8_t *data = long_run(length);
    struct wtr_sha256 *hash = wtr_sha256_new();
    uint8_t expected[32];
    cr_assert(wtr_sha256_of(hash, data, length, expected));
    wtr_sha256_free(hash);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct memory_source source = memory_of(data, length);
        source.piece = cases[i].piece;
        struct wtr_input *input = open_memory(&source);
        if (cases[i].step == 1) {
            wtr_input_skip(input, 2 * MIB - 70000);
            for (int k = 0; k < 80000; k++) {
                size_t have = 0;
                const uint8_t *bytes = wtr_input_peek(input, cases[i].want, &have);
                cr_assert(have >= cases[i].want);
                cr_assert_eq(bytes[have - 1], byte_at(wtr_input_offset(input) + have - 1));
                wtr_input_skip(input, 1);
            }
        } else {
            expect_bytes(input, data, length, cases[i].want, cases[i].step);
        }
        uint8_t digest[32];
        uint64_t size = 0;
        cr_assert_eq(wtr_input_finish(input, digest, &size), WTR_OK);
        cr_expect_eq(size, length);
        cr_expect_arr_eq(digest, expected, 32);
        wtr_input_close(input);
    }
    free(data);
}

Test(input, skips_far)
{
    const size_t length = 20 * MIB;
    uint8_t *data = long_run(length);
    struct memory_source source = memory_of(data, length);
    struct wtr_input *input = open_memory(&source);
    size_t have = 0;
    cr_expect(wtr_input_skip(input, 17 * MIB + 5));
    const uint8_t *bytes = wtr_input_peek(input, 10, &have);
    cr_assert(have >= 10);
    cr_expect_arr_eq(bytes, data + 17 * MIB + 5, 10);
    cr_expect(wtr_input_skip(input, 3 * MIB - 5), "to the very end");
    cr_expect_eq(wtr_input_offset(input), length);
    cr_expect_not(wtr_input_skip(input, 1));
    cr_expect_eq(wtr_input_consumed(input), length);
    wtr_input_close(input);
    free(data);
}

/* An input that is closed early, while the hasher is at work, ends without waiting for the rest. */
Test(input, closes_early)
{
    uint8_t *data = long_run(9 * MIB);
    struct memory_source source = memory_of(data, 9 * MIB);
    struct wtr_input *input = open_memory(&source);
    cr_expect(wtr_input_skip(input, 5 * MIB));
    wtr_input_close(input);
    cr_expect_eq(source.closed, 1);
    free(data);
}

static bool stop_at_once(void *payload)
{
    (*(int *)payload)++;
    return true;
}

Test(input, stops_when_asked)
{
    uint8_t *data = long_run(4 * MIB);
    struct memory_source source = memory_of(data, 4 * MIB);
    struct wtr_input *input = open_memory(&source);
    int asked = 0;
    wtr_input_set_stop(input, stop_at_once, &asked);
    cr_expect_not(wtr_input_skip(input, 3 * MIB));
    cr_expect_eq(asked, 1, "a stop is final");
    cr_expect_not_null(wtr_input_trouble(input));
    uint8_t digest[32];
    uint64_t size = 0;
    cr_expect_eq(wtr_input_finish(input, digest, &size), WTR_E_CANCELLED);
    cr_expect(size < 4 * MIB);
    wtr_input_close(input);
    free(data);
}

Test(input, reading_fails)
{
    uint8_t *data = long_run(1000);
    struct memory_source source = memory_of(data, 1000);
    source.fail_at = 600;
    struct wtr_input *input = open_memory(&source);
    expect_bytes(input, data, 600, 64, 50);
    cr_expect_str_eq(wtr_input_trouble(input), "reading failed before the end");
    uint8_t digest[32];
    uint64_t size = 0;
    cr_expect_eq(wtr_input_finish(input, digest, &size), WTR_E_READ);
    cr_expect_eq(size, 600);
    wtr_input_close(input);
    free(data);
}

Test(input, ends_before_its_stated_size)
{
    struct memory_source source = memory_of("abcdef", 6);
    source.stated_size = 7;
    struct wtr_input *input = open_memory(&source);
    size_t have = 0;
    wtr_input_peek(input, 10, &have);
    cr_expect_eq(have, 6);
    cr_expect_eq(wtr_input_size(input), 7);
    cr_expect_str_eq(wtr_input_trouble(input), "the source ended before its stated length");
    wtr_input_close(input);
}

/* One gzip member by hand: a stored deflate block with "hello" in it. CRC-32 of "hello" is 3610a686. */
static const uint8_t hello_gzip[] = {
    0x1f, 0x8b, 8,    0,    0,    0,   0,   0,   0,   0xff, /* header */
    1,    5,    0,    0xfa, 0xff, 'h', 'e', 'l', 'l', 'o',  /* last block, 5 bytes, not packed */
    0x86, 0xa6, 0x10, 0x36, 5,    0,   0,   0,              /* CRC-32, length */
};

/* Unpacks `length` bytes of gzip and expects "hello" `times` times, then the trouble (NULL: none). */
static void expect_hellos(const uint8_t *data, size_t length, int times, const char *trouble)
{
    for (size_t piece = 1; piece < 40; piece += 6) {
        struct memory_source source = memory_of(data, length);
        source.piece = piece;
        struct wtr_input *input = open_memory(&source);
        cr_expect(wtr_input_compressed(input));
        for (int i = 0; i < times; i++) {
            size_t have = 0;
            const uint8_t *bytes = wtr_input_peek(input, 5, &have);
            cr_assert(have >= 5 && memcmp(bytes, "hello", 5) == 0);
            cr_assert_eq(wtr_input_offset(input), (uint64_t)i * 5);
            wtr_input_skip(input, 5);
        }
        size_t have = 1;
        wtr_input_peek(input, 1, &have);
        cr_expect_eq(have, 0);
        const char *said = wtr_input_trouble(input);
        cr_expect((said == NULL) == (trouble == NULL) && (!said || strcmp(said, trouble) == 0), "said %s",
                  said ? said : "nothing");
        uint8_t digest[32];
        uint64_t size = 0;
        cr_expect_eq(wtr_input_finish(input, digest, &size), WTR_OK);
        cr_expect_eq(size, length, "the hash is of the stored bytes");
        wtr_input_close(input);
    }
}

Test(gzip, members_and_what_follows)
{
    uint8_t data[200] = {0};
    const size_t n = sizeof hello_gzip;
    memcpy(data, hello_gzip, n);
    memcpy(data + n, hello_gzip, n);
    expect_hellos(data, n, 1, NULL);
    expect_hellos(data, 2 * n, 2, NULL);
    expect_hellos(data, 2 * n + 50, 2, NULL);
    const char *foreign = "bytes that are not gzip follow the compressed data";
    data[2 * n + 20] = 1;
    expect_hellos(data, 2 * n + 50, 2, foreign);
    static const uint8_t junk[] = {'j', 'u', 'n', 'k'};
    memcpy(data + 2 * n, junk, sizeof junk);
    expect_hellos(data, 2 * n + 4, 2, foreign);
    data[2 * n] = 0x1f;
    data[2 * n + 1] = 0x8c;
    expect_hellos(data, 2 * n + 2, 2, foreign);
}

Test(gzip, wrong_checks)
{
    uint8_t data[sizeof hello_gzip];
    memcpy(data, hello_gzip, sizeof data);
    data[20] ^= 1;
    expect_hellos(data, sizeof data, 1, "the gzip data does not match its checksum");
    memcpy(data, hello_gzip, sizeof data);
    data[24] ^= 1;
    expect_hellos(data, sizeof data, 1, "the gzip data does not match its length");
    memcpy(data, hello_gzip, sizeof data);
    data[10] = 7; /* a block of the reserved type */
    expect_hellos(data, sizeof data, 0, "the gzip stream is damaged");
}

Test(gzip, cut_anywhere)
{
    for (size_t length = 3; length < sizeof hello_gzip; length++) {
        struct memory_source source = memory_of(hello_gzip, length);
        struct wtr_input *input = open_memory(&source);
        size_t have = 0;
        const uint8_t *bytes = wtr_input_peek(input, 10, &have);
        size_t expected = length < 15 ? 0 : length < 20 ? length - 15 : 5;
        cr_expect_eq(have, expected, "cut to %zu", length);
        cr_expect(memcmp(bytes, "hello", have) == 0);
        cr_expect_str_eq(wtr_input_trouble(input), "the gzip stream is cut short");
        wtr_input_close(input);
    }
}

/* What looks like gzip at first sight but is not deflate is handed out as it is stored. */
Test(gzip, other_method_is_not_unpacked)
{
    static const uint8_t data[] = {0x1f, 0x8b, 7, 'x'};
    struct memory_source source = memory_of(data, sizeof data);
    struct wtr_input *input = open_memory(&source);
    cr_expect_not(wtr_input_compressed(input));
    expect_bytes(input, data, sizeof data, 2, 1);
    wtr_input_close(input);
}

static size_t compress_run(const uint8_t *data, size_t length, uint8_t *out, size_t room)
{
    z_stream stream = {0};
    cr_assert_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    uint8_t *copy = malloc(length);
    memcpy(copy, data, length);
    stream.next_in = copy;
    stream.avail_in = (uInt)length;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t packed = room - stream.avail_out;
    deflateEnd(&stream);
    free(copy);
    return packed;
}

/* Far more than the blocks hold, compressed and in several members. */
Test(gzip, long_run)
{
    const size_t length = 5 * MIB + 3;
    const size_t room = 2 * length;
    uint8_t *data = long_run(length);
    uint8_t *packed = malloc(room);
    size_t first = 3 * MIB - 1;
    size_t packed_length = compress_run(data, first, packed, room);
    packed_length += compress_run(data + first, length - first, packed + packed_length, room - packed_length);
    struct memory_source source = memory_of(packed, packed_length);
    source.piece = 77777;
    struct wtr_input *input = open_memory(&source);
    expect_bytes(input, data, length, 300000, 299999);
    cr_expect_null(wtr_input_trouble(input));
    cr_expect_eq(wtr_input_size(input), (int64_t)packed_length);
    wtr_input_close(input);
    free(packed);
    free(data);
}

/* 64 MiB of zeros in 64 KiB: skipping asks again and again whether to stop. */
static bool stop_later(void *payload)
{
    return ++*(int *)payload > 20;
}

Test(gzip, skipping_can_be_stopped)
{
    const size_t length = 64 * MIB;
    uint8_t *zeros = calloc(1, length);
    uint8_t *packed = malloc(MIB);
    size_t packed_length = compress_run(zeros, length, packed, MIB);
    free(zeros);
    struct memory_source source = memory_of(packed, packed_length);
    struct wtr_input *input = open_memory(&source);
    int asked = 0;
    wtr_input_set_stop(input, stop_later, &asked);
    cr_expect_not(wtr_input_skip(input, length));
    cr_expect(wtr_input_offset(input) < 40 * MIB);
    cr_expect_str_eq(wtr_input_trouble(input), "reading was stopped");
    wtr_input_close(input);
    free(packed);
}

static void expect_unopenable(const char *path, enum wtr_status status, const char *reason)
{
    struct wtr_input *input = NULL;
    const char *why = NULL;
    cr_expect_eq(wtr_input_open_path(&input, path, &why), status, "%s", path);
    cr_expect_null(input);
    cr_assert_not_null(why);
    cr_expect_str_eq(why, reason);
    cr_expect_eq(wtr_input_open_path(&input, path, NULL), status);
}

Test(path, what_cannot_be_opened)
{
    char directory[] = "/tmp/wattrail-test-XXXXXX";
    cr_assert_not_null(mkdtemp(directory));
    char path[64];
    snprintf(path, sizeof path, "%s/missing", directory);
    expect_unopenable(path, WTR_E_NOT_FOUND, "there is no such file");
    expect_unopenable(directory, WTR_E_READ, "it is a directory");
    int fd = open(path, O_CREAT | O_WRONLY, 0);
    cr_assert(fd >= 0);
    close(fd);
    char below[80];
    snprintf(below, sizeof below, "%s/below", path);
    expect_unopenable(below, WTR_E_NOT_FOUND, "a part of its path is not a directory");
    if (geteuid() != 0) { /* nothing is forbidden to root */
        expect_unopenable(path, WTR_E_READ, "permission denied");
    }
    unlink(path);
    rmdir(directory);
}

Test(path, file_is_read_and_hashed)
{
    char path[] = "/tmp/wattrail-test-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, "abc", 3), 3);
    close(fd);
    struct wtr_input *input = NULL;
    cr_assert_eq(wtr_input_open_path(&input, path, NULL), WTR_OK);
    cr_expect_eq(wtr_input_size(input), 3);
    size_t have = 0;
    cr_expect(memcmp(wtr_input_peek(input, 3, &have), "abc", 3) == 0 && have == 3);
    uint8_t digest[32];
    uint64_t size = 0;
    cr_expect_eq(wtr_input_finish(input, digest, &size), WTR_OK);
    expect_hash(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    wtr_input_close(input);
    unlink(path);
}

/* A file that becomes shorter while it is read ends the bytes, says so, and kills nobody. */
Test(path, file_that_shrinks)
{
    char path[] = "/tmp/wattrail-test-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(ftruncate(fd, 6 * MIB), 0);
    struct wtr_input *input = NULL;
    cr_assert_eq(wtr_input_open_path(&input, path, NULL), WTR_OK);
    cr_assert_eq(ftruncate(fd, MIB), 0);
    cr_expect_not(wtr_input_skip(input, 6 * MIB));
    cr_expect_str_eq(wtr_input_trouble(input), "the source ended before its stated length");
    cr_expect_eq(wtr_input_consumed(input), MIB);
    wtr_input_close(input);
    close(fd);
    unlink(path);
}

Test(path, standard_input)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], hello_gzip, sizeof hello_gzip), (ssize_t)sizeof hello_gzip);
    close(ends[1]);
    cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    struct wtr_input *input = NULL;
    cr_assert_eq(wtr_input_open_path(&input, "-", NULL), WTR_OK);
    cr_expect_eq(wtr_input_size(input), -1);
    cr_expect(wtr_input_compressed(input));
    size_t have = 0;
    cr_expect(memcmp(wtr_input_peek(input, 5, &have), "hello", 5) == 0 && have == 5);
    wtr_input_close(input);
    cr_expect(fcntl(STDIN_FILENO, F_GETFD) >= 0, "standard input stays open");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over the files of a corpus, each whole, cut in the middle and with its first bit
 * flipped. An empty or missing corpus is a failure: a test that reads nothing proves nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = file ? malloc(1 << 22) : NULL;
    *size = data ? fread(data, 1, 1 << 22, file) : 0;
    if (file)
        fclose(file);
    return data;
}

static int run_file(const char *directory, const char *name)
{
    char path[4096];
    size_t size;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    uint8_t *data = read_file(path, &size);
    if (!data) {
        fprintf(stderr, "replay: %s can't be read\n", path);
        return 1;
    }
    LLVMFuzzerTestOneInput(data, size);
    LLVMFuzzerTestOneInput(data, size / 2);
    if (size > 0) {
        data[0] ^= 0x80;
        LLVMFuzzerTestOneInput(data, size);
    }
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    int failed = argc != 2;
    DIR *directory = failed ? NULL : opendir(argv[1]);
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        failed |= run_file(argv[1], entry->d_name);
        files++;
    }
    if (directory)
        closedir(directory);
    printf("%u files replayed\n", files);
    return failed || files == 0;
}

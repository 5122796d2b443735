/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of bytes that no format knows: blank, or as even as cipher text. */
#include "flash/recognise.h"

#include <string.h>

bool wtr_flash_is_blank(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return true;
    bool uniform = bytes[0] == 0xff || bytes[0] == 0;
    return uniform && memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* Of 256 equally likely values among n bytes the sum of squared counts is n + n(n-1)/256 on average.
 * Chi-square with 255 degrees of freedom is below 400 in all but one of ten million sectors of cipher text;
 * code, text and tables are in the thousands. */
bool wtr_flash_is_even(const uint8_t *bytes, size_t length)
{
    uint32_t counts[256] = {0};
    uint64_t squares = 0;
    if (length < WTR_FLASH_SECTOR)
        return false;
    for (size_t i = 0; i < length; i++)
        counts[bytes[i]]++;
    for (size_t i = 0; i < 256; i++)
        squares += (uint64_t)counts[i] * counts[i];
    uint64_t scaled = squares * 256;
    uint64_t square = (uint64_t)length * length;
    return scaled >= square && (scaled - square) / length < 400;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* NTP packets: the input is one datagram. */
#include "protocol/ntp.h"

#include "one_datagram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_datagram(&wtr_ntp, data, size);
}

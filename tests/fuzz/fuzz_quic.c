/* SPDX-License-Identifier: Apache-2.0 */
/* QUIC: the input is a list of datagrams between two ends (tls_heard.h). */
#include "protocol/quic.h"

#include "tls_heard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    heard_datagrams(&wtr_quic, data, size);
    return 0;
}

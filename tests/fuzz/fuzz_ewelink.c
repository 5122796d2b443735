/* SPDX-License-Identifier: Apache-2.0 */
/* eWeLink's sectors: patches over an erased store. */
#include "said_volume.h"
#include "vendor/ewelink/ewelink.h"
#include "vendor/ewelink/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t store[7 * 4096];
    memset(store, 0xFF, sizeof store);
    fuzz_patch(store, sizeof store, data, size);
    fuzz_volume(&wtr_ewelink, &wtr_ewelink_store, store, sizeof store);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Zigbee2MQTT: any messages in any order. */
#include "vendor/zigbee2mqtt/zigbee2mqtt.h"

#include "vendor_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_vendor(&wtr_zigbee2mqtt, data, size);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A signature, whose parts tests change. */
#ifndef SIGNATURE_JSON_H
#define SIGNATURE_JSON_H

#define SIGNATURE_SHA256 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SIGNATURE_DEVICE "{\"vendor\":\"v\",\"models\":[\"M\",\"N\"],\"firmware\":[\"1.0\"]}"
#define SIGNATURE_REPORT                                                                                     \
    "{\"transport\":\"tcp\",\"unit\":\"tls_record\",\"port\":443,\"server_name\":\"a.example\","             \
    "\"first\":true,\"records\":[{\"from\":\"client\",\"min\":100,\"max\":101},"                             \
    "{\"from\":\"server\",\"min\":200,\"max\":200}],\"max_gap_ms\":1000}"
#define SIGNATURE_MARK                                                                                       \
    "{\"transport\":\"tcp\",\"unit\":\"tls_record\",\"port\":443,\"server_name\":\"\",\"first\":false,"      \
    "\"records\":[{\"from\":\"server\",\"min\":50,\"max\":60}],\"max_gap_ms\":1}"
#define SIGNATURE_PATHS                                                                                      \
    "[{\"path\":\"lan\",\"after\":\"command\",\"within_ms\":2000,\"counts\":{\"on\":1,\"off\":2,\"shared\":" \
    "0}},"                                                                                                   \
    "{\"path\":\"cloud\",\"after\":" SIGNATURE_MARK                                                          \
    ",\"within_ms\":500,\"counts\":{\"on\":3,\"off\":4,\"shared\":1}}]"
#define SIGNATURE_OF(device, report, paths, training)                                                        \
    "{\"schema\":\"wattrail-signature/1\",\"id\":\"t\",\"device\":" device ",\"vantage\":\"lan\","           \
    "\"event\":\"cloud_report\",\"report\":" report ",\"paths\":" paths ",\"calibration_ms\":5000,"          \
    "\"captures\":[\"" SIGNATURE_SHA256 "\"],\"training\":" training                                         \
    ",\"validation\":{\"events\":0,\"found\":0,\"exposure_s\":0,\"false\":0}}"
#define SIGNATURE_TRAINING "{\"events\":10,\"found\":9,\"exposure_s\":3600,\"false\":1}"
#define SIGNATURE SIGNATURE_OF(SIGNATURE_DEVICE, SIGNATURE_REPORT, SIGNATURE_PATHS, SIGNATURE_TRAINING)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of signatures: what it takes, and that it takes nothing less and nothing more. */
#include "infer/signature.h"

#include "signature_json.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct wtr_signature s;
static const char *why;

static enum wtr_status read_z(const char *json)
{
    why = NULL;
    return wtr_signature_read(&s, wtr_text_z(json), &why);
}

static void refuses(const char *json)
{
    cr_assert_eq(read_z(json), WTR_E_UNRECOGNISED, "taken: %s", json);
    cr_assert(why && why[0]);
}

Test(signature, is_read)
{
    cr_assert_eq(read_z(SIGNATURE), WTR_OK, "%s", why);
    cr_assert_str_eq(s.id, "t");
    cr_assert_str_eq(s.vendor, "v");
    cr_assert(s.model_count == 2 && s.firmware_count == 1 && s.source_count == 1);
    cr_assert(s.sources[0][0] == 0x00 && s.sources[0][1] == 0x11 && s.sources[0][31] == 0xff);
    cr_assert_eq(s.sequence_count, 2);
    cr_assert_str_eq(s.sequences[0].server_name, "a.example");
    cr_assert(s.sequences[0].first && s.sequences[0].port == 443 && s.sequences[0].count == 2);
    cr_assert(!s.sequences[0].steps[0].from_server && s.sequences[0].steps[1].from_server);
    cr_assert(s.sequences[0].steps[0].min == 100 && s.sequences[0].steps[0].max == 101);
    cr_assert_eq(s.sequences[0].max_gap_ns, 1000000000);
    cr_assert_eq(s.path_count, 2);
    cr_assert(s.paths[0].after_command && !s.paths[1].after_command && s.paths[1].sequence == 1);
    cr_assert(s.paths[0].counts.on == 1 && s.paths[0].counts.off == 2 && s.paths[1].counts.shared == 1);
    cr_assert(s.paths[1].within_ns == 500000000 && s.calibration_ns == INT64_C(5000000000));
    cr_assert(s.training.events == 10 && s.training.found == 9 && s.training.false_found == 1);
    cr_assert(s.training.exposure_s == 3600 && s.validation.events == 0);
}

Test(signature, speaks_of_its_device_alone)
{
    cr_assert_eq(read_z(SIGNATURE), WTR_OK);
    cr_assert(wtr_signature_fits(&s, WTR_TEXT("M"), WTR_TEXT("1.0")));
    cr_assert(wtr_signature_fits(&s, WTR_TEXT("N"), WTR_TEXT("1.0")));
    cr_assert_not(wtr_signature_fits(&s, WTR_TEXT("M"), WTR_TEXT("1.0.1")));
    cr_assert_not(wtr_signature_fits(&s, WTR_TEXT("M"), WTR_TEXT("")));
    cr_assert_not(wtr_signature_fits(&s, WTR_TEXT("m"), WTR_TEXT("1.0")));
}

/* Each prefix is cut short, and each single byte put out of order is noticed or changes a value. */
Test(signature, cut_short)
{
    size_t length = strlen(SIGNATURE);
    for (size_t n = 0; n < length; n++) {
        char *part = malloc(n ? n : 1);
        memcpy(part, SIGNATURE, n);
        cr_assert_eq(wtr_signature_read(&s, wtr_text_of(part, n), &why), WTR_E_UNRECOGNISED, "%zu", n);
        free(part);
    }
}

Test(signature, members_are_all_there_and_no_others)
{
    refuses("");
    refuses("[]");
    refuses("{}");
    refuses(SIGNATURE_OF("{\"vendor\":\"v\",\"models\":[\"M\"]}", SIGNATURE_REPORT, SIGNATURE_PATHS,
                         SIGNATURE_TRAINING));
    refuses(SIGNATURE_OF("{\"vendor\":\"v\",\"models\":[\"M\"],\"firmware\":[\"1\"],\"hw\":1}",
                         SIGNATURE_REPORT, SIGNATURE_PATHS, SIGNATURE_TRAINING));
    refuses(SIGNATURE_OF("{\"vendor\":\"v\",\"vendor\":\"w\",\"models\":[\"M\"],\"firmware\":[\"1\"]}",
                         SIGNATURE_REPORT, SIGNATURE_PATHS, SIGNATURE_TRAINING));
    refuses(SIGNATURE_OF("{\"vendor\":\"v\",\"models\":[],\"firmware\":[\"1\"]}", SIGNATURE_REPORT,
                         SIGNATURE_PATHS, SIGNATURE_TRAINING));
    refuses(SIGNATURE_OF("{\"vendor\":\"\",\"models\":[\"M\"],\"firmware\":[\"1\"]}", SIGNATURE_REPORT,
                         SIGNATURE_PATHS, SIGNATURE_TRAINING));
    refuses(SIGNATURE_OF("{\"vendor\":\"v\\n\",\"models\":[\"M\"],\"firmware\":[\"1\"]}", SIGNATURE_REPORT,
                         SIGNATURE_PATHS, SIGNATURE_TRAINING));
}

#define REPORT_WITH(records)                                                                                 \
    SIGNATURE_OF(SIGNATURE_DEVICE,                                                                           \
                 "{\"transport\":\"tcp\",\"unit\":\"tls_record\",\"port\":443,\"server_name\":\"a\","        \
                 "\"first\":true,\"records\":" records ",\"max_gap_ms\":1000}",                              \
                 SIGNATURE_PATHS, SIGNATURE_TRAINING)

Test(signature, a_report_is_a_request_and_its_answer)
{
    refuses(REPORT_WITH("[]"));
    refuses(REPORT_WITH("[{\"from\":\"client\",\"min\":1,\"max\":2}]"));
    refuses(
        REPORT_WITH("[{\"from\":\"server\",\"min\":1,\"max\":2},{\"from\":\"client\",\"min\":1,\"max\":2}]"));
    refuses(
        REPORT_WITH("[{\"from\":\"client\",\"min\":3,\"max\":2},{\"from\":\"server\",\"min\":1,\"max\":2}]"));
    refuses(
        REPORT_WITH("[{\"from\":\"client\",\"min\":0,\"max\":2},{\"from\":\"server\",\"min\":1,\"max\":2}]"));
    refuses(REPORT_WITH(
        "[{\"from\":\"client\",\"min\":1,\"max\":18433},{\"from\":\"server\",\"min\":1,\"max\":2}]"));
    refuses(REPORT_WITH(
        "[{\"from\":\"client\",\"min\":1.5,\"max\":2},{\"from\":\"server\",\"min\":1,\"max\":2}]"));
    cr_assert_eq(read_z(REPORT_WITH("[{\"from\":\"client\",\"min\":1,\"max\":18432},"
                                    "{\"from\":\"server\",\"min\":1,\"max\":1}]")),
                 WTR_OK);
}

#define PATHS_WITH(paths) SIGNATURE_OF(SIGNATURE_DEVICE, SIGNATURE_REPORT, paths, SIGNATURE_TRAINING)
#define COUNTS "\"counts\":{\"on\":1,\"off\":1,\"shared\":0}"

Test(signature, paths)
{
    refuses(PATHS_WITH("[]"));
    refuses(PATHS_WITH("[{\"path\":\"voice\",\"after\":\"command\",\"within_ms\":1," COUNTS "}]"));
    refuses(PATHS_WITH("[{\"path\":\"lan\",\"after\":\"button\",\"within_ms\":1," COUNTS "}]"));
    refuses(PATHS_WITH("[{\"path\":\"lan\",\"after\":\"command\",\"within_ms\":0," COUNTS "}]"));
    refuses(PATHS_WITH("[{\"path\":\"lan\",\"after\":\"command\",\"within_ms\":1," COUNTS
                       "},{\"path\":\"lan\",\"after\":\"command\",\"within_ms\":1," COUNTS "}]"));
    refuses(PATHS_WITH("[{\"path\":\"lan\",\"after\":\"command\",\"within_ms\":1,"
                       "\"counts\":{\"on\":1,\"off\":1,\"shared\":3}}]"));
    cr_assert_eq(read_z(PATHS_WITH("[{\"path\":\"lan\",\"after\":\"command\",\"within_ms\":1," COUNTS "}]")),
                 WTR_OK);
}

Test(signature, counts_that_can_not_be)
{
    refuses(SIGNATURE_OF(SIGNATURE_DEVICE, SIGNATURE_REPORT, SIGNATURE_PATHS,
                         "{\"events\":9,\"found\":10,\"exposure_s\":0,\"false\":0}"));
    refuses(SIGNATURE_OF(SIGNATURE_DEVICE, SIGNATURE_REPORT, SIGNATURE_PATHS,
                         "{\"events\":-1,\"found\":0,\"exposure_s\":0,\"false\":0}"));
    refuses(SIGNATURE_OF(SIGNATURE_DEVICE, SIGNATURE_REPORT, SIGNATURE_PATHS,
                         "{\"events\":10001,\"found\":0,\"exposure_s\":0,\"false\":0}"));
}

Test(signature, those_that_ship_are_read)
{
    size_t count = 0;
    for (const struct wtr_text *json = wtr_shipped_signatures; json->length; json++, count++)
        cr_assert_eq(wtr_signature_read(&s, *json, &why), WTR_OK, "%zu: %s", count, why);
    cr_assert(count > 0);
}

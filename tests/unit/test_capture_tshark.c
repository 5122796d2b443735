/* SPDX-License-Identifier: Apache-2.0 */
/* Captures as tshark reads them: on real files of every form that there is, each frame's number, time, place
 * and lengths are equal, and nothing is found to be damaged.
 *
 * The captures are third parties' and not part of the project: WATTRAIL_DATA names their folder; else it is
 * looked for beside the project's. */
#include "packet/capture.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const captures[] = {
    "wireshark/dhcp-nanosecond.pcap",     /* nanoseconds */
    "wireshark/dhcp-nanosecond.pcapng",   /* the same by if_tsresol */
    "wireshark/many_interfaces.pcapng.1", /* eleven interfaces with statistics */
    "wireshark/tls12-dsb.pcapng",         /* decryption secrets */
    "wireshark/wpa-Induction.pcap.gz",    /* gzip */
    "wireshark/wpa2-psk-mfp.pcapng.gz",   /* gzip */
    "wireshark/http-ooo.pcap",            /* times close to 1970 */
    "wireshark/tcp-badsegments.pcap",     /* raw IP */
    "tls/ja4/http1.pcapng",               /* comments */
    "tls/ja4/macos_tcp_flags.pcap",
    "tls/ja4/chrome-cloudflare-quic-with-secrets.pcapng",
    "mqtt/ndpi-mqtt.pcap", /* pcapng by another name */
    "mqtt/ndpi-coap_mqtt.pcap",
    "coap/plugtests/coap/OBS_01_Interrupted_OBS_07.pcap",
    "kasa/hs110-2022.pcapng",
    "kasa/hs110-2023-run1/wlan2.4.pcap",
    "setup/WeMoSwitch.pcap",
    "tuya/beacons.pcap",
    "made/shelly_coiot_ucast.pcap",
};

enum { NO_TSHARK = 127 };

static const char *data_folder(void)
{
    const char *folder = getenv("WATTRAIL_DATA");
    return folder ? folder : WTR_SOURCE_DIR "/../shared/data";
}

/* Starts tshark on the file and returns its output, one line a frame. */
static FILE *start_tshark(char *path, pid_t *child)
{
    char *const arguments[] = {"tshark", "-n",
                               "-r",     path,
                               "-o",     "frame.show_file_off:TRUE",
                               "-T",     "fields",
                               "-e",     "frame.number",
                               "-e",     "frame.time_epoch",
                               "-e",     "frame.file_off",
                               "-e",     "frame.cap_len",
                               "-e",     "frame.len",
                               NULL};
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    *child = fork();
    cr_assert_geq(*child, 0);
    if (*child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        (void)freopen("/dev/null", "w", stderr);
        execvp("tshark", arguments);
        _exit(NO_TSHARK);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

static void on_finding(void *payload, uint64_t frame, uint64_t record_offset, uint64_t offset,
                       uint64_t length, const char *where, const char *reason)
{
    (void)frame;
    (void)record_offset;
    (void)offset;
    (void)length;
    (void)where;
    cr_assert_fail("%s: %s", (const char *)payload, reason);
}

/* Reads the file beside tshark's lines. False if there is no tshark. */
static bool compare(char *path)
{
    pid_t child = -1;
    FILE *lines = start_tshark(path, &child);
    struct wtr_input *input = NULL;
    cr_assert_eq(wtr_input_open_path(&input, path, NULL), WTR_OK, "%s", path);
    const struct wtr_packet_findings findings = {.payload = path, .finding = on_finding};
    struct wtr_capture *capture = NULL;
    cr_assert_eq(wtr_capture_open(&capture, input, &findings, NULL), WTR_OK, "%s", path);
    struct wtr_packet packet;
    char line[256];
    uint64_t frames = 0;
    while (fgets(line, sizeof line, lines)) {
        cr_assert_eq(wtr_capture_next(capture, &packet), WTR_OK, "%s ends before %s", path, line);
        cr_assert(packet.has_time && packet.time_ns >= 0);
        char own[256];
        snprintf(own, sizeof own,
                 "%" PRIu64 "\t%" PRId64 ".%09" PRId64 "\t%" PRIu64 "\t%" PRIu32 "\t%" PRIu32 "\n",
                 packet.frame, packet.time_ns / 1000000000, packet.time_ns % 1000000000, packet.record_offset,
                 packet.captured, packet.original);
        cr_assert_str_eq(own, line, "%s", path);
        frames++;
    }
    fclose(lines);
    int status = 0;
    waitpid(child, &status, 0);
    bool ran = WIFEXITED(status) && WEXITSTATUS(status) != NO_TSHARK;
    if (ran) {
        cr_expect_eq(wtr_capture_next(capture, &packet), WTR_END, "%s", path);
        cr_expect(frames > 0 && wtr_capture_facts(capture)->frames == frames, "%s", path);
        cr_expect(wtr_capture_facts(capture)->complete, "%s", path);
    }
    wtr_capture_close(capture);
    wtr_input_close(input);
    return ran;
}

Test(tshark, frames_are_equal)
{
    size_t compared = 0;
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", data_folder(), captures[i]);
        if (access(path, R_OK) != 0) {
            continue;
        }
        if (!compare(path)) {
            cr_skip_test("no tshark to compare with");
        }
        compared++;
    }
    if (compared == 0) {
        cr_skip_test("no captures to compare with in %s", data_folder());
    }
}

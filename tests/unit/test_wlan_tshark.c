/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypted 802.11 as tshark opens it, with the passphrases that Wireshark's own tests use (test/config,
 * 80211_keys, and for the second capture the temporal keys that test_80211_wpa2_psk_mfp expects): addresses,
 * ports, sequence numbers, lengths and payload bytes are equal frame by frame, also for each frame that
 * tshark leaves closed, but for those of which a group key under TKIP is the reason: tshark does not open
 * these.
 *
 * The captures are third parties' and not part of the project: WATTRAIL_DATA names their folder. */
#include "packet/capture.h"
#include "packet/wlan_open.h"
#include "tshark_frames.h"

struct known {
    const char *capture;
    const char *ssid, *passphrase;
    const char *keys; /* the same, for tshark */
    uint64_t opened, repeated, closed;
    uint64_t beyond; /* opened here alone */
};

/* The numbers of frames: 280 are protected, of which 3 group frames and one of a station without handshake
 * are before any key; tshark opens 203. */
static const struct known captures[] = {
    {"wireshark/wpa-Induction.pcap.gz", "Coherer", "Induction",
     "uat:80211_keys:\"wpa-pwd\",\"Induction:Coherer\"", 276, 13, 4, 73},
    {"wireshark/wpa2-psk-mfp.pcapng.gz", "Wireshark-pmf", "12345678",
     "uat:80211_keys:\"wpa-pwd\",\"12345678:Wireshark-pmf\"", 9, 0, 0, 0},
};

struct comparison {
    const struct known *known;
    struct wtr_wlan *wlan;
    uint64_t beyond;
};

static bool is_transport(enum wtr_header_verdict verdict)
{
    return verdict == WTR_HEADERS_TCP || verdict == WTR_HEADERS_UDP;
}

static void compare_frame(struct comparison *c, const struct wtr_packet *packet, const char *fields[FIELDS])
{
    struct wtr_headers h;
    struct wtr_packet opened = *packet;
    struct wtr_span joined;
    struct wtr_wlan_join join;
    enum wtr_header_verdict verdict = wtr_headers_read(packet, &h);
    bool group = h.wlan_at + 4 < packet->captured && (packet->bytes[h.wlan_at + 4] & 1) != 0;
    if (verdict == WTR_HEADERS_WLAN_OTHER)
        wtr_wlan_management(c->wlan, packet, &h);
    else if (verdict == WTR_HEADERS_EAPOL)
        (void)wtr_wlan_eapol(c->wlan, packet, &h, &join);
    enum wtr_wlan_verdict outcome = WTR_WLAN_CLOSED;
    if (verdict == WTR_HEADERS_ENCRYPTED)
        outcome = wtr_wlan_open(c->wlan, packet, &h, &opened, &joined);
    if (outcome == WTR_WLAN_DROPPED) { /* the transmitter's own word: it is a retry */
        cr_assert((packet->bytes[h.wlan_at + 1] & 0x08) != 0, "frame %s", fields[NUMBER]);
        return;
    }
    if (outcome == WTR_WLAN_OPENED) {
        cr_assert(wtr_headers_msdu(&opened, &h, &verdict));
        bool tkip = strcmp(wtr_wlan_opening(c->wlan, opened.via)->steps, "tkip") == 0;
        c->beyond += tkip && group;
        if (tkip && group)
            return;
    }
    cr_assert(is_transport(verdict) == leads_to_transport(fields[PROTOCOLS]), "%s, frame %s: %d",
              c->known->capture, fields[NUMBER], (int)verdict);
    compare_headers(c->known->capture, &opened, &h, verdict, fields);
}

/* False if there is no tshark. */
static bool compare_capture(const char *folder, const struct known *known)
{
    char path[4096];
    struct wtr_input *input = NULL;
    struct wtr_capture *capture = NULL;
    struct wtr_packet packet;
    struct wtr_keyring ring = {0};
    const struct wtr_key_entry key = {WTR_KEY_WIFI, wtr_text_z(known->ssid), wtr_text_z(known->passphrase),
                                      "wifi", "test"};
    const char *const preferences[3] = {"wlan.enable_decryption:TRUE", known->keys};
    (void)snprintf(path, sizeof path, "%s/%s", folder, known->capture);
    cr_assert(wtr_keyring_add(&ring, &key));
    struct comparison c = {.known = known, .wlan = wtr_wlan_new(&ring)};
    cr_assert_not_null(c.wlan);
    cr_assert_eq(wtr_input_open_path(&input, path, NULL), WTR_OK, "%s", path);
    cr_assert_eq(wtr_capture_open(&capture, input, NULL, NULL), WTR_OK, "%s", path);
    pid_t child = -1;
    FILE *lines = start_tshark(path, preferences, &child);
    cr_assert_not_null(lines);
    char *line = NULL;
    size_t size = 0;
    uint64_t frames = 0;
    for (; getline(&line, &size, lines) > 0; frames++) {
        const char *fields[FIELDS];
        cut_line(line, fields);
        cr_assert_eq(wtr_capture_next(capture, &packet), WTR_OK, "%s, frame %s", path, fields[NUMBER]);
        compare_frame(&c, &packet, fields);
    }
    free(line);
    bool present = end_tshark(lines, child);
    const struct wtr_wlan_counts *counts = wtr_wlan_counts(c.wlan);
    uint64_t closed = 0;
    for (size_t i = 0; i < WTR_WLAN_WHYS; i++)
        closed += counts->closed[i].count;
    if (present) {
        cr_assert_eq(wtr_capture_next(capture, &packet), WTR_END);
        cr_assert_eq(counts->opened, known->opened);
        cr_assert_eq(counts->repeated, known->repeated);
        cr_assert_eq(closed, known->closed);
        cr_assert_eq(c.beyond, known->beyond);
    }
    wtr_capture_close(capture);
    wtr_input_close(input);
    wtr_wlan_free(c.wlan);
    wtr_keyring_free(&ring);
    return present;
}

Test(wlan_tshark, every_frame_is_opened_alike)
{
    const char *folder = getenv("WATTRAIL_DATA");
    if (folder == NULL || access(folder, R_OK) != 0)
        cr_skip_test("no captures to compare with: WATTRAIL_DATA names no folder");
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++)
        if (!compare_capture(folder, &captures[i]))
            cr_skip_test("no tshark to compare with");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The networks that a device of Espressif's remembers: which of its stored keys prove which passwords, and
 * what was said of them already. */
#ifndef WTR_VENDOR_ESP_REMEMBERED_H
#define WTR_VENDOR_ESP_REMEMBERED_H

#include "base/pmk.h"
#include "vendor/vendor.h"

enum {
    WTR_ESP_MAX_TEXTS = 32,  /* of each kind that are kept */
    WTR_ESP_MAX_TRIALS = 24, /* of a password with a name, for each image */
    WTR_ESP_MAX_SAID = 64,
};

struct wtr_esp_text {
    uint8_t length;
    uint8_t bytes[64];
};

/* Zero-initialise: the family's state. */
struct wtr_esp_remembered {
    struct wtr_esp_text ssids[WTR_ESP_MAX_TEXTS];
    size_t ssid_count;
    struct wtr_esp_text live_ssid; /* the one that is set now; length 0: none */
    uint8_t pmks[WTR_ESP_MAX_TEXTS][WTR_PMK_SIZE];
    size_t pmk_count;
    uint64_t live[WTR_ESP_MAX_SAID]; /* networks with password that a live entry holds */
    size_t live_count;
    uint64_t said[WTR_ESP_MAX_SAID];
    size_t said_count;
    unsigned trials;
};

/* A network as an entry has it. `pmk` is empty where none is stored with it. */
struct wtr_esp_network {
    struct wtr_text ssid, password, pmk;
};

struct wtr_esp_said {
    struct wtr_esp_remembered *state;
    struct wtr_say *say;
    wtr_device_ref device;
    bool live; /* the entry is */
};

/* nvs.c */
void wtr_esp_learn_nvs(struct wtr_esp_remembered *state, const struct wtr_entry *entry);
bool wtr_esp_is_nvs(const struct wtr_entry *entry);
void wtr_esp_read_nvs(const struct wtr_esp_said *r, const struct wtr_entry *entry);

/* params.c */
void wtr_esp_read_params(const struct wtr_esp_said *r, const struct wtr_entry *entry);

/* remembered.c */
void wtr_esp_say_mac(const struct wtr_esp_said *r, const char *name, struct wtr_text mac);
void wtr_esp_say_join(const struct wtr_esp_said *r, struct wtr_text ssid);
/* The network's password, as credential and key. `proved`: a stored key fits. */
void wtr_esp_say_password(const struct wtr_esp_said *r, const char *of, const struct wtr_esp_network *network,
                          bool proved);
/* Whether the network's own key follows from its name and password, or, where `own` is false, any key that
 * was learnt does. As long as trials are left. */
bool wtr_esp_is_proved(struct wtr_esp_remembered *state, const struct wtr_esp_network *network, bool own);
/* Marks the network as said; false: it was. Of those that a live entry holds, an entry that is not live says
 * nothing. */
bool wtr_esp_say_once(const struct wtr_esp_said *r, const struct wtr_esp_network *network);
void wtr_esp_note_live(struct wtr_esp_remembered *state, const struct wtr_esp_network *network);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the entries of a dump have shown of a Tuya device before they are read, and one entry on its way to be
 * statements; shared by the files that say what entries mean (flash_dump.c and its neighbours). */
#ifndef WTR_VENDOR_TUYA_FLASH_DUMP_H
#define WTR_VENDOR_TUYA_FLASH_DUMP_H

#include "base/json.h"
#include "vendor/vendor.h"

enum { WTR_TUYA_RELAYS = 8, WTR_TUYA_ID = 32, WTR_TUYA_SAID = 256 };

struct wtr_tuya_dump {
    char id[WTR_TUYA_ID + 1]; /* the device's; empty: not known */
    size_t id_length;
    enum wtr_entry_state id_state; /* of the entry that gave it */
    bool ids_differ;               /* entries equally good gave others */

    uint16_t relays;                     /* bit n: the settings name a pin for relay n, from 1 */
    uint8_t points[WTR_TUYA_RELAYS + 1]; /* the data point of relay n, as the settings say; 0: not said */
    uint16_t switches;                   /* bit n: the schema has a boolean at data point n */
    bool has_schema;
    int64_t built_s; /* when the latest firmware was built; 0: not known */

    /* Hashes of what the store's present word is, so that an earlier image which says the same is no second
     * statement; and of log records that were said. */
    uint64_t said[WTR_TUYA_SAID];
    size_t said_count;
    struct wtr_json json;
};

struct wtr_tuya_entry {
    struct wtr_tuya_dump *dump;
    const struct wtr_entry *entry;
    struct wtr_say *say;
    const struct wtr_json *json; /* of the value, where it is JSON */
    struct wtr_text text;        /* the value without NUL at its end */
    wtr_device_ref device;
};

/* flash_learn.c */
void wtr_tuya_learn_entry(struct wtr_tuya_dump *dump, const struct wtr_entry *entry);
/* Calls `each` for every member of settings as "{rl1_pin:26,module:CB2S,}". */
void wtr_tuya_each_setting(struct wtr_text settings, void *payload,
                           void (*each)(void *payload, struct wtr_text name, struct wtr_text value));
/* Whether the hash was noted before; notes it. */
bool wtr_tuya_said_before(struct wtr_tuya_dump *dump, uint64_t hash);
uint64_t wtr_tuya_entry_hash(const struct wtr_entry *entry);

/* flash_entry.c */
enum wtr_claim wtr_tuya_claim_entry(const struct wtr_entry *entry);
void wtr_tuya_read_entry(struct wtr_tuya_dump *dump, const struct wtr_entry *entry, struct wtr_say *say);
/* A setting with its value as it stands in the entry. */
void wtr_tuya_say_setting(struct wtr_tuya_entry *e, struct wtr_text name, struct wtr_text value);
/* The same for a member of the entry's object, if it is there and not null. */
void wtr_tuya_say_member(struct wtr_tuya_entry *e, const char *member);
/* A secret member of the object; `what` says what it is for. */
void wtr_tuya_say_secret(struct wtr_tuya_entry *e, const char *member, const char *what);
/* A member's text, empty if there is none. */
struct wtr_text wtr_tuya_member_text(const struct wtr_json *json, const char *member);
/* A time that a clock gives which was set: 2015 to 2100. */
bool wtr_tuya_is_time(int64_t seconds);

/* flash_identity.c */
void wtr_tuya_read_factory(struct wtr_tuya_entry *e);
void wtr_tuya_read_device(struct wtr_tuya_entry *e);
void wtr_tuya_read_activation(struct wtr_tuya_entry *e);
void wtr_tuya_read_firmware(struct wtr_tuya_entry *e);
void wtr_tuya_read_mac(struct wtr_tuya_entry *e);
void wtr_tuya_read_build(struct wtr_tuya_entry *e);

/* flash_network.c */
void wtr_tuya_read_network(struct wtr_tuya_entry *e);
void wtr_tuya_read_netparam(struct wtr_tuya_entry *e);

/* flash_relay.c */
void wtr_tuya_read_relay_file(struct wtr_tuya_entry *e);
void wtr_tuya_read_save_off(struct wtr_tuya_entry *e);
void wtr_tuya_read_settings(struct wtr_tuya_entry *e);
void wtr_tuya_read_energy(struct wtr_tuya_entry *e);

/* flash_rules.c */
void wtr_tuya_read_schedules(struct wtr_tuya_entry *e);
void wtr_tuya_read_dated(struct wtr_tuya_entry *e);

/* flash_log.c */
void wtr_tuya_read_log(struct wtr_tuya_entry *e);

/* The storage formats of this family, ended by NULL. */
extern const struct wtr_flash_format *const wtr_tuya_formats[];

#endif

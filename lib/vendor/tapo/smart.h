/* SPDX-License-Identifier: Apache-2.0 */
/* SMART, the JSON that Tapo devices and newer Kasa ones speak inside KLAP, securePassthrough and TPAP:
 * {"method":…,"params":…} answered by {"result":…,"error_code":0}. An answer does not name its method; the
 * question does. Methods and members: python-kasa (kasa/smart, tests/fixtures/smart) [S], their answers on
 * real devices' [V]. */
#ifndef WTR_VENDOR_TAPO_SMART_H
#define WTR_VENDOR_TAPO_SMART_H

#include "vendor/tapo/reading.h"

/* A question, as its text stands at `request` in r->json: commands and settings become statements. */
void wtr_smart_read_request(struct wtr_tapo_reading *r, wtr_json_ref request);

/* The answer at 0 in r->json to the question at 0 in `asked`. An acknowledgement states nothing. */
void wtr_smart_read_answer(struct wtr_tapo_reading *r, const struct wtr_json *asked);

/* smart_info.c: the object of get_device_info; the list of a strip's outlets */
void wtr_smart_read_device_info(struct wtr_tapo_reading *r, wtr_json_ref info);
void wtr_smart_read_children(struct wtr_tapo_reading *r, wtr_json_ref result);
void wtr_smart_read_time(struct wtr_tapo_reading *r, wtr_json_ref result);

/* smart_energy.c */
void wtr_smart_read_energy_usage(struct wtr_tapo_reading *r, wtr_json_ref result);
void wtr_smart_read_current_power(struct wtr_tapo_reading *r, wtr_json_ref result);
void wtr_smart_read_emeter_data(struct wtr_tapo_reading *r, wtr_json_ref result);
void wtr_smart_read_device_usage(struct wtr_tapo_reading *r, wtr_json_ref result);

/* smart_rules.c: timers and schedules that the device holds */
void wtr_smart_read_schedules(struct wtr_tapo_reading *r, wtr_json_ref result);
void wtr_smart_read_countdowns(struct wtr_tapo_reading *r, wtr_json_ref result);
void wtr_smart_read_antitheft(struct wtr_tapo_reading *r, wtr_json_ref result);
void wtr_smart_read_auto_off(struct wtr_tapo_reading *r, wtr_json_ref result);
void wtr_smart_read_protection(struct wtr_tapo_reading *r, wtr_json_ref result);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a number with a unit measures, and saying so. */
#ifndef WTR_VENDOR_HOMEASSISTANT_MEASURE_H
#define WTR_VENDOR_HOMEASSISTANT_MEASURE_H

#include "vendor/say.h"

struct wtr_measure {
    enum wtr_field field; /* the field of a power.reading, or WTR_FIELD_ENERGY_WH */
    int shift;            /* from the unit to the field's, as a power of ten */
};

/* What a number of this unit and device class measures. The class may be empty, except for a power factor,
 * which has no unit. False if it is nothing electrical, or unit and class contradict. */
bool wtr_measure_of(struct wtr_text unit, struct wtr_text device_class, struct wtr_measure *measure);

/* What an energy counter covers: "total" where its state class says that it runs on and nothing in its name
 * says that it covers less; else NULL, for not known. */
const char *wtr_measure_scope(struct wtr_text state_class, struct wtr_text name);

/* Whether the word, in lower case, is one of the name's, which are runs of ASCII letters, in any case. */
bool wtr_name_has_word(struct wtr_text name, const char *word);

/* The number in millionths of the field's unit. False if it is none, or beyond what is plausible. */
bool wtr_measure_number(const struct wtr_measure *measure, struct wtr_text text, int64_t *micro);

/* A value as it stands in the message: a member of its JSON, or a text of its own. */
struct wtr_standing {
    const struct wtr_json *json;
    wtr_json_ref at;      /* negative: it is `text` */
    struct wtr_text text; /* as it stands, in both cases */
};

/* Adds it to the statement that is begun, under the name, which is cut to what is usual. */
void wtr_say_standing(struct wtr_say *say, struct wtr_text name, const struct wtr_standing *value);

/* Says one reading or counter that stands alone, with the name of the sensor that it comes from; a finding
 * where the value is no such number. */
struct wtr_sensor {
    wtr_device_ref device;
    struct wtr_measure measure;
    const char *scope; /* of an energy counter; NULL: not known */
    struct wtr_text name;
};
void wtr_say_sensor(struct wtr_say *say, const struct wtr_sensor *sensor, const struct wtr_standing *value);

#endif

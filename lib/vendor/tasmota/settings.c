/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: the commands that change one, and the answers that state one (tasmota/docs Commands.md) [S].
 *
 * A command's payload is what somebody asked for, not what the device holds; both are device.config, told
 * apart by their direction. Not all of Tasmota's settings are here: those that bear on switching, metering,
 * time, names, the network and what is logged or kept. Reset, Restart, EnergyReset, EnergyTotal, EnergyToday,
 * EnergyYesterday, Counter and the calibrations destroy or alter evidence and are never left out.
 *
 * Passwords are credentials. Answers about them are not read: some firmware answers in clear. */
#include "vendor/mqtt_publish.h"
#include "vendor/tasmota/reading.h"
#include "vendor/tasmota/topic.h"

enum sort {
    PLAIN,        /* device.config, as command and as answer */
    COMMAND_ONLY, /* its answer has a reader of its own, or is no setting */
    PLACE,        /* its answer is a location */
    UPDATE,       /* firmware */
    SECRET,
};

static const struct setting {
    const char *name;
    enum sort sort;
    const char *secret_of;
} settings[] = {
    {"Reset", PLAIN, NULL},
    {"Restart", PLAIN, NULL},
    {"EnergyReset", PLAIN, NULL},
    {"EnergyTotal", PLAIN, NULL},
    {"EnergyToday", PLAIN, NULL},
    {"EnergyYesterday", PLAIN, NULL},
    {"EnergyUsage", PLAIN, NULL},
    {"EnergyExport", PLAIN, NULL},
    {"Counter", PLAIN, NULL},
    {"PowerCal", PLAIN, NULL},
    {"VoltageCal", PLAIN, NULL},
    {"CurrentCal", PLAIN, NULL},
    {"PowerSet", PLAIN, NULL},
    {"VoltageSet", PLAIN, NULL},
    {"CurrentSet", PLAIN, NULL},
    {"FrequencySet", PLAIN, NULL},
    {"Tariff", PLAIN, NULL},
    {"PowerOnState", PLAIN, NULL},
    {"PowerLock", PLAIN, NULL},
    {"PulseTime", COMMAND_ONLY, NULL},
    {"Timer", COMMAND_ONLY, NULL},
    {"Timers", PLAIN, NULL},
    {"Rule", PLAIN, NULL},
    {"RuleTimer", PLAIN, NULL},
    {"BlinkCount", PLAIN, NULL},
    {"BlinkTime", PLAIN, NULL},
    {"Interlock", PLAIN, NULL},
    {"TelePeriod", PLAIN, NULL},
    {"PowerDelta", PLAIN, NULL},
    {"PowerLow", PLAIN, NULL},
    {"PowerHigh", PLAIN, NULL},
    {"VoltageLow", PLAIN, NULL},
    {"VoltageHigh", PLAIN, NULL},
    {"CurrentLow", PLAIN, NULL},
    {"CurrentHigh", PLAIN, NULL},
    {"MaxPower", PLAIN, NULL},
    {"MaxPowerHold", PLAIN, NULL},
    {"MaxPowerWindow", PLAIN, NULL},
    {"MaxEnergy", PLAIN, NULL},
    {"MaxEnergyStart", PLAIN, NULL},
    {"SetOption", PLAIN, NULL},
    {"SO", PLAIN, NULL},
    {"SaveData", PLAIN, NULL},
    {"Module", PLAIN, NULL},
    {"Template", PLAIN, NULL},
    {"Gpio", PLAIN, NULL},
    {"SwitchMode", PLAIN, NULL},
    {"ButtonTopic", PLAIN, NULL},
    {"SwitchTopic", PLAIN, NULL},
    {"ButtonRetain", PLAIN, NULL},
    {"SwitchRetain", PLAIN, NULL},
    {"PowerRetain", PLAIN, NULL},
    {"SensorRetain", PLAIN, NULL},
    {"StateRetain", PLAIN, NULL},
    {"StatusRetain", PLAIN, NULL},
    {"InfoRetain", PLAIN, NULL},
    {"Topic", PLAIN, NULL},
    {"FullTopic", PLAIN, NULL},
    {"GroupTopic", PLAIN, NULL},
    {"Prefix", PLAIN, NULL},
    {"StateText", PLAIN, NULL},
    {"DeviceName", PLAIN, NULL},
    {"FriendlyName", PLAIN, NULL},
    {"Hostname", PLAIN, NULL},
    {"MqttHost", PLAIN, NULL},
    {"MqttPort", PLAIN, NULL},
    {"MqttUser", PLAIN, NULL},
    {"MqttClient", PLAIN, NULL},
    {"MqttLog", PLAIN, NULL},
    {"SysLog", PLAIN, NULL},
    {"WebLog", PLAIN, NULL},
    {"SerialLog", PLAIN, NULL},
    {"LogHost", PLAIN, NULL},
    {"LogPort", PLAIN, NULL},
    {"WebServer", PLAIN, NULL},
    {"SSId", PLAIN, NULL},
    {"Ap", PLAIN, NULL},
    {"Wifi", COMMAND_ONLY, NULL},
    {"WifiConfig", PLAIN, NULL},
    {"IPAddress", PLAIN, NULL},
    {"NtpServer", PLAIN, NULL},
    {"Time", COMMAND_ONLY, NULL},
    {"Timezone", PLAIN, NULL},
    {"TimeStd", PLAIN, NULL},
    {"TimeDst", PLAIN, NULL},
    {"Latitude", PLACE, NULL},
    {"Longitude", PLACE, NULL},
    {"OtaUrl", PLAIN, NULL},
    {"Upgrade", UPDATE, NULL},
    {"Upload", UPDATE, NULL},
    {"Password", SECRET, "wifi"},
    {"MqttPassword", SECRET, "mqtt"},
    {"WebPassword", SECRET, "web"},
};

static const struct setting *find(struct wtr_text name)
{
    struct wtr_text word;
    unsigned number = 0;
    bool numbered = false;
    if (!wtr_tasmota_cut_number(name, &word, &number, &numbered))
        return NULL;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (wtr_text_is_nocase(word, settings[i].name))
            return &settings[i];
    return NULL;
}

bool wtr_tasmota_is_setting(struct wtr_text name)
{
    return find(name) != NULL;
}

bool wtr_tasmota_say_setting(struct wtr_tasmota_reading *r, struct wtr_text name, struct wtr_text value,
                             struct wtr_text raw)
{
    const struct setting *setting = find(name);
    if (!setting)
        return false;
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
    if (setting->sort == SECRET)
        s.kind = WTR_KIND_CREDENTIAL;
    else if (setting->sort == UPDATE)
        s.kind = WTR_KIND_FIRMWARE_UPDATE;
    wtr_tasmota_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, name);
    if (setting->sort == SECRET)
        wtr_say_text(r->say, WTR_FIELD_SECRET, wtr_text_z(setting->secret_of));
    wtr_say_text(r->say, WTR_FIELD_VALUE, value);
    if (raw.data)
        wtr_say_raw(r->say, name, raw);
    wtr_tasmota_end(&s);
    return true;
}

/* Degrees, as a number or as the text of one. */
static void say_place(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member)
{
    bool latitude = wtr_text_is_nocase(member->word, "Latitude");
    int64_t most = latitude ? 90000000 : 180000000;
    int64_t micro = 0;
    struct wtr_text raw = wtr_json_raw(r->json, member->value);
    if (!wtr_decimal_micro(raw, 0, &micro) || micro < -most || micro > most) {
        wtr_tasmota_finding_at(r, member->value, "the value is no place on Earth");
        return;
    }
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_LOCATION};
    wtr_tasmota_begin(&s);
    wtr_say_micro(r->say, latitude ? WTR_FIELD_LATITUDE : WTR_FIELD_LONGITUDE, micro);
    wtr_say_raw(r->say, member->name, raw);
    wtr_tasmota_end(&s);
}

void wtr_tasmota_read_setting(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member)
{
    const struct setting *setting = find(member->name);
    bool container = wtr_json_is(r->json, member->value, WTR_JSON_OBJECT) ||
                     wtr_json_is(r->json, member->value, WTR_JSON_ARRAY) ||
                     wtr_json_is(r->json, member->value, WTR_JSON_NULL);
    if (!setting || container || setting->sort == COMMAND_ONLY || setting->sort == SECRET)
        return;
    if (setting->sort == PLACE) {
        say_place(r, member);
        return;
    }
    struct wtr_text text = wtr_json_string(r->json, member->value, wtr_say_scratch(r->say));
    bool update = setting->sort == UPDATE;
    struct wtr_tasmota_sentence s = {.reading = r,
                                     .kind = update ? WTR_KIND_FIRMWARE_UPDATE : WTR_KIND_DEVICE_CONFIG};
    wtr_tasmota_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, member->name);
    wtr_say_text(r->say, WTR_FIELD_VALUE, text.data ? text : wtr_json_raw(r->json, member->value));
    wtr_say_raw(r->say, member->name, wtr_json_raw(r->json, member->value));
    wtr_tasmota_end(&s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Commands to OpenBeken, cmnd/NAME/<command> (openshwprojects/OpenBK7231T_App src/mqtt/new_mqtt.c tasCmnd,
 * src/cmnds/cmd_tasmota.c, cmd_main.c, cmd_channels.c) [S]:
 *
 *   - POWER<n> takes ON, OFF, TOGGLE or a number; empty and STATUS ask. A bare POWER is the first relay, and
 *     which channel POWER<n> means depends on the set-up, so the channel is called by the command's name.
 *     POWERALL is all channels. Numbers are read by atoi, so only 0 and 1 are said.
 *   - SetChannel <channel> <value>, ToggleChannel <channel>: as NAME/<channel>/set.
 *   - backlog takes commands with ';' between them.
 *   - restart, EnergyCntReset and the clear… commands act without an argument. */
#include "vendor/openbeken/reading.h"

enum { MAX_BACKLOG = 64 };

enum sort {
    WITH_VALUE, /* without one it asks */
    AT_ONCE,    /* acts without one */
    UPDATE,
    SECRET_WIFI,
    SECRET_MQTT,
};

static const struct {
    const char *name;
    enum sort sort;
} settings[] = {
    {"restart", AT_ONCE},
    {"reboot", AT_ONCE},
    {"EnergyCntReset", AT_ONCE},
    {"clear_energy", AT_ONCE},
    {"BL0939_ClearEnergy", AT_ONCE},
    {"BL0939_SetEnergy", WITH_VALUE},
    {"HLW8112_SetEnergyStat", WITH_VALUE},
    {"clearConfig", AT_ONCE},
    {"clearAll", AT_ONCE},
    {"clearIO", AT_ONCE},
    {"clearClockEvents", AT_ONCE},
    {"lfs_format", AT_ONCE},
    {"addClockEvent", WITH_VALUE},
    {"removeClockEvent", WITH_VALUE},
    {"SetFlag", WITH_VALUE},
    {"flags", WITH_VALUE},
    {"SetPinRole", WITH_VALUE},
    {"SetPinChannel", WITH_VALUE},
    {"SetChannelType", WITH_VALUE},
    {"StartupCommand", WITH_VALUE},
    {"SetupEnergyStats", WITH_VALUE},
    {"PowerSet", WITH_VALUE},
    {"VoltageSet", WITH_VALUE},
    {"CurrentSet", WITH_VALUE},
    {"PowerMax", WITH_VALUE},
    {"MqttHost", WITH_VALUE},
    {"MqttUser", WITH_VALUE},
    {"MqttClient", WITH_VALUE},
    {"MqttGroup", WITH_VALUE},
    {"mqtt_broadcastInterval", WITH_VALUE},
    {"TasTeleInterval", WITH_VALUE},
    {"FriendlyName", WITH_VALUE},
    {"ShortName", WITH_VALUE},
    {"SSID1", WITH_VALUE},
    {"ntp_setServer", WITH_VALUE},
    {"ntp_timeZoneOfs", WITH_VALUE},
    {"ntp_setLatLong", WITH_VALUE},
    {"ota_http", UPDATE},
    {"Password1", SECRET_WIFI},
    {"MqttPassword", SECRET_MQTT},
};

static struct wtr_text trim(struct wtr_text text)
{
    while (text.length > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = (struct wtr_text){text.data + 1, text.length - 1};
    while (text.length > 0 && (text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t'))
        text.length--;
    return text;
}

static const char *state_asked(struct wtr_text argument)
{
    if (wtr_text_is_nocase(argument, "ON") || wtr_text_is(argument, "1"))
        return "on";
    if (wtr_text_is_nocase(argument, "OFF") || wtr_text_is(argument, "0"))
        return "off";
    return wtr_text_is_nocase(argument, "TOGGLE") ? "toggle" : NULL;
}

static bool is_power(struct wtr_text name)
{
    bool power =
        name.length >= 5 && name.length <= 7 && wtr_text_is_nocase((struct wtr_text){name.data, 5}, "POWER");
    for (size_t i = 5; power && i < name.length; i++)
        power = name.data[i] >= '0' && name.data[i] <= '9';
    return power;
}

static void say_power(struct wtr_openbeken_reading *r, struct wtr_text name, struct wtr_text argument)
{
    const char *state = state_asked(argument);
    bool all = wtr_text_is_nocase(name, "POWERALL");
    char channel[8];
    if (!state || (all && wtr_text_is_nocase(argument, "TOGGLE")))
        return;
    for (size_t i = 0; i < name.length && !all; i++)
        channel[i] =
            name.data[i] >= 'a' && name.data[i] <= 'z' ? (char)(name.data[i] - 'a' + 'A') : name.data[i];
    wtr_say_begin(r->say, WTR_KIND_POWER_COMMAND, r->device);
    wtr_say_channel(r->say, all ? WTR_TEXT("*") : (struct wtr_text){channel, name.length}, 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, wtr_text_z(state));
    wtr_say_raw(r->say, name, argument);
    wtr_say_end(r->say);
}

static void say_setting(struct wtr_openbeken_reading *r, enum sort sort, struct wtr_text name,
                        struct wtr_text argument)
{
    enum wtr_kind kind = sort == UPDATE                               ? WTR_KIND_FIRMWARE_UPDATE
                         : sort == SECRET_WIFI || sort == SECRET_MQTT ? WTR_KIND_CREDENTIAL
                                                                      : WTR_KIND_DEVICE_CONFIG;
    if (argument.length == 0 && sort != AT_ONCE)
        return;
    wtr_say_begin(r->say, kind, r->device);
    wtr_say_text(r->say, WTR_FIELD_SETTING, name);
    if (kind == WTR_KIND_CREDENTIAL)
        wtr_say_text(r->say, WTR_FIELD_SECRET, sort == SECRET_WIFI ? WTR_TEXT("wifi") : WTR_TEXT("mqtt"));
    if (argument.length > 0) {
        wtr_say_text(r->say, WTR_FIELD_VALUE, argument);
        wtr_say_raw(r->say, name, argument);
    }
    wtr_say_end(r->say);
}

static void read_one(struct wtr_openbeken_reading *r, struct wtr_text name, struct wtr_text argument)
{
    argument = trim(argument);
    struct wtr_text rest = argument;
    if (is_power(name) || wtr_text_is_nocase(name, "POWERALL")) {
        say_power(r, name, argument);
    } else if (wtr_text_is_nocase(name, "SetChannel")) {
        struct wtr_text channel = wtr_text_cut(&rest, ' ');
        wtr_openbeken_say_set(r, channel, name, trim(rest));
    } else if (wtr_text_is_nocase(name, "ToggleChannel")) {
        wtr_openbeken_say_toggle(r, name, argument);
    } else {
        for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
            if (wtr_text_is_nocase(name, settings[i].name))
                say_setting(r, settings[i].sort, name, argument);
    }
}

void wtr_openbeken_read_command(struct wtr_openbeken_reading *r, struct wtr_text name,
                                struct wtr_text payload)
{
    if (!wtr_text_is_nocase(name, "backlog")) {
        read_one(r, name, payload);
        return;
    }
    struct wtr_text rest = payload;
    for (unsigned i = 0; i < MAX_BACKLOG && rest.data; i++) {
        struct wtr_text argument = trim(wtr_text_cut(&rest, ';'));
        struct wtr_text word = wtr_text_cut(&argument, ' ');
        read_one(r, word, argument);
    }
}

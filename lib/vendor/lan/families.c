/* SPDX-License-Identifier: Apache-2.0 */
/* What shows a plug of a known family: the tables. Marks: [V] seen on bytes of a real plug, [S] read in
 * source or documentation. What says only who wrote the firmware (ESPHome, Tasmota), or what routers, cameras
 * and apps say too, is not here. */
#include "vendor/lan/reading.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- DHCP host names */

/* Link address blocks of TP-Link's plugs [S home-assistant/core 00107408, generated/dhcp.py, "tplink"]. */
static const uint8_t kasa_blocks[][3] = {
    {0x00, 0x31, 0x92}, {0x00, 0x5f, 0x67}, {0x10, 0x27, 0xf5}, {0x1c, 0x3b, 0xf3}, {0x1c, 0x61, 0xb4},
    {0x40, 0x3f, 0x8c}, {0x50, 0xc7, 0xbf}, {0x54, 0xaf, 0x97}, {0x60, 0xa4, 0xb7}, {0x68, 0xff, 0x7b},
    {0x6c, 0x5a, 0xb0}, {0x90, 0x9a, 0x4a}, {0x98, 0xda, 0xc4}, {0xb0, 0x95, 0x75}, {0xb0, 0xa7, 0xb9},
    {0xc0, 0x06, 0xc3}, {0xc0, 0xc9, 0xe3}, {0xe8, 0x48, 0xb8},
};

static bool in_kasa_block(const uint8_t mac[6])
{
    for (size_t i = 0; i < sizeof kasa_blocks / sizeof *kasa_blocks; i++)
        if (memcmp(kasa_blocks[i], mac, 3) == 0)
            return true;
    return false;
}

/* "HS110", "KP115", "EP10", with a region behind it in some: "HS110(EU)" [V: HS100, HS110; S as above for
 * hs*, kp*, ep*]. The same firmware's bulbs are KL and LB. */
static bool is_kasa_model(struct wtr_text name)
{
    if (!wtr_text_starts(name, "HS") && !wtr_text_starts(name, "KP") && !wtr_text_starts(name, "EP"))
        return false;
    size_t at = 2;
    while (at < name.length && is_digit(name.data[at]))
        at++;
    bool number = at - 2 >= 2 && at - 2 <= 3;
    if (at < name.length && name.data[at] == 'M') /* with a meter */
        at++;
    bool region = name.length - at == 4 && name.data[at] == '(' && name.data[at + 3] == ')';
    return number && (at == name.length || region);
}

/* "DSP-W215" [V]; DSP-W110, W115, W118, W245 are D-Link's other plugs [S LinuxChristian/pyW215 de2cc350; the
 * DSP-W115 service of ioBroker.mydlink]. */
static bool is_dlink_model(struct wtr_text name)
{
    return name.length >= 8 && wtr_text_starts(name, "DSP-W") && is_digit(name.data[5]) &&
           is_digit(name.data[6]) && is_digit(name.data[7]);
}

bool wtr_lan_by_host_name(struct wtr_text host_name, const uint8_t mac[6], struct wtr_lan_identity *identity)
{
    if (is_kasa_model(host_name) && in_kasa_block(mac))
        identity->vendor = "kasa";
    else if (host_name.length == 8 && is_dlink_model(host_name))
        identity->vendor = "dlink";
    else
        return false;
    identity->shown_by = "DHCP host name";
    identity->model = host_name;
    identity->hostname = host_name;
    return true;
}

/* ---- SSDP */

/* WeMo's unique service names begin with "uuid:Socket-1_0-<serial number>" or "uuid:Insight-1_0-…" [V]; other
 * WeMo devices have other words there (Lightswitch, Sensor, Bridge …) [S pywemo f7d245c1]. */
bool wtr_lan_by_usn(struct wtr_text usn, struct wtr_lan_identity *identity)
{
    static const struct {
        const char *begins;
        const char *model;
    } models[] = {{"uuid:Socket-1_0-", "Socket"}, {"uuid:Insight-1_0-", "Insight"}};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        size_t length = strlen(models[i].begins);
        if (!wtr_text_starts(usn, models[i].begins))
            continue;
        struct wtr_text rest = {usn.data + length, usn.length - length};
        struct wtr_text serial = wtr_text_cut(&rest, ':');
        *identity = (struct wtr_lan_identity){
            .vendor = "wemo", .shown_by = "SSDP USN", .model = wtr_text_z(models[i].model), .serial = serial};
        return serial.length > 0;
    }
    return false;
}

/* ---- services of mDNS */

/* The value of the key in TXT data (RFC 6763 6.4: keys without case, the first one counts). */
static struct wtr_text value_of(struct wtr_text data, const char *key, struct wtr_text *string)
{
    size_t at = 0;
    while (at < data.length && wtr_dns_next_string(data, &at, string)) {
        struct wtr_text value = *string;
        struct wtr_text name = wtr_text_cut(&value, '=');
        if (wtr_text_is_nocase(name, key) && value.data)
            return value;
    }
    *string = (struct wtr_text){NULL, 0};
    return (struct wtr_text){NULL, 0};
}

/* The same, cited as it stands. */
static struct wtr_text cited_value_of(struct wtr_text data, const char *key,
                                      struct wtr_lan_identity *identity)
{
    struct wtr_text string;
    struct wtr_text value = value_of(data, key, &string);
    wtr_lan_add_raw(identity, WTR_TEXT("TXT"), string);
    return value;
}

static void take_mac(struct wtr_lan_identity *identity, struct wtr_text text)
{
    identity->has_mac = identity->has_mac || wtr_parse_mac(text, identity->mac);
}

/* D-Link's routers have the same service [S D-Link firmware], so the model decides [V DSP-W215]. */
static bool read_dhnap(const struct wtr_lan_service *service, struct wtr_lan_identity *identity)
{
    identity->vendor = "dlink";
    identity->model = cited_value_of(service->data, "model_number", identity);
    take_mac(identity, cited_value_of(service->data, "mac", identity));
    return is_dlink_model(identity->model);
}

/* `type` is plug, diy_plug, enhanced_plug, strip … for what switches mains, and other words for the rest of
 * the family [S AlexxIT/SonoffLAN 5f17a017, core/ewelink/local.py; itead/Sonoff_Devices_DIY_Tools cb05718f].
 */
static bool read_ewelink(const struct wtr_lan_service *service, struct wtr_lan_identity *identity)
{
    identity->vendor = "ewelink";
    struct wtr_text type = cited_value_of(service->data, "type", identity);
    identity->device_id = cited_value_of(service->data, "id", identity);
    return wtr_text_ends(type, "plug") || wtr_text_is(type, "strip");
}

/* [S homewizard-energy-api, discovery tests: product_type=HWE-SKT, serial=<MAC>]. */
static bool read_homewizard(const struct wtr_lan_service *service, struct wtr_lan_identity *identity)
{
    identity->vendor = "homewizard";
    identity->model = cited_value_of(service->data, "product_type", identity);
    identity->serial = cited_value_of(service->data, "serial", identity);
    take_mac(identity, identity->serial);
    return wtr_text_is(identity->model, "HWE-SKT");
}

/* Instances are named by the device's id: shellyplug-s-<6 or 12 digits of the MAC>, shellyplusplugs-<MAC>,
 * shellyplugsg3-<MAC> [S aioshelly ea7a88f4; shelly-api-docs, gen2]. */
static bool read_shelly(const struct wtr_lan_service *service, struct wtr_lan_identity *identity)
{
    static const char *const begins[] = {"shellyplug", "shellyplusplug"};
    char start[16];
    size_t length = service->instance.length < sizeof start - 1 ? service->instance.length : sizeof start - 1;
    for (size_t i = 0; i < length; i++) {
        char c = service->instance.data[i];
        start[i] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
    }
    start[length] = '\0';
    bool plug = false;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        plug = plug || strncmp(start, begins[i], strlen(begins[i])) == 0;
    identity->vendor = "shelly";
    identity->device_id = service->instance;
    identity->model = cited_value_of(service->data, "app", identity);
    if (service->instance.length > 12)
        take_mac(identity, wtr_text_of(service->instance.data + service->instance.length - 12, 12));
    return plug;
}

static const struct {
    const char *type;
    bool (*read)(const struct wtr_lan_service *service, struct wtr_lan_identity *identity);
} services[] = {
    {"_dhnap._tcp", read_dhnap},   {"_ewelink._tcp", read_ewelink}, {"_hwenergy._tcp", read_homewizard},
    {"_shelly._tcp", read_shelly}, {"_http._tcp", read_shelly},
};

bool wtr_lan_by_service(const struct wtr_lan_service *service, struct wtr_lan_identity *identity)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        if (!wtr_text_is_nocase(service->type, services[i].type))
            continue;
        *identity = (struct wtr_lan_identity){.shown_by = "mDNS service", .service = service->type};
        return services[i].read(service, identity);
    }
    return false;
}

/* ---- clouds */

/* Domains whose names plugs look up. Apps, cameras and routers look them up, too, so that none of them shows
 * a plug: they say where a plug that is known as one turns to. */
static const char *const clouds[][2] = {
    {"tplinkcloud", "com"}, /* devs.… and n-devs.… [V: HS100, HS110] */
    {"tplinkra", "com"},    /* use1-api.… [V: HS110] */
    {"dlink", "com"},       /* wrpd.…, api.dch.…, ntp1.… [V: DSP-W215] */
    {"myedimax", "com"},    /* www.… [V: SP-1101W, SP-2101W] */
    {"xbcs", "net"},        /* api.…, nat.… [V: WeMo Switch and Insight] */
    {"iot-dns", "com"},     /* h3.… [S tuya-iot SDK, DEF_RCS_URL0] */
    {"tuyaeu", "com"}, /* a3.…, m2.… [S security statement of a Deltaco plug, made from its traffic] */
    {"tuyaus", "com"}, /* a3.… [S ct-Open-Source/tuya-convert #66] */
};

enum { MAX_LABELS = 64 };

static bool label_is(const uint8_t *label, const char *word)
{
    return wtr_text_is_nocase(wtr_text_of(label + 1, label[0]), word);
}

bool wtr_lan_is_cloud(const struct wtr_dns *dns)
{
    struct wtr_dns_walk walk = {.dns = dns};
    struct wtr_dns_record question;
    if (!wtr_dns_next(&walk, &question) || question.section != WTR_DNS_QUESTION)
        return false;
    const uint8_t *label = dns->bytes + question.name_at;
    const uint8_t *last = NULL, *before = NULL;
    for (unsigned i = 0; i<MAX_LABELS && * label> 0 && *label < MAX_LABELS; i++) {
        before = last;
        last = label;
        label += *label + 1;
    }
    if (!before || *label != 0)
        return false;
    for (size_t i = 0; i < sizeof clouds / sizeof *clouds; i++)
        if (before[0] == strlen(clouds[i][0]) && label_is(before, clouds[i][0]) &&
            label_is(last, clouds[i][1]))
            return true;
    return false;
}

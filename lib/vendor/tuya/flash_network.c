/* SPDX-License-Identifier: Apache-2.0 */
/* The networks that a Tuya device remembers: gw_wsm (BK7231; SSID and password in Base64 where wfb64 is 1),
 * wf_nw_rec_key (ESP8266, in clear), and the net-param sector, whose PMK proves SSID and password. A network
 * that is remembered is one that the device was told to join, or joined; when, the stores do not say. */
#include "vendor/tuya/cipher.h"
#include "vendor/tuya/flash_dump.h"
#include "vendor/tuya/flash_netparam.h"

enum { MOST_SSID = 32, MOST_PASSWORD = 64, ROOM = 96 };

struct credentials {
    struct wtr_text ssid, password;         /* as they are */
    struct wtr_text raw_ssid, raw_password; /* as they stand in the entry */
};

static void say_join(struct wtr_tuya_entry *e, const struct credentials *c, const char *name)
{
    if (c->ssid.length == 0 || c->ssid.length > MOST_SSID)
        return;
    wtr_say_begin(e->say, WTR_KIND_NETWORK_JOIN, e->device);
    wtr_say_text(e->say, WTR_FIELD_SSID, c->ssid);
    wtr_say_raw(e->say, wtr_text_z(name), c->raw_ssid);
    wtr_say_end(e->say);
}

static void say_password(struct wtr_tuya_entry *e, const struct credentials *c, const char *name)
{
    if (c->ssid.length == 0 || c->ssid.length > MOST_SSID || c->password.length == 0 ||
        c->password.length > MOST_PASSWORD)
        return;
    wtr_say_begin(e->say, WTR_KIND_CREDENTIAL, e->device);
    wtr_say_text(e->say, WTR_FIELD_SECRET, WTR_TEXT("wifi"));
    wtr_say_text(e->say, WTR_FIELD_SSID, c->ssid);
    wtr_say_text(e->say, WTR_FIELD_VALUE, c->password);
    wtr_say_raw(e->say, wtr_text_z(name), c->raw_password);
    wtr_say_end(e->say);
    wtr_say_key(e->say, WTR_KEY_WIFI, c->ssid, c->password);
}

/* The text as it is, or what the Base64 in it stands for. */
static struct wtr_text plain_of(struct wtr_text raw, bool base64, uint8_t room[ROOM])
{
    size_t length;
    if (!base64)
        return raw;
    if (raw.length > ROOM || !wtr_tuya_base64(raw, room, &length))
        return (struct wtr_text){NULL, 0};
    return wtr_text_of(room, length);
}

void wtr_tuya_read_network(struct wtr_tuya_entry *e)
{
    uint8_t ssid[ROOM], password[ROOM];
    int64_t coded = 0;
    wtr_json_int(e->json, wtr_json_get(e->json, 0, "wfb64"), &coded);
    struct credentials c = {.raw_ssid = wtr_tuya_member_text(e->json, "ssid"),
                            .raw_password = wtr_tuya_member_text(e->json, "passwd")};
    c.ssid = plain_of(c.raw_ssid, coded == 1, ssid);
    c.password = plain_of(c.raw_password, coded == 1, password);
    say_join(e, &c, "ssid");
    say_password(e, &c, "passwd");
    wtr_tuya_say_member(e, "stat");
    wtr_tuya_say_member(e, "region");
    wtr_tuya_say_secret(e, "token", "account token");
}

void wtr_tuya_read_netparam(struct wtr_tuya_entry *e)
{
    const struct wtr_tuya_netparam *p = e->entry->body;
    struct wtr_buffer *out = wtr_say_scratch(e->say);
    if (!p || !p->proved)
        return;
    const struct credentials c = {p->ssid, p->password, p->ssid, p->password};
    wtr_buffer_clear(out);
    wtr_put_mac(out, (const uint8_t *)p->bssid.data);
    wtr_say_begin(e->say, WTR_KIND_NETWORK_JOIN, e->device);
    wtr_say_text(e->say, WTR_FIELD_SSID, p->ssid);
    wtr_say_text(e->say, WTR_FIELD_BSSID, wtr_buffer_text(out));
    wtr_say_int(e->say, WTR_FIELD_WIFI_CHANNEL, p->channel);
    wtr_say_text(e->say, WTR_FIELD_SHOWN_BY, WTR_TEXT("the stored PMK is that of this SSID and password"));
    wtr_say_raw(e->say, WTR_TEXT("ssid"), p->ssid);
    wtr_say_raw_bytes(e->say, WTR_TEXT("bssid"), p->bssid);
    wtr_say_end(e->say);
    say_password(e, &c, "password");
}

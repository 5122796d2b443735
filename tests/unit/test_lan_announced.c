/* SPDX-License-Identifier: Apache-2.0 */
/* Plugs that mDNS and SSDP show. */
#include "protocol/dns.h"
#include "protocol/ssdp.h"

#include "lan_hear.h"
#include "say_record.h"

static void set_up_sender(void)
{
    set_up();
    say_record_ends(say, "192.168.0.60", 5353, "224.0.0.251", 5353);
}

TestSuite(lan_announced, .init = set_up_sender, .fini = tear_down);

/* ---- mDNS: messages are put together from names and data in text */

static struct wtr_buffer packet;

static void put_number(unsigned number, unsigned bytes)
{
    while (bytes--)
        wtr_put_char(&packet, (char)(number >> 8 * bytes & 255));
}

static void put_string(const char *text, size_t length)
{
    wtr_put_char(&packet, (char)length);
    wtr_put(&packet, text, length);
}

static void put_name(const char *name)
{
    for (const char *p = name; *p; p += strcspn(p, ".") + (p[strcspn(p, ".")] == '.'))
        put_string(p, strcspn(p, "."));
    wtr_put_char(&packet, 0);
}

static void begin(unsigned flags, unsigned records)
{
    wtr_buffer_clear(&packet);
    put_number(0, 2);
    put_number(flags, 2);
    put_number(0, 2);
    put_number(records, 2);
    put_number(0, 4);
}

static void put_record(const char *name, unsigned type, unsigned ttl, const char *data, size_t length)
{
    put_name(name);
    put_number(type, 2);
    put_number(0x8001, 2);
    put_number(ttl, 4);
    put_number((unsigned)length, 2);
    wtr_put(&packet, data, length);
}

/* The TXT data: each word, up to a blank, is a string. */
static void put_txt(const char *name, unsigned ttl, const char *words)
{
    char data[512];
    size_t length = 0;
    for (const char *p = words; *p; p += strcspn(p, " ") + (p[strcspn(p, " ")] == ' ')) {
        size_t n = strcspn(p, " ");
        data[length++] = (char)n;
        memcpy(data + length, p, n);
        length += n;
    }
    put_record(name, WTR_DNS_TXT, ttl, data, length);
}

static struct bytes packet_bytes(void)
{
    struct bytes b = {malloc(packet.length), packet.length};
    memcpy(b.data, packet.data, packet.length);
    wtr_buffer_free(&packet);
    return b;
}

static void expect_service(const char *name, const char *words, const char *expected)
{
    begin(0x8400, 2);
    put_txt(name, 4500, words);
    put_record("dsp.local", WTR_DNS_A, 120, "\xc0\xa8\x00\x3c", 4);
    expect(&wtr_mdns, packet_bytes(), expected);
}

Test(lan_announced, services_of_plugs)
{
    expect_service("D-Link HNAP Service._dhnap._tcp.local", "mac=90:8D:78:A9:3D:6F model_number=DSP-W215",
                   "tie lan:90:8d:78:a9:3d:6f mac=90:8d:78:a9:3d:6f\n"
                   "host 192.168.0.60 mac=90:8d:78:a9:3d:6f\n"
                   "device.identity lan:90:8d:78:a9:3d:6f vendor=dlink mac=90:8d:78:a9:3d:6f ip=192.168.0.60 "
                   "model=DSP-W215 service=_dhnap._tcp shown_by=mDNS service\n");
    expect_service("eWeLink_10000abcde._eWeLink._TCP.Local", "txtvers=1 id=10000abcde type=diy_plug",
                   "device.identity lan:192.168.0.60 vendor=ewelink ip=192.168.0.60 device_id=10000abcde "
                   "service=_eWeLink._TCP shown_by=mDNS service\n");
    expect_service("energysocket-27FF1E._hwenergy._tcp.local", "product_type=HWE-SKT serial=3c39e727ff1e",
                   "tie lan:3c:39:e7:27:ff:1e mac=3c:39:e7:27:ff:1e\n"
                   "host 192.168.0.60 mac=3c:39:e7:27:ff:1e\n"
                   "device.identity lan:3c:39:e7:27:ff:1e vendor=homewizard mac=3c:39:e7:27:ff:1e "
                   "ip=192.168.0.60 model=HWE-SKT serial=3c39e727ff1e service=_hwenergy._tcp "
                   "shown_by=mDNS service\n");
    expect_service("shellyplug-s-C38EAB._http._tcp.local", "",
                   "device.identity lan:192.168.0.60 vendor=shelly ip=192.168.0.60 "
                   "device_id=shellyplug-s-C38EAB service=_http._tcp shown_by=mDNS service\n");
    expect_service(
        "ShellyPlusPlugS-80646F840029._shelly._tcp.local", "app=PlusPlugS gen=2",
        "tie lan:80:64:6f:84:00:29 mac=80:64:6f:84:00:29\n"
        "host 192.168.0.60 mac=80:64:6f:84:00:29\n"
        "device.identity lan:80:64:6f:84:00:29 vendor=shelly mac=80:64:6f:84:00:29 ip=192.168.0.60 "
        "model=PlusPlugS device_id=ShellyPlusPlugS-80646F840029 service=_shelly._tcp "
        "shown_by=mDNS service\n");
}

Test(lan_announced, services_of_others)
{
    expect_service("D-Link HNAP Service._dhnap._tcp.local", "mac=90:8D:78:A9:3D:6F model_number=DIR-868L",
                   "");
    expect_service("D-Link HNAP Service._dhnap._tcp.local", "", "");
    expect_service("eWeLink_10000abcde._ewelink._tcp.local", "id=10000abcde type=light", "");
    expect_service("p1meter-1._hwenergy._tcp.local", "product_type=HWE-P1 serial=3c39e727ff1e", "");
    expect_service("shellydimmerg4-e8f60a7c9714._shelly._tcp.local", "app=DimmerG4", "");
    expect_service("heater._esphomelib._tcp.local", "mac=84f3eb216d90", "");
    expect_service("printer._http._tcp.local", "", "");
    expect_service("_dhnap._tcp.local", "model_number=DSP-W215", "");
    expect_service("x._dhnap._tcp.example", "model_number=DSP-W215", "");
    expect_service("local", "model_number=DSP-W215", "");
}

/* What another host repeats is the plug's only by the MAC in its words. */
Test(lan_announced, repeated_by_a_router)
{
    say_record_ends(say, "192.168.0.1", 5353, "224.0.0.251", 5353);
    expect_service("shellyplug-s-C38EAB._http._tcp.local", "", "");
    expect_service("D-Link HNAP Service._dhnap._tcp.local", "mac=90:8D:78:A9:3D:6F model_number=DSP-W215",
                   "tie lan:90:8d:78:a9:3d:6f mac=90:8d:78:a9:3d:6f\n"
                   "device.identity lan:90:8d:78:a9:3d:6f vendor=dlink mac=90:8d:78:a9:3d:6f "
                   "model=DSP-W215 service=_dhnap._tcp shown_by=mDNS service\n");
}

Test(lan_announced, questions_and_goodbyes)
{
    begin(0x0000, 1);
    put_txt("shellyplug-s-C38EAB._http._tcp.local", 4500, "");
    expect(&wtr_mdns, packet_bytes(), "");
    begin(0x8400, 2);
    put_txt("shellyplug-s-C38EAB._http._tcp.local", 0, "");
    put_record("dsp.local", WTR_DNS_A, 120, "\xc0\xa8\x00\x3c", 4);
    expect(&wtr_mdns, packet_bytes(), "");
}

/* TXT data whose last string is cut: what stands before it counts. */
Test(lan_announced, damaged_strings)
{
    begin(0x8400, 2);
    put_record("x._dhnap._tcp.local", WTR_DNS_TXT, 4500, "\x15model_number=DSP-W215\x20mac", 26);
    put_record("dsp.local", WTR_DNS_A, 120, "\xc0\xa8\x00\x3c", 4);
    expect(&wtr_mdns, packet_bytes(),
           "device.identity lan:192.168.0.60 vendor=dlink ip=192.168.0.60 model=DSP-W215 service=_dhnap._tcp "
           "shown_by=mDNS service\n");
}

/* ---- SSDP */

static void expect_ssdp(const char *headers, const char *expected)
{
    struct wtr_buffer text = {0};
    wtr_put_z(&text, "NOTIFY * HTTP/1.1\r\n");
    wtr_put_z(&text, headers);
    wtr_put(&text, "\r\n", 3);
    say_record_ends(say, "10.10.10.158", 4000, "239.255.255.250", 1900);
    expect(&wtr_ssdp, from_text(text.data), expected);
    wtr_buffer_free(&text);
}

#define LOCATION "LOCATION: http://10.10.10.158:49153/setup.xml\r\n"

Test(lan_announced, wemo)
{
    expect_ssdp(LOCATION "USN: uuid:Insight-1_0-221542K1200339::upnp:rootdevice\r\n",
                "device.identity lan:10.10.10.158 vendor=wemo ip=10.10.10.158 model=Insight "
                "serial=221542K1200339 shown_by=SSDP USN\n");
    expect_ssdp(LOCATION "USN: uuid:Insight-1_0-221542K1200339::urn:Belkin:service:rules:1\r\n", "");
    expect_ssdp("Location: http://10.10.10.158\r\nusn:uuid:Socket-1_0-1\r\n",
                "device.identity lan:10.10.10.158 vendor=wemo ip=10.10.10.158 model=Socket serial=1 "
                "shown_by=SSDP USN\n");
}

Test(lan_announced, ssdp_that_shows_no_plug)
{
    expect_ssdp(LOCATION "USN: uuid:Bridge-1_0-221542K1200339::upnp:rootdevice\r\n", "");
    expect_ssdp(LOCATION "USN: uuid:Socket-1_0-::upnp:rootdevice\r\n", "");
    expect_ssdp(LOCATION, "");
    expect_ssdp("USN: uuid:Socket-1_0-1\r\n", "");
    expect_ssdp("LOCATION: http://10.10.10.15:49153/setup.xml\r\nUSN: uuid:Socket-1_0-1\r\n", "");
    expect_ssdp("LOCATION: http://10.10.10.1580/setup.xml\r\nUSN: uuid:Socket-1_0-1\r\n", "");
    expect_ssdp("LOCATION: https://10.10.10.158/setup.xml\r\nUSN: uuid:Socket-1_0-1\r\n", "");
}

# SPDX-License-Identifier: Apache-2.0
"""A Shelly Plug S of the first generation, after the vendor's MQTT documentation: plain texts under
shellies/<id>/, everything again every update period (30 s in the device, shortened here), energy in
watt-minutes, an announcement at every connection, and `info`, which is the device's /status."""

import json
import time

from .plug import Meter, Plug, celsius_and_fahrenheit, number, watt_hours

WATT_MINUTE = "0.01666666666666666666666666667"


class ShellyGen1(Plug):
    def __init__(self, name, host, broker_address, seed, watts=60.0, retain=True, period=3.0, keep_alive=20):
        self.mac = host.mac.replace(":", "").upper()
        self.own_id = "shellyplug-s-" + self.mac[6:]
        super().__init__(name, host, broker_address, seed, self.own_id)
        self.device = "mac:" + host.mac
        self.base = "shellies/%s/" % self.own_id
        self.watts, self.retain, self.period, self.keep_alive = watts, retain, period, keep_alive

    def channels(self):
        return ["relay:0"]

    def command(self, channel, wanted, random):
        return (self.base + "relay/0/command", wanted, [self.ask(channel, wanted)])

    def query(self, random):
        return random.choice([(self.base + "command", "update"), (self.base + "command", "announce"),
                              ("shellies/command", "announce")])

    def prepare(self, client):
        client.will_set(self.base + "online", "false", qos=0, retain=True)

    def begin(self):
        self.meter = Meter(self.random, self.watts, 0.98)
        self.minutes = [number(self.random.uniform(0, 50), 3) for _ in range(3)]
        self.source = "init"
        super().begin()

    def relay_moved(self, channel, on):
        self.meter.switch(on)

    def on_online(self, first):
        self.publish(self.base + "online", "true", retain=True)
        self.announce()
        self.subscribe("shellies/command", self.base + "command", self.base + "relay/0/command")
        self.tell_all()
        self.info()
        if first:
            self.every(self.period, self.tell_all)

    def announce(self, answers=None):
        text = json.dumps({"id": self.own_id, "model": "SHPLG-S", "mac": self.mac, "ip": self.host.address,
                           "new_fw": False, "fw_ver": "20230913-113421/v1.14.0-gcb84623"})
        self.publish("shellies/announce", text, answers=answers)
        self.publish(self.base + "announce", text, answers=answers)

    def tell(self, leaf, text, said=(), answers=None):
        self.publish(self.base + leaf, text, said, retain=self.retain, answers=answers)

    def tell_relay(self, answers=None):
        self.tell("relay/0", "on" if self.relays["relay:0"] else "off", [self.state("relay:0")], answers)

    def tell_power(self, answers=None):
        self.meter.reading()
        watt = number(self.meter.watt, 2)
        self.tell("relay/0/power", watt, [self.measured("relay:0", power_w=watt)], answers)

    def tell_energy(self, answers=None):
        self.meter.advance()
        minutes = "%d" % (self.meter.total_wh * 60)
        self.tell("relay/0/energy", minutes, [self.energy(watt_hours(minutes, WATT_MINUTE), "total", "relay:0")],
                  answers)

    def tell_all(self, answers=None):
        self.tell_relay(answers)
        self.tell_power(answers)
        self.tell_energy(answers)
        celsius, fahrenheit = celsius_and_fahrenheit(self.random.uniform(24, 31))
        self.tell("temperature", celsius, answers=answers)
        self.tell("temperature_f", fahrenheit, answers=answers)
        self.tell("overtemperature", "0", answers=answers)

    def info(self):
        self.meter.reading()
        on, now = self.relays["relay:0"], int(time.time())
        watt, minutes = number(self.meter.watt, 2), "%d" % (self.meter.total_wh * 60)
        said = [self.state("relay:0"), self.measured("relay:0", power_w=watt),
                self.energy(watt_hours(minutes, WATT_MINUTE), "total", "relay:0")]
        said += [self.energy(watt_hours(m, WATT_MINUTE), "minute", "relay:0") for m in self.minutes]
        celsius, fahrenheit = celsius_and_fahrenheit(27.3)
        text = ('{"wifi_sta":{"connected":true,"ssid":"lab-net","ip":"%s","rssi":%d},'
                '"cloud":{"enabled":false,"connected":false},"mqtt":{"connected":true},"time":"%s",'
                '"unixtime":%d,"serial":%d,"has_update":false,"mac":"%s","cfg_changed_cnt":0,'
                '"actions_stats":{"skipped":0},"relays":[{"ison":%s,"has_timer":false,"timer_started":0,'
                '"timer_duration":0,"timer_remaining":0,"overpower":false,"source":"%s"}],'
                '"meters":[{"power":%s,"overpower":0.00,"is_valid":true,"timestamp":%d,"counters":[%s],'
                '"total":%s}],"temperature":%s,"overtemperature":false,"tmp":{"tC":%s,"tF":%s,'
                '"is_valid":true},"update":{"status":"unknown","has_update":false,"new_version":"",'
                '"old_version":"20230913-113421/v1.14.0-gcb84623"},"ram_total":52064,"ram_free":38748,'
                '"fs_size":233681,"fs_free":165660,"uptime":%d}') % (
                    self.host.address, self.random.randint(-70, -50),
                    time.strftime("%H:%M", time.gmtime(now + 3600)), now, self.session, self.mac,
                    "true" if on else "false", self.source, watt, now + 3600, ", ".join(self.minutes), minutes,
                    celsius, celsius, fahrenheit, int((time.time_ns() - self.booted) / 1e9))
        self.publish(self.base + "info", text, said, retain=self.retain)

    def on_received(self, topic, payload, answers, retained):
        if topic == self.base + "relay/0/command":
            self.after(self.random.uniform(0.004, 0.02), lambda: self.obey(payload, answers))
        elif payload == "announce":
            self.announce(answers)
        elif payload == "update":
            self.tell_all(answers)

    def obey(self, payload, answers):
        on = self.relays["relay:0"]
        wanted = {"on": True, "off": False, "toggle": not on}.get(payload)
        if wanted is None:
            return
        self.turn(wanted, "mqtt", "command", answers)

    def turn(self, on, source, why, answers=None):
        moved = self.set_relay("relay:0", on, why, answers)
        if moved:
            self.source = source
        self.tell_relay(answers)
        if moved:
            self.after(self.random.uniform(0.2, 0.5), self.tell_power)

    def do_button(self, channel=None):
        self.turn(not self.relays["relay:0"], "button", "button")

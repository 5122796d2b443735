# SPDX-License-Identifier: Apache-2.0
"""A plug with Tasmota 13, as its source says it behaves (xdrv_02_9_mqtt.ino, xdrv_03_energy.ino,
xdrv_12_discovery.ino, support_tasmota.ino).

At every connection: LWT Online (retained), an empty cmnd POWER, the subscriptions. At the first one after a
start also INFO1..3 and the state of every relay; discovery follows some seconds later, telemetry after that.
A command, also one for the state already held, is answered with RESULT and then POWER. Intervals are
shortened; the order of things and the texts are not."""

import json
import time
from datetime import datetime, timedelta, timezone

from .plug import Meter, Plug, number, watt_hours


class Tasmota(Plug):
    def __init__(self, name, host, broker_address, seed, topic=None, relays=1, full_topic="%prefix%/%topic%/",
                 watts=None, power_factor=1.0, power_delta=False, power_retain=False, tele_period=2.5,
                 keep_alive=20, login=None, module="Gosund SP111 v2", clock_error=0.0,
                 boot_count=41):
        self.mac = host.mac.replace(":", "").upper()
        self.short = self.mac[6:]
        super().__init__(name, host, broker_address, seed, "DVES_" + self.short)
        self.device = "mac:" + host.mac
        self.topic_name = topic or "tasmota_" + self.short
        self.relay_count, self.full_topic, self.watts = relays, full_topic, watts
        self.power_factor, self.power_delta, self.power_retain = power_factor, power_delta, power_retain
        self.tele_period, self.keep_alive, self.login = tele_period, keep_alive, login
        self.module, self.clock_error, self.boot_count = module, clock_error, boot_count

    # ---- names

    def channels(self):
        return [str(n + 1) for n in range(self.relay_count)]

    def where(self, prefix, leaf, topic=None):
        whole = self.full_topic.replace("%prefix%", prefix).replace("%topic%", topic or self.topic_name)
        return whole + leaf

    def power_word(self, channel):
        return "POWER" if self.relay_count == 1 else "POWER" + channel

    def command(self, channel, wanted, random):
        """Topic, payload and statement of a command, in one of the spellings that the firmware takes."""
        words = {"on": ("ON", "on", "1"), "off": ("OFF", "off", "0"), "toggle": ("TOGGLE", "2")}[wanted]
        leaves = [self.power_word(channel)]
        if channel == "1":
            leaves += ["POWER"] if self.relay_count > 1 else ["POWER1", "Power"]
        return (self.where("cmnd", random.choice(leaves)), random.choice(words), [self.ask(channel, wanted)])

    @staticmethod
    def group_command(wanted, group="tasmotas"):
        return ("cmnd/%s/POWER" % group, wanted.upper(),
                [{"kind": "power.command", "device": "tasmota:" + group, "group": True, "channel": "*",
                  "data": {"state": wanted}}])

    def query(self, random):
        return random.choice([(self.where("cmnd", "STATUS"), random.choice(["8", "10", "11", "5"])),
                              (self.where("cmnd", "POWER"), "")])

    # ---- life

    def prepare(self, client):
        client.will_set(self.where("tele", "LWT"), "Offline", qos=1, retain=True)
        if self.login:
            client.username_pw_set(*self.login)

    def begin(self):
        self.meter = Meter(self.random, self.watts or 0.0, self.power_factor,
                           self.random.uniform(900, 80000))
        self.period_wh = self.meter.total_wh
        self.mqtt_count = 0
        super().begin()

    def relay_moved(self, channel, on):
        self.meter.switch(on)

    def on_online(self, first):
        self.mqtt_count += 1
        self.publish(self.where("tele", "LWT"), "Online", retain=True)
        self.publish(self.where("cmnd", "POWER"), "")
        self.subscribe(self.where("cmnd", "#"))
        self.subscribe(self.where("cmnd", "#", "tasmotas"), "cmnd/%s_fb/#" % self.client_id)
        if first:
            self.introduce()
            for channel in self.relays:
                self.tell_power(channel)
            self.after(self.random.uniform(0.25, 0.5), self.discover)
            self.every(self.tele_period, self.telemetry, first=self.random.uniform(0.6, 1.4))

    def introduce(self):
        self.publish(self.where("tele", "INFO1"), json.dumps({"Info1": {
            "Module": self.module, "Version": "13.4.0(tasmota)",
            "FallbackTopic": "cmnd/%s_fb/" % self.client_id,
            "GroupTopic": self.where("cmnd", "", "tasmotas")}}, separators=(",", ":")))
        self.publish(self.where("tele", "INFO2"), json.dumps({"Info2": {
            "WebServerMode": "Admin", "Hostname": self.host_name(), "IPAddress": self.host.address}},
            separators=(",", ":")))
        self.publish(self.where("tele", "INFO3"), json.dumps({"Info3": {
            "RestartReason": "Power On", "BootCount": self.boot_count}}, separators=(",", ":")),
            [{"kind": "device.boot", "device": self.device, "channel": None, "data": {}}])

    def host_name(self):
        return "%s-%04d" % (self.topic_name, int(self.mac[8:], 16) & 0x1FFF)

    def discover(self):
        eight = lambda values, rest: values + [rest] * (8 - len(values))
        place = "tasmota/discovery/%s/" % self.mac
        self.publish(place + "config", json.dumps({
            "ip": self.host.address, "dn": self.name.capitalize(),
            "fn": eight([self.name.capitalize() + ("" if self.relay_count == 1 else " " + c)
                         for c in self.channels()], None),
            "hn": self.host_name(), "mac": self.mac, "md": self.module, "ty": 0, "if": 0, "cam": 0,
            "ofln": "Offline", "onln": "Online", "state": ["OFF", "ON", "TOGGLE", "HOLD"], "sw": "13.4.0",
            "t": self.topic_name, "ft": self.full_topic, "tp": ["cmnd", "stat", "tele"],
            "rl": eight([1] * self.relay_count, 0), "swc": [-1] * 8, "swn": [None] * 8, "btn": [0] * 8,
            "so": {"4": 0, "11": 0, "13": 0, "17": 0, "20": 0, "30": 0, "68": 0, "73": 0, "82": 0, "114": 0,
                   "117": 0},
            "lk": 1, "lt_st": 0, "bat": 0, "dslp": 0, "sho": [], "sht": [], "ver": 1},
            separators=(",", ":")), retain=True)
        energy, said = self.energy_text() if self.watts else ("", [])
        self.publish(place + "sensors", '{"sn":{"Time":"%s"%s},"ver":1}' % (self.now(), energy), said, retain=True)

    # ---- what it says

    def now(self):
        """Its own clock: local time without a zone, an hour ahead of UTC, and in error by some seconds."""
        local = datetime.now(timezone.utc) + timedelta(hours=1, seconds=self.clock_error)
        return local.strftime("%Y-%m-%dT%H:%M:%S")

    def tell_power(self, channel, answers=None):
        word, text = self.power_word(channel), "ON" if self.relays[channel] else "OFF"
        said = [self.state(channel)]
        self.publish(self.where("stat", "RESULT"), '{"%s":"%s"}' % (word, text), said, answers=answers)
        self.publish(self.where("stat", word), text, said, answers=answers, retain=self.power_retain)

    def state_text(self):
        up = int((time.time_ns() - self.booted) / 1e9)
        power = "".join(',"%s":"%s"' % (self.power_word(c), "ON" if on else "OFF")
                        for c, on in self.relays.items())
        text = ('{"Time":"%s","Uptime":"0T%02d:%02d:%02d","UptimeSec":%d,"Heap":25,"SleepMode":"Dynamic",'
                '"Sleep":50,"LoadAvg":19,"MqttCount":%d%s,"Wifi":{"AP":1,"SSId":"lab-net",'
                '"BSSId":"02:57:54:00:00:01","Channel":6,"Mode":"11n","RSSI":%d,"Signal":%d,"LinkCount":1,'
                '"Downtime":"0T00:00:03"}}') % (
                    self.now(), up // 3600, up // 60 % 60, up % 60, up, self.mqtt_count, power,
                    self.random.randint(60, 90), self.random.randint(-70, -55))
        return text, [self.state(c) for c in self.relays]

    def energy_text(self, period=False):
        m = self.meter
        m.reading()
        watt, voltampere, var = "%.0f" % m.watt, "%.0f" % m.voltampere, "%.0f" % m.var
        factor, volt, ampere = number(m.factor, 2), "%.0f" % m.volt, number(m.ampere, 3)
        total, yesterday, today = (number(v / 1000, 3) for v in (m.total_wh, m.yesterday_wh, m.today_wh))
        said = [self.measured(power_w=watt, apparent_va=voltampere, reactive_var=var, power_factor=factor,
                              voltage_v=volt, current_a=ampere),
                self.energy(watt_hours(total, 1000), "total"),
                self.energy(watt_hours(yesterday, 1000), "yesterday"),
                self.energy(watt_hours(today, 1000), "today")]
        since = ""
        if period:
            wh = "%.0f" % (m.total_wh - self.period_wh)
            self.period_wh = m.total_wh
            since = '"Period":%s,' % wh
            said.append(self.energy(watt_hours(wh), "period"))
        text = (',"ENERGY":{"TotalStartTime":"2025-03-01T12:00:00","Total":%s,"Yesterday":%s,"Today":%s,%s'
                '"Power":%s,"ApparentPower":%s,"ReactivePower":%s,"Factor":%s,"Voltage":%s,"Current":%s}') % (
                    total, yesterday, today, since, watt, voltampere, var, factor, volt, ampere)
        return text, said

    def telemetry(self):
        text, said = self.state_text()
        self.publish(self.where("tele", "STATE"), text, said)
        if self.watts:
            self.sensor(period=True)

    def sensor(self, period=False):
        energy, said = self.energy_text(period)
        self.publish(self.where("tele", "SENSOR"), '{"Time":"%s"%s}' % (self.now(), energy), said)

    def margin(self):
        """EnergyMarginCheck: the change in watts, followed at once by an extra SENSOR without Period."""
        before = self.meter.watt
        self.meter.reading()
        self.publish(self.where("tele", "MARGINS"),
                     '{"MARGINS":{"PowerDelta":%.0f}}' % (self.meter.watt - before))
        self.sensor()

    # ---- what it does

    def on_received(self, topic, payload, answers, retained):
        for base in (self.where("cmnd", ""), self.where("cmnd", "", "tasmotas"), "cmnd/%s_fb/" % self.client_id):
            if topic.startswith(base):
                word = topic[len(base):].upper()
                self.after(self.random.uniform(0.004, 0.02), lambda: self.obey(word, payload, answers))
                return

    def obey(self, word, payload, answers):
        if word.startswith("POWER"):
            channel = word[5:] or "1"
            if channel not in self.relays:
                return
            wanted = {"ON": True, "1": True, "OFF": False, "0": False,
                      "TOGGLE": not self.relays[channel], "2": not self.relays[channel]}.get(payload.upper())
            if wanted is not None:
                self.turn(channel, wanted, "command", answers)
            self.tell_power(channel, answers)
        elif word == "STATUS":
            self.status(payload, answers)

    def turn(self, channel, on, why, answers=None):
        if self.set_relay(channel, on, why, answers) and self.watts and self.power_delta:
            self.after(self.random.uniform(0.2, 0.5), self.margin)

    def status(self, which, answers):
        if which in ("8", "10") and self.watts:
            energy, said = self.energy_text()
            text = '{"StatusSNS":{"Time":"%s"%s}}' % (self.now(), energy)
        elif which == "11":
            inner, said = self.state_text()
            text = '{"StatusSTS":%s}' % inner
        elif which == "5":
            said = []
            text = json.dumps({"StatusNET": {
                "Hostname": self.host_name(), "IPAddress": self.host.address, "Gateway": "192.168.7.1",
                "Subnetmask": "255.255.255.0", "DNSServer1": "192.168.7.1", "DNSServer2": "0.0.0.0",
                "Mac": self.host.mac.upper(), "Webserver": 2, "HTTP_API": 1, "WifiConfig": 4,
                "WifiPower": 17.0}}, separators=(",", ":"))
        else:
            return
        self.publish(self.where("stat", "STATUS" + which), text, said, answers=answers)

    def do_button(self, channel="1"):
        self.turn(channel, not self.relays[channel], "button")
        self.tell_power(channel)

# SPDX-License-Identifier: Apache-2.0
"""A metering plug with OpenBeken, as src/mqtt/new_mqtt.c and docs/mqttTopics.md say: <name>/connected online
(retained), subscriptions to <name>/+/set, cmnd/<name>/+ and <name>/+/get, so that the broker sends it its own
.../get publications back; channels as <name>/<index>/get 1 or 0; readings each under a topic of its own. What a
channel is and what unit a counter has, only its Home Assistant discovery says (src/httpserver/hass.c): it is sent
first here, as with scheduleHADiscovery in the start-up command. cmnd/<name>/POWER names no channel by number. The slow broadcast of the whole state (one item at a time) is flag 2, the one at connection flag 10."""

import json

from .plug import Meter, Plug, number, watt_hours


class OpenBeken(Plug):
    def __init__(self, name, host, broker_address, seed, watts=40.0, keep_alive=20):
        self.mac = host.mac.replace(":", "").upper()
        self.own_name = "obk" + self.mac[4:]
        super().__init__(name, host, broker_address, seed, self.own_name)
        self.device = "mac:" + host.mac
        self.watts, self.keep_alive = watts, keep_alive

    def channels(self):
        return ["1"]

    def command(self, channel, wanted, random):
        word = {"on": "1", "off": "0", "toggle": "toggle"}[wanted]
        if random.random() < 0.3:
            return ("cmnd/%s/POWER" % self.own_name, wanted.upper(), [self.ask("POWER", wanted)])
        return ("%s/1/set" % self.own_name, word, [self.ask("1", wanted)])

    def query(self, random):
        return ("%s/1/get" % self.own_name, "")

    def prepare(self, client):
        client.will_set(self.own_name + "/connected", "offline", qos=1, retain=True)

    def begin(self):
        self.meter = Meter(self.random, self.watts, 0.62, self.random.uniform(500, 5000))
        self.said = {}
        super().begin()

    def relay_moved(self, channel, on):
        self.meter.switch(on)

    def on_online(self, first):
        self.publish(self.own_name + "/connected", "online", qos=2, retain=True)
        self.subscribe(self.own_name + "/+/set", "bekens/+/set", "cmnd/%s/+" % self.own_name, "cmnd/bekens/+",
                       self.own_name + "/+/get", qos=1)
        self.announce()
        self.after(0.15, self.broadcast)
        if first:
            self.every(2.1, self.measure, first=0.7)

    def announce(self):
        """homeassistant/<component>/<chip>_<name>_<kind>_<n>/config, retained."""
        device = {"ids": [self.own_name], "name": "Beken plug", "sw": "1.17.476", "mf": "Beken Corporation",
                  "mdl": "BK7231T"}
        common = {"dev": device, "~": self.own_name, "avty_t": "~/connected"}
        self.publish("homeassistant/switch/OpenBK7231T_%s_relay_1/config" % self.mac, json.dumps(
            {**common, "name": "Relay 1", "uniq_id": "OpenBK7231T_%s_relay_1" % self.mac, "pl_on": "1",
             "pl_off": "0", "stat_t": "~/1/get", "cmd_t": "~/1/set"}, separators=(",", ":")), retain=True)
        self.publish("homeassistant/sensor/OpenBK7231T_%s_sensor_3/config" % self.mac, json.dumps(
            {**common, "name": "Energy Total", "uniq_id": "OpenBK7231T_%s_sensor_3" % self.mac,
             "dev_cla": "energy", "unit_of_meas": "Wh", "stat_cla": "total_increasing",
             "stat_t": "~/energycounter/get"}, separators=(",", ":")), retain=True)

    def broadcast(self):
        for leaf, text in (("mac", self.host.mac.upper()), ("ip", self.host.address), ("host", self.own_name),
                           ("build", "Build on Feb 28 2024 12:00:00 version 1.17.476"), ("ssid", "lab-net"),
                           ("rssi", "%d" % self.random.randint(-70, -50)), ("sockets", "3"),
                           ("freeheap", "78640")):
            self.publish("%s/%s" % (self.own_name, leaf), text)
        self.tell_channel()

    def tell_channel(self, answers=None):
        self.publish("%s/1/get" % self.own_name, "1" if self.relays["1"] else "0", [self.state("1")],
                     answers=answers)

    def measure(self):
        """drv_bl_shared.c: a value is sent when it moved enough or has not been sent for long."""
        m = self.meter
        m.reading()
        values = (("voltage", m.volt, 1, "voltage_v", 0.25), ("current", m.ampere, 3, "current_a", 0.002),
                  ("power", m.watt, 2, "power_w", 0.25), ("power_apparent", m.voltampere, 2, "apparent_va", 0.25),
                  ("power_reactive", m.var, 2, "reactive_var", 0.25),
                  ("power_factor", m.factor, 2, "power_factor", 0.05))
        for leaf, value, digits, field, threshold in values:
            if abs(value - self.said.get(leaf, -9)) >= threshold:
                self.said[leaf] = value
                text = number(value, digits)
                self.publish("%s/%s/get" % (self.own_name, leaf), text, [self.measured(**{field: text})])
        for leaf, value, scope in (("energycounter", m.total_wh, "total"),
                                   ("energycounter_yesterday", m.yesterday_wh, "yesterday"),
                                   ("energycounter_today", m.today_wh, "today")):
            text = number(value, 3)
            if self.said.get(leaf) != text:
                self.said[leaf] = text
                self.publish("%s/%s/get" % (self.own_name, leaf), text, [self.energy(watt_hours(text), scope)])

    def on_received(self, topic, payload, answers, retained):
        words = topic.split("/")
        if topic == self.own_name + "/1/get" and payload:
            return  # its own word, sent back
        self.after(self.random.uniform(0.004, 0.02), lambda: self.obey(words, payload, answers))

    def obey(self, words, payload, answers):
        if words[-2:] == ["1", "get"]:
            self.tell_channel(answers)
        elif words[-2:] == ["1", "set"] or words[-1] == "POWER":
            on = self.relays["1"]
            wanted = {"1": True, "ON": True, "0": False, "OFF": False, "TOGGLE": not on}.get(payload.upper())
            if wanted is not None:
                self.turn(wanted, "command", answers)

    def turn(self, on, why, answers=None):
        if self.set_relay("1", on, why, answers):
            self.tell_channel(answers)

    def do_button(self, channel=None):
        self.turn(not self.relays["1"], "button")

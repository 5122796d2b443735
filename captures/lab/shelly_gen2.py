# SPDX-License-Identifier: Apache-2.0
"""A Shelly Plus Plug S (second generation), after the vendor's API documentation: JSON-RPC on <id>/rpc with
answers to <src>/rpc, notifications with the changes alone on <id>/events/rpc, the whole status of a component
on <id>/status/<component>, plain control on <id>/command/switch:0. It publishes with QoS 1. `source` names
what moved the relay and stands in a notification only when the output changed."""

import json
import time

from .plug import Meter, Plug, number, watt_hours


class ShellyGen2(Plug):
    def __init__(self, name, host, broker_address, seed, watts=75.0, keep_alive=20):
        self.mac = host.mac.replace(":", "")
        self.own_id = "shellyplusplugs-" + self.mac
        super().__init__(name, host, broker_address, seed, self.own_id)
        self.device = "mac:" + host.mac
        self.watts, self.keep_alive = watts, keep_alive

    def channels(self):
        return ["switch:0"]

    # ---- what controllers send

    def command(self, channel, wanted, random):
        if random.random() < 0.4:
            return (self.own_id + "/command/switch:0", wanted, [self.ask(channel, wanted)])
        return self.rpc(random, "Switch.Toggle" if wanted == "toggle" else "Switch.Set",
                        {"id": 0} if wanted == "toggle" else {"id": 0, "on": wanted == "on"},
                        [self.ask(channel, wanted)])

    def timer_command(self, random, seconds):
        return self.rpc(random, "Switch.Set", {"id": 0, "on": True, "toggle_after": seconds},
                        [self.ask("switch:0", "on")])

    def query(self, random):
        if random.random() < 0.3:
            return (self.own_id + "/command", "status_update")
        return self.rpc(random, random.choice(["Switch.GetStatus", "Shelly.GetDeviceInfo"]), {"id": 0}, [])

    def rpc(self, random, method, params, statements):
        request = {"id": random.randint(1, 9999), "src": "user_" + random.choice(["hub", "flow"]),
                   "method": method, "params": params}
        found = (self.own_id + "/rpc", json.dumps(request))
        return found + (statements,) if statements else found

    # ---- life

    def prepare(self, client):
        client.will_set(self.own_id + "/online", "false", qos=0, retain=True)

    def begin(self):
        self.meter = Meter(self.random, self.watts, 0.95, 4321.0)
        self.source = "init"
        self.minutes = [self.random.uniform(0, 900) for _ in range(3)]
        self.minute, self.minute_wh = int(time.time() // 60), self.meter.total_wh
        self.timer, self.turns = None, 0
        super().begin()

    def relay_moved(self, channel, on):
        self.meter.switch(on)

    def on_online(self, first):
        self.publish(self.own_id + "/online", "true", retain=True, qos=1)
        self.subscribe(self.own_id + "/rpc", self.own_id + "/command", self.own_id + "/command/+", qos=1)
        self.tell_wifi()
        self.tell_whole()
        if first:
            self.every(3.1, self.tell_energy)

    def roll_minute(self):
        self.meter.advance()
        minute = int(time.time() // 60)
        if minute != self.minute:
            self.minutes = [(self.meter.total_wh - self.minute_wh) * 1000] + self.minutes[:2]
            self.minute, self.minute_wh = minute, self.meter.total_wh

    def energy_text(self):
        self.roll_minute()
        total, minutes = number(self.meter.total_wh, 3), [number(m, 3) for m in self.minutes]
        text = '"aenergy":{"total":%s,"by_minute":[%s],"minute_ts":%d}' % (
            total, ",".join(minutes), self.minute * 60)
        said = [self.energy(watt_hours(total), "total", "switch:0")]
        said += [self.energy(watt_hours(m, "0.001"), "minute", "switch:0") for m in minutes]
        return text, said

    def power_text(self, fields=("apower", "voltage", "current")):
        self.meter.reading()
        values = {"apower": number(self.meter.watt, 1), "voltage": number(self.meter.volt, 1),
                  "current": number(self.meter.ampere, 3)}
        names = {"apower": "power_w", "voltage": "voltage_v", "current": "current_a"}
        text = ",".join('"%s":%s' % (name, values[name]) for name in fields)
        return text, [self.measured("switch:0", **{names[name]: values[name] for name in fields})]

    def whole(self):
        power, measured = self.power_text()
        energy, counted = self.energy_text()
        celsius, fahrenheit = (number(v, 1) for v in (31.2, 88.2))
        timer = ""
        if self.timer:
            timer = '"timer_started_at":%.2f,"timer_duration":%.2f,' % self.timer
        text = '{"id":0,"source":"%s","output":%s,%s%s,%s,"temperature":{"tC":%s,"tF":%s}}' % (
            self.source, "true" if self.relays["switch:0"] else "false", timer, power, energy, celsius,
            fahrenheit)
        return text, [self.state("switch:0")] + measured + counted

    def tell_whole(self, answers=None):
        text, said = self.whole()
        self.publish(self.own_id + "/status/switch:0", text, said, qos=1, answers=answers)

    def tell_wifi(self):
        self.publish(self.own_id + "/status/wifi", json.dumps({
            "sta_ip": self.host.address, "status": "got ip", "ssid": "lab-net", "rssi": -58}), qos=1)

    def notify(self, inner, said, answers=None):
        text = '{"src":"%s","dst":"%s/events","method":"NotifyStatus","params":{"ts":%.2f,"switch:0":{"id":0,%s}}}' % (
            self.own_id, self.own_id, time.time(), inner)
        self.publish(self.own_id + "/events/rpc", text, said, qos=1, answers=answers)

    def tell_energy(self):
        text, said = self.energy_text()
        self.notify(text, said)

    def tell_power(self):
        fields = ("apower", "current") if self.random.random() < 0.5 else ("apower", "voltage", "current")
        text, said = self.power_text(fields)
        self.notify(text, said)
        self.tell_whole()

    # ---- what it does

    def on_received(self, topic, payload, answers, retained):
        act = {self.own_id + "/rpc": self.obey_rpc, self.own_id + "/command": self.obey_plain,
               self.own_id + "/command/switch:0": self.obey_switch}.get(topic)
        if act:
            self.after(self.random.uniform(0.003, 0.015), lambda: act(payload, answers))

    def obey_plain(self, payload, answers):
        if payload == "status_update":
            self.tell_wifi()
            self.tell_whole(answers)

    def obey_switch(self, payload, answers):
        wanted = {"on": True, "off": False, "toggle": not self.relays["switch:0"]}.get(payload)
        if wanted is not None:
            self.turn(wanted, "MQTT", "command", answers)

    def obey_rpc(self, payload, answers):
        request = json.loads(payload)
        method, params = request["method"], request.get("params", {})
        was_on = self.relays["switch:0"]
        said, after = [], None
        if method in ("Switch.Set", "Switch.Toggle"):
            wanted = not was_on if method == "Switch.Toggle" else params["on"]
            said = [self.state("switch:0", was_on, past=True)]
            result = '{"was_on":%s}' % ("true" if was_on else "false")
            after = lambda: self.turn(wanted, "MQTT", "command", answers, params.get("toggle_after"))
        elif method == "Switch.GetStatus":
            result, said = self.whole()
        elif method == "Shelly.GetDeviceInfo":
            result = json.dumps({"name": None, "id": self.own_id, "mac": self.mac.upper(), "slot": 0,
                                 "model": "SNPL-00112EU", "gen": 2, "fw_id": "20231219-134003/1.1.0-g34b5d4f",
                                 "ver": "1.1.0", "app": "PlusPlugS", "auth_en": False, "auth_domain": None})
        else:
            return
        self.publish(request["src"] + "/rpc", '{"id":%d,"src":"%s","dst":"%s","result":%s}' % (
            request["id"], self.own_id, request["src"], result), said, qos=1, answers=answers)
        if after:
            after()

    def turn(self, on, source, why, answers=None, toggle_after=None):
        self.turns += 1
        self.timer = (time.time(), float(toggle_after)) if toggle_after else None
        if toggle_after:
            mine = self.turns
            self.after(toggle_after, lambda: self.expire(not on, mine))
        if not self.set_relay("switch:0", on, why, answers):
            return
        self.source = source
        inner = '"output":%s,"source":"%s"' % ("true" if on else "false", source)
        if self.timer:
            inner += ',"timer_started_at":%.2f,"timer_duration":%.2f' % self.timer
        self.notify(inner, [self.state("switch:0")], answers)
        self.tell_whole(answers)
        self.after(self.random.uniform(0.2, 0.5), self.tell_power)

    def expire(self, on, turn):
        if turn == self.turns:  # a later command or button ends the timer
            self.turn(on, "timer", "timer")

    def do_button(self, channel=None):
        self.turn(not self.relays["switch:0"], "button", "button")

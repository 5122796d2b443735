# SPDX-License-Identifier: Apache-2.0
"""A Zigbee2MQTT bridge with plugs behind it, after its documentation and lib/mqtt.ts, lib/extension/publish.ts.

The bridge subscribes to its whole base topic, so the broker sends it its own publications back. Every
message about a device repeats all that the bridge knows of it. `state` follows a /set at once; what the plug
then measures follows in a message of its own. A device without `retain` is forgotten by the broker."""

import json
from datetime import datetime, timezone

from .plug import Meter, Plug, number, watt_hours


def now_text():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ZigbeePlug:
    """A plug on the Zigbee side. `units` are those of its definition: most are W, A, V and kWh, a few devices
    publish mA or Wh, and the exposes in bridge/devices say so."""

    def __init__(self, friendly_name, ieee, model, vendor, endpoints=("",), units=None, watts=0.0, retain=False,
                 frequency=False, qos=0):
        self.friendly_name, self.ieee, self.model, self.vendor = friendly_name, ieee, model, vendor
        self.endpoints, self.units, self.watts, self.retain = endpoints, units, watts, retain
        self.frequency, self.qos = frequency, qos
        self.device = "zigbee:" + ieee

    def key(self, endpoint):
        return "state_" + endpoint if endpoint else "state"

    def exposes(self):
        out = []
        for endpoint in self.endpoints:
            feature = {"type": "binary", "name": "state", "property": self.key(endpoint), "access": 7,
                       "value_on": "ON", "value_off": "OFF", "value_toggle": "TOGGLE",
                       "label": "State", "description": "On/off state of the switch"}
            switch = {"type": "switch", "features": [feature]}
            if endpoint:
                feature["endpoint"] = switch["endpoint"] = endpoint
            out.append(switch)
        units = dict(self.units or {})
        if self.frequency:
            units["ac_frequency"] = "Hz"
        for name, unit in units.items():
            out.append({"type": "numeric", "name": name, "property": name, "label": name.capitalize(),
                        "unit": unit, "access": 5, "description": "Measured " + name.replace("_", " ")})
        out.append({"type": "numeric", "name": "linkquality", "property": "linkquality", "unit": "lqi",
                    "access": 1, "value_min": 0, "value_max": 255, "label": "Linkquality",
                    "description": "Link quality (signal strength)"})
        return out

    def entry(self, network_address):
        return {"ieee_address": self.ieee, "type": "Router", "network_address": network_address,
                "supported": True, "friendly_name": self.friendly_name, "disabled": False,
                "definition": {"model": self.model, "vendor": self.vendor, "description": "Smart plug",
                               "exposes": self.exposes(), "supports_ota": False, "options": []},
                "power_source": "Mains (single phase)", "model_id": self.model, "manufacturer": self.vendor,
                "interview_completed": True, "interviewing": False}


class Zigbee2Mqtt(Plug):
    def __init__(self, name, host, broker_address, seed, plugs, base="zigbee2mqtt", keep_alive=20,
                 version=None):
        super().__init__(name, host, broker_address, seed, "mqttjs_" + host.mac.replace(":", "")[4:])
        self.base, self.keep_alive = base + "/", keep_alive
        self.version = version or self.version
        self.plugs = {plug.friendly_name: plug for plug in plugs}

    def channels(self):
        return [(plug.friendly_name, endpoint) for plug in self.plugs.values() for endpoint in plug.endpoints]

    def channel_name(self, channel):
        return channel[1] or None

    def state(self, channel, on=None, device=None, past=False):
        return super().state(channel, on, self.plugs[channel[0]].device, past)

    # ---- what controllers send

    def command(self, channel, wanted, random):
        plug = self.plugs[channel[0]]
        said = [self.ask(channel, wanted, plug.device)]
        if random.random() < 0.3:
            return (self.base + plug.friendly_name + "/set/" + plug.key(channel[1]), wanted.upper(), said)
        return (self.base + plug.friendly_name + "/set",
                json.dumps({plug.key(channel[1]): wanted.upper()}), said)

    def query(self, random):
        plug = random.choice(list(self.plugs.values()))
        return (self.base + plug.friendly_name + "/get", json.dumps({plug.key(plug.endpoints[0]): ""}))

    # ---- life

    def prepare(self, client):
        client.will_set(self.base + "bridge/state", '{"state":"offline"}', qos=1, retain=True)

    def begin(self):
        self.meters = {p.friendly_name: Meter(self.random, p.watts, 0.9, self.random.uniform(200, 90000))
                       for p in self.plugs.values() if p.units}
        super().begin()

    def relay_moved(self, channel, on):
        if channel[0] in self.meters:
            self.meters[channel[0]].switch(on)

    def on_online(self, first):
        self.publish(self.base + "bridge/state", '{"state":"online"}', retain=True)
        self.subscribe(self.base + "#")
        if not first:
            return
        self.publish(self.base + "bridge/info", json.dumps({
            "version": "1.40.1", "commit": "unknown",
            "coordinator": {"ieee_address": "0x00124b0029000001", "type": "zStack3x0",
                            "meta": {"revision": 20230507, "transportrev": 2}},
            "network": {"channel": 15, "pan_id": 6754}, "log_level": "info", "permit_join": False,
            "config": {"mqtt": {"base_topic": self.base[:-1]}}}), retain=True)
        self.publish(self.base + "bridge/devices", json.dumps(
            [{"ieee_address": "0x00124b0029000001", "type": "Coordinator", "network_address": 0,
              "supported": True, "friendly_name": "Coordinator", "disabled": False, "definition": None,
              "interview_completed": True, "interviewing": False}]
            + [plug.entry(4660 + 7 * n) for n, plug in enumerate(self.plugs.values())]), retain=True)
        self.publish(self.base + "bridge/groups", "[]", retain=True)
        for plug in self.plugs.values():  # cache_state_send_on_startup
            self.publish(self.base + plug.friendly_name + "/availability", '{"state":"online"}', retain=True,
                         qos=1)
            self.tell(plug.friendly_name)
        for number_of, name in enumerate(self.meters):
            self.every(3.3 + 0.4 * number_of, lambda name=name: self.tell(name, measure=True))

    def tell(self, name, answers=None, measure=False):
        plug, meter = self.plugs[name], self.meters.get(name)
        if meter and measure:
            meter.reading()
        channels = [c for c in self.channels() if c[0] == name]
        values = [(plug.key(c[1]), '"%s"' % ("ON" if self.relays[c] else "OFF")) for c in channels]
        said = [self.state(c) for c in channels]
        if meter:
            found, measured = self.measured_values(plug, meter)
            values += found
            said += measured
        values += [("linkquality", "%d" % self.random.randint(60, 200)),
                   ("last_seen", '"%s"' % now_text())]
        self.publish(self.base + name, "{" + ",".join('"%s":%s' % pair for pair in values) + "}", said,
                     qos=plug.qos, retain=plug.retain, answers=answers)

    def measured_values(self, plug, meter):
        current = number(meter.ampere, 2) if plug.units["current"] == "A" else "%d" % (meter.ampere * 1000)
        energy = (number(meter.total_wh / 1000, 2) if plug.units["energy"] == "kWh"
                  else "%d" % meter.total_wh)
        watt, volt = number(meter.watt, 1), "%.0f" % meter.volt
        values = [("power", watt), ("current", current), ("voltage", volt), ("energy", energy)]
        measured = {"power_w": watt, "voltage_v": volt,
                    "current_a": current if plug.units["current"] == "A" else number(int(current) / 1000, 3)}
        if plug.frequency:
            hertz = number(meter.hertz, 2)
            values.append(("ac_frequency", hertz))
            measured["frequency_hz"] = hertz
        return values, [self.measured(device=plug.device, **measured),
                        self.energy(watt_hours(energy, 1000 if plug.units["energy"] == "kWh" else 1), "total",
                                    device=plug.device)]

    # ---- what it does

    def on_received(self, topic, payload, answers, retained):
        words = topic[len(self.base):].split("/")
        if words[0] not in self.plugs or len(words) < 2:
            return
        plug = self.plugs[words[0]]
        wait = self.random.uniform(0.02, 0.09)  # the way over the radio and back
        if words[1] == "set":
            asked = {words[2]: payload} if len(words) == 3 else json.loads(payload)
            self.after(wait, lambda: self.obey(plug, asked, answers))
        elif words[1] == "get":
            self.after(wait, lambda: self.tell(plug.friendly_name, answers))

    def obey(self, plug, asked, answers):
        for endpoint in plug.endpoints:
            word = asked.get(plug.key(endpoint), "").upper()
            channel = (plug.friendly_name, endpoint)
            wanted = {"ON": True, "OFF": False, "TOGGLE": not self.relays[channel]}.get(word)
            if wanted is not None:
                self.turn(channel, wanted, "command", answers)

    def turn(self, channel, on, why, answers=None):
        moved = self.set_relay(channel, on, why, answers, self.plugs[channel[0]].device)
        self.tell(channel[0], answers)
        if moved and channel[0] in self.meters:
            self.after(self.random.uniform(0.3, 0.7), lambda: self.tell(channel[0], measure=True))

    def do_button(self, channel):
        self.turn(channel, not self.relays[channel], "button")

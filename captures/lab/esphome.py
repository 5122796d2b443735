# SPDX-License-Identifier: Apache-2.0
"""A plug with ESPHome over MQTT, as components/mqtt says (mqtt_component.cpp, mqtt_switch.cpp,
mqtt_sensor.cpp): at every connection the birth message, then for each entity its Home Assistant discovery and
its state, all retained; log lines on <node>/debug. Units stand in the discovery alone. A sensor without a
value publishes `nan`."""

import json

from .plug import Meter, Plug, number, watt_hours


class EspHome(Plug):
    def __init__(self, name, host, broker_address, seed, node="heater", watts=1500.0, switch="relay",
                 update_interval=2.7, keep_alive=15):
        self.mac = host.mac.replace(":", "")
        super().__init__(name, host, broker_address, seed, "%s-%s" % (node, self.mac))
        self.device = "mac:" + host.mac
        self.node, self.switch_id, self.watts = node, switch, watts
        self.update_interval, self.keep_alive = update_interval, keep_alive

    def channels(self):
        return [self.switch_id]

    def command(self, channel, wanted, random):
        return ("%s/switch/%s/command" % (self.node, self.switch_id),
                random.choice([wanted.upper(), wanted]), [self.ask(channel, wanted)])

    def query(self, random):
        return ("homeassistant/status", "online")  # what Home Assistant says at its start; no question

    # sensor: object id, device class, unit, decimals, field
    SENSORS = (("line_voltage", "voltage", "V", 1), ("heater_current", "current", "A", 3),
               ("heater_power", "power", "W", 1), ("heater_energy", "energy", "Wh", 1))

    def prepare(self, client):
        client.will_set(self.node + "/status", "offline", qos=0, retain=True)

    def begin(self):
        self.meter = Meter(self.random, self.watts, 1.0, 0.0)
        self.have_values = set()
        super().begin()

    def relay_moved(self, channel, on):
        self.meter.switch(on)

    def on_online(self, first):
        self.publish(self.node + "/status", "online", retain=True)
        self.subscribe("%s/switch/%s/command" % (self.node, self.switch_id))
        self.discover_switch()
        self.tell_switch()
        for sensor in self.SENSORS:
            self.discover_sensor(*sensor[:3])
            if sensor[0] in self.have_values:
                self.tell_sensor(sensor)
        if first:
            self.every(self.update_interval, self.update, first=0.9)

    def discovery(self, component, object_id, values):
        values["avty_t"] = self.node + "/status"
        values["uniq_id"] = "ESP%s%s" % (component, object_id)
        values["dev"] = {"ids": self.mac, "name": self.node, "sw": "2024.6.4 (config hash 0x4e1b22aa)",
                         "mdl": "esp01_1m", "mf": "Espressif", "cns": [["mac", self.mac]]}
        self.publish("homeassistant/%s/%s/%s/config" % (component, self.node, object_id),
                     json.dumps(values, separators=(",", ":")), retain=True)

    def discover_switch(self):
        place = "%s/switch/%s/" % (self.node, self.switch_id)
        self.discovery("switch", self.switch_id, {"name": self.switch_id.capitalize(),
                                                  "stat_t": place + "state", "cmd_t": place + "command"})

    def discover_sensor(self, object_id, kind, unit):
        self.discovery("sensor", object_id, {
            "dev_cla": kind, "unit_of_meas": unit,
            "stat_cla": "total_increasing" if kind == "energy" else "measurement",
            "name": object_id.replace("_", " ").capitalize(),
            "stat_t": "%s/sensor/%s/state" % (self.node, object_id)})

    def debug(self, text):
        self.publish(self.node + "/debug", "\x1b[0;36m" + text + "\x1b[0m")

    def tell_switch(self, answers=None):
        self.publish("%s/switch/%s/state" % (self.node, self.switch_id),
                     "ON" if self.relays[self.switch_id] else "OFF", [self.state(self.switch_id)], retain=True,
                     answers=answers)

    def tell_sensor(self, sensor):
        object_id, kind, unit, digits = sensor
        m = self.meter
        text = number({"voltage": m.volt, "current": m.ampere, "power": m.watt, "energy": m.total_wh}[kind],
                      digits)
        if object_id not in self.have_values and kind == "current":
            text = "nan"  # the first value of a filter that needs two
        self.have_values.add(object_id)
        said = []
        if text != "nan" and kind == "energy":
            said = [self.energy(watt_hours(text), "total")]
        elif text != "nan":
            said = [self.measured(**{{"voltage": "voltage_v", "current": "current_a", "power": "power_w"}[kind]:
                                     text})]
        self.publish("%s/sensor/%s/state" % (self.node, object_id), text, said, retain=True)

    def update(self):
        self.meter.reading()
        for sensor in self.SENSORS:
            self.debug("[D][sensor:093]: '%s': Sending state %.5f %s with %d decimals of accuracy" % (
                sensor[0].replace("_", " ").capitalize(),
                {"voltage": self.meter.volt, "current": self.meter.ampere, "power": self.meter.watt,
                 "energy": self.meter.total_wh}[sensor[1]], sensor[2], sensor[3]))
            self.tell_sensor(sensor)

    def on_received(self, topic, payload, answers, retained):
        if topic.endswith("/command"):
            self.after(self.random.uniform(0.003, 0.02), lambda: self.obey(payload.upper(), answers))

    def obey(self, payload, answers):
        on = self.relays[self.switch_id]
        wanted = {"ON": True, "OFF": False, "TOGGLE": not on}.get(payload)
        if wanted is not None:
            self.turn(wanted, "command", answers)

    def turn(self, on, why, answers=None):
        self.debug("[D][switch:%s]: '%s' Turning %s." % ("012" if on else "016", self.switch_id.capitalize(),
                                                         "ON" if on else "OFF"))
        if self.set_relay(self.switch_id, on, why, answers):
            # publish_state drops a repetition, so a command for the state already held is not answered
            self.debug("[D][switch:055]: '%s': Sending state %s" % (self.switch_id.capitalize(),
                                                                    "ON" if on else "OFF"))
            self.tell_switch(answers)

    def do_button(self, channel=None):
        self.turn(not self.relays[self.switch_id], "button")

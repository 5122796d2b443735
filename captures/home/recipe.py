#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A home with six families of plugs, two controllers, a broker that crashes and a plug that loses power.
README.md tells the story."""

import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from paho.mqtt.client import MQTTv5

from lab import lab as laboratory
from lab.controller import Controller
from lab.esphome import EspHome
from lab.openbeken import OpenBeken
from lab.shelly_gen1 import ShellyGen1
from lab.shelly_gen2 import ShellyGen2
from lab.tasmota import Tasmota
from lab.zigbee2mqtt import Zigbee2Mqtt, ZigbeePlug

EVERYTHING = ("stat/#", "tele/#", "lab/#", "tasmota/#", "shellies/#", "zigbee2mqtt/#", "homeassistant/#", "+/switch/#",
              "+/sensor/#", "+/status/#", "+/events/rpc", "+/online", "+/rpc", "+/+/get", "+/mac", "+/connected",
              "+/debug")
LAMP_MAC = "dc:4f:22:77:08:15"


class Home:
    def __init__(self, lab):
        self.lab, self.random = lab, lab.random
        make, host, pick = lab.make, lab.host, lab.random
        power = lambda: lab.random.choice([8, 42, 65, 120, 350, 900])
        error = lambda: lab.random.choice([0.0, -3.0, 2.0, 14.0])

        # Switched on before anybody listens: the capture sees these connections from their middle only.
        self.strip = make(Tasmota, "strip", host("strip", 22, "dc:4f:22:c0:ff:ee"), topic="strip", relays=2,
                          full_topic="lab/%topic%/%prefix%/", tele_period=3.3, module="Sonoff Dual",
                          clock_error=error(), power_retain=True)
        self.kinds = {
            "kettle": lambda: make(Tasmota, "kettle", host("kettle", 21, "dc:4f:22:1a:2b:3c"), topic="kettle",
                                   watts=2000, power_delta=True, tele_period=2.9, clock_error=error()),
            "lamp": lambda: self.new_lamp("lamp"),
            "shelly1": lambda: make(ShellyGen1, "shelly1", host("shelly1", 31, "40:22:d8:7a:b1:c2"),
                                    watts=power(), retain=pick.random() < 0.7),
            "shelly2": lambda: make(ShellyGen2, "shelly2", host("shelly2", 32, "80:64:6f:d0:5a:78"),
                                    watts=power()),
            "zigbee": lambda: make(Zigbee2Mqtt, "zigbee", host("zigbee", 41, "b8:27:eb:9e:41:07"), [
                ZigbeePlug("desk_plug", "0x00158d0001a2b3c4", "TS011F_plug_1", "TuYa",
                           units={"power": "W", "current": "A", "voltage": "V", "energy": "kWh"}, watts=power()),
                ZigbeePlug("hall socket", "0xa4c1380000c0ffee", "TS011F_2_gang_wall", "TuYa", ("l1", "l2")),
                ZigbeePlug("freezer", "0x84fd27fffe5d2a11", "lab-meter", "custom",
                           units={"power": "W", "current": "mA", "voltage": "V", "energy": "Wh"}, watts=95,
                           retain=True, frequency=True)]),
            "heater": lambda: make(EspHome, "heater", host("heater", 51, "84:f3:eb:21:6d:90"),
                                   watts=pick.choice([750, 1500])),
            "beken": lambda: make(OpenBeken, "beken", host("beken", 61, "d8:1f:12:91:b0:5c"), watts=power()),
        }
        self.plugs = [self.strip]
        self.lamp = None

    def new_lamp(self, name, boot_count=41):
        return self.lab.make(Tasmota, name, self.lab.host("lamp", 23, LAMP_MAC), topic="lamp", watts=11,
                             power_factor=0.57, tele_period=2.6, keep_alive=2, module="Sonoff S2X",
                             boot_count=boot_count)

    # ---- who is there

    def early(self):
        """One plug beside the strip may have been on for long as well."""
        self.strip.await_online()
        if self.random.random() < 0.5:
            self.start(self.random.choice(["heater", "shelly1"]))
        time.sleep(0.7)

    def start(self, name):
        plug = self.kinds.pop(name)()
        setattr(self, name, plug)
        self.plugs.append(plug)
        plug.await_online()

    def controllers(self):
        lab = self.lab
        self.hub = lab.make(Controller, "hub", lab.host("hub", 10, "2c:cf:67:0a:10:0a"),
                            client_id="homeassistant-%06x" % self.random.getrandbits(24), filters=EVERYTHING,
                            qos=self.random.choice([0, 1]), login=("ha", "lab-secret"),
                            will=("homeassistant/status", "offline"))
        self.flow = lab.make(Controller, "flow", lab.host("flow", 11, "00:e0:4c:68:00:0b"),
                             client_id="nodered_%08x" % self.random.getrandbits(32), version=MQTTv5,
                             filters=EVERYTHING + ("cmnd/#",), qos=2, aliases=True)
        both = [self.hub, self.flow]
        self.random.shuffle(both)
        for controller in both:
            controller.do("connect")
            controller.await_online()
            self.lab.pause()
        self.hub.do("send", "homeassistant/status", "online", qos=1, retain=True)

    def arrive(self):
        names = list(self.kinds)
        self.random.shuffle(names)
        for name in names:
            self.start(name)
            self.lab.pause(0.02, 0.15)
        time.sleep(0.6)

    # ---- what is done

    def send(self, command, **named):
        controller = self.random.choice([self.hub, self.flow])
        named.setdefault("qos", self.random.choice([0, 0, 1, 2]))
        if controller is self.flow and self.random.random() < 0.4:
            named["user_properties"] = [("flow", "evening")]
        controller.do("send", *command, **named)

    def switch(self, plug, wanted=None):
        channel = self.random.choice(plug.channels())
        wanted = wanted or self.random.choice(["on", "off", "toggle", "toggle"])
        self.send(plug.command(channel, wanted, self.random))

    def repeat(self, plug):
        """Asks for the state that is already held."""
        if plug not in self.plugs:
            return  # it lies in the dark by now
        channel, on = self.random.choice(list(plug.do("relays").items()))
        self.send(plug.command(channel, "on" if on else "off", self.random))

    def press(self, plug):
        if plug in self.plugs:
            plug.do("button", self.random.choice(plug.channels()))

    def chores(self):
        """What happens in the home, in no order."""
        some = [lambda p=p: self.switch(p) for p in self.plugs]
        some += [lambda p=p: self.switch(p, "toggle") for p in self.plugs]
        some += [lambda p=p: self.repeat(p) for p in self.random.sample(self.plugs, 3)]
        some += [lambda p=p: self.press(p) for p in self.random.sample(self.plugs, 4)]
        some += [lambda p=p: self.send(p.query(self.random)) for p in self.random.sample(self.plugs, 4)]
        some += [lambda: self.send(Tasmota.group_command(self.random.choice(["on", "off", "toggle"])))]
        some += [self.timer]
        self.random.shuffle(some)
        return some

    def timer(self):
        if self.shelly2.do("relays")["switch:0"]:
            self.send(self.shelly2.command("switch:0", "off", self.random))
            self.lab.pause(0.15, 0.2)
        self.send(self.shelly2.timer_command(self.random, self.random.choice([1, 2])))

    def work_off(self, chores, count):
        for _ in range(min(count, len(chores))):
            chores.pop()()
            self.lab.pause(0.05, 0.2)

    def lamp_dies(self):
        if not self.lamp.do("relays")["1"]:
            self.send(self.lamp.command("1", "on", self.random))
            self.lab.pause(0.1, 0.2)
        self.lab.lose_power(self.lamp)
        self.plugs.remove(self.lamp)

    def command_to_nobody(self):
        """The lamp is dark; whoever wants it on keeps the command at the broker for when it is back."""
        self.hub.do("send", "cmnd/lamp/POWER", "ON", [self.lamp.ask("1", "on")], qos=1, retain=True)

    def await_will(self):
        """The broker looks for silent clients every few seconds."""
        limit = time.monotonic() + 15
        while not self.hub.do("heard", "tele/lamp/LWT", "Offline"):
            if time.monotonic() > limit:
                raise RuntimeError("the broker published no last will for the lamp")
            time.sleep(0.05)

    def broker_fails(self):
        """A command reaches the broker's machine, not the broker: it is sent again with DUP afterwards."""
        self.lab.hold(True)
        self.lab.broker.save()
        self.lab.broker.freeze()
        plug = self.random.choice([self.kettle, self.shelly1, self.beken])
        self.hub.do("send", *plug.command(plug.channels()[0], "toggle", self.random), qos=1)
        time.sleep(self.random.uniform(0.05, 0.12))
        self.lab.crash_broker()
        for actor in self.plugs + [self.hub, self.flow]:
            actor.await_online()
        self.lab.hold(False)
        self.lab.pause(0.4, 0.7)

    def lamp_returns(self):
        self.lamp = self.new_lamp("lamp-again", 42)
        self.lamp.await_online()
        self.plugs.append(self.lamp)
        time.sleep(0.5)
        self.hub.do("send", "cmnd/lamp/POWER", "", retain=True)  # takes the kept command away again
        self.lab.pause()


def story(lab):
    home = Home(lab)
    home.early()
    lab.record()
    home.controllers()
    home.arrive()
    chores = home.chores()
    home.work_off(chores, len(chores) // 2)
    home.lamp_dies()
    home.work_off(chores, 2)
    home.command_to_nobody()
    home.work_off(chores, len(chores) - 4)
    home.await_will()
    home.broker_fails()
    home.lamp_returns()
    home.work_off(chores, 4)
    home.flow.do("disconnect")
    lab.pause(0.3, 0.5)


laboratory.main("home", story, precision="nano")

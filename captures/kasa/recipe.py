#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Three Kasa plugs and a strip, a phone and a hub. README.md tells the story."""

import pathlib
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "tests" / "npm")]

import components
from lab import lab as laboratory
from lab.program import Program

PACKAGES = ("tplink-smarthome-simulator", "tplink-smarthome-api")
# name, model, last part of the address, MAC, device id, watts
PLUGS = (("kettle", "hs110", 21, "50:c7:bf:0d:91:8c", "80060A1B", 1980),
         ("lamp", "hs100", 22, "50:c7:bf:8f:58:18", "80060A2C", 40),
         ("heater", "hs110v2", 23, "b0:be:76:51:0e:2d", "80060A3D", 1250),
         ("strip", "hs300", 24, "b0:95:75:44:a1:07", "80060A4E", 300))
APP = "7d3e0c52-91b4-4f0e-a6c1-2f4b8a90d1e7"


class Home:
    def __init__(self, lab, node):
        self.lab, self.random = lab, lab.random
        self.at, self.mac, self.ids = {}, {}, {}
        self.plugs = {}
        for name, model, last, mac, device_id, watts in PLUGS:
            host = lab.host(name, last, mac)
            self.at[name], self.mac[name] = host.address, mac
            self.ids[name] = device_id.ljust(38, "0") + "%02X" % last
            self.plugs[name] = self.program(node, name, host, "kasa_plug.js", model=model, mac=mac, alias=name.title(),
                                            deviceId=self.ids[name], watts=watts)
        devices = {self.at[name]: "mac:" + self.mac[name] for name in self.at}
        self.phone = self.program(node, "phone", lab.host("phone", 10, "3c:28:6d:0b:91:5e"), "kasa_client.js",
                                  devices=devices)
        self.hub = self.program(node, "hub", lab.host("hub", 11, "2c:cf:67:0a:10:0a"), "kasa_client.js", devices=devices)

    def program(self, node, name, host, script, **settings):
        return Program(name, host, [node, str(HERE / "lab" / script)], components.environment(), **settings)

    def anyone(self):
        return self.random.choice([self.phone, self.hub])

    def outlet(self, name):
        """The id of one of the strip's outlets; None for a plug."""
        return self.ids[name] + "%02d" % self.random.randrange(6) if name == "strip" else None

    def is_on(self, name, outlet):
        return dict(self.plugs[name].do("relays"))[outlet] == 1

    def options(self):
        return {"transport": self.random.choice(["tcp", "tcp", "udp"])}

    # ---- what is done

    def switch(self, name, wanted=None):
        """Somebody asks for the other state, or for a state; then somebody looks."""
        outlet = self.outlet(name)
        on = not self.is_on(name, outlet) if wanted is None else wanted
        if self.random.random() < 0.5:
            context = {"source": APP, **({"child_ids": [outlet]} if outlet else {})}
            self.phone.do("send", self.at[name], {"context": context, "system": {"set_relay_state": {"state": int(on)}}},
                          "tcp")
        else:
            self.anyone().do("call", self.at[name], outlet, "setPowerState", on, self.options())
        if self.random.random() < 0.8:
            self.lab.pause(0.02, 0.6)
            self.look(name)

    def look(self, name):
        self.anyone().do("call", self.at[name], None, "getSysInfo", self.options())

    def press(self, name):
        """By hand: no message tells of it, the next look does."""
        self.plugs[name].do("button", *([self.random.randrange(6)] if name == "strip" else []))
        self.lab.pause(0.05, 0.4)
        self.look(name)

    def measure(self, name):
        options = {"transport": "tcp"} if name == "strip" else self.options()
        self.anyone().do("call", self.at[name], self.outlet(name), "emeter.getRealtime", options)

    def count(self, name):
        now = time.localtime()
        path, *words = self.random.choice([("emeter.getDayStats", now.tm_year, now.tm_mon),
                                           ("emeter.getMonthStats", now.tm_year),
                                           ("schedule.getDayStats", now.tm_year, now.tm_mon)])
        self.anyone().do("call", self.at[name], self.outlet(name), path, *words)

    def plan(self, name):
        """A rule, a countdown, and what the device holds after it."""
        outlet, who = self.outlet(name), self.anyone()
        who.do("call", self.at[name], outlet, "schedule.addRule",
               {"powerState": self.random.random() < 0.5, "start": self.random.randrange(1440), "daysOfWeek": [1, 3, 5]})
        who.do("call", self.at[name], outlet, "timer.addRule", {"delay": 1800, "powerState": False})
        for path in ("schedule.getRules", "timer.getRules", "schedule.getNextAction"):
            who.do("call", self.at[name], outlet, path)

    def settle(self, name):
        """Settings, the clock, the account; and the traces are wiped."""
        steps = [("time.getTime",), ("time.getTimezone",), ("cloud.getInfo",), ("setLedState", False),
                 ("setAlias", name.title() + " 2"), ("setLocation", 52.5163, 13.3777),
                 ("cloud.bind", "somebody@example.org", "lab-account"), ("reboot", 1), ("schedule.deleteAllRules",),
                 ("emeter.eraseStats",)]
        if name == "lamp":  # it has no meter
            steps.pop()
        for path, *words in self.random.sample(steps, 4):
            self.anyone().do("call", self.at[name], None, path, *words)

    def everybody(self):
        """The whole strip at once, which names no outlet."""
        self.hub.do("send", self.at["strip"], {"system": {"set_relay_state": {"state": 0}}}, "tcp")
        self.look("strip")

    def together(self, name):
        """A command and a look in one message."""
        request = {"context": {"source": APP}, "system": {"set_relay_state": {"state": 0}, "get_sysinfo": {}}}
        self.phone.do("send", self.at[name], request, "tcp")

    def chores(self):
        names = list(self.plugs)
        metered = ["kettle", "heater", "strip"]
        some = [lambda n=n: self.switch(n) for n in names * 2 + ["strip"]]
        some += [lambda n=n: self.switch(n, False) for n in self.random.sample(names, 2)]
        some += [lambda n=n: self.press(n) for n in self.random.sample(names, 2)]
        some += [lambda n=n: self.measure(n) for n in metered * 2]
        some += [lambda n=n: self.count(n) for n in metered]
        some += [lambda n=n: act(n) for act in (self.plan, self.settle) for n in self.random.sample(names, 2)]
        some += [self.everybody, lambda: self.together(self.random.choice(["kettle", "lamp"]))]
        some += [lambda: self.phone.do("discover", "192.168.7.255", 400, 900)] * 2
        self.random.shuffle(some)
        return some


def story(lab):
    node = components.require(*PACKAGES)
    home = Home(lab, node)
    lab.more_software = {"node": laboratory.first_line(node, "--version"), **components.versions(*PACKAGES)}
    for plug in home.plugs.values():
        lab.add(plug)
    for client in (home.phone, home.hub):
        lab.add(client)
    lab.record()
    home.phone.do("discover", "192.168.7.255", 400, 700)
    for chore in home.chores():
        chore()
        lab.pause(0.05, 0.3)


components.require(*PACKAGES)
laboratory.main("kasa", story, broker=False)

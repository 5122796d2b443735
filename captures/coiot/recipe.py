#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Three Shelly devices of Gen1 that report by CoIoT, and a controller that listens, asks and switches.
README.md tells the story."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lab import lab as laboratory
from lab.coiot import CoiotPlug, ShelliesClient


def story(lab):
    hosts = {"heater": lab.host("heater", 31, "40:f5:20:9c:2f:4e"), "desk": lab.host("desk", 32, "8c:aa:b5:61:6e:77"),
             "fan": lab.host("fan", 33, "dc:4f:22:76:48:37"), "hub": lab.host("hub", 10, "2c:cf:67:0a:10:0a")}
    for host in hosts.values():
        host.multicast()
    lab.record()

    serial = lambda: lab.random.randint(1, 60000)
    heater = lab.make(CoiotPlug, "heater", hosts["heater"], model="SHPLG-S", number="9C2F4E", version="2",
                      device="shelly:shellyplug-s-9C2F4E", serial=serial())
    desk = lab.make(CoiotPlug, "desk", hosts["desk"], model="SHSW-25", number="8CAAB5616E77", version="2", relays=2,
                    device="mac:8c:aa:b5:61:6e:77", serial=serial(), peer=hosts["hub"].address)
    fan = lab.make(CoiotPlug, "fan", hosts["fan"], model="SHPLG-S", number="764837", version="1",
                   device="shelly:shellyplug-s-764837", serial=serial())
    plugs = [heater, desk, fan]
    for plug in plugs:
        plug.do("listen")
    hub = lab.make(ShelliesClient, "hub", hosts["hub"])
    hub.do("start")
    for plug in (heater, fan):
        lab.tell_alias(plug)

    def load(plug, relay, lost=False):
        plug.do("load", relay=relay, watts=round(lab.random.uniform(2, 2400), 2), minutes=lab.random.randint(0, 90),
                lost=lost)

    for plug in plugs:
        load(plug, 0)
        lab.pause()
    while set(hub.do("known")) != {plug.key for plug in plugs}:
        for plug in plugs:
            plug.do("again")
        lab.pause()

    def lose(plug):
        """One or two reports are sent while the plug has no link; then one that gets through."""
        plug.host.unplug(True)
        for _ in range(lab.random.randint(1, 2)):
            load(plug, 0, lost=True)
        lab.pause()
        plug.host.unplug(False)
        lab.pause(0.3, 0.4)

    def command(plug, relay, wanted):
        kind, number = plug.key.split("#")
        hub.do("relay", kind=kind, number=number, relay=relay, on=wanted == "on", wanted=wanted, device=plug.device)

    def act(step):
        plug = lab.random.choice(plugs)
        relay = lab.random.randrange(plug.relays)
        if step == "command":
            command(plug, relay, lab.random.choice(["on", "off"]))
        elif step == "other":
            command(plug, relay, "off" if plug.do("relays")[relay] else "on")
        elif step == "button":
            plug.do("button", relay=relay)
        elif step == "load":
            load(plug, relay)
        elif step == "again":
            plug.do("again")
        elif step == "poll":
            hub.do("poll", address=plug.host.address)
        elif step == "describe":
            hub.do("describe", address=plug.host.address)
        elif step == "lose":
            lose(plug)
            if lab.random.random() < 0.5:
                hub.do("poll", address=plug.host.address)
        elif step == "overpower":
            if not heater.do("relays")[0]:
                command(heater, 0, "on")
                lab.pause()
            heater.do("overpower", relay=0, watts=lab.random.randint(2510, 3200))

    steps = ["command", "other", "other", "other", "button", "button", "again", "again", "poll", "describe", "describe",
             "lose", "overpower"] + lab.random.choices(["other", "button", "load", "again", "poll", "lose"], k=9)
    lab.random.shuffle(steps)
    for step in steps:
        act(step)
        lab.pause(0.1, 0.35)
    for plug in plugs:
        load(plug, 0)
    lab.pause(0.3, 0.5)


laboratory.main("coiot", story, broker=False)

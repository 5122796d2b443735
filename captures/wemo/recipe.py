#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two WeMo plugs, switched with curl, by a home automation and at their buttons."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lab import lab as laboratory
from lab import wemo

wemo.components.require("wemore")


def story(lab):
    lamp_host = lab.host("lamp", 21, "94:10:3e:1a:2b:3c")
    heater_host = lab.host("heater", 22, "94:10:3e:4d:5e:6f")
    phone_host = lab.host("phone", 20, "3c:28:6d:0b:91:5e")
    hub_host = lab.host("hub", 10, "b8:27:eb:20:11:7d")
    lab.more_software = wemo.software()
    lab.record()

    uuids = ["%08x-1dd1-11b2-8000-%012x" % (lab.random.getrandbits(32), lab.random.getrandbits(48)) for _ in "ab"]
    plugs = [wemo.Plug(lab, "lamp", lamp_host, "221600K0100A01", uuids[0]),
             wemo.Plug(lab, "heater", heater_host, "221600K0100A02", uuids[1])]
    phone = wemo.Curl(lab, "phone", phone_host)
    hub = wemo.Wemore(lab, "hub", hub_host)
    hub.start()
    lab.pause(0.3, 0.6)
    for plug in plugs:
        phone.describe(plug)
        hub.describe(plug)
        phone.query(plug)
        lab.pause()

    # "again" asks for the state that the plug has: it answers, and nothing switches
    steps = ["toggle", "toggle", "again", "press", "query"] * 2 + lab.random.choices(["toggle", "press", "query"], k=4)
    lab.random.shuffle(steps)
    for step in steps:
        plug, client = lab.random.choice(plugs), lab.random.choice([phone, hub])
        if step == "press":
            plug.press()
        elif step == "query":
            client.query(plug)
        else:
            client.switch(plug, plug.state if step == "again" else 1 - plug.state)
        lab.pause(0.08, 0.3)
        # one act between two polls of a plug: of several, a poll can't tell which it was
        lab.random.choice([phone, hub]).query(plug)
        lab.pause(0.05, 0.2)
    for plug in plugs:
        hub.query(plug)
        lab.pause()


laboratory.main("wemo", story, broker=False)

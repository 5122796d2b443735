#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A kettle behind one Tasmota plug, switched with mosquitto_pub, from an app, and by its button."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lab import lab as laboratory
from lab.controller import Controller, MosquittoPub
from lab.tasmota import Tasmota


def story(lab):
    plug_host = lab.host("kettle", 21, "dc:4f:22:1a:2b:3c")
    shell_host = lab.host("laptop", 10, "a4:83:e7:20:11:7d")
    phone_host = lab.host("phone", 20, "3c:28:6d:0b:91:5e")
    lab.record()

    kettle = lab.make(Tasmota, "kettle", plug_host, topic="kettle", watts=lab.random.randint(1850, 2200),
                      power_delta=True, tele_period=2.2, login=("DVES_USER", "lab-kettle"))
    kettle.await_online()
    lab.pause(0.6, 1.0)
    app = lab.make(Controller, "app", phone_host, client_id="IoTOnOff-%04d" % lab.random.randint(0, 9999),
                   filters=("stat/#", "tele/#", "tasmota/discovery/#"))
    app.do("connect")
    app.await_online()
    lab.pause()
    shell = lab.make(MosquittoPub, "shell", shell_host, client_id=None)

    steps = ["shell on", "button", "app toggle", "shell again", "app query"]
    steps += lab.random.choices(["shell toggle", "app toggle", "button"], k=2)
    first, rest = steps[:1], steps[1:]
    lab.random.shuffle(rest)
    on = False
    for step in first + rest:
        who, what = (step.split() + [""])[:2]
        if who == "button":
            kettle.do("button")
            on = not on
        elif what == "query":
            app.do("send", *kettle.query(lab.random))
        else:
            # "again" asks for the state that it has: the plug answers, and nothing switches
            wanted = {"on": "on", "toggle": "toggle", "again": "on" if on else "off"}[what]
            sender = shell if who == "shell" else app
            sender.do("send", *kettle.command("1", wanted, lab.random), qos=lab.random.choice([0, 0, 1]))
            on = not on if what == "toggle" else wanted == "on"
        lab.pause(0.35, 0.9)
    if on:
        kettle.do("button")
        lab.pause(0.3, 0.5)
    lab.pause(0.3, 0.6)


laboratory.main("first-plug", story)

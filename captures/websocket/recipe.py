#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""MQTT over WebSocket: a dashboard in a browser, a plug behind a web gateway, and others by plain MQTT at the same
broker. README.md tells the story."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from paho.mqtt.client import MQTTv5

from lab import lab as laboratory
from lab.controller import Controller
from lab.shelly_gen2 import ShellyGen2
from lab.tasmota import Tasmota


class WebTasmota(Tasmota):
    transport = "websockets"


def story(lab):
    random = lab.random
    kettle_host = lab.host("kettle", 21, "dc:4f:22:1a:2b:3c")
    heater_host = lab.host("heater", 22, "dc:4f:22:5d:0e:91")
    shelly_host = lab.host("shelly2", 32, "80:64:6f:d0:5a:78")
    browser_host = lab.host("browser", 20, "3c:28:6d:0b:91:5e")
    flow_host = lab.host("flow", 11, "00:e0:4c:68:00:0b")
    lab.record()

    kettle = lab.make(WebTasmota, "kettle", kettle_host, topic="kettle", watts=random.randint(1850, 2200),
                      power_delta=True, tele_period=2.3)
    heater = lab.make(Tasmota, "heater", heater_host, topic="heater", watts=random.randint(700, 1500), tele_period=2.9)
    shelly = lab.make(ShellyGen2, "shelly2", shelly_host, watts=random.choice([42, 65, 120]))
    plugs = [kettle, heater, shelly]
    for plug in plugs:
        plug.await_online()
    lab.pause(0.4, 0.7)
    everything = ("stat/#", "tele/#", "tasmota/discovery/#", "+/status/#", "+/events/rpc")
    browser = lab.make(Controller, "browser", browser_host, client_id="mqttjs_%08x" % random.getrandbits(32),
                       filters=everything + ("mqttjs/rpc",), transport="websockets",
                       version=random.choice([4, MQTTv5]))
    flow = lab.make(Controller, "flow", flow_host, client_id="nodered_%08x" % random.getrandbits(32),
                    filters=everything + ("user_flow/rpc",))
    for controller in (browser, flow):
        controller.do("connect")
        controller.await_online()
        lab.pause(0.1, 0.3)

    for _ in range(random.randint(9, 12)):
        plug = random.choice(plugs)
        what = random.choice(["browser", "browser", "flow", "button"])
        if what == "button":
            plug.do("button")
        else:
            sender = browser if what == "browser" else flow
            sender.do("send", *plug.command(random.choice(list(plug.do("relays"))), random.choice(["on", "off", "toggle"]),
                                            random), qos=random.choice([0, 0, 1]))
        lab.pause(0.35, 0.8)
    kettle.do("disconnect")
    lab.pause(0.4, 0.6)


laboratory.main("websocket", story)

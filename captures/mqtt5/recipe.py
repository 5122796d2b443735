#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""MQTT 5 in use: properties, topic aliases, wills with a delay, shared subscriptions, sessions that outlive
their connection, retain-as-published, and a connection taken over. README.md tells the story."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from paho.mqtt.client import MQTTv5

from lab import lab as laboratory
from lab.controller import Controller
from lab.shelly_gen2 import ShellyGen2
from lab.tasmota import Tasmota
from lab.zigbee2mqtt import Zigbee2Mqtt, ZigbeePlug

PLUG_TOPICS = ("stat/#", "tele/#", "zigbee2mqtt/#", "+/status/#", "+/events/rpc")


def story(lab):
    random = lab.random
    kettle_host = lab.host("kettle", 21, "dc:4f:22:1a:2b:3c")
    shelly_host = lab.host("shelly2", 32, "80:64:6f:d0:5a:78")
    zigbee_host = lab.host("zigbee", 41, "b8:27:eb:9e:41:07")
    flow_host = lab.host("flow", 11, "00:e0:4c:68:00:0b")
    panel_host = lab.host("panel", 12, "a4:83:e7:20:33:0c")
    recorder_host = lab.host("recorder", 13, "2c:cf:67:0a:10:0d")
    lab.record()

    kettle = lab.make(Tasmota, "kettle", kettle_host, topic="kettle", watts=2000, tele_period=2.9)
    shelly = lab.make(ShellyGen2, "shelly2", shelly_host, watts=random.choice([42, 65, 120]))
    zigbee = lab.make(Zigbee2Mqtt, "zigbee", zigbee_host, [
        ZigbeePlug("desk_plug", "0x00158d0001a2b3c4", "TS011F_plug_1", "TuYa", qos=random.choice([0, 1]),
                   units={"power": "W", "current": "A", "voltage": "V", "energy": "kWh"}, watts=random.choice([9, 70])),
        ZigbeePlug("lamp", "0x00158d0001a2b3d5", "ZNCZ02LM", "Xiaomi", retain=True, qos=2)], version=MQTTv5)
    plugs = [kettle, shelly, zigbee]
    for plug in plugs:
        plug.await_online()
    lab.pause(0.3, 0.6)

    flow_id = "nodered_%08x" % random.getrandbits(32)
    flow = lab.make(Controller, "flow", flow_host, client_id=flow_id, version=MQTTv5, qos=2, aliases=True,
                    filters=[("stat/#", {"no_local": True}), ("user_flow/rpc", {})])
    live = {"retain_as_published": True, "retain_handling": 2}
    panel = lab.make(Controller, "panel", panel_host, client_id="wallpanel", version=MQTTv5, qos=1,
                     filters=[(f, live) for f in PLUG_TOPICS + ("scribe/#",)], session_expiry=300,
                     will=("panel/status", "gone", 1, True), will_delay=3)
    scribes = [lab.make(Controller, "scribe%d" % n, recorder_host, client_id="scribe-%d" % n, version=MQTTv5, qos=1,
                        filters=["$share/log/" + f for f in PLUG_TOPICS], will=("scribe/%d" % n, "gone", 0, False),
                        will_delay=1) for n in (1, 2)]
    for controller in [flow, panel] + scribes:
        controller.do("connect")
        controller.await_online()
        lab.pause(0.02, 0.1)

    senders = [flow, panel]

    def switch():
        plug = random.choice(plugs)
        command = plug.command(random.choice(plug.channels()), random.choice(["on", "off", "toggle"]), random)
        more = {}
        if random.random() < 0.4:
            more["user_properties"] = [("scene", random.choice(["evening", "away"])), ("scene", "again")]
        if command[0].endswith("/rpc"):
            more["response_topic"] = "user_flow/rpc"
        if random.random() < 0.3:
            more["expiry"] = random.choice([5, 60])
        random.choice(senders).do("send", *command, qos=random.choice([0, 1, 2, 2]), **more)

    def press():
        plug = random.choice(plugs)
        plug.do("button", random.choice(plug.channels()))

    def some(count):
        for _ in range(count):
            random.choice([switch, switch, switch, press])()
            lab.pause(0.06, 0.25)

    def again():
        """The flow asks the same lamp over and over: the topic goes by its alias."""
        flow.do("send", "zigbee2mqtt/lamp/set", '{"state":"TOGGLE"}', [zigbee.ask(("lamp", ""), "toggle",
                                                                                  zigbee.plugs["lamp"].device)],
                qos=random.choice([0, 2]))
        lab.pause(0.1, 0.25)

    some(3)
    again()
    some(3)
    again()
    # The panel's connection breaks; it is back before its will is due, and gets what its session kept.
    senders.remove(panel)
    panel.do("drop", random.uniform(0.9, 1.3))
    some(3)
    shelly.do("button")  # published with QoS 1: the broker keeps it for the panel
    panel.await_online()
    senders.append(panel)
    again()
    some(2)
    # One of the two that share a subscription goes for good: its will follows a second later.
    scribes[0].do("drop", None)
    some(3)
    # The flow starts again elsewhere under the same client id: the broker closes the older connection.
    flow.do("stay_away")
    senders.remove(flow)
    second = lab.make(Controller, "flow-again", recorder_host, client_id=flow_id, version=MQTTv5, qos=1,
                      filters=["stat/#", "scribe/#"])
    second.do("connect")
    second.await_online()
    senders.append(second)
    some(5)
    second.do("disconnect")
    lab.pause(0.8, 1.2)


laboratory.main("mqtt5", story)

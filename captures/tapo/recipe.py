#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A metering plug and a strip of Tapo's, switched from an app and by hand, and polled by a hub, all of it under
KLAP; somebody without the account gets no further than the handshake."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lab import lab as laboratory
from lab.tapo import TapoApp, TapoPlug

ACCOUNT = ("owner@example.com", "lab-Heater-42")
STRANGER = ("stranger@example.com", "not-the-password")


def info(*more):
    return {"method": "multipleRequest", "params": {"requests": [{"method": m} for m in ("get_device_info",) + more]}}


def switch(on, outlet=None):
    question = {"method": "set_device_info", "params": {"device_on": on}}
    if outlet is None:
        return question
    return {"method": "control_child", "params": {"device_id": outlet, "requestData": question}}


def story(lab):
    heater_host = lab.host("heater", 31, "9c:53:22:41:0a:17")
    strip_host = lab.host("strip", 32, "78:8c:b5:2e:90:c4")
    phone_host = lab.host("phone", 20, "3c:28:6d:0b:91:5e")
    hub_host = lab.host("hub", 10, "b8:27:eb:61:22:08")
    laptop_host = lab.host("laptop", 23, "a4:83:e7:20:11:7d")
    lab.write_keys("# the account of both plugs, and one that is neither's\nkasa %s %s\nkasa %s %s\n"
                   % (*STRANGER, *ACCOUNT))
    lab.record()

    heater = lab.make(TapoPlug, "heater", heater_host, 2, ACCOUNT, lab.random.randint(900, 1900),
                      clock_offset=lab.random.choice([-2, 3]))
    strip = lab.make(TapoPlug, "strip", strip_host, 1, ACCOUNT, 60, model="P300", outlets=3)
    versions = {heater.host.address: 2, strip.host.address: 1}
    app = lab.make(TapoApp, "app", phone_host, ACCOUNT, versions)
    hub = lab.make(TapoApp, "hub", hub_host, ACCOUNT, versions)
    stranger = lab.make(TapoApp, "stranger", laptop_host, STRANGER, versions)
    for actor in (heater, strip, app, hub, stranger):
        actor.await_online()

    found = app.do("discover", lab.network.prefix + "255", 2)
    assert found == sorted(versions), found
    for client in (app, hub):
        for plug in (heater, strip):
            assert client.do("begin", plug.host.address)
    assert not stranger.do("begin", heater.host.address)

    def look(client, plug):
        more = ("get_child_device_list",) if plug is strip else ("get_energy_usage", "get_emeter_data",
                                                                 "get_device_time")
        client.do("ask", plug.host.address, info(*more))

    def command(client, plug, on, outlet=None):
        client.do("ask", plug.host.address, switch(on, outlet), [plug.ask(outlet, "on" if on else "off")])

    on = {}
    look(app, heater)
    look(hub, strip)
    steps = ["app heater", "app strip", "button", "again", "app heater", "hub heater"]
    steps += lab.random.choices(["app strip", "button", "power", "hub strip"], k=4)
    lab.random.shuffle(steps)
    for step in steps:
        who, what = (step.split() + [""])[:2]
        touched = strip if what == "strip" else heater
        if who == "button":
            heater.do("button")
            on["heater"] = not on.get("heater", False)
        elif who == "power":
            hub.do("ask", heater.host.address, {"method": "get_current_power"})
        elif who == "again":  # for the state that it has: the plug acknowledges, and nothing switches
            command(app, heater, on.get("heater", False))
        elif what == "strip":
            outlet = lab.random.choice(strip.outlets)
            on[outlet] = not on.get(outlet, False)
            command(app if who == "app" else hub, strip, on[outlet], outlet)
        else:
            on["heater"] = not on.get("heater", False)
            command(app if who == "app" else hub, heater, on["heater"])
        lab.pause(0.1, 0.9)
        look(lab.random.choice([app, hub]), touched)  # as apps do; a state is not seen otherwise
        lab.pause(0.1, 0.5)


laboratory.main("tapo", story, broker=False)

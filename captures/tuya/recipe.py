#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Four plugs of the Tuya family, protocols 3.1, 3.3, 3.4 and 3.5, and an app that switches them. README.md tells the
story."""

import json
import pathlib
import string
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "captures"))
sys.path.insert(0, str(ROOT / "tests" / "npm"))

import components
from lab import direct, space

HERE = pathlib.Path(__file__).resolve().parent
# Characters that occur in real keys; a keyring's line needs no quotes for them.
KEY_CHARACTERS = string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_`{|}~'"
NAMES = {4: "sess_key_neg_resp", 7: "control", 8: "status", 9: "heart_beat", 10: "dp_query", 13: "control_new",
         16: "dp_query_new", 18: "updatedps"}


def describe(random, version, address, relays, metered, more):
    key = random.choice(string.ascii_lowercase) + "".join(random.choice(KEY_CHARACTERS) for _ in range(15))
    identity = "bf" + "".join(random.choice(string.digits + "abcdef") for _ in range(16)) + "".join(
        random.choice(string.ascii_lowercase) for _ in range(4))
    dps = {relay: False for relay in relays}
    dps.update(more)
    if metered:
        dps.update({"18": 0, "19": 0, "20": random.randrange(2270, 2340)})
    product = "key" + "".join(random.choice(string.ascii_lowercase + string.digits) for _ in range(13))
    return {"version": version, "id": identity, "key": key, "address": address, "relays": relays, "metered": metered,
            "dps": dps, "product": product, "pushes": random.randrange(1, 1000), "ahead": random.choice([-40, 3, 7, 3600]),
            "names": NAMES}


def story(lab):
    random = lab.random
    node, environment = components.require("tuyapi", "@tuyapi/stub"), components.environment()
    phone_host = lab.host("phone", 11, "2c:cf:67:0a:10:0b")
    hosts = {"heater": lab.host("heater", 41, "d8:1f:12:00:00:29"), "panel": lab.host("panel", 42, "d8:1f:12:00:00:2a"),
             "kettle": lab.host("kettle", 43, "fc:67:1f:00:00:2b"), "strip": lab.host("strip", 44, "fc:67:1f:00:00:2c")}
    # The stub broadcasts to 255.255.255.255, which takes a route.
    space.ip("-n", hosts["heater"].namespace, "route", "add", "default", "dev", "eth0")
    plugs = {
        "heater": describe(random, "3.1", hosts["heater"].address, ["1"], True, {"9": 0}),
        "panel": describe(random, "3.3", hosts["panel"].address, ["1", "2"], False, {}),
        "kettle": describe(random, "3.4", hosts["kettle"].address, ["1"], True, {"9": 0, "17": 12, "38": "memory"}),
        "strip": describe(random, "3.5", hosts["strip"].address, ["1", "2", "3"], True, {"9": 0, "10": 0, "11": 0}),
    }
    lab.record()
    running = {}
    for name, plug in plugs.items():
        script = "stub.js" if name == "heater" else "plug.js"
        running[name] = lab.start(name, hosts[name], [node, str(HERE / script)], plug, environment)
        lab.pause(0.1, 0.4)
    app = lab.start("phone", phone_host, [node, str(HERE / "app.js")], {"plugs": plugs}, environment)

    def watts(name):
        """What the load draws now, as data points."""
        plug = plugs[name]
        on = sum(1 for relay in plug["relays"] if plug["dps"][relay])
        volts, milliamperes = random.randrange(2270, 2340), on * random.randrange(150, 4000)
        return {"18": milliamperes, "19": volts * milliamperes // 1000, "20": volts}

    def switch(name, relay):
        plug = plugs[name]
        plug["dps"][relay] = random.choice([True, False, not plug["dps"][relay]])
        app.do("set", plug=name, dps={relay: plug["dps"][relay]})
        lab.pause(0.1, 0.4)

    def press(name, relay):
        plugs[name]["dps"][relay] = not plugs[name]["dps"][relay]
        running[name].do("press", channel=relay)
        lab.pause(0.1, 0.4)

    def act(name):
        relay = random.choice(plugs[name]["relays"])
        if name != "heater" and random.random() < 0.3:
            press(name, relay)
        else:
            switch(name, relay)
        if plugs[name]["metered"] and random.random() < 0.6:
            running[name].do("measure", dps=watts(name))
            lab.pause(0.05, 0.2)

    def visit(name, count):
        """The app connects, asks, switches, and goes."""
        app.do("connect", plug=name)
        app.do("get", plug=name)
        lab.pause(0.05, 0.3)
        for _ in range(count):
            act(name)
        app.do("disconnect", plug=name)
        lab.pause(0.2, 0.5)

    order = list(plugs)
    random.shuffle(order)
    for name in order:
        visit(name, random.randrange(3, 6))
    # What a plug does while nobody is connected is told by nobody; the next number shows that something was.
    for name in ("panel", "kettle"):
        press(name, "1")
        running[name].do("skip")
    random.shuffle(order)
    for name in order:
        visit(name, random.randrange(2, 4))

    lab.files[".keys"] = "# local keys of the plugs in %s.pcap, made up by the recipe\n" % lab.name + "".join(
        "tuya %s %s\n" % (plug["id"], plug["key"]) for plug in plugs.values())
    lab.software.update({"node": direct.first_line(node, "--version"), **versions()})
    lab.more.update({"keyring": lab.name + ".keys", "aliases": {
        "mac:" + hosts[name].mac: "tuya:" + plugs[name]["id"] for name in plugs}})


def versions():
    with open(ROOT / "tests" / "npm" / "package.json", encoding="utf-8") as file:
        wanted = json.load(file)["dependencies"]
    return {name: wanted[name] for name in ("tuyapi", "@tuyapi/stub")}


direct.main("tuya", story, lambda: components.require("tuyapi", "@tuyapi/stub"))

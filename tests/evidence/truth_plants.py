# SPDX-License-Identifier: Apache-2.0
"""The self-test of check_truth.py: an ideal timeline made from a truth, which must not be faulted, and then
one planted error at a time, each of which must be caught."""

import json
from datetime import datetime, timezone

from check_truth import KINDS, READINGS, compare, nanoseconds


def text_of(ns):
    return datetime.fromtimestamp(ns // 10 ** 9, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + ".%09dZ" % (
        ns % 10 ** 9)


def ideal(truth):
    """The timeline that a tool without fault would give for these five kinds."""
    events, commands, last = [], {}, {}

    def add(statement, time, **more):
        event = {"record": "event", "id": "%016x" % (len(events) + 1), "kind": statement["kind"],
                 "time": text_of(time), "time_ns": time, "time_basis": "capture", "earliest": text_of(time),
                 "latest": text_of(time), "device": statement["device"], "data": dict(statement["data"]),
                 "certainty": "observed", "evidence": {"frame": len(events) + 1}, **more}
        if statement["channel"] is not None:
            event["channel"] = statement["channel"]
        events.append(event)
        return event

    for publication in truth["publications"]:
        time = publication["after"] + 100_000
        for statement in publication["statements"]:
            if statement.get("optional"):
                continue
            event = add(statement, time)
            if "serial" in publication:
                event["data"]["serial_n"] = publication["serial"]
            if publication.get("missed"):
                event["data"]["missed"] = publication["missed"]
            if statement["kind"] == "power.command":
                commands[publication["id"]] = event
                event["cause"] = {"trigger": "mqtt", "endpoint": "%s:%s" % (
                    publication["address"], publication["port"] or 40000), "client_id": publication["client_id"]}
            elif statement["kind"] == "power.state" and not statement.get("past"):
                ideal_state(truth, publication, statement, event, last, commands)
    for delivery in truth["retained"]:
        for statement in delivery["statements"]:
            event = add(statement, delivery["received"] - 1000, retained=True)
            event.update(time=None, time_ns=None, time_basis="bounded", earliest=None)
    return [{"record": "header"}] + events + [{"record": "summary"}]


def ideal_state(truth, publication, statement, event, last, commands):
    key = (statement["device"], statement["channel"])
    session = (publication["actor"], publication["session"])
    before = last.get(key)
    fresh = before is None or before[0] != session
    change = "first" if fresh else ("same" if before[1] == statement["data"]["state"] else "changed")
    event["data"]["change"] = change
    if change == "changed":
        event["data"]["transition"] = {"earliest": text_of(before[2]), "latest": event["time"], "by": []}
        real = next(s for s in truth["switchings"] if s["id"] == statement["switching"])
        if real["command"] in commands:
            command = commands[real["command"]]
            event["cause"] = {"trigger": "mqtt", "event": command["id"], "basis": "preceding_command",
                              "delay_ns": 1000, "client_id": command["cause"]["client_id"]}
    last[key] = (session, statement["data"]["state"], event["time_ns"])


SMALL_TRUTH = {
    "recorded_from": 1_000_000_000_000_000_000,
    "publications": [
        {"id": 1, "actor": "plug", "address": "10.0.0.5", "port": 5000, "client_id": "P", "session": 1,
         "before": 1_000_000_001_000_000_000, "after": 1_000_000_001_000_100_000, "topic": "stat/p/POWER",
         "payload": "OFF", "qos": 0, "retain": True, "answers": None, "resends": [],
         "statements": [{"kind": "power.state", "device": "mac:02:00:00:00:00:05", "channel": "1",
                         "data": {"state": "off"}, "switching": None}]},
        {"id": 2, "actor": "hub", "address": "10.0.0.7", "port": 5001, "client_id": "H", "session": 1,
         "before": 1_000_000_002_000_000_000, "after": 1_000_000_002_000_100_000, "topic": "cmnd/p/POWER",
         "payload": "ON", "qos": 0, "retain": False, "answers": None, "resends": [],
         "statements": [{"kind": "power.command", "device": "mac:02:00:00:00:00:05", "channel": "1",
                         "data": {"state": "on"}}]},
        {"id": 3, "actor": "plug", "address": "10.0.0.5", "port": 5000, "client_id": "P", "session": 1,
         "before": 1_000_000_002_020_000_000, "after": 1_000_000_002_020_100_000, "topic": "stat/p/POWER",
         "payload": "ON", "qos": 0, "retain": True, "answers": 2, "resends": [],
         "statements": [{"kind": "power.state", "device": "mac:02:00:00:00:00:05", "channel": "1",
                         "data": {"state": "on"}, "switching": 1}]},
        {"id": 4, "actor": "plug", "address": "10.0.0.5", "port": 5000, "client_id": "P", "session": 1,
         "before": 1_000_000_003_000_000_000, "after": 1_000_000_003_000_100_000, "topic": "tele/p/SENSOR",
         "payload": "{\"ENERGY\":{\"Total\":1.25,\"Power\":40,\"Voltage\":230}}", "qos": 0, "retain": False,
         "answers": None, "resends": [],
         "statements": [{"kind": "power.reading", "device": "mac:02:00:00:00:00:05", "channel": None,
                         "data": {"power_w": "40", "voltage_v": "230"}},
                        {"kind": "energy.counter", "device": "mac:02:00:00:00:00:05", "channel": None,
                         "data": {"energy_wh": "1250.000000", "scope": "total"}}]},
        {"id": 5, "actor": "plug", "address": "10.0.0.5", "port": 5000, "client_id": "P", "session": 1,
         "before": 1_000_000_004_000_000_000, "after": 1_000_000_004_000_100_000, "topic": "stat/p/POWER",
         "payload": "OFF", "qos": 0, "retain": True, "answers": None, "resends": [],
         "statements": [{"kind": "power.state", "device": "mac:02:00:00:00:00:05", "channel": "1",
                         "data": {"state": "off"}, "switching": 2}]},
        {"id": 6, "actor": "hub", "address": "10.0.0.7", "port": 5001, "client_id": "H", "session": 1,
         "before": 1_000_000_005_000_000_000, "after": 1_000_000_005_000_100_000, "topic": "cmnd/p/POWER",
         "payload": "ON", "qos": 0, "retain": False, "answers": None, "resends": [],
         "statements": [{"kind": "power.command", "device": "mac:02:00:00:00:00:05", "channel": "1",
                         "data": {"state": "on"}}]},
        {"id": 7, "actor": "plug", "address": "10.0.0.5", "port": 5009, "client_id": "P", "session": 2,
         "before": 1_000_000_009_000_000_000, "after": 1_000_000_009_000_100_000, "topic": "tele/p/INFO3",
         "payload": "{\"Info3\":{\"BootCount\":3}}", "qos": 0, "retain": False, "answers": None, "resends": [],
         "statements": [{"kind": "device.boot", "device": "mac:02:00:00:00:00:05", "channel": None,
                         "data": {}}]},
    ],
    "retained": [
        {"receiver": "app", "address": "10.0.0.8", "received": 1_000_000_006_000_000_000, "topic": "stat/p/POWER",
         "payload": "OFF", "publication": 5,
         "statements": [{"kind": "power.state", "device": "mac:02:00:00:00:00:05", "channel": "1",
                         "data": {"state": "off"}, "switching": 2}]}],
    "switchings": [
        {"id": 1, "device": "mac:02:00:00:00:00:05", "channel": "1", "state": "on",
         "before": 1_000_000_002_015_000_000, "after": 1_000_000_002_015_001_000, "why": "command", "command": 2},
        {"id": 2, "device": "mac:02:00:00:00:00:05", "channel": "1", "state": "off",
         "before": 1_000_000_003_999_000_000, "after": 1_000_000_003_999_001_000, "why": "button",
         "command": None}],
    "boots": [{"device": "mac:02:00:00:00:00:05", "time": 1_000_000_008_000_000_000}],
    "sessions": [
        {"actor": "plug", "address": "10.0.0.5", "session": 1, "opened": 1_000_000_000_500_000_000,
         "closed": 1_000_000_007_000_000_000},
        {"actor": "hub", "address": "10.0.0.7", "session": 1, "opened": 1_000_000_000_600_000_000,
         "closed": None},
        {"actor": "plug", "address": "10.0.0.5", "session": 2, "opened": 1_000_000_008_900_000_000,
         "closed": None}],
}


def pick(lines, truth, kind, test=lambda event: True):
    return next((e for e in lines if e.get("kind") == kind and not e.get("retained") and test(e)), None)


def plants(truth):
    """Errors to plant: a name and a function that changes a good timeline and tells whether it could."""
    changed = lambda e: e["data"].get("change") == "changed"
    commanded = lambda e: "event" in e.get("cause", {})

    def alter(kind, change, test=lambda event: True):
        def plant(lines):
            event = pick(lines, truth, kind, test)
            if event is None:
                return False
            change(event)
            return True
        return plant

    def remove(kind):
        def plant(lines):
            event = pick(lines, truth, kind)
            if event is not None:
                lines.remove(event)
            return event is not None
        return plant

    def repeat(kind):
        def plant(lines):
            event = pick(lines, truth, kind)
            if event is not None:
                lines.insert(-1, {**event, "id": "ffffffffffffffff"})
            return event is not None
        return plant

    def later(event, seconds=2):
        event["time_ns"] += seconds * 10 ** 9
        event["time"] = text_of(event["time_ns"])

    def flip(event):
        event["data"]["state"] = {"on": "off"}.get(event["data"]["state"], "on")

    def kept(change):
        def plant(lines):
            event = next((e for e in lines if e.get("retained")), None)
            return event is not None and (change(lines, event) or True)
        return plant

    def buttons(event):
        real = truth_switching(truth, event, lambda s: s["why"] == "button")
        return changed(event) and real

    def blame(lines):
        event = pick(lines, truth, "power.state", buttons)
        command = pick(lines, truth, "power.command")
        if event is None or command is None:
            return False
        event["cause"] = {"trigger": "mqtt", "event": command["id"], "basis": "preceding_command"}
        return True

    for kind in KINDS:
        yield "missing " + kind, remove(kind)
        yield "repeated " + kind, repeat(kind)
        yield kind + " too late", alter(kind, later)
        yield kind + " too early", alter(kind, lambda e: later(e, -2))
        yield kind + " of another device", alter(kind, lambda e: e.update(device="mac:02:00:00:00:00:99"))
        yield kind + " of another channel", alter(kind, lambda e: e.update(channel="9"))
    yield "wrong state", alter("power.state", flip)
    yield "wrong command", alter("power.command", flip)
    measured = lambda e: next(name for name in sorted(e["data"]) if name in READINGS)
    yield "wrong power", alter("power.reading", lambda e: e["data"].update({measured(e): "123456.5"}))
    yield "reading without one value", alter("power.reading", lambda e: e["data"].pop(measured(e)))
    yield "wrong serial", alter("power.state", lambda e: e["data"].update(serial_n=0), lambda e: "serial_n" in e["data"])
    yield "lost reports not told", alter("power.state", lambda e: e["data"].pop("missed"), lambda e: "missed" in e["data"])
    yield "lost reports invented", alter("power.state", lambda e: e["data"].update(missed=9),
                                         lambda e: "serial_n" in e["data"] and "missed" not in e["data"])
    yield "reading with an invented value", alter("power.reading", lambda e: e["data"].update(
        {"frequency_hz": "60"}), lambda e: "frequency_hz" not in e["data"])
    yield "wrong energy", alter("energy.counter", lambda e: e["data"].update(energy_wh="0.000001"))
    yield "wrong scope", alter("energy.counter", lambda e: e["data"].update(scope="month"))
    yield "wrong sender's address", alter("power.command", lambda e: e["cause"].update(endpoint="10.9.9.9:1"))
    yield "wrong sender's client id", alter("power.command", lambda e: e["cause"].update(client_id="nobody"))
    yield "no sender", alter("power.command", lambda e: e.pop("cause"))
    yield "wrong change", alter("power.state", lambda e: e["data"].update(change="same"), changed)
    yield "no change", alter("power.state", lambda e: e["data"].pop("change"), changed)
    yield "no transition", alter("power.state", lambda e: e["data"].pop("transition"), changed)
    yield "transition too early", alter("power.state", lambda e: e["data"]["transition"].update(
        latest=text_of(e["time_ns"] - 10 ** 10), earliest=None), changed)
    yield "transition too late", alter("power.state", lambda e: e["data"]["transition"].update(
        earliest=e["time"]), changed)
    yield "state of another command", alter("power.state", lambda e: e["cause"].update(event="none"), commanded)
    yield "button blamed on a command", blame
    yield "button claimed where a command was", alter("power.state", lambda e: e.update(
        cause={"trigger": "button", "basis": "device_word"}), commanded)
    yield "kept message dated", kept(lambda lines, e: e.update(time=e["latest"], time_ns=nanoseconds(e["latest"]),
                                                                time_basis="capture"))
    yield "kept message missing", kept(lambda lines, e: lines.remove(e))
    yield "kept message told as live", kept(lambda lines, e: e.pop("retained"))
    yield "kept message repeated", kept(lambda lines, e: lines.insert(-1, {**e, "id": "eeeeeeeeeeeeeeee"}))
    yield "boot derived where none was", lambda lines: lines.insert(-1, {
        "record": "event", "id": "dddddddddddddddd", "kind": "device.boot", "certainty": "derived", "data": {},
        "device": "mac:02:00:00:00:00:05", "time": None, "earliest": text_of(10 ** 18 + 1),
        "latest": text_of(10 ** 18 + 2)}) or True
    yield "an inferred state", alter("power.state", lambda e: e.update(certainty="inferred"))
    yield "time and time_ns differ", alter("power.reading", lambda e: e.update(time_ns=e["time_ns"] + 1))
    yield "no summary", lambda lines: bool(lines.pop())


def truth_switching(truth, event, test):
    found = [s for s in truth["switchings"] if s["device"] == event["device"]
             and s["channel"] == event.get("channel") and s["after"] <= event["time_ns"]]
    return bool(found) and test(found[-1])


def self_test(paths):
    truths = [("small", SMALL_TRUTH)]
    for path in paths:
        with open(path, encoding="utf-8") as file:
            truths.append((path, json.load(file)))
    failed = 0
    for name, truth in truths:
        found = compare(ideal(truth), truth)
        if found:
            failed += 1
            print("%s: an ideal timeline is faulted: %s" % (name, found[0]))
        planted = 0
        for error, plant in plants(truth):
            lines = ideal(truth)
            if not plant(lines):
                continue
            planted += 1
            if not compare(lines, truth):
                failed += 1
                print("%s: not caught: %s" % (name, error))
        print("%s: %d planted errors" % (name, planted))
    print("self-test: %s" % ("%d failures" % failed if failed else "all caught"))
    return 1 if failed else 0

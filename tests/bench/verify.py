#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what wattrail says of a generated capture with the generator's counts, so that nothing is fast by being
wrong: verify.py WATTRAIL CAPTURE. Reads CAPTURE.json, and hands CAPTURE.keys to wattrail. Exit status 0 if all counts
agree, 1 if not."""

import collections
import json
import subprocess
import sys

PARTS_OF_A_TOTAL = {"today", "yesterday", "day", "month", "hour", "minute", "period"}
PROTOCOLS = ("mqtt", "coap", "kasa", "tuya")


class Comparison:
    """Collects what was expected and found, and whether each agrees."""

    def __init__(self):
        self.agrees = True

    def equal(self, what, expected, found):
        if expected == found:
            print(f"  ok    {what}: {found}")
        else:
            self.agrees = False
            print(f"  WRONG {what}: expected {expected}, found {found}")


def records(command):
    """The JSON lines that a command writes; its exit status last."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            yield json.loads(line)
    yield {"record": "exit", "status": process.returncode}


def statement(event):
    """Under which of the truth's names an event is counted."""
    kind = event["kind"]
    if event["certainty"] == "derived":
        return kind + " derived"
    if kind == "energy.counter":
        return None if event["data"].get("scope") in PARTS_OF_A_TOTAL else "energy.counter total"
    return kind


class Found:
    """What wattrail says: counts of events by protocol and name, and of those but MQTT's by device and name."""

    def __init__(self):
        self.events, self.devices, self.others = (collections.Counter() for _ in range(3))
        self.summary, self.status = None, None

    def take_event(self, record):
        names = [statement(record)]
        if record["kind"] == "power.state" and record.get("cause", {}).get("trigger") == "lan":
            names.append("power.state by command")
        for protocol in set(record["path"].split("/")).intersection(PROTOCOLS):
            for name in names:
                self.events[protocol, name] += 1
                if protocol != "mqtt":
                    # "shelly:NAME", "tuya:ID", "mac:ADDRESS"
                    self.devices[record["device"].partition(":")[2], name] += 1

    def take(self, record):
        kind = record["record"]
        self.others[kind] += 1
        if kind == "event":
            self.take_event(record)
        elif kind == "summary":
            self.summary = record
        elif kind == "exit":
            self.status = record["status"]


def read_timeline(wattrail, capture):
    found = Found()
    for record in records([wattrail, "timeline", "--format", "jsonl", "--keys", capture + ".keys", capture]):
        found.take(record)
    return found


def messages_expected(truth, protocol):
    return truth["mqtt_packets" if protocol == "mqtt" else f"{protocol}_messages"]


def compare_summary(comparison, truth, found):
    source = found.summary["sources"][0]
    comparison.equal("findings", 0, found.others["finding"])
    comparison.equal("frames", truth["packets"], source["frames"])
    # the truth counts the file: a header of 24 bytes, and 16 before each packet
    comparison.equal("bytes of packets", truth["bytes"] - 24 - 16 * truth["packets"], source["bytes"])
    comparison.equal("complete", True, source["complete"])
    coverage = {entry["decoder"]: entry for entry in source["coverage"]}
    for protocol in PROTOCOLS:
        entry = coverage.get(protocol, {})
        comparison.equal(f"{protocol}: messages", messages_expected(truth, protocol), entry.get("records"))
        comparison.equal(f"{protocol}: errors", 0, entry.get("errors"))


def compare_events(comparison, truth, found):
    for protocol, expected in truth["statements"].items():
        for name, count in expected.items():
            comparison.equal(f"{protocol}: {name}", count, found.events[protocol, name])
    kinds = {name for expected in truth["statements"].values() for name in expected}
    expected = {(device, name): count for device, says in truth["devices"].items() for name, count in says.items()}
    said = {key: count for key, count in found.devices.items() if key[1] in kinds}
    wrong = [key for key in expected.keys() | said.keys() if expected.get(key, 0) != said.get(key, 0)]
    for key in sorted(wrong):
        comparison.equal(": ".join(key), expected.get(key, 0), said.get(key, 0))
    comparison.equal("devices without MQTT", len(truth["devices"]), len({device for device, _ in said}))


def compare_messages(comparison, truth, wattrail, capture):
    found = collections.Counter(
        record.get("protocol")
        for record in records([wattrail, "messages", "--format", "jsonl", "--keys", capture + ".keys", capture])
    )
    for protocol in PROTOCOLS:
        comparison.equal(f"{protocol}: messages listed", messages_expected(truth, protocol), found[protocol])


def main(wattrail, capture):
    with open(capture + ".json", encoding="utf-8") as file:
        truth = json.load(file)
    comparison = Comparison()
    print(f"{capture}:")
    found = read_timeline(wattrail, capture)
    comparison.equal("exit status", 0, found.status)
    if found.summary is None:
        comparison.equal("summaries", 1, 0)
    else:
        compare_summary(comparison, truth, found)
        compare_events(comparison, truth, found)
    compare_messages(comparison, truth, wattrail, capture)
    return 0 if comparison.agrees else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))

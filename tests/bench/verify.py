#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what wattrail says of a generated capture with the generator's counts, so that nothing is fast by being
wrong: verify.py WATTRAIL CAPTURE. Reads CAPTURE.json. Exit status 0 if all counts agree, 1 if not."""

import collections
import json
import subprocess
import sys

PARTS_OF_A_TOTAL = {"today", "yesterday", "day", "month", "hour", "minute", "period"}


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
    if kind == "energy.counter":
        return None if event["data"].get("scope") in PARTS_OF_A_TOTAL else "energy.counter total"
    return kind


def read_timeline(wattrail, capture):
    """Counts of events by protocol and name, of other records, the summary, and the exit status."""
    events, others = collections.Counter(), collections.Counter()
    summary, status = None, None
    for record in records([wattrail, "timeline", "--format", "jsonl", capture]):
        kind = record["record"]
        others[kind] += 1
        if kind == "event":
            for protocol in set(record["path"].split("/")) & {"mqtt", "coap", "kasa"}:
                events[protocol, statement(record)] += 1
        elif kind == "summary":
            summary = record
        elif kind == "exit":
            status = record["status"]
    return events, others, summary, status


def compare_summary(comparison, truth, others, summary):
    source = summary["sources"][0]
    comparison.equal("findings", 0, others["finding"])
    comparison.equal("frames", truth["packets"], source["frames"])
    # the truth counts the file: a header of 24 bytes, and 16 before each packet
    comparison.equal("bytes of packets", truth["bytes"] - 24 - 16 * truth["packets"], source["bytes"])
    comparison.equal("complete", True, source["complete"])
    coverage = {entry["decoder"]: entry for entry in source["coverage"]}
    mqtt = coverage.get("mqtt", {})
    comparison.equal("MQTT packets", truth["mqtt_packets"], mqtt.get("records"))
    comparison.equal("MQTT errors", 0, mqtt.get("errors"))
    return coverage


def compare_events(comparison, truth, events, coverage):
    for protocol, expected in truth["statements"].items():
        if protocol not in coverage:
            print(f"  --    {protocol}: no decoder in the summary's coverage, not compared")
            continue
        for name, count in expected.items():
            comparison.equal(f"{protocol}: {name}", count, events[protocol, name])


def main(wattrail, capture):
    with open(capture + ".json", encoding="utf-8") as file:
        truth = json.load(file)
    comparison = Comparison()
    print(f"{capture}:")
    events, others, summary, status = read_timeline(wattrail, capture)
    comparison.equal("exit status", 0, status)
    if summary is None:
        comparison.equal("summaries", 1, 0)
    else:
        coverage = compare_summary(comparison, truth, others, summary)
        compare_events(comparison, truth, events, coverage)
    messages = sum(
        record["record"] == "message" and record["protocol"] == "mqtt"
        for record in records([wattrail, "messages", "--format", "jsonl", capture])
    )
    comparison.equal("MQTT messages", truth["mqtt_packets"], messages)
    return 0 if comparison.agrees else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""When a Kasa plug went on, and one run seen from three places: kasa_on_since.py --wattrail PATH --data DIR

The derived events of the real captures are compared with what follows from tshark's text, worked out here: one for each
run of ON, in which all its polls meet, and which holds the command wherever one was seen. The three captures of one run,
given together, must say each statement once. Exit status 77 without the data or without tshark."""

import argparse
import glob
import json
import os
import shutil
import subprocess
import sys

import kasa_data
from kasa_data import differ, flat, power_events, wrong

SECOND = 10**9
DRIFT_NS_PER_S = 100_000  # what the device's clock may be off by


def polls(path):
    """Time, relay state and on-time of each description that the plug gave, once each."""
    for message in kasa_data.once(list(kasa_data.dissected(path))):
        if message["src"].endswith(":9999"):
            info = json.loads(message["text"]).get("system", {}).get("get_sysinfo", {})
            if "relay_state" in info:
                yield message["time_ns"], info["relay_state"], info.get("on_time")


def runs(path):
    """Earliest, latest and number of polls of each run of ON. None of these captures has two runs without a poll of OFF
    between them, so that OFF alone ends one."""
    found, current = [], None
    for time_ns, state, on_time in polls(path):
        if not state:
            current = None
            continue
        doubt = SECOND + on_time * DRIFT_NS_PER_S
        moment = time_ns - on_time * SECOND
        if current is None:
            current = [moment - doubt, min(moment + doubt, time_ns), 0]
            found.append(current)
        current[0] = max(current[0], moment - doubt)
        current[1] = min(current[1], moment + doubt)
        current[2] += 1
    return found


def nanoseconds(text):
    """RFC 3339 with nine digits, as nanoseconds since 1970."""
    seconds = subprocess.run(["date", "-u", "-d", text, "+%s"], capture_output=True, text=True, check=True).stdout
    return int(seconds) * SECOND + int(text[20:29])


def check_capture(wattrail, path):
    name = os.path.basename(path)
    lines = kasa_data.records(wattrail, "timeline", path)
    events = [l for l in lines if l["record"] == "event"]
    derived = [e for e in events if e["certainty"] == "derived"]
    expected = runs(path)
    # A capture's microseconds leave the last digits open.
    got = [(nanoseconds(e["earliest"]), nanoseconds(e["latest"]) // 1000, e["data"]["statements"]) for e in derived]
    if [(a, b // 1000, n) for a, b, n in expected] != [(a, b, n) for a, b, n in got]:
        differ(name, "on since %s instead of %s" % (got, expected))
    ids = {e["id"] for e in events if e["kind"] == "power.state" and e["certainty"] == "observed"}
    for e in derived:
        if not e["derived_from"] or not set(e["derived_from"]) <= ids or "change" in e["data"] or e["time"] is not None:
            differ(name, "a derived event that is not as it should be")
    commands = [e["time_ns"] for e in events if e["kind"] == "power.command" and e["data"]["state"] == "on"]
    for time_ns in commands:
        if not any(a <= time_ns <= (b + 1) * 1000 for a, b, _ in got):
            differ(name, "the command at %d is in no run" % time_ns)
    for e in events:
        if e["data"].get("change") in ("first", "changed") and e["data"]["state"] == "on":
            span = e["data"]["transition"]
            if not any(e2["earliest"] <= span["earliest"] and span["latest"] <= e2["latest"] for e2 in derived):
                differ(name, "the switching on is not bounded by what was derived")
    print("%s: %d runs of ON, %d commands" % (name, len(derived), len(commands)))


def without_place(events):
    return sorted((e["kind"], e.get("channel") or "", flat(e["data"]), e["time_ns"]) for e in events)


def check_views(wattrail, paths):
    """Together: each statement once. The views' clocks are the same to the eye, and a statement's time is that of the
    view that saw it first."""
    alone = []
    for path in paths:
        for said in without_place(power_events(kasa_data.records(wattrail, "timeline", path))):
            if not any(said[:3] == other[:3] and abs(said[3] - other[3]) < SECOND // 20 for other in alone):
                alone.append(said)
    lines = kasa_data.records(wattrail, "timeline", paths[0], *paths[1:])
    together = without_place(power_events(lines))
    if [s[:3] for s in sorted(alone)] != [s[:3] for s in together]:
        differ("the views together", "%d statements instead of %d" % (len(together), len(alone)))
    if any(abs(a[3] - b[3]) > SECOND // 20 for a, b in zip(sorted(alone), together)):
        differ("the views together", "a statement's time is that of no view")
    if len({l["device"] for l in lines if l["record"] == "event"}) != 1:
        differ("the views together", "there was one plug")
    related = [s["clock"] for s in lines[-1]["sources"] if "clock" in s]
    if not related or any(abs(c["offset_ns"]) > SECOND for c in related):
        differ("the views together", "the clocks of the views that share messages are not related")
    print("%d views together: %d statements, %d copies" % (len(paths), len(together), lines[-1]["copies"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    given = parser.parse_args()
    captures = sorted(p for kind in ("pcap", "pcapng") for p in glob.glob(
        os.path.join(given.data, "kasa", "**", "*." + kind), recursive=True))
    views = [p for p in captures if os.path.basename(os.path.dirname(p)) == "hs110-2023-run1"]
    if not views or not shutil.which("tshark"):
        print("skipped: the third-party captures or tshark are not here", file=sys.stderr)
        return kasa_data.SKIP
    for path in captures:
        check_capture(given.wattrail, path)
    check_views(given.wattrail, views)
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

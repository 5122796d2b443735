#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a command to a Kasa plug has to do with a relay that an on-time says went on just after it:
kasa_cause.py --wattrail PATH

Captures made here of a plug that is polled over UDP. The relay goes on at 20 s; the poll at 28.999 s finds an on-time of
8 s, by which it went on no sooner than 19.9982 s (the second that the on-time leaves open, and 0.1 ms for each of the 8).
A command shortly before that is the cause, unless a statement of OFF lies between; one from longer ago is not, and one
between the bounds comes first."""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from kasa_wire import PORT, Capture, encipher

PLUG, APP = ("192.168.0.9", PORT), ("192.168.0.2", 40000)
SWITCH = '{"system":{"set_relay_state":{"state":%d}}}'
DONE = '{"system":{"set_relay_state":{"err_code":0}}}'
ASK = '{"system":{"get_sysinfo":{}}}'
TELL = ('{"system":{"get_sysinfo":{"sw_ver":"1","model":"HS100(EU)","mac":"02:00:00:00:00:09","relay_state":%d,'
        '"on_time":%d,"err_code":0}}}')

# Each with the times in milliseconds of commands for ON and of polls that find OFF, and which command is the cause.
CASES = {
    "between the bounds": ([20005], [10000], 0),
    "just before them": ([19980], [10000], 0),
    "almost two seconds before them": ([18010], [10000], 0),
    "longer before them": ([17900], [10000], None),
    "before OFF was stated": ([19000], [10000, 19500], None),
    "the one between the bounds": ([19000, 20005], [10000], 1),
    "none": ([], [10000], None),
}


def capture(commands, offs):
    steps = [(ms, SWITCH % 1, DONE) for ms in commands] + [(ms, ASK, TELL % (0, 0)) for ms in offs]
    made = Capture(0)
    for ms, question, answer in sorted(steps) + [(28998, ASK, TELL % (1, 8))]:
        made.now = ms * 10**6 - 10**6
        made.udp(APP, PLUG, encipher(question))
        made.udp(PLUG, APP, encipher(answer))
    return made.data


def events(wattrail, path):
    done = subprocess.run([wattrail, "timeline", "--format", "jsonl", path], capture_output=True, check=True)
    return [record for record in map(json.loads, done.stdout.splitlines()) if record["record"] == "event"]


def check(wattrail, name, commands, offs, cause):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "made.pcap")
        with open(path, "wb") as file:
            file.write(capture(commands, offs))
        found = events(wattrail, path)
    asked = sorted((e for e in found if e["kind"] == "power.command"), key=lambda e: e["time_ns"])
    states = [e for e in found if e["kind"] == "power.state" and e["data"].get("change") == "changed"]
    if len(asked) != len(commands) or len(states) != 1:
        return f"{len(asked)} commands and {len(states)} changes"
    got = states[0]["cause"]
    if states[0]["data"]["transition"]["earliest"] != "1970-01-01T00:00:19.998200000Z":
        return f"earliest {states[0]['data']['transition']['earliest']}"
    if cause is None:
        return None if got == {"trigger": "unknown"} else f"cause {got}"
    right = got["trigger"] == "lan" and got["basis"] == "preceding_command" and got["event"] == asked[cause]["id"]
    return None if right else f"cause {got}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wattrail", required=True)
    wattrail = parser.parse_args().wattrail
    wrong = 0
    for name, case in CASES.items():
        fault = check(wattrail, name, *case)
        wrong += fault is not None
        print(f"{name}: {fault or 'right'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The formats of general timeline tools beside the canonical one: listings.py --wattrail PATH --captures DIR

For each shipped capture every format must hold each event that has a time once, under that time as far as the format
can tell it, and nothing else; and The Sleuth Kit's mactime, where it is installed, must list as many. The formats are
read here by their own rules, as their tools read them."""

import argparse
import csv
import glob
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import datetime, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
wrong = []


def run(wattrail, form, capture):
    keys = capture.replace(".pcap", ".keys")
    more = ["--keys", keys] if os.path.exists(keys) else []
    done = subprocess.run([wattrail, "timeline", "-q", "--format", form, *more, capture], capture_output=True)
    if done.returncode not in (0, 1):
        sys.exit("%s %s: status %d: %s" % (form, capture, done.returncode, done.stderr.decode()))
    return done.stdout.decode("utf-8")


def nanoseconds(text):
    """Of RFC 3339 with nine digits and Z."""
    whole = datetime.fromisoformat(text[:19]).replace(tzinfo=timezone.utc) - EPOCH
    return (whole.days * 86400 + whole.seconds) * 10 ** 9 + int(text[20:29])


def listed(event):
    for name in ("time", "earliest", "latest"):
        if event[name]:
            return nanoseconds(event[name])
    return None


def canonical(wattrail, capture):
    events = [line for line in map(json.loads, run(wattrail, "jsonl", capture).splitlines()) if line["record"] == "event"]
    return [(listed(e), e["id"], e) for e in events if listed(e) is not None]


def compare(name, meant, told):
    meant, told = Counter(meant), Counter(told)
    for one in list((meant - told).elements())[:3]:
        wrong.append("%s lacks %s" % (name, one))
    for one in list((told - meant).elements())[:3]:
        wrong.append("%s has %s, which the timeline has not" % (name, one))


def timesketch(text):
    """As its importer: a line an object, `datetime` with its offset; `timestamp` must say the same."""
    for line in text.splitlines():
        one = json.loads(line)
        if any(isinstance(value, dict) for value in one.values()) or not one["message"] or not one["timestamp_desc"]:
            wrong.append("timesketch: %s" % line)
        at = datetime.fromisoformat(one["datetime"]) - EPOCH
        micros = (at.days * 86400 + at.seconds) * 10 ** 6 + at.microseconds
        if micros != one["timestamp"]:
            wrong.append("timesketch: %s is not %d" % (one["datetime"], one["timestamp"]))
        yield micros, one["event_uid"]


def types_hold(text):
    seen = {}
    for line in text.splitlines():
        for name, value in json.loads(line).items():
            of = type(value[0] if isinstance(value, list) else value)
            if seen.setdefault(name, of if of is not float else int) not in (of, int if of is float else of):
                wrong.append("timesketch: %s is %s here and %s there" % (name, of, seen[name]))


def l2tcsv(text):
    lines = text.splitlines()
    names = lines[0].split(",")
    for line in lines[1:]:
        row = dict(zip(names, line.split(","), strict=True))
        at = datetime.strptime(row["date"] + row["time"], "%m/%d/%Y%H:%M:%S").replace(tzinfo=timezone.utc) - EPOCH
        yield at.days * 86400 + at.seconds, re.search("event: ([0-9a-f]{16})", row["extra"])[1]


def tln(text):
    for line in text.splitlines():
        at, _, _, _, description = line.split("|")
        if nanoseconds(description.split(";")[0]) // 10 ** 9 != int(at):
            wrong.append("tln: %s" % line)
        yield int(at), re.search(r" event ([0-9a-f]{16})\]$", line)[1]


def bodyfile(text):
    for line in text.splitlines():
        fields = line.split("|")
        if len(fields) != 11 or len(set(fields[7:])) != 1:
            wrong.append("bodyfile: %s" % line)
        yield int(fields[7])


def mactime(text, work):
    path = os.path.join(work, "body")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    done = subprocess.run(["mactime", "-b", path, "-y", "-d", "-z", "UTC"], capture_output=True, check=True)
    for row in list(csv.reader(io.StringIO(done.stdout.decode("utf-8"))))[1:]:
        at = datetime.strptime(row[0][:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc) - EPOCH
        yield at.days * 86400 + at.seconds


def check(wattrail, capture, work):
    name = os.path.basename(capture)
    events = canonical(wattrail, capture)
    in_seconds = [(at // 10 ** 9, one) for at, one, _ in events]
    sketch = run(wattrail, "timesketch", capture)
    compare(name + " timesketch", [(at // 1000, one) for at, one, _ in events], timesketch(sketch))
    types_hold(sketch)
    compare(name + " l2tcsv", in_seconds, l2tcsv(run(wattrail, "l2tcsv", capture)))
    compare(name + " tln", in_seconds, tln(run(wattrail, "tln", capture)))
    body = run(wattrail, "bodyfile", capture)
    compare(name + " bodyfile", [at for at, _ in in_seconds], bodyfile(body))
    if shutil.which("mactime"):
        compare(name + " mactime", [at for at, _ in in_seconds], mactime(body, work))
    return len(events)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--captures", required=True)
    options = parser.parse_args()
    captures = sorted(glob.glob(os.path.join(options.captures, "*", "*.pcap*")))
    with tempfile.TemporaryDirectory() as work:
        total = sum(check(options.wattrail, capture, work) for capture in captures)
    print("%d captures, %d events in each format%s" % (
        len(captures), total, "" if shutil.which("mactime") else "; mactime is not installed"))
    for sentence in wrong:
        print(sentence)
    return 1 if wrong or not total else 0


if __name__ == "__main__":
    sys.exit(main())

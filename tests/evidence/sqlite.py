#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The SQLite form beside the canonical one: sqlite.py --wattrail PATH --captures DIR --manual FILE

For each shipped capture the database must open in SQLite, pass its integrity check, and hold what the JSON lines hold:
each event with its values, raw values, bounds, cause, links and places, each finding and window, the counts. The queries
in the manual must run there. The same input must give the same bytes."""

import argparse
import glob
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from decimal import Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
wrong = []


def run(wattrail, form, capture):
    keys = capture.replace(".pcap", ".keys")
    more = ["--keys", keys] if os.path.exists(keys) else []
    done = subprocess.run([wattrail, "timeline", "-q", "--format", form, *more, capture], capture_output=True)
    if done.returncode not in (0, 1):
        sys.exit("%s %s: status %d: %s" % (form, capture, done.returncode, done.stderr.decode()))
    return done.stdout


def expect(what, told, meant):
    if told != meant:
        wrong.append("%s: %r, and not %r" % (what, told, meant))


def nanoseconds(text):
    if text is None:
        return None
    whole = datetime.fromisoformat(text[:19]).replace(tzinfo=timezone.utc) - EPOCH
    return (whole.days * 86400 + whole.seconds) * 10 ** 9 + int(text[20:29])


def as_text(value):
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def listed(value):
    return value if isinstance(value, list) else [value]


def place(evidence):
    return tuple(evidence.get(name) for name in ("source", "frame", "record_offset", "offset", "length"))


def check_event(name, db, row, line):
    cause, data, transition = line.get("cause") or {}, dict(line["data"]), line["data"].get("transition")
    transition = transition or {}
    meant = {
        "id": line["id"], "kind": line["kind"], "time": line["time"], "time_ns": line["time_ns"] and int(line["time_ns"]),
        "time_basis": line["time_basis"], "time_scale": line["time_scale"], "earliest_ns": nanoseconds(line["earliest"]),
        "latest_ns": nanoseconds(line["latest"]), "device": line.get("device"), "channel": line.get("channel"),
        "outlet": line.get("outlet"), "change": data.pop("change", None),
        "transition_earliest_ns": nanoseconds(transition.get("earliest")),
        "transition_latest_ns": nanoseconds(transition.get("latest")), "trigger": cause.get("trigger"),
        "cause_basis": cause.get("basis"), "cause_event": cause.get("event"), "delay_ns": cause.get("delay_ns"),
        "endpoint": cause.get("endpoint"), "client_id": cause.get("client_id"), "user": cause.get("user"),
        "app_id": cause.get("app_id"), "certainty": line["certainty"], "retained": int(line.get("retained", False)),
        "copies": line.get("copies", 0), "path": line["path"], "message": line["message"],
        "key": (line.get("key") or {}).get("name"), "transform": (line["evidence"].get("transform") or {}).get("steps"),
    }
    for column, value in meant.items():
        expect("%s line %d %s" % (name, row["n"], column), row[column], value)
    expect("%s line %d place" % (name, row["n"]), tuple(row[c] for c in ("source", "frame", "record_offset", "offset", "length")),
           place(line["evidence"]))
    data.pop("transition", None)
    values = sorted((field, as_text(value)) for field, some in data.items() for value in listed(some))
    told = db.execute("SELECT field, text, number FROM event_value WHERE n = ?", (row["n"],)).fetchall()
    expect("%s line %d values" % (name, row["n"]), sorted((field, text) for field, text, _ in told), values)
    for field, text, number in told:
        if number is not None and text not in ("true", "false"):
            expect("%s line %d %s" % (name, row["n"], field), number, float(Decimal(text)))
    links = [("transition", one) for one in transition.get("by", ())] + [
        ("other_command", one) for one in cause.get("others", ())] + [
        ("derived_from", one) for one in line.get("derived_from", ())]
    expect("%s line %d links" % (name, row["n"]),
           sorted(map(tuple, db.execute("SELECT role, id FROM event_link WHERE n = ?", (row["n"],)))), sorted(links))
    origins = [("part", *place(p)) for p in line["evidence"].get("parts", ())] + [
        (a["as"], *place(a)) for a in line.get("also", ())]
    expect("%s line %d origins" % (name, row["n"]), sorted(map(tuple, db.execute(
        "SELECT role, source, frame, record_offset, offset, length FROM event_origin WHERE n = ?", (row["n"],)))),
        sorted(origins))
    raws = sum(len(listed(value)) for value in (line.get("raw") or {}).values())
    told = db.execute("SELECT count(*) FROM event_raw WHERE n = ?", (row["n"],)).fetchone()[0]
    if told < raws:
        wrong.append("%s line %d: %d raw values of %d" % (name, row["n"], told, raws))


def check(wattrail, capture, work, queries):
    name, path = os.path.basename(capture), os.path.join(work, "scene.db")
    with open(path, "wb") as out:
        out.write(run(wattrail, "sqlite", capture))
    with open(path, "rb") as made:
        expect(name + " bytes", made.read() == run(wattrail, "sqlite", capture), True)
    lines = [json.loads(line, parse_float=Decimal) for line in run(wattrail, "jsonl", capture).splitlines()]
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    expect(name + " integrity", [tuple(r) for r in db.execute("PRAGMA integrity_check")], [("ok",)])
    events = [line for line in lines if line["record"] == "event"]
    rows = db.execute("SELECT * FROM event ORDER BY n").fetchall()
    expect(name + " events", len(rows), len(events))
    for row, line in zip(rows, events):
        check_event(name, db, row, line)
    for kind in ("finding", "window"):
        expect(name + " " + kind, db.execute("SELECT count(*) FROM " + kind).fetchone()[0],
               sum(line["record"] == kind for line in lines))
    summary = lines[-1]
    expect(name + " summary", tuple(db.execute("SELECT events, findings, windows, copies FROM summary").fetchone()),
           tuple(summary[c] for c in ("events", "findings", "windows", "copies")))
    expect(name + " hashes", [r[0] for r in db.execute("SELECT sha256 FROM source ORDER BY source")],
           [s["sha256"] for s in summary["sources"]])
    expect(name + " coverage", sorted(map(tuple, db.execute("SELECT decoder, records, errors FROM coverage"))),
           sorted((c["decoder"], c["records"], c["errors"]) for s in summary["sources"] for c in s["coverage"]))
    found = [db.execute(query).fetchall() for query in queries]
    db.close()
    return len(events), [len(rows) for rows in found]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--captures", required=True)
    parser.add_argument("--manual", required=True)
    options = parser.parse_args()
    with open(options.manual, encoding="utf-8") as file:
        queries = [" ".join(block.split()) for block in re.findall(r"(?:^ {4}.+\n)+", file.read(), re.M) if "SELECT" in block]
    captures = sorted(glob.glob(os.path.join(options.captures, "*", "*.pcap*")))
    with tempfile.TemporaryDirectory() as work:
        results = [check(options.wattrail, capture, work, queries) for capture in captures]
    for i, query in enumerate(queries[:-1]):  # the last one lists what could not be read
        if not any(counts[i] for _, counts in results):
            wrong.append("no capture gives an answer to: %s" % query)
    print("%d captures, %d events, %d queries of the manual" % (
        len(captures), sum(events for events, _ in results), len(queries)))
    for sentence in wrong[:40]:
        print(sentence)
    return 1 if wrong or not results or len(queries) < 5 else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""Gathers the actors' logs into one truth. Nothing here looks at the capture.

What an actor could not know is worked out from the other logs: which publication a delivered command was, and
which publication a retained message repeats. tests/evidence/README.md describes the result."""

import glob
import json
import os

LAG = 1_000_000_000  # a command delivered later than this was kept by the broker or sent again


def gather(folder, recorded_from, until):
    logs = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.jsonl"))):
        with open(path, encoding="utf-8") as log:
            logs[os.path.basename(path)[:-6]] = [json.loads(line) for line in log]
    addresses = {}
    for name, records in logs.items():
        for record in records:
            record["actor"] = name
            if record["what"] == "host":
                addresses[name] = record["address"]
    publications = number_publications(logs, addresses)
    claim_commands(logs, publications)
    switchings = number_switchings(logs, publications)
    retained = retained_deliveries(logs, addresses, publications)
    inside = [p for p in publications if recorded_from <= p["before"]]
    for publication in publications:
        for scratch in ("key", "resent"):
            publication.pop(scratch, None)
    told = {
        "recorded_from": recorded_from, "recorded_until": until,
        "publications": inside,
        "retained": [r for r in retained if recorded_from <= r["received"]],
        "switchings": switchings,
        "boots": [{"device": r["device"], "time": r["time"]} for r in select(logs, "boot")],
        "sessions": sessions(logs, addresses),
        "heard": [{name: record[name] for name in ("time", "device", "property", "value", "found")}
                  for record in select(logs, "heard")],
    }
    if not told["heard"]:
        del told["heard"]
    return told


def select(logs, what):
    found = [r for records in logs.values() for r in records if r["what"] == what]
    return sorted(found, key=lambda r: r.get("before", r.get("time")))


def number_publications(logs, addresses):
    publications = []
    for n, record in enumerate(select(logs, "publish"), 1):
        publication = {
            "id": n, "actor": record["actor"], "address": addresses[record["actor"]], "port": record["port"],
            "client_id": record["client_id"], "session": record["session"], "before": record["before"],
            "after": record["after"], "topic": record["topic"], "payload": record["payload"],
            "qos": record["qos"], "retain": record["retain"], "answers": record["answers"],
            "resends": [], "statements": record["statements"], "key": (record["actor"], record["number"])}
        publication.update((name, record[name]) for name in ("serial", "missed", "lost", "sender") if name in record)
        publications.append(publication)
    by_key = {p["key"]: p for p in publications}
    for record in select(logs, "resend"):
        by_key[(record["actor"], record["publication"])]["resends"].append(record["time"])
    return publications


def claim_commands(logs, publications):
    """Finds for every delivered message the publication that it was, and puts its id where the plug wrote the
    number of the message that it acts on."""
    by_text = {}
    for publication in publications:
        by_text.setdefault((publication["topic"], publication["payload"]), []).append(publication)
    for records in logs.values():
        meant, claimed = {}, set()
        for record in records:
            if record["what"] != "receive":
                continue
            fitting = [p for p in by_text.get((record["topic"], record["payload"]), [])
                       if p["before"] <= record["time"] and p["id"] not in claimed]
            prompt = [p for p in fitting
                      if record["time"] - max([p["before"]] + [t for t in p["resends"] if t <= record["time"]]) < LAG]
            if not fitting:
                if record.get("question"):  # a broadcast one, which nobody logs
                    meant[record["number"]] = None
                continue
            found = prompt[0] if prompt and not record["retain"] else fitting[-1]
            if not record["retain"]:
                claimed.add(found["id"])
            meant[record["number"]] = found["id"]
            record["publication"] = found["id"]
            if found["port"] is None:
                found["port"] = record.get("port")  # as the receiver saw it
        for record in records:
            if record["what"] in ("publish", "switch") and record["answers"] is not None:
                record["answers"] = meant[record["answers"]]
        for publication in publications:
            if records and publication["actor"] == records[0]["actor"] and publication["answers"] is not None:
                publication["answers"] = meant[publication["answers"]]


def number_switchings(logs, publications):
    switchings, numbers = [], {}
    for n, record in enumerate(select(logs, "switch"), 1):
        numbers[(record["actor"], record["number"])] = n
        switchings.append({"id": n, "device": record["device"], "channel": record["channel"],
                           "state": record["state"], "before": record["before"], "after": record["after"],
                           "why": record["why"], "command": record["answers"],
                           **{key: record[key] for key in ("trigger",) if key in record}})
    for publication in publications:
        for statement in publication["statements"]:
            if statement.get("switching") is not None:
                statement["switching"] = numbers[(publication["actor"], statement["switching"])]
    return switchings


def retained_deliveries(logs, addresses, publications):
    """What subscribers got out of the broker's store, with what it stated when it was published. A subscriber
    that asked for RETAIN as published also sees it on live messages; those are no deliveries from the store."""
    retained = []
    for record in select(logs, "receive"):
        if not record["retain"] or record["retain_as_published"]:
            continue
        origin = [p for p in publications if p["retain"] and p["topic"] == record["topic"]
                  and p["payload"] == record["payload"] and p["before"] <= record["time"]]
        if origin and origin[-1]["statements"]:
            retained.append({"receiver": record["actor"], "address": addresses[record["actor"]],
                             "received": record["time"], "topic": record["topic"],
                             "payload": record["payload"], "publication": origin[-1]["id"],
                             "statements": origin[-1]["statements"]})
    return retained


def sessions(logs, addresses):
    found = []
    for name, records in logs.items():
        for record in records:
            if record["what"] != "session":
                continue
            if record["event"] == "open":
                found.append({"actor": name, "address": addresses[name], "port": record["port"],
                              "client_id": record["client_id"], "session": record["session"],
                              "opened": record["time"], "closed": None, "by": None})
            elif found and found[-1]["actor"] == name and found[-1]["closed"] is None:
                found[-1]["closed"], found[-1]["by"] = record["time"], record["by"]
    return sorted(found, key=lambda s: s["opened"])


def write(told, path):
    """JSON with one publication, delivery or switching a line: readable, and small differences stay small."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("{\n")
        keys = list(told)
        for key in keys:
            value = told[key]
            end = "\n" if key == keys[-1] else ",\n"
            if isinstance(value, list) and value:
                lines = ",\n  ".join(json.dumps(item, ensure_ascii=False) for item in value)
                out.write(" %s: [\n  %s\n ]%s" % (json.dumps(key), lines, end))
            else:
                out.write(" %s: %s%s" % (json.dumps(key), json.dumps(value), end))
        out.write("}\n")

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check_subset.py [--dup-only | --lossless] PERTURBED.jsonl WHOLE.jsonl: whether a damaged capture's timeline
says anything that the whole capture's does not.
check_subset.py --self-test

Always: each event's kind, channel, data and raw texts are those of an event of the whole timeline (fields may
be missing, as what gave them may be lost; the device may bear another of its names), and no state is laid to a
command that the whole timeline does not lay it to.
--lossless: nothing was lost (packets repeated or moved): also each event of the whole is there.
--dup-only: packets were only repeated: also as many events of each meaning, at the same times, with the same
devices, changes and causes; what differs is copies alone, and how often a datagram was said.
Exit status 1 with a sentence for each difference."""

import json
import sys
from collections import Counter
from decimal import Decimal

# These hang on what else was said, and that may be lost; a clock's offset hangs on when the copy that is left was seen.
RELATIVE = ("change", "transition", "missed", "statements", "offset_s")


def load(path):
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line, parse_float=Decimal) for line in file if line.strip()]
    return [line for line in lines if line.get("record") == "event"]


def flat(value):
    return json.dumps(value, sort_keys=True, default=str)


def items(values, leave=()):
    return frozenset((name, flat(value)) for name, value in (values or {}).items() if name not in leave)


# What was seen of a session as a whole, of which some may be lost.
OF_SESSION = ("client_bytes", "client_records", "server_bytes", "server_records", "incomplete", "decrypted",
              "not_decrypted")


def said(event):
    counted = ("statements",) if event.get("certainty") == "derived" else ()  # how many it rests on: some may be lost
    counted += OF_SESSION if event.get("kind") == "tls.session" else ()
    return items(event.get("data"), RELATIVE + counted), items(event.get("raw"))


def stand(event):
    return "event %s (%s, %s%s, %s)" % (event.get("id"), event.get("kind"), event.get("device"),
                                        " channel " + event["channel"] if event.get("channel") else "",
                                        event.get("time"))


def subset(some, whole):
    known = {}
    for event in whole:
        known.setdefault((event["kind"], event.get("channel")), set()).add(said(event))
    for event in some:
        data, raw = said(event)
        there = known.get((event["kind"], event.get("channel")), ())
        if (data, raw) not in there and not any(data <= d and raw <= r for d, r in there):
            yield "%s says what the whole capture does not: %s" % (
                stand(event), flat({"data": event.get("data"), "raw": event.get("raw")}))


def command_of(event, by_id):
    claimed = (event.get("cause") or {}).get("event")
    command = by_id.get(claimed)
    if command is None:
        return None
    seen = command.get("time_ns") or command.get("evidence", {}).get("time_ns")
    return (command["kind"], seen, said(command))


def is_same_command(event, own, twin, other):
    """Whether both name one command. Where its publication was lost it is known from a delivery, which the whole
    timeline lists beside it."""
    mine, whole = command_of(event, own), command_of(twin, other)
    if mine is None or whole is None:
        return mine is whole
    there = other[twin["cause"]["event"]]
    times = {there.get("time_ns")} | {origin.get("time_ns") for origin in there.get("also", ())}
    # a repeated packet bears a time of its own, a little later than the one that it repeats
    near = any(time is not None and mine[1] is not None and 0 <= mine[1] - time <= 5_000_000 for time in times)
    return (mine[0], mine[2]) == (whole[0], whole[2]) and (near or mine[1] in times)


def lasting(twin, whole):
    """The event that brought about the state which a "same" one states again: where its statement was lost, the
    next poll is the first to tell of it."""
    if twin["data"].get("change") != "same":
        return twin
    found = twin
    for event in whole:
        if event is twin:
            return found
        if (event["kind"] == "power.state" and event["data"].get("change") == "changed"
                and (event.get("device"), event.get("channel")) == (twin.get("device"), twin.get("channel"))):
            found = event
    return found


def causes(some, whole):
    """A state laid to a command must be laid to the same one in the whole timeline. Events are recognised by
    their time, so this holds for captures whose packets kept their stamps."""
    own, other = ({e["id"]: e for e in events} for events in (some, whole))
    known = {}
    for event in whole:
        known.setdefault((event["kind"], event.get("channel"), event.get("time_ns"), said(event)), []).append(event)
    for event in some:
        if event["kind"] != "power.state" or not (event.get("cause") or {}).get("event"):
            continue
        twins = known.get((event["kind"], event.get("channel"), event.get("time_ns"), said(event)), [])
        twins += [lasting(twin, whole) for twin in twins]
        if twins and not any(is_same_command(event, own, twin, other) for twin in twins):
            yield "%s is laid to a command, and in the whole capture to another or none" % stand(event)


def bounds(some, whole):
    """What is derived from fewer statements is bounded less closely, and never elsewhere."""
    known = {}
    for event in whole:
        if event.get("certainty") == "derived":
            known.setdefault((event["kind"], event.get("channel"), said(event)), []).append(event)
    encloses = lambda wide, near: all((
        wide.get("earliest") is None or (near.get("earliest") or "") >= wide["earliest"],
        wide.get("latest") is None or (near.get("latest") or "9") <= wide["latest"]))
    for event in some:
        twins = known.get((event["kind"], event.get("channel"), said(event)), [])
        if event.get("certainty") == "derived" and twins and not any(encloses(event, twin) for twin in twins):
            yield "%s, derived, is bounded otherwise than in the whole capture: %s to %s" % (
                stand(event), event.get("earliest"), event.get("latest"))


def absences(some):
    for event in some:
        cause = event.get("cause") or {}
        if cause.get("trigger") in ("button", "schedule", "timer", "cloud", "voice", "rule", "overload") \
                and cause.get("basis") != "device_word":
            yield "%s is laid to %s without the device's word" % (stand(event), cause["trigger"])


def full(event, by_id):
    """All that a repetition of packets must not change."""
    data = {name: value for name, value in (event.get("data") or {}).items()}
    if isinstance(data.get("transition"), dict):
        data["transition"] = {k: v for k, v in data["transition"].items() if k != "by"}
    cause = {k: v for k, v in (event.get("cause") or {}).items() if k not in ("event", "others")}
    return flat([event["kind"], event.get("device"), event.get("channel"), event.get("time"), event.get("earliest"),
                 event.get("latest"), bool(event.get("retained")), data, event.get("raw"), cause,
                 command_of(event, by_id)])


def is_datagram(event):
    """Equal datagrams more than 2 ms apart are as many statements: a repetition there is no copy."""
    return "/udp/" in event.get("path", "")


def same(some, whole):
    own, other = ({e["id"]: e for e in events} for events in (some, whole))
    here, there = (Counter(full(e, ids) for e in events if not is_datagram(e))
                   for events, ids in ((some, own), (whole, other)))
    for text, count in sorted((here - there).items()):
        yield "%d too many: %s" % (count, text)
    for text, count in sorted((there - here).items()):
        yield "%d too few: %s" % (count, text)


def compare(some, whole, mode=None):
    wrong = list(subset(some, whole)) + list(absences(some)) + list(bounds(some, whole))
    if mode is None or mode == "--dup-only":
        wrong += causes(some, whole)
    if mode in ("--lossless", "--dup-only"):
        wrong += ["missing: " + sentence for sentence in subset(whole, some)]
    if mode == "--dup-only":
        wrong += same(some, whole)
    return wrong


def self_test():
    base = [
        {"record": "event", "id": "a", "kind": "power.command", "channel": "1", "time": "t1", "time_ns": 1,
         "device": "d", "data": {"state": "on"}, "raw": {"payload": "ON"}},
        {"record": "event", "id": "b", "kind": "power.state", "channel": "1", "time": "t2", "time_ns": 2,
         "device": "d", "data": {"state": "on", "change": "changed"}, "raw": {"POWER": "ON"},
         "cause": {"trigger": "mqtt", "event": "a", "basis": "preceding_command"}},
        {"record": "event", "id": "c", "kind": "power.command", "channel": "1", "time": "t0", "time_ns": 0,
         "device": "d", "data": {"state": "off"}, "raw": {"payload": "OFF"}}]
    copy = lambda: json.loads(json.dumps(base))
    good = [(None, base), (None, base[:1]), ("--dup-only", copy()), ("--lossless", copy())]
    other_value, other_raw, other_cause, extra, fewer, absent, changed = (copy() for _ in range(7))
    other_value[1]["data"]["state"] = "off"
    other_raw[1]["raw"]["POWER"] = "On"
    other_cause[1]["cause"]["event"] = "c"
    extra.append({**extra[0], "id": "x"})
    fewer.pop()
    absent[1]["cause"] = {"trigger": "button", "basis": "preceding_command"}
    changed[1]["data"]["change"] = "same"
    bad = [(None, other_value), (None, other_raw), (None, other_cause), ("--dup-only", extra), ("--dup-only", fewer),
           ("--lossless", fewer), (None, absent), ("--dup-only", changed)]
    later = {**base[1], "id": "d", "time_ns": 3, "data": {"state": "on", "change": "same"}, "cause": {}}
    told_late = [base[0], {**later, "data": {"state": "on", "change": "changed"}, "cause": base[1]["cause"]}]
    lost = compare(told_late, base + [later])  # the first poll was lost: the next one tells of the change
    off_on = [{**base[1], "id": "e", "time_ns": 2, "cause": {}}]  # … which here was not the command's doing
    laid = compare(told_late, base[:1] + off_on + [later])
    failed = ["lost"] * bool(lost) + ["laid"] * (not laid)
    failed += [n for n, (mode, some) in enumerate(good) if compare(some, base, mode)]
    failed += [len(good) + n for n, (mode, some) in enumerate(bad) if not compare(some, base, mode)]
    print("self-test: " + ("failed: %s" % failed if failed else "all caught"))
    return 1 if failed else 0


def main(words):
    if words == ["--self-test"]:
        return self_test()
    mode = words.pop(0) if words and words[0] in ("--dup-only", "--lossless") else None
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    some, whole = load(words[0]), load(words[1])
    wrong = compare(some, whole, mode)
    for sentence in wrong:
        print(sentence)
    print("%d of %d events: %s" % (len(some), len(whole), "%d differences" % len(wrong) if wrong else
                                   "nothing that the whole capture lacks"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

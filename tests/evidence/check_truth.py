#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check_truth.py TIMELINE.jsonl TRUTH.json: whether a timeline says what the actors did, and nothing else.
check_truth.py --self-test [TRUTH.json ...]: whether the check catches what it is there for.

Both directions: every true statement of a state, command, reading, energy or boot is one event with the right
device, channel and value at the right time, and no event of those kinds is beyond the truth. Prints a sentence
for each difference; exit status 1 if there is any. README.md describes the truth and the rules."""

import json
import re
import sys
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation

KINDS = ("power.state", "power.command", "power.reading", "energy.counter", "device.boot")
READINGS = ("power_w", "voltage_v", "current_a", "apparent_va", "reactive_var", "power_factor", "frequency_hz")
EARLY_NS, LATE_NS = 50_000_000, 250_000_000
STORE_EARLY_NS = 500_000_000
CAUSE_WINDOW_NS = 2_000_000_000
TRIGGERS = {"command": ("mqtt", "http", "lan"), "button": ("button",), "timer": ("timer",), "overload": ("overload",)}
HEARD_NS = 500_000_000


# ---- reading a timeline

def load_timeline(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line, parse_float=Decimal) for line in file if line.strip()]


def nanoseconds(text):
    """RFC 3339 with nine digits and Z, to the nanosecond; None stays None."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z", text)
    if not found:
        raise ValueError("not a time of the contract: " + text)
    second = datetime.fromisoformat(found[1]).replace(tzinfo=timezone.utc)
    return int(second.timestamp()) * 10 ** 9 + int(found[2])


def number(value):
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def meaning(kind, data):
    """What an event or statement says, comparable."""
    if kind in ("power.state", "power.command"):
        return data.get("state")
    if kind == "power.reading":
        return tuple(sorted((name, number(data[name]).normalize()) for name in READINGS
                            if data.get(name) is not None))
    if kind == "energy.counter":
        energy = data.get("energy_wh")
        return (data.get("scope"), None if energy is None else number(energy).normalize())
    return None


def words(kind, said):
    if isinstance(said, tuple):
        return ", ".join(" ".join(str(part) for part in item) if isinstance(item, tuple) else str(item)
                         for item in said)
    return str(said) if said else kind


def place(record):
    channel = record.get("channel")
    return "%s%s" % (record.get("device"), "" if channel is None else " channel " + channel)


def stand(event):
    """Where an event is found again."""
    evidence = event.get("evidence") or {}
    return "event %s (frame %s, %s)" % (event.get("id"), evidence.get("frame"), event.get("time"))


def raw_texts(event):
    for value in (event.get("raw") or {}).values():
        if isinstance(value, bool):
            yield "true" if value else "false"
        elif isinstance(value, (str, int, Decimal)):
            yield str(value)


def when(event):
    """A dated event's time; a bounded one's latest."""
    if event.get("time_ns") is not None:
        return event["time_ns"]
    return nanoseconds(event.get("latest"))


# ---- the truth as a list of what must be found

class Expected:
    """One true statement. `low` and `high` bound the time at which it may stand."""

    def __init__(self, publication, statement, low, high):
        self.publication, self.statement = publication, statement
        self.low, self.high = low, high
        self.kind, self.said = statement["kind"], meaning(statement["kind"], statement["data"])
        self.event = None

    def fits_device(self, event, single):
        said = self.statement
        if said.get("group"):
            right = not str(event.get("device", "")).startswith(("mac:", "zigbee:"))
        else:
            right = event.get("device") == said["device"]
        channel = event.get("channel")
        if channel == said["channel"]:
            return right
        # a meter that serves the whole plug may be given to the plug's one channel
        return (right and said["channel"] is None and self.kind in ("power.reading", "energy.counter")
                and single.get(said["device"]) == channel)

    def fits(self, event, single):
        return (event["kind"] == self.kind and self.fits_device(event, single)
                and meaning(self.kind, event.get("data") or {}) == self.said
                and self.low <= (when(event) or 0) <= self.high
                and all(text in self.publication["payload"] for text in raw_texts(event)))

    def sentence(self):
        return "%s of %s (%s), published by %s on %s at %d" % (
            self.kind, place(self.statement), words(self.kind, self.said), self.publication.get("actor"),
            self.publication["topic"], self.publication.get("before", self.publication.get("received")))


def live_statements(truth):
    for publication in truth["publications"]:
        for statement in publication["statements"]:
            yield Expected(publication, statement, publication["before"] - EARLY_NS,
                           publication["after"] + LATE_NS)


def sent_again(truth):
    """A client that sent a QoS 1 message again, with DUP, after its connection broke: whether that is the
    same message seen again or another one can't be told from the bytes alone, so both readings are right."""
    for publication in truth["publications"]:
        for time in publication.get("resends", []):
            for statement in publication["statements"]:
                yield Expected(publication, statement, time - EARLY_NS, time + LATE_NS)


def kept_statements(truth):
    for delivery in truth["retained"]:
        for statement in delivery["statements"]:
            yield Expected(delivery, statement, delivery["received"] - STORE_EARLY_NS,
                           delivery["received"] + EARLY_NS)


def single_channels(truth):
    """For devices with one channel, that channel."""
    found = {}
    for publication in truth["publications"]:
        for statement in publication["statements"]:
            if statement["kind"] == "power.state":
                found.setdefault(statement["device"], set()).add(statement["channel"])
    return {device: channels.pop() for device, channels in found.items() if len(channels) == 1}


# ---- the comparison

class Check:
    def __init__(self, lines, truth):
        self.truth, self.wrong = truth, []
        self.certainties = ("observed", "derived") + (("decrypted",) if "keyring" in truth else ())
        self.single = single_channels(truth)
        self.events = [line for line in lines if line.get("record") == "event"]
        self.by_id = {}
        self.truth_of = {}  # event id -> Expected
        for event in self.events:
            event["device"] = truth.get("aliases", {}).get(event.get("device"), event.get("device"))
        self.frame(lines)

    def say(self, sentence):
        self.wrong.append(sentence)

    def frame(self, lines):
        if not lines or lines[0].get("record") != "header":
            self.say("the first line is no header")
        if not lines or lines[-1].get("record") != "summary":
            self.say("the last line is no summary: the timeline is incomplete")
        for event in self.events:
            if event["id"] in self.by_id:
                self.say("%s: another event has the same id" % stand(event))
            self.by_id[event["id"]] = event
            if event.get("time") is not None and nanoseconds(event["time"]) != event.get("time_ns"):
                self.say("%s: time and time_ns differ (%s)" % (stand(event), event.get("time_ns")))

    def run(self):
        checked = [e for e in self.events if e["kind"] in KINDS]
        for event in checked:
            if event.get("certainty") not in self.certainties:
                self.say("%s: certainty %s in a capture that is %s" % (
                    stand(event), event.get("certainty"),
                    "read with keys" if "keyring" in self.truth else "all in clear"))
        derived = [e for e in checked if e.get("certainty") == "derived"]
        kept = [e for e in checked if e.get("retained")]
        live = [e for e in checked if e not in derived and e not in kept]
        self.match_live(live)
        self.match_kept(kept)
        for event in derived:
            self.derived(event)
        self.changes()
        for expected in list(self.truth_of.values()):
            self.transition(expected)
            self.cause(expected)
            self.serial(expected)
        self.heard()
        self.sessions()
        return self.wrong

    def match_live(self, events):
        expected = sorted(live_statements(self.truth), key=lambda e: e.high)
        free = sorted(events, key=when_or_zero)
        self.pair(expected, free)
        missing = [e for e in expected if e.event is None and not e.statement.get("optional")]
        for again in sent_again(self.truth):
            self.pair([again], free)
        for lost in missing:
            near = next((e for e in free if self.nearly(lost, e)), None)
            if near:
                free.remove(near)
                self.say("%s: %s" % (stand(near), self.contrast(lost, near)))
            else:
                self.say("missing: " + lost.sentence())
        for event in free:
            self.say("%s: beyond the truth: %s of %s (%s)" % (
                stand(event), event["kind"], place(event), words(event["kind"], meaning(
                    event["kind"], event.get("data") or {}))))

    def pair(self, expected, free):
        for one in expected:
            found = next((e for e in free if one.fits(e, self.single) and self.past_agrees(one, e)), None)
            if found is not None:
                free.remove(found)
                one.event = found
                self.truth_of[found["id"]] = one

    @staticmethod
    def past_agrees(expected, event):
        """What a device says of its past carries no `change`; what it says of now does."""
        if expected.kind != "power.state":
            return True
        return ("change" in event["data"]) != bool(expected.statement.get("past"))

    def nearly(self, lost, event):
        return (event["kind"] == lost.kind
                and lost.low - LATE_NS <= when_or_zero(event) <= lost.high + LATE_NS
                and (event.get("device") == lost.statement["device"]
                     or meaning(lost.kind, event.get("data") or {}) == lost.said)
                and all(text in lost.publication["payload"] for text in raw_texts(event)))

    def contrast(self, lost, event):
        said = meaning(lost.kind, event.get("data") or {})
        if said != lost.said:
            return "%s of %s says %s where %s was published" % (
                lost.kind, place(event), words(lost.kind, said), words(lost.kind, lost.said))
        if not lost.fits_device(event, self.single):
            return "%s is given to %s and belongs to %s" % (lost.kind, place(event), place(lost.statement))
        if not lost.low <= when_or_zero(event) <= lost.high:
            return "%s of %s stands outside %d to %d, when it was published" % (
                lost.kind, place(event), lost.low, lost.high)
        return "carries %s `change`, which is wrong for %s" % (
            "a" if "change" in event["data"] else "no", lost.sentence())

    def match_kept(self, events):
        """Messages out of the broker's store. Equal ones to several subscribers may be one event with copies."""
        deliveries = list(kept_statements(self.truth))
        for event in sorted(events, key=when_or_zero):
            fitting = [d for d in deliveries if d.event is None and d.fits(event, self.single)]
            if not fitting:
                self.say("%s: no such message came out of the broker's store: %s of %s (%s)" % (
                    stand(event), event["kind"], place(event),
                    words(event["kind"], meaning(event["kind"], event.get("data") or {}))))
                continue
            first = fitting[0]
            same = [d for d in deliveries if d.event is None and d.statement == first.statement
                    and d.publication["publication"] == first.publication["publication"] and d is not first]
            for one in [first] + same[:event.get("copies", 0)]:
                one.event = event
            self.truth_of[event["id"]] = first
            if event.get("time") is not None or event.get("time_basis") != "bounded":
                self.say("%s: a message out of the store is dated" % stand(event))
            if "change" in event["data"]:
                self.say("%s: a message out of the store carries `change`" % stand(event))
        for one in deliveries:
            if one.event is None and not one.statement.get("optional"):
                self.say("missing: out of the broker's store to %s: %s" % (
                    one.publication["receiver"], one.sentence()))

    def derived(self, event):
        low, high = nanoseconds(event.get("earliest")), nanoseconds(event.get("latest"))
        if event["kind"] == "device.boot":
            real = [b["time"] for b in self.truth["boots"] if b["device"] == event.get("device")]
        elif event["kind"] == "power.state":
            real = [s["after"] for s in self.truth["switchings"]
                    if s["device"] == event.get("device") and s["channel"] == event.get("channel")
                    and s["state"] == event["data"].get("state")]
        else:
            real = []
        if not any((low is None or low <= t) and (high is None or t <= high) for t in real):
            self.say("%s: derived %s of %s between %s and %s, and there was none" % (
                stand(event), event["kind"], place(event), event.get("earliest"), event.get("latest")))

    def changes(self):
        """`change` against the last live statement of the channel; a new session starts from nothing."""
        last = {}
        for publication in self.truth["publications"]:
            for statement in publication["statements"]:
                if statement["kind"] != "power.state" or statement.get("past"):
                    continue
                key = (statement["device"], statement["channel"])
                session = (publication["actor"], publication["session"])
                before = last.get(key)
                right = "first" if before is None or before[0] != session else (
                    "same" if before[1] == statement["data"]["state"] else "changed")
                last[key] = (session, statement["data"]["state"])
                event = next((e.event for e in self.truth_of.values()
                              if e.publication is publication and e.statement is statement), None)
                if event is not None and event["data"].get("change") != right:
                    self.say("%s: change is %s and should be %s (%s)" % (
                        stand(event), event["data"].get("change"), right, place(statement)))

    def switching(self, expected):
        number_of = expected.statement.get("switching")
        return next((s for s in self.truth["switchings"] if s["id"] == number_of), None)

    def transition(self, expected):
        event, real = expected.event, self.switching(expected)
        if expected.kind != "power.state" or event.get("retained"):
            return
        bounds = event["data"].get("transition")
        if bounds is None:
            if event["data"].get("change") == "changed":
                self.say("%s: changed, without `transition`" % stand(event))
            return
        low, high = nanoseconds(bounds.get("earliest")), nanoseconds(bounds.get("latest"))
        if real is None:
            return  # the relay has not moved since the device started
        if (low is not None and real["before"] < low) or (high is not None and real["after"] > high):
            self.say("%s: the relay of %s moved at %d, outside `transition` %s to %s" % (
                stand(event), place(expected.statement), real["before"], bounds.get("earliest"),
                bounds.get("latest")))

    # ---- who

    def cause(self, expected):
        event = expected.event
        cause = event.get("cause") or {}
        if expected.kind == "power.command":
            self.sender(expected, event, cause)
        elif expected.kind == "power.state":
            self.origin(expected, event, cause)
        elif cause.get("event"):
            self.say("%s: a %s has a command for its cause" % (stand(event), expected.kind))

    def sender(self, expected, event, cause):
        publication = expected.publication
        if event.get("retained"):
            publication = next((p for p in self.truth["publications"]
                                if p["id"] == publication["publication"]), None)
        host, _, port = str(cause.get("endpoint") or "").rpartition(":")
        host = host.strip("[]")
        if event.get("retained"):
            # the store has no sender; who put the message there may be told
            if host and (publication is None or host != publication["address"]):
                self.say("%s: sent from %s, and it came out of the broker's store" % (stand(event), host))
            return
        if host != publication["address"]:
            self.say("%s: command sent from %s, not from %s" % (
                stand(event), publication["address"], host or "nowhere"))
        elif publication.get("port") is not None and port != str(publication["port"]) and not publication["resends"]:
            self.say("%s: command sent from port %d, not %s" % (stand(event), publication["port"], port))
        seen = self.connect_seen(publication)
        if cause.get("client_id") != (publication["client_id"] if seen else None):
            self.say("%s: command sent by client %s%s, not %s" % (
                stand(event), publication["client_id"], "" if seen else " (whose CONNECT was not captured)",
                cause.get("client_id")))

    def connect_seen(self, publication):
        return any(s["actor"] == publication["actor"] and s["session"] == publication["session"]
                   and s["opened"] >= self.truth["recorded_from"] for s in self.truth["sessions"])

    def origin(self, expected, event, cause):
        real = None if expected.statement.get("past") else self.switching(expected)
        claimed = cause.get("event")
        if claimed is not None:
            self.claimed(expected, event, cause, claimed, real)
        trigger = cause.get("trigger")
        if trigger in (None, "unknown") or event.get("retained"):
            return
        right = ("boot",)
        if real:  # a command came over MQTT, where the truth does not say how
            right = (real["trigger"],) if "trigger" in real else TRIGGERS[real["why"]]
        if trigger not in right:
            self.say("%s: trigger %s, and %s was it (%s)" % (
                stand(event), trigger, real["why"] if real else "nothing", place(expected.statement)))
        if cause.get("basis") not in ("device_word", "matched_request", "preceding_command"):
            self.say("%s: trigger %s on basis %s" % (stand(event), trigger, cause.get("basis")))

    def claimed(self, expected, event, cause, claimed, real):
        command = self.truth_of.get(claimed)
        if command is None or command.kind != "power.command":
            self.say("%s: its cause %s is no true command" % (stand(event), claimed))
            return
        if event.get("retained") or expected.statement.get("past"):
            self.say("%s: a past state has a command for its cause" % stand(event))
            return
        number_of = command.publication.get("publication", command.publication.get("id"))
        if real is None or real["why"] != "command":
            self.say("%s: a command is claimed for its cause, and it was %s (%s)" % (
                stand(event), real["why"] if real else "none", place(expected.statement)))
        elif real["command"] != number_of:
            self.say("%s: the command of publication %s is claimed for its cause, and it was %s (%s)" % (
                stand(event), number_of, real["command"], place(expected.statement)))
        delay = cause.get("delay_ns")
        if delay is not None and not 0 <= delay <= CAUSE_WINDOW_NS:
            self.say("%s: delay_ns %s" % (stand(event), delay))
        if cause.get("client_id") not in (None, command.event.get("cause", {}).get("client_id")):
            self.say("%s: client %s, and its command says otherwise" % (stand(event), cause.get("client_id")))

    def serial(self, expected):
        """The running number of a device's report, and how many before it did not come."""
        publication, data = expected.publication, expected.event.get("data") or {}
        if "serial" not in publication:
            return
        if data.get("serial_n") != publication["serial"]:
            self.say("%s: serial_n %s, and the report had %s" % (
                stand(expected.event), data.get("serial_n"), publication["serial"]))
        if data.get("missed", 0) != publication["missed"]:
            self.say("%s: missed %s, and %s reports were lost before it" % (
                stand(expected.event), data.get("missed", 0), publication["missed"]))

    def heard(self):
        """What a third-party client made of the reports: each relay state that it heard is in the timeline."""
        for one in self.truth.get("heard", []):
            if not one["property"].startswith("relay"):
                continue
            device = next((p["statements"][0]["device"] for p in self.truth["publications"]
                           if p.get("sender") == one["device"] and p["statements"]), None)
            channel, state = "relay:" + one["property"][5:], "on" if one["value"] else "off"
            near = any(e["kind"] == "power.state" and e.get("device") == device and e.get("channel") == channel
                       and e["data"].get("state") == state and abs(when_or_zero(e) - one["time"]) <= HEARD_NS
                       for e in self.events)
            if not near:
                self.say("the client heard %s %s of %s at %d, and the timeline lacks it" % (
                    channel, state, one["device"], one["time"]))

    def attributed(self):
        """For information: silence about a cause is no error."""
        changed = [e for e in self.truth_of.values() if e.kind == "power.state"
                   and e.event["data"].get("change") == "changed" and self.switching(e)
                   and self.switching(e)["why"] == "command"]
        told = [e for e in changed if (e.event.get("cause") or {}).get("event")]
        return "%d of %d changes by command name their command" % (len(told), len(changed))

    def sessions(self):
        """A session closes once."""
        devices = {}
        for publication in self.truth["publications"]:
            for statement in publication["statements"]:
                if statement["kind"] == "power.state" and str(statement["device"]).startswith("mac:"):
                    devices.setdefault(statement["device"], set()).add(publication["address"])
        for device, addresses in devices.items():
            ends = sum(1 for s in self.truth["sessions"] if s["address"] in addresses and s["closed"])
            told = sum(1 for e in self.events if e["kind"] == "session.close"
                       and e.get("device") == device and not e.get("retained"))
            if told > ends:
                self.say("%s: %d sessions are said to close, and %d did" % (device, told, ends))


def when_or_zero(event):
    return when(event) or 0


def compare(lines, truth):
    return Check(lines, truth).run()


def main(words_given):
    if words_given[:1] == ["--self-test"]:
        sys.dont_write_bytecode = True
        import truth_plants
        return truth_plants.self_test(words_given[1:])
    if len(words_given) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with open(words_given[1], encoding="utf-8") as file:
        truth = json.load(file)
    check = Check(load_timeline(words_given[0]), truth)
    wrong = check.run()
    for sentence in wrong:
        print(sentence)
    print("%s, seed %s: %s; %s" % (truth.get("recipe"), truth.get("seed"), "%d differences" % len(wrong)
                                   if wrong else "the timeline is true", check.attributed()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

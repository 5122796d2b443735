#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Kasa on what real devices said: kasa_data.py --wattrail PATH --data DIR --captures DIR

Captures of real plugs: what `messages` shows is what tshark's dissector shows, frame by frame; the timeline has
each command, relay state and reading that follows from tshark's text, with its sender, and no other; and it agrees with the
commands and states that were worked out by hand beside the capture.

Answers of real devices as JSON: each is served over TCP, over UDP and inside KLAP in a capture made here; the events must be
what the JSON says, worked out here.

Exit status 77 without the data or without tshark. No third-party value is printed but in what differs."""

import argparse
import glob
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from decimal import Decimal

import kasa_wire

SKIP = 77
TWICE_NS = 2_000_000  # an equal datagram within this time is the same one
ACCOUNT = ("examiner@example.com", "Correct-Horse")
PLUG, PHONE = "192.168.0.7", "192.168.0.5"
POWER_KINDS = ("power.state", "power.command", "power.reading", "energy.counter", "load.change", "switch.input")

wrong = []


def differ(where, sentence):
    wrong.append("%s: %s" % (where, sentence))


def records(wattrail, tool, path, *more):
    done = subprocess.run([wattrail, tool, "-q", "--format", "jsonl", *more, path], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit("%s %s: status %d: %s" % (tool, path, done.returncode, done.stderr))
    return [json.loads(line, parse_float=Decimal) for line in done.stdout.splitlines()]


# ---- what tshark says

def dissected(path):
    """Each message that tshark finds: frame, time, source and destination with ports, text."""
    fields = ("frame.number", "frame.time_epoch", "ip.src", "tcp.srcport", "udp.srcport", "ip.dst", "tcp.dstport",
              "udp.dstport", "tplink_smarthome.msg")
    command = ["tshark", "-r", path, "-Y", "tplink-smarthome && !icmp && !tcp.analysis.retransmission", "-T", "fields"]
    for field in fields:
        command += ["-e", field]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        values = dict(zip(fields, line.split("\t")))
        whole, _, part = values["frame.time_epoch"].partition(".")
        port = lambda side: values["tcp.%sport" % side] or values["udp.%sport" % side]
        yield {"frame": int(values["frame.number"]), "time_ns": int(whole) * 10**9 + int(part.ljust(9, "0")),
               "src": "%s:%s" % (values["ip.src"], port("src")), "dst": "%s:%s" % (values["ip.dst"], port("dst")),
               "udp": bool(values["udp.srcport"]), "text": values["tplink_smarthome.msg"]}


def once(messages):
    """Without datagrams that were captured twice."""
    seen, kept = {}, []
    for message in messages:
        key = (message["src"], message["dst"], message["text"]) if message["udp"] else None
        again = key in seen and message["time_ns"] - seen[key] <= TWICE_NS
        if not again:
            kept.append(message)
            if key:
                seen[key] = message["time_ns"]
    return kept


# ---- what follows from a message

def number(value, factor=1):
    return (Decimal(str(value)) * Decimal(str(factor))).quantize(Decimal("0.000001")).normalize()


def state_of(on, seconds):
    said = {"state": "on" if on else "off"}
    if on and seconds is not None and seconds >= 0:
        said["on_time_s"] = seconds
    return said


def outlet_id(info, child):
    return info["deviceId"] + child["id"] if len(child["id"]) <= 2 else child["id"]


def from_sysinfo(info):
    """The power events and the identity that a description states, as (kind, channel, data)."""
    if "relay_state" in info:
        yield "power.state", None, state_of(info["relay_state"], info.get("on_time"))
    if "light_state" in info:
        yield "power.state", None, state_of(info["light_state"]["on_off"], None)
    for child in info.get("children", ()):
        yield "power.state", outlet_id(info, child), state_of(child["state"], child.get("on_time"))


def from_meter(meter):
    names = (("power_w", "power_mw", "power"), ("voltage_v", "voltage_mv", "voltage"),
             ("current_a", "current_ma", "current"))
    reading = {}
    for field, small, plain in names:
        if small in meter:
            reading[field] = number(meter[small], "0.001")
        elif plain in meter:
            reading[field] = number(meter[plain])
    if reading:
        yield "power.reading", None, reading
    if "total_wh" in meter or "total" in meter:
        energy = number(meter["total_wh"]) if "total_wh" in meter else number(meter["total"], 1000)
        yield "energy.counter", None, {"energy_wh": energy, "scope": "total"}


def from_answer(answer, single):
    info = answer.get("system", {}).get("get_sysinfo", {})
    if info.get("err_code") == 0:
        yield from from_sysinfo(info)
    for module in ("emeter", "smartlife.iot.common.emeter"):
        meter = answer.get(module, {}).get("get_realtime", {})
        if meter.get("err_code") == 0 and single:
            yield from from_meter(meter)


def flat(data):
    kept = {k: v for k, v in data.items() if k not in ("change", "transition")}
    return tuple(sorted((k, format(number(v), "f") if isinstance(v, Decimal) else str(v)) for k, v in kept.items()))


def power_events(lines):
    return [l for l in lines if l["record"] == "event" and l["kind"] in POWER_KINDS
            and l["certainty"] == "observed"]


# ---- captures

def compare_messages(name, shown, seen):
    ours = Counter((m["evidence"]["frame"], m["src"], m["dst"], m["fields"]["body"])
                   for m in shown if m["record"] == "message" and m["protocol"] == "kasa")
    # where a message lies in several frames tshark names the last, and wattrail the first
    parts = {m["evidence"]["frame"]: m["evidence"]["parts"][-1]["frame"] for m in shown
             if m["record"] == "message" and "parts" in m["evidence"]}
    ours = Counter({(parts.get(key[0], key[0]),) + key[1:]: count for key, count in ours.items()})
    theirs = Counter((m["frame"], m["src"], m["dst"], m["text"]) for m in seen)
    for key in (ours - theirs):
        differ(name, "frame %d: a message that tshark does not show" % key[0])
    for key in (theirs - ours):
        differ(name, "frame %d: tshark shows a message that is not there" % key[0])
    return len(theirs)


def expected_of(seen):
    for message in once(seen):
        body = json.loads(message["text"], parse_float=Decimal)
        answer = message["src"].endswith(":9999")
        if answer:
            for kind, channel, data in from_answer(body, single=True):
                yield message["time_ns"], kind, channel, flat(data), None
        else:
            asked = body.get("system", {}).get("set_relay_state")
            if asked:
                cause = (message["src"], body.get("context", {}).get("source"))
                yield message["time_ns"], "power.command", None, flat({"state": "on" if asked["state"] else "off"}), cause


def compare_capture(wattrail, path):
    name = os.path.basename(path)
    seen = list(dissected(path))
    count = compare_messages(name, records(wattrail, "messages", path), seen)
    lines = records(wattrail, "timeline", path)
    events = power_events(lines)
    cause = lambda e: (e["cause"]["endpoint"], e["cause"].get("app_id")) if e["kind"] == "power.command" else None
    ours = Counter((e["time_ns"], e["kind"], e.get("channel"), flat(e["data"]), cause(e)) for e in events)
    theirs = Counter(expected_of(seen))
    for time_ns, kind, _, data, _ in (ours - theirs):
        differ(name, "beyond what was sent: %s %s at %d" % (kind, dict(data), time_ns))
    for time_ns, kind, _, data, who in (theirs - ours):
        differ(name, "missing: %s %s at %d%s" % (kind, dict(data), time_ns, ", or its sender" if who else ""))
    devices = {e["device"] for e in events}
    plugs = {m["src"].split(":")[0] for m in seen if m["src"].endswith(":9999")}
    if len(devices) != len(plugs) or not all(d.startswith("mac:") for d in devices):
        differ(name, "%d devices, and %d answered and gave their MACs" % (len(devices), len(plugs)))
    findings = [l for l in lines if l["record"] == "finding" and l["where"] == "kasa"]
    if findings:
        differ(name, "%d findings" % len(findings))
    compare_derived(name, path, events)
    print("%s: %d messages, %d power events" % (name, count, len(events)))


def compare_derived(name, path, events):
    """What was worked out by hand: the commands, and each poll at which the relay was seen to have moved."""
    beside = path + ".derived-truth.json"
    if not os.path.exists(beside):
        beside = os.path.splitext(path)[0] + ".derived-truth.json"
    if not os.path.exists(beside):
        return
    with open(beside, encoding="utf-8") as file:
        truth = json.load(file)
    near = lambda event, t: abs(event["time_ns"] / 1e9 - t) < 0.00001
    commands = [e for e in events if e["kind"] == "power.command"]
    for told in truth["visible_kasa_commands"]:
        if not any(near(e, told["t"]) and (e["data"]["state"] == "on") == bool(told["state"])
                   and e["cause"]["endpoint"].startswith(told["from"] + ":") for e in commands):
            differ(name, "the command of %s at %s is not there" % (told["from"], told["t"]))
    if len(commands) != len(truth["visible_kasa_commands"]):
        differ(name, "%d commands, and there were %d" % (len(commands), len(truth["visible_kasa_commands"])))
    moved = [e for e in events if e["kind"] == "power.state" and e["data"]["change"] in ("first", "changed")]
    told = truth["observed_relay_transitions"]
    if len(moved) != len(told) or not all(
            near(e, t["t"]) and (e["data"]["state"] == "on") == bool(t["state"])
            and e["data"].get("on_time_s", 0) == t["on_time"] for e, t in zip(moved, told)):
        differ(name, "the relay's movements are not those that were worked out by hand")


# ---- answers as JSON

def served_klap(question, text, path):
    """The same inside KLAP, over HTTP."""
    from lab import klap
    import tcp_capture
    capture = tcp_capture.Capture(1_700_000_000_000_000_000)
    phone, plug = tcp_capture.Host(PHONE, "3c:28:6d:0b:91:5e"), tcp_capture.Host(PLUG, "9c:53:22:10:20:30")
    connection = tcp_capture.Connection(capture, phone, plug, 80)
    end = klap.DeviceEnd(2, ACCOUNT, random.Random(text), lambda asked: text)
    frames = []

    def post(target, cookie, body):
        head = "POST %s HTTP/1.1\r\nHost: %s\r\n" % (target, PLUG)
        head += "Cookie: TP_SESSIONID=%s\r\n" % cookie if cookie else ""
        connection.say(0, ("%sContent-Length: %d\r\n\r\n" % (head, len(body))).encode() + body)
        status, given, answer = end.handle(target, cookie, body)
        head = "HTTP/1.1 %d OK\r\n" % status + ("Set-Cookie: TP_SESSIONID=%s;TIMEOUT=1440\r\n" % given if given else "")
        before = len(capture.records)
        connection.say(1, ("%sContent-Length: %d\r\n\r\n" % (head, len(answer))).encode() + answer)
        frames[:] = range(before, len(capture.records))
        return status, given, answer

    client = klap.ClientEnd(2, ACCOUNT, random.Random(question), post)
    client.begin()
    client.ask(question)
    connection.close()
    capture.write(path)
    return frames


def served(answer, transport, path):
    """A capture in which a phone asks and the device answers just this. Returns the answer's frames."""
    modules = {module: {method: {} for method in methods if method not in ("err_code", "err_msg")}
               for module, methods in answer.items()}
    question, text = json.dumps(modules), json.dumps(answer)
    if transport == "klap":
        return served_klap(question, text, path)
    capture = kasa_wire.Capture()
    phone, plug = (PHONE, 40000), (PLUG, kasa_wire.PORT)
    if transport == "udp":
        capture.udp(phone, plug, kasa_wire.encipher(question))
        frames = [capture.udp(plug, phone, kasa_wire.encipher(text))]
    else:
        connection = kasa_wire.Connection(capture, phone, plug)
        connection.say(0, kasa_wire.framed(question))
        frames = connection.say(1, kasa_wire.framed(text))
        connection.close()
    with open(path, "wb") as out:
        out.write(capture.data)
    return frames


def good_mac(info):
    """The MAC that names the device; None if it gives none that can be a device's."""
    for name in ("mac", "mic_mac", "ethernet_mac"):
        digits = info.get(name, "").replace(":", "").replace("-", "").lower()
        if len(digits) == 12 and digits != "0" * 12:
            return ":".join(digits[i:i + 2] for i in range(0, 12, 2))
    return None


def identity_of(info):
    names = (("model", "model"), ("sw_ver", "firmware"), ("alias", "name"), ("deviceId", "device_id"),
             ("hwId", "product"))
    said = {field: info[name] for name, field in names if info.get(name)}
    mac = good_mac(info)
    return {**said, "mac": mac} if mac else said


def place_of(info):
    said = {}
    for field in ("latitude", "longitude"):
        if field in info:
            said[field] = number(info[field])
        elif field + "_i" in info:
            said[field] = number(info[field + "_i"], "0.0001")
    return said


def others_of(info):
    """What a description states besides power."""
    yield "device.identity", None, identity_of(info)
    if place_of(info):
        yield "device.location", None, place_of(info)
    if "rssi" in info:
        yield "network.join", None, {"rssi_dbm": info["rssi"]}
    for setting in ("led_off", "active_mode"):
        if setting in info:
            yield "device.config", None, {"setting": setting, "value": str(info[setting])}
    for child in info.get("children", ()):
        yield "device.identity", outlet_id(info, child), {"channel_name": child["alias"]}


def compare_fixture(wattrail, path, transport, work):
    name = "%s over %s" % (os.path.basename(path), transport)
    with open(path, encoding="utf-8") as file:
        answer = {k: v for k, v in json.load(file).items() if k != "discovery_result"}
    info = answer["system"]["get_sysinfo"]
    capture = os.path.join(work, "fixture.pcap")
    frames = served(answer, transport, capture)
    # Over UDP nothing tells which outlet of a strip a meter's answer is about, and nothing may be said of it.
    single = transport != "udp" or not info.get("children")
    wanted = list(from_answer(answer, single)) + list(others_of(info))
    keys = os.path.join(work, "account.keys")
    with open(keys, "w", encoding="utf-8") as out:
        out.write("kasa %s %s\n" % ACCOUNT)
    lines = records(wattrail, "timeline", capture, *(("--keys", keys) if transport == "klap" else ()))
    events = [l for l in lines if l["record"] == "event" and l["path"].endswith("kasa") and l["certainty"] != "derived"
              and not (l["kind"] == "schedule.rule" and l["data"].get("mode") == "next_action")]
    if {e["certainty"] for e in events} != {"decrypted" if transport == "klap" else "observed"}:
        differ(name, "an event is not %s" % ("decrypted" if transport == "klap" else "observed"))
    ours = Counter((e["kind"], e.get("channel"), flat(e["data"])) for e in events)
    theirs = Counter((kind, channel, flat(data)) for kind, channel, data in wanted)
    for kind, channel, data in (ours - theirs):
        differ(name, "beyond what was said: %s %s %s" % (kind, channel, dict(data)))
    for kind, channel, data in (theirs - ours):
        differ(name, "missing: %s %s %s" % (kind, channel, dict(data)))
    device = "mac:" + good_mac(info) if good_mac(info) else "kasa:" + PLUG
    if {e["device"] for e in events} != {device}:
        differ(name, "given to another device")
    if any(e["evidence"]["frame"] not in frames for e in events):
        differ(name, "an event does not cite the answer")
    odd = sum(1 for l in lines if l["record"] == "finding")
    expected_odd = sum(1 for c in info.get("children", ()) if c["state"] and c["on_time"] < 0)
    expected_odd += 0 if single or "emeter" not in answer else 1
    if odd != expected_odd:
        differ(name, "%d findings, and %d were expected" % (odd, expected_odd))
    return len(events)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--captures", required=True, help="the folder that holds lab/")
    options = parser.parse_args()
    captures = sorted(p for kind in ("pcap", "pcapng") for p in glob.glob(
        os.path.join(options.data, "kasa", "**", "*." + kind), recursive=True))
    captures += sorted(glob.glob(os.path.join(options.data, "made", "kasa*.pcap")))
    fixtures = sorted(glob.glob(os.path.join(options.data, "fixtures", "python-kasa", "iot__*.json")))
    if not captures or not fixtures or not shutil.which("tshark"):
        print("skipped: the third-party captures or tshark are not here", file=sys.stderr)
        return SKIP
    sys.dont_write_bytecode = True
    sys.path.insert(0, options.captures)
    transports = ("tcp", "udp", "klap") if importlib.util.find_spec("cryptography") else ("tcp", "udp")
    for path in captures:
        compare_capture(options.wattrail, path)
    with tempfile.TemporaryDirectory() as work:
        said = [compare_fixture(options.wattrail, path, transport, work)
                for path in fixtures for transport in transports]
    print("%d answers of real devices, served over %s: %d events" % (len(fixtures), ", ".join(transports), sum(said)))
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real devices' recorded answers, served through their own protocols: http_families.py --wattrail PATH --data DIR

Each recording of pywemo's and meross_lan's tests becomes a capture of HTTP exchanges (and of MQTT, where it was
pushed); what it states is worked out from the recording, and the timeline must say that and nothing else. The
captured set-ups of Edimax, WeMo and D-Link plugs must name each plug and report no switching."""
import argparse
import csv
import email.utils
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from decimal import ROUND_HALF_EVEN, Decimal

import tcp_capture

SKIPPED = 77
PLUG, CLIENT, BROKER = "192.168.1.100", "192.168.1.20", "192.168.1.2"
MICRO = Decimal("0.000001")


def hosts():
    return (tcp_capture.Host(PLUG, "94:10:3e:00:00:01"), tcp_capture.Host(CLIENT, "02:00:00:00:00:20"),
            tcp_capture.Host(BROKER, "02:00:00:00:00:02"))


def head(first, headers, body):
    kept = [(k, v) for k, v in headers if k.lower() != "content-length"]
    lines = [first] + ["%s: %s" % pair for pair in kept + [("Content-Length", len(body))]]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Story:
    """A capture that grows exchange by exchange, and what it states."""

    def __init__(self, at):
        self.capture = tcp_capture.Capture(int(at * 10 ** 9))
        self.plug, self.client, self.broker = hosts()
        self.expected = []

    def exchange(self, request, response, port):
        """The plug's answer begins in the frame of which the time is returned, in microseconds."""
        self.capture.now += 2_000_000_000  # no two answers are alike to the byte
        connection = tcp_capture.Connection(self.capture, self.client, self.plug, port)
        connection.say(0, request)
        self.capture.now += 50_000_000
        told = (self.capture.now + 400_000) // 1000
        connection.say(1, response)
        connection.close()
        return told

    def say(self, kind, channel=None, **data):
        self.expected.append((kind, channel, {k: v for k, v in data.items() if v is not None}))

    def clock(self, text, seconds, told, millis=0):
        if seconds >= 1262304000:
            offset = (Decimal(seconds) * 1000000 + millis * 1000 - told) / 1000000
            self.say("clock.reading", device_time=text, clock_kind="utc", offset_s=offset)


def number(value):
    return Decimal(str(value))


def plain(data):
    return {k: number(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else v for k, v in data.items()
            if k not in ("change", "transition")}


def run(wattrail, capture, *more):
    done = subprocess.run([wattrail, "timeline", "--format", "jsonl", *more, capture], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit("%s: status %d\n%s" % (capture, done.returncode, done.stderr))
    return [json.loads(line, parse_float=Decimal) for line in done.stdout.splitlines()]


def difference(name, story, lines):
    """What is missing, and what is said too much."""
    events = [(e["kind"], e.get("channel"), plain(e["data"])) for e in lines if e["record"] == "event"]
    wanted = [(k, c, plain(d)) for k, c, d in story.expected]
    missing = [w for w in wanted if not (w in events and events.remove(w) is None)]
    findings = [f for f in lines if f["record"] == "finding" and "MAC address" not in f["reason"]]
    problems = ["%s: missing %s" % (name, w) for w in missing] + ["%s: said %s" % (name, e) for e in events]
    return problems + ["%s: finding %s" % (name, f["message"]) for f in findings]


# ---- WeMo ----

def energy(milliwatt_minutes):
    return (Decimal(milliwatt_minutes) / 60000).quantize(MICRO, ROUND_HALF_EVEN)


def insight(story, text, stated):
    fields = text.split("|")
    if stated:
        story.say("power.state", state="off" if fields[0] == "0" else "on",
                  last_change=fields[1] if len(fields) > 1 else None)
    if len(fields) > 1:
        story.say("power.reading", power_w=Decimal(fields[7]) / 1000)
        story.say("energy.counter", energy_wh=energy(fields[8]), scope="today")
        story.say("energy.counter", energy_wh=energy(fields[9]), scope="total")


def element(body, name):
    found = re.findall("<%s>([^<]*)</%s>" % (name, name), body)
    return found[0] if len(found) == 1 else None


def wemo_request(story, body):
    if "<u:SetBinaryState " in body:
        story.say("power.command", state={"0": "off", "1": "on"}[element(body, "BinaryState")])


def mac_of(text):
    return ":".join(text[i:i + 2] for i in range(0, 12, 2)).lower()


def wemo_answer(story, body, told):
    if "urn:Belkin:device-1-0" in body:
        story.say("device.identity", vendor=element(body, "manufacturer"), model=element(body, "modelName"),
                  name=element(body, "friendlyName"), firmware=element(body, "firmwareVersion"),
                  serial=element(body, "serialNumber"), device_id=element(body, "UDN"),
                  product=element(body, "deviceType"), mac=mac_of(element(body, "macAddress")))
    elif "GetMacAddrResponse" in body and "urn:Belkin:device:bridge" not in body:
        story.say("device.identity", serial=element(body, "SerialNo"), device_id=element(body, "PluginUDN"),
                  mac=mac_of(element(body, "MacAddr")))
    for name in ("BinaryState", "InsightParams"):
        text = element(body, name) if "Response xmlns" in body.replace("\r\n", " ") else None
        if text is not None:
            insight(story, text, "SetBinaryStateResponse" not in body)
    clock = element(body, "deviceCurrentTime")
    if clock:
        story.clock(clock, int(clock), told)


def wemo(path):
    import yaml
    with open(path, encoding="utf-8") as source:
        interactions = yaml.safe_load(source)["interactions"]
    dates = [d for i in interactions for d in i["response"]["headers"].get("DATE", [])]
    at = email.utils.parsedate_to_datetime(dates[0]).timestamp() if dates else 1611389020
    story = Story(at)
    bridge = False
    for i in interactions:
        asked, told = i["request"], i["response"]
        target = "/" + asked["uri"].split("/", 3)[3]
        body = asked["body"] or ""
        answer = told["body"]["string"] or ""
        flat = lambda h: [(k, v) for k, values in h.items() for v in values]
        request = head("%s %s HTTP/1.1" % (asked["method"], target), [("Host", "plug")] + flat(asked["headers"]),
                       body.encode())
        status = told["status"]
        response = head("HTTP/1.1 %d %s" % (status["code"], status["message"]), flat(told["headers"]),
                        answer.encode())
        seen = story.exchange(request, response, 49153)
        bridge = bridge or "urn:Belkin:device:bridge" in answer
        if bridge and "urn:Belkin:device-1-0" not in answer:
            continue  # no switch: its answers are about lamps
        wemo_request(story, body)
        if status["code"] == 200:
            wemo_answer(story, answer, seen)
    return story


# ---- Meross ----

UUID = "2009113111806125100048e1e9000001"


def toggles(story, value, default):
    for toggle in value if isinstance(value, list) else [value]:
        change = toggle.get("lmTime")
        story.say("power.state", str(toggle.get("channel", default)), state="on" if toggle["onoff"] else "off",
                  last_change=str(change) if change else None)


def whole(story, payload, told):
    system = payload["system"]
    hardware, firmware, time = system["hardware"], system["firmware"], system["time"]
    text = lambda value: str(value) if value not in (None, "") else None
    story.say("device.identity", model=hardware["type"], firmware=firmware["version"],
              device_id=text(hardware["uuid"]), mac=text(hardware["macAddress"]), ip=text(firmware["innerIp"]),
              account=text(firmware["userId"]), server=text(firmware["server"]), timezone=text(time["timezone"]))
    story.clock(str(time["timestamp"]), time["timestamp"], told)
    toggles(story, payload.get("digest", {}).get("togglex", []), 0)
    if "toggle" in payload.get("control", {}):
        toggles(story, payload["control"]["toggle"], 0)


def meross_states(story, name, payload, told):
    """What an answer or a push of the namespace states."""
    if name == "Appliance.System.All":
        whole(story, payload["all"], told)
    elif name == "Appliance.Control.ToggleX":
        toggles(story, payload["togglex"], 0)
    elif name == "Appliance.Control.Toggle":
        toggles(story, payload["toggle"], 0)
    elif name == "Appliance.Control.Electricity":
        e = payload["electricity"]
        story.say("power.reading", str(e["channel"]), power_w=number(e["power"]) / 1000,
                  voltage_v=number(e["voltage"]) / 10, current_a=number(e["current"]) / 1000)
    elif name == "Appliance.Control.ConsumptionX":
        for day in payload["consumptionx"]:
            story.say("energy.counter", "0", energy_wh=number(day["value"]), scope="day", date=day["date"])
    elif name == "Appliance.System.Debug":
        story.say("network.join", ssid=payload["debug"]["network"]["ssid"])
    elif name == "Appliance.System.Position":
        place = payload["position"]
        if place["latitude"] or place["longitude"]:
            story.say("device.location", latitude=number(place["latitude"]) / 1000000,
                      longitude=number(place["longitude"]) / 1000000)


def message(method, name, payload, sender, seconds):
    return json.dumps({"header": {"messageId": "%032x" % seconds, "namespace": name, "method": method,
                                  "payloadVersion": 1, "from": sender, "timestamp": seconds, "timestampMs": 17,
                                  "sign": "0" * 32}, "payload": payload}, ensure_ascii=False).encode()


def meross_answer(story, method, name, payload):
    seconds = int(story.capture.now // 10 ** 9) + 3
    ask = {"GETACK": "GET", "SETACK": "SET", "PUSH": "PUSH"}[method]
    request = message(ask, name, {}, "/app/1-2/subscribe", seconds)
    response = message(method, name, payload, "/appliance/%s/publish" % UUID, seconds)
    told = story.exchange(head("POST /config HTTP/1.1", [("Content-Type", "application/json")], request),
                          head("HTTP/1.1 200 OK", [("Content-Type", "application/json")], response), 80)
    story.clock(str(seconds), seconds, told, 17)
    if name == "Appliance.Control.Multiple":
        for part in payload["multiple"]:
            if part["header"]["method"] in ("GETACK", "PUSH"):
                meross_states(story, part["header"]["namespace"], part["payload"], told)
    elif method != "SETACK":
        meross_states(story, name, payload, told)


def mqtt_string(text):
    return len(text).to_bytes(2, "big") + text


def mqtt_packet(kind, body):
    length, rest = b"", len(body)
    while True:
        rest, low = divmod(rest, 128)
        length += bytes([low | (0x80 if rest else 0)])
        if not rest:
            return bytes([kind]) + length + body


def meross_push(story, name, payload):
    """Over MQTT: the plug's own session with its broker."""
    seconds = int(story.capture.now // 10 ** 9) + 3
    connection = tcp_capture.Connection(story.capture, story.plug, story.broker, 1883)
    login = mqtt_string(b"MQTT") + b"\x04\x82\x00\x3c" + mqtt_string(b"fmware:%s_Q1" % UUID.encode())
    connection.say(0, mqtt_packet(0x10, login + mqtt_string(b"48:e1:e9:00:00:01")))
    connection.say(1, mqtt_packet(0x20, b"\0\0"))
    body = message("PUSH", name, payload, "/appliance/%s/publish" % UUID, seconds)
    told = (story.capture.now + 400_000) // 1000
    connection.say(0, mqtt_packet(0x30, mqtt_string(b"/appliance/%s/publish" % UUID.encode()) + body))
    story.say("session.open", client_id="fmware:%s_Q1" % UUID, user="48:e1:e9:00:00:01",
              server=BROKER + ":1883", keep_alive_s=60)
    story.clock(str(seconds), seconds, told, 17)
    meross_states(story, name, payload, told)


def rows_of(path):
    """Rows of a recording: over which protocol, the method, the namespace, the payload."""
    with open(path, encoding="utf-8") as source:
        if path.endswith(".json.txt"):
            data = json.load(source)["data"]
            yield "http", "GETACK", "Appliance.System.All", {"all": data["payload"]["all"]}
            for name, payload in data["device"].get("namespace_pushes", {}).items():
                yield "mqtt", "PUSH", name, payload
            rows = data["trace"][1:]
        else:
            rows = list(csv.reader(source, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        place = next((i for i, word in enumerate(row) if str(word).startswith("Appliance.")), None)
        if place is None or row[place - 1] not in ("GETACK", "SETACK", "PUSH") or row[place - 2] == "LOG":
            continue
        payload = row[place + 1] if isinstance(row[place + 1], dict) else json.loads(row[place + 1])
        if row[place] == "Appliance.System.All" and "all" not in payload:
            payload = {"all": payload}
        if row[place - 1] == "PUSH" and not payload:
            continue
        yield ("mqtt" if "mqtt" in row[:place] else "http"), row[place - 1], row[place], payload


def meross(path):
    story = Story(1714431160)
    for over, method, name, payload in rows_of(path):
        if over == "mqtt":
            meross_push(story, name, payload)
        else:
            meross_answer(story, method, name, payload)
    return story


def fixtures(wattrail, data, work):
    problems, said = [], 0
    for kind, pattern, make in (("wemo", "pywemo/*.yaml", wemo), ("meross", "meross_lan/*", meross)):
        for path in sorted(glob.glob(os.path.join(data, "fixtures", pattern))):
            story = make(path)
            capture = os.path.join(work, "served.pcap")
            story.capture.write(capture)
            lines = run(wattrail, capture)
            problems += difference(os.path.basename(path), story, lines)
            devices = {e["device"].split(":")[0] for e in lines if e["record"] == "event"}
            if devices - {kind, "mac"}:
                problems.append("%s: devices %s" % (path, devices))
            said += len(story.expected)
    return problems, said


# ---- Meross bodies that are enciphered ----

KEY = "0123456789abcdef0123456789abcdef"


def seal(text):
    """With OpenSSL's own programs: AES-256-CBC under the ASCII of an MD5, filled up with zeros, as base64."""
    import base64
    import hashlib
    mac = ":".join(UUID[-12:][i:i + 2] for i in range(0, 12, 2))
    key = hashlib.md5((UUID[3:22] + KEY[1:9] + mac + KEY[10:28]).encode()).hexdigest()
    padded = text + bytes(16 - len(text) % 16)
    done = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-nopad", "-K", key.encode().hex(), "-iv", b"0".hex() * 16],
                          input=padded, capture_output=True, check=True)
    return base64.b64encode(done.stdout)


def signed(method, name, payload, sender, seconds):
    import hashlib
    made = json.loads(message(method, name, payload, sender, seconds))
    made["header"]["sign"] = hashlib.md5((made["header"]["messageId"] + KEY + str(seconds)).encode()).hexdigest()
    return json.dumps(made).encode()


def sealed(wattrail, work):
    """A command and an answer that are enciphered: read with the device's key, and not without or with another."""
    story = Story(1714431160)
    for method, name, payload in (("SET", "Appliance.Control.ToggleX", {"togglex": {"channel": 0, "onoff": 1}}),
                                  ("GET", "Appliance.Control.ToggleX", {"togglex": []})):
        answer = {"SET": {}, "GET": {"togglex": {"channel": 0, "onoff": 1, "lmTime": 1714431162}}}[method]
        request = seal(signed(method, name, payload, "/app/1-2/subscribe", 1714431163))
        response = seal(signed(method + "ACK", name, answer, "/appliance/%s/publish" % UUID, 1714431163))
        told = story.exchange(head("POST /config HTTP/1.1", [("Content-Type", "application/octet-stream")], request),
                              head("HTTP/1.1 200 OK", [("Content-Type", "application/octet-stream")], response), 80)
        if method == "SET":
            story.say("power.command", "0", state="on")
        else:
            story.say("power.state", "0", state="on", last_change="1714431162")
        story.clock("1714431163", 1714431163, told, 17)
    capture, ring = os.path.join(work, "sealed.pcap"), os.path.join(work, "keys.txt")
    story.capture.write(capture)
    problems = []
    for line, right in (("meross %s %s" % (UUID, KEY), True), ("meross %s %s" % (UUID, KEY[::-1]), False), ("", False)):
        with open(ring, "w", encoding="utf-8") as file:
            file.write(line + "\n")
        lines = run(wattrail, capture, "--keys", ring)
        if right:
            problems += difference("sealed", story, lines)
            problems += ["sealed: %s" % e for e in lines if e["record"] == "event" and (
                e["certainty"] != "decrypted" or not e["evidence"].get("transform"))]
        elif any(e["record"] == "event" for e in lines):
            problems.append("sealed: something is read with %r" % line)
    return problems


# ---- which of several commands ----

ENVELOPE = '<s:Envelope xmlns:s="x"><s:Body><u:%s xmlns:u="urn:Belkin:service:basicevent:1">%s</u:%s></s:Body></s:Envelope>'

# Steps: a command for off or on, or a poll and what it finds; the last is a poll. Which of the steps, counted from
# 0, the state is laid to: the first command for it after the last one against it.
CAUSES = ((("=1", "0", "=0"), 1), (("=1", "0", "0", "=0"), 1), (("=1", "0", "1", "0", "=0"), 3),
          (("=1", "0", "1", "0", "0", "=0"), 3), (("=1", "1", "=0"), None), (("=1", "0", "1", "=0"), None))


def causes(wattrail, work):
    problems = []
    for steps, right in CAUSES:
        story = Story(1611532930)
        for step in steps:
            action = "GetBinaryState" if step[0] == "=" else "SetBinaryState"
            value = "<BinaryState>%s</BinaryState>" % step[-1]
            asked = ENVELOPE % (action, "" if step[0] == "=" else value, action)
            told = ENVELOPE % (action + "Response", value, action + "Response")
            story.exchange(head("POST /upnp/control/basicevent1 HTTP/1.1", [
                ("SOAPACTION", '"urn:Belkin:service:basicevent:1#%s"' % action)], asked.encode()),
                           head("HTTP/1.1 200 OK", [], told.encode()), 49153)
        capture = os.path.join(work, "causes.pcap")
        story.capture.write(capture)
        events = [e for e in run(wattrail, capture) if e.get("kind", "").startswith("power.")]
        cause = (events[-1].get("cause") or {}).get("event")
        found = next((i for i, e in enumerate(events) if cause and e["id"] == cause), None)
        if len(events) != len(steps) or found != right:
            problems.append("%s: laid to step %s, and %s it was" % (" ".join(steps), found, right))
    return problems


# ---- set-ups ----

SETUPS = {"EdimaxPlug1101W": ("Edimax", "SP-1101W"), "EdimaxPlug2101W": ("Edimax", "SP2101W"),
          "D-LinkSwitch": ("D-Link", "DSP-W215"), "WeMoSwitch": ("Belkin", "Socket"),
          "WeMoInsightSwitch": ("Belkin", "Insight")}


def setups(wattrail, data):
    problems = []
    for name, (vendor, model) in SETUPS.items():
        folder = os.path.join(data, "setup")
        events = [e for e in run(wattrail, os.path.join(folder, name + ".pcap")) if e["record"] == "event"]
        with open(os.path.join(folder, name + ".mac.txt"), encoding="ascii") as file:
            mac = file.read().strip()
        known = [e["data"] for e in events if e["kind"] == "device.identity"]
        if not any(d.get("vendor") == vendor and d.get("model") == model for d in known):
            problems.append("%s: no %s %s among the devices" % (name, vendor, model))
        if vendor in ("Edimax", "D-Link") and not any(d.get("mac") == mac for d in known):
            problems.append("%s: its MAC is not said" % name)
        switched = [e for e in events if e["kind"] == "power.command" or e["data"].get("change") == "changed"]
        if switched:
            problems.append("%s: %d switchings" % (name, len(switched)))
        clocks = [e["data"] for e in events if e["kind"] == "clock.reading" and "edimax" in e["path"]]
        if name == "EdimaxPlug2101W" and not (clocks and all(
                -15 < c["offset_s"] < -14 and c["offset_modulo_s"] == 900 for c in clocks)):
            problems.append("%s: clock %s" % (name, clocks))
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        problems = causes(arguments.wattrail, work) + sealed(arguments.wattrail, work)
    if problems:
        print("\n".join(problems))
        return 1
    if not os.path.isdir(os.path.join(arguments.data, "fixtures")):
        print("skipped: no recordings at %s" % arguments.data)
        return SKIPPED
    try:
        import yaml  # noqa: F401, wanted by wemo()
    except ImportError:
        print("skipped: python3-yaml is not installed")
        return SKIPPED
    with tempfile.TemporaryDirectory() as work:
        problems, said = fixtures(arguments.wattrail, arguments.data, work)
    problems += setups(arguments.wattrail, arguments.data)
    for problem in problems[:40]:
        print(problem)
    print("%d statements expected, %d problems" % (said, len(problems)))
    return 1 if problems or said < 100 else 0


if __name__ == "__main__":
    sys.exit(main())

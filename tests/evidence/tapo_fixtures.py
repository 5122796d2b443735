#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real Tapo devices' answers, served through KLAP: tapo_fixtures.py --wattrail PATH --data DIR --captures DIR

Each smart__*.json is one device. It is found by TDP, asked over HTTP for all that the file holds (in batches, and
outlet by outlet), and switched once. The timeline must say what the JSON says, worked out here, and nothing else;
under a wrong account, and without one, it must say nothing of what was enciphered, and why. Exit status 77 without
the files or python3-cryptography."""

import argparse
import base64
import collections
import glob
import json
import os
import random
import subprocess
import sys
import tempfile
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
SKIP = 77
START_NS = 1733000000 * 10 ** 9
ACCOUNT = ("examiner@example.com", "Correct-Horse")
WRONG = ("nobody@example.com", "Battery-Staple")
BATCH = 5
APP = "dGVzdC1hcHA="


def skip(why):
    print("skipped: " + why, file=sys.stderr)
    sys.exit(SKIP)


# ---- the device and the one that asks it

class Fixture:
    """A device that answers from its JSON."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.json = json.load(file)
        self.children = self.json.get("child_devices", {})

    def one(self, question, answers):
        method, params = question["method"], question.get("params") or {}
        if method == "multipleRequest":
            return {"result": {"responses": [{"method": q["method"], **self.one(q, answers)}
                                             for q in params["requests"]]}, "error_code": 0}
        if method == "control_child":
            inner = self.one(params["requestData"], self.children[params["device_id"]])
            return {"result": {"responseData": inner}, "error_code": 0}
        if method.startswith("set_"):
            return {"error_code": 0}
        if method not in answers:
            return {"error_code": -1001}
        return {"result": answers[method], "error_code": 0}

    def answer(self, text):
        return json.dumps(self.one(json.loads(text), self.json))

    def methods(self, answers):
        return [m for m in answers if m not in ("discovery_result", "child_devices")]


def asked_for(device):
    """The questions, one message each."""
    methods = device.methods(device.json)
    for at in range(0, len(methods), BATCH):
        yield {"method": "multipleRequest",
               "params": {"requests": [{"method": m} for m in methods[at:at + BATCH]]}}
    for child, answers in device.children.items():
        yield {"method": "control_child", "params": {"device_id": child, "requestData": {
            "method": "multipleRequest",
            "params": {"requests": [{"method": m, "params": {}} for m in device.methods(answers)]}}}}
    if "device_on" in device.json["get_device_info"]:
        yield {"method": "get_device_info"}
        yield {"method": "set_device_info",
               "params": {"device_on": not device.json["get_device_info"]["device_on"]}}
    for child, answers in list(device.children.items())[:1]:
        yield {"method": "control_child", "params": {"device_id": child, "requestData": {
            "method": "set_device_info",
            "params": {"device_on": not answers["get_device_info"]["device_on"]}}}}


def write_capture(device, version, path, klap, tcp_capture):
    capture = tcp_capture.Capture(START_NS)
    phone = tcp_capture.Host("192.168.7.20", "3c:28:6d:0b:91:5e")
    plug = tcp_capture.Host("192.168.7.31", "9c:53:22:10:20:30")
    source = random.Random("%s/%d" % (os.path.basename(path), version))
    end = klap.DeviceEnd(version, ACCOUNT, source, device.answer)
    discovery = klap.compact(device.json["discovery_result"]).encode()
    capture.udp(phone, 50001, plug, 20002, klap.tdp(b'{"params":{"rsa_key":"-----BEGIN"}}', 77))
    capture.udp(plug, 20002, phone, 50001, klap.tdp(discovery, 77))
    state = {"connection": None, "count": 0}

    def post(target, cookie, body):
        state["count"] += 1
        if state["connection"] is None or state["count"] % 4 == 0:  # sessions outlive connections
            if state["connection"]:
                state["connection"].close()
            state["connection"] = tcp_capture.Connection(capture, phone, plug, 80)
        head = "POST %s HTTP/1.1\r\nHost: 192.168.7.31\r\n" % target
        head += "Cookie: TP_SESSIONID=%s\r\n" % cookie if cookie else ""
        head += "Content-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % len(body)
        state["connection"].say(0, head.encode() + body)
        status, given, answer = end.handle(target, cookie, body)
        head = "HTTP/1.1 %d OK\r\nServer: SHIP 2.0\r\n" % status
        head += "Set-Cookie: TP_SESSIONID=%s;TIMEOUT=1440\r\n" % given if given else ""
        head += "Content-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(answer)
        state["connection"].say(1, head.encode() + answer)
        return status, given, answer

    client = klap.ClientEnd(version, ACCOUNT, source, post)
    client.begin()
    for question in asked_for(device):
        client.ask(json.dumps({**question, "terminal_uuid": APP}))
    state["connection"].close()
    capture.write(path)


# ---- what the JSON means

def text(value):
    return base64.b64decode(value).decode()


def milli(value):
    return format(Decimal(value) / 1000, "f")


def tenthousandths(value):
    return format((Decimal(value) / 10000).normalize(), "f")


def without_none(**values):
    return {name: value for name, value in values.items() if value not in (None, "")}


def mac_of(value):
    digits = value.replace("-", "").replace(":", "").lower()
    return None if digits == "0" * 12 else ":".join(digits[i:i + 2] for i in range(0, 12, 2))


def info_events(info, channel, outlet):
    if "device_on" in info:
        data = {"state": "on" if info["device_on"] else "off"}
        if info["device_on"]:
            data["on_time_s"] = info["on_time"]
        yield "power.state", channel, outlet, data
    name = text(info["nickname"]) if info.get("nickname") else None
    if channel:
        yield "device.identity", channel, outlet, {"channel_name": name}
    else:
        yield "device.identity", None, None, without_none(
            mac=mac_of(info["mac"]), model=info["model"], firmware=info["fw_ver"], device_id=info["device_id"],
            ip=info.get("ip"), name=name)
    if channel is None and info.get("ssid"):
        yield "network.join", None, None, without_none(ssid=text(info["ssid"]), rssi_dbm=info.get("rssi"))
    place = (info.get("latitude", 0), info.get("longitude", 0))
    if channel is None and info.get("has_set_location_info") and place != (0, 0):
        yield "device.location", None, None, without_none(
            latitude=tenthousandths(place[0]), longitude=tenthousandths(place[1]), timezone=info.get("region"))
    assert info.get("auto_off_status", "off") == "off"


def usage_events(answers, channel, outlet):
    usage = answers["get_device_usage"]
    for name, scope in (("today", {"scope": "today"}), ("past7", {"scope": "period", "period_s": 604800}),
                        ("past30", {"scope": "period", "period_s": 2592000})):
        yield "energy.counter", channel, outlet, without_none(
            energy_wh=usage.get("power_usage", {}).get(name), runtime_min=usage["time_usage"][name], **scope)


def energy_events(answers, channel, outlet):
    if "get_energy_usage" in answers:
        energy = answers["get_energy_usage"]
        if "current_power" in energy:
            yield "power.reading", channel, outlet, {"power_w": milli(energy["current_power"])}
        for scope, date in (("today", energy["local_time"][:10]), ("month", energy["local_time"][:7])):
            yield "energy.counter", channel, outlet, {
                "energy_wh": energy[scope + "_energy"], "runtime_min": energy[scope + "_runtime"], "scope": scope,
                "date": date}
        yield "clock.reading", channel, outlet, {"device_time": energy["local_time"], "clock_kind": "local_no_zone"}
    if "get_current_power" in answers:
        yield "power.reading", channel, outlet, {"power_w": answers["get_current_power"]["current_power"]}
    if "get_emeter_data" in answers:
        meter = answers["get_emeter_data"]
        yield "power.reading", channel, outlet, {
            "power_w": milli(meter["power_mw"]), "voltage_v": milli(meter["voltage_mv"]),
            "current_a": milli(meter["current_ma"])}
        yield "energy.counter", channel, outlet, {"energy_wh": meter["energy_wh"]}


def rule_events(answers, channel, outlet):
    schedules = answers.get("get_schedule_rules", {})
    for rule in schedules.get("rule_list", []):
        yield "schedule.rule", channel, outlet, {
            "rule": rule["id"], "enabled": rule["enable"] and schedules["enable"],
            "mode": {"normal": "clock"}.get(rule["s_type"], rule["s_type"]), "at": str(rule["s_min"]),
            "days": str(rule["week_day"]), "repeat": rule["mode"] == "repeat",
            "action": "on" if rule["desired_states"]["on"] else "off"}
    for method in ("get_countdown_rules", "get_antitheft_rules"):
        assert not answers.get(method, {}).get("rule_list")
    if "get_auto_off_config" in answers:
        off = answers["get_auto_off_config"]
        yield "timer.set", channel, outlet, {"rule": "auto_off", "action": "off", "enabled": off["enable"],
                                             "duration_s": off["delay_min"] * 60}
    limit = answers.get("get_protection_power", {})
    if "protection_power" in limit:
        enabled = limit.get("enabled", limit.get("protection_enabled"))
        yield "device.config", channel, outlet, without_none(
            setting="protection_power", value=str(limit["protection_power"]), enabled=enabled)


def answers_events(answers, channel=None, outlet=None):
    if "get_device_info" in answers:
        yield from info_events(answers["get_device_info"], channel, outlet)
    if "get_device_usage" in answers:
        yield from usage_events(answers, channel, outlet)
    yield from energy_events(answers, channel, outlet)
    yield from rule_events(answers, channel, outlet)


def discovery_event(answers):
    found = answers["discovery_result"]["result"]
    return "device.identity", None, None, without_none(
        mac=mac_of(found["mac"]), model=found["device_model"], device_id=found["device_id"], ip=found["ip"],
        account=found["owner"], protocol=found["mgt_encrypt_schm"]["encrypt_type"])


def expected(device, version):
    answers = device.json
    yield "credential", None, None, {"secret": "account", "account": ACCOUNT[0], "protocol": "KLAP %d" % version,
                                     "reason": "the device's server hash is of this account"}
    yield from answers_events(answers)
    if "timestamp" in answers.get("get_device_time", {}):
        told = answers["get_device_time"]
        yield "clock.reading", None, None, without_none(
            device_time=str(told["timestamp"]), clock_kind="utc", timezone=told.get("region"))
    for child in answers.get("get_child_device_list", {}).get("child_device_list", []):
        yield from info_events(child, child["device_id"], child["position"])
    for child, own in device.children.items():
        yield from answers_events(own, child, own["get_device_info"]["position"])
    if "device_on" in answers["get_device_info"]:
        yield from info_events(answers["get_device_info"], None, None)
        yield "power.command", None, None, {"state": "off" if answers["get_device_info"]["device_on"] else "on"}
    for child, own in list(device.children.items())[:1]:
        yield "power.command", child, own["get_device_info"]["position"], {
            "state": "off" if own["get_device_info"]["device_on"] else "on"}


# ---- the timeline

def run(wattrail, capture, keys):
    command = [wattrail, "timeline", "--format", "jsonl"] + (["--keys", keys] if keys else []) + [capture]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit("%s: status %d: %s" % (" ".join(command), done.returncode, done.stderr))
    return [json.loads(line, parse_float=str) for line in done.stdout.splitlines()]


def comparable(kind, channel, outlet, data):
    """Without what hangs on other events or on the capture's clock."""
    left = {name: value for name, value in data.items() if name not in ("change", "transition", "offset_s")}
    numbers = {name: str(Decimal(str(value)).normalize()) if name.endswith(("_w", "_v", "_a", "_wh")) else value
               for name, value in left.items()}
    return json.dumps([kind, channel, outlet, numbers], sort_keys=True)


def of_line(line):
    return comparable(line["kind"], line.get("channel"), line.get("outlet"), line["data"])


def differences(device, version, lines):
    live = [line for line in lines if line["record"] == "event" and line["certainty"] != "derived"]
    told = collections.Counter(of_line(line) for line in live)
    meant = collections.Counter(comparable(*e) for e in [discovery_event(device.json)] + list(expected(device, version)))
    for one, count in (meant - told).items():
        yield "missing %d: %s" % (count, one)
    for one, count in (told - meant).items():
        yield "beyond the JSON %d: %s" % (count, one)
    for line in live:
        inside = line["path"].endswith("/klap/tapo") and line["kind"] != "credential"
        if inside != (line["certainty"] == "decrypted") or inside != ("transform" in line["evidence"]):
            yield "%s: certainty %s" % (line["message"], line["certainty"])
        if inside and not line["key"]["from"].startswith("keyring "):
            yield "%s: key from %s" % (line["message"], line["key"])
        offset = line["data"].get("offset_s")
        if line["kind"] == "clock.reading" and line["data"]["clock_kind"] == "utc":
            right = Decimal(line["data"]["device_time"]) - Decimal(line["time_ns"]) / 10 ** 9
            if offset is None or abs(Decimal(str(offset)) - right) > Decimal("0.000002"):
                yield "%s: offset %s and not %s" % (line["message"], offset, right)
        if line["kind"] == "power.command" and (line["cause"]["trigger"], line["cause"].get("app_id")) != ("lan", APP):
            yield "%s: sent by %s" % (line["message"], line["cause"])


def shut(device, lines, reason):
    told = [of_line(line) for line in lines if line["record"] == "event"]
    meant = [comparable(*discovery_event(device.json))]
    if told != meant:
        yield "without the account it says %s" % told
    found = [line["reason"] for line in lines if line["record"] == "finding" and line["where"] == "klap"]
    if len(found) != 1 or reason not in found[0]:
        yield "without the account the findings are %s" % found


def check(wattrail, path, version, work, modules):
    device = Fixture(path)
    capture = os.path.join(work, "tapo.pcap")
    write_capture(device, version, capture, *modules)
    keys = {}
    for name, account in (("right", ACCOUNT), ("wrong", WRONG)):
        keys[name] = os.path.join(work, name + ".keys")
        with open(keys[name], "w", encoding="utf-8") as out:
            out.write("kasa %s %s\n" % account)
    lines = run(wattrail, capture, keys["right"])
    yield from differences(device, version, lines)
    yield from shut(device, run(wattrail, capture, keys["wrong"]), "no account of the keyring")
    yield from shut(device, run(wattrail, capture, None), "the keyring holds no account")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--captures", required=True, help="the folder that holds lab/")
    options = parser.parse_args()
    paths = sorted(glob.glob(os.path.join(options.data, "fixtures", "python-kasa", "smart__*.json")))
    if not paths:
        skip("no smart__*.json under " + options.data)
    sys.dont_write_bytecode = True
    sys.path[:0] = [options.captures, HERE]
    try:
        from lab import klap
    except ImportError as error:
        skip(str(error))
    import tcp_capture
    wrong = 0
    with tempfile.TemporaryDirectory() as work:
        for path in paths:
            for version in (1, 2):
                found = list(check(options.wattrail, path, version, work, (klap, tcp_capture)))
                wrong += len(found)
                name = os.path.basename(path)
                for sentence in found:
                    print("%s, version %d: %s" % (name, version, sentence))
                if not found:
                    print("%s, version %d: what the JSON says" % (name, version))
    sys.exit(1 if wrong else 0)


main()

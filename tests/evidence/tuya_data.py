#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tuya_data.py --wattrail PATH --data DIR: third-party captures of Tuya devices, held to what is known of them.

  - a switch with two relays, protocol 3.3, with its key: every enciphered frame, as the reference decoder beside this
    reads it; the states, the command and the pushes; the device's clock
  - 13 devices' broadcasts
  - a motion sensor: no power event
  - sessions of the tuyapi client: 3.3 and 3.4; with a wrong key, nothing
No secret of theirs is printed: texts are compared by their hashes."""

import argparse
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import tuya_reference as reference

SKIP = 77
parser = argparse.ArgumentParser()
parser.add_argument("--wattrail", required=True)
parser.add_argument("--data", required=True)
options, rest = parser.parse_known_args()

SWITCH = os.path.join(options.data, "tuya", "switch-v33", "example1.pcap")
SWITCH_KEYS = SWITCH.replace(".pcap", ".keys.json")
WRONG = "no key of the keyring opens this session: none of them is its local key"


def digest(text):
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def run(tool, capture, *more, status=0):
    done = subprocess.run([options.wattrail, tool, "--format", "jsonl", *more, capture], capture_output=True)
    if done.returncode != status:
        raise AssertionError("status %d" % done.returncode)
    return [json.loads(line) for line in done.stdout.splitlines()]


def of(lines, record, kind=None):
    return [line for line in lines if line["record"] == record and kind in (None, line.get("kind"))]


def keyring(key):
    file = tempfile.NamedTemporaryFile("w", suffix=".keys")
    file.write("tuya * \"%s\"\n" % key.replace("\\", "\\\\").replace("\"", "\\\""))
    file.flush()
    return file


class Data(unittest.TestCase):
    def agree(self, capture, keys, key):
        """`messages` says of every frame on TCP what the reference decoder says."""
        found = [m for m in of(run("messages", capture, "--keys", keys), "message") if m["type"] not in ("udp_new",)]
        expected, good, bad = reference.read_capture(capture, key)
        self.assertEqual(bad, 0)
        self.assertGreaterEqual(good, len(expected))
        self.assertEqual(len(found), len(expected))
        for message, (frame, (command, from_device, code, header, text)) in zip(found, expected):
            fields = message["fields"]
            self.assertEqual(message["evidence"]["frame"], frame)
            self.assertEqual(fields["command"], command)
            self.assertEqual(message["src"].endswith(":6668"), from_device)
            self.assertEqual(fields.get("return_code"), code)
            self.assertNotIn("encrypted", fields)
            self.assertIn("integrity", fields)
            if text is not None:
                self.assertEqual(digest(fields.get("payload", "")), digest(text))
            if header and header != bytes(12):
                self.assertEqual(tuple(fields[name] for name in ("source_crc", "source_sequence", "source_id")),
                                 struct.unpack(">III", header))
        return expected

    def test_switch_frames(self):
        with open(SWITCH_KEYS, encoding="utf-8") as file:
            key = json.load(file)["devices"][0]["key"]
        frames = self.agree(SWITCH, SWITCH_KEYS, key.encode())
        self.assertEqual(sum(1 for _, frame in frames if frame[4]), 5)

    def test_switch_timeline(self):
        events = of(run("timeline", SWITCH, "--keys", SWITCH_KEYS), "event")
        states = [(e["evidence"]["frame"], e["channel"], e["data"]["state"]) for e in events if e["kind"] == "power.state"]
        self.assertEqual(states, [(6, "1", "off"), (6, "2", "off"), (15, "1", "off"), (17, "1", "off")])
        command, = (e for e in events if e["kind"] == "power.command")
        self.assertEqual((command["evidence"]["frame"], command["channel"], command["data"]["state"]), (14, "1", "off"))
        self.assertEqual((command["cause"]["trigger"], command["cause"]["endpoint"]), ("lan", "192.168.0.150:56648"))
        self.assertEqual([e["data"]["serial_n"] for e in events if "serial_n" in e["data"]], [0x79, 0x7a])
        self.assertFalse([e for e in events if "missed" in e["data"]])
        for event in events:
            self.assertEqual(event["certainty"], "decrypted")
        with open(SWITCH_KEYS, encoding="utf-8") as file:
            device = json.load(file)["devices"][0]["id"]
        self.assertEqual({digest(e["device"]) for e in events}, {digest("tuya:" + device)})
        offsets = [(e["data"]["device_time"], e["data"]["offset_s"]) for e in events if e["kind"] == "clock.reading"]
        # the second that the device names began 2.501082 s and 2.457855 s after these frames
        self.assertEqual(offsets, [("1589413164", 2.501082), ("1589413164", 2.457855)])

    def test_switch_with_a_wrong_key(self):
        with keyring("0123456789abcdef") as keys:
            lines = run("timeline", SWITCH, "--keys", keys.name, status=1)
        self.assertEqual([e["kind"] for e in of(lines, "event")], ["device.identity"] * 2)
        self.assertEqual([f["reason"] for f in of(lines, "finding")], [WRONG] * 2)  # once in each of two sessions

    def test_switch_without_a_key(self):
        lines = run("timeline", SWITCH)
        self.assertEqual([e["kind"] for e in of(lines, "event")], ["device.identity"] * 2)
        self.assertEqual(of(lines, "finding"), [])
        messages = of(run("messages", SWITCH), "message")
        self.assertEqual(sum(1 for m in messages if m["fields"].get("encrypted")), 5)

    def test_beacons(self):
        capture = os.path.join(options.data, "tuya", "beacons.pcap")
        self.assertEqual(len(of(run("devices", capture), "device")), 13)
        lines = run("timeline", capture)
        self.assertEqual(len(of(lines, "event")), 98)
        self.assertEqual({e["kind"] for e in of(lines, "event")}, {"device.identity"})
        self.assertEqual(len({e["data"]["device_id"] for e in of(lines, "event")}), 13)
        for event in of(lines, "event"):
            self.assertEqual(event["key"]["name"], "tuya public broadcast key")

    def test_motion_sensor(self):
        lines = run("timeline", os.path.join(options.data, "tuya", "motion-sensor", "wlan2.4.pcap"))
        kinds = {e["kind"] for e in of(lines, "event")}
        self.assertIn("device.identity", kinds)
        self.assertFalse([k for k in kinds if k.startswith(("power.", "load.", "energy.", "switch."))])

    def made(self, version):
        return os.path.join(options.data, "made", "tuya_tuyapi_v%s.pcap" % version)

    def test_made(self):
        for version in ("33", "34"):
            with open(self.made(version).replace(".pcap", ".truth.json"), encoding="utf-8") as file:
                truth = json.load(file)
            with keyring(truth["key"]) as keys:
                self.agree(self.made(version), keys.name, truth["key"].encode())
                events = of(run("timeline", self.made(version), "--keys", keys.name), "event")
            applied = [entry["d"]["1"] for entry in truth["gt"] if entry.get("dev") == "applied"]
            states = [e["data"]["state"] == "on" for e in events if e["kind"] == "power.state"]
            commands = [e["data"]["state"] == "on" for e in events if e["kind"] == "power.command"]
            self.assertEqual(commands, applied)
            self.assertEqual(states, [False] + applied)
            readings = [e["data"] for e in events if e["kind"] == "power.reading"]
            self.assertEqual(readings, [{"power_w": 0, "voltage_v": 230.1, "current_a": 0},
                                        {"power_w": 45.3, "current_a": 0.197}])

    def test_made_with_a_wrong_key(self):
        for version in ("33", "34"):
            with keyring("0123456789abcdeg") as keys:
                lines = run("timeline", self.made(version), "--keys", keys.name, status=1)
            self.assertEqual(of(lines, "event"), [])
            self.assertEqual([f["reason"] for f in of(lines, "finding")], [WRONG])


if __name__ == "__main__":
    if not os.path.isdir(os.path.join(options.data, "tuya")):
        print("skipped: there is no %s" % os.path.join(options.data, "tuya"), file=sys.stderr)
        sys.exit(SKIP)
    if reference.AESGCM is None:
        print("skipped: the Python package cryptography is not installed", file=sys.stderr)
        sys.exit(SKIP)
    unittest.main(argv=[sys.argv[0]] + rest)

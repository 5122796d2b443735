#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""flash_tuya.py --wattrail PATH --data DIR [--captures DIR]: dumps of Tuya plugs, held to what is known of them.

  - the dump of captures/flash-tuya: every value that was put into it, live and former, and nothing sound besides
  - that dump and captures/tuya together, in either order: the dump's local key opens the capture
  - real dumps: every live value that bk7231tools gives (PYTHONPATH must have it, version 2.1.2; else that part is left
    out and said), byte for byte; the relay states, the proved networks, the texts of the ESP8266 store as a second
    reader has them
No secret of theirs is printed: values are compared by their hashes."""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import zlib

sys.dont_write_bytecode = True

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError:
    Cipher = None
try:
    from bk7231tools.analysis.kvstorage import KVStorage
except ImportError:
    KVStorage = None

parser = argparse.ArgumentParser()
parser.add_argument("--wattrail", required=True)
parser.add_argument("--data", required=True)
parser.add_argument("--captures", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                                                      "captures"))
options, rest = parser.parse_known_args()

MADE = os.path.join(options.captures, "flash-tuya", "plug.bin")
CAPTURE = os.path.join(options.captures, "tuya", "tuya.pcap")
DUMPS = os.path.join(options.data, "flash", "tuya")
ESP8266 = os.path.join(options.data, "flash", "tuya-esp8266", "original_firmware.bin")
SOUND = ("ok", "weak", "none")


def digest(value):
    return hashlib.sha256(value).hexdigest()


def run(*arguments, status=(0,)):
    done = subprocess.run([options.wattrail, *arguments], capture_output=True)
    if done.returncode not in status:
        raise AssertionError("status %d: %s" % (done.returncode, done.stderr.decode(errors="replace")[-500:]))
    return done.stdout


def entries(path, format=None):
    lines = [json.loads(line) for line in run("flash", "ls", "--format", "jsonl", path).splitlines()]
    return [line for line in lines if line["record"] == "entry" and format in (None, line["format"])]


def events(*sources, status=(0,)):
    lines = [json.loads(line) for line in run("timeline", "--format", "jsonl", *sources, status=status).splitlines()]
    return [line for line in lines if line["record"] == "event"]


def of_relay(all_events, channel):
    """The states of a relay by the file area, in their order, with the basis of each place."""
    found = [e for e in all_events if e["kind"] == "power.state" and e["channel"] == channel
             and e["order"] and e["order"]["scope"] == "RLY_STAT"]
    found.sort(key=lambda event: event["order"]["sequence"])
    return [(event["data"]["state"], event["order"]["basis"], event["record_state"]) for event in found]


class Made(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(MADE.replace(".bin", ".truth.json"), encoding="utf-8") as file:
            cls.truth = json.load(file)
        cls.entries = entries(MADE)

    def test_it_is_the_dump(self):
        with open(MADE, "rb") as file:
            self.assertEqual(digest(file.read()), self.truth["sha256"])

    @unittest.skipUnless(Cipher, "the Python package cryptography is not installed")
    def test_it_can_be_made_again(self):
        with tempfile.TemporaryDirectory() as work:
            subprocess.run([sys.executable, "-B", os.path.join(os.path.dirname(MADE), "make.py"), "--out", work],
                           check=True)
            with open(os.path.join(work, "plug.bin"), "rb") as file:
                self.assertEqual(digest(file.read()), self.truth["sha256"])

    def test_every_value_is_there(self):
        live = {e.get("path"): e["sha256"] for e in self.entries
                if e["format"] == "tuya-kv" and e["state"] == "live" and e.get("type") != "protected"}
        self.assertEqual(live, self.truth["live"])
        files = {e["path"]: e["sha256"] for e in self.entries if e["format"] == "tuya-uf" and e["state"] == "live"}
        self.assertEqual(files, self.truth["files"])
        self.assertEqual(sorted(e["path"] for e in self.entries
                                if e["format"] == "tuya-uf" and e["state"] == "deleted"), self.truth["deleted_files"])

    def test_nothing_sound_was_never_there(self):
        was = {tuple(pair) for pair in self.truth["former"]} | set(self.truth["live"].items())
        for entry in self.entries:
            if entry["format"] == "tuya-kv" and entry["integrity"] in ("ok", "weak") and entry.get("type") != "protected":
                self.assertIn((entry["path"], entry["sha256"]), was)

    def test_former_networks_and_keys(self):
        found = events(MADE)
        secrets = {e["data"]["value"].split(" ")[0] for e in found if e["kind"] == "credential"}
        for secret in ("first passphrase", "second passphrase", "FormerLocalKey01"):
            self.assertIn("sha256:" + digest(secret.encode())[:16], secrets)
        joins = {(e["data"]["ssid"], e["certainty"]) for e in found if e["kind"] == "network.join"}
        self.assertLessEqual({("made-up first", "recovered"), ("made-up home", "observed")}, joins)

    @unittest.skipUnless(Cipher, "the Python package cryptography is not installed")
    def test_every_event_leads_to_its_bytes(self):
        """What an event cites is opened here, and has its raw values where it says."""
        sys.path.insert(0, os.path.dirname(MADE))
        import tuya_store
        with open(MADE, "rb") as file:
            dump = file.read()
        opener = Cipher(algorithms.AES(tuya_store.data_key(bytes(range(0x41, 0x51)))), modes.ECB())
        pad, checked = bytes.fromhex("55aa5a55a54d637f"), 0
        for event in events("--reveal-secrets", MADE):
            place = event["evidence"]
            plain = dump[place["offset"]:place["offset"] + place["length"]]
            steps = place.get("transform", {}).get("steps")
            if "parts" in place or steps == "aes-128-ecb+aes-128-ecb":
                continue
            if steps == "xor":
                plain = bytes(byte ^ pad[(place["offset"] + i) % 8] for i, byte in enumerate(plain))
            elif steps:
                self.assertEqual(steps, "aes-128-ecb")
                plain = opener.decryptor().update(plain)
                inside = place["transform"]
                plain = plain[inside["offset"]:inside["offset"] + inside["length"]]
            for raw in event.get("raw", {}).values():
                value = bytes.fromhex(raw["hex"]) if isinstance(raw, dict) else (
                    raw if isinstance(raw, str) else json.dumps(raw)).encode()
                self.assertIn(value, plain, event["message"])
                checked += 1
        self.assertGreater(checked, 35)

    def test_relay(self):
        """All states that are not all zeros, in their order; the last is the present one."""
        states = of_relay(events(MADE), "1")
        self.assertEqual([state for state, _, _ in states], ["on"] * sum(self.truth["relay"]))
        self.assertEqual(states[-1][1:], ("exact", "live"))
        self.assertEqual({state[1:] for state in states[:-1]}, {("probable", "stale")})

    def test_pair(self):
        alone = [e for e in events(CAPTURE, status=(0, 1)) if e["kind"].startswith("power.")]
        one, other = (run("timeline", "--format", "jsonl", *pair, status=(0, 1))
                      for pair in ((MADE, CAPTURE), (CAPTURE, MADE)))
        self.assertEqual(one, other)
        found = [json.loads(line) for line in one.splitlines()]
        device = "mac:" + self.truth["mac"]
        states = [e for e in found if e.get("kind") == "power.state" and e["device"] == device]
        opened = [e for e in states if (e.get("key") or {}).get("name") == self.truth["device"].replace(":", " ")]
        dumped = [e for e in states if "volume" in e["evidence"]]
        self.assertEqual([e for e in alone if e["device"] == device], [])
        self.assertGreater(len(opened), 5)
        self.assertGreater(len(dumped), 5)
        self.assertTrue(all("plug.bin" in e["key"]["from"] for e in opened))
        keyed = [e for e in events("--keys", CAPTURE.replace(".pcap", ".keys"), CAPTURE, status=(0, 1))
                 if e["kind"] == "power.state" and e["device"] == device]
        self.assertEqual([e["id"] for e in opened], [e["id"] for e in keyed])

    def test_the_keys_that_it_gives_open_the_capture(self):
        with tempfile.NamedTemporaryFile(suffix=".keys") as file:
            file.write(run("keys", MADE))
            file.flush()
            found = events("--keys", file.name, CAPTURE, status=(0, 1))
        self.assertTrue(any(e["device"] == "mac:" + self.truth["mac"] and e["kind"] == "power.state" for e in found))


@unittest.skipUnless(os.path.isdir(DUMPS), "the real dumps are not here")
class Real(unittest.TestCase):
    @unittest.skipUnless(KVStorage, "bk7231tools is not installed")
    def test_every_value_of_the_reference(self):
        compared = 0
        for name in sorted(os.listdir(DUMPS)):
            with open(os.path.join(DUMPS, name), "rb") as file:
                _, storage = KVStorage.find_storage(file.read())
            values = KVStorage.decrypt_and_unpack(storage).read_all_values()
            live = {(e["path"], e["sha256"]) for e in entries(os.path.join(DUMPS, name), "tuya-kv")
                    if e["state"] == "live" and e["integrity"] == "ok"}
            for path, value in values.items():
                self.assertIn((path, digest(bytes(value))), live, "%s %s" % (name, path))
                compared += 1
        self.assertGreater(compared, 35)

    def test_what_the_reference_does_not_give(self):
        found = entries(os.path.join(DUMPS, "bk7231n-lspa9-plug.bin"), "tuya-kv")
        states = {(e.get("path"), e["state"]) for e in found}
        self.assertLessEqual({("mf_test_close", "live"), ("astro_timer", "deleted"), ("ble_beaconkey", "deleted"),
                              ("000004p5i3", "deleted"), ("gw_wsm", "superseded"), ("gw_wsm", "stale"),
                              ("gw_ai", "stale")}, states)
        self.assertEqual(sum(e.get("type") == "protected" and e["state"] == "live" for e in found), 2)
        self.assertEqual([e for e in found if e["integrity"] == "failed"], [])

    def test_relays_of_the_outlet(self):
        """The present block is 14, the eight before it hold earlier states."""
        found = events(os.path.join(DUMPS, "bk7231-moes-outlet.bin"))
        first = of_relay(found, "1")
        self.assertEqual([state for state, _, _ in first], ["on", "on", "on", "off", "off", "on", "off", "off", "on"])
        self.assertEqual([basis for _, basis, _ in first], ["probable"] * 8 + ["exact"])
        for channel, state in (("2", "off"), ("3", "on"), ("4", "on")):
            self.assertEqual({s for s, _, _ in of_relay(found, channel)}, {state})
        self.assertEqual(of_relay(found, "5"), [])

    def test_a_nameless_block_of_zeros_says_nothing(self):
        found = events(os.path.join(DUMPS, "bk7231n-lspa9-plug.bin"))
        self.assertEqual(of_relay(found, "1"), [("off", "exact", "live")])
        self.assertEqual([e for e in found if e["kind"] == "power.state" and e["channel"] != "1"], [])

    def test_networks_that_their_pmk_proves(self):
        proved = {name: [e["integrity"] for e in entries(os.path.join(DUMPS, name), "tuya-netparam")]
                  for name in os.listdir(DUMPS)}
        self.assertEqual(proved, {"bk7231-8044-switch.bin": [], "bk7231-mirabella-plug.bin": [],
                                  "bk7231-moes-outlet.bin": ["ok"], "bk7231n-lspa9-plug.bin": ["ok"],
                                  "bk7231t-pc44ha-storage.bin": []})

    def test_chips(self):
        for name in sorted(os.listdir(DUMPS)):
            lines = run("flash", "info", "--format", "jsonl", os.path.join(DUMPS, name)).splitlines()
            kinds = [json.loads(line)["kind"] for line in lines if b'"record":"image"' in line]
            self.assertEqual(kinds, ["partition" if "storage" in name else "BK7231N"], name)

    def test_every_header_and_sum(self):
        for name in ("bk7231-8044-switch.bin", "bk7231-mirabella-plug.bin", "bk7231-moes-outlet.bin",
                     "bk7231n-lspa9-plug.bin"):
            found = [(e["path"], e["integrity"]) for e in entries(os.path.join(DUMPS, name), "rbl")]
            self.assertEqual(found, [("bootloader", "ok"), ("app", "ok")])

    def test_no_secret_is_shown(self):
        shown = b"".join(run("timeline", "--format", form, os.path.join(DUMPS, name))
                         for name in os.listdir(DUMPS) for form in ("table", "jsonl", "csv"))
        for name in os.listdir(DUMPS):
            for line in run("keys", os.path.join(DUMPS, name)).splitlines():
                if not line.startswith(b"#"):
                    secret = line.split(b" ", 2)[2].strip(b'"') if line.startswith(b"tuya") else line.rsplit(b" ", 1)[1]
                    self.assertFalse(len(secret) > 9 and secret in shown, name)


@unittest.skipUnless(os.path.isfile(ESP8266), "the real dump is not here")
class RealESP8266(unittest.TestCase):
    def test_every_text_of_the_store(self):
        if Cipher is None:
            self.skipTest("the Python package cryptography is not installed")
        with open(ESP8266, "rb") as file:
            dump = file.read()
        mac = bytes.fromhex(re.search(rb'"mac_addr":"([0-9a-f]{12})"', dump).group(1).decode())
        opener = Cipher(algorithms.AES(b"Qby6" + mac[4:5] + b"TH9bj8GiexU"), modes.ECB())
        expected = set()
        for place in range(0x7C000, 0x80000, 4096):
            plain = opener.decryptor().update(dump[place:place + 4096])
            self.assertEqual(zlib.crc32(plain[4:]), int.from_bytes(plain[:4], "little"))
            for text in plain[4:].split(b"\0\0")[0].split(b"\0"):
                if text:
                    path, value = text.split(b"=", 1)
                    expected.add((path.decode(), digest(value)))
        found = entries(ESP8266, "tuya-psm")
        self.assertEqual({(e["path"], e["sha256"]) for e in found if e["integrity"] == "ok"}, expected)
        self.assertGreaterEqual(sum(e["state"] == "stale" for e in found), 5)

    def test_schedules(self):
        rules = [e for e in events(ESP8266) if e["kind"] == "schedule.rule"]
        self.assertEqual([(e["channel"], e["data"]["at"], e["data"]["action"]) for e in rules],
                         [("1", "15:00", "off"), ("1", "21:00", "on"), ("1", "21:01", "on")])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *rest], verbosity=1)

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tasmota's stored settings: flash_tasmota.py --wattrail PATH --captures DIR --data DIR

The made plug's relays, energy and times are those of its story, each within its sector. Then, where decode-config is
installed (or WATTRAIL_DECODE_CONFIG names it), every value that is told of a copy equals what it gives: of each sector
of the made plug, of copies of the layouts from 5.10 to 14.6 that are filled at random, and of a real backup, whose author's
README is compared too. Secrets are compared, never shown."""
import argparse
import hashlib
import json
import os
import random
import shutil
import string
import subprocess
import sys
import tempfile

SKIPPED = 77
VERSIONS = (0x050A0000, 0x050C0000, 0x050D0100, 0x050E0000, 0x06000000, 0x06020100, 0x06040111, 0x06050012, 0x0606000F,
            0x06070101, 0x07020000, 0x08010000, 0x08020006, 0x08050100, 0x09000003, 0x09020000, 0x09050004, 0x09050009,
            0x0A010006, 0x0B010001, 0x0C000204, 0x0C020002, 0x0C030103, 0x0C050000, 0x0D040004, 0x0E040104, 0x0E060001)


class Failure(Exception):
    pass


def expect(right, *words):
    if not right:
        raise Failure(" ".join(str(word) for word in words))


def events_of(wattrail, path):
    done = subprocess.run([wattrail, "timeline", "--format", "jsonl", path], capture_output=True, check=False)
    expect(done.returncode in (0, 1), path, "status", done.returncode, done.stderr.decode()[-500:])
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return [r for r in records if r["record"] == "event"]


def seconds(stamp):
    """2026-01-02T03:04:05.000000000Z as seconds since 1970."""
    import calendar
    import time
    return None if stamp is None else calendar.timegm(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S"))


def hidden(text):
    data = text.encode("latin-1", "replace")
    return "sha256:%s (%d bytes)" % (hashlib.sha256(data).hexdigest()[:16], len(data))


# ---- the made plug

def check_story(wattrail, captures):
    dump = os.path.join(captures, "flash-tasmota", "plug.bin")
    with open(dump.replace(".bin", ".truth.json"), encoding="utf-8") as file:
        truth = json.load(file)
    with open(dump, "rb") as file:
        expect(hashlib.sha256(file.read()).hexdigest() == truth["sha256"], "the dump is not the one of the truth")
    events = events_of(wattrail, dump)
    highest = max(save["save_flag"] for save in truth["saves"])
    for save in truth["saves"]:
        own = [e for e in events if 0 <= e["evidence"]["offset"] - save["offset"] < 4096]
        live = save["save_flag"] == highest
        expect(own, "nothing is said of save", save["save_flag"])
        for e in own:
            expect(e["device"] == truth["device"] or not live, "device", e["device"])
            expect((e["certainty"] == "observed") == live, "certainty", e["certainty"], "of", save["save_flag"])
            expect(e["order"]["sequence"] == save["save_flag"], "order", e["order"])
        relays = {e["channel"]: e for e in own if e["kind"] == "power.state"}
        expect({n: e["data"]["state"] for n, e in relays.items()} == save["relays"], "relays of", save["save_flag"])
        for e in relays.values():
            if save["time"]:
                expect(e["time_basis"] == "device" and seconds(e["time"]) == save["time"], "time", e["time"])
            else:
                expect(e["time_basis"] == "bounded" and seconds(e["earliest"]) == save["earliest"] and
                       seconds(e["latest"]) == save["latest"], "bounds of", save["save_flag"], e["earliest"], e["latest"])
        energy = {e["data"]["scope"]: float(e["data"]["energy_wh"]) for e in own if e["kind"] == "energy.counter"}
        expect(energy == save["energy_wh"], "energy of", save["save_flag"], energy, save["energy_wh"])
        clocks = [e["data"] for e in own if e["kind"] == "clock.reading"]
        expect([int(c["device_time"]) for c in clocks] == ([save["time"]] if save["time"] else []), "clock", clocks)
        wifi = [e["data"]["value"] for e in own if e["kind"] == "credential" and e["data"]["secret"] == "wifi"]
        expect(wifi == [hidden(truth["wifi"]["password"])], "password of", save["save_flag"])
    cycles = [e["data"]["count"] for e in events if e["kind"] == "device.boot" and "count" in e["data"]]
    expect(cycles == [truth["quick_power_cycles"]], "quick power cycles", cycles)
    boots = sorted(e["data"]["boot_count"] for e in events if e["kind"] == "device.boot" and "boot_count" in e["data"])
    counts = [save["boot_count"] for save in truth["saves"]]
    expect(boots == sorted(set(counts) - {counts[0]}), "starts", boots)
    return len(events)


# ---- decode-config beside it

def decoded(program, backup, work):
    path = os.path.join(work, "one.dmp")
    with open(path, "wb") as file:
        file.write(backup)
    done = subprocess.run([program, "-s", path, "-T", "json", "--json-show-pw"], capture_output=True, check=False)
    expect(done.stdout.strip(), "decode-config gives nothing:", done.stderr.decode()[-300:])
    return json.loads(done.stdout)


def listed(value):
    return value if isinstance(value, list) else [value]


class Compared:
    """The events of one copy against decode-config's values."""

    def __init__(self, events, values, version, chip=0):
        self.events, self.values, self.version, self.chip, self.count = events, values, version, chip, 0

    def same(self, told, value, *words):
        expect(told == value, "%08x" % self.version, *words)
        self.count += 1

    def of(self, kind):
        return [e for e in self.events if e["kind"] == kind]

    def text(self, name, index=0):
        value = self.values.get(name)
        value = value[index] if isinstance(value, list) else value
        return value

    def relays(self):
        bits = self.values["power"]
        for e in self.of("power.state"):
            name = "power%s" % e["channel"]
            if name in bits:
                self.same(e["data"]["state"] == "on", bits[name] == 1, name)

    def energy(self):
        fine = 0.01
        coarse = 1.0 if self.version >= 0x0C030103 else fine
        new = self.version >= 0x09050009
        def sum_of(name):
            return sum(listed(self.values[name + "_ph" if new else name]))
        for e in self.of("energy.counter"):
            data = e["data"]
            value = {"today": lambda: sum_of("energy_kWhtoday") * fine,
                     "yesterday": lambda: sum_of("energy_kWhyesterday") * fine,
                     "total": lambda: sum(self.values["energy_kWhexport_ph"]) * coarse if "direction" in data
                              else sum_of("energy_kWhtotal") * coarse + sum_of("energy_kWhtoday") * fine}[data["scope"]]()
            self.same(abs(float(data["energy_wh"]) - value) < 1e-6 * max(1, abs(value)), True, "energy", data, value)

    def timers(self):
        for e in self.of("schedule.rule"):
            data = e["data"]
            if not data["rule"].startswith("Timer"):
                if "rules" in self.values: # it leaves them out where it can't undo their compression
                    self.same(data["value"], listed(self.values["rules"])[int(data["rule"][4:]) - 1], data["rule"])
                continue
            timer = self.values["timer"][int(data["rule"][5:]) - 1]
            self.same(data["enabled"], timer["arm"] == 1, "arm")
            self.same(data["repeat"], timer["repeat"] == 1, "repeat")
            self.same(data["window_min"], timer["window"], "window")
            self.same(int(data["days"][::-1], 2), int(timer["days"], 2), "days")
            self.same(data["action"], ("off", "on", "toggle", "rule")[timer["power"]], "action")
            self.same(int(e["channel"]), timer["device"] + 1, "output")
            if timer["mode"] < 3:
                self.same(data["mode"], ("clock", "sunrise", "sunset")[timer["mode"]], "mode")
            minutes = int(str(timer["time"]), 0)
            if minutes < 1440 and timer["mode"] < 3:
                sign = "-" if timer["mode"] and minutes >= 720 else ""
                minutes -= 720 if sign else 0
                self.same(data["at"], "%s%02d:%02d" % (sign, minutes // 60, minutes % 60), "time")

    def rest(self):
        names = {"name": "devicename", "hostname": "hostname", "device_id": "mqtt_topic", "client_id": "mqtt_client",
                 "user": "mqtt_user", "server": "mqtt_host"}
        for e in self.of("device.identity"):
            for field, name in names.items():
                if field in e["data"]:
                    self.same(e["data"][field], self.text(name), name)
            if "channel_name" in e["data"]:
                self.same(e["data"]["channel_name"], self.text("friendlyname", int(e["channel"]) - 1), "friendlyname")
        settings = {"PowerOnState": "poweronstate", "SaveData": "save_data", "MqttPort": "mqtt_port",
                    "FullTopic": "mqtt_fulltopic", "GroupTopic": "mqtt_grptopic"}
        for e in self.of("device.config"):
            if e["data"]["setting"] in settings:
                self.same(e["data"]["value"], str(self.text(settings[e["data"]["setting"]])), e["data"]["setting"])
        wifi = 0
        for e in self.of("credential"):
            data = e["data"]
            if data["secret"] == "wifi":
                while not self.text("sta_ssid", wifi) or not self.text("sta_pwd", wifi):
                    wifi += 1
                self.same(data["ssid"], self.text("sta_ssid", wifi), "ssid")
                self.same(data["value"], hidden(self.text("sta_pwd", wifi)), "Wi-Fi password")
                wifi += 1
            else:
                name = {"mqtt": "mqtt_pwd", "web": "web_password"}[data["secret"]]
                self.same(data["value"], hidden(self.text(name)), name)
        for e in self.of("clock.reading"):
            self.same(int(e["data"]["device_time"]), self.values["cfg_timestamp"], "cfg_timestamp")
        for e in self.of("timer.set"):
            pulse = self.values["pulse_timer"][int(e["channel"]) - 1]
            self.same(float(e["data"]["duration_s"]), (pulse - 100) if pulse > 111 else pulse / 10, "pulse_timer")
        for e in self.of("network.join"):
            self.same(e["data"]["bssid"].replace(":", ""), bytes(self.values["wifi_bssid"]).hex(), "bssid")
        for e in self.of("device.location"):
            self.same(round(float(e["data"]["latitude"]) * 1e6), round(self.values["latitude"] * 1e6), "latitude")
            self.same(round(float(e["data"]["longitude"]) * 1e6), round(self.values["longitude"] * 1e6), "longitude")

    def all(self):
        self.relays()
        self.energy()
        self.timers()
        self.rest()
        return self.count


def check_sectors(wattrail, captures, program, work):
    sys.path.insert(0, os.path.join(captures, "flash-tasmota"))
    import settings
    dump = os.path.join(captures, "flash-tasmota", "plug.bin")
    with open(dump.replace(".bin", ".truth.json"), encoding="utf-8") as file:
        saves = json.load(file)["saves"]
    with open(dump, "rb") as file:
        image = file.read()
    events = events_of(wattrail, dump)
    count = 0
    for save in saves:
        at = save["offset"]
        values = decoded(program, settings.backup(image[at:at + 4096]), work)
        expect(values["save_flag"] == save["save_flag"], "decode-config reads another save")
        own = [e for e in events if 0 <= e["evidence"]["offset"] - at < 4096]
        count += Compared(own, values, 0x0C050000).all()
    return count


# ---- every layout, filled at random

def size_of(version):
    return 0x670 if version < 0x050D0100 else 0xA00 if version < 0x06000000 else 0xE00 if version < 0x06060007 else 0x1000


def word(chance, longest):
    return "".join(chance.choice(string.ascii_letters + string.digits + "_-. ") for _ in range(chance.randint(1, longest)))


OLD_TEXTS = ((0x0A1, 33), (0x0C2, 33), (0x0E3, 65), (0x124, 65), (0x165, 33), (0x1E9, 33), (0x20C, 33), (0x22D, 33),
             (0x24E, 33), (0x26F, 33), (0x2B1, 33), (0x3AC, 33), (0x3CD, 33), (0x3EE, 33), (0x40F, 33), (0x4A9, 33),
             (0x558, 100))


def random_copy(settings, version, seed):
    chance = random.Random("%08x %d" % (version, seed))
    size = size_of(version)
    copy = settings.Copy(version, chance.randint(1, 9999), size)
    data = copy.data
    head = bytes(data[:12])
    data[:] = bytes(chance.randrange(256) for _ in range(size))
    data[:12] = head
    copy.put("<I", 0x10, chance.getrandbits(32) | 1)
    copy.put("<h", 0x14, 1)
    if version < 0x08000001:
        for at, room in OLD_TEXTS:
            text = word(chance, room - 1).encode()
            data[at:at + room] = text + bytes(room - len(text))
    else:
        copy.texts({i: word(chance, 7) for i in range(90)})
    if size >= 0xA00:
        rules = 1 if version < 0x06000000 else 3
        for i in range(rules):
            text = word(chance, 300).encode()
            data[0x800 + 512 * i:0xA00 + 512 * i] = text + bytes(512 - len(text))
    if version >= 0x08020004:
        data[0xF36] = 0
    if version < 0x06000000:
        copy.put("<HH", 0, 0x1209, 0x2016)
    elif version < 0x0606000B:
        summed = 3584 if version < 0x06060007 else 4096
        copy.put("<H", 14, settings.sum16(data[:summed]))
    else:
        copy.put("<I", 0xFF8, 1_700_000_000)
        copy.put("<H", 14, settings.sum16(data[:3584]))
        copy.put("<I", 0xFFC, settings.crc32(data[:0xFFC]))
    return bytes(data)


def check_versions(wattrail, captures, program, work):
    sys.path.insert(0, os.path.join(captures, "flash-tasmota"))
    import settings
    count = 0
    for version in VERSIONS:
        copy = random_copy(settings, version, 1)
        path = os.path.join(work, "sector.bin")
        with open(path, "wb") as file:
            file.write(copy + b"\xFF" * (8192 - len(copy)))
        values = decoded(program, settings.backup(copy), work)
        told = Compared(events_of(wattrail, path), values, version).all()
        expect(told >= 15, "%08x" % version, "too little is told:", told)
        count += told
    return count


# ---- the real backup

def check_backup(wattrail, data, program, work):
    path = os.path.join(data, "flash", "tasmota", "cognifog-13.3.0.dmp")
    if not os.path.exists(path):
        print("skipped: no real backup")
        return 0
    events = events_of(wattrail, path)
    identity = [e["data"] for e in events if e["kind"] == "device.identity"][0]
    # The README beside it: Tasmota 13.3.0, Device Name Tasmota1, made on 23/04/2024.
    expect(identity["firmware"] == "13.3.0.0" and identity["name"] == "Tasmota1", "not as the README has it")
    expect({e["time"][:10] for e in events} == {"2024-04-23"}, "not of the README's day")
    ssids = {hashlib.sha256(e["data"]["ssid"].encode()).hexdigest()[:16] for e in events if e["kind"] == "network.join"}
    expect(len(ssids) == 1, "it was in one network")
    expect(not [e for e in events if e["kind"] in ("power.state", "energy.counter")], "it has neither relay nor meter")
    if not program:
        return len(events)
    with open(path, "rb") as file:
        values = decoded(program, file.read(), work)
    return Compared(events, values, 0x0D030000, chip=3).all()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--captures", required=True)
    parser.add_argument("--data", required=True)
    a = parser.parse_args()
    program = os.environ.get("WATTRAIL_DECODE_CONFIG") or shutil.which("decode-config")
    try:
        print("the made plug: %d events" % check_story(a.wattrail, a.captures))
        with tempfile.TemporaryDirectory() as work:
            print("the real backup: %d values" % check_backup(a.wattrail, a.data, program, work))
            if not program:
                print("skipped: decode-config is not installed")
                return 0
            print("each sector beside decode-config: %d values" % check_sectors(a.wattrail, a.captures, program, work))
            print("%d layouts beside decode-config: %d values"
                  % (len(VERSIONS), check_versions(a.wattrail, a.captures, program, work)))
    except Failure as failure:
        print("FAILED:", failure)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

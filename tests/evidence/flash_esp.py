#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What real ESP8266 and ESP32 dumps tell of networks: flash_esp.py --wattrail PATH --data DIR

The dumps are third parties' and hold the secrets of real people: hashes alone are compared. What is expected was worked
out with Python's hashlib from the bytes at their places: every password is proved by a key that stands elsewhere in the
dump."""
import argparse
import hashlib
import json
import os
import subprocess
import sys

SKIPPED = 77


class Failure(Exception):
    pass


def expect(right, *words):
    if not right:
        raise Failure(" ".join(str(word) for word in words))


def events_of(wattrail, path):
    done = subprocess.run([wattrail, "timeline", "--format", "jsonl", "--reveal-secrets", path], capture_output=True,
                          check=False)
    expect(done.returncode in (0, 1), "status", done.returncode)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return [r for r in records if r["record"] == "event"]


def digest(text):
    return hashlib.sha256(text.encode("latin-1", "replace")).hexdigest()[:12]


def pmk(password, ssid):
    return hashlib.pbkdf2_hmac("sha1", password.encode("latin-1"), ssid.encode(), 4096, 32)


def networks(events, image):
    """(hash of SSID, hash of password, state) of each Wi-Fi password; the key of each that is called proved is sought in
    the dump."""
    found = []
    for e in events:
        data = e["data"]
        if e["kind"] != "credential" or data["secret"] != "wifi":
            continue
        raw = image[e["evidence"]["offset"]:e["evidence"]["offset"] + e["evidence"]["length"]]
        expect(raw.decode("latin-1") == data["value"], "the password does not stand at its place")
        if data.get("proved_by") == "pmk":
            expect(pmk(data["value"], data["ssid"]) in image, "no key in the dump proves this password")
        found.append((digest(data["ssid"]), digest(data["value"]), data.get("proved_by"),
                      "live" if e["certainty"] == "observed" else "earlier"))
    return found


def check_sonoff(wattrail, path):
    with open(path, "rb") as file:
        image = file.read()
    events = events_of(wattrail, path)
    found = networks(events, image)
    ssid = image[0x78000:0x78020].split(b"\0")[0].decode()
    password = image[0x78020:0x78060].split(b"\0")[0].decode("latin-1")
    expect(pmk(password, ssid) in image, "the reference does not hold")
    expect({n[:3] for n in found} == {(digest(ssid), digest(password), "pmk")}, "networks", found)
    identities = [e for e in events if e["kind"] == "device.identity" and e["certainty"] == "observed"]
    expect(len(identities) == 1, "identities", len(identities))
    data = identities[0]["data"]
    expect(data["mac"] == image[0x780AC:0x780B2].hex(":") and identities[0]["device"] == "mac:" + data["mac"], "MAC")
    expect(data["device_id"].encode() == image[0x7807C:0x78086] and data["model"].encode() == image[0x78067:0x78071],
           "identity")
    expect(not [e for e in events if e["kind"].startswith("power.")], "nothing says what the state sectors mean")
    return len(events)


def check_tuya_8266(wattrail, path):
    """Un-paired: the live copy has no network, the one before still has it."""
    with open(path, "rb") as file:
        image = file.read()
    events = events_of(wattrail, path)
    own = [e for e in events if e["path"].startswith("flash/esp8266-params")]
    ssid = image[0xFD010:0xFD010 + image[0xFD00C]].decode()
    password = image[0xFD037:0xFD077].split(b"\0")[0].decode("latin-1")
    expect(networks(own, image) == [(digest(ssid), digest(password), "pmk", "earlier")], "networks")
    macs = {e["data"]["mac"] for e in own if e["kind"] == "device.identity"}
    expect(macs == {image[0xFD484:0xFD48A].hex(":")}, "MAC")
    return len(own)


def check_esp32(wattrail, path):
    """NVS: two erased networks before the live one, in the order of writing."""
    with open(path, "rb") as file:
        image = file.read()
    events = events_of(wattrail, path)
    own = [e for e in events if e["path"].startswith("flash/nvs/esp")]
    joins = [(e["order"]["sequence"], digest(e["data"]["ssid"]), e["certainty"]) for e in own
             if e["kind"] == "network.join"]
    expect([j[2] for j in sorted(joins)] == ["recovered", "recovered", "observed"], "joins", len(joins))
    expect(len({j[1] for j in joins}) == 3, "three networks")
    found = networks(own, image)
    expect(all(n[2] == "pmk" for n in found), "each password is proved")
    expect({j[1] for j in joins} <= {n[0] for n in found}, "each network has its password")
    return len(own)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    a = parser.parse_args()
    dumps = ((check_sonoff, "sonoff/ewelink-basic-1M.bin"), (check_tuya_8266, "tuya-esp8266/original_firmware.bin"),
             (check_esp32, "esp32/plain-4MB-first-2MB.bin"))
    checked = 0
    try:
        for check, name in dumps:
            path = os.path.join(a.data, "flash", name)
            if not os.path.exists(path):
                print("skipped: %s is not there" % name)
                continue
            print("%s: %d events" % (name, check(a.wattrail, path)))
            checked += 1
    except Failure as failure:
        print("FAILED:", failure)
        return 1
    return 0 if checked else SKIPPED


if __name__ == "__main__":
    sys.exit(main())

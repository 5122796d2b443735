#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make.py --out DIR: the dump of a metering plug with two relays that runs Tasmota 12.5.0 on an ESP8266 with 1 MiB

The plug lives through a story: it is switched, it meters, it loses power and starts without the time. Each save goes
to the next sector, as SettingsSave does; what the sectors hold at the end is the dump. The truth is what the story
did, written down as it went on."""
import argparse
import hashlib
import json
import os
import struct

from settings import Copy

SIZE = 0x100000
QUICK_CYCLES = 0xF3000
SLOTS = [0xFB000] + list(range(0xFA000, 0xF3000, -0x1000)) # in the order in which they are taken
VERSION = 0x0C050000
MORNING = 1_760_000_000
WH = 100 # units of 10 mWh

TEXTS = {4: "farmhouse", 6: "summer and winter", 8: "heater", 12: "10.20.30.40", 13: "heater", 14: "plugs",
         15: "let me in", 16: "%prefix%/%topic%/", 17: "heater", 20: "tasmotas", 44: "Heater", 45: "Lamp",
         71: "Two sockets", 76: "Workshop"}


class Plug:
    def __init__(self):
        self.flash = bytearray(b"\xFF" * SIZE)
        self.slot = -1
        self.flag, self.boots, self.stamp = 90, 6, 0
        self.power = 0
        self.today, self.yesterday, self.total = 0, 0, 0 # 10 mWh, 10 mWh, Wh
        self.day = 281
        self.saves = {}
        self.log = []

    def copy(self):
        copy = Copy(VERSION, self.flag)
        copy.put("<H", 0xC, self.boots)
        copy.put("<I", 0x10, 1)      # SetOption0
        copy.put("<h", 0x14, 1)      # SaveData 1
        copy.texts(TEXTS)
        copy.put("<I", 0x2E8, self.power)
        copy.put("<i", 0x314, self.today)
        copy.put("<i", 0x320, self.yesterday)
        copy.put("<i", 0x32C, self.total)
        copy.put("<B", 0x398, 3)     # PowerOnState: as it was
        copy.put("<H", 0x3A4, self.day)
        copy.put("<I", 0x3A0, 1)     # Timers on
        copy.put("<B", 0x474, 255)   # the template is in use
        for pin, code in ((3, 224), (8, 225), (10, 32)): # Relay 1, Relay 2, Button 1
            copy.put("<H", 0x3FC + 2 * pin, code)
        copy.put("<I", 0x670, 1 << 31 | 1 << 27 | 0x3E << 16 | 1 << 15 | 6 * 60 + 30) # on, weekdays, 06:30
        copy.put("<ii", 0x6B0, 47123456, 8654321)
        copy.put("<I", 0x7B4, MORNING - 86400 * 30)
        copy.put("<H", 0xEFC, 1883)
        copy.put("<B6s", 0xF09, 6, bytes.fromhex("02c0ffee0001"))
        copy.put("<I", 0xFD4, MORNING - 86400 * 30)
        copy.put("<I", 0xFF8, self.stamp)
        return copy.sealed()

    def save(self, now):
        """`now` None: the clock is not set, and the time is counted on."""
        self.flag += 1
        self.stamp = self.stamp + 1 if now is None else now
        self.slot = (self.slot + 1) % len(SLOTS)
        at = SLOTS[self.slot]
        self.flash[at:at + 0x1000] = self.copy()
        self.log.append({"offset": at, "save_flag": self.flag, "time": now, "boot_count": self.boots,
                         "relays": {"1": "on" if self.power & 1 else "off", "2": "on" if self.power & 2 else "off"},
                         "energy_wh": {"today": self.today / WH, "yesterday": self.yesterday / WH,
                                       "total": self.total + self.today / WH}})

    def switch(self, relay, on, now):
        bit = 1 << relay - 1
        self.power = self.power | bit if on else self.power & ~bit
        self.save(now)

    def midnight(self, now):
        self.yesterday, self.total, self.today = self.today, self.total + self.today // WH, 0
        self.day += 1
        self.save(now)


def live(plug):
    plug.total, plug.yesterday, plug.today = 41_234, 25_731, 1_204
    now = MORNING
    for relay, on, later in ((1, True, 0), (1, False, 1800), (2, True, 60), (1, True, 7200)):
        now += later
        plug.switch(relay, on, now)
    now += 36_000
    plug.today += 123_456
    plug.midnight(now)
    now += 21_605
    plug.switch(1, False, now)
    plug.boots += 1                 # the power fails: two saves without the time
    plug.switch(2, False, None)
    plug.switch(1, True, None)
    now += 9_000                    # the time comes with the network
    plug.today += 4_321             # a restart by command saves the meter
    plug.boots += 1
    plug.save(now)
    plug.switch(1, False, now + 600)
    plug.switch(2, True, now + 4_200)


def loader(flash):
    """The smallest image that the boot ROM would take: a segment of eight bytes and its checksum."""
    body = b"wattrail"
    checksum = 0xEF
    for byte in body:
        checksum ^= byte
    flash[0:16] = struct.pack("<BBBBIII", 0xE9, 1, 3, 0x20, 0x40100000, 0x40100000, len(body))
    flash[16:16 + len(body)] = body
    flash[31] = checksum
    flash[24:31] = bytes(7)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    out = parser.parse_args().out
    plug = Plug()
    live(plug)
    loader(plug.flash)
    plug.flash[QUICK_CYCLES:QUICK_CYCLES + 12] = struct.pack("<III", 0xFFA55AFF, 0, 0) # two short starts
    kept = {entry["offset"]: entry for entry in plug.log} # later ones took the place of earlier ones
    saves = sorted(kept.values(), key=lambda entry: entry["save_flag"])
    for i, entry in enumerate(saves): # what no clock dated lies between its dated neighbours
        if entry["time"] is None:
            entry["earliest"] = next((e["time"] for e in reversed(saves[:i]) if e["time"]), None)
            entry["latest"] = next((e["time"] for e in saves[i:] if e["time"]), None)
    truth = {"made_by": "captures/flash-tasmota/make.py", "sha256": hashlib.sha256(plug.flash).hexdigest(),
             "device": "tasmota:heater", "quick_power_cycles": 2, "saves": saves,
             "wifi": {"ssid": TEXTS[4], "password": TEXTS[6]}}
    with open(os.path.join(out, "plug.bin"), "wb") as dump:
        dump.write(plug.flash)
    with open(os.path.join(out, "plug.truth.json"), "w", encoding="utf-8") as file:
        json.dump(truth, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()

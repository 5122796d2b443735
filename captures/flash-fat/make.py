#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes flash-fat.bin and its truth: a FAT12 volume that mkfs.fat and mtools write, laid out under ESP-IDF's wear
levelling as components/wear_levelling/WL_Flash.cpp does it. make.py --out DIRECTORY"""

import argparse
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

SECTOR, RECORD, VERSION, RATE = 4096, 16, 2, 16
SIZE, MOVES, DEVICE, TIME = 112 * 1024, 40, 0x5EED0001, 1714979290
ENERGY = "".join("%d;%d\n" % (1700000000 + 600 * n, 17 * n) for n in range(120))
ACTIONS = [
    ("set", "STATE.TXT", "relay=on"), ("mkdir", "log", ""), ("set", "log/energy-2024.csv", ENERGY),
    ("set", "config.json", '{"ssid":"lab","pass":"lab pass"}'), ("set", "log/boot-1.txt", "power-on reset"),
    ("del", "log/boot-1.txt", ""), ("set", "log/boot-2.txt", "brown-out reset"), ("set", "secret.key", "k" * 700),
    ("del", "secret.key", "")]


def crc(data):
    """esp_rom_crc32_le with all ones."""
    return zlib.crc32(data, 0xFFFFFFFF)


class Wear:
    """A partition under wear levelling: data, a dummy sector, two copies of the state, the configuration."""

    def __init__(self, data):
        self.places, self.dummy, self.turn, self.copy = len(data) // SECTOR + 1, 0, 0, SECTOR
        while self.copy < 64 + (self.places + 2 * self.copy // SECTOR + 1) * RECORD:
            self.copy += SECTOR
        self.image = bytearray(b"\xff" * SECTOR + data + b"\xff" * (2 * self.copy + SECTOR))
        self.write_state()

    def write_state(self):
        state = struct.pack("<8I28x", 0, self.places, self.turn, 0, RATE, SECTOR, VERSION, DEVICE)
        state += struct.pack("<I", crc(state))
        for at in self.states():
            self.image[at:at + self.copy] = state.ljust(self.copy, b"\xff")

    def states(self):
        return [self.places * SECTOR + n * self.copy for n in range(2)]

    def move(self):
        """The sector after the dummy moves into its place."""
        here, there = self.dummy * SECTOR, (self.dummy + 1) % self.places * SECTOR
        self.image[here:here + SECTOR] = self.image[there:there + SECTOR]
        words = [struct.pack("<I", (DEVICE + self.dummy * 4 + n) & 0xFFFFFFFF) for n in range(4)]
        record = b"".join(struct.pack("<I", crc(word)) for word in words)
        for at in self.states():
            at += 64 + self.dummy * RECORD
            self.image[at:at + RECORD] = record
        self.dummy += 1
        if self.dummy == self.places:
            self.dummy, self.turn = 0, (self.turn + 1) % (self.places - 1)
            self.write_state()


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=dict(
        os.environ, MTOOLSRC="/dev/null", MTOOLS_SKIP_CHECK="1", SOURCE_DATE_EPOCH=str(TIME), TZ="UTC"))


def write_files(volume, work):
    for verb, path, text in ACTIONS:
        if verb == "mkdir":
            run("mmd", "-i", volume, "::" + path)
        elif verb == "del":
            run("mdel", "-i", volume, "::" + path)
        else:
            source = os.path.join(work, "source")
            with open(source, "w", encoding="ascii") as file:
                file.write(text)
            os.utime(source, (TIME, TIME))
            run("mcopy", "-m", "-i", volume, source, "::" + path)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def truth(image):
    live, written, removed = {}, [], []
    for number, (verb, path, text) in enumerate(ACTIONS):
        if verb == "set":
            live[path] = sha(text.encode())
            written.append([number, path, live[path]])
        elif verb == "del":
            del live[path]
            removed.append(path)
    return {"format": "fat", "sha256": sha(image), "length": len(image), "live": live, "written": written,
            "removed": removed, "times": {}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    out = parser.parse_args().out
    for program in ("mkfs.fat", "mcopy"):
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            print(program + " is not installed")
            sys.exit(77)
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    with tempfile.TemporaryDirectory() as work:
        volume = os.path.join(work, "volume")
        with open(volume, "wb") as file:
            file.truncate(SIZE)
        run("mkfs.fat", "-a", "-F", "12", "-S", "512", "-s", "1", "-f", "2", "-R", "1", "-r", "64", "-i", "5EED0001",
            volume)
        write_files(volume, work)
        with open(volume, "rb") as file:
            wear = Wear(file.read())
    for _ in range(MOVES):
        wear.move()
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "flash-fat.bin"), "wb") as file:
        file.write(wear.image)
    with open(os.path.join(out, "flash-fat.truth.json"), "w", encoding="ascii") as file:
        json.dump(truth(wear.image), file, indent=1)
        file.write("\n")


main()

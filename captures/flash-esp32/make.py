#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A dump of an ESP32 that never was: make.py [--generator nvs_partition_gen.py] --out DIR

Writes flash-esp32.bin (1 MiB) and flash-esp32.truth.json: what was put into it, and where. Two partitions of NVS are
what ESP-IDF's own generator makes of flash-esp32.csv, one as it is and one enciphered with keys that lie in a
partition of their own (nvs_partition_gen.py of esp-idf-nvs-partition-gen 0.1.9, over the Python package cryptography).
The third is written here, after ESP-IDF's description of the format, because the generator makes no erased entries:
a relay and a network whose values were changed, over two pages.

Without --generator the generated partitions are taken from the dump that is there, and everything else is made anew.
"""
import argparse
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
SIZE = 1 << 20
LOADER, TABLE, NVS, OTADATA, WORN, SEALED, KEYS, APP = 0x1000, 0x8000, 0x9000, 0xD000, 0xF000, 0x12000, 0x15000, 0x20000
ROWS = (("nvs", 1, 2, NVS, 0x4000), ("otadata", 1, 0, OTADATA, 0x2000), ("worn", 1, 2, WORN, 0x3000),
        ("sealed", 1, 2, SEALED, 0x3000), ("nvs_keys", 1, 4, KEYS, 0x1000), ("ota_0", 0, 0x10, APP, 0x20000))


def crc(data):
    return zlib.crc32(data, 0xFFFFFFFF)


def image(entry, segments):
    """An ESP32 image with its checksum and SHA-256 (esptool, "Firmware Image Format")."""
    out = struct.pack("<BBBBIBBBBHBHHIB", 0xE9, len(segments), 2, 0x20, entry, 0xEE, 0, 0, 0, 0, 0, 0, 399, 0, 1)
    checksum = 0xEF
    for address, data in segments:
        out += struct.pack("<II", address, len(data)) + data
        for byte in data:
            checksum ^= byte
    out += bytes(15 - len(out) % 16) + bytes([checksum])
    return out + hashlib.sha256(out).digest()


def description():
    return struct.pack("<II8x32s32s16s16s32s32s80x", 0xABCD5432, 0, b"2.4.1", b"relay-module", b"10:11:12", b"Mar  4 2026",
                       b"v5.2.1", hashlib.sha256(b"elf").digest())


def table():
    rows = b"".join(struct.pack("<BBBBII16sI", 0xAA, 0x50, kind, subtype, at, size, label.encode(), 0)
                    for label, kind, subtype, at, size in ROWS)
    return rows + b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(rows).digest()


def select(number):
    return struct.pack("<I20sII", number, b"\xff" * 20, 2, crc(struct.pack("<I", number)))


class Page:
    """One page of NVS, version 2."""

    def __init__(self, number, state):
        self.head = struct.pack("<IIB19s", state, number, 0xFE, b"\xff" * 19)
        self.head += struct.pack("<I", crc(self.head[4:28]))
        self.number, self.marks, self.items = number, [], b""

    def add(self, namespace, kind, key, data, more=b"", erased=False, chunk=0xFF):
        span = 1 + (len(more) + 31) // 32
        place = len(self.marks)
        first, rest = struct.pack("<BBBB", namespace, kind, span, chunk), struct.pack("<16s8s", key.encode(), data)
        self.items += first + struct.pack("<I", crc(first + rest)) + rest + more + b"\xff" * (-len(more) % 32)
        self.marks += [0 if erased else 2] * span
        return self.number * 128 + place

    def text(self, namespace, key, value, erased=False):
        value = value.encode() + b"\0"
        return self.add(namespace, 0x21, key, struct.pack("<HHI", len(value), 0xFFFF, crc(value)), value, erased)

    def number8(self, namespace, key, value, erased=False):
        return self.add(namespace, 0x01, key, bytes([value]) + b"\xff" * 7, b"", erased)

    def bytes(self):
        bits = bytearray(b"\xff" * 32)
        for i, mark in enumerate(self.marks):
            bits[i // 4] = bits[i // 4] & ~(3 << i % 4 * 2) | mark << i % 4 * 2
        return (self.head + bits + self.items).ljust(4096, b"\xff")


def worn():
    """The partition whose values were changed, and the truth of it."""
    truth = []

    def said(path, state, order, value):
        truth.append({"volume": "nvs@0x%x" % WORN, "path": path, "state": state, "order": order,
                      "sha256": hashlib.sha256(value).hexdigest()})

    old, new = Page(4, 0xFFFFFFFC), Page(5, 0xFFFFFFFE)
    said("plug", "live", old.number8(0, "plug", 1), b"\x01")
    for value, page, erased in ((1, old, True), (0, old, True), (1, new, True), (0, new, False)):
        said("plug/relay", "superseded" if erased else "live", page.number8(1, "relay", value, erased), bytes([value]))
    for value, page, erased in (("attic", old, True), ("cellar", new, False)):
        said("plug/ssid", "superseded" if erased else "live", page.text(1, "ssid", value, erased), value.encode() + b"\0")
    said("plug/token", "deleted", new.text(1, "token", "gone", True), b"gone\0")
    return old.bytes() + new.bytes() + b"\xff" * 4096, truth


def generated(generator):
    """What ESP-IDF's generator makes of the CSV: the plain partition, the enciphered one, and its keys."""
    source = os.path.join(HERE, "flash-esp32.csv")
    with tempfile.TemporaryDirectory() as work:
        def run(*arguments):
            subprocess.run([sys.executable, generator, *arguments], cwd=work, check=True, stdout=subprocess.DEVNULL)
        run("generate", source, "plain.bin", "0x4000")
        run("generate-key", "--keyfile", "keys.bin", "--outdir", work)
        keys = os.path.join(work, "keys", "keys.bin")
        run("encrypt", source, "sealed.bin", "0x3000", "--inputkey", keys)
        parts = []
        for name in (os.path.join(work, "plain.bin"), os.path.join(work, "sealed.bin"), keys):
            with open(name, "rb") as part:
                parts.append(part.read())
        return parts


def kept():
    with open(os.path.join(HERE, "flash-esp32.bin"), "rb") as whole:
        dump = whole.read()
    return dump[NVS:NVS + 0x4000], dump[SEALED:SEALED + 0x3000], dump[KEYS:KEYS + 0x1000]


def values():
    """What the CSV says, by the words that wattrail uses."""
    sizes = {"u8": 1, "i16": 2, "u32": 4, "i64": 8}
    found, namespace, spaces = {}, "", 0
    with open(os.path.join(HERE, "flash-esp32.csv"), encoding="utf-8") as source:
        for line in source.read().splitlines()[1:]:
            key, kind, encoding, value = line.split(",", 3)
            if kind == "namespace":
                spaces += 1
                namespace = key
                found[key] = bytes([spaces])
            elif encoding in sizes:
                found[namespace + "/" + key] = int(value).to_bytes(sizes[encoding], "little", signed=encoding[0] == "i")
            elif encoding == "string":
                found[namespace + "/" + key] = value.encode() + b"\0"
            else:
                found[namespace + "/" + key] = bytes.fromhex(value)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generator")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    plain, sealed, keys = generated(options.generator) if options.generator else kept()
    history, truth = worn()
    app = image(0x40081000, ((0x3F400020, description() + bytes(4096)), (0x40081000, bytes(range(256)) * 8)))
    dump = bytearray(b"\xff" * SIZE)
    for at, part in ((LOADER, image(0x40080400, ((0x3FFF0018, bytes(64)),))), (TABLE, table()), (NVS, plain),
                     (OTADATA, select(1)), (OTADATA + 4096, select(2)), (WORN, history), (SEALED, sealed), (KEYS, keys),
                     (APP, app)):
        dump[at:at + len(part)] = part
    for volume in (NVS, SEALED):
        truth += [{"volume": "nvs@0x%x" % volume, "path": path, "state": "live", "order": None,
                   "sha256": hashlib.sha256(value).hexdigest()} for path, value in values().items()]
    with open(os.path.join(options.out, "flash-esp32.bin"), "wb") as out:
        out.write(dump)
    with open(os.path.join(options.out, "flash-esp32.truth.json"), "w", encoding="utf-8") as out:
        json.dump({"partitions": [[label, at, size] for label, _, _, at, size in ROWS], "entries": truth}, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()

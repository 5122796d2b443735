#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Dumps: flash_data.py --wattrail PATH (--made CAPTURES | --data DIR)

--made   the dumps that ship with the project say what was put into them, by every way of the command line
--data   third-party dumps (see ../shared/data): each is recognised and mapped, NVS images equal the CSV beside them, and,
         where WATTRAIL_NVS_PARSER names ESP-IDF's nvs_parser.py, what that reads; secrets are compared as hashes
"""
import argparse
import csv
import glob
import hashlib
import importlib.util
import json
import os
import stat
import struct
import subprocess
import sys
import tempfile

SKIP = 77


class Failure(Exception):
    pass


def check(holds, *what):
    if not holds:
        raise Failure(" ".join(map(str, what)))


class Tool:
    def __init__(self, path):
        self.path = path

    def run(self, *arguments, allowed=(0,)):
        done = subprocess.run([self.path, *arguments], capture_output=True)
        check(done.returncode in allowed, arguments, "status", done.returncode, done.stderr.decode(errors="replace"))
        return done

    def lines(self, action, *arguments, allowed=(0, 1)):
        tool = ("flash", action) if action in ("info", "ls") else (action,)
        out = self.run(*tool, "-q", "--format", "jsonl", *arguments, allowed=allowed).stdout
        return [json.loads(line) for line in out.decode().splitlines()]

    def entries(self, *dumps, **more):
        return [line for line in self.lines("ls", *dumps, **more) if line["record"] == "entry"]

    def map(self, dump):
        lines = self.lines("info", dump)
        return ([line for line in lines if line["record"] == "image"],
                [line for line in lines if line["record"] == "volume"],
                [line for line in lines if line["record"] == "finding"])


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# ---- what ships with the project

def made_truth(tool, dump, truth):
    """Every entry of the NVS partitions is one of the truth and the other way round, and lies where it says."""
    entries = [e for e in tool.entries(dump) if e["format"] == "nvs"]
    with open(dump, "rb") as source:
        whole = source.read()
    got = [(e["volume"], e["path"], e["state"], e["sha256"]) for e in entries]
    told = [(t["volume"], t["path"], t["state"], t["sha256"]) for t in truth["entries"]]
    check(sorted(got) == sorted(told), "entries differ:", set(got) ^ set(told))
    orders = {(e["volume"], e["path"], e["sha256"], e["state"]): e["order"]["sequence"] for e in entries}
    for t in truth["entries"]:
        if t["order"] is not None:
            key = (t["volume"], t["path"], t["sha256"], t["state"])
            times = [e["order"]["sequence"] for e in entries if (e["volume"], e["path"], e["sha256"], e["state"]) == key]
            check(t["order"] in times and key in orders, "order of", key, times)
    for e in entries:
        check(e["integrity"] == "ok" and e["order"]["basis"] == "exact", e)
        if "encryption" not in e:
            parts = e.get("parts", [{"offset": e["offset"], "length": e["length"]}])
            value = b"".join(whole[p["offset"]:p["offset"] + p["length"]] for p in parts)
            check(sha256(value) == e["sha256"], "the bytes of", e["path"], "do not stand where it says")
        else:
            check(e["encryption"] == "nvs" and e["key"]["name"] == "nvs", e)


def made_map(tool, dump, truth):
    images, volumes, findings = tool.map(dump)
    check([i["kind"] for i in images] == ["ESP32"] and not findings, images, findings)
    labelled = {v["label"]: (v["offset"], v["length"]) for v in volumes if "label" in v}
    check(labelled == {label: (at, size) for label, at, size in truth["partitions"]}, labelled)
    check(tool.lines("timeline", dump)[-1]["sources"][0]["complete"], "complete")


def made_cat(tool, dump, work):
    """One entry's bytes by every choice; a secret only where it is asked for."""
    worn = ("--volume", "nvs@0xf000")
    check(tool.run("flash", "cat", *worn, "--path", "plug/ssid", dump).stdout == b"cellar\0", "the live one is meant")
    check(tool.run("flash", "cat", *worn, "--path", "plug/ssid", "--state", "superseded", dump).stdout == b"attic\0")
    check(tool.run("flash", "cat", *worn, "--path", "plug/relay", "--order", "514", dump).stdout == b"\0")
    check(tool.run("flash", "cat", "--offset", "0xf058", dump).stdout == b"\1")
    ambiguous = tool.run("flash", "cat", *worn, "--state", "superseded", dump, allowed=(3,))
    check(ambiguous.stdout == b"" and b"4 entries fit" in ambiguous.stderr, ambiguous)
    check(tool.run("flash", "cat", "--path", "no/such", dump, allowed=(3,)).stdout == b"")
    hidden = tool.run("flash", "cat", "--path", "keys", dump)
    with open(dump, "rb") as source:
        keys = source.read()[0x15000:0x15040]
    check(hidden.stdout == b"sha256:%s (64 bytes)\n" % sha256(keys)[:16].encode(), hidden)
    out = os.path.join(work, "secret")
    check(tool.run("flash", "cat", "--path", "keys", "--reveal-secrets", dump).stdout == keys)
    tool.run("flash", "cat", "--path", "keys", "--reveal-secrets", "-o", out, dump)
    check(stat.S_IMODE(os.stat(out).st_mode) == 0o600, "mode of", out)
    tool.run("flash", "rm", dump, allowed=(2,))
    tool.run("flash", "ls", allowed=(2,))


def made_keys(tool, dump, work):
    """The keyring that the dump gives opens what it opens, and nobody else reads it."""
    keyring, sealed, keys = (os.path.join(work, name) for name in ("dump.keys", "sealed.bin", "keys.bin"))
    with open(dump, "rb") as source:
        whole = source.read()
    for path, at, size in ((sealed, 0x12000, 0x3000), (keys, 0x15000, 0x1000)):
        with open(path, "wb") as out:
            out.write(whole[at:at + size])
    tool.run("keys", "-q", "-o", keyring, dump)
    check(stat.S_IMODE(os.stat(keyring).st_mode) == 0o600, "mode of", keyring)
    with open(keyring, encoding="utf-8") as lines:
        text = lines.read()
    check(("nvs " + whole[0x15000:0x15040].hex()) in text.splitlines(), "the keys are in the keyring")
    check("flash-esp32.bin, nvs-keys@0x15000" in text, "with their origin")
    check(not tool.entries(sealed), "nothing opens it without its keys")
    alone = tool.entries("--keys", keyring, sealed)
    check(len(alone) == 10 and all(e["key"]["from"].startswith("keyring dump.keys, line") for e in alone), alone)
    for order in ((sealed, keys), (keys, sealed)):
        beside = [e for e in tool.entries(*order) if e["format"] == "nvs"]
        check([e["sha256"] for e in beside] == [e["sha256"] for e in alone], "keys beside it", order)
        check(beside[0]["key"]["from"] == "keys.bin, nvs-keys@0x0", beside[0])


def made_input(tool, dump, work):
    """Standard input, and another dump in front of it, change nothing but places."""
    with open(dump, "rb") as source:
        whole = source.read()
    plain = tool.lines("ls", dump)[1:]
    piped = subprocess.run([tool.path, "flash", "ls", "-q", "--format", "jsonl", "-"], input=whole, capture_output=True)
    check([json.loads(line) for line in piped.stdout.splitlines()][1:] == plain or piped.returncode == 0, piped.stderr)
    gone = ("source", "image", "offset", "parts", "volume", "key")
    reduced = [{k: v for k, v in e.items() if k not in gone} for e in plain if e["record"] == "entry"]
    double = os.path.join(work, "double.bin")
    with open(double, "wb") as out:
        first = bytearray(whole)
        first[0xFF000] = 0  # of two equal images one would be a repeat
        out.write(first + whole)
    second = [{k: v for k, v in e.items() if k not in gone} for e in tool.entries(double) if e["image"] == 2]
    check(second == reduced, "a dump behind another is read alike")


def made(tool, captures):
    for path in sorted(glob.glob(os.path.join(captures, "flash-*", "*.truth.json"))):
        if os.path.basename(path) != "flash-esp32.truth.json":
            continue
        dump = path.replace(".truth.json", ".bin")
        with open(path, encoding="utf-8") as source:
            truth = json.load(source)
        with tempfile.TemporaryDirectory() as work:
            subprocess.run([sys.executable, "-B", os.path.join(os.path.dirname(path), "make.py"), "--out", work], check=True)
            for name in (dump, path):
                with open(name, "rb") as old, open(os.path.join(work, os.path.basename(name)), "rb") as new:
                    check(old.read() == new.read(), name, "is not what its recipe makes")
            made_truth(tool, dump, truth)
            made_map(tool, dump, truth)
            made_cat(tool, dump, work)
            made_keys(tool, dump, work)
            made_input(tool, dump, work)
        print(dump, len(truth["entries"]), "entries")


# ---- third-party dumps

IDF = "flash/nvs/esp-idf/components/nvs_flash/"


def load_parser():
    """ESP-IDF's own reader, if it is there."""
    path = os.environ.get("WATTRAIL_NVS_PARSER")
    if not path:
        print("WATTRAIL_NVS_PARSER is not set: not compared with ESP-IDF's nvs_parser.py")
        return None
    spec = importlib.util.spec_from_file_location("nvs_parser", path)
    parser = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(parser)
    return parser


def parsed(parser, data):
    """What nvs_parser.py finds sound: (order, key, type, state, value) for all but the parts of blobs."""
    names = {"uint": "u", "int": "i"}
    found = []
    for page in parser.NVS_Partition("nvs", bytearray(data)).pages:
        for entry in page.entries:
            about = entry.metadata
            if entry.state not in ("Written", "Erased") or about["crc"]["original"] != about["crc"]["computed"]:
                continue
            kind = about["type"]
            if kind in ("string", "blob"):
                value = b"".join(bytes(child.raw) for child in entry.children)[:entry.data["size"]]
            elif kind[-2:] == "_t":
                value = bytes(entry.raw[24:24 + int(kind.strip("uint_")) // 8])
                kind = names[kind[:kind.index("t") + 1]] + kind.strip("uint_")
            else:
                continue
            kind = {"string": "str"}.get(kind, "namespace" if about["namespace"] == 0 else kind)
            found.append((page.header["page_index"] * 128 + entry.index, entry.key, kind, entry.state == "Written",
                          sha256(value)))
    return sorted(found)


def same_as_parsed(tool, parser, dump, at=0, length=None):
    with open(dump, "rb") as source:
        source.seek(at)
        data = source.read(length if length else -1)
    ours = sorted((e["order"]["sequence"], e["path"].split("/", 1)[-1], e["type"], e["state"] == "live", e["sha256"])
                  for e in tool.entries(dump)
                  if e["format"] == "nvs" and at <= e["offset"] < at + len(data) and e["integrity"] == "ok"
                  and e["type"] not in ("blob", "blob_data"))
    theirs = [entry for entry in parsed(parser, data) if entry[2] != "blob"]
    check(ours == theirs, dump, "differs from nvs_parser.py:", set(ours) ^ set(theirs))
    return len(theirs)


def csv_values(path):
    """Key to value as a CSV of the generator says it, by namespace/key; files are read beside it."""
    found, namespace, spaces = {}, "", 0
    with open(path, newline="", encoding="utf-8") as source:
        for row in csv.DictReader(line for line in source if not line.startswith("#")):
            key, kind, encoding, value = row["key"], row["type"], row["encoding"], row["value"]
            if kind == "namespace":
                namespace, spaces = key, spaces + 1
                continue
            data = value.encode()
            if kind == "file":
                name = os.path.join(os.path.dirname(path), value)
                if not os.path.exists(name):
                    continue
                with open(name, "rb") as source_file:
                    data = source_file.read()
            if encoding in ("u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64"):
                data = int(value).to_bytes(int(encoding[1:]) // 8, "little", signed=encoding[0] == "i")
            elif encoding == "string":
                data += b"\0"
            elif encoding == "hex2bin":
                data = bytes.fromhex(data.decode().strip())
            elif encoding == "base64":
                pass  # stored as it is written
            found[namespace + "/" + key] = data
    return found


def equals_csv(tool, dump, source, *keys):
    told = csv_values(source)
    got = {e["path"]: e["sha256"] for e in tool.entries(dump, *keys) if e["format"] == "nvs" and e["state"] == "live"}
    for path, value in told.items():
        check(path in got, dump, "lacks", path)
        check(got[path] == sha256(value), dump, "another value of", path)
    return len(told)


# Dump, what it is, and volumes that it must be mapped with.
MAPS = (
    ("flash/tuya/bk7231-moes-outlet.bin", "BK7231N", {"bk-crc@0x0", "bk-tlv@0x1d0000", "tuya-netparam@0x1d1000",
                                                      "tuya-uf@0x1d2000", "tuya-kv@0x1ed000"}),
    ("flash/tuya/bk7231n-lspa9-plug.bin", "BK7231N", {"bk-crc@0x0", "bk-tlv@0x1d0000", "tuya-netparam@0x1d1000",
                                                      "tuya-uf@0x1d2000", "tuya-kv@0x1ed000"}),
    ("flash/tuya/bk7231-mirabella-plug.bin", "BK7231N", {"bk-crc@0x0", "tuya-uf@0x1d2000", "tuya-kv@0x1ee000"}),
    ("flash/tuya/bk7231-8044-switch.bin", "BK7231N", {"bk-crc@0x0", "tuya-uf@0x1d2000", "tuya-kv@0x1ee000"}),
    ("flash/tuya/bk7231t-pc44ha-storage.bin", "partition", {"tuya-kv@0x0"}),
    ("flash/tuya-esp8266/original_firmware.bin", "ESP8266", {"tuya-psm@0x7b000", "tuya-schedules@0x80000",
                                                             "esp8266-params@0xfd000"}),
    ("flash/sonoff/ewelink-basic-1M.bin", "ESP8266", {"ewelink@0x78000", "esp8266-params@0xfd000"}),
    ("flash/tasmota/cognifog-13.3.0.dmp", "settings backup", {"tasmota-backup@0x0"}),
    ("flash/spiffs/esp32-spiffs.bin", "partition", {"spiffs@0x0"}),
    ("flash/esp32/plain-4MB-first-2MB.bin", "ESP32", {"nvs@0x9000", "partition-table@0x8000", "esp-image@0x1000",
                                                     "esp-image@0x10000"}),
    ("flash/shelly/8MB-partition-table.bin", "partition", {"partition-table@0x0"}),
    ("flash/shelly/16MB-partition-table.bin", "partition", {"partition-table@0x0"}),
    ("flash/shelly/otadata.bin", "partition", {"otadata@0x0"}),
    ("flash/nvs/relay-module/nvs.bin", "partition", {"nvs@0x0"}),
    (IDF + "test_apps/main/partition_encrypted.bin", "partition", {"nvs@0x0"}),
    (IDF + "test_apps/main/encryption_keys.bin", "partition", {"nvs-keys@0x0"}),
    (IDF + "nvs_partition_generator/part_old_blob_format.bin", "partition", {"nvs@0x0"}),
)


def built_in(name):
    """Families may be left out of a build: what only they know is then not asked for."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib")
    needed = {"tuya": "flash/bk_crc.c", "tuya-esp8266": "vendor/tuya/flash_psm.c", "sonoff": "flash/esp8266_params.c",
              "tasmota": "vendor/tasmota/flash_backup.c", "spiffs": "flash/spiffs.c"}.get(name.split("/")[1])
    return not needed or os.path.exists(os.path.join(source, needed))


def maps(tool, data):
    for name, kind, volumes in MAPS:
        if not built_in(name):
            continue
        images, found, _ = tool.map(os.path.join(data, name))
        check([i["kind"] for i in images] == [kind], name, images)
        check(volumes <= {v["volume"] for v in found}, name, found)


def shelly(tool, data):
    """The rows of both tables; a record that does not follow ESP-IDF's sum is said to be a vendor's."""
    for name, count in (("8MB", 8), ("16MB", 8)):
        with open(os.path.join(data, "flash/shelly/%s-partition-table.bin" % name), "rb") as source:
            table = source.read()
        rows = {}
        for at in range(0, len(table), 32):
            magic, _, _, begin, size, label = struct.unpack("<HBBII16s4x", table[at:at + 32])
            if magic != 0x50AA:
                break
            rows[label.rstrip(b"\0").decode()] = sha256(table[at:at + 32])
        got = {e["path"]: e["sha256"] for e in tool.entries(os.path.join(data, "flash/shelly/%s-partition-table.bin" % name))}
        check(len(rows) == count and got == rows, name, got)
    entries = tool.entries(os.path.join(data, "flash/shelly/otadata.bin"))
    check([(e["type"], e["integrity"]) for e in entries if e["format"] == "otadata"] == [("vendor", "failed")], entries)


def credentials(tool, data):
    """Two erased sets of Wi-Fi credentials before the live one, in order. (Hashes alone: the values are somebody's.)"""
    dump = os.path.join(data, "flash/esp32/plain-4MB-first-2MB.bin")
    for key in ("nvs.net80211/sta.ssid", "nvs.net80211/sta.pswd"):
        sets = [(e["state"], e["order"]["sequence"], e["sha256"]) for e in tool.entries(dump) if e["path"] == key]
        check([s[0] for s in sets] == ["superseded", "superseded", "live"], key, sets)
        check([s[1] // 128 for s in sets] == [8, 18, 34], key, sets)
        check(sorted(s[1] for s in sets) == [s[1] for s in sets], key, sets)
    ssids = [e["sha256"][:8] for e in tool.entries(dump) if e["path"] == "nvs.net80211/sta.ssid"]
    with open(dump, "rb") as source:
        whole = source.read()
    for e in tool.entries(dump):
        if e["path"] == "nvs.net80211/sta.ssid":
            check(sha256(whole[e["offset"]:e["offset"] + e["length"]]) == e["sha256"], "place of", e["offset"])
    return ssids


def nvs(tool, data):
    base = os.path.join(data, IDF)
    values = equals_csv(tool, os.path.join(data, "flash/nvs/relay-module/nvs.bin"),
                        os.path.join(data, "flash/nvs/relay-module/nvs.csv"))
    loader = os.path.join(base, "test_apps_bootloader")
    for dump in ("nvs_partition.bin", "partition_encrypted.bin"):
        values += equals_csv(tool, os.path.join(loader, "main", dump), os.path.join(loader, "partition_nvs_data.csv"),
                             *([os.path.join(loader, "main", "encryption_keys.bin")] if "encrypted" in dump else []))
    sealed = tool.entries(os.path.join(base, "test_apps/main/partition_encrypted.bin"),
                          os.path.join(base, "test_apps/main/encryption_keys.bin"))
    check(sum(e.get("encryption") == "nvs" and e["integrity"] == "ok" for e in sealed) == 13, sealed)
    with open(os.path.join(base, "test_apps/main/sample.bin"), "rb") as source:
        blob = sha256(source.read())
    check(any(e["sha256"] == blob for e in sealed), "the blob over two pages")
    for folder in ("test_apps", "test_apps_bootloader"):  # the HMAC scheme's key is in no dump
        lines = tool.lines("ls", os.path.join(base, folder, "main/partition_encrypted_hmac.bin"))
        check(not any(line["record"] == "entry" for line in lines), folder)
        check(any("NVS encryption fits" in line.get("reason", "") for line in lines), folder)
    return values


def against_parser(tool, data):
    parser = load_parser()
    if not parser:
        return 0
    base = os.path.join(data, IDF)
    compared = same_as_parsed(tool, parser, os.path.join(data, "flash/esp32/plain-4MB-first-2MB.bin"), 0x9000, 0x6000)
    for dump in (os.path.join(data, "flash/nvs/relay-module/nvs.bin"),
                 os.path.join(data, "flash/nvs/esp-idf/components/mbedtls/test_apps/persistent_storage_format/fixtures",
                              "nvs_efuse_v1.bin"),
                 os.path.join(base, "test_apps_bootloader/main/nvs_partition.bin"),
                 os.path.join(base, "nvs_partition_generator/part_old_blob_format.bin")):
        compared += same_as_parsed(tool, parser, dump)
    return compared


def third_party(tool, data):
    if not os.path.isdir(os.path.join(data, "flash")):
        print("skipped: no third-party dumps in", data)
        return SKIP
    maps(tool, data)
    shelly(tool, data)
    credentials(tool, data)
    print(nvs(tool, data), "values of CSV files;", against_parser(tool, data), "entries as nvs_parser.py has them")
    return 0


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--wattrail", required=True)
    options.add_argument("--made")
    options.add_argument("--data")
    given = options.parse_args()
    tool = Tool(given.wattrail)
    try:
        if given.made:
            made(tool, given.made)
            parser = load_parser()
            if parser:
                dump = os.path.join(given.made, "flash-esp32", "flash-esp32.bin")
                for at, size in ((0x9000, 0x4000), (0xF000, 0x3000)):
                    print(same_as_parsed(tool, parser, dump, at, size), "entries as nvs_parser.py has them")
        return third_party(tool, given.data) if given.data else 0
    except Failure as failure:
        print("FAILED:", failure)
        return 1


if __name__ == "__main__":
    sys.exit(main())

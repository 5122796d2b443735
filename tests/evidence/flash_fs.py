#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""File systems and stores in dumps, held against what was written into them.

flash_fs.py --wattrail PATH --captures DIR [--data DIR]

For each captures/flash-*/flash-*.truth.json: is what is live there, byte for byte, and nothing else; is each
earlier content that is given as sound one that was written under that name; do the contents of one name ascend
as they were written wherever an order is called exact; and does a cut dump give nothing else? With --data also
third-party volumes, by the hashes that mkspiffs's own listing gives. If WATTRAIL_MKSPIFFS names an mkspiffs
(name length 32, metadata 4) it makes a volume, which is read back."""

import argparse
import collections
import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile

EMPTY = hashlib.sha256(b"").hexdigest()
# What mkspiffs 0.2.3 unpacks from the volume.
THIRD = [("flash/spiffs/esp32-spiffs.bin", "spiffs", {
    "/dummy.txt": "b2e1b09601cce76752eb122600836af54f7757ec68b3c067a7430139a05b22df"})]
wrong = []


def fail(text):
    wrong.append(text)
    print(text)


def entries(wattrail, dump, form, statuses=(0, 1)):
    done = subprocess.run([wattrail, "flash", "ls", "--quiet", "--format", "jsonl", dump], capture_output=True,
                          check=False)
    if done.returncode not in statuses:
        fail("%s: exit status %d: %s" % (dump, done.returncode, done.stderr.decode("utf-8", "replace")))
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return [r for r in records if r["record"] == "entry" and r["format"] == form and r.get("type") != "dir"]


def sound(entry):
    return entry["integrity"] != "failed" and entry.get("attribution") == "named" and not entry.get("mixed")


def check_order(name, known, found):
    """Each content at a number of `known` that is not below the one before it."""
    last = -1
    for _, digest in sorted(found):
        later = [n for n in known[digest] if n >= last]
        if not later:
            fail("%s: its contents are not in the order in which they were written" % name)
            return
        last = later[0]


def check_written(name, truth, found):
    """Nothing that was not written, in no other order."""
    known = collections.defaultdict(lambda: collections.defaultdict(list))
    for number, path, digest in truth["written"]:
        known[path][digest].append(number)
    chains, earlier = collections.defaultdict(list), set()
    for entry in found:
        path, digest, order = entry["path"], entry["sha256"], entry.get("order", {})
        if not sound(entry) or digest == EMPTY:
            continue
        if digest not in known[path]:
            fail("%s: %s: a %s content that was never written" % (name, path, entry["state"]))
            continue
        if entry["state"] != "live":
            earlier.add((path, digest))
        if order.get("basis") == "exact":
            chains[path, order["scope"]].append((order["sequence"], digest))
    for (path, scope), chain in chains.items():
        check_order("%s: %s in %s" % (name, path, scope), known[path], chain)
    return earlier


def check_capture(wattrail, path, work):
    with open(path, encoding="ascii") as file:
        truth = json.load(file)
    dump, name = path.replace(".truth.json", ".bin"), os.path.basename(path)
    with open(dump, "rb") as file:
        image = file.read()
    if hashlib.sha256(image).hexdigest() != truth["sha256"]:
        fail("%s: not the dump that the truth is about" % name)
    found = entries(wattrail, dump, truth["format"])
    live = {e["path"]: e["sha256"] for e in found if e["state"] == "live" and e["integrity"] != "failed"}
    if live != truth["live"]:
        fail("%s: live is %s" % (name, sorted(set(live.items()) ^ set(truth["live"].items()))))
    earlier = check_written(name, truth, found)
    for removed in truth["removed"]:
        last = removed[1:].upper()  # a FAT's deleted short names lack their first letter
        if not any(e["path"] == removed or e["path"][1:].upper() == last for e in found
                   if e["state"] in ("deleted", "superseded")):
            print("%s: of the removed %s nothing is left" % (name, removed))
    if truth["format"] != "fat" and len(earlier) < 20:
        fail("%s: only %d earlier contents" % (name, len(earlier)))
    for part in (3, 5, 7):
        cut = os.path.join(work, "cut.bin")
        with open(cut, "wb") as file:
            file.write(image[:len(image) * part // 8])
        check_written("%s, %d eighths" % (name, part), truth, entries(wattrail, cut, truth["format"], (0, 1, 3)))
    print("%s: %d live, %d earlier contents" % (name, len(live), len(earlier)))


def check_third(wattrail, data):
    for name, form, expected in THIRD:
        dump = os.path.join(data, name)
        if not os.path.exists(dump):
            print("skipped, not there: %s" % name)
            continue
        live = {e["path"]: e["sha256"] for e in entries(wattrail, dump, form) if e["state"] == "live"}
        if live != expected:
            fail("%s: live is %s" % (name, live))


def check_mkspiffs(wattrail, program, work):
    tree, image = os.path.join(work, "tree"), os.path.join(work, "spiffs.bin")
    os.mkdir(tree)
    expected = {}
    for name, size in (("conf9.json", 40), ("empty", 0), ("a.bin", 251), ("b.bin", 252), ("long.bin", 60000)):
        data = hashlib.shake_128(name.encode()).digest(size)
        expected["/" + name] = hashlib.sha256(data).hexdigest()
        with open(os.path.join(tree, name), "wb") as file:
            file.write(data)
    subprocess.run([program, "-c", tree, "-p", "256", "-b", "4096", "-s", "262144", image], check=True,
                   stdout=subprocess.DEVNULL)
    live = {e["path"]: e["sha256"] for e in entries(wattrail, image, "spiffs") if e["state"] == "live"}
    if live != expected:
        fail("mkspiffs: live differs: %s" % sorted(set(live.items()) ^ set(expected.items())))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--captures", required=True)
    parser.add_argument("--data")
    options = parser.parse_args()
    truths = sorted(glob.glob(os.path.join(options.captures, "flash-*", "flash-*.truth.json")))
    forms = ("fat", "flashdb", "littlefs", "spiffs")
    with tempfile.TemporaryDirectory() as work:
        for path in truths:
            if os.path.basename(path)[len("flash-"):].split(".")[0] in forms:
                check_capture(options.wattrail, path, work)
        if options.data:
            check_third(options.wattrail, options.data)
        if os.environ.get("WATTRAIL_MKSPIFFS"):
            check_mkspiffs(options.wattrail, os.environ["WATTRAIL_MKSPIFFS"], work)
        else:
            print("skipped: WATTRAIL_MKSPIFFS names no mkspiffs")
    sys.exit(1 if wrong else 0)


main()

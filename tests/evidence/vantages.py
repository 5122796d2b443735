#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two captures of one network given together, each with a clock of its own: vantages.py --wattrail PATH --captures DIR
[--seeds N]

Each shipped capture is split into two views, as two machines at two places would have recorded it: each view lacks whole
connections at random, the second one's clock is set off by seconds and runs at another rate. Together they must give the
account of all that either saw, each statement once; the offset and skew are known and must be found; and the order in
which the files are named must not matter."""
import argparse
import collections
import glob
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

import captures
import perturb


class Failure(Exception):
    pass


def timeline(wattrail, keys, *captures):
    done = subprocess.run([wattrail, "timeline", "--format", "jsonl", *keys, *captures], capture_output=True)
    if done.returncode not in (0, 1):
        raise Failure("status %d: %s" % (done.returncode, done.stderr.decode(errors="replace")))
    return [json.loads(line) for line in done.stdout.splitlines()]


# Link type to where the ether type and what follows it stand: Ethernet, Linux cooked v1 and v2.
LINKS = {1: (12, 14), 113: (14, 16), 276: (0, 20)}


def connection(packet, link, by_address):
    """What tells connections apart, the same for both directions, or pairs of addresses alone; what is not IPv4 goes by its
    ether type."""
    kind, at = LINKS[link]
    frame = packet[8:]
    if frame[kind:kind + 2] != b"\x08\x00":
        return frame[kind:kind + 2]
    ip = frame[at:]
    size = (ip[0] & 15) * 4
    ports = struct.unpack_from("!HH", ip, size) if ip[9] in (6, 17) and not by_address else (0, 0)
    return (ip[9],) + tuple(sorted([(ip[12:16], ports[0]), (ip[16:20], ports[1])]))


class Clock:
    """A capture's time stamps, and those of another clock that is `offset_us` ahead at its first packet and runs `ppm`
    parts in a million faster."""

    def __init__(self, header, packets, offset_us, ppm):
        self.order = perturb.ORDERS[header[:4]]
        nano = header[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
        self.unit = 1000000000 if nano else 1000000
        self.offset, self.ppm = offset_us * (self.unit // 1000000), ppm
        self.first = self.read(packets[0][0])
        self.lasts_s = (self.read(packets[-1][0]) - self.first) // self.unit

    def read(self, stamp):
        whole, part = struct.unpack(self.order + "II", stamp)
        return whole * self.unit + part

    def shifted(self, stamp):
        now = self.read(stamp)
        now += self.offset + (now - self.first) * self.ppm // 1000000
        return struct.pack(self.order + "II", now // self.unit, now % self.unit)


def write(path, header, packets):
    with open(path, "wb") as out:
        out.write(header + b"".join(stamp + rest for stamp, rest in packets))


def split(capture, chooser, work, offset_us, ppm):
    """The two views, and what at least one of them saw on the first one's clock. What is enciphered is opened by a
    handshake in another connection of the same two, so there these stay together."""
    header, packets = perturb.read(capture)
    link = struct.unpack(perturb.ORDERS[header[:4]] + "I", header[20:24])[0]
    clock = Clock(header, packets, offset_us, ppm)
    if clock.lasts_s < 90:  # of less than a minute no skew can be told, and what it adds up to blurs the order
        clock.ppm = 0
    kept = collections.defaultdict(lambda: chooser.choice(((True, True), (True, True), (True, False), (False, True))))
    if captures.keys_of(capture):  # few pairs: the first ones are in both views, so that these have something in common
        for _, rest in packets[:len(packets) // 2]:
            kept[connection(rest, link, True)] = (True, True) if len(kept) < 3 else kept[connection(rest, link, True)]
    views = ([], [], [])
    for stamp, rest in packets:
        one, two = kept[connection(rest, link, bool(captures.keys_of(capture)))]
        if one:
            views[0].append((stamp, rest))
        if two:
            views[1].append((clock.shifted(stamp), rest))
        views[2].append((stamp, rest))
    names = [os.path.join(work, name) for name in ("one.pcap", "two.pcap", "whole.pcap")]
    for name, view in zip(names, views):
        write(name, header, view)
    return names, clock


def account(records):
    """What is said, without where and when: devices, channels, values, changes and triggers. A name that rests on an
    address alone bears its capture where two have it."""
    said = collections.Counter()
    for r in records:
        if r["record"] == "event":
            # what is missing before a report is missing in that capture; who a device is may be said once by each
            data = {k: v for k, v in r["data"].items() if k not in ("transition", "offset_s", "missed")}
            once = r["kind"] in ("device.identity", "network.join")
            said[(r["kind"], r["device"], r.get("channel"), json.dumps(data, sort_keys=True), r.get("retained"),
                  r.get("cause", {}).get("trigger"), r["certainty"])] += 0 if once else 1
    return said


def check_clock(records, offset_us, clock):
    clocks = [s["clock"] for s in records[-1]["sources"] if "clock" in s]
    if len(clocks) != 1:
        raise Failure("%d clocks related instead of one" % len(clocks))
    # One of the two is ahead, whichever of them is numbered lower.
    found = abs(clocks[0]["offset_ns"])
    lapse = abs(clock.ppm) * 1000 * (clock.lasts_s + 1)  # what the skew adds up to
    if abs(found - abs(offset_us) * 1000) > lapse + 2000:
        raise Failure("the offset is said to be %d ns instead of %d us" % (clocks[0]["offset_ns"], offset_us))
    if clocks[0]["uncertainty_ns"] > 20000:
        raise Failure("an uncertainty of %d ns" % clocks[0]["uncertainty_ns"])


def check(wattrail, capture, seed, work):
    chooser = random.Random(seed)
    offset_us, ppm = chooser.choice(((2500000, 0), (-700000, 0), (3600000000, 20), (12345678, -35)))
    (one, two, whole), clock = split(capture, chooser, work, offset_us, ppm)
    keys = captures.keys_of(capture)
    together = timeline(wattrail, keys, one, two)
    check_clock(together, offset_us, clock)
    expected, got = account(timeline(wattrail, keys, whole)), account(together)
    missing = expected - got
    alone = [account(timeline(wattrail, keys, view)) for view in (one, two)] if missing and not got - expected else []
    if alone and not any(view[said] > got[said] for view in alone for said in missing):
        expected = got  # what needs both views to be understood, neither understands
    if expected != got:
        told = "together they lack %s and add %s" % (dict(expected - got), dict(got - expected))
        raise Failure(told[:2000])
    if timeline(wattrail, keys, two, one)[1:] != together[1:]:
        raise Failure("the order of the files matters")
    return "%d events, %d copies" % (together[-1]["events"], together[-1]["copies"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--captures", required=True)
    parser.add_argument("--seeds", type=int, default=4)
    given = parser.parse_args()
    bad = 0
    for capture in sorted(glob.glob(os.path.join(given.captures, "*", "*.pcap"))):
        for seed in range(given.seeds):
            with tempfile.TemporaryDirectory() as work:
                try:
                    said = check(given.wattrail, capture, seed, work)
                except Failure as failure:
                    bad += 1
                    said = "FAILED: %s" % failure
            print("%s, seed %d: %s" % (os.path.basename(capture), seed, said), flush=True)
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped captures as a monitor would have heard them over the air: wlan_made.py --wattrail PATH --captures DIR

Each capture on Ethernet is moved to an encrypted wireless network that is made here (wlan_cipher.py): its hosts are
stations of one access point, but for one that is behind it on a wire. Stations join, and frames go to the access point
and from there. With seeds above 0 message 1 or 4 may be missing, some frames come again, some are fragments or A-MSDUs,
and keys change on the way.
With the passphrase the timeline must be the wired one's: the same events in the same order, each resting on the same
bytes, which stand enciphered at the places cited. Without it, or with a wrong one, there must be no event.

Where tshark is installed it must open every frame of seed 0 under CCMP too; with --airdecap, the Ethernet capture that airdecap-ng makes of
the simplest one (WPA2, CCMP, seed 0) must give the same events as well.

Exit status: 0, or 1 with a sentence; 77: no package cryptography."""
import argparse
import glob
import hashlib
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

try:
    import wlan_cipher as cipher
except ImportError:
    print("SKIP no package cryptography")
    raise SystemExit(77)
import captures
import perturb

SSID, PASSPHRASE = "wattrail test", "not the neighbours'"
BSSID = bytes.fromhex("02a0a0a0a0a0")
GROUP_BIT = 1
WAYS = {"wpa2": (2, 16, True), "sha256": (3, 16, True), "mixed": (2, 32, True), "wpa": (1, 32, False)}
TKIP_KEY = 32


class Failure(Exception):
    pass


class Air:
    """Frames as the monitor writes them, and beside each the same with its body in clear at the same places."""

    def __init__(self, way, chooser, simple):
        self.simple = simple  # no fragments, aggregates or repeats
        self.version, self.group_length, self.rsn = WAYS[way]
        self.chooser = chooser
        self.master = cipher.pmk(PASSPHRASE, SSID)
        self.sessions, self.sequence, self.keys = {}, 0, 0
        self.frames = []  # time, enciphered, plain
        self.pairwise = 0
        self.group = None
        self.renew_group()

    def secret(self, length):
        self.keys += 1
        return hashlib.sha512(b"%d" % self.keys).digest()[:length]

    def renew_group(self):
        self.group = cipher.Group(self.secret(self.group_length), self.group.id % 2 + 1 if self.group else 1)

    def note(self, time, frame, plain):
        self.frames.append((time, frame, plain))
        if not self.simple and self.chooser.random() < 0.05 and frame[0] & 0x0c == 8:
            self.frames.append((time, frame[:1] + bytes([frame[1] | cipher.RETRY]) + frame[2:], plain))

    def beacon(self, time):
        frame = (b"\x80\0\0\0" + b"\xff" * 6 + BSSID + BSSID + bytes(2) + bytes(8) + b"\x64\0\x11\0"
                 + bytes([0, len(SSID)]) + SSID.encode())
        self.note(time, frame, frame)

    def seal(self, header, body, key, key_id, number):
        """One MPDU."""
        tkip = len(key) == TKIP_KEY
        sealed = (cipher.tkip if tkip else cipher.ccmp)(key, key_id, number, header, body)
        return header + sealed, header + sealed[:8] + body + sealed[8 + len(body):]

    def parts(self, body):
        if self.simple or len(body) < 300 or self.chooser.random() < 0.7:
            return [body]
        size = self.chooser.choice((256, 400, 1000))
        return [body[i:i + size] for i in range(0, len(body), size)]

    def send(self, time, header, msdu, session):
        """Enciphers the MSDU with the session's key, or the group's."""
        group = bool(header.receiver[0] & GROUP_BIT)
        key, key_id = (self.group.key, self.group.id) if group else (session.key, 0)
        if not group and self.version != 1:
            key = key[:16]
        tkip = len(key) == TKIP_KEY
        self.sequence = (self.sequence + 1) % 4096
        if header.tid is not None and not tkip and not self.simple and self.chooser.random() < 0.3:
            header.aggregate = True
            destination, source = header.ends()
            msdu = destination + source + struct.pack(">H", len(msdu)) + msdu
        if tkip:
            destination, source = header.ends()
            mic_key = key[24:32] if header.way == cipher.TO_AP else key[16:24]
            msdu += cipher.michael(mic_key, destination + source + bytes([header.tid or 0, 0, 0, 0]) + msdu)
        parts = [msdu] if group or header.aggregate else self.parts(msdu)
        for i, part in enumerate(parts):
            more = cipher.MORE if i + 1 < len(parts) else 0
            start = header.bytes(self.sequence, i, cipher.PROTECTED | more)
            if group:
                self.group.number += 1
                number = self.group.number
            else:
                session.numbers[header.way] += 1
                number = session.numbers[header.way]
                self.pairwise += 1
            self.note(time, *self.seal(start, part, key, key_id, number))

    def header(self, destination, source, way):
        tid = self.chooser.choice((None, 0, 5))
        if way == cipher.TO_AP:
            return cipher.Header(BSSID, source, destination, way, tid)
        tid = None if destination[0] & GROUP_BIT else tid
        return cipher.Header(destination, BSSID, source, way, tid)

    def say(self, time, station, way, eapol, under):
        msdu = cipher.LLC + b"\x88\x8e" + eapol
        ends = (BSSID, station) if way == cipher.TO_AP else (station, BSSID)
        header = self.header(*ends, way)
        if under:
            self.send(time, header, msdu, under)
        else:
            frame = header.bytes(1) + msdu
            self.note(time, frame, frame)

    def join(self, time, station, whole):
        session = cipher.Session(self.master, BSSID, station, self.secret(32), self.secret(32), self.version, self.rsn)
        under = self.sessions.get(station)
        lacking = None if whole or not self.rsn else self.chooser.choice((1, 4, None))
        for number in (1, 2, 3, 4):
            way, eapol = session.message(number, self.group)
            if number != lacking:
                self.say(time, station, way, eapol, under)
        self.sessions[station] = session
        if not self.rsn:
            self.say_group(time, station)

    def say_group(self, time, station):
        for number in (5, 6):
            way, eapol = self.sessions[station].message(number, self.group)
            self.say(time, station, way, eapol, self.sessions[station])

    def carry(self, time, later, frame, wired):
        """An Ethernet frame."""
        destination, source, msdu = frame[:6], frame[6:12], cipher.LLC + frame[12:]
        if frame[12:14] < b"\x06\x00":
            return
        if source not in wired:
            self.send(time, self.header(destination, source, cipher.TO_AP), msdu, self.sessions[source])
            time = later
        if destination[0] & GROUP_BIT or destination not in wired:
            self.send(time, self.header(destination, source, cipher.FROM_AP), msdu, self.sessions.get(destination))


def stamp(time, order, after):
    seconds, part = struct.unpack(order + "II", time)
    return struct.pack(order + "II", seconds, part + after)


def make(capture, way, seed, target):
    """Writes the capture and its plain copy; returns how many frames are under pairwise keys."""
    head, packets = perturb.read(capture)
    order = perturb.ORDERS[head[:4]]
    chooser = random.Random("%s %s %d" % (os.path.basename(capture), way, seed))
    frames = [(time, rest[8:]) for time, rest in packets]
    hosts = sorted({f[i:i + 6] for _, f in frames for i in (0, 6) if not f[i] & GROUP_BIT})
    wired = {chooser.choice(hosts)}
    air = Air(way, chooser, seed == 0)
    start = frames[0][0]
    air.beacon(start)
    for host in hosts:
        if host not in wired:
            air.join(start, host, seed == 0)
    for i, (time, frame) in enumerate(frames):
        if seed and i in (len(frames) // 3, len(frames) // 2):
            for host in sorted(air.sessions):
                air.join(time, host, False)
        if seed and i == len(frames) // 4:
            air.renew_group()
            for host in sorted(air.sessions):
                air.say_group(time, host)
        room = (1000000000 if head[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000000) // 2000
        part = struct.unpack(order + "II", time)[1]
        air.carry(time, stamp(time, order, min(room, room * 2000 - 1 - part)), frame, wired)
    link = struct.pack(order + "I", 105)
    for name, which in ((target, 1), (target + ".plain", 2)):
        with open(name, "wb") as out:
            out.write(head[:20] + link)
            for entry in air.frames:
                out.write(entry[0] + struct.pack(order + "II", len(entry[which]), len(entry[which])) + entry[which])
    return air


# ---- comparison

def timeline(wattrail, keys, capture):
    done = subprocess.run([wattrail, "timeline", "--format", "jsonl", *keys, capture], capture_output=True)
    if done.returncode not in (0, 1):
        raise Failure("status %d: %s" % (done.returncode, done.stderr.decode(errors="replace")))
    return [json.loads(line) for line in done.stdout.splitlines()]


def cited(evidence, data):
    places = evidence.get("parts") or [evidence]
    return b"".join(data[p["offset"]:p["offset"] + p["length"]] for p in places)


def told(lines, without=()):
    """What events say, without where they stand and how they were read."""
    without = ("evidence", "also", "path", "certainty", "key", "id") + without
    events = [line for line in lines if line["record"] == "event"]
    numbers = {e["id"]: "event %d" % i for i, e in enumerate(events)}
    kept = []
    for event in events:
        left = {k: v for k, v in event.items() if k not in without}
        text = json.dumps(left, sort_keys=True)
        kept.append(re.sub(r"[0-9a-f]{16}", lambda m: numbers.get(m.group(), m.group()), text))
    return events, kept


def windows(lines):
    dropped = ("source", "path")
    return [{k: v for k, v in line.items() if k not in dropped} for line in lines if line["record"] == "window"]


def check_opening(event, other):
    """The network's cipher and key are named, before those of the protocol."""
    inner = event["evidence"].get("transform", {}).get("steps", "")
    steps = other["evidence"].get("transform", {}).get("steps", "")
    outer, _, rest = steps.partition("+")
    if other["certainty"] != "decrypted" or outer not in ("ccmp", "tkip") or rest != inner:
        raise Failure("%s is %s by %s" % (other["id"], other["certainty"], steps or "nothing"))
    names = ["wifi " + SSID] + ([event["key"]["name"]] if "key" in event else [])
    if other["key"]["name"] != ", ".join(names):
        raise Failure("%s names other keys" % other["id"])


def take_joins(lines, stations, simple):
    """Takes out what the handshakes alone tell: which plugs joined the network."""
    joins = [line for line in lines if line.get("path") == "wlan/eapol"]
    left = [line for line in lines if line.get("path") != "wlan/eapol"]
    plugs = {line["device"] for line in left if line["record"] == "event"}
    addresses = {"mac:" + station.hex(":") for station in stations}
    told_of = [join["device"] for join in joins]
    for join in joins:
        right = {"ssid": SSID, "bssid": BSSID.hex(":"), "by": "handshake"}
        if join["kind"] != "network.join" or join["data"] != right or join["key"]["name"] != "wifi " + SSID:
            raise Failure("another join than those that were: " + json.dumps(join))
    if not set(told_of) <= plugs & addresses or len(told_of) != len(set(told_of)):
        raise Failure("others joined than the plugs")
    if simple and set(told_of) != plugs & addresses:
        raise Failure("%d plugs of %d joined" % (len(told_of), len(plugs & addresses)))
    return left


def compare(wired, air, capture, made):
    events, says = told(wired)
    air_events, air_says = told(air)
    if says != air_says:
        first = next((i for i, (a, b) in enumerate(zip(says, air_says)) if a != b), min(len(says), len(air_says)))
        raise Failure("%d events instead of %d; the first that differs is number %d:\n%s\n%s" %
                      (len(air_says), len(says), first, "".join(says[first:first + 1]), "".join(air_says[first:first + 1])))
    if windows(wired) != windows(air):
        raise Failure("other windows")
    with open(capture, "rb") as file:
        data = file.read()
    with open(made + ".plain", "rb") as file:
        plain = file.read()
    with open(made, "rb") as file:
        sealed = file.read()
    for event, other in zip(events, air_events):
        same, here = cited(event["evidence"], data), cited(other["evidence"], plain)
        # A session's end rests on the headers of a packet; what is derived cites the first part of its bytes.
        headers = event["kind"] in ("session.open", "session.close")
        part = event["certainty"] == "derived" and here and same.startswith(here)
        if same != here and not headers and not part:
            raise Failure("%s rests on other bytes" % other["id"])
        if same and len(same) >= 8 and cited(other["evidence"], sealed) == same:
            raise Failure("%s cites bytes that are not enciphered" % other["id"])
        if event["certainty"] in ("observed", "decrypted"):
            check_opening(event, other)
    return len(events)


def tshark_opens(made, strict):
    done = subprocess.run(["tshark", "-n", "-r", made, "-o", "wlan.enable_decryption:TRUE", "-o",
                           'uat:80211_keys:"wpa-pwd","%s:%s"' % (PASSPHRASE, SSID), "-T", "fields", "-e", "wlan.analysis.tk",
                           "-e", "wlan.analysis.gtk", "-Y", "wlan.fc.protected == 1"], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    closed = sum(not line.strip() for line in lines)
    if closed and strict:
        raise Failure("tshark leaves %d of %d frames closed" % (closed, len(lines)))
    return len(lines) - closed


def airdecap(wattrail, keys, made, wired, work):
    out = os.path.join(work, "decapsulated.pcap")
    with open(made, "rb") as file:
        if file.read(4) != b"\xd4\xc3\xb2\xa1":
            return  # it reads no other kind of file
    subprocess.run(["airdecap-ng", "-e", SSID, "-p", PASSPHRASE, "-o", out, made], capture_output=True, check=True)
    # It leaves both what a station sent and what the access point handed on, which here are one.
    if told(timeline(wattrail, keys, out), ("copies",))[1] != told(wired, ("copies",))[1]:
        raise Failure("airdecap-ng's capture gives other events than the wired one")


def check(arguments, capture, work):
    made = os.path.join(work, "air.pcap")
    own = captures.keys_of(capture)
    with open(os.path.join(work, "wifi.keys"), "w") as file:
        file.write('wifi "%s" "%s"\n' % (SSID, PASSPHRASE))
    with open(os.path.join(work, "wrong.keys"), "w") as file:
        file.write('wifi "%s" "%s"\n' % (SSID, PASSPHRASE + "!"))
    right = ["--keys", os.path.join(work, "wifi.keys")]
    wrong = ["--keys", os.path.join(work, "wrong.keys")]
    wired = timeline(arguments.wattrail, own, capture)
    for way in WAYS:
        for seed in range(arguments.seeds):
            air = make(capture, way, seed, made)
            where = "%s, %s, seed %d" % (os.path.basename(capture), way, seed)
            try:
                lines = timeline(arguments.wattrail, own + right, made)
                lines = take_joins(lines, air.sessions, seed == 0)
                count = compare(wired, lines, capture, made)
                for keys in (own, own + wrong):
                    if told(timeline(arguments.wattrail, keys, made))[1]:
                        raise Failure("events without the network's key")
                frames = tshark_opens(made, seed == 0 and way in ("wpa2", "sha256")) if shutil.which("tshark") else 0
                if way == "wpa2" and seed == 0 and shutil.which("airdecap-ng") and arguments.airdecap:
                    airdecap(arguments.wattrail, own, made, wired, work)
            except Failure as failure:
                raise Failure("%s: %s" % (where, failure))
            print("%s: %d events, %d frames on the air, %d by tshark" % (where, count, len(air.frames), frames))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--captures", required=True)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--airdecap", action="store_true")
    arguments = parser.parse_args()
    found = sorted(glob.glob(os.path.join(arguments.captures, "*", "*.pcap")))
    try:
        for capture in found:
            with open(capture, "rb") as file:
                head = file.read(24)
            if head[20:24] not in (b"\1\0\0\0", b"\0\0\0\1"):
                continue
            with tempfile.TemporaryDirectory() as work:
                check(arguments, capture, work)
    except Failure as failure:
        print("FAIL " + str(failure))
        return 1
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())

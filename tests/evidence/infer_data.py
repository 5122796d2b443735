#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is inferred of a real plug's enciphered traffic, against what its script did; and silence elsewhere.

kasa/hs110-2023-run1 under --data is a plug that a robot switched fourteen times, ON and OFF by turns: twice by the app
over the local network, twelve times over the cloud (its activity.txt). The derived truth beside the capture has the time
of each report to the cloud. Of the clear polls three say a state within ten seconds after a report with nothing between:
after the first (ON), the second (OFF) and the eighth (OFF, over the cloud). So over the local network both states are
accounted for, over the cloud OFF alone, and of the reports over the cloud those whose two lengths are the eighth's say
OFF; no other does.

Variants are made here by rewriting the capture: without its clear polls, with the first of them alone, and with every TLS
record seven bytes longer. The learner's bounds are worked out again with exact fractions.

Exit status: 0 as expected, 1 not so, 77 the captures are not there.
"""
import argparse
import bisect
import datetime
import fractions
import glob
import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile

PATHS = ["lan"] * 2 + ["cloud"] * 12
# What each report may be said to tell, in the script's order, and which ones calibrate.
STATES = ["on", "off", "unknown", "off", "unknown", "off", "unknown", "off", "unknown", "off", "unknown", "unknown",
          "unknown", "off"]
SCRIPT = ["on", "off"] * 7
CALIBRATION = {0, 1, 7}
PLUG = "mac:50:c7:bf:ed:0a:54"


class Report:
    def __init__(self):
        self.checked = self.failed = 0

    def check(self, ok, words):
        self.checked += 1
        if not ok:
            self.failed += 1
            print("FAIL " + words)


def timeline(wattrail, paths, options=("--include-inferred",)):
    done = subprocess.run([wattrail, "timeline", "--quiet", "--format", "jsonl", *options, *paths],
                          stdout=subprocess.PIPE, timeout=600)
    if done.returncode not in (0, 1):
        sys.exit("wattrail failed on %s" % paths)
    return [json.loads(line) for line in done.stdout.splitlines()]


def inferred(records):
    return [r for r in records if r["record"] == "event" and r["certainty"] == "inferred"]


# ---- captures, read and written


def read_frames(path):
    """The frames of a pcapng of one Ethernet interface, each with its time in nanoseconds."""
    with open(path, "rb") as file:
        data = file.read()
    frames, at, unit = [], 0, 1000
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + length - 4]
        if kind == 1:
            assert struct.unpack_from("<H", body)[0] == 1
            unit = resolution(body[8:])
        if kind == 6:
            _, high, low, kept = struct.unpack_from("<IIII", body)
            frames.append(((high << 32 | low) * unit, body[20:20 + kept]))
        at += length
    return frames


def resolution(options):
    """Nanoseconds in a unit of an interface's times (if_tsresol)."""
    while len(options) >= 4:
        code, length = struct.unpack_from("<HH", options)
        if code == 9:
            return 10 ** (9 - options[4])
        options = options[4 + (length + 3 & ~3):]
    return 1000


def write_frames(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for ns, data in frames:
            file.write(struct.pack("<IIII", ns // 10 ** 9, ns % 10 ** 9, len(data), len(data)) + data)


class Packet:
    """An IPv4 packet in an Ethernet frame; `transport` is None for anything else."""

    def __init__(self, frame):
        self.frame, self.transport = frame, None
        if frame[12:14] != b"\x08\x00" or frame[23] not in (6, 17):
            return
        self.transport = frame[23]
        self.ip = 14
        self.at = 14 + (frame[14] & 15) * 4
        end = 14 + struct.unpack_from(">H", frame, 16)[0]
        self.ports = struct.unpack_from(">HH", frame, self.at)
        self.ends = (frame[26:30], self.ports[0]), (frame[30:34], self.ports[1])
        header = (frame[self.at + 12] >> 4) * 4 if self.transport == 6 else 8
        self.payload_at = self.at + header
        self.payload = frame[self.payload_at:end]


def plain(payload, skip):
    key, out = 171, bytearray()
    for byte in payload[skip:]:
        out.append(byte ^ key)
        key = byte
    return bytes(out)


def without_polls(frames, until=None):
    """Leaves out the connections and datagrams of the family's own port in which the plug is asked for its state."""
    start = frames[0][0]
    polled = set()
    for _, frame in frames:
        p = Packet(frame)
        if p.transport == 6 and 9999 in p.ports and b"get_sysinfo" in plain(p.payload, 4):
            polled.add(frozenset(p.ends))

    def is_poll(frame):
        p = Packet(frame)
        if not p.transport or 9999 not in p.ports:
            return False
        return frozenset(p.ends) in polled or b"get_sysinfo" in plain(p.payload, 0)
    return [f for f in frames if not (is_poll(f[1]) and (until is None or f[0] >= start + until * 10 ** 9))]


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Stream:
    """One direction of a connection: its bytes by place, and where its TLS records stand."""

    def __init__(self):
        self.first, self.bytes = None, {}

    def add(self, sequence, payload, syn):
        if self.first is None:
            self.first = sequence + syn & 0xffffffff
        for i, byte in enumerate(payload):
            self.bytes.setdefault(self.place(sequence) + i, byte)

    def place(self, sequence):
        distance = sequence - self.first & 0xffffffff
        return distance if distance < 1 << 31 else distance - (1 << 32)

    def find_records(self, data_alone):
        self.ends, self.lengths, at = [], {}, 0
        while all(at + i in self.bytes for i in range(5)):
            length = self.bytes[at + 3] << 8 | self.bytes[at + 4]
            longer = self.bytes[at] == 23 or not data_alone
            for i in (0, 1):
                self.lengths[at + 3 + i] = (length + 7 * longer) >> (8 - 8 * i) & 0xff
            at += 5 + length
            if longer:
                self.ends.append(at)

    def before(self, place):
        return 7 * bisect.bisect_right(self.ends, place)

    def longer(self, place, payload):
        out, ends = bytearray(), set(self.ends)
        for i, byte in enumerate(payload):
            out.append(self.lengths.get(place + i, byte))
            if place + i + 1 in ends:
                out += bytes(7)
        return bytes(out)


def with_longer_records(frames, data_alone):
    streams = {}
    for _, frame in frames:
        p = Packet(frame)
        if p.transport == 6 and 443 in p.ports:
            sequence = struct.unpack_from(">I", frame, p.at + 4)[0]
            streams.setdefault(p.ends, Stream()).add(sequence, p.payload, frame[p.at + 13] >> 1 & 1)
    for stream in streams.values():
        stream.find_records(data_alone)
    return [(ns, lengthened(f, streams)) for ns, f in frames]


def lengthened(frame, streams):
    p = Packet(frame)
    if p.transport != 6 or p.ends not in streams:
        return frame
    own, other = streams[p.ends], streams.get(p.ends[::-1])
    sequence, ack = struct.unpack_from(">II", frame, p.at + 4)
    place = own.place(sequence)
    payload = own.longer(place, p.payload)
    out = bytearray(frame[:p.payload_at]) + payload
    struct.pack_into(">I", out, p.at + 4, sequence + own.before(place) & 0xffffffff)
    if other and out[p.at + 13] & 0x10:
        struct.pack_into(">I", out, p.at + 8, ack + other.before(other.place(ack)) & 0xffffffff)
    struct.pack_into(">HHH", out, 16, len(out) - 14, 0, 0)
    out[24:26] = b"\0\0"
    struct.pack_into(">H", out, 24, checksum(bytes(out[14:p.at])))
    out[p.at + 16:p.at + 18] = b"\0\0"
    pseudo = bytes(out[26:34]) + struct.pack(">HH", 6, len(out) - p.at)
    struct.pack_into(">H", out, p.at + 16, checksum(pseudo + bytes(out[p.at:])))
    return bytes(out)


# ---- what the run gives


def check_run(report, wattrail, run, truth):
    events = inferred(timeline(wattrail, [run]))
    report.check(len(events) == 14, "%d inferred events, not 14" % len(events))
    for i, e in enumerate(events[:14]):
        words = "report %d: %s" % (i + 1, json.dumps(e["data"]))
        at = truth[i]["t"]
        report.check(abs(e["time_ns"] / 1e9 - at) < 0.001 and e["device"] == PLUG, words + " at another time")
        report.check(e["kind"] == "power.state" and "change" not in e["data"] and "transition" not in e["data"], words)
        report.check(e["data"]["trigger_path"] == PATHS[i], words + ": path")
        report.check(e["data"]["state"] == STATES[i], words + ": state")
        report.check(e["data"]["state"] in ("unknown", SCRIPT[i]), words + ": WRONG state")
        report.check(e["data"].get("calibration", False) == (i in CALIBRATION), words + ": calibration")
        report.check(e["data"]["request_length"] == truth[i]["tls_len"], words + ": length")
        report.check(("likelihood_ratio" in e["data"]) == (STATES[i] != "unknown"), words + ": ratio")
        # Each state that is told rests on one report that the device accounted for: twice that is the most.
        report.check(e["data"].get("likelihood_ratio", 2) == 2, words + ": ratio")
        report.check(e["earliest"] < e["time"] == e["latest"], words + ": bounds")


def everything_else(records):
    keep = [r for r in records if not (r["record"] == "event" and r["certainty"] == "inferred")]
    return [r for r in keep if r["record"] not in ("header", "summary")]


def check_nothing_else_changes(report, wattrail, run):
    report.check(everything_else(timeline(wattrail, [run])) == timeline(wattrail, [run], ())[1:-1],
                 "the option changes what is observed")


def check_words(report, wattrail, run):
    """Nowhere is what was inferred called a report of the device's."""
    for event in inferred(timeline(wattrail, [run])):
        report.check(event["message"].endswith("inferred, not the device's report"), event["message"])
    for form in ("table", "csv", "l2tcsv", "timesketch"):
        done = subprocess.run([wattrail, "timeline", "--quiet", "--include-inferred", "--format", form, run],
                              stdout=subprocess.PIPE, timeout=600)
        lines = [line for line in done.stdout.decode().splitlines() if "kasa-hs110-cloud-report" in line or
                 "enciphered traffic as after" in line]
        report.check(len(lines) == 14 and all("inferred" in line for line in lines), "%s: certainty" % form)
        words = [line.replace("not the device's report", "").replace("cloud-report", "") for line in lines]
        report.check(not any("report" in line for line in words), "%s: called a report" % form)


def check_several(report, wattrail, folder, data):
    """Seen at several ports of the router, each report is one; another capture calibrates nothing."""
    ports = [os.path.join(folder, n) for n in ("wlan2.4.pcap", "wan.pcap", "wlan5.0.pcap")]
    states = [e["data"]["state"] for e in inferred(timeline(wattrail, ports))]
    report.check(states == STATES, "three ports: %s" % states)
    late = os.path.join(data, "kasa/hs110-2024/1724059939.pcap")
    alone = inferred(timeline(wattrail, [late]))
    report.check([e["data"]["state"] for e in alone] == ["on"] and alone[0]["data"]["calibration"], "2024 alone")
    both = inferred(timeline(wattrail, [late, ports[0]]))
    report.check([e["data"]["state"] for e in both] == STATES + ["on"], "2023 and 2024 together")
    counts = {(e["data"]["clear_on_n"], e["data"]["clear_off_n"]) for e in both}
    report.check(counts == {(1, 1), (0, 1), (1, 0)}, "captures calibrate each other: %s" % counts)


def check_variants(report, wattrail, run, folder):
    frames = read_frames(run)
    path = os.path.join(folder, "variant.pcap")

    def found(changed):
        write_frames(path, changed)
        return [e["data"] for e in inferred(timeline(wattrail, [path]))]
    report.check([d["state"] for d in found(frames)] == STATES, "written again as it is")
    # Frames 90 to 122 and so on: the plug says who it is, and nothing after a report.
    early = found(without_polls(frames, 90))
    report.check([d["state"] for d in early] == ["unknown"] * 14, "early polls alone: %s" % early)
    report.check([d["trigger_path"] for d in early] == PATHS, "early polls alone: paths")
    silent = without_polls(frames)
    report.check(len(silent) < len(frames) and found(silent) == [], "without polls")
    for data_alone in (False, True):
        longer = with_longer_records(frames, data_alone)
        report.check(found(longer) == [], "seven bytes longer")
        report.check(found(without_polls(longer)) == [], "seven bytes longer, without polls")
    return longer


def check_silence(report, wattrail, data):
    ja4 = [f for f in glob.glob(os.path.join(data, "tls/ja4/*")) if f.endswith((".pcap", ".pcapng", ".cap"))]
    files = sorted(ja4 + [f for pattern in ("setup/*.pcap", "tuya/motion-sensor/*.pcap", "kasa/hs110-2018/*.pcap",
                                            "kasa/hs110-2022.pcapng")
                          for f in glob.glob(os.path.join(data, pattern))])
    report.check(len(ja4) == 27 and len(files) == len(ja4) + 11, "the captures for silence: %s" % files)
    for path in files:
        if os.path.getsize(path):
            report.check(not inferred(timeline(wattrail, [path])), "%s: an inferred event" % path)


# ---- learning


def proportion(hits, trials, level):
    """The p at which P(X <= hits) is `level`, by bisection with exact fractions."""
    low, high = fractions.Fraction(0), fractions.Fraction(1)
    for _ in range(30):
        middle = (low + high) / 2
        up_to = sum(math.comb(trials, i) * middle ** i * (1 - middle) ** (trials - i) for i in range(hits + 1))
        low, high = (middle, high) if up_to > level else (low, middle)
    return float(low)


def bounds(hits, trials):
    tail = fractions.Fraction(1, 40)
    if trials == 0:
        return 0.0, 1.0
    return (proportion(hits - 1, trials, 1 - tail) if hits else 0.0,
            proportion(hits, trials, tail) if hits < trials else 1.0)


def rate(count, seconds):
    low, high = 0.0, 10.0 + 10 * count
    for _ in range(80):
        middle = (low + high) / 2
        up_to = math.exp(-middle) * sum(middle ** i / math.factorial(i) for i in range(count + 1))
        low, high = (middle, high) if up_to > 0.05 else (low, middle)
    return low * 3600 / seconds


def write_labels(path, truth, trained, wrong=0):
    """The script's switchings, each two seconds before its report; `wrong` ones when nothing was switched."""
    with open(path, "w", encoding="ascii") as file:
        file.write("# time, state, path, use\n")
        for i, entry in enumerate(truth):
            use = "train" if i < trained else "validate"
            file.write("%s,%s,%s,%s\n" % (stamp(entry["t"] - 2), SCRIPT[i], PATHS[i], use))
        for i in range(wrong):
            file.write("%s,on,cloud,validate\n" % stamp(truth[0]["t"] - 100 + 20 * i))


def stamp(seconds):
    moment = datetime.datetime.fromtimestamp(round(seconds, 6), datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def learn(wattrail, labels, captures):
    done = subprocess.run([wattrail, "learn", "--no-progress", "--labels", labels, *captures], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=600)
    return done.returncode, done.stdout, done.stderr.decode()


def check_printed(report, words, name, trial):
    pattern = name + r": found (\d+) of (\d+); recall 95 % between ([\d.]+) and ([\d.]+)"
    hits, trials, low, high = re.search(pattern, words).groups()
    report.check((int(hits), int(trials)) == (trial["found"], trial["events"]), name + ": counts")
    wanted = bounds(int(hits), int(trials))
    report.check(abs(float(low) - wanted[0]) < 2e-6 and abs(float(high) - wanted[1]) < 2e-6,
                 "%s: %s %s, and not %s" % (name, low, high, wanted))
    found = re.search(name + r": (\d+) false in (\d+) s; 95 %: at most ([\d.]+) an hour", words)
    report.check(bool(found) == (trial["exposure_s"] > 0), name + ": rate")
    if found:
        count, seconds, most = found.groups()
        report.check((int(count), int(seconds)) == (trial["false"], trial["exposure_s"]), name + ": exposure")
        report.check(abs(float(most) - rate(int(count), int(seconds))) < 2e-6 * float(most) + 2e-6, name + ": " + most)


def shape(signature):
    return signature["report"], [(p["path"], p["after"], p["within_ms"]) for p in signature["paths"]]


def check_learning(report, wattrail, run, truth, folder, longer):
    labels = os.path.join(folder, "labels.csv")
    learned = {}
    for name, trained, wrong in (("all", 14, 0), ("first twelve", 12, 0), ("with wrong labels", 12, 3)):
        write_labels(labels, truth, trained, wrong)
        status, output, words = learn(wattrail, labels, [run])
        report.check(status == 0, "learn: " + words)
        learned[name] = json.loads(output)
        for trial in ("training", "validation"):
            check_printed(report, words, trial, learned[name][trial])
    report.check(shape(learned["all"]) == shape(learned["first twelve"]), "the subset gives another signature")
    report.check(learned["first twelve"]["training"]["events"] == 12, "trained on other ones")
    report.check(learned["first twelve"]["validation"]["found"] == 2, "validated on other ones")
    report.check(learned["with wrong labels"]["validation"]["events"] == 5 and
                 learned["with wrong labels"]["validation"]["found"] == 2, "wrong labels were found")
    check_use(report, wattrail, run, folder, output)
    path = os.path.join(folder, "longer.pcap")
    write_frames(path, longer)
    write_labels(labels, truth, 14)
    status, output, words = learn(wattrail, labels, [path])
    report.check(status == 0, "learn, seven bytes longer: " + words)
    records = json.loads(output)["report"]["records"]
    report.check([(r["min"], r["max"]) for r in records] == [(525, 526), (1168, 1170)], "longer: %s" % records)


def check_use(report, wattrail, run, folder, output):
    """What was learned is read again, and does what the shipped signature does; what is broken is refused."""
    path = os.path.join(folder, "signature.json")
    with open(path, "wb") as file:
        file.write(output)
    ids = [e["data"]["signature"] for e in inferred(timeline(wattrail, [run], ("--include-inferred", "--signatures",
                                                                              path)))]
    report.check(len(ids) == 28 and len(set(ids)) == 2, "both signatures: %s" % ids)
    with open(path, "wb") as file:
        file.write(output.replace(b'"vantage"', b'"vantagf"'))
    done = subprocess.run([wattrail, "timeline", "--include-inferred", "--signatures", path, run],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    report.check(done.returncode == 3 and not done.stdout, "a broken signature is taken")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    arguments = parser.parse_args()
    folder = os.path.join(arguments.data, "kasa/hs110-2023-run1")
    run = os.path.join(folder, "wlan2.4.pcap")
    if not os.path.exists(run):
        print("SKIP: the captures are not there")
        return 77
    with open(run + ".derived-truth.json", encoding="utf-8") as file:
        truth = json.load(file)["cloud_report_records"]
    report = Report()
    check_run(report, arguments.wattrail, run, truth)
    check_nothing_else_changes(report, arguments.wattrail, run)
    check_words(report, arguments.wattrail, run)
    check_several(report, arguments.wattrail, folder, arguments.data)
    with tempfile.TemporaryDirectory() as scratch:
        longer = check_variants(report, arguments.wattrail, run, scratch)
        check_learning(report, arguments.wattrail, run, truth, scratch, longer)
    check_silence(report, arguments.wattrail, arguments.data)
    print("%d checks, %d failed" % (report.checked, report.failed))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

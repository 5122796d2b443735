#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""cli.py WATTRAIL [TEST ...]: the command line as a shell sees it: exit statuses, streams, files, terminals, pages.

The captures are made here, byte by byte: a broker, a plug that says it is off and then on, and a controller."""

import fcntl
import gzip
import json
import os
import pty
import re
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

WATTRAIL = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "wattrail"
SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TOOLS = ("timeline", "messages", "devices", "flash", "keys", "help")
READERS = TOOLS[:3]
STATUSES = ("0", "1", "2", "3", "4", "5", "70")
CSV_COLUMNS = 49


# ---- captures

def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(source, target, seq, ack, flags, payload=b""):
    """Ethernet, IPv4 and TCP; the ends are (last byte of the address, port)."""
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 1, 0x4000, 64, 6, 0,
                     bytes([10, 0, 0, source[0]]), bytes([10, 0, 0, target[0]]))
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    tcp = struct.pack(">HHIIBBHHH", source[1], target[1], seq, ack, 0x50, flags, 65535, 0, 0) + payload
    pseudo = ip[12:20] + struct.pack(">BBH", 0, 6, len(tcp))
    padded = pseudo + tcp + b"\0" * (len(tcp) % 2)
    tcp = tcp[:16] + struct.pack(">H", checksum(padded)) + tcp[18:]
    return bytes([2, 0, 0, 0, 0, target[0], 2, 0, 0, 0, 0, source[0], 8, 0]) + ip + tcp


def mqtt_text(text):
    return struct.pack(">H", len(text)) + text.encode()


def publish(topic, payload):
    body = mqtt_text(topic) + payload.encode()
    return bytes([0x30, len(body)]) + body


def connect(client, password):
    body = mqtt_text("MQTT") + b"\x04\xc2\x00\x3c" + mqtt_text(client) + mqtt_text("user") + mqtt_text(password)
    return bytes([0x10, len(body)]) + body


class Capture:
    """A pcap file; each packet a tenth of a second after the one before."""

    def __init__(self, start=1767323045):
        self.tenths = start * 10
        self.data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
        self.last = 0  # where the last record begins

    def add(self, packet):
        self.last = len(self.data)
        self.data += struct.pack("<IIII", self.tenths // 10, self.tenths % 10 * 100000, len(packet), len(packet))
        self.data += packet
        self.tenths += 1

    def session(self, client, port, messages):
        """A whole connection to the broker: each message is (from the client?, bytes)."""
        plug, broker = (client, port), (2, 1883)
        seq = {True: 1000, False: 5000}

        def send(from_client, flags, payload=b""):
            ends = (plug, broker) if from_client else (broker, plug)
            ack = 0 if flags == 2 else seq[not from_client]
            self.add(frame(*ends, seq[from_client], ack, flags, payload))
            seq[from_client] += len(payload) + (1 if flags & 3 else 0)
        send(True, 0x02)
        send(False, 0x12)
        send(True, 0x10)
        for from_client, payload in messages:
            send(from_client, 0x18, payload)
        send(True, 0x11)
        send(False, 0x11)
        send(True, 0x10)


def small_capture():
    made = Capture()
    made.session(7, 50312, [
        (True, connect("DVES_1A2B3C", "hunter22")), (False, b"\x20\x02\x00\x00"),
        (True, publish("stat/plug/RESULT", '{"POWER":"OFF"}')), (True, publish("stat/plug/POWER", "OFF")),
        (True, publish("tele/plug/STATE", '{"Time":"2026-01-02T03:04:05","Uptime":"0T00:05:09","POWER":"OFF"}')),
        (False, publish("cmnd/plug/POWER", "ON")),
        (True, publish("stat/plug/RESULT", '{"POWER":"ON"}')), (True, publish("stat/plug/POWER", "ON"))])
    return made


def long_capture(packets):
    """Much traffic that is of no interest."""
    made = Capture()
    packet = frame((7, 4000), (8, 4001), 1, 1, 0x10, b"x" * 64)
    record = struct.pack("<IIII", 1767323045, 0, len(packet), len(packet)) + packet
    return made.data + record * packets


# ---- running

class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def lines(self):
        return [json.loads(line) for line in self.out.decode().splitlines()]


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wattrail-cli-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.scene = self.file("scene.pcap", small_capture().data)

    def file(self, name, data):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as made:
            made.write(data)
        return path

    def path(self, name):
        return os.path.join(self.dir, name)

    def run_it(self, *arguments, env=None, **how):
        how.setdefault("stdin", subprocess.DEVNULL)
        if "input" in how:
            del how["stdin"]
        done = subprocess.run([WATTRAIL, *arguments], stdout=how.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, env=environment(env), timeout=120, **how)
        return Result(done.returncode, done.stdout, done.stderr.decode())

    def good(self, *arguments, **how):
        result = self.run_it(*arguments, **how)
        self.assertEqual((result.status, result.err), (0, ""), arguments)
        return result

    def usage_error(self, *arguments, says=""):
        result = self.run_it(*arguments)
        self.assertEqual((result.status, result.out), (2, b""), arguments)
        lines = result.err.splitlines()
        self.assertEqual(len(lines), 2, result.err)
        self.assertRegex(lines[0], r"^wattrail( \w+)?: ")
        self.assertIn(says, lines[0])
        self.assertRegex(lines[1], r"^Try 'wattrail (\w+ )?--help'\.$")

    def no_leftover(self, *expected):
        self.assertEqual(sorted(os.listdir(self.dir)), sorted(("scene.pcap",) + expected))


def environment(changes=None):
    clean = {name: value for name, value in os.environ.items()
             if name not in ("NO_COLOR", "TZ", "LC_ALL", "LANG", "TERM")}
    clean.update(changes or {})
    return clean


# ---- help, version and mistakes

class Usage(Case):
    def test_help(self):
        for tool in TOOLS:
            shown = self.good(tool, "--help").out.decode()
            self.assertEqual(self.good("help", tool).out.decode(), shown)
            self.assertEqual(self.good(tool, "-h").out.decode(), shown)
            self.assertTrue(shown.startswith("Usage: wattrail %s " % tool))
            self.assertLess(max(map(len, shown.splitlines())), 80)
            statuses = shown[shown.index("Exit status:"):]
            self.assertEqual(tuple(re.findall(r"^  (\d+) ", statuses, re.M)), STATUSES)
        overview = self.good("--help").out.decode()
        self.assertEqual(self.good("help").out.decode(), overview)
        self.assertEqual(self.good("-h").out.decode(), overview)
        for tool in TOOLS:
            self.assertRegex(overview, r"(?m)^  %s " % tool)

    def test_version(self):
        version = self.good("--version").out.decode()
        self.assertRegex(version, r"^wattrail \d+\.\d+\.\d+\n$")
        for tool in TOOLS:
            self.assertEqual(self.good(tool, "--version").out.decode(), version)

    def test_help_wins_over_missing_evidence(self):
        self.good("timeline", "-qh")
        self.good("messages", "--help", "--format", "table")

    def test_mistakes(self):
        self.usage_error(says="no tool is named")
        self.usage_error("timelin", says="there is no tool 'timelin'")
        self.usage_error("--verbose", says="--verbose")
        self.usage_error("help", "nothing", says="'nothing'")
        self.usage_error("help", "timeline", "messages")
        self.usage_error("help", "--completion", "csh", says="csh")
        for tool in READERS:
            self.usage_error(tool, says="no evidence")
            self.usage_error(tool, "--", says="no evidence")
            self.usage_error(tool, "--frobnicate", self.scene, says="--frobnicate")
            self.usage_error(tool, "-z", self.scene, says="-z")
            self.usage_error(tool, self.scene, "--format", says="--format")
            self.usage_error(tool, "--format=xml", self.scene, says="xml")
            self.usage_error(tool, "--quiet=yes", self.scene, says="--quiet")
            self.usage_error(tool, "--memory", "lots", self.scene, says="lots")
            self.usage_error(tool, "--memory", "0", self.scene)
            self.usage_error(tool, "--memory", "1", self.scene, says="range")
            self.usage_error(tool, "--memory", "99999999999999999999G", self.scene)
            self.usage_error(tool, "--color", "sometimes", self.scene, says="sometimes")
            self.usage_error(tool, "--tz", "Mars/Olympus", self.scene, says="Mars/Olympus")
            self.usage_error(tool, "--tz", "../etc/passwd", self.scene)
            self.usage_error(tool, "--tz", "+2", self.scene)
            self.usage_error(tool, "-o", "", self.scene)
            self.usage_error(tool, "-", "-", says="once")
        self.usage_error("messages", "--format", "csv", self.scene, says="csv")
        self.usage_error("messages", "--kind", "power.*", self.scene, says="--kind")

    def test_times(self):
        for wrong in ("yesterday", "2026-01-02", "2026-01-02T03:04:05", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
                      "2026-01-02T24:00:00Z", "2026-01-02T03:04:60Z", "2026-01-02T03:04:05.Z", "1500-01-01T00:00:00Z",
                      "2026-01-02T03:04:05.1234567890Z", "2026-01-02T03:04:05Z ", "2026-01-02T03:04:05+2:00", ""):
            self.usage_error("timeline", "--from", wrong, self.scene, says="--from")
        self.usage_error("timeline", "--from", "2026-01-02T03:04:06Z", "--to", "2026-01-02T03:04:05Z", self.scene)
        for right, utc in (("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000000Z"),
                           ("2026-01-02t05:34:05.5+02:30", "2026-01-02T03:04:05.500000000Z"),
                           ("2024-02-29 23:59:59.999999999-00:01", "2024-03-01T00:00:59.999999999Z"),
                           ("1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.900000000Z")):
            header = self.good("timeline", "--format", "jsonl", "--from", right, self.scene).lines()[0]
            self.assertEqual(header["options"]["from"], utc)

    def test_kinds(self):
        self.usage_error("timeline", "--kind", "powr.*", self.scene, says="powr.*")
        self.good("timeline", "--kind", "power.*", self.scene)

    def test_options_stand_anywhere(self):
        wanted = self.good("timeline", "--format=jsonl", "--kind=power.*", self.scene).out
        self.assertEqual(self.good("timeline", self.scene, "--kind", "power.*", "--format", "jsonl").out, wanted)
        self.assertEqual(self.good("timeline", "-q", "--format", "jsonl", "--kind", "power.*", "--", self.scene).out,
                         wanted)

    def test_a_wrong_filter_expression(self):
        result = self.run_it("timeline", "--filter", "tcp prt 1", self.scene)
        self.assertEqual((result.status, result.out), (2, b""))
        self.assertTrue(result.err.startswith("wattrail: "))


# ---- evidence that is none

class Input(Case):
    def refused(self, status, path, says, tool="timeline"):
        result = self.run_it(tool, "-o", self.path("out"), path)
        self.assertEqual((result.status, result.out), (status, b""), result.err)
        self.assertIn(says, result.err)
        self.assertIn(os.path.basename(path), result.err)
        self.assertTrue(result.err.startswith("wattrail: "))
        self.assertEqual(len(result.err.splitlines()), 1)
        self.assertFalse(os.path.exists(self.path("out")))

    def test_what_can_not_be_read(self):
        os.mkdir(self.path("folder"))
        for tool in READERS:
            self.refused(3, self.path("missing.pcap"), "", tool)
            self.refused(3, self.path("folder"), "", tool)
            self.refused(3, self.file("empty.pcap", b""), "", tool)
            self.refused(3, self.file("scene.txt", b"Dear examiner, this is no capture.\n"),
                         "expected pcap or pcapng", tool)
            self.refused(3, self.file("packed.gz", gzip.compress(b"nor is this, though it is packed")),
                         "expected pcap or pcapng", tool)
        self.no_leftover("folder", "empty.pcap", "scene.txt", "packed.gz")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_without_permission(self):
        os.chmod(self.scene, 0)
        self.refused(3, self.scene, "")

    def test_all_that_is_wrong_is_named(self):
        result = self.run_it("timeline", self.path("a.pcap"), self.scene, self.path("b.pcap"))
        self.assertEqual(result.status, 3)
        self.assertIn("a.pcap", result.err)
        self.assertIn("b.pcap", result.err)
        self.assertNotIn("scene.pcap", result.err)

    def test_a_name_that_would_steer_the_terminal(self):
        result = self.run_it("timeline", self.path("\x1b[2J\u202egpj.pcap"))
        self.assertEqual(result.status, 3)
        self.assertIn("\\x1b[2J\\xe2\\x80\\xaegpj.pcap", result.err)

    def test_partial(self):
        whole = small_capture()
        cut = self.file("cut.pcap", whole.data[:whole.last + 20])
        for form in ("table", "jsonl", "csv"):
            result = self.run_it("timeline", "--format", form, cut)
            self.assertEqual(result.status, 1, result.err)
            self.assertEqual("part of the evidence" in result.err, form != "table")
            self.assertEqual(self.run_it("timeline", "-q", "--format", form, cut).err, "")
        lines = self.run_it("timeline", "--format", "jsonl", "-q", cut).lines()
        self.assertFalse(lines[-1]["sources"][0]["complete"])
        self.assertEqual(sum(line["record"] == "finding" for line in lines), lines[-1]["findings"])

    def test_keyrings(self):
        keys = self.file("b.keys", b"# two\ntuya * 0123456789abcdef\nmeross a b\n")
        devices = self.file("a.json", b'[{"id": "x", "key": "fedcba9876543210"}]')
        for tool in READERS:
            result = self.good(tool, "--format", "jsonl", "--keys", keys, "--keys=" + devices, self.scene)
            self.assertEqual(result.lines()[0]["options"]["keyrings"],
                             [{"name": "a.json", "keys": 1}, {"name": "b.keys", "keys": 2}])
            for secret in (b"0123456789abcdef", b"fedcba9876543210"):
                self.assertNotIn(secret, result.out)
            self.assertEqual(self.good(tool, "--format", "jsonl", "--keys", devices, "--keys", keys, "--keys", keys,
                                       self.scene).out, result.out)
        self.assertNotIn(b"keyrings", self.good("timeline", "--format", "jsonl", self.scene).out)
        piped = self.good("timeline", "--format", "jsonl", "--keys", "-", self.scene, input=b"meross a b\n")
        self.assertEqual(piped.lines()[0]["options"]["keyrings"], [{"name": "standard input", "keys": 1}])

    def test_keyrings_that_can_not_be_read(self):
        wrong = self.file("wrong.keys", b"meross a b\ntuya * tooshortsecret\n")
        result = self.run_it("timeline", "--keys", wrong, "--keys", self.path("none"), self.scene)
        self.assertEqual((result.status, result.out), (3, b""))
        self.assertEqual(result.err.splitlines(), [
            "wattrail: wrong.keys: line 2: expected 'tuya', a device id or *, and a key of 16 characters",
            "wattrail: none: there is no such file"])
        result = self.run_it("timeline", "--keys", self.file("large", b"#" * (1 << 20)), self.scene)
        self.assertEqual((result.status, result.err),
                         (3, "wattrail: large: is too long for a keyring (1 MiB)\n"))
        self.assertEqual(self.run_it("timeline", "--keys", self.dir, self.scene).status, 3)
        self.usage_error("timeline", "--keys", "-", "-", says="standard input")
        self.usage_error("timeline", "--keys", says="--keys needs a value")

    def test_standard_input(self):
        with open(self.scene, "rb") as scene:
            data = scene.read()
        def events(text):
            return [line for line in text.splitlines() if b'"record":"event"' in line]
        wanted = events(self.good("timeline", "--format", "jsonl", self.scene).out)
        self.assertTrue(wanted)
        result = self.good("timeline", "--format", "jsonl", "-", input=data)
        self.assertEqual(events(result.out), wanted)
        self.assertEqual(result.lines()[0]["sources"][0]["name"], "standard input")
        # packed bytes have another hash, and so the events other ids
        packed = self.good("timeline", "--format", "jsonl", "-", input=gzip.compress(data))
        without_ids = [[re.sub(rb'"[0-9a-f]{16}"', b"", line) for line in lines]
                       for lines in (events(packed.out), wanted)]
        self.assertEqual(*without_ids)
        self.assertEqual(packed.lines()[0]["sources"][0]["compressed"], "gzip")
        result = self.run_it("timeline", "-", input=b"")
        self.assertEqual((result.status, result.out), (3, b""))

    def test_evidence_is_left_alone(self):
        before = os.stat(self.scene)
        for tool in READERS:
            self.good(tool, self.scene)
        after = os.stat(self.scene)
        self.assertEqual((before.st_size, before.st_mtime_ns, before.st_mode),
                         (after.st_size, after.st_mtime_ns, after.st_mode))
        self.no_leftover()


# ---- where results go

class Output(Case):
    def test_a_new_file(self):
        for tool in READERS:
            wanted = self.good(tool, "--format", "jsonl", self.scene).out
            result = self.good(tool, "--format", "jsonl", "-o", self.path(tool), self.scene, umask=0o027)
            self.assertEqual(result.out, b"")
            with open(self.path(tool), "rb") as made:
                self.assertEqual(made.read(), wanted)
            self.assertEqual(stat.S_IMODE(os.stat(self.path(tool)).st_mode), 0o640)
            self.assertEqual(self.good(tool, "--format", "jsonl", "-o", "-", self.scene).out, wanted)
        self.good("timeline", "-oout", "scene.pcap", cwd=self.dir)
        self.no_leftover("out", *READERS)

    def test_nothing_is_written_over(self):
        with open(self.scene, "rb") as scene:
            before = scene.read()
        os.symlink("nowhere", self.path("link"))
        os.mkdir(self.path("folder"))
        for name in ("scene.pcap", "link", "folder"):
            result = self.run_it("timeline", "-o", self.path(name), self.scene)
            self.assertEqual((result.status, result.out), (4, b""))
            self.assertIn(name, result.err)
            self.assertIn("exists", result.err)
        with open(self.scene, "rb") as scene:
            self.assertEqual(scene.read(), before)
        self.no_leftover("link", "folder")

    def test_what_appears_meanwhile_is_not_written_over(self):
        process = subprocess.Popen([WATTRAIL, "timeline", "-o", self.path("out"), "-"], stdin=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.wait_for(lambda: len(os.listdir(self.dir)) == 2)
        self.file("out", b"mine")
        with open(self.scene, "rb") as scene:
            error = process.communicate(scene.read(), timeout=60)[1]
        self.assertEqual(process.returncode, 4, error)
        with open(self.path("out"), "rb") as kept:
            self.assertEqual(kept.read(), b"mine")
        self.no_leftover("out")

    def wait_for(self, condition):
        end = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def test_no_such_folder(self):
        for path in (self.path("no/out"), self.path("scene.pcap/out"), self.path("no/"), "/proc/out"):
            result = self.run_it("timeline", "-o", path, self.scene)
            self.assertEqual((result.status, result.out), (4, b""))
            self.assertIn(path, result.err)

    def test_a_full_disk(self):
        for arguments in (("--version",), ("help",), *((tool, self.scene) for tool in READERS)):
            with open("/dev/full", "wb") as full:
                result = self.run_it(*arguments, stdout=full)
            self.assertEqual(result.status, 4, arguments)
            self.assertRegex(result.err, "^wattrail: standard output: .*\n$")

    def shell(self, redirection, *arguments, data=b""):
        done = subprocess.run(["sh", "-c", 'exec "$@" ' + redirection, "sh", WATTRAIL, *arguments], input=data,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, env=environment())
        return Result(done.returncode, done.stdout, done.stderr.decode())

    def test_closed_streams(self):
        for arguments in (("--version",), ("help",), *((tool, self.scene) for tool in READERS)):
            result = self.shell(">&-", *arguments)
            self.assertEqual(result.status, 4, arguments)
            self.assertIn("standard output", result.err)
        self.assertEqual(self.shell("<&-", "timeline", "-").status, 3)
        self.assertEqual(self.shell("2>&-", "timeline", self.scene).status, 0)
        self.assertEqual(self.shell("<&- >&- 2>&-", "timeline", "-o", self.path("out"), self.scene).status, 0)
        self.no_leftover("out")

    def test_a_reader_that_went_away(self):
        for tool in READERS:
            reader, writer = os.pipe()
            os.close(reader)
            result = self.run_it(tool, self.scene, stdout=writer)
            os.close(writer)
            self.assertEqual((result.status, result.err), (4, ""))

    def test_interrupted(self):
        data = long_capture(200000)
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([WATTRAIL, "timeline", "-o", self.path("out"), "-"], stdin=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
            process.stdin.write(data[:1000000])
            process.stdin.flush()
            self.wait_for(lambda: len(os.listdir(self.dir)) == 2)
            process.send_signal(number)
            try:
                process.communicate(data[1000000:], timeout=60)
            except BrokenPipeError:
                process.wait(60)
            self.assertEqual(process.returncode, -number)
            self.no_leftover()


# ---- what is written

class Formats(Case):
    def test_timeline(self):
        lines = self.good("timeline", "--format", "jsonl", self.scene).lines()
        self.assertEqual((lines[0]["record"], lines[-1]["record"]), ("header", "summary"))
        events = [line for line in lines if line["record"] == "event"]
        self.assertEqual(lines[-1]["events"], len(events))
        self.assertNotIn("events_written", lines[-1])
        states = [e["data"]["state"] for e in events if e["kind"] == "power.state"]
        self.assertEqual((states[0], states[-1]), ("off", "on"))
        with open(self.scene, "rb") as scene:
            data = scene.read()
        for event in events:
            place = event["evidence"]
            self.assertLessEqual(place["offset"] + place["length"], len(data))
            if event["kind"] == "power.state":
                value = data[place["offset"]:place["offset"] + place["length"]]
                self.assertEqual(value.strip(b'"').decode().lower(), event["data"]["state"])

    def test_filters(self):
        every = self.good("timeline", "--format", "jsonl", self.scene).lines()
        some = self.good("timeline", "--format", "jsonl", "--kind", "power.state", self.scene).lines()
        wanted = [line for line in every if line.get("kind") == "power.state"]
        self.assertEqual([line for line in some if line["record"] == "event"], wanted)
        self.assertEqual((some[-1]["events"], some[-1]["events_written"]), (every[-1]["events"], len(wanted)))
        self.assertEqual(some[0]["options"]["kind"], "power.state")
        middle = wanted[len(wanted) // 2]
        late = self.good("timeline", "--format", "jsonl", "--kind", "power.state", "--from", middle["time"],
                         self.scene).lines()
        self.assertEqual([line for line in late if line["record"] == "event"],
                         [line for line in wanted if line["time_ns"] >= middle["time_ns"]])
        device = self.good("timeline", "--format", "jsonl", "--device", wanted[0]["device"], self.scene).lines()
        self.assertEqual([line for line in device if line["record"] == "event"],
                         [line for line in every if line.get("device") == wanted[0]["device"]
                          and line["record"] == "event"])

    def test_csv(self):
        result = self.run_it("timeline", "--format", "csv", self.scene)
        self.assertEqual(result.status, 0)
        events = self.good("timeline", "--format", "jsonl", self.scene).lines()[-1]["events"]
        rows = result.out.decode().splitlines()
        self.assertEqual(len(rows), events + 1)
        self.assertEqual(len(rows[0].split(",")), CSV_COLUMNS)
        self.assertRegex(result.err, "^wattrail: %d events; 0 findings " % events)
        self.assertEqual(self.good("timeline", "--format", "csv", "-q", self.scene).out, result.out)

    def test_messages(self):
        lines = self.good("messages", "--format", "jsonl", self.scene).lines()
        self.assertEqual((lines[0]["record"], lines[-1]["record"]), ("header", "summary"))
        types = [line["type"] for line in lines if line["record"] == "message"]
        self.assertEqual(types, ["connect", "connack"] + ["publish"] * 6)
        self.assertNotIn(b"hunter22", self.good("messages", "--format", "jsonl", self.scene).out)
        self.assertIn(b"hunter22", self.good("messages", "--format", "jsonl", "--reveal-secrets", self.scene).out)
        empty = self.file("empty.pcap", Capture().data)
        self.assertEqual([line["record"] for line in self.good("messages", "--format", "jsonl", empty).lines()],
                         ["header", "summary"])

    def test_devices(self):
        lines = self.good("devices", "--format", "jsonl", self.scene).lines()
        self.assertEqual([line["record"] for line in lines], ["header", "device", "summary"])
        self.assertIn("plug", lines[1]["device"] + " ".join(lines[1]["names"]))

    def test_several_sources(self):
        other = Capture(1767323000)
        other.session(8, 40000, [(True, connect("DVES_4D5E6F", "x")), (False, b"\x20\x02\x00\x00"),
                                 (True, publish("stat/lamp/POWER", "ON"))])
        second = self.file("second.pcap", other.data)
        for tool in READERS:
            once = self.good(tool, "--format", "jsonl", self.scene, second).out
            self.assertEqual(self.good(tool, "--format", "jsonl", second, self.scene).out, once)
            self.assertEqual(len(json.loads(once.decode().splitlines()[0])["sources"]), 2)

    def test_the_same_bytes_everywhere(self):
        for tool in READERS:
            for form in ("jsonl", "table"):
                wanted = self.good(tool, "--format", form, self.scene).out
                for env in ({"TZ": "Asia/Kolkata"}, {"LC_ALL": "de_DE.UTF-8"}, {"LC_ALL": "C", "TZ": "PST8PDT"}):
                    self.assertEqual(self.good(tool, "--format", form, self.scene, env=env).out, wanted)

    def test_time_zones(self):
        def first_time(*arguments, env=None):
            shown = self.good("timeline", "--kind", "power.state", *arguments, self.scene, env=env).out.decode()
            return re.search(r"^\d{4}-.*?(?=  )", shown, re.M).group()
        utc = first_time()
        self.assertRegex(utc, r"^2026-01-02 03:04:05\.\d{6}Z$")
        self.assertEqual(first_time("--tz", "UTC"), utc)
        self.assertEqual(first_time("--tz", "+05:30"), utc.replace("03:04", "08:34").replace("Z", "+05:30"))
        self.assertEqual(first_time("--tz", "-03:30"),
                         utc.replace("02 03:04", "01 23:34").replace("Z", "-03:30"))
        jsonl = self.good("timeline", "--format", "jsonl", self.scene).out
        self.assertEqual(self.good("timeline", "--format", "jsonl", "--tz", "+05:30", self.scene).out, jsonl)
        self.assertEqual(first_time("--tz", "local", env={"TZ": "XST-1"}),
                         utc.replace("03:04", "04:04").replace("Z", "+01:00"))
        if not os.path.exists("/usr/share/zoneinfo/Europe/Berlin"):
            self.skipTest("no time zone database")
        self.assertEqual(first_time("--tz", "Europe/Berlin"), utc.replace("03:04", "04:04").replace("Z", "+01:00"))

    def test_a_zone_with_summer_time(self):
        if not os.path.exists("/usr/share/zoneinfo/Europe/Berlin"):
            self.skipTest("no time zone database")
        made = Capture(1792889999)  # 2026-10-25T00:59:59Z; at 01:00 summer time ends in Berlin
        made.session(7, 50312, [(True, connect("DVES_1A2B3C", "x")), (False, b"\x20\x02\x00\x00")]
                     + [(True, publish("stat/plug/POWER", state)) for state in ("OFF", "ON") * 6])
        path = self.file("autumn.pcap", made.data)
        shown = self.good("timeline", "--tz", "Europe/Berlin", "--kind", "power.state", path).out.decode()
        self.assertIn("2026-10-25 02:59:59.900000+02:00  ", shown)
        self.assertIn("2026-10-25 02:00:00.000000+01:00  ", shown)


# ---- terminals

class Terminal(Case):
    def on_terminal(self, *arguments, env=None, out=True, err=True, data=None, columns=100):
        """What is shown where standard output, standard error, or both are a terminal."""
        try:
            master, slave = pty.openpty()
        except OSError as error:
            self.skipTest("no pseudo-terminals here: %s" % error)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        process = subprocess.Popen([WATTRAIL, *arguments], stdout=slave if out else subprocess.DEVNULL,
                                   stderr=slave if err else subprocess.DEVNULL,
                                   stdin=subprocess.PIPE if data else subprocess.DEVNULL,
                                   env=environment(dict({"TERM": "xterm"}, **(env or {}))))
        os.close(slave)
        if data:
            for part in data:
                process.stdin.write(part)
                process.stdin.flush()
                time.sleep(0.3)
            process.stdin.close()
        shown = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(master)
        self.assertEqual(process.wait(60), 0, shown)
        return shown

    def test_colours(self):
        def coloured(*arguments, env=None):
            return b"\x1b[" in self.on_terminal("timeline", *arguments, self.scene, env=env)
        self.assertTrue(coloured())
        self.assertTrue(coloured(env={"NO_COLOR": ""}))
        self.assertFalse(coloured(env={"NO_COLOR": "1"}))
        self.assertFalse(coloured(env={"TERM": "dumb"}))
        self.assertFalse(coloured("--color", "never"))
        self.assertTrue(coloured("--color", "always", env={"NO_COLOR": "1"}))
        self.assertFalse(coloured("--format", "jsonl", "--color", "always"))
        self.assertNotIn(b"\x1b", self.good("timeline", self.scene, env={"TERM": "xterm"}).out)
        self.assertIn(b"\x1b", self.good("timeline", "--color", "always", self.scene).out)
        self.good("timeline", "-o", self.path("out"), self.scene, env={"TERM": "xterm"})
        with open(self.path("out"), "rb") as made:
            self.assertNotIn(b"\x1b", made.read())

    def test_progress(self):
        data = long_capture(20000)
        half = len(data) // 2
        parts = [data[:half], data[half:half + 1000000], data[half + 1000000:]]

        def bar(*arguments, env=None, tool="timeline", out=False):
            return self.on_terminal(tool, *arguments, "-", env=env, out=out, data=parts)
        for tool in READERS:
            shown = bar(tool=tool)
            self.assertIn(b"MB/s", shown)
            self.assertTrue(shown.endswith(b"\r\x1b[K"), "the bar is removed")
        self.assertEqual(bar("-q"), b"")
        self.assertEqual(bar("--no-progress"), b"")
        self.assertEqual(bar(env={"TERM": "dumb"}), b"")
        self.assertNotIn(b"MB/s", bar(tool="messages", out=True))
        self.assertEqual(self.run_it("timeline", "-", input=data).err, "")


# ---- pages and completion

class Documents(Case):
    def options_of(self, tool):
        return re.findall(r"--([a-z-]+)", "\n".join(
            line for line in self.good("help", tool).out.decode().splitlines() if re.match(r" {2,6}-", line)))

    def page(self, name):
        with open(os.path.join(SOURCE, "docs", "man", name), encoding="utf-8") as page:
            return page.read()

    def test_pages_name_what_there_is(self):
        for tool in TOOLS:
            text = self.page("wattrail-%s.1" % tool).replace("\\-", "-")
            options = text[text.index("\n.SH OPTIONS\n"):].split("\n.SH ")[1]
            named = re.findall(r"^\.B (?:-\w(?: \\fI\w+\\fB)?, )?--([a-z-]+)", options, re.M)
            self.assertEqual(named, self.options_of(tool), tool)
        for tool in ("wattrail",) + tuple("wattrail-" + tool for tool in TOOLS):
            text = self.page(tool + ".1")
            statuses = text[text.index(".SH EXIT STATUS"):]
            self.assertEqual(tuple(re.findall(r"^\.B (\d+)$", statuses, re.M)), STATUSES)
            for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "FILES", "EXAMPLES", "LIMITATIONS"):
                self.assertIn("\n.SH %s\n" % section, text, tool)
            version = self.good("--version").out.decode().strip()
            self.assertIn('"%s"' % version, text)

    def test_pages_name_the_columns(self):
        text = " ".join(self.page("wattrail-timeline.1").split())
        columns = self.good("timeline", "-q", "--format", "csv", self.scene).out.decode().splitlines()[0]
        listed = re.search(r"Columns: (time, time_ns, .*? message)\.", text).group(1)
        self.assertEqual(re.sub(r" \([^)]*\)", "", listed).split(", "), columns.split(","))

    def test_pages_are_well_formed(self):
        if not shutil.which("groff"):
            self.skipTest("groff is not installed")
        for name in sorted(os.listdir(os.path.join(SOURCE, "docs", "man"))):
            done = subprocess.run(["groff", "-Tutf8", "-man", "-wall", os.path.join(SOURCE, "docs", "man", name)],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual((done.returncode, done.stderr), (0, b""), name)

    def test_completion_is_what_the_tool_writes(self):
        for shell, name in (("bash", "wattrail.bash"), ("zsh", "_wattrail"), ("fish", "wattrail.fish")):
            with open(os.path.join(SOURCE, "tools", "completion", name), "rb") as kept:
                self.assertEqual(self.good("help", "--completion", shell).out, kept.read())
            if shutil.which(shell):
                path = os.path.join(SOURCE, "tools", "completion", name)
                subprocess.run([shell, "-n", path], check=True)

    def complete(self, *words):
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wattrail; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        path = os.path.join(SOURCE, "tools", "completion", "wattrail.bash")
        done = subprocess.run(["bash", "-c", script, "bash", path, *words], stdout=subprocess.PIPE, cwd=self.dir,
                              check=True)
        return done.stdout.decode().split("\n")[:-1]

    def test_completion_in_bash(self):
        if not shutil.which("bash"):
            self.skipTest("bash is not installed")
        self.file("a scene.pcap", b"")
        self.assertEqual(self.complete("wattrail", "ti"), ["timeline"])
        self.assertEqual(self.complete("wattrail", "timeline", "--fo"), ["--format"])
        self.assertEqual(self.complete("wattrail", "timeline", "--format", ""), ["table", "jsonl", "csv"])
        self.assertEqual(self.complete("wattrail", "messages", "--format", ""), ["table", "jsonl"])
        self.assertEqual(self.complete("wattrail", "timeline", "--kind", "power.s"), ["power.state"])
        self.assertEqual(self.complete("wattrail", "timeline", "a"), ["a scene.pcap"])
        self.assertEqual(self.complete("wattrail", "help", "d"), ["devices"])
        self.assertEqual(self.complete("wattrail", "timeline", "--device", ""), [""])


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.access(WATTRAIL, os.X_OK):
        sys.exit(__doc__)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])

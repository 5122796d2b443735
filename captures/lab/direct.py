# SPDX-License-Identifier: Apache-2.0
"""A laboratory without a broker: programs on hosts of a network that talk to each other, each of which takes orders as
lines of JSON and logs what it does as lines of JSON.

A program gets its description as its first argument. A line that it prints is a log entry; one with "ready" or "done"
tells the director that it has started, or has carried out its last order. Entries `send` (`before`, `after`, `command`,
`payload`, `statements`, `session`, `port`), `receive` and `switch` become the truth."""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from . import space, truth
from .sniffer import Sniffer

LIMIT_SECONDS = 60
SKIP = 77


class Program:
    """One process on a host."""

    def __init__(self, name, host, command, description, environment):
        self.name, self.host, self.log = name, host, []
        self.process = subprocess.Popen(
            command + [json.dumps(description)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            env=environment, preexec_fn=lambda: space.move_into(host.namespace))
        self.word = threading.Condition()
        self.words, self.over = 0, False
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self._await(1)

    def _read(self):
        for line in self.process.stdout:
            entry = json.loads(line)
            with self.word:
                if entry["what"] in ("ready", "done"):
                    self.words += 1
                else:
                    self.log.append({"actor": self.name, **entry})
                self.word.notify_all()
        with self.word:
            self.over = True
            self.word.notify_all()

    def _await(self, words):
        with self.word:
            if not self.word.wait_for(lambda: self.words >= words or self.over, timeout=10) or self.words < words:
                raise RuntimeError("%s does not answer" % self.name)

    def do(self, what, **named):
        """Has the program do something, and waits until it is done."""
        wanted = self.words + 1
        self.process.stdin.write(json.dumps({"do": what, **named}) + "\n")
        self._await(wanted)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(timeout=5)


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def too_long(signum, frame):
    raise TimeoutError("the recipe took more than %d s" % LIMIT_SECONDS)


def main(name, story, require=lambda: None, precision="micro"):
    """Runs a recipe's story(lab) inside a laboratory. `require` ends the program where something is missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=".", help="folder for the capture and its truth")
    arguments = parser.parse_args()
    require()
    space.enter()
    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.alarm(LIMIT_SECONDS)
    os.makedirs(arguments.out, exist_ok=True)
    lab = Lab(name, arguments.seed, os.path.abspath(arguments.out), precision)
    try:
        story(lab)
        lab.finish()
    finally:
        lab.clear()


class Lab:
    def __init__(self, name, seed, out, precision):
        self.name, self.seed, self.out, self.precision = name, seed, out, precision
        self.random = random.Random("%s/%s" % (seed, name))
        self.folder = tempfile.mkdtemp(prefix="lab-")
        self.programs, self.hosts, self.sniffer = [], [], None
        self.trigger = "lan"  # what commands come over
        self.more = {}  # members of the truth beside the usual ones
        self.files = {}  # further files of the sample: suffix to text
        self.software = {}  # what is named in the truth
        self.network = space.Network()

    def host(self, name, last, mac):
        host = self.network.host(name, last, mac)
        self.hosts.append(host)
        return host

    def start(self, name, host, command, description, environment):
        program = Program(name, host, command, description, environment)
        self.programs.append(program)
        return program

    def record(self):
        """From here on tcpdump sees everything; nothing may be on its way at this moment."""
        time.sleep(0.3)
        self.capture = os.path.join(self.folder, self.name + ".pcap")
        self.sniffer = Sniffer(self.capture, self.precision)
        self.recorded_from = time.time_ns()

    def pause(self, low=0.06, high=0.25):
        time.sleep(self.random.uniform(low, high))

    def finish(self):
        time.sleep(0.5)
        packets = self.sniffer.stop()
        until = time.time_ns()
        for program in self.programs:
            program.kill()
        told = {"schema": "wattrail-truth/1", "recipe": self.name, "seed": self.seed, "capture": self.name + ".pcap",
                "packets": packets, "software": {
                    "python": sys.version.split()[0], "tcpdump": first_line("tcpdump", "--version"), **self.software},
                "hosts": [{"name": h.name, "address": h.address, "mac": h.mac} for h in self.hosts],
                **self.more, **gather(self.programs, self.trigger, self.recorded_from, until)}
        with open(self.capture, "rb") as capture:
            told["sha256"] = hashlib.sha256(capture.read()).hexdigest()
        truth.write(told, os.path.join(self.folder, self.name + ".truth.json"))
        for suffix, text in self.files.items():
            with open(os.path.join(self.folder, self.name + suffix), "w", encoding="utf-8") as file:
                file.write(text)
        for made in sorted(os.listdir(self.folder)):
            shutil.copyfile(os.path.join(self.folder, made), os.path.join(self.out, made))
        print("%s: seed %d, %d packets, %d messages, %d statements" % (
            self.name, self.seed, packets, len(told["publications"]),
            sum(len(p["statements"]) for p in told["publications"])))

    def clear(self):
        for program in self.programs:
            program.kill()
        if self.sniffer and self.sniffer.process.poll() is None:
            self.sniffer.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def gather(programs, trigger, recorded_from, until):
    """The logs in the form that tests/evidence/README.md describes. A switching by command is laid to the command that
    the device had received: the n-th that it got is the n-th that was sent to it."""
    entries = sorted((e for p in programs for e in p.log), key=lambda e: e.get("before", e.get("time")))
    address = {p.name: p.host.address for p in programs}
    publications, sent, received, switchings, latest = [], {}, {}, [], {}
    for entry in entries:
        if entry["what"] != "send":
            continue
        publications.append({
            "id": len(publications) + 1, "actor": entry["actor"], "address": address[entry["actor"]],
            "port": entry["port"], "client_id": None, "session": entry["session"], "before": entry["before"],
            "after": entry["after"], "topic": entry["command"], "payload": entry["payload"], "qos": 0, "retain": False,
            "answers": None, "resends": [], "statements": entry["statements"]})
        if entry.get("to"):
            sent.setdefault(entry["to"], []).append(len(publications))
    for program in programs:
        for entry in program.log:  # in the order in which the program acted
            if entry["what"] == "receive":
                received[program.name] = received.get(program.name, 0) + 1
            elif entry["what"] == "switch":
                by_command = entry["why"] == "command"
                command = sent[program.name][received[program.name] - 1] if by_command else None
                switchings.append({"id": len(switchings) + 1, "device": entry["device"], "channel": entry["channel"],
                                   "state": entry["state"], "before": entry["before"], "after": entry["after"],
                                   "why": entry["why"], "command": command,
                                   **({"trigger": trigger} if by_command else {})})
                latest[entry["device"], entry["channel"]] = len(switchings)
            elif entry["what"] == "send":
                for said in entry["statements"]:
                    if said["kind"] == "power.state":
                        said["switching"] = latest.get((said["device"], said["channel"]))
    inside = [p for p in publications if recorded_from <= p["before"]]
    return {"recorded_from": recorded_from, "recorded_until": until, "publications": inside, "retained": [],
            "switchings": switchings, "boots": [], "sessions": []}

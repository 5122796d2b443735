# SPDX-License-Identifier: Apache-2.0
"""Puts a laboratory together for a recipe: network, broker, actors, tcpdump, and at the end the truth.

A recipe is `recipe.py --seed N --out DIR`; it writes DIR/<name>.pcap and DIR/<name>.truth.json, both or
neither. Every random choice comes from the seed; how the machine interleaves the processes does not, so two
runs with one seed tell the same story with other times."""

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
import time

from . import space, truth
from .broker import Broker
from .sniffer import Sniffer
from .tls import Security

LIMIT_SECONDS = 60


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def software(broker, more, actors):
    found = {"python": sys.version.split()[0], **more}
    if broker:
        import paho.mqtt
        found.update({"paho-mqtt": paho.mqtt.__version__, "mosquitto": first_line("mosquitto", "-h")})
        if broker.security:
            found["openssl"] = first_line("openssl", "version")
    for actor in actors:
        found.update(actor.software() if hasattr(actor, "software") else {})
    return {**found, "tcpdump": first_line("tcpdump", "--version")}


def too_long(signum, frame):
    raise TimeoutError("the recipe took more than %d s" % LIMIT_SECONDS)


def main(name, story, precision="micro", broker=True, security=None):
    """Runs a recipe's story(lab) inside a laboratory, with an MQTT broker or without; `security` is a kind of
    tls.Security, which all clients then speak."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=".", help="folder for the capture and its truth")
    arguments = parser.parse_args()
    space.enter()
    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.alarm(LIMIT_SECONDS)
    os.makedirs(arguments.out, exist_ok=True)
    lab = Lab(name, arguments.seed, os.path.abspath(arguments.out), precision, broker, security)
    try:
        story(lab)
        lab.finish()
    finally:
        lab.clear()


class Lab:
    def __init__(self, name, seed, out, precision, broker, security=None):
        self.name, self.seed, self.out, self.precision = name, seed, out, precision
        self.random = random.Random("%s/%s" % (seed, name))
        self.folder = tempfile.mkdtemp(prefix="lab-")
        self.log_folder = os.path.join(self.folder, "log")
        os.mkdir(self.log_folder)
        self.actors, self.hosts, self.sniffer, self.more = [], [], None, []
        self.aliases = {}
        self.network = space.Network()
        self.broker = None
        self.more_software = {}  # beside what every recipe uses
        self.security = Security(security, self.folder, self.random) if security else None
        if broker:
            self.broker = Broker(self.host("broker", 2, "b8:27:eb:5c:40:02"), self.folder, self.security)
            self.broker.start()

    def host(self, name, last, mac):
        host = self.network.host(name, last, mac)
        self.hosts.append(host)
        return host

    def add(self, actor):
        self.actors.append(actor)
        actor.security = self.security
        actor.launch(self.log_folder)
        return actor

    def make(self, kind, name, host, *words, **named):
        """Starts an actor of a kind on a host. Its random choices hang on the seed and its name."""
        address = self.broker.host.address if self.broker else None
        return self.add(kind(name, host, address, self.seed, *words, **named))

    def record(self):
        """From here on tcpdump sees everything; nothing may be on its way at this moment."""
        time.sleep(0.3)
        self.capture = os.path.join(self.folder, self.name + ".pcap")
        self.sniffer = Sniffer(self.capture, self.precision)
        self.recorded_from = time.time_ns()

    def tell_alias(self, plug):
        """A plug whose words do not give its MAC may be named by the one that ARP gives."""
        self.aliases["mac:" + plug.host.mac] = plug.device

    def pause(self, low=0.06, high=0.25):
        time.sleep(self.random.uniform(low, high))

    def hold(self, held):
        """Stops or resumes routine messages (telemetry) of all actors, and lets what is under way end."""
        for actor in self.actors:
            if actor.process:
                actor.do("hold", held)
        if held:
            time.sleep(0.25)

    def write_keys(self, text):
        """The keyring beside the capture, where what is in it is enciphered."""
        self.more.append(os.path.join(self.folder, self.name + ".keys"))
        with open(self.more[-1], "w", encoding="utf-8") as out:
            out.write(text)

    def lose_power(self, plug):
        """A plug's mains is cut: nothing that its machine still holds gets out, not even a FIN."""
        plug.do("hold", True)
        time.sleep(0.2)
        relays = plug.do("relays")
        before = time.time_ns()
        plug.host.cut()
        for n, (channel, on) in enumerate(relays.items()):
            if on:  # without mains a relay falls, and says nothing of it
                self.note(plug, "switch", number=1000000 + n, before=before, after=time.time_ns(),
                          device=plug.device, channel=plug.channel_name(channel), state="off", why="power lost",
                          answers=None)
        self.note(plug, "session", event="close", time=time.time_ns(), by="power lost")
        plug.kill()
        plug.host.remove()
        self.actors.remove(plug)

    def note(self, actor, what, **values):
        with open(actor.log_path, "a", encoding="utf-8") as log:
            log.write(json.dumps({"what": what, **values}) + "\n")

    def crash_broker(self):
        """The broker dies without a word, after it has saved its store, and comes back."""
        self.broker.crash()
        time.sleep(self.random.uniform(0.2, 0.4))
        self.broker.start()

    def finish(self):
        self.hold(True)
        time.sleep(0.5)
        packets = self.sniffer.stop()
        until = time.time_ns()
        for actor in list(self.actors):
            actor.kill()
        if self.broker:
            self.broker.stop()
        if self.security:
            self.write_keys(self.security.keyring())
        told = truth.gather(self.log_folder, self.recorded_from, until)
        told = {"schema": "wattrail-truth/1", "recipe": self.name, "seed": self.seed,
                "capture": self.name + ".pcap", "packets": packets,
                "software": software(self.broker, self.more_software, self.actors),
                "hosts": [{"name": h.name, "address": h.address, "mac": h.mac} for h in self.hosts], **told}
        if self.aliases:
            told["aliases"] = self.aliases
        if self.more:
            told["keyring"] = os.path.basename(self.more[0])
        with open(self.capture, "rb") as capture:
            told["sha256"] = hashlib.sha256(capture.read()).hexdigest()
        story = os.path.join(self.folder, self.name + ".truth.json")
        truth.write(told, story)
        for path in (self.capture, story, *self.more):
            shutil.copyfile(path, os.path.join(self.out, os.path.basename(path)))
        print("%s: seed %d, %d packets, %d publications, %d statements" % (
            self.name, self.seed, packets, len(told["publications"]),
            sum(len(p["statements"]) for p in told["publications"])))

    def clear(self):
        for actor in list(self.actors):
            actor.kill()
        if self.sniffer and self.sniffer.process.poll() is None:
            self.sniffer.process.kill()
        if self.broker:
            self.broker.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

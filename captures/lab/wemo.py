# SPDX-License-Identifier: Apache-2.0
"""WeMo plugs and who talks to them, all third-party programs: npm wemore's emulator and client, and curl.

The director runs them, one exchange at a time, and writes down what they say that they did: the emulator when its
relay moved, the clients when they asked, and what they were answered. A command is a publication of its client, an
answer one of the plug; its payload is the element that carries the value."""

import json
import os
import subprocess
import sys
import time

from . import space

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "npm"))
import components  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
MS = 1_000_000
ENVELOPE = ('<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
            's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:%s xmlns:u="urn:Belkin:service:'
            'basicevent:1">%s</u:%s></s:Body></s:Envelope>')


def software():
    """Versions of the programs that are not the laboratory's own."""
    with open(os.path.join(ROOT, "tests", "npm", "package.json"), encoding="utf-8") as file:
        wemore = json.load(file)["dependencies"]["wemore"]
    said = subprocess.run(["curl", "--version"], capture_output=True, text=True).stdout.split()
    return {"wemore": wemore, "curl": said[1]}


def value(state):
    return "<BinaryState>%d</BinaryState>" % state


class Program:
    """A program on a host, spoken to line by line; as far as the laboratory is concerned, an actor."""

    def __init__(self, lab, name, host):
        self.lab, self.name, self.host = lab, name, host
        self.number, self.process, self.child = 0, None, None
        self.log_path = os.path.join(lab.log_folder, name + ".jsonl")
        lab.note(self, "host", address=host.address)
        lab.actors.append(self)

    def run(self, *command):
        self.child = subprocess.Popen(
            ["ip", "netns", "exec", self.host.namespace, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1, env=components.environment())
        self.process = self.child.pid

    def line(self):
        return json.loads(self.child.stdout.readline())

    def write(self, text):
        self.child.stdin.write(text + "\n")
        self.child.stdin.flush()

    def do(self, *words, **named):
        """None of these acts by itself, so there is nothing to hold."""

    def kill(self):
        if self.child:
            self.child.kill()
            self.child.wait()
        self.process = self.child = None

    def publish(self, topic, payload, before, after, statements, port=None):
        self.number += 1
        self.lab.note(self, "publish", number=self.number, port=port, client_id=None, session=1, before=before,
                      after=after, topic=topic, payload=payload, qos=0, retain=False, answers=None,
                      statements=statements)


class Plug(Program):
    def __init__(self, lab, name, host, serial, uuid):
        super().__init__(lab, name, host)
        self.device, self.state, self.switching, self.received = "mac:" + host.mac, 0, None, 0
        self.url = "http://%s:49153/setup.xml" % host.address
        space.ip("-n", host.namespace, "route", "add", "224.0.0.0/4", "dev", "eth0")
        self.run(components.require("wemore"), os.path.join(HERE, "wemore_plug.js"), name, serial, uuid)
        self.line()

    def moved(self, at, state, why, answers):
        """The emulator's word that its relay moved."""
        if state == self.state:
            return
        self.number += 1
        self.state, self.switching = state, self.number
        trigger = {"trigger": "http"} if why == "command" else {}
        self.lab.note(self, "switch", number=self.number, before=(at - 2) * MS, after=(at + 2) * MS,
                      device=self.device, channel=None, state="on" if state else "off", why=why, answers=answers,
                      **trigger)

    def told(self, topic, payload):
        """A command arrived."""
        heard = self.line()
        self.received += 1
        self.lab.note(self, "receive", time=(heard["time"] + 1) * MS, number=self.received, topic=topic,
                      payload=payload, qos=0, retain=False, dup=False, retain_as_published=False, session=1)
        self.moved(heard["time"], heard["state"], "command", self.received)

    def press(self):
        self.write("press")
        heard = self.line()
        self.moved(heard["time"], heard["state"], "button", None)

    def answered(self, state, before, after):
        statement = {"kind": "power.state", "device": self.device, "channel": None,
                     "data": {"state": "on" if state else "off"}, "switching": self.switching}
        self.publish("GetBinaryState " + self.name, value(state), before, after, [statement])


def command(plug, state):
    return [{"kind": "power.command", "device": plug.device, "channel": None,
             "data": {"state": "on" if state else "off"}}]


class Client(Program):
    """Asks plugs, and logs what it asked and what it was answered."""

    def switch(self, plug, state):
        before, after, port = self.send(plug, "SetBinaryState", state)[:3]
        topic = "SetBinaryState " + plug.name
        self.publish(topic, value(state), before, after, command(plug, state), port)
        plug.told(topic, value(state))

    def query(self, plug):
        before, after, _, state = self.send(plug, "GetBinaryState", None)
        plug.answered(state, before, after)


class Curl(Client):
    def send(self, plug, action, state):
        body = ENVELOPE % (action, "" if state is None else value(state), action)
        before = time.time_ns()
        done = subprocess.run(
            ["ip", "netns", "exec", self.host.namespace, "curl", "-sS", "--fail", "--max-time", "5",
             "-H", 'SOAPACTION: "urn:Belkin:service:basicevent:1#%s"' % action,
             "-H", 'Content-Type: text/xml; charset="utf-8"', "--data-binary", body, "-w", "\n%{local_port}",
             "http://%s:49153/upnp/control/basicevent1" % plug.host.address],
            capture_output=True, text=True, check=True)
        answer, port = done.stdout.rsplit("\n", 1)
        found = [digit for digit in (0, 1) if value(digit) in answer]
        return before, time.time_ns(), int(port), found[0]

    def describe(self, plug):
        """Reads the plug's description, as an app does first."""
        subprocess.run(["ip", "netns", "exec", self.host.namespace, "curl", "-sS", "--fail", "--max-time", "5",
                        plug.url], capture_output=True, check=True)


class Wemore(Client):
    def start(self):
        self.run(components.require("wemore"), os.path.join(HERE, "wemore_client.js"))

    def send(self, plug, action, state):
        self.write(json.dumps({"url": plug.url, "do": "get" if state is None else "set", "state": state}))
        said = self.line()
        if "error" in said:
            raise RuntimeError("%s: %s" % (self.name, said["error"]))
        return said["before"] * MS, (said["after"] + 1) * MS, None, said["result"]

    def describe(self, plug):
        self.write(json.dumps({"url": plug.url, "do": "resolve"}))
        self.line()

# SPDX-License-Identifier: Apache-2.0
"""A third-party program as an actor: a process of its own on a host of the laboratory, run by a driver that logs
what the program does, in the form of the other actors' logs, and does what the director says.

The driver is given one argument, a JSON object with its settings and the log's path. It reads a JSON array, [action,
words …], a line from standard input, and answers each with a line, [true, value] or [false, what went wrong]."""

import json
import os
import select
import subprocess

from . import space


class Program:
    def __init__(self, name, host, command, environment, **settings):
        self.name, self.host = name, host
        self.command, self.environment, self.settings = command, environment, settings
        self.process = self.child = None

    def launch(self, log_folder):
        self.log_path = os.path.join(log_folder, self.name + ".jsonl")
        with open(self.log_path, "x", encoding="utf-8") as log:
            log.write(json.dumps({"what": "host", "address": self.host.address}) + "\n")
        settings = json.dumps({"log": self.log_path, "address": self.host.address, **self.settings})
        self.child = subprocess.Popen(
            [*self.command, settings], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment,
            preexec_fn=lambda: space.move_into(self.host.namespace))
        self.process = self.child.pid
        self.answer(20.0)  # it is ready

    def do(self, action, *words, wait=10.0):
        """Has the program do something, and waits until it is done. It has no routine that could be held."""
        if action == "hold":
            return None
        self.child.stdin.write((json.dumps([action, *words]) + "\n").encode())
        self.child.stdin.flush()
        return self.answer(wait)

    def answer(self, wait):
        if not select.select([self.child.stdout], [], [], wait)[0]:
            raise RuntimeError("%s does not answer" % self.name)
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("%s ended" % self.name)
        good, value = json.loads(line)
        if not good:
            raise RuntimeError("%s: %s" % (self.name, value))
        return value

    def kill(self):
        if self.child:
            self.child.kill()
            self.child.wait()
            self.process = self.child = None

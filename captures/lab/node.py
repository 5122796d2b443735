# SPDX-License-Identifier: Apache-2.0
"""An actor that is a Node.js program on a host of the laboratory. The director writes one JSON object a line to its
standard input ({"id": 1, "do": "button", ...}) and reads one a line from its output ({"id": 1, "value": ...} or
"error"). It logs what it does, as it does it, to the file that it is given."""

import json
import os
import select
import signal
import subprocess
import sys

from . import space

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tests", "npm"))
import components


class NodeActor:
    script = None  # beside this file
    packages = ()

    def __init__(self, name, host, broker_address, seed, **settings):
        self.name, self.host, self.settings = name, host, {"seed": seed, **settings}
        self.process, self.count = None, 0

    def launch(self, log_folder):
        self.log_path = os.path.join(log_folder, self.name + ".jsonl")
        with open(self.log_path, "x", encoding="utf-8") as log:
            log.write(json.dumps({"what": "host", "address": self.host.address}) + "\n")
        node = components.require(*self.packages)
        settings = {"address": self.host.address, "log": self.log_path, **self.settings}
        self.child = subprocess.Popen(
            [node, os.path.join(os.path.dirname(__file__), self.script), json.dumps(settings)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=components.environment(), text=True, bufsize=1,
            preexec_fn=lambda: space.move_into(self.host.namespace))
        self.process = self.child.pid

    def software(self):
        """The versions of what the actor runs."""
        used = {"node": subprocess.run([components.require(), "--version"], capture_output=True, text=True).stdout.strip()}
        for package in self.packages:
            with open(os.path.join(components.HERE, "node_modules", package, "package.json"), encoding="utf-8") as file:
                used["npm " + package] = json.load(file)["version"]
        return used

    def do(self, action, wait=8.0, **named):
        self.count += 1
        self.child.stdin.write(json.dumps({"id": self.count, "do": action, **named}) + "\n")
        while select.select([self.child.stdout], [], [], wait)[0]:
            line = self.child.stdout.readline()
            if not line:
                break
            said = json.loads(line)
            if said["id"] == self.count:
                if "error" in said:
                    raise RuntimeError("%s: %s" % (self.name, said["error"]))
                return said.get("value")
        raise RuntimeError("%s does not answer" % self.name)

    def kill(self):
        if self.process:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()
            self.child.stdin.close()
            self.child.stdout.close()
            self.process = None

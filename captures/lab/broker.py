# SPDX-License-Identifier: Apache-2.0
"""A mosquitto of its own, with a configuration written here, on a host of the laboratory."""

import os
import signal
import subprocess
import time

from . import space

CONFIGURATION = """\
listener 1883 {address}
listener 9001 {address}
protocol websockets
allow_anonymous true
user root
persistence true
persistence_location {folder}/
autosave_interval 1800
log_dest file {folder}/mosquitto.log
log_type error
log_type warning
log_type notice
log_type information
"""


class Broker:
    def __init__(self, host, folder, security=None):
        self.host, self.folder, self.security = host, folder, security
        self.process = None
        self.log = os.path.join(folder, "mosquitto.log")
        self.store = os.path.join(folder, "mosquitto.db")
        self.configuration = os.path.join(folder, "mosquitto.conf")
        with open(self.configuration, "w", encoding="ascii") as out:
            out.write(CONFIGURATION.format(address=host.address, folder=folder))
            if security:
                out.write("\n".join(security.prepare(host.address)) + "\n")

    def start(self):
        if os.path.exists(self.log):
            os.remove(self.log)
        self.process = subprocess.Popen(
            ["mosquitto", "-c", self.configuration],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, **(self.security.environment if self.security else {})},
            preexec_fn=lambda: space.move_into(self.host.namespace))
        limit = time.monotonic() + 5
        while not self._running():
            if time.monotonic() > limit or self.process.poll() is not None:
                raise RuntimeError("mosquitto did not start")
            time.sleep(0.01)

    def _running(self):
        try:
            with open(self.log, encoding="utf-8") as log:
                return " running" in log.read()
        except FileNotFoundError:
            return False

    def save(self):
        """Has the broker write its store now."""
        before = self._stamp()
        self.process.send_signal(signal.SIGUSR1)
        limit = time.monotonic() + 5
        while self._stamp() == before:
            if time.monotonic() > limit:
                raise RuntimeError("mosquitto did not save its store")
            time.sleep(0.01)

    def _stamp(self):
        try:
            return os.stat(self.store).st_mtime_ns
        except FileNotFoundError:
            return None

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def crash(self):
        self.process.kill()
        self.process.wait(5)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(5)

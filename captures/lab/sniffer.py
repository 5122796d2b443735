# SPDX-License-Identifier: Apache-2.0
"""tcpdump on the bridge. A capture from which anything was dropped is not a sample."""

import re
import signal
import subprocess
import time


class Sniffer:
    def __init__(self, path, precision):
        self.path = path
        self.process = subprocess.Popen(
            ["tcpdump", "-i", "br0", "-n", "-U", "-s", "0", "-B", "16384", "--immediate-mode",
             "--time-stamp-precision", precision, "-w", path],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = ""
        while "listening on" not in said:
            line = self.process.stderr.readline()
            if not line:
                raise RuntimeError("tcpdump did not start: " + said)
            said += line

    def stop(self):
        time.sleep(0.3)  # what has been captured is written before the signal ends the reading
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=10)[1]
        counts = dict((what, int(number)) for number, what in re.findall(
            r"(\d+) packets? (captured|received by filter|dropped by kernel|dropped by interface)", said))
        if counts.get("dropped by kernel", 1) or counts.get("dropped by interface", 0):
            raise RuntimeError("tcpdump dropped packets: " + said)
        if counts["captured"] != counts["received by filter"]:
            raise RuntimeError("tcpdump left packets unread: " + said)
        return counts["captured"]

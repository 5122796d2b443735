#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real plugs being set up: who each is, where its traffic shows it, and no switching.

The captures are those of setup/ under --data, one plug each, with its MAC beside it. What their traffic shows was
worked out with tshark; EXPECTED says it, with the frame that shows it first, and says what is not there. Whatever else
is stated must be about the plug, and no switching: no command, and no state other than the one before. (The Edimax
SP-2101W is asked for its state and says off each time.) Addresses of the other hosts (access point, phone) are
confirmed by ARP, and none of them becomes a device.

Exit status: 0 as expected, 1 not so, 77 the captures are not there.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

EXPECTED = {
    # DHCP host name and the TXT record of _dhnap._tcp (frames 11, 17). No DHCP server's words are in the capture, so
    # the address is the one that its mDNS gives.
    "D-LinkSwitch": {
        "vendor": "dlink", "model": "DSP-W215", "shown_by": {"mDNS service": 11, "DHCP host name": 17},
        "ips": {"192.168.0.60", "10.10.10.176"}, "names": {"DSP-W215"},
        "servers": {"wrpd.dlink.com", "ntp1.dlink.com", "api.dch.dlink.com", "tzinfo.dch.dlink.com",
                    "r0801.dch.dlink.com", "r0802.dch.dlink.com"},
        # The first request (frame 51) says 2016-02-03: without another that runs on from it, any number could be there.
        "clocks": [(87, "-15.414604"), (127, "-15.44887")]},
    # DHCP has neither a host name nor a vendor class of Edimax, and there is no mDNS or SSDP: the plug is shown only by
    # the family's own datagram to its server (frame 43), and its look-up of www.myedimax.com says no more than that.
    "EdimaxPlug1101W": {"own_family": "edimax", "model": "SP-1101W", "own_frame": 43, "servers": {"www.myedimax.com"}},
    # The same; its registration is frame 50, and its answer to the app that searched, frame 55.
    "EdimaxPlug2101W": {"own_family": "edimax", "model": "SP2101W", "own_frame": 50, "servers": {"www.myedimax.com"}},
    "TP-LinkPlugHS100": {
        "vendor": "kasa", "model": "HS100(EU)", "shown_by": {"DHCP host name": 12, "DHCP acknowledgement": 16},
        "ips": {"10.10.10.228"}, "names": {"HS100(EU)"}, "servers": {"devs.tplinkcloud.com"},
        "clocks": [(21, "-22.879488")]},
    "TP-LinkPlugHS110": {
        "vendor": "kasa", "model": "HS110(EU)", "shown_by": {"DHCP host name": 3, "DHCP acknowledgement": 9},
        "ips": {"10.10.10.20"}, "names": {"HS110(EU)"}, "servers": {"devs.tplinkcloud.com"},
        "clocks": [(19, "-22.487214")]},
    # SSDP alone shows it; its DHCP client names nobody. Its MAC is confirmed by ARP (frames 13 and later).
    "WeMoInsightSwitch": {
        "vendor": "wemo", "model": "Insight", "serial": "221542K1200339", "shown_by": {"SSDP USN": 120},
        "ips": {"10.10.10.158"}, "servers": {"api.xbcs.net", "nat.xbcs.net"},
        # Not set at first, which is told by its running on from frame 46; then two hours ahead: local time where NTP has
        # UTC.
        "clocks": [(47, "-524766897.730893"), (49, "-524766897.730829"), (113, "7176.933392"), (115, "7176.933484"),
                   (117, "7176.933247"), (211, "7179.920989"), (213, "7179.921270"), (215, "7179.921267")]},
    "WeMoSwitch": {
        "vendor": "wemo", "model": "Socket", "serial": "221519K1100F55", "shown_by": {"SSDP USN": 16},
        "ips": {"10.10.10.252"}, "servers": {"api.xbcs.net", "nat.xbcs.net"}, "clocks": []},
}
SWITCHING = {"power.command", "load.change", "switch.input", "schedule.run"}


class Report:
    def __init__(self):
        self.checked = self.failed = 0

    def check(self, ok, words):
        self.checked += 1
        if not ok:
            self.failed += 1
            print("FAIL " + words)


def records(wattrail, tool, path):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.jsonl")
        done = subprocess.run([wattrail, tool, "--format", "jsonl", "-o", out, path], capture_output=True)
        if done.returncode not in (0, 1):
            raise SystemExit("wattrail %s ended with %d on %s" % (tool, done.returncode, os.path.basename(path)))
        with open(out) as file:
            return [json.loads(line) for line in file]


def check_identity(report, name, expected, events):
    identities = [e for e in events if e["kind"] == "device.identity" and e["path"].endswith("/lan")]
    first = {}
    for event in identities:
        report.check(event["data"]["vendor"] == expected["vendor"], name + ": vendor")
        first.setdefault(event["data"]["shown_by"], event["evidence"]["frame"])
        report.check(event["data"].get("model", expected["model"]) == expected["model"], name + ": model")
        report.check(event["data"].get("serial", expected.get("serial")) == expected.get("serial"), name + ": serial")
    # A family that reads the announcement itself goes before.
    missing = {k: v for k, v in expected["shown_by"].items() if first.get(k) != v}
    own = any(e["kind"] == "device.identity" and e["path"].endswith("/" + expected["vendor"]) for e in events)
    report.check(not missing or own, "%s: shown by %s, not by %s" % (name, first, expected["shown_by"]))


def check_device(report, name, expected, mac, devices):
    report.check([d["device"] for d in devices] == ["mac:" + mac], name + ": one device, by the MAC beside the capture")
    for device in devices:
        report.check(device.get("vendor") == expected["vendor"], name + ": vendor of the device")
        report.check(device.get("model") == expected["model"], name + ": model of the device")
        report.check(set(device.get("ips", [])) >= expected["ips"], name + ": addresses")
        report.check(set(device.get("names", [])) >= expected.get("names", set()), name + ": names")


def check(report, wattrail, folder, name, expected):
    path = os.path.join(folder, name + ".pcap")
    with open(os.path.join(folder, name + ".mac.txt")) as file:
        mac = file.read().strip().lower()
    events = [r for r in records(wattrail, "timeline", path) if r["record"] == "event"]
    devices = [r for r in records(wattrail, "devices", path) if r["record"] == "device"]
    for event in events:
        report.check(event["kind"] not in SWITCHING, "%s: %s" % (name, event["kind"]))
        report.check(event["data"].get("change") != "changed", "%s: a state that changed" % name)
        report.check(event["device"] == "mac:" + mac, "%s: %s is not the plug" % (name, event["device"]))
    lan = [e for e in events if e["path"].endswith("/lan")]
    if "own_family" in expected and not devices:
        report.check(not lan, name + ": nothing shows a plug, but something is said of one")
        return
    if "own_family" in expected:
        expected = dict(expected, vendor=expected["own_family"], shown_by={}, ips=set())
        report.check(not [e for e in lan if e["kind"] == "device.identity"], name + ": an identity by lan")
        frames = [e["evidence"]["frame"] for e in events if e["kind"] == "device.identity"]
        report.check(frames[:1] == [expected["own_frame"]], "%s: shown first in frame %s" % (name, frames[:1]))
    else:
        check_identity(report, name, expected, events)
    check_device(report, name, expected, mac, devices)
    servers = {e["data"]["server"] for e in lan if e["kind"] == "network.contact"}
    report.check(servers == expected["servers"], "%s: looked up %s" % (name, sorted(servers)))
    if "clocks" in expected:
        clocks = [(e["evidence"]["frame"], float(e["data"]["offset_s"])) for e in lan if e["kind"] == "clock.reading"]
        wanted = [(frame, float(offset)) for frame, offset in expected["clocks"]]
        report.check(clocks == wanted, "%s: clocks %s" % (name, clocks))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    options = parser.parse_args()
    folder = os.path.join(options.data, "setup")
    if not os.path.isdir(folder):
        print("SKIP: the captures are not there")
        return 77
    report = Report()
    for name, expected in EXPECTED.items():
        check(report, options.wattrail, folder, name, expected)
    print("%d checks, %d failed" % (report.checked, report.failed))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

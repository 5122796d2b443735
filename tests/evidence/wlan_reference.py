#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Encrypted Wi-Fi captures read whole: wlan_reference.py --wattrail PATH --data DIR

Wireshark's captures of encrypted networks, with the passphrases of its own tests: `wattrail messages` finds a message of
ARP, DHCP, DNS, mDNS or SSDP in each frame in which tshark finds one, with the same number in it, and in no others but group
frames under TKIP, which tshark leaves closed. The temporal keys that tshark says it used are those that Wireshark's tests
expect, so that the reference is what it is meant to be. Without the passphrase, with a wrong one, and with that of another
network there is no message, and the findings say why.

Exit status: 0 agreement, 1 a difference, 77 nothing to compare with (no data folder, or no tshark)."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

# Name, network, passphrase, temporal keys, protected frames.
CAPTURES = [
    ("wireshark/wpa-Induction.pcap.gz", "Coherer", "Induction", {"15798d511beae0028313c8ab32f12c7e"}, 280),
    ("wireshark/wpa2-psk-mfp.pcapng.gz", "Wireshark-pmf", "12345678",
     {"4e30e8c019bea43ea5262b10853b818d", "70cdbf2e5bc0ca22e53930818a5d80e4"}, 9),
]
PROTOCOLS = {"arp": "arp.opcode", "dhcp": "dhcp.id", "dns": "dns.id", "mdns": "dns.id", "ssdp": None}
OWN = {"arp": "operation", "dhcp": "xid", "dns": "id", "mdns": "id"}


class Failure(Exception):
    pass


def tshark(path, ssid, passphrase):
    fields = ["frame.number", "frame.protocols", "wlan.ta", "wlan.ra", "wlan.ccmp.extiv", "wlan.analysis.tk",
              "wlan.analysis.gtk", "arp.opcode", "dhcp.id", "dns.id", "udp.srcport", "udp.dstport"]
    command = ["tshark", "-n", "-r", path, "-o", "wlan.enable_decryption:TRUE", "-o",
               'uat:80211_keys:"wpa-pwd","%s:%s"' % (passphrase, ssid), "-T", "fields", "-E", "occurrence=f",
               "-Y", "wlan.fc.protected == 1"]
    for field in fields:
        command += ["-e", field]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [dict(zip(fields, line.split("\t"))) for line in out.splitlines()]


def messages(wattrail, path, *keys):
    done = subprocess.run([wattrail, "messages", "--format", "jsonl", *keys, path], capture_output=True)
    if done.returncode not in (0, 1):
        raise Failure("status %d" % done.returncode)
    return [json.loads(line) for line in done.stdout.splitlines()]


def expected(frames):
    """Frame to protocol and number, of each packet the first time that it was on the air."""
    found, seen = {}, set()
    for frame in frames:
        protocols = frame["frame.protocols"].split(":")
        which = (frame["wlan.ta"], frame["wlan.ra"], frame["wlan.ccmp.extiv"])
        again = which in seen
        seen.add(which)
        for protocol, field in PROTOCOLS.items():
            # Between the ports of DNS and mDNS a datagram may be either's, and is read as neither.
            either = {frame["udp.srcport"], frame["udp.dstport"]} == {"53", "5353"}
            if protocol in protocols and "icmp" not in protocols and not again and not either:
                found[int(frame["frame.number"])] = (protocol, int(frame[field], 0) if field else None)
    return found


def compare(wattrail, folder, work, name, ssid, passphrase, temporal, protected):
    path = os.path.join(folder, name)
    frames = tshark(path, ssid, passphrase)
    if {f[k] for f in frames for k in ("wlan.analysis.tk", "wlan.analysis.gtk") if f[k]} != temporal:
        raise Failure("tshark used other keys than Wireshark's tests expect")
    closed = {int(f["frame.number"]) for f in frames if not f["wlan.analysis.tk"] and not f["wlan.analysis.gtk"]}
    keyring = os.path.join(work, "keys")
    with open(keyring, "w") as file:
        file.write("wifi %s %s\n" % (ssid, passphrase))
    records = messages(wattrail, path, "--keys", keyring)
    own = {r["evidence"]["frame"]: (r["protocol"], r["fields"].get(OWN.get(r["protocol"], "")))
           for r in records if r["record"] == "message" and r["protocol"] in PROTOCOLS}
    there = expected(frames)
    for frame, what in there.items():
        if own.get(frame) != what:
            raise Failure("frame %d: %s and not %s" % (frame, own.get(frame), what))
    beyond = set(own) - set(there)
    tkip = [r for r in records if r["record"] == "message" and r["evidence"]["frame"] in beyond]
    if not beyond <= closed or any(r["evidence"]["transform"]["steps"] != "tkip" for r in tkip):
        raise Failure("messages in frames where tshark has none")
    for record in records:
        if record["record"] == "message" and record["key"]["name"] != "wifi " + ssid:
            raise Failure("a message does not name its key")
    print("%s: %d messages as tshark, %d beyond" % (name, len(there), len(beyond)))
    for line, reason in ((None, None), ("wifi %s %s!" % (ssid, passphrase), "no key of the keyring fits"),
                         ("wifi another %s" % passphrase, "no key to their network")):
        with open(keyring, "w") as file:
            file.write((line or "# nothing") + "\n")
        records = messages(wattrail, path, "--keys", keyring)
        source = records[-1]["sources"][0]
        if any(r["record"] == "message" for r in records) or source["encrypted_frames"] != protected:
            raise Failure("%s opens something" % (line or "no key"))
        if reason and not any(reason in r.get("reason", "") for r in records):
            raise Failure("no word of why frames stay encrypted")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    arguments = parser.parse_args()
    if not shutil.which("tshark") or not os.path.isdir(arguments.data):
        print("SKIP no tshark, or no captures to compare with")
        return 77
    try:
        for capture in CAPTURES:
            with tempfile.TemporaryDirectory() as work:
                compare(arguments.wattrail, arguments.data, work, *capture)
    except Failure as failure:
        print("FAIL %s: %s" % (capture[0], failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Opened TLS and DTLS beside tshark: tls_decrypt.py --plain PATH (--data DIR | --captures DIR)

PATH is the command line built with no protocol inside TLS, so that every opened byte comes out as it is. What it opens
of each stream and direction equals, by hash, what tshark opens with the same keys; what can't be opened gives nothing
and says why; wrong keys open nothing. Bytes are compared and never printed.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict

SKIP = 77
os.environ["ASAN_OPTIONS"] = "exitcode=99" # 1 is the tool's own
PSK = "ca19e028a8a372ad2d325f950fcaceed"


def lines_of(command, allowed=(0,)):
    done = subprocess.run(command, capture_output=True)
    if done.returncode not in allowed:
        raise SystemExit("%s: status %d\n%s" % (" ".join(command), done.returncode, done.stderr.decode(errors="replace")))
    return done.stdout.decode("utf-8", "surrogateescape").split("\n")


def bytes_of(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value.encode("utf-8", "surrogateescape")


def opened(plain, capture, keys):
    """(source, destination) to the opened bytes; and the sessions."""
    streams, sessions = defaultdict(bytes), []
    for line in lines_of([plain, "messages", "--format", "jsonl", *keys, capture], (0, 1)):
        record = json.loads(line) if line else {}
        if record.get("record") != "message":
            continue
        if record["protocol"] == "data":
            streams[record["src"], record["dst"]] += bytes_of(record["fields"]["payload"])
        elif record["type"] == "session":
            sessions.append(record["fields"])
    return dict(streams), sessions


def tshark(capture, options):
    """The same as tshark opens it, stream by stream."""
    base = ["tshark", "-r", capture, *options]
    streams, known = defaultdict(bytes), {}
    fields = ["-T", "fields", "-e", "tcp.stream", "-e", "ip.src", "-e", "tcp.srcport", "-e", "ip.dst", "-e", "tcp.dstport"]
    for line in lines_of(base + fields):
        stream, src, sport, dst, dport = line.split("\t") if "\t" in line else [""] * 5
        known.setdefault(stream, {"%s:%s" % (src, sport), "%s:%s" % (dst, dport)})
    for number in sorted(set(lines_of(base + ["-T", "fields", "-e", "tcp.stream"])) - {""}, key=int):
        nodes, part = {}, lines_of(base + ["-q", "-z", "follow,tls,raw," + number])
        for line in part:
            found = re.match(r"Node ([01]): (.*)", line)
            if found:
                nodes[int(found.group(1))] = found.group(2)
                if len(nodes) == 2: # tshark may not know the one that sent nothing
                    nodes = {i: name if name != ":0" else (known[number] - set(nodes.values())).pop()
                             for i, name in nodes.items()}
            elif re.match(r"\t?[0-9a-f]+$", line):
                ends = (nodes[1], nodes[0]) if line.startswith("\t") else (nodes[0], nodes[1])
                streams[ends] += bytes.fromhex(line.strip())
    return {ends: data for ends, data in streams.items() if data}


def tshark_datagrams(capture, options):
    streams = defaultdict(bytes)
    base = ["tshark", "-r", capture, *options]
    ends = {}
    fields = ["-Y", "dtls.app_data", "-T", "fields", "-e", "frame.number", "-e", "ip.src", "-e", "udp.srcport", "-e",
              "ip.dst", "-e", "udp.dstport"]
    for line in lines_of(base + fields):
        if line:
            number, src, sport, dst, dport = line.split("\t")
            ends[number] = ("%s:%s" % (src, sport), "%s:%s" % (dst, dport))
    for number, pair in ends.items():
        inside = False
        for line in lines_of(base + ["-Y", "frame.number==" + number, "-x"]):
            if not re.match(r"[0-9a-f]{4}  ", line):
                inside = line.startswith("Decrypted DTLS") if line else inside
            elif inside:
                streams[pair] += bytes.fromhex(line[6:53].replace(" ", ""))
    return dict(streams)


def hashes(streams):
    return {ends: (len(data), hashlib.sha256(data).hexdigest()[:16]) for ends, data in streams.items()}


class Checks:
    def __init__(self, plain, data, work):
        self.plain, self.data, self.work, self.failed = plain, data, work, False

    def path(self, *parts):
        return os.path.join(self.data, *parts)

    def say(self, name, fine, words):
        self.failed |= not fine
        print("%s: %s%s" % (name, "" if fine else "FAILED: ", words))

    def equal(self, name, capture, keys, options, datagrams=False):
        ours, sessions = opened(self.plain, capture, keys)
        theirs = (tshark_datagrams if datagrams else tshark)(capture, options)
        same = hashes(ours) == hashes(theirs)
        words = "%d bytes in %d directions" % (sum(map(len, ours.values())), len(ours))
        self.say(name, same and bool(theirs), words if same else "%s, tshark %s" % (hashes(ours), hashes(theirs)))
        whys = [s["not_opened"] for s in sessions if "not_opened" in s]
        if not any(s.get("opened") for s in sessions):
            self.say(name, False, "no session says that it was opened: %s" % whys)

    def equal_psk(self, name, capture, keyring):
        """tshark knows one pre-shared key at a time: what it opens with each is put together."""
        ours, _ = opened(self.plain, capture, ["--keys", keyring])
        theirs = {}
        with open(keyring) as lines:
            for line in lines:
                if line.startswith("psk "):
                    options = ["-o", "tls.psk:" + line.split()[2], "-d", "tcp.port==8884,tls"]
                    theirs.update(tshark(capture, options))
        same = hashes(ours) == hashes(theirs) and bool(theirs)
        self.say(name, same, "%d bytes in %d directions" % (sum(map(len, ours.values())), len(ours)))

    def none(self, name, capture, keys, why):
        ours, sessions = opened(self.plain, capture, keys)
        said = sorted({s.get("not_opened", "nothing") for s in sessions})
        fine = not ours and bool(sessions) and all(re.search(why, s.get("not_opened", "")) for s in sessions)
        self.say(name, fine, "nothing opened: %s" % said)

    def file(self, name, text):
        path = os.path.join(self.work, name)
        with open(path, "w") as out:
            out.write(text)
        return path

    def server_key(self):
        """A key of as many bits as the server's."""
        path = os.path.join(self.work, "other.pem")
        subprocess.run(["openssl", "genrsa", "-out", path, "1024"], capture_output=True, check=True)
        return path

    def altered(self, keylog):
        """The key log with a bit of each secret changed."""
        def other(found):
            return found.group(1) + "%02x" % (int(found.group(2), 16) ^ 1)
        with open(keylog) as text:
            return self.file("altered.keys", re.sub(r"(?m)^(\w+ [0-9A-Fa-f]+ [0-9A-Fa-f]*)([0-9A-Fa-f]{2})\s*$", other,
                                                   text.read()))


def wireshark(c):
    def path(*parts):
        return c.path("wireshark", *parts)

    def log(name):
        return "-o", "tls.keylog_file:" + path("keys", name)
    psk = ["--keys", c.file("psk.keys", "psk * %s\n" % PSK)]
    c.equal("tls12-dsb, secrets in the capture", path("tls12-dsb.pcapng"), [], [])
    c.equal("tls13-rfc8446", path("tls13-rfc8446.pcap"), ["--keylog", path("keys", "tls13-rfc8446.keys")],
            log("tls13-rfc8446.keys"))
    c.equal("tls13-rfc8446, without early data", path("tls13-rfc8446.pcap"),
            ["--keylog", path("keys", "tls13-rfc8446-noearly.keys")], log("tls13-rfc8446-noearly.keys"))
    c.equal("tls12-aes128ccm", path("tls12-aes128ccm.pcap"), psk, ["-o", "tls.psk:" + PSK])
    c.equal("dtls12-aes128ccm8", path("dtls12-aes128ccm8.pcap"), psk, ["-o", "dtls.psk:" + PSK], datagrams=True)
    rsa = path("keys", "rsasnakeoil2.key")
    uat = ["-o", 'uat:rsa_keys:"%s",""' % rsa]
    c.equal("rsasnakeoil2", path("rsasnakeoil2.pcap"), ["--rsa-key", rsa], uat)
    c.equal("tls-renegotiation", path("tls-renegotiation.pcap"), ["--rsa-key", rsa], uat)
    dtls = path("keys", "snakeoil-rsa.key")
    c.equal("snakeoil-dtls", path("snakeoil-dtls.pcap"), ["--rsa-key", dtls], ["-o", 'uat:rsa_keys:"%s",""' % dtls],
            datagrams=True)
    c.none("tls13-20-chacha20poly1305, a draft", path("tls13-20-chacha20poly1305.pcap"),
           ["--keylog", path("keys", "tls13-20-chacha20poly1305.keys")], "ServerHello|version")
    c.none("tls13-rfc8446, wrong keys", path("tls13-rfc8446.pcap"),
           ["--keylog", c.altered(path("keys", "tls13-rfc8446.keys"))], "wrong key|tag")
    c.none("rsasnakeoil2, another server's key", path("rsasnakeoil2.pcap"),            ["--rsa-key", c.server_key()], "wrong key|resumed")
    c.none("tls12-aes128ccm, no key", path("tls12-aes128ccm.pcap"), [], "no key: PSK")
    c.none("tls12-aes128ccm, wrong key", path("tls12-aes128ccm.pcap"),
           ["--keys", c.file("wrong.keys", "psk * 00112233445566778899aabbccddeeff\n")], "wrong key")


def made(c):
    def path(name):
        return c.path("made", "tls", name)
    for name in ("tls12_ecdhe_aes128gcm", "tls12_psk_aes128ccm8", "tls12_rsa_aes128cbc_sha", "tls12_rsa_aes128gcm",
                 "tls13_aes128ccm8", "tls13_aes128gcm"):
        keys = path(name + ".keys")
        options = ["-o", "tls.keylog_file:" + keys, "-d", "tcp.port==19000-19999,tls"]
        c.equal(name, path(name + ".pcap"), ["--keylog", keys], options)
        c.none(name + ", wrong keys", path(name + ".pcap"), ["--keylog", c.altered(keys)], "wrong key|tag")
    rsa = ["-o", 'uat:rsa_keys:"%s",""' % path("lab.key"), "-d", "tcp.port==19000-19999,tls"]
    for name in ("tls12_rsa_aes128cbc_sha", "tls12_rsa_aes128gcm"):
        c.equal(name + ", by the server's key", path(name + ".pcap"), ["--rsa-key", path("lab.key")], rsa)
    c.none("tls12_ecdhe_aes128gcm, by the server's key", path("tls12_ecdhe_aes128gcm.pcap"),
           ["--rsa-key", path("lab.key")], "no key: ECDHE needs the key log")
    psk = ["--keys", c.file("psk.keys", "psk * %s\n" % PSK)]
    c.none("dtls12_psk_ccm8_coap, no key", path("dtls12_psk_ccm8_coap.pcap"), [], "no key: PSK")
    c.none("dtls12_psk_ccm8_coap, wrong key", path("dtls12_psk_ccm8_coap.pcap"), psk, "wrong key")
    c.none("coaps_ecdhepsk", path("coaps_ecdhepsk_nondecryptable.pcap"), psk, "no key: ECDHE_PSK needs the key log")


def shipped(c):
    """The captures that ship, by their keyrings."""
    for name in ("tls12", "tls13"):
        keys, port = c.path(name, name + ".keys"), ["-d", "tcp.port==8883,tls"]
        c.equal(name, c.path(name, name + ".pcap"), ["--keys", keys], ["-o", "tls.keylog_file:" + keys, *port])
        c.none(name + ", wrong keys", c.path(name, name + ".pcap"), ["--keylog", c.altered(keys)], "wrong key|resumed")
        c.none(name + ", no keys", c.path(name, name + ".pcap"), [], "no key")
    c.equal_psk("tlspsk", c.path("tlspsk", "tlspsk.pcap"), c.path("tlspsk", "tlspsk.keys"))
    c.none("tlspsk, no keys", c.path("tlspsk", "tlspsk.pcap"), [], "no key: PSK")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plain", required=True)
    parser.add_argument("--data")
    parser.add_argument("--captures")
    options = parser.parse_args()
    if options.data and not os.path.isdir(os.path.join(options.data, "wireshark")):
        print("skipped: no third-party captures in %s" % options.data)
        sys.exit(SKIP)
    if subprocess.run(["sh", "-c", "command -v tshark"], capture_output=True).returncode != 0:
        print("skipped: tshark is not installed")
        sys.exit(SKIP)
    with tempfile.TemporaryDirectory() as work:
        checks = Checks(options.plain, options.data or options.captures, work)
        for part in (wireshark, made) if options.data else (shipped,):
            part(checks)
    sys.exit(checks.failed)


main()

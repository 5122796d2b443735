#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""TLS, DTLS and QUIC beside tshark and beside the JA4 authors: tls_reference.py --wattrail PATH --data DIR

Of every capture under DIR, the hellos' JA3, JA3S, server names and protocols, and the certificates in clear, must be
those that tshark finds, no more and no fewer (but for connections that tshark takes for another one's repeats). For every capture that has the authors' expected output beside it
(*.snap), the JA4 of every connection that is listed must be the same."""
import argparse
import collections
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
FIELDS = ("ja3", "ja3s", "extensions_server_name", "extensions_alpn_str", "certificate")


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode("utf-8", "replace")


def captures(data):
    found = []
    for pattern in ("*.pcap", "*.pcapng", "*.cap", "*.ntar", "*.pcap.gz"):
        found += glob.glob(os.path.join(data, "**", pattern), recursive=True)
    return sorted(found)


# ---- tshark


def without_secrets(path, work):
    """A copy of a pcapng without its Decryption Secrets Blocks, so that both see what an onlooker without keys
    sees. Other files as they are."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] != b"\n\r\r\n":
        return path
    kept, at, order = [], 0, "little"
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\n\r\r\n":
            order = "little" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else "big"
        kind, length = (int.from_bytes(data[at + k:at + k + 4], order) for k in (0, 4))
        if length < 12:
            break
        if kind != 10:
            kept.append(data[at:at + length])
        at += length
    copy = os.path.join(work, "bare.pcapng")
    with open(copy, "wb") as file:
        file.write(b"".join(kept) + data[at:])
    return copy


def by_tshark(path):
    """What stands in hellos and certificates, and in which frame."""
    names = [proto + ".handshake." + field for proto in ("tls", "dtls") for field in FIELDS]
    command = ["tshark", "-n", "-r", path, "-Y", "tls.handshake || dtls.handshake", "-T", "fields", "-E", "occurrence=a",
               "-E", "aggregator=|", "-E", "separator=/t"]
    for name in ["frame.number"] + names:
        command += ["-e", name]
    found = []
    for line in run(*command).splitlines():
        frame, *texts = line.split("\t")
        for name, text in zip(names, texts):
            for value in text.split("|") if text else ():
                field = name.split(".")[-1]
                if field == "certificate":
                    value = hashlib.sha256(bytes.fromhex(value.replace(":", ""))).hexdigest()
                found.append((int(frame), (field, value)))
    return found


def of_merged_streams(path):
    """Frames of connections that tshark takes for the one before: the same ports, and the same first sequence number
    again, so that it calls their segments retransmissions."""
    merged, begun, again = set(), set(), set()
    for line in run("tshark", "-n", "-r", path, "-Y", "tcp", "-T", "fields", "-e", "frame.number", "-e", "tcp.stream", "-e",
                    "tcp.flags.syn", "-e", "tcp.len").splitlines():
        frame, stream, syn, length = (int(text, 0) for text in line.split("\t"))
        if syn and stream in begun:
            again.add(stream)
        if length:
            begun.add(stream)
        if stream in again:
            merged.add(frame)
    return merged


# ---- wattrail


def messages(wattrail, path):
    for line in run(wattrail, "messages", "--format", "jsonl", path).splitlines():
        record = json.loads(line)
        if record["record"] == "message" and record["protocol"] in ("tls", "dtls", "quic"):
            yield record


def plain(value):
    return value if isinstance(value, str) else bytes.fromhex(value["hex"]).decode("latin-1")


def of_extensions(fields):
    for extension in fields.get("extensions", ()):
        value = extension.get("value")
        if extension["type"] == 0 and value is not None and not isinstance(value, dict):
            yield "extensions_server_name", plain(value)
        if extension["type"] == 16 and isinstance(value, list):
            for name in value:
                yield "extensions_alpn_str", plain(name)


def by_wattrail(wattrail, path):
    found = []
    for message in messages(wattrail, path):
        fields, frame = message["fields"], message["evidence"]["frame"]
        if message["type"] == "session":
            continue
        keys = [(name, fields[name]) for name in ("ja3", "ja3s") if name in fields]
        keys += of_extensions(fields)
        keys += [("certificate", certificate["sha256"]) for certificate in fields.get("certificate_list", ())]
        found += [(frame, key) for key in keys]
    return found


def differences(theirs, ours, without=()):
    """Keys that are not counted alike, with both counts."""
    left, right = (collections.Counter(key for frame, key in side if frame not in without) for side in (theirs, ours))
    return [(key, left[key], right[key]) for key in sorted(set(left) | set(right)) if left[key] != right[key]]


# ---- the JA4 authors' expectations


def connections(snap):
    """The entries of a snapshot: one a connection, with its members as text."""
    with open(snap, encoding="utf-8") as file:
        body = file.read().split("---", 2)[2]
    for entry in re.split(r"^- ", body, flags=re.MULTILINE)[1:]:
        members = re.findall(r"^(?:  )?(\w+): (.*)$", entry, flags=re.MULTILINE)
        yield {name: value.strip().strip('"') for name, value in members}


def endpoint(host, port):
    return "%s:%s" % ("[%s]" % host if ":" in host else host, port)


def check_ja4(wattrail, snap, wrong):
    path = snap[:-len(".snap")]
    ours = collections.defaultdict(set)
    for message in messages(wattrail, path):
        if message["type"] == "client_hello" and "ja4" in message["fields"]:
            ours[message["src"], message["dst"]].add(message["fields"]["ja4"])
    listed = 0
    for connection in connections(snap):
        if "ja4" not in connection:
            continue
        listed += 1
        ends = (endpoint(connection["src"], connection["src_port"]), endpoint(connection["dst"], connection["dst_port"]))
        if connection["ja4"] not in ours.get(ends, ()):
            wrong.append("%s: %s to %s is %s, not %s" % (os.path.basename(path), *ends, connection["ja4"],
                                                        ours.get(ends, "missing")))
    return listed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    given = parser.parse_args()
    paths = captures(given.data)
    if not paths or not shutil.which("tshark"):
        print("skipped: no captures under", given.data, "or no tshark")
        return SKIPPED
    wrong, values, listed = [], 0, 0
    with tempfile.TemporaryDirectory() as work:
        for path in paths:
            bare = without_secrets(path, work)
            theirs, ours = by_tshark(bare), by_wattrail(given.wattrail, bare)
            values += len(theirs)
            found = differences(theirs, ours)
            if found:
                found = differences(theirs, ours, of_merged_streams(path))
            for key, left, right in found:
                wrong.append("%s: %s %s: tshark %u, wattrail %u"
                             % (os.path.relpath(path, given.data), key[0], key[1], left, right))
    for snap in sorted(glob.glob(os.path.join(given.data, "tls", "ja4", "*.snap"))):
        listed += check_ja4(given.wattrail, snap, wrong)
    for line in wrong:
        print(line)
    print("%u captures, %u values beside tshark, %u connections with JA4; %u differences"
          % (len(paths), values, listed, len(wrong)))
    return 1 if wrong or not values or not listed else 0


sys.exit(main())

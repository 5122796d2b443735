#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Agreement of `wattrail messages` on HTTP with tshark: http_reference.py --wattrail PATH --data DIR

Every capture under --data in which tshark finds HTTP over TCP is read by both, and each message is compared: frame,
method, target, version, status, header fields, body. tshark's reassembly of bodies is on, as by default. Differences
that are right are named in EXCEPTIONS; one that no longer occurs is an error. What a capture holds is never printed.

Exit status: 0 agreement, 1 a difference, 77 nothing to compare with."""
import argparse
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

SKIPPED = 77

# capture: (what of it is compared, why). Messages that tshark alone shows, by frame, or None for all of them.
EXCEPTIONS = {
    "wireshark/http-ooo.pcap": (None, "requests of HTTP/1.1 without Host in a capture that begins within a connection, "
                                      "and a reassembly that joins two of them: nothing is believed"),
    "wireshark/tcp-badsegments.pcap": (None, "four losses within the requests, of which none is whole"),
    "tls/ja4/gre-erspan-vxlan.pcap": (None, "within GRE and VXLAN tunnels, which are not read"),
}


def veiled(value):
    data = value if isinstance(value, bytes) else json.dumps(value, sort_keys=True).encode()
    return "%d bytes, sha256:%s" % (len(data), hashlib.sha256(data).hexdigest()[:16])


def shown(fields, name):
    return fields[name][0].get("show") if name in fields else None


def lines(fields, name):
    return [f.get("show").replace("\\r\\n", "").rstrip("\r\n") for f in fields.get(name, [])]


def tshark_messages(path):
    """(frame, message) for each message of HTTP over TCP."""
    command = ["tshark", "-r", path, "-Y", "http and tcp and not ssdp", "-T", "pdml"]
    done = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _, packet in xml.iterparse(done.stdout):
        if packet.tag != "packet":
            continue
        number = int(next(f.get("show") for f in packet.iter("field") if f.get("name") == "frame.number"))
        for proto in packet.findall("proto"):
            if proto.get("name") != "http":
                continue
            fields = {}
            for field in proto.iter("field"):
                fields.setdefault(field.get("name"), []).append(field)
            if "http.request.method" not in fields and "http.response.code" not in fields:
                continue
            yield number, {
                "method": shown(fields, "http.request.method"),
                "target": shown(fields, "http.request.uri"),
                "version": shown(fields, "http.request.version") or shown(fields, "http.response.version"),
                "status": shown(fields, "http.response.code"),
                "headers": lines(fields, "http.request.line") or lines(fields, "http.response.line"),
                "body": fields["http.file_data"][0].get("value") if "http.file_data" in fields else None}
        packet.clear()


def text_of(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else (value or "").encode()


def our_messages(wattrail, path):
    command = [wattrail, "messages", "--format", "jsonl", "--reveal-secrets", path]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit("%s: status %d\n%s" % (path, done.returncode, done.stderr))
    for line in done.stdout.splitlines():
        record = json.loads(line)
        if record.get("record") != "message" or record["protocol"] != "http":
            continue
        fields = record["fields"]
        evidence = record["evidence"]
        last = max([evidence["frame"]] + [p["frame"] for p in evidence.get("parts", [])])
        yield last, {"method": fields.get("method"), "target": fields.get("target"), "version": fields["version"],
                     "status": str(fields["status"]) if "status" in fields else None,
                     "headers": ["%s: %s" % (h["name"], text_of(h["value"]).decode(errors="replace"))
                                 for h in fields["headers"]],
                     "body": text_of(fields.get("body")).hex() or None, "cut": fields.get("body_cut", False)}


def plain_header(line):
    name, _, value = line.partition(":")
    return name + ": " + value.strip()


def compare(name, frame, ours, theirs):
    wrong = []
    for field in ("method", "target", "version", "status"):
        if ours[field] != theirs[field]:
            wrong.append("%s frame %d: %s differs: %s, tshark %s" % (
                name, frame, field, veiled(ours[field]), veiled(theirs[field])))
    if [plain_header(h) for h in ours["headers"]] != [plain_header(h) for h in theirs["headers"]]:
        wrong.append("%s frame %d: header fields differ: %s, tshark %s" % (
            name, frame, veiled(ours["headers"]), veiled(theirs["headers"])))
    if not ours["cut"] and theirs["body"] is not None and ours["body"] != theirs["body"]:
        wrong.append("%s frame %d: body differs: %s, tshark %s" % (
            name, frame, veiled(ours["body"] or ""), veiled(theirs["body"])))
    return wrong


def one(wattrail, name, path):
    """Differences, and how many messages were compared."""
    theirs = list(tshark_messages(path))
    if not theirs:
        return [], 0
    ours = sorted(our_messages(wattrail, path), key=lambda m: m[0])
    if name in EXCEPTIONS:
        return (["%s: the exception does not occur" % name] if ours else []), 0
    key = lambda m: (m["method"] or "", m["target"] or "", m["status"] or "", m["headers"])
    left, wrong = list(ours), []
    for frame, message in theirs:
        # a message whose body is not read ends for us with its head
        fit = next((m for m in left if m[0] == frame), None)
        fit = fit or next((m for m in left if m[0] <= frame and key(m[1]) == key(message)), None)
        if not fit:
            wrong.append("%s frame %d: tshark alone has the message" % (name, frame))
            continue
        left.remove(fit)
        wrong += compare(name, frame, fit[1], message)
    wrong += ["%s frame %d: wattrail alone has the message" % (name, frame) for frame, _ in left]
    return wrong, len(theirs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    given = parser.parse_args()
    if not os.path.isdir(given.data) or not shutil.which("tshark"):
        print("SKIP: there is no tshark, or nothing at %s" % given.data)
        return SKIPPED
    failed = compared = 0
    for path in sorted(glob.glob(os.path.join(given.data, "**", "*.pcap*"), recursive=True)):
        if not path.endswith((".pcap", ".pcapng")):
            continue
        wrong, count = one(given.wattrail, os.path.relpath(path, given.data), path)
        compared += count
        failed += len(wrong)
        print("\n".join("FAIL " + w for w in wrong), end="\n" if wrong else "")
    print("%d messages compared, %d differences" % (compared, failed))
    return 1 if failed or not compared else 0


if __name__ == "__main__":
    sys.exit(main())

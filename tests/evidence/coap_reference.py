#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""CoAP messages, field by field, against tshark: coap_reference.py --wattrail PATH (--data DIR | --made | FILE ...)

For every CoAP message that tshark finds in the captures of DIR/coap/plugtests, in traffic made here with libcoap's
client and server over UDP and TCP, or in the files given: type, code, message id, token, every option by number and
value, payload, the resource that a request names or an answer is for, and the length of a body that came in blocks.
Exit status 1 with a sentence for each difference, 77 where tshark, the programs or the data are not there.

Where the two differ on purpose:
  - tshark also reads a datagram quoted in an ICMP message, which nobody sent again; wattrail does not.
  - tshark names the resource of an answer only while it holds its request to be the last one under that token and
    port pair; it names none for a notification. So its name is compared where it gives one.
  - tshark shows Size2 as if it were a Block option's size. Its value is taken from the option's bytes.
  - The captures that failed their test must bear a note of what was wrong, and those that passed must not bear it.
"""
import argparse
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIP = 77
TYPES = ("CON", "NON", "ACK", "RST")
TEXTS = {3: "uri_host", 8: "location_path", 11: "uri_path", 15: "uri_query", 20: "location_query", 35: "proxy_uri",
         39: "proxy_scheme"}
NUMBERS = {6: "observe", 7: "uri_port", 14: "max_age", 60: "size1", 16: "hop_limit"}
OPAQUE = {1: "if_match", 4: "etag"}
MEDIA = {12: "ctype", 17: "accept"}
BLOCKS = (23, 27)
NUMERIC = (28, 3412, 3420)
NULL_FORMAT = "text/plain" # tshark writes format 0 without its bytes in two ways

# What a capture that failed its test must say (a part of the note), and in which frames at least.
EXPECTED = {
    "TD_COAP_BLOCK_01_FAIL_BAD_SZX_From_Server": ("block size (SZX) is larger", {2}),
    "TD_COAP_CORE_02_FAIL_MULTIPLETIMES_205_Content_After_Delete": ("not one that answers", {12}),
    "TD_COAP_OBS_06_FAIL_NO_RST_SEND": ("neither acknowledged nor reset", {12, 13, 14}),
    "TD_COAP_OBS_07_FAIL_Server_Still_Send_Notification_Deletion": ("resource that was deleted", {142, 155, 168}),
    "TD_COAP_OBS_08_FAIL_New_val_sent_instead_of_Code500": ("another Content-Format", {29, 32, 35, 38, 41}),
    "TD_COAP_CORE_01_INCONCLUSIVE_no_payload": ("without a payload", {2}),
    "TD_COAP_CORE_08_INCONCLUSIVE_No_CoAPOptionContentFormat": ("no Content-Format", {1}),
}
# Notes that tell of a failed test, and stand in no capture that passed it.
GRAVE = ("larger than was asked", "not one that answers", "resource that was deleted", "another Content-Format",
         "after the client ended", "option's length", "not known", "token is not")


class Several(dict):
    """A JSON object whose repeated names keep all their values, in order."""

    def __init__(self, pairs):
        super().__init__()
        self.pairs = pairs
        for name, value in pairs:
            self.setdefault(name, value)


def tshark(path):
    """frame number -> the message as tshark has it."""
    done = subprocess.run(["tshark", "-r", path, "-T", "json", "-x", "-Y", "coap && !icmp", "-o",
                           "udp.check_checksum:FALSE"], capture_output=True, check=True)
    packets = json.loads(done.stdout or b"[]", object_pairs_hook=Several)
    found = {}
    for packet in packets:
        layers = packet["_source"]["layers"]
        inside = [value for name, value in layers.pairs if name == "coap"]
        for n, coap in enumerate(inside):
            found[(int(layers["frame"]["frame.number"]), n)] = message(layers, coap, len(inside) == 1)
    return found


def message(layers, coap, alone):
    frame = bytes.fromhex(layers["frame_raw"][0])
    carrier = layers["udp"]["udp.payload_raw"] if "udp" in layers else layers["tcp"]["tcp.payload_raw"]
    end = carrier[1] + carrier[2]
    read = {"code": "%d.%02d" % (int(coap["coap.code"]) >> 5, int(coap["coap.code"]) & 31),
            "token": coap.get("coap.token", "").replace(":", ""), "options": options(coap, frame),
            "resource": coap.get("coap.opt.uri_path_recon"), "body": body(coap)}
    if "udp" in layers:
        read.update(type=TYPES[int(coap["coap.type"])], message_id=int(coap["coap.mid"]))
    marker = coap.get("coap.opt.end_marker_raw")
    if alone: # where several messages stand in a segment, their ends are not told
        read["payload"] = frame[marker[1] + 1:end] if marker else None
    return read


def body(coap):
    """The length of the body that this message completes."""
    blocks = coap.get("coap.blocks") or {}
    length = blocks.get("coap.block.reassembled.length")
    return int(length) if length is not None else None


def options(coap, frame):
    """Pairs of number and value, in order. A signal's numbers are its own: their values stay bytes."""
    signal_code = int(coap["coap.code"]) >> 5 == 7
    found, number = [], 0
    raws = [value for name, value in coap.pairs if name == "coap.opt.name_raw"]
    trees = [value for name, value in coap.pairs if name == "coap.opt.name_tree"]
    assert len(raws) == len(trees)
    for raw, tree in zip(raws, trees):
        delta = int(tree.get("coap.opt.delta_ext", tree["coap.opt.delta"]))
        delta += {"13": 13, "14": 269}.get(tree["coap.opt.delta"], 0) if "coap.opt.delta_ext" in tree else 0
        length = int(tree.get("coap.opt.length_ext", tree["coap.opt.length"]))
        length += {"13": 13, "14": 269}.get(tree["coap.opt.length"], 0) if "coap.opt.length_ext" in tree else 0
        number += delta
        last = raw[1] + raw[2]
        stands = frame[last - length:last]
        found.append((number, stands if signal_code else value_of(number, tree, stands)))
    return found


def value_of(number, tree, stands):
    own = lambda names: tree.get("coap.opt." + names[number])
    if number in TEXTS:
        return own(TEXTS) if own(TEXTS) is not None else ""
    if number in NUMBERS:
        return int(own(NUMBERS))
    if number in OPAQUE:
        return own(OPAQUE).replace(":", "")
    if number in MEDIA:
        name = own(MEDIA).replace(" ", "")
        return (int.from_bytes(stands, "big"), name if stands else NULL_FORMAT)
    if number in BLOCKS:
        return (int(tree["coap.opt.block_number"]), tree["coap.opt.block_mflag"] in ("1", "True"),
                int(tree["coap.opt.block_size"]))
    if number in NUMERIC:
        return int.from_bytes(stands, "big")
    return stands


def text_bytes(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value.encode()


def said_value(option, signal_code):
    """A value of wattrail's in the same form."""
    number, value = option["number"], option.get("value")
    if signal_code:
        number = None
    if number in OPAQUE:
        return value["hex"]
    if number in MEDIA:
        return (value, option.get("media_type", "") if value else NULL_FORMAT)
    if number in BLOCKS:
        return (value["num"], value["m"], value["szx"])
    if number in TEXTS or number in NUMBERS or number in NUMERIC:
        return value
    if isinstance(value, int): # an option of a signal
        return value.to_bytes((value.bit_length() + 7) // 8, "big")
    return b"" if value is None else text_bytes(value)


def wattrail(tool, path):
    done = subprocess.run([tool, "messages", "--format", "jsonl", path], capture_output=True)
    if done.returncode not in (0, 1):
        raise SystemExit("%s: status %d: %s" % (path, done.returncode, done.stderr.decode(errors="replace")))
    found, count = {}, {}
    for line in map(json.loads, done.stdout.splitlines()):
        if line["record"] == "message" and line["protocol"] == "coap":
            frame = line["evidence"]["frame"]
            found[(frame, count.setdefault(frame, 0))] = line["fields"]
            count[frame] += 1
    return found


def differences(said, right):
    for name in ("type", "code", "message_id", "token"):
        if said.get(name) != right.get(name):
            yield "%s is %r and tshark has %r" % (name, said.get(name), right.get(name))
    own = [(option["number"], said_value(option, said["code"][0] == "7")) for option in said["options"]]
    if own != right["options"]:
        yield "the options are %r and tshark has %r" % (own, right["options"])
    payload = text_bytes(said["payload"]) if "payload" in said else None
    if "payload" in right and payload != right["payload"]:
        yield "the payload is %r and tshark has %r" % (payload, right["payload"])
    whole = said.get("body", said.get("payload", "")) # of a single block it is the payload
    body_length = len(text_bytes(whole))
    # Where two transfers come from the same port by chance, tshark joins the blocks of both; what was sent is known here.
    if right["body"] is not None and body_length != right["body"] and whole != BIG:
        yield "the body is %r bytes long and tshark has %r" % (body_length, right["body"])
    path = [option["value"] for option in said["options"] if option["number"] == 11]
    resource = "/" + "/".join(path) if path else said.get("request", {}).get("uri_path")
    if right["resource"] is not None and resource != re.sub(r"^coap://[^/]*|[?].*$", "", right["resource"]):
        yield "the resource is %r and tshark has %r" % (resource, right["resource"])


def notes(name, said):
    """What is wrong with the notes of anomalies."""
    noted = {(frame, text) for (frame, _), fields in said.items() for text in fields.get("anomalies", [])}
    if name in EXPECTED:
        words, frames = EXPECTED[name]
        missing = frames - {frame for frame, text in noted if words in text}
        if missing:
            yield "no note of %r in frames %s" % (words, sorted(missing))
    elif "PASS" in name:
        for frame, text in sorted(noted):
            if any(words in text for words in GRAVE):
                yield "frame %d: a note in a capture that passed its test: %s" % (frame, text)


def compare(tool, path):
    name = os.path.splitext(os.path.basename(path))[0]
    said, right = wattrail(tool, path), tshark(path)
    wrong = ["frame %d has a CoAP message for %s alone" % (place[0], "tshark" if place in right else "wattrail")
             for place in sorted(set(said) ^ set(right))]
    for place in sorted(set(said) & set(right)):
        wrong += ["frame %d: %s" % (place[0], sentence) for sentence in differences(said[place], right[place])]
    wrong += notes(name, said)
    for sentence in wrong:
        print("%s: %s" % (name, sentence))
    return len(right), len(wrong)


# ---- traffic of libcoap's

PROGRAMS = ("coap-server-notls", "coap-client-notls", "tcpdump", "unshare", "ip")
BIG = "The quick brown fox jumps over the lazy dog. " * 70
CLIENT = (
    ["-m", "get", "coap://127.0.0.1/"],
    ["-m", "get", "coap://127.0.0.1/.well-known/core"],
    ["-m", "get", "-A", "40", "coap://127.0.0.1/.well-known/core?rt=ticks"],
    ["-m", "get", "-b", "16", "coap://127.0.0.1/"],
    ["-m", "get", "-N", "coap://127.0.0.1/time?ticks"],
    ["-m", "get", "-T", "0123456789abcdef"[:8], "coap://127.0.0.1/time"],
    ["-m", "get", "-s", "3", "coap://127.0.0.1/time"],
    ["-m", "get", "coap://127.0.0.1/async?1"],
    ["-m", "put", "-e", BIG, "-t", "0", "-b", "256", "coap://127.0.0.1/example_data"],
    ["-m", "get", "-b", "64", "coap://127.0.0.1/example_data"],
    ["-m", "put", "-e", "x", "-t", "json", "coap://127.0.0.1/new/one"],
    ["-m", "post", "-e", "y", "coap://127.0.0.1/new/one"],
    ["-m", "delete", "coap://127.0.0.1/new/one"],
    ["-m", "get", "coap://127.0.0.1/" + "long/" * 30 + "?" + "q" * 300],
    ["-m", "get", "coap+tcp://127.0.0.1/"],
    ["-m", "get", "-s", "2", "coap+tcp://127.0.0.1/time"],
    ["-m", "get", "coap+tcp://127.0.0.1/nothing"],
)


def make(path):
    """Runs inside a network namespace: the client's words to the server, recorded."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    sniffer = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-w", path], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    while "listening on" not in sniffer.stderr.readline():
        pass
    server = subprocess.Popen(["coap-server-notls", "-A", "127.0.0.1", "-d", "10"], **quiet)
    time.sleep(0.5)
    for words in CLIENT:
        subprocess.run(["coap-client-notls", "-B", "5", *words], timeout=30, **quiet)
    time.sleep(0.5)
    server.kill()
    server.wait()
    sniffer.send_signal(signal.SIGINT)
    sniffer.communicate(timeout=10)


def made(folder):
    """A capture of libcoap's traffic; None, with the reason, where it can't be made."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return None, "not installed: " + ", ".join(missing)
    path = os.path.join(folder, "libcoap.pcap")
    for private in (["--net"], ["--user", "--map-root-user", "--net"]):
        done = subprocess.run(["unshare", *private, sys.executable, "-B", os.path.abspath(__file__), "--make", path],
                              capture_output=True, text=True)
        if done.returncode == 0:
            return path, None
    return None, "network namespaces are not permitted here"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", default="wattrail")
    parser.add_argument("--data")
    parser.add_argument("--made", action="store_true")
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="*")
    given = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if given.make:
        make(given.make)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return run(given, folder)


def run(given, folder):
    if given.made:
        path, reason = made(folder)
        if not path:
            print("skipped: " + reason)
            return SKIP
        given.files = [path]
    paths = given.files or sorted(glob.glob(os.path.join(given.data or "", "coap", "plugtests", "*", "*.pcap")))
    if not shutil.which("tshark") or not paths:
        print("skipped: %s" % ("tshark is not installed" if paths else "no captures in coap/plugtests"))
        return SKIP
    counts = [compare(given.wattrail, path) for path in paths]
    messages, wrong = (sum(column) for column in zip(*counts))
    print("%d messages of %d captures: %s" % (messages, len(paths), "%d differences" % wrong if wrong else
                                              "every field agrees with tshark"))
    return 1 if wrong else 0


sys.exit(main())

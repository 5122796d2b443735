#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""CoAP messages, field by field, against tshark: coap_reference.py --wattrail PATH (--data DIR | FILE ...)

For every CoAP message that tshark finds in the captures of DIR/coap/plugtests (or in the files given): type, code,
message id, token, every option by number and value, payload, and the resource that a request names or an answer is
for. Exit status 1 with a sentence for each difference, 77 where tshark or the data are not there.

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
import subprocess
import sys

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
        found[int(layers["frame"]["frame.number"])] = message(layers)
    return found


def message(layers):
    coap = layers["coap"]
    frame = bytes.fromhex(layers["frame_raw"][0])
    carrier = layers["udp"]["udp.payload_raw"]
    end = carrier[1] + carrier[2]
    read = {"type": TYPES[int(coap["coap.type"])], "message_id": int(coap["coap.mid"]),
            "code": "%d.%02d" % (int(coap["coap.code"]) >> 5, int(coap["coap.code"]) & 31),
            "token": coap.get("coap.token", "").replace(":", ""), "options": options(coap, frame),
            "resource": coap.get("coap.opt.uri_path_recon"), "body": body(layers)}
    marker = coap.get("coap.opt.end_marker_raw")
    read["payload"] = frame[marker[1] + 1:end] if marker else None
    return read


def body(layers):
    """The length of the body that this message completes."""
    blocks = layers["coap"].get("coap.blocks") or {}
    length = blocks.get("coap.block.reassembled.length")
    return int(length) if length is not None else None


def options(coap, frame):
    """Pairs of number and value, in order."""
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
        found.append((number, value_of(number, tree, frame[last - length:last])))
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


def said_value(option):
    """A value of wattrail's in the same form."""
    number, value = option["number"], option.get("value")
    if number in OPAQUE:
        return value["hex"]
    if number in MEDIA:
        return (value, option.get("media_type", "") if value else NULL_FORMAT)
    if number in BLOCKS:
        return (value["num"], value["m"], value["szx"])
    if number in TEXTS or number in NUMBERS or number in NUMERIC:
        return value
    return b"" if value is None else text_bytes(value)


def wattrail(tool, path):
    done = subprocess.run([tool, "messages", "--format", "jsonl", path], capture_output=True)
    if done.returncode not in (0, 1):
        raise SystemExit("%s: status %d: %s" % (path, done.returncode, done.stderr.decode(errors="replace")))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["evidence"]["frame"]: line["fields"] for line in lines
            if line["record"] == "message" and line["protocol"] == "coap"}


def differences(said, right):
    for name in ("type", "code", "message_id", "token"):
        if said[name] != right[name]:
            yield "%s is %r and tshark has %r" % (name, said[name], right[name])
    own = [(option["number"], said_value(option)) for option in said["options"]]
    if own != right["options"]:
        yield "the options are %r and tshark has %r" % (own, right["options"])
    payload = text_bytes(said["payload"]) if "payload" in said else None
    if payload != right["payload"]:
        yield "the payload is %r and tshark has %r" % (payload, right["payload"])
    whole = said.get("body", said.get("payload", "")) # of a single block it is the payload
    body_length = len(text_bytes(whole))
    if right["body"] is not None and body_length != right["body"]:
        yield "the body is %r bytes long and tshark has %r" % (body_length, right["body"])
    path = [option["value"] for option in said["options"] if option["number"] == 11]
    resource = "/" + "/".join(path) if path else said.get("request", {}).get("uri_path")
    if right["resource"] is not None and resource != re.sub(r"^coap://[^/]*|[?].*$", "", right["resource"]):
        yield "the resource is %r and tshark has %r" % (resource, right["resource"])


def notes(name, said):
    """What is wrong with the notes of anomalies."""
    noted = {(frame, text) for frame, fields in said.items() for text in fields.get("anomalies", [])}
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
    wrong = ["frame %d is a CoAP message for %s alone" % (frame, "tshark" if frame in right else "wattrail")
             for frame in sorted(set(said) ^ set(right))]
    for frame in sorted(set(said) & set(right)):
        wrong += ["frame %d: %s" % (frame, sentence) for sentence in differences(said[frame], right[frame])]
    wrong += notes(name, said)
    for sentence in wrong:
        print("%s: %s" % (name, sentence))
    return len(right), len(wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data")
    parser.add_argument("files", nargs="*")
    given = parser.parse_args()
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

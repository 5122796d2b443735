#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check_origin.py TIMELINE.jsonl CAPTURE: whether every line of a timeline leads back to its bytes.
check_origin.py --self-test

For each event and finding that cites a frame of the capture: record_offset is where that frame's record
starts, the cited bytes lie inside the frame's packet, and they hold the values that `raw` gives as they stood:
exactly, where there is one; each of them, where there are several. The same for every one of `parts` and
`also`. Frames are found by a reader of its own here, and by tshark where it is installed; the two must agree.
Exit status 1 with a sentence for each difference."""

import gzip
import hashlib
import json
import shutil
import struct
import subprocess
import sys

CLASSIC = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}
SECTION, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 0x0A0D0D0A, 2, 3, 6


def kasa_xor(found, before, place):
    """Each byte with the one before it; the first of a message with 171."""
    return bytes(b ^ k for b, k in zip(found, (bytes([before]) if place else b"\xab") + found))


# Ciphers that keep every byte in its place: the cited bytes, the byte before them in the file, their place in the
# plain text, to the plain bytes.
OPENINGS = {"kasa-xor": kasa_xor}


def begins_segment(data, frame, offset):
    """Whether the byte is the first of a TCP segment on Ethernet and IPv4: the one before it in the stream is then in
    another frame."""
    at = frame.start + 14
    if data[at - 2:at] != b"\x08\x00" or data[at] >> 4 != 4 or data[at + 9] != 6:
        return False
    tcp = at + (data[at] & 15) * 4
    return offset == tcp + (data[tcp + 12] >> 4) * 4


class Frame:
    def __init__(self, record, start, length):
        self.record, self.start, self.end = record, start, start + length


def classic_frames(data, order):
    at = 24
    while at + 16 <= len(data):
        _, _, captured, _ = struct.unpack_from(order + "IIII", data, at)
        if at + 16 + captured > len(data):
            return
        yield Frame(at, at + 16, captured)
        at += 16 + captured


def pcapng_frames(data):
    at, order, snap = 0, "<", []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            snap = []
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or length % 4 or at + length > len(data):
            return
        if kind == 1:
            snap.append(struct.unpack_from(order + "HHI", data, at + 8)[2])
        elif kind in (ENHANCED_PACKET, OLD_PACKET):
            yield Frame(at, at + 28, struct.unpack_from(order + "I", data, at + 20)[0])
        elif kind == SIMPLE_PACKET:
            original = struct.unpack_from(order + "I", data, at + 8)[0]
            limit = snap[0] if snap and snap[0] else original
            yield Frame(at, at + 12, min(original, limit, length - 16))
        at += length


def read_capture(path):
    with open(path, "rb") as file:
        stored = file.read()
    data = gzip.decompress(stored) if stored[:2] == b"\x1f\x8b" else stored
    if data[:4] in CLASSIC:
        frames = list(classic_frames(data, CLASSIC[data[:4]]))
    elif data[:4] == b"\x0a\x0d\x0d\x0a":
        frames = list(pcapng_frames(data))
    else:
        raise ValueError(path + " is neither pcap nor pcapng")
    return data, frames, hashlib.sha256(stored).hexdigest()


def tshark_offsets(path):
    """frame.number -> frame.file_off, or None without tshark."""
    if not shutil.which("tshark"):
        return None
    done = subprocess.run(
        ["tshark", "-r", path, "-o", "frame.show_file_off:TRUE", "-T", "fields", "-e", "frame.number", "-e",
         "frame.file_off"], capture_output=True, text=True)
    return {int(number): int(offset) for number, offset in (line.split() for line in done.stdout.splitlines())}


def raw_bytes(value):
    """The texts of a raw value; numbers come as the text in which they stand (see load)."""
    if isinstance(value, dict):
        if set(value) == {"hex"}:
            yield bytes.fromhex(value["hex"])
        else:
            for inner in value.values():
                yield from raw_bytes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from raw_bytes(inner)
    elif isinstance(value, bool):
        yield b"true" if value else b"false"
    elif value is None:
        yield b"null"
    else:
        yield str(value).encode()


MASKS = ("websocket", "websocket-mask")


def is_sealed(line):
    """Whether the cited bytes are those of a TLS record, which need its key to be read (tls_decrypt.py reads them)."""
    steps = ((line.get("evidence") or {}).get("transform") or {}).get("steps", "")
    return steps.startswith(("tls", "dtls", "ssl3"))



def masked_alike(one, other):
    """Whether the bytes differ by a mask of four bytes alone, as WebSocket's do (RFC 6455 5.3)."""
    mask = [a ^ b for a, b in zip(one, other)]
    return all(mask[i] == mask[i % 4] for i in range(len(mask)))


class Check:
    def __init__(self, lines, data, frames, digest):
        self.data, self.frames, self.wrong = data, frames, []
        self.cited = self.values = self.copies = 0
        self.lines = lines
        self.has_websocket = any("/websocket/" in str(line.get("path")) for line in lines)
        summary = lines[-1] if lines and lines[-1].get("record") == "summary" else {}
        self.source = next((str(s["source"]) for s in summary.get("sources", []) if s.get("sha256") == digest), None)

    def run(self):
        if self.source is None:
            self.wrong.append("no source of the timeline has the capture's SHA-256")
            return self.wrong
        for line in self.lines:
            evidence = line.get("evidence")
            if line.get("record") in ("event", "finding") and evidence and "frame" in evidence:
                if str(evidence.get("source")) == self.source:
                    self.line(line, evidence)
        return self.wrong

    def line(self, line, evidence):
        self.cited += 1
        name = "%s %s (frame %s)" % (line["record"], line.get("id", line.get("where")), evidence["frame"])
        found = self.whole(name, evidence)
        if line["record"] == "event" and found is not None:
            self.holds_opened(name, line, evidence, found)
        for copy in line.get("also", []):
            if str(copy.get("source", self.source)) != self.source:
                continue
            self.copies += 1
            again = self.whole(name + ", also %s in frame %s" % (copy.get("as"), copy.get("frame")), copy)
            # a copy cut in two by its segments cites its first share, as evidence without `parts` does
            # a last will, and its relays, beside the end of the session that it tells of: the same fact in other bytes
            same_fact = line.get("kind") == "session.close"
            if again is None or found is None or same_fact:
                continue
            if again and self.has_websocket and masked_alike(found, again):
                continue
            if is_sealed(line):
                if not again or len(again) > len(found):
                    self.wrong.append("%s: its copy in frame %s has another length" % (name, copy.get("frame")))
                continue
            if not again or not found.startswith(again):
                self.wrong.append("%s: its copy in frame %s has other bytes" % (name, copy.get("frame")))

    def holds_opened(self, name, line, evidence, found):
        """Credentials show hashes in the bytes' place. What a stream cipher hid has a place of its own."""
        transform = evidence.get("transform")
        if line.get("kind") == "credential":
            return
        if transform is None:
            self.holds(name, line.get("raw") or {}, found)
        elif transform["steps"] in OPENINGS:
            if int(transform["length"]) != len(found):
                self.wrong.append("%s: %s bytes are said to be opened, and %d are cited" % (
                    name, transform["length"], len(found)))
            offset, place = int(evidence["offset"]), int(transform["offset"])
            opened = OPENINGS[transform["steps"]](found, self.data[offset - 1], place)
            blind = place > 0 and begins_segment(self.data, self.frames[int(evidence["frame"]) - 1], offset)
            self.holds(name, line.get("raw") or {}, opened, blind)
        elif is_sealed(line):
            self.seals(name, line.get("raw") or {}, transform, found)
        elif transform["steps"] in MASKS:
            self.masks(name, line.get("raw") or {}, found)

    def whole(self, name, evidence):
        """The cited bytes, put together from their parts; None where the citation is wrong."""
        if "parts" not in evidence:
            return self.piece(name, evidence)
        pieces = [self.piece("%s, part %d" % (name, n), {"source": evidence.get("source"), **part})
                  for n, part in enumerate(evidence["parts"], 1)]
        first = evidence["parts"][0] if evidence["parts"] else {}
        named = ("frame", "record_offset", "offset", "length")
        if any(evidence.get(k) != first.get(k, evidence.get(k)) for k in named):
            self.wrong.append(name + ": it does not cite the first of its parts")
        return None if None in pieces or not pieces else b"".join(pieces)

    def piece(self, name, evidence):
        number, offset, length = (int(evidence[k]) for k in ("frame", "offset", "length"))
        if not 1 <= number <= len(self.frames):
            self.wrong.append("%s: the capture has %d frames" % (name, len(self.frames)))
            return None
        frame = self.frames[number - 1]
        if int(evidence["record_offset"]) != frame.record:
            self.wrong.append("%s: record_offset %s, and the record starts at %d" % (
                name, evidence["record_offset"], frame.record))
        if not frame.start <= offset <= offset + length <= frame.end:
            self.wrong.append("%s: bytes %d..%d lie outside the packet, %d..%d" % (
                name, offset, offset + length, frame.start, frame.end))
            return None
        return self.data[offset:offset + length]

    def masks(self, name, raw, found):
        """A single raw value, masked; of several, nothing tells which mask byte is whose."""
        texts = [text for value in raw.values() for text in raw_bytes(value)]
        self.values += len(texts)
        if len(texts) == 1 and (len(texts[0]) != len(found) or not masked_alike(texts[0], found)):
            self.wrong.append("%s: raw is %r and the cited bytes are not that under a mask" % (name, texts[0]))

    def seals(self, name, raw, transform, found):
        """Behind a stream cipher there are as many bytes as were opened, and a single raw value has that length. A
        block cipher's record is cited whole, and is longer."""
        texts = [text for value in raw.values() for text in raw_bytes(value)]
        self.values += len(texts)
        length = int(transform["length"])
        if "-cbc" in transform["steps"] and len(found) <= length:
            self.wrong.append("%s: %d bytes are cited for %d opened ones" % (name, len(found), length))
        if "-cbc" not in transform["steps"] and len(found) != length:
            self.wrong.append("%s: %d bytes are cited for %d opened ones" % (name, len(found), length))
        if len(texts) == 1 and len(texts[0]) != length:
            self.wrong.append("%s: raw is %r, and %d bytes were opened" % (name, texts[0], length))

    def holds(self, name, raw, found, blind=False):
        """Whether the bytes hold the values; `blind`: the first of the bytes can't be known."""
        texts = [text for value in raw.values() for text in raw_bytes(value)]
        self.values += len(texts)
        same = lambda text: found == text or (blind and found[1:] == text[1:])
        if len(texts) == 1 and not same(texts[0]):
            self.wrong.append("%s: raw is %r and the cited bytes are %r" % (name, texts[0], found[:80]))
        for text in texts if len(texts) > 1 else ():
            if text not in found and not (blind and found.startswith(text[1:], 1)):
                self.wrong.append("%s: raw %r is not in the cited bytes %r" % (name, text, found[:120]))


def load(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line, parse_float=str, parse_int=str) for line in file if line.strip()]


# ---- the self-test: two frames, one event with a copy, and one error at a time

def small_case():
    packets = [b"....POWER ON....", b"....relay: POWER ON....", b"....O", b"N....",
               b"...." + bytes(a ^ b for a, b in zip(b"{1}", b"\xab\xd0\xe1")) + b"...."]
    data, starts = b"\xd4\xc3\xb2\xa1" + bytes(20), []
    for packet in packets:
        starts.append(len(data))
        data += struct.pack("<IIII", 1, 0, len(packet), len(packet)) + packet
    place = lambda frame, at, length: {"source": 0, "frame": frame, "record_offset": starts[frame - 1],
                                       "offset": starts[frame - 1] + 16 + at, "length": length}
    digest = hashlib.sha256(data).hexdigest()
    lines = [
        {"record": "event", "id": "a", "raw": {"POWER": "ON"}, "evidence": place(1, 10, 2),
         "also": [{"as": "relay", **place(2, 17, 2)}]},
        {"record": "event", "id": "b", "raw": {"what": "POWER", "value": "ON"}, "evidence": place(2, 11, 8)},
        {"record": "event", "id": "c", "raw": {"value": "ON"},
         "evidence": {**place(3, 4, 1), "parts": [place(3, 4, 1), place(4, 0, 1)]}},
        {"record": "event", "id": "d", "kind": "power.state", "raw": {"state": "1"}, "evidence": {
            **place(5, 5, 1), "transform": {"steps": "kasa-xor", "offset": 1, "length": 1}}},
        {"record": "summary", "sources": [{"source": 0, "sha256": digest}]}]
    return lines, data, list(classic_frames(data, "<")), digest


def self_test():
    plants = {
        "nothing": lambda lines: None,
        "record_offset": lambda lines: lines[0]["evidence"].update(record_offset=25),
        "frame": lambda lines: lines[0]["evidence"].update(frame=2),
        "no such frame": lambda lines: lines[0]["evidence"].update(frame=9),
        "other bytes": lambda lines: lines[0]["evidence"].update(offset=lines[0]["evidence"]["offset"] - 1),
        "too many bytes": lambda lines: lines[0]["evidence"].update(length=3),
        "outside the packet": lambda lines: lines[0]["evidence"].update(offset=30),
        "the copy's bytes": lambda lines: lines[0]["also"][0].update(offset=lines[0]["also"][0]["offset"] + 1),
        "the copy's record": lambda lines: lines[0]["also"][0].update(record_offset=24),
        "one of several values": lambda lines: lines[1]["raw"].update(value="OFF"),
        "a part": lambda lines: lines[2]["evidence"]["parts"][1].update(length=2),
        "the first part": lambda lines: lines[2]["evidence"].update(offset=lines[2]["evidence"]["offset"] + 1),
        "an enciphered value": lambda lines: lines[3]["raw"].update(state="0"),
        "its place in the plain text": lambda lines: lines[3]["evidence"]["transform"].update(length=2),
        "the source": lambda lines: lines[4]["sources"][0].update(sha256="0"),
    }
    failed = []
    for name, plant in plants.items():
        lines, data, frames, digest = small_case()
        plant(lines)
        if bool(Check(lines, data, frames, digest).run()) != (name != "nothing"):
            failed.append(name)
    print("self-test: " + ("failed: " + ", ".join(failed) if failed else "all caught"))
    return 1 if failed else 0


def main(words):
    if words == ["--self-test"]:
        return self_test()
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    data, frames, digest = read_capture(words[1])
    check = Check(load(words[0]), data, frames, digest)
    wrong = check.run()
    offsets = tshark_offsets(words[1])
    if offsets is not None and offsets != {n: f.record for n, f in enumerate(frames, 1)}:
        wrong.append("tshark's frame.file_off and the reader here disagree")
    for sentence in wrong:
        print(sentence)
    print("%d lines cite %d of %d frames' values, %d copies%s: %s" % (
        check.cited, check.values, len(frames), check.copies, "" if offsets is not None else
        " (tshark is not installed, so its count was not compared)",
        "%d differences" % len(wrong) if wrong else "all lead back to their bytes"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
"""Kasa's protocol as its clients speak it, and captures of it: a cipher of its own, and frames with checksums.
Nothing here knows the library."""

import struct

PORT = 9999


def encipher(text):
    key, made = 171, bytearray()
    for byte in text.encode():
        key ^= byte
        made.append(key)
    return bytes(made)


def decipher(body):
    return bytes(b ^ k for b, k in zip(body, b"\xab" + body))


def framed(text):
    body = encipher(text)
    return struct.pack(">I", len(body)) + body


def total(data):
    if len(data) % 2:
        data += b"\0"
    value = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while value >> 16:
        value = (value & 0xffff) + (value >> 16)
    return ~value & 0xffff


def address(text):
    return bytes(int(part) for part in text.split("."))


class Capture:
    """A pcap under construction. Each packet comes a millisecond after the one before it."""

    def __init__(self, start_ns=1_700_000_000_000_000_000):
        self.now, self.frames = start_ns, 0
        self.data = struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1)

    def packet(self, source, target, protocol, segment):
        pseudo = address(source) + address(target) + struct.pack(">BBH", 0, protocol, len(segment))
        at = 16 if protocol == 6 else 6
        segment = segment[:at] + struct.pack(">H", total(pseudo + segment)) + segment[at + 2:]
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, protocol, 0, address(source),
                           address(target))
        head = head[:10] + struct.pack(">H", total(head)) + head[12:]
        ends = [b"\x02\x00" + address(end) for end in (target, source)]
        frame = ends[0] + ends[1] + b"\x08\x00" + head + segment
        self.now += 1_000_000
        self.frames += 1
        self.data += struct.pack("<IIII", self.now // 10**9, self.now % 10**9, len(frame), len(frame)) + frame
        return self.frames

    def udp(self, source, target, payload):
        head = struct.pack(">HHHH", source[1], target[1], 8 + len(payload), 0)
        return self.packet(source[0], target[0], 17, head + payload)


class Connection:
    """A TCP connection between two ends, (address, port) each."""

    SIZE = 1400

    def __init__(self, capture, client, server):
        self.capture, self.ends = capture, (client, server)
        self.next = [1000, 5000]
        self.send(0, 0x02)
        self.send(1, 0x12)
        self.send(0, 0x10)

    def send(self, end, flags, payload=b""):
        source, target = self.ends[end], self.ends[1 - end]
        seen = self.next[1 - end] if flags & 0x10 else 0
        head = struct.pack(">HHIIBBHHH", source[1], target[1], self.next[end], seen, 0x50, flags, 65535, 0, 0)
        self.next[end] += len(payload) + (1 if flags & 0x03 else 0)
        return self.capture.packet(source[0], target[0], 6, head + payload)

    def say(self, end, payload):
        """The payload in segments; returns their frames."""
        return [self.send(end, 0x18, payload[at:at + self.SIZE]) for at in range(0, len(payload), self.SIZE)]

    def close(self):
        self.send(0, 0x11)
        self.send(1, 0x11)
        self.send(0, 0x10)

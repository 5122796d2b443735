# SPDX-License-Identifier: Apache-2.0
"""Writes a capture of TCP connections and UDP datagrams whose bytes a test gives: Ethernet, IPv4, checksums as a
cable would show them, microseconds."""

import struct

MSS = 1460


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Host:
    def __init__(self, address, mac):
        self.address = bytes(int(part) for part in address.split("."))
        self.mac = bytes.fromhex(mac.replace(":", ""))
        self.port = 49151


class Capture:
    def __init__(self, start_ns):
        self.now = start_ns
        self.records = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]

    def frame(self, src, dst, protocol, transport):
        pseudo = src.address + dst.address + struct.pack(">BBH", 0, protocol, len(transport))
        at = 16 if protocol == 6 else 6
        value = checksum(pseudo + transport)
        transport = transport[:at] + struct.pack(">H", value or 0xFFFF) + transport[at + 2:]
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(transport), len(self.records) & 0xFFFF, 0x4000, 64,
                           protocol, 0) + src.address + dst.address
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        packet = dst.mac + src.mac + b"\x08\x00" + head + transport
        self.now += 400_000
        self.records.append(struct.pack("<IIII", self.now // 10 ** 9, self.now % 10 ** 9 // 1000, len(packet),
                                        len(packet)) + packet)

    def udp(self, src, src_port, dst, dst_port, payload):
        self.frame(src, dst, 17, struct.pack(">HHHH", src_port, dst_port, 8 + len(payload), 0) + payload)

    def write(self, path):
        with open(path, "wb") as out:
            out.write(b"".join(self.records))


class Connection:
    """A connection from its SYN to its FINs."""

    def __init__(self, capture, client, server, port):
        client.port += 1
        self.capture, self.ends = capture, ((client, client.port), (server, port))
        self.next = [1000 * client.port, 7000 * port]
        self.send(0, 0x02)
        self.send(1, 0x12)
        self.send(0, 0x10)

    def send(self, end, flags, data=b""):
        (src, src_port), (dst, dst_port) = self.ends[end], self.ends[1 - end]
        acked = self.next[1 - end] if flags & 0x10 else 0
        segment = struct.pack(">HHIIBBHHH", src_port, dst_port, self.next[end], acked, 0x50, flags, 0xFFFF, 0, 0)
        self.capture.frame(src, dst, 6, segment + data)
        self.next[end] = (self.next[end] + len(data) + (flags & 0x03 != 0)) % (1 << 32)

    def say(self, end, data):
        for at in range(0, len(data), MSS):
            self.send(end, 0x18, data[at:at + MSS])
        self.send(1 - end, 0x10)

    def close(self):
        for end in (0, 1):
            self.send(end, 0x11)
            self.send(1 - end, 0x10)

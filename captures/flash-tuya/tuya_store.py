# SPDX-License-Identifier: Apache-2.0
"""Writes the stores of a Tuya plug on BK7231N the way its firmware does: the key/value store with wear levelling, the
UF file area, the last network, the radio's MAC, boot loader and application behind interleaved sums. Shares nothing
with what reads them. AES is python3-cryptography's.

A store keeps a journal of what was put into it, so that the truth about a dump is what was done, not what was read."""

import hashlib
import struct
import zlib

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError:
    Cipher = None

SECTOR, PAGE = 4096, 128
MASTER, SECOND = b"qwertyuiopasdfgh", b"HHRRQbyemofrtytf"


def ecb(key, data):
    writer = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return writer.update(data) + writer.finalize()


def data_key(inner, first=b"8710"):
    return bytes((first[i % len(first)] + SECOND[i] + inner[i]) % 256 for i in range(16))


def padded(data, length=SECTOR, fill=b"\xff"):
    assert len(data) <= length
    return data + fill * (length - len(data))


class KeyValueStore:
    """Blocks of 32 pages. A value goes to free pages, then its index page is written; a block that changes is first
    copied to one of the spare sectors, in turn, and then counts one generation more."""

    magic, parts_unit = 0x98761234, 1

    def __init__(self, inner, blocks=14, spares=3, first=b"8710"):
        """`inner` None: a device without a key sector."""
        self.inner, self.count = inner, blocks
        self.key = data_key(inner or bytes(16), SECOND if inner is None else first)
        self.pages = [[None] * 32 for _ in range(blocks)]
        self.index = [set() for _ in range(blocks)]
        self.generation = [0] * blocks
        self.spares, self.turn = [None] * spares, 0
        self.names, self.values, self.history = {}, {}, []

    def image(self, block):
        head = struct.pack("<HIB", block, self.generation[block], 4)
        head += struct.pack("<I", sum(1 << page for page in self.index[block]))
        plain = padded(head, PAGE - 8) + b"".join(page or b"\xff" * PAGE for page in self.pages[block][1:])
        return struct.pack("<II", self.magic, sum(plain)) + plain

    def change(self, blocks):
        for block in sorted(blocks):
            self.spares[self.turn] = self.image(block)
            self.turn = (self.turn + 1) % len(self.spares)
            self.generation[block] += 1

    def used(self):
        """Pages that the present values need."""
        return {place for name in self.names for place in [self.names[name]] + self.places(name)}

    def places(self, name):
        return [(block, page) for block, first, last in self.parts_of[name] for page in range(first, last + 1)]

    parts_of = None

    def free(self, count):
        """The next free pages: first those that were never written, then forgotten ones."""
        used = self.used()
        pages = [(block, page) for block in range(self.count) for page in range(1, 32) if (block, page) not in used]
        fresh = [place for place in pages if self.pages[place[0]][place[1]] is None]
        return sorted((fresh + [place for place in pages if place not in fresh])[:count])

    def put(self, name, value):
        if self.parts_of is None:
            self.parts_of = {}
        need = max(1, -(-len(value) // PAGE))
        index = self.names.get(name)
        places = self.free(need + (index is None))
        if index is None:
            index, places = places[0], places[1:]
        parts = []
        for block, page in places:
            if parts and parts[-1][0] == block and parts[-1][2] == page - 1:
                parts[-1][2] = page
            else:
                parts.append([block, page, page])
        self.change({block for block, _ in places + [index]})
        for number, (block, page) in enumerate(places):
            # What is behind the value's end is whatever the writer's buffer held: here, nothing.
            self.pages[block][page] = padded(value[number * PAGE:(number + 1) * PAGE], PAGE)
            self.index[block].discard(page)
        entry = struct.pack("<IIHBHIB", sum(value), len(value), index[0], index[1], len(parts) * self.parts_unit, 0x410000 + len(name),
                            len(name) + 1) + name.encode() + b"\0"
        entry += b"".join(struct.pack("<HBB", *part) for part in parts)
        self.pages[index[0]][index[1]] = padded(entry, PAGE)
        self.index[index[0]].add(index[1])
        if name in self.values:
            self.history.append((name, self.values[name]))
        self.names[name], self.parts_of[name], self.values[name] = index, [tuple(part) for part in parts], value

    def delete(self, name):
        block, page = self.names.pop(name)
        self.change({block})
        self.index[block].discard(page)
        self.history.append((name, self.values.pop(name)))
        del self.parts_of[name]

    def bytes(self):
        head = b""
        if self.inner is not None:
            head = ecb(MASTER, padded(struct.pack("<II", 0x13579753, sum(self.inner)) + self.inner))
        out = head + b"".join(ecb(self.key, self.image(block)) for block in range(self.count))
        return out + b"".join(ecb(self.key, spare) if spare else b"\xff" * SECTOR for spare in self.spares)


def protected(inner, records):
    """The sector that the factory writes."""
    body = b"".join(struct.pack("<I", len(value)) + padded(name.encode(), 32, b"\0") + value for name, value in records)
    inside = ecb(data_key(inner), padded(body, SECTOR - 32))
    plain = inner + struct.pack("<II", len(body), 0xFFFFFFFF) + inside
    return ecb(MASTER, struct.pack("<II", 0x13579753, sum(plain)) + plain)


class FileArea:
    """Files take the next free block, round robin, and leave the old one as it was."""

    def __init__(self, blocks=24):
        self.blocks, self.next, self.writes = [None] * blocks, 2, 0
        self.files, self.gone = {}, []

    def write(self, name, data):
        taken = {block for block, _ in self.files.values()}
        block = self.next
        while block in taken:
            block = 2 + (block - 1) % (len(self.blocks) - 2)
        self.next = 2 + (block - 1) % (len(self.blocks) - 2)
        self.blocks[block] = padded(data)
        self.files[name] = (block, len(data))
        self.writes += 1

    def delete(self, name):
        self.gone.append((name, self.files.pop(name)))
        self.writes += 1

    def bytes(self):
        def slot(name, place):
            return padded(name.encode(), 32, b"\0") + struct.pack("<I16I", place[1], place[0], *[0] * 15)
        slots = [slot(*file) for file in self.files.items()] + [slot(*file) for file in self.gone]
        plain = padded(struct.pack("<IHH", self.writes, 0, len(self.files)) + b"".join(slots), SECTOR - 8)
        index = struct.pack("<II", 0x98764321, sum(plain)) + plain
        return index * 2 + b"".join(block or b"\xff" * SECTOR for block in self.blocks[2:])


def netparam(ssid, bssid, channel, password, masked=True):
    pmk = hashlib.pbkdf2_hmac("sha1", password.encode(), ssid.encode(), 4096, 32).hex().encode()
    plain = padded(ssid.encode(), 33, b"\0") + bssid + bytes([5, channel]) + pmk + b"\0"
    plain += padded(password.encode(), 65, b"\0")
    pad = bytes.fromhex("55aa5a55a54d637f") if masked else bytes(8)
    return padded(bytes(byte ^ pad[i % 8] for i, byte in enumerate(plain)))


def radio(mac):
    def item(tag, data):
        return struct.pack("<II", tag, len(data)) + data
    first = item(0x11111101, b"\x4e\x61\xbc\x00") + item(0x11111102, mac)
    second = item(0x22222201, b"\x0f\0\0\0") + item(0x22222208, b"\1\0\0\0") + b"\x5a" * 21
    groups = item(0x11111100, first) + item(0x22222200, second)
    return padded(b"TLV\0" + struct.pack("<I", len(groups)) + groups)


def rbl(name, built, payload):
    head = b"RBL\0" + struct.pack("<II", 0, built) + padded(name.encode(), 16, b"\0") + padded(b"1.00", 24, b"\0")
    head += padded(b"0" * 23, 24, b"\0") + struct.pack("<4I", zlib.crc32(payload), 0, len(payload), len(payload))
    return head + struct.pack("<I", zlib.crc32(head))


def crc16(data):
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ 0x8005 if register & 0x8000 else register << 1) & 0xFFFF
    return register


def interleaved(code):
    units = [padded(code[i:i + 32], 32) for i in range(0, len(code), 32)]
    return b"".join(unit + struct.pack(">H", crc16(unit)) for unit in units)


def esp8266(mac, lists, residue=b""):
    """The parameter store of an ESP8266: `lists` are the texts of each sector behind the first."""
    key = b"Qby6" + mac[4:5] + b"TH9bj8GiexU"
    table = [b"m%d_part=%d" % (i + 1, i + 1) for i in range(len(lists))]
    sectors = [padded(b"PSM1\n~V\1\1\0\0\0" + b"".join(text + b"\0" for text in table) + b"\0")]
    for texts in lists:
        plain = padded(b"".join(text.encode() + b"\0" for text in texts) + b"\0" + residue, SECTOR - 4)
        sectors.append(struct.pack("<I", zlib.crc32(plain)) + plain)
    return b"".join(ecb(key, sector) for sector in sectors)

# SPDX-License-Identifier: Apache-2.0
"""WPA and WPA2 as a station and an access point do it, for making captures: keys, handshakes, CCMP and TKIP by the words
of IEEE Std 802.11-2020 (12.5.2, 12.5.3, 12.7) and the Wi-Fi Alliance's WPA, apart from the code under test. AES and CMAC
are from the package cryptography; the rest is here."""
import hashlib
import hmac
import struct
import zlib

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

LLC = b"\xaa\xaa\x03\x00\x00\x00"
LABEL = b"Pairwise key expansion"
TO_AP, FROM_AP, MORE, RETRY, PROTECTED = 0x01, 0x02, 0x04, 0x08, 0x40


def pmk(passphrase, ssid):
    return hashlib.pbkdf2_hmac("sha1", passphrase.encode(), ssid.encode(), 4096, 32)


def prf(key, label, data, length):
    out = b""
    for i in range((length + 19) // 20):
        out += hmac.new(key, label + b"\0" + data + bytes([i]), hashlib.sha1).digest()
    return out[:length]


def kdf(key, label, data, length):
    out = b""
    for i in range((length + 31) // 32):
        out += hmac.new(key, struct.pack("<H", i + 1) + label + data + struct.pack("<H", length * 8),
                        hashlib.sha256).digest()
    return out[:length]


def cmac(key, data):
    made = CMAC(algorithms.AES(key))
    made.update(data)
    return made.finalize()


# ---- RC4 and TKIP

def rc4(key, data, skip=0):
    s = list(range(256))
    j = 0
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) & 255
        s[i], s[j] = s[j], s[i]
    i = j = 0
    out = bytearray()
    for n in range(skip + len(data)):
        i = (i + 1) & 255
        j = (j + s[i]) & 255
        s[i], s[j] = s[j], s[i]
        if n >= skip:
            out.append(data[n - skip] ^ s[(s[i] + s[j]) & 255])
    return bytes(out)


def field_product(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x11b if a & 0x80 else 0)
        b >>= 1
    return product


def aes_sbox():
    inverse = [0] * 256
    for a in range(1, 256):
        for b in range(a, 256):
            if field_product(a, b) == 1:
                inverse[a], inverse[b] = b, a
    turn = lambda x, n: (x << n | x >> (8 - n)) & 255
    return [x ^ turn(x, 1) ^ turn(x, 2) ^ turn(x, 3) ^ turn(x, 4) ^ 0x63 for x in inverse]


SBOX = [field_product(2, s) << 8 | field_product(3, s) for s in aes_sbox()]


def substitute(x):
    high = SBOX[x >> 8]
    return SBOX[x & 255] ^ (high >> 8 | high << 8 & 0xff00)


def tkip_key(key, transmitter, number):
    """12.5.2.4: both phases."""
    k = struct.unpack("<8H", key[:16])
    low, high = number & 0xffff, number >> 16
    p = [high & 0xffff, high >> 16] + list(struct.unpack("<3H", transmitter))
    for i in range(8):
        for n in range(5):
            p[n] = (p[n] + substitute(p[n - 1] ^ k[(i & 1) + 2 * (n % 4)])) & 0xffff
        p[4] = (p[4] + i) & 0xffff
    p.append((p[4] + low) & 0xffff)
    for n in range(6):
        p[n] = (p[n] + substitute(p[n - 1] ^ k[n])) & 0xffff
    for n in range(6):
        x = p[n - 1] ^ (k[6 + n] if n < 2 else 0)
        p[n] = (p[n] + (x >> 1 | x << 15 & 0x8000)) & 0xffff
    return (bytes([low >> 8, (low >> 8 | 0x20) & 0x7f, low & 255, ((p[5] ^ k[0]) >> 1) & 255])
            + struct.pack("<6H", *p))


def michael(key, data):
    left, right = struct.unpack("<2I", key)
    data += b"\x5a" + bytes(4)
    data += bytes(-len(data) % 4)
    turn = lambda x, n: (x << n | x >> (32 - n)) & 0xffffffff
    for (word,) in struct.iter_unpack("<I", data):
        left ^= word
        right ^= turn(left, 17)
        left = (left + right) & 0xffffffff
        right ^= (left & 0xff00ff00) >> 8 | (left & 0x00ff00ff) << 8
        left = (left + right) & 0xffffffff
        right ^= turn(left, 3)
        left = (left + right) & 0xffffffff
        right ^= turn(left, 30)
        left = (left + right) & 0xffffffff
    return struct.pack("<2I", left, right)


# ---- frames

class Header:
    """The header of a data frame."""

    def __init__(self, receiver, transmitter, third, way, tid=None):
        self.receiver, self.transmitter, self.third = receiver, transmitter, third
        self.way, self.tid, self.aggregate = way, tid, False

    def ends(self):
        return (self.third, self.transmitter) if self.way == TO_AP else (self.receiver, self.third)

    def bytes(self, sequence, fragment=0, flags=0):
        kind = 0x08 if self.tid is None else 0x88
        made = bytes([kind, self.way | flags, 0, 0]) + self.receiver + self.transmitter + self.third
        made += struct.pack("<H", (sequence << 4 | fragment) & 0xffff)
        if self.tid is not None:
            made += bytes([self.tid | (0x80 if self.aggregate else 0), 0])
        return made


def ccmp(key, key_id, number, header, body):
    """What follows the header."""
    aad = bytes([header[0] & 0x8f, (header[1] & 0xc7) | PROTECTED]) + header[4:22] + bytes([header[22] & 15, 0])
    tid = 0
    if header[0] & 0x80:
        tid = header[24] & 15
        aad += bytes([tid, 0])
    nonce = bytes([tid]) + header[10:16] + number.to_bytes(6, "big")
    p = number.to_bytes(6, "little")
    return (p[:2] + bytes([0, 0x20 | key_id << 6]) + p[2:]
            + AESCCM(key, tag_length=8).encrypt(nonce, body, aad))


def tkip(key, key_id, number, header, body):
    """The same, of a body that has its Michael check already."""
    seed = tkip_key(key, header[10:16], number)
    sealed = rc4(seed, body + struct.pack("<I", zlib.crc32(body)))
    return seed[:3] + bytes([0x20 | key_id << 6]) + struct.pack("<I", number >> 16) + sealed


# ---- handshakes

class Session:
    """What a station and its access point agree on. `version` of the key descriptor: 1 TKIP, 2 CCMP, 3 CCMP with SHA-256;
    `rsn` False: WPA."""

    def __init__(self, master, bssid, station, anonce, snonce, version, rsn=True):
        self.bssid, self.station, self.version, self.rsn = bssid, station, version, rsn
        self.anonce, self.snonce, self.replay = anonce, snonce, 0
        data = b"".join(sorted([bssid, station])) + b"".join(sorted([anonce, snonce]))
        ptk = kdf(master, LABEL, data, 48) if version == 3 else prf(master, LABEL, data, 64)
        self.kck, self.kek, self.key = ptk[:16], ptk[16:32], ptk[32:]
        self.numbers = {TO_AP: 0, FROM_AP: 0}

    def mic(self, frame):
        if self.version == 3:
            return cmac(self.kck, frame)
        return hmac.new(self.kck, frame, hashlib.md5 if self.version == 1 else hashlib.sha1).digest()[:16]

    def eapol(self, info, nonce, data, iv=bytes(16), key_length=0):
        frame = (bytes([2 if self.rsn else 254]) + struct.pack(">HHQ", info | self.version, key_length, self.replay) + nonce
                 + iv + bytes(8 + 8 + 16) + struct.pack(">H", len(data)) + data)
        frame = b"\x01\x03" + struct.pack(">H", len(frame)) + frame
        if info & 0x100:
            frame = frame[:81] + self.mic(frame) + frame[97:]
        return frame

    def element(self):
        oui, kind = (b"\x00\x0f\xac", 4) if self.rsn else (b"\x00\x50\xf2", 2)
        kind = 2 if self.version == 1 else 4
        akm = 6 if self.version == 3 else 2
        body = b"\x01\x00" + oui + bytes([kind]) + b"\x01\x00" + oui + bytes([kind]) + b"\x01\x00" + oui + bytes([akm])
        if self.rsn:
            return bytes([48, len(body) + 2]) + body + bytes(2)
        return bytes([221, len(body) + 4]) + oui + b"\x01" + body

    def wrapped(self, group):
        """The group key as key data, with the vector it is enciphered by."""
        kde = b"\xdd" + bytes([6 + len(group.key)]) + b"\x00\x0f\xac\x01" + bytes([group.id, 0]) + group.key
        data = kde if self.rsn else group.key
        if self.version == 1:
            iv = hashlib.md5(self.anonce).digest()
            return rc4(iv + self.kek, data, 256), iv
        if len(data) % 8 or len(data) < 16:
            data += b"\xdd"
            data += bytes(-len(data) % 8)
        return aes_key_wrap(self.kek, data), bytes(16)

    def message(self, number, group):
        """1 to 4 of the four-way handshake, 5 and 6 of the group key handshake, with the way it goes."""
        self.replay += 1
        length = 32 if self.version == 1 else 16
        if number == 1:
            return FROM_AP, self.eapol(0x0088, self.anonce, b"", key_length=length)
        if number == 2:
            return TO_AP, self.eapol(0x0108, self.snonce, self.element())
        if number == 3 and self.rsn:
            data, iv = self.wrapped(group)
            return FROM_AP, self.eapol(0x13c8, self.anonce, data, iv, length)
        if number == 3:
            return FROM_AP, self.eapol(0x01c8, self.anonce, self.element(), key_length=length)
        if number == 4:
            return TO_AP, self.eapol(0x0308 if self.rsn else 0x0108, bytes(32), b"")
        if number == 5:
            data, iv = self.wrapped(group)
            info = 0x1380 if self.rsn else 0x0380 | group.id << 4
            return FROM_AP, self.eapol(info, self.anonce if not self.rsn else bytes(32), data, iv,
                                       len(group.key))
        return TO_AP, self.eapol(0x0300, bytes(32), b"")


class Group:
    """A network's group key."""

    def __init__(self, key, key_id):
        self.key, self.id, self.number = key, key_id, 0

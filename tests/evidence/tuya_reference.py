#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tuya's local protocol a second time, in Python over the package cryptography, written from the protocol's
description and not from lib/vendor/tuya: makes frames of every version, and reads captures with tshark.

tuya_reference.py --frames     prints tests/unit/tuya_frames.h"""

import base64
import hashlib
import hmac
import json
import struct
import subprocess
import sys
import zlib

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    AESGCM = None

BROADCAST = hashlib.md5(b"yGAdlopoPVldABfn").digest()
START, RESPONSE, FINISH, CONTROL, STATUS, BEAT, QUERY, CONTROL_NEW, QUERY_NEW, UDP_NEW, DEVINFO = (
    3, 4, 5, 7, 8, 9, 10, 13, 16, 19, 0x25)


def ecb(key, data, decrypt=False):
    cipher = Cipher(algorithms.AES(key), modes.ECB())
    step = cipher.decryptor() if decrypt else cipher.encryptor()
    return step.update(data) + step.finalize()


def pad(data):
    n = 16 - len(data) % 16
    return data + bytes([n]) * n


def unpad(data):
    n = data[-1] if data else 0
    if not 1 <= n <= 16 or data[-n:] != bytes([n]) * n:
        raise ValueError("no padding")
    return data[:-n]


def open_frame(sequence, command, payload, code=None, key=None):
    """55AA: with CRC-32, or with HMAC-SHA256 under `key`."""
    body = (b"" if code is None else struct.pack(">I", code)) + payload
    head = struct.pack(">IIII", 0x55AA, sequence, command, len(body) + (36 if key else 8))
    end = hmac.new(key, head + body, hashlib.sha256).digest() if key else struct.pack(">I", zlib.crc32(head + body))
    return head + body + end + b"\x00\x00\xaa\x55"


def sealed_frame(sequence, command, plain, key, iv, code=None):
    plain = (b"" if code is None else struct.pack(">I", code)) + plain
    head = struct.pack(">IHIII", 0x6699, 0, sequence, command, 12 + len(plain) + 16)
    return head + iv + AESGCM(key).encrypt(iv, plain, head[4:]) + b"\x00\x00\x99\x66"


def header(version, sequence=0, source=0, crc=0):
    return version + struct.pack(">III", crc, sequence, source)


def old_command(key, text):
    """3.1: MD5 and base64."""
    data = base64.b64encode(ecb(key, pad(text)))
    return b"3.1" + hashlib.md5(b"data=" + data + b"||lpv=3.1||" + key).hexdigest()[8:24].encode() + data


def session_key(version, key, client, device):
    both = bytes(a ^ b for a, b in zip(client, device))
    return ecb(key, both) if version == b"3.4" else AESGCM(key).encrypt(client[:12], both, None)[:16]


# ---- reading

class Reader:
    """One connection. read() gives (command, from the device?, return code, source header, text or None)."""

    def __init__(self, key):
        self.key, self.session = key, None
        self.client = self.device = None
        self.good = self.bad = 0

    def read(self, from_device, data):
        out = []
        while data:
            if data[:4] == b"\x00\x00\x66\x99":
                end = 22 + struct.unpack_from(">I", data, 14)[0]
                out.append(self.sealed(from_device, data[:end]))
            else:
                end = 16 + struct.unpack_from(">I", data, 12)[0]
                out.append(self.open(from_device, data[:end]))
            data = data[end:]
        return out

    def judge(self, good):
        self.good += good
        self.bad += not good

    def code(self, body, from_device):
        return (struct.unpack(">I", body[:4])[0], body[4:]) if from_device and body[:3] == b"\0\0\0" else (None, body)

    def open(self, from_device, frame):
        command = struct.unpack_from(">I", frame, 8)[0]
        if zlib.crc32(frame[:-8]) == struct.unpack_from(">I", frame, len(frame) - 8)[0]:
            self.good += 1
            code, body = self.code(frame[16:-8], from_device)
            head = b""
            if body[:3] == b"3.1":
                return command, from_device, code, b"", unpad(ecb(self.key, base64.b64decode(body[19:]), True)).decode()
            if body[:2] == b"3.":
                head, body = body[3:15], body[15:]
            if body and body[:1] != b"{":
                body = unpad(ecb(self.key, body, True))
            return command, from_device, code, head, body.decode()
        key = self.key if command in (START, RESPONSE, FINISH) else self.session
        self.judge(key is not None and hmac.new(key, frame[:-36], hashlib.sha256).digest() == frame[-36:-4])
        code, body = self.code(frame[16:-36], from_device)
        return self.payload(b"3.4", command, from_device, code, unpad(ecb(key, body, True)) if body else b"")

    def sealed(self, from_device, frame):
        command = struct.unpack_from(">I", frame, 10)[0]
        key = self.key if command in (START, RESPONSE, FINISH) else self.session
        try:
            plain = AESGCM(key).decrypt(frame[18:30], frame[30:-4], frame[4:18])
            self.judge(True)
        except (InvalidTag, TypeError):
            self.judge(False)
            return command, from_device, None, b"", None
        code, plain = (struct.unpack(">I", plain[:4])[0], plain[4:]) if from_device else (None, plain)
        return self.payload(b"3.5", command, from_device, code, plain)

    def payload(self, version, command, from_device, code, plain):
        if command == START:
            self.client = plain[:16]
        elif command == RESPONSE:
            self.device = plain[:16]
            self.judge(hmac.new(self.key, self.client, hashlib.sha256).digest() == plain[16:48])
        elif command == FINISH:
            self.judge(hmac.new(self.key, self.device, hashlib.sha256).digest() == plain[:32])
            self.session = session_key(version, self.key, self.client, self.device)
        if command in (START, RESPONSE, FINISH):
            return command, from_device, code, b"", None
        head, plain = (plain[3:15], plain[15:]) if plain[:2] == b"3." else (b"", plain)
        return command, from_device, code, head, plain.decode()


def segments(capture, port=6668):
    """(frame number, stream, the device's address, from the device?, bytes) of each TCP segment in order, as tshark
    gives them."""
    done = subprocess.run(
        ["tshark", "-r", capture, "-Y", "tcp.port==%d && tcp.len>0 && !tcp.analysis.retransmission" % port, "-T", "fields",
         "-e", "frame.number", "-e", "tcp.stream", "-e", "ip.src", "-e", "ip.dst", "-e", "tcp.srcport", "-e", "tcp.payload"],
        capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        number, stream, source, target, source_port, payload = line.split("\t")
        from_device = int(source_port) == port
        yield int(number), int(stream), source if from_device else target, from_device, bytes.fromhex(payload)


def read_capture(capture, key_of, port=6668):
    """[(frame number, message)], and the readers of the connections. `key_of` gives the key for a device's address."""
    readers, out = {}, []
    for number, stream, address, from_device, data in segments(capture, port):
        reader = readers.setdefault(stream, Reader(key_of(address)))
        out += [(number, message) for message in reader.read(from_device, data)]
    return out, list(readers.values())


# ---- frames for the unit tests

KEY = b"0123456789abcdef"
DEVICE = "bf0123456789abcdefgh"
CLIENT_NONCE, DEVICE_NONCE = bytes(range(0x20, 0x30)), bytes(range(0xa0, 0xb0))


def text(**members):
    return json.dumps(members, separators=(",", ":")).encode()


ASK = text(gwId=DEVICE, devId=DEVICE, uid=DEVICE, t="1700000000")
ANSWER = text(dps={"1": False, "9": 0, "18": 0, "19": 0, "20": 2301})
SET = text(devId=DEVICE, uid=DEVICE, t="1700000001", dps={"1": True})
PUSH = text(dps={"1": True}, t=1700000004)
SET_NEW = text(protocol=5, t=1700000001, data={"dps": {"1": True}})
PUSH_NEW = text(protocol=4, t=1700000004, data={"dps": {"1": True}})
BEACON = b'{"ip":"192.168.7.40","gwId":"bf0123456789abcdefgh","active":2,"ablilty":0,"encrypt":true,' \
         b'"productKey":"key0123456789abc","version":"3.3"}'


def frames_33():
    yield "query", open_frame(1, QUERY, ecb(KEY, pad(ASK)))
    yield "answer", open_frame(1, QUERY, ecb(KEY, pad(ANSWER)), code=0)
    yield "control", open_frame(2, CONTROL, header(b"3.3") + ecb(KEY, pad(SET)))
    yield "ack", open_frame(2, CONTROL, b"", code=0)
    yield "push", open_frame(0, STATUS, header(b"3.3", 0x79, 1) + ecb(KEY, pad(PUSH)), code=0)
    yield "push_later", open_frame(0, STATUS, header(b"3.3", 0x7d, 1, 0x01020304) + ecb(
        KEY, pad(text(dps={"19": 453, "18": 197}, t=1700000009))), code=0)
    yield "refusal", open_frame(3, QUERY_NEW, ecb(KEY, pad(b"json obj data unvalid")), code=1)
    yield "beat", open_frame(4, BEAT, b"")
    yield "beat_answer", open_frame(4, BEAT, b"", code=0)
    yield "other_padding", open_frame(5, QUERY, ecb(KEY, ANSWER[:32]))
    yield "other_key", open_frame(1, QUERY, ecb(b"fedcba9876543210", pad(ASK)))


def frames_31():
    yield "query", open_frame(1, QUERY, ASK)
    yield "answer", open_frame(1, QUERY, ANSWER, code=0)
    yield "answer_without_code", open_frame(1, QUERY, ANSWER)
    yield "control", open_frame(2, CONTROL, old_command(KEY, SET))
    yield "push", open_frame(0, STATUS, old_command(KEY, PUSH), code=0)
    yield "push_clear", open_frame(0, STATUS, PUSH, code=0)
    good = old_command(KEY, PUSH)
    yield "no_base64", open_frame(0, STATUS, good[:-1] + b"!", code=0)
    yield "no_blocks", open_frame(0, STATUS, good[:19] + base64.b64encode(bytes(47)), code=0)
    yield "other_digest", open_frame(0, STATUS, good[:18] + (b"0" if good[18:19] != b"0" else b"1") + good[19:], code=0)


def negotiation(version, make):
    yield "start", make(1, START, CLIENT_NONCE, None)
    yield "response", make(1, RESPONSE, DEVICE_NONCE + hmac.new(KEY, CLIENT_NONCE, hashlib.sha256).digest(), 0)
    yield "finish", make(2, FINISH, hmac.new(KEY, DEVICE_NONCE, hashlib.sha256).digest(), None)


def talk(version, make):
    yield "query", make(3, QUERY_NEW, b"{}", None)
    yield "answer", make(3, QUERY_NEW, ANSWER, 0)
    yield "control", make(4, CONTROL_NEW, header(version) + SET_NEW, None)
    yield "ack", make(4, CONTROL_NEW, b"", 0)
    yield "push", make(9, STATUS, header(version, 0x79, 1) + PUSH_NEW, 0)


def frames_34():
    make = lambda key: lambda n, command, plain, code: open_frame(n, command, ecb(key, pad(plain)), code, key)
    yield from negotiation(b"3.4", make(KEY))
    yield from talk(b"3.4", make(session_key(b"3.4", KEY, CLIENT_NONCE, DEVICE_NONCE)))


def frames_35():
    iv = lambda n, command: struct.pack(">III", 0x11223344, n, command)
    make = lambda key: lambda n, command, plain, code: sealed_frame(n, command, plain, key, iv(n, command), code)
    yield from negotiation(b"3.5", make(KEY))
    yield from talk(b"3.5", make(session_key(b"3.5", KEY, CLIENT_NONCE, DEVICE_NONCE)))


def frames_udp():
    yield "clear", open_frame(0, UDP_NEW, BEACON, code=0)
    yield "keyed", open_frame(0, UDP_NEW, ecb(BROADCAST, pad(BEACON)), code=0)
    yield "sealed", sealed_frame(0, UDP_NEW, BEACON, BROADCAST, bytes(range(12)), code=0)
    yield "app", sealed_frame(0, DEVINFO, b'{"from":"app","ip":"192.168.7.11"}', BROADCAST, bytes(range(12)))
    yield "other_key", open_frame(0, UDP_NEW, ecb(KEY, pad(BEACON)), code=0)


def print_frames():
    print("/* SPDX-License-Identifier: Apache-2.0 */\n"
          "/* Frames of Tuya's local protocol, as tests/evidence/tuya_reference.py --frames makes them: the local key is\n"
          " * \"%s\", the client's nonce 20 to 2f, the device's a0 to af. */\n"
          "#ifndef TUYA_FRAMES_H\n#define TUYA_FRAMES_H\n\n/* clang-format off */" % KEY.decode())
    for version, made in (("33", frames_33()), ("31", frames_31()), ("34", frames_34()), ("35", frames_35()),
                          ("udp", frames_udp())):
        for name, frame in made:
            hexed = frame.hex()
            rows = [hexed[i:i + 100] for i in range(0, len(hexed), 100)]
            print("#define TUYA_%s_%s \\\n    %s" % (version.upper(), name.upper(), " \\\n    ".join(
                '"%s"' % row for row in rows)))
    print("/* clang-format on */\n\n#endif")


def main():
    if sys.argv[1:] != ["--frames"]:
        print(__doc__, file=sys.stderr)
        return 2
    if AESGCM is None:
        print("skipped: the Python package cryptography is not installed", file=sys.stderr)
        return 77
    print_frames()
    return 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""KLAP and TDP as a device and a client speak them, written from their description for the laboratory and the
tests: nothing here is shared with what reads the captures. AES and CRC-32 are libraries' (python3-cryptography,
zlib)."""

import hashlib
import json
import struct
import zlib

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLANK = ("", "")


def md5(data):
    return hashlib.md5(data).digest()


def sha1(data):
    return hashlib.sha1(data).digest()


def sha256(data):
    return hashlib.sha256(data).digest()


def auth_of(version, account, password):
    if version == 1:
        return md5(md5(account.encode()) + md5(password.encode()))
    return sha256(sha1(account.encode()) + sha1(password.encode()))


def server_proof(version, local, remote, auth):
    return sha256(local + (remote if version == 2 else b"") + auth)


def client_proof(version, local, remote, auth):
    return sha256(remote + (local if version == 2 else b"") + auth)


class Keys:
    """What a session's seeds and account give."""

    def __init__(self, local, remote, auth):
        mixed = local + remote + auth
        self.key = sha256(b"lsk" + mixed)[:16]
        whole = sha256(b"iv" + mixed)
        self.iv, self.first = whole[:12], struct.unpack(">i", whole[28:])[0]
        self.signing = sha256(b"ldk" + mixed)[:28]

    def cipher(self, seq):
        return Cipher(algorithms.AES(self.key), modes.CBC(self.iv + struct.pack(">i", seq)))

    def seal(self, seq, text):
        pad = padding.PKCS7(128).padder()
        encryptor = self.cipher(seq).encryptor()
        sealed = encryptor.update(pad.update(text.encode()) + pad.finalize()) + encryptor.finalize()
        return sha256(self.signing + struct.pack(">i", seq) + sealed) + sealed

    def unseal(self, seq, body):
        if sha256(self.signing + struct.pack(">i", seq) + body[32:]) != body[:32]:
            raise ValueError("the signature does not fit")
        decryptor, pad = self.cipher(seq).decryptor(), padding.PKCS7(128).unpadder()
        plain = pad.update(decryptor.update(body[32:]) + decryptor.finalize()) + pad.finalize()
        return plain.decode()


class DeviceEnd:
    """The device's side over HTTP: `answer(text)` gives the JSON that answers a JSON text."""

    def __init__(self, version, account, random, answer):
        self.version, self.random, self.answer = version, random, answer
        self.auth = auth_of(version, *account)
        self.sessions = {}

    def handle(self, target, cookie, body):
        """(status, cookie to set or None, body)"""
        path, _, query = target.partition("?")
        if path == "/app/handshake1" and len(body) == 16:
            remote = self.random.randbytes(16)
            cookie = self.random.randbytes(16).hex().upper()
            self.sessions[cookie] = {"seeds": (body, remote), "keys": None}
            return 200, cookie, remote + server_proof(self.version, body, remote, self.auth)
        session = self.sessions.get(cookie)
        if session is None:
            return 403, None, b""
        if path == "/app/handshake2":
            if body != client_proof(self.version, *session["seeds"], self.auth):
                return 403, None, b""
            session["keys"] = Keys(*session["seeds"], self.auth)
            return 200, None, b""
        if path != "/app/request" or session["keys"] is None:
            return 403, None, b""
        seq = int(dict(pair.split("=") for pair in query.split("&"))["seq"])
        return 200, None, session["keys"].seal(seq, self.answer(session["keys"].unseal(seq, body)))


class ClientEnd:
    """The client's side: `post(target, cookie, body)` sends a request and gives (status, cookie, body)."""

    def __init__(self, version, account, random, post):
        self.version, self.random, self.post = version, random, post
        self.auth = auth_of(version, *account)
        self.cookie = None

    def begin(self):
        local = self.random.randbytes(16)
        status, self.cookie, body = self.post("/app/handshake1", None, local)
        if status != 200 or body[16:] != server_proof(self.version, local, body[:16], self.auth):
            raise ValueError("the device has another account")
        self.keys = Keys(local, body[:16], self.auth)
        self.seq = self.keys.first
        status, _, _ = self.post("/app/handshake2", self.cookie,
                                 client_proof(self.version, local, body[:16], self.auth))
        if status != 200:
            raise ValueError("the device refused the handshake: %d" % status)

    def ask(self, text):
        self.seq = (self.seq + 1 + (1 << 31)) % (1 << 32) - (1 << 31)
        status, _, body = self.post("/app/request?seq=%d" % self.seq, self.cookie, self.keys.seal(self.seq, text))
        if status != 200:
            raise ValueError("the device answered %d" % status)
        return self.keys.unseal(self.seq, body)


def tdp(body, serial):
    """A discovery's datagram around a JSON text."""
    head = struct.pack(">BBHHBBI", 2, 0, 1, len(body), 17, 0, serial)
    return head + struct.pack(">I", zlib.crc32(head + b"\x5a\x6b\x7c\x8d" + body)) + body


def compact(value):
    return json.dumps(value, separators=(",", ":"))

# SPDX-License-Identifier: Apache-2.0
"""Writes tls_vectors.h: protected records, and what they were made from, by an implementation of their own.

The PRFs and MACs are written out here with hmac and hashlib after RFC 2246, 5246, 6101 and 7366, and the ciphers
are those of the package cryptography. Nothing is random: a second run writes the same bytes.
"""
import hashlib
import hmac
import struct
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

CLIENT = bytes(range(32))
SERVER = bytes(range(100, 132))
MASTER = bytes((7 * i + 3) % 256 for i in range(48))


def p_hash(digest, secret, seed, length):
    out, a = b"", seed
    while len(out) < length:
        a = hmac.new(secret, a, digest).digest()
        out += hmac.new(secret, a + seed, digest).digest()
    return out[:length]


def prf(version, digest, secret, label, seed, length):
    if version >= 0x0303:
        return p_hash(digest, secret, label + seed, length)
    half = (len(secret) + 1) // 2
    md5 = p_hash("md5", secret[:half], label + seed, length)
    sha = p_hash("sha1", secret[-half:], label + seed, length)
    return bytes(x ^ y for x, y in zip(md5, sha))


def ssl3(secret, seed, length):
    out = b""
    for n in range(1, 27):
        salt = bytes([64 + n]) * n
        out += hashlib.md5(secret + hashlib.sha1(salt + secret + seed).digest()).digest()
    return out[:length]


def key_block(version, digest, length):
    if version == 0x0300:
        return ssl3(MASTER, SERVER + CLIENT, length)
    return prf(version, digest, MASTER, b"key expansion", SERVER + CLIENT, length)


class End:
    """The server's side of a connection."""

    def __init__(self, version, suite, cipher, key, mac=None, prf_hash="sha256", etm=False, truncated=False, epoch=0):
        self.version, self.suite, self.cipher, self.mac = version, suite, cipher, mac
        self.etm, self.truncated, self.epoch = etm, truncated, epoch
        base = {0xfefd: 0x0303, 0xfeff: 0x0302}.get(version, version)
        self.base = base
        mac_length = hashlib.new(mac).digest_size if mac else 0
        iv = {"gcm": 4, "ccm": 4, "ccm8": 4, "chacha": 12}.get(cipher, 0)
        block = {"3des": 8, "aes-cbc": 16}.get(cipher, 0)
        if block and base < 0x0302:
            iv = block
        keys = key_block(base, prf_hash, 2 * (mac_length + key + iv))
        self.mac_key = keys[mac_length:2 * mac_length]
        self.key = keys[2 * mac_length + key:2 * mac_length + 2 * key]
        self.iv = keys[2 * mac_length + 2 * key + iv:]
        self.block = block
        self.sequence = 0
        self.rc4 = Cipher(algorithms.ARC4(self.key), None).encryptor() if cipher == "rc4" else None

    def code(self, prefix, text):
        if self.base == 0x0300:
            pad = 48 if self.mac == "md5" else 40
            short = prefix[:9] + prefix[11:]
            inner = hashlib.new(self.mac, self.mac_key + b"\x36" * pad + short + text).digest()
            return hashlib.new(self.mac, self.mac_key + b"\x5c" * pad + inner).digest()
        full = hmac.new(self.mac_key, prefix + text, self.mac).digest()
        return full[:10] if self.truncated else full

    def cbc(self, text):
        algorithm = algorithms.TripleDES if self.cipher == "3des" else algorithms.AES
        iv = self.iv if self.base < 0x0302 else bytes((11 * i + self.sequence) % 256 for i in range(self.block))
        pad = self.block - 1 - len(text) % self.block
        encryptor = Cipher(algorithm(self.key), modes.CBC(iv)).encryptor()
        out = encryptor.update(text + bytes([pad]) * (pad + 1)) + encryptor.finalize()
        if self.base < 0x0302:
            self.iv = out[-self.block:]
            return out
        return iv + out

    def body(self, number, kind, text):
        def prefix(length):
            return number + struct.pack(">BHH", kind, self.version, length)
        if self.mac:
            if self.etm:
                sealed = self.cbc(text)
                return sealed + self.code(prefix(len(sealed)), sealed)
            whole = text + self.code(prefix(len(text)), text)
            if self.cipher == "null":
                return whole
            return self.rc4.update(whole) if self.rc4 else self.cbc(whole)
        if self.cipher == "chacha":
            nonce = bytes(x ^ y for x, y in zip(self.iv, b"\0\0\0\0" + number))
            return ChaCha20Poly1305(self.key).encrypt(nonce, text, prefix(len(text)))
        explicit = bytes(0xa0 + i for i in range(7)) + bytes([self.sequence])
        aead = AESGCM(self.key) if self.cipher == "gcm" else AESCCM(self.key, 8 if self.cipher == "ccm8" else 16)
        return explicit + aead.encrypt(self.iv + explicit, text, prefix(len(text)))

    def record(self, kind, text):
        number = struct.pack(">Q", self.epoch << 48 | self.sequence)
        body = self.body(number, kind, text)
        datagram = number if self.version >= 0xfe00 else b""
        self.sequence += 1
        return struct.pack(">BH", kind, self.version) + datagram + struct.pack(">H", len(body)) + body


CASES = [
    ("null_sha256", End(0x0303, 0x003b, "null", 0, "sha256")),
    ("rc4_md5", End(0x0301, 0x0004, "rc4", 16, "md5")),
    ("ssl3_3des_sha", End(0x0300, 0x000a, "3des", 24, "sha1")),
    ("ssl3_rc4_md5", End(0x0300, 0x0004, "rc4", 16, "md5")),
    ("tls10_3des_sha", End(0x0301, 0x000a, "3des", 24, "sha1")),
    ("tls11_aes128_sha", End(0x0302, 0x002f, "aes-cbc", 16, "sha1")),
    ("aes256_sha256", End(0x0303, 0x003d, "aes-cbc", 32, "sha256")),
    ("aes256_sha384", End(0x0303, 0xc028, "aes-cbc", 32, "sha384", "sha384")),
    ("aes128_sha256_etm", End(0x0303, 0x00ae, "aes-cbc", 16, "sha256", etm=True)),
    ("tls10_aes128_etm", End(0x0301, 0x002f, "aes-cbc", 16, "sha1", etm=True)),
    ("aes128_sha_truncated", End(0x0303, 0x002f, "aes-cbc", 16, "sha1", truncated=True)),
    ("aes128_gcm", End(0x0303, 0xc02f, "gcm", 16)),
    ("aes256_gcm", End(0x0303, 0x009d, "gcm", 32, None, "sha384")),
    ("aes128_ccm", End(0x0303, 0xc0a4, "ccm", 16)),
    ("aes256_ccm_8", End(0x0303, 0xc0a9, "ccm8", 32)),
    ("chacha20", End(0x0303, 0xccab, "chacha", 32)),
    ("dtls12_ccm_8", End(0xfefd, 0xc0a8, "ccm8", 16, epoch=1)),
    ("dtls10_aes128_sha", End(0xfeff, 0x002f, "aes-cbc", 16, "sha1", epoch=1)),
]
TEXTS = [(22, b"finished"), (23, b""), (23, b"stat/plug/POWER ON")]


def literal(data):
    rows = [data[i:i + 24] for i in range(0, len(data), 24)] or [b""]
    return "\n     ".join('"' + "".join("\\x%02x" % b for b in row) + '"' for row in rows)


def main():
    out = ["/* SPDX-License-Identifier: Apache-2.0 */",
           "/* Written by tls_vectors.py: records of a server, and what protects them. */",
           "static const struct vector {", "    const char *name;", "    uint16_t version, suite;",
           "    bool encrypt_then_mac, truncated_hmac;", "    struct { const char *bytes; size_t length; } records[3];",
           "} vectors[] = {"]
    for name, end in CASES:
        out.append('    {"%s", 0x%04x, 0x%04x, %s, %s,' % (name, end.version, end.suite, str(end.etm).lower(),
                                                        str(end.truncated).lower()))
        rows = []
        for kind, text in TEXTS:
            record = end.record(kind, text)
            rows.append("{%s, %d}" % (literal(record), len(record)))
        out.append("     {" + ",\n     ".join(rows) + "}},")
    out += ["};", ""]
    seed = bytes(range(64))
    for name, version, digest in (("tls10", 0x0301, None), ("sha256", 0x0303, "sha256"), ("sha384", 0x0303, "sha384")):
        made = prf(version, digest, MASTER[:47], b"test label", seed, 100)
        out += ["static const char prf_%s[] =\n    %s;" % (name, literal(made))]
    premaster = b"\x03\x03" + bytes(range(46))
    out += ["static const char master_ssl3[] =\n    %s;" % literal(ssl3(premaster, CLIENT + SERVER, 48)),
            "static const char master_plain[] =\n    %s;" %
            literal(prf(0x0303, "sha256", premaster, b"master secret", CLIENT + SERVER, 48)),
            "static const char master_extended[] =\n    %s;" %
            literal(prf(0x0303, "sha256", premaster, b"extended master secret", hashlib.sha256(b"hash").digest(), 48))]
    with open(sys.argv[1], "w") as file:
        file.write("\n".join(out) + "\n")


main()

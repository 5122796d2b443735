#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""TLS that OpenSSL speaks here and now, opened: tls_made.py --plain PATH [--only NAME]

Each case runs openssl's server and client over a relay that notes what passed, writes that as a capture, and holds what
PATH (the command line without the protocols inside TLS) opens of it to what the two ends said. Skipped without
openssl.
"""
import argparse
import hashlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import tcp_capture

SKIP = 77
os.environ["ASAN_OPTIONS"] = "exitcode=99" # 1 is the tool's own
try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError:
    print("skipped: no package cryptography")
    sys.exit(SKIP)
LINES = [b"stat/plug/POWER ON\n", b"x" * 3000 + b"\n", b"\n", b"stat/plug/POWER OFF\n"]
PSK = "00112233445566778899aabbccddeeff"


def reversed_lines(lines):
    return [line.rstrip(b"\n")[::-1] + b"\n" for line in lines]


class Relay:
    """Passes one connection at a time on to a port, and notes the bytes each way in their order."""

    def __init__(self, port):
        self.port, self.passed, self.lock = port, [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port))
            chunks = []
            self.passed.append(chunks)
            for end, (src, dst) in enumerate(((near, far), (far, near))):
                threading.Thread(target=self.pump, args=(chunks, end, src, dst), daemon=True).start()

    def pump(self, chunks, end, src, dst):
        while True:
            try:
                data = src.recv(65536)
                if not data:
                    dst.shutdown(socket.SHUT_WR)
                    return
                with self.lock:
                    chunks.append((end, data))
                dst.sendall(data)
            except OSError:
                return


class Lab:
    def __init__(self, work):
        self.work, self.count = work, 0
        run = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.path("server.pem"), "-out",
               self.path("server.crt"), "-subj", "/CN=lab", "-days", "30"]
        subprocess.run(run, check=True, capture_output=True)

    def path(self, name):
        return os.path.join(self.work, name)

    def server(self, *options):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = ["openssl", "s_server", "-accept", str(port), "-cert", self.path("server.crt"), "-key",
                   self.path("server.pem"), *options]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        return process, Relay(port)

    def client(self, relay, lines, *options, keylog=None, pause=0.15):
        more = ["-keylogfile", keylog] if keylog else []
        command = ["openssl", "s_client", "-connect", "127.0.0.1:%d" % relay.address, *options, "-no_ign_eof", *more]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(0.3)
        for line in lines:
            try:
                process.stdin.write(line)
                process.stdin.flush()
            except BrokenPipeError:
                break
            time.sleep(pause)
        time.sleep(0.2)
        process.stdin.close() # and so it says that it is done
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()
        time.sleep(0.1)

    def capture(self, connections, port=8883, drop=None):
        """A file with the connections, one behind the other; `drop` is told of each chunk and may leave it out."""
        self.count += 1
        capture = tcp_capture.Capture(1_700_000_000_000_000_000)
        plug = tcp_capture.Host("192.168.7.21", "dc:4f:22:1a:2b:3c")
        cloud = tcp_capture.Host("192.168.7.2", "00:e0:4c:68:00:01")
        for chunks in connections:
            connection = tcp_capture.Connection(capture, plug, cloud, port)
            for number, (end, data) in enumerate(chunks):
                kept = capture.records[:]
                connection.say(end, data)
                if drop and drop(number, end, data):
                    capture.records[:] = kept
            connection.close()
        path = self.path("case%d.pcap" % self.count)
        capture.write(path)
        return path


def opened(plain, captures, keys):
    """Per connection, in the order of their clients' ports, what each end said; and the sessions' fields."""
    command = [plain, "messages", "--format", "jsonl", *keys, *captures]
    done = subprocess.run(command, capture_output=True)
    if done.returncode not in (0, 1):
        raise SystemExit("%s: status %d: %s" % (command, done.returncode, done.stderr.decode()))
    said, sessions = {}, []
    for line in done.stdout.decode("utf-8", "surrogateescape").splitlines():
        record = json.loads(line)
        if record.get("record") != "message":
            continue
        client = record["src"].startswith("192.168.7.21")
        if record["protocol"] == "data":
            value = record["fields"]["payload"]
            data = bytes.fromhex(value["hex"]) if isinstance(value, dict) else value.encode("utf-8", "surrogateescape")
            key = record["src"] if client else record["dst"]
            said.setdefault(key, [b"", b""])[0 if client else 1] += data
        elif record["type"] == "session":
            sessions.append(record["fields"])
    return [said[key] for key in sorted(said)], sessions


class Cases:
    def __init__(self, plain, lab, only):
        self.plain, self.lab, self.only, self.failed = plain, lab, only, False

    def check(self, name, got, expected, sessions):
        fine = got == expected
        self.failed |= not fine
        words = "%d bytes" % sum(len(b) for pair in got for b in pair)
        if not fine:
            words = "FAILED: %s, expected %s; %s" % ([[len(b) for b in pair] for pair in got],
                                                     [[len(b) for b in pair] for pair in expected],
                                                     [s.get("not_opened") for s in sessions])
        print("%s: %s" % (name, words), flush=True)

    def wanted(self, name):
        return not self.only or self.only in name


TLS12 = ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
         "ECDHE-RSA-AES256-SHA384", "AES128-SHA", "AES256-SHA256", "AES128-CCM", "AES256-CCM8", "AES128-GCM-SHA256",
         "DHE-RSA-AES128-CCM8", "NULL-SHA256"]
TLS13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256",
         "TLS_AES_128_CCM_8_SHA256"]
WHOLE = [[b"".join(LINES), b"".join(reversed_lines(LINES))]]


def suites(c):
    """Every kind of protection by the key log; where the server's key suffices, by that."""
    legacy = ["-cipher", "AES128-SHA:@SECLEVEL=0"]
    kinds = [("tls12 " + name, ["-tls1_2", "-cipher", name + ":@SECLEVEL=0"]) for name in TLS12]
    kinds += [("tls12 AES128-SHA, MAC then encrypt", ["-tls1_2", "-no_etm", *legacy]),
              ("tls11 AES128-SHA", ["-tls1_1", *legacy]), ("tls10 AES128-SHA", ["-tls1", *legacy]),
              ("tls10 AES128-SHA, MAC then encrypt", ["-tls1", "-no_etm", *legacy])]
    kinds += [("tls13 " + name, ["-tls1_3", "-ciphersuites", name]) for name in TLS13]
    for name, options in kinds:
        if not c.wanted(name):
            continue
        keylog = c.lab.path("keys.log")
        if os.path.exists(keylog):
            os.remove(keylog)
        server, relay = c.lab.server("-rev", *options)
        c.lab.client(relay, LINES, "-quiet", *options, keylog=keylog)
        server.kill()
        capture = c.lab.capture(relay.passed[-1:])
        c.check(name, *expect(c, [capture], ["--keylog", keylog], WHOLE))
        if options[-1].startswith(("AES", "NULL")):
            rsa = ["--rsa-key", c.lab.path("server.pem")]
            c.check(name + ", by the server's key", *expect(c, [capture], rsa, WHOLE))


def expect(c, captures, keys, expected):
    got, sessions = opened(c.plain, captures, keys)
    return got, expected, sessions


def psk(c):
    common = ["-tls1_2", "-psk_identity", "plug 1", "-psk", PSK]
    ring = c.lab.path("psk.keys")
    for suite in ("PSK-AES128-CCM8", "PSK-AES256-CBC-SHA384", "PSK-CHACHA20-POLY1305"):
        if not c.wanted("psk " + suite):
            continue
        server, relay = c.lab.server("-rev", "-nocert", "-psk", PSK, "-tls1_2", "-cipher", suite)
        c.lab.client(relay, LINES, "-quiet", *common, "-cipher", suite)
        server.kill()
        capture = c.lab.capture(relay.passed[-1:])
        for line, fits in (('psk "plug 1" ' + PSK, True), ("psk * " + PSK, True), ("psk plug " + PSK, False),
                           ("psk * " + PSK[2:], False)):
            with open(ring, "w") as out:
                out.write(line + "\n")
            c.check("psk %s, %s" % (suite, "the key" if fits else "not the key"),
                    *expect(c, [capture], ["--keys", ring], WHOLE if fits else []))


def tuya(c):
    """PSK v1 of Tuya's devices, whose key follows from identity and hint; no key is given."""
    if not c.wanted("tuya"):
        return
    hint = "1dHRsc2NjbHltbGx3eWh50000000000000000"
    text = "BAohbmd6aG91IFR1" + hashlib.md5(b"auz").hexdigest()[:16] + "0123456789abcdef"
    key, iv = hashlib.md5(hint[-16:].encode()).digest(), hashlib.md5(text.encode()).digest()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    secret = (encryptor.update(text[:32].encode()) + encryptor.finalize()).hex()
    suite = "PSK-AES128-CBC-SHA256"
    server, relay = c.lab.server("-rev", "-nocert", "-psk", secret, "-psk_hint", hint, "-tls1_2", "-cipher", suite)
    c.lab.client(relay, LINES, "-quiet", "-psk_identity", "\x01" + text, "-psk", secret, "-tls1_2", "-cipher", suite)
    server.kill()
    c.check("tuya psk v1, without any key", *expect(c, [c.lab.capture(relay.passed[-1:], 8886)], [], WHOLE))
    # Version 2: the identity is the hash of the device's id, and the key is the device's own.
    device, ring = "bf0123456789abcdefgh", c.lab.path("tuya.keys")
    identity = "\x02" + "".join(map(chr, hashlib.sha256(device.encode()).digest()))
    if "\0" in identity:
        return
    server, relay = c.lab.server("-rev", "-nocert", "-psk", PSK, "-tls1_2", "-cipher", suite)
    c.lab.client(relay, LINES, "-quiet", "-psk_identity", os.fsdecode(identity.encode("latin-1")), "-psk", PSK,
                 "-tls1_2", "-cipher", suite)
    server.kill()
    with open(ring, "w") as out:
        out.write("psk %s %s\n" % (device, PSK))
    capture = c.lab.capture(relay.passed[-1:], 8886)
    c.check("tuya psk v2, with the device's key", *expect(c, [capture], ["--keys", ring], WHOLE))
    c.check("tuya psk v2, without it", *expect(c, [capture], [], []))


def resumption(c):
    """The second connection's master secret is that of the first, which the server's key opens."""
    rsa = ["--rsa-key", c.lab.path("server.pem")]
    for kind, more in (("ticket", []), ("session id", ["-no_ticket"])):
        if not c.wanted("resumed by " + kind):
            continue
        options = ["-tls1_2", "-cipher", "AES128-GCM-SHA256", *more]
        saved = c.lab.path("session.pem")
        server, relay = c.lab.server("-rev", *options)
        c.lab.client(relay, LINES[:1], "-quiet", "-sess_out", saved, *options)
        c.lab.client(relay, LINES[:2], "-quiet", "-sess_in", saved, *options)
        server.kill()
        first, second = relay.passed[-2:]
        whole = [[b"".join(LINES[:n]), b"".join(reversed_lines(LINES[:n]))] for n in (1, 2)]
        c.check("resumed by %s" % kind, *expect(c, [c.lab.capture([first, second])], rsa, whole))
        c.check("resumed by %s, read in the other order" % kind,
                *expect(c, [c.lab.capture([second, first])], rsa, whole[::-1]))
        c.check("resumed by %s, the first not there" % kind, *expect(c, [c.lab.capture([second])], rsa, []))


def pcapng(capture, secrets, before):
    """The capture as pcapng, with the key log in a secrets block before or behind the packets."""
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))
    with open(capture, "rb") as source:
        data = source.read()
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 0))
    log = block(10, struct.pack("<II", 0x544C534B, len(secrets)) + secrets)
    packets, at = b"", 24
    while at < len(data):
        seconds, micro, length, original = struct.unpack_from("<IIII", data, at)
        stamp = seconds * 10 ** 6 + micro
        packets += block(6, struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, length, original) +
                         data[at + 16:at + 16 + length])
        at += 16 + length
    path = capture + ("1.pcapng" if before else "2.pcapng")
    with open(path, "wb") as target:
        target.write(out + (log + packets if before else packets + log))
    return path


def late_and_once(c, capture):
    """Secrets behind the packets of a source that can't be read twice open nothing, and that is said."""
    with open(capture, "rb") as source:
        done = subprocess.run([c.plain, "messages", "--format", "jsonl", "-"], input=source.read(), capture_output=True)
    found = [line for line in done.stdout.splitlines() if b'"finding"' in line and b"can't be read again" in line]
    fine = done.returncode == 1 and len(found) == 1 and b'"protocol":"data"' not in done.stdout
    c.failed |= not fine
    print("secrets behind the packets of standard input: %s" % ("said" if fine else "FAILED"), flush=True)


def later(c):
    """Key updates, early data, secrets behind the packets, renegotiation."""
    keylog = c.lab.path("later.log")
    options = ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"]
    if c.wanted("key update"):
        server, relay = c.lab.server("-rev", *options)
        c.lab.client(relay, [LINES[0], b"K\n", LINES[1], b"K\n", LINES[3], b"K\n", LINES[0]], *options, keylog=keylog,
                     pause=0.5)
        server.kill()
        lines = [LINES[0], LINES[1], LINES[3], LINES[0]]
        whole = [[b"".join(lines), b"".join(reversed_lines(lines))]]
        capture = c.lab.capture(relay.passed[-1:])
        c.check("tls13 key update", *expect(c, [capture], ["--keylog", keylog], whole))
        with open(keylog, "rb") as log:
            secrets = log.read()
        c.check("secrets before the packets", *expect(c, [pcapng(capture, secrets, True)], [], whole))
        c.check("secrets behind the packets", *expect(c, [pcapng(capture, secrets, False)], [], whole))
        late_and_once(c, pcapng(capture, secrets, False))
        other = pcapng(c.lab.capture([]), secrets, True)
        c.check("secrets in another capture", *expect(c, [capture, other], [], whole))
        c.check("secrets in another capture, given first", *expect(c, [other, capture], [], whole))
    if c.wanted("early data"):
        os.path.exists(keylog) and os.remove(keylog)
        saved, early = c.lab.path("early.pem"), c.lab.path("early.txt")
        with open(early, "wb") as out:
            out.write(LINES[3])
        server, relay = c.lab.server("-early_data", *options)
        c.lab.client(relay, [LINES[0]], "-quiet", "-sess_out", saved, *options, keylog=keylog)
        c.lab.client(relay, [LINES[0]], "-quiet", "-sess_in", saved, "-early_data", early, *options, keylog=keylog)
        server.kill()
        c.check("tls13 early data", *expect(c, [c.lab.capture(relay.passed[-2:])], ["--keylog", keylog],
                                            [[LINES[0], b""], [LINES[3] + LINES[0], b""]]))


def losses(c):
    """A record lost: what follows is found again by its number, and what was lost is not made up."""
    for name, options in (("tls12 gcm", ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"]),
                          ("tls12 cbc", ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256"]),
                          ("tls13", ["-tls1_3"])):
        if not c.wanted("loss in " + name):
            continue
        keylog = c.lab.path("loss.log")
        os.path.exists(keylog) and os.remove(keylog)
        server, relay = c.lab.server("-rev", *options)
        c.lab.client(relay, LINES, "-quiet", *options, keylog=keylog)
        server.kill()
        seen = []

        def second_line(number, end, data):
            whole = end == 0 and data[0] == 23 and len(data) > 3000
            seen.append(whole)
            return whole
        capture = c.lab.capture(relay.passed[-1:], drop=second_line)
        if not any(seen):
            c.check("loss in %s: nothing to lose" % name, [[b"", b""]], [], [])
        left = [LINES[0], LINES[2], LINES[3]]
        c.check("loss in " + name, *expect(c, [capture], ["--keylog", keylog],
                                           [[b"".join(left), b"".join(reversed_lines(LINES))]]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plain", required=True)
    parser.add_argument("--only")
    options = parser.parse_args()
    if not shutil.which("openssl"):
        print("skipped: openssl is not installed")
        sys.exit(SKIP)
    with tempfile.TemporaryDirectory() as work:
        cases = Cases(options.plain, Lab(work), options.only)
        for part in (suites, psk, tuya, resumption, later, losses):
            part(cases)
    sys.exit(cases.failed)


main()

# SPDX-License-Identifier: Apache-2.0
"""MQTT over TLS: what the broker needs for it, and how a client gets its socket.

With certificates Python's own TLS is the client's, which writes a key log. With pre-shared keys, which Python does
not have, `openssl s_client` is: the client talks to it over a pair of sockets."""

import os
import socket
import ssl
import subprocess

PORTS = {"tls12": 8883, "tls13": 8883, "psk": 8884}
PSK_CIPHER = "PSK-AES128-GCM-SHA256"


class Security:
    """`kind` is tls12, tls13 or psk. `psks` are identities and their keys in hexadecimal."""

    def __init__(self, kind, folder, random):
        self.kind, self.folder = kind, folder
        self.port = PORTS[kind]
        self.psks = {name: random.randbytes(16).hex() for name in ("kettle", "app", "shell")} if kind == "psk" else {}
        self.keylog = self.path("keys.log")
        self.environment = {}  # the broker's

    def path(self, name):
        return os.path.join(self.folder, name)

    def prepare(self, address):
        """Makes what the broker needs, and returns the lines of its configuration."""
        lines = ["listener %d %s" % (self.port, address)]
        if self.kind == "psk":
            self.forbid_tls13()
            with open(self.path("psk.txt"), "w", encoding="ascii") as out:
                out.writelines("%s:%s\n" % pair for pair in self.psks.items())
            return lines + ["psk_file " + self.path("psk.txt"), "psk_hint lab", "tls_version tlsv1.2",
                            "ciphers " + PSK_CIPHER]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", self.path("broker.key"), "-out", self.path("broker.crt"), "-days", "3650", "-subj",
                        "/CN=mqtt.lab", "-addext", "subjectAltName=DNS:mqtt.lab,IP:" + address],
                       check=True, capture_output=True)
        return lines + ["certfile " + self.path("broker.crt"), "keyfile " + self.path("broker.key"),
                        "tls_version " + ("tlsv1.2" if self.kind == "tls12" else "tlsv1.3")]

    def forbid_tls13(self):
        """mosquitto's tls_version is the lowest one. In TLS 1.3 a pre-shared key goes with a key exchange."""
        with open(self.path("openssl.cnf"), "w", encoding="ascii") as out:
            out.write("openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = limits\n[limits]\n"
                      "MaxProtocol = TLSv1.2\n")
        self.environment["OPENSSL_CONF"] = self.path("openssl.cnf")

    def keyring(self):
        """The keyring beside the capture."""
        if self.kind == "psk":
            return "# pre-shared keys, as the broker has them\n" + "".join(
                "psk %s %s\n" % pair for pair in self.psks.items())
        with open(self.keylog, encoding="ascii") as log:
            return log.read()

    # ---- the client's side

    def equip(self, client, name, address):
        if self.kind == "psk":
            client._create_socket_connection = lambda: self.tunnel(name, address)
            return
        context = ssl.create_default_context(cafile=self.path("broker.crt"))
        version = ssl.TLSVersion.TLSv1_2 if self.kind == "tls12" else ssl.TLSVersion.TLSv1_3
        context.minimum_version = context.maximum_version = version
        context.keylog_filename = self.keylog
        client.tls_set_context(context)

    def tunnel(self, name, address):
        ours, theirs = socket.socketpair()
        with socket.socket() as free:
            free.bind((address[1], 0))
            port = free.getsockname()[1]
        subprocess.Popen(["openssl", "s_client", "-connect", "%s:%d" % (address[0], self.port), "-bind",
                          "%s:%d" % (address[1], port), "-tls1_2", "-cipher", PSK_CIPHER, "-psk_identity", name, "-psk",
                          self.psks[name], "-quiet", "-no_ign_eof"], stdin=theirs, stdout=theirs,
                         stderr=subprocess.DEVNULL)
        theirs.close()
        end = Tunnel(fileno=ours.detach())
        end.lab_port = port
        return end

    def options(self, name):
        """Those of mosquitto_pub, where it has any for this."""
        return ["-p", str(self.port), "--psk", self.psks[name], "--psk-identity", name, "--ciphers", PSK_CIPHER,
                "--tls-version", "tlsv1.2"]


class Tunnel(socket.socket):
    """A client's end of its tunnel: what stands for its port is that of the connection to the broker."""

    lab_port = None

# SPDX-License-Identifier: Apache-2.0
"""A network of its own: one namespace per host, joined by a bridge.

Everything happens inside `unshare --net --mount --pid`, so that names never collide with another run and the
kernel takes all of it down when the recipe ends, however it ends. Checksum offload is switched off in every
host: frames on the bridge then carry the checksums that a cable would show."""

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

SKIP = 77
INSIDE = "WATTRAIL_LAB_INSIDE"
PROGRAMS = ("unshare", "ip", "mosquitto", "mosquitto_pub", "tcpdump")
CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
# linux/ethtool.h: ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO
OFFLOADS = (0x17, 0x1F, 0x24, 0x2C)

libc = ctypes.CDLL(None, use_errno=True)


def skip(sentence):
    print("skipped: " + sentence, file=sys.stderr)
    sys.exit(SKIP)


def enter():
    """Starts the recipe again inside namespaces of its own; returns only there."""
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    if os.environ.get(INSIDE):
        return
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        skip("not installed: " + ", ".join(missing))
    private = ["--net", "--mount", "--pid", "--fork", "--kill-child"]
    # Without being root: the same rights inside a user namespace, under the user's own number, since
    # tcpdump tries to become another user wherever it finds itself root.
    for command in (["unshare"] + private,
                    ["unshare", "--user", "--map-current-user", "--keep-caps"] + private):
        trial = command + ["ip", "link", "add", "lab0", "type", "veth", "peer", "name", "lab1"]
        if subprocess.run(trial, capture_output=True).returncode == 0:
            break
    else:
        skip("network namespaces are not permitted here; run as root")
    os.environ[INSIDE] = "1"
    os.execvp(command[0], command + [sys.executable, "-B"] + sys.argv)


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError("ip " + " ".join(words) + ": " + done.stderr.strip())


def move_into(namespace):
    """Moves the calling process into a host's network namespace."""
    handle = os.open("/run/netns/" + namespace, os.O_RDONLY)
    try:
        if libc.setns(handle, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns " + namespace)
    finally:
        os.close(handle)


def run_inside(namespace, function):
    """Runs a short function in a host's namespace, in a child process."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            move_into(namespace)
            function()
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError("set-up inside " + namespace + " failed")


def quiet_interface():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in OFFLOADS:
            value = ctypes.create_string_buffer(struct.pack("=II", command, 0))
            request = struct.pack("16sP16x", b"eth0", ctypes.addressof(value))
            fcntl.ioctl(control.fileno(), SIOCETHTOOL, request)
    try:
        with open("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w", encoding="ascii") as setting:
            setting.write("1")
    except OSError:
        pass  # neighbour discovery then adds a few frames, which say nothing of a plug


class Host:
    """A machine of the network: a namespace with one interface."""

    def __init__(self, network, number, name, address, mac):
        self.network, self.name, self.address, self.mac = network, name, address, mac
        self.port = "port%d" % number
        self.namespace = name

    def plug_in(self):
        ip("netns", "add", self.namespace)
        ip("link", "add", self.port, "type", "veth", "peer", "name", "eth0", "netns", self.namespace)
        ip("link", "set", self.port, "master", "br0", "up")
        ip("-n", self.namespace, "link", "set", "lo", "up")
        run_inside(self.namespace, quiet_interface)
        ip("-n", self.namespace, "link", "set", "eth0", "address", self.mac, "up")
        ip("-n", self.namespace, "addr", "add", self.address + "/24", "dev", "eth0")

    def multicast(self):
        """Multicast leaves by the one interface, also without a router."""
        ip("-n", self.namespace, "route", "add", "224.0.0.0/4", "dev", "eth0")

    def unplug(self, out):
        """Takes the host off the bridge, or puts it back. It notices nothing, and what it sends meanwhile is lost."""
        ip("link", "set", self.port, *(["nomaster"] if out else ["master", "br0"]))

    def cut(self):
        """Takes the link away at once: nothing that the host still sends gets out."""
        ip("link", "set", self.port, "nomaster", "down")

    def remove(self):
        ip("netns", "del", self.namespace)


class Network:
    def __init__(self, prefix="192.168.7."):
        self.prefix = prefix
        self.count = 0
        if libc.mount(b"lab", b"/run", b"tmpfs", 0, None) != 0:
            raise OSError(ctypes.get_errno(), "mount /run")
        os.makedirs("/run/netns")
        ip("link", "set", "lo", "up")
        ip("link", "add", "br0", "type", "bridge")
        ip("link", "set", "br0", "address", "02:57:54:00:00:01", "up")
        ip("addr", "add", prefix + "1/24", "dev", "br0")

    def host(self, name, last, mac):
        self.count += 1
        host = Host(self, self.count, name, self.prefix + str(last), mac)
        host.plug_in()
        return host

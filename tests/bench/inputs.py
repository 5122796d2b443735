# SPDX-License-Identifier: Apache-2.0
"""The benchmark's inputs: captures made by the generator, kept for the next time, each with its ground truth."""

import glob
import json
import os
import subprocess

from measure import Failure

HERE = os.path.dirname(os.path.abspath(__file__))


class Source:
    """A capture, the keys to what is enciphered in it, and the counts of what is in it."""

    def __init__(self, name, path, truth):
        self.name = name
        self.path = path
        self.keys = path + ".keys"
        self.truth = truth
        self.bytes = truth["bytes"]
        self.packets = truth["packets"]


def build(directory, name, sources, libraries):
    """Compiles a small C program unless it is there and newer than its sources."""
    path = os.path.join(directory, name)
    newest = max(os.path.getmtime(source) for source in sources)
    if os.path.exists(path) and os.path.getmtime(path) > newest:
        return path
    code = [source for source in sources if source.endswith(".c")]
    command = [os.environ.get("CC", "cc"), "-std=c11", "-O2", *code, "-o", path, *libraries]
    if subprocess.run(command).returncode != 0:
        raise Failure(f"cannot build {name}")
    return path


def find_tools(tools, directory):
    """The paths of the generator, the starter and libpcap's bare loop: those of a build tree, or compiled here."""
    names = ("gen", "measure", "noop_pcap")
    if tools:
        found = [os.path.join(tools, name) for name in names]
        for path in found:
            if not os.access(path, os.X_OK):
                raise Failure(f"no program {path}")
        return found
    generator = sorted(glob.glob(os.path.join(HERE, "gen", "*.[ch]")))
    sources = [generator] + [[os.path.join(HERE, "peers", f"{name}.c")] for name in names[1:]]
    libraries = [["-lcrypto"], [], ["-lpcap"]]
    return [build(directory, *parts) for parts in zip(names, sources, libraries)]


def kept(generator, path, mode, size, seed):
    """The truth of a capture made earlier with the same parameters, by this generator, or None."""
    try:
        if min(os.path.getmtime(path), os.path.getmtime(path + ".keys")) < os.path.getmtime(generator):
            return None
        with open(path + ".json", encoding="utf-8") as file:
            truth = json.load(file)
        same = (truth["mode"], truth["size_wanted"], truth["seed"]) == (mode, size, seed)
        return truth if same and os.path.getsize(path) == truth["bytes"] else None
    except (OSError, ValueError, KeyError):
        return None


def make(generator, directory, name, mode, size, seed, say):
    """The capture of that mode, size and seed, generated unless it is there."""
    path = os.path.join(directory, f"{mode}-{size}-{seed}.pcap")
    truth = kept(generator, path, mode, size, seed)
    if not truth:
        say(f"generating {path}")
        if subprocess.run([generator, mode, path, str(size), str(seed)]).returncode != 0:
            raise Failure(f"cannot generate {path}")
        truth = kept(generator, path, mode, size, seed)
        if not truth:
            raise Failure(f"{path} is not what was asked for")
    return Source(name, path, truth)

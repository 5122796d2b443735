#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures wattrail on flash dumps: one of 4 MiB, and a run of them, beside other programs where they are given.

flash.py WATTRAIL [--check] [--runs N] [--size BYTES] [--bk7231tools DIR] [--decode-config FILE] [DUMP...]

Without DUMP the dumps of captures/flash-* are taken. Each is filled up to 4 MiB with blank bytes, as a chip of that size
would be; the run is made of them in turn, each with a number of its own in its last bytes, so that none repeats another.
bk7231tools (DIR: where its package lies) reads those of BK7231, decode-config (FILE: decode-config.py) settings backups.
--check: exits with 1 if a dump takes more than 0.1 s or 64 MB, or the run more memory than that."""

import argparse
import glob
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, "..", "..", "captures")
CHIP = 4 << 20
BACKUP = ".dmp"  # of settings: read as it is, since no chip begins with one
TIME_LIMIT, MEMORY_LIMIT = 0.1, 64_000_000


def measure(command, runs, **more):
    """The shortest time in seconds and the greatest memory in bytes, of several runs."""
    best, most = None, 0
    for _ in range(runs):
        begin = time.monotonic()
        with open(os.devnull, "wb") as nowhere:
            process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, **more)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        spent = time.monotonic() - begin
        best = spent if best is None else min(best, spent)
        most = max(most, usage.ru_maxrss * 1024)
        if process.returncode not in (0, 1):
            sys.exit("%s: status %d" % (" ".join(command), process.returncode))
    return best, most


def whole_chip(path, number):
    with open(path, "rb") as dump:
        data = dump.read(CHIP)
    return data.ljust(CHIP - 8, b"\xff")[:CHIP - 8] + number.to_bytes(8, "little")


def make_run(dumps, size, path):
    with open(path, "wb") as out:
        for number in range(size // CHIP):
            out.write(whole_chip(dumps[number % len(dumps)], number + 1))


def row(program, what, seconds, memory, size):
    print("| %s | %s | %.3f s | %.1f MB | %.0f MB/s |" % (program, what, seconds, memory / 1e6, size / 1e6 / seconds))


def peers(given, work):
    for path in given.dumps:
        name = os.path.basename(path)
        if given.bk7231tools and "bk7231" in name:
            environment = {**os.environ, "PYTHONPATH": given.bk7231tools}
            command = [sys.executable, "-m", "bk7231tools", "dissect_dump", "-e", "-O", work, "--storage", path]
            row("bk7231tools", name, *measure(command, given.runs, env=environment), os.path.getsize(path))
        if given.decode_config and name.endswith(BACKUP):
            command = [sys.executable, given.decode_config, "-s", path, "-T", "json"]
            row("decode-config", name, *measure(command, given.runs), os.path.getsize(path))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wattrail")
    parser.add_argument("dumps", nargs="*", metavar="DUMP")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--size", type=lambda text: int(float(text)), default=1 << 30)
    parser.add_argument("--bk7231tools")
    parser.add_argument("--decode-config")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    given.dumps = given.dumps or sorted(glob.glob(os.path.join(CAPTURES, "flash-*", "*.bin")))
    missed = []
    print("| program | dump | time | memory | rate |\n|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as work:
        chip = os.path.join(work, "chip.bin")
        for path in given.dumps:
            backup = path.endswith(BACKUP)
            with open(chip, "wb") as out:
                out.write(whole_chip(path, 1))
            read = path if backup else chip
            seconds, memory = measure([given.wattrail, "timeline", "-q", "--format", "jsonl", read], given.runs)
            row("wattrail", os.path.basename(path) + ("" if backup else ", 4 MiB"), seconds, memory, os.path.getsize(read))
            if seconds > TIME_LIMIT or memory > MEMORY_LIMIT:
                missed.append(path)
        long_run = os.path.join(work, "run.bin")
        make_run([path for path in given.dumps if not path.endswith(BACKUP)], given.size, long_run)
        seconds, memory = measure([given.wattrail, "timeline", "-q", "--format", "jsonl", long_run], 1)
        row("wattrail", "%d dumps" % (given.size // CHIP), seconds, memory, given.size)
        if memory > MEMORY_LIMIT:
            missed.append("the run")
        peers(given, work)
    if missed:
        print("missed:", ", ".join(missed))
    return 1 if given.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())

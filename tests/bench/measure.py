# SPDX-License-Identifier: Apache-2.0
"""Runs programs and measures them: wall clock, processor time and resident memory, as the kernel accounts for them."""

import statistics
import subprocess


class Failure(Exception):
    """Something without which the benchmark cannot go on."""


class Program:
    """One command on one input, and its runs."""

    def __init__(self, name, source, command, warm_up=True):
        self.name = name
        self.source = source
        self.command = command
        self.warm_up = warm_up
        self.runs = []

    def values(self, field):
        return [run[field] for run in self.runs]

    def median(self, field):
        return statistics.median(self.values(field))

    def most(self, field):
        return max(self.values(field))


def run_once(starter, command):
    """Runs a command with its output thrown away; returns its times in seconds and its memory in bytes."""
    done = subprocess.run([starter, *command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failure(f"cannot be started: {' '.join(command)}")
    status, wall, user, system, memory = map(int, done.stdout.split())
    if status != 0:
        raise Failure(f"exit status {status}: {' '.join(command)}")
    return {"wall": wall / 1e6, "user": user / 1e6, "sys": system / 1e6, "rss": memory * 1024}


def read_through(path):
    """Brings a file into the page cache."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def run_all(starter, programs, rounds, say):
    """Warms up, then runs every program once a round, so that all meet the same moods of the machine."""
    for path in sorted({program.source.path for program in programs}):
        read_through(path)
    for program in programs:
        if program.warm_up:
            say(f"warming up: {program.name} on {program.source.name}")
            run_once(starter, program.command)
    for number in range(rounds):
        for program in programs:
            program.runs.append(run_once(starter, program.command))
            wall = program.runs[-1]["wall"]
            say(f"round {number + 1} of {rounds}: {program.name} on {program.source.name}: {wall:.3f} s")


def ratios(above, below, per_byte=False):
    """The ratio of two programs' wall clocks, round by round: median, least, most."""
    scale = below.source.bytes / above.source.bytes if per_byte else 1.0
    rounds = [a / b * scale for a, b in zip(above.values("wall"), below.values("wall"))]
    return {"median": statistics.median(rounds), "least": min(rounds), "most": max(rounds)}

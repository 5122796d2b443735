#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures wattrail beside openssl, libpcap's bare loop, ndpiReader and tshark on captures made for it, and prints
Markdown. Without WATTRAIL only the others run. Not part of the ordinary test run: it takes minutes and gigabytes."""

import argparse
import contextlib
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile

import inputs
import verify
from measure import Failure, Program, ratios, run_all

MEMORY_LIMIT = 64_000_000
OPENSSL_LIMIT = 2.0
TSHARK_LEAST = 20.0
GROWTH_LIMIT = 1.10


def say(text):
    print(text, file=sys.stderr, flush=True)


def whole(text):
    """A number of bytes, 1e9 as well as 1000000000."""
    return int(float(text))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wattrail", nargs="?", help="the program to measure")
    parser.add_argument("--dir", default=os.path.join(tempfile.gettempdir(), "wattrail-bench"),
                        help="where inputs are made and kept (default: %(default)s)")
    parser.add_argument("--tools", help="directory with gen, measure and noop_pcap (default: they are compiled)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mixed", type=whole, default=10**9, help="bytes of the mixed capture")
    parser.add_argument("--plug", type=whole, default=2 * 10**8, help="bytes of the plug capture")
    parser.add_argument("--slice", type=whole, default=5 * 10**7, help="bytes of it that tshark reads")
    parser.add_argument("--full", action="store_true", help="tshark reads the whole plug capture")
    parser.add_argument("--tenfold", action="store_true", help="also read a plug capture ten times as long")
    parser.add_argument("--check", action="store_true",
                        help="verify the counts, measure tenfold, and exit with 1 if a target is missed")
    parser.add_argument("--json", metavar="FILE", help="write the measurements there")
    given = parser.parse_args()
    if given.runs < 1:
        parser.error("--runs is at least 1")
    if given.check and not given.wattrail:
        parser.error("--check needs the program to measure")
    return given


def make_sources(given, generator):
    def make(name, mode, size):
        return inputs.make(generator, given.dir, name, mode, size, given.seed, say)

    sources = {"mixed": make("mixed", "mixed", given.mixed), "plug": make("plug", "plug", given.plug)}
    if given.full or given.slice >= given.plug:
        sources["slice"] = sources["plug"]
    else:  # a shorter capture is the beginning of a longer one
        sources["slice"] = make(f"plug, its first {given.slice / 1e6:.0f} MB", "plug", given.slice)
    if given.wattrail and (given.tenfold or given.check):
        sources["tenfold"] = make("plug, ten times as long", "plug", 10 * given.plug)
    return sources


def peers(sources, noop):
    for name in ("mixed", "plug"):
        path = sources[name].path
        yield Program("openssl dgst -sha256", sources[name], ["openssl", "dgst", "-sha256", path])
        yield Program("libpcap, nothing done", sources[name], [noop, path])
        yield Program("ndpiReader -q", sources[name], ["ndpiReader", "-i", path, "-q"])
    part = sources["slice"]
    yield Program("tshark -Y mqtt -T json", part,
                    ["tshark", "-n", "-r", part.path, "-Y", "mqtt", "-T", "json"], warm_up=False)


def subject(source, wattrail, way, **more):
    command = [wattrail, *way, "--keys", source.keys, source.path]
    return Program("wattrail " + " ".join(way), source, command, **more)


def subjects(sources, wattrail):
    ways = (["timeline", "--format", "jsonl"], ["timeline", "--format", "csv"], ["messages", "--format", "jsonl"])
    for name in ("mixed", "plug"):
        for way in ways:
            yield subject(sources[name], wattrail, way)


def choose(given, sources, noop):
    """Everything to run, less what is not installed."""
    programs = []
    for program in peers(sources, noop):
        if shutil.which(program.command[0]):
            programs.append(program)
        else:
            say(f"not installed, left out: {program.name}")
    if given.wattrail:
        programs.extend(subjects(sources, given.wattrail))
    return programs


def first_line(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError:
        return None
    return next((line for line in done.stdout.splitlines() if any(c.isdigit() for c in line)), None)


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def surroundings(given, noop, sources):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    release = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    versions = [
        first_line(given.wattrail, "--version") if given.wattrail else None,
        first_line("openssl", "version"),
        (first_line(noop, sources["slice"].path) or "").split(":")[0],
        first_line("ndpiReader", "--help"),
        first_line("tshark", "--version"),
    ]
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "machine": f"{processor()}, {os.cpu_count()} processors, {memory / 1e9:.0f} GB",
        "system": f"{release}, Linux {platform.release()}",
        "versions": [version for version in versions if version],
        "runs": given.runs,
    }


def find(programs, name, source):
    return next((p for p in programs if p.name == name and p.source is source), None)


def key_ratios(programs, sources):
    """The ratios that the targets speak of, and the same against the other peers."""
    found = {}
    for name in ("mixed", "plug"):
        own = find(programs, "wattrail timeline --format jsonl", sources[name])
        if not own:
            return found
        for peer in ("openssl dgst -sha256", "libpcap, nothing done", "ndpiReader -q"):
            other = find(programs, peer, sources[name])
            if other:
                found[f"{name}: wattrail / {peer}"] = ratios(own, other)
    tshark = find(programs, "tshark -Y mqtt -T json", sources["slice"])
    if tshark:
        found["plug: tshark / wattrail, per byte"] = ratios(tshark, own, per_byte=True)
    return found


def judge(programs, sources, found, tenfold):
    """Each target with what was measured, and whether it is met; None where it was not measured."""
    own = [p for p in programs if p.name.startswith("wattrail")]
    openssl = found.get("mixed: wattrail / openssl dgst -sha256")
    tshark = found.get("plug: tshark / wattrail, per byte")
    verdicts = [
        (f"mixed: at most {OPENSSL_LIMIT} times openssl's time", openssl and openssl["median"],
         openssl and openssl["median"] <= OPENSSL_LIMIT),
        (f"plug: at least {TSHARK_LEAST:.0f} times as fast as tshark", tshark and tshark["median"],
         tshark and tshark["median"] >= TSHARK_LEAST),
    ]
    for name in ("mixed", "plug"):
        most = max((p.most("rss") for p in own if p.source is sources[name]), default=None)
        verdicts.append((f"{name}: at most {MEMORY_LIMIT / 1e6:.0f} MB resident", most and most / 1e6,
                         most and most <= MEMORY_LIMIT))
    plug = find(programs, "wattrail timeline --format jsonl", sources["plug"])
    growth = tenfold.most("rss") / plug.most("rss") if tenfold and plug else None
    verdicts.append((f"ten times the plug capture: at most {GROWTH_LIMIT} times the memory", growth,
                     growth and growth <= GROWTH_LIMIT))
    return [{"target": target, "measured": value, "met": met} for target, value, met in verdicts]


def span(values, digits):
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def print_table(programs, source):
    size = f"{source.bytes / 1e6:.1f} MB, {source.packets:,} packets"
    print(f"\n**{source.name}** ({size})\n")
    print("| program | wall, s | least to most | user, s | sys, s | MB/s | thousand packets/s | resident, MB |")
    print("|---|---|---|---|---|---|---|---|")
    for p in programs:
        if p.source is not source:
            continue
        wall = p.median("wall")
        print(f"| {p.name} | {wall:.3f} | {span(p.values('wall'), 3)} | {p.median('user'):.2f} | "
              f"{p.median('sys'):.2f} | {source.bytes / wall / 1e6:,.0f} | {source.packets / wall / 1e3:,.0f} | "
              f"{p.most('rss') / 1e6:.1f} |")


def print_report(place, programs, found, verdicts):
    print(f"{place['machine']}; {place['system']}; {place['date']}; medians of {place['runs']} interleaved runs.")
    print("; ".join(place["versions"]))
    for source in dict.fromkeys(p.source for p in programs):
        print_table(programs, source)
    if found:
        print("\n| ratio of wall clocks | median | least to most |\n|---|---|---|")
        for name, ratio in found.items():
            print(f"| {name} | {ratio['median']:.2f} | {ratio['least']:.2f} to {ratio['most']:.2f} |")
    if verdicts:
        print("\n| target | measured | |\n|---|---|---|")
        for verdict in verdicts:
            value = "not measured" if verdict["measured"] is None else f"{verdict['measured']:.2f}"
            print(f"| {verdict['target']} | {value} | {'met' if verdict['met'] else 'MISSED'} |")


def verified(given, sources):
    with contextlib.redirect_stdout(sys.stderr):
        done = [verify.main(given.wattrail, sources[name].path) for name in ("mixed", "plug")]
    return not any(done)


def as_json(place, programs, found, verdicts):
    runs = [{"program": p.name, "input": p.source.name, "bytes": p.source.bytes, "packets": p.source.packets,
             "runs": p.runs} for p in programs]
    return {**place, "programs": runs, "ratios": found, "targets": verdicts}


def main():
    given = arguments()
    os.makedirs(given.dir, exist_ok=True)
    generator, starter, noop = inputs.find_tools(given.tools, given.dir)
    sources = make_sources(given, generator)
    programs = choose(given, sources, noop)
    run_all(starter, programs, given.runs, say)
    tenfold = None
    if "tenfold" in sources:
        way = ["timeline", "--format", "jsonl"]
        tenfold = subject(sources["tenfold"], given.wattrail, way, warm_up=False)
        run_all(starter, [tenfold], 1, say)
    found = key_ratios(programs, sources)
    verdicts = judge(programs, sources, found, tenfold) if given.wattrail else []
    shown = programs + ([tenfold] if tenfold else [])
    place = surroundings(given, noop, sources)
    print_report(place, shown, found, verdicts)
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump(as_json(place, shown, found, verdicts), file, indent=1)
    if not given.check:
        return 0
    right = verified(given, sources)
    return 0 if right and all(verdict["met"] for verdict in verdicts) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"run.py: {failure}", file=sys.stderr)
        sys.exit(2)

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped captures, whole and damaged: captures.py --wattrail PATH --captures DIR [--seeds N] WHAT

WHAT is one of
  truth      the timeline says what the actors did, and nothing else
  origin     every line leads back to its bytes
  same       the same bytes come out whatever the time zone, locale, directory, run and amount of memory
  damage     packets lost, repeated and moved at random, the file cut anywhere, a byte changed: a result all the same,
             which says nothing that the whole capture's does not
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


class Failure(Exception):
    pass


def run(command, allowed=(0,), **more):
    done = subprocess.run(command, capture_output=True, **more)
    if done.returncode not in allowed:
        raise Failure("%s: status %d\n%s%s" % (" ".join(command), done.returncode,
                                               done.stdout.decode(errors="replace")[-4000:],
                                               done.stderr.decode(errors="replace")[-4000:]))
    return done


def checker(name, *arguments):
    run([sys.executable, "-B", os.path.join(HERE, name), *arguments])


def keys_of(capture):
    """The options that give the tool the keyring beside the capture, if there is one."""
    keys = os.path.abspath(capture.replace(".pcap", ".keys"))
    return ["--keys", keys] if os.path.exists(keys) else []


def timeline(wattrail, capture, target, keys, allowed=(0,), **more):
    done = run([wattrail, "timeline", "--format", "jsonl", *keys, capture], allowed=allowed, **more)
    with open(target, "wb") as out:
        out.write(done.stdout)
    return done.returncode


def truth(wattrail, capture, work):
    lines = os.path.join(work, "timeline.jsonl")
    timeline(wattrail, capture, lines, keys_of(capture))
    checker("check_truth.py", lines, capture.replace(".pcap", ".truth.json"))


def origin(wattrail, capture, work):
    lines = os.path.join(work, "timeline.jsonl")
    timeline(wattrail, capture, lines, keys_of(capture))
    checker("check_origin.py", lines, capture)


def same(wattrail, capture, work):
    command = [wattrail, "timeline", "--format", "jsonl", *keys_of(capture)]
    plain = run(command + [capture]).stdout
    for name, value in (("TZ", "Pacific/Auckland"), ("LC_ALL", "C.UTF-8"), ("LC_ALL", "de_DE.UTF-8"), ("COLUMNS", "40")):
        again = run(command + [capture], env={**os.environ, name: value}).stdout
        if again != plain:
            raise Failure("%s=%s changes the output" % (name, value))
    moved = run(command + [os.path.basename(capture)], cwd=os.path.dirname(capture))
    little = run(command + ["--memory", "1M", capture])
    with open(capture, "rb") as source:
        piped = run(command + ["-"], stdin=source)
    if moved.stdout != plain or little.stdout != plain:
        raise Failure("directory or memory change the output")
    first, rest = piped.stdout.split(b"\n", 1)
    if rest != plain.split(b"\n", 1)[1] or json.loads(first)["sources"][0]["name"] != "standard input":
        raise Failure("standard input gives other records than the file")


# What is done to a capture, and how it is compared with the whole.
DAMAGES = (
    (["--drop", "0.02"], []),
    (["--drop", "0.2"], []),
    (["--dup", "0.2"], ["--dup-only"]),
    (["--reorder", "0.2"], []),
    (["--drop", "0.05", "--dup", "0.05", "--reorder", "0.1"], []),
    (["--cut"], []),
    (["--flip"], None), # a changed byte may be a changed value: only that there is a result
)


def damage(wattrail, capture, work, seeds):
    whole = os.path.join(work, "whole.jsonl")
    keys = keys_of(capture)
    timeline(wattrail, capture, whole, keys)
    for seed in range(seeds):
        done, compared = DAMAGES[seed % len(DAMAGES)]
        damaged = os.path.join(work, "damaged.pcap")
        lines = os.path.join(work, "damaged.jsonl")
        run([sys.executable, "-B", os.path.join(HERE, "perturb.py"), capture, "--seed", str(seed), "--out", damaged] + done)
        # A file cut within its header, or with its first bytes changed, is no capture any more.
        allowed = (0, 1, 3) if done[0] in ("--cut", "--flip") else (0, 1)
        status = timeline(wattrail, damaged, lines, keys, allowed=allowed)
        if status == 3 or compared is None:
            continue
        try:
            checker("check_subset.py", *compared, lines, whole)
        except Failure as failure:
            raise Failure("seed %d %s: %s" % (seed, " ".join(done), failure)) from failure


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--captures", required=True)
    parser.add_argument("--seeds", type=int, default=42)
    parser.add_argument("what", choices=("truth", "origin", "same", "damage"))
    options = parser.parse_args()
    captures = sorted(glob.glob(os.path.join(options.captures, "*", "*.pcap")))
    if not captures:
        sys.exit("no captures in %s" % options.captures)
    failed = False
    for capture in captures:
        with tempfile.TemporaryDirectory() as work:
            try:
                if options.what == "damage":
                    damage(options.wattrail, capture, work, options.seeds)
                else:
                    globals()[options.what](options.wattrail, capture, work)
                print("%s: %s holds" % (os.path.basename(capture), options.what))
            except Failure as failure:
                failed = True
                print("%s: %s" % (os.path.basename(capture), failure))
    sys.exit(failed)


if __name__ == "__main__":
    main()

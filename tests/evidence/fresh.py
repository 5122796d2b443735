#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fresh captures: runs each recipe with seeds that nobody has seen before, and holds the timeline to what the actors
logged. fresh.py --wattrail PATH --captures DIR [--seeds N] [--first-seed N]

Without --first-seed the seeds differ in every run and are printed, so that a failure can be had again; where CI is set
in the environment they begin at 1000. A recipe that fails itself (a stalled machine) is run once more.
"""
import argparse
import glob
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SKIP = 77


def one(wattrail, recipe, seed, work):
    """The exit status of the recipe, or of what is wrong with its capture; with the words for it."""
    name = os.path.basename(os.path.dirname(recipe))
    command = [sys.executable, "-B", recipe, "--seed", str(seed), "--out", work]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode not in (0, SKIP):
        made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode != 0:
        return made.returncode, made.stdout + made.stderr
    capture, lines = os.path.join(work, name + ".pcap"), os.path.join(work, "timeline.jsonl")
    keys = os.path.join(work, name + ".keys")
    given = ["--keys", keys] if os.path.exists(keys) else []
    with open(lines, "wb") as out:
        done = subprocess.run([wattrail, "timeline", "--format", "jsonl", *given, capture], stdout=out, stderr=subprocess.PIPE)
    if done.returncode != 0:
        return 1, "wattrail: status %d: %s" % (done.returncode, done.stderr.decode(errors="replace"))
    for checker, against in (("check_truth.py", os.path.join(work, name + ".truth.json")), ("check_origin.py", capture)):
        said = subprocess.run([sys.executable, "-B", os.path.join(HERE, checker), lines, against], capture_output=True,
                              text=True)
        if said.returncode != 0:
            return 1, said.stdout + said.stderr
    return 0, said.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--captures", required=True)
    parser.add_argument("--seeds", type=int, default=1)
    any_seed = 1000 if os.environ.get("CI") else random.SystemRandom().randrange(2, 1 << 30)
    parser.add_argument("--first-seed", type=int, default=any_seed)
    options = parser.parse_args()
    recipes = sorted(glob.glob(os.path.join(options.captures, "*", "recipe.py")))
    failed, ran = not recipes, False
    for recipe in recipes:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            with tempfile.TemporaryDirectory() as work:
                status, words = one(options.wattrail, recipe, seed, work)
            name = os.path.basename(os.path.dirname(recipe))
            print("%s, seed %d: %s" % (name, seed, "true" if status == 0 else words), flush=True)
            if status == SKIP: # what this recipe needs is not here
                break
            ran = True
            failed |= status != 0
    sys.exit(failed or (0 if ran else SKIP))


main()

# SPDX-License-Identifier: Apache-2.0
"""The third-party programs that recipes and tests run: where npm put them, and Node.js to run them.

package.json names them, package-lock.json fixes their versions and hashes; tools/setup.sh installs them into
node_modules beside this file. Nothing of the library or the tools needs them."""

import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SKIP = 77
PATH = os.environ.get("PATH", "") + ":/usr/local/bin:/usr/bin:/bin"


def missing(*packages):
    """What is not there, as a sentence; None if all is."""
    if shutil.which("node", path=PATH) is None:
        return "Node.js is not installed"
    absent = [name for name in packages if not os.path.isdir(os.path.join(HERE, "node_modules", name))]
    return "not installed in tests/npm (tools/setup.sh test does it): " + ", ".join(absent) if absent else None


def require(*packages):
    """Ends the program, saying so, where something is missing; else the command that runs Node.js."""
    lack = missing(*packages)
    if lack:
        print("skipped: " + lack, file=sys.stderr)
        sys.exit(SKIP)
    return shutil.which("node", path=PATH)


def versions(*packages):
    """What is installed, for a record of it."""
    found = {}
    for name in packages:
        with open(os.path.join(HERE, "node_modules", name, "package.json"), encoding="utf-8") as description:
            found[name] = json.load(description)["version"]
    return found


def environment():
    """For Node.js: `require` then finds the packages wherever the script lies."""
    return {**os.environ, "NODE_PATH": os.path.join(HERE, "node_modules")}

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds wattrail and its tests, and runs them all. Arguments go to ctest.
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh test
cmake --preset release >/dev/null
cmake --build --preset release
ctest --preset release --parallel 2 "$@"

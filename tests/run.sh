#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds wattrail and its tests, and runs them all. What passed is not run again until a
# file of the project, a package of the system or the data beside the project has changed: the run then says so, and
# when it passed. Arguments go to ctest, and then everything runs (`sh tests/run.sh --verbose`).
set -eu
cd "$(dirname "$0")/.."
passed=build/release/tests-passed

# What a run of the tests depends on, as one hash: the project's files, the packages installed, the data beside it.
state() {
    {
        find . \( -path './build*' -o -path ./.git -o -name node_modules -o -name __pycache__ \) -prune -o -type f -print0 |
            LC_ALL=C sort -z | xargs -0 sha256sum
        # shellcheck disable=SC2016 # dpkg's own format
        dpkg-query -W -f '${Package} ${Version}\n'
        ls -lR ../shared/data 2>/dev/null || echo "no data beside the project"
        id -u
    } | sha256sum
}

sh tools/setup.sh test
cmake --preset release >/dev/null
cmake --build --preset release
now=$(state)
if [ $# -eq 0 ] && [ -f "$passed" ] && [ "$(sed -n 1p "$passed")" = "$now" ]; then
    sed 1d "$passed"
    echo "Nothing has changed since these tests passed on $(date -u -r "$passed" '+%Y-%m-%d at %H:%M UTC')."
    echo "To run them all the same: sh tests/run.sh --output-on-failure"
    exit 0
fi
results=$(mktemp)
trap 'rm -f "$results"' EXIT
status=0
{ ctest --preset release --parallel 2 "$@" || echo "$?" >"$results.status"; } | tee "$results"
if [ -f "$results.status" ]; then
    status=$(cat "$results.status")
    rm -f "$results.status"
fi
if [ "$status" -eq 0 ] && [ $# -eq 0 ]; then
    { echo "$now" && sed -n '/tests passed/,$p' "$results"; } >"$passed"
fi
exit "$status"

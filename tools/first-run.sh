#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds wattrail, and prints the timeline of a capture that ships with it.
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh build
[ -f build/first-run/build.ninja ] ||
    cmake -S . -B build/first-run -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DWATTRAIL_BUILD_TESTS=OFF >/dev/null
cmake --build build/first-run >/dev/null
exec build/first-run/wattrail timeline captures/first-plug/first-plug.pcap

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the build into a folder of its own and uses it as a stranger would: the example program through
# pkg-config (shared and static) and through find_package, from C99 and from C++, on a capture that ships.
# Usage: install.sh SOURCE_DIR BUILD_DIR
set -eu
source=$1
build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
capture=$source/captures/first-plug/first-plug.pcap

cmake --install "$build" --prefix "$work/prefix" >/dev/null
PKG_CONFIG_PATH=$(find "$work/prefix" -type d -name pkgconfig)
export PKG_CONFIG_PATH
library=$(dirname "$PKG_CONFIG_PATH")
export LD_LIBRARY_PATH="$library"

# Sanitised libraries need their runtime in whatever links them.
flags=$(sed -n 's/^WATTRAIL_SANITIZE:STRING=\(..*\)/-fsanitize=\1/p' "$build/CMakeCache.txt")
coverage=$(sed -n 's/^WATTRAIL_COVERAGE:BOOL=ON/--coverage/p' "$build/CMakeCache.txt")
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")

# shellcheck disable=SC2046,SC2086 # lists of words
"$compiler" $flags $coverage -std=c99 -Wall -Wextra -Werror "$source/docs/example.c" -o "$work/shared" \
    $(pkg-config --cflags --libs wattrail)
# shellcheck disable=SC2046,SC2086
"$compiler" $flags $coverage -std=c99 "$source/docs/example.c" -o "$work/static" \
    $(pkg-config --cflags wattrail) "$library/libwattrail.a" $(pkg-config --libs zlib libcrypto expat libpcap) \
    -lmbedx509 -lmbedcrypto -pthread

cat >"$work/check.cpp" <<'CPP'
#include <wattrail/wattrail.h>
int main() { return wtr_version()[0] == '\0'; }
CPP
# shellcheck disable=SC2046,SC2086
g++ $flags $coverage -Wall -Wextra -Werror "$work/check.cpp" -o "$work/cpp" $(pkg-config --cflags --libs wattrail)
"$work/cpp"

mkdir "$work/package"
cp "$source/docs/example.c" "$work/package"
cat >"$work/package/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(stranger C)
find_package(wattrail REQUIRED)
add_executable(example example.c)
target_link_libraries(example PRIVATE wattrail::wattrail)
CMAKE
cmake -S "$work/package" -B "$work/package/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_C_COMPILER="$compiler" -DCMAKE_C_FLAGS="$flags $coverage" >/dev/null
cmake --build "$work/package/build" >/dev/null

"$work/shared" "$capture" >"$work/shared.out"
"$work/static" "$capture" >"$work/static.out"
"$work/package/build/example" "$capture" >"$work/package.out"
cmp "$work/shared.out" "$work/static.out"
cmp "$work/shared.out" "$work/package.out"
stated=$(grep -c 'reported o' "$work/shared.out")
wanted=$(/usr/bin/python3 - "$source/captures/first-plug/first-plug.truth.json" <<'PY'
import json, sys
truth = json.load(open(sys.argv[1]))
print(sum(s["kind"] == "power.state" for p in truth["publications"] for s in p["statements"]))
PY
)
[ "$stated" = "$wanted" ] || {
    echo "the example prints $stated states, the actors made $wanted" >&2
    exit 1
}
"$work/prefix/bin/wattrail" --version

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares the library's binary interface with the recorded one, and its exported symbols with the headers'.
# `abi.sh SOURCE_DIR BUILD_DIR record` records it anew, after a change that was meant.
set -eu
source=$1
build=$2
record=$source/tests/abi/wattrail.abi
library=$build/libwattrail.so
command -v abidiff >/dev/null || {
    echo "skipped: abidiff is not installed" >&2
    exit 77
}
if [ "${3:-}" = record ]; then
    mkdir -p "$(dirname "$record")"
    abidw --headers-dir "$source/include" --drop-private-types --no-corpus-path --no-comp-dir-path \
        --no-show-locs "$library" >"$record"
    exit 0
fi
nm -D --defined-only "$library" | awk '$2 == "T" {sub(/@.*/, "", $3); print $3}' | sort >"$build/exported"
cat "$source"/include/wattrail/*.h | tr '\n' ' ' | grep -o 'WTR_API [^;(]*wtr_[a-z_0-9]*(' |
    grep -o 'wtr_[a-z_0-9]*(' | tr -d '(' | sort -u >"$build/public"
diff "$build/public" "$build/exported" || {
    echo "what the headers declare and what the library exports differ" >&2
    exit 1
}
abidiff --headers-dir2 "$source/include" --drop-private-types "$record" "$library"

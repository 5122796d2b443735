#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing on Debian 12: `setup.sh build` for building and using wattrail, `setup.sh test` for
# its tests as well, `setup.sh check` for formatting and static analysis on top. Says what it installs; does
# nothing where all is there.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libpcap-dev zlib1g-dev libssl-dev libexpat1-dev"
test="$build libcriterion-dev python3 python3-paho-mqtt python3-yaml mosquitto mosquitto-clients tcpdump tshark iproute2
      util-linux g++ abigail-tools groff"
check="$test clang clang-format clang-tidy libclang-rt-14-dev shellcheck"

case "${1:-}" in
build) wanted=$build ;;
test) wanted=$test ;;
check) wanted=$check ;;
*)
    echo "usage: setup.sh build|test|check" >&2
    exit 2
    ;;
esac

missing=""
for package in $wanted; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "setup.sh: run this as root, or install:$missing" >&2
        exit 1
    }
    as_root=sudo
fi
echo "Installing from Debian:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null

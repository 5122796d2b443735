#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing on Debian 12: `setup.sh build` for building and using wattrail, `setup.sh test` for
# its tests as well, `setup.sh check` for formatting and static analysis on top. Says what it installs; does
# nothing where all is there. The third-party plugs and clients that some tests run come from npm, at the
# versions that tests/npm/package-lock.json fixes; without them those tests are skipped.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libpcap-dev zlib1g-dev libssl-dev libexpat1-dev libmbedtls-dev"
test="$build libcriterion-dev python3 python3-paho-mqtt python3-yaml python3-cryptography mosquitto mosquitto-clients
      tcpdump tshark iproute2 openssl curl
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

install_packages() {
    missing=""
    for package in $wanted; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
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
}

# What is installed is right if it was installed from this very lock file.
install_npm() {
    folder=$(dirname "$0")/../tests/npm
    cmp -s "$folder/package-lock.json" "$folder/node_modules/.wattrail-lock" && return 0
    echo "Installing from npm into tests/npm/node_modules" >&2
    if npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null; then
        cp "$folder/package-lock.json" "$folder/node_modules/.wattrail-lock"
    else
        echo "setup.sh: npm could not install them; the tests that need them are skipped" >&2
    fi
}

# Any Node.js with npm will do; only where there is none it comes from Debian.
if [ "$1" != build ] && ! command -v npm >/dev/null; then
    wanted="$wanted nodejs npm"
fi
install_packages
[ "$1" = build ] || install_npm

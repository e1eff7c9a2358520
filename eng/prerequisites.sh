#!/bin/sh
# Checks what building and running needs, and installs what is missing where that is possible without asking:
# on Debian and Ubuntu, as root or with sudo that asks for no password. Elsewhere it says what to install and fails.
# Quick and silent when all is there.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'prerequisites: %s\n' "$*" >&2; }

# The SDK decides by global.json, so asking it in this folder is the whole question.
if ! command -v dotnet >/dev/null 2>&1; then
    say "the .NET 10 SDK is missing: install the package dotnet-sdk-10.0 of your distribution, or see https://dot.net"
    exit 1
fi
if ! dotnet --version >/dev/null 2>&1; then
    say "this needs a .NET SDK $(sed -n 's/.*"version": "\(.*\)".*/\1/p' global.json) or a later 10.0 one; installed are:"
    dotnet --list-sdks >&2
    exit 1
fi

# NativeAOT links with clang, or with gcc where there is no clang, and needs libc's and zlib's headers and libraries.
linker() { command -v clang || command -v gcc; }
links() {
    compiler=$(linker 2>/dev/null) || return 1
    scratch=$(mktemp -d)
    printf '#include <zlib.h>\nint main(void) { return zlibVersion()[0] == 0; }\n' >"$scratch/probe.c"
    status=0
    "$compiler" "$scratch/probe.c" -o "$scratch/probe" -lz >/dev/null 2>&1 || status=1
    rm -rf "$scratch"
    return $status
}

if ! links; then
    if [ -r /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; then
        if [ "$(id -u)" = 0 ]; then
            as_root=""
        elif sudo -n true 2>/dev/null; then
            as_root="sudo -n"
        else
            say "a C linker and zlib's headers are missing; run: sudo apt-get install gcc libc6-dev zlib1g-dev"
            exit 1
        fi
        say "installing a C linker and zlib's headers (gcc libc6-dev zlib1g-dev)"
        # Whether it went well is asked below; what apt-get has to say is shown.
        { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq \
            --no-install-recommends gcc libc6-dev zlib1g-dev; } >&2 || true
    fi
    if ! links; then
        say "the agent is compiled to native code: install clang or gcc, the C library's headers and zlib's headers" \
            "(Fedora: gcc glibc-devel zlib-devel; Alpine: clang build-base zlib-dev; Arch: gcc zlib)"
        exit 1
    fi
fi

# Secrets are only ever written to a tmpfs, also by the tests and the demo.
if ! [ -w /dev/shm ] || [ "$(stat -f -c %T /dev/shm 2>/dev/null)" != tmpfs ]; then
    say "/dev/shm must be a tmpfs that you may write to: mount -t tmpfs -o mode=1777 tmpfs /dev/shm"
    exit 1
fi

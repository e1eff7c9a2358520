#!/bin/sh
# Checks what building and running needs, and installs what is missing where that is possible without asking:
# on Debian and Ubuntu, as root or with sudo that asks for no password. Elsewhere it says what to install and fails.
# Quick and silent when all is there. With "tests", also what only tests need; a test that lacks it fails and says so.
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

# NativeAOT links with clang, or with gcc where there is no clang, and needs libc's and zlib's headers and libraries;
# OpenSSL's too, its static ones, and cmake and make to compile .NET's calls of it (unless OPENSSL=shared, see publish.sh).
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
links_openssl() {
    [ "${OPENSSL:-static}" != shared ] || return 0
    command -v cmake >/dev/null 2>&1 && command -v make >/dev/null 2>&1 || return 1
    scratch=$(mktemp -d)
    printf '#include <openssl/ssl.h>\nint main(void) { return SSL_CTX_new(TLS_method()) == 0; }\n' >"$scratch/probe.c"
    status=0
    "$(linker)" "$scratch/probe.c" -o "$scratch/probe" -Wl,-Bstatic -lssl -lcrypto -Wl,-Bdynamic >/dev/null 2>&1 || status=1
    rm -rf "$scratch"
    return $status
}

debian() { [ -r /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; }

# Runs apt-get as root; fails where that takes a password. RUNLEVEL=1: what is installed is not started (invoke-rc.d(8)).
apt_get() {
    if [ "$(id -u)" = 0 ]; then
        DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq "$@" >&2
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq "$@" >&2
    fi
}

install_packages() {
    say "installing $*"
    apt_get update && apt_get install -y --no-install-recommends "$@" && return
    say "that did not work; run: sudo apt-get install --no-install-recommends $*"
    return 1
}

if ! links; then
    if debian; then
        install_packages gcc libc6-dev zlib1g-dev || exit 1
    fi
    if ! links; then
        say "the agent is compiled to native code: install clang or gcc, the C library's headers and zlib's headers" \
            "(Fedora: gcc glibc-devel zlib-devel; Alpine: clang build-base zlib-dev; Arch: gcc zlib)"
        exit 1
    fi
fi

if ! links_openssl; then
    if debian; then
        install_packages libssl-dev cmake make || exit 1
    fi
    if ! links_openssl; then
        say "OpenSSL is linked into the agent: install cmake, make and OpenSSL's headers and static libraries" \
            "(Debian: libssl-dev; Alpine: openssl-dev openssl-libs-static); where there are no static ones (Fedora, Arch)," \
            "set OPENSSL=shared"
        exit 1
    fi
fi

# Secrets are only ever written to a tmpfs, also by the tests and the demo.
if ! [ -w /dev/shm ] || [ "$(stat -f -c %T /dev/shm 2>/dev/null)" != tmpfs ]; then
    say "/dev/shm must be a tmpfs that you may write to: mount -t tmpfs -o mode=1777 tmpfs /dev/shm"
    exit 1
fi

# What only tests need: podman runs the agent's image, kubectl renders the manifests, the broker's engines and keys are
# tried on the real servers, and promtool reads the metrics as Prometheus would. A server that is installed for this is
# not started: tests start their own, with files of their own.
test_packages() {
    command -v podman >/dev/null 2>&1 || echo podman runc uidmap
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo postgresql
    [ -x /usr/sbin/mariadbd ] || echo mariadb-server
    command -v redis-server >/dev/null 2>&1 || echo redis-server
    [ -x /usr/sbin/rabbitmq-server ] || echo rabbitmq-server
    ls /usr/lib/softhsm/libsofthsm2.so >/dev/null 2>&1 || echo softhsm2
    command -v pkcs11-tool >/dev/null 2>&1 || echo opensc
}

# Debian has promtool only together with the server, so its package is unpacked into out/tools.
unpack_promtool() {
    say "unpacking promtool into out/tools"
    mkdir -p out/tools
    (
        cd out/tools &&
            { apt-get download -qq prometheus || { apt_get update && apt-get download -qq prometheus; }; } &&
            dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool &&
            rm prometheus_*.deb
    ) >&2 || say "promtool could not be had"
}

if [ "${1:-}" = tests ] && debian; then
    missing=$(test_packages | tr '\n' ' ')
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086 # One word for each package.
        install_packages $missing || true
    fi
    # Debian's kubectl is older than the manifests' kustomization.
    command -v kubectl >/dev/null 2>&1 || say "kubectl 1.28 or later is missing: the tests of deploy/ will fail; see https://kubernetes.io/docs/tasks/tools/"
    if ! command -v promtool >/dev/null 2>&1 && ! [ -x out/tools/usr/bin/promtool ]; then
        unpack_promtool
    fi
fi

#!/bin/sh
# Lays out the file tree of each container image in out/images and builds the images where podman or docker works.
# Without either, the trees and their sizes are the result. The images start FROM scratch: no registry is asked, and the
# shared libraries are this machine's own. Usage: images.sh [--trees-only | --tag TAG] [agent|webhook|broker]...
set -eu
cd "$(dirname "$0")/.."
# Where ldconfig is, for those who are not root.
PATH="$PATH:/usr/sbin:/sbin"

tag=local
engines="podman docker"
case "${1:-}" in
    --tag)
        tag=$2
        shift 2
        ;;
    --trees-only)
        engines=""
        shift
        ;;
esac

# Of the size on disk.
target_of() {
    case $1 in
        agent | webhook) echo "(target: 20 MB on disk)" ;;
    esac
}

# Copies the shared libraries that the ELF files below a tree load, to where the loader looks for them. OpenSSL, where it is
# not linked in, is loaded by name at run time, so that ldd does not know of it.
add_libraries() {
    tree=$1
    openssl=""
    if grep -rqs 'libssl\.so' "$tree"; then
        openssl=$(ldconfig -p | sed -n 's/.*lib\(ssl\|crypto\)\.so\.3 (.*=> //p')
        [ -n "$openssl" ] || { echo "images: the libraries of OpenSSL 3 are missing: install libssl3" >&2; exit 1; }
    fi
    {
        printf '%s\n' "$openssl"
        { printf '%s\n' "$openssl"; find "$tree" -type f \( -name '*.so' -o -perm -u=x \); } |
            while read -r file; do ldd "$file" 2>/dev/null || true; done | grep -o '/[^ ]*'
    } | grep '^/' | grep -v "^$PWD/" | sort -u | while read -r library; do
        mkdir -p "$tree$(dirname "$library")"
        cp -Lf "$library" "$tree$library"
    done
}

# The native program. Mono.Posix's library comes with its symbols: two thirds of it, of no use here.
add_program() {
    cp "out/$1/sidecar-$1" "$2/"
    find "out/$1" -maxdepth 1 -name '*.so' | while read -r library; do
        strip -o "$2/$(basename "$library")" "$library" 2>/dev/null || cp "$library" "$2/"
    done
}

# The broker runs on the .NET runtime: the published program, and the runtime of this machine beside it.
add_broker() {
    mkdir -p "$1/app" "$1/dotnet/host/fxr"
    cp -R out/broker/. "$1/app/"
    rm -f "$1/app"/*.xml
    for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
        runtime=$(dotnet --list-runtimes | sed -n "s/^$framework \(10\.0\.[0-9]*\) \[\(.*\)\]/\2\/\1/p" | tail -n 1)
        mkdir -p "$1/dotnet/shared/$framework"
        cp -R "$runtime" "$1/dotnet/shared/$framework/"
    done
    dotnet_root=$(dirname "$(dirname "$(dirname "$runtime")")")
    cp -R "$dotnet_root/host/fxr/$(basename "$runtime")" "$1/dotnet/host/fxr/"
    # It would pull in LTTng, and traces nothing here.
    rm -f "$1"/dotnet/shared/Microsoft.NETCore.App/*/libcoreclrtraceptprovider.so
}

lay_out() {
    tree=out/images/$1
    rm -rf "$tree"
    mkdir -p "$tree"
    if [ "$1" = broker ]; then
        add_broker "$tree"
    else
        add_program "$1" "$tree"
    fi
    add_libraries "$tree"
    chmod -R a+rX "$tree"
}

# Bytes to megabytes.
mega() { awk '{ printf "%.1f", $1 / 1000000 }'; }

case "$(uname -m)" in
    x86_64 | aarch64) ;;
    *) echo "images: no build for the processor $(uname -m)" >&2; exit 1 ;;
esac

engine=""
for candidate in $engines; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" info >/dev/null 2>&1; then
        engine=$candidate
        break
    fi
done
# No images of single steps stay behind (podman's builder).
export BUILDAH_LAYERS=false
[ -n "$engine" ] || [ -z "$engines" ] || echo "images: neither podman nor docker works here; the trees are in out/images"

revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
version=$(sed -n 's/.*<Version>\(.*\)<\/Version>.*/\1/p' Directory.Build.props)
[ $# -gt 0 ] || set -- agent webhook broker
for name in "$@"; do
    lay_out "$name"
    if [ -n "$engine" ]; then
        "$engine" build --quiet --target laid-out --file "Dockerfile.$name" --tag "sidecar-$name:$tag" \
            --label "org.opencontainers.image.version=$version" \
            --label "org.opencontainers.image.revision=$revision" "out/images/$name" >/dev/null
        bytes=$("$engine" image inspect --format '{{.Size}}' "sidecar-$name:$tag")
    else
        bytes=$(find "out/images/$name" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
    fi
    disk=$(echo "$bytes" | mega)
    pull=$(tar -C "out/images/$name" -cf - . | gzip | wc -c | mega)
    printf '%-16s %6s MB on disk %6s MB to pull  %s\n' "sidecar-$name" "$disk" "$pull" "$(target_of "$name")"
done

#!/bin/sh
# Lays out the file tree of each container image in out/images and builds the images where podman or docker works.
# Without either, the trees and their sizes are the result. The images start FROM scratch: no registry is asked.
set -eu
cd "$(dirname "$0")/.."

case "$(uname -m)" in
    x86_64) rid=linux-x64 ;;
    aarch64) rid=linux-arm64 ;;
    *) echo "images: no build for the processor $(uname -m)" >&2; exit 1 ;;
esac

# Copies the shared libraries that the ELF files below a tree load, to where the loader looks for them. OpenSSL is
# loaded by name at run time, so that ldd does not know of it.
add_libraries() {
    tree=$1
    openssl=$(ldconfig -p | sed -n 's/.*lib\(ssl\|crypto\)\.so\.3 (.*=> //p')
    {
        printf '%s\n' "$openssl"
        { printf '%s\n' "$openssl"; find "$tree" -type f \( -name '*.so' -o -perm -u=x \); } |
            while read -r file; do ldd "$file" 2>/dev/null || true; done | grep -o '/[^ ]*'
    } | grep -v "^$PWD/" | sort -u | while read -r library; do
        mkdir -p "$tree$(dirname "$library")"
        cp -Lf "$library" "$tree$library"
    done
}

lay_out() {
    name=$1
    tree=out/images/$name
    rm -rf "$tree"
    mkdir -p "$tree"
    if [ "$name" = broker ]; then
        # The lock files have no section for a self-contained build; it gets its own, and central pinning holds.
        dotnet publish broker --configuration Release --runtime "$rid" --self-contained --output "$tree/app" \
            -p:PublishDocumentationFile=false -p:NuGetLockFilePath=obj/images.lock.json --verbosity quiet
    else
        cp "out/$name/sidecar-$name" "$tree/"
        find "out/$name" -name '*.so' -exec cp {} "$tree/" \;
    fi
    add_libraries "$tree"
}

engine=""
for candidate in podman docker; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" info >/dev/null 2>&1; then
        engine=$candidate
        break
    fi
done
[ -n "$engine" ] || echo "images: neither podman nor docker works here; the trees are in out/images"

for name in agent webhook broker; do
    lay_out "$name"
    if [ -n "$engine" ]; then
        "$engine" build --quiet --file "Dockerfile.$name" --tag "sidecar-$name:local" "out/images/$name" >/dev/null
        size=$("$engine" image inspect --format '{{.Size}}' "sidecar-$name:local")
    else
        size=$(find "out/images/$name" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
    fi
    awk -v name="sidecar-$name" -v size="$size" 'BEGIN { printf "%-16s %6.1f MB\n", name, size / 1000000 }'
done

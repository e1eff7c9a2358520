#!/bin/sh
# Publishes programs, each named by its project's folder, into out/FOLDER'S-LAST-NAME, as they are shipped.
# Agent and webhook are compiled to native code; their trim and AOT warnings are errors like all others. OpenSSL is linked
# into them: OPENSSL=shared leaves it out for distributions that have no static one (Fedora, Arch), for a megabyte more.
set -eu
cd "$(dirname "$0")/.."
eng/prerequisites.sh

# Whether linker and loader know packed relocations (binutils 2.38, glibc 2.36): half a megabyte of the agent.
packs_relocations() {
    scratch=$(mktemp -d)
    printf 'int main(void) { return 0; }\n' >"$scratch/probe.c"
    status=0
    { cc=$(command -v clang || command -v gcc) &&
        "$cc" "$scratch/probe.c" -o "$scratch/probe" -Wl,--fatal-warnings,-z,pack-relative-relocs &&
        "$scratch/probe"; } >/dev/null 2>&1 || status=1
    rm -rf "$scratch"
    return $status
}

static=true
[ "${OPENSSL:-static}" != shared ] || static=false
packed=false
! packs_relocations || packed=true

for project in "$@"; do
    target="out/$(basename "$project")"
    printf 'publishing %s to %s\n' "$project" "$target"
    # A program that runs keeps its old files: the new ones are moved into place, never written over them.
    rm -rf "$target.new"
    dotnet publish "$project" --configuration Release --output "$target.new" --verbosity quiet \
        -p:LinkOpenSsl=$static -p:PackRelocations=$packed
    rm -rf "$target"
    mv "$target.new" "$target"
done

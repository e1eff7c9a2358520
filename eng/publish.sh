#!/bin/sh
# Publishes programs, each named by its project's folder, into out/FOLDER'S-LAST-NAME, as they are shipped.
# Agent and webhook are compiled to native code; their trim and AOT warnings are errors like all others.
set -eu
cd "$(dirname "$0")/.."

for project in "$@"; do
    target="out/$(basename "$project")"
    printf 'publishing %s to %s\n' "$project" "$target"
    # A program that runs keeps its old files: the new ones are moved into place, never written over them.
    rm -rf "$target.new"
    dotnet publish "$project" --configuration Release --output "$target.new" --verbosity quiet
    rm -rf "$target"
    mv "$target.new" "$target"
done

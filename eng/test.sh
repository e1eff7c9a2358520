#!/bin/sh
# Runs every test project that `make build` built, one after the other, and sums up. out/test-results/summary holds
# the two totals "PASSED FAILED" for .ci/run. A project that crashed or hung counts as one failure.
set -u
cd "$(dirname "$0")/.."

results=out/test-results
rm -rf "$results"
mkdir -p "$results"

counter() { sed -n "s/.*<Counters[^>]* $2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

passed=0
failed=0
table=""
for project in tests/*.Tests; do
    name=$(basename "$project")
    trx="$results/$name.trx"
    dotnet test "$project/bin/Release/net10.0/SidecarAgent.$name.dll" --results-directory "$results" \
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" \
        --blame-hang-timeout 10m --blame-hang-dump-type none
    status=$?
    if [ -r "$trx" ] && [ -n "$(counter "$trx" passed)" ]; then
        good=$(counter "$trx" passed)
        total=$(counter "$trx" total)
        bad=$((total - good))
    else
        good=0
        bad=0
    fi
    # A run that ended badly without a failed test (a crash, no tests at all) is a failure all the same.
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    table="$table$(printf '%-22s %6d passed %4d failed' "$name" "$good" "$bad")
"
done

printf '\n%s%-22s %6d passed %4d failed\n' "$table" "all tests" "$passed" "$failed"
printf '%d %d\n' "$passed" "$failed" >"$results/summary"
[ "$failed" -eq 0 ]

#!/usr/bin/env bash
# control.sh CORPUS PROGRAM...: whether each program, whose parser is broken, is found out by its fuzzer.
set -uo pipefail
corpus=$1
shift
missed=0
for program in "$@"; do
    name=$(basename "$program")
    rm -rf "$name.found"
    mkdir "$name.found"
    if "$program" -max_total_time=60 -timeout=5 -rss_limit_mb=1024 -verbosity=0 \
        -artifact_prefix="$name.found/" "$name.found" "$corpus" >"$name.log" 2>&1; then
        echo "$name: nothing found in a minute"
        missed=1
    elif ! grep -E '^SUMMARY: (AddressSanitizer|UndefinedBehaviorSanitizer|libFuzzer)' "$name.log"; then
        echo "$name: ended without a finding:"
        tail -n 20 "$name.log"
        missed=1
    fi
done
exit $missed

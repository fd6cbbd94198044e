#!/usr/bin/env bash
# Builds what the channel's tests need with the sanitizers of a preset, into its folder, and runs these tests there.
#   run.sh SOURCE_FOLDER PRESET
set -euo pipefail
cd "$1"
preset=$2

quietly() {
    local log
    log=$("$@" 2>&1) || {
        tail -n 60 <<<"$log" >&2
        echo "FAILED: $*" >&2
        exit 1
    }
}
# Tests whose name is the whole of one of these; their programs are NAME_test.
tests=(unit_worker unit_host integration_host bad_plugins "sanitizers_$preset")

# The same tests may be running outside, with files of the same names.
TMPDIR=$(mktemp -d)
export TMPDIR TEST_TMPDIR=$TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

mkdir -p "build/$preset"
exec 9>"build/$preset/.lock"
flock 9
quietly cmake --preset "$preset"
quietly ninja -C "build/$preset" -j "$(nproc)" "${tests[@]/%/_test}"
ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel "$(nproc)" \
    -R "^($(IFS='|' && printf '%s' "${tests[*]}"))\$"

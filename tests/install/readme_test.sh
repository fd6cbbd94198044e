#!/usr/bin/env bash
# Builds the plugin of the SDK's tutorial from the README's own snippets, out of tree against the installed SDK, and
# drives it through the C interface.
#   readme_test.sh BUILD_FOLDER
set -euo pipefail
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readme=$here/../../core/sdk/README.md
work=$(mktemp -d "${TMPDIR:-/tmp}/calyptenora-readme.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$*"; }; }
contains() { [[ $1 == *"$2"* ]] || fail "expected: $2"$'\n'"      in: $1"; }

# "<!-- file: NAME -->" stands before the block that belongs to the file NAME, or to its end.
mkdir -p "$work/acme/src"
awk -v folder="$work/acme" '
    /^<!-- file: .* -->$/ { name = $3; next }
    /^```/ { if (inside) { inside = 0; name = "" } else if (name != "") inside = 1; next }
    inside { print >> (folder "/" name) }
' "$readme"
for file in plugin.yaml CMakeLists.txt src/plugin.cpp; do
    [[ -s $work/acme/$file ]] || fail "the README has no snippet for $file"
done

quietly cmake --install "$build" --component sdk --prefix "$work/sdk"
quietly cmake -S "$work/acme" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/sdk" \
    -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wshadow -Werror"
quietly cmake --build "$work/build"
quietly gcc -std=c11 -Wall -Wextra -Werror -I "$work/sdk/include" "$here/drive.c" -o "$work/drive" -ldl

plugin=$work/build/plugins/analytics/acme
settings='{"endpoint":"https://collect.acme.example/v1/reports","api_keys":["key-1","key-0"]}'
drive() { "$work/drive" "$plugin/acme.so" "$plugin/plugin.yaml" "$settings" "$@"; }
event() {
    printf '[{"id":"e1","platform":"https://lms.example"%s}]' "$1"
}
progress='"progress":{"verb":"completed","course":"maps","course_title":"Maps","lesson":"scale","language":"de","occurred_at":5}'

answer=$(drive deliver "$(event ',"learner":"p-1",'"$progress")")
contains "$answer" 'http {"method":"POST","url":"https://collect.acme.example/v1/reports"'
contains "$answer" '"authorization":"Bearer key-1"'
contains "$answer" '"idempotency-key":"e1"'
contains "$answer" '"records":[0]'
body=$(sed -n 's/.*"body":"\([^"]*\)".*/\1/p' <<<"$answer" | head -1 | base64 -d)
[[ $body == '{"who":"p-1","course":"maps","lesson":"scale","at":5}' ]] || fail "another body: $body"
contains "$answer" 'call 7 status 0 {"deliveries":[{"id":"e1","outcome":"accepted"}]}'

# What was not released is not there, and nothing goes out.
for released in '' ',"learner":"p-1"' ",$progress"; do
    answer=$(drive deliver "$(event "$released")")
    contains "$answer" '"outcome":"rejected"'
    [[ $answer != *http* ]] || fail "a request without the fields that it needs: $answer"
done
contains "$(DRIVE_HTTP_STATUS=503 drive deliver "$(event ',"learner":"p-1",'"$progress")")" '"outcome":"retry"'
contains "$(DRIVE_HTTP_STATUS=409 drive deliver "$(event ',"learner":"p-1",'"$progress")")" '"outcome":"duplicate"'
contains "$(drive erase_subject '{"request_id":"r","learner":"p-1"}')" '{"manual":{"instructions":"Ask Acme'
settings='{"endpoint":"https://collect.acme.example/v1/reports","api_keys":[]}'
contains "$(drive deliver '[]')" 'call 0 status 1 {"message":"api_keys: at least one is needed"'
echo passed

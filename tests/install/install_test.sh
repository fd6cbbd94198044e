#!/usr/bin/env bash
# Installs the SDK into an empty folder and builds plugins outside the source tree against it: one in C++ with clang,
# one in C with gcc, which sees plugin.h only. Then drives each through the C interface,
# and leaves both in PLUGINS for the host to load.
#   install_test.sh BUILD_FOLDER PLUGINS
set -euo pipefail
build=$1
plugins=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/calyptenora-install.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$*"; }; }
expect() { [[ $2 == "$1" ]] || fail "expected: $1"$'\n'"     got: $2"; }

quietly cmake --install "$build" --component sdk --prefix "$work/sdk"
# Out of tree means: nothing but copies, so that no path leads back to the sources.
cp -r "$here/cpp_plugin" "$here/c_plugin" "$here/drive.c" "$work"
if grep -rqF "$(cd "$here/../.." && pwd)/core" "$work/sdk"; then fail "the installed SDK names the source folder"; fi

echo "C++ plugin with clang"
quietly cmake -S "$work/cpp_plugin" -B "$work/cpp_build" -G Ninja -DCMAKE_PREFIX_PATH="$work/sdk" \
    -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_BUILD_TYPE=Release
quietly cmake --build "$work/cpp_build"

echo "C plugin with gcc"
# The C++ headers are put away: a plugin in C must not need them.
mkdir "$work/c_sdk"
cp -r "$work/sdk/." "$work/c_sdk"
find "$work/c_sdk/include" -name '*.hpp' -delete
quietly cmake -S "$work/c_plugin" -B "$work/c_build" -G Ninja -DCMAKE_PREFIX_PATH="$work/c_sdk" -DCMAKE_C_COMPILER=gcc
quietly cmake --build "$work/c_build"

quietly gcc -std=c11 -Wall -Wextra -Werror -I "$work/sdk/include" "$work/drive.c" -o "$work/drive" -ldl

for plugin in cpp_build/plugins/video/tape/tape c_build/plugins/video/reel/reel; do
    library=$work/$plugin.so
    manifest=$(dirname "$library")/plugin.yaml
    echo "driving $(basename "$library")"
    expect calyptenora_plugin "$(nm -D --defined-only --format=just-symbols "$library")"
    [[ $(readelf -n "$library") == *Calyptenora* ]] || fail "no ABI note"
    drive() { "$work/drive" "$library" "$manifest" "$@"; }

    expect 'call 7 status 0 {"iframe":{"url":"https://video.example/film-1?at=42","sandbox":["allow-scripts"],"allow":[],"message_protocol":""}}' \
        "$(drive '{"pattern":"https://video.example/"}' play '{"asset":"film-1","locale":"de","ttl_s":60}')"
    # Refusals: an operation that is not there, and settings that are not right.
    [[ $(drive '{"pattern":"x"}' normalise '{"message":"{}"}') == 'call 7 status 9 '* ]] || fail "unsupported operation"
    [[ $(drive '{"other":1}' play '{}') == 'call 0 status 1 '* ]] || fail "settings without pattern"
    # And the driver notices a manifest that is not the library's.
    if "$work/drive" "$library" "$here/install_test.sh" '{}' play '{}' 2>/dev/null; then fail "a foreign manifest was taken"; fi
done

rm -rf "$plugins"
mkdir -p "$plugins"
cp -r "$work"/{cpp,c}_build/plugins/. "$plugins"

echo "g++ 12 is refused with an explanation"
if command -v g++-12 >/dev/null; then
    if g++-12 -std=c++20 -fsyntax-only -I "$work/sdk/include" "$here/cpp_plugin/src/plugin.cpp" 2>"$work/log"; then
        fail "g++ 12 compiled it"
    fi
    grep -q 'miscompiles' "$work/log" || { head -5 "$work/log" >&2; fail "no explanation"; }
fi
echo passed

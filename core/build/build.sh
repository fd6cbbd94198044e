# shellcheck shell=bash
# Configures and builds into build/<preset>. Sourced by ./run and ./test, after install.sh.
#
#   configure_preset PRESET        cmake, unless nothing relevant changed (ninja repeats it for CMakeLists.txt)
#   build_targets PRESET [TARGET...]

configure_preset() {
    local preset=$1 folder=$root/build/$1 wanted log
    wanted=$(sha256sum <"$root/CMakePresets.json")
    if [[ -f $folder/build.ninja && -f $folder/.configured && $(<"$folder/.configured") == "$wanted" ]]; then
        return 0
    fi
    say "Configuring build/$preset ..."
    mkdir -p "$folder"
    log=$folder/configure.log
    if ! (cd "$root" && cmake --preset "$preset") >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        die "cmake failed. The whole output is in $log."
    fi
    printf '%s\n' "$wanted" >"$folder/.configured"
}

# On a terminal ninja overwrites its own line; elsewhere one line every ten seconds is enough.
thin_out_progress() {
    local line next=0
    while IFS= read -r line; do
        if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
            if ((SECONDS >= next)) || [[ ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]]; then
                next=$((SECONDS + 10))
                printf '%s\n' "$line"
            fi
        elif [[ $line != "ninja: "* || $line == *error* || $line == *stopped* ]]; then
            printf '%s\n' "$line"
        fi
    done
}

build_targets() {
    local preset=$1 folder=$root/build/$1
    shift
    if [[ -t 1 ]]; then
        ninja -C "$folder" "$@" >&2 || die "the build failed, see above."
    else
        ninja -C "$folder" "$@" 2>&1 | thin_out_progress >&2 || die "the build failed, see above."
    fi
}
